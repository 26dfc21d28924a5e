#include "daemon/offsets_api.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "config/provider.h"
#include "daemon/deployment.h"
#include "daemon/requests.h"
#include "data/value.h"
#include "kafka/admin.h"
#include "plugins/instance.h"

#include <stdlib.h>

enum {
    BARRIER_TIMEOUT_MS = 30000,
    ADMIN_TIMEOUT_MS = 30000,
    JSON_BYTES = 4096,
    JSON_BYTES_MAX = 1024 * 1024,
};

/* The deployment, or NULL: then the request has been answered. */
static struct cd_deployment *find(struct cd_herder *herder, struct cd_request *request)
{
    struct cd_deployment *deployment = cd_herder_find(herder, request->connector);
    if (deployment != NULL && deployment->wanted != NULL)
        return deployment;
    cd_answer_fail(&request->answer, 404, "Connector %s not found", request->connector);
    cd_herder_answer(herder, request);
    return NULL;
}

static void refuse_running(struct cd_herder *herder, struct cd_request *request)
{
    cd_answer_fail(&request->answer, 400,
                   "Connectors must be in the STOPPED state before their offsets can be modified. "
                   "This can be done for the "
                   "specified connector by issuing a 'PUT' request to the '/connectors/%s/stop' "
                   "endpoint",
                   request->connector);
    cd_herder_answer(herder, request);
}

static void answer(struct cd_herder *herder, struct cd_request *request, const struct cd_error *err)
{
    if (request->answer.err.code == CD_OK)
        request->answer.err = *err;
    cd_herder_answer(herder, request);
}

/* ---- sinks: the consumer group, through the connector's own admin client, on the pool ---- */

static struct cd_config *expanded_config(struct cd_herder *herder, const char *connector,
                                         struct cd_error *err)
{
    const struct cd_wanted *wanted = cd_config_store_get(herder->configs, connector);
    if (wanted == NULL) {
        (void)cd_fail(err, CD_ERR_STATE, "Connector %s was deleted meanwhile", connector);
        return NULL;
    }
    struct cd_config *expanded =
        cd_resolver_expand(herder->worker->resolver, wanted->config, NULL, err);
    cd_wanted_unref(wanted);
    return expanded;
}

struct group {
    struct cd_admin *admin;
    char *name;
};

static bool open_group(struct cd_herder *herder, const struct cd_request *request,
                       struct group *ret, struct cd_error *err)
{
    struct cd_config *config = expanded_config(herder, request->connector, err);
    if (config == NULL)
        return false;
    const char *own = cd_config_get(config, "consumer.override.group.id");
    struct cd_config *java = cd_settings_layers(CD_ROLE_CONNECTOR_ADMIN, herder->worker->originals,
                                                config, request->connector);
    CD_AUTO_FREE char *client_id =
        cd_asprintf("connector-worker-adminclient-%s", request->connector);
    ret->admin = cd_admin_open(java, client_id, &herder->log, err);
    ret->name = own == NULL ? cd_asprintf("connect-%s", request->connector) : cd_strdup(own);
    cd_config_free(java);
    cd_config_free(config);
    if (ret->admin == NULL)
        free(ret->name);
    return ret->admin != NULL;
}

static void close_group(struct group *group)
{
    cd_admin_free(group->admin);
    free(group->name);
}

static void sink_get(struct cd_herder *herder, struct cd_request *request, struct cd_error *err)
{
    struct group group;
    struct cd_assignment offsets = {0};
    if (!open_group(herder, request, &group, err))
        return;
    if (cd_admin_group_offsets(group.admin, group.name, ADMIN_TIMEOUT_MS, &offsets, err)) {
        for (size_t i = 0; i < offsets.count; i++) {
            CD_AUTO_FREE char *topic = cd_slice_dup(offsets.list[i].topic);
            cd_answer_offset(&request->answer,
                             cd_sink_partition_json(topic, offsets.list[i].partition),
                             cd_sink_offset_json(offsets.list[i].offset));
        }
        cd_assignment_done(&offsets);
    }
    close_group(&group);
}

