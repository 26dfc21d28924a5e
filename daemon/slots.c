/* The tasks of a connector: one slot an id, each stepped from what runs to what is wanted. */
#include "daemon/deployment_private.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "config/keys.h"
#include "config/provider.h"
#include "config/worker_keys.h"
#include "daemon/metrics.h"
#include "daemon/states.h"
#include "daemon/trace.h"
#include "plugins/registry.h"

#include <assert.h>
#include <stdlib.h>

/* The only writer of slot->state. */
static void become(struct cd_deployment *deployment, struct cd_slot *slot, enum cd_api_state next,
                   const char *trace)
{
    if (slot->known && slot->state == next && next != CD_API_FAILED)
        return;
    assert(!slot->known || cd_task_may_become(slot->state, next));
    cd_log_info(&deployment->log, "task state %s -> %s task=%d", cd_api_state_name(slot->state),
                cd_api_state_name(next), (int)slot->id);
    slot->known = true;
    slot->state = next;
    slot->since_ms = cd_wall_ms();
    free(slot->trace);
    slot->trace = cd_strdup(trace);
    deployment->dirty = true;
    cd_status_store_put(deployment->herder->statuses, deployment->name, slot->id, next, trace,
                        cd_deployment_version(deployment));
}

void cd_slots_free(struct cd_deployment *deployment)
{
    for (size_t i = 0; i < deployment->slot_count; i++)
        free(deployment->slots[i].trace);
    free(deployment->slots);
}

bool cd_deployment_tasks_live(const struct cd_deployment *deployment)
{
    for (size_t i = 0; i < deployment->slot_count; i++)
        if (deployment->slots[i].phase != CD_SLOT_EMPTY)
            return true;
    return false;
}

/* ---- starting ---- */

/* A set that was committed under a larger tasks.max (runtime.md 6.3). */
static bool within_tasks_max(const struct cd_deployment *deployment, struct cd_error *err)
{
    const struct cd_wanted *wanted = deployment->wanted;
    const char *text = cd_config_get(wanted->config, "tasks.max");
    const char *enforce = cd_config_get(wanted->config, "tasks.max.enforce");
    struct cd_error ignored =
        CD_ERROR_INIT; /* a value that is no number has failed the connector */
    int64_t tasks_max = 1;
    if (text != NULL && (cd_resolver_mentions(text) || !cd_parse_int64(text, &tasks_max, &ignored)))
        return true;
    if ((int64_t)wanted->task_count <= tasks_max ||
        (enforce != NULL && strcasecmp(enforce, "false") == 0))
        return true;
    return cd_fail_as(
        err, CD_ERR_CONFIG, "TooManyTasksException",
        "The connector %s has generated %zu tasks, which is greater than %lld, the maximum number "
        "of tasks it is "
        "configured to create. This behaviour should be considered a bug and is disallowed. If "
        "necessary, it can be "
        "permitted by reconfiguring the connector with 'tasks.max.enforce' set to false.",
        deployment->name, wanted->task_count, (long long)tasks_max);
}

struct event_message {
    struct cd_message message;
    struct cd_task_event *event;
    char *connector; /* the task may be gone when this is read: only its incarnation is compared */
};

static void event_drop(struct cd_message *message)
{
    struct event_message *wrapped = CD_CONTAINER_OF(message, struct event_message, message);
    cd_task_event_free(wrapped->event);
    free(wrapped->connector);
    free(wrapped);
}

static void event_run(struct cd_herder *herder, struct cd_message *message)
{
    struct event_message *wrapped = CD_CONTAINER_OF(message, struct event_message, message);
    struct cd_task_event *event = wrapped->event;
    CD_AUTO_FREE char *name = wrapped->connector;
    free(wrapped);
    struct cd_deployment *deployment = cd_herder_find(herder, name);
    if (deployment == NULL) {
        cd_task_event_free(event);
        return;
    }
    cd_deployment_task_event(deployment, event);
    cd_herder_refresh(herder, name);
}

