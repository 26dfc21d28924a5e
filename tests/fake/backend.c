#include "tests/fake/backend.h"

#include "base/alloc.h"
#include "base/list.h"
#include "base/map.h"
#include "base/thread.h"
#include "config/keys.h"

#include <stdlib.h>
#include <string.h>

#define WORKER "127.0.0.1:8083"
#define VERSION "4.1.1"
#define SINK "org.apache.kafka.connect.file.FileStreamSinkConnector"
#define SOURCE "org.apache.kafka.connect.file.FileStreamSourceConnector"

struct cd_fake_backend {
    struct cd_backend table;
    struct cd_snapshot_slot slot;
    struct cd_thread thread;
    struct cd_mutex lock;
    struct cd_cond changed; /* guarded by lock: */
    struct cd_link requests;
    size_t pending;
    bool held;
    bool ready;
    bool started;
    bool stopping;
    char *stage;
    struct cd_strmap offsets; /* the thread's: connector to struct stored_offsets */
};

struct stored_offsets {
    struct cd_strmap by_partition; /* JSON to JSON */
};

static void free_stored(void *value)
{
    struct stored_offsets *stored = value;
    cd_strmap_done(&stored->by_partition);
    free(stored);
}

/* ---- what the connectors take ---- */

struct sink_settings {
    const char *name, *class_name, *topics, *file, *password;
    int32_t tasks_max;
};

static bool no_control(const struct cd_key *key, const char *value, struct cd_error *err)
{
    (void)key;
    if (value == NULL || *value == '\0')
        return cd_fail(err, CD_ERR_CONFIG, "String may not be empty");
    for (const char *c = value; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20)
            return cd_fail(err, CD_ERR_CONFIG,
                           "String may not contain control sequences but had the following ASCII "
                           "chars: %d",
                           *c);
    return true;
}

static const struct cd_key common_keys[] = {
    {.name = "name",
     .type = CD_STRING,
     .check = no_control,
     .group = "Common",
     .order = 1,
     .width = CD_WIDTH_MEDIUM,
     .display = "Connector name",
     .doc = "Globally unique name.",
     .offset = offsetof(struct sink_settings, name)},
    {.name = "connector.class",
     .type = CD_STRING,
     .group = "Common",
     .order = 2,
     .doc = "Name or alias of the class.",
     .offset = offsetof(struct sink_settings, class_name)},
    {.name = "tasks.max",
     .type = CD_INT32,
     .fallback = "1",
     .min = 1,
     .max = INT32_MAX,
     .group = "Common",
     .order = 4,
     .doc = "Tasks at most.",
     .offset = offsetof(struct sink_settings, tasks_max)},
    {.name = "topics",
     .type = CD_STRING,
     .fallback = "",
     .group = "Common",
     .order = 5,
     .doc = "Topics.",
     .offset = offsetof(struct sink_settings, topics)},
    {.name = "file",
     .type = CD_STRING,
     .optional = true,
     .doc = "File.",
     .offset = offsetof(struct sink_settings, file)},
    {.name = "secret",
     .type = CD_SECRET,
     .optional = true,
     .doc = "Secret.",
     .offset = offsetof(struct sink_settings, password)},
};

static const struct cd_plugin_view plugin_list[] = {
    {SOURCE, CD_PLUGIN_TYPE_SOURCE, VERSION},
    {SINK, CD_PLUGIN_TYPE_SINK, VERSION},
    {"org.apache.kafka.connect.json.JsonConverter", CD_PLUGIN_TYPE_HEADER_CONVERTER, VERSION},
    {"org.apache.kafka.connect.json.JsonConverter", CD_PLUGIN_TYPE_CONVERTER, VERSION},
    {"org.example.NoVersion", CD_PLUGIN_TYPE_TRANSFORM, NULL},
};

static enum cd_api_type type_of(const char *class_name)
{
    if (class_name == NULL)
        return CD_TYPE_UNKNOWN;
    if (strstr(SINK, class_name) != NULL && strstr(class_name, "Sink") != NULL)
        return CD_TYPE_SINK;
    if (strstr(SOURCE, class_name) != NULL && strstr(class_name, "Source") != NULL)
        return CD_TYPE_SOURCE;
    return CD_TYPE_UNKNOWN;
}

