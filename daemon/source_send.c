/*
 * One polled batch on its way to Kafka, record by record: chain, topic, producer. It may stop at
 * any record (a converter is to be tried again, a topic is being created, the producer is full) and
 * goes on there.
 *
 * What is sent lives in `out` (or in the polled batch, when converters borrow: it becomes out's
 * parent). `out` goes to the ring with the newest offset of each source partition in its records.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "daemon/source_task.h"
#include "daemon/trace.h"

#define PRODUCE_CLASS "org.apache.kafka.connect.runtime.WorkerSourceTask"
#define SEND_CALLBACK "Unrecoverable exception from producer send callback"
#define TOLERANCE "Tolerance exceeded in error handler"

/* ---- beginning and ending ---- */

static struct cd_batch *take_spare(struct cd_batch **spare)
{
    struct cd_batch *batch = *spare;
    *spare = NULL;
    return batch;
}

static void keep_spare(struct cd_batch **spare, struct cd_batch *batch)
{
    if (*spare != NULL) {
        cd_batch_free(batch);
        return;
    }
    cd_batch_reset(batch);
    *spare = batch;
}

void cd_source_send_begin(struct cd_source_task *src)
{
    struct cd_source_sending *s = &src->sending;
    *s = (struct cd_source_sending){.polled = src->batch};
    src->batch = NULL;
    s->out = take_spare(&src->spare_out);
    if (s->out == NULL)
        s->out = cd_batch_new(SIZE_MAX, (size_t)src->task.worker->config->record_bytes_max);
    cd_batch_sending(s->out);
    cd_source_offsets_begin(src->offsets);
}

/* The polled batch is not needed any more, unless payloads lie in it. */
static bool settle_memory(struct cd_source_task *src, struct cd_error *err)
{
    struct cd_source_sending *s = &src->sending;
    bool borrows = cd_chain_borrows(src->chain);
    if (!cd_source_offsets_seal(s->out, /* copy = */ !borrows, err))
        return false;
    if (borrows)
        s->out->parent = s->polled;
    else
        keep_spare(&src->spare, s->polled);
    s->polled = NULL;
    return true;
}

/* All of it that is going to be sent was sent. */
static bool finish(struct cd_source_task *src, struct cd_error *err)
{
    struct cd_source_sending *s = &src->sending;
    struct cd_batch *out = s->out;
    bool ok = settle_memory(src, err);
    if (!ok) { /* then the memory it needs is the polled batch's */
        out->parent = s->polled;
        s->polled = NULL;
    }
    s->out = NULL;
    out->sent_ms =
        s->outgoing.timestamp_ms == CD_NO_TIMESTAMP ? cd_wall_ms() : s->outgoing.timestamp_ms;
    size_t sent = s->sent;
    s->sent = 0;
    bool settled = cd_batch_sent(out);
    if (sent > 0)
        cd_inflight_push(src->ring, out, sent);
    else if (settled)
        keep_spare(&src->spare_out, out);
    return ok;
}

void cd_source_send_stop(struct cd_source_task *src)
{
    struct cd_error err = CD_ERROR_INIT;
    if (src->sending.polled == NULL)
        return;
    cd_chain_forget(src->chain);
    if (!finish(src, &err))
        cd_log_error(&src->task.log, "offsets of a batch are lost to the next commit: %s", err.msg);
}

/* ---- one record ---- */

/* What became of an attempt. */
enum outcome { NEXT, WAIT, FAILED };

/* False: the task fails. */
static bool bad_record(struct cd_source_task *src, enum cd_decision decision, enum cd_stage stage,
                       const char *class_name, struct cd_error *err)
{
    const struct cd_source_sending *s = &src->sending;
    bool tolerated = decision == CD_DECIDE_SKIP;
    const struct cd_errant_record record = {
        .stage = stage,
        .class_name = class_name,
        .err = err,
        .tolerated = tolerated,
        .source = &s->polled->records[s->next],
    };
    struct cd_error unused = CD_ERROR_INIT;
    bool told = cd_errant_report(&src->task.errant, &record, &unused);
    assert(told); /* sources have no dead letters */
    return tolerated;
}

static enum outcome chain_failed(struct cd_source_task *src, struct cd_wait *wait,
                                 struct cd_error *err)
{
    struct cd_source_sending *s = &src->sending;
    enum cd_stage stage = cd_chain_stage(src->chain);
    const char *class_name = cd_chain_class(src->chain);
    cd_errant_failed_call(&src->task.errant);
    enum cd_decision decision =
        cd_retry_record(&src->record_retry, err, cd_clock_ms(), &s->again_ms);
    if (decision == CD_DECIDE_RETRY) {
        cd_count(&src->task.counters.retries, 1);
        (void)cd_wait_until(wait, s->again_ms);
        return WAIT;
    }
    s->again_ms = 0;
    cd_retry_record_done(&src->record_retry);
    bool goes_on = bad_record(src, decision, stage, class_name, err);
    cd_chain_forget(src->chain);
    if (goes_on)
        return NEXT;
    (void)cd_task_failing(&src->task, cd_stage_name(stage), class_name, TOLERANCE);
    return FAILED;
}

