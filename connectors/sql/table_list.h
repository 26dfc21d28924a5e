/*
 * The tables a database has, the ones a configuration wants, and their spread over tasks.
 */
#ifndef CD_SQL_TABLE_LIST_H
#define CD_SQL_TABLE_LIST_H

#include "connectd/plugin.h"
#include "connectors/sql/name.h"
#include "connectors/sql/source_config.h"

struct cd_table_list {
    struct cd_table_id *items; /* in the database's order: type, schema, name */
    size_t count;
    size_t capacity;
};

void cd_table_list_done(struct cd_table_list *list);
/* The value of a task's `tables`: names may hold commas, so quotes count. */
CD_MUST_CHECK bool cd_table_list_parse(const char *text, struct cd_table_list *list,
                                       struct cd_error *err);
/* Copies the texts. */
void cd_table_list_add(struct cd_table_list *list, const char *schema, const char *table);
/* Keeps what the white, black, include and exclude lists leave. Exact names, never LIKE. */
CD_MUST_CHECK bool cd_table_list_filter(struct cd_table_list *list,
                                        const struct cd_sql_source_config *cfg,
                                        struct cd_error *err);
/* Two tables of one name would share a topic: an error, as in JDBC. */
CD_MUST_CHECK bool cd_table_list_unique(const struct cd_table_list *list, struct cd_error *err);
/* A fingerprint: the same list, in the same order, gives the same number. Never 0. */
uint64_t cd_table_list_hash(const struct cd_table_list *list);
/* min(tables, tasks_max) tasks; contiguous slices, the first ones longer by one. */
void cd_table_list_split(const struct cd_table_list *list, int32_t tasks_max,
                         struct cd_split *split);

#endif
