/*
 * Kafka Connect's own metrics under the names of the enabled dialects.
 *
 * One row is one attribute (its MBean group and name); a dialect is a rule that makes a name of a
 * row. Rows are rendered for all that the group is about: the worker, connectors, tasks.
 */
#include "daemon/metrics_scrape.h"

#include <math.h>
#include <stdio.h>

enum { NAME_BYTES = 200 };

enum group {
    GROUP_TASK,
    GROUP_SOURCE,
    GROUP_SINK,
    GROUP_ERRORS,
    GROUP_WORKER,
    GROUP_WORKER_CONNECTOR,
    GROUP_REBALANCE,
    GROUP_COORDINATOR,
};

/* What is done with the row's reading or measure. */
enum how { HOW_NOW, HOW_RATE, HOW_AVG, HOW_MAX, HOW_SHARE, HOW_OF_TASK, HOW_OF_WORKER, HOW_COUNT };

struct attribute {
    enum group group;
    const char *name; /* Kafka's, with underscores */
    enum cd_family_type type;
    enum how how;
    int what;       /* reading, measure, or state to count */
    int other;      /* of HOW_SHARE */
    double divisor; /* 0: 1 */
    double (*of_task)(const struct cd_scrape *scrape, const struct cd_scraped_task *task);
    double (*of_worker)(const struct cd_scrape *scrape);
    const char *doc;
};

static double running_ratio(const struct cd_scrape *scrape, const struct cd_scraped_task *task)
{
    (void)scrape;
    const struct cd_readings *r = &task->readings;
    return r->lived_ms <= 0 ? 0 : (double)r->running_ms / (double)r->lived_ms;
}

static double pause_ratio(const struct cd_scrape *scrape, const struct cd_scraped_task *task)
{
    (void)scrape;
    const struct cd_readings *r = &task->readings;
    return r->lived_ms <= 0 ? 0 : (double)r->paused_ms / (double)r->lived_ms;
}

static double connector_count(const struct cd_scrape *scrape)
{
    return (double)scrape->snapshot->count;
}

static double task_count(const struct cd_scrape *scrape)
{
    return (double)scrape->task_count;
}

static double share(uint64_t part, uint64_t all)
{
    return all == 0 ? 0 : (double)part / (double)all;
}

#define START(function, which, expression)                                                         \
    static double function(const struct cd_scrape *scrape)                                         \
    {                                                                                              \
        const struct cd_starts *starts = &scrape->metrics->which;                                  \
        return (double)(expression);                                                               \
    }
START(connector_attempts, connectors, starts->attempts)
START(connector_successes, connectors, starts->successes)
START(connector_failures, connectors, starts->failures)
START(connector_success_share, connectors, share(starts->successes, starts->attempts))
START(connector_failure_share, connectors, share(starts->failures, starts->attempts))
START(task_attempts, tasks, starts->attempts)
START(task_successes, tasks, starts->successes)
START(task_failures, tasks, starts->failures)
START(task_success_share, tasks, share(starts->successes, starts->attempts))
START(task_failure_share, tasks, share(starts->failures, starts->attempts))

#define CLUSTER(function, member)                                                                  \
    static double function(const struct cd_scrape *scrape)                                         \
    {                                                                                              \
        return (double)scrape->cluster.member;                                                     \
    }
CLUSTER(epoch, epoch)
CLUSTER(completed_rebalances, completed_rebalances)
CLUSTER(rebalancing, rebalancing)
CLUSTER(rebalance_avg, rebalance_avg_ms)
CLUSTER(rebalance_max, rebalance_max_ms)
CLUSTER(since_last_rebalance, since_last_rebalance_ms)
CLUSTER(assigned_connectors, assigned_connectors)
CLUSTER(assigned_tasks, assigned_tasks)

#define TOTAL_TASKS (-1)
#define DESTROYED (-2)
#define US 1000.0 /* microseconds in a millisecond */

#define NOW(reading) .how = HOW_NOW, .what = (reading)
#define RATE(reading) .type = CD_GAUGE, .how = HOW_RATE, .what = (reading)
#define AVG(measure) .type = CD_GAUGE, .how = HOW_AVG, .what = (measure)
#define MAX(measure) .type = CD_GAUGE, .how = HOW_MAX, .what = (measure)
#define SHARE(a, b) .type = CD_GAUGE, .how = HOW_SHARE, .what = (a), .other = (b)
#define OF_WORKER(function) .how = HOW_OF_WORKER, .of_worker = (function)
#define COUNT(state) .type = CD_UNTYPED, .how = HOW_COUNT, .what = (state)

