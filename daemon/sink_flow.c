/*
 * The way of messages into the target: consume, convert, put, flush; and back when that fails.
 *
 * A failed put or flush is followed by rewind at once; what happens then is retry.c's decision. Any
 * wait is short enough for the consumer group (the run function sees to that).
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/sink_task.h"

#define PUT_CLASS "org.apache.kafka.connect.sink.SinkTask"
#define TOLERANCE "Tolerance exceeded in error handler"
#define UNRECOVERABLE "Exiting WorkerSinkTask due to unrecoverable exception."
/* Flush at the latest: what a crash would repeat, and what a retry puts again. */
#define UNIT_RECORDS_MAX 20000
#define UNIT_AGE_MS 5000
/* Of the task's memory, for the unit; the consumer's queue has the rest. */
#define UNIT_SHARE 2

/* ---- records that fail ---- */

bool cd_sink_has_reporter(const struct cd_sink_task *sink)
{
    return sink->letters != NULL || sink->cfg.common.log_errors;
}

static bool report(struct cd_sink_task *sink, const struct cd_incoming *message,
                   enum cd_stage stage, const char *class_name, const struct cd_error *why,
                   bool tolerated, struct cd_error *err)
{
    const struct cd_errant_record record = {
        .stage = stage,
        .class_name = class_name,
        .err = why,
        .tolerated = tolerated,
        .consumed = message,
    };
    return cd_errant_report(&sink->task.errant, &record, err);
}

/* A record that the task made itself goes through its converters backwards. */
static bool report_made(struct cd_sink_task *sink, const struct cd_record *rec,
                        const struct cd_error *why, bool tolerated, struct cd_error *err)
{
    struct cd_batch *batch = cd_batch_new(SIZE_MAX, SIZE_MAX);
    struct cd_outgoing out;
    bool ok = cd_chain_write_back(sink->chain, rec, batch, &out, err);
    if (ok) {
        const struct cd_incoming message = {
            .topic = rec->kafka_topic.ptr != NULL ? rec->kafka_topic : rec->topic,
            .partition = rec->kafka_partition,
            .offset = rec->kafka_offset,
            .timestamp_ms = rec->timestamp_ms,
            .timestamp_type = rec->timestamp_type,
            .key = out.key,
            .value = out.value,
        };
        ok = report(sink, &message, CD_STAGE_TASK_PUT, PUT_CLASS, why, tolerated, err);
    }
    cd_batch_free(batch);
    return ok;
}

static bool report_put(struct cd_sink_task *sink, const struct cd_record *rec,
                       const struct cd_error *why, bool tolerated, struct cd_error *err)
{
    const struct cd_incoming *message = cd_sink_unit_message(&sink->unit, rec);
    cd_errant_failed_call(&sink->task.errant);
    if (message == NULL)
        return report_made(sink, rec, why, tolerated, err);
    return report(sink, message, CD_STAGE_TASK_PUT, PUT_CLASS, why, tolerated, err);
}

/* Kept besides: the task fails even if the plugin swallows the answer. */
static bool not_tolerated(struct cd_sink_task *sink, const struct cd_error *why,
                          struct cd_error *err)
{
    if (!sink->report_failed)
        sink->report_error = *why;
    sink->report_failed = true;
    if (err->code == CD_OK)
        *err = *why;
    return false;
}

bool cd_sink_report(struct cd_sink_task *sink, const struct cd_record *rec,
                    const struct cd_error *why, struct cd_error *err)
{
    bool tolerated = sink->cfg.common.tolerate_all && cd_sink_has_reporter(sink);
    struct cd_error unsent = CD_ERROR_INIT;
    if (!report_put(sink, rec, why, tolerated, &unsent))
        return not_tolerated(sink, &unsent, err);
    return tolerated || not_tolerated(sink, why, err);
}

/* ---- giving up what is not flushed ---- */

static int64_t flushed_of(const struct cd_sink_partition *partition)
{
    return partition->flushed;
}

static int64_t consumed_of(const struct cd_sink_partition *partition)
{
    return partition->consumed;
}

