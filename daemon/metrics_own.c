/* connectd_*: what Connect's own metrics cannot say. */
#include "daemon/metrics_scrape.h"

#include "kafka/client.h"

#include <math.h>
#include <stdio.h>

/* ---- a row a task ---- */

struct task_row {
    const char *name;
    enum cd_family_type type;
    bool sinks_only;
    bool sources_only;
    /* NAN: no sample. */
    double (*value)(const struct cd_scrape *scrape, const struct cd_scraped_task *task);
    const char *doc;
};

static double age(const struct cd_scrape *scrape, int64_t since_ms)
{
    return since_ms <= 0 ? (double)NAN : (double)(scrape->wall_ms - since_ms) / 1000;
}

static double state_age(const struct cd_scrape *scrape, const struct cd_scraped_task *task)
{
    return task->status == NULL ? (double)NAN : age(scrape, task->status->since_ms);
}

static double restarts(const struct cd_scrape *scrape, const struct cd_scraped_task *task)
{
    (void)scrape;
    return (double)task->entry->restarts;
}

static double last_progress(const struct cd_scrape *scrape, const struct cd_scraped_task *task)
{
    (void)scrape;
    int64_t at_ms = task->readings.value[CD_READ_LAST_PROGRESS_MS];
    return at_ms == 0 ? (double)NAN : (double)at_ms / 1000;
}

static double stalled(const struct cd_scrape *scrape, const struct cd_scraped_task *task)
{
    (void)scrape;
    return task->entry->stalled;
}

static double degraded(const struct cd_scrape *scrape, const struct cd_scraped_task *task)
{
    int64_t since_ms = task->readings.value[CD_READ_DEGRADED_SINCE_MS];
    return since_ms == 0 ? 0 : age(scrape, since_ms);
}

static double records(const struct cd_scrape *scrape, const struct cd_scraped_task *task)
{
    (void)scrape;
    return (double)task->readings.value[task->entry->is_source ? CD_READ_WRITTEN : CD_READ_SENT];
}

static double queue_fill(const struct cd_scrape *scrape, const struct cd_scraped_task *task)
{
    return (double)task->readings.value[CD_READ_QUEUE_BYTES] /
           (double)scrape->metrics->task_memory_bytes;
}

static double lag(const struct cd_scrape *scrape, const struct cd_scraped_task *task)
{
    (void)scrape;
    int64_t records_behind = task->readings.value[CD_READ_LAG_MAX];
    return records_behind < 0 ? (double)NAN : (double)records_behind;
}

#define READING(function, kind)                                                                    \
    static double function(const struct cd_scrape *scrape, const struct cd_scraped_task *task)     \
    {                                                                                              \
        (void)scrape;                                                                              \
        return (double)task->readings.value[kind];                                                 \
    }
READING(healed, CD_READ_HEALED)
READING(full_waits, CD_READ_FULL_WAITS)
READING(active, CD_READ_ACTIVE)
READING(errors, CD_READ_ERRORS)
READING(skipped, CD_READ_SKIPPED)
READING(retries, CD_READ_RETRIES)
READING(dead_letters, CD_READ_DEAD_LETTER_REQUESTS)
READING(commit_failures, CD_READ_COMMIT_FAILURES)

/* clang-format off */
static const struct task_row task_rows[] = {
    {"connectd_task_state_age_seconds", CD_GAUGE, .value = state_age, .doc = "How long the task has been in its state."},
    {"connectd_task_restarts_total", CD_COUNTER, .value = restarts, .doc = "Starts of the task after its first."},
    {"connectd_task_last_progress_timestamp_seconds", CD_GAUGE, .value = last_progress, .doc = "When a record was last acknowledged, flushed or committed, since 1970."},
    {"connectd_task_stalled", CD_GAUGE, .value = stalled, .doc = "1: the task runs, has something to do and makes no progress."},
    {"connectd_task_degraded_seconds", CD_GAUGE, .value = degraded, .doc = "How long the task has been waiting for its system to come back; 0: it is well."},
    {"connectd_task_healed_total", CD_COUNTER, .value = healed, .doc = "Times its system came back."},
    {"connectd_task_records_total", CD_COUNTER, .value = records, .doc = "Records that reached Kafka (sources) or the target (sinks)."},
    {"connectd_task_errors_total", CD_COUNTER, .value = errors, .doc = "Records that failed for good."},
    {"connectd_task_skipped_total", CD_COUNTER, .value = skipped, .doc = "Of those, the tolerated ones."},
    {"connectd_task_retries_total", CD_COUNTER, .value = retries, .doc = "Operations tried again."},
    {"connectd_task_dead_letters_total", CD_COUNTER, .value = dead_letters, .doc = "Dead letters written or tried."},
    {"connectd_task_commit_failures_total", CD_COUNTER, .value = commit_failures, .doc = "Offset commits that failed."},
    {"connectd_task_backpressure_total", CD_COUNTER, .value = full_waits, .sources_only = true, .doc = "Times the task waited because what it holds is full."},
    {"connectd_task_inflight_records", CD_GAUGE, .value = active, .doc = "Records read and not acknowledged (sources) or not committed (sinks)."},
    {"connectd_task_queue_fill_ratio", CD_GAUGE, .value = queue_fill, .doc = "What the task holds unacknowledged, as a share of connectd.task.memory.bytes."},
    {"connectd_sink_lag_max_records", CD_GAUGE, .sinks_only = true, .value = lag, .doc = "Records waiting in the partition that is furthest behind."},
};
/* clang-format on */