/* clang-format off */
static const struct attribute attributes[] = {
    {GROUP_TASK, "running_ratio", CD_GAUGE, .how = HOW_OF_TASK, .of_task = running_ratio, .doc = "Share of its time that the task has been running."},
    {GROUP_TASK, "pause_ratio", CD_GAUGE, .how = HOW_OF_TASK, .of_task = pause_ratio, .doc = "Share of its time that the task has been paused."},
    {GROUP_TASK, "offset_commit_max_time_ms", MAX(CD_MEASURE_COMMIT_MS), .doc = "Longest offset commit."},
    {GROUP_TASK, "offset_commit_avg_time_ms", AVG(CD_MEASURE_COMMIT_MS), .doc = "Average time of an offset commit."},
    {GROUP_TASK, "offset_commit_success_percentage", SHARE(CD_READ_COMMIT_SUCCESSES, CD_READ_COMMIT_FAILURES), .doc = "Share of offset commits that succeeded, 0 to 1."},
    {GROUP_TASK, "offset_commit_failure_percentage", SHARE(CD_READ_COMMIT_FAILURES, CD_READ_COMMIT_SUCCESSES), .doc = "Share of offset commits that failed, 0 to 1."},
    {GROUP_TASK, "batch_size_max", MAX(CD_MEASURE_BATCH_RECORDS), .doc = "Records of the largest batch."},
    {GROUP_TASK, "batch_size_avg", AVG(CD_MEASURE_BATCH_RECORDS), .doc = "Records a batch, on average."},

    {GROUP_SOURCE, "source_record_poll_rate", RATE(CD_READ_POLLED), .doc = "Records read a second, before transforms."},
    {GROUP_SOURCE, "source_record_poll_total", CD_COUNTER, NOW(CD_READ_POLLED), .doc = "Records read, before transforms."},
    {GROUP_SOURCE, "source_record_write_rate", RATE(CD_READ_WRITTEN), .doc = "Records acknowledged by Kafka a second."},
    {GROUP_SOURCE, "source_record_write_total", CD_COUNTER, NOW(CD_READ_WRITTEN), .doc = "Records acknowledged by Kafka."},
    {GROUP_SOURCE, "poll_batch_max_time_ms", MAX(CD_MEASURE_POLL_US), .divisor = US, .doc = "Longest poll that brought records."},
    {GROUP_SOURCE, "poll_batch_avg_time_ms", AVG(CD_MEASURE_POLL_US), .divisor = US, .doc = "Average poll that brought records."},
    {GROUP_SOURCE, "source_record_active_count", CD_UNTYPED, NOW(CD_READ_ACTIVE), .doc = "Records read and not acknowledged yet."},
    {GROUP_SOURCE, "source_record_active_count_max", MAX(CD_MEASURE_ACTIVE), .doc = "Most records read and not acknowledged."},
    {GROUP_SOURCE, "source_record_active_count_avg", AVG(CD_MEASURE_ACTIVE), .doc = "Records read and not acknowledged, on average."},
    {GROUP_SOURCE, "transaction_size_max", MAX(CD_MEASURE_TRANSACTION_RECORDS), .doc = "Records of the largest transaction."},
    {GROUP_SOURCE, "transaction_size_avg", AVG(CD_MEASURE_TRANSACTION_RECORDS), .doc = "Records a transaction, on average."},

    {GROUP_SINK, "sink_record_read_rate", RATE(CD_READ_READ), .doc = "Records consumed a second."},
    {GROUP_SINK, "sink_record_read_total", CD_COUNTER, NOW(CD_READ_READ), .doc = "Records consumed."},
    {GROUP_SINK, "sink_record_send_rate", RATE(CD_READ_SENT), .doc = "Records given to the target a second."},
    {GROUP_SINK, "sink_record_send_total", CD_COUNTER, NOW(CD_READ_SENT), .doc = "Records given to the target."},
    {GROUP_SINK, "sink_record_lag_max", CD_GAUGE, NOW(CD_READ_LAG_MAX), .doc = "Records waiting in the partition that is furthest behind."},
    {GROUP_SINK, "partition_count", CD_UNTYPED, NOW(CD_READ_PARTITIONS), .doc = "Partitions assigned to the task."},
    {GROUP_SINK, "offset_commit_seq_no", CD_GAUGE, NOW(CD_READ_COMMIT_SEQUENCE), .doc = "Number of the last offset commit."},
    {GROUP_SINK, "offset_commit_completion_rate", RATE(CD_READ_COMMIT_COMPLETIONS), .doc = "Offset commits that went well, a second."},
    {GROUP_SINK, "offset_commit_completion_total", CD_COUNTER, NOW(CD_READ_COMMIT_COMPLETIONS), .doc = "Offset commits that went well."},
    {GROUP_SINK, "offset_commit_skip_rate", RATE(CD_READ_COMMIT_SKIPS), .doc = "Offset commits whose answer came too late, a second."},
    {GROUP_SINK, "offset_commit_skip_total", CD_COUNTER, NOW(CD_READ_COMMIT_SKIPS), .doc = "Offset commits whose answer came too late."},
    {GROUP_SINK, "put_batch_max_time_ms", MAX(CD_MEASURE_PUT_US), .divisor = US, .doc = "Longest put."},
    {GROUP_SINK, "put_batch_avg_time_ms", AVG(CD_MEASURE_PUT_US), .divisor = US, .doc = "Average put."},
    {GROUP_SINK, "sink_record_active_count", CD_UNTYPED, NOW(CD_READ_ACTIVE), .doc = "Records consumed and not committed yet."},
    {GROUP_SINK, "sink_record_active_count_max", MAX(CD_MEASURE_ACTIVE), .doc = "Most records consumed and not committed."},
    {GROUP_SINK, "sink_record_active_count_avg", AVG(CD_MEASURE_ACTIVE), .doc = "Records consumed and not committed, on average."},

    {GROUP_ERRORS, "total_record_failures", CD_UNTYPED, NOW(CD_READ_FAILURES), .doc = "Failed operations on records, retries included."},
    {GROUP_ERRORS, "total_record_errors", CD_UNTYPED, NOW(CD_READ_ERRORS), .doc = "Records that failed for good."},
    {GROUP_ERRORS, "total_records_skipped", CD_UNTYPED, NOW(CD_READ_SKIPPED), .doc = "Records skipped because of errors."},
    {GROUP_ERRORS, "total_retries", CD_UNTYPED, NOW(CD_READ_RETRIES), .doc = "Operations tried again."},
    {GROUP_ERRORS, "total_errors_logged", CD_UNTYPED, NOW(CD_READ_LOGGED), .doc = "Errors written to the log."},
    {GROUP_ERRORS, "deadletterqueue_produce_requests", CD_UNTYPED, NOW(CD_READ_DEAD_LETTER_REQUESTS), .doc = "Dead letters written or tried."},
    {GROUP_ERRORS, "deadletterqueue_produce_failures", CD_UNTYPED, NOW(CD_READ_DEAD_LETTER_FAILURES), .doc = "Dead letters that could not be written."},
    {GROUP_ERRORS, "last_error_timestamp", CD_GAUGE, NOW(CD_READ_LAST_ERROR_MS), .doc = "When the last error happened, milliseconds since 1970."},

    {GROUP_WORKER, "connector_count", CD_UNTYPED, OF_WORKER(connector_count), .doc = "Connectors of this worker."},
    {GROUP_WORKER, "task_count", CD_UNTYPED, OF_WORKER(task_count), .doc = "Tasks of this worker."},
    {GROUP_WORKER, "connector_startup_attempts_total", CD_COUNTER, OF_WORKER(connector_attempts), .doc = "Starts of connectors."},
    {GROUP_WORKER, "connector_startup_success_total", CD_COUNTER, OF_WORKER(connector_successes), .doc = "Starts of connectors that succeeded."},
    {GROUP_WORKER, "connector_startup_failure_total", CD_COUNTER, OF_WORKER(connector_failures), .doc = "Starts of connectors that failed."},
    {GROUP_WORKER, "connector_startup_success_percentage", CD_GAUGE, OF_WORKER(connector_success_share), .doc = "Share of connector starts that succeeded, 0 to 1."},
    {GROUP_WORKER, "connector_startup_failure_percentage", CD_GAUGE, OF_WORKER(connector_failure_share), .doc = "Share of connector starts that failed, 0 to 1."},
    {GROUP_WORKER, "task_startup_attempts_total", CD_COUNTER, OF_WORKER(task_attempts), .doc = "Starts of tasks."},
    {GROUP_WORKER, "task_startup_success_total", CD_COUNTER, OF_WORKER(task_successes), .doc = "Starts of tasks that succeeded."},
    {GROUP_WORKER, "task_startup_failure_total", CD_COUNTER, OF_WORKER(task_failures), .doc = "Starts of tasks that failed."},
    {GROUP_WORKER, "task_startup_success_percentage", CD_GAUGE, OF_WORKER(task_success_share), .doc = "Share of task starts that succeeded, 0 to 1."},
    {GROUP_WORKER, "task_startup_failure_percentage", CD_GAUGE, OF_WORKER(task_failure_share), .doc = "Share of task starts that failed, 0 to 1."},

    {GROUP_WORKER_CONNECTOR, "connector_total_task_count", COUNT(TOTAL_TASKS), .doc = "Tasks of the connector."},
    {GROUP_WORKER_CONNECTOR, "connector_running_task_count", COUNT(CD_API_RUNNING), .doc = "Running tasks of the connector."},
    {GROUP_WORKER_CONNECTOR, "connector_paused_task_count", COUNT(CD_API_PAUSED), .doc = "Paused tasks of the connector."},
    {GROUP_WORKER_CONNECTOR, "connector_failed_task_count", COUNT(CD_API_FAILED), .doc = "Failed tasks of the connector."},
    {GROUP_WORKER_CONNECTOR, "connector_unassigned_task_count", COUNT(CD_API_UNASSIGNED), .doc = "Unassigned tasks of the connector."},
    {GROUP_WORKER_CONNECTOR, "connector_destroyed_task_count", COUNT(DESTROYED), .doc = "Destroyed tasks of the connector; none stays in the tables."},
    {GROUP_WORKER_CONNECTOR, "connector_restarting_task_count", COUNT(CD_API_RESTARTING), .doc = "Restarting tasks of the connector."},

    {GROUP_REBALANCE, "epoch", CD_GAUGE, OF_WORKER(epoch), .doc = "Generation of the group of workers."},
    {GROUP_REBALANCE, "completed_rebalances_total", CD_COUNTER, OF_WORKER(completed_rebalances), .doc = "Rebalances of the group of workers."},
    {GROUP_REBALANCE, "rebalancing", CD_GAUGE, OF_WORKER(rebalancing), .doc = "1 during a rebalance."},
    {GROUP_REBALANCE, "rebalance_avg_time_ms", CD_GAUGE, OF_WORKER(rebalance_avg), .doc = "Average time of a rebalance."},
    {GROUP_REBALANCE, "rebalance_max_time_ms", CD_GAUGE, OF_WORKER(rebalance_max), .doc = "Longest rebalance."},
    {GROUP_REBALANCE, "time_since_last_rebalance_ms", CD_GAUGE, OF_WORKER(since_last_rebalance), .doc = "Time since the last rebalance."},

    {GROUP_COORDINATOR, "assigned_connectors", CD_GAUGE, OF_WORKER(assigned_connectors), .doc = "Connectors assigned to this worker."},
    {GROUP_COORDINATOR, "assigned_tasks", CD_GAUGE, OF_WORKER(assigned_tasks), .doc = "Tasks assigned to this worker."},
};
/* clang-format on */