static void task_says(void *arg, struct cd_task_event *event)
{
    struct event_message *wrapped = cd_new(struct event_message);
    wrapped->message = (struct cd_message){.run = event_run, .drop = event_drop};
    wrapped->event = event;
    wrapped->connector = cd_strdup(cd_task_connector(event->task));
    cd_herder_tell(arg, &wrapped->message);
}

static bool create_task(struct cd_deployment *deployment, struct cd_slot *slot,
                        struct cd_error *err)
{
    if (!within_tasks_max(deployment, err))
        return false;
    if (deployment->plugin == NULL)
        return cd_fail_as(
            err, CD_ERR_CONFIG, "ConnectException",
            "Failed to find any class that implements Connector and which name matches %s",
            cd_config_get(deployment->wanted->config, "connector.class"));
    const struct cd_task_options options = {
        .worker = deployment->herder->worker,
        .connector = deployment->name,
        .id = slot->id,
        .incarnation = slot->incarnation,
        .plugin = deployment->plugin,
        .connector_config = deployment->wanted->config,
        .task_config = deployment->wanted->tasks[slot->id],
        .paused = deployment->wanted->target == CD_TARGET_PAUSED,
        .event = task_says,
        .event_arg = deployment->herder,
    };
    slot->told_to_pause = options.paused;
    slot->task = cd_task_new(&options, err);
    return slot->task != NULL;
}

static struct cd_metrics *metrics_of(const struct cd_deployment *deployment)
{
    return deployment->herder->worker->metrics;
}

static void tell_metrics(const struct cd_deployment *deployment, const struct cd_slot *slot)
{
    const struct cd_metrics_task begun = {
        .connector = deployment->name,
        .id = slot->id,
        .class_name = deployment->plugin->plugin.class_name,
        .counters = cd_task_counters(slot->task),
        .runnable = cd_task_runnable(slot->task),
    };
    cd_metrics_task_begins(metrics_of(deployment), &begun);
}

/* FAILED, and the trace says when it is tried again. */
static void failed(struct cd_deployment *deployment, struct cd_slot *slot, const char *trace,
                   const struct cd_error *err)
{
    int64_t now_ms = cd_clock_ms();
    const struct cd_worker_config *config = deployment->herder->worker->config;
    slot->restart_at_ms = cd_retry_restart(&slot->retry, config, err, now_ms);
    if (slot->restart_at_ms == INT64_MAX) {
        become(deployment, slot, CD_API_FAILED, trace);
        return;
    }
    CD_AUTO(cd_buffer_done) struct cd_buffer text = CD_BUFFER_INIT;
    cd_buffer_printf(&text, "%s\nRestart %d (connectd.restart.max=%d) at ", trace,
                     slot->retry.count, config->restart_max);
    cd_trace_time(cd_wall_ms() + slot->restart_at_ms - now_ms, &text);
    cd_log_warn(&deployment->log, "failed task will be restarted task=%d in_ms=%lld restart=%d",
                (int)slot->id, (long long)(slot->restart_at_ms - now_ms), slot->retry.count);
    become(deployment, slot, CD_API_FAILED, text.ptr);
}

static void start(struct cd_deployment *deployment, struct cd_slot *slot)
{
    struct cd_error err = CD_ERROR_INIT;
    if (slot->generation != deployment->wanted->tasks_generation)
        slot->retry.count = 0;
    slot->generation = deployment->wanted->tasks_generation;
    slot->restart = false;
    slot->restart_at_ms = INT64_MAX;
    slot->retry.began_ms = cd_clock_ms();
    slot->incarnation = ++deployment->herder->incarnations;
    if (!create_task(deployment, slot, &err)) {
        CD_AUTO_FREE char *trace = cd_deployment_trace(deployment, slot->id, "start", &err);
        cd_log_error(&deployment->log, "Failed to start task %s-%d: %s", deployment->name,
                     (int)slot->id, err.msg);
        cd_metrics_task_ended(metrics_of(deployment), deployment->name, slot->id,
                              /* failed = */ true);
        failed(deployment, slot, trace, &err);
        return;
    }
    slot->phase = CD_SLOT_LIVE;
    tell_metrics(deployment, slot);
    cd_task_start(slot->task);
}

