/*
 * What REST asks for and is not answered from a snapshot: each request is a short chain of steps on
 * the herder's thread, with a job on the pool or a write to the config topic between them. A chain
 * never holds the thread.
 *
 *   validate (pool) -> check -> write (log) -> reconcile -> answer
 */
#include "daemon/requests.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/deployment.h"
#include "daemon/offsets_api.h"
#include "daemon/turns.h"
#include "daemon/validate.h"

#include <stdlib.h>

/* ---- answering ---- */

void cd_herder_answer(struct cd_herder *herder, struct cd_request *request)
{
    CD_AUTO_FREE char *connector = cd_strdup(request->connector);
    bool had_turn = cd_request_changes_connector(request->kind);
    cd_request_done(request);
    if (had_turn && connector != NULL)
        cd_turn_end(herder, connector);
}

bool cd_request_changes_connector(enum cd_request_kind kind)
{
    switch (kind) {
    case CD_ASK_CREATE:
    case CD_ASK_PUT_CONFIG:
    case CD_ASK_PATCH_CONFIG:
    case CD_ASK_DELETE:
    case CD_ASK_RESTART:
    case CD_ASK_PAUSE:
    case CD_ASK_RESUME:
    case CD_ASK_STOP:
    case CD_ASK_RESTART_TASK:
    case CD_ASK_OFFSETS_ALTER:
    case CD_ASK_OFFSETS_RESET:
    case CD_ASK_TOPICS_RESET:
        return true;
    case CD_ASK_OFFSETS_GET:
    case CD_ASK_VALIDATE:
    case CD_ASK_LOGGER_CLUSTER:
    case CD_ASK_PUT_TASKS:
    case CD_ASK_FENCE:
    case CD_ASK_HEALTH:
    case CD_ASK_KINDS:
        return false;
    }
    return false;
}

static void answer_error(struct cd_herder *herder, struct cd_request *request,
                         const struct cd_error *err)
{
    request->answer.err = *err;
    cd_herder_answer(herder, request);
}

static void answer_status(struct cd_herder *herder, struct cd_request *request, int status,
                          const char *fmt, const char *arg)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    cd_answer_fail(&request->answer, status, fmt, arg); /* the formats are this file's own */
#pragma GCC diagnostic pop
    cd_herder_answer(herder, request);
}

static void answer_view(struct cd_herder *herder, struct cd_request *request)
{
    request->answer.view = cd_herder_view(herder, request->connector);
    cd_herder_answer(herder, request);
}

/* ---- a step that comes back from another thread ---- */

struct continuation {
    struct cd_message message;
    struct cd_herder *herder;
    struct cd_request *request;
    cd_request_step_fn *next;
    struct cd_error err;
};

static void continuation_run(struct cd_herder *herder, struct cd_message *message)
{
    struct continuation *c = CD_CONTAINER_OF(message, struct continuation, message);
    c->next(herder, c->request, &c->err);
    free(c);
}

static void continuation_drop(struct cd_message *message)
{
    struct continuation *c = CD_CONTAINER_OF(message, struct continuation, message);
    cd_answer_fail(&c->request->answer, 503, "The worker is shutting down.");
    cd_request_done(c->request);
    free(c);
}

void *cd_herder_continue(struct cd_herder *herder, struct cd_request *request,
                         cd_request_step_fn *next)
{
    struct continuation *c = cd_new(struct continuation);
    c->message = (struct cd_message){.run = continuation_run, .drop = continuation_drop};
    c->herder = herder;
    c->request = request;
    c->next = next;
    return c;
}

void cd_herder_continued(void *continuation, const struct cd_error *err)
{
    struct continuation *c = continuation;
    c->err = *err;
    cd_herder_tell(c->herder, &c->message);
}

/* ---- a job on the pool ---- */

struct request_job {
    struct cd_job job;
    struct cd_herder *herder;
    struct cd_request *request;
    void (*work)(struct cd_herder *, struct cd_request *, struct cd_error *);
    void *continuation;
};

static void run_request_job(struct cd_job *base)
{
    struct request_job *job = CD_CONTAINER_OF(base, struct request_job, job);
    struct cd_error err = CD_ERROR_INIT;
    job->work(job->herder, job->request, &err);
    cd_herder_continued(job->continuation, &err);
    free(job);
}

