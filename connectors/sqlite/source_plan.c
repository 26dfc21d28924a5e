/* Choosing the columns a table is read by, and making its statement. */
#include "connectors/sql/calendar.h"
#include "connectors/sql/select.h"
#include "connectors/sqlite/source.h"

#include <stdlib.h>
#include <strings.h>

#define JULIAN_1970 2440587.5

struct origin {
    bool exists;
    bool not_null;  /* also of a rowid's alias, which never is null */
    bool automatic; /* AUTOINCREMENT, or a rowid's alias */
};

static struct origin look_at(struct cd_lite_source *src, const struct cd_lite_table *table,
                             const char *column)
{
    const char *type = NULL, *collation = NULL;
    int not_null = 0, in_key = 0, automatic = 0;
    int rc = sqlite3_table_column_metadata(src->db.handle, NULL, table->id.table, column, &type,
                                           &collation, &not_null, &in_key, &automatic);
    bool alias = in_key && type != NULL && strcasecmp(type, "INTEGER") == 0;
    return (struct origin){rc == SQLITE_OK, not_null != 0 || alias, automatic != 0 || alias};
}

/* Views have no column metadata: they exist, and everything may be null. */
static bool is_view(struct cd_lite_source *src, const struct cd_lite_table *table)
{
    struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
    struct cd_error ignored = CD_ERROR_INIT;
    int64_t found = 0;
    cd_sql_add(&sql, "SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = ");
    cd_sql_add_literal(&sql, cd_slice(table->id.table));
    return cd_lite_db_ask(&src->db, cd_sql_text_get(&sql), 0, &found, &ignored) && found == 1;
}

static bool wanted_columns(const struct cd_lite_source *src, const struct cd_lite_table *table,
                           struct cd_strings *ret_times, const char **ret_id, struct cd_error *err)
{
    const struct cd_sql_source_config *cfg = cd_lite_source_cfg(src);
    struct cd_strings ids = {0};
    *ret_times = cfg->timestamp_columns;
    *ret_id = cfg->incrementing_column;
    if (table->relation == NULL || cfg->include.count == 0)
        return true;
    if (cd_mode_has_timestamp(src->mode) &&
        !cd_column_mapping_find(src->time_mapping, table->id.table, ret_times, err))
        return false;
    if (!cd_mode_has_incrementing(src->mode))
        return true;
    if (!cd_column_mapping_find(src->id_mapping, table->id.table, &ids, err))
        return false;
    *ret_id = ids.items[0];
    return true;
}

static bool find_automatic(struct cd_lite_source *src, struct cd_lite_table *table,
                           struct cd_error *err)
{
    struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
    cd_sql_add(&sql, "SELECT name FROM pragma_table_info(");
    cd_sql_add_literal(&sql, cd_slice(table->id.table));
    cd_sql_add(&sql, ")");
    sqlite3_stmt *stmt = cd_lite_prepare(&src->db, cd_sql_text_get(&sql), false, err);
    if (stmt == NULL)
        return false;
    while (table->id_column == NULL && sqlite3_step(stmt) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        if (look_at(src, table, name).automatic)
            table->id_column = cd_sql_dup(cd_slice(name));
    }
    (void)sqlite3_finalize(stmt); /* repeats step's answer */
    return true;
}

static bool check_column(struct cd_lite_source *src, const struct cd_lite_table *table,
                         const char *what, const char *name, bool *ret_not_null,
                         struct cd_error *err)
{
    struct origin origin = look_at(src, table, name);
    *ret_not_null = origin.not_null;
    if (!origin.exists && !is_view(src, table))
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "%s column '%s' does not exist in table %s", what, name, table->relation);
    return true;
}

static bool nullable(const struct cd_lite_table *table, const char *what, struct cd_error *err)
{
    return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                      "Cannot make incremental queries using %s on %s because this column is "
                      "nullable; make it NOT NULL, or set validate.non.null=false",
                      what, table->relation);
}

static bool choose_id(struct cd_lite_source *src, struct cd_lite_table *table, const char *name,
                      struct cd_error *err)
{
    bool not_null = true;
    free(table->id_column);
    table->id_column = NULL;
    if (name != NULL && name[0] != '\0')
        table->id_column = cd_sql_dup(cd_slice(name));
    else if (table->relation != NULL && !find_automatic(src, table, err))
        return false;
    if (table->id_column == NULL)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                          "table %s has no INTEGER PRIMARY KEY or AUTOINCREMENT column: set "
                          "incrementing.column.name",
                          table->relation ? table->relation : "of the query");
    if (table->relation != NULL &&
        !check_column(src, table, "incrementing", table->id_column, &not_null, err))
        return false;
    if (!not_null && cd_lite_source_cfg(src)->validate_non_null)
        return nullable(table, table->id_column, err);
    return true;
}

