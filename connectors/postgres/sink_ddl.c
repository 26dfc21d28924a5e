/* Making the table fit the records: looking it up, creating it, adding columns. */
#include "connectors/postgres/sink.h"
#include "connectors/sql/ddl.h"

#include <stdlib.h>

static struct cd_pg_plan *head_plan(const struct cd_pg_sink *sink)
{
    return sink->queue->plan;
}

static enum cd_step load(struct cd_pg_sink *sink, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_pg_target *target = head_plan(sink)->target;
    if (!target->loaded) {
        struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
        PGresult *res = NULL;
        cd_pg_target_sql(target, &sql);
        enum cd_step step = cd_pg_link_run(&sink->link, cd_sql_text_get(&sql),
                                           "looking up the table", &res, wait, err);
        if (step != CD_STEP_DONE)
            return step;
        cd_pg_target_load(target, res);
        PQclear(res);
    }
    sink->phase = CD_PG_W_CHECK;
    return CD_STEP_AGAIN;
}

static bool refuse_create(const struct cd_pg_sink *sink, struct cd_error *err)
{
    return cd_fail_as(err, CD_ERR_DATA, "TableAlterOrCreateException",
                      "Table %s is missing and auto-creation is disabled: create it, or set "
                      "auto.create=true",
                      head_plan(sink)->target->relation);
}

static bool refuse_alter(const struct cd_pg_sink *sink, uint32_t missing, struct cd_error *err)
{
    const struct cd_pg_plan *plan = head_plan(sink);
    return cd_fail_as(err, CD_ERR_DATA, "TableAlterOrCreateException",
                      "Table %s is missing the field '%.*s' and %s: add the column, or leave the "
                      "field out with fields.whitelist",
                      plan->target->relation, CD_SLICE_ARG(plan->shape->columns[missing].name),
                      plan->target->kind == 'r' ? "auto-evolution is disabled"
                                                : "only tables can be altered");
}

static struct cd_ddl ddl_of(const struct cd_pg_sink *sink)
{
    return (struct cd_ddl){
        .database = CD_POSTGRES,
        .table = head_plan(sink)->target->relation,
        .quoted = cd_sql_quoted(&cd_pg_sink_cfg(sink)->connection),
        .zone = sink->zone,
        .date_zone = sink->date_zone,
    };
}

static enum cd_step start_ddl(struct cd_pg_sink *sink, struct cd_sql_text *statement)
{
    struct cd_sql_text sql = {0};
    /* A savepoint: when another task was faster, the rows written so far must survive. */
    cd_sql_addf(&sql, "SAVEPOINT connectd_ddl; %s; RELEASE connectd_ddl",
                cd_sql_text_get(statement));
    free(sink->ddl);
    sink->ddl = cd_sql_text_steal(&sql);
    sink->phase = CD_PG_W_DDL;
    return CD_STEP_AGAIN;
}

static enum cd_step check(struct cd_pg_sink *sink, struct cd_error *err)
{
    const struct cd_sql_sink_config *cfg = cd_pg_sink_cfg(sink);
    struct cd_pg_plan *plan = head_plan(sink);
    struct cd_sql_text statement CD_AUTO(cd_sql_text_done) = {0};
    struct cd_ddl ddl = ddl_of(sink);
    if (!plan->target->exists && plan->shape->deletes) {
        sink->phase = CD_PG_W_IDLE; /* nothing to delete from, and no reason to create it */
        return CD_STEP_DONE;
    }
    if (!plan->target->exists) {
        bool ok = cfg->auto_create ? cd_ddl_create(&ddl, plan->shape, &statement, err)
                                   : refuse_create(sink, err);
        return ok ? start_ddl(sink, &statement) : CD_STEP_FAILED;
    }
    if (!cd_pg_target_allowed(plan->target, cfg, err))
        return CD_STEP_FAILED;
    uint32_t *missing = cd_sql_new((plan->shape->count + 1) * sizeof(*missing));
    size_t count = cd_pg_plan_missing(plan, missing);
    bool ok = true;
    if (count > 0)
        ok = cfg->auto_evolve && plan->target->kind == 'r'
                 ? cd_ddl_alter(&ddl, plan->shape, missing, count, &statement, err)
                 : refuse_alter(sink, missing[0], err);
    free(missing);
    if (!ok)
        return CD_STEP_FAILED;
    if (count > 0)
        return start_ddl(sink, &statement);
    cd_pg_plan_prepare(plan, cfg);
    sink->ddl_failures = 0;
    sink->phase = CD_PG_W_STAGE;
    return CD_STEP_AGAIN;
}

static enum cd_step run_ddl(struct cd_pg_sink *sink, struct cd_wait *wait, struct cd_error *err)
{
    PGresult *res = NULL;
    enum cd_step step =
        cd_pg_link_run(&sink->link, sink->ddl, "changing the table", &res, wait, err);
    PQclear(res);
    if (step == CD_STEP_WAIT)
        return step;
    cd_pg_target_forget(head_plan(sink)->target);
    if (step == CD_STEP_DONE) {
        sink->base.host->log(sink->base.handle, CD_LOG_INFO, "table changed by: %s", sink->ddl);
        sink->phase = CD_PG_W_LOAD;
        return CD_STEP_AGAIN;
    }
    if (cd_pg_link_broken(&sink->link) || ++sink->ddl_failures > cd_pg_sink_cfg(sink)->max_retries)
        return CD_STEP_FAILED;
    /* Another task may have done the same a moment ago: look again, then judge. */
    sink->ddl_error = *err;
    cd_error_reset(err);
    sink->phase = CD_PG_W_UNDO_DDL;
    return CD_STEP_AGAIN;
}

/* A second refusal by the server for the same reason is final. */
static bool is_permanent(const struct cd_error *err)
{
    return strncmp(err->native, "42P07", 5) != 0 && strncmp(err->native, "42701", 5) != 0 &&
           strncmp(err->native, "23505", 5) != 0 && strncmp(err->native, "XX000", 5) != 0 &&
           !err->retriable;
}

static enum cd_step undo_ddl(struct cd_pg_sink *sink, struct cd_wait *wait, struct cd_error *err)
{
    PGresult *res = NULL;
    enum cd_step step = cd_pg_link_run(&sink->link, "ROLLBACK TO connectd_ddl",
                                       "taking a change back", &res, wait, err);
    PQclear(res);
    if (step != CD_STEP_DONE)
        return step;
    if (is_permanent(&sink->ddl_error)) {
        *err = sink->ddl_error;
        return CD_STEP_FAILED;
    }
    sink->phase = CD_PG_W_LOAD;
    return CD_STEP_AGAIN;
}

enum cd_step cd_pg_ddl_step(struct cd_pg_sink *sink, struct cd_wait *wait, struct cd_error *err)
{
    if (sink->phase == CD_PG_W_LOAD)
        return load(sink, wait, err);
    if (sink->phase == CD_PG_W_CHECK)
        return check(sink, err);
    return sink->phase == CD_PG_W_DDL ? run_ddl(sink, wait, err) : undo_ddl(sink, wait, err);
}