void cd_herder_job(struct cd_herder *herder, struct cd_request *request,
                   void (*work)(struct cd_herder *, struct cd_request *, struct cd_error *),
                   cd_request_step_fn *next)
{
    struct request_job *job = cd_new(struct request_job);
    job->job.run = run_request_job;
    job->herder = herder;
    job->request = request;
    job->work = work;
    job->continuation = cd_herder_continue(herder, request, next);
    cd_scheduler_submit(herder->worker->scheduler, &job->job);
}

/* ---- waiting for the connector ---- */

static void answer_waiting(struct cd_herder *herder, struct cd_deployment *deployment,
                           struct cd_request *request)
{
    (void)deployment;
    if (request->kind == CD_ASK_CREATE || request->kind == CD_ASK_PUT_CONFIG ||
        request->kind == CD_ASK_PATCH_CONFIG)
        answer_view(herder, request);
    else
        cd_herder_answer(herder, request);
}

static void wait_for(struct cd_herder *herder, struct cd_request *request,
                     enum cd_condition condition)
{
    struct cd_deployment *deployment = cd_herder_find(herder, request->connector);
    if (deployment == NULL) {
        answer_waiting(herder, NULL, request);
        return;
    }
    struct cd_waiter *waiter = cd_new(struct cd_waiter);
    waiter->condition = condition;
    waiter->task = request->task;
    waiter->request = request;
    waiter->run = answer_waiting;
    cd_deployment_wait(deployment, waiter);
    cd_herder_refresh(herder, request->connector);
}

/* A JVM in standalone mode answers when it is done, a distributed one when it is written. */
static void answer_by_mode(struct cd_herder *herder, struct cd_request *request,
                           enum cd_condition condition)
{
    cd_herder_refresh(herder, request->connector);
    if (herder->worker->distributed)
        answer_waiting(herder, NULL, request);
    else
        wait_for(herder, request, condition);
}

/* ---- validate ---- */

enum { VALIDATE_TIMEOUT_MS = 60000 };

static void validate_work(struct cd_herder *herder, struct cd_request *request,
                          struct cd_error *err)
{
    request->answer.report = cd_new(struct cd_report);
    if (!cd_validate(herder->worker, request->config, cd_clock_ms() + VALIDATE_TIMEOUT_MS,
                     request->answer.report, err)) {
        cd_report_done(request->answer.report);
        free(request->answer.report);
        request->answer.report = NULL;
    }
}

static void answer_invalid_as(struct cd_herder *herder, struct cd_request *request,
                              const struct cd_error *err, int status)
{
    if (cd_config_get(request->config, "connector.class") == NULL &&
        strcmp(err->native, "BadRequestException") == 0) {
        cd_answer_no_type(&request->answer, request->config);
        request->answer.status = status;
        cd_herder_answer(herder, request);
    } else if (err->code == CD_ERR_CONFIG) {
        answer_status(herder, request, status, "%s", err->msg);
    } else {
        answer_error(herder, request, err);
    }
}

static void answer_invalid(struct cd_herder *herder, struct cd_request *request,
                           const struct cd_error *err)
{
    answer_invalid_as(herder, request, err, 400);
}

/* The JVM answers 500 here where create and update answer 400 (rest-api.md 4.2). */
static void validate_answer(struct cd_herder *herder, struct cd_request *request,
                            const struct cd_error *err)
{
    if (err->code == CD_OK) {
        cd_herder_answer(herder, request);
        return;
    }
    answer_invalid_as(herder, request, err, 500);
}

/* ---- create, put, patch ---- */

static void config_written(struct cd_herder *herder, struct cd_request *request,
                           const struct cd_error *err)
{
    if (err->code != CD_OK)
        answer_error(herder, request, err);
    else
        answer_by_mode(herder, request, CD_WHEN_SETTLED);
}

static void config_validated(struct cd_herder *herder, struct cd_request *request,
                             const struct cd_error *err)
{
    if (err->code != CD_OK) {
        answer_invalid(herder, request, err);
        return;
    }
    struct cd_report *report = request->answer.report;
    if (cd_report_error_count(report) > 0) { /* the API puts the errors into words */
        cd_herder_answer(herder, request);
        return;
    }
    cd_report_done(report);
    free(report);
    request->answer.report = NULL;

    const struct cd_wanted *wanted = cd_config_store_get(herder->configs, request->connector);
    bool exists = wanted != NULL;
    cd_wanted_unref(wanted);
    if (exists && request->kind == CD_ASK_CREATE) {
        answer_status(herder, request, 409, "Connector %s already exists", request->connector);
        return;
    }
    request->answer.created = !exists;
    const enum cd_api_target *initial =
        request->kind == CD_ASK_CREATE && request->initial != CD_TARGET_STARTED ? &request->initial
                                                                                : NULL;
    cd_config_store_put(herder->configs, request->connector, request->config, initial,
                        cd_herder_continued, cd_herder_continue(herder, request, config_written));
}