static bool seek_to(struct cd_sink_task *sink, int64_t (*of)(const struct cd_sink_partition *),
                    struct cd_error *err)
{
    size_t count;
    CD_AUTO_FREE struct cd_topic_partition *list =
        cd_sink_partitions_list(&sink->partitions, of, /* all = */ false, &count);
    (void)cd_task_failing(&sink->task, "seek", NULL, NULL);
    return count == 0 || cd_consumer_seek(sink->consumer, list, count, err);
}

static void drop_converting(struct cd_sink_task *sink)
{
    cd_chain_forget(sink->chain);
    cd_retry_record_done(&sink->record_retry);
    cd_batch_free(sink->converting.batch);
    sink->converting = (struct cd_sink_converting){0};
}

bool cd_sink_discard_converting(struct cd_sink_task *sink, struct cd_error *err)
{
    if (sink->converting.batch == NULL)
        return true;
    drop_converting(sink);
    return seek_to(sink, consumed_of, err);
}

static void rewind_plugin(struct cd_sink_task *sink)
{
    if (cd_sink_plugin(sink)->rewind != NULL)
        cd_sink_plugin(sink)->rewind(sink->task.instance->state);
    cd_sink_unit_rewind(&sink->unit);
    sink->call = CD_SINK_NO_CALL;
}

bool cd_sink_discard(struct cd_sink_task *sink, struct cd_error *err)
{
    bool something = sink->converting.batch != NULL || !cd_sink_unit_empty(&sink->unit);
    drop_converting(sink);
    sink->again_ms = 0;
    if (!something)
        return true;
    rewind_plugin(sink);
    cd_sink_unit_drop(&sink->unit);
    for (size_t i = 0; i < sink->partitions.count; i++)
        sink->partitions.items[i].consumed = sink->partitions.items[i].flushed;
    return seek_to(sink, flushed_of, err);
}

/* ---- what the plugin asked for ---- */

void cd_sink_drop_seeks(struct cd_sink_task *sink)
{
    for (size_t i = 0; i < sink->seek_count; i++)
        free((void *)(uintptr_t)sink->seeks[i].topic.ptr); /* a copy of ours */
    free(sink->seeks);
    sink->seeks = NULL;
    sink->seek_count = 0;
}

bool cd_sink_apply_seeks(struct cd_sink_task *sink, struct cd_error *err)
{
    bool ok = sink->seek_count == 0 || cd_sink_discard_converting(sink, err);
    for (size_t i = 0; ok && i < sink->seek_count; i++) {
        const struct cd_topic_partition *seek = &sink->seeks[i];
        struct cd_sink_partition *partition =
            cd_sink_partitions_find(&sink->partitions, seek->topic, seek->partition);
        if (partition == NULL || seek->offset < 0) {
            cd_log_warn(&sink->task.log, "Cannot rewind, not assigned topic=%.*s partition=%d",
                        CD_SLICE_ARG(seek->topic), seek->partition);
            continue;
        }
        partition->consumed = seek->offset;
        partition->flushed = seek->offset;
        partition->committed = seek->offset;
        (void)cd_task_failing(&sink->task, "seek", NULL, NULL);
        ok = cd_consumer_seek(sink->consumer, seek, 1, err);
    }
    cd_sink_drop_seeks(sink);
    return ok;
}

/* ---- put ---- */

static bool after_call(struct cd_sink_task *sink, struct cd_error *err)
{
    if (sink->report_failed) {
        sink->report_failed = false;
        *err = sink->report_error;
        return cd_task_failing(&sink->task, cd_stage_name(CD_STAGE_TASK_PUT),
                               sink->task.plugin->plugin.class_name, TOLERANCE);
    }
    return cd_sink_apply_seeks(sink, err);
}

/* One record is to blame: told to whoever wants to know, then left out or fatal. */
static enum cd_step blame(struct cd_sink_task *sink, bool tolerated, struct cd_error *err)
{
    uint64_t number = err->record == 0 ? 1 : err->record;
    const struct cd_record *rec = cd_sink_unit_record(&sink->unit, number);
    if (rec == NULL)
        return CD_STEP_FAILED; /* the plugin names a record it was not given */
    struct cd_error unsent = CD_ERROR_INIT;
    if (!report_put(sink, rec, err, tolerated, &unsent)) {
        *err = unsent;
        return CD_STEP_FAILED;
    }
    if (!tolerated)
        return CD_STEP_FAILED;
    cd_sink_unit_remove(&sink->unit, number);
    return CD_STEP_AGAIN;
}