/* ---- connectors ---- */

static void change(struct cd_fake_backend *fake, const struct cd_connector_view *view)
{
    const struct cd_snapshot *old = cd_snapshot_newest(&fake->slot);
    cd_snapshot_publish(&fake->slot, cd_snapshot_with(old, view));
    cd_snapshot_unref(old);
}

static enum cd_api_state state_for(enum cd_api_target target)
{
    return target == CD_TARGET_STARTED  ? CD_API_RUNNING
           : target == CD_TARGET_PAUSED ? CD_API_PAUSED
                                        : CD_API_STOPPED;
}

static struct cd_connector_view *make_view(const struct cd_config *config, const char *name,
                                           enum cd_api_target target, bool with_tasks)
{
    struct cd_connector_view *view = cd_view_new(name);
    view->config = cd_config_copy(config);
    view->type = type_of(cd_config_get(config, "connector.class"));
    view->target = target;
    enum cd_api_state state = state_for(target);
    cd_view_status(&view->status, state, WORKER, NULL, VERSION);
    const char *max = cd_config_get(config, "tasks.max");
    cd_view_tasks(view, with_tasks ? (size_t)(max == NULL ? 1 : atoi(max)) : 0);
    for (size_t i = 0; i < view->task_count; i++) {
        cd_view_status(&view->tasks[i].status, state, WORKER, NULL, VERSION);
        view->tasks[i].config = cd_config_new();
        cd_config_set(view->tasks[i].config, "task.class", "FileStreamTask");
    }
    return view;
}

static void retarget(struct cd_fake_backend *fake, const struct cd_connector_view *old,
                     enum cd_api_target target)
{
    bool had_tasks = old->task_count > 0;
    bool with_tasks = target == CD_TARGET_STARTED || (target == CD_TARGET_PAUSED && had_tasks);
    change(fake, make_view(old->config, old->name, target, with_tasks));
}

static bool check_config(struct cd_request *request, const struct cd_config *config)
{
    const char *class_name = cd_config_get(config, "connector.class");
    if (class_name == NULL) {
        cd_answer_no_type(&request->answer, config);
        return false;
    }
    if (type_of(class_name) == CD_TYPE_UNKNOWN) {
        cd_answer_fail(&request->answer, 400,
                       "Failed to find any class that implements Connector and which name matches "
                       "%s, available connectors are: ...",
                       class_name);
        return false;
    }
    struct cd_report *report = cd_new(struct cd_report);
    report->name = cd_strdup(class_name);
    cd_keys_describe(CD_KEYS(common_keys), "", NULL, -1, config, report);
    if (type_of(class_name) == CD_TYPE_SINK && cd_config_get(config, "topics") == NULL) {
        cd_report_error(report, "topics", "Must configure one of topics or topics.regex");
        cd_report_error(report, "topics.regex", "Must configure one of topics or topics.regex");
    }
    for (struct cd_config_iter it = {0}; cd_config_next(config, &it);)
        if (it.value == NULL)
            cd_report_error(report, it.key,
                            "Null value can not be supplied as the configuration value.");
    request->answer.report = report;
    return cd_report_error_count(report) == 0;
}

static void store(struct cd_fake_backend *fake, struct cd_request *request,
                  const struct cd_config *config, enum cd_api_target target)
{
    struct cd_connector_view *view =
        make_view(config, request->connector, target, target == CD_TARGET_STARTED);
    request->answer.view = cd_view_ref(view);
    change(fake, view);
}

/* ---- answers ---- */

static void answer_create(struct cd_fake_backend *fake, struct cd_request *request,
                          const struct cd_connector_view *old)
{
    if (!check_config(request, request->config))
        return;
    if (old != NULL)
        cd_answer_fail(&request->answer, 409, "Connector %s already exists", request->connector);
    else
        store(fake, request, request->config, request->initial);
}

static void answer_put(struct cd_fake_backend *fake, struct cd_request *request,
                       const struct cd_connector_view *old)
{
    if (!check_config(request, request->config))
        return;
    request->answer.created = old == NULL;
    store(fake, request, request->config, old == NULL ? CD_TARGET_STARTED : old->target);
}