static void start_config(struct cd_herder *herder, struct cd_request *request)
{
    cd_herder_job(herder, request, validate_work, config_validated);
}

/* The request's configuration becomes the patched one. */
static void start_patch(struct cd_herder *herder, struct cd_request *request)
{
    const struct cd_wanted *wanted = cd_config_store_get(herder->configs, request->connector);
    if (wanted == NULL) {
        answer_status(herder, request, 404, "Connector %s not found", request->connector);
        return;
    }
    struct cd_config *patched = cd_config_copy(wanted->config);
    for (struct cd_config_iter it = {0}; cd_config_next(request->config, &it);) {
        if (it.value == NULL)
            cd_config_remove(patched, it.key);
        else
            cd_config_set(patched, it.key, it.value);
    }
    cd_wanted_unref(wanted);
    cd_config_free(request->config);
    request->config = patched;
    start_config(herder, request);
}

/* ---- what needs a connector that is there ---- */

static bool exists(struct cd_herder *herder, struct cd_request *request, const char *fmt)
{
    const struct cd_wanted *wanted = cd_config_store_get(herder->configs, request->connector);
    bool found = wanted != NULL;
    cd_wanted_unref(wanted);
    if (!found)
        answer_status(herder, request, 404, fmt, request->connector);
    return found;
}

static void deleted(struct cd_herder *herder, struct cd_request *request,
                    const struct cd_error *err)
{
    if (err->code != CD_OK)
        answer_error(herder, request, err);
    else
        answer_by_mode(herder, request, CD_WHEN_GONE);
}

static void start_delete(struct cd_herder *herder, struct cd_request *request)
{
    if (exists(herder, request, "Connector %s not found"))
        cd_config_store_delete(herder->configs, request->connector, cd_herder_continued,
                               cd_herder_continue(herder, request, deleted));
}

static void written(struct cd_herder *herder, struct cd_request *request,
                    const struct cd_error *err)
{
    if (err->code != CD_OK) {
        answer_error(herder, request, err);
        return;
    }
    cd_herder_refresh(herder, request->connector);
    cd_herder_answer(herder, request);
}

static void start_target(struct cd_herder *herder, struct cd_request *request)
{
    enum cd_api_target target =
        request->kind == CD_ASK_PAUSE ? CD_TARGET_PAUSED : CD_TARGET_STARTED;
    if (exists(herder, request, "Unknown connector %s"))
        cd_config_store_put_target(herder->configs, request->connector, target, cd_herder_continued,
                                   cd_herder_continue(herder, request, written));
}

static void stopped(struct cd_herder *herder, struct cd_request *request,
                    const struct cd_error *err)
{
    if (err->code != CD_OK)
        answer_error(herder, request, err);
    else
        answer_by_mode(herder, request, CD_WHEN_TASKS_STOPPED);
}

static void start_stop(struct cd_herder *herder, struct cd_request *request)
{
    if (exists(herder, request, "Unknown connector %s"))
        cd_config_store_stop(herder->configs, request->connector, cd_herder_continued,
                             cd_herder_continue(herder, request, stopped));
}

/* ---- restarts ---- */

static void restart_task(struct cd_herder *herder, struct cd_request *request)
{
    if (!exists(herder, request, "Unknown connector: %s"))
        return;
    struct cd_deployment *deployment = cd_herder_find(herder, request->connector);
    if (deployment == NULL || !cd_deployment_restart_task(deployment, request->task)) {
        CD_AUTO_FREE char *task = cd_asprintf("%s-%d", request->connector, (int)request->task);
        answer_status(herder, request, 404,
                      herder->worker->distributed ? "Unknown task: %s" : "Task %s not found", task);
        return;
    }
    wait_for(herder, request, CD_WHEN_TASK_RESTARTED);
}

