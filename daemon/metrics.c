#include "daemon/metrics.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "config/worker_keys.h"
#include "daemon/metrics_private.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES = 512 };

static void forget_lags(struct cd_metrics_entry *entry)
{
    for (size_t i = 0; i < entry->lag_count; i++)
        free(entry->lags[i].topic);
    free(entry->lags);
    entry->lags = NULL;
    entry->lag_count = 0;
}

static void free_entry(void *value)
{
    struct cd_metrics_entry *entry = value;
    forget_lags(entry);
    cd_sampled_done(&entry->sampled);
    free(entry->connector);
    free(entry->class_name);
    free(entry);
}

static struct cd_dialects read_dialects(const struct cd_strings *names)
{
    struct cd_dialects dialects = {0};
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->items[i];
        dialects.strimzi = dialects.strimzi || strcmp(name, "strimzi") == 0;
        dialects.confluent = dialects.confluent || strcmp(name, "confluent") == 0;
        dialects.reporter = dialects.reporter || strcmp(name, "strimzi-reporter") == 0;
        dialects.debezium = dialects.debezium || strcmp(name, "debezium") == 0;
    }
    return dialects;
}

/* As a JVM worker calls its clients where client.id is not set. */
static char *client_id(const struct cd_metrics_options *options)
{
    const struct cd_worker_config *config = options->config;
    if (config->client_id != NULL && config->client_id[0] != '\0')
        return cd_strdup(config->client_id);
    if (!options->distributed)
        return cd_strdup("connect-1");
    return cd_asprintf("connect-%s-%s", options->worker_id == NULL ? "worker" : options->worker_id,
                       config->group_id == NULL ? "connect" : config->group_id);
}

struct cd_metrics *cd_metrics_new(const struct cd_metrics_options *options)
{
    struct cd_metrics *metrics = cd_new(struct cd_metrics);
    const struct cd_worker_config *config = options->config;
    cd_logger_init(&metrics->log, "metrics", NULL, -1);
    metrics->dialects = read_dialects(&config->metrics_dialects);
    metrics->distributed = options->distributed;
    metrics->client_id = client_id(options);
    metrics->window_ms = config->metrics_sample_window_ms;
    metrics->window_count =
        config->metrics_num_samples < 1 ? 1 : (size_t)config->metrics_num_samples;
    metrics->stalled_after_ms = config->stalled_after_ms;
    metrics->task_memory_bytes = config->task_memory_bytes;
    metrics->started_wall_ms = cd_wall_ms();
    cd_mutex_init(&metrics->lock);
    cd_cond_init(&metrics->stopped);
    cd_strmap_init(&metrics->entries, free_entry);
    cd_strmap_init(&metrics->idle, free);
    return metrics;
}

void cd_metrics_free(struct cd_metrics *metrics)
{
    if (metrics == NULL)
        return;
    cd_strmap_done(&metrics->entries);
    cd_strmap_done(&metrics->idle);
    cd_cond_done(&metrics->stopped);
    cd_mutex_done(&metrics->lock);
    free(metrics->client_id);
    free(metrics);
}

/* ---- the table ---- */

static char *entry_key(const char *connector, int32_t id)
{
    return cd_asprintf("%s|%d", connector, (int)id);
}

struct cd_metrics_entry *cd_metrics_find(struct cd_metrics *metrics, const char *connector,
                                         int32_t id)
{
    CD_AUTO_FREE char *key = entry_key(connector, id);
    return cd_strmap_get(&metrics->entries, key);
}

void cd_metrics_entry_read(struct cd_metrics_entry *entry, int64_t now_ms, struct cd_readings *ret)
{
    if (entry->live != NULL)
        cd_readings_take(&entry->last, entry->live, now_ms);
    *ret = entry->last;
}

static struct cd_metrics_entry *new_entry(struct cd_metrics *metrics, const char *connector,
                                          int32_t id)
{
    CD_AUTO_FREE char *key = entry_key(connector, id);
    struct cd_metrics_entry *entry = cd_new(struct cd_metrics_entry);
    entry->connector = cd_strdup(connector);
    entry->id = id;
    cd_sampled_init(&entry->sampled, metrics->window_ms, metrics->window_count, cd_clock_ms());
    (void)cd_strmap_put(&metrics->entries, key, entry); /* the map has its own key */
    return entry;
}

/* From 0 again: another incarnation of the same task. */
static void begin_again(struct cd_metrics *metrics, struct cd_metrics_entry *entry, int64_t now_ms)
{
    cd_sampled_done(&entry->sampled);
    cd_sampled_init(&entry->sampled, metrics->window_ms, metrics->window_count, now_ms);
    memset(&entry->last, 0, sizeof(entry->last));
    entry->restarts++;
    entry->ran = false;
    entry->waiting_since_ms = 0;
    entry->stalled = false;
}