/* ---- stopping ---- */

static void stop(struct cd_deployment *deployment, struct cd_slot *slot)
{
    slot->phase = CD_SLOT_STOPPING;
    slot->abandon_at_ms =
        cd_clock_ms() + deployment->herder->worker->config->task_shutdown_timeout_ms;
    cd_task_stop(slot->task);
}

static void abandon(struct cd_deployment *deployment, struct cd_slot *slot)
{
    cd_log_error(&deployment->log, "Graceful stop of task %s-%d failed.", deployment->name,
                 (int)slot->id);
    cd_metrics_task_ended(metrics_of(deployment), deployment->name, slot->id, /* failed = */ false);
    cd_task_abandon(slot->task);
    slot->task = NULL;
    slot->phase = CD_SLOT_EMPTY;
}

void cd_slot_restart(struct cd_deployment *deployment, struct cd_slot *slot)
{
    slot->restart = true;
    slot->restart_at_ms = INT64_MAX;
    become(deployment, slot, CD_API_RESTARTING, NULL);
}

bool cd_deployment_restart_task(struct cd_deployment *deployment, int32_t task)
{
    if (task < 0 || deployment->wanted == NULL || (size_t)task >= deployment->wanted->task_count ||
        (size_t)task >= deployment->slot_count)
        return false;
    deployment->slots[task].restart = true;
    deployment->slots[task].retry.count = 0; /* a person has looked */
    return true;
}

/* ---- what a task says ---- */

static void ended(struct cd_deployment *deployment, struct cd_slot *slot,
                  const struct cd_task_event *event)
{
    cd_metrics_task_ended(metrics_of(deployment), deployment->name, slot->id,
                          event->kind == CD_TASK_FAILED);
    cd_task_free(slot->task);
    slot->task = NULL;
    slot->phase = CD_SLOT_EMPTY;
    if (event->kind == CD_TASK_FAILED)
        failed(deployment, slot, event->trace, &event->err);
    else if (!slot->restart)
        become(deployment, slot, CD_API_UNASSIGNED, NULL);
}

void cd_deployment_task_event(struct cd_deployment *deployment, struct cd_task_event *event)
{
    struct cd_slot *slot = NULL;
    for (size_t i = 0; i < deployment->slot_count && slot == NULL; i++)
        if (deployment->slots[i].phase != CD_SLOT_EMPTY &&
            deployment->slots[i].incarnation == event->incarnation)
            slot = &deployment->slots[i];
    if (slot != NULL) {
        switch (event->kind) {
        case CD_TASK_STARTED:
            cd_metrics_task_runs(metrics_of(deployment), deployment->name, slot->id);
            become(deployment, slot, CD_API_RUNNING, NULL);
            break;
        case CD_TASK_PAUSED:
            cd_metrics_task_runs(metrics_of(deployment), deployment->name, slot->id);
            become(deployment, slot, CD_API_PAUSED, NULL);
            break;
        case CD_TASK_FAILED:
        case CD_TASK_STOPPED:
            ended(deployment, slot, event);
            break;
        case CD_TASK_TOPIC:
            if (deployment->herder->worker->config->topic_tracking_enable)
                cd_deployment_topic(deployment, slot->id, event->topic, true);
            break;
        case CD_TASK_DEGRADED:
            free(slot->trace);
            slot->trace = cd_strdup(event->trace);
            deployment->dirty = true;
            break;
        case CD_TASK_HEALED:
            free(slot->trace);
            slot->trace = NULL;
            deployment->dirty = true;
            break;
        }
    }
    cd_task_event_free(event);
}

