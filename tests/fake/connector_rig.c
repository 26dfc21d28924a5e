#include "tests/fake/connector_rig.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "compat/decimal.h"
#include "data/schema.h"
#include "data/value.h"
#include "plugins/instance.h"

enum { STEP_LIMIT_MS = 60000, BATCH_LIMIT = 1 << 20, SINK_LIMIT = 1 << 30 };

struct text_list {
    char **items;
    size_t count;
    size_t capacity;
};

struct partition {
    struct partition *next;
    char *json;
    struct cd_value map;
};

struct stored {
    struct stored *next;
    char *partition; /* JSON */
    struct cd_value offset;
};

struct cd_rig {
    struct cd_registry *registry;
    const struct cd_registered *plugin;
    char *class_name;
    struct cd_config *config;
    struct cd_handle handle;
    struct cd_handle_ops ops;
    struct cd_logger log;
    struct cd_arena arena; /* offsets and partitions */
    struct cd_instance *instance;
    bool open;
    struct partition *partitions;
    struct stored *offsets;
    struct cd_batch *batch;
    int64_t next_offset;
    struct text_list values, offset_texts, lines;
    size_t count;
    bool count_only;
    bool keeps_batch; /* the records stay for whoever asked for them */
    char *schema;
    char *text; /* of the last job */
    struct cd_config **tasks;
    size_t task_count;
    struct cd_error err;
};

/* ---- values as text ---- */

static void write_value(struct cd_buffer *out, struct cd_value value);

static void write_text(struct cd_buffer *out, struct cd_slice text)
{
    cd_buffer_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            cd_buffer_char(out, '\\');
        cd_buffer_char(out, text.ptr[i]);
    }
    cd_buffer_char(out, '"');
}

static void write_decimal(struct cd_buffer *out, const struct cd_decimal *decimal)
{
    struct cd_error err = CD_ERROR_INIT;
    if (!cd_java_decimal_plain_text(decimal, out, &err))
        fail_msg("%s", err.msg);
}

static void write_members(struct cd_buffer *out, struct cd_value value)
{
    bool structured = value.kind == CD_KIND_STRUCT;
    uint32_t count = structured ? value.as.structure->schema->field_count : value.count;
    cd_buffer_char(out, '{');
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            cd_buffer_char(out, ',');
        write_text(out, structured ? value.as.structure->schema->fields[i].name
                                   : cd_value_slice(value.as.map[i].key));
        cd_buffer_char(out, ':');
        write_value(out, structured ? value.as.structure->fields[i] : value.as.map[i].value);
    }
    cd_buffer_char(out, '}');
}

static void write_value(struct cd_buffer *out, struct cd_value value)
{
    switch ((enum cd_kind)value.kind) {
    case CD_KIND_NULL:
        cd_buffer_text(out, "null");
        return;
    case CD_KIND_BOOL:
        cd_buffer_text(out, value.as.boolean ? "true" : "false");
        return;
    case CD_KIND_INT8:
    case CD_KIND_INT16:
    case CD_KIND_INT32:
    case CD_KIND_INT64:
    case CD_KIND_INSTANT:
        cd_buffer_printf(out, "%lld", (long long)value.as.integer);
        return;
    case CD_KIND_FLOAT32:
        cd_buffer_printf(out, "%.9g", (double)value.as.float32);
        return;
    case CD_KIND_FLOAT64:
        cd_buffer_printf(out, "%.17g", value.as.float64);
        return;
    case CD_KIND_STRING:
        write_text(out, cd_value_slice(value));
        return;
    case CD_KIND_BYTES:
        cd_buffer_text(out, "x'");
        for (uint32_t i = 0; i < value.count; i++)
            cd_buffer_printf(out, "%02x", value.as.bytes[i]);
        cd_buffer_char(out, '\'');
        return;
    case CD_KIND_DECIMAL:
        write_decimal(out, value.as.decimal);
        return;
    case CD_KIND_ARRAY:
        cd_buffer_char(out, '[');
        for (uint32_t i = 0; i < value.count; i++) {
            if (i > 0)
                cd_buffer_char(out, ',');
            write_value(out, value.as.array[i]);
        }
        cd_buffer_char(out, ']');
        return;
    case CD_KIND_MAP:
    case CD_KIND_STRUCT:
        write_members(out, value);
        return;
    }
}

