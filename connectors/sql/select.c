#include "connectors/sql/select.h"

#include <ctype.h>

/* A query may end in blanks, a semicolon or a comment: none may swallow what follows. */
static void add_query(struct cd_sql_text *out, const char *query)
{
    size_t len = strlen(query);
    while (len > 0 && (isspace((unsigned char)query[len - 1]) || query[len - 1] == ';'))
        len--;
    cd_sql_add_slice(out, cd_slice_of(query, len));
}

static void add_from(const struct cd_select *select, struct cd_sql_text *out)
{
    cd_sql_add(out, "SELECT * FROM ");
    if (select->query == NULL) {
        cd_sql_add(out, select->relation);
        return;
    }
    cd_sql_add(out, "(");
    add_query(out, select->query);
    cd_sql_add(out, "\n) AS connectd_query"); /* the line break ends a comment */
}

static void add_where(const struct cd_select *select, struct cd_sql_text *out)
{
    const char *time = select->timestamp;
    const char *id = select->incrementing;
    switch (select->mode) {
    case CD_MODE_BULK:
        return;
    case CD_MODE_INCREMENTING:
        cd_sql_addf(out, " WHERE %s > %s", id, select->last);
        if (select->limit_id != NULL)
            cd_sql_addf(out, " AND %s <= %s", id, select->limit_id);
        cd_sql_addf(out, " ORDER BY %s ASC", id);
        return;
    case CD_MODE_TIMESTAMP:
        cd_sql_addf(out, " WHERE %s > %s AND %s < %s ORDER BY %s ASC", time, select->begin, time,
                    select->end, time);
        return;
    case CD_MODE_TIMESTAMP_INCREMENTING:
        /* JDBC's (time = begin AND id > last) OR time > begin, in the form an index serves. */
        cd_sql_addf(out, " WHERE %s < %s AND (%s,%s) > (%s,%s) ORDER BY %s,%s ASC", time,
                    select->end, time, id, select->begin, select->last, time, id);
        return;
    }
}

void cd_select_build(const struct cd_select *select, struct cd_sql_text *out)
{
    if (select->mode == CD_MODE_BULK && select->query != NULL)
        add_query(out, select->query);
    else
        add_from(select, out);
    add_where(select, out);
    if (select->page != NULL)
        cd_sql_addf(out, " %s", select->page);
    if (select->suffix != NULL && select->suffix[0] != '\0')
        cd_sql_addf(out, " %s", select->suffix);
}

void cd_select_column(const char *column, const char *relation, bool quoted,
                      struct cd_sql_text *out)
{
    if (relation != NULL)
        cd_sql_addf(out, "%s.", relation);
    cd_sql_add_name(out, cd_slice(column), quoted);
}

void cd_select_timestamp(struct cd_strings columns, const char *relation, bool quoted,
                         struct cd_sql_text *out)
{
    if (columns.count > 1)
        cd_sql_add(out, "COALESCE(");
    for (size_t i = 0; i < columns.count; i++) {
        if (i > 0)
            cd_sql_add(out, ",");
        cd_select_column(columns.items[i], relation, quoted, out);
    }
    if (columns.count > 1)
        cd_sql_add(out, ")");
}
