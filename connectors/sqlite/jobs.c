#include "connectors/sqlite/jobs.h"

#include "connectors/sql/offset.h"
#include "connectors/sql/rules.h"
#include "connectors/sql/sink_config.h"
#include "connectors/sql/table_list.h"
#include "connectors/sqlite/db.h"

#include <strings.h>

static bool claims(const struct cd_settings *settings)
{
    return cd_lite_url_claims(settings->get(settings, "connection.url"));
}

/* ---- listing ---- */

static bool wants(const struct cd_sql_source_config *cfg, const char *type)
{
    for (size_t i = 0; i < cfg->table_types.count; i++)
        if (strcasecmp(cfg->table_types.items[i], type) == 0)
            return true;
    return false;
}

static bool read_tables(struct cd_lite_db *db, const struct cd_sql_source_config *cfg,
                        struct cd_table_list *list, struct cd_error *err)
{
    sqlite3_stmt *stmt =
        cd_lite_prepare(db,
                        "SELECT name, type FROM sqlite_master WHERE type IN ('table','view') AND "
                        "name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name",
                        /* keep = */ false, err);
    if (stmt == NULL)
        return false;
    int rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
        if (wants(cfg, (const char *)sqlite3_column_text(stmt, 1)))
            cd_table_list_add(list, NULL, (const char *)sqlite3_column_text(stmt, 0));
    (void)sqlite3_finalize(stmt); /* repeats step's answer */
    return rc == SQLITE_DONE || cd_lite_fail(db, rc, err, "listing tables");
}

/* Jobs may block, up to the lock's usual time. */
static bool open_for_job(struct cd_lite_db *db, const char *url, bool create, struct cd_error *err)
{
    if (!cd_lite_db_init(db, url, err) || !cd_lite_db_open(db, create, err))
        return false;
    (void)sqlite3_busy_timeout(db->handle, (int)db->busy_ms); /* cannot fail on an open handle */
    return true;
}

static bool list_tables(const struct cd_connector_call *call, struct cd_table_list *list,
                        struct cd_error *err)
{
    const struct cd_sql_source_config *cfg = call->cfg;
    struct cd_lite_db db;
    bool ok = open_for_job(&db, cfg->connection.url, /* create = */ false, err) &&
              read_tables(&db, cfg, list, err) && cd_table_list_filter(list, cfg, err);
    cd_lite_db_done(&db);
    return ok;
}

static bool split_tables(const struct cd_connector_call *call, int32_t tasks_max,
                         struct cd_split *split, struct cd_error *err)
{
    const struct cd_sql_source_config *cfg = call->cfg;
    if (!cd_sql_source_check(cfg, err))
        return false;
    if (cd_sql_query(cfg) != NULL) {
        split->begin(split);
        return true;
    }
    struct cd_table_list list CD_AUTO(cd_table_list_done) = {0};
    if (!list_tables(call, &list, err))
        return false;
    if (list.count == 0)
        call->host->log(call->handle, CD_LOG_WARN,
                        "no table to read: check table.whitelist and the other filters, and "
                        "table.types; looking again every table.poll.interval.ms");
    cd_table_list_split(&list, tasks_max, split);
    return true;
}

/* As with PostgreSQL: whether the split is another one, the runtime sees by comparing it. */
static enum cd_monitor watch_tables(const struct cd_connector_call *call, int64_t *monitor_ms,
                                    struct cd_error *err)
{
    const struct cd_sql_source_config *cfg = call->cfg;
    if (cd_sql_query(cfg) != NULL)
        return CD_MONITOR_SAME;
    *monitor_ms = cfg->table_poll_interval_ms > 0 ? cfg->table_poll_interval_ms : 1;
    struct cd_table_list list CD_AUTO(cd_table_list_done) = {0};
    return list_tables(call, &list, err) ? CD_MONITOR_CHANGED : CD_MONITOR_FAILED;
}

/* ---- validation ---- */

