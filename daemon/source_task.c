/*
 * A source task's life: producer and offsets before the plugin opens; then poll, send, take
 * acknowledgements, commit; at the end wait for what is in flight and commit once more.
 */
#include "daemon/source_task.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "kafka/settings.h"

#define BARRIER_MS 60000
#define RING_BATCHES 256
#define STUCK_MS 30000 /* without an acknowledgement: worth a line */
/* Of the graceful time-out, for acknowledgements; the rest is for the last commit. */
#define DRAIN_NUMERATOR 2
#define DRAIN_DENOMINATOR 3

/* ---- what the plugin asks of its handle ---- */

static struct cd_source_task *owner_of(struct cd_handle *handle)
{
    return cd_source_of(handle->owner);
}

static struct cd_partition *op_partition(struct cd_handle *handle, struct cd_value map,
                                         struct cd_error *err)
{
    return cd_source_offsets_intern(owner_of(handle)->offsets, map, err);
}

static struct cd_value op_offset(struct cd_handle *handle, const struct cd_partition *partition)
{
    return cd_source_offsets_stored(owner_of(handle)->offsets, partition);
}

static const struct cd_handle_ops source_ops = {
    .partition = op_partition,
    .offset = op_offset,
    .wake = cd_task_op_wake,
    .retry = cd_task_op_retry,
};

/* ---- before the first step, after the last ---- */

/* A JVM worker writes such offsets to its own topic as well, so nothing is lost to us; but one that
 * takes over from us reads the connector's topic only. */
static void warn_of_own_topic(const struct cd_source_task *src)
{
    const struct cd_task *task = &src->task;
    if (src->cfg.offsets_topic != NULL && task->worker->distributed)
        cd_log_warn(&task->log,
                    "offsets.storage.topic=%s is not used: the offsets of this connector are read "
                    "from and written to the worker's topic",
                    src->cfg.offsets_topic);
}

static bool source_init(struct cd_task *task, struct cd_error *err)
{
    struct cd_source_task *src = cd_source_of(task);
    CD_AUTO(cd_report_done) struct cd_report report = CD_REPORT_INIT;
    if (!cd_source_config_parse(task->connector_config, &task->arena, &src->cfg, &report))
        return cd_report_fail(&report, err);
    warn_of_own_topic(src);
    const struct cd_common_config *common = &src->cfg.common;
    task->errant.common = common;
    cd_retry_record_init(&src->record_retry, common->retry_timeout_ms, common->retry_delay_max_ms,
                         common->tolerate_all);
    const struct cd_chain_options chain = {
        .worker = task->worker,
        .config = task->connector_config,
        .common = common,
        .connector = task->connector,
        .task = task->id,
        .log = &task->log,
    };
    src->chain = cd_chain_new(&chain, err);
    if (src->chain == NULL)
        return false;
    const struct cd_topic_creation_options topics = {
        .worker = task->worker,
        .config = task->connector_config,
        .connector = task->connector,
        .task = task->id,
        .log = &task->log,
        .runnable = &task->runnable,
    };
    src->topics = cd_topic_creation_new(&topics, err);
    return src->topics != NULL;
}

static void source_free(struct cd_task *task)
{
    struct cd_source_task *src = cd_source_of(task);
    cd_topic_creation_free(src->topics);
    cd_chain_free(src->chain);
}

/* ---- starting ---- */

static void wake_source(void *task)
{
    cd_runnable_wake(&((struct cd_task *)task)->runnable);
}

/* Not before the old producer is gone: until then its refusals are judged by the old size. */
static void limit_requests(struct cd_source_task *src, struct cd_config *java)
{
    static const char *const sizes[] = {
        [CD_REQUESTS_LARGE] = NULL,
        [CD_REQUESTS_SMALL] = "16384", /* Java's default */
        [CD_REQUESTS_SINGLE] = "0",    /* Java's way to say: no batches */
    };
    if (src->smaller_requests)
        atomic_fetch_add(&src->requests, 1);
    src->smaller_requests = false;
    const char *size = sizes[atomic_load(&src->requests)];
    if (size != NULL)
        cd_config_set(java, "batch.size", size);
}

static bool lease_producer(struct cd_source_task *src, struct cd_error *err)
{
    struct cd_task *task = &src->task;
    (void)cd_task_failing(task, "producer", NULL, NULL);
    struct cd_config *java =
        cd_task_client_settings(task, CD_ROLE_TASK_PRODUCER, "producer.override.", err);
    if (java == NULL)
        return false;
    limit_requests(src, java);
    CD_AUTO_FREE char *client_id = cd_asprintf("connector-producer-%s", task->name);
    const struct cd_producer_options options = {
        .java = java,
        .client_id = client_id,
        .exclusive = task->worker->config->producer_per_task,
        .bytes_max = (size_t)task->worker->config->task_memory_bytes,
        .wake = wake_source,
        .wake_arg = src,
        .refused = cd_source_refused,
    };
    src->producer = cd_producer_lease(task->worker->producers, &options, err);
    cd_config_free(java);
    return src->producer != NULL;
}