static enum cd_step wait_again(struct cd_sink_task *sink, const struct cd_error *err,
                               struct cd_wait *wait)
{
    cd_count(&sink->task.counters.retries, 1);
    cd_log_error(&sink->task.log,
                 "%s{id=%s} RetriableException from SinkTask, trying again in_ms=%lld error=\"%s\"",
                 sink->task.table->jvm_name, sink->task.name,
                 (long long)(sink->again_ms - cd_clock_ms()), err->msg);
    cd_task_announce_degraded(&sink->task, err, sink->again_ms);
    return cd_wait_until(wait, sink->again_ms);
}

static enum cd_step put_failed(struct cd_sink_task *sink, const char *stage, struct cd_wait *wait,
                               struct cd_error *err)
{
    int64_t now_ms = cd_clock_ms();
    rewind_plugin(sink);
    (void)cd_task_failing(&sink->task, stage, sink->task.plugin->plugin.class_name, UNRECOVERABLE);
    if (sink->report_failed)
        return after_call(sink, err) ? CD_STEP_AGAIN : CD_STEP_FAILED;
    const struct cd_put_failure failure = {
        .records = sink->unit.records,
        .tolerate_all = sink->cfg.common.tolerate_all && cd_sink_has_reporter(sink),
        .wants_culprit = cd_sink_has_reporter(sink),
        .next_look_ms = sink->next_commit_ms > now_ms ? sink->next_commit_ms : now_ms,
    };
    switch (cd_retry_put(&sink->task.retry, err, &failure, now_ms, &sink->again_ms)) {
    case CD_DECIDE_RETRY:
        return wait_again(sink, err, wait);
    case CD_DECIDE_SPLIT:
        cd_sink_unit_split(&sink->unit);
        return CD_STEP_AGAIN;
    case CD_DECIDE_SKIP:
        return blame(sink, /* tolerated = */ true, err);
    case CD_DECIDE_FAIL:
        if (err->code == CD_ERR_DATA && failure.wants_culprit)
            return blame(sink, /* tolerated = */ false, err);
        return CD_STEP_FAILED;
    case CD_DECIDE_REOPEN:
        break; /* not for puts */
    }
    return CD_STEP_FAILED;
}

static enum cd_step put(struct cd_sink_task *sink, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_batch *batch = cd_sink_unit_next(&sink->unit);
    struct cd_task_counters *counters = &sink->task.counters;
    if (batch->count == 0) { /* its only record was left out */
        cd_sink_unit_put(&sink->unit);
        return CD_STEP_AGAIN;
    }
    if (sink->call == CD_SINK_NO_CALL)
        sink->put_began_us = cd_clock_us();
    sink->call = CD_SINK_PUT;
    enum cd_step answer = cd_sink_plugin(sink)->put(sink->task.instance->state, batch, wait, err);
    if (answer == CD_STEP_FAILED)
        return put_failed(sink, "put", wait, err);
    if (answer != CD_STEP_DONE)
        return after_call(sink, err) ? answer : CD_STEP_FAILED;
    sink->call = CD_SINK_NO_CALL;
    cd_measure(&counters->put_us, cd_clock_us() - sink->put_began_us);
    cd_measure(&counters->batch_records, (int64_t)batch->count);
    cd_sink_unit_put(&sink->unit);
    return after_call(sink, err) ? CD_STEP_AGAIN : CD_STEP_FAILED;
}

/* ---- flush ---- */

bool cd_sink_flush_due(const struct cd_sink_task *sink)
{
    const struct cd_sink_unit *unit = &sink->unit;
    if (cd_sink_unit_empty(unit))
        return false;
    size_t bytes_max = (size_t)sink->task.worker->config->task_memory_bytes / UNIT_SHARE;
    return !cd_list_empty(&unit->pieces) || unit->records >= UNIT_RECORDS_MAX ||
           unit->bytes >= bytes_max || cd_clock_ms() - unit->began_ms >= UNIT_AGE_MS;
}

