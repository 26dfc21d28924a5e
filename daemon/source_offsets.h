/*
 * The source partitions of one task and how far each has safely come.
 *
 * A partition is interned once and lives as long as the task. Its offset passes through three
 * places: noted (the newest sent record of a batch, kept with that batch), safe (the batch and all
 * older ones are acknowledged), flushing (handed to the offset store). Offsets stay values; they
 * are rendered to JSON only when a commit begins.
 *
 * Thread: the step of its task.
 */
#ifndef CD_DAEMON_SOURCE_OFFSETS_H
#define CD_DAEMON_SOURCE_OFFSETS_H

#include "daemon/offset_store.h"
#include "data/batch.h"

struct cd_source_offsets;

/* `store` is borrowed. */
struct cd_source_offsets *cd_source_offsets_new(const char *connector,
                                                struct cd_offset_store *store);
void cd_source_offsets_free(struct cd_source_offsets *offsets); /* NULL is allowed */

/* Behind host->partition and host->offset. */
struct cd_partition *cd_source_offsets_intern(struct cd_source_offsets *offsets,
                                              struct cd_value map, struct cd_error *err);
struct cd_value cd_source_offsets_stored(struct cd_source_offsets *offsets,
                                         const struct cd_partition *partition);

/* `sent` is a batch on its way to Kafka; its records array serves as the list of the newest offset
 * of each partition in it. Call begin before its first record, note for each record that was sent,
 * seal after the last. `copy`: the offsets' memory does not live as long as `sent`. */
void cd_source_offsets_begin(struct cd_source_offsets *offsets);
void cd_source_offsets_note(struct cd_source_offsets *offsets, struct cd_batch *sent,
                            const struct cd_record *rec);
CD_MUST_CHECK bool cd_source_offsets_seal(struct cd_batch *sent, bool copy, struct cd_error *err);

/* All of `sent`, and of every older batch, is acknowledged. */
CD_MUST_CHECK bool cd_source_offsets_safe(struct cd_source_offsets *offsets,
                                          const struct cd_batch *sent, struct cd_error *err);

/* Is there anything to commit? */
bool cd_source_offsets_dirty(const struct cd_source_offsets *offsets);
/* Hands everything that is safe to the store; `done(arg)` as with cd_offset_store_put. False: an
 * offset cannot be written (nothing was handed over, `done` is not called; all stays to be
 * committed). */
CD_MUST_CHECK bool cd_source_offsets_flush(struct cd_source_offsets *offsets,
                                           cd_offset_done_fn *done, void *arg,
                                           struct cd_error *err);
/* The outcome. `committed` (NULL allowed) hears of each partition that moved; after a failure the
 * offsets wait for the next flush unless newer ones have come. */
typedef void cd_source_committed_fn(void *arg, struct cd_partition *partition,
                                    struct cd_value offset);
void cd_source_offsets_flushed(struct cd_source_offsets *offsets, bool ok,
                               cd_source_committed_fn *committed, void *arg);

#endif
