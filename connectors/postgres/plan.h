/*
 * How records of one shape get into one table: which of its columns they fill, in which format,
 * and the statements.
 *
 * insert: COPY into the table. Everything else, and tables COPY cannot write to: COPY into a
 * temporary table of the same columns, then one statement that inserts, updates or deletes from
 * there. The last record of a key decides; rows are locked in the order of the key.
 */
#ifndef CD_PG_PLAN_H
#define CD_PG_PLAN_H

#include "connectors/postgres/encode.h"
#include "connectors/postgres/target.h"

struct cd_pg_plan {
    struct cd_shape *shape;
    struct cd_pg_target *target; /* borrowed */
    bool ready;                  /* the statements are there: the table has all columns */
    bool binary;
    bool staged;
    bool takes_deletes; /* tombstones may stand among the records */
    int32_t *columns;   /* of the target, by column of the shape */
    char *stage;        /* name of the temporary table */
    char *create_stage;
    char *copy;
    char *merge;   /* from the stage */
    char *deletes; /* from the stage, before the merge; NULL: none */
};

/* Takes the shape over. */
struct cd_pg_plan *cd_pg_plan_new(struct cd_pg_target *target, struct cd_shape *shape,
                                  const struct cd_sql_sink_config *cfg);
void cd_pg_plan_free(struct cd_pg_plan *plan); /* NULL is allowed */
/* May this record join a run of this plan? */
bool cd_pg_plan_fits(const struct cd_pg_plan *plan, const struct cd_record *rec);

/* Indexes of the shape's columns that the loaded table lacks; `ret` has room for all. */
size_t cd_pg_plan_missing(const struct cd_pg_plan *plan, uint32_t *ret);
/* Writes the statements; the table has all columns now. */
void cd_pg_plan_prepare(struct cd_pg_plan *plan, const struct cd_sql_sink_config *cfg);

/* One row of COPY; `number` orders the rows of a stage. */
CD_MUST_CHECK bool cd_pg_plan_row(const struct cd_pg_plan *plan, struct cd_sql_encoding *encoding,
                                  const struct cd_record *rec, uint32_t number,
                                  struct cd_sql_text *out, struct cd_error *err);

#endif
