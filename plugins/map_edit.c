#include "plugins/map_edit.h"

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

bool cd_map_edit_new(struct cd_map_edit *edit, const struct cd_host *host, struct cd_batch *out,
                     size_t capacity, struct cd_error *err)
{
    if (capacity > UINT32_MAX)
        return cd_fail(err, CD_ERR_DATA, "a map of %zu entries is too large", capacity);
    *edit = (struct cd_map_edit){.host = host, .out = out, .capacity = (uint32_t)capacity};
    edit->entries = host->alloc(out, capacity * sizeof(edit->entries[0]), err);
    return edit->entries != NULL;
}

bool cd_map_edit_copy(struct cd_map_edit *edit, const struct cd_host *host, struct cd_batch *out,
                      struct cd_value map, size_t more, struct cd_error *err)
{
    if (!cd_map_edit_new(edit, host, out, map.count + more, err))
        return false;
    if (map.count > 0)
        memcpy(edit->entries, map.as.map, map.count * sizeof(edit->entries[0]));
    edit->count = map.count;
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
