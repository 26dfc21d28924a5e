/*
 * The batches of one source task that Kafka has not acknowledged yet, oldest first.
 *
 * Kafka acknowledges in any order, but a source offset may only move past a batch once every older
 * batch is safe. This ring turns the first order into the second. The counting is not here:
 * delivery threads count a batch down (kafka/producer.h) and wake the task; the ring only looks.
 *
 * Thread: the worker running the task. Memory: owns a batch from push until pop.
 */
#ifndef CD_DAEMON_INFLIGHT_H
#define CD_DAEMON_INFLIGHT_H

#include "data/batch.h"

struct cd_inflight;

/* Full at `batches_max` batches, or at `bytes_max` bytes in their arenas, whichever comes first. */
struct cd_inflight *cd_inflight_new(size_t batches_max, size_t bytes_max);

/* Must hold no unsettled batch: those are given away by cd_inflight_pop_any. NULL is allowed. */
void cd_inflight_free(struct cd_inflight *ring);

/* A full ring is back-pressure, not an error: stop polling the connector. */
bool cd_inflight_full(const struct cd_inflight *ring);
bool cd_inflight_empty(const struct cd_inflight *ring);
/* Records of all batches in it. */
size_t cd_inflight_records(const struct cd_inflight *ring);

/* When the oldest batch was pushed (monotonic); INT64_MAX: there is none. */
int64_t cd_inflight_oldest_ms(const struct cd_inflight *ring);

/* Takes over `batch`, of which `records` were sent. Must not be full. */
void cd_inflight_push(struct cd_inflight *ring, struct cd_batch *batch, size_t records);

/* The oldest batch, if it is settled and the broker refused some of it: retry.c decides, then the
 * caller pops it. Else NULL. */
struct cd_batch *cd_inflight_failed(const struct cd_inflight *ring);

/* The oldest batch, if it is settled; else NULL. The caller now owns it and has looked at
 * cd_inflight_failed before. */
struct cd_batch *cd_inflight_pop_settled(struct cd_inflight *ring, size_t *ret_records);

/* The oldest batch whatever its state, for a task that ends: an unsettled one is freed by its last
 * delivery report. NULL: empty. */
struct cd_batch *cd_inflight_pop_any(struct cd_inflight *ring);

#endif
