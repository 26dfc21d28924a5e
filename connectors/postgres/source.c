#include "connectors/postgres/source.h"

#include "connectors/sql/calendar.h"
#include "connectors/sql/table_list.h"

#include <stdlib.h>

/* ---- opening ---- */

static const char *isolation_sql(const char *mode)
{
    static const char *const levels[][2] = {
        {"READ_UNCOMMITTED", "READ UNCOMMITTED"},
        {"READ_COMMITTED", "READ COMMITTED"},
        {"REPEATABLE_READ", "REPEATABLE READ"},
        {"SERIALIZABLE", "SERIALIZABLE"},
    };
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
        if (strcmp(levels[i][0], mode) == 0)
            return levels[i][1];
    return NULL;
}

static bool prepare(struct cd_pg_source *src, struct cd_error *err)
{
    const struct cd_sql_source_config *cfg = cd_pg_source_cfg(src);
    if (!cd_sql_source_check(cfg, err))
        return false;
    struct cd_sql_text extra CD_AUTO(cd_sql_text_done) = {0};
    const char *level = isolation_sql(cfg->isolation);
    if (level != NULL)
        cd_sql_addf(&extra, " SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL %s;",
                    level);
    /* Pages are read where an index gives their order. Without fresh statistics the planner may
     * think that little is left and sort it, page after page. */
    if (cd_sql_query(cfg) == NULL)
        cd_sql_add(&extra, " SET enable_sort = off; SET jit = off;");
    src->zone = cd_zone_open(cfg->connection.timezone, err);
    if (src->zone == NULL)
        return false;
    src->time_mapping = cd_column_mapping_new("timestamp.columns.mapping", cfg->timestamp_mapping,
                                              /* brackets = */ true, err);
    src->id_mapping = cd_column_mapping_new("incrementing.column.mapping",
                                            cfg->incrementing_mapping, /* brackets = */ false, err);
    if (src->time_mapping == NULL || src->id_mapping == NULL)
        return false;
    src->mode = cd_sql_mode(cfg);
    src->start_us = INT64_MIN;
    src->types = (struct cd_pg_types){
        .host = src->base.host,
        .vendor = cd_sql_vendor(&cfg->connection),
        .numeric = cd_pg_numeric_mapping(cfg),
        .granularity = cd_pg_granularity(cfg),
        .hybrid_calendar = cd_sql_hybrid_calendar(&cfg->connection),
        .zone = src->zone,
    };
    /* The attempts are counted with the first one. */
    src->base.host->retry(src->base.handle, cfg->connection.attempts - 1,
                          cfg->connection.backoff_ms);
    return cd_pg_link_init(&src->link, src->base.host, src->base.handle, &cfg->connection,
                           cd_sql_text_get(&extra), err);
}

static char *topic_of(const struct cd_sql_source_config *cfg, const char *table)
{
    struct cd_sql_text topic = {0};
    const char *prefix = cfg->topic_prefix;
    size_t len = strlen(prefix);
    while (len > 0 && (prefix[len - 1] == ' ' || prefix[len - 1] == '\t'))
        len--;
    while (len > 0 && (*prefix == ' ' || *prefix == '\t')) {
        prefix++;
        len--;
    }
    cd_sql_add_slice(&topic, cd_slice_of(prefix, len));
    cd_sql_add(&topic, table);
    return cd_sql_text_steal(&topic);
}

/* Where a table without a stored offset starts. */
static void set_initial(struct cd_pg_source *src, struct cd_pg_table *table)
{
    const struct cd_sql_source_config *cfg = cd_pg_source_cfg(src);
    int64_t ms = 0;
    bool given = false;
    if (src->base.host->setting(src->base.handle, "timestamp.initial") != NULL) {
        ms = cfg->timestamp_initial;
        given = true;
        if (ms == -1 && src->start_us != INT64_MIN)
            ms = cd_floor_div(src->start_us, 1000);
    } else if (cfg->timestamp_initial_ms != 0) {
        ms = cfg->timestamp_initial_ms;
        given = true;
    }
    table->offset = (struct cd_sql_offset){
        .has_timestamp = given && cd_mode_has_timestamp(src->mode),
        .seconds = cd_floor_div(ms, 1000),
        .nanos = (int32_t)cd_floor_mod(ms, 1000) * 1000000,
    };
}