/* ---- names ---- */

struct dialect {
    const char *groups[GROUP_COORDINATOR + 1]; /* NULL: the dialect has no such attributes */
};

static const struct dialect strimzi = {.groups = {
                                           [GROUP_TASK] = "connector_task",
                                           [GROUP_SOURCE] = "source_task",
                                           [GROUP_SINK] = "sink_task",
                                           [GROUP_ERRORS] = "task_error",
                                           [GROUP_WORKER] = "worker",
                                           [GROUP_WORKER_CONNECTOR] = "worker",
                                           [GROUP_REBALANCE] = "worker_rebalance",
                                           [GROUP_COORDINATOR] = "coordinator",
                                       }};

/* Confluent's, and Strimzi's reporter: as the MBean groups are called. */
static const struct dialect plain_groups = {
    .groups = {
        [GROUP_TASK] = "connector_task_metrics",
        [GROUP_SOURCE] = "source_task_metrics",
        [GROUP_SINK] = "sink_task_metrics",
        [GROUP_ERRORS] = "task_error_metrics",
        [GROUP_WORKER] = "connect_worker_metrics",
        [GROUP_WORKER_CONNECTOR] = "connect_worker_metrics",
        [GROUP_REBALANCE] = "connect_worker_rebalance_metrics",
        [GROUP_COORDINATOR] = "connect_coordinator_metrics",
    }};