static void render_task_row(const struct cd_scrape *scrape, const struct task_row *row)
{
    cd_family(scrape->out, row->name, row->type, row->doc);
    for (size_t i = 0; i < scrape->task_count; i++) {
        const struct cd_scraped_task *task = &scrape->tasks[i];
        if (task->entry->is_source ? row->sinks_only : row->sources_only)
            continue;
        const struct cd_label labels[] = {
            {"connector", task->entry->connector}, {"task", task->id}, {NULL, NULL}};
        double value = row->value(scrape, task);
        if (!isnan(value))
            cd_sample(scrape->out, row->name, "", labels, value);
    }
}

static void render_histogram(const struct cd_scrape *scrape, const char *name, bool commits,
                             const char *doc)
{
    cd_family(scrape->out, name, CD_HISTOGRAM, doc);
    for (size_t i = 0; i < scrape->task_count; i++) {
        const struct cd_scraped_task *task = &scrape->tasks[i];
        const struct cd_label labels[] = {
            {"connector", task->entry->connector}, {"task", task->id}, {NULL, NULL}};
        cd_sample_histogram(scrape->out, name, labels,
                            commits ? &task->readings.commit : &task->readings.latency);
    }
}

static void render_lags(const struct cd_scrape *scrape)
{
    static const char name[] = "connectd_sink_lag_records";
    cd_family(scrape->out, name, CD_GAUGE,
              "Records waiting in a partition, as of the last offset commit.");
    for (size_t i = 0; i < scrape->task_count; i++) {
        const struct cd_scraped_task *task = &scrape->tasks[i];
        for (size_t p = 0; p < task->entry->lag_count; p++) {
            const struct cd_metrics_lag *at = &task->entry->lags[p];
            char partition[16];
            snprintf(partition, sizeof(partition), "%d", (int)at->partition);
            const struct cd_label labels[] = {{"connector", task->entry->connector},
                                              {"task", task->id},
                                              {"topic", at->topic},
                                              {"partition", partition},
                                              {NULL, NULL}};
            cd_sample(scrape->out, name, "", labels, (double)at->records);
        }
    }
}

/* ---- states and connectors ---- */

static void render_states(const struct cd_scrape *scrape)
{
    static const char of_connector[] = "connectd_connector_state";
    static const char of_task[] = "connectd_task_state";
    cd_family(scrape->out, of_connector, CD_GAUGE, "State of the connector, as a label.");
    for (size_t i = 0; i < scrape->snapshot->count; i++) {
        const struct cd_connector_view *view = scrape->snapshot->views[i];
        struct cd_state_text state = cd_scrape_state(&view->status);
        const struct cd_label labels[] = {{"connector", view->name},
                                          {"type", cd_api_type_name(view->type)},
                                          {"state", state.text},
                                          {NULL, NULL}};
        cd_sample(scrape->out, of_connector, "", labels, 1);
    }
    cd_family(scrape->out, of_task, CD_GAUGE, "State of the task, as a label.");
    for (size_t i = 0; i < scrape->task_count; i++) {
        struct cd_state_text state = cd_scrape_state(scrape->tasks[i].status);
        const struct cd_label labels[] = {{"connector", scrape->tasks[i].entry->connector},
                                          {"task", scrape->tasks[i].id},
                                          {"state", state.text},
                                          {NULL, NULL}};
        cd_sample(scrape->out, of_task, "", labels, 1);
    }
}

