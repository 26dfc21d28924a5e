/*
 * A sink task's life: dead letters, plugin, consumer; then events, put, flush, commit, consume; at
 * the end flush and commit once more and leave the group.
 */
#include "daemon/sink_task.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "kafka/settings.h"

#define MESSAGES_MAX 500        /* Java's max.poll.records */
#define POLL_INTERVAL_MS 300000 /* Java's max.poll.interval.ms */
#define CLOSE_MS 3000           /* for leaving the group */
#define CLOSE_MIN_MS 300 /* also when the time is over: mostly it is a matter of one request */
#define CONSUMER_SHARE 2 /* of the task's memory; the unit has the rest */

/* ---- what the plugin asks of its handle ---- */

static struct cd_sink_task *owner_of(struct cd_handle *handle)
{
    return cd_sink_of(handle->owner);
}

static void op_seek(struct cd_handle *handle, const struct cd_topic_partition *position)
{
    struct cd_sink_task *sink = owner_of(handle);
    sink->seeks = cd_realloc_array(sink->seeks, sink->seek_count + 1, sizeof(*sink->seeks));
    sink->seeks[sink->seek_count] = *position;
    sink->seeks[sink->seek_count++].topic =
        cd_slice_of(cd_slice_dup(position->topic), position->topic.len);
}

/* Remembered; while the connector is paused the consumer is left alone. */
static void set_paused(struct cd_sink_task *sink, const struct cd_topic_partition *which,
                       size_t count, bool paused)
{
    for (size_t i = 0; i < count; i++) {
        struct cd_sink_partition *partition =
            cd_sink_partitions_find(&sink->partitions, which[i].topic, which[i].partition);
        if (partition == NULL) {
            cd_log_warn(
                &sink->task.log, "%s of a partition that is not assigned topic=%.*s partition=%d",
                paused ? "pause" : "resume", CD_SLICE_ARG(which[i].topic), which[i].partition);
            continue;
        }
        partition->paused = paused;
        if (sink->paused)
            continue;
        if (paused)
            cd_consumer_pause(sink->consumer, &which[i], 1);
        else
            cd_consumer_resume(sink->consumer, &which[i], 1);
    }
}

static void op_pause(struct cd_handle *handle, const struct cd_topic_partition *which, size_t count)
{
    set_paused(owner_of(handle), which, count, true);
}

static void op_resume(struct cd_handle *handle, const struct cd_topic_partition *which,
                      size_t count)
{
    set_paused(owner_of(handle), which, count, false);
}

static void op_request_commit(struct cd_handle *handle)
{
    owner_of(handle)->commit_wanted = true;
}

static bool op_report(struct cd_handle *handle, const struct cd_record *record,
                      const struct cd_error *why, struct cd_error *err)
{
    return cd_sink_report(owner_of(handle), record, why, err);
}

static const struct cd_handle_ops sink_ops = {
    .seek = op_seek,
    .pause = op_pause,
    .resume = op_resume,
    .request_commit = op_request_commit,
    .report = op_report,
    .wake = cd_task_op_wake,
    .retry = cd_task_op_retry,
};

/* ---- before the first step, after the last ---- */

static bool sink_init(struct cd_task *task, struct cd_error *err)
{
    struct cd_sink_task *sink = cd_sink_of(task);
    cd_sink_unit_init(&sink->unit);
    CD_AUTO(cd_report_done) struct cd_report report = CD_REPORT_INIT;
    if (!cd_sink_config_parse(task->connector_config, &task->arena, &sink->cfg, &report))
        return cd_report_fail(&report, err);
    const struct cd_common_config *common = &sink->cfg.common;
    task->errant.common = common;
    cd_retry_record_init(&sink->record_retry, common->retry_timeout_ms, common->retry_delay_max_ms,
                         common->tolerate_all);
    const struct cd_chain_options chain = {
        .worker = task->worker,
        .config = task->connector_config,
        .common = common,
        .connector = task->connector,
        .task = task->id,
        .log = &task->log,
    };
    sink->chain = cd_chain_new(&chain, err);
    return sink->chain != NULL;
}

