/* The statement for a shape of records, and the table it needs. */
#include "connectors/sqlite/sink.h"

#include <stdlib.h>
#include <strings.h>

/* ---- the table ---- */

static void drop_plans(struct cd_lite_target *target)
{
    for (size_t i = 0; i < target->plan_count; i++) {
        (void)sqlite3_finalize(target->plans[i]->stmt); /* repeats step's answer */
        cd_shape_free(target->plans[i]->shape);
        free(target->plans[i]->order);
        free(target->plans[i]);
    }
    free(target->plans);
    target->plans = NULL;
    target->plan_count = 0;
}

void cd_lite_target_forget(struct cd_lite_target *target)
{
    drop_plans(target);
    for (size_t i = 0; i < target->count; i++)
        free(target->columns[i]);
    free(target->columns);
    target->columns = NULL;
    target->count = 0;
    target->loaded = false;
    target->exists = false;
}

static bool load(struct cd_lite_sink *sink, struct cd_lite_target *target, struct cd_error *err)
{
    struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
    if (target->loaded)
        return true;
    cd_sql_add(&sql, "SELECT c.name, m.type FROM sqlite_master m, pragma_table_xinfo(m.name) c "
                     "WHERE m.type IN ('table','view') AND c.hidden IN (0,1) AND m.name = ");
    cd_sql_add_literal(&sql, cd_slice(target->id.table));
    cd_sql_add(&sql, " COLLATE NOCASE ORDER BY c.cid");
    sqlite3_stmt *stmt = cd_lite_prepare(&sink->db, cd_sql_text_get(&sql), false, err);
    if (stmt == NULL)
        return false;
    int rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        target->columns =
            cd_sql_resize(target->columns, target->count + 1, sizeof(*target->columns));
        target->columns[target->count++] =
            cd_sql_dup(cd_slice((const char *)sqlite3_column_text(stmt, 0)));
        target->is_view = strcmp((const char *)sqlite3_column_text(stmt, 1), "view") == 0;
        target->exists = true;
    }
    (void)sqlite3_finalize(stmt); /* repeats step's answer */
    target->loaded = rc == SQLITE_DONE;
    return target->loaded || cd_lite_fail(&sink->db, rc, err, "looking up %s", target->relation);
}

/* The table's spelling, or NULL. */
static const char *find_column(const struct cd_lite_target *target, struct cd_slice name)
{
    for (size_t i = 0; i < target->count; i++)
        if (strlen(target->columns[i]) == name.len &&
            strncasecmp(target->columns[i], name.ptr, name.len) == 0)
            return target->columns[i];
    return NULL;
}

static struct cd_ddl ddl_of(const struct cd_lite_sink *sink, const struct cd_lite_target *target)
{
    return (struct cd_ddl){
        .database = CD_SQLITE,
        .table = target->relation,
        .quoted = cd_sql_quoted(&cd_lite_sink_cfg(sink)->connection),
        .zone = sink->zone,
        .date_zone = sink->date_zone,
    };
}

static bool change(struct cd_lite_sink *sink, struct cd_lite_target *target,
                   const struct cd_sql_text *sql, struct cd_error *err)
{
    if (!cd_lite_db_run(&sink->db, cd_sql_text_get(sql), "changing the table", err))
        return false;
    sink->base.host->log(sink->base.handle, CD_LOG_INFO, "table changed by: %s",
                         cd_sql_text_get(sql));
    cd_lite_target_forget(target);
    return load(sink, target, err);
}

static bool create(struct cd_lite_sink *sink, struct cd_lite_target *target,
                   const struct cd_shape *shape, struct cd_error *err)
{
    struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
    struct cd_ddl ddl = ddl_of(sink, target);
    if (!cd_lite_sink_cfg(sink)->auto_create)
        return cd_fail_as(err, CD_ERR_DATA, "TableAlterOrCreateException",
                          "Table %s is missing and auto-creation is disabled: create it, or set "
                          "auto.create=true",
                          target->relation);
    return cd_ddl_create(&ddl, shape, &sql, err) && change(sink, target, &sql, err);
}

static bool evolve(struct cd_lite_sink *sink, struct cd_lite_target *target,
                   const struct cd_shape *shape, struct cd_error *err)
{
    for (uint32_t i = 0; i < shape->count; i++) {
        uint32_t at = shape->ddl_order[i];
        struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
        struct cd_ddl ddl = ddl_of(sink, target);
        if (find_column(target, shape->columns[at].name) != NULL)
            continue;
        if (!cd_lite_sink_cfg(sink)->auto_evolve || target->is_view)
            return cd_fail_as(err, CD_ERR_DATA, "TableAlterOrCreateException",
                              "Table %s is missing the field '%.*s' and %s: add the column, or "
                              "leave the field out with fields.whitelist",
                              target->relation, CD_SLICE_ARG(shape->columns[at].name),
                              target->is_view ? "views cannot be altered"
                                              : "auto-evolution is disabled");
        if (!cd_ddl_alter(&ddl, shape, &at, 1, &sql, err) || !change(sink, target, &sql, err))
            return false;
    }
    return true;
}

static bool is_allowed(const struct cd_lite_sink *sink, const struct cd_lite_target *target,
                       struct cd_error *err)
{
    const struct cd_sql_sink_config *cfg = cd_lite_sink_cfg(sink);
    const char *type = target->is_view ? "VIEW" : "TABLE";
    for (size_t i = 0; i < cfg->table_types.count; i++)
        if (strcasecmp(cfg->table_types.items[i], type) == 0)
            return true;
    return cd_fail_as(err, CD_ERR_DATA, "TableAlterOrCreateException",
                      "%s is a %s, which table.types does not list", target->relation, type);
}

