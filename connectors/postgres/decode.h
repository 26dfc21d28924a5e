/* PostgreSQL's binary forms into Connect values, one function a form; see struct cd_pg_column. */
#ifndef CD_PG_DECODE_H
#define CD_PG_DECODE_H

#include "connectors/postgres/column.h"

cd_pg_decode cd_pg_decode_bool;
cd_pg_decode cd_pg_decode_int2;
cd_pg_decode cd_pg_decode_int4;
cd_pg_decode cd_pg_decode_int8;
cd_pg_decode cd_pg_decode_oid;
cd_pg_decode cd_pg_decode_float4;
cd_pg_decode cd_pg_decode_float8;
cd_pg_decode cd_pg_decode_money;
cd_pg_decode cd_pg_decode_text;
cd_pg_decode cd_pg_decode_char;
cd_pg_decode cd_pg_decode_jsonb;
cd_pg_decode cd_pg_decode_uuid;
cd_pg_decode cd_pg_decode_bytea;
cd_pg_decode cd_pg_decode_bit_flag;
cd_pg_decode cd_pg_decode_bit_number;
cd_pg_decode cd_pg_decode_bit_text;
cd_pg_decode cd_pg_decode_decimal;
cd_pg_decode cd_pg_decode_numeric_integer;
cd_pg_decode cd_pg_decode_numeric_double;
cd_pg_decode cd_pg_decode_date;
cd_pg_decode cd_pg_decode_time;
cd_pg_decode cd_pg_decode_timetz;
cd_pg_decode cd_pg_decode_timestamp;
cd_pg_decode cd_pg_decode_timestamptz;

/* From 1970, the epoch of everything but PostgreSQL (2000). */
#define CD_PG_EPOCH_DAYS 10957
#define CD_PG_EPOCH_US (CD_PG_EPOCH_DAYS * INT64_C(86400000000))
#define CD_PG_INFINITY INT64_MAX
#define CD_PG_MINUS_INFINITY INT64_MIN

static inline uint16_t cd_pg_get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t cd_pg_get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t cd_pg_get64(const uint8_t *p)
{
    return (uint64_t)cd_pg_get32(p) << 32 | cd_pg_get32(p + 4);
}

/* For offsets: the instant of a date, timestamp or timestamptz in microseconds since 1970, wall
 * clocks read in `zone`; infinities stay INT64_MAX and INT64_MIN. */
CD_MUST_CHECK bool cd_pg_read_instant(const struct cd_zone *zone, Oid type, const uint8_t *data,
                                      uint32_t len, int64_t *ret_us, struct cd_error *err);
/* For offsets: an integer, or a numeric without decimals. */
CD_MUST_CHECK bool cd_pg_read_integer(struct cd_big *scratch, Oid type, const uint8_t *data,
                                      uint32_t len, int64_t *ret, struct cd_error *err);

#endif
