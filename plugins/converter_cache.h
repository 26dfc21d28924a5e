/*
 * What JsonConverter knows about schemas and their JSON: pairs of a schema and a text, found by
 * either, forgotten when they were not used for long. Equal texts are recognised by their bytes and
 * not parsed again; a schema's text is rendered once.
 *
 * Thread: the converter's. Memory: owns its texts and one reference to each schema, hence a pointer
 * found here is never a new schema at an old address.
 */
#ifndef CD_PLUGINS_CONVERTER_CACHE_H
#define CD_PLUGINS_CONVERTER_CACHE_H

#include "base/list.h"
#include "connectd/value.h"

enum cd_converter_cache_key { CD_CACHE_BY_SCHEMA, CD_CACHE_BY_TEXT };

struct cd_converter_cached {
    struct cd_link link; /* private: by use, newest first */
    struct cd_converter_cached *next;
    uint64_t hash;
    const struct cd_schema *schema;
    struct cd_slice text;
};

struct cd_converter_cache {
    enum cd_converter_cache_key key;
    size_t count_max;
    size_t count;
    size_t bytes; /* of the texts */
    size_t bucket_count;
    struct cd_converter_cached **buckets;
    struct cd_link by_use;
    struct cd_converter_cached *newest; /* what answered last; NULL: empty */
};

void cd_converter_cache_init(struct cd_converter_cache *cache, enum cd_converter_cache_key key,
                             size_t count_max);
/* Harmless on a zeroed cache. */
void cd_converter_cache_done(struct cd_converter_cache *cache);

/* For walking over `by_use`. */
static inline const struct cd_converter_cached *cd_converter_cached_at(const struct cd_link *link)
{
    return (const struct cd_converter_cached *)(const void *)link;
}

/* Lend what is known, or NULL. */
const struct cd_converter_cached *cd_converter_cache_text(struct cd_converter_cache *cache,
                                                          struct cd_slice text);
const struct cd_converter_cached *cd_converter_cache_search_schema(struct cd_converter_cache *cache,
                                                                   const struct cd_schema *schema);
static inline const struct cd_converter_cached *
cd_converter_cache_schema(struct cd_converter_cache *cache, const struct cd_schema *schema)
{
    struct cd_converter_cached *newest = cache->newest;
    return newest != NULL && newest->schema == schema
               ? newest
               : cd_converter_cache_search_schema(cache, schema);
}

/* Copies the text, refers to the schema (which may be NULL), and forgets what is over the limits.
 * What it returns is valid until the next put. */
const struct cd_converter_cached *cd_converter_cache_put(struct cd_converter_cache *cache,
                                                         const struct cd_schema *schema,
                                                         struct cd_slice text);

#endif