/* The JVM's word for a group that cannot be changed; clients look for "zombie sink task". */
static void say_zombies(struct cd_request *request, const char *what, const struct cd_error *err)
{
    bool members = strcmp(err->native, "NON_EMPTY_GROUP") == 0 ||
                   strcmp(err->native, "UNKNOWN_MEMBER_ID") == 0 ||
                   strcmp(err->native, "GROUP_SUBSCRIBED_TO_TOPIC") == 0;
    if (members)
        cd_answer_fail(&request->answer, 500,
                       "Failed to %s consumer group offsets for connector %s either because its "
                       "tasks haven't stopped "
                       "completely yet or the connector was resumed before the request to %s its "
                       "offsets could be "
                       "successfully completed. If the connector is in a stopped state, this "
                       "operation can be safely retried. "
                       "If it doesn't eventually succeed, the Connect cluster may need to be "
                       "restarted to get rid of the "
                       "zombie sink tasks.",
                       what, request->connector, what);
    else
        cd_answer_fail(&request->answer, 500,
                       "Failed to %s consumer group offsets for connector %s: %s", what,
                       request->connector, err->msg);
}

static void sink_alter(struct cd_herder *herder, struct cd_request *request, struct cd_error *err)
{
    struct cd_sink_offset *wanted;
    size_t count;
    struct group group;
    if (!cd_sink_offsets_parse(request, &wanted, &count, &request->answer))
        return;
    if (open_group(herder, request, &group, err)) {
        struct cd_topic_partition *list = cd_new_array(count + 1, struct cd_topic_partition);
        for (size_t i = 0; i < count; i++)
            list[i] = (struct cd_topic_partition){cd_slice(wanted[i].topic), wanted[i].partition,
                                                  wanted[i].forget ? -1 : wanted[i].offset};
        struct cd_error refused = CD_ERROR_INIT;
        if (!cd_admin_set_group_offsets(group.admin, group.name, list, count, ADMIN_TIMEOUT_MS,
                                        &refused))
            say_zombies(request, "alter", &refused);
        free(list);
        close_group(&group);
    }
    cd_sink_offsets_free(wanted, count);
}

static void sink_reset(struct cd_herder *herder, struct cd_request *request, struct cd_error *err)
{
    struct group group;
    if (!open_group(herder, request, &group, err))
        return;
    struct cd_error refused = CD_ERROR_INIT;
    if (!cd_admin_delete_group(group.admin, group.name, ADMIN_TIMEOUT_MS, &refused) &&
        strcmp(refused.native, "GROUP_ID_NOT_FOUND") != 0) /* nothing to reset is done, too */
        say_zombies(request, "reset", &refused);
    close_group(&group);
}

/* ---- sources: the offset store ---- */

static void add_offset(void *arg, struct cd_slice partition, struct cd_slice offset)
{
    struct cd_request *request = arg;
    cd_answer_offset(&request->answer, cd_slice_dup(partition), cd_slice_dup(offset));
}

static void source_read(struct cd_herder *herder, struct cd_request *request,
                        const struct cd_error *err)
{
    if (err->code == CD_OK)
        cd_offset_store_each(herder->worker->offsets, request->connector, add_offset, request);
    answer(herder, request, err);
}

/* Keys and values being put together for one write. */
struct offset_draft {
    struct cd_buffer *keys;
    struct cd_buffer *values;
    struct cd_offset_entry *entries;
    size_t count;
};

static void draft_init(struct offset_draft *draft, size_t count)
{
    draft->keys = cd_new_array(count + 1, struct cd_buffer);
    draft->values = cd_new_array(count + 1, struct cd_buffer);
    draft->entries = cd_new_array(count + 1, struct cd_offset_entry);
    draft->count = 0;
}

static void draft_done(struct offset_draft *draft)
{
    for (size_t i = 0; i < draft->count; i++) {
        cd_buffer_done(&draft->keys[i]);
        cd_buffer_done(&draft->values[i]);
    }
    free(draft->keys);
    free(draft->values);
    free(draft->entries);
}

static const char *java_type(struct cd_value value)
{
    return value.kind == CD_KIND_ARRAY ? "ArrayList" : "LinkedHashMap";
}

/* Only primitives: the JVM refuses others when the offsets are written. */
static bool only_primitives(struct cd_value map, struct cd_error *err)
{
    for (uint32_t i = 0; map.kind == CD_KIND_MAP && i < map.count; i++) {
        struct cd_value value = map.as.map[i].value;
        if (value.kind == CD_KIND_ARRAY || value.kind == CD_KIND_MAP)
            return cd_fail_as(
                err, CD_ERR_DATA, "DataException",
                "Offsets may only contain primitive types as values, but field %.*s contains %s",
                CD_SLICE_ARG(cd_value_slice(map.as.map[i].key)), java_type(value));
    }
    return true;
}

