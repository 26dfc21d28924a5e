#include "connectors/postgres/decode.h"

#include "connectors/postgres/numeric.h"
#include "connectors/sql/calendar.h"

/* What the JDBC driver gives for infinite dates, as milliseconds. */
#define JDBC_INFINITY_MS INT64_C(9223372036825200000)
#define JDBC_MINUS_INFINITY_MS INT64_C(-9223372036832400000)

static bool wrong_size(const struct cd_pg_column *column, uint32_t len, struct cd_error *err)
{
    return cd_fail(err, CD_ERR_DATA, "column '%s': %u bytes do not fit type %u", column->name, len,
                   column->type);
}

#define DECODER(name)                                                                              \
    bool name(CD_UNUSED struct cd_pg_types *types, CD_UNUSED const struct cd_pg_column *column,    \
              CD_UNUSED struct cd_batch *batch, const uint8_t *data, uint32_t len,                 \
              struct cd_value *ret, struct cd_error *err)

/* ---- numbers ---- */

DECODER(cd_pg_decode_bool)
{
    if (len != 1)
        return wrong_size(column, len, err);
    *ret = cd_bool(data[0] != 0);
    return true;
}

DECODER(cd_pg_decode_int2)
{
    if (len != 2)
        return wrong_size(column, len, err);
    *ret = cd_int16((int16_t)cd_pg_get16(data));
    return true;
}

DECODER(cd_pg_decode_int4)
{
    if (len != 4)
        return wrong_size(column, len, err);
    *ret = cd_int32((int32_t)cd_pg_get32(data));
    return true;
}

DECODER(cd_pg_decode_int8)
{
    if (len != 8)
        return wrong_size(column, len, err);
    *ret = cd_int64((int64_t)cd_pg_get64(data));
    return true;
}

DECODER(cd_pg_decode_oid)
{
    if (len != 4)
        return wrong_size(column, len, err);
    *ret = cd_int64(cd_pg_get32(data));
    return true;
}

DECODER(cd_pg_decode_float4)
{
    if (len != 4)
        return wrong_size(column, len, err);
    uint32_t bits = cd_pg_get32(data);
    float number;
    memcpy(&number, &bits, sizeof(number));
    *ret = cd_float32(number);
    return true;
}

DECODER(cd_pg_decode_float8)
{
    if (len != 8)
        return wrong_size(column, len, err);
    uint64_t bits = cd_pg_get64(data);
    double number;
    memcpy(&number, &bits, sizeof(number));
    *ret = cd_float64(number);
    return true;
}

/* Hundredths: the server's lc_monetary decides, and all that JDBC can parse has two decimals. */
DECODER(cd_pg_decode_money)
{
    if (len != 8)
        return wrong_size(column, len, err);
    *ret = cd_float64((double)(int64_t)cd_pg_get64(data) / 100.0);
    return true;
}

/* ---- texts and bytes ---- */

DECODER(cd_pg_decode_text)
{
    (void)err;
    *ret = cd_string(cd_slice_of(data, len));
    return true;
}

/* "char": one byte, and the zero byte is the empty text. */
DECODER(cd_pg_decode_char)
{
    if (len != 1)
        return wrong_size(column, len, err);
    *ret = cd_string(cd_slice_of(data, data[0] == 0 ? 0 : 1));
    return true;
}

DECODER(cd_pg_decode_jsonb)
{
    if (len < 1 || data[0] != 1)
        return cd_fail(err, CD_ERR_DATA, "column '%s': jsonb of an unknown version", column->name);
    *ret = cd_string(cd_slice_of(data + 1, len - 1));
    return true;
}

DECODER(cd_pg_decode_bytea)
{
    (void)err;
    *ret = cd_bytes(data, len);
    return true;
}

DECODER(cd_pg_decode_uuid)
{
    static const char digits[] = "0123456789abcdef";
    if (len != 16)
        return wrong_size(column, len, err);
    char *text = types->host->alloc(batch, 36, err);
    if (text == NULL)
        return false;
    char *out = text;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = digits[data[i] >> 4];
        *out++ = digits[data[i] & 15];
    }
    *ret = cd_string(cd_slice_of(text, 36));
    return true;
}

/* ---- bits: a count, then the bits from the top ---- */

static bool bit_at(const uint8_t *data, uint32_t i)
{
    return (data[4 + i / 8] >> (7 - i % 8) & 1) != 0;
}

