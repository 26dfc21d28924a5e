#include "kafka/producer_handle.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/map.h"

/* How long the delivery thread sleeps without news; a retiring handle is woken by yield. */
#define IDLE_MS 1000
#define RETIRING_MS 20
#define HURRY_MS 10

/* ---- leases, as the delivery thread sees them ---- */

void cd_lease_wake(struct cd_producer *lease)
{
    cd_mutex_lock(&lease->lock);
    if (!lease->returned && lease->wake != NULL)
        lease->wake(lease->wake_arg);
    cd_mutex_unlock(&lease->lock);
}

void cd_lease_unref(struct cd_producer *lease)
{
    if (atomic_fetch_sub_explicit(&lease->refs, 1, memory_order_acq_rel) != 1)
        return;
    cd_mutex_done(&lease->lock);
    cd_config_free(lease->java);
    free(lease->client_id);
    free(lease);
}

/* One lease of the handle that waits, with a reference; NULL: none. */
static struct cd_producer *find_waiting(struct cd_shared *handle)
{
    assert(cd_mutex_held(&handle->pool->lock));
    for (struct cd_link *at = handle->leases.next; at != &handle->leases; at = at->next) {
        struct cd_producer *lease = CD_CONTAINER_OF(at, struct cd_producer, link);
        if (!atomic_exchange(&lease->waiting, false))
            continue;
        (void)atomic_fetch_sub(&handle->starving, 1);
        (void)atomic_fetch_add(&lease->refs, 1);
        return lease;
    }
    return NULL;
}

static struct cd_producer *take_waiting(struct cd_shared *handle)
{
    cd_mutex_lock(&handle->pool->lock);
    struct cd_producer *lease = find_waiting(handle);
    cd_mutex_unlock(&handle->pool->lock);
    return lease;
}

static struct cd_producer *take_waiting_anywhere(struct cd_producers *pool)
{
    struct cd_producer *lease = NULL;
    cd_mutex_lock(&pool->lock);
    for (struct cd_link *at = pool->handles.next; at != &pool->handles && lease == NULL;
         at = at->next)
        lease = find_waiting(CD_CONTAINER_OF(at, struct cd_shared, link));
    cd_mutex_unlock(&pool->lock);
    return lease;
}

static void wake_waiting(struct cd_shared *handle)
{
    while (atomic_load(&handle->starving) > 0) {
        struct cd_producer *lease = take_waiting(handle);
        if (lease == NULL)
            return;
        cd_lease_wake(lease);
        cd_lease_unref(lease);
    }
}

void cd_lease_settled(struct cd_producer *lease, size_t charged, size_t records, bool tell)
{
    struct cd_shared *handle = lease->handle; /* stays while something is in flight */
    (void)atomic_fetch_sub(&lease->charged, charged);
    (void)atomic_fetch_sub(&handle->charged, charged);
    (void)atomic_fetch_add(&handle->pool->settled_records, records);
    (void)atomic_fetch_sub(&lease->in_flight, 1);
    if (tell)
        cd_lease_wake(lease);
    wake_waiting(handle);
    cd_lease_unref(lease);
}

/* ---- delivery reports ---- */

static void keep_error(struct cd_batch *batch, const struct cd_error *err)
{
    if (batch->error != NULL)
        return;
    batch->error = cd_new(struct cd_error);
    *batch->error = *err;
}

/* A fatal error takes all records with it, which are then told to be purged: that is not why. */
static void explain(struct cd_shared *handle, rd_kafka_resp_err_t code, struct cd_error *err)
{
    char why[512] = "";
    rd_kafka_resp_err_t fatal = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT ||
        code == RD_KAFKA_RESP_ERR__FATAL)
        fatal = rd_kafka_fatal_error(handle->rk, why, sizeof(why));
    if (fatal == RD_KAFKA_RESP_ERR_NO_ERROR)
        (void)cd_kafka_fail(err, &handle->client, code, NULL);
    else
        (void)cd_kafka_fail(err, &handle->client, fatal, why);
}

