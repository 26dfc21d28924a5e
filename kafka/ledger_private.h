/* Inside kafka/ only: what the three files of the ledger share. */
#ifndef CD_KAFKA_LEDGER_PRIVATE_H
#define CD_KAFKA_LEDGER_PRIVATE_H

#include "base/list.h"
#include "kafka/ledger.h"
#include "kafka/library.h"

struct cd_ledgers {
    struct cd_logger log;
    struct cd_thread thread;
    struct cd_mutex lock;
    struct cd_cond news; /* for the thread */
    struct cd_cond done; /* for those who wait for a ledger */
    /* guarded by lock: */
    bool woken;
    bool stop;
    struct cd_link ledgers; /* all that the thread serves */
};

/* Records written together. The writer fills it in; once `records` went to librdkafka only the
 * ledger thread touches it. */
struct cd_ledger_group {
    struct cd_link link;
    size_t left; /* not settled yet; one more until the writer has handed the group over */
    bool told;
    cd_ledger_done_fn *done;
    void *arg;
    struct cd_error err;         /* the first failure */
    size_t unsent;               /* librdkafka would not take these, */
    rd_kafka_resp_err_t refusal; /* because */
};

struct cd_barrier {
    struct cd_link link;
    int64_t deadline_ms;
    int64_t retry_ms; /* do not ask before */
    int64_t *ends;    /* one a partition; NULL: not known yet */
    bool opening;     /* reaching it opens the ledger */
    cd_ledger_done_fn *done;
    void *arg;
};

enum cd_ledger_phase { CD_LEDGER_READING, CD_LEDGER_OPEN, CD_LEDGER_CLOSING, CD_LEDGER_ENDED };

struct cd_ledger {
    struct cd_link link; /* guarded by owner->lock */
    struct cd_ledgers *owner;
    char *topic;
    void (*apply)(void *arg, const struct cd_ledger_record *record);
    void *arg;

    struct cd_client read_client;
    struct cd_client write_client;
    rd_kafka_t *reader;
    rd_kafka_t *writer;
    rd_kafka_topic_t *read_topic;
    rd_kafka_topic_t *write_topic;
    rd_kafka_queue_t *messages;   /* of all partitions */
    rd_kafka_queue_t *complaints; /* the reader's */
    rd_kafka_queue_t *reports;    /* the writer's */
    int32_t partitions;
    int64_t *start; /* one a partition: where reading began */

    atomic_int_least64_t position; /* of partition 0 */
    atomic_size_t writing;         /* records not settled */
    struct cd_mutex write_lock;    /* keeps the records of one write together */

    /* the ledger thread's: */
    struct cd_link barriers; /* in the order of asking */
    bool purged;

    /* guarded by owner->lock: */
    enum cd_ledger_phase phase;
    struct cd_link new_barriers;
    struct cd_link groups; /* handed over by writers */
};

/* ledger_handles.c: what of it is librdkafka's. Blocks up to the deadline. */
CD_MUST_CHECK bool cd_ledger_handles_open(struct cd_ledger *ledger,
                                          const struct cd_ledger_options *options,
                                          int64_t deadline_ms, struct cd_error *err);
/* Also of a half-open one. */
void cd_ledger_handles_close(struct cd_ledger *ledger);
/* The offsets of all partitions at RD_KAFKA_OFFSET_BEGINNING or _END, by one request a broker; the
 * caller frees. NULL: not now. */
int64_t *cd_ledger_ask_offsets(struct cd_ledger *ledger, int64_t which, int64_t timeout_ms,
                               struct cd_error *err);
/* Has everything before `ends` been applied? Transaction markers count although nobody sees them.
 */
bool cd_ledger_reached(const struct cd_ledger *ledger, const int64_t *ends);

/* ledger_thread.c */
void cd_ledgers_run(void *ledgers);
void cd_ledgers_wake(struct cd_ledgers *ledgers);

#endif
