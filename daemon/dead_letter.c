#include "daemon/dead_letter.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "config/worker_keys.h"
#include "daemon/inflight.h"
#include "daemon/trace.h"
#include "kafka/admin.h"
#include "kafka/producer.h"

#define ASK_MS 60000
#define RING_LETTERS 4096
#define HEADERS_MAX 10
#define PARTITIONS 1

/* One batch a letter: they are rare, and each may have to wait for room. */
struct cd_dead_letters {
    struct cd_dead_letter_options options;
    struct cd_producer *producer;
    struct cd_inflight *ring;
    struct cd_link waiting; /* batches with one record, not sent yet for want of room */
};

static void wake(void *arg)
{
    const struct cd_dead_letters *letters = arg;
    cd_runnable_wake(letters->options.runnable);
}

struct cd_dead_letters *cd_dead_letters_new(const struct cd_dead_letter_options *options,
                                            struct cd_error *err)
{
    struct cd_dead_letters *letters = cd_new(struct cd_dead_letters);
    letters->options = *options;
    cd_list_init(&letters->waiting);
    struct cd_config *java = cd_settings_layers(CD_ROLE_DLQ_PRODUCER, options->worker->originals,
                                                options->config, options->connector);
    CD_AUTO_FREE char *client_id =
        cd_asprintf("connector-dlq-producer-%s-%d", options->connector, options->task);
    const struct cd_producer_options producer = {
        .java = java,
        .client_id = client_id,
        .exclusive = options->worker->config->producer_per_task,
        .bytes_max = (size_t)options->worker->config->task_memory_bytes,
        .wake = wake,
        .wake_arg = letters,
    };
    letters->producer = cd_producer_lease(options->worker->producers, &producer, err);
    cd_config_free(java);
    letters->ring = cd_inflight_new(RING_LETTERS, SIZE_MAX);
    if (letters->producer != NULL)
        return letters;
    cd_dead_letters_free(letters);
    return NULL;
}

void cd_dead_letters_free(struct cd_dead_letters *letters)
{
    if (letters == NULL)
        return;
    for (struct cd_link *link; (link = cd_list_pop_front(&letters->waiting)) != NULL;)
        cd_batch_free(CD_CONTAINER_OF(link, struct cd_batch, link));
    for (struct cd_batch *batch; (batch = cd_inflight_pop_any(letters->ring)) != NULL;)
        cd_batch_disown(batch);
    cd_producer_return(letters->producer);
    cd_inflight_free(letters->ring);
    free(letters);
}

/* ---- the topic ---- */

struct ask {
    struct cd_config *java;
    char *topic;
    int16_t replication;
    struct cd_logger log;
};

static void free_ask(void *arg)
{
    struct ask *ask = arg;
    cd_config_free(ask->java);
    free(ask->topic);
    free(ask);
}

static bool find_or_create(struct cd_admin *admin, const struct ask *ask, struct cd_error *err)
{
    struct cd_topic_info info;
    if (!cd_admin_describe(admin, ask->topic, ASK_MS, &info, err))
        return false;
    if (info.exists)
        return true;
    cd_log_error(&ask->log, "Topic %s doesn't exist. Will attempt to create topic.", ask->topic);
    const struct cd_topic_spec spec = {
        .name = ask->topic, .partitions = PARTITIONS, .replication = ask->replication};
    return cd_admin_create(admin, &spec, ASK_MS, err) != CD_TOPIC_FAILED;
}

static bool run_ask(void *arg, struct cd_error *err)
{
    const struct ask *ask = arg;
    struct cd_admin *admin = cd_admin_open(ask->java, "connector-dlq-adminclient-", &ask->log, err);
    bool ok = admin != NULL && find_or_create(admin, ask, err);
    cd_admin_free(admin);
    return ok ||
           cd_fail_while(err, "Could not initialize dead letter queue with topic=%s", ask->topic);
}

struct cd_async *cd_dead_letters_prepare(struct cd_dead_letters *letters)
{
    const struct cd_dead_letter_options *options = &letters->options;
    struct ask *ask = cd_new(struct ask);
    ask->java = cd_settings_layers(CD_ROLE_CONNECTOR_ADMIN, options->worker->originals,
                                   options->config, options->connector);
    ask->topic = cd_strdup(options->sink->dlq_topic);
    ask->replication = options->sink->dlq_replication;
    ask->log = *options->log;
    const struct cd_async_call call = {.call = run_ask, .done = free_ask, .arg = ask};
    return cd_async_submit(options->runnable, &call);
}

