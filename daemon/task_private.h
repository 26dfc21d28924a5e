/*
 * What source and sink tasks share: the life of a task, from the first step to the last.
 *
 *   IDLE (paused before it began) -> STARTING -> RUNNING -> DRAINING -> CLOSING -> ended
 *
 * A failure or a stop leads from wherever it is through DRAINING and CLOSING. Healing leads back
 * from CLOSING to STARTING. A phase is private: the herder hears events.
 *
 * Two runnables: the task's own, and a watchdog that calls the plugin's interrupt when a step
 * outlasts a stop. The watchdog's last step is the task's end, so nothing of the task runs when its
 * memory goes.
 */
#ifndef CD_DAEMON_TASK_PRIVATE_H
#define CD_DAEMON_TASK_PRIVATE_H

#include "base/log.h"
#include "config/connector_keys.h"
#include "config/worker_keys.h"
#include "daemon/counters.h"
#include "daemon/errant.h"
#include "daemon/retry.h"
#include "daemon/task.h"
#include "plugins/instance.h"

enum cd_phase {
    CD_PHASE_IDLE,
    CD_PHASE_STARTING,
    CD_PHASE_RUNNING,
    CD_PHASE_DRAINING,
    CD_PHASE_CLOSING,
    CD_PHASES,
};

/* How sources and sinks differ. All run in the task's step. */
struct cd_task_table {
    size_t size;          /* of the struct that begins with struct cd_task */
    const char *jvm_name; /* "WorkerSourceTask" */
    const char *started;  /* what the log says */
    const struct cd_handle_ops *ops;
    /* From cd_task_new: typed configuration, chain. */
    bool (*init)(struct cd_task *task, struct cd_error *err);
    /* Gets the clients, makes the instance, opens the plugin. DONE: it runs. */
    enum cd_step (*start)(struct cd_task *task, struct cd_wait *wait, struct cd_error *err);
    /* One bounded piece of work. Never DONE. FAILED: see task->reopen. */
    enum cd_step (*run)(struct cd_task *task, struct cd_wait *wait, struct cd_error *err);
    /* Brings what is under way to safety, until task->drain_until_ms. */
    enum cd_step (*drain)(struct cd_task *task, struct cd_wait *wait, struct cd_error *err);
    /* Lets go of everything but what init made. The plugin is closed already. DONE: nothing is
     * left. */
    enum cd_step (*close)(struct cd_task *task, struct cd_wait *wait);
    /* The connector's active topics were reset: tell each again with its next record. */
    void (*forget_topics)(struct cd_task *task);
    void (*free)(struct cd_task *task);
};

struct cd_task {
    struct cd_runnable runnable; /* first */
    struct cd_runnable watchdog;
    const struct cd_task_table *table;
    const struct cd_worker *worker;
    char *connector;
    char *name; /* "orders-0" */
    int32_t id;
    uint64_t incarnation;
    const struct cd_registered *plugin;
    struct cd_config *connector_config; /* expanded */
    struct cd_config *task_config;      /* expanded; also the plugin's settings */
    struct cd_arena arena;              /* texts of the typed configuration */
    struct cd_logger log;
    struct cd_handle handle;
    struct cd_task_counters counters;
    struct cd_errant errant;
    void (*event)(void *arg, struct cd_task_event *event);
    void *event_arg;

    /* Wishes; written by the herder. */
    atomic_bool stop;
    atomic_bool pause;
    atomic_bool forget_topics;
    _Atomic(int64_t) stopped_ms; /* when stop was wished for */

    /* Between task, watchdog and herder. */
    atomic_int interrupting; /* see task.c */
    atomic_bool may_interrupt;
    atomic_bool gone; /* the task's own runnable is removed */
    atomic_int fate;  /* alive, ended, abandoned */

    /* The step's own from here. */
    _Atomic(int) phase; /* read by the watchdog */
    struct cd_instance *instance;
    bool close_owed; /* open was called */
    bool announced;  /* STARTED or PAUSED was told */
    bool paused;     /* what was told last */
    bool failed;
    struct cd_error err; /* of the failure, or what it is degraded by */
    char *trace;         /* likewise */
    bool reopen;         /* after closing, start again at reopen_ms */
    int64_t reopen_ms;
    int64_t drain_until_ms;
    struct cd_retry_task retry;

    /* For the trace of a failure: what was being done. */
    const char *outer;
    const char *stage;
    const char *stage_class;
};

extern const struct cd_task_table cd_source_table;
extern const struct cd_task_table cd_sink_table;

/* ---- for the two kinds ---- */

/* Tells the herder, and the counters: RUNNING or PAUSED. Repeats are not told. */
void cd_task_announce(struct cd_task *task, bool paused);
/* `topic` is copied. */
void cd_task_announce_topic(struct cd_task *task, const char *topic);
/* Healing: waiting since, because of `err`, until. */
void cd_task_announce_degraded(struct cd_task *task, const struct cd_error *err, int64_t until_ms);
/* The same, still: somebody else probes its system. */
void cd_task_still_degraded(struct cd_task *task, int64_t until_ms);
/* A call went well: it may have been degraded before. */
void cd_task_succeeded(struct cd_task *task);

bool cd_task_wants_stop(const struct cd_task *task);
bool cd_task_abandoned(const struct cd_task *task);
/* What is being done, for the trace; always answers false. */
bool cd_task_failing(struct cd_task *task, const char *stage, const char *class_name,
                     const char *outer);
/* Makes the instance; the typed configuration's first problem otherwise. */
CD_MUST_CHECK bool cd_task_new_instance(struct cd_task *task, struct cd_error *err);
/* The settings of a Kafka client of this task: layers, after the override policy had its say. */
struct cd_config *cd_task_client_settings(const struct cd_task *task, int role, const char *prefix,
                                          struct cd_error *err);
/* What every handle can do. */
void cd_task_op_wake(struct cd_handle *handle);
void cd_task_op_retry(struct cd_handle *handle, int64_t attempts, int64_t backoff_ms);
/* cd_wait_until the sooner of both. */
void cd_wait_sooner(struct cd_wait *wait, int64_t until_ms);

#endif
