#include "connectors/postgres/encode.h"

#include "connectors/postgres/column.h"
#include "connectors/postgres/decode.h"
#include "connectors/postgres/numeric.h"
#include "connectors/sql/calendar.h"
#include "connectors/sql/value_text.h"

#include <math.h>
#include <stdlib.h>

/* One field on its way into `out`. */
struct field {
    struct cd_sql_encoding *encoding;
    const struct cd_shape_column *column;
    const struct cd_pg_target_column *target;
    Oid type;
    struct cd_sql_text *out;
    struct cd_error *err;
};

static bool refuse(const struct field *f, const char *sqlstate, const char *why)
{
    return cd_fail_as(f->err, CD_ERR_DATA, sqlstate, "column \"%s\", field '%.*s': %s",
                      f->target->name, CD_SLICE_ARG(f->column->name), why);
}

/* ---- bytes ---- */

static void put(struct cd_sql_text *out, uint64_t value, size_t size)
{
    char *room = cd_sql_text_room(out, size);
    for (size_t i = 0; i < size; i++)
        room[i] = (char)(value >> (8 * (size - 1 - i)));
    out->len += size;
}

static bool put_number(const struct field *f, uint64_t value, size_t size)
{
    put(f->out, size, 4);
    put(f->out, value, size);
    return true;
}

static bool put_bytes(const struct field *f, const void *bytes, size_t len)
{
    put(f->out, len, 4);
    cd_sql_add_slice(f->out, cd_slice_of(bytes, len));
    return true;
}

/* ---- reading values as what the column is ---- */

/* The value's text in the scratch. */
static bool as_text(const struct field *f, struct cd_value value, bool as_json)
{
    cd_sql_text_clear(&f->encoding->text);
    return cd_sql_value_text(f->encoding, f->column, value, as_json, &f->encoding->text, f->err);
}

/* Any number, also as text, into encoding->big with a scale. */
static bool as_number(const struct field *f, struct cd_value value, int32_t *ret_scale)
{
    struct cd_big *big = &f->encoding->big;
    *ret_scale = 0;
    if (value.kind >= CD_KIND_INT8 && value.kind <= CD_KIND_INT64) {
        cd_big_from_int64(big, value.as.integer);
        return true;
    }
    if (value.kind == CD_KIND_DECIMAL) {
        cd_big_read(big, value.as.decimal->unscaled, value.as.decimal->len);
        *ret_scale = value.as.decimal->scale;
        return true;
    }
    if (value.kind == CD_KIND_BOOL || value.kind > CD_KIND_STRING)
        return refuse(f, "42804", "the value is no number");
    if (!as_text(f, value, /* as_json = */ false))
        return false;
    struct cd_slice text = cd_slice(cd_sql_text_get(&f->encoding->text));
    return cd_big_parse(big, text, ret_scale) ||
           refuse(f, "22P02", "the text is no number this column can hold");
}

static bool encode_integer(const struct field *f, struct cd_value value, size_t size)
{
    int64_t number;
    int32_t scale;
    if (value.kind >= CD_KIND_INT8 && value.kind <= CD_KIND_INT64) {
        number = value.as.integer;
    } else {
        if (!as_number(f, value, &scale))
            return false;
        struct cd_big *big = &f->encoding->big;
        if (scale < 0)
            cd_big_multiply_pow10(big, (size_t)-scale);
        if (scale > 0 && !cd_big_divide_pow10(big, (size_t)scale))
            return refuse(f, "22P02", "the value has decimals, the column has none");
        if (!cd_big_to_int64(big, &number))
            return refuse(f, "22003", "the value is out of the column's range");
    }
    int64_t limit = size == 2 ? INT16_MAX : size == 4 ? INT32_MAX : INT64_MAX;
    if (number > limit || number < -limit - 1)
        return refuse(f, "22003", "the value is out of the column's range");
    return put_number(f, (uint64_t)number, size);
}

