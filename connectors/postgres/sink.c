#include "connectors/postgres/sink.h"

#include "connectors/postgres/failure.h"

#include <stdlib.h>
#include <strings.h>

/* ---- opening and closing ---- */

static bool prepare(struct cd_pg_sink *sink, struct cd_error *err)
{
    const struct cd_sql_sink_config *cfg = cd_pg_sink_cfg(sink);
    if (!cd_sql_sink_check(cfg, err))
        return false;
    bool utc_dates = strcasecmp(cfg->date_timezone, "UTC") == 0;
    sink->zone = cd_zone_open(cfg->connection.timezone, err);
    sink->date_zone = cd_zone_open(utc_dates ? "UTC" : cfg->connection.timezone, err);
    if (sink->zone == NULL || sink->date_zone == NULL)
        return false;
    sink->queue_end = &sink->queue;
    sink->encoding = (struct cd_sql_encoding){
        .zone = sink->zone,
        .date_zone = sink->date_zone,
        .hybrid_calendar = cd_sql_hybrid_calendar(&cfg->connection),
        .epoch_per_micro = strcasecmp(cfg->timestamp_precision, "nanoseconds") == 0 ? 1000 : 1,
    };
    /* The attempts are counted with the first one. */
    sink->base.host->retry(sink->base.handle, cfg->connection.attempts - 1,
                           cfg->connection.backoff_ms);
    bool ok = cd_pg_link_init(&sink->link, sink->base.host, sink->base.handle, &cfg->connection,
                              NULL, err);
    sink->link.terse = cfg->trim_sensitive_log;
    return ok;
}

static enum cd_step sink_open(void *task, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_pg_sink *sink = task;
    const struct cd_sql_sink_config *cfg = cd_pg_sink_cfg(sink);
    if (sink->date_zone == NULL && !prepare(sink, err))
        return CD_STEP_FAILED;
    enum cd_step step = cd_pg_link_ready(&sink->link, wait, err);
    if (step == CD_STEP_DONE)
        sink->base.host->retry(sink->base.handle, cfg->max_retries, cfg->retry_backoff_ms);
    return step;
}

static void drop_runs(struct cd_pg_sink *sink)
{
    while (sink->queue != NULL) {
        struct cd_pg_run *run = sink->queue;
        sink->queue = run->next;
        cd_pg_run_free(run);
    }
    sink->queue_end = &sink->queue;
    for (struct cd_pg_table_sink *table = sink->tables; table != NULL; table = table->next) {
        cd_pg_run_free(table->open);
        table->open = NULL;
    }
}

static void drop_plans(struct cd_pg_table_sink *table)
{
    for (size_t i = 0; i < table->plan_count; i++)
        cd_pg_plan_free(table->plans[i]);
    free(table->plans);
    table->plans = NULL;
    table->plan_count = 0;
}

static void sink_close(void *task)
{
    struct cd_pg_sink *sink = task;
    drop_runs(sink);
    while (sink->tables != NULL) {
        struct cd_pg_table_sink *table = sink->tables;
        sink->tables = table->next;
        drop_plans(table);
        cd_pg_target_done(&table->target);
        free(table);
    }
    for (size_t i = 0; i < sink->route_count; i++)
        free(sink->routes[i].topic);
    free(sink->routes);
    free(sink->ddl);
    cd_sql_text_done(&sink->buffer);
    cd_sql_encoding_done(&sink->encoding);
    if (sink->link.host != NULL)
        cd_pg_link_done(&sink->link);
    cd_zone_free(sink->zone);
    cd_zone_free(sink->date_zone);
}

/* ---- which table ---- */

static bool same_table(const struct cd_table_id *a, const struct cd_table_id *b)
{
    if ((a->schema == NULL) != (b->schema == NULL) || strcmp(a->table, b->table) != 0)
        return false;
    return a->schema == NULL || strcmp(a->schema, b->schema) == 0;
}

static struct cd_pg_table_sink *find_table(struct cd_pg_sink *sink, struct cd_table_id id)
{
    struct cd_pg_table_sink *made = cd_sql_new(sizeof(*made));
    cd_pg_target_init(&made->target, id, cd_sql_quoted(&cd_pg_sink_cfg(sink)->connection));
    for (struct cd_pg_table_sink *table = sink->tables; table != NULL; table = table->next) {
        if (same_table(&table->target.id, &made->target.id)) {
            cd_pg_target_done(&made->target);
            free(made);
            return table;
        }
    }
    made->next = sink->tables;
    sink->tables = made;
    return made;
}

