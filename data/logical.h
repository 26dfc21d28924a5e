/*
 * Logical types: the in-memory form (decimals, instants) and the encoded form (bytes, integers), as
 * Connect's Decimal, Date, Time and Timestamp convert them. Errors are DataExceptions in the JVM's
 * words. Thread: any.
 */
#ifndef CD_DATA_LOGICAL_H
#define CD_DATA_LOGICAL_H

#include "connectd/error.h"
#include "connectd/value.h"

#define CD_DAY_MS INT64_C(86400000)

/* The scale that a Decimal schema demands. */
CD_MUST_CHECK bool cd_logical_scale(const struct cd_schema *schema, int32_t *ret,
                                    struct cd_error *err);
/* Does a decimal have the scale of its schema? */
CD_MUST_CHECK bool cd_logical_check_scale(const struct cd_schema *schema,
                                          const struct cd_decimal *decimal, struct cd_error *err);

/* The integer that stands for an instant, and back. `logical` is DATE, TIME or TIMESTAMP. */
CD_MUST_CHECK bool cd_logical_encode(enum cd_logical logical, int64_t ms, int64_t *ret,
                                     struct cd_error *err);
CD_MUST_CHECK bool cd_logical_decode(enum cd_logical logical, int64_t encoded, int64_t *ret_ms,
                                     struct cd_error *err);

/* "Decimal", "Date", "Time", "Timestamp". */
const char *cd_logical_name(enum cd_logical logical);

#endif
