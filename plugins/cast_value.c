#include "plugins/cast_value.h"

#include <strings.h>

#include "compat/base64.h"
#include "compat/date.h"
#include "compat/decimal.h"
#include "compat/number.h"
#include "data/batch.h"
#include "data/logical.h"
#include "data/schema.h"
#include "plugins/operand.h"

bool cd_cast_reaches(enum cd_type target)
{
    return target < CD_TYPE_BYTES;
}

/* ---- what may be cast ---- */

/* ConnectSchema.schemaType: dates and decimals have no type of their own. */
static bool type_of_kind(struct cd_value value, enum cd_type *ret)
{
    static const enum cd_type types[] = {
        [CD_KIND_BOOL] = CD_TYPE_BOOLEAN,    [CD_KIND_INT8] = CD_TYPE_INT8,
        [CD_KIND_INT16] = CD_TYPE_INT16,     [CD_KIND_INT32] = CD_TYPE_INT32,
        [CD_KIND_INT64] = CD_TYPE_INT64,     [CD_KIND_FLOAT32] = CD_TYPE_FLOAT32,
        [CD_KIND_FLOAT64] = CD_TYPE_FLOAT64, [CD_KIND_STRING] = CD_TYPE_STRING,
        [CD_KIND_BYTES] = CD_TYPE_BYTES,     [CD_KIND_ARRAY] = CD_TYPE_ARRAY,
        [CD_KIND_MAP] = CD_TYPE_MAP,         [CD_KIND_STRUCT] = CD_TYPE_STRUCT,
    };
    if (value.kind >= sizeof(types) / sizeof(types[0]))
        return false;
    *ret = types[value.kind];
    return true;
}

static bool check_input(const struct cd_schema *schema, struct cd_value value, struct cd_error *err)
{
    enum cd_type type = schema == NULL ? CD_TYPE_INT8 : schema->type;
    if (schema == NULL && !type_of_kind(value, &type))
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "Cast transformation was passed a value of type class %s which is not "
                          "supported by Connect's data API",
                          CD_CLASS_OF(value));
    return type <= CD_TYPE_BYTES ||
           cd_fail_as(err, CD_ERR_DATA, "DataException",
                      "Cast transformation does not support casting from %s; supported types "
                      "are " CD_CAST_INPUTS,
                      cd_type_name(type));
}

static bool fail_class(struct cd_value value, struct cd_error *err)
{
    return cd_fail_as(err, CD_ERR_DATA, "DataException",
                      "Unexpected type in Cast transformation: class %s", CD_CLASS_OF(value));
}

static bool encode_logical(const struct cd_schema *schema, struct cd_value *value,
                           struct cd_error *err)
{
    int64_t encoded;
    if (schema == NULL || schema->logical == CD_LOGICAL_NONE || value->kind != CD_KIND_INSTANT)
        return true;
    if (!cd_logical_encode(schema->logical, value->as.integer, &encoded, err))
        return false;
    *value =
        schema->logical == CD_LOGICAL_TIMESTAMP ? cd_int64(encoded) : cd_int32((int32_t)encoded);
    return true;
}

/* ---- numbers ---- */

static bool is_integer(struct cd_value value)
{
    return value.kind >= CD_KIND_INT8 && value.kind <= CD_KIND_INT64;
}

/* Number.longValue. False: not a number. */
static bool to_long(struct cd_value value, int64_t *ret)
{
    if (is_integer(value))
        *ret = value.as.integer;
    else if (value.kind == CD_KIND_FLOAT32)
        *ret = cd_java_double_to_long((double)value.as.float32);
    else if (value.kind == CD_KIND_FLOAT64)
        *ret = cd_java_double_to_long(value.as.float64);
    else if (value.kind == CD_KIND_DECIMAL)
        *ret = cd_java_decimal_long(value.as.decimal);
    else
        return false;
    return true;
}

