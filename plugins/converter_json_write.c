#include "data/logical.h"
#include "data/schema.h"
#include "plugins/converter_json.h"

#define CLASS_OF(value) cd_kind_java_class((enum cd_kind)(value).kind)

/* ---- logical types ---- */

static bool write_decimal(struct cd_json_writer *json, const struct cd_json_rules *rules,
                          const struct cd_schema *schema, const struct cd_decimal *decimal,
                          struct cd_error *err)
{
    if (rules->decimals_as_numbers) {
        cd_json_put_decimal(json, decimal); /* as on the JVM, whatever the schema's scale */
        return true;
    }
    if (!cd_logical_check_scale(schema, decimal, err))
        return false;
    cd_json_put_base64(json, cd_slice_of(decimal->unscaled, decimal->len));
    return true;
}

static bool write_logical(struct cd_json_writer *json, const struct cd_json_rules *rules,
                          const struct cd_schema *schema, struct cd_value value,
                          struct cd_error *err)
{
    bool decimal = schema->logical == CD_LOGICAL_DECIMAL;
    if (value.kind != (decimal ? CD_KIND_DECIMAL : CD_KIND_INSTANT))
        return cd_fail_as(
            err, CD_ERR_DATA, "DataException", "Invalid type for %s, expected %s but was class %s",
            cd_logical_name(schema->logical), decimal ? "BigDecimal" : "Date", CLASS_OF(value));
    if (decimal)
        return write_decimal(json, rules, schema, value.as.decimal, err);
    int64_t encoded;
    if (!cd_logical_encode(schema->logical, value.as.integer, &encoded, err))
        return false;
    cd_json_put_int64(json, encoded);
    return true;
}

/* ---- containers ---- */

static bool write_array(struct cd_json_writer *json, const struct cd_json_rules *rules,
                        const struct cd_schema *schema, struct cd_value array, struct cd_error *err)
{
    if (!cd_json_enter(json, err))
        return false;
    cd_json_put_char(json, '[');
    for (uint32_t i = 0; i < array.count; i++) {
        if (i > 0)
            cd_json_put_char(json, ',');
        if (!cd_json_write(json, rules, schema->element, array.as.array[i], err))
            return false;
    }
    cd_json_put_char(json, ']');
    cd_json_leave(json);
    return true;
}

/* The text of the key's JSON: a null key becomes "null", unless a default replaces it. */
static bool write_name(struct cd_json_writer *json, const struct cd_json_rules *rules,
                       const struct cd_schema *schema, struct cd_value key, struct cd_error *err)
{
    size_t start = json->out.len;
    if (!cd_json_write(json, rules, schema, key, err))
        return false;
    if (json->out.ptr[start] != '"') {
        json->out.len = start;
        cd_json_put_string(json, cd_slice("null"));
    }
    cd_json_put_char(json, ':');
    return true;
}

static bool write_entry(struct cd_json_writer *json, const struct cd_json_rules *rules,
                        const struct cd_schema *schema, const struct cd_map_entry *entry,
                        struct cd_error *err)
{
    if (schema->key->type == CD_TYPE_STRING)
        return write_name(json, rules, schema->key, entry->key, err) &&
               cd_json_write(json, rules, schema->element, entry->value, err);
    if (!cd_json_enter(json, err))
        return false;
    cd_json_put_char(json, '[');
    if (!cd_json_write(json, rules, schema->key, entry->key, err))
        return false;
    cd_json_put_char(json, ',');
    if (!cd_json_write(json, rules, schema->element, entry->value, err))
        return false;
    cd_json_put_char(json, ']');
    cd_json_leave(json);
    return true;
}

static bool write_map(struct cd_json_writer *json, const struct cd_json_rules *rules,
                      const struct cd_schema *schema, struct cd_value map, struct cd_error *err)
{
    if (schema->key == NULL) /* a schema made of an empty header text */
        return cd_fail_as(err, CD_ERR_DATA, "NullPointerException",
                          "the schema of a map has no key schema");
    if (!cd_json_enter(json, err))
        return false;
    bool object = schema->key->type == CD_TYPE_STRING;
    struct cd_json_order order = cd_json_order_begin(json, map);
    cd_json_put_char(json, object ? '{' : '[');
    for (uint32_t i = 0; i < map.count; i++) {
        if (i > 0)
            cd_json_put_char(json, ',');
        if (!write_entry(json, rules, schema, cd_json_order_at(json, order, map, i), err))
            return false;
    }
    cd_json_put_char(json, object ? '}' : ']');
    cd_json_order_end(json, order);
    cd_json_leave(json);
    return true;
}

