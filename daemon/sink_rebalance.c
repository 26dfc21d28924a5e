/*
 * Partitions come and go. The consumer's events are taken here and answered in the task's own time:
 * a revocation after what was put is flushed and committed, a loss at once, an assignment after the
 * plugin has said where to go on.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/sink_task.h"

/* ---- events ---- */

static bool take_error(struct cd_sink_task *sink, const struct cd_consumer_message *message,
                       struct cd_error *err)
{
    if (message->err.retriable) {
        cd_log_warn(&sink->task.log, "the consumer reports a problem error=\"%s\"",
                    message->err.msg);
        return true;
    }
    *err = message->err;
    return cd_task_failing(&sink->task, "consume", NULL, NULL);
}

bool cd_sink_events(struct cd_sink_task *sink, struct cd_error *err)
{
    while (sink->event_count < CD_SINK_EVENTS_MAX) {
        struct cd_consumer_message *message = &sink->events[sink->event_count];
        *message = (struct cd_consumer_message){.err = CD_ERROR_INIT};
        switch (cd_consumer_event(sink->consumer, message)) {
        case CD_EVENT_NONE:
            return true;
        case CD_EVENT_ASSIGN:
        case CD_EVENT_REVOKE:
        case CD_EVENT_LOST:
            sink->event_count++;
            break;
        case CD_EVENT_ERROR:
            if (!take_error(sink, message, err))
                return false;
            break;
        case CD_EVENT_COMMITTED:
            cd_sink_commit_answered(sink, message);
            cd_assignment_done(&message->partitions);
            break;
        }
    }
    return true;
}

static void drop_first(struct cd_sink_task *sink)
{
    cd_assignment_done(&sink->events[0].partitions);
    sink->event_count--;
    memmove(&sink->events[0], &sink->events[1], sink->event_count * sizeof(sink->events[0]));
    sink->rebalance = CD_REBALANCE_BEGIN;
    if (sink->call == CD_SINK_REBALANCE)
        sink->call = CD_SINK_NO_CALL;
}

void cd_sink_drop_events(struct cd_sink_task *sink)
{
    while (sink->event_count > 0)
        drop_first(sink);
}

bool cd_sink_losing(const struct cd_sink_task *sink)
{
    return sink->event_count > 0 && sink->events[0].event != CD_EVENT_ASSIGN;
}

/* ---- parts of the answers ---- */

static void log_event(struct cd_sink_task *sink, const char *what)
{
    cd_log_info(&sink->task.log, "%s{id=%s} %s partitions=%zu", sink->task.table->jvm_name,
                sink->task.name, what, sink->events[0].partitions.count);
}

/* A rewind during assign overrides where to begin. */
static void take_seeks(struct cd_sink_task *sink, struct cd_assignment *list)
{
    for (size_t i = 0; i < sink->seek_count; i++)
        for (size_t p = 0; p < list->count; p++)
            if (list->list[p].partition == sink->seeks[i].partition &&
                cd_slice_equal(list->list[p].topic, sink->seeks[i].topic))
                list->list[p].offset = sink->seeks[i].offset;
    cd_sink_drop_seeks(sink);
}

static enum cd_step plugin_position(struct cd_sink_task *sink, struct cd_wait *wait,
                                    struct cd_error *err)
{
    const struct cd_sink *plugin = cd_sink_plugin(sink);
    struct cd_assignment *list = &sink->events[0].partitions;
    if (plugin->position == NULL)
        return CD_STEP_DONE;
    if (sink->call != CD_SINK_REBALANCE)
        for (size_t i = 0; i < list->count; i++)
            list->list[i].offset = -1; /* where the target says nothing, Kafka's offset counts */
    sink->call = CD_SINK_REBALANCE;
    return plugin->position(sink->task.instance->state, list->list, list->count, wait, err);
}

static enum cd_step plugin_told(struct cd_sink_task *sink, struct cd_wait *wait,
                                struct cd_error *err)
{
    const struct cd_sink *plugin = cd_sink_plugin(sink);
    const struct cd_assignment *list = &sink->events[0].partitions;
    bool assign = sink->events[0].event == CD_EVENT_ASSIGN;
    enum cd_step (*call)(void *, const struct cd_topic_partition *, size_t, struct cd_wait *,
                         struct cd_error *) = assign ? plugin->assign : plugin->revoke;
    (void)cd_task_failing(&sink->task, assign ? "assign" : "revoke",
                          sink->task.plugin->plugin.class_name, NULL);
    if (call == NULL || list->count == 0)
        return CD_STEP_DONE;
    sink->call = CD_SINK_REBALANCE;
    return call(sink->task.instance->state, list->list, list->count, wait, err);
}

static void count_partitions(struct cd_sink_task *sink)
{
    atomic_store(&sink->task.counters.partition_count, (int64_t)sink->partitions.count);
}

/* ---- assigned ---- */

static bool assigned(struct cd_sink_task *sink, struct cd_error *err)
{
    struct cd_assignment *list = &sink->events[0].partitions;
    take_seeks(sink, list);
    (void)cd_task_failing(&sink->task, "assign", NULL, NULL);
    if (!cd_consumer_assigned(sink->consumer, list, err))
        return false;
    for (size_t i = 0; i < list->count; i++)
        cd_sink_partitions_add(&sink->partitions, &list->list[i]);
    if (sink->paused)
        cd_consumer_pause(sink->consumer, list->list, list->count);
    count_partitions(sink);
    drop_first(sink);
    return true;
}