/* ---- the handle's half of the host ---- */

static struct cd_rig *rig_of(struct cd_handle *handle)
{
    return handle->owner;
}

static char *json_of(struct cd_value value)
{
    struct cd_buffer out = CD_BUFFER_INIT;
    write_value(&out, value);
    return cd_buffer_steal(&out);
}

static struct cd_partition *rig_partition(struct cd_handle *handle, struct cd_value map,
                                          struct cd_error *err)
{
    struct cd_rig *rig = rig_of(handle);
    char *json = json_of(map);
    for (struct partition *p = rig->partitions; p != NULL; p = p->next) {
        if (strcmp(p->json, json) == 0) {
            free(json);
            return (struct cd_partition *)p;
        }
    }
    struct partition *p = calloc(1, sizeof(*p));
    assert_non_null(p);
    p->json = json;
    p->next = rig->partitions;
    rig->partitions = p;
    if (!cd_value_copy(&rig->arena, map, &p->map, err))
        return NULL;
    return (struct cd_partition *)p;
}

static void store(struct cd_rig *rig, const char *partition, struct cd_value offset)
{
    struct cd_error err = CD_ERROR_INIT;
    struct stored *s = rig->offsets;
    while (s != NULL && strcmp(s->partition, partition) != 0)
        s = s->next;
    if (s == NULL) {
        s = calloc(1, sizeof(*s));
        assert_non_null(s);
        s->partition = strdup(partition);
        s->next = rig->offsets;
        rig->offsets = s;
    }
    if (!cd_value_copy(&rig->arena, offset, &s->offset, &err))
        fail_msg("storing an offset: %s", err.msg);
}

static struct cd_value rig_offset(struct cd_handle *handle, const struct cd_partition *partition)
{
    struct cd_rig *rig = rig_of(handle);
    const struct partition *p = (const struct partition *)partition;
    for (struct stored *s = rig->offsets; s != NULL; s = s->next)
        if (strcmp(s->partition, p->json) == 0)
            return s->offset;
    return cd_null();
}

static void rig_retry(struct cd_handle *handle, int64_t attempts, int64_t backoff_ms)
{
    (void)handle;
    (void)attempts;
    (void)backoff_ms;
}

/* ---- making ---- */

struct rig_settings {
    struct cd_settings base;
    const struct cd_config *config;
};

static const char *get_setting(const struct cd_settings *settings, const char *name)
{
    return cd_config_get(((const struct rig_settings *)settings)->config, name);
}

static const struct cd_plugin *find_row(struct cd_rig *rig)
{
    struct rig_settings settings = {{get_setting}, rig->config};
    for (uint32_t i = 0; i < connectd_plugins.count; i++) {
        const struct cd_plugin *row = &connectd_plugins.plugins[i];
        bool claimed = row->connector == NULL || row->connector->claims == NULL ||
                       row->connector->claims(&settings.base);
        if (strcmp(row->class_name, rig->class_name) == 0 && claimed)
            return row;
    }
    fail_msg("no row of connectd_plugins is %s for these settings", rig->class_name);
    return NULL;
}

static bool is_source(const struct cd_rig *rig)
{
    return rig->plugin->plugin.kind == CD_PLUGIN_SOURCE;
}

