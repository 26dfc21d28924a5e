#include "daemon/task.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "config/provider.h"
#include "daemon/task_private.h"
#include "daemon/trace.h"
#include "kafka/settings.h"

/* A stop that takes this much of the graceful time-out makes the watchdog interrupt a step. */
#define INTERRUPT_SHARE 2 /* half */
#define INTERRUPT_AGAIN_MS 1000
#define INTERRUPT_STEP_MS 50 /* shorter steps are left alone */
#define SYSTEM_NAME_BYTES 512

/* cd_task.interrupting */
enum { INTERRUPT_NONE, INTERRUPT_CALLING, INTERRUPT_CLOSED };
/* cd_task.fate */
enum { FATE_ALIVE, FATE_ENDED, FATE_ABANDONED };

/* ---- events ---- */

void cd_task_event_free(struct cd_task_event *event)
{
    if (event == NULL)
        return;
    free(event->topic);
    free(event->trace);
    free(event);
}

static struct cd_task_event *new_event(struct cd_task *task, enum cd_task_event_kind kind)
{
    struct cd_task_event *event = cd_new(struct cd_task_event);
    cd_list_init(&event->link);
    event->kind = kind;
    event->task = task;
    event->incarnation = task->incarnation;
    cd_error_reset(&event->err);
    return event;
}

static void tell(struct cd_task *task, struct cd_task_event *event)
{
    if (cd_task_abandoned(task))
        cd_task_event_free(event);
    else
        task->event(task->event_arg, event);
}

static void count_activity(struct cd_task *task, int next)
{
    struct cd_task_counters *counters = &task->counters;
    int64_t now_ms = cd_clock_ms();
    int before = atomic_load(&counters->activity);
    int64_t took_ms = now_ms - atomic_load(&counters->activity_since_ms);
    if (before == CD_ACTIVITY_RUNNING)
        cd_count(&counters->running_ms, (uint64_t)took_ms);
    if (before == CD_ACTIVITY_PAUSED)
        cd_count(&counters->paused_ms, (uint64_t)took_ms);
    if (atomic_load(&counters->started_ms) == 0)
        atomic_store(&counters->started_ms, now_ms);
    atomic_store(&counters->activity_since_ms, now_ms);
    atomic_store(&counters->activity, next);
}

void cd_task_announce(struct cd_task *task, bool paused)
{
    if (task->announced && task->paused == paused)
        return;
    task->announced = true;
    task->paused = paused;
    count_activity(task, paused ? CD_ACTIVITY_PAUSED : CD_ACTIVITY_RUNNING);
    tell(task, new_event(task, paused ? CD_TASK_PAUSED : CD_TASK_STARTED));
}

void cd_task_announce_topic(struct cd_task *task, const char *topic)
{
    struct cd_task_event *event = new_event(task, CD_TASK_TOPIC);
    event->topic = cd_strdup(topic);
    tell(task, event);
}

static char *trace_of(const struct cd_task *task, const struct cd_error *err)
{
    const struct cd_trace trace = {
        .outer = task->outer,
        .stage = task->stage == NULL ? "task" : task->stage,
        .task = task->name,
        .class_name = task->stage_class,
    };
    struct cd_buffer text = CD_BUFFER_INIT;
    cd_trace_text(&trace, err, &text);
    return cd_buffer_steal(&text);
}

/* What a person reads of a task that is RUNNING and does nothing. */
static char *degraded_trace(const struct cd_task *task, const struct cd_task_event *event)
{
    CD_AUTO_FREE char *trace = trace_of(task, &event->err);
    struct cd_buffer text = CD_BUFFER_INIT;
    cd_buffer_text(&text, "Degraded since ");
    cd_trace_time(event->since_ms, &text);
    cd_buffer_text(&text, ", next try at ");
    cd_trace_time(event->until_ms, &text);
    cd_buffer_printf(&text, ", because of: %s", trace);
    return cd_buffer_steal(&text);
}

static void announce_degraded(struct cd_task *task, int64_t until_ms)
{
    int64_t wait_ms = until_ms - cd_clock_ms();
    struct cd_task_event *event = new_event(task, CD_TASK_DEGRADED);
    event->since_ms = cd_wall_ms() - (cd_clock_ms() - task->retry.degraded_since_ms);
    event->until_ms = cd_wall_ms() + wait_ms;
    event->err = task->err;
    event->trace = degraded_trace(task, event);
    if (atomic_exchange(&task->counters.degraded_since_ms, event->since_ms) == 0)
        cd_log_warn(&task->log, "degraded, waiting for its system retry_in_ms=%lld error=\"%s\"",
                    (long long)wait_ms, event->err.msg);
    tell(task, event);
}

