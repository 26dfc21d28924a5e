#include "connectors/sql/value_text.h"

#include "connectors/sql/calendar.h"

#include <math.h>
#include <stdlib.h>

void cd_sql_encoding_done(struct cd_sql_encoding *encoding)
{
    cd_big_done(&encoding->big);
    cd_sql_text_done(&encoding->text);
}

/* ---- times ---- */

int64_t cd_sql_wall_micros(const struct cd_sql_encoding *encoding, int64_t utc_us, bool instant)
{
    int64_t us = instant ? utc_us : cd_zone_micros_from_utc(encoding->zone, utc_us);
    return encoding->hybrid_calendar ? cd_micros_from_hybrid(us) : us;
}

int64_t cd_sql_wall_days(const struct cd_sql_encoding *encoding, int64_t ms)
{
    int64_t us = cd_zone_micros_from_utc(encoding->date_zone, ms * 1000);
    int64_t days = cd_floor_div(us, CD_DAY_US);
    return encoding->hybrid_calendar ? cd_days_from_hybrid(days) : days;
}

int64_t cd_sql_time_micros(const struct cd_sql_encoding *encoding, int64_t ms)
{
    int64_t us = cd_zone_micros_from_utc(encoding->zone, ms * 1000);
    return ms == CD_DAY_MS && us == CD_DAY_US ? us : cd_floor_mod(us, CD_DAY_US);
}

/* Nanoseconds are rounded to what the server keeps. */
static int64_t epoch_micros(const struct cd_sql_encoding *encoding, int64_t number)
{
    int64_t unit = encoding->epoch_per_micro;
    return unit == 1 ? number : cd_floor_div(number + unit / 2, unit);
}

static bool text_number(struct cd_value value, int64_t *ret)
{
    char text[32] = "";
    char *end;
    if (value.count == 0 || value.count >= sizeof(text))
        return false;
    memcpy(text, value.as.string, value.count);
    *ret = strtoll(text, &end, 10);
    return *end == '\0';
}

bool cd_sql_value_micros(const struct cd_sql_encoding *encoding,
                         const struct cd_shape_column *column, struct cd_value value,
                         int64_t *ret_us)
{
    int64_t number;
    if (value.kind == CD_KIND_INSTANT)
        return !__builtin_mul_overflow(value.as.integer, (int64_t)1000, ret_us);
    if (column == NULL || !column->is_epoch)
        return false;
    if (value.kind == CD_KIND_INT64)
        number = value.as.integer;
    else if (value.kind != CD_KIND_STRING || !text_number(value, &number))
        return false;
    *ret_us = epoch_micros(encoding, number);
    return true;
}

static void add_date(int64_t days, struct cd_sql_text *out)
{
    struct cd_civil date = cd_civil_from_days(days);
    if (date.year <= 0)
        cd_sql_addf(out, "%04lld-%02d-%02d BC", (long long)(1 - date.year), date.month, date.day);
    else
        cd_sql_addf(out, "%04lld-%02d-%02d", (long long)date.year, date.month, date.day);
}

static void add_timestamp(const struct cd_sql_encoding *encoding, int64_t utc_us,
                          struct cd_sql_text *out)
{
    /* With its zone: a column without one ignores it, one with it gets the instant. */
    int32_t offset = cd_zone_offset(encoding->zone, cd_floor_div(utc_us, 1000000));
    int64_t wall_us = cd_sql_wall_micros(encoding, utc_us, /* instant = */ false);
    int64_t wall_s = cd_floor_div(wall_us, 1000000);
    int64_t days = cd_floor_div(wall_s, 86400);
    int64_t of_day = wall_s - days * 86400;
    struct cd_civil date = cd_civil_from_days(days);
    cd_sql_addf(out, "%04lld-%02d-%02d %02d:%02d:%02d.%06d%c%02d:%02d:%02d%s",
                (long long)(date.year <= 0 ? 1 - date.year : date.year), date.month, date.day,
                (int)(of_day / 3600), (int)(of_day / 60 % 60), (int)(of_day % 60),
                (int)(wall_us - wall_s * 1000000), offset < 0 ? '-' : '+', abs(offset) / 3600,
                abs(offset) / 60 % 60, abs(offset) % 60, date.year <= 0 ? " BC" : "");
}

static void add_time(const struct cd_sql_encoding *encoding, int64_t ms, struct cd_sql_text *out)
{
    int64_t us = cd_sql_time_micros(encoding, ms);
    cd_sql_addf(out, "%02d:%02d:%02d.%06d", (int)(us / 3600000000), (int)(us / 60000000 % 60),
                (int)(us / 1000000 % 60), (int)(us % 1000000));
}

static void add_instant(const struct cd_sql_encoding *encoding, enum cd_logical logical, int64_t ms,
                        struct cd_sql_text *out)
{
    if (logical == CD_LOGICAL_DATE)
        add_date(cd_sql_wall_days(encoding, ms), out);
    else if (logical == CD_LOGICAL_TIME)
        add_time(encoding, ms, out);
    else
        add_timestamp(encoding, ms * 1000, out);
}

/* ---- numbers ---- */

static void add_float(double number, int digits, bool as_json, struct cd_sql_text *out)
{
    char text[40];
    if (!isfinite(number)) {
        const char *name = isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
        cd_sql_addf(out, as_json ? "\"%s\"" : "%s", name);
        return;
    }
    (void)snprintf(text, sizeof(text), "%.*g", digits, number); /* reads back as the same number */
    cd_sql_add(out, text);
}

