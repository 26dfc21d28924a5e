/*
 * One task: its plugin, its clients, its place in the life of a step. This is the border between
 * control plane and data plane, so only plain, copyable messages cross it: the herder tells a task
 * what is wanted, a task tells what happened. A task never decides about its own restart, the
 * herder never touches a record.
 *
 * Source and sink tasks differ in one table of functions (source_task.c, sink_task.c); what they
 * share (states, wishes, the chain, counters, logging, abandonment) is here and in task.c.
 *
 * Thread: the public functions are called by the herder; everything inside runs in the task's own
 * step.
 */
#ifndef CD_DAEMON_TASK_H
#define CD_DAEMON_TASK_H

#include "daemon/worker.h"

struct cd_task;
struct cd_registered;

/* What a task reports. Phases inside (opening, draining) are private. */
enum cd_task_event_kind {
    CD_TASK_STARTED, /* RUNNING (also after a resume) */
    CD_TASK_PAUSED,
    CD_TASK_FAILED,   /* see trace; it has let go of everything and waits to be freed */
    CD_TASK_STOPPED,  /* the same, after stop */
    CD_TASK_TOPIC,    /* the first record to or from `topic` */
    CD_TASK_DEGRADED, /* healing: waiting for its system since `since_ms`, because of `trace`; next
                         try at `until_ms` */
    CD_TASK_HEALED,
};

struct cd_task_event {
    struct cd_link link;
    enum cd_task_event_kind kind;
    struct cd_task *task;
    uint64_t
        incarnation; /* of the task: late events of an earlier one are dropped by the receiver */
    char *topic;     /* owned, or NULL */
    char *trace;     /* owned, or NULL: what a person reads in the status, line breaks allowed */
    struct cd_error err; /* FAILED, DEGRADED */
    int64_t since_ms;
    int64_t until_ms;
};
void cd_task_event_free(struct cd_task_event *event);

struct cd_task_options {
    const struct cd_worker *worker;
    const char *connector;
    int32_t id;
    uint64_t incarnation;
    const struct cd_registered *plugin;       /* source or sink; borrowed */
    const struct cd_config *connector_config; /* raw text: variables are expanded here; copied */
    const struct cd_config *task_config;      /* raw text; copied */
    bool paused;                              /* nothing is opened until resumed */
    /* Takes over `event`. Any thread; must not block. */
    void (*event)(void *arg, struct cd_task_event *event);
    void *event_arg;
};

/* Everything that may fail before the first step: plugin and converter configuration, chain,
 * override policy. */
struct cd_task *cd_task_new(const struct cd_task_options *options, struct cd_error *err);
void cd_task_start(struct cd_task *task);

void cd_task_pause(struct cd_task *task);
void cd_task_resume(struct cd_task *task);
/* The active topics were reset: CD_TASK_TOPIC again with the next record of each. */
void cd_task_forget_topics(struct cd_task *task);
/* Drains, commits, closes, then STOPPED (or FAILED). */
void cd_task_stop(struct cd_task *task);
/* After FAILED or STOPPED. */
void cd_task_free(struct cd_task *task);
/* It did not stop in time: mute it, leave its memory to it, ignore what it still does. It frees
 * itself if it ever ends. */
void cd_task_abandon(struct cd_task *task);

const char *cd_task_connector(const struct cd_task *task);
int32_t cd_task_id(const struct cd_task *task);
uint64_t cd_task_incarnation(const struct cd_task *task);

/* For the metrics, valid until the task is freed or abandoned. */
struct cd_task_counters;
struct cd_task_counters *cd_task_counters(struct cd_task *task);
const struct cd_runnable *cd_task_runnable(const struct cd_task *task);

#endif
