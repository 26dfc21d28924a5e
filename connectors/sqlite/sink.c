#include "connectors/sqlite/sink.h"

#include <stdlib.h>
#include <strings.h>

enum { STEP_RECORDS = 5000 }; /* then others come first */

/* ---- opening and closing ---- */

static bool prepare(struct cd_lite_sink *sink, struct cd_error *err)
{
    const struct cd_sql_sink_config *cfg = cd_lite_sink_cfg(sink);
    if (!cd_sql_sink_check(cfg, err))
        return false;
    bool utc_dates = strcasecmp(cfg->date_timezone, "UTC") == 0;
    sink->zone = cd_zone_open(cfg->connection.timezone, err);
    sink->date_zone = cd_zone_open(utc_dates ? "UTC" : cfg->connection.timezone, err);
    if (sink->zone == NULL || sink->date_zone == NULL)
        return false;
    sink->encoding = (struct cd_sql_encoding){
        .zone = sink->zone,
        .date_zone = sink->date_zone,
        .hybrid_calendar = cd_sql_hybrid_calendar(&cfg->connection),
        .epoch_per_micro = strcasecmp(cfg->timestamp_precision, "nanoseconds") == 0 ? 1000 : 1,
    };
    return cd_lite_db_init(&sink->db, cfg->connection.url, err);
}

static enum cd_step sink_open(void *task, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_lite_sink *sink = task;
    const struct cd_sql_sink_config *cfg = cd_lite_sink_cfg(sink);
    const struct cd_host *host = sink->base.host;
    /* The attempts are counted with the first one. */
    host->retry(sink->base.handle, cfg->connection.attempts - 1, cfg->connection.backoff_ms);
    if (sink->date_zone == NULL && !prepare(sink, err))
        return CD_STEP_FAILED;
    if (sink->db.handle == NULL && !cd_lite_db_open(&sink->db, /* create = */ true, err))
        return CD_STEP_FAILED;
    if (strcmp(cfg->sqlite_journal, "wal") == 0 && sink->db.pragmas.len == 0 &&
        !cd_lite_db_run(&sink->db, "PRAGMA journal_mode=WAL", "switching to WAL", err)) {
        bool busy = strcmp(err->native, "SQLITE_BUSY") == 0;
        return busy ? cd_lite_busy(&sink->db, host, wait, err) : CD_STEP_FAILED;
    }
    sink->db.busy_until_ms = 0;
    host->retry(sink->base.handle, cfg->max_retries, cfg->retry_backoff_ms);
    return CD_STEP_DONE;
}

static void sink_close(void *task)
{
    struct cd_lite_sink *sink = task;
    while (sink->targets != NULL) {
        struct cd_lite_target *target = sink->targets;
        sink->targets = target->next;
        cd_lite_target_forget(target);
        cd_table_id_done(&target->id);
        free(target->relation);
        free(target);
    }
    for (size_t i = 0; i < sink->route_count; i++)
        free(sink->routes[i].topic);
    free(sink->routes);
    cd_sql_encoding_done(&sink->encoding);
    cd_lite_db_done(&sink->db); /* an open transaction is rolled back */
    cd_zone_free(sink->zone);
    cd_zone_free(sink->date_zone);
}

static void sink_interrupt(void *task)
{
    struct cd_lite_sink *sink = task;
    if (sink->db.handle != NULL)
        sqlite3_interrupt(sink->db.handle);
}

/* ---- which table ---- */

static struct cd_lite_target *add_target(struct cd_lite_sink *sink, struct cd_table_id *id)
{
    for (struct cd_lite_target *target = sink->targets; target != NULL; target = target->next) {
        if (strcasecmp(target->id.table, id->table) == 0) {
            cd_table_id_done(id);
            return target;
        }
    }
    struct cd_sql_text relation = {0};
    struct cd_lite_target *target = cd_sql_new(sizeof(*target));
    target->id = *id;
    cd_sql_add_name(&relation, cd_slice(id->table), /* quoted = */ true);
    target->relation = cd_sql_text_steal(&relation);
    target->next = sink->targets;
    sink->targets = target;
    return target;
}

static struct cd_lite_target *add_route(struct cd_lite_sink *sink, struct cd_slice topic,
                                        struct cd_error *err)
{
    const struct cd_sql_sink_config *cfg = cd_lite_sink_cfg(sink);
    struct cd_naming naming = {cfg->table_name_format, cfg->table_name_normalize,
                               cfg->topics_to_tables};
    struct cd_sql_text name CD_AUTO(cd_sql_text_done) = {0};
    struct cd_table_id id;
    if (!cd_naming_apply(&naming, topic, &name, err) ||
        !cd_table_id_parse(cd_sql_text_get(&name), &id, err))
        return NULL;
    struct cd_lite_target *target = add_target(sink, &id);
    sink->routes = cd_sql_resize(sink->routes, sink->route_count + 1, sizeof(*sink->routes));
    sink->routes[sink->route_count] = (struct cd_lite_route){cd_sql_dup(topic), target};
    sink->last_route = sink->route_count++;
    return target;
}

