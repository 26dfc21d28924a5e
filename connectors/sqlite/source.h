/*
 * A SQLite source task: its tables, each with a position and a time at which it is due.
 *
 * Where an index gives the order, a poll is one statement with a LIMIT that ends with the poll, so
 * that no reader keeps the write-ahead log from being checkpointed while Kafka is slow. All else
 * (bulk, free queries, mode timestamp, columns without an index) is one statement read to its end.
 *
 * Thread: the step that runs the task; interrupt comes from elsewhere.
 */
#ifndef CD_LITE_SOURCE_H
#define CD_LITE_SOURCE_H

#include "connectors/sql/mapping.h"
#include "connectors/sql/name.h"
#include "connectors/sql/offset.h"
#include "connectors/sqlite/column.h"
#include "connectors/sqlite/db.h"

enum { CD_LITE_TIMES_MAX = 16 };

struct cd_lite_table {
    struct cd_table_id id; /* all NULL in query mode */
    char *relation;        /* NULL in query mode */
    char *topic;
    struct cd_partition *partition;
    struct cd_sql_offset offset; /* behind the last row that was handed over */
    bool has_offset;
    int64_t due_ms;
    int32_t failures;     /* in a row */
    int64_t data_version; /* of the file when the table was last read to its end; -1: never */
    bool chosen;          /* the key columns are known */
    bool indexed;
    char *id_column;
    char **time_columns;
    size_t time_count;
    struct cd_lite_column *columns; /* of the last statement */
    uint32_t count;
    const struct cd_schema *schema;
    int32_t id_index;
    int32_t time_index[CD_LITE_TIMES_MAX];
};

struct cd_lite_source {
    struct cd_task_base base;
    struct cd_lite_db db;
    struct cd_zone *zone;
    enum cd_mode mode;
    bool native;
    struct cd_column_mapping *time_mapping;
    struct cd_column_mapping *id_mapping;
    int64_t start_ms;
    struct cd_lite_table *tables;
    size_t table_count;
    struct cd_error parked; /* told once the records before it are taken */

    struct cd_lite_table *table; /* being read; NULL: none */
    sqlite3_stmt *stmt;          /* of it, standing on a row */
    bool paged;
    int64_t page_rows;
    int64_t end_ms;
};

extern const struct cd_source cd_lite_source_table;

static inline const struct cd_sql_source_config *
cd_lite_source_cfg(const struct cd_lite_source *src)
{
    return src->base.cfg;
}

/* source_plan.c: which columns a table is read by, and the statement, bound and ready to step. */
CD_MUST_CHECK bool cd_lite_choose_columns(struct cd_lite_source *src, struct cd_lite_table *table,
                                          struct cd_error *err);
CD_MUST_CHECK bool cd_lite_open_statement(struct cd_lite_source *src, struct cd_lite_table *table,
                                          struct cd_error *err);
/* source_row.c: the columns and the schema for the row the statement stands on; a row as a record.
 */
CD_MUST_CHECK bool cd_lite_plan_row(struct cd_lite_source *src, struct cd_lite_table *table,
                                    struct cd_error *err);
CD_MUST_CHECK bool cd_lite_read_row(struct cd_lite_source *src, struct cd_lite_table *table,
                                    struct cd_batch *batch, struct cd_record *rec,
                                    struct cd_error *err);
/* Of the row the statement stands on. */
CD_MUST_CHECK bool cd_lite_row_time(struct cd_lite_source *src, const struct cd_lite_table *table,
                                    struct cd_sql_offset *ret, struct cd_error *err);
CD_MUST_CHECK bool cd_lite_row_id(struct cd_lite_source *src, const struct cd_lite_table *table,
                                  int64_t *ret, struct cd_error *err);
void cd_lite_table_forget(struct cd_lite_table *table, const struct cd_host *host);

#endif