/* ---- JSON ---- */

static void add_json_string(struct cd_slice text, struct cd_sql_text *out)
{
    cd_sql_add(out, "\"");
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '"' || c == '\\')
            cd_sql_addf(out, "\\%c", c);
        else if (c < 0x20)
            cd_sql_addf(out, "\\u%04x", c);
        else
            cd_sql_add_slice(out, cd_slice_of(text.ptr + i, 1));
    }
    cd_sql_add(out, "\"");
}

static bool add_json_members(struct cd_sql_encoding *encoding, struct cd_value value,
                             struct cd_sql_text *out, struct cd_error *err)
{
    bool structured = value.kind == CD_KIND_STRUCT;
    const struct cd_schema *schema = structured ? value.as.structure->schema : NULL;
    uint32_t count = structured ? schema->field_count : value.count;
    cd_sql_add(out, "{");
    for (uint32_t i = 0; i < count; i++) {
        struct cd_value key = structured ? cd_string(schema->fields[i].name) : value.as.map[i].key;
        if (key.kind != CD_KIND_STRING)
            return cd_fail_as(err, CD_ERR_DATA, "22032", "a map with keys that are no texts");
        cd_sql_add(out, i > 0 ? "," : "");
        add_json_string(cd_value_slice(key), out);
        cd_sql_add(out, ":");
        struct cd_value member = structured ? value.as.structure->fields[i] : value.as.map[i].value;
        if (!cd_sql_value_text(encoding, NULL, member, /* as_json = */ true, out, err))
            return false;
    }
    cd_sql_add(out, "}");
    return true;
}

/* ---- arrays ---- */

static void add_array_text(struct cd_slice text, struct cd_sql_text *out)
{
    cd_sql_add(out, "\"");
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            cd_sql_add(out, "\\");
        cd_sql_add_slice(out, cd_slice_of(text.ptr + i, 1));
    }
    cd_sql_add(out, "\"");
}

static bool add_array(struct cd_sql_encoding *encoding, struct cd_value value, bool as_json,
                      struct cd_sql_text *out, struct cd_error *err)
{
    cd_sql_add(out, as_json ? "[" : "{");
    for (uint32_t i = 0; i < value.count; i++) {
        struct cd_value element = value.as.array[i];
        cd_sql_add(out, i > 0 ? "," : "");
        if (element.kind == CD_KIND_NULL && !as_json)
            cd_sql_add(out, "NULL");
        else if (element.kind == CD_KIND_STRING && !as_json)
            add_array_text(cd_value_slice(element), out);
        else if (!cd_sql_value_text(encoding, NULL, element, as_json, out, err))
            return false;
    }
    cd_sql_add(out, as_json ? "]" : "}");
    return true;
}

/* ---- all ---- */

static void add_bytes(struct cd_value value, bool as_json, struct cd_sql_text *out)
{
    cd_sql_add(out, as_json ? "\"\\\\x" : "\\x");
    for (uint32_t i = 0; i < value.count; i++)
        cd_sql_addf(out, "%02x", value.as.bytes[i]);
    cd_sql_add(out, as_json ? "\"" : "");
}

bool cd_sql_value_text(struct cd_sql_encoding *encoding, const struct cd_shape_column *column,
                       struct cd_value value, bool as_json, struct cd_sql_text *out,
                       struct cd_error *err)
{
    int64_t us;
    if (column != NULL && column->is_epoch && cd_sql_value_micros(encoding, column, value, &us)) {
        add_timestamp(encoding, us, out);
        return true;
    }
    switch ((enum cd_kind)value.kind) {
    case CD_KIND_NULL:
        cd_sql_add(out, "null"); /* of JSON; elsewhere the caller has dealt with it */
        return true;
    case CD_KIND_BOOL:
        cd_sql_add(out, value.as.boolean ? "true" : "false");
        return true;
    case CD_KIND_INT8:
    case CD_KIND_INT16:
    case CD_KIND_INT32:
    case CD_KIND_INT64:
        cd_sql_addf(out, "%lld", (long long)value.as.integer);
        return true;
    case CD_KIND_FLOAT32:
        add_float((double)value.as.float32, 9, as_json, out);
        return true;
    case CD_KIND_FLOAT64:
        add_float(value.as.float64, 17, as_json, out);
        return true;
    case CD_KIND_STRING:
        if (as_json)
            add_json_string(cd_value_slice(value), out);
        else
            cd_sql_add_slice(out, cd_value_slice(value));
        return true;
    case CD_KIND_BYTES:
        add_bytes(value, as_json, out);
        return true;
    case CD_KIND_DECIMAL:
        cd_decimal_text(&encoding->big, value.as.decimal, out);
        return true;
    case CD_KIND_INSTANT:
        cd_sql_add(out, as_json ? "\"" : "");
        add_instant(encoding, column == NULL ? CD_LOGICAL_TIMESTAMP : column->schema->logical,
                    value.as.integer, out);
        cd_sql_add(out, as_json ? "\"" : "");
        return true;
    case CD_KIND_ARRAY:
        return add_array(encoding, value, as_json, out, err);
    case CD_KIND_MAP:
    case CD_KIND_STRUCT:
        return add_json_members(encoding, value, out, err);
    }
    return cd_fail(err, CD_ERR_BUG, "a value of kind %d", value.kind);
}
