/*
 * PostgreSQL's binary numeric: digits of base 10,000, a weight, a sign, a display scale.
 */
#ifndef CD_PG_NUMERIC_H
#define CD_PG_NUMERIC_H

#include "connectors/sql/decimal.h"

enum cd_pg_numeric_kind {
    CD_PG_NUMERIC_FINITE,
    CD_PG_NUMERIC_NAN,
    CD_PG_NUMERIC_INFINITY,
    CD_PG_NUMERIC_MINUS_INFINITY,
};

/* The value times 10^scale. `ret_exact` false: digits beyond the scale were cut. */
CD_MUST_CHECK bool cd_pg_numeric_read(const uint8_t *data, uint32_t len, int32_t scale,
                                      struct cd_big *ret, enum cd_pg_numeric_kind *ret_kind,
                                      bool *ret_exact, struct cd_error *err);
/* As decimal text, for the conversion to double. */
CD_MUST_CHECK bool cd_pg_numeric_double(const uint8_t *data, uint32_t len, double *ret,
                                        struct cd_error *err);
/* The binary form of big / 10^scale, appended to `out`. `big` is used up. */
void cd_pg_numeric_write(struct cd_big *big, int32_t scale, struct cd_sql_text *out);

#endif
