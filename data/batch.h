/*
 * A batch: an arena with a byte limit, an array of records, and all they point at.
 *
 * A batch has one owner and is handed over whole: connector, chain, in-flight ring. The only thing
 * that is shared is the count of unacknowledged records, which delivery threads count down.
 *
 * Pointers to records are valid until the next add. Everything allocated lives until reset or free.
 */
#ifndef CD_DATA_BATCH_H
#define CD_DATA_BATCH_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/list.h"
#include "connectd/record.h"

struct cd_batch {
    struct cd_link link; /* for whoever owns it */
    struct cd_arena arena;
    struct cd_record *records;
    size_t count;
    size_t capacity;
    size_t count_max;              /* full at this many records; 0: no limit */
    const struct cd_schema **kept; /* references held: a hash set, NULL is a free place */
    size_t kept_count;
    size_t kept_capacity;    /* a power of two, or 0 */
    struct cd_batch *parent; /* owned: payloads borrow from it */
    void (*release)(
        void *arg); /* called at reset and free: foreign memory the values borrow (messages) */
    void *release_arg;

    /* In flight: see kafka/producer.h and daemon/inflight.h. */
    atomic_size_t unsettled;
    _Atomic(int) failed;    /* records the broker refused */
    struct cd_error *error; /* first failure; owned; written before the last count-down */
    int64_t sent_ms;
    void *lease;    /* kafka/producer.c's, while in flight: who is told, and what it was charged */
    size_t charged; /* bytes */
    size_t sending; /* records sent of it so far */
};

/* `limit` bytes close the batch; `single_max` is connectd.record.bytes.max. */
struct cd_batch *cd_batch_new(size_t limit, size_t single_max);
void cd_batch_free(struct cd_batch *batch); /* NULL is allowed */
/* As new, keeping memory for the next use. */
void cd_batch_reset(struct cd_batch *batch);
bool cd_batch_full(const struct cd_batch *batch);
/* Bytes it holds: the arena and the records. */
size_t cd_batch_bytes(const struct cd_batch *batch);

/* The functions behind struct cd_host, see there. */
struct cd_record *cd_batch_add(struct cd_batch *batch, struct cd_error *err);
void cd_batch_drop_last(struct cd_batch *batch);
void *cd_batch_alloc(struct cd_batch *batch, size_t size, struct cd_error *err);
struct cd_slice cd_batch_copy(struct cd_batch *batch, struct cd_slice bytes, struct cd_error *err);
struct cd_struct *cd_batch_new_struct(struct cd_batch *batch, const struct cd_schema *schema,
                                      struct cd_error *err);
void cd_batch_keep(struct cd_batch *batch, const struct cd_schema *schema);
struct cd_value cd_batch_map1(struct cd_batch *batch, const char *name, struct cd_value value);

/* Called when a plugin hands the batch over: keeps every schema its records name. */
void cd_batch_seal(struct cd_batch *batch);

#endif
