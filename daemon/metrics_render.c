#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/breaker.h"
#include "daemon/metrics_process.h"
#include "daemon/metrics_scrape.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void fill_tasks(struct cd_scrape *scrape, struct cd_metrics *metrics)
{
    size_t count = cd_strmap_count(&metrics->entries);
    scrape->tasks = count == 0 ? NULL : cd_new_array(count, struct cd_scraped_task);
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&metrics->entries, &it);) {
        struct cd_metrics_entry *entry = it.value;
        struct cd_scraped_task *task = &scrape->tasks[scrape->task_count++];
        task->entry = entry;
        if (entry->live != NULL)
            cd_sampled_roll(&entry->sampled, entry->live, scrape->now_ms);
        cd_metrics_entry_read(entry, scrape->now_ms, &task->readings);
        snprintf(task->id, sizeof(task->id), "%d", (int)entry->id);
        task->view = cd_snapshot_find(scrape->snapshot, entry->connector);
        const struct cd_task_view *view =
            task->view == NULL ? NULL : cd_view_find_task(task->view, entry->id);
        task->status = view == NULL ? NULL : &view->status;
    }
}

/* A worker alone has everything and never rebalances. */
static void fill_cluster(struct cd_scrape *scrape)
{
    const struct cd_metrics *metrics = scrape->metrics;
    scrape->cluster = (struct cd_metrics_cluster){.protocol = "SESSIONED",
                                                  .rebalance_avg_ms = (double)NAN,
                                                  .rebalance_max_ms = (double)NAN,
                                                  .since_last_rebalance_ms = (double)INFINITY,
                                                  .assigned_connectors = -1,
                                                  .assigned_tasks = -1};
    if (metrics->fill_cluster != NULL)
        metrics->fill_cluster(metrics->cluster_arg, &scrape->cluster);
    if (scrape->cluster.assigned_connectors < 0)
        scrape->cluster.assigned_connectors = (int64_t)scrape->snapshot->count;
}

/* What others guard with locks of their own: before ours is taken. */
static void ask_others(struct cd_scrape *scrape)
{
    if (scrape->metrics->producers != NULL)
        cd_producers_stats(scrape->metrics->producers, &scrape->producers);
    if (scrape->metrics->scheduler != NULL)
        cd_scheduler_stats(scrape->metrics->scheduler, &scrape->pool);
    fill_cluster(scrape);
}

static void sample_breaker(void *arg, const char *system, int failures)
{
    const struct cd_label labels[] = {{"system", system}, {NULL, NULL}};
    cd_sample(arg, "connectd_breaker_open", "", labels, failures > 0);
}

/* They have locks of their own: ours is free by then. */
static void render_breakers(const struct cd_scrape *scrape)
{
    if (scrape->metrics->breakers == NULL)
        return;
    cd_family(scrape->out, "connectd_breaker_open", CD_GAUGE,
              "1: the system is known to be away, and one task at a time tries it.");
    cd_breakers_each(scrape->metrics->breakers, sample_breaker, scrape->out);
}

char *cd_metrics_text(struct cd_metrics *metrics, const struct cd_snapshot *snapshot)
{
    struct cd_buffer out = CD_BUFFER_INIT;
    struct cd_scrape scrape = {.metrics = metrics,
                               .snapshot = snapshot,
                               .now_ms = cd_clock_ms(),
                               .wall_ms = cd_wall_ms(),
                               .out = &out};
    ask_others(&scrape);
    cd_mutex_lock(&metrics->lock);
    fill_tasks(&scrape, metrics);
    if (scrape.cluster.assigned_tasks < 0)
        scrape.cluster.assigned_tasks = (int64_t)scrape.task_count;
    cd_scrape_own(&scrape);
    cd_scrape_kafka(&scrape);
    cd_scrape_texts(&scrape);
    if (metrics->dialects.debezium)
        cd_scrape_debezium(&scrape);
    cd_mutex_unlock(&metrics->lock);
    render_breakers(&scrape);
    cd_metrics_process(&out, metrics->started_wall_ms);
    free(scrape.tasks);
    return cd_buffer_steal(&out);
}