/* Everything that was written to the store before is seen, also by an earlier owner of this task.
 */
static enum cd_step pass_barrier(struct cd_source_task *src, struct cd_wait *wait,
                                 struct cd_error *err)
{
    if (src->barrier_passed)
        return CD_STEP_DONE;
    (void)cd_task_failing(&src->task, "offsets", NULL, NULL);
    if (src->barrier == NULL) {
        src->barrier = cd_async_new(&src->task.runnable);
        cd_offset_store_barrier(src->task.worker->offsets, cd_clock_ms() + BARRIER_MS,
                                cd_async_answer, src->barrier);
    }
    bool ok;
    if (!cd_async_take(src->barrier, &ok, err))
        return cd_wait_forever(wait);
    cd_async_drop(src->barrier);
    src->barrier = NULL;
    src->barrier_passed = ok;
    return ok ? CD_STEP_DONE : CD_STEP_FAILED;
}

static bool make_instance(struct cd_source_task *src, struct cd_error *err)
{
    struct cd_task *task = &src->task;
    (void)cd_task_failing(task, "config", task->plugin->plugin.class_name, NULL);
    src->ring = cd_inflight_new(RING_BATCHES, (size_t)task->worker->config->task_memory_bytes);
    src->offsets = cd_source_offsets_new(task->connector, task->worker->offsets);
    return cd_task_new_instance(task, err);
}

static enum cd_step source_start(struct cd_task *task, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_source_task *src = cd_source_of(task);
    if (src->producer == NULL && !lease_producer(src, err))
        return CD_STEP_FAILED;
    enum cd_step passed = pass_barrier(src, wait, err);
    if (passed != CD_STEP_DONE)
        return passed;
    if (task->instance == NULL && !make_instance(src, err))
        return CD_STEP_FAILED;
    const struct cd_source *source = task->plugin->plugin.source;
    (void)cd_task_failing(task, "open", task->plugin->plugin.class_name, NULL);
    task->close_owed = true;
    enum cd_step answer =
        source->open == NULL ? CD_STEP_DONE : source->open(task->instance->state, wait, err);
    if (answer == CD_STEP_DONE)
        src->next_commit_ms = cd_clock_ms() + task->worker->config->offset_flush_interval_ms;
    return answer;
}

/* ---- running ---- */

static struct cd_batch *batch_for_poll(struct cd_source_task *src)
{
    if (src->batch == NULL) {
        src->batch = src->spare;
        src->spare = NULL;
    }
    if (src->batch == NULL)
        src->batch = cd_batch_new((size_t)src->task.worker->config->batch_bytes,
                                  (size_t)src->task.worker->config->record_bytes_max);
    return src->batch;
}

static void count_poll(struct cd_source_task *src, int64_t began_us)
{
    struct cd_task_counters *counters = &src->task.counters;
    cd_measure(&counters->poll_us, cd_clock_us() - began_us);
    cd_measure(&counters->batch_records, (int64_t)src->batch->count);
    cd_measure(&counters->active, (int64_t)(src->batch->count + cd_inflight_records(src->ring)));
    cd_count(&counters->polled_records, src->batch->count);
}

static enum cd_step poll_failed(struct cd_source_task *src, struct cd_wait *wait,
                                struct cd_error *err)
{
    struct cd_task *task = &src->task;
    int64_t at_ms = 0;
    (void)cd_task_failing(task, "poll", task->plugin->plugin.class_name, NULL);
    enum cd_decision decision = cd_retry_poll(&task->retry, err, cd_clock_ms(), &at_ms);
    if (decision == CD_DECIDE_FAIL)
        return CD_STEP_FAILED;
    task->reopen_ms = at_ms;
    task->reopen = decision == CD_DECIDE_REOPEN;
    if (task->reopen)
        return CD_STEP_FAILED;
    cd_log_warn(&task->log,
                "%s{id=%s} failed to poll records from SourceTask. Will retry operation. "
                "error=\"%s\"",
                task->table->jvm_name, task->name, err->msg);
    cd_task_announce_degraded(task, err, at_ms);
    cd_error_reset(err);
    (void)cd_wait_until(wait, at_ms);
    return at_ms <= cd_clock_ms() ? CD_STEP_AGAIN : CD_STEP_WAIT;
}

