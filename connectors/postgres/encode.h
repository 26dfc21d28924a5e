/*
 * Connect values into the fields of COPY, by the type of the target column: the type decides, not
 * the schema, so that JSON without schema and texts for typed columns work alike.
 *
 * Binary where the type's form is known here, text for all others: then the server parses, which it
 * does for every type it has.
 */
#ifndef CD_PG_ENCODE_H
#define CD_PG_ENCODE_H

#include "connectors/postgres/target.h"
#include "connectors/sql/shape.h"
#include "connectors/sql/value_text.h"

/* Is there a binary form for values of this schema in this column? A text for a column of another
 * kind goes as text: the server's own input functions read more than any copy of them would. */
bool cd_pg_encodes_binary(const struct cd_shape_column *column,
                          const struct cd_pg_target_column *target);

/* A length and the bytes, appended to `out`. False with CD_ERR_DATA and an SQLSTATE when the value
 * does not fit the column. */
CD_MUST_CHECK bool cd_pg_encode_binary(struct cd_sql_encoding *encoding,
                                       const struct cd_shape_column *column,
                                       const struct cd_pg_target_column *target,
                                       struct cd_value value, struct cd_sql_text *out,
                                       struct cd_error *err);
/* The same as a field of COPY's text format, escaped. */
CD_MUST_CHECK bool cd_pg_encode_text(struct cd_sql_encoding *encoding,
                                     const struct cd_shape_column *column,
                                     const struct cd_pg_target_column *target,
                                     struct cd_value value, struct cd_sql_text *out,
                                     struct cd_error *err);

#endif