static void sink_free(struct cd_task *task)
{
    struct cd_sink_task *sink = cd_sink_of(task);
    cd_chain_free(sink->chain);
}

/* ---- starting ---- */

/* DONE also when none are wanted. */
static enum cd_step start_letters(struct cd_sink_task *sink, struct cd_wait *wait,
                                  struct cd_error *err)
{
    struct cd_task *task = &sink->task;
    if (sink->cfg.dlq_topic == NULL || sink->cfg.dlq_topic[0] == '\0')
        return CD_STEP_DONE;
    (void)cd_task_failing(task, "dead-letters", NULL, NULL);
    if (sink->letters == NULL) {
        const struct cd_dead_letter_options options = {
            .worker = task->worker,
            .config = task->connector_config,
            .sink = &sink->cfg,
            .connector = task->connector,
            .task = task->id,
            .log = &task->log,
            .counters = &task->counters,
            .runnable = &task->runnable,
        };
        sink->letters = cd_dead_letters_new(&options, err);
        if (sink->letters == NULL)
            return CD_STEP_FAILED;
        sink->letters_ready = cd_dead_letters_prepare(sink->letters);
    }
    if (sink->letters_ready == NULL)
        return CD_STEP_DONE;
    bool ok;
    if (!cd_async_take(sink->letters_ready, &ok, err))
        return cd_wait_forever(wait);
    cd_async_drop(sink->letters_ready);
    sink->letters_ready = NULL;
    task->errant.dead_letters = sink->letters;
    return ok ? CD_STEP_DONE : CD_STEP_FAILED;
}

static int64_t client_number(const struct cd_config *java, const char *key, int64_t fallback)
{
    const char *text = cd_config_get(java, key);
    struct cd_error err = CD_ERROR_INIT;
    int64_t value;
    return text != NULL && cd_parse_int64(text, &value, &err) && value > 0 ? value : fallback;
}

static void wake_sink(void *task)
{
    cd_runnable_wake(&((struct cd_task *)task)->runnable);
}

static bool open_consumer(struct cd_sink_task *sink, struct cd_error *err)
{
    struct cd_task *task = &sink->task;
    (void)cd_task_failing(task, "consumer", NULL, NULL);
    struct cd_config *java =
        cd_task_client_settings(task, CD_ROLE_TASK_CONSUMER, "consumer.override.", err);
    if (java == NULL)
        return false;
    sink->messages_max = (size_t)client_number(java, "max.poll.records", MESSAGES_MAX);
    sink->keepalive_ms = client_number(java, "max.poll.interval.ms", POLL_INTERVAL_MS) / 3;
    CD_AUTO_FREE char *client_id = cd_asprintf("connector-consumer-%s", task->name);
    bool by_regex = sink->cfg.topics_regex != NULL && sink->cfg.topics_regex[0] != '\0';
    const struct cd_consumer_options options = {
        .java = java,
        .client_id = client_id,
        .topics = by_regex ? NULL : &sink->cfg.topics,
        .topics_regex = by_regex ? sink->cfg.topics_regex : NULL,
        .bytes_max = (size_t)task->worker->config->task_memory_bytes / CONSUMER_SHARE,
        .wake = wake_sink,
        .wake_arg = sink,
        .log = &task->log,
    };
    sink->consumer = cd_consumer_open(&options, err);
    cd_config_free(java);
    return sink->consumer != NULL;
}