static double without_tasks(const struct cd_scrape *scrape, const struct cd_connector_view *view)
{
    (void)scrape;
    return view->status.known && view->status.state == CD_API_RUNNING && view->task_count == 0;
}

static double connector_age(const struct cd_scrape *scrape, const struct cd_connector_view *view)
{
    return age(scrape, view->status.since_ms);
}

static double tasks_of(const struct cd_scrape *scrape, const struct cd_connector_view *view)
{
    (void)scrape;
    return (double)view->task_count;
}

static void render_connectors(const struct cd_scrape *scrape)
{
    static const struct {
        const char *name;
        double (*value)(const struct cd_scrape *scrape, const struct cd_connector_view *view);
        const char *doc;
    } rows[] = {
        {"connectd_connector_state_age_seconds", connector_age,
         "How long the connector has been in its state."},
        {"connectd_connector_tasks", tasks_of, "Tasks of the connector."},
        {"connectd_connector_without_tasks", without_tasks,
         "1: the connector runs and has no task, so it moves nothing."},
    };
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        cd_family(scrape->out, rows[r].name, CD_GAUGE, rows[r].doc);
        for (size_t i = 0; i < scrape->snapshot->count; i++) {
            const struct cd_connector_view *view = scrape->snapshot->views[i];
            const struct cd_label labels[] = {{"connector", view->name}, {NULL, NULL}};
            double value = rows[r].value(scrape, view);
            if (!isnan(value))
                cd_sample(scrape->out, rows[r].name, "", labels, value);
        }
    }
}

/* ---- the worker ---- */

static void render_worker(const struct cd_scrape *scrape)
{
    static const struct cd_label none[] = {{NULL, NULL}};
    const struct {
        const char *name;
        enum cd_family_type type;
        double value;
        const char *doc;
    } rows[] = {
        {"connectd_connectors", CD_GAUGE, (double)scrape->snapshot->count, "Connectors."},
        {"connectd_tasks", CD_GAUGE, (double)scrape->task_count, "Tasks."},
        {"connectd_pool_threads", CD_GAUGE, (double)scrape->pool.threads,
         "Threads that run tasks."},
        {"connectd_pool_busy_threads", CD_GAUGE, (double)scrape->pool.busy,
         "Of those, the ones running a step."},
        {"connectd_pool_waiting_steps", CD_GAUGE, (double)scrape->pool.runnable,
         "Steps that wait for a thread."},
        {"connectd_pool_steps_total", CD_COUNTER, (double)scrape->pool.steps, "Steps run."},
        {"connectd_producers", CD_GAUGE, (double)scrape->producers.handles,
         "Producer handles, shared by tasks."},
        {"connectd_producer_connections", CD_GAUGE, (double)scrape->producers.connections,
         "Connections of the producers."},
        {"connectd_producer_sent_bytes_total", CD_COUNTER, (double)scrape->producers.sent_bytes,
         "Payload sent."},
        {"connectd_producer_refused_records_total", CD_COUNTER,
         (double)scrape->producers.refused_records, "Records brokers refused."},
        {"connectd_producer_throttled_total", CD_COUNTER, (double)scrape->producers.throttled,
         "Times a broker throttled a producer."},
    };
    const struct cd_label info[] = {
        {"version", CD_VERSION},
        {"librdkafka", cd_kafka_library_version()},
        {"mode", scrape->metrics->distributed ? "distributed" : "standalone"},
        {NULL, NULL}};
    cd_family(scrape->out, "connectd_info", CD_GAUGE, "Versions, as labels.");
    cd_sample(scrape->out, "connectd_info", "", info, 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cd_family(scrape->out, rows[i].name, rows[i].type, rows[i].doc);
        cd_sample(scrape->out, rows[i].name, "", none, rows[i].value);
    }
}

void cd_scrape_own(const struct cd_scrape *scrape)
{
    render_worker(scrape);
    render_states(scrape);
    render_connectors(scrape);
    for (size_t i = 0; i < sizeof(task_rows) / sizeof(task_rows[0]); i++)
        render_task_row(scrape, &task_rows[i]);
    render_lags(scrape);
    render_histogram(scrape, "connectd_record_latency_seconds", /* commits = */ false,
                     "From a record's timestamp (without one: from its sending) to its "
                     "acknowledgement or flush.");
    render_histogram(scrape, "connectd_offset_commit_duration_seconds", /* commits = */ true,
                     "Time of offset commits.");
}
