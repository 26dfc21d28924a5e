/* Converts a field, or the whole key or value, from one representation of a moment to another. */
#include <ctype.h>

#include "compat/date.h"
#include "plugins/map_edit.h"
#include "plugins/operand.h"
#include "plugins/projection.h"
#include "plugins/timestamp_form.h"
#include "plugins/transform_list.h"

#define PURPOSE "converting timestamp formats"
#define CONVERT (CD_ACTION_NONE + 1)

struct converter_config {
    const char *field; /* empty: the whole key or value */
    const char *target;
    const char *format; /* blank: none */
    const char *precision;
    bool replace_null;
};

struct converter {
    struct cd_task_base base;
    enum cd_role role;
    enum cd_timestamp_form target;
    const struct cd_schema *schemas[2]; /* of the target: required, optional */
    struct cd_timestamp_style style;
    struct cd_rebuilder rebuilder;
};

/* ---- opening ---- */

static bool is_blank(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return *text == '\0';
}

/* NULL: refused, in the JVM's words. */
static struct cd_date_format *compile(const char *pattern, struct cd_error *err)
{
    struct cd_error why = CD_ERROR_INIT;
    struct cd_date_format *format = cd_date_format_new(cd_slice(pattern), NULL, &why);
    if (format == NULL)
        (void)cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                         "Invalid value java.lang.IllegalArgumentException: %s for configuration "
                         "TimestampConverter requires a SimpleDateFormat-compatible pattern for "
                         "string timestamps: %s",
                         why.msg, pattern);
    return format;
}

static bool check_format(const struct cd_key *key, const char *value, struct cd_error *err)
{
    (void)key;
    if (is_blank(value))
        return true;
    struct cd_date_format *format = compile(value, err);
    bool ok = format != NULL;
    cd_date_format_free(format);
    return ok;
}

static bool open_style(struct converter *converter, struct cd_error *err)
{
    const struct converter_config *cfg = converter->base.cfg;
    converter->style.precision = cd_unix_precision_named(cfg->precision);
    converter->style.pattern = cfg->format;
    if (!is_blank(cfg->format)) {
        converter->style.format = compile(cfg->format, err);
        return converter->style.format != NULL;
    }
    return converter->target != CD_FORM_STRING ||
           cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "TimestampConverter requires format option to be specified when using string "
                      "timestamps");
}

static bool build_output(void *state, struct cd_projector *projector, struct cd_batch *out,
                         struct cd_error *err)
{
    (void)out;
    (void)err;
    const struct converter *converter = state;
    const struct converter_config *cfg = converter->base.cfg;
    const struct cd_schema *input = projector->input;
    cd_projector_copy_basics(projector);
    projector->draft.optional = input->optional;
    for (uint32_t i = 0; i < input->field_count; i++) {
        const struct cd_field *field = &input->fields[i];
        if (cd_slice_is(field->name, cfg->field))
            cd_projector_add(projector, field->name, converter->schemas[field->schema->optional],
                             (struct cd_projected){i, CONVERT});
        else
            cd_projector_copy(projector, i);
    }
    return true;
}

static bool converter_open(struct converter *converter, enum cd_role role, struct cd_error *err)
{
    const struct converter_config *cfg = converter->base.cfg;
    const struct cd_host *host = converter->base.host;
    converter->role = role;
    converter->target = cd_timestamp_form_named(cfg->target);
    cd_rebuilder_init(&converter->rebuilder, host);
    converter->rebuilder.build = build_output;
    converter->rebuilder.state = converter;
    converter->rebuilder.purpose = PURPOSE;
    converter->rebuilder.replace_null = cfg->replace_null;
    for (int optional = 0; optional <= 1; optional++) {
        converter->schemas[optional] =
            cd_timestamp_schema(host, converter->target, optional != 0, err);
        if (converter->schemas[optional] == NULL)
            return false;
    }
    return open_style(converter, err);
}

static void converter_close(void *state)
{
    struct converter *converter = state;
    cd_rebuilder_done(&converter->rebuilder);
    cd_date_format_free(converter->style.format);
    cd_buffer_done(&converter->style.scratch);
    converter->base.host->schema_unref(converter->schemas[0]);
    converter->base.host->schema_unref(converter->schemas[1]);
}

/* ---- values ---- */

/* A null stays null, but its schema is judged all the same. */
static bool convert_typed(struct converter *converter, const struct cd_schema *schema,
                          struct cd_batch *out, struct cd_value *value, struct cd_error *err)
{
    char label[CD_SCHEMA_LABEL_BYTES];
    enum cd_timestamp_form from = cd_timestamp_form_of_schema(schema);
    if (from == CD_FORM_UNKNOWN)
        return cd_fail_as(err, CD_ERR_DATA, "ConnectException",
                          "Schema %s does not correspond to a known timestamp type format",
                          cd_schema_label(schema, label));
    return cd_is_null(*value) || cd_timestamp_convert(&converter->style, from, converter->target,
                                                      *value, out, value, err);
}

static bool convert_plain(struct converter *converter, struct cd_batch *out, struct cd_value *value,
                          struct cd_error *err)
{
    if (cd_is_null(*value))
        return true;
    enum cd_timestamp_form from = cd_timestamp_form_of_value(*value);
    if (from == CD_FORM_UNKNOWN)
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "TimestampConverter does not support class %s objects as timestamps",
                          CD_CLASS_OF(*value));
    return cd_timestamp_convert(&converter->style, from, converter->target, *value, out, value,
                                err);
}

