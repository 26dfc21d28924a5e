/* What sink_task.c (its life), sink_flow.c (consume, convert, put, flush), sink_commit.c (Kafka's
 * offsets) and sink_rebalance.c share. All of it belongs to the task's step. */
#ifndef CD_DAEMON_SINK_TASK_H
#define CD_DAEMON_SINK_TASK_H

#include "daemon/async.h"
#include "daemon/chain.h"
#include "daemon/dead_letter.h"
#include "daemon/sink_partitions.h"
#include "daemon/sink_unit.h"
#include "daemon/task_private.h"
#include "kafka/consumer.h"

#define CD_SINK_EVENTS_MAX 8

/* The plugin call under way: after WAIT or AGAIN the same one follows. */
enum cd_sink_call { CD_SINK_NO_CALL, CD_SINK_PUT, CD_SINK_FLUSH, CD_SINK_REBALANCE };

/* Messages on their way to records. */
struct cd_sink_converting {
    struct cd_batch *batch; /* NULL: nothing is; holds the messages */
    const struct cd_incoming *messages;
    size_t count;
    size_t next;
    int64_t again_ms; /* a converter is tried again then */
};

/* How far the answer to the oldest rebalance event has come. */
enum cd_sink_rebalance {
    CD_REBALANCE_BEGIN,
    CD_REBALANCE_FLUSH,  /* revoke: put and flush what there is */
    CD_REBALANCE_COMMIT, /* revoke: what is flushed goes to Kafka */
    CD_REBALANCE_POSITION,
    CD_REBALANCE_PLUGIN, /* assign or revoke of the plugin */
};

struct cd_sink_task {
    struct cd_task task; /* first */
    struct cd_sink_config cfg;
    struct cd_chain *chain;
    struct cd_retry_record record_retry;
    size_t messages_max;  /* max.poll.records */
    int64_t keepalive_ms; /* a third of max.poll.interval.ms */

    /* From start to close. */
    struct cd_dead_letters *letters; /* NULL: none are wanted */
    struct cd_async *letters_ready;
    struct cd_consumer *consumer;
    bool closing_consumer;
    int64_t close_until_ms;
    struct cd_sink_partitions partitions;
    struct cd_sink_unit unit;
    struct cd_sink_converting converting;
    enum cd_sink_call call;
    int64_t put_began_us;
    int64_t again_ms; /* put and flush wait until then after a failure; 0: they do not */
    bool paused;      /* the consumer is told */

    /* Rebalances, oldest first. */
    int64_t newest_ms; /* timestamp of the newest message consumed; for the metrics */
    struct cd_consumer_message events[CD_SINK_EVENTS_MAX];
    size_t event_count;
    enum cd_sink_rebalance rebalance;

    /* Kafka's offsets. */
    uint64_t sequence;
    bool committing;
    bool commit_wanted;
    int64_t commit_began_ms;
    int64_t next_commit_ms;

    /* What the plugin asked for during its call. */
    struct cd_topic_partition *seeks; /* topics are owned */
    size_t seek_count;
    bool report_failed;
    struct cd_error report_error;

    /* Draining. */
    bool draining;
    bool drain_flushed;
    bool drain_committed;
};

static inline struct cd_sink_task *cd_sink_of(struct cd_task *task)
{
    return (struct cd_sink_task *)(void *)task;
}

static inline const struct cd_sink *cd_sink_plugin(const struct cd_sink_task *sink)
{
    return sink->task.plugin->plugin.sink;
}

/* ---- sink_flow.c ---- */

/* Goes on with the put or flush under way, or begins one if there is something to put; else
 * flushes. DONE: nothing is left to put or flush. FAILED: the task fails. */
enum cd_step cd_sink_put_all(struct cd_sink_task *sink, bool flush, struct cd_wait *wait,
                             struct cd_error *err);
/* Takes messages and converts them. DONE: there were none. AGAIN: go on. */
enum cd_step cd_sink_consume(struct cd_sink_task *sink, struct cd_wait *wait, struct cd_error *err);
/* Is it time to flush although there may be more to put? */
bool cd_sink_flush_due(const struct cd_sink_task *sink);
/* Forgets what is not flushed; it will be consumed again. False: the seek failed. */
CD_MUST_CHECK bool cd_sink_discard(struct cd_sink_task *sink, struct cd_error *err);
/* Forgets messages whose conversion waits; likewise. */
CD_MUST_CHECK bool cd_sink_discard_converting(struct cd_sink_task *sink, struct cd_error *err);
/* Sends the plugin's seeks to the consumer. */
CD_MUST_CHECK bool cd_sink_apply_seeks(struct cd_sink_task *sink, struct cd_error *err);
void cd_sink_drop_seeks(struct cd_sink_task *sink);
/* Does somebody want to hear of records that fail in put (Connect's errant record reporter)? */
bool cd_sink_has_reporter(const struct cd_sink_task *sink);
/* Behind host->report. */
bool cd_sink_report(struct cd_sink_task *sink, const struct cd_record *rec,
                    const struct cd_error *why, struct cd_error *err);

/* ---- sink_commit.c ---- */

/* Commits what is flushed, if there is anything and no commit is under way. */
void cd_sink_commit_begin(struct cd_sink_task *sink);
/* A commit is due, or was asked for. */
bool cd_sink_commit_due(const struct cd_sink_task *sink);
void cd_sink_commit_answered(struct cd_sink_task *sink, const struct cd_consumer_message *message);
/* Gives up waiting for an answer that is overdue. */
void cd_sink_commit_turn(struct cd_sink_task *sink);
int64_t cd_sink_commit_due_ms(const struct cd_sink_task *sink);

/* ---- sink_rebalance.c ---- */

/* Takes the consumer's events. False: a fatal one. */
CD_MUST_CHECK bool cd_sink_events(struct cd_sink_task *sink, struct cd_error *err);
/* Answers the oldest rebalance. DONE: it is answered. */
enum cd_step cd_sink_rebalance(struct cd_sink_task *sink, struct cd_wait *wait,
                               struct cd_error *err);
/* Is it one that takes partitions away? */
bool cd_sink_losing(const struct cd_sink_task *sink);
void cd_sink_drop_events(struct cd_sink_task *sink);

#endif