/* A poll that says AGAIN may go on filling until the batch is worth sending. */
static bool worth_sending(const struct cd_source_task *src, enum cd_step answer)
{
    const struct cd_batch *batch = src->batch;
    if (batch->count == 0)
        return false;
    return answer != CD_STEP_AGAIN || cd_batch_bytes(batch) * 2 >= batch->arena.limit;
}

static enum cd_step poll_once(struct cd_source_task *src, struct cd_wait *wait,
                              struct cd_error *err)
{
    struct cd_task *task = &src->task;
    int64_t now_ms = cd_clock_ms();
    if (now_ms < task->reopen_ms && task->retry.failures > 0)
        return cd_wait_until(wait, task->reopen_ms);
    if (task->retry.failures > 0 && !cd_retry_may_try(&task->retry, now_ms, &task->reopen_ms))
        return cd_wait_until(wait, task->reopen_ms);
    struct cd_batch *batch = batch_for_poll(src);
    size_t before = batch->count;
    int64_t began_us = cd_clock_us();
    enum cd_step answer =
        task->plugin->plugin.source->poll(task->instance->state, batch, wait, err);
    if (answer == CD_STEP_FAILED) {
        while (batch->count > before) /* a failed call delivers nothing */
            cd_batch_drop_last(batch);
        return poll_failed(src, wait, err);
    }
    if (task->retry.failures > 0)
        cd_task_succeeded(task);
    if (worth_sending(src, answer)) {
        count_poll(src, began_us);
        cd_source_send_begin(src);
        return CD_STEP_AGAIN;
    }
    return answer == CD_STEP_DONE ? CD_STEP_AGAIN : answer;
}

static enum cd_step wait_for_room(struct cd_source_task *src, struct cd_wait *wait)
{
    cd_count(&src->task.counters.full_waits, 1);
    return cd_wait_forever(wait); /* an acknowledgement wakes */
}

/* What there is to do now, acknowledgements and commits aside. */
static enum cd_step work(struct cd_source_task *src, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_task *task = &src->task;
    bool paused = atomic_load(&task->pause);
    cd_task_announce(task, paused);
    if (paused)
        return cd_wait_forever(wait);
    if (src->sending.polled == NULL && cd_inflight_full(src->ring))
        return wait_for_room(src, wait);
    if (src->sending.polled == NULL) {
        enum cd_step answer = poll_once(src, wait, err);
        if (answer != CD_STEP_AGAIN || src->sending.polled == NULL)
            return answer;
    }
    enum cd_step answer = cd_source_send(src, wait, err);
    return answer == CD_STEP_DONE ? CD_STEP_AGAIN : answer;
}

/* Java's producer is as patient, and says so: a broker is away, or the topic does not exist. */
static void warn_if_stuck(struct cd_source_task *src)
{
    int64_t now_ms = cd_clock_ms();
    int64_t oldest_ms = cd_inflight_oldest_ms(src->ring);
    if (oldest_ms > now_ms - STUCK_MS || now_ms < src->warn_ms)
        return;
    src->warn_ms = now_ms + CD_SOURCE_WARN_MS;
    cd_log_warn(
        &src->task.log,
        "Kafka has not acknowledged records for a while: is it there, does the topic exist? "
        "waiting_s=%lld records=%zu topic=%s",
        (long long)(now_ms - oldest_ms) / 1000, cd_inflight_records(src->ring),
        cd_topic_creation_last(src->topics));
}

/* Kafka refused records. Healing opens again, from the offsets that are safe. */
static enum cd_step refused(struct cd_source_task *src, const struct cd_error *err)
{
    struct cd_task *task = &src->task;
    if (cd_source_was_in_company(src, err)) {
        src->smaller_requests = true;
        cd_log_warn(&task->log,
                    "a request was larger than its topic allows (max.message.bytes), going on from "
                    "the committed offsets with smaller ones; producer.override.batch.size avoids "
                    "this error=\"%s\"",
                    err->msg);
        task->reopen = true;
        task->reopen_ms = cd_clock_ms();
        return CD_STEP_FAILED;
    }
    if (cd_source_lost_topic(err)) {
        cd_log_warn(&task->log,
                    "the topic went away under records, going on from the committed offsets "
                    "error=\"%s\"",
                    err->msg);
        task->reopen = true;
        task->reopen_ms = cd_clock_ms() + CD_SOURCE_TOPIC_MS;
        return CD_STEP_FAILED;
    }
    if (task->retry.healing && cd_is_environment(err)) {
        (void)cd_retry_poll(&task->retry, err, cd_clock_ms(), &task->reopen_ms);
        task->reopen = true;
    }
    return CD_STEP_FAILED;
}