struct cd_rig *cd_rig_new(const char *class_name, const char *const *settings)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_rig *rig = calloc(1, sizeof(*rig));
    assert_non_null(rig);
    rig->class_name = strdup(class_name);
    rig->config = cd_config_new();
    cd_config_set(rig->config, "name", "rig");
    cd_config_set(rig->config, "connector.class", class_name);
    for (size_t i = 0; settings[i] != NULL; i += 2)
        cd_config_set(rig->config, settings[i], settings[i + 1]);
    cd_arena_init(&rig->arena, SIZE_MAX, 1 << 20);
    cd_logger_init(&rig->log, "connector.rig", "rig", 0);
    rig->ops = (struct cd_handle_ops){
        .partition = rig_partition, .offset = rig_offset, .retry = rig_retry};
    rig->handle = (struct cd_handle){.magic = CD_HANDLE_MAGIC,
                                     .ops = &rig->ops,
                                     .name = "rig",
                                     .log = &rig->log,
                                     .settings = rig->config,
                                     .owner = rig};
    rig->registry = cd_registry_new();
    const struct cd_plugin *row = find_row(rig);
    if (!cd_registry_add(rig->registry, row, sizeof(*row), "rig", &err))
        fail_msg("%s", err.msg);
    rig->plugin = cd_registry_find(rig->registry, CD_KIND_SET_ALL, class_name, NULL, &err);
    if (rig->plugin == NULL)
        fail_msg("%s", err.msg);
    rig->batch = cd_batch_new(is_source(rig) ? BATCH_LIMIT : SINK_LIMIT, 64 << 20);
    return rig;
}

static void list_clear(struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    list->count = 0;
}

static void list_add(struct text_list *list, char *text)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 64 : 2 * list->capacity;
        list->items = realloc(list->items, list->capacity * sizeof(char *));
        assert_non_null(list->items);
    }
    list->items[list->count++] = text;
}

static void drop_tasks(struct cd_rig *rig)
{
    for (size_t i = 0; i < rig->task_count; i++)
        cd_config_free(rig->tasks[i]);
    free(rig->tasks);
    rig->tasks = NULL;
    rig->task_count = 0;
}

void cd_rig_free(struct cd_rig *rig)
{
    cd_rig_close(rig);
    cd_rig_clear(rig);
    drop_tasks(rig);
    while (rig->partitions != NULL) {
        struct partition *p = rig->partitions;
        rig->partitions = p->next;
        free(p->json);
        free(p);
    }
    while (rig->offsets != NULL) {
        struct stored *s = rig->offsets;
        rig->offsets = s->next;
        free(s->partition);
        free(s);
    }
    free(rig->values.items);
    free(rig->offset_texts.items);
    free(rig->lines.items);
    free(rig->schema);
    free(rig->text);
    free(rig->class_name);
    cd_batch_free(rig->batch);
    cd_arena_done(&rig->arena);
    cd_config_free(rig->config);
    cd_registry_free(rig->registry);
    free(rig);
}

void cd_rig_set(struct cd_rig *rig, const char *key, const char *value)
{
    cd_config_set(rig->config, key, value);
}

void cd_rig_store_offset(struct cd_rig *rig, const char *partition, const char *offset)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_value value;
    if (!cd_value_from_json(&rig->arena, cd_slice(offset), &value, &err))
        fail_msg("%s", err.msg);
    store(rig, partition, value);
}

const struct cd_host *cd_rig_host(void)
{
    return cd_host();
}

const struct cd_error *cd_rig_error(const struct cd_rig *rig)
{
    return &rig->err;
}

void *cd_rig_state(struct cd_rig *rig)
{
    return rig->instance->state;
}

/* ---- jobs ---- */

static void set_text(struct cd_rig *rig, struct cd_buffer *out)
{
    free(rig->text);
    rig->text = malloc(out->len + 1);
    assert_non_null(rig->text);
    if (out->len > 0)
        memcpy(rig->text, out->ptr, out->len);
    rig->text[out->len] = '\0';
    cd_buffer_done(out);
}

static struct cd_instance *config_of(struct cd_rig *rig)
{
    cd_error_reset(&rig->err);
    return cd_instance_config(rig->plugin, rig->config, &rig->err);
}