/* Number.intValue, and with it byteValue and shortValue: floats saturate at 32 bits first. */
static bool to_int(struct cd_value value, int64_t *ret)
{
    if (value.kind == CD_KIND_FLOAT32)
        *ret = cd_java_double_to_int((double)value.as.float32);
    else if (value.kind == CD_KIND_FLOAT64)
        *ret = cd_java_double_to_int(value.as.float64);
    else
        return to_long(value, ret);
    return true;
}

static bool to_double(struct cd_value value, double *ret)
{
    if (is_integer(value))
        *ret = (double)value.as.integer;
    else if (value.kind == CD_KIND_FLOAT32)
        *ret = (double)value.as.float32;
    else if (value.kind == CD_KIND_FLOAT64)
        *ret = value.as.float64;
    else if (value.kind == CD_KIND_DECIMAL)
        *ret = cd_java_decimal_double(value.as.decimal);
    else
        return false;
    return true;
}

static bool to_float(struct cd_value value, float *ret)
{
    double real;
    if (is_integer(value))
        *ret = (float)value.as.integer; /* by way of double it would be rounded twice */
    else if (value.kind == CD_KIND_DECIMAL)
        *ret = cd_java_decimal_float(value.as.decimal);
    else if (to_double(value, &real))
        *ret = (float)real;
    else
        return false;
    return true;
}

/* ---- texts to numbers ---- */

static bool parse_integer(enum cd_type target, struct cd_slice text, struct cd_value *ret,
                          struct cd_error *err)
{
    int8_t int8;
    int16_t int16;
    int32_t int32;
    int64_t int64;
    if (target == CD_TYPE_INT8 && cd_java_parse_byte(text, &int8, err))
        *ret = cd_int8(int8);
    else if (target == CD_TYPE_INT16 && cd_java_parse_short(text, &int16, err))
        *ret = cd_int16(int16);
    else if (target == CD_TYPE_INT32 && cd_java_parse_int(text, &int32, err))
        *ret = cd_int32(int32);
    else if (target == CD_TYPE_INT64 && cd_java_parse_long(text, &int64, err))
        *ret = cd_int64(int64);
    else
        return false;
    return true;
}

static bool parse_real(enum cd_type target, struct cd_slice text, struct cd_value *ret,
                       struct cd_error *err)
{
    float float32;
    double float64;
    if (target == CD_TYPE_FLOAT32 && cd_java_parse_float(text, &float32, err))
        *ret = cd_float32(float32);
    else if (target == CD_TYPE_FLOAT64 && cd_java_parse_double(text, &float64, err))
        *ret = cd_float64(float64);
    else
        return false;
    return true;
}

/* The JVM says "out of range" of anything that does not parse. */
static bool parse_text(enum cd_type target, struct cd_slice text, struct cd_value *ret,
                       struct cd_error *err)
{
    struct cd_error why = CD_ERROR_INIT;
    if (target <= CD_TYPE_INT64 ? parse_integer(target, text, ret, &why)
                                : parse_real(target, text, ret, &why))
        return true;
    return cd_fail_as(err, CD_ERR_DATA, "DataException",
                      "Value (%.*s) was out of range for requested data type", CD_SLICE_ARG(text));
}

/* ---- targets ---- */

static bool to_number(enum cd_type target, struct cd_value value, struct cd_value *ret,
                      struct cd_error *err)
{
    int64_t integer = 0;
    float float32 = 0;
    double float64 = 0;
    if (value.kind == CD_KIND_STRING)
        return parse_text(target, cd_value_slice(value), ret, err);
    if (value.kind == CD_KIND_BOOL)
        value = cd_int8(value.as.boolean);
    if (target <= CD_TYPE_INT32 && to_int(value, &integer))
        *ret = target == CD_TYPE_INT8    ? cd_int8((int8_t)integer)
               : target == CD_TYPE_INT16 ? cd_int16((int16_t)integer)
                                         : cd_int32((int32_t)integer);
    else if (target == CD_TYPE_INT64 && to_long(value, &integer))
        *ret = cd_int64(integer);
    else if (target == CD_TYPE_FLOAT32 && to_float(value, &float32))
        *ret = cd_float32(float32);
    else if (target == CD_TYPE_FLOAT64 && to_double(value, &float64))
        *ret = cd_float64(float64);
    else
        return fail_class(value, err);
    return true;
}

