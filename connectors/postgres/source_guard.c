/*
 * connectd.guard=locks: nothing is read past an id that an open transaction may still fill.
 *
 * A row got its id while its transaction held ROW EXCLUSIVE on the table. So: the highest id first,
 * then the holders of such locks, then wait until all of them are gone; whoever starts later draws
 * higher ids (unless the sequence caches, which the documentation says). The order matters.
 */
#include "connectors/postgres/source.h"
#include "connectors/sql/select.h"

#include <stdlib.h>

enum { LOOK_AGAIN_MS = 20 };

static bool is_wanted(const struct cd_pg_source *src)
{
    return src->mode == CD_MODE_INCREMENTING && src->table->relation != NULL &&
           strcmp(cd_pg_source_cfg(src)->guard, "locks") == 0;
}

static enum cd_step ask_top(struct cd_pg_source *src, struct cd_wait *wait, struct cd_error *err)
{
    src->has_guard_top = false;
    if (!is_wanted(src)) {
        src->phase = CD_PG_SEND;
        return CD_STEP_AGAIN;
    }
    struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
    PGresult *res = NULL;
    cd_sql_add(&sql, "SELECT coalesce(max(");
    cd_select_column(src->table->id_column, src->table->relation, /* quoted = */ true, &sql);
    cd_sql_addf(&sql, "), -9223372036854775808)::bigint FROM %s", src->table->relation);
    enum cd_step step =
        cd_pg_link_run(&src->link, cd_sql_text_get(&sql), "asking the highest id", &res, wait, err);
    if (step != CD_STEP_DONE)
        return step;
    src->guard_top = strtoll(PQgetvalue(res, 0, 0), NULL, 10);
    src->has_guard_top = true;
    PQclear(res);
    src->guard_until_ms = src->base.host->monotonic_ms() + cd_pg_source_cfg(src)->guard_max_wait_ms;
    free(src->guard_holders);
    src->guard_holders = NULL;
    src->phase = CD_PG_GUARD_HOLDERS;
    return CD_STEP_AGAIN;
}

/* First all who hold the lock now; later those of them who still do. */
static enum cd_step ask_holders(struct cd_pg_source *src, struct cd_wait *wait,
                                struct cd_error *err)
{
    struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
    PGresult *res = NULL;
    cd_sql_add(&sql, "SELECT string_agg(quote_literal(virtualtransaction), ',') FROM pg_locks "
                     "WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted "
                     "AND relation IN (SELECT relid FROM pg_partition_tree(");
    cd_sql_add_literal(&sql, cd_slice(src->table->relation));
    cd_sql_add(&sql, "::regclass) UNION SELECT ");
    cd_sql_add_literal(&sql, cd_slice(src->table->relation));
    cd_sql_add(&sql, "::regclass)");
    if (src->guard_holders != NULL)
        cd_sql_addf(&sql, " AND virtualtransaction IN (%s)", src->guard_holders);
    enum cd_step step = cd_pg_link_run(&src->link, cd_sql_text_get(&sql),
                                       "asking who writes to the table", &res, wait, err);
    if (step != CD_STEP_DONE)
        return step;
    free(src->guard_holders);
    src->guard_holders =
        PQgetisnull(res, 0, 0) ? NULL : cd_sql_dup(cd_slice(PQgetvalue(res, 0, 0)));
    PQclear(res);
    src->phase = src->guard_holders == NULL ? CD_PG_SEND : CD_PG_GUARD_WAIT;
    int64_t now = src->base.host->monotonic_ms();
    if (src->guard_holders == NULL)
        return CD_STEP_AGAIN;
    if (now >= src->guard_until_ms) {
        src->base.host->log(src->base.handle, CD_LOG_WARN,
                            "guard gave up table=%s: a transaction writes for longer than "
                            "connectd.guard.max.wait.ms; its rows may be missed",
                            src->table->relation);
        src->phase = CD_PG_SEND;
        return CD_STEP_AGAIN;
    }
    return cd_wait_until(wait, now + LOOK_AGAIN_MS);
}

enum cd_step cd_pg_guard_step(struct cd_pg_source *src, struct cd_wait *wait, struct cd_error *err)
{
    if (src->phase == CD_PG_GUARD_TOP)
        return ask_top(src, wait, err);
    src->phase = CD_PG_GUARD_HOLDERS;
    return ask_holders(src, wait, err);
}
