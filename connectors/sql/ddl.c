#include "connectors/sql/ddl.h"

#include "connectors/sql/calendar.h"
#include "connectors/sql/decimal.h"

#include <math.h>

static const char *const types[][2] = {
    [CD_TYPE_INT8] = {"SMALLINT", "INTEGER"},   [CD_TYPE_INT16] = {"SMALLINT", "INTEGER"},
    [CD_TYPE_INT32] = {"INT", "INTEGER"},       [CD_TYPE_INT64] = {"BIGINT", "INTEGER"},
    [CD_TYPE_FLOAT32] = {"REAL", "REAL"},       [CD_TYPE_FLOAT64] = {"DOUBLE PRECISION", "REAL"},
    [CD_TYPE_BOOLEAN] = {"BOOLEAN", "INTEGER"}, [CD_TYPE_STRING] = {"TEXT", "TEXT"},
    [CD_TYPE_BYTES] = {"BYTEA", "BLOB"},
};

static const char *const logical_types[][2] = {
    [CD_LOGICAL_DECIMAL] = {"DECIMAL", "NUMERIC"},
    [CD_LOGICAL_DATE] = {"DATE", "NUMERIC"},
    [CD_LOGICAL_TIME] = {"TIME", "NUMERIC"},
    [CD_LOGICAL_TIMESTAMP] = {"TIMESTAMP", "NUMERIC"},
};

static const char *const array_types[] = {
    [CD_TYPE_INT8] = "SMALLINT[]",   [CD_TYPE_INT16] = "SMALLINT[]",
    [CD_TYPE_INT32] = "INT[]",       [CD_TYPE_INT64] = "BIGINT[]",
    [CD_TYPE_FLOAT32] = "REAL[]",    [CD_TYPE_FLOAT64] = "DOUBLE PRECISION[]",
    [CD_TYPE_BOOLEAN] = "BOOLEAN[]", [CD_TYPE_STRING] = "TEXT[]",
};

const char *cd_ddl_type(enum cd_database database, const struct cd_shape_column *column)
{
    const struct cd_schema *schema = column->schema;
    if (column->is_epoch)
        return logical_types[CD_LOGICAL_TIMESTAMP][database];
    if (schema->logical != CD_LOGICAL_NONE)
        return logical_types[schema->logical][database];
    if (schema->type <= CD_TYPE_BYTES)
        return types[schema->type][database];
    if (schema->type == CD_TYPE_ARRAY && database == CD_POSTGRES &&
        schema->element->type <= CD_TYPE_STRING && schema->element->logical == CD_LOGICAL_NONE)
        return array_types[schema->element->type];
    return NULL;
}

/* ---- defaults ---- */

static void add_instant(const struct cd_ddl *ddl, enum cd_logical logical, int64_t ms,
                        struct cd_sql_text *out)
{
    const struct cd_zone *zone = logical == CD_LOGICAL_DATE ? ddl->date_zone : ddl->zone;
    int64_t local_us = cd_zone_micros_from_utc(zone, ms * 1000);
    int64_t seconds = cd_floor_div(local_us, 1000000);
    char text[CD_TIMESTAMP_TEXT_MAX];
    cd_timestamp_text(text, seconds, (int32_t)(local_us - seconds * 1000000) * 1000, 3, ' ');
    char *space = strchr(text, ' ');
    if (logical == CD_LOGICAL_DATE)
        *space = '\0';
    cd_sql_addf(out, "'%s'", logical == CD_LOGICAL_TIME ? space + 1 : text);
}

static void add_float(double number, struct cd_sql_text *out)
{
    if (isnan(number))
        cd_sql_add(out, "'NaN'");
    else if (isinf(number))
        cd_sql_add(out, number > 0 ? "'Infinity'" : "'-Infinity'");
    else
        cd_sql_addf(out, "%.17g", number);
}

static void add_bytes(const struct cd_ddl *ddl, struct cd_value value, struct cd_sql_text *out)
{
    cd_sql_add(out, ddl->database == CD_POSTGRES ? "'\\x" : "x'");
    for (uint32_t i = 0; i < value.count; i++)
        cd_sql_addf(out, "%02x", value.as.bytes[i]);
    cd_sql_add(out, ddl->database == CD_POSTGRES ? "'::bytea" : "'");
}