static const struct dialect debezium = {.groups = {
                                            [GROUP_WORKER] = "worker_metrics",
                                            [GROUP_WORKER_CONNECTOR] = "worker_metrics",
                                            [GROUP_REBALANCE] = "worker_rebalance_metrics",
                                        }};

/* ---- samples of a row ---- */

static bool concerns(const struct attribute *row, const struct cd_scraped_task *task)
{
    if (row->group == GROUP_SOURCE)
        return task->entry->is_source;
    return row->group != GROUP_SINK || !task->entry->is_source;
}

static double of_task(const struct cd_scrape *scrape, const struct attribute *row,
                      const struct cd_scraped_task *task)
{
    const struct cd_sampled *sampled = &task->entry->sampled;
    const struct cd_readings *now = &task->readings;
    double divisor = row->divisor > 0 ? row->divisor : 1;
    switch (row->how) {
    case HOW_NOW:
        if (row->what == CD_READ_LAG_MAX && now->value[row->what] < 0)
            return (double)NAN;
        return (double)now->value[row->what];
    case HOW_RATE:
        return cd_sampled_rate(sampled, now, (enum cd_reading_kind)row->what, scrape->now_ms);
    case HOW_AVG:
        return cd_sampled_avg(sampled, now, (enum cd_measure_kind)row->what) / divisor;
    case HOW_MAX:
        return cd_sampled_max(sampled, now, (enum cd_measure_kind)row->what) / divisor;
    case HOW_SHARE:
        return cd_sampled_share(sampled, now, (enum cd_reading_kind)row->what,
                                (enum cd_reading_kind)row->other);
    case HOW_OF_TASK:
        return row->of_task(scrape, task);
    case HOW_OF_WORKER:
    case HOW_COUNT:
        break;
    }
    return (double)NAN;
}

