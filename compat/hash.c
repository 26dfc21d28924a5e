#include "compat/hash.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "compat/utf.h"

/* ---- hash codes ---- */

int32_t cd_java_string_hash(struct cd_slice text)
{
    uint32_t h = 0;
    const char *at = text.ptr;
    const char *end = at + text.len;
    while (at < end) {
        if ((unsigned char)*at < 0x80) {
            h = 31 * h + (unsigned char)*at++;
            continue;
        }
        uint32_t c = cd_utf_next(&at, end);
        if (c == CD_UTF_BAD) {
            c = 0xfffd;
        } else if (c >= 0x10000) {
            h = 31 * h + (0xd7c0 + (c >> 10));
            c = 0xdc00 + (c & 0x3ff);
        }
        h = 31 * h + c;
    }
    return (int32_t)h;
}

int32_t cd_java_long_hash(int64_t v)
{
    uint64_t bits = (uint64_t)v;
    return (int32_t)(uint32_t)(bits ^ bits >> 32);
}

/* All NaNs are one number to Java's collections; 0.0 and -0.0 are two. */
int32_t cd_java_double_hash(double v)
{
    uint64_t bits = UINT64_C(0x7ff8000000000000);
    if (!isnan(v))
        memcpy(&bits, &v, sizeof(bits));
    return cd_java_long_hash((int64_t)bits);
}

int32_t cd_java_float_hash(float v)
{
    uint32_t bits = UINT32_C(0x7fc00000);
    if (!isnan(v))
        memcpy(&bits, &v, sizeof(bits));
    return (int32_t)bits;
}

int32_t cd_java_bool_hash(bool v)
{
    return v ? 1231 : 1237;
}

/* The w-th 32-bit word of the two's complement, the least significant is 0. */
static uint32_t word_at(const struct cd_decimal *d, uint32_t w)
{
    uint32_t word = d->len > 0 && (d->unscaled[0] & 0x80) != 0 ? UINT32_MAX : 0;
    for (uint32_t i = 4; i-- > 0;)
        if (w * 4 + i < d->len)
            word = word << 8 | d->unscaled[d->len - 1 - (w * 4 + i)];
    return word;
}

/* BigInteger.hashCode, over the words of the magnitude, times 31 plus the scale. */
static int32_t decimal_hash(const struct cd_decimal *d)
{
    bool negative = d->len > 0 && (d->unscaled[0] & 0x80) != 0;
    uint32_t words = (d->len + 3) / 4;
    uint32_t lowest = 0; /* negating complements all words above the lowest that is not zero */
    while (lowest < words && word_at(d, lowest) == 0)
        lowest++;
    uint32_t h = 0;
    for (uint32_t w = words; w-- > 0;) {
        uint32_t word = word_at(d, w);
        if (negative)
            word = w > lowest ? ~word : 0 - word;
        h = 31 * h + word;
    }
    return (int32_t)(31 * (negative ? 0 - h : h) + (uint32_t)d->scale);
}

static int32_t array_hash(struct cd_value v)
{
    uint32_t h = 1;
    for (uint32_t i = 0; i < v.count; i++)
        h = 31 * h + (uint32_t)cd_java_value_hash(v.as.array[i]);
    return (int32_t)h;
}

static int32_t map_hash(struct cd_value v)
{
    uint32_t h = 0;
    for (uint32_t i = 0; i < v.count; i++)
        h += (uint32_t)cd_java_value_hash(v.as.map[i].key) ^
             (uint32_t)cd_java_value_hash(v.as.map[i].value);
    return (int32_t)h;
}

int32_t cd_java_value_hash(struct cd_value v)
{
    switch ((enum cd_kind)v.kind) {
    case CD_KIND_BOOL:
        return cd_java_bool_hash(v.as.boolean);
    case CD_KIND_INT8:
    case CD_KIND_INT16:
    case CD_KIND_INT32:
        return (int32_t)v.as.integer;
    case CD_KIND_INT64:
    case CD_KIND_INSTANT:
        return cd_java_long_hash(v.as.integer);
    case CD_KIND_FLOAT32:
        return cd_java_float_hash(v.as.float32);
    case CD_KIND_FLOAT64:
        return cd_java_double_hash(v.as.float64);
    case CD_KIND_STRING:
        return cd_java_string_hash(cd_value_slice(v));
    case CD_KIND_ARRAY:
        return array_hash(v);
    case CD_KIND_MAP:
        return map_hash(v);
    case CD_KIND_DECIMAL:
        return decimal_hash(v.as.decimal);
    case CD_KIND_NULL:
    case CD_KIND_BYTES:
    case CD_KIND_STRUCT:
        return 0;
    }
    return 0;
}

