/*
 * Kafka's clients as a script: it defines the functions of kafka/producer.h, consumer.h and admin.h
 * that tasks use, so include it in one file of a test. What was produced stays in a list until the
 * test acknowledges or refuses it; what is to be consumed, and events, are put in by the test.
 */
#ifndef FAKE_KAFKA_H
#define FAKE_KAFKA_H

#include <stdlib.h>

#include "base/alloc.h"
#include "kafka/admin.h"
#include "kafka/consumer.h"
#include "kafka/producer.h"

/* ---- producer ---- */

#define FAKE_SENT_MAX 20000

struct fake_sent {
    struct cd_producer *lease;
    struct cd_batch *batch;
    char *topic;
    char *key;
    char *value;
    char *headers; /* "name=value;..." */
    int32_t partition;
    int64_t timestamp_ms;
    bool settled;
};

struct cd_producers {
    int unused;
};

struct cd_producer {
    struct cd_producer_options options;
    bool returned;
};

static struct {
    struct fake_sent sent[FAKE_SENT_MAX];
    size_t count;
    size_t room; /* records that may be unsettled; 0: any number */
    size_t unsettled;
    const char *too_large;  /* this value is refused at once */
    _Atomic(size_t) leases; /* test_task.c runs tasks on real threads */
    _Atomic(size_t) hurries;
    bool fatal;
} fake_producer;

static struct cd_producers fake_producers;

struct cd_producers *cd_producers_new(const struct cd_logger *log)
{
    (void)log;
    return &fake_producers;
}

void cd_producers_free(struct cd_producers *producers)
{
    (void)producers;
}

struct cd_producer *cd_producer_lease(struct cd_producers *producers,
                                      const struct cd_producer_options *options,
                                      struct cd_error *err)
{
    (void)producers;
    (void)err;
    struct cd_producer *lease = cd_new(struct cd_producer);
    lease->options = *options;
    fake_producer.leases++;
    return lease;
}

void cd_producer_return(struct cd_producer *producer)
{
    if (producer == NULL)
        return;
    fake_producer.leases--;
    for (size_t i = 0; i < fake_producer.count; i++)
        if (fake_producer.sent[i].lease == producer)
            fake_producer.sent[i].lease = NULL;
    free(producer);
}

static char *fake_headers(const struct cd_outgoing *record)
{
    struct cd_buffer text = CD_BUFFER_INIT;
    for (uint32_t i = 0; i < record->header_count; i++) {
        const struct cd_header *header = &record->headers[i];
        cd_buffer_printf(&text, "%.*s=", CD_SLICE_ARG(header->name));
        if (cd_is_null(header->value))
            cd_buffer_text(&text, "(null)");
        else
            cd_buffer_slice(&text, cd_value_slice(header->value));
        cd_buffer_char(&text, ';');
    }
    return cd_buffer_steal(&text);
}

enum cd_produce cd_producer_send(struct cd_producer *producer, struct cd_batch *batch,
                                 const struct cd_outgoing *record, struct cd_error *err)
{
    if (fake_producer.room > 0 && fake_producer.unsettled >= fake_producer.room)
        return CD_PRODUCE_FULL;
    if (fake_producer.too_large != NULL && cd_slice_is(record->value, fake_producer.too_large)) {
        (void)cd_fail_as(err, CD_ERR_DATA, "MSG_SIZE_TOO_LARGE", "message too large");
        return CD_PRODUCE_FAILED;
    }
    assert(fake_producer.count < FAKE_SENT_MAX);
    fake_producer.sent[fake_producer.count++] = (struct fake_sent){
        .lease = producer,
        .batch = batch,
        .topic = cd_slice_dup(record->topic),
        .key = cd_slice_dup(record->key),
        .value = cd_slice_dup(record->value),
        .headers = fake_headers(record),
        .partition = record->partition,
        .timestamp_ms = record->timestamp_ms,
    };
    atomic_fetch_add(&batch->unsettled, 1);
    fake_producer.unsettled++;
    return CD_PRODUCE_SENT;
}