void cd_task_announce_degraded(struct cd_task *task, const struct cd_error *err, int64_t until_ms)
{
    if (task->retry.degraded_since_ms == 0)
        return; /* an ordinary retry, or healing is off */
    task->err = *err;
    announce_degraded(task, until_ms);
}

void cd_task_still_degraded(struct cd_task *task, int64_t until_ms)
{
    if (task->retry.degraded_since_ms != 0)
        announce_degraded(task, until_ms);
}

void cd_task_succeeded(struct cd_task *task)
{
    if (!cd_retry_succeeded(&task->retry))
        return;
    int64_t since_ms = atomic_exchange(&task->counters.degraded_since_ms, 0);
    cd_count(&task->counters.healed, 1);
    cd_log_info(&task->log, "healed, its system is back degraded_ms=%lld",
                (long long)(cd_wall_ms() - since_ms));
    tell(task, new_event(task, CD_TASK_HEALED));
}

/* ---- small helpers of both kinds ---- */

bool cd_task_wants_stop(const struct cd_task *task)
{
    return atomic_load(&task->stop);
}

bool cd_task_abandoned(const struct cd_task *task)
{
    return atomic_load(&task->fate) == FATE_ABANDONED;
}

bool cd_task_failing(struct cd_task *task, const char *stage, const char *class_name,
                     const char *outer)
{
    task->stage = stage;
    task->stage_class = class_name;
    task->outer = outer;
    return false;
}

void cd_wait_sooner(struct cd_wait *wait, int64_t until_ms)
{
    if (until_ms < wait->until_ms)
        wait->until_ms = until_ms;
}

void cd_task_op_wake(struct cd_handle *handle)
{
    struct cd_task *task = handle->owner;
    cd_runnable_wake(&task->runnable);
}

void cd_task_op_retry(struct cd_handle *handle, int64_t attempts, int64_t backoff_ms)
{
    struct cd_task *task = handle->owner;
    task->retry.limited = true;
    task->retry.attempts = attempts;
    task->retry.backoff_ms = backoff_ms;
}

bool cd_task_new_instance(struct cd_task *task, struct cd_error *err)
{
    task->instance = cd_instance_new(task->plugin, task->task_config, &task->handle, err);
    if (task->instance == NULL)
        return false;
    const struct cd_connector *connector = task->plugin->plugin.connector;
    if (task->retry.breaker != NULL || task->worker->breakers == NULL || !task->retry.healing ||
        connector == NULL || connector->system == NULL)
        return true;
    char system[SYSTEM_NAME_BYTES] = "";
    const struct cd_connector_call call = {.host = cd_host(),
                                           .handle = &task->handle,
                                           .cfg = task->instance->cfg,
                                           .deadline_ms = cd_clock_ms()};
    connector->system(&call, system, sizeof(system));
    if (system[0] != '\0')
        task->retry.breaker = cd_breakers_get(task->worker->breakers, system);
    return true;
}

struct cd_config *cd_task_client_settings(const struct cd_task *task, int role, const char *prefix,
                                          struct cd_error *err)
{
    for (struct cd_config_iter it = {0}; cd_config_next(task->connector_config, &it);)
        if (strncmp(it.key, prefix, strlen(prefix)) == 0 &&
            !cd_override_allowed(task->worker->config->override_policy, it.key, err))
            return NULL;
    return cd_settings_layers((enum cd_client_role)role, task->worker->originals,
                              task->connector_config, task->connector);
}

/* ---- the phases ---- */

static void enter(struct cd_task *task, enum cd_phase phase)
{
    cd_log_debug(&task->log, "phase %d -> %d", atomic_load(&task->phase), (int)phase);
    atomic_store(&task->phase, (int)phase);
}

static void enter_draining(struct cd_task *task)
{
    int64_t graceful_ms = task->worker->config->task_shutdown_timeout_ms;
    int64_t from_ms = cd_task_wants_stop(task) ? atomic_load(&task->stopped_ms) : cd_clock_ms();
    task->drain_until_ms = from_ms + graceful_ms;
    enter(task, CD_PHASE_DRAINING);
}

/* Keeps the first failure. After a stop it is only logged, as the JVM does. */
static void fail(struct cd_task *task, const struct cd_error *err)
{
    char *trace = trace_of(task, err);
    cd_log_error(&task->log,
                 "%s{id=%s} Task threw an uncaught and unrecoverable exception. Task is being "
                 "killed and will not recover until manually restarted: %s",
                 task->table->jvm_name, task->name, trace);
    if (task->failed || cd_task_wants_stop(task)) {
        free(trace);
        return;
    }
    task->failed = true;
    task->err = *err;
    task->trace = trace;
}