/* ---- one letter ---- */

struct writer {
    struct cd_batch *batch;
    struct cd_header *headers;
    uint32_t count;
    struct cd_error *err;
};

static bool add_header(struct writer *w, const char *name, struct cd_slice value)
{
    struct cd_slice copy = {NULL, 0};
    if (value.ptr != NULL) {
        copy = cd_batch_copy(w->batch, value, w->err);
        if (copy.ptr == NULL)
            return false;
    }
    w->headers[w->count++] = (struct cd_header){
        .name = cd_slice(name),
        .value = copy.ptr == NULL ? cd_null() : cd_bytes(copy.ptr, copy.len),
    };
    return true;
}

static bool add_number(struct writer *w, const char *name, int64_t number)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "%lld", (long long)number); /* fits */
    return add_header(w, name, cd_slice(text));
}

static bool add_exception(struct writer *w, const struct cd_errant_record *record)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer text = CD_BUFFER_INIT;
    cd_trace_class(record->err, &text);
    if (!add_header(w, "__connect.errors.exception.class.name", cd_buffer_view(&text)))
        return false;
    const char *message = record->err->msg[0] == '\0' ? NULL : record->err->msg;
    cd_buffer_clear(&text);
    const struct cd_trace trace = {.stage = cd_stage_name(record->stage),
                                   .class_name = record->class_name};
    cd_trace_text(&trace, record->err, &text);
    return add_header(w, "__connect.errors.exception.message", cd_slice(message)) &&
           add_header(w, "__connect.errors.exception.stacktrace", cd_buffer_view(&text));
}

static bool add_context(const struct cd_dead_letters *letters, struct writer *w,
                        const struct cd_errant_record *record)
{
    const struct cd_incoming *message = record->consumed;
    return add_header(w, "__connect.errors.topic", message->topic) &&
           add_number(w, "__connect.errors.partition", message->partition) &&
           add_number(w, "__connect.errors.offset", message->offset) &&
           add_header(w, "__connect.errors.connector.name", cd_slice(letters->options.connector)) &&
           add_number(w, "__connect.errors.task.id", letters->options.task) &&
           add_header(w, "__connect.errors.stage", cd_slice(cd_stage_name(record->stage))) &&
           add_header(w, "__connect.errors.class.name", cd_slice(record->class_name)) &&
           add_exception(w, record);
}

static bool copy_slice(struct cd_batch *batch, struct cd_slice from, struct cd_slice *ret,
                       struct cd_error *err)
{
    *ret = from;
    if (from.ptr == NULL)
        return true;
    *ret = cd_batch_copy(batch, from, err);
    return ret->ptr != NULL;
}

/* The original headers first; their bytes are copied, because the message's memory goes with its
 * batch. */
static bool write_headers(const struct cd_dead_letters *letters, struct cd_batch *batch,
                          const struct cd_errant_record *record, struct cd_outgoing *letter,
                          struct cd_error *err)
{
    struct cd_header *own = NULL;
    uint32_t own_count = 0;
    if (record->consumed->message != NULL &&
        !cd_fetch_headers(record->consumed, batch, &own, &own_count, err))
        return false;
    struct writer w = {.batch = batch, .err = err};
    w.headers = cd_batch_alloc(batch, (own_count + HEADERS_MAX) * sizeof(*w.headers), err);
    if (w.headers == NULL)
        return false;
    for (; w.count < own_count; w.count++) {
        w.headers[w.count] = own[w.count];
        struct cd_slice bytes;
        if (!copy_slice(batch, own[w.count].name, &w.headers[w.count].name, err))
            return false;
        if (cd_is_null(own[w.count].value))
            continue;
        if (!copy_slice(batch, cd_value_slice(own[w.count].value), &bytes, err))
            return false;
        w.headers[w.count].value = cd_bytes(bytes.ptr, bytes.len);
    }
    if (letters->options.sink->dlq_headers && !add_context(letters, &w, record))
        return false;
    letter->headers = w.headers;
    letter->header_count = w.count;
    return true;
}