static bool bit_count(const struct cd_pg_column *column, const uint8_t *data, uint32_t len,
                      uint32_t *ret, struct cd_error *err)
{
    if (len < 4 || cd_pg_get32(data) > INT32_MAX || len - 4 < (cd_pg_get32(data) + 7) / 8)
        return wrong_size(column, len, err);
    *ret = cd_pg_get32(data);
    return true;
}

DECODER(cd_pg_decode_bit_flag)
{
    uint32_t count;
    if (!bit_count(column, data, len, &count, err))
        return false;
    *ret = cd_bool(count > 0 && bit_at(data, 0));
    return true;
}

DECODER(cd_pg_decode_bit_number)
{
    uint32_t count;
    int64_t number = 0;
    if (!bit_count(column, data, len, &count, err))
        return false;
    for (uint32_t i = 0; i < count && i < 10; i++)
        number = number * 10 + bit_at(data, i); /* the bits read as decimal digits: JDBC's way */
    if (number > INT8_MAX)
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "column '%s': the bits %lld, read as a number as JDBC does, are beyond "
                          "INT8; cast the column to text in a query",
                          column->name, (long long)number);
    *ret = cd_int8((int8_t)number);
    return true;
}

DECODER(cd_pg_decode_bit_text)
{
    uint32_t count;
    if (!bit_count(column, data, len, &count, err))
        return false;
    char *text = types->host->alloc(batch, count + 1, err);
    if (text == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++)
        text[i] = bit_at(data, i) ? '1' : '0';
    *ret = cd_bytes(text, count);
    return true;
}

/* ---- numeric ---- */

static bool not_finite(const struct cd_pg_column *column, struct cd_error *err)
{
    return cd_fail_as(err, CD_ERR_DATA, "DataException",
                      "column '%s': NaN and infinities have no place in a %s; exclude the row, or "
                      "cast the column to double precision in a query",
                      column->name, column->scale > 0 ? "Decimal" : "number without decimals");
}

DECODER(cd_pg_decode_decimal)
{
    enum cd_pg_numeric_kind kind;
    bool exact;
    if (!cd_pg_numeric_read(data, len, column->scale, &types->big, &kind, &exact, err))
        return false;
    if (kind != CD_PG_NUMERIC_FINITE)
        return not_finite(column, err);
    if (!exact)
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "column '%s': the value has more than %d decimals; give the column a "
                          "precision and scale, by a cast in a query if need be",
                          column->name, column->scale);
    size_t size = cd_big_bytes(&types->big);
    struct cd_decimal *decimal = types->host->alloc(batch, sizeof(*decimal) + size, err);
    if (decimal == NULL)
        return false;
    decimal->scale = column->scale;
    decimal->len = (uint32_t)size;
    cd_big_write(&types->big, decimal->unscaled);
    *ret = cd_decimal(decimal);
    return true;
}

DECODER(cd_pg_decode_numeric_integer)
{
    enum cd_pg_numeric_kind kind;
    bool exact;
    int64_t number = 0;
    if (!cd_pg_numeric_read(data, len, 0, &types->big, &kind, &exact, err))
        return false;
    if (kind != CD_PG_NUMERIC_FINITE)
        return not_finite(column, err);
    static const int64_t limits[] = {
        [CD_TYPE_INT8] = INT8_MAX,
        [CD_TYPE_INT16] = INT16_MAX,
        [CD_TYPE_INT32] = INT32_MAX,
        [CD_TYPE_INT64] = INT64_MAX,
    };
    int64_t limit = limits[column->target];
    if (!exact || !cd_big_to_int64(&types->big, &number) || number > limit || number < -limit - 1)
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "column '%s': a value does not fit the integer that numeric.mapping "
                          "chose; use numeric.mapping=none",
                          column->name);
    *ret = (struct cd_value){.kind = (uint8_t)(CD_KIND_INT8 + (column->target - CD_TYPE_INT8)),
                             .as.integer = number};
    return true;
}

DECODER(cd_pg_decode_numeric_double)
{
    double number;
    if (!cd_pg_numeric_double(data, len, &number, err))
        return false;
    *ret = cd_float64(number);
    return true;
}

/* ---- dates and times ---- */

/* PostgreSQL reaches the year 294276, microseconds since 1970 in 64 bits do not. */
static bool since_1970(int64_t raw, int64_t *ret_us, struct cd_error *err)
{
    if (!__builtin_add_overflow(raw, CD_PG_EPOCH_US, ret_us) &&
        *ret_us<INT64_MAX - 2 * CD_DAY_US && * ret_us> INT64_MIN / 2)
        return true;
    return cd_fail_as(err, CD_ERR_DATA, "DataException",
                      "a timestamp is beyond the year 292277, which Connect cannot hold");
}

