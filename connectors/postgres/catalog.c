#include "connectors/postgres/catalog.h"

#include <strings.h>

/* JDBC's names of table types, with the relations they mean. */
static const struct {
    const char *name;
    const char *condition;
} table_types[] = {
    {"TABLE", "c.relkind = 'r' AND NOT sys AND NOT tmp"},
    {"PARTITIONED TABLE", "c.relkind = 'p' AND NOT sys"},
    {"VIEW", "c.relkind = 'v' AND NOT sys"},
    {"MATERIALIZED VIEW", "c.relkind = 'm'"},
    {"FOREIGN TABLE", "c.relkind = 'f'"},
    {"TEMPORARY TABLE", "c.relkind = 'r' AND tmp"},
    {"SYSTEM TABLE", "c.relkind = 'r' AND sys"},
    {"SYSTEM VIEW", "c.relkind = 'v' AND sys"},
};

void cd_pg_sql_tables(const struct cd_sql_source_config *cfg, struct cd_sql_text *out)
{
    cd_sql_add(out,
               "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c "
               "JOIN (SELECT oid, nspname, nspname IN ('pg_catalog','information_schema') AS sys, "
               "nspname LIKE 'pg\\_temp\\_%' AS tmp FROM pg_catalog.pg_namespace "
               "WHERE nspname NOT LIKE 'pg\\_toast%') n ON n.oid = c.relnamespace "
               "JOIN LATERAL (VALUES ");
    bool any = false;
    for (size_t i = 0; i < sizeof(table_types) / sizeof(table_types[0]); i++) {
        for (size_t k = 0; k < cfg->table_types.count; k++) {
            if (strcasecmp(cfg->table_types.items[k], table_types[i].name) != 0)
                continue;
            cd_sql_addf(out, "%s('%s', %s)", any ? ", " : "", table_types[i].name,
                        table_types[i].condition);
            any = true;
            break;
        }
    }
    cd_sql_add(out, any ? "" : "('', false)");
    cd_sql_add(out, ") t(type, hit) ON t.hit");
    if (cfg->schema_pattern != NULL) {
        cd_sql_add(out, " WHERE n.nspname LIKE ");
        cd_sql_add_literal(out, cd_slice(cfg->schema_pattern));
    }
    cd_sql_add(out, " ORDER BY t.type, n.nspname COLLATE \"C\", c.relname COLLATE \"C\"");
}

void cd_pg_read_tables(const PGresult *res, struct cd_table_list *list)
{
    for (int i = 0; i < PQntuples(res); i++)
        cd_table_list_add(list, PQgetvalue(res, i, 0), PQgetvalue(res, i, 1));
}

void cd_pg_sql_columns(const char *relation, struct cd_sql_text *out)
{
    cd_sql_add(out,
               "SELECT a.attname, a.attnotnull OR (t.typtype = 'd' AND t.typnotnull), "
               "a.attidentity <> '' OR coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid) "
               "LIKE 'nextval(%', false), EXISTS (SELECT FROM pg_catalog.pg_index i "
               "JOIN pg_catalog.pg_class k ON k.oid = i.indexrelid "
               "JOIN pg_catalog.pg_am m ON m.oid = k.relam "
               "WHERE i.indrelid = a.attrelid AND i.indisvalid AND i.indpred IS NULL "
               "AND m.amname = 'btree' AND i.indkey[0] = a.attnum) "
               "FROM pg_catalog.pg_attribute a "
               "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
               "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
               "WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = ");
    cd_sql_add_literal(out, cd_slice(relation));
    cd_sql_add(out, "::regclass ORDER BY a.attnum");
}

int cd_pg_find_column(const PGresult *columns, const char *name)
{
    int found = -1;
    int matches = 0;
    for (int i = 0; i < PQntuples(columns); i++) {
        const char *candidate = PQgetvalue(columns, i, 0);
        if (strcmp(candidate, name) == 0)
            return i;
        if (strcasecmp(candidate, name) == 0) {
            found = i;
            matches++;
        }
    }
    return matches == 1 ? found : -1;
}

int cd_pg_find_automatic(const PGresult *columns)
{
    for (int i = 0; i < PQntuples(columns); i++)
        if (PQgetvalue(columns, i, 2)[0] == 't')
            return i;
    return -1;
}

bool cd_pg_column_not_null(const PGresult *columns, int row)
{
    return PQgetvalue(columns, row, 1)[0] == 't';
}

bool cd_pg_column_leads_index(const PGresult *columns, int row)
{
    return PQgetvalue(columns, row, 3)[0] == 't';
}
