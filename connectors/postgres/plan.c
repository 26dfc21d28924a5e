#include "connectors/postgres/plan.h"

#include <stdlib.h>

struct cd_pg_plan *cd_pg_plan_new(struct cd_pg_target *target, struct cd_shape *shape,
                                  const struct cd_sql_sink_config *cfg)
{
    struct cd_pg_plan *plan = cd_sql_new(sizeof(*plan));
    plan->shape = shape;
    plan->target = target;
    plan->columns = cd_sql_new((shape->count + 1) * sizeof(*plan->columns));
    plan->takes_deletes = cfg->delete_enabled && !shape->deletes &&
                          cd_sql_insert_mode(cfg) == CD_UPSERT && shape->key_count > 0;
    return plan;
}

void cd_pg_plan_free(struct cd_pg_plan *plan)
{
    if (plan == NULL)
        return;
    cd_shape_free(plan->shape);
    free(plan->columns);
    free(plan->stage);
    free(plan->create_stage);
    free(plan->copy);
    free(plan->merge);
    free(plan->deletes);
    free(plan);
}

bool cd_pg_plan_fits(const struct cd_pg_plan *plan, const struct cd_record *rec)
{
    if (plan->takes_deletes && cd_is_null(rec->value))
        return plan->shape->key_schema == rec->key_schema;
    return cd_shape_fits(plan->shape, rec);
}

size_t cd_pg_plan_missing(const struct cd_pg_plan *plan, uint32_t *ret)
{
    size_t count = 0;
    for (uint32_t i = 0; i < plan->shape->count; i++) {
        uint32_t at = plan->shape->ddl_order[i];
        plan->columns[at] = cd_pg_target_find(plan->target, plan->shape->columns[at].name);
        if (plan->columns[at] < 0)
            ret[count++] = at;
    }
    return count;
}

/* ---- statements ---- */

static const struct cd_pg_target_column *column_of(const struct cd_pg_plan *plan, uint32_t i)
{
    return &plan->target->columns[plan->columns[i]];
}

/* `from` to `to` of the shape's columns, each as prefix"name", or as the pattern's %s. */
static void add_names(const struct cd_pg_plan *plan, uint32_t from, uint32_t to, const char *prefix,
                      struct cd_sql_text *out)
{
    for (uint32_t i = from; i < to; i++) {
        cd_sql_addf(out, "%s%s", i > from ? "," : "", prefix);
        cd_sql_add_name(out, cd_slice(column_of(plan, i)->name), /* quoted = */ true);
    }
}

/* "a"=s."a",... with the given separator between them. */
static void add_pairs(const struct cd_pg_plan *plan, uint32_t from, uint32_t to, const char *left,
                      const char *right, const char *separator, struct cd_sql_text *out)
{
    for (uint32_t i = from; i < to; i++) {
        struct cd_slice name = cd_slice(column_of(plan, i)->name);
        cd_sql_addf(out, "%s%s", i > from ? separator : "", left);
        cd_sql_add_name(out, name, /* quoted = */ true);
        cd_sql_addf(out, "=%s", right);
        cd_sql_add_name(out, name, /* quoted = */ true);
    }
}

static uint64_t hash_bytes(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * UINT64_C(1099511628211);
    return hash;
}

/* The name holds a fingerprint of table, columns and types: behind a pooler, or after the table
 * changed, an older stage of another form may still be there. */
static char *stage_name(const struct cd_pg_plan *plan)
{
    uint64_t hash = hash_bytes(UINT64_C(14695981039346656037), plan->target->relation);
    char name[64];
    for (uint32_t i = 0; i < plan->shape->count; i++) {
        (void)snprintf(name, sizeof(name), ",%u:%d", column_of(plan, i)->type,
                       column_of(plan, i)->typmod);
        hash = hash_bytes(hash_bytes(hash, name), column_of(plan, i)->name);
    }
    (void)snprintf(name, sizeof(name), "pg_temp.connectd_%016llx", (unsigned long long)hash);
    return cd_sql_dup(cd_slice(name));
}

