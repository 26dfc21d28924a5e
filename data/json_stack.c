/* The elements of containers that are being read, and what becomes of them. */
#include <stdalign.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "data/json_reader.h"
#include "data/value.h"

#define FIRST_ITEMS 64u
#define TINY_MAP 16u
#define SMALL_MAP 32u

void cd_json_stack_done(struct cd_json_stack *stack)
{
    free(stack->items);
    *stack = (struct cd_json_stack){0};
}

struct cd_map_entry *cd_json_push(struct cd_json_stack *stack)
{
    if (stack->used == stack->capacity) {
        stack->capacity = stack->capacity == 0 ? FIRST_ITEMS : stack->capacity * 2;
        stack->items = cd_realloc_array(stack->items, stack->capacity, sizeof(*stack->items));
    }
    return &stack->items[stack->used++];
}

bool cd_json_pop_array(struct cd_json_stack *stack, size_t base, struct cd_arena *arena,
                       struct cd_value *ret, struct cd_error *err)
{
    size_t count = stack->used - base;
    struct cd_value *elements =
        cd_arena_alloc(arena, count * sizeof(*elements), alignof(struct cd_value), err);
    if (elements == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        elements[i] = stack->items[base + i].value;
    stack->used = base;
    *ret = cd_array(elements, count);
    return true;
}

/* ---- repeated keys ---- */

static uint32_t quick_hash(struct cd_value key)
{
    if (key.kind != CD_KIND_STRING)
        return (uint32_t)cd_java_value_hash(key);
    uint64_t head = 0;
    uint64_t tail = 0;
    size_t part = key.count < 8 ? key.count : 8;
    if (part > 0) {
        memcpy(&head, key.as.string, part);
        memcpy(&tail, key.as.string + key.count - part, part);
    }
    uint64_t hash = (head ^ key.count) * 0x9e3779b97f4a7c15u + tail * 0xc2b2ae3d27d4eb4fu;
    return (uint32_t)(hash >> 32);
}

/* Java compares byte arrays by identity. */
static bool same_key(struct cd_value a, struct cd_value b)
{
    return a.kind != CD_KIND_BYTES && cd_value_equal(a, b);
}

/* `slots` are zeroed, twice as many as entries or more, a power of two. Returns the new count. */
static uint32_t unite(struct cd_map_entry *entries, uint32_t count, uint32_t *slots, uint32_t mask)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = quick_hash(entries[i].key) & mask;
        while (slots[at] != 0 && !same_key(entries[slots[at] - 1].key, entries[i].key))
            at = (at + 1) & mask;
        if (slots[at] != 0) {
            entries[slots[at] - 1].value = entries[i].value;
            continue;
        }
        entries[kept++] = entries[i];
        slots[at] = kept;
    }
    return kept;
}

static uint32_t unite_many(struct cd_map_entry *entries, uint32_t count)
{
    uint32_t size = SMALL_MAP * 2;
    while (size / 2 < count)
        size *= 2;
    uint32_t *slots = cd_new_array(size, uint32_t);
    uint32_t kept = unite(entries, count, slots, size - 1);
    free(slots);
    return kept;
}

static uint32_t unite_few(struct cd_map_entry *entries, uint32_t count)
{
    uint32_t slots[SMALL_MAP * 2] = {0};
    return unite(entries, count, slots, SMALL_MAP * 2 - 1);
}

/* One bit of 64, the same for the same text. */
static uint64_t bit_of(struct cd_value key)
{
    if (key.kind != CD_KIND_STRING || key.count == 0)
        return 1;
    const char *text = key.as.string;
    uint32_t sum =
        key.count * 13u + (unsigned char)text[0] + (unsigned char)text[key.count - 1] * 5u;
    return UINT64_C(1) << (sum & 63);
}

/* So few that a key whose bit is new is most often new, and the others are soon compared with all.
 */
static uint32_t unite_tiny(struct cd_map_entry *entries, uint32_t count)
{
    uint32_t kept = 0;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t bit = bit_of(entries[i].key);
        uint32_t at = (seen & bit) != 0 ? 0 : kept;
        while (at < kept && !same_key(entries[at].key, entries[i].key))
            at++;
        seen |= bit;
        if (at < kept)
            entries[at].value = entries[i].value;
        else if (kept++ != i)
            entries[kept - 1] = entries[i];
    }
    return kept;
}

static uint32_t unite_all(struct cd_map_entry *entries, uint32_t count)
{
    if (count <= TINY_MAP)
        return unite_tiny(entries, count);
    return count <= SMALL_MAP ? unite_few(entries, count) : unite_many(entries, count);
}

bool cd_json_pop_map(struct cd_json_stack *stack, size_t base, struct cd_arena *arena,
                     struct cd_value *ret, struct cd_error *err)
{
    uint32_t count = (uint32_t)(stack->used - base);
    struct cd_map_entry *entries = stack->items + base;
    count = unite_all(entries, count);
    size_t size = count * sizeof(*entries);
    struct cd_map_entry *copy = cd_arena_alloc(arena, size, alignof(struct cd_map_entry), err);
    if (copy == NULL)
        return false;
    if (size > 0)
        memcpy(copy, entries, size);
    stack->used = base;
    *ret = cd_map(copy, count);
    ret->flags = CD_MAP_HASHED;
    return true;
}
