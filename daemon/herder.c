#include "daemon/herder.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "config/worker_keys.h"
#include "daemon/deployment.h"
#include "daemon/herder_private.h"
#include "daemon/turns.h"

#include <stdlib.h>

enum { MAILBOX_MESSAGES = 65536 };

static void deployment_free(void *deployment)
{
    cd_deployment_free(deployment);
}

struct cd_herder *cd_herder_new(const struct cd_herder_options *options)
{
    struct cd_herder *herder = cd_new(struct cd_herder);
    herder->worker = options->worker;
    herder->assignment = options->assignment;
    herder->wake_at_ms = INT64_MAX;
    cd_logger_init(&herder->log, "herder", NULL, -1);
    cd_mailbox_init(&herder->box, MAILBOX_MESSAGES);
    cd_strmap_init(&herder->deployments, deployment_free);
    cd_strmap_init(&herder->turns, cd_turn_free);
    cd_snapshot_slot_init(&herder->published);
    return herder;
}

void cd_herder_free(struct cd_herder *herder)
{
    if (herder == NULL)
        return;
    cd_strmap_done(&herder->deployments);
    cd_strmap_done(&herder->turns);
    cd_snapshot_slot_done(&herder->published);
    cd_mailbox_done(&herder->box);
    free(herder);
}

void cd_herder_tell(struct cd_herder *herder, struct cd_message *message)
{
    if (!cd_mailbox_force(&herder->box, &message->link))
        message->drop(message);
}

/* ---- messages of the config store and the API ---- */

struct store_message {
    struct cd_message message;
    char *name;
    char *level; /* of a logger */
    bool include_tasks;
    bool only_failed;
};

static void store_message_drop(struct cd_message *base)
{
    struct store_message *message = CD_CONTAINER_OF(base, struct store_message, message);
    free(message->name);
    free(message->level);
    free(message);
}

static struct store_message *store_message(const char *name,
                                           void (*run)(struct cd_herder *, struct cd_message *))
{
    struct store_message *message = cd_new(struct store_message);
    message->message = (struct cd_message){.run = run, .drop = store_message_drop};
    message->name = cd_strdup(name);
    return message;
}

static void changed_run(struct cd_herder *herder, struct cd_message *base)
{
    struct store_message *message = CD_CONTAINER_OF(base, struct store_message, message);
    cd_herder_refresh(herder, message->name);
    store_message_drop(base);
}

static void changed(void *arg, const char *connector)
{
    cd_herder_tell(arg, &store_message(connector, changed_run)->message);
}

static void restart_run(struct cd_herder *herder, struct cd_message *base)
{
    struct store_message *message = CD_CONTAINER_OF(base, struct store_message, message);
    struct cd_deployment *deployment = cd_herder_find(herder, message->name);
    if (deployment != NULL) {
        cd_deployment_restart(deployment, message->include_tasks, message->only_failed);
        cd_herder_refresh(herder, message->name);
    }
    store_message_drop(base);
}

static void restart(void *arg, const char *connector, bool include_tasks, bool only_failed)
{
    struct store_message *message = store_message(connector, restart_run);
    message->include_tasks = include_tasks;
    message->only_failed = only_failed;
    cd_herder_tell(arg, &message->message);
}

static void logger_run(struct cd_herder *herder, struct cd_message *base)
{
    struct store_message *message = CD_CONTAINER_OF(base, struct store_message, message);
    enum cd_level level;
    if (cd_log_parse_level(message->level, &level))
        cd_log_set_level(message->name, level);
    else
        cd_log_warn(&herder->log,
                    "unknown log level in the config topic ignored logger=%s level=%s",
                    message->name, message->level);
    store_message_drop(base);
}

static void logger(void *arg, const char *name, const char *level)
{
    struct store_message *message = store_message(name, logger_run);
    message->level = cd_strdup(level);
    cd_herder_tell(arg, &message->message);
}