DECODER(cd_pg_decode_date)
{
    if (len != 4)
        return wrong_size(column, len, err);
    int32_t days = (int32_t)cd_pg_get32(data);
    if (days == INT32_MAX || days == INT32_MIN) {
        *ret = cd_instant(days == INT32_MAX ? JDBC_INFINITY_MS : JDBC_MINUS_INFINITY_MS);
        return true;
    }
    int64_t since_1970 = (int64_t)days + CD_PG_EPOCH_DAYS;
    if (types->hybrid_calendar)
        since_1970 = cd_days_to_hybrid(since_1970);
    *ret = cd_instant(since_1970 * CD_DAY_MS);
    return true;
}

/* A Time has no day: what the zone moves over midnight comes back on the other side. 24:00 stays,
 * for the converter to refuse, since 00:00 would be another time. */
static struct cd_value time_value(int64_t micros)
{
    int64_t ms = cd_floor_div(micros, 1000);
    return cd_instant(ms == CD_DAY_MS ? ms : cd_floor_mod(ms, CD_DAY_MS));
}

static bool of_day(const struct cd_pg_column *column, int64_t micros, struct cd_error *err)
{
    return (micros >= 0 && micros <= CD_DAY_US) ||
           cd_fail(err, CD_ERR_DATA, "column '%s': a time outside of its day", column->name);
}

DECODER(cd_pg_decode_time)
{
    if (len != 8)
        return wrong_size(column, len, err);
    int64_t micros = (int64_t)cd_pg_get64(data);
    if (!of_day(column, micros, err))
        return false;
    *ret = time_value(cd_zone_micros_to_utc(types->zone, micros));
    return true;
}

DECODER(cd_pg_decode_timetz)
{
    if (len != 12)
        return wrong_size(column, len, err);
    int64_t micros = (int64_t)cd_pg_get64(data);
    int64_t west_s = (int32_t)cd_pg_get32(data + 8);
    if (!of_day(column, micros, err))
        return false;
    *ret = time_value(micros + west_s * 1000000);
    return true;
}

static bool set_text(struct cd_pg_types *types, struct cd_batch *batch, const char *text,
                     struct cd_value *ret, struct cd_error *err)
{
    struct cd_slice copy = types->host->copy(batch, cd_slice(text), err);
    *ret = cd_string(copy);
    return copy.ptr != NULL;
}

static bool infinite_timestamp(struct cd_pg_types *types, struct cd_batch *batch, bool minus,
                               struct cd_value *ret, struct cd_error *err)
{
    switch (types->granularity) {
    case CD_GRANULARITY_LOGICAL:
        *ret = cd_instant(minus ? JDBC_MINUS_INFINITY_MS : JDBC_INFINITY_MS);
        return true;
    case CD_GRANULARITY_MICROS_LONG:
    case CD_GRANULARITY_NANOS_LONG:
        *ret = cd_int64(minus ? INT64_MIN : INT64_MAX);
        return true;
    case CD_GRANULARITY_MICROS_STRING:
    case CD_GRANULARITY_MICROS_ISO:
    case CD_GRANULARITY_NANOS_STRING:
    case CD_GRANULARITY_NANOS_ISO:
        break;
    }
    return set_text(types, batch, minus ? "-infinity" : "infinity", ret, err);
}

/* `instant_us` for the numbers, `wall_us` for the texts. */
static bool finite_timestamp(struct cd_pg_types *types, struct cd_batch *batch, int64_t instant_us,
                             int64_t wall_us, struct cd_value *ret, struct cd_error *err)
{
    char text[CD_TIMESTAMP_TEXT_MAX];
    int64_t wall_s = cd_floor_div(wall_us, 1000000);
    int32_t nanos = (int32_t)(wall_us - wall_s * 1000000) * 1000;
    switch (types->granularity) {
    case CD_GRANULARITY_LOGICAL:
        *ret = cd_instant(cd_floor_div(instant_us, 1000));
        return true;
    case CD_GRANULARITY_MICROS_LONG:
        *ret = cd_int64(instant_us);
        return true;
    case CD_GRANULARITY_NANOS_LONG: {
        int64_t value;
        if (__builtin_mul_overflow(instant_us, 1000, &value))
            return cd_fail_as(err, CD_ERR_DATA, "DataException",
                              "a timestamp is beyond the years that nanoseconds in 64 bits hold");
        *ret = cd_int64(value);
        return true;
    }
    case CD_GRANULARITY_MICROS_STRING:
        (void)snprintf(text, sizeof(text), "%lld", (long long)instant_us);
        break;
    case CD_GRANULARITY_NANOS_STRING:
        (void)snprintf(text, sizeof(text), "%lld%s", (long long)instant_us,
                       instant_us == 0 ? "" : "000");
        break;
    case CD_GRANULARITY_MICROS_ISO:
        cd_timestamp_text(text, wall_s, nanos, 6, 'T');
        break;
    case CD_GRANULARITY_NANOS_ISO:
        cd_timestamp_text(text, wall_s, nanos, 9, 'T');
        break;
    }
    return set_text(types, batch, text, ret, err);
}

