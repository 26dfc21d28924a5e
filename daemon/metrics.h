/*
 * What the worker counts, for GET /metrics: one table of tasks (whose counters are their own), and
 * the worker's starts. Everything derived is made here, from two readings of the same counter.
 *
 * A small runnable looks at the table every few seconds: it ends sampling windows, and says which
 * tasks stand still although there is something to do, and which connectors run without tasks.
 *
 * A task is known from its start until its slot is dropped, so that a failed one keeps its totals;
 * a restarted one counts from 0 again, as in the JVM.
 *
 * Thread: any. Every function allows NULL for `metrics`: then nobody counts.
 */
#ifndef CD_DAEMON_METRICS_H
#define CD_DAEMON_METRICS_H

#include "api/snapshot.h"
#include "daemon/counters.h"
#include "daemon/scheduler.h"
#include "kafka/producer.h"

struct cd_breakers;
struct cd_metrics;
struct cd_worker_config;

struct cd_metrics_options {
    const struct cd_worker_config *config; /* borrowed */
    bool distributed;
    const char *worker_id; /* copied */
};

struct cd_metrics *cd_metrics_new(const struct cd_metrics_options *options);
void cd_metrics_free(struct cd_metrics *metrics);

/* Begins to look at the table every few seconds. `snapshot` gives a reference. */
void cd_metrics_watch(struct cd_metrics *metrics, struct cd_scheduler *scheduler,
                      const struct cd_snapshot *(*snapshot)(void *arg), void *arg);
/* Before the scheduler stops. Waits for a look that is under way. */
void cd_metrics_unwatch(struct cd_metrics *metrics);

/* A task begins. `counters` and `runnable` are borrowed until cd_metrics_task_ended. */
struct cd_metrics_task {
    const char *connector;
    int32_t id;
    const char *class_name;
    struct cd_task_counters *counters;
    const struct cd_runnable *runnable; /* NULL: nobody steps it */
};
void cd_metrics_task_begins(struct cd_metrics *metrics, const struct cd_metrics_task *task);
/* It runs; repeats are harmless. */
void cd_metrics_task_runs(struct cd_metrics *metrics, const char *connector, int32_t id);
/* Its counters are about to go: keeps the last values. `failed` before it ran is a failed start;
 * also for a task that could not even be made. */
void cd_metrics_task_ended(struct cd_metrics *metrics, const char *connector, int32_t id,
                           bool failed);
/* How far a sink task is behind, a partition; replaces what was known. Copied. */
struct cd_metrics_lag {
    char *topic;
    int32_t partition;
    int64_t records;
};
void cd_metrics_task_lags(struct cd_metrics *metrics, const char *connector, int32_t id,
                          const struct cd_metrics_lag *lags, size_t count);
/* There is no such task any more. */
void cd_metrics_task_dropped(struct cd_metrics *metrics, const char *connector, int32_t id);
/* A connector was started, or failed to. */
void cd_metrics_connector_start(struct cd_metrics *metrics, bool ok);

/* What a cluster of workers knows of itself. */
struct cd_metrics_cluster {
    const char *protocol; /* "SESSIONED" */
    char leader[256];     /* URL; empty: unknown */
    int64_t epoch;
    uint64_t completed_rebalances;
    bool rebalancing;
    double rebalance_avg_ms; /* NAN: none yet */
    double rebalance_max_ms;
    double since_last_rebalance_ms; /* INFINITY: none yet */
    int64_t assigned_connectors;    /* -1: those of the snapshot */
    int64_t assigned_tasks;
};
/* Who fills it in whenever the metrics are read; without one a distributed worker is alone. Both
 * are set before anybody reads. */
void cd_metrics_set_cluster(struct cd_metrics *metrics,
                            void (*fill)(void *arg, struct cd_metrics_cluster *ret), void *arg);
/* The worker's producers and breakers, borrowed. */
void cd_metrics_set_breakers(struct cd_metrics *metrics, struct cd_breakers *breakers);
void cd_metrics_set_producers(struct cd_metrics *metrics, const struct cd_producers *producers);

/* Prometheus text; to be freed. */
char *cd_metrics_text(struct cd_metrics *metrics, const struct cd_snapshot *snapshot);

/* Is the task standing still although there is something to do? The text says since when and why;
 * to be freed; NULL: no. */
char *cd_metrics_stalled(struct cd_metrics *metrics, const char *connector, int32_t id);
/* What is green and moves nothing: stalled tasks, running connectors without tasks; a line each.
 * For readiness; to be freed; NULL: nothing. */
char *cd_metrics_trouble(struct cd_metrics *metrics);

#endif
