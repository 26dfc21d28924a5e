/* Rows into records: the columns of a statement, their widening, and the key columns' values. */
#include "connectors/sql/sink_config.h"
#include "connectors/sqlite/source.h"

#include <stdlib.h>
#include <strings.h>

void cd_lite_table_forget(struct cd_lite_table *table, const struct cd_host *host)
{
    for (uint32_t i = 0; i < table->count; i++)
        cd_lite_column_done(&table->columns[i], host);
    free(table->columns);
    host->schema_unref(table->schema);
    table->columns = NULL;
    table->schema = NULL;
    table->count = 0;
}

static bool build_schema(struct cd_lite_source *src, struct cd_lite_table *table,
                         struct cd_error *err)
{
    struct cd_field *fields = cd_sql_new((table->count + 1) * sizeof(*fields));
    for (uint32_t i = 0; i < table->count; i++)
        fields[i] = (struct cd_field){cd_slice(table->columns[i].name), table->columns[i].schema};
    struct cd_schema draft = {.type = CD_TYPE_STRUCT,
                              .name = cd_slice(table->id.table),
                              .fields = fields,
                              .field_count = table->count};
    src->base.host->schema_unref(table->schema);
    table->schema = src->base.host->schema(&draft, err);
    free(fields);
    return table->schema != NULL;
}

static bool is_required(struct cd_lite_source *src, int i)
{
    const char *origin = sqlite3_column_origin_name(src->stmt, i);
    const char *table = sqlite3_column_table_name(src->stmt, i);
    int not_null = 0;
    if (origin == NULL || table == NULL)
        return false;
    return sqlite3_table_column_metadata(src->db.handle, sqlite3_column_database_name(src->stmt, i),
                                         table, origin, NULL, NULL, &not_null, NULL,
                                         NULL) == SQLITE_OK &&
           not_null != 0;
}

static int32_t find(const struct cd_lite_table *table, const char *name)
{
    int32_t found = -1;
    int matches = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        if (strcmp(table->columns[i].name, name) == 0)
            return (int32_t)i;
        if (strcasecmp(table->columns[i].name, name) == 0) {
            found = (int32_t)i;
            matches++;
        }
    }
    return matches == 1 ? found : -1;
}

static bool find_keys(struct cd_lite_table *table, struct cd_error *err)
{
    const char *missing = NULL;
    table->id_index = table->id_column == NULL ? -1 : find(table, table->id_column);
    if (table->id_column != NULL && table->id_index < 0)
        missing = table->id_column;
    for (size_t i = 0; i < table->time_count; i++) {
        table->time_index[i] = find(table, table->time_columns[i]);
        if (table->time_index[i] < 0)
            missing = table->time_columns[i];
    }
    return missing == NULL ||
           cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "the result has no column '%s', which the mode needs", missing);
}

static bool same_columns(const struct cd_lite_source *src, const struct cd_lite_table *table)
{
    if (table->schema == NULL || sqlite3_column_count(src->stmt) != (int)table->count)
        return false;
    for (uint32_t i = 0; i < table->count; i++)
        if (strcmp(table->columns[i].name, sqlite3_column_name(src->stmt, (int)i)) != 0)
            return false;
    return true;
}

/* Once a statement. A form that was widened stays: a schema that flips back and forth helps nobody.
 */
bool cd_lite_plan_row(struct cd_lite_source *src, struct cd_lite_table *table, struct cd_error *err)
{
    const struct cd_host *host = src->base.host;
    if (same_columns(src, table))
        return true;
    cd_lite_table_forget(table, host);
    table->count = (uint32_t)sqlite3_column_count(src->stmt);
    table->columns = cd_sql_new((table->count + 1) * sizeof(*table->columns));
    for (uint32_t i = 0; i < table->count; i++) {
        struct cd_lite_column *column = &table->columns[i];
        const char *declared = sqlite3_column_decltype(src->stmt, (int)i);
        column->name = cd_sql_dup(cd_slice(sqlite3_column_name(src->stmt, (int)i)));
        column->form = cd_lite_form(declared, sqlite3_column_type(src->stmt, (int)i), src->native);
        column->numeric = cd_lite_is_numeric(declared);
        column->required = is_required(src, (int)i);
        if (!cd_lite_column_plan(column, host, err))
            return false;
    }
    return build_schema(src, table, err) && find_keys(table, err);
}