static enum outcome check_outgoing(struct cd_source_task *src, struct cd_error *err)
{
    struct cd_outgoing *outgoing = &src->sending.outgoing;
    if (outgoing->timestamp_ms == -1)
        outgoing->timestamp_ms = CD_NO_TIMESTAMP;
    if (outgoing->timestamp_ms < 0 && outgoing->timestamp_ms != CD_NO_TIMESTAMP) {
        (void)cd_fail_as(err, CD_ERR_DATA, "InvalidRecordException",
                         "Invalid record timestamp %lld", (long long)outgoing->timestamp_ms);
        (void)cd_task_failing(&src->task, "send", NULL, NULL);
        return FAILED;
    }
    return NEXT;
}

/* NEXT with `converted` unset: the record is not sent. */
static enum outcome convert(struct cd_source_task *src, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_source_sending *s = &src->sending;
    if (s->again_ms > 0 && cd_clock_ms() < s->again_ms) {
        (void)cd_wait_until(wait, s->again_ms);
        return WAIT;
    }
    const struct cd_record *rec = &s->polled->records[s->next];
    switch (cd_chain_source(src->chain, rec, s->out, &s->outgoing, err)) {
    case CD_CHAIN_FAILED:
        return chain_failed(src, wait, err);
    case CD_CHAIN_FILTERED:
        return NEXT;
    case CD_CHAIN_OUT:
        break;
    }
    if (src->record_retry.attempts > 0)
        cd_retry_record_done(&src->record_retry);
    s->converted = true;
    return check_outgoing(src, err);
}

/* Java's client reports these from its send callback; tolerance is asked. Everything else it throws
 * from send itself: the task fails, whatever the tolerance. */
static bool is_callback_failure(const struct cd_error *err)
{
    return err->code == CD_ERR_DATA && strcmp(err->native, "IllegalArgumentException") != 0;
}

static bool lacks_topic(const struct cd_error *err)
{
    return strstr(err->native, "UNKNOWN_TOPIC") != NULL; /* the broker's word and librdkafka's */
}

/* Java's producer waits until somebody makes the topic again. */
static enum outcome wait_for_topic(struct cd_source_task *src, struct cd_wait *wait,
                                   struct cd_error *err)
{
    int64_t now_ms = cd_clock_ms();
    if (now_ms >= src->warn_ms) {
        src->warn_ms = now_ms + CD_SOURCE_WARN_MS;
        cd_log_warn(&src->task.log, "the topic is gone, waiting for it error=\"%s\"", err->msg);
    }
    cd_error_reset(err);
    (void)cd_wait_until(wait, now_ms + CD_SOURCE_TOPIC_MS);
    return WAIT;
}

static enum outcome produce_failed(struct cd_source_task *src, struct cd_wait *wait,
                                   struct cd_error *err)
{
    if (lacks_topic(err))
        return wait_for_topic(src, wait, err);
    cd_errant_failed_call(&src->task.errant);
    (void)cd_task_failing(&src->task, "send", NULL, SEND_CALLBACK);
    if (!is_callback_failure(err))
        return FAILED;
    enum cd_decision decision = src->cfg.common.tolerate_all ? CD_DECIDE_SKIP : CD_DECIDE_FAIL;
    if (!bad_record(src, decision, CD_STAGE_KAFKA_PRODUCE, PRODUCE_CLASS, err))
        return FAILED;
    /* As if acknowledged: what follows may be committed. */
    cd_source_offsets_note(src->offsets, src->sending.out,
                           &src->sending.polled->records[src->sending.next]);
    return NEXT;
}

static enum outcome produce(struct cd_source_task *src, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_source_sending *s = &src->sending;
    switch (cd_topic_creation_pass(src->topics, s->outgoing.topic, err)) {
    case CD_TOPIC_ASKED:
        (void)cd_wait_forever(wait);
        return WAIT;
    case CD_TOPIC_REFUSED:
        (void)cd_task_failing(&src->task, "topic-creation", NULL, NULL);
        return FAILED;
    case CD_TOPIC_PASS:
        break;
    }
    switch (cd_producer_send(src->producer, s->out, &s->outgoing, err)) {
    case CD_PRODUCE_FULL:
        cd_count(&src->task.counters.full_waits, 1);
        (void)cd_wait_forever(wait);
        return WAIT;
    case CD_PRODUCE_FAILED:
        return produce_failed(src, wait, err);
    case CD_PRODUCE_SENT:
        break;
    }
    cd_source_offsets_note(src->offsets, s->out, &s->polled->records[s->next]);
    s->sent++;
    return NEXT;
}

static enum outcome send_record(struct cd_source_task *src, struct cd_wait *wait,
                                struct cd_error *err)
{
    if (!src->sending.converted) {
        enum outcome outcome = convert(src, wait, err);
        if (outcome != NEXT || !src->sending.converted)
            return outcome;
    }
    enum outcome outcome = produce(src, wait, err);
    if (outcome != WAIT)
        src->sending.converted = false;
    return outcome;
}

