#include "daemon/split_job.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "config/connector_keys.h"
#include "config/provider.h"
#include "config/worker_keys.h"
#include "plugins/instance.h"

#include <stdlib.h>

struct split_job {
    struct cd_job job;
    struct cd_herder *herder;
    const struct cd_wanted *wanted;
    bool monitor;
    int64_t timeout_ms;
    struct cd_split_result *result;
    /* What the plugin's calls get. */
    struct cd_handle handle;
    struct cd_logger log;
    struct cd_config *expanded;
    const struct cd_registered *plugin;
    struct cd_common_config common;
    struct cd_arena arena;
};

/* Collects the tasks of one split. */
struct collector {
    struct cd_split split;
    struct split_job *job;
};

void cd_split_result_free(struct cd_split_result *result)
{
    for (size_t i = 0; i < result->count; i++)
        cd_config_free(result->tasks[i]);
    free(result->tasks);
    free(result->connector);
    free(result);
}

static void drop_result(struct cd_message *message)
{
    cd_split_result_free(CD_CONTAINER_OF(message, struct cd_split_result, message));
}

static void ask_again(struct cd_handle *handle)
{
    ((struct split_job *)handle->owner)->result->reconfigure = true;
}

static const struct cd_handle_ops handle_ops = {.reconfigure = ask_again};

/* "org.x.FooConnector" runs tasks of class "org.x.FooTask": what a JVM worker's task configurations
 * say. */
static char *task_class(const char *connector_class)
{
    static const char suffix[] = "Connector";
    size_t len = strlen(connector_class);
    size_t cut = sizeof(suffix) - 1;
    if (len > cut && strcmp(connector_class + len - cut, suffix) == 0)
        len -= cut;
    return cd_asprintf("%.*sTask", (int)len, connector_class);
}

/* Each task starts as a copy of the connector's own text. */
static void begin_task(struct cd_split *split)
{
    struct split_job *job = ((struct collector *)split)->job;
    struct cd_split_result *result = job->result;
    result->tasks = cd_realloc_array(result->tasks, result->count + 1, sizeof(*result->tasks));
    struct cd_config *task = cd_config_copy(job->wanted->config);
    CD_AUTO_FREE char *class_name = task_class(job->plugin->plugin.class_name);
    cd_config_set(task, "task.class", class_name);
    result->tasks[result->count++] = task;
}

/* What stands for a secret stays a variable: its value must not reach the config topic. */
static void set_in_task(struct cd_split *split, const char *key, const char *value)
{
    struct split_job *job = ((struct collector *)split)->job;
    const char *raw = cd_config_get(job->wanted->config, key);
    if (job->result->count == 0)
        begin_task(split);
    if (raw == NULL || !cd_resolver_mentions(raw))
        cd_config_set(job->result->tasks[job->result->count - 1], key, value);
}

static struct cd_connector_call call_of(struct split_job *job, const void *cfg)
{
    return (struct cd_connector_call){.host = cd_host(),
                                      .handle = &job->handle,
                                      .cfg = cfg,
                                      .deadline_ms = cd_clock_ms() + job->timeout_ms};
}

static void check_count(struct split_job *job)
{
    struct cd_split_result *result = job->result;
    if (result->count <= (size_t)job->common.tasks_max)
        return;
    struct cd_error *err = &result->start;
    if (!job->common.tasks_max_enforce) {
        cd_log_warn(
            &job->log,
            "more tasks than tasks.max, started all the same: tasks.max.enforce=false tasks=%zu "
            "tasks_max=%d",
            result->count, job->common.tasks_max);
        return;
    }
    result->too_many = true;
    (void)cd_fail_as(
        err, CD_ERR_CONFIG, "TooManyTasksException",
        "The connector %s has generated %zu tasks, which is greater than %d, the maximum number of "
        "tasks it is "
        "configured to create. This behaviour should be considered a bug and is disallowed. If "
        "necessary, it can be "
        "permitted by reconfiguring the connector with 'tasks.max.enforce' set to false.",
        job->wanted->name, result->count, job->common.tasks_max);
}

static void split(struct split_job *job, const void *cfg)
{
    struct collector collector = {.split = {begin_task, set_in_task}, .job = job};
    const struct cd_connector *connector = job->plugin->plugin.connector;
    struct cd_connector_call call = call_of(job, cfg);
    if (connector == NULL || connector->tasks == NULL) {
        begin_task(&collector.split);
    } else if (!connector->tasks(&call, job->common.tasks_max, &collector.split,
                                 &job->result->split)) {
        if (job->result->split.code == CD_OK)
            (void)cd_fail(&job->result->split, CD_ERR_BUG, "the connector gave no reason");
        return;
    }
    check_count(job);
}

