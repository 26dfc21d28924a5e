#include "api/render.h"
#include "api/json.h"

#include "base/alloc.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---- small parts ---- */

void cd_render_config(struct cd_buffer *out, const struct cd_config *config)
{
    char before = '{';
    if (config == NULL) {
        cd_buffer_text(out, "{}");
        return;
    }
    for (struct cd_config_iter it = {0}; cd_config_next(config, &it);) {
        cd_buffer_char(out, before);
        cd_json_string(out, it.key);
        cd_buffer_char(out, ':');
        cd_json_string(out, it.value);
        before = ',';
    }
    cd_buffer_text(out, before == '{' ? "{}" : "}");
}

void cd_render_message(struct cd_buffer *out, const char *message)
{
    cd_buffer_text(out, "{\"message\":");
    cd_json_string(out, message);
    cd_buffer_char(out, '}');
}

static void append_member(struct cd_buffer *out, const char *prefix, const char *text)
{
    cd_buffer_text(out, prefix);
    cd_json_string(out, text);
}

/* The members that connectors and tasks share. */
static void append_state(struct cd_buffer *out, const struct cd_status_view *status)
{
    cd_buffer_printf(out, "\"state\":\"%s\"", cd_api_state_name(status->state));
    append_member(out, ",\"worker_id\":", status->worker_id);
    if (status->trace != NULL && *status->trace != '\0')
        append_member(out, ",\"trace\":", status->trace);
    if (status->version != NULL)
        append_member(out, ",\"version\":", status->version);
}

void cd_render_task_status(struct cd_buffer *out, const struct cd_task_view *task)
{
    cd_buffer_printf(out, "{\"id\":%d,", task->id);
    append_state(out, &task->status);
    cd_buffer_char(out, '}');
}

static void append_task_id(struct cd_buffer *out, const char *connector, int32_t task)
{
    append_member(out, "{\"connector\":", connector);
    cd_buffer_printf(out, ",\"task\":%d}", task);
}

/* ---- what is kept in the view ---- */

static void build_info(struct cd_buffer *out, const struct cd_connector_view *view)
{
    append_member(out, "{\"name\":", view->name);
    cd_buffer_text(out, ",\"config\":");
    cd_render_config(out, view->config);
    cd_buffer_text(out, ",\"tasks\":[");
    const char *before = "";
    for (size_t i = 0; i < view->task_count; i++) {
        if (view->tasks[i].config == NULL)
            continue;
        cd_buffer_text(out, before);
        append_task_id(out, view->name, view->tasks[i].id);
        before = ",";
    }
    cd_buffer_printf(out, "],\"type\":\"%s\"}", cd_api_type_name(view->type));
}

static void build_status(struct cd_buffer *out, const struct cd_connector_view *view)
{
    append_member(out, "{\"name\":", view->name);
    cd_buffer_text(out, ",\"connector\":{");
    append_state(out, &view->status);
    cd_buffer_text(out, "},\"tasks\":[");
    const char *before = "";
    for (size_t i = 0; i < view->task_count; i++) {
        if (!view->tasks[i].status.known)
            continue;
        cd_buffer_text(out, before);
        cd_render_task_status(out, &view->tasks[i]);
        before = ",";
    }
    cd_buffer_printf(out, "],\"type\":\"%s\"}", cd_api_type_name(view->type));
}

/* Keeps `text` in `place`, unless another reader was faster; returns what is there. */
static const char *keep(_Atomic(char *) *place, struct cd_buffer *text)
{
    char *mine = cd_buffer_steal(text);
    char *theirs = NULL;
    if (atomic_compare_exchange_strong(place, &theirs, mine))
        return mine;
    free(mine);
    return theirs;
}

/* The cache is the one part of a published view that changes, once, from NULL. */
static _Atomic(char *) *place_of(const struct cd_connector_view *view, int which)
{
    return &((struct cd_connector_view *)(uintptr_t)view)->text[which];
}

static const char *kept_text(const struct cd_connector_view *view, int which,
                             void (*build)(struct cd_buffer *, const struct cd_connector_view *))
{
    const char *text = atomic_load(place_of(view, which));
    if (text != NULL)
        return text;
    struct cd_buffer out = CD_BUFFER_INIT;
    build(&out, view);
    return keep(place_of(view, which), &out);
}

void cd_render_info(struct cd_buffer *out, const struct cd_connector_view *view)
{
    cd_buffer_text(out, kept_text(view, CD_VIEW_TEXT_INFO, build_info));
}

void cd_render_status(struct cd_buffer *out, const struct cd_connector_view *view)
{
    cd_buffer_text(out, kept_text(view, CD_VIEW_TEXT_STATUS, build_status));
}

/* ---- lists ---- */

void cd_render_names(struct cd_buffer *out, const struct cd_snapshot *snapshot)
{
    _Atomic(char *) *place = &((struct cd_snapshot *)(uintptr_t)snapshot)->text;
    const char *text = atomic_load(place);
    if (text == NULL) {
        struct cd_buffer names = CD_BUFFER_INIT;
        cd_buffer_char(&names, '[');
        for (size_t i = 0; i < snapshot->count; i++)
            append_member(&names, i == 0 ? "" : ",", snapshot->views[i]->name);
        cd_buffer_char(&names, ']');
        text = keep(place, &names);
    }
    cd_buffer_text(out, text);
}