static struct cd_pg_table_sink *add_route(struct cd_pg_sink *sink, struct cd_slice topic,
                                          struct cd_error *err)
{
    const struct cd_sql_sink_config *cfg = cd_pg_sink_cfg(sink);
    struct cd_naming naming = {cfg->table_name_format, cfg->table_name_normalize,
                               cfg->topics_to_tables};
    struct cd_sql_text name CD_AUTO(cd_sql_text_done) = {0};
    struct cd_table_id id;
    if (!cd_naming_apply(&naming, topic, &name, err) ||
        !cd_table_id_parse(cd_sql_text_get(&name), &id, err))
        return NULL;
    const char *database = PQdb(sink->link.conn);
    if (id.catalog != NULL && database != NULL && strcmp(id.catalog, database) != 0) {
        (void)cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                         "topic '%.*s' gives the table name '%s', whose first part would be "
                         "another database ('%s'): set table.name.format, or rename the topic "
                         "with a transform",
                         CD_SLICE_ARG(topic), cd_sql_text_get(&name), database);
        cd_table_id_done(&id);
        return NULL;
    }
    struct cd_pg_table_sink *table = find_table(sink, id);
    sink->routes = cd_sql_resize(sink->routes, sink->route_count + 1, sizeof(*sink->routes));
    sink->routes[sink->route_count] = (struct cd_pg_route){cd_sql_dup(topic), table};
    sink->last_route = sink->route_count++;
    return table;
}

static struct cd_pg_table_sink *route(struct cd_pg_sink *sink, struct cd_slice topic,
                                      struct cd_error *err)
{
    if (sink->last_route < sink->route_count &&
        cd_slice_is(topic, sink->routes[sink->last_route].topic))
        return sink->routes[sink->last_route].table;
    for (size_t i = 0; i < sink->route_count; i++) {
        if (!cd_slice_is(topic, sink->routes[i].topic))
            continue;
        sink->last_route = i;
        return sink->routes[i].table;
    }
    return add_route(sink, topic, err);
}

/* ---- runs ---- */

static void close_run(struct cd_pg_sink *sink, struct cd_pg_table_sink *table)
{
    if (table->open == NULL)
        return;
    *sink->queue_end = table->open;
    sink->queue_end = &table->open->next;
    table->open = NULL;
}

static struct cd_pg_plan *find_plan(struct cd_pg_sink *sink, struct cd_pg_table_sink *table,
                                    const struct cd_record *rec, struct cd_error *err)
{
    for (size_t i = table->plan_count; i-- > 0;)
        if (cd_pg_plan_fits(table->plans[i], rec))
            return table->plans[i];
    struct cd_shape_options options = {.host = sink->base.host, .cfg = cd_pg_sink_cfg(sink)};
    struct cd_shape *shape = cd_shape_new(&options, rec, err);
    if (shape == NULL)
        return NULL;
    table->plans = cd_sql_resize(table->plans, table->plan_count + 1, sizeof(*table->plans));
    table->plans[table->plan_count] = cd_pg_plan_new(&table->target, shape, cd_pg_sink_cfg(sink));
    return table->plans[table->plan_count++];
}

static void append(struct cd_pg_run *run, const struct cd_record *rec, uint64_t number)
{
    if (run->count == run->capacity) {
        run->capacity = run->capacity == 0 ? 64 : run->capacity * 2;
        run->records = cd_sql_resize(run->records, run->capacity, sizeof(*run->records));
        run->numbers = cd_sql_resize(run->numbers, run->capacity, sizeof(*run->numbers));
    }
    run->records[run->count] = rec;
    run->numbers[run->count++] = number;
}

static bool skips(const struct cd_sql_sink_config *cfg, const struct cd_record *rec)
{
    return cd_is_null(rec->value) && !cfg->delete_enabled && strcmp(cfg->tombstones, "skip") == 0;
}

static bool take(struct cd_pg_sink *sink, const struct cd_record *rec, struct cd_error *err)
{
    const struct cd_sql_sink_config *cfg = cd_pg_sink_cfg(sink);
    sink->number++;
    if (skips(cfg, rec))
        return true;
    struct cd_pg_table_sink *table = route(sink, rec->topic, err);
    if (table == NULL)
        return false;
    if (table->open != NULL && !cd_pg_plan_fits(table->open->plan, rec))
        close_run(sink, table);
    if (table->open == NULL) {
        struct cd_pg_plan *plan = find_plan(sink, table, rec, err);
        if (plan == NULL)
            return false;
        table->open = cd_sql_new(sizeof(*table->open));
        table->open->plan = plan;
    }
    append(table->open, rec, sink->number);
    if (table->open->count >= (size_t)(cfg->batch_size > 1 ? cfg->batch_size : 1))
        close_run(sink, table);
    return true;
}

/* ---- the transaction ---- */

static enum cd_step run_simple(struct cd_pg_sink *sink, const char *sql, const char *what,
                               struct cd_wait *wait, struct cd_error *err)
{
    PGresult *res = NULL;
    enum cd_step step = cd_pg_link_run(&sink->link, sql, what, &res, wait, err);
    PQclear(res);
    return step;
}

/* After a rewind: nothing of the transaction may stay. A statement that is still under way goes
 * with its connection, which is rare and quick. */