static struct cd_lite_target *route(struct cd_lite_sink *sink, struct cd_slice topic,
                                    struct cd_error *err)
{
    if (sink->last_route < sink->route_count &&
        cd_slice_is(topic, sink->routes[sink->last_route].topic))
        return sink->routes[sink->last_route].target;
    for (size_t i = 0; i < sink->route_count; i++) {
        if (!cd_slice_is(topic, sink->routes[i].topic))
            continue;
        sink->last_route = i;
        return sink->routes[i].target;
    }
    return add_route(sink, topic, err);
}

/* ---- writing ---- */

static bool write_record(struct cd_lite_sink *sink, const struct cd_record *rec,
                         struct cd_error *err)
{
    const struct cd_sql_sink_config *cfg = cd_lite_sink_cfg(sink);
    if (cd_is_null(rec->value) && !cfg->delete_enabled && strcmp(cfg->tombstones, "skip") == 0)
        return true;
    struct cd_lite_target *target = route(sink, rec->topic, err);
    if (target == NULL)
        return false;
    struct cd_lite_plan *plan = sink->last_plan;
    if (target != sink->last_target || plan == NULL || !cd_shape_fits(plan->shape, rec))
        plan = cd_lite_plan_for(sink, target, rec, err);
    sink->last_plan = plan;
    sink->last_target = target;
    if (plan == NULL)
        return false;
    if (plan->stmt == NULL)
        return true; /* a delete from a table that is not there */
    if (!cd_lite_bind(sink, plan, rec, err))
        return false;
    int rc = sqlite3_step(plan->stmt);
    bool ok = rc == SQLITE_DONE || rc == SQLITE_ROW ||
              cd_lite_fail(&sink->db, rc, err, "writing to %s", target->relation);
    (void)sqlite3_reset(plan->stmt); /* repeats step's answer */
    return ok;
}

static void forget_tables(struct cd_lite_sink *sink)
{
    sink->last_plan = NULL;
    sink->last_target = NULL;
    for (struct cd_lite_target *target = sink->targets; target != NULL; target = target->next)
        cd_lite_target_forget(target);
}

/* A rewound transaction is rolled back, then a new one begun: at once as a writer, since a reader
 * that wants to become one can only fail. */
static enum cd_step begin(struct cd_lite_sink *sink, struct cd_wait *wait, struct cd_error *err)
{
    if (sink->rewound) {
        forget_tables(sink);
        if (sqlite3_get_autocommit(sink->db.handle) == 0 &&
            !cd_lite_db_run(&sink->db, "ROLLBACK", "rolling back", err))
            return CD_STEP_FAILED;
        sink->rewound = false;
    }
    if (sink->in_transaction)
        return CD_STEP_DONE;
    int rc = sqlite3_exec(sink->db.handle, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK) {
        sink->in_transaction = true;
        sink->db.busy_until_ms = 0;
        return CD_STEP_DONE;
    }
    (void)cd_lite_fail(&sink->db, rc, err, "beginning a transaction");
    return cd_lite_is_busy(rc) ? cd_lite_busy(&sink->db, sink->base.host, wait, err)
                               : CD_STEP_FAILED;
}

static enum cd_step sink_put(void *task, const struct cd_batch *batch, struct cd_wait *wait,
                             struct cd_error *err)
{
    struct cd_lite_sink *sink = task;
    const struct cd_host *host = sink->base.host;
    size_t count = host->count(batch);
    if (sink->put_index < count) {
        enum cd_step step = begin(sink, wait, err);
        if (step != CD_STEP_DONE)
            return step;
    }
    for (size_t taken = 0; sink->put_index < count; taken++) {
        if (taken == STEP_RECORDS)
            return CD_STEP_AGAIN;
        sink->number++;
        if (!write_record(sink, host->record(batch, sink->put_index), err)) {
            err->record = cd_is_environment(err) ? 0 : sink->number;
            return CD_STEP_FAILED;
        }
        sink->put_index++;
    }
    sink->put_index = 0;
    return CD_STEP_DONE;
}

static enum cd_step sink_flush(void *task, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_lite_sink *sink = task;
    if (sink->in_transaction && !sink->rewound) {
        int rc = sqlite3_exec(sink->db.handle, "COMMIT", NULL, NULL, NULL);
        if (rc != SQLITE_OK) {
            (void)cd_lite_fail(&sink->db, rc, err, "committing");
            return cd_lite_is_busy(rc) ? cd_lite_busy(&sink->db, sink->base.host, wait, err)
                                       : CD_STEP_FAILED;
        }
    }
    sink->in_transaction = false;
    sink->db.busy_until_ms = 0;
    sink->number = 0;
    return CD_STEP_DONE;
}

static void sink_rewind(void *task)
{
    struct cd_lite_sink *sink = task;
    sink->rewound = true;
    sink->in_transaction = false;
    sink->put_index = 0;
    sink->number = 0;
}

const struct cd_sink cd_lite_sink_table = {
    .size = sizeof(struct cd_sink),
    .task_size = sizeof(struct cd_lite_sink),
    .open = sink_open,
    .put = sink_put,
    .flush = sink_flush,
    .rewind = sink_rewind,
    .interrupt = sink_interrupt,
    .close = sink_close,
};