static bool read_json(struct cd_arena *arena, const char *json, struct cd_value *ret,
                      struct cd_error *err)
{
    *ret = cd_null();
    if (json == NULL)
        return true;
    return cd_value_from_json(arena, cd_slice(json), ret, err) && only_primitives(*ret, err);
}

static bool draft_add(struct offset_draft *draft, const char *connector, struct cd_value partition,
                      struct cd_value offset, struct cd_error *err)
{
    struct cd_buffer *key = &draft->keys[draft->count];
    struct cd_buffer *value = &draft->values[draft->count];
    struct cd_offset_entry *entry = &draft->entries[draft->count++];
    if (!cd_offset_key(connector, partition, key, err))
        return false;
    entry->key = cd_buffer_view(key);
    if (cd_is_null(offset))
        return true;
    if (!cd_value_to_json(offset, value, err))
        return false;
    entry->value = cd_buffer_view(value);
    return true;
}

static bool draft_request(struct offset_draft *draft, const struct cd_request *request,
                          const struct cd_connector *connector,
                          const struct cd_connector_call *call, struct cd_arena *arena,
                          struct cd_error *err)
{
    for (size_t i = 0; i < request->offset_count; i++) {
        struct cd_value partition;
        struct cd_value offset;
        if (!read_json(arena, request->offsets[i].partition, &partition, err) ||
            !read_json(arena, request->offsets[i].offset, &offset, err))
            return false;
        if (connector != NULL && connector->check_offset != NULL &&
            !connector->check_offset(call, partition, offset, err))
            return false;
        if (!draft_add(draft, request->connector, partition, offset, err))
            return false;
    }
    return true;
}

/* Runs on the pool: the connector may look at its configuration, and its check is foreign code. */
static void source_alter(struct cd_herder *herder, struct cd_request *request, struct cd_error *err)
{
    struct cd_config *config = expanded_config(herder, request->connector, err);
    if (config == NULL)
        return;
    const struct cd_registered *plugin = cd_registry_choose(
        herder->worker->registry, CD_KIND_SET_CONNECTORS, cd_config_get(config, "connector.class"),
        cd_config_get(config, "connector.plugin.version"), config, err);
    struct cd_instance *typed = plugin == NULL ? NULL : cd_instance_config(plugin, config, err);
    if (typed != NULL) {
        static const struct cd_handle_ops no_ops;
        struct cd_handle handle = {.magic = CD_HANDLE_MAGIC,
                                   .task = -1,
                                   .ops = &no_ops,
                                   .name = request->connector,
                                   .log = &herder->log,
                                   .settings = config};
        const struct cd_connector_call call = {.host = cd_host(),
                                               .handle = &handle,
                                               .cfg = typed->cfg,
                                               .deadline_ms = cd_clock_ms() + ADMIN_TIMEOUT_MS};
        const struct cd_connector *connector = plugin->plugin.connector;
        request->answer.by_connector = connector != NULL && connector->check_offset != NULL;
        struct cd_arena arena;
        struct offset_draft draft;
        cd_arena_init(&arena, JSON_BYTES, JSON_BYTES_MAX);
        draft_init(&draft, request->offset_count);
        (void)draft_request(&draft, request, connector, &call, &arena, err); /* err tells */
        draft_done(&draft);
        cd_arena_done(&arena);
        cd_instance_free(typed);
    }
    cd_config_free(config);
}

static void source_checked(struct cd_herder *herder, struct cd_request *request,
                           const struct cd_error *err)
{
    struct cd_arena arena;
    struct offset_draft draft;
    struct cd_error bad = CD_ERROR_INIT;
    if (err->code != CD_OK) {
        answer(herder, request, err);
        return;
    }
    cd_arena_init(&arena, JSON_BYTES, JSON_BYTES_MAX);
    draft_init(&draft, request->offset_count);
    if (draft_request(&draft, request, NULL, NULL, &arena, &bad))
        cd_offset_store_put(herder->worker->offsets, draft.entries, draft.count,
                            cd_herder_continued, cd_herder_continue(herder, request, answer));
    else
        answer(herder, request, &bad);
    draft_done(&draft);
    cd_arena_done(&arena);
}

struct reset {
    const char *connector;
    char **keys;
    size_t count;
};

