#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"

#define FIRST_CHUNK_BYTES ((size_t)1024) /* most arenas hold a few texts; busy ones double */
#define CHUNK_BYTES_MAX ((size_t)1024 * 1024)
#define KEPT_BYTES_MAX CHUNK_BYTES_MAX

struct cd_arena_chunk {
    struct cd_arena_chunk *older;
    size_t size; /* of `bytes` */
    alignas(max_align_t) char bytes[];
};

static void use_chunk(struct cd_arena *arena, struct cd_arena_chunk *chunk)
{
    chunk->older = arena->chunk;
    arena->chunk = chunk;
    arena->next = chunk->bytes;
    arena->end = chunk->bytes + chunk->size;
}

void cd_arena_init(struct cd_arena *arena, size_t limit, size_t single_max)
{
    /* Leaves room for the sums in cd_arena_alloc, whatever was asked for. */
    size_t sane_max = SIZE_MAX / 4;
    *arena = (struct cd_arena){.limit = limit,
                               .single_max = single_max < sane_max ? single_max : sane_max};
}

static void free_chunks(struct cd_arena_chunk *chunk)
{
    while (chunk != NULL) {
        struct cd_arena_chunk *older = chunk->older;
        free(chunk);
        chunk = older;
    }
}

void cd_arena_done(struct cd_arena *arena)
{
    free_chunks(arena->chunk);
    arena->chunk = NULL;
    arena->next = arena->end = NULL;
    arena->used = 0;
}

/* Takes the largest chunk that is not too large to sit idle out of the list. */
static struct cd_arena_chunk *take_best(struct cd_arena *arena)
{
    struct cd_arena_chunk **best = NULL;
    for (struct cd_arena_chunk **at = &arena->chunk; *at != NULL; at = &(*at)->older)
        if ((*at)->size <= KEPT_BYTES_MAX && (best == NULL || (*at)->size > (*best)->size))
            best = at;
    if (best == NULL)
        return NULL;
    struct cd_arena_chunk *chunk = *best;
    *best = chunk->older;
    return chunk;
}

void cd_arena_reset(struct cd_arena *arena)
{
    struct cd_arena_chunk *kept = take_best(arena);
    cd_arena_done(arena);
    if (kept != NULL)
        use_chunk(arena, kept);
}

/* Chunks double, so that a batch of any size needs few of them and an idle arena is small. */
static size_t next_chunk_size(const struct cd_arena *arena, size_t needed)
{
    size_t size = arena->chunk == NULL ? FIRST_CHUNK_BYTES : arena->chunk->size * 2;
    if (size > CHUNK_BYTES_MAX)
        size = CHUNK_BYTES_MAX;
    return needed > size ? needed : size;
}

void *cd_arena_grow(struct cd_arena *arena, size_t size, size_t align, struct cd_error *err)
{
    assert(align > 0 && (align & (align - 1)) == 0);
    if (size > arena->single_max || align > arena->single_max) {
        (void)cd_fail(err, CD_ERR_DATA, "%zu bytes in one piece are more than the limit of %zu",
                      size, arena->single_max);
        return NULL;
    }
    size_t chunk_size = next_chunk_size(arena, size + align);
    struct cd_arena_chunk *chunk = malloc(sizeof(*chunk) + chunk_size);
    if (chunk == NULL) {
        (void)cd_fail(err, CD_ERR_DATA, "out of memory: %zu bytes could not be had", chunk_size);
        return NULL;
    }
    chunk->size = chunk_size;
    use_chunk(arena, chunk);
    size_t pad = (size_t)(-(uintptr_t)arena->next) & (align - 1);
    char *at = arena->next + pad;
    arena->next = at + size;
    arena->used += pad + size;
    return at;
}

struct cd_slice cd_arena_copy(struct cd_arena *arena, struct cd_slice bytes, struct cd_error *err)
{
    if (bytes.ptr == NULL)
        return bytes;
    char *copy = cd_arena_alloc(arena, bytes.len + 1, 1, err);
    if (copy == NULL)
        return (struct cd_slice){NULL, 0};
    memcpy(copy, bytes.ptr, bytes.len);
    copy[bytes.len] = '\0';
    return cd_slice_of(copy, bytes.len);
}