static bool choose_times(struct cd_lite_source *src, struct cd_lite_table *table,
                         struct cd_strings names, struct cd_error *err)
{
    bool any = table->relation == NULL;
    if (names.count > CD_LITE_TIMES_MAX)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "at most %d timestamp columns are possible", CD_LITE_TIMES_MAX);
    table->time_columns = cd_sql_new((names.count + 1) * sizeof(char *));
    for (size_t i = 0; i < names.count; i++) {
        bool not_null = false;
        if (table->relation != NULL &&
            !check_column(src, table, "timestamp", names.items[i], &not_null, err))
            return false;
        any |= not_null;
        table->time_columns[table->time_count++] = cd_sql_dup(cd_slice(names.items[i]));
    }
    if (!any && cd_lite_source_cfg(src)->validate_non_null)
        return nullable(table, "its timestamp columns", err);
    return true;
}

bool cd_lite_choose_columns(struct cd_lite_source *src, struct cd_lite_table *table,
                            struct cd_error *err)
{
    struct cd_strings times;
    const char *id;
    if (table->chosen || src->mode == CD_MODE_BULK)
        return true;
    if (!wanted_columns(src, table, &times, &id, err))
        return false;
    if (cd_mode_has_timestamp(src->mode) && !choose_times(src, table, times, err))
        return false;
    if (cd_mode_has_incrementing(src->mode) && !choose_id(src, table, id, err))
        return false;
    table->chosen = true;
    return true;
}

/* ---- bounds ---- */

/* How the table writes its times, learned from one of them: bounds compare by storage class, and
 * texts by their characters. */
struct time_form {
    int storage_class;
    char separator;
    int digits; /* of the second's fraction; -1: a date alone */
};

static struct time_form learn_form(struct cd_lite_source *src, const struct cd_lite_table *table,
                                   const char *expression)
{
    static const int classes[] = {[CD_LITE_DATES_INTEGER] = SQLITE_INTEGER,
                                  [CD_LITE_DATES_TEXT] = SQLITE_TEXT,
                                  [CD_LITE_DATES_REAL] = SQLITE_FLOAT};
    struct time_form form = {classes[src->db.dates], ' ', 3};
    struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
    struct cd_error ignored = CD_ERROR_INIT;
    if (table->relation != NULL)
        cd_sql_addf(&sql, "SELECT %s FROM %s WHERE %s IS NOT NULL LIMIT 1", expression,
                    table->relation, expression);
    else
        cd_sql_addf(&sql, "SELECT %s FROM (%s\n) WHERE %s IS NOT NULL LIMIT 1", expression,
                    cd_sql_query(cd_lite_source_cfg(src)), expression);
    sqlite3_stmt *stmt = cd_lite_prepare(&src->db, cd_sql_text_get(&sql), false, &ignored);
    if (stmt == NULL)
        return form; /* the statement itself will tell what is wrong */
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        form.storage_class = sqlite3_column_type(stmt, 0);
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        size_t len = (size_t)sqlite3_column_bytes(stmt, 0);
        if (form.storage_class == SQLITE_TEXT && len > 10)
            form.separator = text[10] == 'T' ? 'T' : ' ';
        const char *point = text == NULL ? NULL : strchr(text, '.');
        if (form.storage_class == SQLITE_TEXT)
            form.digits = len <= 10 ? -1 : point == NULL ? 0 : (int)strspn(point + 1, "0123456789");
    }
    (void)sqlite3_finalize(stmt); /* repeats step's answer */
    return form;
}

static int bind_time(struct cd_lite_source *src, sqlite3_stmt *stmt, int at, struct time_form form,
                     int64_t seconds, int32_t nanos)
{
    char text[CD_TIMESTAMP_TEXT_MAX];
    switch (form.storage_class) {
    case SQLITE_TEXT: {
        int64_t wall = seconds + cd_zone_offset(src->zone, seconds);
        cd_timestamp_text(text, wall, nanos, form.digits > 9 ? 9 : form.digits, form.separator);
        if (form.digits < 0)
            text[10] = '\0';
        return sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT);
    }
    case SQLITE_FLOAT:
        return sqlite3_bind_double(stmt, at,
                                   JULIAN_1970 + ((double)seconds + nanos / 1e9) / 86400.0);
    default:
        return sqlite3_bind_int64(stmt, at, seconds * 1000 + nanos / 1000000);
    }
}

