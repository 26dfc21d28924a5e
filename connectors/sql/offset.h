/*
 * Source partitions and offsets in the JDBC connectors' bytes, so that a JVM worker can hand a
 * connector over and take it back (the order of members is part of a partition's identity).
 */
#ifndef CD_SQL_OFFSET_H
#define CD_SQL_OFFSET_H

#include "connectd/plugin.h"
#include "connectors/sql/name.h"
#include "connectors/sql/source_config.h"

/* Where a table goes on. An instant is seconds and the nanosecond of that second. */
struct cd_sql_offset {
    bool has_incrementing;
    bool has_timestamp;
    int32_t nanos;
    int64_t seconds;
    int64_t incrementing;
};

/* -1, 0, 1; an absent timestamp is the oldest. */
int cd_sql_offset_compare_time(const struct cd_sql_offset *a, const struct cd_sql_offset *b);
/* Lenient: integers of any kind, also written as text or as a double. */
void cd_sql_offset_read(struct cd_value map, struct cd_sql_offset *ret);
/* In the batch's memory; null in bulk mode. */
struct cd_value cd_sql_offset_write(const struct cd_host *host, struct cd_batch *batch,
                                    enum cd_mode mode, const struct cd_sql_offset *offset);

/* The partition of a table (NULL: of the query) under which new offsets are stored. */
struct cd_partition *cd_sql_partition(const struct cd_task_base *task, enum cd_mode mode,
                                      const struct cd_table_id *table, struct cd_error *err);
/* The stored offset, looked for under every form the JDBC connectors ever wrote: schema.table,
 * database.schema.table (Confluent 10.9.4) and the bare table (before 5.0); `database` may be NULL.
 * ret_found tells whether there was one. */
CD_MUST_CHECK bool cd_sql_offset_find(const struct cd_task_base *task,
                                      const struct cd_table_id *table, const char *database,
                                      struct cd_sql_offset *ret, bool *ret_found,
                                      struct cd_error *err);
/* Connect's alterOffsets: partition and offset must be of these forms. */
bool cd_sql_check_offset(const struct cd_connector_call *call, struct cd_value partition,
                         struct cd_value offset, struct cd_error *err);

#endif