static bool does_not_fit(const struct cd_lite_column *column, sqlite3_value *value,
                         struct cd_error *err)
{
    static const char *const classes[] = {
        [SQLITE_INTEGER] = "an integer", [SQLITE_FLOAT] = "a real", [SQLITE_TEXT] = "a text",
        [SQLITE_BLOB] = "a blob",        [SQLITE_NULL] = "a null",
    };
    return cd_fail_as(
        err, CD_ERR_DATA, "DataException",
        "column '%s' holds %s that its type cannot take ('%s'); use a query with "
        "CAST, or connectd.sqlite.types=native",
        column->name, classes[sqlite3_value_type(value)],
        sqlite3_value_type(value) == SQLITE_BLOB ? "..." : (const char *)sqlite3_value_text(value));
}

static bool widen(struct cd_lite_source *src, struct cd_lite_table *table, struct cd_error *err)
{
    bool changed = false;
    for (uint32_t i = 0; i < table->count; i++) {
        struct cd_lite_column *column = &table->columns[i];
        sqlite3_value *value = sqlite3_column_value(src->stmt, (int)i);
        enum cd_lite_form form = column->form;
        bool lost_null = column->required && sqlite3_value_type(value) == SQLITE_NULL;
        enum cd_lite_fit fit = cd_lite_column_fit(column, value, &form);
        if (fit == CD_LITE_FAILS)
            return does_not_fit(column, value, err);
        if (fit == CD_LITE_FITS && !lost_null)
            continue;
        column->form = fit == CD_LITE_WIDENS ? form : column->form;
        column->required &= !lost_null; /* of an outer join */
        changed = true;
        if (!cd_lite_column_plan(column, src->base.host, err))
            return false;
    }
    return !changed || build_schema(src, table, err);
}

bool cd_lite_read_row(struct cd_lite_source *src, struct cd_lite_table *table,
                      struct cd_batch *batch, struct cd_record *rec, struct cd_error *err)
{
    if (!widen(src, table, err))
        return false;
    struct cd_struct *value = src->base.host->new_struct(batch, table->schema, err);
    if (value == NULL)
        return false;
    for (uint32_t i = 0; i < table->count; i++)
        if (!cd_lite_column_read(&table->columns[i], src->base.host, src->zone, batch,
                                 sqlite3_column_value(src->stmt, (int)i), &value->fields[i], err))
            return false;
    rec->value_schema = table->schema;
    rec->value = cd_struct(value);
    return true;
}

bool cd_lite_row_time(struct cd_lite_source *src, const struct cd_lite_table *table,
                      struct cd_sql_offset *ret, struct cd_error *err)
{
    for (size_t i = 0; i < table->time_count; i++) {
        sqlite3_value *value = sqlite3_column_value(src->stmt, table->time_index[i]);
        if (sqlite3_value_type(value) == SQLITE_NULL)
            continue;
        ret->has_timestamp = true;
        if (cd_lite_instant(src->zone, value, &ret->seconds, &ret->nanos))
            return true;
        return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                          "timestamp column '%s' holds '%s', which is no time",
                          table->time_columns[i], sqlite3_value_text(value));
    }
    return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException", "a selected row has no timestamp");
}

bool cd_lite_row_id(struct cd_lite_source *src, const struct cd_lite_table *table, int64_t *ret,
                    struct cd_error *err)
{
    sqlite3_value *value = sqlite3_column_value(src->stmt, table->id_index);
    *ret = sqlite3_value_int64(value);
    return sqlite3_value_type(value) == SQLITE_INTEGER ||
           cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                      "incrementing column '%s' is %s in a selected row; it must be an integer",
                      table->id_column,
                      sqlite3_value_type(value) == SQLITE_NULL ? "null" : "not an integer");
}