void cd_batch_sending(struct cd_batch *batch)
{
    atomic_fetch_add(&batch->unsettled, 1);
}

bool cd_batch_sent(struct cd_batch *batch)
{
    return atomic_fetch_sub(&batch->unsettled, 1) == 1;
}

bool cd_batch_settled(const struct cd_batch *batch)
{
    return atomic_load(&batch->unsettled) == 0;
}

/* Batches that are given away are freed by the test's end. */
void cd_batch_disown(struct cd_batch *batch)
{
    size_t left = atomic_load(&batch->unsettled);
    for (size_t i = 0; i < fake_producer.count; i++)
        if (fake_producer.sent[i].batch == batch && !fake_producer.sent[i].settled) {
            fake_producer.sent[i].settled = true;
            fake_producer.unsettled--;
            left--;
        }
    assert(left == 0);
    cd_batch_free(batch);
}

void cd_producer_hurry(struct cd_producer *producer)
{
    (void)producer;
    fake_producer.hurries++;
}

bool cd_producer_fatal(const struct cd_producer *producer, struct cd_error *err)
{
    (void)producer;
    if (fake_producer.fatal)
        (void)cd_fail_as(err, CD_ERR_REMOTE, "_FATAL", "the producer is fenced");
    return fake_producer.fatal;
}

size_t cd_producer_charged(const struct cd_producer *producer)
{
    (void)producer;
    return 0;
}

void cd_producers_stats(const struct cd_producers *producers, struct cd_producer_stats *ret)
{
    (void)producers;
    *ret = (struct cd_producer_stats){0};
}

static void fake_count_down(struct fake_sent *sent)
{
    sent->settled = true;
    fake_producer.unsettled--;
    if (atomic_fetch_sub(&sent->batch->unsettled, 1) == 1 && sent->lease != NULL)
        sent->lease->options.wake(sent->lease->options.wake_arg);
}

/* The broker refuses record `i` of all that were sent. */
static void fake_refuse(size_t i, enum cd_code code, const char *native)
{
    struct fake_sent *sent = &fake_producer.sent[i];
    struct cd_error err = CD_ERROR_INIT;
    (void)cd_fail_as(&err, code, native, "the broker refused it");
    if (sent->lease != NULL && sent->lease->options.refused != NULL)
        sent->lease->options.refused(sent->lease->options.wake_arg, sent->batch,
                                     cd_slice(sent->topic), &err);
    atomic_fetch_add(&sent->batch->failed, 1);
    if (sent->batch->error == NULL) {
        sent->batch->error = cd_new(struct cd_error);
        *sent->batch->error = err;
    }
    fake_count_down(sent);
}

/* Record `i` is acknowledged, or refused for its data with `native`. */
static void fake_settle(size_t i, const char *native)
{
    if (fake_producer.sent[i].settled)
        return;
    if (native == NULL)
        fake_count_down(&fake_producer.sent[i]);
    else
        fake_refuse(i, CD_ERR_DATA, native);
}

CD_UNUSED static void fake_ack_all(void)
{
    for (size_t i = 0; i < fake_producer.count; i++)
        fake_settle(i, NULL);
}

static void fake_producer_done(void)
{
    for (size_t i = 0; i < fake_producer.count; i++) {
        free(fake_producer.sent[i].topic);
        free(fake_producer.sent[i].key);
        free(fake_producer.sent[i].value);
        free(fake_producer.sent[i].headers);
    }
    memset(&fake_producer, 0, sizeof(fake_producer));
}

/* ---- consumer ---- */

#define FAKE_MESSAGES_MAX 20000
#define FAKE_EVENTS_MAX 32
#define FAKE_PARTITIONS 8

struct fake_message {
    char key[16];
    char value[32];
};

struct fake_commit {
    int32_t partition;
    int64_t offset;
    uint64_t sequence;
};

