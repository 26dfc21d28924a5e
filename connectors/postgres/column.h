/*
 * One column of a result: PostgreSQL's type by OID on one side, Connect's schema on the other, and
 * the function that turns one into the other.
 *
 * Values arrive in the binary form of COPY. Texts and bytes are not copied: they point into the
 * row, which the caller has put into the batch.
 */
#ifndef CD_PG_COLUMN_H
#define CD_PG_COLUMN_H

#include <libpq-fe.h>

#include "connectd/host.h"
#include "connectors/sql/decimal.h"
#include "connectors/sql/source_config.h"
#include "connectors/sql/zone.h"

/* The types the code names; all others are looked up by what pg_type says of them. */
enum cd_pg_oid {
    CD_PG_BOOL = 16,
    CD_PG_BYTEA = 17,
    CD_PG_CHAR = 18,
    CD_PG_NAME = 19,
    CD_PG_INT8 = 20,
    CD_PG_INT2 = 21,
    CD_PG_INT4 = 23,
    CD_PG_TEXT = 25,
    CD_PG_OID = 26,
    CD_PG_JSON = 114,
    CD_PG_XML = 142,
    CD_PG_FLOAT4 = 700,
    CD_PG_FLOAT8 = 701,
    CD_PG_MONEY = 790,
    CD_PG_BPCHAR = 1042,
    CD_PG_VARCHAR = 1043,
    CD_PG_DATE = 1082,
    CD_PG_TIME = 1083,
    CD_PG_TIMESTAMP = 1114,
    CD_PG_TIMESTAMPTZ = 1184,
    CD_PG_TIMETZ = 1266,
    CD_PG_BIT = 1560,
    CD_PG_NUMERIC = 1700,
    CD_PG_UUID = 2950,
    CD_PG_JSONB = 3802,
};

/* How numeric.mapping wants it. */
enum cd_numeric_mapping {
    CD_NUMERIC_NONE,
    CD_NUMERIC_PRECISION_ONLY,
    CD_NUMERIC_BEST_FIT,
    CD_NUMERIC_BEST_FIT_EAGER_DOUBLE,
};

enum cd_granularity {
    CD_GRANULARITY_LOGICAL,
    CD_GRANULARITY_MICROS_LONG,
    CD_GRANULARITY_MICROS_STRING,
    CD_GRANULARITY_MICROS_ISO,
    CD_GRANULARITY_NANOS_LONG,
    CD_GRANULARITY_NANOS_STRING,
    CD_GRANULARITY_NANOS_ISO,
};

/* What decoding a source's values depends on. */
struct cd_pg_types {
    const struct cd_host *host;
    enum cd_vendor vendor;
    enum cd_numeric_mapping numeric;
    enum cd_granularity granularity;
    bool hybrid_calendar;
    const struct cd_zone *zone;
    struct cd_big big; /* scratch */
};

struct cd_pg_column;

/* `data` of `len` bytes, never of a NULL. False with CD_ERR_DATA when Connect cannot hold it. */
typedef bool cd_pg_decode(struct cd_pg_types *types, const struct cd_pg_column *column,
                          struct cd_batch *batch, const uint8_t *data, uint32_t len,
                          struct cd_value *ret, struct cd_error *err);

struct cd_pg_column {
    char *name; /* owned */
    Oid type;   /* a domain's base type */
    int32_t typmod;
    Oid table; /* origin; 0: an expression */
    int32_t attnum;
    bool is_enum;
    bool required;
    cd_pg_decode *decode;           /* NULL: a type without a place in Connect */
    const struct cd_schema *schema; /* referenced */
    int32_t scale;                  /* of a Decimal */
    enum cd_type target;            /* of a number that is mapped */
};

/* From numeric.mapping and numeric.precision.mapping, and timestamp.granularity. */
enum cd_numeric_mapping cd_pg_numeric_mapping(const struct cd_sql_source_config *cfg);
enum cd_granularity cd_pg_granularity(const struct cd_sql_source_config *cfg);

/* Chooses `decode` and `schema` from name, type, typmod, is_enum, required. With `as_text` a type
 * without a place is a string (the caller casts it in the statement). */
CD_MUST_CHECK bool cd_pg_column_plan(struct cd_pg_types *types, struct cd_pg_column *column,
                                     bool as_text, struct cd_error *err);
void cd_pg_column_done(struct cd_pg_column *column, const struct cd_host *host);

/* Precision and scale of a numeric column; false: it has none. The scale may be negative. */
bool cd_pg_numeric_typmod(int32_t typmod, int32_t *ret_precision, int32_t *ret_scale);

#endif
