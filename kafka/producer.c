#include "kafka/producer_handle.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/map.h"

/* What a queued message costs beside its payload; design.md section 6. */
#define RECORD_COST 200u
/* How far the two sums of charges may lag behind while a batch is being sent. */
#define PUBLISH_BYTES 65536u

/* ---- the pool ---- */

struct cd_producers *cd_producers_new(const struct cd_logger *log)
{
    struct cd_producers *pool = cd_new(struct cd_producers);
    if (log != NULL)
        pool->log = *log;
    else
        cd_logger_init(&pool->log, "kafka", NULL, -1);
    cd_mutex_init(&pool->lock);
    cd_list_init(&pool->handles);
    return pool;
}

/* Without leases every handle is retired and ends by itself: joining waits for that. */
void cd_producers_free(struct cd_producers *pool)
{
    if (pool == NULL)
        return;
    for (struct cd_link *at = pool->handles.next; at != &pool->handles; at = at->next) {
        struct cd_shared *handle = CD_CONTAINER_OF(at, struct cd_shared, link);
        assert(handle->lease_count == 0);
        cd_thread_join(&handle->thread);
    }
    cd_shared_reap(pool);
    assert(cd_list_empty(&pool->handles));
    cd_mutex_done(&pool->lock);
    free(pool);
}

void cd_producers_stats(const struct cd_producers *producers, struct cd_producer_stats *ret)
{
    struct cd_producers *pool = (struct cd_producers *)(uintptr_t)producers; /* for its lock */
    *ret = (struct cd_producer_stats){
        .sent_bytes = atomic_load(&pool->sent_bytes),
        .refused_records = atomic_load(&pool->refused_records),
        .throttled = atomic_load(&pool->throttled),
    };
    uint64_t settled = atomic_load(&pool->settled_records);
    ret->sent_records = settled > ret->refused_records ? settled - ret->refused_records : 0;
    cd_mutex_lock(&pool->lock);
    for (struct cd_link *at = pool->handles.next; at != &pool->handles; at = at->next) {
        const struct cd_shared *handle = CD_CONTAINER_OF(at, struct cd_shared, link);
        if (handle->ended)
            continue;
        int connections = atomic_load(&handle->client.connections);
        ret->handles++;
        ret->connections += connections > 0 ? (uint64_t)connections : 0;
        ret->throttled += atomic_load(&handle->client.throttled);
    }
    cd_mutex_unlock(&pool->lock);
}

/* ---- leases ---- */

struct cd_producer *cd_producer_lease(struct cd_producers *producers,
                                      const struct cd_producer_options *options,
                                      struct cd_error *err)
{
    struct cd_producer *lease = cd_new(struct cd_producer);
    bool transactional = cd_config_get(options->java, "transactional.id") != NULL;
    lease->pool = producers;
    lease->java = cd_config_copy(options->java);
    lease->client_id = cd_strdup(options->client_id == NULL ? "" : options->client_id);
    lease->exclusive = options->exclusive || transactional;
    lease->bytes_max = options->bytes_max == 0 ? SIZE_MAX : options->bytes_max;
    lease->wake = options->wake;
    lease->wake_arg = options->wake_arg;
    lease->refused = options->refused;
    atomic_init(&lease->refs, 1);
    cd_mutex_init(&lease->lock);
    cd_list_init(&lease->link);
    if (cd_shared_join(producers, lease, err) != NULL)
        return lease;
    cd_lease_unref(lease);
    return NULL;
}

void cd_producer_return(struct cd_producer *producer)
{
    if (producer == NULL)
        return;
    cd_mutex_lock(&producer->lock);
    producer->returned = true;
    cd_mutex_unlock(&producer->lock);
    struct cd_producers *pool = producer->pool;
    cd_shared_leave(producer, atomic_load(&producer->in_flight) > 0);
    cd_lease_unref(producer);
    cd_shared_reap(pool);
}

/* A retired handle is left as soon as nothing is under way in it. */
static bool move(struct cd_producer *lease, struct cd_error *err)
{
    cd_shared_leave(lease, /* leaves_records = */ false);
    lease->handle = NULL;
    if (cd_shared_join(lease->pool, lease, err) != NULL)
        return true;
    /* Back to where it was would be wrong and nowhere is not possible: a handle of its own that
     * says what is wrong is what the next try makes. */
    return false;
}

