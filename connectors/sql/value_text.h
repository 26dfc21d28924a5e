/*
 * Values as text: what PostgreSQL's input functions read, and JSON for nested values.
 */
#ifndef CD_SQL_VALUE_TEXT_H
#define CD_SQL_VALUE_TEXT_H

#include "connectors/sql/decimal.h"
#include "connectors/sql/shape.h"
#include "connectors/sql/zone.h"

/* What writing values depends on. */
struct cd_sql_encoding {
    const struct cd_zone *zone;
    const struct cd_zone *date_zone;
    bool hybrid_calendar;
    int64_t epoch_per_micro; /* timestamp.fields.list: 1 microseconds, 1000 nanoseconds */
    struct cd_big big;       /* scratch */
    struct cd_sql_text text; /* scratch */
};

void cd_sql_encoding_done(struct cd_sql_encoding *encoding);

/* `column` tells a Date from a Timestamp; NULL: inside of an array or of JSON. Arrays become
 * {...}, or JSON when `as_json`; maps and structs are JSON always. */
CD_MUST_CHECK bool cd_sql_value_text(struct cd_sql_encoding *encoding,
                                     const struct cd_shape_column *column, struct cd_value value,
                                     bool as_json, struct cd_sql_text *out, struct cd_error *err);

/* An instant's wall clocks: microseconds since 1970 for a Timestamp or an epoch field (`instant`
 * true: of a column with time zone), days for a Date, microseconds for a Time. */
int64_t cd_sql_wall_micros(const struct cd_sql_encoding *encoding, int64_t utc_us, bool instant);
int64_t cd_sql_wall_days(const struct cd_sql_encoding *encoding, int64_t ms);
int64_t cd_sql_time_micros(const struct cd_sql_encoding *encoding, int64_t ms);
/* The microseconds a value means as a timestamp; false: it is none. */
bool cd_sql_value_micros(const struct cd_sql_encoding *encoding,
                         const struct cd_shape_column *column, struct cd_value value,
                         int64_t *ret_us);

#endif
