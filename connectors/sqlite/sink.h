/*
 * A SQLite sink task: one writer, one transaction from the first record to flush, a prepared
 * statement for each shape of record.
 *
 * Thread: the step that runs the task; interrupt comes from elsewhere.
 */
#ifndef CD_LITE_SINK_H
#define CD_LITE_SINK_H

#include "connectors/sql/ddl.h"
#include "connectors/sql/value_text.h"
#include "connectors/sqlite/db.h"

/* How records of one shape are written to one table. */
struct cd_lite_plan {
    struct cd_shape *shape;
    sqlite3_stmt *stmt; /* NULL: the table is not there and a delete has nothing to do */
    uint32_t *order;    /* of the shape's columns as the statement's parameters */
    uint32_t count;
};

struct cd_lite_target {
    struct cd_lite_target *next;
    struct cd_table_id id;
    char *relation;
    bool loaded;
    bool exists;
    bool is_view;
    char **columns;
    size_t count;
    struct cd_lite_plan **plans;
    size_t plan_count;
};

struct cd_lite_route {
    char *topic;
    struct cd_lite_target *target;
};

struct cd_lite_sink {
    struct cd_task_base base;
    struct cd_lite_db db;
    struct cd_zone *zone;
    struct cd_zone *date_zone;
    struct cd_sql_encoding encoding;
    struct cd_lite_target *targets;
    struct cd_lite_route *routes;
    size_t route_count;
    size_t last_route;
    struct cd_lite_plan *last_plan;
    struct cd_lite_target *last_target;
    uint64_t number;  /* of the last record taken, since the last flush or rewind */
    size_t put_index; /* of the batch at hand */
    bool in_transaction;
    bool rewound;
};

extern const struct cd_sink cd_lite_sink_table;

static inline const struct cd_sql_sink_config *cd_lite_sink_cfg(const struct cd_lite_sink *sink)
{
    return sink->base.cfg;
}

/* sink_plan.c: the plan for a record; makes or changes the table if that is needed and allowed. */
struct cd_lite_plan *cd_lite_plan_for(struct cd_lite_sink *sink, struct cd_lite_target *target,
                                      const struct cd_record *rec, struct cd_error *err);
void cd_lite_target_forget(struct cd_lite_target *target); /* plans and columns */

/* sink_bind.c */
CD_MUST_CHECK bool cd_lite_bind(struct cd_lite_sink *sink, const struct cd_lite_plan *plan,
                                const struct cd_record *rec, struct cd_error *err);

#endif