static void refuse(struct cd_shared *handle, const rd_kafka_message_t *message)
{
    struct cd_batch *batch = message->_private;
    struct cd_producer *lease = batch->lease; /* written before its first record was sent */
    struct cd_error err = CD_ERROR_INIT;
    const char *topic = rd_kafka_topic_name(message->rkt);
    explain(handle, message->err, &err);
    if (message->partition >= 0)
        (void)cd_fail_while(&err, "sending a record to topic '%s' partition %d", topic,
                            (int)message->partition);
    else
        (void)cd_fail_while(&err, "sending a record to topic '%s'", topic);
    (void)atomic_fetch_add(&handle->pool->refused_records, 1);
    (void)atomic_fetch_add(&batch->failed, 1);
    keep_error(batch, &err);
    cd_mutex_lock(&lease->lock);
    if (!lease->returned && lease->refused != NULL)
        lease->refused(lease->wake_arg, batch, cd_slice(topic), &err);
    cd_mutex_unlock(&lease->lock);
}

/* The batch belongs to its task again the moment its count is 0, so all that is needed of it is
 * read before. While the count is more than `count`, the task may still be adding. */
static void count_down(struct cd_batch *batch, size_t count)
{
    struct cd_producer *lease = NULL;
    size_t charged = 0;
    size_t records = 0;
    size_t now = atomic_load_explicit(&batch->unsettled, memory_order_acquire);
    bool last = false;
    do {
        last = (now & ~CD_DISOWNED) == count;
        if (last) {
            lease = batch->lease;
            charged = batch->charged;
            records = batch->sending;
        }
    } while (!atomic_compare_exchange_weak_explicit(&batch->unsettled, &now, now - count,
                                                    memory_order_acq_rel, memory_order_acquire));
    if (!last)
        return;
    if ((now & CD_DISOWNED) != 0)
        cd_batch_free(batch);
    cd_lease_settled(lease, charged, records, /* tell = */ true);
}

/* Reports come in runs of one batch. */
static void take_reports(struct cd_shared *handle, rd_kafka_event_t *event)
{
    struct cd_batch *run = NULL;
    size_t count = 0;
    size_t bytes = 0;
    const rd_kafka_message_t *message = NULL;
    while ((message = rd_kafka_event_message_next(event)) != NULL) {
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
            refuse(handle, message);
        if (run != message->_private && run != NULL) {
            count_down(run, count);
            count = 0;
        }
        run = message->_private;
        count++;
        bytes += message->len + message->key_len;
    }
    (void)atomic_fetch_add(&handle->pool->sent_bytes, bytes);
    if (run != NULL)
        count_down(run, count);
}

/* ---- the delivery thread ---- */

static void wake_all(struct cd_shared *handle)
{
    cd_mutex_lock(&handle->pool->lock);
    for (struct cd_link *at = handle->leases.next; at != &handle->leases; at = at->next) {
        struct cd_producer *lease = CD_CONTAINER_OF(at, struct cd_producer, link);
        if (!atomic_exchange(&lease->waiting, true))
            (void)atomic_fetch_add(&handle->starving, 1);
    }
    cd_mutex_unlock(&handle->pool->lock);
    wake_waiting(handle);
}

static void take_error(struct cd_shared *handle, rd_kafka_event_t *event)
{
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    const char *why = rd_kafka_event_error_string(event);
    if (!cd_kafka_is_final(code, why) || atomic_load(&handle->failed))
        return; /* brokers come back, and the log has it already */
    char text[512] = "";
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        code = rd_kafka_fatal_error(handle->rk, text, sizeof(text));
        why = text;
    }
    struct cd_error err = CD_ERROR_INIT;
    (void)cd_kafka_fail(&err, &handle->client, code, why);
    (void)cd_fail_while(&err, "the Kafka producer '%s' has failed", handle->client.name);
    err.retriable = false;
    cd_mutex_lock(&handle->pool->lock);
    handle->error = err;
    cd_mutex_unlock(&handle->pool->lock);
    atomic_store(&handle->failed, true);
    wake_all(handle);
}