static enum cd_step idle(struct cd_task *task, struct cd_wait *wait)
{
    if (cd_task_wants_stop(task)) {
        enter(task, CD_PHASE_CLOSING);
        return CD_STEP_DONE;
    }
    if (atomic_load(&task->pause)) {
        cd_task_announce(task, /* paused = */ true);
        return cd_wait_forever(wait);
    }
    enter(task, CD_PHASE_STARTING);
    return CD_STEP_DONE;
}

static enum cd_step start_failed(struct cd_task *task, const struct cd_error *err)
{
    int64_t at_ms = 0;
    if (cd_retry_open(&task->retry, err, cd_clock_ms(), &at_ms) == CD_DECIDE_FAIL) {
        fail(task, err);
    } else {
        cd_log_warn(&task->log, "opening failed, trying again in_ms=%lld error=\"%s\"",
                    (long long)(at_ms - cd_clock_ms()), err->msg);
        task->reopen = true;
        task->reopen_ms = at_ms;
        cd_task_announce_degraded(task, err, at_ms);
    }
    enter(task, CD_PHASE_CLOSING);
    return CD_STEP_DONE;
}

static enum cd_step starting(struct cd_task *task, struct cd_wait *wait)
{
    if (cd_task_wants_stop(task)) {
        enter(task, CD_PHASE_CLOSING);
        return CD_STEP_DONE;
    }
    int64_t now_ms = cd_clock_ms();
    if (now_ms < task->reopen_ms)
        return cd_wait_until(wait, task->reopen_ms);
    if (!cd_retry_may_try(&task->retry, now_ms, &task->reopen_ms)) {
        cd_task_still_degraded(task, task->reopen_ms);
        return cd_wait_until(wait, task->reopen_ms);
    }
    struct cd_error err = CD_ERROR_INIT;
    enum cd_step answer = task->table->start(task, wait, &err);
    if (answer == CD_STEP_FAILED)
        return start_failed(task, &err);
    if (answer != CD_STEP_DONE)
        return answer;
    cd_task_succeeded(task);
    cd_log_info(&task->log, "%s{id=%s} %s", task->table->jvm_name, task->name,
                task->table->started);
    cd_task_announce(task, /* paused = */ false);
    atomic_store(&task->may_interrupt, true);
    enter(task, CD_PHASE_RUNNING);
    return CD_STEP_DONE;
}

static enum cd_step running(struct cd_task *task, struct cd_wait *wait)
{
    if (cd_task_wants_stop(task)) {
        enter_draining(task);
        return CD_STEP_DONE;
    }
    if (atomic_exchange(&task->forget_topics, false))
        task->table->forget_topics(task);
    struct cd_error err = CD_ERROR_INIT;
    enum cd_step answer = task->table->run(task, wait, &err);
    if (answer != CD_STEP_FAILED)
        return answer;
    if (task->reopen)
        cd_task_announce_degraded(task, &err, task->reopen_ms);
    else
        fail(task, &err);
    enter_draining(task);
    return CD_STEP_DONE;
}

static enum cd_step draining(struct cd_task *task, struct cd_wait *wait)
{
    struct cd_error err = CD_ERROR_INIT;
    enum cd_step answer = task->table->drain(task, wait, &err);
    if (answer == CD_STEP_AGAIN || answer == CD_STEP_WAIT)
        return answer;
    if (answer == CD_STEP_FAILED)
        fail(task, &err);
    enter(task, CD_PHASE_CLOSING);
    return CD_STEP_DONE;
}

/* False: the watchdog is inside the plugin's interrupt; it wakes the task afterwards. */
static bool no_more_interrupts(struct cd_task *task)
{
    int was = INTERRUPT_NONE;
    atomic_store(&task->may_interrupt, false);
    return atomic_compare_exchange_strong(&task->interrupting, &was, INTERRUPT_CLOSED) ||
           was == INTERRUPT_CLOSED;
}

static void close_plugin(struct cd_task *task)
{
    const struct cd_plugin *plugin = &task->plugin->plugin;
    void (*call)(void *) =
        plugin->kind == CD_PLUGIN_SOURCE ? plugin->source->close : plugin->sink->close;
    if (task->close_owed && call != NULL)
        call(task->instance->state);
    task->close_owed = false;
    cd_instance_free(task->instance);
    task->instance = NULL;
}

