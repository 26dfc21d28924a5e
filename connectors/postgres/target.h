/*
 * The table a sink writes to, as the catalog has it: its columns, their types, and what it takes to
 * write to it.
 */
#ifndef CD_PG_TARGET_H
#define CD_PG_TARGET_H

#include <libpq-fe.h>

#include "connectors/sql/name.h"
#include "connectors/sql/sink_config.h"

struct cd_pg_target_column {
    char *name;
    Oid type;    /* a domain's base type */
    Oid element; /* of an array; else 0 */
    int32_t typmod;
    bool is_text; /* an enum, citext: what is sent as plain text in binary too */
    bool not_null;
};

struct cd_pg_target {
    struct cd_table_id id;
    char *relation; /* quoted, for statements */
    bool loaded;
    bool exists;
    char kind;   /* pg_class.relkind */
    bool direct; /* COPY may write to it: no view, no rules, no row security */
    struct cd_pg_target_column *columns;
    size_t count;
};

/* Takes the texts of `id` over. */
void cd_pg_target_init(struct cd_pg_target *target, struct cd_table_id id, bool quoted);
void cd_pg_target_done(struct cd_pg_target *target);
void cd_pg_target_forget(struct cd_pg_target *target); /* load again before use */
void cd_pg_target_sql(const struct cd_pg_target *target, struct cd_sql_text *out);
void cd_pg_target_load(struct cd_pg_target *target, const PGresult *res);
/* Exact name, else the only one that differs in case; -1: none. */
int32_t cd_pg_target_find(const struct cd_pg_target *target, struct cd_slice name);
/* May this kind of relation be written to by table.types? */
CD_MUST_CHECK bool cd_pg_target_allowed(const struct cd_pg_target *target,
                                        const struct cd_sql_sink_config *cfg, struct cd_error *err);

#endif