static void take_event(struct cd_shared *handle, rd_kafka_event_t *event)
{
    rd_kafka_event_type_t type = rd_kafka_event_type(event);
    if (type == RD_KAFKA_EVENT_DR)
        take_reports(handle, event);
    else if (type == RD_KAFKA_EVENT_ERROR)
        take_error(handle, event);
    rd_kafka_event_destroy(event);
}

/* A retired handle may be purged when only ghosts have records in it. */
static bool only_ghosts(struct cd_shared *handle)
{
    bool alone = true;
    cd_mutex_lock(&handle->pool->lock);
    for (struct cd_link *at = handle->leases.next; at != &handle->leases; at = at->next)
        if (atomic_load(&CD_CONTAINER_OF(at, struct cd_producer, link)->in_flight) > 0)
            alone = false;
    cd_mutex_unlock(&handle->pool->lock);
    return alone;
}

static void destroy_library_part(struct cd_shared *handle)
{
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&handle->topics, &it);)
        rd_kafka_topic_destroy(it.value);
    rd_kafka_queue_destroy(handle->queue);
    rd_kafka_destroy(handle->rk);
}

/* Whoever waited for the ghosts of this handle may go on. */
static void end(struct cd_shared *handle)
{
    struct cd_producers *pool = handle->pool;
    destroy_library_part(handle);
    (void)atomic_fetch_add(&pool->throttled, atomic_load(&handle->client.throttled));
    cd_mutex_lock(&pool->lock);
    handle->ghost_count = 0; /* the texts go with the struct */
    cd_mutex_unlock(&pool->lock);
    (void)atomic_fetch_sub(&pool->retired, 1);

    struct cd_producer *lease = NULL;
    while ((lease = take_waiting_anywhere(pool)) != NULL) {
        cd_lease_wake(lease);
        cd_lease_unref(lease);
    }
    cd_mutex_lock(&pool->lock);
    handle->ended = true; /* from here on reap may free it */
    cd_mutex_unlock(&pool->lock);
}

static void serve(struct cd_shared *handle, int timeout_ms)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(handle->queue, timeout_ms);
    if (event != NULL)
        take_event(handle, event);
    if (atomic_exchange(&handle->hurry, false))
        (void)rd_kafka_flush(handle->rk, HURRY_MS); /* ends the lingering; may well time out */
}

