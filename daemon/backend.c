#include "daemon/backend.h"

#include "base/alloc.h"
#include "config/connector_keys.h"
#include "config/worker_keys.h"
#include "daemon/metrics.h"
#include "plugins/registry.h"

#include <stdlib.h>

/* The version of Kafka Connect whose behaviour this is: tools read features off it. */
static const char connect_version[] = "4.1.1";

struct cd_backend_state {
    struct cd_herder *herder;
    const struct cd_worker *worker;
    struct cd_plugin_view *plugins;
    size_t plugin_count;
    atomic_bool ready;
};

static void add_plugin(void *arg, enum cd_plugin_kind kind, const struct cd_registered *row)
{
    static const enum cd_plugin_type types[CD_PLUGIN_KINDS] = {
        [CD_PLUGIN_SOURCE] = CD_PLUGIN_TYPE_SOURCE,
        [CD_PLUGIN_SINK] = CD_PLUGIN_TYPE_SINK,
        [CD_PLUGIN_CONVERTER] = CD_PLUGIN_TYPE_CONVERTER,
        [CD_PLUGIN_HEADER_CONVERTER] = CD_PLUGIN_TYPE_HEADER_CONVERTER,
        [CD_PLUGIN_TRANSFORM] = CD_PLUGIN_TYPE_TRANSFORM,
        [CD_PLUGIN_PREDICATE] = CD_PLUGIN_TYPE_PREDICATE,
    };
    struct cd_backend_state *state = arg;
    struct cd_plugin_view view = {row->plugin.class_name, types[kind], row->plugin.version};
    const struct cd_plugin_view *last =
        state->plugin_count == 0 ? NULL : &state->plugins[state->plugin_count - 1];
    /* Two libraries may answer for one class, the configuration decides: it is listed once. */
    if (last != NULL && last->type == view.type && strcmp(last->class_name, view.class_name) == 0 &&
        last->version != NULL && strcmp(last->version, view.version) == 0)
        return;
    state->plugins =
        cd_realloc_array(state->plugins, state->plugin_count + 1, sizeof(*state->plugins));
    state->plugins[state->plugin_count++] = view;
}

struct cd_backend_state *cd_backend_state_new(struct cd_herder *herder,
                                              const struct cd_worker *worker)
{
    struct cd_backend_state *state = cd_new(struct cd_backend_state);
    state->herder = herder;
    state->worker = worker;
    cd_registry_list(worker->registry, /* connectors_only = */ false, add_plugin, state);
    return state;
}

void cd_backend_state_free(struct cd_backend_state *state)
{
    if (state == NULL)
        return;
    free(state->plugins);
    free(state);
}

void cd_backend_set_ready(struct cd_backend_state *state)
{
    atomic_store_explicit(&state->ready, true, memory_order_release);
}

/* ---- the table ---- */

static bool started(void *arg)
{
    struct cd_backend_state *state = arg;
    return atomic_load_explicit(&state->ready, memory_order_acquire) &&
           cd_herder_ready(state->herder);
}

/* The routes are there as soon as the herder is: requests wait their turn behind its first pass. */
static bool ready(void *arg)
{
    (void)arg;
    return true;
}

static const struct cd_snapshot *snapshot(void *arg)
{
    return cd_herder_snapshot(((struct cd_backend_state *)arg)->herder);
}

static void post(void *arg, struct cd_request *request)
{
    cd_herder_post(((struct cd_backend_state *)arg)->herder, request);
}

static void root(void *arg, struct cd_root_info *ret)
{
    ret->version = connect_version;
    ret->commit = "connectd-" CD_VERSION;
    ret->kafka_cluster_id = ((struct cd_backend_state *)arg)->worker->kafka_cluster_id;
}

static struct cd_plugin_views plugins(void *arg)
{
    const struct cd_backend_state *state = arg;
    return (struct cd_plugin_views){state->plugins, state->plugin_count};
}

static const struct cd_registered *find_plugin(const struct cd_registry *registry, const char *name)
{
    static const unsigned kinds[] = {
        CD_KIND_SET_CONNECTORS,
        CD_KIND_SET(CD_PLUGIN_CONVERTER),
        CD_KIND_SET(CD_PLUGIN_HEADER_CONVERTER),
        CD_KIND_SET(CD_PLUGIN_TRANSFORM),
        CD_KIND_SET(CD_PLUGIN_PREDICATE),
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct cd_error unknown = CD_ERROR_INIT; /* the next kind may know it */
        const struct cd_registered *found =
            cd_registry_find(registry, kinds[i], name, NULL, &unknown);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* The definitions alone: an empty configuration's complaints are of no interest. */
static void forget_errors(struct cd_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        for (size_t e = 0; e < report->rows[i].error_count; e++)
            free(report->rows[i].errors[e]);
        report->rows[i].error_count = 0;
    }
}

static bool plugin_config(void *arg, const char *name, struct cd_report *ret,
                          struct cd_answer *answer)
{
    const struct cd_backend_state *state = arg;
    const struct cd_registered *plugin = find_plugin(state->worker->registry, name);
    if (plugin == NULL) {
        cd_answer_fail(answer, 404, "Unknown plugin %s.", name);
        return false;
    }
    struct cd_config *nothing = cd_config_new();
    cd_keys_describe(plugin->keys, "", NULL, 0, nothing, ret);
    if (plugin->plugin.kind == CD_PLUGIN_SOURCE)
        cd_source_config_describe(nothing, ret);
    else if (plugin->plugin.kind == CD_PLUGIN_SINK)
        cd_sink_config_describe(nothing, ret);
    cd_config_free(nothing);
    forget_errors(ret);
    return true;
}

static char *stage(void *arg)
{
    (void)arg; /* the herder never blocks, so there is nothing it could be stuck in */
    return NULL;
}

static char *metrics(void *arg)
{
    struct cd_backend_state *state = arg;
    if (state->worker->metrics == NULL)
        return NULL;
    const struct cd_snapshot *snapshot CD_AUTO(cd_snapshot_unrefp) =
        cd_herder_snapshot(state->herder);
    return cd_metrics_text(state->worker->metrics, snapshot);
}

static char *trouble(void *arg)
{
    const struct cd_backend_state *state = arg;
    return state->worker->metrics == NULL ? NULL : cd_metrics_trouble(state->worker->metrics);
}

struct cd_backend cd_backend_of(struct cd_backend_state *state)
{
    return (struct cd_backend){.state = state,
                               .ready = ready,
                               .started = started,
                               .snapshot = snapshot,
                               .post = post,
                               .root = root,
                               .plugins = plugins,
                               .plugin_config = plugin_config,
                               .stage = stage,
                               .metrics = metrics,
                               .trouble = trouble};
}