/* Asks to be woken when this handle has room, or a ghost has gone. */
static void wait_for_room(struct cd_producer *lease)
{
    if (!atomic_exchange(&lease->waiting, true))
        (void)atomic_fetch_add(&lease->handle->starving, 1);
}

/* The first record of a batch: may it begin? */
static enum cd_produce begin(struct cd_producer *lease, struct cd_batch *batch,
                             struct cd_error *err)
{
    if (lease->handle == NULL && cd_shared_join(lease->pool, lease, err) == NULL)
        return CD_PRODUCE_FAILED;
    if (atomic_load(&lease->pool->retired) > 0 &&
        cd_shared_haunted(lease->pool, lease->client_id)) {
        wait_for_room(lease);
        if (cd_shared_haunted(lease->pool, lease->client_id))
            return CD_PRODUCE_FULL;
    }
    /* First count, then look: the delivery thread looks in the other order before it purges. */
    bool alone = atomic_fetch_add(&lease->in_flight, 1) == 0;
    if (atomic_load(&lease->handle->retired)) {
        (void)atomic_fetch_sub(&lease->in_flight, 1);
        if (!alone)
            return CD_PRODUCE_FULL; /* the wake comes with the batches that are under way */
        if (!move(lease, err))
            return CD_PRODUCE_FAILED;
        (void)atomic_fetch_add(&lease->in_flight, 1);
    }
    (void)atomic_fetch_add(&lease->refs, 1);
    batch->lease = lease;
    return CD_PRODUCE_SENT;
}

static bool lease_full(const struct cd_producer *lease, size_t bytes)
{
    size_t mine = atomic_load_explicit(&lease->charged, memory_order_relaxed) + lease->unpublished;
    return mine + bytes > lease->bytes_max;
}

static bool handle_full(const struct cd_producer *lease, size_t bytes)
{
    const struct cd_shared *handle = lease->handle;
    size_t all = atomic_load_explicit(&handle->charged, memory_order_relaxed) + lease->unpublished;
    return all + bytes > handle->budget;
}

/* A lease whose only batch in flight is this one is never told to wait: only its own sending can
 * settle it. */
static bool must_wait(struct cd_producer *lease, size_t bytes)
{
    bool full_lease = lease_full(lease, bytes);
    if ((!full_lease && !handle_full(lease, bytes)) || atomic_load(&lease->in_flight) <= 1)
        return false;
    if (full_lease)
        return true; /* its own settling batches wake it */
    wait_for_room(lease);
    return handle_full(lease, bytes) && atomic_load(&lease->in_flight) > 1;
}

static void publish(struct cd_producer *lease)
{
    (void)atomic_fetch_add(&lease->charged, lease->unpublished);
    (void)atomic_fetch_add(&lease->handle->charged, lease->unpublished);
    lease->unpublished = 0;
}

static rd_kafka_topic_t *find_topic(struct cd_producer *lease, struct cd_slice topic,
                                    struct cd_error *err)
{
    struct cd_cached_topic *cache = lease->topics;
    for (size_t i = 0; i < CD_TOPIC_CACHE; i++)
        if (cache[i].len == topic.len && cache[i].rkt != NULL &&
            memcmp(cache[i].name, topic.ptr, topic.len) == 0)
            return cache[i].rkt;
    rd_kafka_topic_t *rkt = cd_shared_topic(lease->handle, topic, err);
    if (rkt == NULL)
        return NULL;
    memmove(&cache[1], &cache[0], (CD_TOPIC_CACHE - 1) * sizeof(cache[0]));
    cache[0] = (struct cd_cached_topic){rd_kafka_topic_name(rkt), topic.len, rkt};
    return rkt;
}

/* librdkafka does not write through these; its parameters lack the const. */
static void *mutable(const void *ptr)
{
    return (void *)(uintptr_t)ptr;
}

static rd_kafka_headers_t *make_headers(const struct cd_outgoing *record)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(record->header_count);
    for (uint32_t i = 0; i < record->header_count; i++) {
        const struct cd_header *header = &record->headers[i];
        bool null = cd_is_null(header->value);
        struct cd_slice value = null ? cd_slice(NULL) : cd_value_slice(header->value);
        (void)rd_kafka_header_add(headers, header->name.ptr, (ssize_t)header->name.len, /* fails */
                                  value.ptr, (ssize_t)value.len); /* only for a read-only list */
    }
    return headers;
}