struct cd_consumer {
    struct cd_consumer_options options;
    bool closing;
};

/* One topic, "in". A partition's log is what was added; its position moves with fetches and seeks.
 */
static struct {
    struct cd_consumer *open;
    struct fake_message *log[FAKE_PARTITIONS];
    int64_t end[FAKE_PARTITIONS];
    int64_t position[FAKE_PARTITIONS];
    bool assigned[FAKE_PARTITIONS];
    bool paused[FAKE_PARTITIONS];
    struct cd_consumer_message events[FAKE_EVENTS_MAX];
    size_t event_count;
    struct fake_commit commits[256];
    size_t commit_count;
    bool hold_commits; /* their answers do not come by themselves */
    const char *refuse_commit;
    size_t fetch_max; /* messages a fetch; 0: as many as asked */
    size_t sets;      /* fetched sets alive */
    size_t seeks;
    size_t opened;
    size_t revoked; /* partitions given back */
} fake_consumer;

static void fake_wake_consumer(void)
{
    if (fake_consumer.open != NULL)
        fake_consumer.open->options.wake(fake_consumer.open->options.wake_arg);
}

struct cd_consumer *cd_consumer_open(const struct cd_consumer_options *options,
                                     struct cd_error *err)
{
    (void)err;
    struct cd_consumer *consumer = cd_new(struct cd_consumer);
    consumer->options = *options;
    fake_consumer.open = consumer;
    fake_consumer.opened++;
    return consumer;
}

void cd_consumer_close(struct cd_consumer *consumer)
{
    consumer->closing = true;
}

bool cd_consumer_closed(struct cd_consumer *consumer)
{
    return consumer->closing;
}

void cd_consumer_free(struct cd_consumer *consumer)
{
    if (consumer == NULL)
        return;
    fake_consumer.open = NULL;
    memset(fake_consumer.assigned, 0, sizeof(fake_consumer.assigned));
    free(consumer);
}

void cd_assignment_done(struct cd_assignment *list)
{
    free(list->list);
    *list = (struct cd_assignment){0};
}

static struct cd_assignment fake_assignment(const int32_t *partitions, size_t count)
{
    struct cd_assignment ret = {cd_new_array(count, struct cd_topic_partition), count};
    for (size_t i = 0; i < count; i++)
        ret.list[i] = (struct cd_topic_partition){cd_slice("in"), partitions[i], -1};
    return ret;
}

CD_UNUSED static void fake_event(enum cd_consumer_event event, const int32_t *partitions,
                                 size_t count)
{
    fake_consumer.events[fake_consumer.event_count++] = (struct cd_consumer_message){
        .event = event,
        .partitions = fake_assignment(partitions, count),
        .err = CD_ERROR_INIT,
    };
    fake_wake_consumer();
}

CD_UNUSED static void fake_answer_commit(uint64_t sequence, const char *refused)
{
    struct cd_consumer_message *message = &fake_consumer.events[fake_consumer.event_count++];
    *message = (struct cd_consumer_message){
        .event = CD_EVENT_COMMITTED, .sequence = sequence, .err = CD_ERROR_INIT};
    if (refused != NULL)
        (void)cd_fail_as(&message->err, CD_ERR_REMOTE, refused, "no commit");
    fake_wake_consumer();
}

enum cd_consumer_event cd_consumer_event(struct cd_consumer *consumer,
                                         struct cd_consumer_message *ret)
{
    (void)consumer;
    *ret = (struct cd_consumer_message){.event = CD_EVENT_NONE, .err = CD_ERROR_INIT};
    if (fake_consumer.event_count == 0)
        return CD_EVENT_NONE;
    *ret = fake_consumer.events[0];
    fake_consumer.event_count--;
    memmove(&fake_consumer.events[0], &fake_consumer.events[1],
            fake_consumer.event_count * sizeof(fake_consumer.events[0]));
    return ret->event;
}

