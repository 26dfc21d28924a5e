/*
 * timestamp.columns.mapping and incrementing.column.mapping: "regex:[a|b]" and "regex:a", by the
 * table's schema.table name. A table must match exactly one of the entries.
 */
#ifndef CD_SQL_MAPPING_H
#define CD_SQL_MAPPING_H

#include "connectd/key.h"
#include "connectors/sql/text.h"

struct cd_column_mapping;

/* NULL with an error when an entry is malformed. `brackets`: of the form with several columns. */
struct cd_column_mapping *cd_column_mapping_new(const char *key, struct cd_strings entries,
                                                bool brackets, struct cd_error *err);
void cd_column_mapping_free(struct cd_column_mapping *mapping); /* NULL is allowed */
/* The columns of a table; lent. False: none or several entries match. */
CD_MUST_CHECK bool cd_column_mapping_find(const struct cd_column_mapping *mapping,
                                          const char *table, struct cd_strings *ret,
                                          struct cd_error *err);

#endif
