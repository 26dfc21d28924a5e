/* Making a table's layout, and the text of its pages. */
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/source.h"
#include "connectors/sql/calendar.h"
#include "connectors/sql/select.h"

#include <stdlib.h>

/* Without an index each page would sort all that is left of the table; and of a free query nobody
 * knows what it costs to begin. */
int64_t cd_pg_page_rows(const struct cd_pg_source *src, const struct cd_pg_table *table)
{
    const struct cd_sql_source_config *cfg = cd_pg_source_cfg(src);
    bool cut_by_user = cfg->query_suffix != NULL && cfg->query_suffix[0] != '\0';
    if (src->mode == CD_MODE_BULK || cut_by_user || !table->indexed)
        return 0;
    if (src->mode == CD_MODE_TIMESTAMP && PQserverVersion(src->link.conn) < 130000)
        return 0; /* without WITH TIES a page could cut a group of equal times */
    return cfg->max_buffer_size > 0 ? cfg->max_buffer_size : 4 * (int64_t)cfg->batch_max_rows;
}

/* Columns change rarely and a page notices that they did; only a changed NOT NULL does not show, so
 * the plan is renewed with the table list. */
bool cd_pg_needs_plan(const struct cd_pg_source *src, const struct cd_pg_table *table)
{
    return table->planned_ms == 0 || src->base.host->monotonic_ms() - table->planned_ms >=
                                         cd_pg_source_cfg(src)->table_poll_interval_ms;
}

/* ---- the text of a page ---- */

/* '2020-01-02 03:04:05.123456+09:00': a wall clock for timestamp, an instant for timestamptz. */
static void time_literal(const struct cd_pg_source *src, int64_t us, char out[96])
{
    char text[CD_TIMESTAMP_TEXT_MAX];
    int64_t utc_s = cd_floor_div(us, 1000000);
    int32_t offset = cd_zone_offset(src->zone, utc_s);
    cd_timestamp_text(text, utc_s + offset, (int32_t)(us - utc_s * 1000000) * 1000, 6, ' ');
    int minutes = abs(offset) / 60;
    (void)snprintf(out, 96, "'%s%c%02d:%02d:%02d'", text, offset < 0 ? '-' : '+', minutes / 60,
                   minutes % 60, abs(offset) % 60);
}

static int64_t begin_us(const struct cd_pg_table *table)
{
    return table->offset.has_timestamp
               ? table->offset.seconds * 1000000 + table->offset.nanos / 1000
               : 0;
}

static int64_t last_id(const struct cd_pg_source *src, const struct cd_pg_table *table)
{
    return table->offset.has_incrementing ? table->offset.incrementing
                                          : cd_pg_source_cfg(src)->incrementing_initial;
}

void cd_pg_statement(const struct cd_pg_source *src, const struct cd_pg_table *table,
                     struct cd_sql_text *out)
{
    const struct cd_sql_source_config *cfg = cd_pg_source_cfg(src);
    bool quoted = cd_sql_quoted(&cfg->connection);
    struct cd_sql_text time CD_AUTO(cd_sql_text_done) = {0};
    struct cd_sql_text id CD_AUTO(cd_sql_text_done) = {0};
    char begin[96], end[96], last[32], top[32], page[64] = "";
    if (table->time_count > 0)
        cd_select_timestamp((struct cd_strings){table->time_columns, table->time_count},
                            table->relation, quoted, &time);
    if (table->id_column != NULL)
        cd_select_column(table->id_column, table->relation, quoted, &id);
    time_literal(src, begin_us(table), begin);
    time_literal(src, src->end_us, end);
    (void)snprintf(last, sizeof(last), "%lld", (long long)last_id(src, table));
    (void)snprintf(top, sizeof(top), "%lld", (long long)src->guard_top);
    int64_t rows = cd_pg_page_rows(src, table);
    if (rows > 0)
        (void)snprintf(page, sizeof(page),
                       src->mode == CD_MODE_TIMESTAMP ? "FETCH FIRST %lld ROWS WITH TIES"
                                                      : "LIMIT %lld",
                       (long long)rows);
    struct cd_select select = {
        .mode = src->mode,
        .relation = table->relation,
        .query = cd_sql_query(cfg),
        .timestamp = cd_sql_text_get(&time),
        .incrementing = cd_sql_text_get(&id),
        .begin = begin,
        .end = end,
        .last = last,
        .limit_id = src->has_guard_top ? top : NULL,
        .page = rows > 0 ? page : NULL,
        .suffix = cfg->query_suffix,
    };
    cd_select_build(&select, out);
}

