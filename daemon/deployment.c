#include "daemon/deployment_private.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/metrics.h"
#include "daemon/split_job.h"
#include "daemon/states.h"
#include "daemon/trace.h"
#include "plugins/registry.h"

#include <assert.h>
#include <stdlib.h>

enum {
    SPLIT_TIMEOUT_MS = 60000,
    SPLIT_BACKOFF_MS = 250, /* doubled each time, as the JVM does */
    SPLIT_BACKOFF_MAX_MS = 60000,
};

struct cd_deployment *cd_deployment_new(struct cd_herder *herder, const char *name)
{
    struct cd_deployment *deployment = cd_new(struct cd_deployment);
    deployment->herder = herder;
    deployment->name = cd_strdup(name);
    cd_logger_init(&deployment->log, "connector", name, -1);
    deployment->state = CD_API_UNASSIGNED;
    deployment->split_at_ms = INT64_MAX;
    deployment->monitor_at_ms = INT64_MAX;
    cd_list_init(&deployment->waiters);
    return deployment;
}

void cd_deployment_free(struct cd_deployment *deployment)
{
    if (deployment == NULL)
        return;
    cd_slots_free(deployment);
    for (size_t i = 0; i < deployment->topic_count; i++)
        free(deployment->topics[i]);
    free(deployment->topics);
    cd_config_free(deployment->started);
    cd_wanted_unref(deployment->wanted);
    free(deployment->trace);
    free(deployment->name);
    free(deployment);
}

const char *cd_deployment_version(const struct cd_deployment *deployment)
{
    return deployment->plugin == NULL ? NULL : deployment->plugin->plugin.version;
}

enum cd_api_type cd_deployment_type(const struct cd_deployment *deployment)
{
    if (deployment->plugin == NULL)
        return CD_TYPE_UNKNOWN;
    return deployment->plugin->plugin.kind == CD_PLUGIN_SOURCE ? CD_TYPE_SOURCE : CD_TYPE_SINK;
}

/* The only writer of deployment->state. */
static void become(struct cd_deployment *deployment, enum cd_api_state next, const char *trace)
{
    if (deployment->known && deployment->state == next && next != CD_API_FAILED)
        return;
    assert(!deployment->known || cd_connector_may_become(deployment->state, next));
    cd_log_info(&deployment->log, "state %s -> %s", cd_api_state_name(deployment->state),
                cd_api_state_name(next));
    deployment->known = true;
    deployment->state = next;
    deployment->since_ms = cd_wall_ms();
    free(deployment->trace);
    deployment->trace = cd_strdup(trace);
    deployment->dirty = true;
    cd_status_store_put(deployment->herder->statuses, deployment->name, CD_STATUS_OF_CONNECTOR,
                        next, trace, cd_deployment_version(deployment));
}

char *cd_deployment_trace(const struct cd_deployment *deployment, int32_t task, const char *stage,
                          const struct cd_error *err)
{
    struct cd_buffer text = CD_BUFFER_INIT;
    CD_AUTO_FREE char *who =
        task < 0 ? cd_strdup(deployment->name) : cd_asprintf("%s-%d", deployment->name, (int)task);
    const struct cd_trace trace = {
        .task = who,
        .stage = stage,
        .class_name = deployment->plugin == NULL ? NULL : deployment->plugin->plugin.class_name};
    cd_trace_text(&trace, err, &text);
    return cd_buffer_steal(&text);
}

static void fail(struct cd_deployment *deployment, const struct cd_error *err)
{
    CD_AUTO_FREE char *trace = cd_deployment_trace(deployment, -1, "start", err);
    cd_log_error(&deployment->log, "Failed to start connector: %s", err->msg);
    become(deployment, CD_API_FAILED, trace);
}

/* ---- what is wanted ---- */

static void look_up_plugin(struct cd_deployment *deployment)
{
    struct cd_error unknown = CD_ERROR_INIT; /* the start job says it aloud */
    const struct cd_config *config = deployment->wanted->config;
    const char *class_name = cd_config_get(config, "connector.class");
    deployment->plugin =
        class_name == NULL
            ? NULL
            : cd_registry_choose(deployment->herder->worker->registry, CD_KIND_SET_CONNECTORS,
                                 class_name, cd_config_get(config, "connector.plugin.version"),
                                 config, &unknown);
}

void cd_deployment_want(struct cd_deployment *deployment, const struct cd_wanted *wanted)
{
    cd_wanted_unref(deployment->wanted);
    deployment->wanted = wanted;
    deployment->dirty = true;
    if (wanted != NULL)
        look_up_plugin(deployment);
}