static void answer_patch(struct cd_fake_backend *fake, struct cd_request *request,
                         const struct cd_connector_view *old)
{
    struct cd_config *merged CD_AUTO(cd_config_freep) = cd_config_copy(old->config);
    for (struct cd_config_iter it = {0}; cd_config_next(request->config, &it);) {
        if (it.value == NULL)
            cd_config_remove(merged, it.key);
        else
            cd_config_set(merged, it.key, it.value);
    }
    if (check_config(request, merged))
        store(fake, request, merged, old->target);
}

static void answer_delete(struct cd_fake_backend *fake, struct cd_request *request)
{
    const struct cd_snapshot *old = cd_snapshot_newest(&fake->slot);
    cd_snapshot_publish(&fake->slot, cd_snapshot_without(old, request->connector));
    cd_snapshot_unref(old);
}

static bool to_restart(const struct cd_request *request, const struct cd_status_view *status)
{
    return !request->only_failed || status->state == CD_API_FAILED;
}

static void answer_restart(struct cd_request *request, const struct cd_connector_view *old)
{
    struct cd_connector_view *plan = cd_view_copy(old);
    if (to_restart(request, &plan->status))
        plan->status.state = CD_API_RESTARTING;
    for (size_t i = 0; request->include_tasks && i < plan->task_count; i++)
        if (to_restart(request, &plan->tasks[i].status))
            plan->tasks[i].status.state = CD_API_RESTARTING;
    request->answer.view = plan;
}

static void answer_restart_task(struct cd_fake_backend *fake, struct cd_request *request,
                                const struct cd_connector_view *old)
{
    if (cd_view_find_task(old, request->task) == NULL) {
        cd_answer_fail(&request->answer, 404, "Unknown task: %s-%d", request->connector,
                       request->task);
        return;
    }
    struct cd_connector_view *view = cd_view_copy(old);
    cd_view_status(&view->tasks[request->task].status, CD_API_RUNNING, WORKER, NULL, VERSION);
    change(fake, view);
}

static struct stored_offsets *offsets_of(struct cd_fake_backend *fake, const char *connector)
{
    struct stored_offsets *stored = cd_strmap_get(&fake->offsets, connector);
    if (stored == NULL) {
        stored = cd_new(struct stored_offsets);
        cd_strmap_init(&stored->by_partition, free);
        (void)cd_strmap_put(&fake->offsets, connector, stored);
    }
    return stored;
}

static bool must_be_stopped(struct cd_request *request, const struct cd_connector_view *old)
{
    if (old->target == CD_TARGET_STOPPED)
        return true;
    cd_answer_fail(&request->answer, 400,
                   "Connectors must be in the STOPPED state before their offsets can be modified. "
                   "This can be done for the specified connector by issuing a 'PUT' request to the "
                   "'/connectors/%s/stop' endpoint",
                   request->connector);
    return false;
}

static void put_offset(struct stored_offsets *stored, const char *partition, char *offset)
{
    if (offset == NULL)
        (void)cd_strmap_remove(&stored->by_partition, partition);
    else
        (void)cd_strmap_put(&stored->by_partition, partition, offset);
}

static void alter_sink(struct stored_offsets *stored, struct cd_request *request)
{
    struct cd_sink_offset *offsets = NULL;
    size_t count = 0;
    if (!cd_sink_offsets_parse(request, &offsets, &count, &request->answer))
        return;
    for (size_t i = 0; i < count; i++) {
        char *partition CD_AUTO_FREE =
            cd_sink_partition_json(offsets[i].topic, offsets[i].partition);
        put_offset(stored, partition,
                   offsets[i].forget ? NULL : cd_sink_offset_json(offsets[i].offset));
    }
    cd_sink_offsets_free(offsets, count);
}

