#include "base/map.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"

/*
 * The entries stand in an array in the order of insertion; a removed one leaves a hole (key NULL)
 * until the array is full and is packed. `slots` is an open-addressed index into it: 0 is free,
 * else position + 1. A slot whose entry is a hole works as a tombstone.
 */
struct entry {
    char *key;
    size_t len;
    uint64_t hash;
    void *value;
};

struct cd_map_table {
    struct entry *entries;
    uint32_t *slots;
    size_t used;       /* entries, holes included */
    size_t live;       /* without holes */
    size_t slot_count; /* a power of two; three quarters of it are entries */
};

#define FIRST_SLOTS 16u

static size_t entry_limit(size_t slot_count)
{
    return slot_count / 4 * 3;
}

/* FNV-1a: keys are short and not chosen by an adversary who may send millions. */
static uint64_t hash_of(struct cd_slice key)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ (uint8_t)key.ptr[i]) * 1099511628211u;
    return hash ^ (hash >> 32);
}

void cd_strmap_init(struct cd_strmap *map, void (*free_value)(void *))
{
    *map = (struct cd_strmap){.free_value = free_value};
}

static void release(const struct cd_strmap *map, void *value)
{
    if (map->free_value != NULL && value != NULL)
        map->free_value(value);
}

void cd_strmap_clear(struct cd_strmap *map)
{
    struct cd_map_table *table = map->table;
    if (table == NULL)
        return;
    map->table = NULL; /* free_value may look at the map */
    for (size_t i = 0; i < table->used; i++) {
        if (table->entries[i].key == NULL)
            continue;
        release(map, table->entries[i].value);
        free(table->entries[i].key);
    }
    free(table->entries);
    free(table->slots);
    free(table);
}

void cd_strmap_done(struct cd_strmap *map)
{
    cd_strmap_clear(map);
}

size_t cd_strmap_count(const struct cd_strmap *map)
{
    return map->table == NULL ? 0 : map->table->live;
}

static struct entry *find(const struct cd_map_table *table, struct cd_slice key)
{
    if (table == NULL || table->live == 0)
        return NULL;
    uint64_t hash = hash_of(key);
    size_t mask = table->slot_count - 1;
    for (size_t at = hash & mask; table->slots[at] != 0; at = (at + 1) & mask) {
        struct entry *entry = &table->entries[table->slots[at] - 1];
        if (entry->key != NULL && entry->hash == hash && entry->len == key.len &&
            memcmp(entry->key, key.ptr, key.len) == 0)
            return entry;
    }
    return NULL;
}

static void index_entry(struct cd_map_table *table, size_t position)
{
    size_t mask = table->slot_count - 1;
    size_t at = table->entries[position].hash & mask;
    while (table->slots[at] != 0)
        at = (at + 1) & mask;
    table->slots[at] = (uint32_t)(position + 1);
}

static void pack(struct cd_map_table *table)
{
    size_t kept = 0;
    for (size_t i = 0; i < table->used; i++)
        if (table->entries[i].key != NULL)
            table->entries[kept++] = table->entries[i];
    table->used = kept;
}

/* Room for one more: holes go first, and the table grows when that would not free a good part of
 * it. */
static void make_room(struct cd_map_table *table)
{
    if (table->used < entry_limit(table->slot_count))
        return;
    pack(table);
    size_t slots = table->slot_count == 0 ? FIRST_SLOTS : table->slot_count;
    if (table->live * 2 > entry_limit(slots))
        slots *= 2;
    assert(slots <= UINT32_MAX);
    free(table->slots);
    table->slots = cd_new_array(slots, uint32_t);
    table->slot_count = slots;
    table->entries = cd_realloc_array(table->entries, entry_limit(slots), sizeof(struct entry));
    for (size_t i = 0; i < table->used; i++)
        index_entry(table, i);
}

void *cd_strmap_get_slice(const struct cd_strmap *map, struct cd_slice key)
{
    const struct entry *entry = find(map->table, key.ptr == NULL ? cd_slice("") : key);
    return entry == NULL ? NULL : entry->value;
}

void *cd_strmap_get(const struct cd_strmap *map, const char *key)
{
    return cd_strmap_get_slice(map, cd_slice(key));
}

const char *cd_strmap_put(struct cd_strmap *map, const char *key, void *value)
{
    struct cd_slice name = cd_slice(key);
    struct entry *old = find(map->table, name);
    if (old != NULL) {
        void *replaced = old->value;
        const char *kept = old->key;
        old->value = value;
        if (replaced != value)
            release(map, replaced);
        return kept;
    }
    if (map->table == NULL)
        map->table = cd_new(struct cd_map_table);
    struct cd_map_table *table = map->table;
    make_room(table);
    struct entry *entry = &table->entries[table->used];
    *entry = (struct entry){cd_strndup(name.ptr, name.len), name.len, hash_of(name), value};
    index_entry(table, table->used++);
    table->live++;
    return entry->key;
}

void *cd_strmap_steal(struct cd_strmap *map, const char *key)
{
    struct entry *entry = find(map->table, cd_slice(key));
    if (entry == NULL)
        return NULL;
    void *value = entry->value;
    free(entry->key);
    entry->key = NULL;
    map->table->live--;
    return value;
}

bool cd_strmap_remove(struct cd_strmap *map, const char *key)
{
    if (find(map->table, cd_slice(key)) == NULL)
        return false;
    release(map, cd_strmap_steal(map, key));
    return true;
}

bool cd_strmap_next(const struct cd_strmap *map, struct cd_strmap_iter *it)
{
    const struct cd_map_table *table = map->table;
    while (table != NULL && it->at < table->used) {
        const struct entry *entry = &table->entries[it->at++];
        if (entry->key == NULL)
            continue;
        it->key = entry->key;
        it->value = entry->value;
        return true;
    }
    return false;
}
