/*
 * A bump allocator: everything in it dies together. Memory comes in chunks that are kept for the
 * next use by reset, up to a bound.
 *
 * The limit is soft or hard, by the caller: cd_arena_alloc never fails below `single_max` bytes a
 * call (it counts past the limit), and cd_arena_full tells when the limit is reached. That is what
 * lets a batch close at a record's border instead of in its middle.
 *
 * Thread: one owner at a time. Memory: freed by done; nothing allocated from it is freed singly.
 */
#ifndef CD_BASE_ARENA_H
#define CD_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "connectd/error.h"
#include "connectd/value.h"

struct cd_arena_chunk;

struct cd_arena {
    struct cd_arena_chunk *chunk; /* newest first */
    char *next;
    char *end;
    size_t used; /* bytes handed out since the last reset */
    size_t limit;
    size_t single_max;
};

void cd_arena_init(struct cd_arena *arena, size_t limit, size_t single_max);
void cd_arena_done(struct cd_arena *arena);
/* Forgets everything; keeps one chunk for the next use. */
void cd_arena_reset(struct cd_arena *arena);

/* The slow path of cd_arena_alloc. */
void *cd_arena_grow(struct cd_arena *arena, size_t size, size_t align, struct cd_error *err);

/* Uninitialised memory; `align` is a power of two. NULL with CD_ERR_DATA when `size` > single_max.
 */
static inline void *cd_arena_alloc(struct cd_arena *arena, size_t size, size_t align,
                                   struct cd_error *err)
{
    size_t pad = (size_t)(-(uintptr_t)arena->next) & (align - 1);
    if (size <= arena->single_max && arena->next != NULL &&
        pad + size <= (size_t)(arena->end - arena->next)) {
        char *at = arena->next + pad;
        arena->next = at + size;
        arena->used += pad + size;
        return at;
    }
    return cd_arena_grow(arena, size, align, err);
}

static inline bool cd_arena_full(const struct cd_arena *arena)
{
    return arena->used >= arena->limit;
}

/* A copy followed by a NUL that is not counted. ptr NULL on failure. */
struct cd_slice cd_arena_copy(struct cd_arena *arena, struct cd_slice bytes, struct cd_error *err);

#endif
