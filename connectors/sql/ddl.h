/*
 * CREATE TABLE and ALTER TABLE as the JDBC connectors write them, with literals that are escaped.
 */
#ifndef CD_SQL_DDL_H
#define CD_SQL_DDL_H

#include "connectors/sql/name.h"
#include "connectors/sql/shape.h"
#include "connectors/sql/zone.h"

enum cd_database { CD_POSTGRES, CD_SQLITE };

struct cd_ddl {
    enum cd_database database;
    const char *table; /* quoted as wanted */
    bool quoted;       /* of column names */
    const struct cd_zone *zone;
    const struct cd_zone *date_zone;
};

/* The column type for a schema; NULL: this database has none for it. */
const char *cd_ddl_type(enum cd_database database, const struct cd_shape_column *column);
/* In both, a schema without a column type is an error that names the column. */
CD_MUST_CHECK bool cd_ddl_create(const struct cd_ddl *ddl, const struct cd_shape *shape,
                                 struct cd_sql_text *out, struct cd_error *err);
/* `missing` are indexes of the shape's columns. SQLite takes one a statement. */
CD_MUST_CHECK bool cd_ddl_alter(const struct cd_ddl *ddl, const struct cd_shape *shape,
                                const uint32_t *missing, size_t count, struct cd_sql_text *out,
                                struct cd_error *err);

#endif