static enum cd_step closing(struct cd_task *task, struct cd_wait *wait)
{
    if (!no_more_interrupts(task))
        return cd_wait_forever(wait);
    close_plugin(task);
    enum cd_step answer = task->table->close(task, wait);
    if (answer != CD_STEP_DONE)
        return answer;
    if (!task->reopen || task->failed || cd_task_wants_stop(task))
        return CD_STEP_DONE;
    task->reopen = false;
    atomic_store(&task->interrupting, INTERRUPT_NONE);
    enter(task, CD_PHASE_STARTING);
    return CD_STEP_DONE;
}

/* ---- the end ---- */

/* Runs in the watchdog's last step: nothing else of the task runs any more. */
static void end(struct cd_task *task)
{
    struct cd_task_event *event = new_event(task, task->failed ? CD_TASK_FAILED : CD_TASK_STOPPED);
    if (task->failed) {
        event->err = task->err;
        event->trace = cd_strdup(task->trace);
    }
    void (*tell_herder)(void *, struct cd_task_event *) = task->event;
    void *arg = task->event_arg;
    int was = FATE_ALIVE;
    if (atomic_compare_exchange_strong(&task->fate, &was, FATE_ENDED)) {
        tell_herder(arg, event); /* who may free the task at once */
        return;
    }
    cd_task_event_free(event);
    cd_log_warn(&task->log, "an abandoned task has ended after all");
    cd_task_free(task);
}

static void leave(struct cd_task *task)
{
    count_activity(task, CD_ACTIVITY_NONE);
    if (task->retry.breaker != NULL)
        cd_breaker_leave(task->retry.breaker, task);
    cd_runnable_remove(&task->runnable);
    cd_runnable_wake_with(&task->watchdog, &task->gone); /* its next step frees the task */
}

static enum cd_step step_task(struct cd_runnable *runnable, struct cd_wait *wait)
{
    static enum cd_step (*const phases[CD_PHASES])(struct cd_task *, struct cd_wait *) = {
        [CD_PHASE_IDLE] = idle,       [CD_PHASE_STARTING] = starting,
        [CD_PHASE_RUNNING] = running, [CD_PHASE_DRAINING] = draining,
        [CD_PHASE_CLOSING] = closing,
    };
    struct cd_task *task = CD_CONTAINER_OF(runnable, struct cd_task, runnable);
    int phase;
    enum cd_step answer;
    do { /* DONE means that there is a next phase, but for the last */
        phase = atomic_load(&task->phase);
        (void)cd_wait_forever(wait);
        answer = phases[phase](task, wait);
    } while (answer == CD_STEP_DONE && atomic_load(&task->phase) != phase);
    if (answer == CD_STEP_DONE)
        leave(task);
    return answer;
}

/* ---- the watchdog ---- */

static void interrupt_step(struct cd_task *task)
{
    const struct cd_plugin *plugin = &task->plugin->plugin;
    void (*interrupt)(void *) =
        plugin->kind == CD_PLUGIN_SOURCE ? plugin->source->interrupt : plugin->sink->interrupt;
    int was = INTERRUPT_NONE;
    if (interrupt == NULL || !atomic_load(&task->may_interrupt) ||
        cd_runnable_stepping_ms(&task->runnable) < INTERRUPT_STEP_MS ||
        !atomic_compare_exchange_strong(&task->interrupting, &was, INTERRUPT_CALLING))
        return;
    if (atomic_load(&task->may_interrupt)) {
        cd_log_warn(&task->log, "interrupting a step that outlasts the stop");
        interrupt(task->instance->state);
    }
    atomic_store(&task->interrupting, INTERRUPT_NONE);
    cd_runnable_wake(&task->runnable);
}

static enum cd_step step_watchdog(struct cd_runnable *runnable, struct cd_wait *wait)
{
    struct cd_task *task = CD_CONTAINER_OF(runnable, struct cd_task, watchdog);
    if (atomic_load(&task->gone)) {
        cd_runnable_remove(runnable);
        end(task);
        return CD_STEP_DONE;
    }
    int64_t graceful_ms = task->worker->config->task_shutdown_timeout_ms;
    int64_t at_ms = atomic_load(&task->stopped_ms) + graceful_ms / INTERRUPT_SHARE;
    if (cd_clock_ms() < at_ms)
        return cd_wait_until(wait, at_ms);
    interrupt_step(task);
    return cd_wait_until(wait, cd_clock_ms() + INTERRUPT_AGAIN_MS);
}

/* ---- what the herder calls ---- */

