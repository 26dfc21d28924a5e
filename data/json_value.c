/* Values without a schema from JSON, numbers as Java converts them, and the plain JSON of offsets.
 */
#include "compat/decimal.h"
#include "compat/number.h"
#include "data/json_reader.h"
#include "data/value.h"

/* ---- numbers ---- */

struct decimal_parts {
    bool negative;
    bool zero;
    const char *digits; /* with a point among them, perhaps */
    const char *end;
    int64_t exponent;
};

/* The reader lets no more than ten digits pass that are not leading zeros. */
static int64_t exponent_of(const char *at, const char *end)
{
    bool negative = *at == '-';
    if (*at == '-' || *at == '+')
        at++;
    int64_t v = 0;
    while (at < end)
        v = v * 10 + (*at++ - '0');
    return negative ? -v : v;
}

static struct decimal_parts split_number(struct cd_slice text)
{
    struct decimal_parts parts = {.zero = true};
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;
    parts.negative = *at == '-';
    parts.digits = parts.negative ? at + 1 : at;
    for (at = parts.digits; at < end && *at != 'e' && *at != 'E'; at++)
        parts.zero &= *at == '0' || *at == '.';
    parts.end = at;
    parts.exponent = at < end ? exponent_of(at + 1, end) : 0;
    return parts;
}

/* BigDecimal.longValue: Horner's scheme modulo 2^64 over the digits before the shifted point. */
static int64_t fraction_to_long(struct cd_slice text)
{
    struct decimal_parts parts = split_number(text);
    uint64_t v = 0;
    int64_t integral = 0; /* digits before the point */
    while (parts.digits + integral < parts.end && parts.digits[integral] != '.')
        integral++;
    int64_t wanted = integral + parts.exponent;
    for (const char *at = parts.digits; at < parts.end && wanted > 0; at++) {
        if (*at == '.')
            continue;
        v = v * 10 + (uint64_t)(*at - '0');
        wanted--;
    }
    /* 64 zeros more are a multiple of 2^64. */
    for (int64_t i = 0; i < wanted && i < 64; i++)
        v *= 10;
    return (int64_t)(parts.negative ? 0 - v : v);
}

int64_t cd_json_long(const struct cd_json_reader *json)
{
    return json->token == CD_JSON_INTEGER ? json->integer : fraction_to_long(json->text);
}

/* A BigDecimal has no negative zero, so "-0.0" is 0.0 on the JVM; what only rounds to it stays. */
static bool is_zero(const struct cd_json_reader *json)
{
    return split_number(json->text).zero;
}

double cd_json_double(const struct cd_json_reader *json)
{
    if (json->token == CD_JSON_INTEGER && json->fits_int64)
        return (double)json->integer;
    struct cd_error never = CD_ERROR_INIT; /* the reader has seen that it is a number */
    double v;
    if (!cd_java_parse_double(json->text, &v, &never) || (v == 0 && is_zero(json)))
        return 0;
    return v;
}

float cd_json_float(const struct cd_json_reader *json)
{
    if (json->token == CD_JSON_INTEGER && json->fits_int64)
        return (float)json->integer;
    struct cd_error never = CD_ERROR_INIT; /* as above */
    float v;
    if (!cd_java_parse_float(json->text, &v, &never) || (v == 0 && is_zero(json)))
        return 0;
    return v;
}

bool cd_json_decimal(struct cd_json_reader *json, struct cd_value *ret)
{
    const struct cd_decimal *d = json->token == CD_JSON_INTEGER && json->fits_int64
                                     ? cd_decimal_of_int64(json->integer, 0, json->arena, json->err)
                                     : cd_java_parse_decimal(json->text, json->arena, json->err);
    if (d == NULL)
        return false;
    *ret = cd_decimal(d);
    return true;
}

/* ---- values ---- */

/* An open container is an item that says what it is and where the one around it begins. */
static void open_container(struct cd_json_stack *stack, enum cd_kind kind, size_t *base)
{
    struct cd_map_entry *marker = cd_json_push(stack);
    marker->key = cd_int64((int64_t)*base);
    marker->value.kind = (uint8_t)kind;
    *base = stack->used;
}