static enum cd_step answer_assign(struct cd_sink_task *sink, struct cd_wait *wait,
                                  struct cd_error *err)
{
    if (sink->rebalance == CD_REBALANCE_BEGIN) {
        log_event(sink, "Partitions assigned");
        sink->rebalance = CD_REBALANCE_POSITION;
    }
    if (sink->rebalance == CD_REBALANCE_POSITION) {
        (void)cd_task_failing(&sink->task, "position", sink->task.plugin->plugin.class_name, NULL);
        enum cd_step answer = plugin_position(sink, wait, err);
        if (answer != CD_STEP_DONE)
            return answer;
        sink->call = CD_SINK_NO_CALL;
        sink->rebalance = CD_REBALANCE_PLUGIN;
    }
    enum cd_step answer = plugin_told(sink, wait, err);
    if (answer != CD_STEP_DONE)
        return answer;
    sink->call = CD_SINK_NO_CALL;
    return assigned(sink, err) ? CD_STEP_DONE : CD_STEP_FAILED;
}

/* ---- revoked and lost ---- */

static bool revoked(struct cd_sink_task *sink, struct cd_error *err)
{
    const struct cd_assignment *list = &sink->events[0].partitions;
    for (size_t i = 0; i < list->count; i++)
        cd_sink_partitions_remove(&sink->partitions, &list->list[i]);
    count_partitions(sink);
    cd_sink_drop_seeks(sink);
    (void)cd_task_failing(&sink->task, "revoke", NULL, NULL);
    if (!cd_consumer_revoked(sink->consumer, list, err))
        return false;
    drop_first(sink);
    return true;
}

/* What cannot be put now is given up, and consumed again by the next owner or by us. */
static enum cd_step flush_before_revoke(struct cd_sink_task *sink, struct cd_wait *wait,
                                        struct cd_error *err)
{
    if (sink->again_ms == 0) {
        enum cd_step answer = cd_sink_put_all(sink, /* flush = */ true, wait, err);
        if (answer == CD_STEP_FAILED)
            return answer;
        if (sink->again_ms == 0)
            return answer;
    }
    cd_log_warn(&sink->task.log,
                "partitions are taken away while the target fails: what is not flushed will be "
                "consumed again records=%zu",
                sink->unit.records);
    return cd_sink_discard(sink, err) ? CD_STEP_DONE : CD_STEP_FAILED;
}

static enum cd_step commit_before_revoke(struct cd_sink_task *sink, struct cd_wait *wait)
{
    if (sink->letters != NULL && cd_dead_letters_pending(sink->letters))
        return cd_wait_forever(wait);
    if (sink->committing)
        return cd_wait_until(wait, cd_sink_commit_due_ms(sink));
    if (sink->commit_wanted)
        cd_sink_commit_begin(sink);
    return sink->committing ? cd_wait_until(wait, cd_sink_commit_due_ms(sink)) : CD_STEP_DONE;
}

static enum cd_step answer_revoke(struct cd_sink_task *sink, struct cd_wait *wait,
                                  struct cd_error *err)
{
    if (sink->rebalance == CD_REBALANCE_BEGIN) {
        log_event(sink, "Partitions revoked");
        if (!cd_sink_discard_converting(sink, err))
            return CD_STEP_FAILED;
        sink->rebalance = CD_REBALANCE_FLUSH;
    }
    if (sink->rebalance == CD_REBALANCE_FLUSH) {
        enum cd_step answer = flush_before_revoke(sink, wait, err);
        if (answer != CD_STEP_DONE)
            return answer;
        sink->commit_wanted = true;
        sink->rebalance = CD_REBALANCE_COMMIT;
    }
    if (sink->rebalance == CD_REBALANCE_COMMIT) {
        enum cd_step answer = commit_before_revoke(sink, wait);
        if (answer != CD_STEP_DONE)
            return answer;
        sink->rebalance = CD_REBALANCE_PLUGIN;
    }
    enum cd_step answer = plugin_told(sink, wait, err);
    if (answer != CD_STEP_DONE)
        return answer;
    return revoked(sink, err) ? CD_STEP_DONE : CD_STEP_FAILED;
}

/* Somebody else has them: what is put now would be put twice, what is committed would be refused.
 */
static enum cd_step answer_lost(struct cd_sink_task *sink, struct cd_wait *wait,
                                struct cd_error *err)
{
    if (sink->rebalance == CD_REBALANCE_BEGIN) {
        log_event(sink, "Partitions lost");
        const struct cd_assignment *list = &sink->events[0].partitions;
        for (size_t i = 0; i < list->count; i++) { /* not to be sought any more */
            struct cd_sink_partition *partition = cd_sink_partitions_find(
                &sink->partitions, list->list[i].topic, list->list[i].partition);
            if (partition != NULL)
                partition->flushed = -1;
        }
        if (!cd_sink_discard(sink, err))
            return CD_STEP_FAILED;
        sink->rebalance = CD_REBALANCE_PLUGIN;
    }
    enum cd_step answer = plugin_told(sink, wait, err);
    if (answer != CD_STEP_DONE)
        return answer;
    return revoked(sink, err) ? CD_STEP_DONE : CD_STEP_FAILED;
}

enum cd_step cd_sink_rebalance(struct cd_sink_task *sink, struct cd_wait *wait,
                               struct cd_error *err)
{
    switch (sink->events[0].event) {
    case CD_EVENT_ASSIGN:
        return answer_assign(sink, wait, err);
    case CD_EVENT_REVOKE:
        return answer_revoke(sink, wait, err);
    case CD_EVENT_LOST:
        return answer_lost(sink, wait, err);
    case CD_EVENT_NONE:
    case CD_EVENT_ERROR:
    case CD_EVENT_COMMITTED:
        break; /* are not kept */
    }
    return CD_STEP_DONE;
}