static struct cd_connector_call call_of(struct cd_rig *rig, struct cd_instance *instance)
{
    return (struct cd_connector_call){.host = cd_host(),
                                      .handle = &rig->handle,
                                      .cfg = instance->cfg,
                                      .deadline_ms = cd_clock_ms() + STEP_LIMIT_MS};
}

struct rig_verdict {
    struct cd_verdict base;
    struct cd_buffer *out;
};

static void verdict_error(struct cd_verdict *verdict, const char *key, const char *message)
{
    cd_buffer_printf(((struct rig_verdict *)verdict)->out, "%s: %s\n", key, message);
}

static void verdict_recommend(struct cd_verdict *verdict, const char *key, const char *value)
{
    (void)verdict;
    (void)key;
    (void)value;
}

const char *cd_rig_validate(struct cd_rig *rig)
{
    struct cd_buffer out = CD_BUFFER_INIT;
    struct cd_instance *instance = config_of(rig);
    if (instance == NULL) {
        cd_buffer_printf(&out, "%s\n", rig->err.msg);
    } else {
        struct cd_connector_call call = call_of(rig, instance);
        struct rig_verdict verdict = {{verdict_error, verdict_recommend}, &out};
        rig->plugin->plugin.connector->validate(&call, &verdict.base);
        cd_instance_free(instance);
    }
    set_text(rig, &out);
    return rig->text;
}

struct rig_split {
    struct cd_split base;
    struct cd_rig *rig;
    struct cd_buffer *out;
};

static void split_begin(struct cd_split *split)
{
    struct rig_split *s = (struct rig_split *)split;
    struct cd_rig *rig = s->rig;
    if (rig->task_count > 0)
        cd_buffer_printf(s->out, "\n");
    rig->tasks = realloc(rig->tasks, (rig->task_count + 1) * sizeof(*rig->tasks));
    assert_non_null(rig->tasks);
    rig->tasks[rig->task_count++] = cd_config_copy(rig->config);
}

static void split_set(struct cd_split *split, const char *key, const char *value)
{
    struct rig_split *s = (struct rig_split *)split;
    cd_buffer_printf(s->out, "%s=%s;", key, value);
    cd_config_set(s->rig->tasks[s->rig->task_count - 1], key, value);
}

const char *cd_rig_tasks(struct cd_rig *rig, int32_t tasks_max)
{
    struct cd_buffer out = CD_BUFFER_INIT;
    drop_tasks(rig);
    struct cd_instance *instance = config_of(rig);
    if (instance != NULL) {
        struct cd_connector_call call = call_of(rig, instance);
        struct rig_split split = {{split_begin, split_set}, rig, &out};
        if (rig->plugin->plugin.connector->tasks(&call, tasks_max, &split.base, &rig->err))
            cd_error_reset(&rig->err);
        cd_instance_free(instance);
    }
    if (rig->err.code != CD_OK)
        cd_buffer_printf(&out, "error: %s", rig->err.msg);
    set_text(rig, &out);
    return rig->text;
}

void cd_rig_take_task(struct cd_rig *rig)
{
    (void)cd_rig_tasks(rig, 1); /* its text is of no interest here */
    if (rig->err.code != CD_OK || rig->task_count != 1)
        fail_msg("no task: %s", rig->err.msg);
    cd_config_merge(rig->config, rig->tasks[0]);
}

/* ---- steps ---- */

static bool wait_for(const struct cd_wait *wait, int64_t deadline_ms)
{
    int64_t now = cd_clock_ms();
    if (now >= deadline_ms)
        return false;
    int64_t until = wait->until_ms < deadline_ms ? wait->until_ms : deadline_ms;
    struct pollfd fd = {.fd = wait->fd, .events = wait->events};
    int timeout = until > now ? (int)(until - now) : 0;
    (void)poll(&fd, wait->fd < 0 ? 0 : 1, timeout);
    return true;
}