static bool close_container(struct cd_json_reader *json, struct cd_json_stack *stack, size_t *base,
                            struct cd_value *ret)
{
    bool ok = json->token == CD_JSON_OBJECT_END
                  ? cd_json_pop_map(stack, *base, json->arena, ret, json->err)
                  : cd_json_pop_array(stack, *base, json->arena, ret, json->err);
    if (!ok)
        return false;
    *base = (size_t)stack->items[--stack->used].key.as.integer;
    return true;
}

/* Into the innermost open container. */
static void add(struct cd_json_stack *stack, size_t base, struct cd_value value)
{
    if (stack->items[base - 1].value.kind == CD_KIND_MAP)
        stack->items[stack->used - 1].value = value; /* its name is there already */
    else
        cd_json_push(stack)->value = value;
}

static struct cd_value scalar(const struct cd_json_reader *json)
{
    switch (json->token) {
    case CD_JSON_STRING:
        return cd_string(json->text);
    case CD_JSON_INTEGER:
        return cd_int64(json->integer);
    case CD_JSON_FRACTION:
        return cd_float64(cd_json_double(json));
    case CD_JSON_TRUE:
        return cd_bool(true);
    case CD_JSON_FALSE:
        return cd_bool(false);
    case CD_JSON_BAD:
    case CD_JSON_MISSING:
    case CD_JSON_OBJECT:
    case CD_JSON_OBJECT_END:
    case CD_JSON_ARRAY:
    case CD_JSON_ARRAY_END:
    case CD_JSON_NAME:
    case CD_JSON_NULL:
        break;
    }
    return cd_null();
}

/* One token. True: `ret` is a value that is complete. */
static bool take_token(struct cd_json_reader *json, struct cd_json_stack *stack, size_t *base,
                       struct cd_value *ret)
{
    switch (json->token) {
    case CD_JSON_OBJECT:
        open_container(stack, CD_KIND_MAP, base);
        return false;
    case CD_JSON_ARRAY:
        open_container(stack, CD_KIND_ARRAY, base);
        return false;
    case CD_JSON_NAME:
        cd_json_push(stack)->key = cd_string(json->text);
        return false;
    case CD_JSON_OBJECT_END:
    case CD_JSON_ARRAY_END:
        return close_container(json, stack, base, ret);
    case CD_JSON_STRING:
    case CD_JSON_INTEGER:
    case CD_JSON_FRACTION:
    case CD_JSON_TRUE:
    case CD_JSON_FALSE:
    case CD_JSON_NULL:
    case CD_JSON_MISSING:
        *ret = scalar(json);
        return true;
    case CD_JSON_BAD:
        break;
    }
    return false;
}

bool cd_json_get_value(struct cd_json_reader *json, struct cd_json_stack *stack,
                       struct cd_value *ret)
{
    size_t outermost = stack->used;
    size_t base = outermost;
    while (json->token != CD_JSON_BAD && json->err->code == CD_OK) {
        struct cd_value value;
        if (take_token(json, stack, &base, &value)) {
            if (base == outermost) {
                *ret = value;
                return true;
            }
            add(stack, base, value);
        }
        (void)cd_json_next(json); /* the loop looks at the token */
    }
    stack->used = outermost;
    return false;
}

/* ---- the plain JSON of offsets ---- */

bool cd_value_to_json(struct cd_value value, struct cd_buffer *out, struct cd_error *err)
{
    struct cd_json_writer json = {.out = *out};
    size_t before = out->len;
    bool ok = cd_json_put_value(&json, value, err);
    if (!ok)
        json.out.len = before;
    *out = json.out;
    json.out = (struct cd_buffer)CD_BUFFER_INIT;
    cd_json_writer_done(&json);
    *cd_buffer_reserve(out, 0) = '\0';
    return ok;
}

bool cd_value_from_json(struct cd_arena *arena, struct cd_slice text, struct cd_value *ret,
                        struct cd_error *err)
{
    CD_AUTO(cd_json_stack_done) struct cd_json_stack stack = {0};
    struct cd_json_reader json;
    struct cd_slice copy = cd_arena_copy(arena, text.ptr == NULL ? cd_slice("") : text, err);
    if (copy.ptr == NULL || !cd_json_reader_init(&json, copy, arena, err) ||
        cd_json_next(&json) == CD_JSON_BAD)
        return false;
    return cd_json_get_value(&json, &stack, ret);
}