static void answer_alter(struct cd_fake_backend *fake, struct cd_request *request,
                         const struct cd_connector_view *old)
{
    if (!must_be_stopped(request, old))
        return;
    request->answer.by_connector = true;
    struct stored_offsets *stored = offsets_of(fake, request->connector);
    if (old->type == CD_TYPE_SINK) {
        alter_sink(stored, request);
        return;
    }
    for (size_t i = 0; i < request->offset_count; i++)
        put_offset(stored,
                   request->offsets[i].partition == NULL ? "null" : request->offsets[i].partition,
                   cd_strdup(request->offsets[i].offset));
}

static void answer_offsets(struct cd_fake_backend *fake, struct cd_request *request)
{
    struct stored_offsets *stored = offsets_of(fake, request->connector);
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&stored->by_partition, &it);)
        cd_answer_offset(&request->answer, cd_strdup(it.key), cd_strdup(it.value));
}

static void answer_reset(struct cd_fake_backend *fake, struct cd_request *request,
                         const struct cd_connector_view *old)
{
    if (!must_be_stopped(request, old))
        return;
    request->answer.by_connector = old->type == CD_TYPE_SINK;
    cd_strmap_clear(&offsets_of(fake, request->connector)->by_partition);
}

static void answer_topics(struct cd_fake_backend *fake, const struct cd_connector_view *old)
{
    if (old == NULL)
        return;
    struct cd_connector_view *view = cd_view_copy(old);
    for (size_t i = 0; i < view->topic_count; i++)
        free(view->topics[i]);
    view->topic_count = 0;
    change(fake, view);
}

static const char *unknown_text(enum cd_request_kind kind)
{
    switch (kind) {
    case CD_ASK_PAUSE:
    case CD_ASK_RESUME:
    case CD_ASK_STOP:
        return "Unknown connector %s";
    case CD_ASK_RESTART:
    case CD_ASK_RESTART_TASK:
        return "Unknown connector: %s";
    case CD_ASK_PATCH_CONFIG:
    case CD_ASK_DELETE:
    case CD_ASK_OFFSETS_GET:
    case CD_ASK_OFFSETS_ALTER:
    case CD_ASK_OFFSETS_RESET:
        return "Connector %s not found";
    case CD_ASK_CREATE:
    case CD_ASK_PUT_CONFIG:
    case CD_ASK_TOPICS_RESET:
    case CD_ASK_VALIDATE:
    case CD_ASK_LOGGER_CLUSTER:
    case CD_ASK_PUT_TASKS:
    case CD_ASK_FENCE:
    case CD_ASK_HEALTH:
    case CD_ASK_KINDS:
        break;
    }
    return NULL;
}

static void answer_with(struct cd_fake_backend *fake, struct cd_request *request,
                        const struct cd_connector_view *old)
{
    switch (request->kind) {
    case CD_ASK_CREATE:
        answer_create(fake, request, old);
        break;
    case CD_ASK_PUT_CONFIG:
        answer_put(fake, request, old);
        break;
    case CD_ASK_PATCH_CONFIG:
        answer_patch(fake, request, old);
        break;
    case CD_ASK_DELETE:
        answer_delete(fake, request);
        break;
    case CD_ASK_RESTART:
        answer_restart(request, old);
        break;
    case CD_ASK_PAUSE:
        retarget(fake, old, CD_TARGET_PAUSED);
        break;
    case CD_ASK_RESUME:
        retarget(fake, old, CD_TARGET_STARTED);
        break;
    case CD_ASK_STOP:
        retarget(fake, old, CD_TARGET_STOPPED);
        break;
    case CD_ASK_RESTART_TASK:
        answer_restart_task(fake, request, old);
        break;
    case CD_ASK_OFFSETS_GET:
        answer_offsets(fake, request);
        break;
    case CD_ASK_OFFSETS_ALTER:
        answer_alter(fake, request, old);
        break;
    case CD_ASK_OFFSETS_RESET:
        answer_reset(fake, request, old);
        break;
    case CD_ASK_TOPICS_RESET:
        answer_topics(fake, old);
        break;
    case CD_ASK_VALIDATE:
        (void)check_config(request, request->config); /* the report says it all */
        break;
    case CD_ASK_HEALTH:
        cd_mutex_lock(&fake->lock);
        request->answer.started = fake->started;
        cd_mutex_unlock(&fake->lock);
        break;
    case CD_ASK_PUT_TASKS:
    case CD_ASK_FENCE:
        cd_answer_fail(&request->answer, 400, "Internal request missing required signature");
        break;
    case CD_ASK_LOGGER_CLUSTER:
    case CD_ASK_KINDS:
        break;
    }
}

