#include "connectors/sqlite/column.h"

#include "connectors/sql/calendar.h"
#include "connectors/sql/text.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

/* The unix epoch as a julian day. */
#define JULIAN_1970 2440587.5

static const struct {
    const char *declared; /* without its parameters */
    enum cd_lite_form jdbc;
    enum cd_lite_form native;
} forms[] = {
    {"INTEGER", CD_LITE_INT32, CD_LITE_INT64},
    {"INT", CD_LITE_INT64, CD_LITE_INT64},
    {"MEDIUMINT", CD_LITE_INT64, CD_LITE_INT64},
    {"BIGINT", CD_LITE_INT64, CD_LITE_INT64},
    {"INT8", CD_LITE_INT64, CD_LITE_INT64},
    {"UNSIGNED BIG INT", CD_LITE_INT64, CD_LITE_INT64},
    {"SMALLINT", CD_LITE_INT32, CD_LITE_INT64},
    {"INT2", CD_LITE_INT32, CD_LITE_INT64},
    {"TINYINT", CD_LITE_INT16, CD_LITE_INT64},
    {"BOOLEAN", CD_LITE_BOOL, CD_LITE_BOOL},
    {"REAL", CD_LITE_FLOAT32, CD_LITE_FLOAT64},
    {"DOUBLE", CD_LITE_FLOAT64, CD_LITE_FLOAT64},
    {"DOUBLE PRECISION", CD_LITE_FLOAT64, CD_LITE_FLOAT64},
    {"FLOAT", CD_LITE_FLOAT64, CD_LITE_FLOAT64},
    {"DATE", CD_LITE_DATE, CD_LITE_DATE},
    {"DATETIME", CD_LITE_TIMESTAMP, CD_LITE_TIMESTAMP},
    {"TIMESTAMP", CD_LITE_TIMESTAMP, CD_LITE_TIMESTAMP},
    {"BLOB", CD_LITE_BYTES, CD_LITE_BYTES},
    {"BINARY", CD_LITE_BYTES, CD_LITE_BYTES},
    {"VARBINARY", CD_LITE_BYTES, CD_LITE_BYTES},
};

static size_t type_length(const char *declared)
{
    size_t len = strcspn(declared, "(");
    while (len > 0 && declared[len - 1] == ' ')
        len--;
    return len;
}

static bool is_type(const char *declared, const char *name)
{
    size_t len = type_length(declared);
    return strlen(name) == len && strncasecmp(declared, name, len) == 0;
}

bool cd_lite_is_numeric(const char *declared)
{
    return declared == NULL || declared[0] == '\0' || is_type(declared, "NUMERIC") ||
           is_type(declared, "DECIMAL");
}

static bool contains(const char *text, const char *part)
{
    return strcasestr(text, part) != NULL;
}

/* For declared types the driver has no name for: SQLite's own rules of affinity. */
static enum cd_lite_form by_affinity(const char *declared)
{
    if (contains(declared, "INT"))
        return CD_LITE_INT64;
    if (contains(declared, "BLOB"))
        return CD_LITE_BYTES;
    if (contains(declared, "REAL") || contains(declared, "FLOA") || contains(declared, "DOUB"))
        return CD_LITE_FLOAT64;
    return CD_LITE_STRING; /* CHAR, CLOB, TEXT, and names such as JSON or UUID */
}

static enum cd_lite_form by_class(int storage_class, bool wide)
{
    switch (storage_class) {
    case SQLITE_INTEGER:
        return wide ? CD_LITE_INT64 : CD_LITE_INT32;
    case SQLITE_FLOAT:
        return CD_LITE_FLOAT64;
    case SQLITE_BLOB:
        return CD_LITE_BYTES;
    default:
        return CD_LITE_STRING;
    }
}

enum cd_lite_form cd_lite_form(const char *declared, int storage_class, bool native)
{
    if (declared != NULL && (is_type(declared, "NUMERIC") || is_type(declared, "DECIMAL"))) {
        if (storage_class == SQLITE_NULL)
            return CD_LITE_FLOAT64; /* the form that holds whatever number comes */
        return by_class(storage_class, native || is_type(declared, "DECIMAL"));
    }
    if (declared == NULL || declared[0] == '\0')
        return by_class(storage_class, native);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (is_type(declared, forms[i].declared))
            return native ? forms[i].native : forms[i].jdbc;
    return by_affinity(declared);
}

/* ---- schemas ---- */