static enum cd_step sink_start(struct cd_task *task, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_sink_task *sink = cd_sink_of(task);
    enum cd_step answer = start_letters(sink, wait, err);
    if (answer != CD_STEP_DONE)
        return answer;
    const char *class_name = task->plugin->plugin.class_name;
    (void)cd_task_failing(task, "config", class_name, NULL);
    if (task->instance == NULL && !cd_task_new_instance(task, err))
        return CD_STEP_FAILED;
    const struct cd_sink *plugin = cd_sink_plugin(sink);
    (void)cd_task_failing(task, "open", class_name, NULL);
    task->close_owed = true;
    if (plugin->open != NULL)
        answer = plugin->open(task->instance->state, wait, err);
    if (answer != CD_STEP_DONE)
        return answer;
    /* After the plugin: who does not open does not disturb the group. */
    if (!open_consumer(sink, err))
        return CD_STEP_FAILED;
    sink->next_commit_ms = cd_clock_ms() + task->worker->config->offset_flush_interval_ms;
    return CD_STEP_DONE;
}

/* ---- running ---- */

static int64_t nothing_of(const struct cd_sink_partition *partition)
{
    return partition->paused ? -1 : 0;
}

/* All partitions on pause; on resume those that the plugin has not paused itself. */
static void tell_consumer(struct cd_sink_task *sink, bool paused)
{
    size_t count;
    CD_AUTO_FREE struct cd_topic_partition *list =
        cd_sink_partitions_list(&sink->partitions, nothing_of, /* all = */ paused, &count);
    if (count > 0 && paused)
        cd_consumer_pause(sink->consumer, list, count);
    else if (count > 0)
        cd_consumer_resume(sink->consumer, list, count);
    sink->paused = paused;
}

static void follow_pause(struct cd_sink_task *sink)
{
    bool paused = atomic_load(&sink->task.pause);
    if (paused != sink->paused) {
        tell_consumer(sink, paused);
        sink->commit_wanted = sink->commit_wanted || paused;
    }
    cd_task_announce(&sink->task, paused);
}

/* A commit that is due takes what is flushed; what was put since is flushed first, unless the
 * target fails just now. */
static bool flush_for_commit(const struct cd_sink_task *sink)
{
    return cd_sink_commit_due(sink) && sink->again_ms == 0;
}

static enum cd_step work(struct cd_sink_task *sink, struct cd_wait *wait, struct cd_error *err)
{
    /* A call under way first, but for the wait after a failure: then nothing is under way. */
    if (sink->event_count > 0 && (sink->call == CD_SINK_REBALANCE || cd_sink_losing(sink) ||
                                  sink->call == CD_SINK_NO_CALL)) {
        enum cd_step answer = cd_sink_rebalance(sink, wait, err);
        return answer == CD_STEP_DONE ? CD_STEP_AGAIN : answer;
    }
    enum cd_step answer = cd_sink_put_all(sink, flush_for_commit(sink), wait, err);
    if (answer != CD_STEP_DONE)
        return answer;
    if (cd_sink_commit_due(sink))
        cd_sink_commit_begin(sink);
    if (sink->paused)
        return cd_wait_forever(wait);
    answer = cd_sink_consume(sink, wait, err);
    if (answer != CD_STEP_DONE)
        return answer;
    answer = cd_sink_put_all(sink, /* flush = */ true, wait, err);
    if (answer != CD_STEP_DONE)
        return answer;
    cd_sink_unit_trim(&sink->unit);
    return cd_wait_forever(wait);
}

static enum cd_step sink_run(struct cd_task *task, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_sink_task *sink = cd_sink_of(task);
    if (!cd_sink_events(sink, err))
        return CD_STEP_FAILED;
    (void)cd_task_failing(task, "dead-letters", NULL, NULL);
    if (sink->letters != NULL && !cd_dead_letters_turn(sink->letters, err))
        return CD_STEP_FAILED;
    cd_sink_commit_turn(sink);
    follow_pause(sink);
    enum cd_step answer = work(sink, wait, err);
    if (answer == CD_STEP_WAIT && sink->again_ms > 0 && cd_sink_commit_due(sink))
        cd_sink_commit_begin(sink); /* what was flushed before the target failed */
    if (answer == CD_STEP_WAIT) {
        cd_wait_sooner(wait, cd_sink_commit_due_ms(sink));
        cd_wait_sooner(wait, cd_clock_ms() + sink->keepalive_ms);
    }
    return answer;
}