static void deliver(void *arg)
{
    struct cd_shared *handle = arg;
    while (!atomic_load(&handle->retired))
        serve(handle, IDLE_MS);
    wake_all(handle); /* the others move to another handle */
    while (!only_ghosts(handle))
        serve(handle, RETIRING_MS);
    (void)rd_kafka_purge(handle->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    while (rd_kafka_outq_len(handle->rk) > 0)
        serve(handle, RETIRING_MS);
    end(handle);
}

/* ---- finding and making ---- */

/* A renewed certificate is a new setting, although its path is the same. */
static void put_file_time(struct cd_buffer *key, const char *name, const char *path)
{
    struct stat info;
    if (strstr(name, ".location") != NULL && stat(path, &info) == 0)
        cd_buffer_printf(key, "@%lld.%ld", (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All settings in one text, in the order of names. */
static char *key_of(const struct cd_config *java)
{
    size_t count = cd_config_count(java);
    const char **names = cd_new_array(count + 1, const char *);
    size_t i = 0;
    for (struct cd_config_iter it = {0}; cd_config_next(java, &it);)
        names[i++] = it.key;
    qsort(names, count, sizeof(*names), by_name);
    struct cd_buffer key = CD_BUFFER_INIT;
    for (i = 0; i < count; i++) {
        const char *value = cd_config_get(java, names[i]);
        cd_buffer_printf(&key, "%s=%s", names[i], value == NULL ? "" : value);
        put_file_time(&key, names[i], value == NULL ? "" : value);
        cd_buffer_char(&key, '\n');
    }
    free(names);
    return cd_buffer_steal(&key);
}

static bool start_library_part(struct cd_shared *handle, const struct cd_producer *lease,
                               struct cd_error *err)
{
    struct cd_client_options options = {
        .kind = CD_CLIENT_PRODUCER,
        .java = lease->java,
        .client_id = lease->exclusive ? lease->client_id : "connectd-producer",
        .log = &handle->pool->log,
        .events = RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR,
    };
    rd_kafka_conf_t *conf = cd_client_configure(&handle->client, &options, err);
    if (conf == NULL)
        return false;
    handle->rk = cd_client_create(&handle->client, RD_KAFKA_PRODUCER, conf, err);
    if (handle->rk == NULL)
        return false;
    handle->queue = rd_kafka_queue_get_main(handle->rk);
    handle->budget = handle->client.buffer_memory;
    return true;
}

static void free_handle(struct cd_shared *handle)
{
    for (size_t i = 0; handle->ghosts != NULL && handle->ghosts[i] != NULL; i++)
        free(handle->ghosts[i]);
    free(handle->ghosts);
    free(handle->key);
    cd_strmap_done(&handle->topics);
    cd_mutex_done(&handle->topics_lock);
    free(handle);
}

static struct cd_shared *make(struct cd_producers *pool, const struct cd_producer *lease,
                              struct cd_error *err)
{
    struct cd_shared *handle = cd_new(struct cd_shared);
    handle->pool = pool;
    cd_list_init(&handle->leases);
    cd_list_init(&handle->link);
    cd_mutex_init(&handle->topics_lock);
    cd_strmap_init(&handle->topics, NULL);
    if (!start_library_part(handle, lease, err)) {
        free_handle(handle);
        return NULL;
    }
    if (!cd_thread_start(&handle->thread, "kafka-delivery", 0, deliver, handle, err)) {
        destroy_library_part(handle);
        cd_client_done(&handle->client);
        free_handle(handle);
        return NULL;
    }
    return handle;
}

static struct cd_shared *find(const struct cd_producers *pool, const char *key)
{
    assert(cd_mutex_held(&pool->lock));
    for (struct cd_link *at = pool->handles.next; at != &pool->handles; at = at->next) {
        struct cd_shared *handle = CD_CONTAINER_OF(at, struct cd_shared, link);
        if (handle->key != NULL && strcmp(handle->key, key) == 0 &&
            !atomic_load(&handle->retired) && !atomic_load(&handle->failed))
            return handle;
    }
    return NULL;
}

static void add_lease(struct cd_shared *handle, struct cd_producer *lease)
{
    assert(cd_mutex_held(&handle->pool->lock));
    handle->lease_count++;
    cd_list_push_back(&handle->leases, &lease->link);
    lease->handle = handle;
    memset(lease->topics, 0, sizeof(lease->topics));
}

/* Two tasks that start at once may make two handles of the same key: harmless, both are used until
 * their leases are gone. */
struct cd_shared *cd_shared_join(struct cd_producers *pool, struct cd_producer *lease,
                                 struct cd_error *err)
{
    cd_shared_reap(pool);
    char *key = lease->exclusive ? NULL : key_of(lease->java);
    cd_mutex_lock(&pool->lock);
    struct cd_shared *handle = key == NULL ? NULL : find(pool, key);
    if (handle != NULL)
        add_lease(handle, lease);
    cd_mutex_unlock(&pool->lock);
    if (handle != NULL) {
        free(key);
        return handle;
    }
    handle = make(pool, lease, err);
    if (handle == NULL) {
        free(key);
        return NULL;
    }
    handle->key = key;
    cd_mutex_lock(&pool->lock);
    cd_list_push_back(&pool->handles, &handle->link);
    add_lease(handle, lease);
    cd_mutex_unlock(&pool->lock);
    return handle;
}

static void add_ghost(struct cd_shared *handle, const char *client_id)
{
    handle->ghosts =
        cd_realloc_array(handle->ghosts, handle->ghost_count + 2, sizeof(*handle->ghosts));
    handle->ghosts[handle->ghost_count++] = cd_strdup(client_id);
    handle->ghosts[handle->ghost_count] = NULL;
}

void cd_shared_leave(struct cd_producer *lease, bool leaves_records)
{
    struct cd_shared *handle = lease->handle;
    if (handle == NULL)
        return; /* the last try to move failed */
    cd_mutex_lock(&handle->pool->lock);
    cd_list_remove(&lease->link);
    if (atomic_exchange(&lease->waiting, false))
        (void)atomic_fetch_sub(&handle->starving, 1);
    handle->lease_count--;
    bool retire = (leaves_records || handle->lease_count == 0) && !atomic_load(&handle->retired);
    if (leaves_records && !handle->ended)
        add_ghost(handle, lease->client_id);
    if (retire) {
        (void)atomic_fetch_add(&handle->pool->retired, 1);
        atomic_store(&handle->retired, true);
        rd_kafka_queue_yield(handle->queue); /* its thread tells the others to move */
    }
    cd_mutex_unlock(&handle->pool->lock);
}

bool cd_shared_haunted(struct cd_producers *pool, const char *client_id)
{
    bool found = false;
    cd_mutex_lock(&pool->lock);
    for (struct cd_link *at = pool->handles.next; at != &pool->handles; at = at->next) {
        const struct cd_shared *handle = CD_CONTAINER_OF(at, struct cd_shared, link);
        for (size_t i = 0; i < handle->ghost_count; i++)
            found = found || strcmp(handle->ghosts[i], client_id) == 0;
    }
    cd_mutex_unlock(&pool->lock);
    return found;
}

static struct cd_shared *take_ended(struct cd_producers *pool)
{
    struct cd_shared *found = NULL;
    cd_mutex_lock(&pool->lock);
    for (struct cd_link *at = pool->handles.next; at != &pool->handles; at = at->next) {
        struct cd_shared *handle = CD_CONTAINER_OF(at, struct cd_shared, link);
        if (!handle->ended || handle->lease_count > 0)
            continue;
        cd_list_remove(&handle->link);
        found = handle;
        break;
    }
    cd_mutex_unlock(&pool->lock);
    return found;
}

void cd_shared_reap(struct cd_producers *pool)
{
    struct cd_shared *handle = NULL;
    while ((handle = take_ended(pool)) != NULL) {
        cd_thread_join(&handle->thread);
        cd_client_done(&handle->client);
        free_handle(handle);
    }
}

/* ---- topics ---- */

/* Records go round all partitions of their topic, whatever their key. The opaque is the counter. */
static int32_t round_robin(const rd_kafka_topic_t *rkt, const void *key, size_t key_len,
                           int32_t partitions, void *rkt_opaque, void *msg_opaque)
{
    atomic_uint *next = rkt_opaque;
    (void)key;
    (void)key_len;
    (void)msg_opaque;
    for (int32_t tries = 0; tries < partitions; tries++) {
        int32_t partition = (int32_t)(atomic_fetch_add(next, 1) % (unsigned)partitions);
        if (rd_kafka_topic_partition_available(rkt, partition) != 0)
            return partition;
    }
    return (int32_t)(atomic_fetch_add(next, 1) % (unsigned)partitions);
}

static rd_kafka_topic_t *make_topic(struct cd_shared *handle, const char *name)
{
    static atomic_uint next; /* shared by all topics: only its steps matter */
    rd_kafka_topic_conf_t *conf = NULL;
    if (handle->client.round_robin) {
        conf = rd_kafka_default_topic_conf_dup(handle->rk);
        rd_kafka_topic_conf_set_opaque(conf, &next);
        rd_kafka_topic_conf_set_partitioner_cb(conf, round_robin);
    }
    return rd_kafka_topic_new(handle->rk, name, conf);
}

rd_kafka_topic_t *cd_shared_topic(struct cd_shared *handle, struct cd_slice topic,
                                  struct cd_error *err)
{
    cd_mutex_lock(&handle->topics_lock);
    rd_kafka_topic_t *rkt = cd_strmap_get_slice(&handle->topics, topic);
    if (rkt == NULL) {
        CD_AUTO_FREE char *name = cd_slice_dup(topic);
        rkt = make_topic(handle, name);
        if (rkt != NULL)
            (void)cd_strmap_put(&handle->topics, name, rkt);
    }
    cd_mutex_unlock(&handle->topics_lock);
    if (rkt == NULL)
        (void)cd_kafka_fail(err, &handle->client, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, NULL);
    return rkt;
}