/* Where a parameter stands depends on the mode: by name, absent ones are skipped. */
static int bind_bounds(struct cd_lite_source *src, const struct cd_lite_table *table,
                       sqlite3_stmt *stmt, struct time_form form)
{
    int begin = sqlite3_bind_parameter_index(stmt, ":begin");
    int end = sqlite3_bind_parameter_index(stmt, ":end");
    int last = sqlite3_bind_parameter_index(stmt, ":last");
    const struct cd_sql_offset *offset = &table->offset;
    int rc = SQLITE_OK;
    if (begin > 0)
        rc = bind_time(src, stmt, begin, form, offset->has_timestamp ? offset->seconds : 0,
                       offset->has_timestamp ? offset->nanos : 0);
    if (rc == SQLITE_OK && end > 0)
        rc = bind_time(src, stmt, end, form, cd_floor_div(src->end_ms, 1000),
                       (int32_t)cd_floor_mod(src->end_ms, 1000) * 1000000);
    if (rc == SQLITE_OK && last > 0)
        rc = sqlite3_bind_int64(stmt, last,
                                offset->has_incrementing
                                    ? offset->incrementing
                                    : cd_lite_source_cfg(src)->incrementing_initial);
    return rc;
}

/* Does the statement come out in order without sorting? */
static bool needs_no_sort(struct cd_lite_source *src, const char *statement)
{
    struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
    struct cd_error ignored = CD_ERROR_INIT;
    cd_sql_addf(&sql, "EXPLAIN QUERY PLAN %s", statement);
    sqlite3_stmt *stmt = cd_lite_prepare(&src->db, cd_sql_text_get(&sql), false, &ignored);
    bool sorts = stmt == NULL;
    while (stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW) {
        const char *detail = (const char *)sqlite3_column_text(stmt, 3);
        sorts |= detail != NULL && strstr(detail, "TEMP B-TREE") != NULL;
    }
    (void)sqlite3_finalize(stmt); /* NULL is allowed; repeats step's answer */
    return !sorts;
}

static void build(struct cd_lite_source *src, const struct cd_lite_table *table, bool paged,
                  const char *time, const char *id, struct cd_sql_text *out)
{
    const struct cd_sql_source_config *cfg = cd_lite_source_cfg(src);
    char page[40];
    (void)snprintf(page, sizeof(page), "LIMIT %d", cfg->batch_max_rows);
    struct cd_select select = {
        .mode = src->mode,
        .relation = table->relation,
        .query = cd_sql_query(cfg),
        .timestamp = time,
        .incrementing = id,
        .begin = ":begin",
        .end = ":end",
        .last = ":last",
        .page = paged ? page : NULL,
        .suffix = cfg->query_suffix,
    };
    cd_select_build(&select, out);
}

bool cd_lite_open_statement(struct cd_lite_source *src, struct cd_lite_table *table,
                            struct cd_error *err)
{
    const struct cd_sql_source_config *cfg = cd_lite_source_cfg(src);
    bool quoted = cd_sql_quoted(&cfg->connection);
    struct cd_sql_text time CD_AUTO(cd_sql_text_done) = {0};
    struct cd_sql_text id CD_AUTO(cd_sql_text_done) = {0};
    struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
    struct time_form form = {SQLITE_INTEGER, ' ', 3};
    if (table->time_count > 0) {
        cd_select_timestamp(
            (struct cd_strings){(const char *const *)table->time_columns, table->time_count},
            table->relation, quoted, &time);
        form = learn_form(src, table, cd_sql_text_get(&time));
    }
    if (table->id_column != NULL)
        cd_select_column(table->id_column, table->relation, quoted, &id);
    bool may_page = cd_mode_has_incrementing(src->mode) && table->relation != NULL &&
                    (cfg->query_suffix == NULL || cfg->query_suffix[0] == '\0');
    build(src, table, may_page, cd_sql_text_get(&time), cd_sql_text_get(&id), &sql);
    src->paged = may_page && needs_no_sort(src, cd_sql_text_get(&sql));
    if (may_page && !src->paged) {
        cd_sql_text_clear(&sql);
        build(src, table, false, cd_sql_text_get(&time), cd_sql_text_get(&id), &sql);
    }
    src->page_rows = 0;
    src->stmt = cd_lite_prepare(&src->db, cd_sql_text_get(&sql), false, err);
    if (src->stmt == NULL)
        return false;
    int rc = bind_bounds(src, table, src->stmt, form);
    return rc == SQLITE_OK || cd_lite_fail(&src->db, rc, err, "binding the bounds");
}
