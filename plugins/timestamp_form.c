#include "plugins/timestamp_form.h"

#include "compat/date.h"
#include "data/batch.h"
#include "data/logical.h"
#include "plugins/operand.h"

/* In the order of the enum, from CD_FORM_STRING; and in the order in which the JVM lists them. */
const char *const cd_timestamp_form_names[] = {"string", "unix", "Date", "Time", "Timestamp", NULL};
const char *const cd_unix_precision_names[] = {"nanoseconds", "microseconds", "milliseconds",
                                               "seconds", NULL};

enum cd_timestamp_form cd_timestamp_form_named(const char *name)
{
    for (enum cd_timestamp_form form = CD_FORM_STRING; form < CD_FORMS; form++)
        if (strcmp(cd_timestamp_form_names[form - CD_FORM_STRING], name) == 0)
            return form;
    return CD_FORM_UNKNOWN;
}

enum cd_unix_precision cd_unix_precision_named(const char *name)
{
    for (int i = 0; i < CD_UNIX_NANOS; i++)
        if (strcmp(cd_unix_precision_names[i], name) == 0)
            return (enum cd_unix_precision)(CD_UNIX_NANOS - i);
    return CD_UNIX_SECONDS;
}

enum cd_timestamp_form cd_timestamp_form_of_schema(const struct cd_schema *schema)
{
    static const enum cd_timestamp_form by_logical[] = {
        [CD_LOGICAL_NONE] = CD_FORM_UNKNOWN,        [CD_LOGICAL_DECIMAL] = CD_FORM_UNKNOWN,
        [CD_LOGICAL_DATE] = CD_FORM_DATE,           [CD_LOGICAL_TIME] = CD_FORM_TIME,
        [CD_LOGICAL_TIMESTAMP] = CD_FORM_TIMESTAMP,
    };
    if (by_logical[schema->logical] != CD_FORM_UNKNOWN)
        return by_logical[schema->logical];
    if (schema->type == CD_TYPE_STRING)
        return CD_FORM_STRING;
    return schema->type == CD_TYPE_INT64 ? CD_FORM_UNIX : CD_FORM_UNKNOWN;
}

enum cd_timestamp_form cd_timestamp_form_of_value(struct cd_value value)
{
    if (value.kind == CD_KIND_INSTANT)
        return CD_FORM_TIMESTAMP;
    if (value.kind == CD_KIND_STRING)
        return CD_FORM_STRING;
    return value.kind == CD_KIND_INT64 ? CD_FORM_UNIX : CD_FORM_UNKNOWN;
}

const struct cd_schema *cd_timestamp_schema(const struct cd_host *host, enum cd_timestamp_form form,
                                            bool optional, struct cd_error *err)
{
    static const struct {
        enum cd_type type;
        const char *name;
    } schemas[] = {
        [CD_FORM_STRING] = {CD_TYPE_STRING, NULL},
        [CD_FORM_UNIX] = {CD_TYPE_INT64, NULL},
        [CD_FORM_DATE] = {CD_TYPE_INT32, "org.apache.kafka.connect.data.Date"},
        [CD_FORM_TIME] = {CD_TYPE_INT32, "org.apache.kafka.connect.data.Time"},
        [CD_FORM_TIMESTAMP] = {CD_TYPE_INT64, "org.apache.kafka.connect.data.Timestamp"},
    };
    bool logical = schemas[form].name != NULL;
    struct cd_schema draft = {
        .type = schemas[form].type,
        .optional = optional,
        .name = cd_slice(schemas[form].name),
        .has_version = logical,
        .version = logical,
    };
    return host->schema(&draft, err);
}

/* ---- unix times: java.util.concurrent.TimeUnit ---- */

static int64_t saturating_times(int64_t v, int64_t by)
{
    int64_t product;
    if (!__builtin_mul_overflow(v, by, &product))
        return product;
    return v < 0 ? INT64_MIN : INT64_MAX;
}

static int64_t unix_to_ms(enum cd_unix_precision precision, int64_t v)
{
    switch (precision) {
    case CD_UNIX_SECONDS:
        return saturating_times(v, 1000);
    case CD_UNIX_MILLIS:
        return v;
    case CD_UNIX_MICROS:
        return v / 1000;
    case CD_UNIX_NANOS:
        return v / 1000000;
    }
    return v;
}