/* The view with everything that is going to be restarted shown as RESTARTING. */
static const struct cd_connector_view *plan(struct cd_herder *herder,
                                            const struct cd_deployment *deployment,
                                            const struct cd_request *request)
{
    const struct cd_connector_view *now = cd_herder_view(herder, request->connector);
    struct cd_connector_view *planned = cd_view_copy(now);
    cd_view_unref(now);
    if (cd_deployment_would_restart(deployment, request->only_failed))
        planned->status.state = CD_API_RESTARTING;
    for (size_t i = 0; i < planned->task_count && i < deployment->slot_count; i++)
        if (cd_slot_would_restart(&deployment->slots[i], request->include_tasks,
                                  request->only_failed))
            planned->tasks[i].status.state = CD_API_RESTARTING;
    return planned;
}

static void start_restart(struct cd_herder *herder, struct cd_request *request)
{
    if (!exists(herder, request, "Unknown connector: %s"))
        return;
    struct cd_deployment *deployment = cd_herder_find(herder, request->connector);
    if (!request->include_tasks && !request->only_failed) {
        if (deployment != NULL)
            cd_deployment_restart(deployment, false, false);
        wait_for(herder, request, CD_WHEN_INSTANCE_DONE);
        return;
    }
    if (deployment == NULL || !deployment->known) {
        answer_status(herder, request, 404, "Status for connector %s not found",
                      request->connector);
        return;
    }
    request->answer.view = plan(herder, deployment, request);
    cd_config_store_restart(herder->configs, request->connector, request->include_tasks,
                            request->only_failed, cd_herder_continued,
                            cd_herder_continue(herder, request, written));
}

/* ---- the rest ---- */

static void reset_topics(struct cd_herder *herder, struct cd_request *request)
{
    struct cd_deployment *deployment = cd_herder_find(herder, request->connector);
    if (deployment != NULL) {
        cd_deployment_forget_topics(deployment);
        cd_deployment_publish(deployment);
    }
    cd_herder_answer(herder, request);
}

static void answer_health(struct cd_herder *herder, struct cd_request *request)
{
    request->answer.started = cd_herder_ready(herder);
    cd_herder_answer(herder, request);
}

static void validate(struct cd_herder *herder, struct cd_request *request)
{
    cd_herder_job(herder, request, validate_work, validate_answer);
}

static void logger_written(struct cd_herder *herder, struct cd_request *request,
                           const struct cd_error *err)
{
    request->answer.err = *err;
    cd_herder_answer(herder, request);
}

static void set_cluster_logger(struct cd_herder *herder, struct cd_request *request)
{
    cd_config_store_logger(herder->configs, request->logger, request->level, cd_herder_continued,
                           cd_herder_continue(herder, request, logger_written));
}

/* One worker needs nobody else's tasks or fences: what a JVM in standalone mode says. */
static void refuse_tasks(struct cd_herder *herder, struct cd_request *request)
{
    answer_status(herder, request, 500, "%s",
                  "Kafka Connect in standalone mode does not support externally setting task "
                  "configurations.");
}

static void refuse_fence(struct cd_herder *herder, struct cd_request *request)
{
    answer_status(
        herder, request, 500, "%s",
        "Kafka Connect in standalone mode does not support exactly-once source connectors.");
}

static void (*const starts[CD_ASK_KINDS])(struct cd_herder *, struct cd_request *) = {
    [CD_ASK_CREATE] = start_config,
    [CD_ASK_PUT_CONFIG] = start_config,
    [CD_ASK_PATCH_CONFIG] = start_patch,
    [CD_ASK_DELETE] = start_delete,
    [CD_ASK_RESTART] = start_restart,
    [CD_ASK_PAUSE] = start_target,
    [CD_ASK_RESUME] = start_target,
    [CD_ASK_STOP] = start_stop,
    [CD_ASK_RESTART_TASK] = restart_task,
    [CD_ASK_OFFSETS_GET] = cd_offsets_get,
    [CD_ASK_OFFSETS_ALTER] = cd_offsets_alter,
    [CD_ASK_OFFSETS_RESET] = cd_offsets_reset,
    [CD_ASK_TOPICS_RESET] = reset_topics,
    [CD_ASK_VALIDATE] = validate,
    [CD_ASK_LOGGER_CLUSTER] = set_cluster_logger,
    [CD_ASK_PUT_TASKS] = refuse_tasks,
    [CD_ASK_FENCE] = refuse_fence,
    [CD_ASK_HEALTH] = answer_health,
};

void cd_herder_handle(struct cd_herder *herder, struct cd_request *request)
{
    if (cd_request_changes_connector(request->kind))
        cd_turn_take(herder, request, starts[request->kind]);
    else
        starts[request->kind](herder, request);
}