static bool to_boolean(struct cd_value value, struct cd_value *ret, struct cd_error *err)
{
    int64_t integer;
    if (value.kind == CD_KIND_BOOL)
        *ret = value;
    else if (value.kind == CD_KIND_STRING)
        *ret = cd_bool(value.count == 4 && strncasecmp(value.as.string, "true", 4) == 0);
    else if (to_long(value, &integer))
        *ret = cd_bool(integer != 0);
    else
        return fail_class(value, err);
    return true;
}

static bool bytes_text(struct cd_value value, struct cd_batch *out, struct cd_slice *ret,
                       struct cd_error *err)
{
    size_t len = cd_base64_length(value.count);
    char *text = cd_batch_alloc(out, len, err);
    if (text == NULL)
        return false;
    *ret = cd_slice_of(text, cd_base64_encode(value.as.bytes, value.count, text));
    return true;
}

/* The text that was put into the scratch buffer. */
static bool scratch_text(struct cd_caster *caster, struct cd_slice *ret, struct cd_error *err)
{
    *ret = cd_batch_copy(caster->out, cd_buffer_view(&caster->scratch), err);
    return ret->ptr != NULL;
}

static bool to_string(struct cd_caster *caster, struct cd_value value, struct cd_slice *ret,
                      struct cd_error *err)
{
    char number[CD_NUMBER_TEXT_BYTES];
    struct cd_buffer *text = &caster->scratch;
    cd_buffer_clear(text);
    switch ((enum cd_kind)value.kind) {
    case CD_KIND_BOOL:
        *ret = cd_slice(value.as.boolean ? "true" : "false");
        return true;
    case CD_KIND_INT8:
    case CD_KIND_INT16:
    case CD_KIND_INT32:
    case CD_KIND_INT64:
        cd_buffer_append(text, number, cd_int64_text(value.as.integer, number));
        return scratch_text(caster, ret, err);
    case CD_KIND_FLOAT32:
        cd_buffer_append(text, number, cd_java_float_text(value.as.float32, number));
        return scratch_text(caster, ret, err);
    case CD_KIND_FLOAT64:
        cd_buffer_append(text, number, cd_java_double_text(value.as.float64, number));
        return scratch_text(caster, ret, err);
    case CD_KIND_INSTANT:
        cd_date_header_text(value.as.integer, text);
        return scratch_text(caster, ret, err);
    case CD_KIND_DECIMAL:
        cd_java_decimal_text(value.as.decimal, text);
        return scratch_text(caster, ret, err);
    case CD_KIND_STRING:
        *ret = cd_value_slice(value);
        return true;
    case CD_KIND_BYTES:
        return bytes_text(value, caster->out, ret, err);
    case CD_KIND_NULL:
    case CD_KIND_ARRAY:
    case CD_KIND_MAP:
    case CD_KIND_STRUCT:
        break;
    }
    return fail_class(value, err);
}

/* ---- public ---- */

bool cd_cast_value(struct cd_caster *caster, enum cd_type target, const struct cd_schema *schema,
                   struct cd_value value, struct cd_value *ret, struct cd_error *err)
{
    struct cd_slice text;
    if (cd_is_null(value)) {
        *ret = value;
        return true;
    }
    if (!check_input(schema, value, err))
        return false;
    if (target == CD_TYPE_STRING) {
        if (!to_string(caster, value, &text, err))
            return false;
        *ret = cd_string(text);
        return true;
    }
    if (!encode_logical(schema, &value, err))
        return false;
    return target == CD_TYPE_BOOLEAN ? to_boolean(value, ret, err)
                                     : to_number(target, value, ret, err);
}