static char *create_stage(const struct cd_pg_plan *plan)
{
    struct cd_sql_text sql = {0};
    /* The name without its schema: TEMP says it. */
    cd_sql_addf(&sql, "CREATE TEMP TABLE IF NOT EXISTS %s ON COMMIT DELETE ROWS AS SELECT ",
                strchr(plan->stage, '.') + 1);
    add_names(plan, 0, plan->shape->count, "", &sql);
    cd_sql_addf(&sql,
                ",0::int AS connectd_seq,false AS connectd_del FROM %s WITH NO DATA; TRUNCATE %s",
                plan->target->relation, plan->stage);
    return cd_sql_text_steal(&sql);
}

static char *copy_statement(const struct cd_pg_plan *plan)
{
    struct cd_sql_text sql = {0};
    cd_sql_addf(&sql, "COPY %s (", plan->staged ? plan->stage : plan->target->relation);
    add_names(plan, 0, plan->shape->count, "", &sql);
    cd_sql_addf(&sql, "%s) FROM STDIN%s", plan->staged ? ",connectd_seq,connectd_del" : "",
                plan->binary ? " (FORMAT binary)" : "");
    return cd_sql_text_steal(&sql);
}

/* The stage's last row of each key. Keys that may be null are not equal to each other. */
static void add_last_rows(const struct cd_pg_plan *plan, struct cd_sql_text *out)
{
    uint32_t keys = plan->shape->key_count;
    cd_sql_add(out, "(SELECT DISTINCT ON (");
    add_names(plan, 0, keys, "", out);
    for (uint32_t i = 0; i < keys; i++) {
        if (column_of(plan, i)->not_null)
            continue;
        cd_sql_add(out, ",CASE WHEN ");
        cd_sql_add_name(out, cd_slice(column_of(plan, i)->name), /* quoted = */ true);
        cd_sql_add(out, " IS NULL THEN connectd_seq END");
    }
    cd_sql_addf(out, ") * FROM %s ORDER BY ", plan->stage);
    add_names(plan, 0, keys, "", out);
    for (uint32_t i = 0; i < keys; i++) {
        if (column_of(plan, i)->not_null)
            continue;
        cd_sql_add(out, ",CASE WHEN ");
        cd_sql_add_name(out, cd_slice(column_of(plan, i)->name), /* quoted = */ true);
        cd_sql_add(out, " IS NULL THEN connectd_seq END");
    }
    cd_sql_add(out, ",connectd_seq DESC) AS s");
}

static char *delete_statement(const struct cd_pg_plan *plan)
{
    struct cd_sql_text sql = {0};
    cd_sql_addf(&sql, "DELETE FROM %s AS t USING %s AS s WHERE ", plan->target->relation,
                plan->stage);
    if (plan->takes_deletes)
        cd_sql_add(&sql, "s.connectd_del AND ");
    add_pairs(plan, 0, plan->shape->key_count, "t.", "s.", " AND ", &sql);
    return cd_sql_text_steal(&sql);
}

static char *upsert_statement(const struct cd_pg_plan *plan)
{
    uint32_t keys = plan->shape->key_count, all = plan->shape->count;
    struct cd_sql_text sql = {0};
    cd_sql_addf(&sql, "INSERT INTO %s (", plan->target->relation);
    add_names(plan, 0, all, "", &sql);
    cd_sql_add(&sql, ") SELECT ");
    add_names(plan, 0, all, "", &sql);
    cd_sql_add(&sql, " FROM ");
    add_last_rows(plan, &sql);
    if (plan->takes_deletes)
        cd_sql_add(&sql, " WHERE NOT connectd_del");
    cd_sql_add(&sql, " ON CONFLICT (");
    add_names(plan, 0, keys, "", &sql);
    cd_sql_add(&sql, keys == all ? ") DO NOTHING" : ") DO UPDATE SET ");
    add_pairs(plan, keys, all, "", "EXCLUDED.", ",", &sql);
    return cd_sql_text_steal(&sql);
}

static char *update_statement(const struct cd_pg_plan *plan)
{
    uint32_t keys = plan->shape->key_count;
    struct cd_sql_text sql = {0};
    cd_sql_addf(&sql, "UPDATE %s AS t SET ", plan->target->relation);
    add_pairs(plan, keys, plan->shape->count, "", "s.", ",", &sql);
    cd_sql_add(&sql, " FROM ");
    add_last_rows(plan, &sql);
    cd_sql_add(&sql, " WHERE ");
    add_pairs(plan, 0, keys, "t.", "s.", " AND ", &sql);
    return cd_sql_text_steal(&sql);
}

