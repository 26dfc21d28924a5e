#include "plugins/converter_cache.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "data/schema.h"

#define FIRST_BUCKETS 32u
/* The JVM limits the number only. Schemas come from outside and may be large. */
#define TEXT_BYTES_MAX ((size_t)16 * 1024 * 1024)

static_assert(offsetof(struct cd_converter_cached, link) == 0, "cd_converter_cached_at");

static struct cd_converter_cached *entry_of(struct cd_link *link)
{
    return CD_CONTAINER_OF(link, struct cd_converter_cached, link);
}

static uint64_t hash_text(struct cd_slice text)
{
    uint64_t hash = text.len;
    size_t at = 0;
    for (; at + 8 <= text.len; at += 8) {
        uint64_t word;
        memcpy(&word, text.ptr + at, sizeof(word));
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    for (; at < text.len; at++)
        hash = (hash ^ (unsigned char)text.ptr[at]) * 0x100000001b3u;
    return hash ^ hash >> 29;
}

static uint64_t hash_schema(const struct cd_schema *schema)
{
    return ((uint64_t)(uintptr_t)schema >> 4) * 0x9e3779b97f4a7c15u >> 20;
}

void cd_converter_cache_init(struct cd_converter_cache *cache, enum cd_converter_cache_key key,
                             size_t count_max)
{
    *cache = (struct cd_converter_cache){.key = key, .count_max = count_max < 1 ? 1 : count_max};
    cd_list_init(&cache->by_use);
}

static void forget(struct cd_converter_cache *cache, struct cd_converter_cached *entry)
{
    struct cd_converter_cached **at = &cache->buckets[entry->hash & (cache->bucket_count - 1)];
    while (*at != entry)
        at = &(*at)->next;
    *at = entry->next;
    cd_list_remove(&entry->link);
    cache->count--;
    cache->bytes -= entry->text.len;
    if (cache->newest == entry)
        cache->newest = NULL;
    cd_schema_unref(entry->schema);
    free(entry);
}

void cd_converter_cache_done(struct cd_converter_cache *cache)
{
    while (cache->count > 0)
        forget(cache, entry_of(cache->by_use.next));
    free(cache->buckets);
    *cache = (struct cd_converter_cache){0};
}

static bool matches(const struct cd_converter_cache *cache, const struct cd_converter_cached *entry,
                    const struct cd_schema *schema, struct cd_slice text)
{
    return cache->key == CD_CACHE_BY_SCHEMA ? entry->schema == schema
                                            : cd_slice_equal(entry->text, text);
}

static const struct cd_converter_cached *find(struct cd_converter_cache *cache, uint64_t hash,
                                              const struct cd_schema *schema, struct cd_slice text)
{
    if (cache->count == 0)
        return NULL;
    struct cd_converter_cached *entry = cache->buckets[hash & (cache->bucket_count - 1)];
    while (entry != NULL && !(entry->hash == hash && matches(cache, entry, schema, text)))
        entry = entry->next;
    if (entry == NULL)
        return NULL;
    cd_list_remove(&entry->link);
    cd_list_push_back(cache->by_use.next, &entry->link); /* before the first: the front */
    cache->newest = entry;
    return entry;
}

const struct cd_converter_cached *cd_converter_cache_text(struct cd_converter_cache *cache,
                                                          struct cd_slice text)
{
    return find(cache, hash_text(text), NULL, text);
}

const struct cd_converter_cached *cd_converter_cache_search_schema(struct cd_converter_cache *cache,
                                                                   const struct cd_schema *schema)
{
    return find(cache, hash_schema(schema), schema, (struct cd_slice){NULL, 0});
}

static void grow(struct cd_converter_cache *cache)
{
    size_t count = cache->bucket_count == 0 ? FIRST_BUCKETS : cache->bucket_count * 2;
    struct cd_converter_cached **grown = cd_new_array(count, struct cd_converter_cached *);
    for (struct cd_link *at = cache->by_use.next; at != &cache->by_use; at = at->next) {
        struct cd_converter_cached *entry = entry_of(at);
        entry->next = grown[entry->hash & (count - 1)];
        grown[entry->hash & (count - 1)] = entry;
    }
    free(cache->buckets);
    cache->buckets = grown;
    cache->bucket_count = count;
}

const struct cd_converter_cached *cd_converter_cache_put(struct cd_converter_cache *cache,
                                                         const struct cd_schema *schema,
                                                         struct cd_slice text)
{
    while (cache->count > 0 &&
           (cache->count >= cache->count_max || cache->bytes + text.len > TEXT_BYTES_MAX))
        forget(cache, entry_of(cache->by_use.prev));
    if (cache->count >= cache->bucket_count)
        grow(cache);
    struct cd_converter_cached *entry = cd_alloc(sizeof(*entry) + text.len);
    char *copy = (char *)(entry + 1);
    memcpy(copy, text.ptr, text.len);
    entry->text = cd_slice_of(copy, text.len);
    entry->schema = schema == NULL ? NULL : cd_schema_ref(schema);
    entry->hash = cache->key == CD_CACHE_BY_SCHEMA ? hash_schema(schema) : hash_text(text);
    struct cd_converter_cached **bucket = &cache->buckets[entry->hash & (cache->bucket_count - 1)];
    entry->next = *bucket;
    *bucket = entry;
    cd_list_push_back(cache->by_use.next, &entry->link);
    cache->count++;
    cache->bytes += text.len;
    return cache->newest = entry;
}