/* Once a flush: the newest message stands for all. */
static void count_flush(struct cd_sink_task *sink, int64_t now_ms)
{
    struct cd_task_counters *counters = &sink->task.counters;
    if (sink->newest_ms > 0)
        cd_histogram_add(&counters->latency, now_ms - sink->newest_ms, sink->unit.records);
    atomic_store_explicit(&counters->queue_bytes, 0, memory_order_relaxed);
}

static void flushed(struct cd_sink_task *sink)
{
    int64_t now_ms = cd_wall_ms();
    count_flush(sink, now_ms);
    cd_count(&sink->task.counters.sent_records, sink->unit.records);
    cd_task_succeeded(&sink->task);
    if (!cd_sink_unit_flushed(&sink->unit))
        return; /* the next piece is at hand; nothing moves before the last */
    cd_sink_partitions_flushed(&sink->partitions);
    atomic_store_explicit(&sink->task.counters.last_progress_ms, now_ms, memory_order_relaxed);
}

static enum cd_step flush(struct cd_sink_task *sink, struct cd_wait *wait, struct cd_error *err)
{
    const struct cd_sink *plugin = cd_sink_plugin(sink);
    if (sink->call == CD_SINK_NO_CALL)
        sink->put_began_us = cd_clock_us();
    sink->call = CD_SINK_FLUSH;
    enum cd_step answer =
        plugin->flush == NULL ? CD_STEP_DONE : plugin->flush(sink->task.instance->state, wait, err);
    if (answer == CD_STEP_FAILED)
        return put_failed(sink, "flush", wait, err);
    if (answer == CD_STEP_DONE) {
        sink->call = CD_SINK_NO_CALL;
        cd_measure(&sink->task.counters.flush_us, cd_clock_us() - sink->put_began_us);
        flushed(sink);
        answer = CD_STEP_AGAIN;
    }
    return after_call(sink, err) ? answer : CD_STEP_FAILED;
}

/* False: the breaker, or the time, says wait. */
static bool may_put(struct cd_sink_task *sink, struct cd_wait *wait)
{
    /* A rebalance forgets the time, but not that the system was away. */
    if (sink->again_ms == 0 && sink->task.retry.failures == 0)
        return true;
    int64_t now_ms = cd_clock_ms();
    bool due = now_ms >= sink->again_ms;
    if (due && cd_retry_may_try(&sink->task.retry, now_ms, &sink->again_ms)) {
        sink->again_ms = 0;
        return true;
    }
    if (due)
        cd_task_still_degraded(&sink->task, sink->again_ms);
    (void)cd_wait_until(wait, sink->again_ms);
    return false;
}

enum cd_step cd_sink_put_all(struct cd_sink_task *sink, bool flush_it, struct cd_wait *wait,
                             struct cd_error *err)
{
    if (cd_sink_unit_empty(&sink->unit))
        return CD_STEP_DONE;
    if (!may_put(sink, wait))
        return CD_STEP_WAIT;
    if (sink->call != CD_SINK_FLUSH && cd_sink_unit_next(&sink->unit) != NULL)
        return put(sink, wait, err);
    if (sink->call == CD_SINK_FLUSH || flush_it || cd_sink_flush_due(sink))
        return flush(sink, wait, err);
    return CD_STEP_DONE;
}

/* ---- consume ---- */

/* Everything of the batch is converted: it joins the unit, and the positions move with it. */
static void push_converted(struct cd_sink_task *sink)
{
    struct cd_sink_converting *c = &sink->converting;
    for (size_t i = 0; i < c->count; i++) {
        struct cd_sink_partition *partition = cd_sink_partitions_find(
            &sink->partitions, c->messages[i].topic, c->messages[i].partition);
        if (partition != NULL)
            partition->consumed = c->messages[i].offset + 1;
    }
    struct cd_task_counters *counters = &sink->task.counters;
    cd_count(&counters->read_records, c->count);
    sink->newest_ms = c->messages[c->count - 1].timestamp_ms;
    cd_batch_seal(c->batch);
    cd_sink_unit_push(&sink->unit, c->batch, cd_clock_ms());
    *c = (struct cd_sink_converting){0};
    int64_t active = cd_sink_partitions_active(&sink->partitions);
    cd_measure(&counters->active, active);
    atomic_store_explicit(&counters->active_count, active, memory_order_relaxed);
    atomic_store_explicit(&counters->queue_bytes, (int64_t)sink->unit.bytes, memory_order_relaxed);
}