static rd_kafka_resp_err_t send_dear(struct cd_producer *lease, rd_kafka_topic_t *rkt,
                                     struct cd_batch *batch, const struct cd_outgoing *record)
{
    rd_kafka_vu_t args[8] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = rkt},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = record->partition},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {mutable(record->value.ptr), record->value.len}},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {mutable(record->key.ptr), record->key.len}},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = batch},
    };
    size_t count = 5;
    rd_kafka_headers_t *headers = NULL;
    if (record->timestamp_ms != CD_NO_TIMESTAMP) {
        args[count].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
        /* 0 would mean "now" to librdkafka: a millisecond off is nearer to the truth. */
        args[count++].u.i64 = record->timestamp_ms == 0 ? 1 : record->timestamp_ms;
    }
    if (record->header_count > 0) {
        headers = make_headers(record);
        args[count].vtype = RD_KAFKA_VTYPE_HEADERS;
        args[count++].u.headers = headers;
    }
    rd_kafka_error_t *error = rd_kafka_produceva(lease->handle->rk, args, count);
    if (error == NULL)
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    if (headers != NULL)
        rd_kafka_headers_destroy(headers);
    return code;
}

/* Payload in place, key copied by librdkafka; the plain call for what needs no more. */
static rd_kafka_resp_err_t hand_over(struct cd_producer *lease, rd_kafka_topic_t *rkt,
                                     struct cd_batch *batch, const struct cd_outgoing *record)
{
    if (record->header_count > 0 || record->timestamp_ms != CD_NO_TIMESTAMP)
        return send_dear(lease, rkt, batch, record);
    if (rd_kafka_produce(rkt, record->partition, 0, mutable(record->value.ptr), record->value.len,
                         record->key.ptr, record->key.len, batch) == 0)
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    return rd_kafka_last_error();
}

/* In Java's words. */
static bool sensible(const struct cd_outgoing *record, struct cd_error *err)
{
    if (record->timestamp_ms < 0 && record->timestamp_ms != CD_NO_TIMESTAMP)
        return cd_fail_as(err, CD_ERR_DATA, "IllegalArgumentException",
                          "Invalid timestamp: %lld. Timestamp should always be non-negative or "
                          "null.",
                          (long long)record->timestamp_ms);
    if (record->partition < 0 && record->partition != CD_NO_PARTITION)
        return cd_fail_as(err, CD_ERR_DATA, "IllegalArgumentException",
                          "Invalid partition: %d. Partition number should always be non-negative "
                          "or null.",
                          (int)record->partition);
    return true;
}

/* Else librdkafka would look for a topic that was there before with its next refresh only, after
 * minutes. Without time to wait this only sends the question; the answer is taken all the same. */
static void look_for_topic(struct cd_producer *lease, rd_kafka_topic_t *rkt)
{
    const struct rd_kafka_metadata *unused = NULL;
    if (rd_kafka_metadata(lease->handle->rk, 0, rkt, &unused, /* timeout_ms = */ 0) ==
        RD_KAFKA_RESP_ERR_NO_ERROR)
        rd_kafka_metadata_destroy(unused);
}

static enum cd_produce refused(struct cd_producer *lease, rd_kafka_resp_err_t code,
                               const struct cd_outgoing *record, struct cd_error *err)
{
    if (code == RD_KAFKA_RESP_ERR__FATAL && cd_producer_fatal(lease, err))
        return CD_PRODUCE_FAILED;
    (void)cd_kafka_fail(err, &lease->handle->client, code, NULL);
    (void)cd_fail_while(err, "sending a record of %zu bytes to topic '%.*s'",
                        record->key.len + record->value.len, CD_SLICE_ARG(record->topic));
    return CD_PRODUCE_FAILED;
}