/* ---- statements ---- */

static void add_column(const struct cd_lite_target *target, const struct cd_shape *shape,
                       uint32_t i, struct cd_sql_text *out)
{
    cd_sql_add_name(out, cd_slice(find_column(target, shape->columns[i].name)),
                    /* quoted = */ true);
}

static void add_list(const struct cd_lite_target *target, const struct cd_shape *shape,
                     uint32_t from, uint32_t to, const char *suffix, const char *separator,
                     struct cd_sql_text *out)
{
    for (uint32_t i = from; i < to; i++) {
        cd_sql_add(out, i > from ? separator : "");
        add_column(target, shape, i, out);
        cd_sql_add(out, suffix);
    }
}

static void add_insert(const struct cd_lite_target *target, const struct cd_shape *shape,
                       const char *verb, struct cd_sql_text *out)
{
    cd_sql_addf(out, "%s INTO %s(", verb, target->relation);
    add_list(target, shape, 0, shape->count, "", ",", out);
    cd_sql_add(out, ") VALUES(");
    for (uint32_t i = 0; i < shape->count; i++)
        cd_sql_add(out, i > 0 ? ",?" : "?");
    cd_sql_add(out, ")");
}

static void add_upsert(const struct cd_lite_sink *sink, const struct cd_lite_target *target,
                       const struct cd_shape *shape, struct cd_sql_text *out)
{
    if (strcmp(cd_lite_sink_cfg(sink)->sqlite_upsert, "replace") == 0) {
        add_insert(target, shape, "INSERT OR REPLACE", out);
        return;
    }
    add_insert(target, shape, "INSERT", out);
    cd_sql_add(out, " ON CONFLICT(");
    add_list(target, shape, 0, shape->key_count, "", ",", out);
    cd_sql_add(out, shape->key_count == shape->count ? ") DO NOTHING" : ") DO UPDATE SET ");
    for (uint32_t i = shape->key_count; i < shape->count; i++) {
        cd_sql_add(out, i > shape->key_count ? "," : "");
        add_column(target, shape, i, out);
        cd_sql_add(out, "=excluded.");
        add_column(target, shape, i, out);
    }
}

static void add_statement(const struct cd_lite_sink *sink, const struct cd_lite_target *target,
                          const struct cd_shape *shape, struct cd_sql_text *out)
{
    enum cd_insert_mode mode = cd_sql_insert_mode(cd_lite_sink_cfg(sink));
    if (shape->deletes) {
        cd_sql_addf(out, "DELETE FROM %s WHERE ", target->relation);
        add_list(target, shape, 0, shape->key_count, "=?", " AND ", out);
    } else if (mode == CD_UPDATE) {
        cd_sql_addf(out, "UPDATE %s SET ", target->relation);
        add_list(target, shape, shape->key_count, shape->count, "=?", ",", out);
        cd_sql_add(out, " WHERE ");
        add_list(target, shape, 0, shape->key_count, "=?", " AND ", out);
    } else if (mode == CD_UPSERT) {
        add_upsert(sink, target, shape, out);
    } else {
        add_insert(target, shape, "INSERT", out);
    }
}

/* The order of the statement's parameters: an update names its keys last. */
static void order_parameters(const struct cd_lite_sink *sink, struct cd_lite_plan *plan)
{
    const struct cd_shape *shape = plan->shape;
    bool keys_last = !shape->deletes && cd_sql_insert_mode(cd_lite_sink_cfg(sink)) == CD_UPDATE;
    uint32_t first = keys_last ? shape->key_count : 0;
    plan->order = cd_sql_new((shape->count + 1) * sizeof(*plan->order));
    for (uint32_t i = 0; i < shape->count; i++)
        plan->order[i] = (first + i) % shape->count;
    plan->count = shape->count;
}

static bool prepare(struct cd_lite_sink *sink, struct cd_lite_target *target,
                    struct cd_lite_plan *plan, struct cd_error *err)
{
    struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
    add_statement(sink, target, plan->shape, &sql);
    order_parameters(sink, plan);
    plan->stmt = cd_lite_prepare(&sink->db, cd_sql_text_get(&sql), /* keep = */ true, err);
    return plan->stmt != NULL;
}

static bool fit_table(struct cd_lite_sink *sink, struct cd_lite_target *target,
                      const struct cd_shape *shape, struct cd_error *err)
{
    if (!load(sink, target, err))
        return false;
    if (!target->exists)
        return shape->deletes || create(sink, target, shape, err);
    return is_allowed(sink, target, err) && evolve(sink, target, shape, err);
}

struct cd_lite_plan *cd_lite_plan_for(struct cd_lite_sink *sink, struct cd_lite_target *target,
                                      const struct cd_record *rec, struct cd_error *err)
{
    enum { PLANS_MAX = 64 };
    for (size_t i = target->plan_count; i-- > 0;)
        if (cd_shape_fits(target->plans[i]->shape, rec))
            return target->plans[i];
    if (target->plan_count >= PLANS_MAX)
        drop_plans(target);
    struct cd_shape_options options = {.host = sink->base.host, .cfg = cd_lite_sink_cfg(sink)};
    struct cd_shape *shape = cd_shape_new(&options, rec, err);
    if (shape == NULL || !fit_table(sink, target, shape, err)) {
        cd_shape_free(shape);
        return NULL;
    }
    struct cd_lite_plan *plan = cd_sql_new(sizeof(*plan));
    plan->shape = shape;
    target->plans = cd_sql_resize(target->plans, target->plan_count + 1, sizeof(*target->plans));
    target->plans[target->plan_count++] = plan;
    if (target->exists && !prepare(sink, target, plan, err)) {
        drop_plans(target);
        return NULL;
    }
    return plan;
}
