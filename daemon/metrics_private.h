/* What metrics.c (the table), metrics_watch.c (who stands still) and metrics_render.c share. */
#ifndef CD_DAEMON_METRICS_PRIVATE_H
#define CD_DAEMON_METRICS_PRIVATE_H

#include "base/log.h"
#include "base/map.h"
#include "base/thread.h"
#include "daemon/metrics.h"
#include "daemon/sampled.h"

/* One task id of one connector. */
struct cd_metrics_entry {
    char *connector;
    char *class_name;
    int32_t id;
    bool is_source;
    struct cd_task_counters *live;      /* NULL: it has ended, see last */
    const struct cd_runnable *runnable; /* borrowed as long as live */
    struct cd_readings last;
    struct cd_sampled sampled;
    int64_t began_ms;
    bool ran;
    uint64_t restarts;
    struct cd_metrics_lag *lags; /* of a sink's partitions; owned, with their topics */
    size_t lag_count;

    /* metrics_watch.c: input waits and nothing moves since; 0: all is well. */
    int64_t waiting_since_ms;
    int64_t progress_ms; /* last_progress_ms as it was then */
    bool stalled;
    const char *stalled_why;
};

struct cd_starts {
    uint64_t attempts;
    uint64_t successes;
    uint64_t failures;
};

/* One enabled way of naming things. */
struct cd_dialects {
    bool strimzi;
    bool confluent;
    bool reporter;
    bool debezium;
};

struct cd_metrics {
    struct cd_logger log;
    struct cd_dialects dialects;
    bool distributed;
    char *client_id;
    int64_t window_ms;
    size_t window_count;
    int64_t stalled_after_ms;
    int64_t task_memory_bytes;
    int64_t started_wall_ms;

    struct cd_mutex lock;
    /* guarded by lock: */
    struct cd_strmap entries; /* "connector|id" to struct cd_metrics_entry */
    struct cd_strmap idle;    /* connectors that run without tasks: name to struct cd_idle */
    struct cd_starts connectors;
    struct cd_starts tasks;

    /* Set before anybody reads: */
    const struct cd_producers *producers;
    struct cd_scheduler *scheduler;
    struct cd_breakers *breakers;
    void (*fill_cluster)(void *arg, struct cd_metrics_cluster *ret);
    void *cluster_arg;

    /* metrics_watch.c */
    struct cd_runnable watch;
    bool watching;
    const struct cd_snapshot *(*snapshot)(void *arg);
    void *snapshot_arg;
    atomic_bool stop;
    struct cd_cond stopped; /* with lock */
    bool ended;             /* guarded by lock */
};

/* Runs without tasks since. */
struct cd_idle {
    int64_t since_ms;
    bool said;
};

/* The entry, or NULL. The lock is held. */
struct cd_metrics_entry *cd_metrics_find(struct cd_metrics *metrics, const char *connector,
                                         int32_t id);
/* The newest readings, or the last ones. The lock is held. */
void cd_metrics_entry_read(struct cd_metrics_entry *entry, int64_t now_ms, struct cd_readings *ret);

/* Ends windows that are over, judges every task and connector, and logs what changed. Takes the
 * lock. */
void cd_metrics_look(struct cd_metrics *metrics, const struct cd_snapshot *snapshot,
                     int64_t now_ms);

#endif
