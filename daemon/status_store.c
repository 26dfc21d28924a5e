#include "daemon/status_store.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/thread.h"

#include <jansson.h>
#include <stdlib.h>

struct cd_status_store {
    char *worker_id;
    struct cd_record_log *log; /* borrowed */
    struct cd_mutex lock;
    struct cd_strmap found; /* guarded by lock: keys with a value at the start */
    int64_t generation;     /* guarded by lock during the start, constant afterwards */
};

static const char connector_prefix[] = "status-connector-";
static const char task_prefix[] = "status-task-";
static const char topic_prefix[] = "status-topic-";
static const char topic_middle[] = ":connector-";

struct cd_status_store *cd_status_store_new(const char *worker_id)
{
    struct cd_status_store *store = cd_new(struct cd_status_store);
    store->worker_id = cd_strdup(worker_id);
    cd_mutex_init(&store->lock);
    cd_strmap_init(&store->found, NULL);
    return store;
}

void cd_status_store_free(struct cd_status_store *store)
{
    if (store == NULL)
        return;
    cd_strmap_done(&store->found);
    cd_mutex_done(&store->lock);
    free(store->worker_id);
    free(store);
}

void cd_status_store_attach(struct cd_status_store *store, struct cd_record_log *log)
{
    store->log = log;
}

/* Ours begins above every generation ever written: readers take a larger one for newer
 * (runtime.md 7.9). */
static void learn_generation(struct cd_status_store *store, struct cd_slice value)
{
    json_t *status = json_loadb(value.ptr, value.len, 0, NULL);
    json_int_t generation = json_integer_value(json_object_get(status, "generation"));
    if (generation >= store->generation && generation < INT32_MAX)
        store->generation = generation + 1;
    json_decref(status);
}

void cd_status_store_apply(void *arg, const struct cd_ledger_record *record)
{
    struct cd_status_store *store = arg;
    if (!record->replayed || record->key.ptr == NULL)
        return;
    CD_AUTO_FREE char *key = cd_slice_dup(record->key);
    cd_mutex_lock(&store->lock);
    if (record->value.ptr == NULL) {
        (void)cd_strmap_remove(&store->found,
                               key); /* a tombstone of what compaction has dropped already */
    } else {
        (void)cd_strmap_put(&store->found, key, store);
        learn_generation(store, record->value);
    }
    cd_mutex_unlock(&store->lock);
}

static char *status_key(const char *connector, int32_t task)
{
    return task == CD_STATUS_OF_CONNECTOR ? cd_asprintf("%s%s", connector_prefix, connector)
                                          : cd_asprintf("%s%s-%d", task_prefix, connector, task);
}

static char *topic_key(const char *connector, const char *topic)
{
    return cd_asprintf("%s%s%s%s", topic_prefix, topic, topic_middle, connector);
}

/* Takes both texts. */
static void write_one(struct cd_status_store *store, char *key, char *value)
{
    const struct cd_ledger_write write = {cd_slice(key), cd_slice(value)};
    cd_record_log_write(store->log, &write, 1, 0, NULL, NULL);
    free(key);
    free(value);
}

void cd_status_store_put(struct cd_status_store *store, const char *connector, int32_t task,
                         enum cd_api_state state, const char *trace, const char *version)
{
    json_t *status = json_pack("{s:s,s:s?,s:s,s:I,s:s?}", "state", cd_api_state_name(state),
                               "trace", trace, "worker_id", store->worker_id, "generation",
                               (json_int_t)store->generation, "version", version);
    char *value = json_dumps(status, JSON_COMPACT);
    json_decref(status);
    write_one(store, status_key(connector, task), value);
}

void cd_status_store_remove(struct cd_status_store *store, const char *connector, int32_t task)
{
    write_one(store, status_key(connector, task), NULL);
}

void cd_status_store_put_topic(struct cd_status_store *store, const char *connector, int32_t task,
                               const char *topic)
{
    json_t *value =
        json_pack("{s:{s:s,s:s,s:i,s:I}}", "topic", "name", topic, "connector", connector, "task",
                  (int)task, "discoverTimestamp", (json_int_t)cd_wall_ms());
    char *text = json_dumps(value, JSON_COMPACT);
    json_decref(value);
    write_one(store, topic_key(connector, topic), text);
}

void cd_status_store_remove_topic(struct cd_status_store *store, const char *connector,
                                  const char *topic)
{
    write_one(store, topic_key(connector, topic), NULL);
}

/* Splits a key of the topic in place; false: not one of ours. */
static bool parse_key(char *key, struct cd_status_key *ret)
{
    *ret = (struct cd_status_key){.task = CD_STATUS_OF_CONNECTOR};
    if (strncmp(key, connector_prefix, strlen(connector_prefix)) == 0) {
        ret->connector = key + strlen(connector_prefix);
        return true;
    }
    if (strncmp(key, task_prefix, strlen(task_prefix)) == 0) {
        char *dash = strrchr(key, '-'); /* the prefix has one, so there is one */
        ret->connector = key + strlen(task_prefix);
        if (dash < ret->connector || dash[1] == '\0')
            return false;
        char *end;
        long task = strtol(dash + 1, &end, 10);
        *dash = '\0';
        ret->task = (int32_t)task;
        return *end == '\0' && task >= 0 && task <= INT32_MAX;
    }
    char *middle = strchr(key, ':');
    if (strncmp(key, topic_prefix, strlen(topic_prefix)) != 0 || middle == NULL ||
        strncmp(middle, topic_middle, strlen(topic_middle)) != 0)
        return false;
    *middle = '\0';
    ret->topic = key + strlen(topic_prefix);
    ret->connector = middle + strlen(topic_middle);
    return true;
}

void cd_status_store_each(struct cd_status_store *store,
                          void (*each)(void *, const struct cd_status_key *), void *arg)
{
    cd_mutex_lock(&store->lock);
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&store->found, &it);) {
        CD_AUTO_FREE char *key = cd_strdup(it.key);
        struct cd_status_key parsed;
        if (parse_key(key, &parsed))
            each(arg, &parsed);
    }
    cd_mutex_unlock(&store->lock);
}
