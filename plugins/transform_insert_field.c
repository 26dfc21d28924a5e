/* Adds fields made of the record's metadata, or of a text in the configuration. */
#include <stdlib.h>

#include "base/alloc.h"
#include "data/schema.h"
#include "plugins/map_edit.h"
#include "plugins/operand.h"
#include "plugins/projection.h"
#include "plugins/transform_list.h"

#define PURPOSE "field insertion"

enum what { TOPIC, PARTITION, OFFSET, TIMESTAMP, STATIC, WHATS };

struct insert_config {
    const char *fields[WHATS];
    const char *static_value;
    bool replace_null;
};

/* One field to be inserted. */
struct insertion {
    enum what what;
    char *name;                     /* without its mark */
    const struct cd_schema *schema; /* a reference is held */
};

struct insert {
    struct cd_task_base base;
    enum cd_role role;
    struct insertion list[WHATS];
    uint32_t count;
    struct cd_rebuilder rebuilder;
};

/* ---- opening ---- */

static const struct cd_schema *schema_of(const struct insert *insert, enum what what, bool optional,
                                         struct cd_error *err)
{
    static const enum cd_type types[] = {
        [TOPIC] = CD_TYPE_STRING,    [PARTITION] = CD_TYPE_INT32, [OFFSET] = CD_TYPE_INT64,
        [TIMESTAMP] = CD_TYPE_INT64, [STATIC] = CD_TYPE_STRING,
    };
    struct cd_schema draft = {.type = types[what], .optional = optional};
    if (what == TIMESTAMP) {
        draft.name = cd_slice("org.apache.kafka.connect.data.Timestamp");
        draft.has_version = true;
        draft.version = 1;
    }
    return insert->base.host->schema(&draft, err);
}

/* "name!" is a required field, "name?" and "name" are optional. */
static bool add_insertion(struct insert *insert, enum what what, const char *spec,
                          struct cd_error *err)
{
    size_t len = strlen(spec);
    bool marked = len > 0 && (spec[len - 1] == '!' || spec[len - 1] == '?');
    struct insertion *made = &insert->list[insert->count++];
    made->what = what;
    made->name = cd_strndup(spec, marked ? len - 1 : len);
    made->schema = schema_of(insert, what, !marked || spec[len - 1] == '?', err);
    return made->schema != NULL;
}

static bool build_output(void *state, struct cd_projector *projector, struct cd_batch *out,
                         struct cd_error *err)
{
    (void)out;
    (void)err;
    const struct insert *insert = state;
    cd_projector_copy_basics(projector);
    for (uint32_t i = 0; i < projector->input->field_count; i++)
        cd_projector_copy(projector, i);
    for (uint32_t i = 0; i < insert->count; i++)
        cd_projector_add(projector, cd_slice(insert->list[i].name), insert->list[i].schema,
                         (struct cd_projected){.from = CD_FROM_NOWHERE});
    return true;
}

static bool insert_open(struct insert *insert, enum cd_role role, struct cd_error *err)
{
    const struct insert_config *cfg = insert->base.cfg;
    insert->role = role;
    cd_rebuilder_init(&insert->rebuilder, insert->base.host);
    insert->rebuilder.build = build_output;
    insert->rebuilder.state = insert;
    insert->rebuilder.purpose = PURPOSE;
    insert->rebuilder.replace_null = cfg->replace_null;
    for (enum what what = TOPIC; what < WHATS; what++)
        if (cfg->fields[what] != NULL && !add_insertion(insert, what, cfg->fields[what], err))
            return false;
    if (insert->count == 0)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException", "No field insertion configured");
    if (cfg->fields[STATIC] != NULL && cfg->static_value == NULL)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "Invalid value null for configuration static.value: No value specified "
                          "for static field: %s",
                          cfg->fields[STATIC]);
    return true;
}

static void insert_close(void *state)
{
    struct insert *insert = state;
    cd_rebuilder_done(&insert->rebuilder);
    for (uint32_t i = 0; i < insert->count; i++) {
        free(insert->list[i].name);
        insert->base.host->schema_unref(insert->list[i].schema);
    }
}

/* ---- values ---- */

static bool sink_offset(const struct cd_record *rec, struct cd_value *ret, struct cd_error *err)
{
    if (!cd_record_is_sink(rec))
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "Only SinkRecord supported for [" PURPOSE
                          "], found: org.apache.kafka.connect.source.SourceRecord");
    *ret = cd_int64(rec->kafka_offset);
    return true;
}

/* The text must live as long as the batch, which may outlive the configuration. */
static bool static_text(const struct insert *insert, struct cd_batch *out, struct cd_value *ret,
                        struct cd_error *err)
{
    const struct insert_config *cfg = insert->base.cfg;
    struct cd_slice text = insert->base.host->copy(out, cd_slice(cfg->static_value), err);
    if (text.ptr == NULL)
        return false;
    *ret = cd_string(text);
    return true;
}

