/* Debezium's names (dialect D), for what a source of ours has a meaning for. A snapshot of its kind
 * there is not, so its figures say that none is running. */
#include "base/alloc.h"
#include "daemon/metrics_scrape.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *name;
    double (*value)(const struct cd_scrape *scrape, const struct cd_scraped_task *task);
    const char *doc;
};

static double connected(const struct cd_scrape *scrape, const struct cd_scraped_task *task)
{
    (void)scrape;
    return task->status != NULL && task->status->known && task->status->state == CD_API_RUNNING &&
           task->readings.value[CD_READ_DEGRADED_SINCE_MS] == 0;
}

static double since_last_event(const struct cd_scrape *scrape, const struct cd_scraped_task *task)
{
    int64_t last_ms = task->readings.value[CD_READ_LAST_PROGRESS_MS];
    return last_ms == 0 ? -1 : (double)(scrape->wall_ms - last_ms);
}

static double zero(const struct cd_scrape *scrape, const struct cd_scraped_task *task)
{
    (void)scrape;
    (void)task;
    return 0;
}

#define READING(function, kind)                                                                    \
    static double function(const struct cd_scrape *scrape, const struct cd_scraped_task *task)     \
    {                                                                                              \
        (void)scrape;                                                                              \
        return (double)task->readings.value[kind];                                                 \
    }
READING(seen, CD_READ_POLLED)
READING(skipped, CD_READ_SKIPPED)
READING(erroneous, CD_READ_ERRORS)
READING(queued, CD_READ_QUEUE_BYTES)

static double capacity(const struct cd_scrape *scrape, const struct cd_scraped_task *task)
{
    (void)task;
    return (double)scrape->metrics->task_memory_bytes;
}

static double remaining(const struct cd_scrape *scrape, const struct cd_scraped_task *task)
{
    double left = capacity(scrape, task) - queued(scrape, task);
    return left < 0 ? 0 : left;
}

static const struct row rows[] = {
    {"debezium_metrics_Connected", connected, "1 while the task runs and its database answers."},
    {"debezium_metrics_MilliSecondsSinceLastEvent", since_last_event,
     "Time since Kafka acknowledged a record; -1: none yet."},
    {"debezium_metrics_TotalNumberOfEventsSeen", seen, "Records read."},
    {"debezium_metrics_NumberOfEventsSkipped", skipped, "Records skipped because of errors."},
    {"debezium_metrics_NumberOfErroneousEvents", erroneous, "Records that failed for good."},
    {"debezium_metrics_QueueTotalCapacity", capacity, "Bytes the task may hold unacknowledged."},
    {"debezium_metrics_QueueRemainingCapacity", remaining, "Of those, the free ones."},
    {"debezium_metrics_SnapshotRunning", zero, "There are no snapshots: 0."},
    {"debezium_metrics_SnapshotAborted", zero, "There are no snapshots: 0."},
};

/* "postgres" of a connection, else the class's simple name in lower case. */
static char *plugin_of(const struct cd_scraped_task *task)
{
    const char *url = cd_config_get(task->view->config, "connection.url");
    const char *class_name = task->entry->class_name == NULL ? "" : task->entry->class_name;
    if (url != NULL && strstr(url, "postgres") != NULL)
        return cd_strdup("postgres");
    if (url != NULL && strstr(url, "sqlite") != NULL)
        return cd_strdup("sqlite");
    const char *dot = strrchr(class_name, '.');
    char *plugin = cd_strdup(dot == NULL ? class_name : dot + 1);
    for (char *c = plugin; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    return plugin;
}

static void sample(const struct cd_scrape *scrape, const struct row *row,
                   const struct cd_scraped_task *task)
{
    CD_AUTO_FREE char *plugin = plugin_of(task);
    const char *prefix = cd_config_get(task->view->config, "topic.prefix");
    const struct cd_label labels[] = {{"plugin", plugin},
                                      {"name", prefix == NULL ? task->entry->connector : prefix},
                                      {"context", "streaming"},
                                      {"task", task->id},
                                      {"connector", task->entry->connector},
                                      {NULL, NULL}};
    cd_sample(scrape->out, row->name, "", labels, row->value(scrape, task));
}

void cd_scrape_debezium(const struct cd_scrape *scrape)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cd_family(scrape->out, rows[i].name, CD_UNTYPED, rows[i].doc);
        for (size_t t = 0; t < scrape->task_count; t++)
            if (scrape->tasks[t].entry->is_source && scrape->tasks[t].view != NULL)
                sample(scrape, &rows[i], &scrape->tasks[t]);
    }
}
