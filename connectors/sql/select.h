/*
 * The reading statements of every mode, as text. Both databases use them; how a bound is written (a
 * literal or a parameter) is the caller's matter.
 */
#ifndef CD_SQL_SELECT_H
#define CD_SQL_SELECT_H

#include "connectd/key.h"
#include "connectors/sql/source_config.h"
#include "connectors/sql/text.h"

struct cd_select {
    enum cd_mode mode;
    const char *relation;  /* "s"."t"; NULL in query mode */
    const char *query;     /* NULL in table mode */
    const char *timestamp; /* expression, see cd_select_timestamp; NULL if the mode has none */
    const char *incrementing;
    const char *begin; /* bounds as SQL text: exclusive on both sides */
    const char *end;
    const char *last;
    const char *limit_id; /* incrementing: an inclusive upper bound; NULL: none */
    const char *page;     /* LIMIT 1000; NULL: everything */
    const char *suffix;   /* query.suffix; NULL or "": none */
};

void cd_select_build(const struct cd_select *select, struct cd_sql_text *out);
/* T."a", or COALESCE(T."a",T."b") for several; without T in query mode. */
void cd_select_timestamp(struct cd_strings columns, const char *relation, bool quoted,
                         struct cd_sql_text *out);
void cd_select_column(const char *column, const char *relation, bool quoted,
                      struct cd_sql_text *out);

#endif