struct counting_verdict {
    struct cd_verdict base;
    struct cd_verdict *inner;
    size_t errors;
};

static void count_error(struct cd_verdict *verdict, const char *key, const char *message)
{
    struct counting_verdict *counting = (struct counting_verdict *)verdict;
    counting->errors++;
    counting->inner->error(counting->inner, key, message);
}

static void pass_recommendation(struct cd_verdict *verdict, const char *key, const char *value)
{
    struct counting_verdict *counting = (struct counting_verdict *)verdict;
    counting->inner->recommend(counting->inner, key, value);
}

static void validate_source(const struct cd_connector_call *call, struct cd_verdict *verdict)
{
    const struct cd_sql_source_config *cfg = call->cfg;
    struct counting_verdict counting = {{count_error, pass_recommendation}, verdict, 0};
    cd_sql_source_validate(cfg, &counting.base);
    if (counting.errors > 0)
        return;
    struct cd_lite_db db;
    struct cd_error err = CD_ERROR_INIT;
    const char *query = cd_sql_query(cfg);
    if (!open_for_job(&db, cfg->connection.url, /* create = */ false, &err)) {
        cd_sql_complain(verdict, "connection.url", "%s", err.msg);
    } else if (query != NULL) {
        sqlite3_stmt *stmt = cd_lite_prepare(&db, query, /* keep = */ false, &err);
        if (stmt == NULL)
            cd_sql_complain(verdict, query == cfg->query ? "query" : "query.masked", "%s", err.msg);
        (void)sqlite3_finalize(stmt); /* never stepped */
    }
    cd_lite_db_done(&db);
}

static void validate_sink(const struct cd_connector_call *call, struct cd_verdict *verdict)
{
    const struct cd_sql_sink_config *cfg = call->cfg;
    struct cd_lite_db db;
    struct cd_error err = CD_ERROR_INIT;
    cd_sql_sink_validate(cfg, verdict);
    if (!open_for_job(&db, cfg->connection.url, /* create = */ true, &err))
        cd_sql_complain(verdict, "connection.url", "%s", err.msg);
    cd_lite_db_done(&db);
}

/* ---- the rest ---- */

static void name_system(const char *url, char *ret_name, size_t size)
{
    struct cd_lite_db db;
    struct cd_error err = CD_ERROR_INIT;
    bool ok = cd_lite_db_init(&db, url, &err);
    (void)snprintf(ret_name, size, "sqlite://%s", ok ? db.path : "");
    cd_lite_db_done(&db);
}

static void source_system(const struct cd_connector_call *call, char *ret_name, size_t size)
{
    name_system(((const struct cd_sql_source_config *)call->cfg)->connection.url, ret_name, size);
}

static void sink_system(const struct cd_connector_call *call, char *ret_name, size_t size)
{
    name_system(((const struct cd_sql_sink_config *)call->cfg)->connection.url, ret_name, size);
}

static bool split_sink(const struct cd_connector_call *call, int32_t tasks_max,
                       struct cd_split *split, struct cd_error *err)
{
    if (!cd_sql_sink_check(call->cfg, err))
        return false;
    for (int32_t i = 0; i < tasks_max; i++)
        split->begin(split);
    return true;
}

#define SOURCE_JOBS                                                                                \
    .size = sizeof(struct cd_connector), .validate = validate_source, .tasks = split_tables,       \
    .monitor = watch_tables, .system = source_system, .check_offset = cd_sql_check_offset
#define SINK_JOBS                                                                                  \
    .size = sizeof(struct cd_connector), .validate = validate_sink, .tasks = split_sink,           \
    .system = sink_system

const struct cd_connector cd_lite_source_jobs_jdbc = {SOURCE_JOBS, .claims = claims};
const struct cd_connector cd_lite_source_jobs = {SOURCE_JOBS};
const struct cd_connector cd_lite_sink_jobs_jdbc = {SINK_JOBS, .claims = claims};
const struct cd_connector cd_lite_sink_jobs = {SINK_JOBS};
