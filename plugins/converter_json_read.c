#include "compat/base64.h"
#include "compat/decimal.h"
#include "data/logical.h"
#include "data/schema.h"
#include "plugins/converter_json.h"

/* On a null that a text or bytes field got from something else: it is there, so no default replaces
 * it. Never leaves this file. */
#define PRESENT_NULL 1u

const char *cd_json_node_type(enum cd_json_token token)
{
    switch (token) {
    case CD_JSON_OBJECT:
    case CD_JSON_OBJECT_END:
        return "OBJECT";
    case CD_JSON_ARRAY:
    case CD_JSON_ARRAY_END:
        return "ARRAY";
    case CD_JSON_STRING:
    case CD_JSON_NAME:
        return "STRING";
    case CD_JSON_INTEGER:
    case CD_JSON_FRACTION:
        return "NUMBER";
    case CD_JSON_TRUE:
    case CD_JSON_FALSE:
        return "BOOLEAN";
    case CD_JSON_NULL:
        return "NULL";
    case CD_JSON_MISSING:
    case CD_JSON_BAD:
        break;
    }
    return "MISSING";
}

static bool wrong_node(struct cd_json_source *from, const char *what)
{
    return cd_fail_as(from->json.err, CD_ERR_DATA, "DataException", "%s%s", what,
                      cd_json_node_type(from->json.token));
}

static bool is_number(const struct cd_json_source *from)
{
    return from->json.token == CD_JSON_INTEGER || from->json.token == CD_JSON_FRACTION;
}

/* ---- scalars: what does not fit is a zero or a null, as on the JVM ---- */

/* Jackson's "not a number" is 0; numbers are cut to the width. */
static int64_t read_integer(struct cd_json_source *from)
{
    return is_number(from) ? cd_json_long(&from->json) : 0;
}

static bool read_null_for(struct cd_json_source *from, const struct cd_schema *schema,
                          struct cd_value *ret)
{
    from->null_in_required |= !schema->optional;
    *ret = cd_null();
    ret->reserved = PRESENT_NULL;
    return cd_json_skip(&from->json);
}

static bool decode_base64(struct cd_json_source *from, struct cd_slice *ret, const char *complaint)
{
    struct cd_slice text = from->json.text;
    uint8_t *bytes =
        cd_arena_alloc(from->json.arena, cd_base64_decoded_max(text.len), 1, from->json.err);
    size_t len;
    struct cd_error why = CD_ERROR_INIT;
    if (bytes == NULL)
        return false;
    if (!cd_base64_decode(text, bytes, &len, &why))
        return cd_fail_as(from->json.err, CD_ERR_DATA, "DataException", "%s: %s", complaint,
                          why.msg);
    *ret = cd_slice_of(bytes, len);
    return true;
}

static bool read_bytes(struct cd_json_source *from, const struct cd_schema *schema,
                       struct cd_value *ret)
{
    struct cd_slice bytes;
    if (from->json.token != CD_JSON_STRING)
        return read_null_for(from, schema, ret);
    if (!decode_base64(from, &bytes, "Invalid bytes field"))
        return false;
    *ret = cd_bytes(bytes.ptr, bytes.len);
    return true;
}

static bool read_scalar(struct cd_json_source *from, const struct cd_schema *schema,
                        struct cd_value *ret)
{
    switch (schema->type) {
    case CD_TYPE_INT8:
        *ret = cd_int8((int8_t)read_integer(from));
        break;
    case CD_TYPE_INT16:
        *ret = cd_int16((int16_t)read_integer(from));
        break;
    case CD_TYPE_INT32:
        *ret = cd_int32((int32_t)read_integer(from));
        break;
    case CD_TYPE_INT64:
        *ret = cd_int64(read_integer(from));
        break;
    case CD_TYPE_FLOAT32:
        *ret = cd_float32(is_number(from) ? cd_json_float(&from->json) : 0);
        break;
    case CD_TYPE_FLOAT64:
        *ret = cd_float64(is_number(from) ? cd_json_double(&from->json) : 0);
        break;
    case CD_TYPE_BOOLEAN:
        *ret = cd_bool(from->json.token == CD_JSON_TRUE);
        break;
    case CD_TYPE_STRING:
        if (from->json.token != CD_JSON_STRING)
            return read_null_for(from, schema, ret);
        *ret = cd_string(from->json.text);
        break;
    case CD_TYPE_BYTES:
        return read_bytes(from, schema, ret);
    case CD_TYPE_ARRAY:
    case CD_TYPE_MAP:
    case CD_TYPE_STRUCT:
        break;
    }
    return cd_json_skip(&from->json);
}

/* ---- logical types ---- */

