/*
 * What a transform has derived from a schema, remembered by the schema's pointer.
 *
 * Schemas are shared, so equal ones are one pointer: a look-up is a comparison. Each entry holds a
 * reference to its schema, hence a pointer seen here is never a new schema at an old address. Like
 * the JVM's caches it holds 16; the oldest entry makes room. What is derived lives until then, so
 * nothing in a batch may point into it (schemas may, once the batch keeps them).
 *
 * Thread: the transform's. Memory: derived values are freed by `drop`.
 */
#ifndef CD_PLUGINS_SCHEMA_MEMO_H
#define CD_PLUGINS_SCHEMA_MEMO_H

#include "connectd/host.h"

#define CD_SCHEMA_MEMO_SLOTS 16

struct cd_schema_memo_slot {
    const struct cd_schema *schema; /* a reference is held; NULL: free */
    void *derived;
};

struct cd_schema_memo {
    const struct cd_host *host; /* borrowed */
    void (*drop)(void *derived);
    size_t recent; /* the slot that answered last */
    size_t oldest; /* the slot to be used next */
    struct cd_schema_memo_slot slots[CD_SCHEMA_MEMO_SLOTS];
};

void cd_schema_memo_init(struct cd_schema_memo *memo, const struct cd_host *host,
                         void (*drop)(void *derived));
/* Harmless on a zeroed memo. */
void cd_schema_memo_done(struct cd_schema_memo *memo);

/* A `drop` for memos whose derived values are schemas. */
void cd_schema_memo_unref(void *schema);

/* The slow path of find. */
void *cd_schema_memo_search(struct cd_schema_memo *memo, const struct cd_schema *schema);
/* Takes over `derived`. */
void cd_schema_memo_put(struct cd_schema_memo *memo, const struct cd_schema *schema, void *derived);

/* Lends what was derived, or NULL. */
static inline void *cd_schema_memo_find(struct cd_schema_memo *memo, const struct cd_schema *schema)
{
    const struct cd_schema_memo_slot *slot = &memo->slots[memo->recent];
    return slot->schema == schema ? slot->derived : cd_schema_memo_search(memo, schema);
}

#endif