typedef enum cd_step rig_step(struct cd_rig *rig, struct cd_wait *wait);

/* Until DONE or FAILED. */
static bool run(struct cd_rig *rig, rig_step *step, int64_t deadline_ms)
{
    for (;;) {
        struct cd_wait wait = {-1, 0, INT64_MAX};
        cd_error_reset(&rig->err);
        enum cd_step answer = step(rig, &wait);
        if (answer == CD_STEP_DONE)
            return true;
        if (answer == CD_STEP_FAILED) {
            assert_int_not_equal(rig->err.code, CD_OK);
            return false;
        }
        if (answer == CD_STEP_WAIT && !wait_for(&wait, deadline_ms))
            return cd_fail(&rig->err, CD_ERR_TIMEOUT, "the rig's deadline passed");
    }
}

static enum cd_step step_open(struct cd_rig *rig, struct cd_wait *wait)
{
    const struct cd_plugin *plugin = &rig->plugin->plugin;
    return is_source(rig) ? plugin->source->open(rig->instance->state, wait, &rig->err)
                          : plugin->sink->open(rig->instance->state, wait, &rig->err);
}

bool cd_rig_try_open(struct cd_rig *rig)
{
    cd_rig_close(rig);
    cd_error_reset(&rig->err);
    rig->instance = cd_instance_new(rig->plugin, rig->config, &rig->handle, &rig->err);
    if (rig->instance == NULL)
        return false;
    rig->open = true;
    return run(rig, step_open, cd_clock_ms() + STEP_LIMIT_MS);
}

void cd_rig_open(struct cd_rig *rig)
{
    if (!cd_rig_try_open(rig))
        fail_msg("open: %s", rig->err.msg);
}

void cd_rig_close(struct cd_rig *rig)
{
    if (rig->open && is_source(rig))
        rig->plugin->plugin.source->close(rig->instance->state);
    else if (rig->open)
        rig->plugin->plugin.sink->close(rig->instance->state);
    rig->open = false;
    cd_instance_free(rig->instance);
    rig->instance = NULL;
}

/* ---- sources ---- */

static const char *logical_text(const struct cd_schema *schema, char *out, size_t size)
{
    static const char *const names[] = {
        [CD_LOGICAL_NONE] = "",
        [CD_LOGICAL_DECIMAL] = "Decimal",
        [CD_LOGICAL_DATE] = "Date",
        [CD_LOGICAL_TIME] = "Time",
        [CD_LOGICAL_TIMESTAMP] = "Timestamp",
    };
    if (schema->logical == CD_LOGICAL_DECIMAL) {
        (void)snprintf(out, size, "Decimal(");
        for (uint32_t i = 0; i < schema->parameter_count; i++) {
            size_t used = strlen(out);
            (void)snprintf(out + used, size - used, "%s%.*s", i > 0 ? "," : "",
                           CD_SLICE_ARG(schema->parameters[i].value));
        }
        size_t used = strlen(out);
        (void)snprintf(out + used, size - used, ")");
        return out;
    }
    return schema->logical == CD_LOGICAL_NONE ? cd_type_name(schema->type) : names[schema->logical];
}

static void describe_schema(struct cd_rig *rig, const struct cd_schema *schema)
{
    struct cd_buffer out = CD_BUFFER_INIT;
    char logical[64];
    if (schema != NULL && schema->name.ptr != NULL)
        cd_buffer_printf(&out, "%.*s", CD_SLICE_ARG(schema->name));
    cd_buffer_printf(&out, "{");
    for (uint32_t i = 0; schema != NULL && i < schema->field_count; i++) {
        const struct cd_field *field = &schema->fields[i];
        cd_buffer_printf(&out, "%s%.*s: %s%s", i > 0 ? ", " : "", CD_SLICE_ARG(field->name),
                         logical_text(field->schema, logical, sizeof(logical)),
                         field->schema->optional ? "?" : "");
    }
    cd_buffer_printf(&out, "}");
    set_text(rig, &out);
    free(rig->schema);
    rig->schema = rig->text;
    rig->text = NULL;
}

