/*
 * Names of tables: parsed from text, quoted into text, made from topics.
 */
#ifndef CD_SQL_NAME_H
#define CD_SQL_NAME_H

#include "connectd/key.h"
#include "connectors/sql/text.h"

/* Owned, terminated texts. `schema` NULL: the database's own choice; SQLite never has one. */
struct cd_table_id {
    char *catalog;
    char *schema;
    char *table;
};

void cd_table_id_done(struct cd_table_id *id);
struct cd_table_id cd_table_id_copy(const struct cd_table_id *id);

/* catalog.schema.table, each part possibly "quoted"; four or more parts: the first two are schema
 * and table, as the JVM connectors have it. */
CD_MUST_CHECK bool cd_table_id_parse(const char *text, struct cd_table_id *ret,
                                     struct cd_error *err);
/* schema.table, with or without quotes. */
void cd_table_id_add(struct cd_sql_text *out, const struct cd_table_id *id, bool quoted);

/* How a sink names tables. */
struct cd_naming {
    const char *format;        /* ${topic} is replaced */
    bool normalize;            /* everything but letters, digits and _ becomes _ */
    struct cd_strings mapping; /* topic:table; when given, the only rule */
};

/* The text of the name, before it is split into parts; appended to `ret`. */
CD_MUST_CHECK bool cd_naming_apply(const struct cd_naming *naming, struct cd_slice topic,
                                   struct cd_sql_text *ret, struct cd_error *err);

#endif
