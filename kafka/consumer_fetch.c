#include "kafka/consumer_private.h"

#include <stdlib.h>

#include "base/alloc.h"

/* Messages are taken from librdkafka in steps of so many, to see in time that the bytes suffice. */
#define STEP_MESSAGES 64u

struct cd_fetch {
    struct cd_consumer *consumer; /* counted */
    size_t count;
    rd_kafka_message_t **native;
    struct cd_incoming messages[];
};

static struct cd_fetch *new_fetch(struct cd_consumer *consumer, size_t count_max)
{
    size_t each = sizeof(struct cd_incoming) + sizeof(rd_kafka_message_t *);
    struct cd_fetch *fetch = malloc(sizeof(*fetch) + count_max * each); /* not zeroed: hot */
    if (fetch == NULL)
        return NULL;
    fetch->consumer = consumer;
    fetch->count = 0;
    fetch->native = (rd_kafka_message_t **)(void *)&fetch->messages[count_max];
    (void)atomic_fetch_add_explicit(&consumer->refs, 1, memory_order_relaxed);
    return fetch;
}

/* An error in place of a message: a position that does not exist, a broken batch. */
static void keep_error(struct cd_consumer *consumer, const rd_kafka_message_t *message)
{
    struct cd_error err = CD_ERROR_INIT;
    if (!cd_consumer_explain(consumer, message->err, rd_kafka_message_errstr(message), &err))
        return;
    if (message->rkt != NULL)
        (void)cd_fail_while(&err, "reading topic '%s' partition %d offset %lld",
                            rd_kafka_topic_name(message->rkt), (int)message->partition,
                            (long long)message->offset);
    struct cd_complaint *complaint = cd_new(struct cd_complaint);
    complaint->err = err;
    struct cd_complaint **end = &consumer->errors;
    while (*end != NULL)
        end = &(*end)->next;
    *end = complaint;
    if (consumer->wake != NULL)
        consumer->wake(consumer->wake_arg);
}

static enum cd_timestamp_type type_of(rd_kafka_timestamp_type_t type)
{
    return type == RD_KAFKA_TIMESTAMP_CREATE_TIME       ? CD_TIMESTAMP_CREATE
           : type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ? CD_TIMESTAMP_APPEND
                                                        : CD_TIMESTAMP_NONE;
}

static void describe(struct cd_incoming *in, struct cd_slice topic, rd_kafka_message_t *message)
{
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    int64_t timestamp_ms = rd_kafka_message_timestamp(message, &type);
    *in = (struct cd_incoming){
        .topic = topic,
        .partition = message->partition,
        .offset = message->offset,
        .timestamp_ms = timestamp_ms < 0 ? CD_NO_TIMESTAMP : timestamp_ms,
        .timestamp_type = type_of(type),
        .key = cd_slice_of(message->key, message->key_len),
        .value = cd_slice_of(message->payload, message->len),
        .message = message,
    };
}

/* Adds `count` messages from the end of the native list; returns their bytes. */
static size_t add_messages(struct cd_fetch *fetch, rd_kafka_message_t **from, size_t count)
{
    size_t bytes = 0;
    const rd_kafka_topic_t *last = NULL; /* its name is measured once for all in a row */
    struct cd_slice topic = {NULL, 0};
    for (size_t i = 0; i < count; i++) {
        rd_kafka_message_t *message = from[i];
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            keep_error(fetch->consumer, message);
            rd_kafka_message_destroy(message);
            continue;
        }
        bytes += message->len + message->key_len;
        if (message->rkt != last) {
            last = message->rkt;
            topic = cd_slice(rd_kafka_topic_name(message->rkt));
        }
        describe(&fetch->messages[fetch->count], topic, message);
        fetch->native[fetch->count++] = message;
    }
    return bytes;
}

size_t cd_consumer_fetch(struct cd_consumer *consumer, size_t count_max, struct cd_fetch **ret)
{
    if (consumer->closing != NULL || count_max == 0 ||
        rd_kafka_queue_length(consumer->messages) == 0)
        return 0;
    struct cd_fetch *fetch = new_fetch(consumer, count_max);
    if (fetch == NULL)
        return 0; /* later, when others have given memory back */
    size_t bytes = 0;
    for (size_t asked = 0; asked < count_max && bytes <= consumer->fetch_bytes_max;) {
        rd_kafka_message_t *step[STEP_MESSAGES];
        size_t left = count_max - asked;
        size_t want = left < STEP_MESSAGES ? left : STEP_MESSAGES;
        ssize_t got = rd_kafka_consume_batch_queue(consumer->messages, 0, step, want);
        if (got <= 0)
            break;
        bytes += add_messages(fetch, step, (size_t)got);
        asked += (size_t)got;
        if ((size_t)got < want)
            break;
    }
    cd_client_taken(&consumer->client, consumer->rk, fetch->count, bytes);
    size_t count = fetch->count;
    if (count == 0)
        cd_fetch_free(fetch);
    else
        *ret = fetch;
    return count;
}

const struct cd_incoming *cd_fetch_messages(const struct cd_fetch *fetch)
{
    return fetch->messages;
}

bool cd_fetch_headers(const struct cd_incoming *message, struct cd_batch *batch,
                      struct cd_header **ret, uint32_t *ret_count, struct cd_error *err)
{
    rd_kafka_headers_t *headers = NULL;
    *ret = NULL;
    *ret_count = 0;
    rd_kafka_resp_err_t code = rd_kafka_message_headers(message->message, &headers);
    if (code == RD_KAFKA_RESP_ERR__NOENT)
        return true;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return cd_fail_as(err, CD_ERR_DATA, rd_kafka_err2name(code), "the headers are broken: %s",
                          rd_kafka_err2str(code));
    size_t count = rd_kafka_header_cnt(headers);
    struct cd_header *list = cd_batch_alloc(batch, count * sizeof(*list), err);
    if (list == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *name = NULL;
        const void *value = NULL;
        size_t size = 0;
        (void)rd_kafka_header_get_all(headers, i, &name, &value, &size); /* i is in range */
        list[i] = (struct cd_header){.name = cd_slice(name),
                                     .value = value == NULL ? cd_null() : cd_bytes(value, size)};
    }
    *ret = list;
    *ret_count = (uint32_t)count;
    return true;
}

void cd_fetch_free(void *arg)
{
    struct cd_fetch *fetch = arg;
    if (fetch == NULL)
        return;
    for (size_t i = 0; i < fetch->count; i++)
        rd_kafka_message_destroy(fetch->native[i]);
    struct cd_consumer *consumer = fetch->consumer;
    free(fetch);
    cd_consumer_unref(consumer);
}