static void add_value(const struct cd_ddl *ddl, const struct cd_schema *schema,
                      struct cd_value value, struct cd_sql_text *out)
{
    struct cd_big big CD_AUTO(cd_big_done) = {0};
    switch ((enum cd_kind)value.kind) {
    case CD_KIND_NULL:
        cd_sql_add(out, "NULL");
        return;
    case CD_KIND_BOOL:
        if (ddl->database == CD_SQLITE)
            cd_sql_add(out, value.as.boolean ? "1" : "0");
        else
            cd_sql_add(out, value.as.boolean ? "TRUE" : "FALSE");
        return;
    case CD_KIND_INT8:
    case CD_KIND_INT16:
    case CD_KIND_INT32:
    case CD_KIND_INT64:
        cd_sql_addf(out, "%lld", (long long)value.as.integer);
        return;
    case CD_KIND_FLOAT32:
        add_float((double)value.as.float32, out);
        return;
    case CD_KIND_FLOAT64:
        add_float(value.as.float64, out);
        return;
    case CD_KIND_STRING:
        cd_sql_add_literal(out, cd_value_slice(value));
        return;
    case CD_KIND_BYTES:
        add_bytes(ddl, value, out);
        return;
    case CD_KIND_DECIMAL:
        cd_decimal_text(&big, value.as.decimal, out);
        return;
    case CD_KIND_INSTANT:
        add_instant(ddl, schema->logical, value.as.integer, out);
        return;
    case CD_KIND_ARRAY:
        cd_sql_add(out, "ARRAY[");
        for (uint32_t i = 0; i < value.count; i++) {
            cd_sql_add(out, i > 0 ? "," : "");
            add_value(ddl, schema->element, value.as.array[i], out);
        }
        cd_sql_add(out, "]");
        return;
    case CD_KIND_MAP:
    case CD_KIND_STRUCT:
        break;
    }
    cd_sql_add(out, "NULL"); /* not reached: such schemas have no column type */
}

static bool add_column(const struct cd_ddl *ddl, const struct cd_shape_column *column,
                       struct cd_sql_text *out, struct cd_error *err)
{
    const char *type = cd_ddl_type(ddl->database, column);
    if (type == NULL)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                          "field '%.*s': structs, maps and arrays of them have no column type; "
                          "flatten them with a transform, or leave them out with fields.blacklist",
                          CD_SLICE_ARG(column->name));
    cd_sql_add_name(out, column->name, ddl->quoted);
    cd_sql_addf(out, " %s", type);
    if (column->schema->fallback != NULL) {
        cd_sql_add(out, " DEFAULT ");
        add_value(ddl, column->schema, *column->schema->fallback, out);
        if (column->schema->type == CD_TYPE_ARRAY && ddl->database == CD_POSTGRES)
            cd_sql_addf(out, "::%s", type); /* an empty ARRAY[] has no type of its own */
    } else {
        cd_sql_add(out, column->schema->optional ? " NULL" : " NOT NULL");
    }
    return true;
}

bool cd_ddl_create(const struct cd_ddl *ddl, const struct cd_shape *shape, struct cd_sql_text *out,
                   struct cd_error *err)
{
    cd_sql_addf(out, "CREATE TABLE IF NOT EXISTS %s (\n", ddl->table);
    for (uint32_t i = 0; i < shape->count; i++) {
        if (i > 0)
            cd_sql_add(out, ",\n");
        if (!add_column(ddl, &shape->columns[shape->ddl_order[i]], out, err))
            return false;
    }
    for (uint32_t i = 0; i < shape->key_count; i++) {
        cd_sql_add(out, i == 0 ? ",\nPRIMARY KEY(" : ",");
        cd_sql_add_name(out, shape->columns[i].name, ddl->quoted);
    }
    cd_sql_add(out, shape->key_count > 0 ? "))" : ")");
    return true;
}

bool cd_ddl_alter(const struct cd_ddl *ddl, const struct cd_shape *shape, const uint32_t *missing,
                  size_t count, struct cd_sql_text *out, struct cd_error *err)
{
    cd_sql_addf(out, "ALTER TABLE %s ", ddl->table);
    for (size_t i = 0; i < count; i++) {
        const struct cd_shape_column *column = &shape->columns[missing[i]];
        if (!column->schema->optional && column->schema->fallback == NULL)
            return cd_fail_as(err, CD_ERR_DATA, "TableAlterOrCreateException",
                              "Cannot ALTER %s to add missing field '%.*s', as the field is not "
                              "optional and does not have a default value",
                              ddl->table, CD_SLICE_ARG(column->name));
        cd_sql_add(out, i > 0 ? ",ADD " : "ADD ");
        if (!add_column(ddl, column, out, err))
            return false;
    }
    return true;
}