void cd_metrics_task_begins(struct cd_metrics *metrics, const struct cd_metrics_task *task)
{
    if (metrics == NULL)
        return;
    int64_t now_ms = cd_clock_ms();
    cd_mutex_lock(&metrics->lock);
    struct cd_metrics_entry *entry = cd_metrics_find(metrics, task->connector, task->id);
    if (entry == NULL)
        entry = new_entry(metrics, task->connector, task->id);
    else
        begin_again(metrics, entry, now_ms);
    free(entry->class_name);
    entry->class_name = cd_strdup(task->class_name);
    entry->is_source = task->counters->is_source;
    entry->live = task->counters;
    entry->runnable = task->runnable;
    entry->began_ms = now_ms;
    cd_mutex_unlock(&metrics->lock);
}

static void count_start(struct cd_starts *starts, bool ok)
{
    starts->attempts++;
    if (ok)
        starts->successes++;
    else
        starts->failures++;
}

void cd_metrics_task_runs(struct cd_metrics *metrics, const char *connector, int32_t id)
{
    if (metrics == NULL)
        return;
    cd_mutex_lock(&metrics->lock);
    struct cd_metrics_entry *entry = cd_metrics_find(metrics, connector, id);
    if (entry != NULL && !entry->ran) {
        entry->ran = true;
        count_start(&metrics->tasks, true);
    }
    cd_mutex_unlock(&metrics->lock);
}

void cd_metrics_task_ended(struct cd_metrics *metrics, const char *connector, int32_t id,
                           bool failed)
{
    if (metrics == NULL)
        return;
    cd_mutex_lock(&metrics->lock);
    struct cd_metrics_entry *entry = cd_metrics_find(metrics, connector, id);
    if (failed && (entry == NULL || !entry->ran))
        count_start(&metrics->tasks, false);
    if (entry != NULL) {
        cd_metrics_entry_read(entry, cd_clock_ms(), &entry->last);
        entry->last.value[CD_READ_PARTITIONS] = 0;
        entry->last.value[CD_READ_QUEUE_BYTES] = 0;
        forget_lags(entry);
        entry->live = NULL;
        entry->runnable = NULL;
        entry->stalled = false;
        entry->waiting_since_ms = 0;
    }
    cd_mutex_unlock(&metrics->lock);
}

void cd_metrics_task_lags(struct cd_metrics *metrics, const char *connector, int32_t id,
                          const struct cd_metrics_lag *lags, size_t count)
{
    if (metrics == NULL)
        return;
    cd_mutex_lock(&metrics->lock);
    struct cd_metrics_entry *entry = cd_metrics_find(metrics, connector, id);
    if (entry != NULL && entry->live != NULL) {
        forget_lags(entry);
        entry->lags = count == 0 ? NULL : cd_new_array(count, struct cd_metrics_lag);
        entry->lag_count = count;
        for (size_t i = 0; i < count; i++) {
            entry->lags[i] = lags[i];
            entry->lags[i].topic = cd_strdup(lags[i].topic);
        }
    }
    cd_mutex_unlock(&metrics->lock);
}

void cd_metrics_task_dropped(struct cd_metrics *metrics, const char *connector, int32_t id)
{
    if (metrics == NULL)
        return;
    CD_AUTO_FREE char *key = entry_key(connector, id);
    cd_mutex_lock(&metrics->lock);
    (void)cd_strmap_remove(&metrics->entries, key); /* it may never have begun */
    cd_mutex_unlock(&metrics->lock);
}

void cd_metrics_connector_start(struct cd_metrics *metrics, bool ok)
{
    if (metrics == NULL)
        return;
    cd_mutex_lock(&metrics->lock);
    count_start(&metrics->connectors, ok);
    cd_mutex_unlock(&metrics->lock);
}

void cd_metrics_set_cluster(struct cd_metrics *metrics,
                            void (*fill)(void *arg, struct cd_metrics_cluster *ret), void *arg)
{
    if (metrics == NULL)
        return;
    metrics->fill_cluster = fill;
    metrics->cluster_arg = arg;
}

void cd_metrics_set_breakers(struct cd_metrics *metrics, struct cd_breakers *breakers)
{
    if (metrics != NULL)
        metrics->breakers = breakers;
}

void cd_metrics_set_producers(struct cd_metrics *metrics, const struct cd_producers *producers)
{
    if (metrics != NULL)
        metrics->producers = producers;
}