static int64_t ms_to_unix(enum cd_unix_precision precision, int64_t ms)
{
    switch (precision) {
    case CD_UNIX_SECONDS:
        return ms / 1000;
    case CD_UNIX_MILLIS:
        return ms;
    case CD_UNIX_MICROS:
        return saturating_times(ms, 1000);
    case CD_UNIX_NANOS:
        return saturating_times(ms, 1000000);
    }
    return ms;
}

/* ---- the ways ---- */

static bool parse_string(const struct cd_timestamp_style *style, struct cd_slice text,
                         int64_t *ret_ms, struct cd_error *err)
{
    struct cd_error why = CD_ERROR_INIT;
    if (style->format == NULL)
        return cd_fail_as(err, CD_ERR_DATA, "NullPointerException",
                          "the text '%.*s' cannot be read without the setting 'format'",
                          CD_SLICE_ARG(text));
    if (cd_date_parse(style->format, text, ret_ms, &why))
        return true;
    return cd_fail_as(err, CD_ERR_DATA, "DataException",
                      "Could not parse timestamp: value (%.*s) does not match pattern (%s)",
                      CD_SLICE_ARG(text), style->pattern);
}

static bool fail_class(const char *expected, struct cd_value value, struct cd_error *err)
{
    return cd_fail_as(err, CD_ERR_DATA, "DataException", "Expected %s, but found class %s",
                      expected, CD_CLASS_OF(value));
}

static bool to_ms(const struct cd_timestamp_style *style, enum cd_timestamp_form from,
                  struct cd_value value, int64_t *ret_ms, struct cd_error *err)
{
    if (from == CD_FORM_STRING) {
        if (value.kind != CD_KIND_STRING)
            return fail_class("string timestamp to be a String", value, err);
        return parse_string(style, cd_value_slice(value), ret_ms, err);
    }
    if (from == CD_FORM_UNIX) {
        if (value.kind != CD_KIND_INT64)
            return fail_class("Unix timestamp to be a Long", value, err);
        *ret_ms = unix_to_ms(style->precision, value.as.integer);
        return true;
    }
    if (value.kind != CD_KIND_INSTANT)
        return fail_class("Date, Time or Timestamp to be a java.util.Date", value, err);
    *ret_ms = value.as.integer;
    return true;
}

static bool print_string(struct cd_timestamp_style *style, int64_t ms, struct cd_batch *out,
                         struct cd_value *ret, struct cd_error *err)
{
    cd_buffer_clear(&style->scratch);
    cd_date_print(style->format, ms, &style->scratch);
    struct cd_slice text = cd_batch_copy(out, cd_buffer_view(&style->scratch), err);
    if (text.ptr == NULL)
        return false;
    *ret = cd_string(text);
    return true;
}

static int64_t time_of_day(int64_t ms)
{
    int64_t rest = ms % CD_DAY_MS;
    return rest < 0 ? rest + CD_DAY_MS : rest;
}

bool cd_timestamp_convert(struct cd_timestamp_style *style, enum cd_timestamp_form from,
                          enum cd_timestamp_form to, struct cd_value value, struct cd_batch *out,
                          struct cd_value *ret, struct cd_error *err)
{
    int64_t ms;
    if (!to_ms(style, from, value, &ms, err))
        return false;
    switch (to) {
    case CD_FORM_STRING:
        return print_string(style, ms, out, ret, err);
    case CD_FORM_UNIX:
        *ret = cd_int64(ms_to_unix(style->precision, ms));
        return true;
    case CD_FORM_DATE:
        *ret = cd_instant((int64_t)((uint64_t)ms - (uint64_t)time_of_day(ms)));
        return true;
    case CD_FORM_TIME:
        *ret = cd_instant(time_of_day(ms));
        return true;
    case CD_FORM_TIMESTAMP:
        *ret = cd_instant(ms);
        return true;
    case CD_FORM_UNKNOWN:
    case CD_FORMS:
        break;
    }
    return cd_fail(err, CD_ERR_BUG, "a timestamp of no form");
}