/* A source that waits costs next to nothing: a thousand of them may. */
static void drop_idle_memory(struct cd_source_task *src)
{
    if (!cd_inflight_empty(src->ring) || src->sending.polled != NULL ||
        (src->batch != NULL && src->batch->count > 0))
        return;
    cd_batch_free(src->batch);
    cd_batch_free(src->spare);
    cd_batch_free(src->spare_out);
    src->batch = NULL;
    src->spare = NULL;
    src->spare_out = NULL;
}

static enum cd_step source_run(struct cd_task *task, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_source_task *src = cd_source_of(task);
    if (!cd_source_reap(src, err))
        return refused(src, err);
    if (cd_producer_fatal(src->producer, err)) {
        (void)cd_task_failing(task, "send", NULL, NULL);
        return CD_STEP_FAILED;
    }
    cd_source_commit_turn(src);
    warn_if_stuck(src);
    enum cd_step answer = work(src, wait, err);
    if (answer == CD_STEP_WAIT) {
        drop_idle_memory(src);
        cd_wait_sooner(wait, cd_source_commit_due_ms(src));
    }
    return answer;
}

/* ---- draining and closing ---- */

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void begin_draining(struct cd_source_task *src)
{
    const struct cd_worker_config *config = src->task.worker->config;
    int64_t now_ms = cd_clock_ms();
    int64_t left_ms = src->task.drain_until_ms - now_ms;
    int64_t share_ms = left_ms > 0 ? left_ms * DRAIN_NUMERATOR / DRAIN_DENOMINATOR : 0;
    src->drain_acks_until_ms = now_ms + sooner(config->offset_flush_timeout_ms, share_ms);
    src->draining = true;
    cd_source_send_stop(src);
    cd_producer_hurry(src->producer);
}

/* True: nothing more is going to be acknowledged, or not in time. */
static bool acknowledged(struct cd_source_task *src)
{
    struct cd_error err = CD_ERROR_INIT;
    if (!cd_source_reap(src, &err) || cd_inflight_empty(src->ring))
        return true;
    if (cd_clock_ms() < src->drain_acks_until_ms)
        return false;
    cd_log_warn(&src->task.log,
                "stopping with unacknowledged records, they will be delivered again records=%zu",
                cd_inflight_records(src->ring));
    return true;
}

static enum cd_step source_drain(struct cd_task *task, struct cd_wait *wait, struct cd_error *err)
{
    (void)err; /* what goes wrong here is logged: the records come again */
    struct cd_source_task *src = cd_source_of(task);
    if (!src->draining)
        begin_draining(src);
    if (!src->drained && !acknowledged(src))
        return cd_wait_until(wait, src->drain_acks_until_ms);
    src->drained = true;
    if (src->commit != NULL)
        cd_source_commit_turn(src);
    /* A successor may be at work already: its offsets must not be overwritten by older ones. */
    if (src->commit == NULL && !src->last_commit && !cd_task_abandoned(task)) {
        src->last_commit = true;
        cd_source_commit_begin(src);
    }
    if (src->commit == NULL)
        return CD_STEP_DONE;
    int64_t until_ms = sooner(src->commit_until_ms, task->drain_until_ms);
    return cd_clock_ms() < until_ms ? cd_wait_until(wait, until_ms) : CD_STEP_DONE;
}

static enum cd_step source_close(struct cd_task *task, struct cd_wait *wait)
{
    (void)wait;
    struct cd_source_task *src = cd_source_of(task);
    cd_async_drop(src->barrier);
    cd_async_drop(src->commit);
    cd_source_send_stop(src);
    if (src->ring != NULL)
        for (struct cd_batch *batch; (batch = cd_inflight_pop_any(src->ring)) != NULL;)
            cd_batch_disown(batch);
    cd_producer_return(src->producer);
    cd_inflight_free(src->ring);
    cd_source_offsets_free(src->offsets);
    cd_batch_free(src->batch);
    cd_batch_free(src->spare);
    cd_batch_free(src->spare_out);
    src->barrier = NULL;
    src->commit = NULL;
    src->producer = NULL;
    src->ring = NULL;
    src->offsets = NULL;
    src->batch = NULL;
    src->spare = NULL;
    src->spare_out = NULL;
    src->barrier_passed = false;
    src->draining = false;
    src->drained = false;
    src->last_commit = false;
    return CD_STEP_DONE;
}

static void source_forget_topics(struct cd_task *task)
{
    cd_topic_creation_forget_told(((struct cd_source_task *)task)->topics);
}

const struct cd_task_table cd_source_table = {
    .size = sizeof(struct cd_source_task),
    .jvm_name = "WorkerSourceTask",
    .started = "Source task finished initialization and start",
    .ops = &source_ops,
    .init = source_init,
    .start = source_start,
    .run = source_run,
    .drain = source_drain,
    .close = source_close,
    .forget_topics = source_forget_topics,
    .free = source_free,
};