DECODER(cd_pg_decode_timestamp)
{
    if (len != 8)
        return wrong_size(column, len, err);
    int64_t raw = (int64_t)cd_pg_get64(data);
    if (raw == CD_PG_INFINITY || raw == CD_PG_MINUS_INFINITY)
        return infinite_timestamp(types, batch, raw == CD_PG_MINUS_INFINITY, ret, err);
    int64_t wall_us;
    if (!since_1970(raw, &wall_us, err))
        return false;
    int64_t read_us = types->hybrid_calendar ? cd_micros_to_hybrid(wall_us) : wall_us;
    return finite_timestamp(types, batch, cd_zone_micros_to_utc(types->zone, read_us), wall_us, ret,
                            err);
}

DECODER(cd_pg_decode_timestamptz)
{
    if (len != 8)
        return wrong_size(column, len, err);
    int64_t raw = (int64_t)cd_pg_get64(data);
    if (raw == CD_PG_INFINITY || raw == CD_PG_MINUS_INFINITY)
        return infinite_timestamp(types, batch, raw == CD_PG_MINUS_INFINITY, ret, err);
    int64_t instant_us;
    if (!since_1970(raw, &instant_us, err))
        return false;
    int64_t wall_us = cd_zone_micros_from_utc(types->zone, instant_us);
    int64_t read_us = types->hybrid_calendar ? cd_micros_to_hybrid(instant_us) : instant_us;
    return finite_timestamp(types, batch, read_us, wall_us, ret, err);
}

/* ---- offsets ---- */

bool cd_pg_read_instant(const struct cd_zone *zone, Oid type, const uint8_t *data, uint32_t len,
                        int64_t *ret_us, struct cd_error *err)
{
    if (type == CD_PG_DATE && len == 4) {
        int32_t days = (int32_t)cd_pg_get32(data);
        *ret_us = days == INT32_MAX ? INT64_MAX
                  : days == INT32_MIN
                      ? INT64_MIN
                      : cd_zone_micros_to_utc(zone, ((int64_t)days + CD_PG_EPOCH_DAYS) * CD_DAY_US);
        return true;
    }
    if ((type != CD_PG_TIMESTAMP && type != CD_PG_TIMESTAMPTZ) || len != 8)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                          "a timestamp column must be timestamp, timestamp with time zone or date");
    int64_t raw = (int64_t)cd_pg_get64(data);
    *ret_us = raw;
    if (raw == CD_PG_INFINITY || raw == CD_PG_MINUS_INFINITY)
        return true;
    if (!since_1970(raw, ret_us, err))
        return false;
    if (type == CD_PG_TIMESTAMP)
        *ret_us = cd_zone_micros_to_utc(zone, *ret_us);
    return true;
}

bool cd_pg_read_integer(struct cd_big *scratch, Oid type, const uint8_t *data, uint32_t len,
                        int64_t *ret, struct cd_error *err)
{
    enum cd_pg_numeric_kind kind;
    bool exact;
    if (type == CD_PG_INT2 && len == 2) {
        *ret = (int16_t)cd_pg_get16(data);
        return true;
    }
    if ((type == CD_PG_INT4 || type == CD_PG_OID) && len == 4) {
        uint32_t raw = cd_pg_get32(data);
        *ret = type == CD_PG_OID ? (int64_t)raw : (int32_t)raw;
        return true;
    }
    if (type == CD_PG_INT8 && len == 8) {
        *ret = (int64_t)cd_pg_get64(data);
        return true;
    }
    if (type == CD_PG_NUMERIC) {
        if (!cd_pg_numeric_read(data, len, 0, scratch, &kind, &exact, err))
            return false;
        if (kind == CD_PG_NUMERIC_FINITE && exact && cd_big_to_int64(scratch, ret))
            return true;
    }
    return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                      "an incrementing column must hold whole numbers of up to 64 bits");
}
