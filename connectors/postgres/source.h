/*
 * A PostgreSQL source task: its tables, each with a position and a time at which it is due, and the
 * one that is being read.
 *
 * A read of a table is a chain of phases, each a statement whose answer the next one needs. Keyed
 * modes read page after page, each a transaction of its own; what is bulk is one COPY to the end.
 *
 * Thread: the step that runs the task.
 */
#ifndef CD_PG_SOURCE_H
#define CD_PG_SOURCE_H

#include "connectors/postgres/layout.h"
#include "connectors/postgres/link.h"
#include "connectors/sql/mapping.h"
#include "connectors/sql/name.h"
#include "connectors/sql/offset.h"

struct cd_pg_table {
    struct cd_table_id id; /* of the table; all NULL in query mode */
    char *relation;        /* as statements have it; NULL in query mode */
    char *topic;
    struct cd_partition *partition;
    struct cd_sql_offset offset; /* behind the last row that was handed over */
    bool has_offset;             /* {} before the first group of a timestamp table is whole */
    int64_t due_ms;
    int64_t planned_ms; /* when the layout was made; 0: never */
    int32_t failures;   /* in a row */
    char *id_column;    /* the catalog's spelling; NULL: the mode has none */
    const char **time_columns;
    size_t time_count;
    bool indexed; /* an index gives the order of the mode: pages are cheap */
    struct cd_pg_layout layout;
};

enum cd_pg_phase {
    CD_PG_PICK,     /* a table, or wait until one is due */
    CD_PG_CLOCK,    /* the database's time: the upper bound of the timestamp modes */
    CD_PG_COLUMNS,  /* of the table: spelling, nulls, automatic ones */
    CD_PG_DESCRIBE, /* the statement's result */
    CD_PG_TYPES,    /* what the description does not tell */
    CD_PG_GUARD_TOP,
    CD_PG_GUARD_HOLDERS,
    CD_PG_GUARD_WAIT,
    CD_PG_SEND,    /* a page */
    CD_PG_CONFIRM, /* its description is still that of the layout */
    CD_PG_BEGIN,   /* COPY starts */
    CD_PG_ROWS,
    CD_PG_END, /* of the page */
};

/* A row as libpq gave it. */
struct cd_pg_row {
    char *memory; /* freed by PQfreemem; NULL: none */
    const uint8_t *data;
    size_t len;
};

struct cd_pg_source {
    struct cd_task_base base;
    struct cd_pg_link link;
    struct cd_pg_types types;
    enum cd_mode mode;
    struct cd_zone *zone;
    struct cd_column_mapping *time_mapping;
    struct cd_column_mapping *id_mapping;
    char *database;
    bool opened; /* tables and offsets are known */
    struct cd_pg_table *tables;
    size_t table_count;
    int32_t connect_failures; /* in a row */
    int64_t connect_ms;       /* not before; 0: now */
    struct cd_error parked;   /* told once the records before it are taken */

    /* The read at hand. */
    struct cd_pg_table *table; /* NULL: none */
    enum cd_pg_phase phase;
    int64_t end_us;   /* exclusive upper bound, the same for all pages */
    int64_t start_us; /* timestamp.initial=-1: the database's time at start; INT64_MIN: unknown */
    int64_t rows;     /* of the page so far */
    bool seen_header;
    bool input_ended;
    struct cd_pg_row row;  /* the next to become a record */
    struct cd_pg_row next; /* mode timestamp looks one row ahead */
    int64_t next_us;
    int64_t guard_top;
    bool has_guard_top;
    int64_t guard_until_ms;
    char *guard_holders;
};

extern const struct cd_source cd_pg_source_table;

static inline const struct cd_sql_source_config *cd_pg_source_cfg(const struct cd_pg_source *src)
{
    return src->base.cfg;
}

/* source_plan.c: phases COLUMNS to TYPES. */
enum cd_step cd_pg_plan_step(struct cd_pg_source *src, struct cd_wait *wait, struct cd_error *err);
bool cd_pg_needs_plan(const struct cd_pg_source *src, const struct cd_pg_table *table);
/* The statement of the next page. */
void cd_pg_statement(const struct cd_pg_source *src, const struct cd_pg_table *table,
                     struct cd_sql_text *out);
/* 0: the statement is read to its end at once. */
int64_t cd_pg_page_rows(const struct cd_pg_source *src, const struct cd_pg_table *table);

/* source_guard.c: the phases of connectd.guard=locks. */
enum cd_step cd_pg_guard_step(struct cd_pg_source *src, struct cd_wait *wait, struct cd_error *err);

/* source_read.c: phases SEND to END. AGAIN: the page is read, look at src->phase. */
enum cd_step cd_pg_read_step(struct cd_pg_source *src, struct cd_batch *batch, struct cd_wait *wait,
                             struct cd_error *err);
void cd_pg_read_abort(struct cd_pg_source *src);

#endif