static bool add_table(struct cd_pg_source *src, const struct cd_table_id *id, struct cd_error *err)
{
    const struct cd_sql_source_config *cfg = cd_pg_source_cfg(src);
    struct cd_pg_table *table = &src->tables[src->table_count++];
    if (id != NULL) {
        struct cd_sql_text relation = {0};
        table->id = cd_table_id_copy(id);
        cd_table_id_add(&relation, id, cd_sql_quoted(&cfg->connection));
        table->relation = cd_sql_text_steal(&relation);
    }
    table->topic = topic_of(cfg, id == NULL ? "" : id->table);
    table->partition = cd_sql_partition(&src->base, src->mode, id, err);
    if (table->partition == NULL)
        return false;
    if (src->mode == CD_MODE_BULK)
        return true;
    if (!cd_sql_offset_find(&src->base, id, src->database, &table->offset, &table->has_offset, err))
        return false;
    if (!table->has_offset)
        set_initial(src, table);
    else if (src->mode == CD_MODE_TIMESTAMP_INCREMENTING && !table->offset.has_timestamp)
        src->base.host->log(src->base.handle, CD_LOG_WARN,
                            "stored offset without a timestamp table=%s: all of it is read again",
                            id == NULL ? "query" : id->table);
    return true;
}

/* `tables` of the task configuration: names may hold commas, so quotes count. */
static bool add_tables(struct cd_pg_source *src, struct cd_error *err)
{
    const struct cd_sql_source_config *cfg = cd_pg_source_cfg(src);
    if (cd_sql_query(cfg) != NULL) {
        src->tables = cd_sql_new(sizeof(*src->tables));
        return add_table(src, NULL, err);
    }
    struct cd_table_list list CD_AUTO(cd_table_list_done) = {0};
    const char *text = src->base.host->setting(src->base.handle, "tables");
    if (!cd_table_list_parse(text ? text : "", &list, err))
        return false;
    if (list.count == 0)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "the task has no tables: check table.whitelist (use the qualified name, "
                          "schema.table) and table.types");
    src->tables = cd_sql_new(list.count * sizeof(*src->tables));
    for (size_t i = 0; i < list.count; i++)
        if (!add_table(src, &list.items[i], err))
            return false;
    return true;
}

static enum cd_step source_open(void *task, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_pg_source *src = task;
    if (src->zone == NULL && !prepare(src, err))
        return CD_STEP_FAILED;
    enum cd_step step = cd_pg_link_ready(&src->link, wait, err);
    if (step != CD_STEP_DONE)
        return step;
    PGresult *res = NULL;
    step = cd_pg_link_run(&src->link,
                          "SELECT current_database(), (extract(epoch from date_trunc("
                          "'milliseconds', now())) * 1000000)::bigint",
                          "asking the server's time", &res, wait, err);
    if (step != CD_STEP_DONE)
        return step;
    src->database = cd_sql_dup(cd_slice(PQgetvalue(res, 0, 0)));
    src->start_us = strtoll(PQgetvalue(res, 0, 1), NULL, 10);
    PQclear(res);
    return add_tables(src, err) ? CD_STEP_DONE : CD_STEP_FAILED;
}

/* ---- reading ---- */

static bool due_before(const struct cd_pg_table *a, const struct cd_pg_table *b)
{
    return b == NULL || a->due_ms < b->due_ms;
}

static enum cd_step pick_table(struct cd_pg_source *src, struct cd_wait *wait)
{
    struct cd_pg_table *best = NULL;
    for (size_t i = 0; i < src->table_count; i++)
        if (due_before(&src->tables[i], best))
            best = &src->tables[i];
    if (best == NULL)
        return cd_wait_forever(wait);
    if (best->due_ms > src->base.host->monotonic_ms())
        return cd_wait_until(wait, best->due_ms);
    src->table = best;
    src->phase = cd_mode_has_timestamp(src->mode) ? CD_PG_CLOCK
                 : cd_pg_needs_plan(src, best)    ? CD_PG_COLUMNS
                                                  : CD_PG_GUARD_TOP;
    return CD_STEP_AGAIN;
}

static enum cd_step read_clock(struct cd_pg_source *src, struct cd_wait *wait, struct cd_error *err)
{
    PGresult *res = NULL;
    enum cd_step step = cd_pg_link_run(
        &src->link,
        "SELECT (extract(epoch from date_trunc('milliseconds', now())) * 1000000)::bigint",
        "asking the server's time", &res, wait, err);
    if (step != CD_STEP_DONE)
        return step;
    src->end_us =
        strtoll(PQgetvalue(res, 0, 0), NULL, 10) - cd_pg_source_cfg(src)->timestamp_delay_ms * 1000;
    PQclear(res);
    src->phase = cd_pg_needs_plan(src, src->table) ? CD_PG_COLUMNS : CD_PG_GUARD_TOP;
    return CD_STEP_AGAIN;
}