bool cd_consumer_assigned(struct cd_consumer *consumer, const struct cd_assignment *partitions,
                          struct cd_error *err)
{
    (void)consumer;
    (void)err;
    for (size_t i = 0; i < partitions->count; i++) {
        int32_t partition = partitions->list[i].partition;
        fake_consumer.assigned[partition] = true;
        if (partitions->list[i].offset >= 0)
            fake_consumer.position[partition] = partitions->list[i].offset;
    }
    fake_wake_consumer();
    return true;
}

bool cd_consumer_revoked(struct cd_consumer *consumer, const struct cd_assignment *partitions,
                         struct cd_error *err)
{
    (void)consumer;
    (void)err;
    for (size_t i = 0; i < partitions->count; i++)
        fake_consumer.assigned[partitions->list[i].partition] = false;
    fake_consumer.revoked += partitions->count;
    return true;
}

struct cd_fetch {
    size_t count;
    struct cd_incoming messages[];
};

size_t cd_consumer_fetch(struct cd_consumer *consumer, size_t count_max, struct cd_fetch **ret)
{
    (void)consumer;
    if (fake_consumer.fetch_max > 0 && fake_consumer.fetch_max < count_max)
        count_max = fake_consumer.fetch_max;
    struct cd_fetch *fetch = cd_alloc(sizeof(*fetch) + count_max * sizeof(struct cd_incoming));
    for (int32_t p = 0; p < FAKE_PARTITIONS; p++) {
        if (!fake_consumer.assigned[p] || fake_consumer.paused[p])
            continue;
        while (fetch->count < count_max && fake_consumer.position[p] < fake_consumer.end[p]) {
            int64_t offset = fake_consumer.position[p]++;
            struct fake_message *message = &fake_consumer.log[p][offset];
            fetch->messages[fetch->count++] = (struct cd_incoming){
                .topic = cd_slice("in"),
                .partition = p,
                .offset = offset,
                .timestamp_ms = 1600000000000 + offset,
                .timestamp_type = CD_TIMESTAMP_CREATE,
                .key = cd_slice(message->key),
                .value = cd_slice(message->value),
                .message = message,
            };
        }
    }
    if (fetch->count == 0) {
        free(fetch);
        return 0;
    }
    fake_consumer.sets++;
    *ret = fetch;
    return fetch->count;
}

const struct cd_incoming *cd_fetch_messages(const struct cd_fetch *fetch)
{
    return fetch->messages;
}

bool cd_fetch_headers(const struct cd_incoming *message, struct cd_batch *batch,
                      struct cd_header **ret, uint32_t *ret_count, struct cd_error *err)
{
    (void)message;
    struct cd_header *header = cd_batch_alloc(batch, sizeof(*header), err);
    if (header == NULL)
        return false;
    *header = (struct cd_header){.name = cd_slice("h"), .value = cd_bytes("1", 1)};
    *ret = header;
    *ret_count = 1;
    return true;
}

void cd_fetch_free(void *fetch)
{
    fake_consumer.sets--;
    free(fetch);
}

static void fake_set_paused(const struct cd_topic_partition *list, size_t count, bool paused)
{
    for (size_t i = 0; i < count; i++)
        fake_consumer.paused[list[i].partition] = paused;
}

void cd_consumer_pause(struct cd_consumer *consumer, const struct cd_topic_partition *list,
                       size_t count)
{
    (void)consumer;
    fake_set_paused(list, count, true);
}

void cd_consumer_resume(struct cd_consumer *consumer, const struct cd_topic_partition *list,
                        size_t count)
{
    (void)consumer;
    fake_set_paused(list, count, false);
}

bool cd_consumer_seek(struct cd_consumer *consumer, const struct cd_topic_partition *list,
                      size_t count, struct cd_error *err)
{
    (void)consumer;
    (void)err;
    for (size_t i = 0; i < count; i++)
        fake_consumer.position[list[i].partition] = list[i].offset;
    fake_consumer.seeks++;
    return true;
}