static void answer(struct cd_fake_backend *fake, struct cd_request *request)
{
    const struct cd_snapshot *snapshot CD_AUTO(cd_snapshot_unrefp) =
        cd_snapshot_newest(&fake->slot);
    const struct cd_connector_view *old =
        request->connector == NULL ? NULL : cd_snapshot_find(snapshot, request->connector);
    if (old == NULL && unknown_text(request->kind) != NULL) {
        const char *text = unknown_text(request->kind);
        const char *hole = strstr(text, "%s");
        cd_answer_fail(&request->answer, 404, "%.*s%s%s", (int)(hole - text), text,
                       request->connector, hole + 2);
    } else {
        answer_with(fake, request, old);
    }
    cd_request_done(request);
}

static void run(void *arg)
{
    struct cd_fake_backend *fake = arg;
    cd_mutex_lock(&fake->lock);
    for (;;) {
        while (!fake->stopping && (fake->held || cd_list_empty(&fake->requests)))
            (void)cd_cond_wait(&fake->changed, &fake->lock, INT64_MAX);
        if (fake->stopping && cd_list_empty(&fake->requests))
            break;
        struct cd_link *link = cd_list_pop_front(&fake->requests);
        fake->pending--;
        cd_mutex_unlock(&fake->lock);
        answer(fake, CD_CONTAINER_OF(link, struct cd_request, link));
        cd_mutex_lock(&fake->lock);
    }
    cd_mutex_unlock(&fake->lock);
}

/* ---- the table ---- */

static bool fake_flag(struct cd_fake_backend *fake, const bool *flag)
{
    cd_mutex_lock(&fake->lock);
    bool value = *flag;
    cd_mutex_unlock(&fake->lock);
    return value;
}

static bool fake_ready(void *state)
{
    struct cd_fake_backend *fake = state;
    return fake_flag(fake, &fake->ready);
}

static bool fake_started(void *state)
{
    struct cd_fake_backend *fake = state;
    return fake_flag(fake, &fake->started);
}

static const struct cd_snapshot *fake_snapshot(void *state)
{
    struct cd_fake_backend *fake = state;
    return cd_snapshot_newest(&fake->slot);
}

static void fake_post(void *state, struct cd_request *request)
{
    struct cd_fake_backend *fake = state;
    cd_mutex_lock(&fake->lock);
    cd_list_push_back(&fake->requests, &request->link);
    fake->pending++;
    cd_cond_broadcast(&fake->changed);
    cd_mutex_unlock(&fake->lock);
}

static void fake_root(void *state, struct cd_root_info *ret)
{
    (void)state;
    *ret = (struct cd_root_info){"4.1.1", "0123456789abcdef", "fake-cluster"};
}

static struct cd_plugin_views fake_plugins(void *state)
{
    (void)state;
    return (struct cd_plugin_views){plugin_list, sizeof(plugin_list) / sizeof(plugin_list[0])};
}

static bool fake_plugin_config(void *state, const char *plugin, struct cd_report *ret,
                               struct cd_answer *answered)
{
    (void)state;
    if (type_of(plugin) == CD_TYPE_UNKNOWN) {
        cd_answer_fail(answered, 404, "Unknown plugin %s.", plugin);
        return false;
    }
    struct cd_config *none CD_AUTO(cd_config_freep) = cd_config_new();
    cd_keys_describe(CD_KEYS(common_keys), "", NULL, -1, none, ret);
    return true;
}

static char *fake_stage(void *state)
{
    struct cd_fake_backend *fake = state;
    cd_mutex_lock(&fake->lock);
    char *stage = cd_strdup(fake->stage);
    cd_mutex_unlock(&fake->lock);
    return stage;
}

static char *fake_metrics(void *state)
{
    (void)state;
    return cd_strdup("# TYPE fake_up gauge\nfake_up 1\n");
}

