/*
 * A compacted topic used as a key-value log: read to its end at start, followed afterwards, written
 * through one idempotent-safe producer, with "read to end" as the barrier for read-your-writes.
 *
 * One thread serves all ledgers of the process. The table of current values is not kept here: each
 * record is handed to `apply`, in order, on the ledger thread; the store on top keeps what it needs
 * under its own lock.
 */
#ifndef CD_KAFKA_LEDGER_H
#define CD_KAFKA_LEDGER_H

#include "kafka/admin.h"

struct cd_ledgers; /* the thread */
struct cd_ledger;

struct cd_ledgers *cd_ledgers_start(const struct cd_logger *log, struct cd_error *err);
void cd_ledgers_stop(struct cd_ledgers *ledgers);

struct cd_ledger_record {
    struct cd_slice key;   /* ptr NULL: none */
    struct cd_slice value; /* ptr NULL: a tombstone */
    int32_t partition;
    int64_t offset;
    int64_t timestamp_ms;
    bool replayed; /* read during start, before the ledger was open */
};

struct cd_ledger_options {
    const char *topic;
    const struct cd_config *java_producer; /* merged layers */
    const struct cd_config *java_consumer;
    const char *client_id;
    void (*apply)(void *arg, const struct cd_ledger_record *record); /* ledger thread */
    void *arg;
};

/* Blocks until all is read that was there (or the deadline). The topic exists already
 * (cd_admin_internal_topic). */
struct cd_ledger *cd_ledger_open(struct cd_ledgers *ledgers,
                                 const struct cd_ledger_options *options, int64_t deadline_ms,
                                 struct cd_error *err);
/* Waits for writes under way up to the deadline. */
void cd_ledger_close(struct cd_ledger *ledger, int64_t deadline_ms);

/* The outcome of writes and barriers; called on the ledger thread exactly once. Must not block. */
typedef void cd_ledger_done_fn(void *arg, const struct cd_error *err);

struct cd_ledger_write {
    struct cd_slice key;
    struct cd_slice value; /* ptr NULL: a tombstone */
};
/* Copies the records and sends them in order, all together; `done` once all are acknowledged or the
 * first failed. Any thread. */
void cd_ledger_write(struct cd_ledger *ledger, const struct cd_ledger_write *writes, size_t count,
                     cd_ledger_done_fn *done, void *arg);
/* `done` when everything that was in the topic at the time of the call has been applied, or the
 * deadline passed. Any thread. */
void cd_ledger_read_to_end(struct cd_ledger *ledger, int64_t deadline_ms, cd_ledger_done_fn *done,
                           void *arg);
/* The next offset of partition 0 that will be applied (config topic's "offset"). */
int64_t cd_ledger_position(const struct cd_ledger *ledger);

#endif