/* ---- order ---- */

#define TREE_THRESHOLD 8u /* a bucket that passes it doubles a table below TREE_CAPACITY */
#define TREE_CAPACITY 64u
#define CAPACITY_MAX (UINT32_C(1) << 30)

static uint32_t power_of_two_from(uint64_t n)
{
    uint32_t capacity = 1;
    while (capacity < n && capacity < CAPACITY_MAX)
        capacity *= 2;
    return capacity;
}

uint32_t cd_java_copy_capacity(size_t count)
{
    /* (int) (count / 0.75f + 1.0f), in float as the JDK computes it. */
    return power_of_two_from((uint64_t)((float)count / 0.75F + 1.0F));
}

uint32_t cd_java_sized_capacity(size_t count)
{
    return power_of_two_from(count);
}

static uint32_t bucket_of(int32_t hash, uint32_t capacity)
{
    uint32_t h = (uint32_t)hash;
    return (h ^ h >> 16) & (capacity - 1);
}

/* Entries before `position` in its bucket. */
static uint32_t bucket_depth(const struct cd_hash_entry *entries, size_t position,
                             uint32_t capacity)
{
    uint32_t bucket = bucket_of(entries[position].hash, capacity);
    uint32_t depth = 0;
    for (size_t i = 0; i < position; i++)
        depth += bucket_of(entries[i].hash, capacity) == bucket;
    return depth;
}

static bool over_load(size_t count, uint32_t capacity)
{
    return (float)count > (float)capacity * 0.75F;
}

/* The table's size after all were put. Only small tables look at their buckets, so the quadratic
 * look is short. */
static uint32_t final_capacity(const struct cd_hash_entry *entries, size_t count, uint32_t capacity)
{
    for (size_t i = 0; i < count && capacity < TREE_CAPACITY; i++) {
        if (i >= TREE_THRESHOLD && bucket_depth(entries, i, capacity) >= TREE_THRESHOLD)
            capacity *= 2;
        if (over_load(i + 1, capacity))
            capacity *= 2;
    }
    while (over_load(count, capacity) && capacity < CAPACITY_MAX)
        capacity *= 2;
    return capacity;
}

static bool comes_after(const struct cd_hash_entry *a, const struct cd_hash_entry *b)
{
    return a->hash != b->hash ? a->hash > b->hash : a->index > b->index;
}

static int by_bucket(const void *a, const void *b)
{
    return comes_after(a, b) ? 1 : -1; /* no two are equal */
}

static void insertion_sort(struct cd_hash_entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct cd_hash_entry moved = entries[i];
        size_t at = i;
        for (; at > 0 && comes_after(&entries[at - 1], &moved); at--)
            entries[at] = entries[at - 1];
        entries[at] = moved;
    }
}

void cd_java_hash_order(struct cd_hash_entry *entries, size_t count, uint32_t capacity)
{
    capacity = final_capacity(entries, count, capacity == 0 ? 1 : capacity);
    for (size_t i = 0; i < count; i++)
        entries[i].hash = (int32_t)bucket_of(entries[i].hash, capacity);
    if (count <= 32)
        insertion_sort(entries, count);
    else
        qsort(entries, count, sizeof(*entries), by_bucket);
}

void cd_java_string_order(const struct cd_slice *keys, size_t count, uint32_t capacity,
                          uint32_t *ret_order)
{
    struct cd_hash_entry room[100];
    struct cd_hash_entry *entries = count <= 100 ? room : cd_new_array(count, struct cd_hash_entry);
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct cd_hash_entry){cd_java_string_hash(keys[i]), (uint32_t)i};
    cd_java_hash_order(entries, count, capacity);
    for (size_t i = 0; i < count; i++)
        ret_order[i] = entries[i].index;
    if (entries != room)
        free(entries);
}