/* Is a new split worth computing? */
static bool changed(struct split_job *job, const void *cfg)
{
    const struct cd_connector *connector = job->plugin->plugin.connector;
    bool watches = connector != NULL && connector->monitor != NULL;
    if (!watches)
        return !job->monitor;
    struct cd_connector_call call = call_of(job, cfg);
    struct cd_error err = CD_ERROR_INIT;
    enum cd_monitor seen = connector->monitor(&call, &job->result->monitor_ms, &err);
    if (!job->monitor)
        return true; /* only its interval was of interest */
    if (seen == CD_MONITOR_FAILED)
        cd_log_warn(&job->log, "could not look for changes, will try again: %s", err.msg);
    return seen == CD_MONITOR_CHANGED;
}

/* Tasks parse them again; here they fail the connector, as a JVM worker does. */
static bool check_topic_groups(struct split_job *job, struct cd_error *err)
{
    struct cd_topic_groups groups;
    if (!job->herder->worker->config->topic_creation_enable)
        return true;
    if (!cd_topic_groups_parse(job->expanded, &job->arena, &groups, err))
        return false;
    cd_topic_groups_done(&groups);
    return true;
}

static bool read_config(struct split_job *job, struct cd_error *err)
{
    const struct cd_worker *worker = job->herder->worker;
    job->expanded = cd_resolver_expand(worker->resolver, job->wanted->config, NULL, err);
    if (job->expanded == NULL)
        return false;
    job->handle.settings = job->expanded;
    const char *class_name = cd_config_get(job->expanded, "connector.class");
    if (class_name == NULL)
        return cd_fail_as(
            err, CD_ERR_CONFIG, "ConfigException",
            "Missing required configuration \"connector.class\" which has no default value.");
    job->plugin = cd_registry_choose(worker->registry, CD_KIND_SET_CONNECTORS, class_name,
                                     cd_config_get(job->expanded, "connector.plugin.version"),
                                     job->expanded, err);
    if (job->plugin == NULL)
        return false;
    struct cd_report report = CD_REPORT_INIT;
    bool ok;
    if (job->plugin->plugin.kind == CD_PLUGIN_SOURCE) {
        struct cd_source_config source;
        ok = cd_source_config_parse(job->expanded, &job->arena, &source, &report);
        job->common = source.common;
    } else {
        struct cd_sink_config sink;
        ok = cd_sink_config_parse(job->expanded, &job->arena, &sink, &report);
        job->common = sink.common;
    }
    if (!ok)
        (void)cd_report_fail(&report, err); /* it had something to tell: the parse failed */
    cd_report_done(&report);
    return ok && (job->plugin->plugin.kind != CD_PLUGIN_SOURCE || check_topic_groups(job, err));
}

static void work(struct split_job *job)
{
    struct cd_split_result *result = job->result;
    if (!read_config(job, &result->start))
        return;
    struct cd_instance *typed = cd_instance_config(job->plugin, job->expanded, &result->start);
    if (typed == NULL)
        return;
    result->asked = changed(job, typed->cfg);
    if (result->asked)
        split(job, typed->cfg);
    cd_instance_free(typed);
}

static void run_job(struct cd_job *base)
{
    struct split_job *job = CD_CONTAINER_OF(base, struct split_job, job);
    work(job);
    struct cd_split_result *result = job->result;
    struct cd_herder *herder = job->herder;
    cd_config_free(job->expanded);
    cd_arena_done(&job->arena);
    cd_wanted_unref(job->wanted);
    free(job);
    cd_herder_tell(herder, &result->message);
}

void cd_split_job_submit(const struct cd_split_request *request)
{
    enum { TEXT_BYTES = 64 * 1024, TEXT_BYTES_MAX = 16 * 1024 * 1024 };
    struct split_job *job = cd_new(struct split_job);
    job->job.run = run_job;
    job->herder = request->herder;
    job->wanted = cd_wanted_ref(request->wanted);
    job->monitor = request->monitor;
    job->timeout_ms = request->timeout_ms;
    cd_logger_init(&job->log, "connector", job->wanted->name, -1);
    cd_arena_init(&job->arena, TEXT_BYTES, TEXT_BYTES_MAX);
    job->handle = (struct cd_handle){.magic = CD_HANDLE_MAGIC,
                                     .task = -1,
                                     .ops = &handle_ops,
                                     .name = job->wanted->name,
                                     .log = &job->log,
                                     .owner = job};
    job->result = cd_new(struct cd_split_result);
    job->result->message.run = request->run;
    job->result->message.drop = drop_result;
    job->result->connector = cd_strdup(job->wanted->name);
    job->result->epoch = request->epoch;
    cd_error_reset(&job->result->start);
    cd_error_reset(&job->result->split);
    cd_scheduler_submit(request->herder->worker->scheduler, &job->job);
}