/* ---- draining and closing ---- */

static int64_t any_of(const struct cd_sink_partition *partition)
{
    return partition->flushed;
}

/* Connect's close(partitions): for all that are still ours. Not waited for beyond the deadline. */
static enum cd_step revoke_all(struct cd_sink_task *sink, struct cd_wait *wait,
                               struct cd_error *err)
{
    const struct cd_sink *plugin = cd_sink_plugin(sink);
    if (plugin->revoke == NULL || sink->partitions.count == 0)
        return CD_STEP_DONE;
    size_t count;
    CD_AUTO_FREE struct cd_topic_partition *list =
        cd_sink_partitions_list(&sink->partitions, any_of, /* all = */ true, &count);
    (void)cd_task_failing(&sink->task, "revoke", sink->task.plugin->plugin.class_name, NULL);
    return plugin->revoke(sink->task.instance->state, list, count, wait, err);
}

static void begin_draining(struct cd_sink_task *sink)
{
    struct cd_error err = CD_ERROR_INIT;
    sink->draining = true;
    /* After a failure nothing is put any more: what is not flushed is consumed again. */
    if (sink->task.failed || sink->task.reopen || sink->again_ms > 0) {
        if (!cd_sink_discard(sink, &err))
            cd_log_debug(&sink->task.log, "giving up what is not flushed: %s", err.msg);
    } else if (!cd_sink_discard_converting(sink, &err)) {
        cd_log_debug(&sink->task.log, "giving up what is not converted: %s", err.msg);
    }
    cd_sink_drop_events(sink);
    if (sink->call == CD_SINK_REBALANCE)
        sink->call = CD_SINK_NO_CALL;
    sink->commit_wanted = true;
}

/* DONE: nothing is left to do, or the time is over. */
static enum cd_step drain_unit(struct cd_sink_task *sink, struct cd_wait *wait)
{
    struct cd_error err = CD_ERROR_INIT;
    enum cd_step answer = cd_sink_put_all(sink, /* flush = */ true, wait, &err);
    bool in_time = cd_clock_ms() < sink->task.drain_until_ms;
    if (answer == CD_STEP_DONE)
        return answer;
    if (answer == CD_STEP_FAILED)
        cd_log_warn(&sink->task.log, "the last flush failed error=\"%s\"", err.msg);
    else if (sink->again_ms == 0 && in_time)
        return answer;
    struct cd_error unused = CD_ERROR_INIT;
    if (!cd_sink_discard(sink, &unused))
        cd_log_debug(&sink->task.log, "giving up what is not flushed: %s", unused.msg);
    return CD_STEP_DONE;
}

static bool drain_committed(struct cd_sink_task *sink, struct cd_wait *wait)
{
    if (cd_task_abandoned(&sink->task) || cd_clock_ms() >= sink->task.drain_until_ms)
        return true;
    (void)cd_wait_until(wait, sink->task.drain_until_ms);
    if (sink->letters != NULL && cd_dead_letters_pending(sink->letters))
        return false;
    if (!sink->committing && sink->commit_wanted)
        cd_sink_commit_begin(sink);
    if (sink->committing)
        cd_wait_sooner(wait, cd_sink_commit_due_ms(sink));
    return !sink->committing;
}

static enum cd_step drain_step(struct cd_sink_task *sink, struct cd_wait *wait,
                               struct cd_error *err)
{
    if (!sink->drain_flushed) {
        enum cd_step answer = drain_unit(sink, wait);
        if (answer != CD_STEP_DONE)
            return answer;
        sink->drain_flushed = true;
    }
    if (!sink->drain_committed && !drain_committed(sink, wait))
        return CD_STEP_WAIT;
    sink->drain_committed = true;
    (void)cd_wait_forever(wait);
    enum cd_step answer = revoke_all(sink, wait, err);
    bool in_time = cd_clock_ms() < sink->task.drain_until_ms;
    return in_time || answer == CD_STEP_FAILED ? answer : CD_STEP_DONE;
}