static const struct cd_backend fake_table = {
    .ready = fake_ready,
    .started = fake_started,
    .snapshot = fake_snapshot,
    .post = fake_post,
    .root = fake_root,
    .plugins = fake_plugins,
    .plugin_config = fake_plugin_config,
    .stage = fake_stage,
    .metrics = fake_metrics,
};

struct cd_fake_backend *cd_fake_backend_new(void)
{
    struct cd_fake_backend *fake = cd_new(struct cd_fake_backend);
    fake->table = fake_table;
    fake->table.state = fake;
    cd_snapshot_slot_init(&fake->slot);
    cd_mutex_init(&fake->lock);
    cd_cond_init(&fake->changed);
    cd_list_init(&fake->requests);
    cd_strmap_init(&fake->offsets, free_stored);
    fake->ready = true;
    fake->started = true;
    struct cd_error err = CD_ERROR_INIT;
    if (!cd_thread_start(&fake->thread, "fake-backend", 0, run, fake, &err))
        abort();
    return fake;
}

void cd_fake_backend_free(struct cd_fake_backend *fake)
{
    cd_mutex_lock(&fake->lock);
    fake->stopping = true;
    cd_cond_broadcast(&fake->changed);
    cd_mutex_unlock(&fake->lock);
    cd_thread_join(&fake->thread);
    cd_snapshot_slot_done(&fake->slot);
    cd_strmap_done(&fake->offsets);
    cd_cond_done(&fake->changed);
    cd_mutex_done(&fake->lock);
    free(fake->stage);
    free(fake);
}

const struct cd_backend *cd_fake_backend_table(struct cd_fake_backend *fake)
{
    return &fake->table;
}

static void set_flag(struct cd_fake_backend *fake, bool *flag, bool value)
{
    cd_mutex_lock(&fake->lock);
    *flag = value;
    cd_cond_broadcast(&fake->changed);
    cd_mutex_unlock(&fake->lock);
}

void cd_fake_backend_set_ready(struct cd_fake_backend *fake, bool ready)
{
    set_flag(fake, &fake->ready, ready);
}

void cd_fake_backend_set_started(struct cd_fake_backend *fake, bool started)
{
    set_flag(fake, &fake->started, started);
}

void cd_fake_backend_hold(struct cd_fake_backend *fake, bool hold)
{
    set_flag(fake, &fake->held, hold);
}

void cd_fake_backend_set_stage(struct cd_fake_backend *fake, const char *stage)
{
    cd_mutex_lock(&fake->lock);
    free(fake->stage);
    fake->stage = cd_strdup(stage);
    cd_mutex_unlock(&fake->lock);
}

size_t cd_fake_backend_pending(struct cd_fake_backend *fake)
{
    cd_mutex_lock(&fake->lock);
    size_t pending = fake->pending;
    cd_mutex_unlock(&fake->lock);
    return pending;
}

/* ---- from outside; the thread must be idle ---- */

void cd_fake_backend_add(struct cd_fake_backend *fake, const char *name, const char *class_name)
{
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    cd_config_set(config, "connector.class", class_name);
    cd_config_set(config, "topics", "t");
    cd_config_set(config, "name", name);
    change(fake, make_view(config, name, CD_TARGET_STARTED, /* with_tasks = */ true));
}

static struct cd_connector_view *copy_of(struct cd_fake_backend *fake, const char *name)
{
    const struct cd_snapshot *snapshot CD_AUTO(cd_snapshot_unrefp) =
        cd_snapshot_newest(&fake->slot);
    return cd_view_copy(cd_snapshot_find(snapshot, name));
}

void cd_fake_backend_break(struct cd_fake_backend *fake, const char *name, int32_t task,
                           const char *trace)
{
    struct cd_connector_view *view = copy_of(fake, name);
    cd_view_status(task < 0 ? &view->status : &view->tasks[task].status, CD_API_FAILED, WORKER,
                   trace, VERSION);
    change(fake, view);
}

void cd_fake_backend_topic(struct cd_fake_backend *fake, const char *name, const char *topic)
{
    struct cd_connector_view *view = copy_of(fake, name);
    cd_view_topic(view, topic);
    change(fake, view);
}