static void collect_key(void *arg, struct cd_slice partition, struct cd_slice offset)
{
    struct reset *reset = arg;
    struct cd_buffer key = CD_BUFFER_INIT;
    struct cd_error impossible = CD_ERROR_INIT; /* a text always has a JSON form */
    (void)offset;
    cd_buffer_char(&key, '[');
    if (!cd_value_to_json(cd_string(cd_slice(reset->connector)), &key, &impossible)) {
        cd_buffer_done(&key);
        return;
    }
    cd_buffer_char(&key, ',');
    cd_buffer_slice(&key, partition);
    cd_buffer_char(&key, ']');
    reset->keys = cd_realloc_array(reset->keys, reset->count + 1, sizeof(*reset->keys));
    reset->keys[reset->count++] = cd_buffer_steal(&key);
}

static void source_reset(struct cd_herder *herder, struct cd_request *request,
                         const struct cd_error *err)
{
    if (err->code != CD_OK) {
        answer(herder, request, err);
        return;
    }
    struct reset reset = {.connector = request->connector};
    cd_offset_store_each(herder->worker->offsets, request->connector, collect_key, &reset);
    struct cd_offset_entry *entries = cd_new_array(reset.count + 1, struct cd_offset_entry);
    for (size_t i = 0; i < reset.count; i++)
        entries[i].key = cd_slice(reset.keys[i]);
    if (reset.count == 0)
        answer(herder, request, err);
    else
        cd_offset_store_put(herder->worker->offsets, entries, reset.count, cd_herder_continued,
                            cd_herder_continue(herder, request, answer));
    for (size_t i = 0; i < reset.count; i++)
        free(reset.keys[i]);
    free(reset.keys);
    free(entries);
}

static void read_source_then(struct cd_herder *herder, struct cd_request *request,
                             cd_request_step_fn *next)
{
    cd_offset_store_barrier(herder->worker->offsets, cd_clock_ms() + BARRIER_TIMEOUT_MS,
                            cd_herder_continued, cd_herder_continue(herder, request, next));
}

/* ---- the three requests ---- */

void cd_offsets_get(struct cd_herder *herder, struct cd_request *request)
{
    struct cd_deployment *deployment = find(herder, request);
    if (deployment == NULL)
        return;
    if (cd_deployment_type(deployment) == CD_TYPE_SINK)
        cd_herder_job(herder, request, sink_get, answer);
    else
        read_source_then(herder, request, source_read);
}

static void start_alter(struct cd_herder *herder, struct cd_deployment *deployment,
                        struct cd_request *request)
{
    if (cd_deployment_type(deployment) == CD_TYPE_SINK)
        cd_herder_job(herder, request, sink_alter, answer);
    else
        cd_herder_job(herder, request, source_alter, source_checked);
}

static void start_reset(struct cd_herder *herder, struct cd_deployment *deployment,
                        struct cd_request *request)
{
    const struct cd_connector *connector =
        deployment->plugin == NULL ? NULL : deployment->plugin->plugin.connector;
    request->answer.by_connector = connector != NULL && connector->check_offset != NULL;
    if (cd_deployment_type(deployment) == CD_TYPE_SINK)
        cd_herder_job(herder, request, sink_reset, answer);
    else
        read_source_then(herder, request, source_reset);
}

/* Tasks that are still draining commit offsets of their own: they are waited for. */
static void when_stopped(struct cd_herder *herder, struct cd_request *request,
                         void (*run)(struct cd_herder *, struct cd_deployment *,
                                     struct cd_request *))
{
    struct cd_deployment *deployment = find(herder, request);
    if (deployment == NULL)
        return;
    if (deployment->wanted->target != CD_TARGET_STOPPED || deployment->wanted->task_count != 0) {
        refuse_running(herder, request);
        return;
    }
    struct cd_waiter *waiter = cd_new(struct cd_waiter);
    waiter->condition = CD_WHEN_TASKS_STOPPED;
    waiter->request = request;
    waiter->run = run;
    cd_deployment_wait(deployment, waiter);
    cd_deployment_publish(deployment);
}

void cd_offsets_alter(struct cd_herder *herder, struct cd_request *request)
{
    when_stopped(herder, request, start_alter);
}

void cd_offsets_reset(struct cd_herder *herder, struct cd_request *request)
{
    when_stopped(herder, request, start_reset);
}