bool cd_deployment_is_wanted(const struct cd_deployment *deployment)
{
    return deployment->wanted != NULL && !deployment->herder->stopping;
}

/* ---- starting, and splitting the work ---- */

static void split_answer(struct cd_herder *herder, struct cd_message *message)
{
    struct cd_split_result *result = CD_CONTAINER_OF(message, struct cd_split_result, message);
    struct cd_deployment *deployment = cd_herder_find(herder, result->connector);
    if (deployment != NULL && deployment->epoch == result->epoch) {
        cd_deployment_split_done(deployment, result);
        cd_herder_refresh(herder, result->connector);
    }
    cd_split_result_free(result);
}

enum split_purpose { SPLIT_START, SPLIT_AGAIN, SPLIT_MONITOR };

static void submit_split(struct cd_deployment *deployment, enum split_purpose purpose)
{
    deployment->split_running = true;
    deployment->split_is_start = purpose == SPLIT_START;
    deployment->split_at_ms = INT64_MAX;
    deployment->monitor_at_ms = INT64_MAX;
    const struct cd_split_request request = {.herder = deployment->herder,
                                             .wanted = deployment->wanted,
                                             .epoch = ++deployment->epoch,
                                             .monitor = purpose == SPLIT_MONITOR,
                                             .timeout_ms = SPLIT_TIMEOUT_MS,
                                             .run = split_answer};
    cd_split_job_submit(&request);
}

/* Results under way come from a configuration or a state that no longer counts. */
static void forget_start(struct cd_deployment *deployment)
{
    cd_config_free(deployment->started);
    deployment->started = NULL;
    cd_secrets_forget(&deployment->secrets);
    deployment->epoch++;
    deployment->split_running = false;
    deployment->split_is_start = false;
    deployment->split_at_ms = INT64_MAX;
    deployment->monitor_at_ms = INT64_MAX;
    deployment->split_failures = 0;
}

static void split_later(struct cd_deployment *deployment)
{
    int64_t delay = SPLIT_BACKOFF_MS;
    for (unsigned i = 0; i < deployment->split_failures && delay < SPLIT_BACKOFF_MAX_MS; i++)
        delay *= 2;
    deployment->split_failures++;
    deployment->split_at_ms =
        cd_clock_ms() + (delay > SPLIT_BACKOFF_MAX_MS ? SPLIT_BACKOFF_MAX_MS : delay);
}

struct published {
    struct cd_message message;
    char *connector;
    struct cd_herder *herder;
    struct cd_error err;
};

static void published_drop(struct cd_message *message)
{
    struct published *published = CD_CONTAINER_OF(message, struct published, message);
    free(published->connector);
    free(published);
}

static void published_run(struct cd_herder *herder, struct cd_message *message)
{
    struct published *published = CD_CONTAINER_OF(message, struct published, message);
    struct cd_deployment *deployment = cd_herder_find(herder, published->connector);
    if (deployment != NULL) {
        deployment->publishing = false;
        if (published->err.code != CD_OK) {
            cd_log_warn(&deployment->log, "task configurations not written, will try again: %s",
                        published->err.msg);
            split_later(deployment);
        }
        cd_herder_refresh(herder, published->connector);
    }
    published_drop(message);
}

static void tasks_written(void *arg, const struct cd_error *err)
{
    struct published *published = arg;
    published->err = *err;
    cd_herder_tell(published->herder, &published->message);
}

static void publish_tasks(struct cd_deployment *deployment, const struct cd_split_result *result)
{
    struct published *published = cd_new(struct published);
    published->message = (struct cd_message){.run = published_run, .drop = published_drop};
    published->connector = cd_strdup(deployment->name);
    published->herder = deployment->herder;
    deployment->publishing = true;
    cd_config_store_put_tasks(deployment->herder->configs, deployment->name, result->tasks,
                              result->count, tasks_written, published);
}

static void split_succeeded(struct cd_deployment *deployment, const struct cd_split_result *result)
{
    if (deployment->split_is_start)
        become(deployment, CD_API_RUNNING, NULL);
    int64_t now = cd_clock_ms();
    if (result->monitor_ms > 0)
        deployment->monitor_at_ms = now + result->monitor_ms;
    if (result->split.code != CD_OK) {
        cd_log_warn(&deployment->log, "Failed to reconfigure connector's tasks, will try again: %s",
                    result->split.msg);
        split_later(deployment);
        return;
    }
    deployment->split_failures = 0;
    if (result->reconfigure)
        deployment->split_at_ms = now;
    if (result->asked && deployment->wanted != NULL &&
        cd_wanted_tasks_differ(deployment->wanted, result->tasks, result->count))
        publish_tasks(deployment, result);
}

