/*
 * Producing without copying, and knowing when a batch is safe.
 *
 * Producers are shared: every task whose effective client configuration (but for client.id) is the
 * same gets the same handle. One delivery thread a handle takes reports: it counts the batch down
 * (batch->unsettled), keeps the batch's first error, and wakes the lease at zero. It touches
 * nothing else.
 *
 * Budgets: librdkafka's limits count payload only, so a lease and its handle charge size + 200 a
 * record, and give it back when the whole batch is settled: its arena lives as long. A handle's
 * budget is buffer.memory. One batch is always admitted, however large, so that nothing can starve.
 *
 * A handle that holds records of an abandoned or deleted task is retired: nothing new joins, others
 * move when their ring is empty, then it is purged and destroyed. A batch is freed after its last
 * report, whoever started it.
 */
#ifndef CD_KAFKA_PRODUCER_H
#define CD_KAFKA_PRODUCER_H

#include "data/batch.h"
#include "kafka/client.h"

struct cd_producers; /* all handles of the process */
struct cd_producer;  /* a lease: one task's share of a handle */

struct cd_producers *cd_producers_new(const struct cd_logger *log);
/* Every lease must have been returned. */
void cd_producers_free(struct cd_producers *producers);

struct cd_producer_options {
    const struct cd_config *java; /* merged layers, see cd_settings_layers */
    const char *client_id;        /* of a handle of its own; shared handles use a common one */
    bool exclusive;   /* a handle of its own (transactions, connectd.producer.sharing=task) */
    size_t bytes_max; /* this lease's budget; a full one refuses */
    /* Called from the delivery thread when a batch of this lease is settled or room appeared. Must
     * not block. */
    void (*wake)(void *arg);
    void *wake_arg;
    /* Called from the delivery thread for each refused record, before the count-down. NULL allowed.
     * Must not block. */
    void (*refused)(void *arg, struct cd_batch *batch, struct cd_slice topic,
                    const struct cd_error *err);
};

struct cd_producer *cd_producer_lease(struct cd_producers *producers,
                                      const struct cd_producer_options *options,
                                      struct cd_error *err);
/* Gives the lease back; no wake follows. With records in flight the handle is retired, and what it
 * still holds of this lease is purged. Hand over the batches that are not settled with
 * cd_batch_disown, before or after. */
void cd_producer_return(struct cd_producer *producer);

/* One record, ready-made bytes living in `batch` (or its parent) until it is settled. */
struct cd_outgoing {
    struct cd_slice topic;
    int32_t partition; /* CD_NO_PARTITION: murmur2 of the key, sticky without one */
    int64_t timestamp_ms;
    struct cd_slice key;             /* ptr NULL: none */
    struct cd_slice value;           /* ptr NULL: a tombstone */
    const struct cd_header *headers; /* values are CD_KIND_BYTES or null: converted already */
    uint32_t header_count;
};

enum cd_produce {
    CD_PRODUCE_SENT,  /* counted in batch->unsettled; a report will come */
    CD_PRODUCE_FULL,  /* back-pressure: wait for the wake, try again from this record */
    CD_PRODUCE_FAILED /* this record was refused at once: see err (too large, fatal handle) */
};

/* Adds 1 to batch->unsettled when it answers SENT. The caller holds one count of its own while it
 * is sending (cd_batch_sending) so that a batch cannot settle half-sent. */
enum cd_produce cd_producer_send(struct cd_producer *producer, struct cd_batch *batch,
                                 const struct cd_outgoing *record, struct cd_error *err);
/* The caller's own count of a batch: taken before the first send, dropped after the last. True: it
 * is settled now. */
void cd_batch_sending(struct cd_batch *batch);
bool cd_batch_sent(struct cd_batch *batch);
bool cd_batch_settled(const struct cd_batch *batch);
/* Gives a batch away that was sent: freed at once if it is settled, else by its last report. */
void cd_batch_disown(struct cd_batch *batch);

/* Do not linger: what is queued goes out now (as far as librdkafka allows). */
void cd_producer_hurry(struct cd_producer *producer);
/* A fatal error of the handle, or credentials that brokers refuse (as in the JVM): its tasks fail.
 * False if there is none. */
bool cd_producer_fatal(const struct cd_producer *producer, struct cd_error *err);
/* Bytes charged to this lease now. */
size_t cd_producer_charged(const struct cd_producer *producer);

/* Transactions (exclusive leases with transactional.id): blocking up to timeout_ms, run as pool
 * jobs. */
CD_MUST_CHECK bool cd_producer_txn_init(struct cd_producer *producer, int64_t timeout_ms,
                                        struct cd_error *err);
CD_MUST_CHECK bool cd_producer_txn_begin(struct cd_producer *producer, struct cd_error *err);
CD_MUST_CHECK bool cd_producer_txn_commit(struct cd_producer *producer, int64_t timeout_ms,
                                          struct cd_error *err);
CD_MUST_CHECK bool cd_producer_txn_abort(struct cd_producer *producer, int64_t timeout_ms,
                                         struct cd_error *err);

struct cd_producer_stats {
    uint64_t handles;
    uint64_t connections;
    uint64_t sent_records; /* acknowledged, batch by batch */
    uint64_t sent_bytes;
    uint64_t refused_records;
    uint64_t throttled; /* times a broker throttled us */
};
void cd_producers_stats(const struct cd_producers *producers, struct cd_producer_stats *ret);

#endif