/* ---- records ---- */

static bool whole(struct converter *converter, struct cd_batch *out, struct cd_operand part,
                  struct cd_error *err)
{
    struct cd_value value = *part.value;
    const struct cd_schema *schema = *part.schema;
    if (schema == NULL)
        return convert_plain(converter, out, part.value, err);
    if (!convert_typed(converter, schema, out, &value, err))
        return false;
    *part.value = value;
    *part.schema = converter->schemas[schema->optional];
    converter->base.host->keep(out, *part.schema);
    return true;
}

static bool field_of_struct(struct converter *converter, struct cd_batch *out,
                            struct cd_operand part, struct cd_error *err)
{
    const struct cd_projection *how;
    struct cd_struct *made =
        cd_rebuild(&converter->rebuilder, *part.schema, *part.value, out, &how, err);
    if (made == NULL)
        return false;
    for (uint32_t i = 0; i < how->acted_count; i++) {
        uint32_t at = how->acted[i];
        const struct cd_schema *from = how->input->fields[how->fields[at].from].schema;
        if (!convert_typed(converter, from, out, &made->fields[at], err))
            return false;
    }
    *part.schema = how->output;
    *part.value = cd_struct(made);
    return true;
}

/* The schema of a null is converted, too. */
static bool null_struct(struct converter *converter, struct cd_batch *out, struct cd_operand part,
                        struct cd_error *err)
{
    if (!cd_require_fields(*part.schema, err))
        return false;
    const struct cd_projection *how =
        cd_rebuilder_find(&converter->rebuilder, *part.schema, out, err);
    if (how == NULL)
        return false;
    converter->base.host->keep(out, how->output);
    *part.schema = how->output;
    return true;
}

static bool field_of_map(struct converter *converter, struct cd_batch *out, struct cd_operand part,
                         struct cd_error *err)
{
    const struct converter_config *cfg = converter->base.cfg;
    struct cd_map_edit edit;
    struct cd_value value = cd_map_value(*part.value, cfg->field);
    if (!cd_require_map(*part.value, PURPOSE, err) ||
        !cd_map_edit_copy(&edit, converter->base.host, out, *part.value, 1, err) ||
        !convert_plain(converter, out, &value, err) ||
        !cd_map_edit_put(&edit, cfg->field, value, err))
        return false;
    *part.value = cd_map_edit_hashed(&edit);
    return true;
}

static bool field(struct converter *converter, struct cd_batch *out, struct cd_operand part,
                  struct cd_error *err)
{
    bool is_null = cd_is_null(*part.value);
    if (*part.schema == NULL)
        return is_null || field_of_map(converter, out, part, err);
    return is_null ? null_struct(converter, out, part, err)
                   : field_of_struct(converter, out, part, err);
}

static enum cd_verdict_on_record converter_apply(void *state, struct cd_batch *out,
                                                 struct cd_record *rec, struct cd_error *err)
{
    struct converter *converter = state;
    const struct converter_config *cfg = converter->base.cfg;
    struct cd_operand part = cd_operand(rec, converter->role);
    return cd_keep_if(*cfg->field == '\0' ? whole(converter, out, part, err)
                                          : field(converter, out, part, err));
}

CD_KEY_AND_VALUE_TABLES(converter);

static const struct cd_key converter_keys[] = {
    {
        .name = "field",
        .type = CD_STRING,
        .fallback = "",
        .offset = offsetof(struct converter_config, field),
        .importance = CD_HIGH,
        .doc = "The field containing the timestamp, or empty if the entire value is a timestamp",
    },
    {
        .name = "target.type",
        .type = CD_STRING,
        .one_of = cd_timestamp_form_names,
        .offset = offsetof(struct converter_config, target),
        .importance = CD_HIGH,
        .doc = "The desired timestamp representation: string, unix, Date, Time, or Timestamp",
    },
    {
        .name = "format",
        .type = CD_STRING,
        .fallback = "",
        .check = check_format,
        .offset = offsetof(struct converter_config, format),
        .importance = CD_MEDIUM,
        .doc = "A SimpleDateFormat-compatible format for the timestamp. Used to generate the "
               "output when type=string or used to parse the input if the input is a string.",
    },
    {
        .name = "unix.precision",
        .type = CD_STRING,
        .fallback = "milliseconds",
        .one_of = cd_unix_precision_names,
        .offset = offsetof(struct converter_config, precision),
        .importance = CD_LOW,
        .doc = "The desired Unix precision for the timestamp: seconds, milliseconds, microseconds, "
               "or nanoseconds. Used to generate the output when type=unix or used to parse the "
               "input if the input is a Long.Note: This SMT will cause precision loss during "
               "conversions from, and to, values with sub-millisecond components.",
    },
    CD_REPLACE_NULL_KEY(struct converter_config),
};

const struct cd_plugin cd_timestamp_converter_plugins[] = CD_KEY_AND_VALUE_PLUGINS(
    "TimestampConverter",
    "Convert timestamps between different formats such as Unix epoch, strings, and Connect "
    "Date/Timestamp types.Applies to individual fields or to the entire value.<p/>Use the concrete "
    "transformation type designed for the record key "
    "(<code>org.apache.kafka.connect.transforms.TimestampConverter$Key</code>) or value "
    "(<code>org.apache.kafka.connect.transforms.TimestampConverter$Value</code>).",
    struct converter_config, converter_keys, converter_tables);