enum cd_step cd_source_send(struct cd_source_task *src, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_source_sending *s = &src->sending;
    for (; s->next < s->polled->count; s->next++) {
        enum outcome outcome = send_record(src, wait, err);
        if (outcome == WAIT)
            return CD_STEP_WAIT;
        if (outcome == FAILED)
            return CD_STEP_FAILED;
        if (err->code != CD_OK)
            cd_error_reset(err); /* it was tolerated */
    }
    return finish(src, err) ? CD_STEP_DONE : CD_STEP_FAILED;
}

/* ---- acknowledgements ---- */

/* A partition that never was is refused at once, not in a report. */
bool cd_source_lost_topic(const struct cd_error *err)
{
    return lacks_topic(err) || strcmp(err->native, "_UNKNOWN_PARTITION") == 0;
}

bool cd_source_was_in_company(struct cd_source_task *src, const struct cd_error *err)
{
    return strcmp(err->native, "MSG_SIZE_TOO_LARGE") == 0 &&
           atomic_load(&src->requests) != CD_REQUESTS_SINGLE;
}

static bool tolerates(struct cd_source_task *src, struct cd_batch *batch, struct cd_error *err)
{
    if (batch->error != NULL)
        *err = *batch->error;
    if (err->code == CD_OK)
        (void)cd_fail(err, CD_ERR_REMOTE, "Kafka refused %d records", atomic_load(&batch->failed));
    (void)cd_task_failing(&src->task, "send", NULL, SEND_CALLBACK);
    /* Nothing was decided about such a record. */
    if (!src->cfg.common.tolerate_all || cd_source_lost_topic(err) ||
        cd_source_was_in_company(src, err))
        return false;
    cd_error_reset(err);
    return true;
}

static void settle(struct cd_source_task *src, struct cd_batch *batch, size_t records)
{
    struct cd_task_counters *counters = &src->task.counters;
    size_t failed = (size_t)atomic_load(&batch->failed);
    cd_count(&counters->written_records, records - failed);
    src->acknowledged += records;
    int64_t now_ms = cd_wall_ms();
    cd_histogram_add(&counters->latency, now_ms - batch->sent_ms, records);
    atomic_store_explicit(&counters->last_progress_ms, now_ms, memory_order_relaxed);
    struct cd_batch *polled = batch->parent;
    batch->parent = NULL;
    if (polled != NULL)
        keep_spare(&src->spare, polled);
    keep_spare(&src->spare_out, batch);
}

/* After an acknowledgement: what it was for exists. */
static void tell_topics(struct cd_source_task *src)
{
    for (const char *topic; (topic = cd_topic_creation_next_new(src->topics)) != NULL;)
        cd_task_announce_topic(&src->task, topic);
}

static void count_active(struct cd_source_task *src)
{
    const struct cd_source_sending *s = &src->sending;
    size_t waiting = s->polled == NULL ? 0 : s->polled->count - s->next;
    atomic_store_explicit(&src->task.counters.active_count,
                          (int64_t)(cd_inflight_records(src->ring) + s->sent + waiting),
                          memory_order_relaxed);
    atomic_store_explicit(&src->task.counters.queue_bytes,
                          (int64_t)cd_producer_charged(src->producer), memory_order_relaxed);
}

bool cd_source_reap(struct cd_source_task *src, struct cd_error *err)
{
    for (;;) {
        struct cd_batch *failed = cd_inflight_failed(src->ring);
        if (failed != NULL && !tolerates(src, failed, err))
            return false; /* it stays: nothing after it may be committed */
        size_t records;
        struct cd_batch *batch = cd_inflight_pop_settled(src->ring, &records);
        if (batch == NULL)
            break;
        bool ok = cd_source_offsets_safe(src->offsets, batch, err);
        tell_topics(src);
        settle(src, batch, records);
        if (!ok)
            return cd_task_failing(&src->task, "commit", NULL, NULL);
    }
    count_active(src);
    return true;
}

/* Tells of each record; what follows from it is decided when its batch is reaped. */
void cd_source_refused(void *arg, struct cd_batch *batch, struct cd_slice topic,
                       const struct cd_error *err)
{
    (void)batch;
    (void)topic;
    struct cd_source_task *src = arg;
    if (cd_source_was_in_company(src, err) || cd_source_lost_topic(err))
        return; /* it is sent again: nothing is decided about it yet */
    const struct cd_errant_record record = {
        .stage = CD_STAGE_KAFKA_PRODUCE,
        .class_name = PRODUCE_CLASS,
        .err = err,
        .tolerated = src->cfg.common.tolerate_all,
    };
    struct cd_error unused = CD_ERROR_INIT;
    cd_errant_failed_call(&src->task.errant);
    bool told = cd_errant_report(&src->task.errant, &record, &unused);
    assert(told); /* sources have no dead letters */
}