static bool read_decimal(struct cd_json_source *from, const struct cd_schema *schema,
                         struct cd_value *ret)
{
    struct cd_slice bytes;
    int32_t scale;
    if (is_number(from))
        return cd_json_decimal(&from->json, ret); /* with the text's own scale */
    if (from->json.token != CD_JSON_STRING)
        return wrong_node(from, "Invalid type for Decimal, underlying representation should be "
                                "numeric or bytes but was ");
    if (!decode_base64(from, &bytes, "Invalid bytes for Decimal field"))
        return false;
    if (bytes.len == 0)
        return cd_fail_as(from->json.err, CD_ERR_DATA, "DataException",
                          "Invalid bytes for Decimal field: Zero length BigInteger");
    if (!cd_logical_scale(schema, &scale, from->json.err))
        return false;
    const struct cd_decimal *d =
        cd_decimal_of_bytes(bytes, scale, from->json.arena, from->json.err);
    if (d != NULL)
        *ret = cd_decimal(d);
    return d != NULL;
}

static bool read_instant(struct cd_json_source *from, enum cd_logical logical, struct cd_value *ret)
{
    bool wide = logical == CD_LOGICAL_TIMESTAMP;
    int64_t ms;
    if (from->json.token != CD_JSON_INTEGER || !(wide || from->json.fits_int32))
        return cd_fail_as(from->json.err, CD_ERR_DATA, "DataException",
                          "Invalid type for %s, underlying representation should be %s but was %s",
                          cd_logical_name(logical), wide ? "integral" : "integer",
                          cd_json_node_type(from->json.token));
    if (!cd_logical_decode(logical, from->json.integer, &ms, from->json.err))
        return false;
    *ret = cd_instant(ms);
    return true;
}

/* ---- containers ---- */

/* Its elements, or the values of an object, of which the last of a name wins. */
static bool read_elements(struct cd_json_source *from, const struct cd_schema *schema, bool named)
{
    for (;;) {
        enum cd_json_token token = cd_json_next(&from->json);
        struct cd_value key = cd_null();
        if (token == CD_JSON_ARRAY_END || token == CD_JSON_OBJECT_END)
            return true;
        if (named) {
            key = cd_string(from->json.text);
            token = token == CD_JSON_BAD ? token : cd_json_next(&from->json);
        }
        struct cd_value value;
        if (token == CD_JSON_BAD || !cd_json_read(from, schema, &value))
            return false;
        *cd_json_push(from->stack) = (struct cd_map_entry){key, value};
    }
}

static bool read_array(struct cd_json_source *from, const struct cd_schema *schema,
                       struct cd_value *ret)
{
    size_t base = from->stack->used;
    bool named = from->json.token == CD_JSON_OBJECT;
    if (!named && from->json.token != CD_JSON_ARRAY) {
        *ret = cd_array(NULL, 0); /* a scalar has no elements, says Jackson */
        return true;
    }
    if (!read_elements(from, schema->element, named))
        return false;
    if (!named)
        return cd_json_pop_array(from->stack, base, from->json.arena, ret, from->json.err);
    struct cd_value map;
    if (!cd_json_pop_map(from->stack, base, from->json.arena, &map, from->json.err))
        return false;
    for (uint32_t i = 0; i < map.count; i++)
        *cd_json_push(from->stack) = map.as.map[i];
    return cd_json_pop_array(from->stack, base, from->json.arena, ret, from->json.err);
}

static bool read_object_map(struct cd_json_source *from, const struct cd_schema *schema,
                            struct cd_value *ret)
{
    size_t base = from->stack->used;
    if (from->json.token != CD_JSON_OBJECT)
        return wrong_node(from,
                          "Maps with string fields should be encoded as JSON objects, but found ");
    return read_elements(from, schema->element, /* named = */ true) &&
           cd_json_pop_map(from->stack, base, from->json.arena, ret, from->json.err);
}

/* [key, value], whose first token is the newest one. The JVM has counted the elements before it
 * looks at them. */
static bool read_pair(struct cd_json_source *from, const struct cd_schema *schema,
                      struct cd_map_entry *ret)
{
    if (from->json.token != CD_JSON_ARRAY)
        return wrong_node(from, "Found invalid map entry instead of array tuple: ");
    struct cd_json_mark first = cd_json_mark(&from->json);
    size_t count = 0;
    for (; cd_json_next(&from->json) != CD_JSON_ARRAY_END; count++)
        if (!cd_json_skip(&from->json))
            return false;
    if (count != 2)
        return cd_fail_as(from->json.err, CD_ERR_DATA, "DataException",
                          "Found invalid map entry, expected length 2 but found :%zu", count);
    cd_json_return(&from->json, first);
    (void)cd_json_next(&from->json); /* seen above */
    if (!cd_json_read(from, schema->key, &ret->key))
        return false;
    (void)cd_json_next(&from->json); /* seen above */
    return cd_json_read(from, schema->element, &ret->value) &&
           cd_json_next(&from->json) == CD_JSON_ARRAY_END;
}

