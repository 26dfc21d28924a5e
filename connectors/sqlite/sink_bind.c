/* Values into parameters: times as milliseconds, or as date_class of the URL says. */
#include "connectors/sql/calendar.h"
#include "connectors/sqlite/sink.h"

#define JULIAN_1970 2440587.5

static int bind_instant(struct cd_lite_sink *sink, sqlite3_stmt *stmt, int at,
                        const struct cd_shape_column *column, int64_t us)
{
    const struct cd_zone *zone =
        column->schema->logical == CD_LOGICAL_DATE ? sink->date_zone : sink->zone;
    char text[CD_TIMESTAMP_TEXT_MAX];
    int64_t wall_us;
    switch (sink->db.dates) {
    case CD_LITE_DATES_INTEGER:
        break;
    case CD_LITE_DATES_TEXT:
        wall_us = cd_zone_micros_from_utc(zone, us);
        cd_timestamp_text(text, cd_floor_div(wall_us, 1000000),
                          (int32_t)cd_floor_mod(wall_us, 1000000) * 1000, 3, ' ');
        return sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT);
    case CD_LITE_DATES_REAL:
        return sqlite3_bind_double(stmt, at, JULIAN_1970 + (double)us / 86400e6);
    }
    return sqlite3_bind_int64(stmt, at, cd_floor_div(us, 1000));
}

static int bind_rendered(struct cd_lite_sink *sink, sqlite3_stmt *stmt, int at,
                         const struct cd_shape_column *column, struct cd_value value,
                         struct cd_error *err)
{
    cd_sql_text_clear(&sink->encoding.text);
    if (!cd_sql_value_text(&sink->encoding, column, value, /* as_json = */ true,
                           &sink->encoding.text, err))
        return SQLITE_MISMATCH;
    return sqlite3_bind_text64(stmt, at, cd_sql_text_get(&sink->encoding.text),
                               sink->encoding.text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* Texts and bytes are borrowed: the statement has run before the batch goes. */
static int bind_value(struct cd_lite_sink *sink, sqlite3_stmt *stmt, int at,
                      const struct cd_shape_column *column, struct cd_value value,
                      struct cd_error *err)
{
    int64_t us;
    if (cd_sql_value_micros(&sink->encoding, column, value, &us))
        return bind_instant(sink, stmt, at, column, us);
    switch ((enum cd_kind)value.kind) {
    case CD_KIND_NULL:
        return sqlite3_bind_null(stmt, at);
    case CD_KIND_BOOL:
        return sqlite3_bind_int(stmt, at, value.as.boolean);
    case CD_KIND_INT8:
    case CD_KIND_INT16:
    case CD_KIND_INT32:
    case CD_KIND_INT64:
    case CD_KIND_INSTANT:
        return sqlite3_bind_int64(stmt, at, value.as.integer);
    case CD_KIND_FLOAT32:
        return sqlite3_bind_double(stmt, at, (double)value.as.float32);
    case CD_KIND_FLOAT64:
        return sqlite3_bind_double(stmt, at, value.as.float64);
    case CD_KIND_STRING:
        return sqlite3_bind_text64(stmt, at, value.as.string, value.count, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case CD_KIND_BYTES:
        return value.count == 0
                   ? sqlite3_bind_zeroblob(stmt, at, 0)
                   : sqlite3_bind_blob64(stmt, at, value.as.bytes, value.count, SQLITE_STATIC);
    case CD_KIND_DECIMAL: /* a text, which the column's affinity makes a number */
    case CD_KIND_ARRAY:
    case CD_KIND_MAP:
    case CD_KIND_STRUCT:
        break;
    }
    return bind_rendered(sink, stmt, at, column, value, err);
}

bool cd_lite_bind(struct cd_lite_sink *sink, const struct cd_lite_plan *plan,
                  const struct cd_record *rec, struct cd_error *err)
{
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct cd_shape_column *column = &plan->shape->columns[plan->order[i]];
        int rc = bind_value(sink, plan->stmt, (int)i + 1, column, cd_shape_value(column, rec), err);
        if (rc != SQLITE_OK)
            return cd_lite_fail(&sink->db, rc, err, "field '%.*s'", CD_SLICE_ARG(column->name));
    }
    return true;
}