/* ---- phases ---- */

static void set_time_columns(struct cd_pg_table *table, struct cd_strings names,
                             const PGresult *columns)
{
    size_t chars = 0;
    for (size_t i = 0; i < names.count; i++)
        chars += 2 * strlen(names.items[i]) + 64;
    free(table->time_columns);
    /* The texts follow the pointers. */
    table->time_columns = cd_sql_new(names.count * sizeof(char *) + chars + 1);
    table->time_count = names.count;
    char *at = (char *)(table->time_columns + names.count);
    for (size_t i = 0; i < names.count; i++) {
        int row = columns == NULL ? -1 : cd_pg_find_column(columns, names.items[i]);
        const char *name = row < 0 ? names.items[i] : PQgetvalue(columns, row, 0);
        table->time_columns[i] = strcpy(at, name);
        at += strlen(name) + 1;
    }
}

static void set_id_column(struct cd_pg_table *table, const char *name)
{
    free(table->id_column);
    table->id_column = cd_sql_dup(cd_slice(name));
}

static bool wanted_columns(const struct cd_pg_source *src, const struct cd_pg_table *table,
                           struct cd_strings *ret_times, const char **ret_id, struct cd_error *err)
{
    const struct cd_sql_source_config *cfg = cd_pg_source_cfg(src);
    struct cd_sql_text name CD_AUTO(cd_sql_text_done) = {0};
    struct cd_strings ids = {0};
    *ret_times = cfg->timestamp_columns;
    *ret_id = cfg->incrementing_column;
    if (table->relation == NULL || cfg->include.count == 0)
        return true;
    cd_table_id_add(&name, &table->id, /* quoted = */ false);
    if (cd_mode_has_timestamp(src->mode) &&
        !cd_column_mapping_find(src->time_mapping, cd_sql_text_get(&name), ret_times, err))
        return false;
    if (!cd_mode_has_incrementing(src->mode))
        return true;
    if (!cd_column_mapping_find(src->id_mapping, cd_sql_text_get(&name), &ids, err))
        return false;
    *ret_id = ids.items[0];
    return true;
}

static bool choose_id(struct cd_pg_source *src, const char *name, const PGresult *columns,
                      struct cd_error *err)
{
    struct cd_pg_table *table = src->table;
    int row = -1;
    if (name == NULL || name[0] == '\0') {
        row = columns == NULL ? -1 : cd_pg_find_automatic(columns);
        if (row < 0)
            return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                              "table %s has no identity or serial column: set "
                              "incrementing.column.name",
                              table->relation ? table->relation : "of the query");
        name = PQgetvalue(columns, row, 0);
    } else if (columns != NULL) {
        row = cd_pg_find_column(columns, name);
        if (row < 0)
            return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                              "incrementing column '%s' does not exist in table %s", name,
                              table->relation);
        name = PQgetvalue(columns, row, 0);
    }
    if (columns != NULL && cd_pg_source_cfg(src)->validate_non_null &&
        !cd_pg_column_not_null(columns, row))
        return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                          "Cannot make incremental queries using incrementing column '%s' on %s "
                          "because this column is nullable; make it NOT NULL, or set "
                          "validate.non.null=false",
                          name, table->relation);
    set_id_column(table, name);
    if (src->mode == CD_MODE_INCREMENTING)
        table->indexed = columns != NULL && cd_pg_column_leads_index(columns, row);
    return true;
}

