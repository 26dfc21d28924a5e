/*
 * One connector as the herder has it: what is wanted of it, what is, and the next step from the
 * second to the first.
 *
 * cd_deployment_reconcile is the only way anything starts, stops, pauses or restarts. It looks at
 * everything, does what can be done now without waiting, and is run again after whatever it waits
 * for: a job's result, a task's event, a record, a timer.
 *
 * Thread: the herder's. Memory: owned by the herder's table; it goes once nothing is wanted and
 * nothing runs.
 */
#ifndef CD_DAEMON_DEPLOYMENT_H
#define CD_DAEMON_DEPLOYMENT_H

#include "daemon/herder_private.h"
#include "daemon/retry.h"
#include "daemon/secrets.h"
#include "daemon/task.h"

struct cd_split_result;

/* Where the task's own events come from: the running incarnation, the one that is asked to stop, or
 * none. */
enum cd_slot_phase { CD_SLOT_EMPTY, CD_SLOT_LIVE, CD_SLOT_STOPPING };

/* One task id of a connector. */
struct cd_slot {
    int32_t id;
    enum cd_slot_phase phase;
    bool known; /* a status was reported */
    enum cd_api_state state;
    int64_t since_ms; /* wall: when the state began */
    char *trace;      /* of FAILED */
    struct cd_task *task;
    uint64_t incarnation;
    uint64_t generation; /* of the task set it was started from; 0: never started */
    bool told_to_pause;
    bool restart; /* wanted: stop if live, then start */
    int64_t abandon_at_ms;
    int64_t restart_at_ms; /* of a failed task: retry.c's decision; INT64_MAX: none */
    struct cd_retry_restart retry;
};

struct cd_deployment {
    struct cd_herder *herder; /* borrowed */
    char *name;
    struct cd_logger log;
    const struct cd_wanted *wanted;     /* NULL: deleted */
    const struct cd_registered *plugin; /* of the configuration; NULL: its class is not known */

    /* The connector's own state. */
    bool known;
    enum cd_api_state state;
    int64_t since_ms; /* wall: when the state began */
    char *trace;
    struct cd_config *started; /* the configuration it was started with; NULL: start it */
    bool restart;

    /* Splitting the work: a job under way, or the time of the next one. */
    uint64_t epoch; /* results of an earlier one are ignored */
    bool split_running;
    bool split_is_start;     /* the job under way decides between RUNNING and FAILED */
    int64_t split_at_ms;     /* INT64_MAX: none planned */
    int64_t monitor_at_ms;   /* likewise */
    unsigned split_failures; /* in a row */
    bool publishing;         /* a new task set is being written */

    struct cd_secrets secrets;

    struct cd_slot *slots; /* by id */
    size_t slot_count;
    char **topics; /* active ones, in order of discovery */
    size_t topic_count;

    struct cd_link waiters; /* struct cd_waiter */
    bool dirty;             /* the published view is out of date */
    bool gone;              /* nothing is wanted and nothing runs */
};

/* What a request may wait for. */
enum cd_condition {
    CD_WHEN_SETTLED,       /* started or failed, tasks published and started */
    CD_WHEN_INSTANCE_DONE, /* started or failed */
    CD_WHEN_TASKS_STOPPED,
    CD_WHEN_TASK_RESTARTED,
    CD_WHEN_GONE,
};

struct cd_waiter {
    struct cd_link link;
    enum cd_condition condition;
    int32_t task;
    struct cd_request *request;
    /* Answers. `deployment` is NULL when it is gone. */
    void (*run)(struct cd_herder *herder, struct cd_deployment *deployment,
                struct cd_request *request);
};

struct cd_deployment *cd_deployment_new(struct cd_herder *herder, const char *name);
void cd_deployment_free(struct cd_deployment *deployment);

/* Takes the reference. */
void cd_deployment_want(struct cd_deployment *deployment, const struct cd_wanted *wanted);
/* Ends with `gone` set when there is nothing left to do: then the herder drops it. */
void cd_deployment_reconcile(struct cd_deployment *deployment);
/* Publishes the view if something changed; runs the waiters whose condition has come. */
void cd_deployment_publish(struct cd_deployment *deployment);

/* Takes the event. */
void cd_deployment_task_event(struct cd_deployment *deployment, struct cd_task_event *event);
void cd_deployment_split_done(struct cd_deployment *deployment, struct cd_split_result *result);

/* Marks what a restart request means; reconcile does the rest. */
void cd_deployment_restart(struct cd_deployment *deployment, bool include_tasks, bool only_failed);
bool cd_deployment_restart_task(struct cd_deployment *deployment,
                                int32_t task); /* false: no such task */
/* The tasks and the instance that such a request would restart now. */
bool cd_deployment_would_restart(const struct cd_deployment *deployment, bool only_failed);
bool cd_slot_would_restart(const struct cd_slot *slot, bool include_tasks, bool only_failed);

/* Takes the waiter. */
void cd_deployment_wait(struct cd_deployment *deployment, struct cd_waiter *waiter);

/* An active topic; `write` tells the status topic too. */
void cd_deployment_topic(struct cd_deployment *deployment, int32_t task, const char *topic,
                         bool write);
void cd_deployment_forget_topics(struct cd_deployment *deployment);

bool cd_deployment_tasks_live(const struct cd_deployment *deployment);
enum cd_api_type cd_deployment_type(const struct cd_deployment *deployment);

#endif