static enum cd_step recover(struct cd_pg_sink *sink, struct cd_wait *wait, struct cd_error *err)
{
    bool usable = sink->link.state == CD_PG_READY && !cd_pg_link_broken(&sink->link);
    if (usable && sink->undoing) {
        enum cd_step step = run_simple(sink, "ROLLBACK", "rolling back", wait, err);
        if (step != CD_STEP_DONE)
            return step;
    } else if (usable && !sink->link.sent && PQtransactionStatus(sink->link.conn) != PQTRANS_IDLE) {
        sink->undoing = true;
        return recover(sink, wait, err);
    } else if (!usable || sink->link.sent) {
        cd_pg_link_drop(&sink->link);
    }
    sink->undoing = false;
    sink->rewound = false;
    return CD_STEP_DONE;
}

/* Connected, and nothing left of what was rewound. */
static enum cd_step make_ready(struct cd_pg_sink *sink, struct cd_wait *wait, struct cd_error *err)
{
    if (sink->rewound) {
        enum cd_step step = recover(sink, wait, err);
        if (step != CD_STEP_DONE)
            return step;
    }
    if (sink->in_transaction && cd_pg_link_broken(&sink->link)) {
        /* Its rows are gone with it: the runtime has to put them again. */
        (void)cd_pg_fail_connection(sink->link.conn, err, "writing");
        return CD_STEP_FAILED;
    }
    return cd_pg_link_ready(&sink->link, wait, err);
}

static enum cd_step begin(struct cd_pg_sink *sink, struct cd_wait *wait, struct cd_error *err)
{
    if (sink->in_transaction)
        return CD_STEP_DONE;
    enum cd_step step = run_simple(sink, "BEGIN", "beginning a transaction", wait, err);
    if (step == CD_STEP_DONE)
        sink->in_transaction = true;
    return step;
}

static enum cd_step write_queue(struct cd_pg_sink *sink, struct cd_wait *wait, struct cd_error *err)
{
    while (sink->queue != NULL) {
        enum cd_step step = begin(sink, wait, err);
        if (step == CD_STEP_DONE)
            step = cd_pg_write_step(sink, wait, err);
        if (step != CD_STEP_DONE)
            return step;
    }
    return CD_STEP_DONE;
}

/* ---- what the runtime calls ---- */

static enum cd_step sink_put(void *task, const struct cd_batch *batch, struct cd_wait *wait,
                             struct cd_error *err)
{
    struct cd_pg_sink *sink = task;
    const struct cd_host *host = sink->base.host;
    enum cd_step step = make_ready(sink, wait, err);
    if (step != CD_STEP_DONE)
        return step;
    size_t count = host->count(batch);
    while (sink->queue != NULL || sink->put_index < count) {
        step = write_queue(sink, wait, err);
        if (step != CD_STEP_DONE)
            return step;
        while (sink->queue == NULL && sink->put_index < count) {
            if (!take(sink, host->record(batch, sink->put_index), err)) {
                err->record = sink->number;
                return CD_STEP_FAILED;
            }
            sink->put_index++;
        }
    }
    sink->put_index = 0;
    return CD_STEP_DONE;
}

/* Shapes of JSON without schema can be many; plans are for the usual few. */
static void trim_plans(struct cd_pg_sink *sink)
{
    enum { PLANS_MAX = 64 };
    for (struct cd_pg_table_sink *table = sink->tables; table != NULL; table = table->next)
        if (table->plan_count > PLANS_MAX)
            drop_plans(table);
}

static enum cd_step sink_flush(void *task, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_pg_sink *sink = task;
    enum cd_step step = make_ready(sink, wait, err);
    if (step != CD_STEP_DONE)
        return step;
    for (struct cd_pg_table_sink *table = sink->tables; table != NULL; table = table->next)
        close_run(sink, table);
    step = write_queue(sink, wait, err);
    if (step == CD_STEP_DONE && sink->in_transaction)
        step = run_simple(sink, "COMMIT", "committing", wait, err);
    if (step != CD_STEP_DONE)
        return step;
    sink->in_transaction = false;
    sink->number = 0;
    trim_plans(sink);
    return CD_STEP_DONE;
}

static void sink_rewind(void *task)
{
    struct cd_pg_sink *sink = task;
    drop_runs(sink);
    /* What failed may have been a stale look at the tables, and what was created is rolled back. */
    for (struct cd_pg_table_sink *table = sink->tables; table != NULL; table = table->next) {
        drop_plans(table);
        cd_pg_target_forget(&table->target);
    }
    cd_error_reset(&sink->parked);
    cd_error_reset(&sink->ddl_error);
    sink->ddl_failures = 0;
    sink->phase = CD_PG_W_IDLE;
    sink->put_index = 0;
    sink->number = 0;
    sink->in_transaction = false;
    sink->rewound = true;
}

const struct cd_sink cd_pg_sink_table = {
    .size = sizeof(struct cd_sink),
    .task_size = sizeof(struct cd_pg_sink),
    .open = sink_open,
    .put = sink_put,
    .flush = sink_flush,
    .rewind = sink_rewind,
    .close = sink_close,
};