struct cd_config_events cd_herder_events(struct cd_herder *herder)
{
    return (struct cd_config_events){changed, restart, logger, herder};
}

struct request_message {
    struct cd_message message;
    struct cd_request *request;
};

static void request_run(struct cd_herder *herder, struct cd_message *base)
{
    struct request_message *message = CD_CONTAINER_OF(base, struct request_message, message);
    struct cd_request *request = message->request;
    free(message);
    cd_herder_handle(herder, request);
}

static void request_drop(struct cd_message *base)
{
    struct request_message *message = CD_CONTAINER_OF(base, struct request_message, message);
    cd_answer_fail(&message->request->answer, 503, "The worker is shutting down.");
    cd_request_done(message->request);
    free(message);
}

void cd_herder_post(struct cd_herder *herder, struct cd_request *request)
{
    struct request_message *message = cd_new(struct request_message);
    message->message = (struct cd_message){.run = request_run, .drop = request_drop};
    message->request = request;
    cd_herder_tell(herder, &message->message);
}

/* ---- the table ---- */

struct cd_deployment *cd_herder_find(struct cd_herder *herder, const char *name)
{
    return cd_strmap_get(&herder->deployments, name);
}

void cd_herder_wake_at(struct cd_herder *herder, int64_t at_ms)
{
    if (at_ms < herder->wake_at_ms)
        herder->wake_at_ms = at_ms;
}

static void reconcile(struct cd_herder *herder, struct cd_deployment *deployment)
{
    cd_deployment_reconcile(deployment);
    cd_deployment_publish(deployment);
    if (deployment->gone && deployment->wanted == NULL)
        (void)cd_strmap_remove(&herder->deployments, deployment->name); /* it was there */
}

void cd_herder_refresh(struct cd_herder *herder, const char *name)
{
    const struct cd_wanted *wanted = cd_config_store_get(herder->configs, name);
    struct cd_deployment *deployment = cd_herder_find(herder, name);
    bool mine =
        wanted != NULL && herder->assignment->owns_connector(herder->assignment->state, name);
    if (deployment == NULL && !mine) {
        cd_wanted_unref(wanted);
        return;
    }
    if (deployment == NULL) {
        deployment = cd_deployment_new(herder, name);
        (void)cd_strmap_put(&herder->deployments, name, deployment); /* it has its own name */
    }
    deployment->gone = deployment->gone && wanted == NULL;
    cd_deployment_want(deployment, wanted);
    reconcile(herder, deployment);
}

const struct cd_connector_view *cd_herder_view(struct cd_herder *herder, const char *name)
{
    const struct cd_snapshot *snapshot = cd_snapshot_newest(&herder->published);
    const struct cd_connector_view *view = cd_snapshot_find(snapshot, name);
    if (view != NULL)
        view = cd_view_ref(view);
    cd_snapshot_unref(snapshot);
    return view;
}

const struct cd_snapshot *cd_herder_snapshot(struct cd_herder *herder)
{
    return cd_snapshot_newest(&herder->published);
}

bool cd_herder_ready(const struct cd_herder *herder)
{
    return atomic_load_explicit(&herder->ready, memory_order_acquire);
}

/* ---- the first pass, and what an earlier worker left in the status topic ---- */

static void remember_name(void *arg, const char *name)
{
    (void)cd_strmap_put(arg, name, arg); /* a set: only the names count */
}

static void reconcile_all_wanted(struct cd_herder *herder)
{
    struct cd_strmap names;
    cd_strmap_init(&names, NULL);
    cd_config_store_each(herder->configs, remember_name, &names);
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&names, &it);)
        cd_herder_refresh(herder, it.key);
    cd_strmap_done(&names);
}

struct leftover {
    struct cd_link link;
    char *connector;
    char *topic;
    int32_t task;
};