static bool expand(const struct cd_task *task, const struct cd_config *raw, struct cd_config **ret,
                   struct cd_error *err)
{
    *ret = task->worker->resolver == NULL
               ? cd_config_copy(raw)
               : cd_resolver_expand(task->worker->resolver, raw, NULL, err);
    return *ret != NULL;
}

static void init_errant(struct cd_task *task)
{
    task->errant.log = &task->log;
    task->errant.connector = task->connector;
    task->errant.task = task->id;
    task->errant.counters = &task->counters;
}

static struct cd_task *allocate(const struct cd_task_options *options)
{
    bool source = options->plugin->plugin.kind == CD_PLUGIN_SOURCE;
    const struct cd_task_table *table = source ? &cd_source_table : &cd_sink_table;
    struct cd_task *task = cd_alloc(table->size);
    task->table = table;
    task->worker = options->worker;
    task->connector = cd_strdup(options->connector);
    task->name = cd_asprintf("%s-%d", options->connector, options->id);
    task->id = options->id;
    task->incarnation = options->incarnation;
    task->plugin = options->plugin;
    task->event = options->event;
    task->event_arg = options->event_arg;
    task->counters.is_source = source;
    atomic_store(&task->counters.lag_max, -1);
    atomic_store(&task->pause, options->paused);
    atomic_store(&task->phase, CD_PHASE_IDLE);
    cd_arena_init(&task->arena, SIZE_MAX, SIZE_MAX);
    cd_logger_init(&task->log, "task", options->connector, options->id);
    return task;
}

struct cd_task *cd_task_new(const struct cd_task_options *options, struct cd_error *err)
{
    struct cd_task *task = allocate(options);
    cd_runnable_init(&task->runnable, options->worker->scheduler, step_task);
    cd_runnable_init(&task->watchdog, options->worker->scheduler, step_watchdog);
    task->retry.healing = options->worker->config->healing;
    task->retry.who = task;
    init_errant(task);
    if (expand(task, options->connector_config, &task->connector_config, err) &&
        expand(task, options->task_config, &task->task_config, err)) {
        task->handle = (struct cd_handle){
            .magic = CD_HANDLE_MAGIC,
            .task = task->id,
            .ops = task->table->ops,
            .name = task->connector,
            .log = &task->log,
            .settings = task->task_config,
            .owner = task,
        };
        if (task->table->init(task, err)) {
            cd_log_info(&task->log, "Instantiated task %s with version %s of type %s", task->name,
                        task->plugin->plugin.version, task->plugin->plugin.class_name);
            return task;
        }
    }
    cd_task_free(task);
    return NULL;
}

void cd_task_start(struct cd_task *task)
{
    cd_runnable_wake(&task->runnable);
}

void cd_task_pause(struct cd_task *task)
{
    atomic_store(&task->pause, true);
    cd_runnable_wake(&task->runnable);
}

void cd_task_forget_topics(struct cd_task *task)
{
    atomic_store(&task->forget_topics, true);
    cd_runnable_wake(&task->runnable);
}

void cd_task_resume(struct cd_task *task)
{
    atomic_store(&task->pause, false);
    cd_runnable_wake(&task->runnable);
}

/* The watchdog first: once the task runs on, it may end and be freed by the event's receiver. */
void cd_task_stop(struct cd_task *task)
{
    atomic_store(&task->stopped_ms, cd_clock_ms());
    cd_runnable_wake(&task->watchdog);
    atomic_store(&task->stop, true);
    cd_runnable_wake(&task->runnable);
}

void cd_task_free(struct cd_task *task)
{
    if (task == NULL)
        return;
    assert(task->instance == NULL);
    task->table->free(task);
    cd_config_free(task->connector_config);
    cd_config_free(task->task_config);
    cd_arena_done(&task->arena);
    free(task->connector);
    free(task->name);
    free(task->trace);
    free(task);
}

void cd_task_abandon(struct cd_task *task)
{
    int was = FATE_ALIVE;
    if (!atomic_compare_exchange_strong(&task->fate, &was, FATE_ABANDONED))
        cd_task_free(task); /* it ended meanwhile; its event is on its way and names no one */
}

const char *cd_task_connector(const struct cd_task *task)
{
    return task->connector;
}

int32_t cd_task_id(const struct cd_task *task)
{
    return task->id;
}

uint64_t cd_task_incarnation(const struct cd_task *task)
{
    return task->incarnation;
}

struct cd_task_counters *cd_task_counters(struct cd_task *task)
{
    return &task->counters;
}

const struct cd_runnable *cd_task_runnable(const struct cd_task *task)
{
    return &task->runnable;
}
