#include "connectors/postgres/jobs.h"

#include "connectors/postgres/catalog.h"
#include "connectors/postgres/link.h"
#include "connectors/sql/offset.h"
#include "connectors/sql/rules.h"
#include "connectors/sql/sink_config.h"

static bool claims(const struct cd_settings *settings)
{
    return cd_pg_url_claims(settings->get(settings, "connection.url"));
}

/* ---- listing ---- */

static bool list_tables(const struct cd_connector_call *call, struct cd_table_list *list,
                        struct cd_error *err)
{
    const struct cd_sql_source_config *cfg = call->cfg;
    struct cd_pg_link link;
    struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
    PGresult *res = NULL;
    bool ok = cd_pg_link_init(&link, call->host, call->handle, &cfg->connection, NULL, err);
    if (ok) {
        cd_pg_sql_tables(cfg, &sql);
        res = cd_pg_link_query(&link, cd_sql_text_get(&sql), "listing tables", call->deadline_ms,
                               err);
        ok = res != NULL;
    }
    if (ok) {
        cd_pg_read_tables(res, list);
        PQclear(res);
        ok = cd_table_list_filter(list, cfg, err) && cd_table_list_unique(list, err);
    }
    cd_pg_link_done(&link);
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
                        "no table to read: check table.whitelist and the other filters, "
                        "schema.pattern and table.types, and mind the qualified name; looking "
                        "again every table.poll.interval.ms");
    cd_table_list_split(&list, tasks_max, split);
    return true;
}

/* The list is fetched to learn whether it can be: a failure leaves the tasks as they are. Whether
 * the split is another one, the runtime sees by comparing it. */
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

static bool try_connection(const struct cd_connector_call *call,
                           const struct cd_sql_connection *connection, const char *sql,
                           struct cd_error *err)
{
    struct cd_pg_link link;
    bool ok = cd_pg_link_init(&link, call->host, call->handle, connection, NULL, err);
    if (ok) {
        PGresult *res = cd_pg_link_query(&link, sql, "asking the database", call->deadline_ms, err);
        ok = res != NULL;
        PQclear(res);
    }
    cd_pg_link_done(&link);
    return ok;
}

static void validate_connection(const struct cd_connector_call *call,
                                const struct cd_sql_connection *connection,
                                struct cd_verdict *verdict)
{
    struct cd_error err = CD_ERROR_INIT;
    if (connection->url == NULL || connection->url[0] == '\0')
        return; /* the rules have said so */
    if (try_connection(call, connection, "SELECT 1", &err))
        return;
    cd_sql_complain(verdict, "connection.url", "%s", err.msg);
}

static void validate_query(const struct cd_connector_call *call, struct cd_verdict *verdict)
{
    const struct cd_sql_source_config *cfg = call->cfg;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
    const char *query = cd_sql_query(cfg);
    cd_sql_addf(&sql, "SELECT * FROM (%s\n) AS connectd_query LIMIT 0", query);
    if (try_connection(call, &cfg->connection, cd_sql_text_get(&sql), &err))
        return;
    cd_sql_complain(verdict, query == cfg->query ? "query" : "query.masked", "%s: %s", err.native,
                    err.msg);
}

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

/* The database is asked only when the settings agree with each other. */
static void validate_source(const struct cd_connector_call *call, struct cd_verdict *verdict)
{
    const struct cd_sql_source_config *cfg = call->cfg;
    struct counting_verdict counting = {{count_error, pass_recommendation}, verdict, 0};
    cd_sql_source_validate(cfg, &counting.base);
    if (counting.errors > 0)
        return;
    validate_connection(call, &cfg->connection, &counting.base);
    if (counting.errors == 0 && cd_sql_query(cfg) != NULL)
        validate_query(call, verdict);
}

static void validate_sink(const struct cd_connector_call *call, struct cd_verdict *verdict)
{
    const struct cd_sql_sink_config *cfg = call->cfg;
    cd_sql_sink_validate(cfg, verdict);
    validate_connection(call, &cfg->connection, verdict);
}

/* ---- the shared system ---- */

static void name_system(const struct cd_connector_call *call,
                        const struct cd_sql_connection *connection, char *ret_name, size_t size)
{
    struct cd_pg_parameters parameters;
    struct cd_error err = CD_ERROR_INIT;
    (void)snprintf(ret_name, size, "postgres://");
    if (!cd_pg_parameters_init(&parameters, connection, NULL, NULL, &err)) {
        cd_pg_parameters_done(&parameters);
        return;
    }
    (void)call;
    const char *database = cd_pg_parameter(&parameters, "dbname");
    const char *host = cd_pg_parameter(&parameters, "host");
    const char *port = cd_pg_parameter(&parameters, "port");
    if (database != NULL && strstr(database, "://") != NULL) {
        /* A URI: what stands before an @ is secret. */
        const char *rest = strstr(database, "://") + 3;
        const char *at = strchr(rest, '@');
        rest = at == NULL ? rest : at + 1;
        (void)snprintf(ret_name, size, "postgres://%.*s", (int)strcspn(rest, "?"), rest);
    } else {
        (void)snprintf(ret_name, size, "postgres://%s:%s/%s", host ? host : "localhost",
                       port ? port : "5432", database ? database : "");
    }
    cd_pg_parameters_done(&parameters);
}

static void source_system(const struct cd_connector_call *call, char *ret_name, size_t size)
{
    name_system(call, &((const struct cd_sql_source_config *)call->cfg)->connection, ret_name,
                size);
}

static void sink_system(const struct cd_connector_call *call, char *ret_name, size_t size)
{
    name_system(call, &((const struct cd_sql_sink_config *)call->cfg)->connection, ret_name, size);
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

const struct cd_connector cd_pg_source_jobs_jdbc = {SOURCE_JOBS, .claims = claims};
const struct cd_connector cd_pg_source_jobs = {SOURCE_JOBS};
const struct cd_connector cd_pg_sink_jobs_jdbc = {SINK_JOBS, .claims = claims};
const struct cd_connector cd_pg_sink_jobs = {SINK_JOBS};