static void collect_leftover(void *arg, const struct cd_status_key *key)
{
    struct leftover *leftover = cd_new(struct leftover);
    leftover->connector = cd_strdup(key->connector);
    leftover->topic = cd_strdup(key->topic);
    leftover->task = key->task;
    cd_list_push_back(arg, &leftover->link);
}

/* Active topics are taken over; statuses of connectors and tasks that are gone are removed, as a
 * JVM leader does. */
static void take_over(struct cd_herder *herder, const struct leftover *leftover)
{
    struct cd_deployment *deployment = cd_herder_find(herder, leftover->connector);
    if (leftover->topic != NULL && deployment != NULL)
        cd_deployment_topic(deployment, 0, leftover->topic, /* write = */ false);
    else if (leftover->topic != NULL)
        cd_status_store_remove_topic(herder->statuses, leftover->connector, leftover->topic);
    else if (deployment == NULL || (leftover->task != CD_STATUS_OF_CONNECTOR &&
                                    (size_t)leftover->task >= deployment->wanted->task_count))
        cd_status_store_remove(herder->statuses, leftover->connector, leftover->task);
}

static void take_over_statuses(struct cd_herder *herder)
{
    struct cd_link leftovers;
    cd_list_init(&leftovers);
    cd_status_store_each(herder->statuses, collect_leftover, &leftovers);
    for (struct cd_link *link; (link = cd_list_pop_front(&leftovers)) != NULL;) {
        struct leftover *leftover = CD_CONTAINER_OF(link, struct leftover, link);
        take_over(herder, leftover);
        free(leftover->connector);
        free(leftover->topic);
        free(leftover);
    }
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&herder->deployments, &it);)
        cd_deployment_publish(it.value);
}

/* ---- the thread ---- */

static void reconcile_due(struct cd_herder *herder)
{
    if (cd_clock_ms() < herder->wake_at_ms)
        return;
    herder->wake_at_ms = INT64_MAX;
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&herder->deployments, &it);)
        reconcile(herder, it.value);
}

static bool anything_live(struct cd_herder *herder)
{
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&herder->deployments, &it);)
        if (cd_deployment_tasks_live(it.value))
            return true;
    return false;
}

static void run(void *arg)
{
    struct cd_herder *herder = arg;
    reconcile_all_wanted(herder);
    take_over_statuses(herder);
    atomic_store_explicit(&herder->ready, true, memory_order_release);
    while (!herder->stopping || anything_live(herder)) {
        struct cd_link *link = cd_mailbox_take(&herder->box, herder->wake_at_ms);
        if (link != NULL) {
            struct cd_message *message = CD_CONTAINER_OF(link, struct cd_message, link);
            message->run(herder, message);
        }
        reconcile_due(herder);
    }
    cd_mailbox_close(&herder->box);
    for (struct cd_link *link; (link = cd_mailbox_take(&herder->box, 0)) != NULL;) {
        struct cd_message *message = CD_CONTAINER_OF(link, struct cd_message, link);
        message->drop(message);
    }
}

bool cd_herder_start(struct cd_herder *herder, struct cd_config_store *configs,
                     struct cd_status_store *statuses, struct cd_error *err)
{
    herder->configs = configs;
    herder->statuses = statuses;
    return cd_thread_start(&herder->thread, "herder", 0, run, herder, err);
}

static void stop_run(struct cd_herder *herder, struct cd_message *message)
{
    free(message);
    herder->stopping = true;
    cd_log_info(&herder->log, "Herder stopping");
    cd_log_info(&herder->log, "Stopping connectors and tasks");
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&herder->deployments, &it);)
        reconcile(herder, it.value);
}

static void stop_drop(struct cd_message *message)
{
    free(message);
}

void cd_herder_stop(struct cd_herder *herder)
{
    struct cd_message *message = cd_new(struct cd_message);
    *message = (struct cd_message){.run = stop_run, .drop = stop_drop};
    cd_herder_tell(herder, message);
    cd_thread_join(&herder->thread);
    cd_log_info(&herder->log, "Herder stopped");
}