static char *insert_statement(const struct cd_pg_plan *plan)
{
    struct cd_sql_text sql = {0};
    cd_sql_addf(&sql, "INSERT INTO %s (", plan->target->relation);
    add_names(plan, 0, plan->shape->count, "", &sql);
    cd_sql_add(&sql, ") SELECT ");
    add_names(plan, 0, plan->shape->count, "", &sql);
    cd_sql_addf(&sql, " FROM %s ORDER BY connectd_seq", plan->stage);
    return cd_sql_text_steal(&sql);
}

void cd_pg_plan_prepare(struct cd_pg_plan *plan, const struct cd_sql_sink_config *cfg)
{
    enum cd_insert_mode mode = cd_sql_insert_mode(cfg);
    plan->binary = true;
    for (uint32_t i = 0; i < plan->shape->count; i++)
        plan->binary &= cd_pg_encodes_binary(&plan->shape->columns[i], column_of(plan, i));
    plan->staged = plan->shape->deletes || mode != CD_INSERT || !plan->target->direct;
    if (plan->staged) {
        plan->stage = stage_name(plan);
        plan->create_stage = create_stage(plan);
    }
    plan->copy = copy_statement(plan);
    if (plan->shape->deletes || plan->takes_deletes)
        plan->deletes = delete_statement(plan);
    if (plan->staged && !plan->shape->deletes)
        plan->merge = mode == CD_UPSERT   ? upsert_statement(plan)
                      : mode == CD_UPDATE ? update_statement(plan)
                                          : insert_statement(plan);
    plan->ready = true;
}

/* ---- rows ---- */

static void put(struct cd_sql_text *out, uint32_t value, size_t size)
{
    char *room = cd_sql_text_room(out, size);
    for (size_t i = 0; i < size; i++)
        room[i] = (char)(value >> (8 * (size - 1 - i)));
    out->len += size;
}

static bool binary_row(const struct cd_pg_plan *plan, struct cd_sql_encoding *encoding,
                       const struct cd_record *rec, uint32_t number, struct cd_sql_text *out,
                       struct cd_error *err)
{
    const struct cd_shape *shape = plan->shape;
    bool tombstone = cd_is_null(rec->value);
    uint32_t filled = tombstone ? shape->key_count : shape->count;
    put(out, shape->count + (plan->staged ? 2 : 0), 2);
    for (uint32_t i = 0; i < filled; i++) {
        const struct cd_shape_column *column = &shape->columns[i];
        if (!cd_pg_encode_binary(encoding, column, column_of(plan, i), cd_shape_value(column, rec),
                                 out, err))
            return false;
    }
    for (uint32_t i = filled; i < shape->count; i++)
        put(out, UINT32_MAX, 4);
    if (plan->staged) {
        put(out, 4, 4);
        put(out, number, 4);
        put(out, 1, 4);
        put(out, tombstone, 1);
    }
    return true;
}

static bool text_row(const struct cd_pg_plan *plan, struct cd_sql_encoding *encoding,
                     const struct cd_record *rec, uint32_t number, struct cd_sql_text *out,
                     struct cd_error *err)
{
    const struct cd_shape *shape = plan->shape;
    bool tombstone = cd_is_null(rec->value);
    uint32_t filled = tombstone ? shape->key_count : shape->count;
    for (uint32_t i = 0; i < shape->count; i++) {
        const struct cd_shape_column *column = &shape->columns[i];
        cd_sql_add(out, i > 0 ? "\t" : "");
        struct cd_value value = i < filled ? cd_shape_value(column, rec) : cd_null();
        if (!cd_pg_encode_text(encoding, column, column_of(plan, i), value, out, err))
            return false;
    }
    if (plan->staged)
        cd_sql_addf(out, "\t%u\t%c", number, tombstone ? 't' : 'f');
    cd_sql_add(out, "\n");
    return true;
}

bool cd_pg_plan_row(const struct cd_pg_plan *plan, struct cd_sql_encoding *encoding,
                    const struct cd_record *rec, uint32_t number, struct cd_sql_text *out,
                    struct cd_error *err)
{
    return plan->binary ? binary_row(plan, encoding, rec, number, out, err)
                        : text_row(plan, encoding, rec, number, out, err);
}
