#include "data/value.h"

#include <math.h>
#include <stdalign.h>

/* ---- equality ---- */

static bool arrays_equal(struct cd_value a, struct cd_value b)
{
    for (uint32_t i = 0; i < a.count; i++)
        if (!cd_value_equal(a.as.array[i], b.as.array[i]))
            return false;
    return true;
}

/* Starts at `hint`: equal maps mostly have equal order, and then this is linear. */
static const struct cd_map_entry *find_entry(struct cd_value map, struct cd_value key,
                                             uint32_t hint)
{
    for (uint32_t i = 0; i < map.count; i++) {
        const struct cd_map_entry *entry = &map.as.map[(hint + i) % map.count];
        if (cd_value_equal(entry->key, key))
            return entry;
    }
    return NULL;
}

static bool maps_equal(struct cd_value a, struct cd_value b)
{
    for (uint32_t i = 0; i < a.count; i++) {
        const struct cd_map_entry *other = find_entry(b, a.as.map[i].key, i);
        if (other == NULL || !cd_value_equal(a.as.map[i].value, other->value))
            return false;
    }
    return true;
}

static bool structs_equal(const struct cd_struct *a, const struct cd_struct *b)
{
    if (a->schema != b->schema)
        return false;
    for (uint32_t i = 0; i < a->schema->field_count; i++)
        if (!cd_value_equal(a->fields[i], b->fields[i]))
            return false;
    return true;
}

static bool decimals_equal(const struct cd_decimal *a, const struct cd_decimal *b)
{
    return a->scale == b->scale && a->len == b->len &&
           memcmp(a->unscaled, b->unscaled, a->len) == 0;
}

/* As Java's Double.equals: every NaN is equal to every other, and 0.0 is not -0.0. */
static bool floats_equal(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    return a == b && signbit(a) == signbit(b);
}

bool cd_value_equal(struct cd_value a, struct cd_value b)
{
    if (a.kind != b.kind || a.count != b.count)
        return false;
    switch ((enum cd_kind)a.kind) {
    case CD_KIND_NULL:
        return true;
    case CD_KIND_BOOL:
        return a.as.boolean == b.as.boolean;
    case CD_KIND_INT8:
    case CD_KIND_INT16:
    case CD_KIND_INT32:
    case CD_KIND_INT64:
    case CD_KIND_INSTANT:
        return a.as.integer == b.as.integer;
    case CD_KIND_FLOAT32:
        return floats_equal((double)a.as.float32, (double)b.as.float32);
    case CD_KIND_FLOAT64:
        return floats_equal(a.as.float64, b.as.float64);
    case CD_KIND_STRING:
    case CD_KIND_BYTES:
        return a.count == 0 || memcmp(a.as.bytes, b.as.bytes, a.count) == 0;
    case CD_KIND_ARRAY:
        return arrays_equal(a, b);
    case CD_KIND_MAP:
        return maps_equal(a, b);
    case CD_KIND_STRUCT:
        return structs_equal(a.as.structure, b.as.structure);
    case CD_KIND_DECIMAL:
        return decimals_equal(a.as.decimal, b.as.decimal);
    }
    return false;
}

/* ---- copies ---- */

static bool copy_bytes(struct cd_arena *arena, struct cd_value value, struct cd_value *ret,
                       struct cd_error *err)
{
    struct cd_slice copy = cd_arena_copy(arena, cd_value_slice(value), err);
    *ret = value;
    ret->as.string = copy.ptr;
    return copy.ptr != NULL || value.as.string == NULL;
}

static bool copy_array(struct cd_arena *arena, struct cd_value value, struct cd_value *ret,
                       struct cd_error *err)
{
    struct cd_value *copy =
        cd_arena_alloc(arena, value.count * sizeof(*copy), alignof(struct cd_value), err);
    if (copy == NULL)
        return false;
    for (uint32_t i = 0; i < value.count; i++)
        if (!cd_value_copy(arena, value.as.array[i], &copy[i], err))
            return false;
    *ret = value;
    ret->as.array = copy;
    return true;
}

static bool copy_map(struct cd_arena *arena, struct cd_value value, struct cd_value *ret,
                     struct cd_error *err)
{
    struct cd_map_entry *copy =
        cd_arena_alloc(arena, value.count * sizeof(*copy), alignof(struct cd_map_entry), err);
    if (copy == NULL)
        return false;
    for (uint32_t i = 0; i < value.count; i++)
        if (!cd_value_copy(arena, value.as.map[i].key, &copy[i].key, err) ||
            !cd_value_copy(arena, value.as.map[i].value, &copy[i].value, err))
            return false;
    *ret = value;
    ret->as.map = copy;
    return true;
}

static bool copy_struct(struct cd_arena *arena, struct cd_value value, struct cd_value *ret,
                        struct cd_error *err)
{
    const struct cd_struct *from = value.as.structure;
    uint32_t count = from->schema->field_count;
    struct cd_struct *copy = cd_arena_alloc(arena, sizeof(*copy) + count * sizeof(struct cd_value),
                                            alignof(struct cd_struct), err);
    if (copy == NULL)
        return false;
    copy->schema = from->schema;
    for (uint32_t i = 0; i < count; i++)
        if (!cd_value_copy(arena, from->fields[i], &copy->fields[i], err))
            return false;
    *ret = cd_struct(copy);
    return true;
}

static bool copy_decimal(struct cd_arena *arena, struct cd_value value, struct cd_value *ret,
                         struct cd_error *err)
{
    size_t size = sizeof(*value.as.decimal) + value.as.decimal->len;
    struct cd_decimal *copy = cd_arena_alloc(arena, size, alignof(struct cd_decimal), err);
    if (copy == NULL)
        return false;
    memcpy(copy, value.as.decimal, size);
    *ret = cd_decimal(copy);
    return true;
}

bool cd_value_copy(struct cd_arena *arena, struct cd_value value, struct cd_value *ret,
                   struct cd_error *err)
{
    switch ((enum cd_kind)value.kind) {
    case CD_KIND_STRING:
    case CD_KIND_BYTES:
        return copy_bytes(arena, value, ret, err);
    case CD_KIND_ARRAY:
        return copy_array(arena, value, ret, err);
    case CD_KIND_MAP:
        return copy_map(arena, value, ret, err);
    case CD_KIND_STRUCT:
        return copy_struct(arena, value, ret, err);
    case CD_KIND_DECIMAL:
        return copy_decimal(arena, value, ret, err);
    case CD_KIND_NULL:
    case CD_KIND_BOOL:
    case CD_KIND_INT8:
    case CD_KIND_INT16:
    case CD_KIND_INT32:
    case CD_KIND_INT64:
    case CD_KIND_FLOAT32:
    case CD_KIND_FLOAT64:
    case CD_KIND_INSTANT:
        *ret = value;
        return true;
    }
    return cd_fail(err, CD_ERR_BUG, "a value of kind %d", value.kind);
}

bool cd_value_map(struct cd_arena *arena, const struct cd_map_entry *entries, size_t count,
                  struct cd_value *ret, struct cd_error *err)
{
    return cd_value_copy(arena, cd_map(entries, count), ret, err);
}