static enum cd_step convert_failed(struct cd_sink_task *sink, struct cd_wait *wait,
                                   struct cd_error *err)
{
    struct cd_sink_converting *c = &sink->converting;
    enum cd_stage stage = cd_chain_stage(sink->chain);
    const char *class_name = cd_chain_class(sink->chain);
    cd_errant_failed_call(&sink->task.errant);
    enum cd_decision decision =
        cd_retry_record(&sink->record_retry, err, cd_clock_ms(), &c->again_ms);
    if (decision == CD_DECIDE_RETRY) {
        cd_count(&sink->task.counters.retries, 1);
        return cd_wait_until(wait, c->again_ms);
    }
    c->again_ms = 0;
    cd_retry_record_done(&sink->record_retry);
    cd_chain_forget(sink->chain);
    bool tolerated = decision == CD_DECIDE_SKIP;
    struct cd_error unsent = CD_ERROR_INIT;
    (void)cd_task_failing(&sink->task, cd_stage_name(stage), class_name, TOLERANCE);
    if (!report(sink, &c->messages[c->next], stage, class_name, err, tolerated, &unsent)) {
        *err = unsent;
        return CD_STEP_FAILED;
    }
    return tolerated ? CD_STEP_DONE : CD_STEP_FAILED;
}

/* Nobody has told us of this partition, or it was taken away meanwhile. */
static bool ours(struct cd_sink_task *sink, const struct cd_incoming *message)
{
    struct cd_sink_partition *partition =
        cd_sink_partitions_find(&sink->partitions, message->topic, message->partition);
    if (partition == NULL)
        return false;
    cd_sink_partition_seen(partition, message->offset);
    if (!partition->topic_told) {
        for (size_t i = 0; i < sink->partitions.count; i++)
            if (cd_slice_is(message->topic, sink->partitions.items[i].topic))
                sink->partitions.items[i].topic_told = true;
        cd_task_announce_topic(&sink->task, partition->topic);
    }
    return true;
}

static enum cd_step convert(struct cd_sink_task *sink, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_sink_converting *c = &sink->converting;
    if (c->again_ms > 0 && cd_clock_ms() < c->again_ms)
        return cd_wait_until(wait, c->again_ms);
    for (; c->next < c->count; c->next++) {
        if (!ours(sink, &c->messages[c->next]))
            continue;
        if (cd_chain_sink(sink->chain, &c->messages[c->next], c->batch, err) != CD_CHAIN_FAILED) {
            if (sink->record_retry.attempts > 0)
                cd_retry_record_done(&sink->record_retry);
            continue;
        }
        enum cd_step answer = convert_failed(sink, wait, err);
        if (answer != CD_STEP_DONE)
            return answer;
        cd_error_reset(err);
    }
    push_converted(sink);
    return CD_STEP_AGAIN;
}

static size_t record_bytes_max(const struct cd_sink_task *sink)
{
    return (size_t)sink->task.worker->config->record_bytes_max;
}

enum cd_step cd_sink_consume(struct cd_sink_task *sink, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_sink_converting *c = &sink->converting;
    if (c->batch == NULL) {
        struct cd_fetch *fetch;
        size_t count = cd_consumer_fetch(sink->consumer, sink->messages_max, &fetch);
        if (count == 0)
            return CD_STEP_DONE;
        struct cd_batch *spare = cd_sink_unit_spare(&sink->unit);
        *c = (struct cd_sink_converting){
            .batch = spare != NULL ? spare : cd_batch_new(SIZE_MAX, record_bytes_max(sink)),
            .messages = cd_fetch_messages(fetch),
            .count = count,
        };
        cd_sink_messages_attach(c->batch, fetch, count);
    }
    return convert(sink, wait, err);
}