static enum cd_step sink_drain(struct cd_task *task, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_sink_task *sink = cd_sink_of(task);
    if (!sink->draining)
        begin_draining(sink);
    struct cd_error ignored = CD_ERROR_INIT;
    if (!cd_sink_events(sink, &ignored))
        cd_log_debug(&task->log, "while stopping: %s", ignored.msg); /* it is left anyway */
    if (sink->letters != NULL && !cd_dead_letters_turn(sink->letters, err)) {
        (void)cd_task_failing(task, "dead-letters", NULL, NULL);
        return CD_STEP_FAILED; /* nothing more is committed */
    }
    cd_sink_commit_turn(sink);
    enum cd_step answer = drain_step(sink, wait, err);
    if (answer == CD_STEP_WAIT)
        cd_wait_sooner(wait, task->drain_until_ms);
    return answer;
}

/* Whoever stopped us waits for the graceful time-out and no longer. */
static int64_t close_until_ms(const struct cd_task *task)
{
    int64_t now_ms = cd_clock_ms();
    if (!cd_task_wants_stop(task))
        return now_ms + CLOSE_MS;
    int64_t end_ms =
        atomic_load(&task->stopped_ms) + task->worker->config->task_shutdown_timeout_ms;
    return end_ms > now_ms + CLOSE_MIN_MS ? end_ms : now_ms + CLOSE_MIN_MS;
}

/* Leaving the group takes a moment. If it takes too long the group waits for our session's end. */
static bool left_group(struct cd_sink_task *sink, struct cd_wait *wait)
{
    if (sink->consumer == NULL)
        return true;
    if (!sink->closing_consumer) {
        sink->closing_consumer = true;
        sink->close_until_ms = close_until_ms(&sink->task);
        cd_consumer_close(sink->consumer);
    }
    if (!cd_consumer_closed(sink->consumer) && cd_clock_ms() < sink->close_until_ms) {
        (void)cd_wait_until(wait, sink->close_until_ms);
        return false;
    }
    return true;
}

static enum cd_step sink_close(struct cd_task *task, struct cd_wait *wait)
{
    struct cd_sink_task *sink = cd_sink_of(task);
    cd_async_drop(sink->letters_ready);
    sink->letters_ready = NULL;
    cd_chain_forget(sink->chain);
    cd_batch_free(sink->converting.batch);
    sink->converting = (struct cd_sink_converting){0};
    cd_sink_unit_done(&sink->unit);
    cd_sink_drop_seeks(sink);
    if (!left_group(sink, wait))
        return CD_STEP_WAIT;
    cd_sink_drop_events(sink);
    cd_consumer_free(sink->consumer);
    task->errant.dead_letters = NULL;
    cd_dead_letters_free(sink->letters);
    cd_sink_partitions_done(&sink->partitions);
    atomic_store(&task->counters.partition_count, 0);
    sink->consumer = NULL;
    sink->letters = NULL;
    sink->closing_consumer = false;
    sink->call = CD_SINK_NO_CALL;
    sink->rebalance = CD_REBALANCE_BEGIN;
    sink->again_ms = 0;
    sink->paused = false;
    sink->committing = false;
    sink->commit_wanted = false;
    sink->draining = false;
    sink->drain_flushed = false;
    sink->drain_committed = false;
    return CD_STEP_DONE;
}

static void sink_forget_topics(struct cd_task *task)
{
    struct cd_sink_task *sink = (struct cd_sink_task *)task;
    for (size_t i = 0; i < sink->partitions.count; i++)
        sink->partitions.items[i].topic_told = false;
}

const struct cd_task_table cd_sink_table = {
    .size = sizeof(struct cd_sink_task),
    .jvm_name = "WorkerSinkTask",
    .started = "Sink task finished initialization and start",
    .ops = &sink_ops,
    .init = sink_init,
    .start = sink_start,
    .run = sink_run,
    .drain = sink_drain,
    .close = sink_close,
    .forget_topics = sink_forget_topics,
    .free = sink_free,
};