void cd_deployment_split_done(struct cd_deployment *deployment, struct cd_split_result *result)
{
    deployment->split_running = false;
    if (deployment->split_is_start)
        cd_metrics_connector_start(deployment->herder->worker->metrics,
                                   result->start.code == CD_OK);
    if (result->start.code != CD_OK)
        fail(deployment, &result->start);
    else
        split_succeeded(deployment, result);
    deployment->split_is_start = false;
}

/* ---- reconciling the connector itself ---- */

static void towards_started(struct cd_deployment *deployment)
{
    const struct cd_config *config = deployment->wanted->config;
    int64_t now = cd_clock_ms();
    if (deployment->restart || deployment->started == NULL ||
        !cd_config_equal(deployment->started, config)) {
        forget_start(deployment);
        deployment->restart = false;
        deployment->started = cd_config_copy(config);
        submit_split(deployment, SPLIT_START);
    } else if (deployment->state != CD_API_RUNNING || deployment->split_running ||
               deployment->publishing) {
        return;
    } else if (now >= deployment->split_at_ms || deployment->wanted->inconsistent) {
        submit_split(deployment, SPLIT_AGAIN);
    } else if (now >= deployment->monitor_at_ms) {
        submit_split(deployment, SPLIT_MONITOR);
    }
}

static void towards_paused(struct cd_deployment *deployment)
{
    bool changed = deployment->restart || deployment->started == NULL ||
                   !cd_config_equal(deployment->started, deployment->wanted->config);
    if (deployment->known && deployment->state == CD_API_FAILED && !changed)
        return; /* pausing does not heal */
    deployment->restart = false;
    forget_start(deployment);
    become(deployment, CD_API_PAUSED, NULL);
}

static void reconcile_instance(struct cd_deployment *deployment)
{
    if (!cd_deployment_is_wanted(deployment)) {
        forget_start(deployment);
        return;
    }
    switch (deployment->wanted->target) {
    case CD_TARGET_STARTED:
        towards_started(deployment);
        return;
    case CD_TARGET_PAUSED:
        towards_paused(deployment);
        return;
    case CD_TARGET_STOPPED:
        deployment->restart = false;
        forget_start(deployment);
        become(deployment, CD_API_STOPPED, NULL);
        return;
    }
}

static void say_goodbye(struct cd_deployment *deployment)
{
    if (deployment->wanted != NULL) { /* the worker stops, the connector stays wanted */
        if (deployment->state != CD_API_FAILED && deployment->known)
            become(deployment, CD_API_UNASSIGNED, NULL);
    } else {
        cd_status_store_remove(deployment->herder->statuses, deployment->name,
                               CD_STATUS_OF_CONNECTOR);
        cd_deployment_forget_topics(deployment);
    }
    deployment->gone = true;
}

void cd_deployment_reconcile(struct cd_deployment *deployment)
{
    reconcile_instance(deployment);
    cd_slots_reconcile(deployment);
    cd_secrets_reconcile(deployment);
    if (!cd_deployment_is_wanted(deployment) && !cd_deployment_tasks_live(deployment))
        say_goodbye(deployment);
    if (deployment->split_at_ms != INT64_MAX)
        cd_herder_wake_at(deployment->herder, deployment->split_at_ms);
    if (deployment->monitor_at_ms != INT64_MAX)
        cd_herder_wake_at(deployment->herder, deployment->monitor_at_ms);
}

/* ---- restarts ---- */

bool cd_deployment_would_restart(const struct cd_deployment *deployment, bool only_failed)
{
    return !only_failed || deployment->state == CD_API_FAILED;
}

bool cd_slot_would_restart(const struct cd_slot *slot, bool include_tasks, bool only_failed)
{
    return include_tasks && slot->known && (!only_failed || slot->state == CD_API_FAILED);
}

void cd_deployment_restart(struct cd_deployment *deployment, bool include_tasks, bool only_failed)
{
    for (size_t i = 0; i < deployment->slot_count; i++) {
        if (!cd_slot_would_restart(&deployment->slots[i], include_tasks, only_failed))
            continue;
        deployment->slots[i].retry.count = 0; /* a person has looked */
        cd_slot_restart(deployment, &deployment->slots[i]);
    }
    if (cd_deployment_would_restart(deployment, only_failed)) {
        deployment->restart = true;
        become(deployment, CD_API_RESTARTING, NULL);
    }
}

/* ---- topics ---- */

