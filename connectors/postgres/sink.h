/*
 * A PostgreSQL sink task: records grouped by table into runs of one shape, each written by one COPY
 * (and one merging statement), all of them in one transaction that flush commits.
 *
 * Records are borrowed from the batches, which live until flush has returned. A run is written when
 * it has batch.size records, when a record of another shape comes for its table, or at flush.
 *
 * Thread: the step that runs the task.
 */
#ifndef CD_PG_SINK_H
#define CD_PG_SINK_H

#include "connectors/postgres/link.h"
#include "connectors/postgres/plan.h"

/* Records of one table that one plan writes, in their order. */
struct cd_pg_run {
    struct cd_pg_run *next; /* in the queue */
    struct cd_pg_plan *plan;
    const struct cd_record **records;
    uint64_t *numbers; /* of the records, counted from 1 since the last flush or rewind */
    size_t count;
    size_t capacity;
};

struct cd_pg_table_sink {
    struct cd_pg_table_sink *next;
    struct cd_pg_target target;
    struct cd_pg_plan **plans;
    size_t plan_count;
    struct cd_pg_run *open; /* still growing; NULL: none */
};

/* Which table a topic goes to. */
struct cd_pg_route {
    char *topic;
    struct cd_pg_table_sink *table;
};

enum cd_pg_write_phase {
    CD_PG_W_IDLE,
    CD_PG_W_LOAD, /* the catalog */
    CD_PG_W_CHECK,
    CD_PG_W_DDL,
    CD_PG_W_UNDO_DDL,
    CD_PG_W_STAGE,
    CD_PG_W_COPY,
    CD_PG_W_ROWS,
    CD_PG_W_COPIED,
    CD_PG_W_DELETE,
    CD_PG_W_MERGE,
};

struct cd_pg_sink {
    struct cd_task_base base;
    struct cd_pg_link link;
    struct cd_sql_encoding encoding;
    struct cd_zone *zone;
    struct cd_zone *date_zone;
    struct cd_pg_table_sink *tables;
    struct cd_pg_route *routes;
    size_t route_count;
    size_t last_route;

    struct cd_pg_run *queue; /* to be written, oldest first */
    struct cd_pg_run **queue_end;
    uint64_t number;  /* of the last record taken */
    size_t put_index; /* of the batch at hand */
    bool in_transaction;
    bool rewound; /* the connection has to be put right first */
    bool undoing; /* by ROLLBACK, which is under way */

    enum cd_pg_write_phase phase; /* of the queue's head */
    char *ddl;
    int32_t ddl_failures;
    struct cd_error ddl_error;
    struct cd_error parked; /* told once the failed COPY is over */
    size_t row;
    bool header_sent;
    struct cd_sql_text buffer; /* rows on their way to libpq */
};

extern const struct cd_sink cd_pg_sink_table;

static inline const struct cd_sql_sink_config *cd_pg_sink_cfg(const struct cd_pg_sink *sink)
{
    return sink->base.cfg;
}

/* sink_write.c: writes the queue's head. DONE: it is written and gone. */
enum cd_step cd_pg_write_step(struct cd_pg_sink *sink, struct cd_wait *wait, struct cd_error *err);
void cd_pg_run_free(struct cd_pg_run *run);

/* sink_ddl.c: makes table and plan fit each other: phases LOAD to UNDO_DDL. */
enum cd_step cd_pg_ddl_step(struct cd_pg_sink *sink, struct cd_wait *wait, struct cd_error *err);

#endif