static bool as_double(const struct field *f, struct cd_value value, double *ret)
{
    if (value.kind == CD_KIND_FLOAT64) {
        *ret = value.as.float64;
        return true;
    }
    if (value.kind == CD_KIND_FLOAT32) {
        *ret = (double)value.as.float32;
        return true;
    }
    if (value.kind == CD_KIND_BOOL || value.kind > CD_KIND_DECIMAL || value.kind == CD_KIND_BYTES ||
        value.kind == CD_KIND_ARRAY || value.kind == CD_KIND_MAP || value.kind == CD_KIND_STRUCT)
        return refuse(f, "42804", "the value is no number");
    if (!as_text(f, value, /* as_json = */ false))
        return false;
    char *end;
    const char *text = cd_sql_text_get(&f->encoding->text);
    *ret = strtod(text, &end);
    return (*end == '\0' && end != text) || refuse(f, "22P02", "the text is no number");
}

static bool encode_float(const struct field *f, struct cd_value value, size_t size)
{
    double number;
    if (!as_double(f, value, &number))
        return false;
    if (size == 8) {
        uint64_t bits;
        memcpy(&bits, &number, sizeof(bits));
        return put_number(f, bits, 8);
    }
    float narrow = (float)number;
    uint32_t bits;
    if (isfinite(number) && !isfinite((double)narrow))
        return refuse(f, "22003", "the value is out of the column's range");
    memcpy(&bits, &narrow, sizeof(bits));
    return put_number(f, bits, 4);
}

static bool encode_numeric(const struct field *f, struct cd_value value)
{
    int32_t scale;
    double number = 0;
    bool floating = value.kind == CD_KIND_FLOAT64 || value.kind == CD_KIND_FLOAT32;
    size_t at = f->out->len;
    if (floating && as_double(f, value, &number) && !isfinite(number)) {
        uint64_t sign = isnan(number) ? 0xC000 : number > 0 ? 0xD000 : 0xF000;
        return put_number(f, sign << 16 | (isnan(number) ? 0 : 0x20), 8);
    }
    if (!as_number(f, value, &scale))
        return false;
    put(f->out, 0, 4);
    cd_pg_numeric_write(&f->encoding->big, scale, f->out);
    size_t len = f->out->len - at - 4;
    for (size_t i = 0; i < 4; i++)
        f->out->ptr[at + i] = (char)(len >> (8 * (3 - i)));
    return true;
}