/* *ret_skip: the record has no such thing, and nothing is inserted. */
static bool value_of(const struct insert *insert, const struct insertion *insertion,
                     const struct cd_record *rec, struct cd_batch *out, struct cd_value *ret,
                     bool *ret_skip, struct cd_error *err)
{
    *ret_skip = false;
    switch (insertion->what) {
    case TOPIC:
        *ret = cd_string(rec->topic);
        return true;
    case PARTITION:
        *ret = cd_int32(rec->partition);
        *ret_skip = rec->partition == CD_NO_PARTITION;
        return true;
    case OFFSET:
        return sink_offset(rec, ret, err);
    case TIMESTAMP:
        *ret = cd_int64(rec->timestamp_ms);
        *ret_skip = rec->timestamp_ms == CD_NO_TIMESTAMP;
        return true;
    case STATIC:
        return static_text(insert, out, ret, err);
    case WHATS:
        break;
    }
    return cd_fail(err, CD_ERR_BUG, "an insertion of no kind");
}

/* ---- records ---- */

/* A value that is skipped leaves its field null, even a required one, without an error here. */
static bool fill_field(const struct insert *insert, const struct insertion *insertion,
                       const struct cd_record *rec, struct cd_batch *out, struct cd_value *field,
                       struct cd_error *err)
{
    struct cd_value value;
    bool skip;
    if (!value_of(insert, insertion, rec, out, &value, &skip, err))
        return false;
    if (skip)
        return true;
    if (insertion->what == TIMESTAMP)
        value = cd_instant(value.as.integer);
    *field = value;
    return !cd_is_null(value) || cd_schema_check(insertion->schema, value, insertion->name, err);
}

static bool insert_typed(struct insert *insert, struct cd_batch *out, const struct cd_record *rec,
                         struct cd_operand part, struct cd_error *err)
{
    const struct cd_projection *how;
    struct cd_struct *made =
        cd_rebuild(&insert->rebuilder, *part.schema, *part.value, out, &how, err);
    if (made == NULL)
        return false;
    struct cd_value *field = &made->fields[how->count - insert->count];
    for (uint32_t i = 0; i < insert->count; i++)
        if (!fill_field(insert, &insert->list[i], rec, out, field++, err))
            return false;
    *part.schema = how->output;
    *part.value = cd_struct(made);
    return true;
}

static bool insert_plain(const struct insert *insert, struct cd_batch *out,
                         const struct cd_record *rec, struct cd_operand part, struct cd_error *err)
{
    struct cd_map_edit edit;
    if (!cd_require_map(*part.value, PURPOSE, err) ||
        !cd_map_edit_copy(&edit, insert->base.host, out, *part.value, insert->count, err))
        return false;
    for (uint32_t i = 0; i < insert->count; i++) {
        struct cd_value value;
        bool skip;
        if (!value_of(insert, &insert->list[i], rec, out, &value, &skip, err))
            return false;
        if (!skip && !cd_map_edit_put(&edit, insert->list[i].name, value, err))
            return false;
    }
    *part.value = cd_map_edit_hashed(&edit);
    return true;
}

static enum cd_verdict_on_record insert_apply(void *state, struct cd_batch *out,
                                              struct cd_record *rec, struct cd_error *err)
{
    struct insert *insert = state;
    struct cd_operand part = cd_operand(rec, insert->role);
    if (cd_is_null(*part.value))
        return CD_RECORD_KEEP;
    return cd_keep_if(*part.schema == NULL ? insert_plain(insert, out, rec, part, err)
                                           : insert_typed(insert, out, rec, part, err));
}

CD_KEY_AND_VALUE_TABLES(insert);

#define MARKS                                                                                      \
    "Suffix with <code>!</code> to make this a required field, or <code>?</code> to keep it "      \
    "optional (the default)."

#define FIELD_KEY(key_name, what, text)                                                            \
    {                                                                                              \
        .name = (key_name), .type = CD_STRING, .optional = true,                                   \
        .offset = offsetof(struct insert_config, fields) + (what) * sizeof(const char *),          \
        .importance = CD_MEDIUM, .doc = text MARKS,                                                \
    }

static const struct cd_key insert_keys[] = {
    FIELD_KEY("topic.field", TOPIC, "Field name for Kafka topic. "),
    FIELD_KEY("partition.field", PARTITION, "Field name for Kafka partition. "),
    FIELD_KEY("offset.field", OFFSET,
              "Field name for Kafka offset - only applicable to sink connectors.<br/>"),
    FIELD_KEY("timestamp.field", TIMESTAMP, "Field name for record timestamp. "),
    FIELD_KEY("static.field", STATIC, "Field name for static data field. "),
    {
        .name = "static.value",
        .type = CD_STRING,
        .optional = true,
        .offset = offsetof(struct insert_config, static_value),
        .importance = CD_MEDIUM,
        .doc = "Static field value, if field name configured.",
    },
    CD_REPLACE_NULL_KEY(struct insert_config),
};

const struct cd_plugin cd_insert_field_plugins[] = CD_KEY_AND_VALUE_PLUGINS(
    "InsertField",
    "Insert field(s) using attributes from the record metadata or a configured static value.<p/>"
    "Use the concrete transformation type designed for the record key "
    "(<code>org.apache.kafka.connect.transforms.InsertField$Key</code>) or value "
    "(<code>org.apache.kafka.connect.transforms.InsertField$Value</code>).",
    struct insert_config, insert_keys, insert_tables);