/* The letter lies at the front of its own batch's memory. */
static struct cd_outgoing *write_letter(const struct cd_dead_letters *letters,
                                        struct cd_batch *batch,
                                        const struct cd_errant_record *record, struct cd_error *err)
{
    const struct cd_incoming *message = record->consumed;
    struct cd_outgoing *letter = cd_batch_alloc(batch, sizeof(*letter), err);
    if (letter == NULL)
        return NULL;
    *letter = (struct cd_outgoing){
        .topic = cd_slice(letters->options.sink->dlq_topic),
        .partition = CD_NO_PARTITION,
        .timestamp_ms = message->timestamp_ms < 0 ? CD_NO_TIMESTAMP : message->timestamp_ms,
    };
    bool ok = copy_slice(batch, message->key, &letter->key, err) &&
              copy_slice(batch, message->value, &letter->value, err) &&
              write_headers(letters, batch, record, letter, err);
    return ok ? letter : NULL;
}

/* ---- sending ---- */

/* False with CD_OK in `err`: there is no room now. */
static bool send_batch(struct cd_dead_letters *letters, struct cd_batch *batch,
                       struct cd_error *err)
{
    const struct cd_outgoing *letter = batch->release_arg;
    if (cd_inflight_full(letters->ring))
        return false;
    cd_batch_sending(batch);
    enum cd_produce produced = cd_producer_send(letters->producer, batch, letter, err);
    (void)cd_batch_sent(batch); /* whether it is settled shows in the ring */
    if (produced != CD_PRODUCE_SENT)
        return false;
    cd_inflight_push(letters->ring, batch, 1);
    return true;
}

static void nothing(void *arg)
{
    (void)arg; /* release_arg only carries the letter while its batch waits */
}

bool cd_dead_letters_send(struct cd_dead_letters *letters, const struct cd_errant_record *record,
                          struct cd_error *err)
{
    cd_count(&letters->options.counters->dead_letter_requests, 1);
    struct cd_batch *batch = cd_batch_new(SIZE_MAX, SIZE_MAX);
    struct cd_outgoing *letter = write_letter(letters, batch, record, err);
    if (letter == NULL) {
        cd_count(&letters->options.counters->dead_letter_failures, 1);
        cd_batch_free(batch);
        return false;
    }
    batch->release = nothing;
    batch->release_arg = letter;
    cd_list_push_back(&letters->waiting, &batch->link);
    return cd_dead_letters_turn(letters, err);
}

static bool refused(struct cd_dead_letters *letters, const struct cd_error *why,
                    struct cd_error *err)
{
    cd_count(&letters->options.counters->dead_letter_failures, 1);
    if (why != NULL && err->code == CD_OK)
        *err = *why;
    if (err->code == CD_OK)
        (void)cd_fail(err, CD_ERR_REMOTE, "no reason was given");
    err->retriable = false; /* whatever it was, the record must not be passed over */
    return cd_fail_while(err,
                         "Could not produce message to dead letter queue. topic=%s, so the record "
                         "would be lost",
                         letters->options.sink->dlq_topic);
}

static bool send_waiting(struct cd_dead_letters *letters, struct cd_error *err)
{
    for (struct cd_link *link; (link = cd_list_pop_front(&letters->waiting)) != NULL;) {
        struct cd_batch *batch = CD_CONTAINER_OF(link, struct cd_batch, link);
        if (send_batch(letters, batch, err))
            continue;
        if (err->code != CD_OK) {
            cd_batch_free(batch);
            return refused(letters, NULL, err);
        }
        cd_list_push_back(&letters->waiting, link); /* alone or last: order among letters is not
                                                       promised */
        return true;
    }
    return true;
}

bool cd_dead_letters_turn(struct cd_dead_letters *letters, struct cd_error *err)
{
    const struct cd_batch *failed = cd_inflight_failed(letters->ring);
    if (failed != NULL)
        return refused(letters, failed->error, err);
    size_t records;
    for (struct cd_batch *batch;
         (batch = cd_inflight_pop_settled(letters->ring, &records)) != NULL;) {
        cd_batch_free(batch);
        failed = cd_inflight_failed(letters->ring);
        if (failed != NULL)
            return refused(letters, failed->error, err);
    }
    return send_waiting(letters, err);
}

bool cd_dead_letters_pending(const struct cd_dead_letters *letters)
{
    return !cd_list_empty(&letters->waiting) || !cd_inflight_empty(letters->ring);
}
