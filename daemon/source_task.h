/* What source_task.c (its life), source_send.c (a batch on its way to Kafka) and source_commit.c
 * (offsets) share. All of it belongs to the task's step. */
#ifndef CD_DAEMON_SOURCE_TASK_H
#define CD_DAEMON_SOURCE_TASK_H

#include "daemon/async.h"
#include "daemon/chain.h"
#include "daemon/inflight.h"
#include "daemon/source_offsets.h"
#include "daemon/task_private.h"
#include "daemon/topic_creation.h"

#define CD_SOURCE_WARN_MS 60000 /* between warnings about the same trouble with Kafka */
#define CD_SOURCE_TOPIC_MS 500  /* between looks for a topic that is gone */

/* One batch between poll and ring. */
struct cd_source_sending {
    struct cd_batch *polled; /* NULL: nothing is being sent */
    struct cd_batch *out;    /* what it becomes: bytes, and the newest offset a partition */
    size_t next;             /* record */
    size_t sent;
    bool converted; /* `outgoing` is the record `next`, ready */
    struct cd_outgoing outgoing;
    int64_t again_ms; /* a converter is tried again then */
};

enum cd_source_requests {
    CD_REQUESTS_LARGE, /* as configured, else as large as librdkafka likes */
    CD_REQUESTS_SMALL, /* as large as Java's */
    CD_REQUESTS_SINGLE,
};

struct cd_source_task {
    struct cd_task task; /* first */
    struct cd_source_config cfg;
    struct cd_chain *chain;
    struct cd_retry_record record_retry;
    struct cd_topic_creation *topics;

    /* From start to close. */
    struct cd_producer *producer;
    struct cd_inflight *ring;
    struct cd_source_offsets *offsets;
    struct cd_async *barrier;
    bool barrier_passed;

    struct cd_batch *batch; /* being filled by poll */
    struct cd_batch *spare; /* one for poll, one for bytes: their memory is used again */
    struct cd_batch *spare_out;
    struct cd_source_sending sending;

    /* Kafka refuses a request as a whole when it is larger than the topic allows, and with it
     * records that are not: Java's producer then sends smaller ones. So does the task, opened anew;
     * what a request of one record is refused for is that record's fault. */
    _Atomic(int) requests; /* enum cd_source_requests; read by the delivery thread */
    bool smaller_requests; /* wanted when it opens again */

    /* The commit under way, and the next. */
    struct cd_async *commit;
    int64_t commit_began_ms;
    int64_t commit_until_ms;
    int64_t next_commit_ms;
    size_t acknowledged; /* records since the last commit */
    int64_t warn_ms;     /* no complaint about missing acknowledgements before */

    /* Draining. */
    bool draining;
    int64_t drain_acks_until_ms;
    bool drained; /* acknowledgements are not waited for any more */
    bool last_commit;
};

static inline struct cd_source_task *cd_source_of(struct cd_task *task)
{
    return (struct cd_source_task *)(void *)task;
}

/* ---- source_send.c ---- */

/* Takes over what poll has filled and begins to send it. */
void cd_source_send_begin(struct cd_source_task *src);
/* Sends on. DONE: all of it is in the ring (or was dropped). */
enum cd_step cd_source_send(struct cd_source_task *src, struct cd_wait *wait, struct cd_error *err);
/* Gives up what was not sent yet; what was, goes into the ring. */
void cd_source_send_stop(struct cd_source_task *src);
/* Takes acknowledged batches from the ring. False: Kafka refused something that is not tolerated.
 */
CD_MUST_CHECK bool cd_source_reap(struct cd_source_task *src, struct cd_error *err);
/* Does a delivery report say that the topic went away? Java's producer waits for it, for ever in a
 * task: it is no fault of the record's. */
bool cd_source_lost_topic(const struct cd_error *err);
/* Was it refused for the company it was in? Then smaller requests may pass. */
bool cd_source_was_in_company(struct cd_source_task *src, const struct cd_error *err);
/* For the producer's delivery thread. */
void cd_source_refused(void *task, struct cd_batch *batch, struct cd_slice topic,
                       const struct cd_error *err);

/* ---- source_commit.c ---- */

void cd_source_commit_begin(struct cd_source_task *src);
/* Looks whether the commit under way has ended or has run out of time; begins the next when it is
 * due. */
void cd_source_commit_turn(struct cd_source_task *src);
/* When cd_source_commit_turn has something to do again. */
int64_t cd_source_commit_due_ms(const struct cd_source_task *src);

#endif