void cd_render_expanded(struct cd_buffer *out, const struct cd_snapshot *snapshot, bool status,
                        bool info)
{
    char before = '{';
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct cd_connector_view *view = snapshot->views[i];
        if (status && !view->status.known)
            continue;
        cd_buffer_char(out, before);
        before = ',';
        cd_json_string(out, view->name);
        cd_buffer_text(out, status ? ":{\"status\":" : ":{");
        if (status)
            cd_render_status(out, view);
        if (info) {
            cd_buffer_text(out, status ? ",\"info\":" : "\"info\":");
            cd_render_info(out, view);
        }
        cd_buffer_char(out, '}');
    }
    cd_buffer_text(out, before == '{' ? "{}" : "}");
}

void cd_render_tasks(struct cd_buffer *out, const struct cd_connector_view *view)
{
    const char *before = "[{\"id\":";
    for (size_t i = 0; i < view->task_count; i++) {
        if (view->tasks[i].config == NULL)
            continue;
        cd_buffer_text(out, before);
        append_task_id(out, view->name, view->tasks[i].id);
        cd_buffer_text(out, ",\"config\":");
        cd_render_config(out, view->tasks[i].config);
        cd_buffer_char(out, '}');
        before = ",{\"id\":";
    }
    cd_buffer_text(out, before[0] == '[' ? "[]" : "]");
}

void cd_render_topics(struct cd_buffer *out, const char *name, const struct cd_connector_view *view)
{
    append_member(out, "{", name);
    cd_buffer_text(out, ":{\"topics\":[");
    for (size_t i = 0; view != NULL && i < view->topic_count; i++)
        append_member(out, i == 0 ? "" : ",", view->topics[i]);
    cd_buffer_text(out, "]}}");
}

static void append_json_or_null(struct cd_buffer *out, const char *prefix, const char *json)
{
    cd_buffer_text(out, prefix);
    cd_buffer_text(out, json == NULL ? "null" : json);
}

void cd_render_offsets(struct cd_buffer *out, const struct cd_api_offset *offsets, size_t count)
{
    cd_buffer_text(out, "{\"offsets\":[");
    for (size_t i = 0; i < count; i++) {
        append_json_or_null(out,
                            i == 0 ? "{\"partition\":" : ",{\"partition\":", offsets[i].partition);
        append_json_or_null(out, ",\"offset\":", offsets[i].offset);
        cd_buffer_char(out, '}');
    }
    cd_buffer_text(out, "]}");
}

/* ---- plugins ---- */

static const char *plugin_type_name(enum cd_plugin_type type)
{
    static const char *const names[] = {
        [CD_PLUGIN_TYPE_SINK] = "sink",
        [CD_PLUGIN_TYPE_SOURCE] = "source",
        [CD_PLUGIN_TYPE_TRANSFORM] = "transformation",
        [CD_PLUGIN_TYPE_PREDICATE] = "predicate",
        [CD_PLUGIN_TYPE_CONVERTER] = "converter",
        [CD_PLUGIN_TYPE_HEADER_CONVERTER] = "header_converter",
    };
    return names[type];
}

/* Sinks, sources, transformations, predicates, converters, header converters; by name inside. */
static int by_type_and_class(const void *a, const void *b)
{
    const struct cd_plugin_view *left = a;
    const struct cd_plugin_view *right = b;
    if (left->type != right->type)
        return left->type < right->type ? -1 : 1;
    return strcmp(left->class_name, right->class_name);
}

void cd_render_plugins(struct cd_buffer *out, struct cd_plugin_views plugins, bool connectors_only)
{
    struct cd_plugin_view *sorted CD_AUTO_FREE = cd_new_array(plugins.count, struct cd_plugin_view);
    if (plugins.count > 0)
        memcpy(sorted, plugins.items, plugins.count * sizeof(sorted[0]));
    qsort(sorted, plugins.count, sizeof(sorted[0]), by_type_and_class);
    const char *before = "[{\"class\":";
    for (size_t i = 0; i < plugins.count; i++) {
        if (connectors_only && sorted[i].type > CD_PLUGIN_TYPE_SOURCE)
            continue;
        append_member(out, before, sorted[i].class_name);
        append_member(out, ",\"type\":", plugin_type_name(sorted[i].type));
        if (sorted[i].version != NULL)
            append_member(out, ",\"version\":", sorted[i].version);
        cd_buffer_char(out, '}');
        before = ",{\"class\":";
    }
    cd_buffer_text(out, before[0] == '[' ? "[]" : "]");
}

/* Takes over `json`. */
static void append_jansson(struct cd_buffer *out, json_t *json)
{
    json_auto_t *owned = json;
    char *text CD_AUTO_FREE = json_dumps(owned, JSON_COMPACT | JSON_ENCODE_ANY);
    cd_buffer_text(out, text == NULL ? "null" : text);
}

void cd_render_definitions(struct cd_buffer *out, const struct cd_report *report)
{
    char before = '[';
    for (size_t i = 0; i < report->count; i++) {
        if (!report->rows[i].has_definition)
            continue;
        cd_buffer_char(out, before);
        append_jansson(out, cd_report_definition_json(&report->rows[i]));
        before = ',';
    }
    cd_buffer_text(out, before == '[' ? "[]" : "]");
}

void cd_render_report(struct cd_buffer *out, const struct cd_report *report)
{
    append_jansson(out, cd_report_json(report));
}
