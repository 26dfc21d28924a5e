/*
 * One column of a result: SQLite's declared type and the classes its values are stored in, on one
 * side, Connect's schema on the other.
 *
 * SQLite stores any class in any column. A value that the schema cannot hold without loss widens
 * the column (a new schema from then on) or is an error that names it; never a wrap, never a 0.
 */
#ifndef CD_LITE_COLUMN_H
#define CD_LITE_COLUMN_H

#include <sqlite3.h>

#include "connectd/host.h"
#include "connectors/sql/zone.h"

enum cd_lite_form {
    CD_LITE_BOOL,
    CD_LITE_INT16,
    CD_LITE_INT32,
    CD_LITE_INT64,
    CD_LITE_FLOAT32,
    CD_LITE_FLOAT64,
    CD_LITE_STRING,
    CD_LITE_BYTES,
    CD_LITE_DATE,
    CD_LITE_TIMESTAMP,
};

struct cd_lite_column {
    char *name; /* owned */
    enum cd_lite_form form;
    bool numeric; /* NUMERIC, DECIMAL or without a type: an integer column may become FLOAT64 */
    bool required;
    const struct cd_schema *schema; /* referenced */
};

/* The form for a declared type (NULL: none) and the class of the first value. */
enum cd_lite_form cd_lite_form(const char *declared, int storage_class, bool native);
bool cd_lite_is_numeric(const char *declared);
CD_MUST_CHECK bool cd_lite_column_plan(struct cd_lite_column *column, const struct cd_host *host,
                                       struct cd_error *err);
void cd_lite_column_done(struct cd_lite_column *column, const struct cd_host *host);

enum cd_lite_fit { CD_LITE_FITS, CD_LITE_WIDENS, CD_LITE_FAILS };
/* Does the value fit the column as planned? WIDENS: `ret` is the form that would hold it. */
enum cd_lite_fit cd_lite_column_fit(const struct cd_lite_column *column, sqlite3_value *value,
                                    enum cd_lite_form *ret);
/* Texts and bytes are copied into the batch. */
CD_MUST_CHECK bool cd_lite_column_read(const struct cd_lite_column *column,
                                       const struct cd_host *host, const struct cd_zone *zone,
                                       struct cd_batch *batch, sqlite3_value *value,
                                       struct cd_value *ret, struct cd_error *err);

/* The instant a stored time means, in milliseconds since 1970 and the nanosecond of its second:
 * integers are milliseconds, reals julian days, texts wall clocks in `zone`. */
bool cd_lite_instant(const struct cd_zone *zone, sqlite3_value *value, int64_t *ret_seconds,
                     int32_t *ret_nanos);

#endif