static double count_tasks(const struct cd_connector_view *view, int state)
{
    if (state == TOTAL_TASKS)
        return (double)view->task_count;
    double count = 0;
    for (size_t i = 0; i < view->task_count; i++) {
        const struct cd_status_view *status = &view->tasks[i].status;
        if ((status->known ? (int)status->state : CD_API_UNASSIGNED) == state)
            count++;
    }
    return count;
}

static void sample_tasks(const struct cd_scrape *scrape, const struct attribute *row,
                         const char *name)
{
    for (size_t i = 0; i < scrape->task_count; i++) {
        const struct cd_scraped_task *task = &scrape->tasks[i];
        if (!concerns(row, task))
            continue;
        const struct cd_label labels[] = {
            {"connector", task->entry->connector}, {"task", task->id}, {NULL, NULL}};
        cd_sample(scrape->out, name, "", labels, of_task(scrape, row, task));
    }
}

static void sample_connectors(const struct cd_scrape *scrape, const struct attribute *row,
                              const char *name)
{
    for (size_t i = 0; i < scrape->snapshot->count; i++) {
        const struct cd_connector_view *view = scrape->snapshot->views[i];
        const struct cd_label labels[] = {{"connector", view->name}, {NULL, NULL}};
        cd_sample(scrape->out, name, "", labels, count_tasks(view, row->what));
    }
}

static void sample_worker(const struct cd_scrape *scrape, const struct attribute *row,
                          const char *name)
{
    const struct cd_label none[] = {{NULL, NULL}};
    const struct cd_label client[] = {{"client_id", scrape->metrics->client_id}, {NULL, NULL}};
    cd_sample(scrape->out, name, "", row->group == GROUP_COORDINATOR ? client : none,
              row->of_worker(scrape));
}

static void render_row(const struct cd_scrape *scrape, const struct attribute *row,
                       const char *group)
{
    char name[NAME_BYTES];
    snprintf(name, sizeof(name), "kafka_connect_%s_%s", group, row->name);
    cd_family(scrape->out, name, row->type, row->doc);
    if (row->how == HOW_OF_WORKER)
        sample_worker(scrape, row, name);
    else if (row->how == HOW_COUNT)
        sample_connectors(scrape, row, name);
    else
        sample_tasks(scrape, row, name);
}

static void render_dialect(const struct cd_scrape *scrape, const struct dialect *dialect)
{
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        const struct attribute *row = &attributes[i];
        bool of_group = row->group == GROUP_REBALANCE || row->group == GROUP_COORDINATOR;
        if (dialect->groups[row->group] == NULL || (of_group && !scrape->metrics->distributed))
            continue;
        render_row(scrape, row, dialect->groups[row->group]);
    }
}

void cd_scrape_kafka(const struct cd_scrape *scrape)
{
    const struct cd_dialects *dialects = &scrape->metrics->dialects;
    if (dialects->strimzi)
        render_dialect(scrape, &strimzi);
    if (dialects->confluent || dialects->reporter)
        render_dialect(scrape, &plain_groups);
    if (dialects->debezium)
        render_dialect(scrape, &debezium);
}
