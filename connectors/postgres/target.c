#include "connectors/postgres/target.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

enum { NAME_MAX_BYTES = 63 }; /* NAMEDATALEN - 1 */

/* The server cuts longer names; the look-up has to ask for what it made of them. */
static void cut(char *name)
{
    size_t len = strlen(name);
    if (len <= NAME_MAX_BYTES)
        return;
    len = NAME_MAX_BYTES;
    while (len > 0 && ((unsigned char)name[len] & 0xc0) == 0x80)
        len--; /* not inside of a character */
    name[len] = '\0';
}

static void fold(char *name)
{
    for (; *name != '\0'; name++)
        *name = (char)tolower((unsigned char)*name);
}

void cd_pg_target_init(struct cd_pg_target *target, struct cd_table_id id, bool quoted)
{
    struct cd_sql_text relation = {0};
    *target = (struct cd_pg_target){.id = id};
    cut(target->id.table);
    if (!quoted) {
        fold(target->id.table);
        if (target->id.schema != NULL)
            fold(target->id.schema);
    }
    cd_table_id_add(&relation, &target->id, /* quoted = */ true);
    target->relation = cd_sql_text_steal(&relation);
}

void cd_pg_target_forget(struct cd_pg_target *target)
{
    for (size_t i = 0; i < target->count; i++)
        free(target->columns[i].name);
    free(target->columns);
    target->columns = NULL;
    target->count = 0;
    target->loaded = false;
    target->exists = false;
}

void cd_pg_target_done(struct cd_pg_target *target)
{
    cd_pg_target_forget(target);
    free(target->relation);
    cd_table_id_done(&target->id);
}

void cd_pg_target_sql(const struct cd_pg_target *target, struct cd_sql_text *out)
{
    /* Domains are followed two levels down; deeper ones are written as text. */
    cd_sql_add(
        out,
        "SELECT c.relkind, c.relrowsecurity OR c.relhasrules OR c.relkind NOT IN ('r','p'), "
        "a.attname, b.oid, CASE WHEN b.typcategory = 'A' THEN b.typelem ELSE 0 END, a.atttypmod, "
        "b.typtype = 'e' OR b.typname = 'citext', a.attnotnull, "
        "a.attgenerated <> '' FROM pg_catalog.pg_class c "
        "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT "
        "a.attisdropped "
        "LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
        "LEFT JOIN pg_catalog.pg_type d ON d.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype "
        "ELSE t.oid END "
        "LEFT JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN d.typtype = 'd' THEN d.typbasetype "
        "ELSE d.oid END WHERE c.oid = to_regclass(");
    cd_sql_add_literal(out, cd_slice(target->relation));
    cd_sql_add(out, ") ORDER BY a.attnum");
}

static bool is_true(const PGresult *res, int row, int column)
{
    return PQgetvalue(res, row, column)[0] == 't';
}

void cd_pg_target_load(struct cd_pg_target *target, const PGresult *res)
{
    cd_pg_target_forget(target);
    target->loaded = true;
    target->exists = PQntuples(res) > 0;
    if (!target->exists)
        return;
    target->kind = PQgetvalue(res, 0, 0)[0];
    target->direct = !is_true(res, 0, 1);
    target->columns = cd_sql_new(((size_t)PQntuples(res) + 1) * sizeof(*target->columns));
    for (int row = 0; row < PQntuples(res); row++) {
        if (PQgetisnull(res, row, 2))
            continue; /* a table without columns */
        target->columns[target->count++] = (struct cd_pg_target_column){
            .name = cd_sql_dup(cd_slice(PQgetvalue(res, row, 2))),
            .type = (Oid)strtoul(PQgetvalue(res, row, 3), NULL, 10),
            .element = (Oid)strtoul(PQgetvalue(res, row, 4), NULL, 10),
            .typmod = (int32_t)strtol(PQgetvalue(res, row, 5), NULL, 10),
            .is_text = is_true(res, row, 6),
            .not_null = is_true(res, row, 7),
        };
    }
}

int32_t cd_pg_target_find(const struct cd_pg_target *target, struct cd_slice name)
{
    int32_t found = -1;
    int matches = 0;
    for (size_t i = 0; i < target->count; i++) {
        const char *candidate = target->columns[i].name;
        if (cd_slice_is(name, candidate))
            return (int32_t)i;
        if (strlen(candidate) == name.len && strncasecmp(candidate, name.ptr, name.len) == 0) {
            found = (int32_t)i;
            matches++;
        }
    }
    return matches == 1 ? found : -1;
}

bool cd_pg_target_allowed(const struct cd_pg_target *target, const struct cd_sql_sink_config *cfg,
                          struct cd_error *err)
{
    static const struct {
        char kind;
        const char *type;
    } kinds[] = {
        {'r', "TABLE"},
        {'p', "PARTITIONED TABLE"},
        {'v', "VIEW"},
        {'f', "FOREIGN TABLE"},
    };
    if (target->kind == 'p' && cd_sql_vendor(&cfg->connection) == CD_VENDOR_AIVEN)
        return true;
    const char *type = "relation of another kind";
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].kind == target->kind)
            type = kinds[i].type;
    for (size_t i = 0; i < cfg->table_types.count; i++)
        if (strcasecmp(cfg->table_types.items[i], type) == 0)
            return true;
    return cd_fail_as(err, CD_ERR_DATA, "TableAlterOrCreateException",
                      "%s is a %s, which table.types does not list", target->relation, type);
}