static bool read_pair_map(struct cd_json_source *from, const struct cd_schema *schema,
                          struct cd_value *ret)
{
    size_t base = from->stack->used;
    if (from->json.token != CD_JSON_ARRAY)
        return wrong_node(from, "Maps with non-string fields should be encoded as JSON array of "
                                "tuples, but found ");
    while (cd_json_next(&from->json) != CD_JSON_ARRAY_END) {
        struct cd_map_entry entry;
        if (from->json.token == CD_JSON_BAD || !read_pair(from, schema, &entry))
            return false;
        *cd_json_push(from->stack) = entry;
    }
    return cd_json_pop_map(from->stack, base, from->json.arena, ret, from->json.err);
}

/* ---- structs ---- */

/* Members mostly come in schema order, so the next one is tried first. */
static int32_t find_field(const struct cd_schema *schema, struct cd_slice name, uint32_t expected)
{
    if (expected < schema->field_count && cd_slice_equal(schema->fields[expected].name, name))
        return (int32_t)expected;
    return cd_schema_field(schema, name);
}

/* Struct.put looks at what it gets. All but such a null is right by construction. */
static bool check_field(struct cd_json_source *from, const struct cd_field *field,
                        struct cd_value value)
{
    if (!from->null_in_required)
        return true;
    from->null_in_required = false;
    CD_AUTO(cd_buffer_done) struct cd_buffer name = CD_BUFFER_INIT;
    cd_buffer_slice(&name, field->name);
    return cd_schema_check(field->schema, value, name.ptr, from->json.err);
}

static bool read_members(struct cd_json_source *from, const struct cd_schema *schema,
                         struct cd_struct *s)
{
    uint32_t expected = 0;
    while (cd_json_next(&from->json) == CD_JSON_NAME) {
        int32_t at = find_field(schema, from->json.text, expected);
        if (cd_json_next(&from->json) == CD_JSON_BAD)
            return false;
        if (at < 0) {
            if (!cd_json_skip(&from->json))
                return false;
            continue;
        }
        const struct cd_field *field = &schema->fields[at];
        if (!cd_json_read(from, field->schema, &s->fields[at]) ||
            !check_field(from, field, s->fields[at]))
            return false;
        expected = (uint32_t)at + 1;
    }
    return from->json.token == CD_JSON_OBJECT_END;
}

static bool read_absent(struct cd_json_source *from, const struct cd_schema *schema,
                        struct cd_value *ret);

static bool read_struct(struct cd_json_source *from, const struct cd_schema *schema,
                        struct cd_value *ret)
{
    if (from->json.token != CD_JSON_OBJECT)
        return wrong_node(from, "Structs should be encoded as JSON objects, but found ");
    struct cd_struct *s = cd_batch_new_struct(from->out, schema, from->json.err);
    if (s == NULL || !read_members(from, schema, s))
        return false;
    for (uint32_t i = 0; i < schema->field_count; i++) {
        struct cd_value *value = &s->fields[i];
        if (value->kind == CD_KIND_NULL && value->reserved != PRESENT_NULL &&
            !read_absent(from, schema->fields[i].schema, value))
            return false;
        value->reserved = 0;
    }
    *ret = cd_struct(s);
    return true;
}

/* ---- all ---- */

/* A JSON null, or no member. */
static bool read_absent(struct cd_json_source *from, const struct cd_schema *schema,
                        struct cd_value *ret)
{
    if (schema->fallback != NULL && from->rules->replace_null)
        *ret = *schema->fallback; /* lives as long as the schema, which the batch keeps */
    else if (schema->optional)
        *ret = cd_null();
    else
        return cd_fail_as(from->json.err, CD_ERR_DATA, "DataException",
                          "Invalid null value for required %s field", cd_type_name(schema->type));
    return true;
}

static bool read_typed(struct cd_json_source *from, const struct cd_schema *schema,
                       struct cd_value *ret)
{
    if (schema->type == CD_TYPE_STRUCT)
        return read_struct(from, schema, ret);
    if (schema->type == CD_TYPE_ARRAY)
        return read_array(from, schema, ret);
    if (schema->type == CD_TYPE_MAP)
        return schema->key->type == CD_TYPE_STRING ? read_object_map(from, schema, ret)
                                                   : read_pair_map(from, schema, ret);
    return read_scalar(from, schema, ret);
}

bool cd_json_read(struct cd_json_source *from, const struct cd_schema *schema, struct cd_value *ret)
{
    if (from->json.token == CD_JSON_BAD)
        return false;
    if (schema == NULL)
        return cd_json_get_value(&from->json, from->stack, ret);
    if (from->json.token == CD_JSON_NULL || from->json.token == CD_JSON_MISSING)
        return read_absent(from, schema, ret);
    if (schema->logical == CD_LOGICAL_NONE)
        return read_typed(from, schema, ret);
    return schema->logical == CD_LOGICAL_DECIMAL ? read_decimal(from, schema, ret)
                                                 : read_instant(from, schema->logical, ret);
}