bool cd_lite_column_plan(struct cd_lite_column *column, const struct cd_host *host,
                         struct cd_error *err)
{
    static const enum cd_type types[] = {
        [CD_LITE_BOOL] = CD_TYPE_BOOLEAN,    [CD_LITE_INT16] = CD_TYPE_INT16,
        [CD_LITE_INT32] = CD_TYPE_INT32,     [CD_LITE_INT64] = CD_TYPE_INT64,
        [CD_LITE_FLOAT32] = CD_TYPE_FLOAT32, [CD_LITE_FLOAT64] = CD_TYPE_FLOAT64,
        [CD_LITE_STRING] = CD_TYPE_STRING,   [CD_LITE_BYTES] = CD_TYPE_BYTES,
    };
    host->schema_unref(column->schema);
    if (column->form < CD_LITE_DATE) {
        column->schema =
            host->schema_ref(host->primitives[types[column->form]][column->required ? 0 : 1]);
        return true;
    }
    bool date = column->form == CD_LITE_DATE;
    struct cd_schema draft = {
        .type = date ? CD_TYPE_INT32 : CD_TYPE_INT64,
        .optional = !column->required,
        .has_version = true,
        .version = 1,
        .name = cd_slice(date ? "org.apache.kafka.connect.data.Date"
                              : "org.apache.kafka.connect.data.Timestamp"),
    };
    column->schema = host->schema(&draft, err);
    return column->schema != NULL;
}

void cd_lite_column_done(struct cd_lite_column *column, const struct cd_host *host)
{
    free(column->name);
    host->schema_unref(column->schema);
    *column = (struct cd_lite_column){0};
}

/* ---- times ---- */

static bool text_instant(const struct cd_zone *zone, sqlite3_value *value, int64_t *ret_seconds,
                         int32_t *ret_nanos)
{
    int32_t offset;
    const char *text = (const char *)sqlite3_value_text(value);
    if (text == NULL || !cd_timestamp_parse(text, (size_t)sqlite3_value_bytes(value), ret_seconds,
                                            ret_nanos, &offset))
        return false;
    *ret_seconds = offset == INT32_MIN ? cd_zone_to_utc(zone, *ret_seconds) : *ret_seconds - offset;
    return true;
}

bool cd_lite_instant(const struct cd_zone *zone, sqlite3_value *value, int64_t *ret_seconds,
                     int32_t *ret_nanos)
{
    int64_t ms;
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        ms = sqlite3_value_int64(value);
        break;
    case SQLITE_FLOAT: {
        double exact = (sqlite3_value_double(value) - JULIAN_1970) * 86400000.0;
        if (!(exact > -9e18 && exact < 9e18))
            return false;
        ms = llround(exact);
        break;
    }
    case SQLITE_TEXT:
        return text_instant(zone, value, ret_seconds, ret_nanos);
    default:
        return false;
    }
    *ret_seconds = cd_floor_div(ms, 1000);
    *ret_nanos = (int32_t)cd_floor_mod(ms, 1000) * 1000000;
    return true;
}

/* ---- values ---- */

static bool integer_fits(enum cd_lite_form form, int64_t number)
{
    switch (form) {
    case CD_LITE_BOOL:
        return number == 0 || number == 1;
    case CD_LITE_INT16:
        return number >= INT16_MIN && number <= INT16_MAX;
    case CD_LITE_INT32:
        return number >= INT32_MIN && number <= INT32_MAX;
    case CD_LITE_FLOAT32:
        return number >= -(1 << 24) && number <= 1 << 24;
    case CD_LITE_FLOAT64:
        return number >= -(INT64_C(1) << 53) && number <= INT64_C(1) << 53;
    case CD_LITE_INT64:
    case CD_LITE_DATE:
    case CD_LITE_TIMESTAMP:
        return true;
    case CD_LITE_STRING:
    case CD_LITE_BYTES:
        break;
    }
    return false;
}

/* What an integer that does not fit makes of the column. */
static enum cd_lite_form wider(enum cd_lite_form form)
{
    return form == CD_LITE_FLOAT32 ? CD_LITE_FLOAT64 : CD_LITE_INT64;
}

static enum cd_lite_fit integer_fit(const struct cd_lite_column *column, int64_t number,
                                    enum cd_lite_form *ret)
{
    if (integer_fits(column->form, number) || column->form == CD_LITE_STRING)
        return CD_LITE_FITS;
    *ret = wider(column->form);
    return column->form == CD_LITE_BYTES || column->form == CD_LITE_FLOAT64 ? CD_LITE_FAILS
                                                                            : CD_LITE_WIDENS;
}