void cd_deployment_topic(struct cd_deployment *deployment, int32_t task, const char *topic,
                         bool write)
{
    for (size_t i = 0; i < deployment->topic_count; i++)
        if (strcmp(deployment->topics[i], topic) == 0)
            return;
    deployment->topics = cd_realloc_array(deployment->topics, deployment->topic_count + 1,
                                          sizeof(*deployment->topics));
    deployment->topics[deployment->topic_count++] = cd_strdup(topic);
    deployment->dirty = true;
    if (write)
        cd_status_store_put_topic(deployment->herder->statuses, deployment->name, task, topic);
}

void cd_deployment_forget_topics(struct cd_deployment *deployment)
{
    for (size_t i = 0; i < deployment->topic_count; i++) {
        cd_status_store_remove_topic(deployment->herder->statuses, deployment->name,
                                     deployment->topics[i]);
        free(deployment->topics[i]);
    }
    deployment->topic_count = 0;
    for (size_t i = 0; i < deployment->slot_count; i++)
        if (deployment->slots[i].task != NULL)
            cd_task_forget_topics(deployment->slots[i].task);
    deployment->dirty = true;
}

/* ---- publishing, and those who wait ---- */

static bool settled(const struct cd_deployment *deployment)
{
    if (deployment->split_running || deployment->publishing ||
        deployment->state == CD_API_RESTARTING)
        return false;
    for (size_t i = 0; i < deployment->slot_count; i++)
        if (deployment->slots[i].phase == CD_SLOT_STOPPING || deployment->slots[i].restart)
            return false;
    return deployment->known;
}

static bool has_come(const struct cd_deployment *deployment, const struct cd_waiter *waiter)
{
    switch (waiter->condition) {
    case CD_WHEN_SETTLED:
        return deployment->gone || settled(deployment);
    case CD_WHEN_INSTANCE_DONE:
        return deployment->gone || !(deployment->split_running && deployment->split_is_start);
    case CD_WHEN_TASKS_STOPPED:
        return !cd_deployment_tasks_live(deployment);
    case CD_WHEN_TASK_RESTARTED:
        return deployment->gone || (size_t)waiter->task >= deployment->slot_count ||
               !deployment->slots[waiter->task].restart;
    case CD_WHEN_GONE:
        return deployment->gone;
    }
    return true;
}

void cd_deployment_wait(struct cd_deployment *deployment, struct cd_waiter *waiter)
{
    cd_list_push_back(&deployment->waiters, &waiter->link);
}

static struct cd_connector_view *render_view(const struct cd_deployment *deployment)
{
    struct cd_connector_view *view = cd_view_new(deployment->name);
    const struct cd_wanted *wanted = deployment->wanted;
    const char *worker_id = deployment->herder->worker->worker_id;
    const char *version = cd_deployment_version(deployment);
    view->type = cd_deployment_type(deployment);
    view->config = cd_config_copy(wanted->config);
    view->target = wanted->target;
    if (deployment->known)
        cd_view_status(&view->status, deployment->state, worker_id, deployment->trace, version);
    view->status.since_ms = deployment->since_ms;
    cd_view_tasks(view, wanted->inconsistent ? 0 : wanted->task_count);
    for (size_t i = 0; i < view->task_count; i++) {
        view->tasks[i].config = cd_config_copy(wanted->tasks[i]);
        if (i >= deployment->slot_count || !deployment->slots[i].known)
            continue;
        cd_view_status(&view->tasks[i].status, deployment->slots[i].state, worker_id,
                       deployment->slots[i].trace, version);
        view->tasks[i].status.since_ms = deployment->slots[i].since_ms;
    }
    for (size_t i = 0; i < deployment->topic_count; i++)
        cd_view_topic(view, deployment->topics[i]);
    return view;
}

void cd_deployment_publish(struct cd_deployment *deployment)
{
    struct cd_snapshot_slot *slot = &deployment->herder->published;
    if (deployment->dirty) {
        const struct cd_snapshot *old = cd_snapshot_newest(slot);
        const struct cd_snapshot *next = deployment->wanted == NULL
                                             ? cd_snapshot_without(old, deployment->name)
                                             : cd_snapshot_with(old, render_view(deployment));
        cd_snapshot_publish(slot, next);
        cd_snapshot_unref(old);
        deployment->dirty = false;
    }
    for (struct cd_link *link = deployment->waiters.next; link != &deployment->waiters;) {
        struct cd_waiter *waiter = CD_CONTAINER_OF(link, struct cd_waiter, link);
        link = link->next;
        if (!has_come(deployment, waiter))
            continue;
        cd_list_remove(&waiter->link);
        waiter->run(deployment->herder, deployment, waiter->request);
        free(waiter);
    }
}
