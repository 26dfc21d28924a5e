/* Values as the text that PostgreSQL's input functions read. */
#ifndef CD_PG_VALUE_TEXT_H
#define CD_PG_VALUE_TEXT_H

#include "connectors/postgres/encode.h"

/* `column` tells a Date from a Timestamp; NULL: inside of an array or of JSON. Arrays become
 * {...}, or JSON when `as_json`; maps and structs are JSON always. */
CD_MUST_CHECK bool cd_pg_value_text(struct cd_pg_encoding *encoding,
                                    const struct cd_shape_column *column, struct cd_value value,
                                    bool as_json, struct cd_sql_text *out, struct cd_error *err);

/* An instant's wall clocks, for both forms: microseconds since 1970 for a Timestamp or an epoch
 * field (`instant` true: of a column with time zone), days for a Date, microseconds for a Time. */
int64_t cd_pg_wall_micros(const struct cd_pg_encoding *encoding, int64_t utc_us, bool instant);
int64_t cd_pg_wall_days(const struct cd_pg_encoding *encoding, int64_t ms);
int64_t cd_pg_time_micros(const struct cd_pg_encoding *encoding, int64_t ms);
/* The microseconds a value means as a timestamp; false: it is none. */
bool cd_pg_value_micros(const struct cd_pg_encoding *encoding, const struct cd_shape_column *column,
                        struct cd_value value, int64_t *ret_us);

#endif