/* ---- reconciling ---- */

/* Tasks there are to be, whether this worker is stopping or not. */
static size_t wanted_count(const struct cd_deployment *deployment)
{
    const struct cd_wanted *wanted = deployment->wanted;
    if (wanted == NULL || wanted->target == CD_TARGET_STOPPED || wanted->inconsistent)
        return 0;
    return wanted->task_count;
}

static void grow(struct cd_deployment *deployment, size_t count)
{
    if (count <= deployment->slot_count)
        return;
    deployment->slots = cd_realloc_array(deployment->slots, count, sizeof(*deployment->slots));
    for (size_t i = deployment->slot_count; i < count; i++)
        deployment->slots[i] = (struct cd_slot){
            .id = (int32_t)i, .state = CD_API_UNASSIGNED, .restart_at_ms = INT64_MAX};
    deployment->slot_count = count;
}

static void adjust_pause(struct cd_deployment *deployment, struct cd_slot *slot)
{
    bool pause = deployment->wanted->target == CD_TARGET_PAUSED;
    if (pause == slot->told_to_pause)
        return;
    slot->told_to_pause = pause;
    if (pause)
        cd_task_pause(slot->task);
    else
        cd_task_resume(slot->task);
}

/* By policy; a paused connector's tasks wait for its resume. */
static void restart_when_due(struct cd_deployment *deployment, struct cd_slot *slot)
{
    if (slot->restart_at_ms == INT64_MAX || deployment->wanted->target != CD_TARGET_STARTED)
        return;
    if (cd_clock_ms() >= slot->restart_at_ms)
        cd_slot_restart(deployment, slot);
    else
        cd_herder_wake_at(deployment->herder, slot->restart_at_ms);
}

static void reconcile_slot(struct cd_deployment *deployment, struct cd_slot *slot, bool wanted)
{
    bool stale = wanted && slot->generation != deployment->wanted->tasks_generation;
    switch (slot->phase) {
    case CD_SLOT_LIVE:
        if (!wanted || stale || slot->restart)
            stop(deployment, slot);
        else
            adjust_pause(deployment, slot);
        break;
    case CD_SLOT_STOPPING:
        if (cd_clock_ms() >= slot->abandon_at_ms)
            abandon(deployment, slot);
        break;
    case CD_SLOT_EMPTY:
        if (wanted && !stale)
            restart_when_due(deployment, slot);
        break;
    }
    if (slot->phase == CD_SLOT_EMPTY && wanted && (stale || slot->restart))
        start(deployment, slot);
    if (slot->phase == CD_SLOT_STOPPING)
        cd_herder_wake_at(deployment->herder, slot->abandon_at_ms);
}

/* Ids that are no longer wanted vanish, with their statuses. */
static void drop_surplus(struct cd_deployment *deployment, size_t count)
{
    while (deployment->slot_count > count) {
        struct cd_slot *last = &deployment->slots[deployment->slot_count - 1];
        if (last->phase != CD_SLOT_EMPTY)
            return;
        if (last->known)
            cd_status_store_remove(deployment->herder->statuses, deployment->name, last->id);
        cd_metrics_task_dropped(metrics_of(deployment), deployment->name, last->id);
        free(last->trace);
        deployment->slot_count--;
        deployment->dirty = true;
    }
}

void cd_slots_reconcile(struct cd_deployment *deployment)
{
    size_t count = wanted_count(deployment);
    const struct cd_assignment_policy *policy = deployment->herder->assignment;
    bool runs = cd_deployment_is_wanted(deployment);
    grow(deployment, count);
    for (size_t i = 0; i < deployment->slot_count; i++)
        reconcile_slot(deployment, &deployment->slots[i],
                       runs && i < count &&
                           policy->owns_task(policy->state, deployment->name, (int32_t)i));
    drop_surplus(deployment, count);
}