static void keep_record(struct cd_rig *rig, const struct cd_record *rec)
{
    const struct partition *p = (const struct partition *)rec->source_partition;
    if (p != NULL && rec->source_offset.kind != CD_KIND_NULL && !rig->count_only)
        store(rig, p->json, rec->source_offset);
    if (rig->count_only)
        return;
    if (rec->value_schema != NULL) {
        struct cd_error err = CD_ERROR_INIT;
        if (!cd_schema_check(rec->value_schema, rec->value, NULL, &err))
            fail_msg("the value does not fit its schema: %s", err.msg);
    }
    list_add(&rig->values, json_of(rec->value));
    list_add(&rig->offset_texts, json_of(rec->source_offset));
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_buffer_printf(&out, "%.*s %s %s %s", CD_SLICE_ARG(rec->topic),
                     rig->values.items[rig->values.count - 1], p == NULL ? "null" : p->json,
                     rig->offset_texts.items[rig->offset_texts.count - 1]);
    set_text(rig, &out);
    list_add(&rig->lines, rig->text);
    rig->text = NULL;
    describe_schema(rig, rec->value_schema);
}

static void take_batch(struct cd_rig *rig)
{
    if (rig->keeps_batch) {
        rig->count = rig->batch->count;
        return;
    }
    for (size_t i = 0; i < rig->batch->count; i++)
        keep_record(rig, &rig->batch->records[i]);
    rig->count += rig->batch->count;
    if (rig->batch->count > 0 && rig->count_only) {
        const struct cd_record *rec = &rig->batch->records[rig->batch->count - 1];
        const struct partition *p = (const struct partition *)rec->source_partition;
        if (p != NULL && rec->source_offset.kind != CD_KIND_NULL)
            store(rig, p->json, rec->source_offset);
    }
    cd_batch_reset(rig->batch);
}

static enum cd_step step_poll(struct cd_rig *rig, struct cd_wait *wait)
{
    size_t before = rig->batch->count;
    enum cd_step answer =
        rig->plugin->plugin.source->poll(rig->instance->state, rig->batch, wait, &rig->err);
    while (answer == CD_STEP_FAILED && rig->batch->count > before)
        cd_batch_drop_last(rig->batch); /* as the daemon: a failed call delivers nothing */
    if (rig->batch->count > 0)
        take_batch(rig);
    return answer;
}

bool cd_rig_try_read(struct cd_rig *rig, size_t count, int64_t deadline_ms)
{
    int64_t until = cd_clock_ms() + deadline_ms;
    while (rig->count < count) {
        struct cd_wait wait = {-1, 0, INT64_MAX};
        cd_error_reset(&rig->err);
        enum cd_step answer = step_poll(rig, &wait);
        if (answer == CD_STEP_FAILED)
            return false;
        if (rig->count < count && cd_clock_ms() >= until)
            return cd_fail(&rig->err, CD_ERR_TIMEOUT, "%zu records instead of %zu", rig->count,
                           count);
        if (answer == CD_STEP_WAIT && rig->count < count && !wait_for(&wait, until))
            return cd_fail(&rig->err, CD_ERR_TIMEOUT, "%zu records instead of %zu", rig->count,
                           count);
    }
    return true;
}

void cd_rig_read(struct cd_rig *rig, size_t count)
{
    if (!cd_rig_try_read(rig, count, STEP_LIMIT_MS))
        fail_msg("read: %s", rig->err.msg);
}

void cd_rig_read_nothing(struct cd_rig *rig, int64_t ms)
{
    size_t before = rig->count;
    if (cd_rig_try_read(rig, before + 1, ms))
        fail_msg("a record came: %s", cd_rig_line(rig, before));
    if (rig->err.code != CD_ERR_TIMEOUT)
        fail_msg("read: %s", rig->err.msg);
}