bool cd_consumer_commit(struct cd_consumer *consumer, const struct cd_topic_partition *list,
                        size_t count, uint64_t sequence, struct cd_error *err)
{
    (void)consumer;
    (void)err;
    for (size_t i = 0; i < count; i++)
        fake_consumer.commits[fake_consumer.commit_count++] =
            (struct fake_commit){list[i].partition, list[i].offset, sequence};
    if (!fake_consumer.hold_commits)
        fake_answer_commit(sequence, fake_consumer.refuse_commit);
    return true;
}

int64_t cd_consumer_lag(struct cd_consumer *consumer, struct cd_slice topic, int32_t partition,
                        int64_t position)
{
    (void)consumer;
    (void)topic;
    return fake_consumer.end[partition] - position;
}

/* Adds a message to a partition's log. */
CD_UNUSED static void fake_message(int32_t partition, const char *key, const char *value)
{
    if (fake_consumer.log[partition] == NULL)
        fake_consumer.log[partition] = cd_new_array(FAKE_MESSAGES_MAX, struct fake_message);
    struct fake_message *message = &fake_consumer.log[partition][fake_consumer.end[partition]++];
    (void)snprintf(message->key, sizeof(message->key), "%s", key);
    (void)snprintf(message->value, sizeof(message->value), "%s", value);
    if (fake_consumer.assigned[partition])
        fake_wake_consumer();
}

/* The last committed offset of a partition; -1: none. */
CD_UNUSED static int64_t fake_committed(int32_t partition)
{
    int64_t offset = -1;
    for (size_t i = 0; i < fake_consumer.commit_count; i++)
        if (fake_consumer.commits[i].partition == partition)
            offset = fake_consumer.commits[i].offset;
    return offset;
}

static void fake_consumer_done(void)
{
    assert(fake_consumer.sets == 0);
    for (int i = 0; i < FAKE_PARTITIONS; i++)
        free(fake_consumer.log[i]);
    for (size_t i = 0; i < fake_consumer.event_count; i++)
        cd_assignment_done(&fake_consumer.events[i].partitions);
    memset(&fake_consumer, 0, sizeof(fake_consumer));
}

/* ---- admin ---- */

struct cd_admin {
    int unused;
};

static struct {
    const char *existing; /* this topic is there */
    const char *created;  /* the last one made; in `name` */
    char name[64];
    int32_t partitions;
    int32_t replication;
    size_t describes;
    bool forbidden;
} fake_admin;

struct cd_admin *cd_admin_open(const struct cd_config *java, const char *client_id,
                               const struct cd_logger *log, struct cd_error *err)
{
    (void)java;
    (void)client_id;
    (void)log;
    (void)err;
    return cd_new(struct cd_admin);
}

void cd_admin_free(struct cd_admin *admin)
{
    free(admin);
}

bool cd_admin_describe(struct cd_admin *admin, const char *topic, int64_t timeout_ms,
                       struct cd_topic_info *ret, struct cd_error *err)
{
    (void)admin;
    (void)timeout_ms;
    fake_admin.describes++;
    if (fake_admin.forbidden)
        return cd_fail_as(err, CD_ERR_REMOTE, "TOPIC_AUTHORIZATION_FAILED", "not authorized");
    *ret = (struct cd_topic_info){.exists = fake_admin.existing != NULL &&
                                            strcmp(topic, fake_admin.existing) == 0,
                                  .partitions = 1};
    return true;
}

enum cd_topic_created cd_admin_create(struct cd_admin *admin, const struct cd_topic_spec *topic,
                                      int64_t timeout_ms, struct cd_error *err)
{
    (void)admin;
    (void)timeout_ms;
    (void)err;
    (void)snprintf(fake_admin.name, sizeof(fake_admin.name), "%s", topic->name);
    fake_admin.created = fake_admin.name;
    fake_admin.partitions = topic->partitions;
    fake_admin.replication = topic->replication;
    return CD_TOPIC_CREATED;
}

#endif