static bool write_struct(struct cd_json_writer *json, const struct cd_json_rules *rules,
                         const struct cd_schema *schema, const struct cd_struct *s,
                         struct cd_error *err)
{
    if (s->schema != schema)
        return cd_fail_as(err, CD_ERR_DATA, "DataException", "Mismatching schema.");
    if (!cd_json_enter(json, err))
        return false;
    cd_json_put_char(json, '{');
    for (uint32_t i = 0; i < schema->field_count; i++) {
        if (i > 0)
            cd_json_put_char(json, ',');
        cd_json_put_string(json, schema->fields[i].name);
        cd_json_put_char(json, ':');
        if (!cd_json_write(json, rules, schema->fields[i].schema, s->fields[i], err))
            return false;
    }
    cd_json_put_char(json, '}');
    cd_json_leave(json);
    return true;
}

/* ---- values ---- */

static bool write_null(struct cd_json_writer *json, const struct cd_json_rules *rules,
                       const struct cd_schema *schema, struct cd_error *err)
{
    if (schema->fallback != NULL && rules->replace_null)
        return cd_json_write(json, rules, schema, *schema->fallback, err);
    if (!schema->optional)
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "Conversion error: null value for field that is required and has no "
                          "default value");
    CD_JSON_PUT_LITERAL(json, "null");
    return true;
}

static bool wrong_class(const struct cd_schema *schema, struct cd_value value, struct cd_error *err)
{
    const char *type = schema->type == CD_TYPE_BYTES ? "bytes type" : cd_type_name(schema->type);
    return cd_fail_as(err, CD_ERR_DATA, "DataException", "Invalid type for %s: class %s", type,
                      CLASS_OF(value));
}

/* Not null, not logical. A wrong class is told by `kind`. */
static bool write_typed(struct cd_json_writer *json, const struct cd_json_rules *rules,
                        const struct cd_schema *schema, struct cd_value value, struct cd_error *err)
{
    switch (schema->type) {
    case CD_TYPE_INT8:
    case CD_TYPE_INT16:
    case CD_TYPE_INT32:
    case CD_TYPE_INT64:
        if (value.kind != CD_KIND_INT8 + (schema->type - CD_TYPE_INT8))
            break;
        cd_json_put_int64(json, value.as.integer);
        return true;
    case CD_TYPE_FLOAT32:
        if (value.kind != CD_KIND_FLOAT32)
            break;
        cd_json_put_float32(json, value.as.float32);
        return true;
    case CD_TYPE_FLOAT64:
        if (value.kind != CD_KIND_FLOAT64)
            break;
        cd_json_put_float64(json, value.as.float64);
        return true;
    case CD_TYPE_BOOLEAN:
        if (value.kind != CD_KIND_BOOL)
            break;
        if (value.as.boolean)
            CD_JSON_PUT_LITERAL(json, "true");
        else
            CD_JSON_PUT_LITERAL(json, "false");
        return true;
    case CD_TYPE_STRING:
        if (value.kind != CD_KIND_STRING)
            break;
        cd_json_put_string(json, cd_value_slice(value));
        return true;
    case CD_TYPE_BYTES:
        if (value.kind != CD_KIND_BYTES)
            break;
        cd_json_put_base64(json, cd_value_slice(value));
        return true;
    case CD_TYPE_ARRAY:
        return value.kind == CD_KIND_ARRAY ? write_array(json, rules, schema, value, err)
                                           : wrong_class(schema, value, err);
    case CD_TYPE_MAP:
        return value.kind == CD_KIND_MAP ? write_map(json, rules, schema, value, err)
                                         : wrong_class(schema, value, err);
    case CD_TYPE_STRUCT:
        return value.kind == CD_KIND_STRUCT
                   ? write_struct(json, rules, schema, value.as.structure, err)
                   : wrong_class(schema, value, err);
    }
    return wrong_class(schema, value, err);
}

bool cd_json_write(struct cd_json_writer *json, const struct cd_json_rules *rules,
                   const struct cd_schema *schema, struct cd_value value, struct cd_error *err)
{
    if (schema == NULL)
        return cd_json_put_value(json, value, err);
    if (cd_is_null(value))
        return write_null(json, rules, schema, err);
    if (schema->logical != CD_LOGICAL_NONE)
        return write_logical(json, rules, schema, value, err);
    return write_typed(json, rules, schema, value, err);
}
