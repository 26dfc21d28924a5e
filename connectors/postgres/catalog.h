/* The questions to PostgreSQL's catalog, as text, and their answers. Names are compared exactly. */
#ifndef CD_PG_CATALOG_H
#define CD_PG_CATALOG_H

#include <libpq-fe.h>

#include "connectors/sql/source_config.h"
#include "connectors/sql/table_list.h"

/* Schema and name of every table that table.types and schema.pattern let through, in JDBC's order.
 */
void cd_pg_sql_tables(const struct cd_sql_source_config *cfg, struct cd_sql_text *out);
void cd_pg_read_tables(const PGresult *res, struct cd_table_list *list);

/* Name, not null, automatic, leading an index ('t' or 'f') of a table's columns; `relation` as a
 * statement has it. */
void cd_pg_sql_columns(const char *relation, struct cd_sql_text *out);

/* The columns' names as the catalog spells them: exact, else the only one that differs in case. -1:
 * none. */
int cd_pg_find_column(const PGresult *columns, const char *name);
/* The first identity or serial column, or -1. */
int cd_pg_find_automatic(const PGresult *columns);
bool cd_pg_column_not_null(const PGresult *columns, int row);
bool cd_pg_column_leads_index(const PGresult *columns, int row);

#endif