size_t cd_rig_count(const struct cd_rig *rig)
{
    return rig->count;
}

const char *cd_rig_line(const struct cd_rig *rig, size_t i)
{
    assert_true(i < rig->lines.count);
    return rig->lines.items[i];
}

const char *cd_rig_value(const struct cd_rig *rig, size_t i)
{
    assert_true(i < rig->values.count);
    return rig->values.items[i];
}

const char *cd_rig_offset(const struct cd_rig *rig, size_t i)
{
    assert_true(i < rig->offset_texts.count);
    return rig->offset_texts.items[i];
}

const char *cd_rig_schema(const struct cd_rig *rig)
{
    return rig->schema == NULL ? "" : rig->schema;
}

void cd_rig_clear(struct cd_rig *rig)
{
    list_clear(&rig->values);
    list_clear(&rig->offset_texts);
    list_clear(&rig->lines);
    rig->count = 0;
}

void cd_rig_count_only(struct cd_rig *rig)
{
    rig->count_only = true;
}

/* ---- sinks ---- */

struct cd_batch *cd_rig_batch(struct cd_rig *rig)
{
    return rig->batch;
}

struct cd_record *cd_rig_add(struct cd_rig *rig, const char *topic)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_record *rec = cd_batch_add(rig->batch, &err);
    if (rec == NULL)
        fail_msg("%s", err.msg);
    struct cd_slice name = cd_batch_copy(rig->batch, cd_slice(topic), &err);
    rec->topic = name;
    rec->kafka_topic = name;
    rec->kafka_partition = 0;
    rec->kafka_offset = rig->next_offset++;
    return rec;
}

struct cd_value cd_rig_json(struct cd_rig *rig, const char *json)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_value value;
    if (!cd_value_from_json(&rig->batch->arena, cd_slice(json), &value, &err))
        fail_msg("%s", err.msg);
    return value;
}

static enum cd_step step_put(struct cd_rig *rig, struct cd_wait *wait)
{
    return rig->plugin->plugin.sink->put(rig->instance->state, rig->batch, wait, &rig->err);
}

static enum cd_step step_flush(struct cd_rig *rig, struct cd_wait *wait)
{
    return rig->plugin->plugin.sink->flush(rig->instance->state, wait, &rig->err);
}

bool cd_rig_try_put_only(struct cd_rig *rig)
{
    return run(rig, step_put, cd_clock_ms() + STEP_LIMIT_MS);
}

bool cd_rig_try_flush(struct cd_rig *rig)
{
    bool ok = run(rig, step_flush, cd_clock_ms() + STEP_LIMIT_MS);
    if (ok)
        cd_batch_reset(rig->batch);
    return ok;
}

void cd_rig_rewind(struct cd_rig *rig)
{
    rig->plugin->plugin.sink->rewind(rig->instance->state);
}

bool cd_rig_try_put(struct cd_rig *rig)
{
    if (cd_rig_try_put_only(rig) && cd_rig_try_flush(rig))
        return true;
    cd_rig_rewind(rig);
    cd_batch_reset(rig->batch);
    return false;
}

void cd_rig_put(struct cd_rig *rig)
{
    if (!cd_rig_try_put(rig))
        fail_msg("put: %s", rig->err.msg);
}

void cd_rig_pipe(struct cd_rig *source, struct cd_rig *sink, const char *topic, size_t count)
{
    source->keeps_batch = true;
    cd_rig_read(source, count);
    assert_int_equal(source->batch->count, count);
    for (size_t i = 0; i < count; i++) {
        const struct cd_record *from = &source->batch->records[i];
        struct cd_record *rec = cd_rig_add(sink, topic);
        rec->key_schema = from->key_schema;
        rec->key = from->key;
        rec->value_schema = from->value_schema;
        rec->value = from->value;
    }
    cd_rig_put(sink);
    source->keeps_batch = false;
    cd_batch_reset(source->batch);
    source->count = 0;
}
