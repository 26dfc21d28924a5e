#include "plugins/map_edit.h"

#include "compat/hash.h"
#include "data/value.h"

static struct cd_map_entry *find_name(struct cd_map_entry *entries, uint32_t count,
                                      struct cd_slice name)
{
    for (uint32_t i = 0; i < count; i++)
        if (entries[i].key.kind == CD_KIND_STRING &&
            cd_slice_equal(cd_value_slice(entries[i].key), name))
            return &entries[i];
    return NULL;
}

/* ---- order ---- */

static uint32_t first_table(struct cd_value map)
{
    return map.reserved == 0 ? CD_HASH_DEFAULT_CAPACITY : UINT32_C(1) << map.reserved;
}

static bool sort_entries(const struct cd_host *host, struct cd_batch *out, struct cd_value map,
                         struct cd_map_entry *into, struct cd_error *err)
{
    struct cd_hash_entry *order = host->alloc(out, map.count * sizeof(*order), err);
    if (order == NULL)
        return false;
    for (uint32_t i = 0; i < map.count; i++)
        order[i] = (struct cd_hash_entry){cd_java_value_hash(map.as.map[i].key), i};
    cd_java_hash_order(order, map.count, first_table(map));
    for (uint32_t i = 0; i < map.count; i++)
        into[i] = map.as.map[order[i].index];
    return true;
}

bool cd_map_iterated(const struct cd_host *host, struct cd_batch *out, struct cd_value map,
                     struct cd_value *ret, struct cd_error *err)
{
    if ((map.flags & CD_MAP_HASHED) == 0 || map.count < 2) {
        *ret = map;
        return true;
    }
    struct cd_map_entry *sorted = host->alloc(out, map.count * sizeof(*sorted), err);
    if (sorted == NULL || !sort_entries(host, out, map, sorted, err))
        return false;
    *ret = cd_map(sorted, map.count);
    return true;
}

/* A copy in a table of the same size keeps the order of insertion within each bucket; only in a
 * table of another size does it show in which order the entries came. */
static bool copy_shows_order(struct cd_value map, uint32_t table)
{
    uint32_t grown = first_table(map);
    while (map.count > grown / 4 * 3 && grown < table)
        grown *= 2;
    return (map.flags & CD_MAP_HASHED) != 0 && map.count > 1 && grown != table;
}

/* ---- editing ---- */

bool cd_map_edit_new(struct cd_map_edit *edit, const struct cd_host *host, struct cd_batch *out,
                     size_t capacity, struct cd_error *err)
{
    if (capacity > UINT32_MAX)
        return cd_fail(err, CD_ERR_DATA, "a map of %zu entries is too large", capacity);
    *edit = (struct cd_map_edit){.host = host, .out = out, .capacity = (uint32_t)capacity};
    edit->table = cd_java_sized_capacity(capacity);
    edit->entries = host->alloc(out, capacity * sizeof(edit->entries[0]), err);
    return edit->entries != NULL;
}

bool cd_map_edit_copy(struct cd_map_edit *edit, const struct cd_host *host, struct cd_batch *out,
                      struct cd_value map, size_t more, struct cd_error *err)
{
    if (!cd_map_edit_new(edit, host, out, map.count + more, err))
        return false;
    edit->table = map.count == 0 ? CD_HASH_DEFAULT_CAPACITY : cd_java_copy_capacity(map.count);
    edit->count = map.count;
    if (copy_shows_order(map, edit->table))
        return sort_entries(host, out, map, edit->entries, err);
    if (map.count > 0)
        memcpy(edit->entries, map.as.map, map.count * sizeof(edit->entries[0]));
    return true;
}

static void append(struct cd_map_edit *edit, struct cd_value key, struct cd_value value)
{
    assert(edit->count < edit->capacity);
    edit->entries[edit->count++] = (struct cd_map_entry){key, value};
}

bool cd_map_edit_put(struct cd_map_edit *edit, const char *name, struct cd_value value,
                     struct cd_error *err)
{
    struct cd_map_entry *entry = find_name(edit->entries, edit->count, cd_slice(name));
    if (entry != NULL) {
        entry->value = value;
        return true;
    }
    struct cd_slice copy = edit->host->copy(edit->out, cd_slice(name), err);
    if (copy.ptr == NULL)
        return false;
    append(edit, cd_string(copy), value);
    return true;
}

static struct cd_map_entry *find_key(struct cd_map_edit *edit, struct cd_value key)
{
    for (uint32_t i = 0; i < edit->count; i++)
        if (cd_value_equal(edit->entries[i].key, key))
            return &edit->entries[i];
    return NULL;
}

void cd_map_edit_put_key(struct cd_map_edit *edit, struct cd_value key, struct cd_value value)
{
    struct cd_map_entry *entry = find_key(edit, key);
    if (entry == NULL)
        append(edit, key, value);
    else
        entry->value = value;
}

void cd_map_edit_remove(struct cd_map_edit *edit, const char *name)
{
    struct cd_map_entry *entry = find_name(edit->entries, edit->count, cd_slice(name));
    if (entry == NULL)
        return;
    size_t after = edit->count - (size_t)(entry - edit->entries) - 1;
    memmove(entry, entry + 1, after * sizeof(*entry));
    edit->count--;
}

struct cd_value cd_map_edit_linked(const struct cd_map_edit *edit)
{
    return cd_map(edit->entries, edit->count);
}

struct cd_value cd_map_edit_hashed(const struct cd_map_edit *edit)
{
    struct cd_value map = cd_map_edit_linked(edit);
    map.flags = CD_MAP_HASHED;
    map.reserved = (uint16_t)__builtin_ctz(edit->table); /* a power of two */
    return map;
}

const struct cd_value *cd_map_find(struct cd_value map, struct cd_slice name)
{
    for (uint32_t i = 0; map.kind == CD_KIND_MAP && i < map.count; i++) {
        const struct cd_map_entry *entry = &map.as.map[i];
        if (entry->key.kind == CD_KIND_STRING && cd_slice_equal(cd_value_slice(entry->key), name))
            return &entry->value;
    }
    return NULL;
}

struct cd_value cd_map_value(struct cd_value map, const char *name)
{
    const struct cd_value *value = cd_map_find(map, cd_slice(name));
    return value == NULL ? cd_null() : *value;
}