static enum cd_step run_phase(struct cd_pg_source *src, struct cd_batch *batch,
                              struct cd_wait *wait, struct cd_error *err)
{
    switch (src->phase) {
    case CD_PG_PICK:
        return pick_table(src, wait);
    case CD_PG_CLOCK:
        return read_clock(src, wait, err);
    case CD_PG_COLUMNS:
    case CD_PG_DESCRIBE:
    case CD_PG_TYPES:
        return cd_pg_plan_step(src, wait, err);
    case CD_PG_GUARD_TOP:
    case CD_PG_GUARD_HOLDERS:
    case CD_PG_GUARD_WAIT:
        return cd_pg_guard_step(src, wait, err);
    case CD_PG_SEND:
    case CD_PG_CONFIRM:
    case CD_PG_BEGIN:
    case CD_PG_ROWS:
    case CD_PG_END:
        return cd_pg_read_step(src, batch, wait, err);
    }
    return CD_STEP_FAILED;
}

/* JDBC's rule: an SQL error puts the table back in the queue, for ever unless told otherwise; what
 * the settings or a value make impossible ends the task. */
static void after_failure(struct cd_pg_source *src, struct cd_error *err)
{
    const struct cd_sql_source_config *cfg = cd_pg_source_cfg(src);
    struct cd_pg_table *table = src->table;
    bool lost = cd_pg_link_broken(&src->link);
    bool of_server = lost || strlen(err->native) == 5; /* an SQLSTATE, not a Java class */
    cd_pg_read_abort(src);
    if (lost || PQtransactionStatus(src->link.conn) != PQTRANS_IDLE)
        cd_pg_link_drop(&src->link);
    src->phase = CD_PG_PICK;
    src->table = NULL;
    if (table == NULL || !of_server)
        return;
    table->planned_ms = 0;
    table->failures++;
    table->due_ms = src->base.host->monotonic_ms() + (lost ? 0 : cfg->poll_interval_ms);
    err->code = err->code == CD_ERR_TIMEOUT ? CD_ERR_TIMEOUT : CD_ERR_REMOTE;
    err->retriable = cfg->query_retry_attempts <= 0 || table->failures < cfg->query_retry_attempts;
    (void)cd_fail_while(err, "reading %s", table->relation ? table->relation : "the query");
}

/* connection.attempts, connection.backoff.ms apart; then the task fails, as in JDBC. */
static void connecting_failed(struct cd_pg_source *src, struct cd_error *err)
{
    const struct cd_sql_source_config *cfg = cd_pg_source_cfg(src);
    src->connect_failures++;
    if (!err->retriable || src->connect_failures < cfg->connection.attempts) {
        src->connect_ms = src->base.host->monotonic_ms() + cfg->connection.backoff_ms;
        return;
    }
    src->connect_failures = 0;
    src->connect_ms = 0;
    err->retriable = false;
}

static enum cd_step connect_again(struct cd_pg_source *src, struct cd_wait *wait,
                                  struct cd_error *err)
{
    if (src->connect_ms > src->base.host->monotonic_ms())
        return cd_wait_until(wait, src->connect_ms);
    enum cd_step step = cd_pg_link_ready(&src->link, wait, err);
    if (step == CD_STEP_FAILED)
        connecting_failed(src, err);
    if (step == CD_STEP_DONE) {
        src->connect_failures = 0;
        src->connect_ms = 0;
    }
    return step;
}

static enum cd_step source_poll(void *task, struct cd_batch *batch, struct cd_wait *wait,
                                struct cd_error *err)
{
    struct cd_pg_source *src = task;
    const struct cd_host *host = src->base.host;
    if (src->parked.code != CD_OK) {
        *err = src->parked;
        cd_error_reset(&src->parked);
        return CD_STEP_FAILED;
    }
    enum cd_step step;
    do {
        step = connect_again(src, wait, err);
        if (step != CD_STEP_DONE)
            return step;
        step = run_phase(src, batch, wait, err);
    } while (step == CD_STEP_AGAIN);
    if (step != CD_STEP_FAILED)
        return step;
    after_failure(src, err);
    if (host->count(batch) == 0)
        return CD_STEP_FAILED;
    src->parked = *err; /* the rows before the failure are good, and the offsets count them */
    cd_error_reset(err);
    return CD_STEP_DONE;
}

static void source_close(void *task)
{
    struct cd_pg_source *src = task;
    const struct cd_host *host = src->base.host;
    cd_pg_read_abort(src);
    if (src->link.host != NULL)
        cd_pg_link_done(&src->link);
    for (size_t i = 0; i < src->table_count; i++) {
        struct cd_pg_table *table = &src->tables[i];
        cd_table_id_done(&table->id);
        cd_pg_layout_done(&table->layout, host);
        free(table->relation);
        free(table->topic);
        free(table->id_column);
        free(table->time_columns);
    }
    free(src->tables);
    free(src->database);
    cd_big_done(&src->types.big);
    cd_column_mapping_free(src->time_mapping);
    cd_column_mapping_free(src->id_mapping);
    cd_zone_free(src->zone);
}

const struct cd_source cd_pg_source_table = {
    .size = sizeof(struct cd_source),
    .task_size = sizeof(struct cd_pg_source),
    .open = source_open,
    .poll = source_poll,
    .close = source_close,
};