static bool encode_bool(const struct field *f, struct cd_value value)
{
    static const char *const words[2][6] = {
        {"false", "f", "0", "no", "off", "n"},
        {"true", "t", "1", "yes", "on", "y"},
    };
    if (value.kind == CD_KIND_BOOL)
        return put_number(f, value.as.boolean, 1);
    if (!as_text(f, value, /* as_json = */ false))
        return false;
    for (size_t truth = 0; truth < 2; truth++)
        for (size_t i = 0; i < 6; i++)
            if (strcmp(words[truth][i], cd_sql_text_get(&f->encoding->text)) == 0)
                return put_number(f, truth, 1);
    return refuse(f, "22P02", "the value is neither true nor false");
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool encode_uuid(const struct field *f, struct cd_value value)
{
    uint8_t bytes[16] = {0};
    size_t digits = 0;
    if (value.kind != CD_KIND_STRING)
        return refuse(f, "42804", "the value is no text, and the column is a uuid");
    for (uint32_t i = 0; i < value.count; i++) {
        int digit = hex(value.as.string[i]);
        bool decoration = strchr("-{}", value.as.string[i]) != NULL;
        if (digit < 0 && decoration && value.as.string[i] != '\0')
            continue;
        if (digit < 0 || digits == 32)
            return refuse(f, "22P02", "the text is no uuid");
        bytes[digits / 2] = (uint8_t)(bytes[digits / 2] << 4 | digit);
        digits++;
    }
    if (digits != 32)
        return refuse(f, "22P02", "the text is no uuid");
    return put_bytes(f, bytes, 16);
}

/* A text is what the server's input function would read: \x and hex digits; else its bytes. */
static bool encode_bytea(const struct field *f, struct cd_value value)
{
    if (value.kind == CD_KIND_BYTES)
        return put_bytes(f, value.as.bytes, value.count);
    if (value.kind != CD_KIND_STRING)
        return refuse(f, "42804", "the value has no bytes");
    if (value.count < 2 || memcmp(value.as.string, "\\x", 2) != 0)
        return put_bytes(f, value.as.string, value.count);
    cd_sql_text_clear(&f->encoding->text);
    for (uint32_t i = 2; i + 1 < value.count; i += 2) {
        int high = hex(value.as.string[i]), low = hex(value.as.string[i + 1]);
        if (high < 0 || low < 0)
            return refuse(f, "22P02", "the text begins like hex digits but is none");
        char byte = (char)(high * 16 + low);
        cd_sql_add_slice(&f->encoding->text, cd_slice_of(&byte, 1));
    }
    return put_bytes(f, cd_sql_text_get(&f->encoding->text), f->encoding->text.len);
}

/* ---- texts ---- */

static bool check_no_zero(const struct field *f, struct cd_slice text)
{
    return text.len == 0 || memchr(text.ptr, 0, text.len) == NULL ||
           refuse(f, "22021", "the text holds a zero character, which PostgreSQL cannot store");
}

static bool encode_plain_text(const struct field *f, struct cd_value value)
{
    if (value.kind == CD_KIND_STRING)
        return check_no_zero(f, cd_value_slice(value)) &&
               put_bytes(f, value.as.string, value.count);
    if (!as_text(f, value, /* as_json = */ false))
        return false;
    return put_bytes(f, cd_sql_text_get(&f->encoding->text), f->encoding->text.len);
}

/* A text is a document already; everything else is rendered as one. */
static bool encode_json(const struct field *f, struct cd_value value, bool binary)
{
    struct cd_slice text = cd_value_slice(value);
    if (value.kind != CD_KIND_STRING) {
        if (!as_text(f, value, /* as_json = */ true))
            return false;
        text = cd_slice_of(cd_sql_text_get(&f->encoding->text), f->encoding->text.len);
    }
    if (!check_no_zero(f, text))
        return false;
    put(f->out, text.len + binary, 4);
    if (binary)
        put(f->out, 1, 1); /* jsonb's version */
    cd_sql_add_slice(f->out, text);
    return true;
}

/* ---- times ---- */

static bool parse_time_text(const struct field *f, struct cd_value value, int64_t *ret_s,
                            int32_t *ret_nanos, int32_t *ret_offset)
{
    if (value.kind == CD_KIND_STRING &&
        cd_timestamp_parse(value.as.string, value.count, ret_s, ret_nanos, ret_offset))
        return true;
    return refuse(f, "22007", "the value is no date or time of the form 2020-01-02 03:04:05");
}

static bool encode_date(const struct field *f, struct cd_value value)
{
    int64_t days, seconds;
    int32_t nanos, offset;
    int64_t us;
    if (value.kind == CD_KIND_INSTANT && f->column->schema->logical == CD_LOGICAL_DATE) {
        days = cd_sql_wall_days(f->encoding, value.as.integer);
    } else if (cd_sql_value_micros(f->encoding, f->column, value, &us)) {
        days = cd_floor_div(cd_sql_wall_micros(f->encoding, us, false), CD_DAY_US);
    } else {
        if (!parse_time_text(f, value, &seconds, &nanos, &offset))
            return false;
        days = cd_floor_div(seconds, 86400);
    }
    days -= CD_PG_EPOCH_DAYS;
    if (days > INT32_MAX - 1 || days < -2451545) /* 4714-11-24 BC is the first */
        return refuse(f, "22008", "the date is out of PostgreSQL's range");
    return put_number(f, (uint32_t)(int32_t)days, 4);
}

static bool encode_time(const struct field *f, struct cd_value value)
{
    if (value.kind == CD_KIND_INSTANT)
        return put_number(f, (uint64_t)cd_sql_time_micros(f->encoding, value.as.integer), 8);
    int64_t seconds;
    int32_t nanos, offset;
    char text[64] = "1970-01-01 ";
    if (value.kind != CD_KIND_STRING || value.count + 12 > sizeof(text))
        return refuse(f, "42804", "the value is no time of day");
    memcpy(text + 11, value.as.string, value.count);
    if (!cd_timestamp_parse(text, 11 + value.count, &seconds, &nanos, &offset))
        return refuse(f, "22007", "the text is no time of the form 03:04:05");
    return put_number(f, (uint64_t)(seconds * 1000000 + nanos / 1000), 8);
}

static bool encode_timestamp(const struct field *f, struct cd_value value, bool instant)
{
    int64_t us;
    if (cd_sql_value_micros(f->encoding, f->column, value, &us)) {
        us = cd_sql_wall_micros(f->encoding, us, instant);
    } else {
        int64_t seconds;
        int32_t nanos, offset;
        if (!parse_time_text(f, value, &seconds, &nanos, &offset))
            return false;
        us = seconds * 1000000 + (nanos + 500) / 1000;
        if (offset != INT32_MIN && instant)
            us -= offset * INT64_C(1000000);
        else if (instant)
            us = cd_zone_micros_to_utc(f->encoding->zone, us);
    }
    if (us < -(INT64_C(2451545) + 0) * CD_DAY_US)
        return refuse(f, "22008", "the timestamp is out of PostgreSQL's range");
    return put_number(f, (uint64_t)(us - CD_PG_EPOCH_US), 8);
}

/* ---- arrays ---- */

static const Oid elements[] = {
    CD_PG_BOOL,   CD_PG_INT2,    CD_PG_INT4, CD_PG_INT8,    CD_PG_FLOAT4,
    CD_PG_FLOAT8, CD_PG_NUMERIC, CD_PG_TEXT, CD_PG_VARCHAR, CD_PG_UUID,
};

static bool is_element(Oid type)
{
    for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
        if (elements[i] == type)
            return true;
    return false;
}

static bool encode_one(const struct field *f, struct cd_value value);

static bool encode_array(const struct field *f, struct cd_value value)
{
    if (value.kind != CD_KIND_ARRAY)
        return refuse(f, "42804", "the value is no array");
    size_t at = f->out->len;
    bool nulls = false;
    for (uint32_t i = 0; i < value.count; i++)
        nulls |= value.as.array[i].kind == CD_KIND_NULL;
    put(f->out, 0, 4);
    put(f->out, value.count > 0, 4); /* dimensions */
    put(f->out, nulls, 4);
    put(f->out, f->target->element, 4);
    if (value.count > 0) {
        put(f->out, value.count, 4);
        put(f->out, 1, 4); /* the first index */
    }
    struct field element = *f;
    element.type = f->target->element;
    for (uint32_t i = 0; i < value.count; i++) {
        if (value.as.array[i].kind == CD_KIND_NULL)
            put(f->out, UINT32_MAX, 4);
        else if (!encode_one(&element, value.as.array[i]))
            return false;
    }
    size_t len = f->out->len - at - 4;
    for (size_t i = 0; i < 4; i++)
        f->out->ptr[at + i] = (char)(len >> (8 * (3 - i)));
    return true;
}

/* ---- by type ---- */

static bool is_scalar(Oid type)
{
    static const Oid types[] = {
        CD_PG_BOOL,    CD_PG_BYTEA, CD_PG_INT8,   CD_PG_INT2,      CD_PG_INT4,
        CD_PG_TEXT,    CD_PG_JSON,  CD_PG_FLOAT4, CD_PG_FLOAT8,    CD_PG_BPCHAR,
        CD_PG_VARCHAR, CD_PG_DATE,  CD_PG_TIME,   CD_PG_TIMESTAMP, CD_PG_TIMESTAMPTZ,
        CD_PG_NUMERIC, CD_PG_UUID,  CD_PG_JSONB,  CD_PG_NAME,      CD_PG_XML,
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (types[i] == type)
            return true;
    return false;
}

static bool takes_texts(const struct cd_pg_target_column *target)
{
    static const Oid types[] = {CD_PG_TEXT, CD_PG_VARCHAR, CD_PG_BPCHAR, CD_PG_NAME,
                                CD_PG_JSON, CD_PG_JSONB,   CD_PG_XML,    CD_PG_UUID};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (types[i] == target->type)
            return true;
    return target->is_text;
}

bool cd_pg_encodes_binary(const struct cd_shape_column *column,
                          const struct cd_pg_target_column *target)
{
    if (target->element != 0)
        return is_element(target->element) && column->schema->type == CD_TYPE_ARRAY;
    if (column->schema->type == CD_TYPE_STRING && !column->is_epoch)
        return takes_texts(target);
    return target->is_text || is_scalar(target->type);
}

static bool encode_one(const struct field *f, struct cd_value value)
{
    switch (f->type) {
    case CD_PG_INT2:
        return encode_integer(f, value, 2);
    case CD_PG_INT4:
        return encode_integer(f, value, 4);
    case CD_PG_INT8:
        return encode_integer(f, value, 8);
    case CD_PG_FLOAT4:
        return encode_float(f, value, 4);
    case CD_PG_FLOAT8:
        return encode_float(f, value, 8);
    case CD_PG_NUMERIC:
        return encode_numeric(f, value);
    case CD_PG_BOOL:
        return encode_bool(f, value);
    case CD_PG_UUID:
        return encode_uuid(f, value);
    case CD_PG_BYTEA:
        return encode_bytea(f, value);
    case CD_PG_JSON:
        return encode_json(f, value, /* binary = */ false);
    case CD_PG_JSONB:
        return encode_json(f, value, /* binary = */ true);
    case CD_PG_DATE:
        return encode_date(f, value);
    case CD_PG_TIME:
        return encode_time(f, value);
    case CD_PG_TIMESTAMP:
        return encode_timestamp(f, value, /* instant = */ false);
    case CD_PG_TIMESTAMPTZ:
        return encode_timestamp(f, value, /* instant = */ true);
    default:
        return encode_plain_text(f, value);
    }
}

bool cd_pg_encode_binary(struct cd_sql_encoding *encoding, const struct cd_shape_column *column,
                         const struct cd_pg_target_column *target, struct cd_value value,
                         struct cd_sql_text *out, struct cd_error *err)
{
    struct field f = {encoding, column, target, target->type, out, err};
    if (value.kind == CD_KIND_NULL) {
        put(out, UINT32_MAX, 4);
        return true;
    }
    return target->element != 0 ? encode_array(&f, value) : encode_one(&f, value);
}

static void add_escaped(struct cd_slice text, struct cd_sql_text *out)
{
    char *room = cd_sql_text_room(out, 2 * text.len);
    size_t used = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        const char *escape = c == '\t'   ? "\\t"
                             : c == '\n' ? "\\n"
                             : c == '\r' ? "\\r"
                             : c == '\\' ? "\\\\"
                                         : NULL;
        if (escape != NULL)
            room[used++] = escape[0];
        room[used++] = escape != NULL ? escape[1] : c;
    }
    out->len += used;
}

bool cd_pg_encode_text(struct cd_sql_encoding *encoding, const struct cd_shape_column *column,
                       const struct cd_pg_target_column *target, struct cd_value value,
                       struct cd_sql_text *out, struct cd_error *err)
{
    struct field f = {encoding, column, target, target->type, out, err};
    bool json = target->type == CD_PG_JSON || target->type == CD_PG_JSONB;
    if (value.kind == CD_KIND_NULL) {
        cd_sql_add(out, "\\N");
        return true;
    }
    if (!as_text(&f, value, json && value.kind != CD_KIND_STRING))
        return false;
    struct cd_slice text = cd_slice_of(cd_sql_text_get(&encoding->text), encoding->text.len);
    if (!check_no_zero(&f, text))
        return false;
    add_escaped(text, out);
    return true;
}