enum cd_produce cd_producer_send(struct cd_producer *producer, struct cd_batch *batch,
                                 const struct cd_outgoing *record, struct cd_error *err)
{
    enum cd_produce begun = batch->lease == NULL ? begin(producer, batch, err) : CD_PRODUCE_SENT;
    if (begun != CD_PRODUCE_SENT)
        return begun;
    assert(batch->lease == producer);
    size_t bytes = record->key.len + record->value.len + RECORD_COST;
    if (must_wait(producer, bytes))
        return CD_PRODUCE_FULL;
    rd_kafka_topic_t *rkt = find_topic(producer, record->topic, err);
    if (rkt == NULL || !sensible(record, err))
        return CD_PRODUCE_FAILED;
    rd_kafka_resp_err_t code = hand_over(producer, rkt, batch, record);
    if (code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
        look_for_topic(producer, rkt);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return refused(producer, code, record, err);
    batch->sending++;
    batch->charged += bytes;
    producer->unpublished += bytes;
    if (producer->unpublished >= PUBLISH_BYTES)
        publish(producer);
    return CD_PRODUCE_SENT;
}

/* ---- batches ---- */

void cd_batch_sending(struct cd_batch *batch)
{
    batch->lease = NULL;
    batch->charged = 0;
    batch->sending = 0;
    (void)atomic_fetch_add_explicit(&batch->unsettled, CD_SENDING, memory_order_relaxed);
}

/* Until here one large count stood for the records sent: no atomic a record. */
bool cd_batch_sent(struct cd_batch *batch)
{
    struct cd_producer *lease = batch->lease;
    size_t records = batch->sending;
    size_t charged = batch->charged;
    size_t drop = CD_SENDING - records;
    if (lease != NULL)
        publish(lease);
    size_t before = atomic_fetch_sub_explicit(&batch->unsettled, drop, memory_order_acq_rel);
    if (before != drop)
        return false;
    if (lease != NULL)
        cd_lease_settled(lease, charged, records, /* tell = */ false);
    return true;
}

bool cd_batch_settled(const struct cd_batch *batch)
{
    return atomic_load_explicit(&batch->unsettled, memory_order_acquire) == 0;
}

void cd_batch_disown(struct cd_batch *batch)
{
    if (batch == NULL)
        return;
    size_t before = atomic_fetch_add_explicit(&batch->unsettled, CD_DISOWNED, memory_order_acq_rel);
    assert(before < CD_SENDING);
    if (before == 0)
        cd_batch_free(batch);
}

/* ---- the rest ---- */

void cd_producer_hurry(struct cd_producer *producer)
{
    struct cd_shared *handle = producer->handle;
    if (handle == NULL || atomic_load(&producer->in_flight) == 0)
        return;
    atomic_store(&handle->hurry, true);
    rd_kafka_queue_yield(handle->queue);
}

bool cd_producer_fatal(const struct cd_producer *producer, struct cd_error *err)
{
    struct cd_shared *handle = producer->handle;
    if (handle == NULL || !atomic_load(&handle->failed))
        return false;
    cd_mutex_lock(&handle->pool->lock);
    struct cd_error why = handle->error;
    cd_mutex_unlock(&handle->pool->lock);
    if (err->code == CD_OK)
        *err = why;
    return true;
}

size_t cd_producer_charged(const struct cd_producer *producer)
{
    return atomic_load(&producer->charged) + producer->unpublished;
}

/* ---- transactions ---- */

static bool check(struct cd_producer *producer, rd_kafka_error_t *error, const char *what,
                  struct cd_error *err)
{
    if (error == NULL)
        return true;
    (void)cd_kafka_fail_error(err, &producer->handle->client, error);
    return cd_fail_while(err, "%s", what);
}

bool cd_producer_txn_init(struct cd_producer *producer, int64_t timeout_ms, struct cd_error *err)
{
    return check(producer, rd_kafka_init_transactions(producer->handle->rk, (int)timeout_ms),
                 "starting transactions", err);
}

bool cd_producer_txn_begin(struct cd_producer *producer, struct cd_error *err)
{
    return check(producer, rd_kafka_begin_transaction(producer->handle->rk),
                 "beginning a transaction", err);
}

bool cd_producer_txn_commit(struct cd_producer *producer, int64_t timeout_ms, struct cd_error *err)
{
    return check(producer, rd_kafka_commit_transaction(producer->handle->rk, (int)timeout_ms),
                 "committing a transaction", err);
}

bool cd_producer_txn_abort(struct cd_producer *producer, int64_t timeout_ms, struct cd_error *err)
{
    return check(producer, rd_kafka_abort_transaction(producer->handle->rk, (int)timeout_ms),
                 "aborting a transaction", err);
}