static bool check_times(struct cd_pg_source *src, struct cd_strings names, const PGresult *columns,
                        struct cd_error *err)
{
    bool any_not_null = false;
    for (size_t i = 0; columns != NULL && i < names.count; i++) {
        int row = cd_pg_find_column(columns, names.items[i]);
        if (row < 0)
            return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                              "timestamp column '%s' does not exist in table %s", names.items[i],
                              src->table->relation);
        any_not_null |= cd_pg_column_not_null(columns, row);
    }
    if (columns != NULL && cd_pg_source_cfg(src)->validate_non_null && !any_not_null)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                          "Cannot make incremental queries using timestamp columns on %s because "
                          "all of them are nullable; make one NOT NULL, or set "
                          "validate.non.null=false",
                          src->table->relation);
    set_time_columns(src->table, names, columns);
    src->table->indexed =
        columns != NULL && names.count == 1 &&
        cd_pg_column_leads_index(columns, cd_pg_find_column(columns, names.items[0]));
    return true;
}

/* `columns` NULL: a query, whose columns are known once it is described. */
static bool choose_columns(struct cd_pg_source *src, const PGresult *columns, struct cd_error *err)
{
    struct cd_strings times;
    const char *id;
    if (!wanted_columns(src, src->table, &times, &id, err))
        return false;
    if (cd_mode_has_timestamp(src->mode) && !check_times(src, times, columns, err))
        return false;
    return !cd_mode_has_incrementing(src->mode) || choose_id(src, id, columns, err);
}

static enum cd_step ask_columns(struct cd_pg_source *src, struct cd_wait *wait,
                                struct cd_error *err)
{
    PGresult *res = NULL;
    if (src->table->relation != NULL && src->mode != CD_MODE_BULK) {
        struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
        cd_pg_sql_columns(src->table->relation, &sql);
        enum cd_step step = cd_pg_link_run(&src->link, cd_sql_text_get(&sql),
                                           "asking for the table's columns", &res, wait, err);
        if (step != CD_STEP_DONE)
            return step;
    }
    bool ok = choose_columns(src, res, err);
    PQclear(res);
    src->phase = CD_PG_DESCRIBE;
    return ok ? CD_STEP_AGAIN : CD_STEP_FAILED;
}

/* Without the mode's conditions: a column of the wrong type is to be named by us, not by a server
 * that cannot compare it. */
static enum cd_step describe(struct cd_pg_source *src, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_sql_text statement CD_AUTO(cd_sql_text_done) = {0};
    struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
    PGresult *res = NULL;
    struct cd_select select = {
        .mode = CD_MODE_BULK,
        .relation = src->table->relation,
        .query = cd_sql_query(cd_pg_source_cfg(src)),
    };
    cd_select_build(&select, &statement);
    cd_sql_addf(&sql, "SELECT * FROM (%s\n) AS connectd_page LIMIT 0", cd_sql_text_get(&statement));
    enum cd_step step =
        cd_pg_link_run(&src->link, cd_sql_text_get(&sql), "describing the result", &res, wait, err);
    if (step != CD_STEP_DONE)
        return step;
    cd_pg_layout_done(&src->table->layout, src->base.host);
    cd_pg_layout_init(&src->table->layout, res);
    PQclear(res);
    src->phase = CD_PG_TYPES;
    return CD_STEP_AGAIN;
}

static enum cd_step ask_types(struct cd_pg_source *src, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_pg_table *table = src->table;
    struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
    PGresult *res = NULL;
    cd_pg_layout_sql_types(&table->layout, &sql);
    enum cd_step step = cd_pg_link_run(&src->link, cd_sql_text_get(&sql),
                                       "asking for the columns' types", &res, wait, err);
    if (step != CD_STEP_DONE)
        return step;
    struct cd_pg_layout_options options = {
        .schema_name = table->id.table,
        .unsupported = cd_pg_source_cfg(src)->unsupported_types,
        .id_column = table->id_column,
        .time_columns = {table->time_columns, table->time_count},
        .handle = src->base.handle,
    };
    bool ok = cd_pg_layout_plan(&table->layout, &src->types, res, &options, err);
    PQclear(res);
    table->planned_ms = src->base.host->monotonic_ms();
    src->phase = CD_PG_GUARD_TOP;
    return ok ? CD_STEP_AGAIN : CD_STEP_FAILED;
}

enum cd_step cd_pg_plan_step(struct cd_pg_source *src, struct cd_wait *wait, struct cd_error *err)
{
    if (src->phase == CD_PG_COLUMNS)
        return ask_columns(src, wait, err);
    return src->phase == CD_PG_DESCRIBE ? describe(src, wait, err) : ask_types(src, wait, err);
}