static enum cd_lite_fit real_fit(const struct cd_lite_column *column, double number,
                                 enum cd_lite_form *ret)
{
    *ret = CD_LITE_FLOAT64;
    switch (column->form) {
    case CD_LITE_FLOAT32:
    case CD_LITE_FLOAT64:
    case CD_LITE_STRING:
    case CD_LITE_DATE:
    case CD_LITE_TIMESTAMP:
        return CD_LITE_FITS;
    case CD_LITE_BOOL:
    case CD_LITE_INT16:
    case CD_LITE_INT32:
    case CD_LITE_INT64:
        if (number == floor(number) && fabs(number) < 9e18)
            return integer_fit(column, (int64_t)number, ret);
        return column->numeric ? CD_LITE_WIDENS : CD_LITE_FAILS;
    case CD_LITE_BYTES:
        break;
    }
    return CD_LITE_FAILS;
}

enum cd_lite_fit cd_lite_column_fit(const struct cd_lite_column *column, sqlite3_value *value,
                                    enum cd_lite_form *ret)
{
    switch (sqlite3_value_type(value)) {
    case SQLITE_NULL:
        return CD_LITE_FITS;
    case SQLITE_INTEGER:
        return integer_fit(column, sqlite3_value_int64(value), ret);
    case SQLITE_FLOAT:
        return real_fit(column, sqlite3_value_double(value), ret);
    case SQLITE_TEXT:
        *ret = CD_LITE_STRING;
        if (column->form == CD_LITE_STRING || column->form == CD_LITE_DATE ||
            column->form == CD_LITE_TIMESTAMP)
            return CD_LITE_FITS;
        return column->numeric ? CD_LITE_WIDENS : CD_LITE_FAILS;
    default:
        *ret = CD_LITE_BYTES;
        return column->form == CD_LITE_BYTES ? CD_LITE_FITS : CD_LITE_FAILS;
    }
}

static bool read_instant(const struct cd_lite_column *column, const struct cd_zone *zone,
                         sqlite3_value *value, struct cd_value *ret, struct cd_error *err)
{
    int64_t seconds;
    int32_t nanos;
    if (!cd_lite_instant(zone, value, &seconds, &nanos))
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "column '%s': '%s' is no time; expected milliseconds, a julian day or "
                          "yyyy-MM-dd HH:mm:ss.SSS",
                          column->name, sqlite3_value_text(value));
    int64_t ms = seconds * 1000 + nanos / 1000000;
    if (column->form == CD_LITE_DATE)
        ms = cd_floor_div(cd_zone_micros_from_utc(zone, ms * 1000), CD_DAY_US) * CD_DAY_MS;
    *ret = cd_instant(ms);
    return true;
}

static bool read_bytes(const struct cd_lite_column *column, const struct cd_host *host,
                       struct cd_batch *batch, const void *bytes, int len, struct cd_slice *ret,
                       struct cd_error *err)
{
    *ret = host->copy(batch, cd_slice_of(bytes == NULL ? "" : bytes, (size_t)len), err);
    return ret->ptr != NULL || cd_fail_while(err, "a value of column '%s'", column->name);
}

bool cd_lite_column_read(const struct cd_lite_column *column, const struct cd_host *host,
                         const struct cd_zone *zone, struct cd_batch *batch, sqlite3_value *value,
                         struct cd_value *ret, struct cd_error *err)
{
    struct cd_slice bytes;
    if (sqlite3_value_type(value) == SQLITE_NULL) {
        *ret = cd_null();
        return true;
    }
    switch (column->form) {
    case CD_LITE_BOOL:
        *ret = cd_bool(sqlite3_value_int64(value) != 0);
        return true;
    case CD_LITE_INT16:
        *ret = cd_int16((int16_t)sqlite3_value_int64(value));
        return true;
    case CD_LITE_INT32:
        *ret = cd_int32((int32_t)sqlite3_value_int64(value));
        return true;
    case CD_LITE_INT64:
        *ret = cd_int64(sqlite3_value_int64(value));
        return true;
    case CD_LITE_FLOAT32:
        *ret = cd_float32((float)sqlite3_value_double(value));
        return true;
    case CD_LITE_FLOAT64:
        *ret = cd_float64(sqlite3_value_double(value));
        return true;
    case CD_LITE_STRING: {
        const void *text = sqlite3_value_text(value); /* first: it may change the byte count */
        if (!read_bytes(column, host, batch, text, sqlite3_value_bytes(value), &bytes, err))
            return false;
        *ret = cd_string(bytes);
        return true;
    }
    case CD_LITE_BYTES: {
        const void *blob = sqlite3_value_blob(value);
        if (!read_bytes(column, host, batch, blob, sqlite3_value_bytes(value), &bytes, err))
            return false;
        *ret = cd_bytes(bytes.ptr, bytes.len);
        return true;
    }
    case CD_LITE_DATE:
    case CD_LITE_TIMESTAMP:
        return read_instant(column, zone, value, ret, err);
    }
    return false;
}
