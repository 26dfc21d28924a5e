#include "tests/fake/vectors.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "compat/decimal.h"
#include "compat/utf.h"
#include "data/schema.h"
#include "data/value.h"

static _Noreturn void broken(const char *what, const json_t *notation)
{
    char *text = json_dumps(notation, JSON_ENCODE_ANY);
    (void)fprintf(stderr, "vectors: %s: %.300s\n", what, text == NULL ? "" : text);
    abort();
}

static void *need(void *ptr)
{
    assert(ptr != NULL);
    return ptr;
}

json_t *cd_vectors_load(const char *name)
{
    CD_AUTO_FREE char *path = cd_asprintf("tests/vectors/%s", name);
    json_error_t why;
    json_t *root = json_load_file(path, 0, &why);
    if (root == NULL) {
        (void)fprintf(stderr, "vectors: %s: %s\n", path, why.text);
        abort();
    }
    return root;
}

const char *cd_vector_text(const json_t *vector, const char *member)
{
    return json_string_value(json_object_get(vector, member));
}

/* ---- bytes and texts ---- */

static struct cd_slice copy_text(struct cd_batch *into, const json_t *text)
{
    struct cd_error err = CD_ERROR_INIT;
    if (!json_is_string(text))
        return (struct cd_slice){NULL, 0};
    return cd_batch_copy(into, cd_slice_of(json_string_value(text), json_string_length(text)),
                         &err);
}

static struct cd_slice unhex(struct cd_batch *into, const char *hex)
{
    struct cd_error err = CD_ERROR_INIT;
    size_t len = strlen(hex) / 2;
    char *bytes = need(cd_batch_alloc(into, len + 1, &err));
    for (size_t i = 0; i < len; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        bytes[i] = (char)strtoul(pair, NULL, 16);
    }
    return cd_slice_of(bytes, len);
}

struct cd_slice cd_vector_bytes(struct cd_batch *into, const json_t *object)
{
    const json_t *hex = json_object_get(object, "bytes_hex");
    if (json_is_null(hex))
        return (struct cd_slice){NULL, 0};
    if (!json_is_string(hex))
        broken("bytes_hex is missing", object);
    return unhex(into, json_string_value(hex));
}

static struct cd_value utf16_value(struct cd_batch *into, const char *hex)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_slice units = unhex(into, hex);
    CD_AUTO(cd_buffer_done) struct cd_buffer halves = CD_BUFFER_INIT;
    CD_AUTO(cd_buffer_done) struct cd_buffer text = CD_BUFFER_INIT;
    for (size_t i = 0; i + 1 < units.len; i += 2) {
        char bytes[4];
        uint32_t unit =
            (uint32_t)(unsigned char)units.ptr[i] << 8 | (unsigned char)units.ptr[i + 1];
        cd_buffer_append(&halves, bytes, cd_utf_put(unit, bytes));
    }
    cd_wtf8_join(cd_buffer_view(&halves), &text);
    return cd_string(cd_batch_copy(into, cd_buffer_view(&text), &err));
}

/* ---- values ---- */

static struct cd_value decimal_value(struct cd_batch *into, const json_t *notation)
{
    struct cd_error err = CD_ERROR_INIT;
    const struct cd_decimal *integer =
        cd_java_parse_integer(cd_slice(cd_vector_text(notation, "unscaled")), &into->arena, &err);
    if (integer == NULL)
        broken("an unscaled integer", notation);
    size_t size = sizeof(*integer) + integer->len;
    struct cd_decimal *decimal = need(cd_batch_alloc(into, size, &err));
    memcpy(decimal, integer, size);
    decimal->scale = (int32_t)json_integer_value(json_object_get(notation, "scale"));
    return cd_decimal(decimal);
}

static struct cd_value float_value(const json_t *notation, bool wide)
{
    uint64_t bits = strtoull(cd_vector_text(notation, "bits"), NULL, 16);
    struct cd_value value = wide ? cd_float64(0) : cd_float32(0);
    uint32_t half = (uint32_t)bits;
    if (wide)
        memcpy(&value.as.float64, &bits, sizeof(bits));
    else
        memcpy(&value.as.float32, &half, sizeof(half));
    return value;
}

static bool array_value(struct cd_batch *into, const struct cd_schema *schema,
                        const json_t *notation, struct cd_value *ret, struct cd_error *err)
{
    size_t count = json_array_size(notation);
    struct cd_value *elements = need(cd_batch_alloc(into, count * sizeof(*elements), err));
    const struct cd_schema *inner = schema == NULL ? NULL : schema->element;
    for (size_t i = 0; i < count; i++)
        if (!cd_vector_value(into, inner, json_array_get(notation, i), &elements[i], err))
            return false;
    *ret = cd_array(elements, count);
    return true;
}

static bool map_value(struct cd_batch *into, const struct cd_schema *schema, const json_t *notation,
                      struct cd_value *ret, struct cd_error *err)
{
    size_t count = json_array_size(notation);
    struct cd_map_entry *entries = need(cd_batch_alloc(into, count * sizeof(*entries), err));
    const struct cd_schema *key = schema == NULL ? NULL : schema->key;
    const struct cd_schema *inner = schema == NULL ? NULL : schema->element;
    for (size_t i = 0; i < count; i++) {
        const json_t *pair = json_array_get(notation, i);
        if (!cd_vector_value(into, key, json_array_get(pair, 0), &entries[i].key, err) ||
            !cd_vector_value(into, inner, json_array_get(pair, 1), &entries[i].value, err))
            return false;
    }
    *ret = cd_map(entries, count);
    return true;
}

static bool struct_value(struct cd_batch *into, const struct cd_schema *schema,
                         const json_t *notation, const json_t *own_schema, struct cd_value *ret,
                         struct cd_error *err)
{
    if (own_schema != NULL && !cd_vector_schema(into, own_schema, &schema, err))
        return false;
    if (schema == NULL || schema->type != CD_TYPE_STRUCT)
        broken("a struct without its schema", notation);
    struct cd_struct *s = need(cd_batch_new_struct(into, schema, err));
    for (size_t i = 0; i < json_array_size(notation); i++) {
        const json_t *pair = json_array_get(notation, i);
        struct cd_slice name = cd_slice(json_string_value(json_array_get(pair, 0)));
        int32_t at = cd_schema_field(schema, name);
        if (at < 0)
            broken("a field that the schema does not have", pair);
        if (!cd_vector_value(into, schema->fields[at].schema, json_array_get(pair, 1),
                             &s->fields[at], err))
            return false;
    }
    *ret = cd_struct(s);
    return true;
}

bool cd_vector_value(struct cd_batch *into, const struct cd_schema *schema, const json_t *notation,
                     struct cd_value *ret, struct cd_error *err)
{
    static const char *const members[] = {
        "int8",    "int16",  "int32",          "int64", "float32", "float64",
        "boolean", "string", "string_utf16be", "bytes", "decimal", "instant_ms",
        "array",   "map",    "struct",
    };
    *ret = cd_null();
    if (notation == NULL || json_is_null(notation))
        return true;
    size_t which = 0;
    const json_t *v = NULL;
    while (which < sizeof(members) / sizeof(members[0]) && v == NULL)
        v = json_object_get(notation, members[which++]);
    if (v == NULL)
        broken("an unknown kind of value", notation);
    int64_t integer = json_integer_value(v);
    switch (which - 1) {
    case 0:
        *ret = cd_int8((int8_t)integer);
        return true;
    case 1:
        *ret = cd_int16((int16_t)integer);
        return true;
    case 2:
        *ret = cd_int32((int32_t)integer);
        return true;
    case 3:
        *ret = cd_int64(integer);
        return true;
    case 4:
    case 5:
        *ret = float_value(v, which - 1 == 5);
        return true;
    case 6:
        *ret = cd_bool(json_is_true(v));
        return true;
    case 7:
        *ret = cd_string(copy_text(into, v));
        return true;
    case 8:
        *ret = utf16_value(into, json_string_value(v));
        return true;
    case 9: {
        struct cd_slice bytes = unhex(into, json_string_value(v));
        *ret = cd_bytes(bytes.ptr, bytes.len);
        return true;
    }
    case 10:
        *ret = decimal_value(into, v);
        return true;
    case 11:
        *ret = cd_instant(integer);
        return true;
    case 12:
        return array_value(into, schema, v, ret, err);
    case 13:
        return map_value(into, schema, v, ret, err);
    default:
        return struct_value(into, schema, v, json_object_get(notation, "struct_schema"), ret, err);
    }
}

/* ---- schemas ---- */

static enum cd_type type_named(const json_t *notation)
{
    static const char *const names[] = {"int8",    "int16",  "int32", "int64", "float32", "float64",
                                        "boolean", "string", "bytes", "array", "map",     "struct"};
    const char *name = cd_vector_text(notation, "type");
    for (enum cd_type type = CD_TYPE_INT8; type <= CD_TYPE_STRUCT; type++)
        if (name != NULL && strcmp(name, names[type]) == 0)
            return type;
    broken("an unknown type", notation);
}

static bool fill_fields(struct cd_batch *into, const json_t *list, struct cd_schema *draft,
                        struct cd_error *err)
{
    draft->field_count = (uint32_t)json_array_size(list);
    struct cd_field *fields = need(cd_batch_alloc(into, draft->field_count * sizeof(*fields), err));
    for (uint32_t i = 0; i < draft->field_count; i++) {
        const json_t *field = json_array_get(list, i);
        fields[i].name = copy_text(into, json_object_get(field, "field"));
        if (!cd_vector_schema(into, json_object_get(field, "schema"), &fields[i].schema, err))
            return false;
    }
    draft->fields = fields;
    return true;
}

static void fill_parameters(struct cd_batch *into, json_t *object, struct cd_schema *draft)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_parameter *list =
        need(cd_batch_alloc(into, json_object_size(object) * sizeof(*list), &err));
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        list[draft->parameter_count].name = cd_batch_copy(into, cd_slice(name), &err);
        list[draft->parameter_count++].value = copy_text(into, value);
    }
    draft->parameters = list;
}

/* Interned, and kept by the batch instead of by the caller. */
static const struct cd_schema *intern(struct cd_batch *into, const struct cd_schema *draft,
                                      struct cd_error *err)
{
    const struct cd_schema *schema = cd_schema_intern(draft, err);
    cd_batch_keep(into, schema);
    cd_schema_unref(schema);
    return schema;
}

static bool fill_default(struct cd_batch *into, const json_t *notation, struct cd_schema *draft,
                         struct cd_error *err)
{
    const json_t *fallback = json_object_get(notation, "default");
    if (fallback == NULL)
        return true;
    const struct cd_schema *bare = intern(into, draft, err);
    struct cd_value *value = need(cd_batch_alloc(into, sizeof(*value), err));
    if (bare == NULL || !cd_vector_value(into, bare, fallback, value, err))
        return false;
    draft->fallback = value;
    return true;
}

bool cd_vector_schema(struct cd_batch *into, const json_t *notation, const struct cd_schema **ret,
                      struct cd_error *err)
{
    *ret = NULL;
    if (notation == NULL || json_is_null(notation))
        return true;
    const json_t *version = json_object_get(notation, "version");
    struct cd_schema draft = {
        .type = type_named(notation),
        .optional = json_is_true(json_object_get(notation, "optional")),
        .has_version = json_is_integer(version),
        .version = (int32_t)json_integer_value(version),
        .name = copy_text(into, json_object_get(notation, "name")),
        .doc = copy_text(into, json_object_get(notation, "doc")),
    };
    fill_parameters(into, json_object_get(notation, "parameters"), &draft);
    const char *inner = draft.type == CD_TYPE_ARRAY ? "items" : "values";
    if (!fill_fields(into, json_object_get(notation, "fields"), &draft, err) ||
        !cd_vector_schema(into, json_object_get(notation, "keys"), &draft.key, err) ||
        !cd_vector_schema(into, json_object_get(notation, inner), &draft.element, err) ||
        !fill_default(into, notation, &draft, err))
        return false;
    *ret = intern(into, &draft, err);
    return *ret != NULL;
}

/* ---- for people ---- */

void cd_vector_print_schema(const struct cd_schema *schema, struct cd_buffer *out)
{
    if (schema == NULL) {
        cd_buffer_text(out, "schemaless");
        return;
    }
    cd_buffer_printf(out, "%s%s", cd_type_name(schema->type), schema->optional ? "?" : "");
    if (schema->name.ptr != NULL)
        cd_buffer_printf(out, " '%.*s'", CD_SLICE_ARG(schema->name));
    if (schema->has_version)
        cd_buffer_printf(out, " v%d", schema->version);
    if (schema->doc.ptr != NULL)
        cd_buffer_printf(out, " doc '%.*s'", CD_SLICE_ARG(schema->doc));
    for (uint32_t i = 0; i < schema->parameter_count; i++)
        cd_buffer_printf(out, " %.*s=%.*s", CD_SLICE_ARG(schema->parameters[i].name),
                         CD_SLICE_ARG(schema->parameters[i].value));
    if (schema->fallback != NULL) {
        cd_buffer_text(out, " default ");
        cd_vector_print_value(*schema->fallback, out);
    }
    if (schema->type == CD_TYPE_MAP) {
        cd_buffer_text(out, " of ");
        cd_vector_print_schema(schema->key, out);
    }
    if (schema->type == CD_TYPE_MAP || schema->type == CD_TYPE_ARRAY) {
        cd_buffer_text(out, " of ");
        cd_vector_print_schema(schema->element, out);
    }
    for (uint32_t i = 0; i < schema->field_count; i++) {
        cd_buffer_printf(out, "%s%.*s: ", i == 0 ? " {" : ", ",
                         CD_SLICE_ARG(schema->fields[i].name));
        cd_vector_print_schema(schema->fields[i].schema, out);
    }
    if (schema->field_count > 0)
        cd_buffer_char(out, '}');
}

static void print_elements(struct cd_value value, struct cd_buffer *out)
{
    for (uint32_t i = 0; i < value.count; i++) {
        cd_buffer_text(out, i == 0 ? "" : ", ");
        if (value.kind == CD_KIND_MAP) {
            cd_vector_print_value(value.as.map[i].key, out);
            cd_buffer_text(out, " -> ");
        }
        cd_vector_print_value(value.kind == CD_KIND_MAP ? value.as.map[i].value : value.as.array[i],
                              out);
    }
}

void cd_vector_print_value(struct cd_value value, struct cd_buffer *out)
{
    cd_buffer_printf(out, "%s(", cd_kind_java_class(value.kind));
    switch ((enum cd_kind)value.kind) {
    case CD_KIND_NULL:
        break;
    case CD_KIND_BOOL:
        cd_buffer_text(out, value.as.boolean ? "true" : "false");
        break;
    case CD_KIND_INT8:
    case CD_KIND_INT16:
    case CD_KIND_INT32:
    case CD_KIND_INT64:
    case CD_KIND_INSTANT:
        cd_buffer_printf(out, "%" PRId64, value.as.integer);
        break;
    case CD_KIND_FLOAT32:
        cd_buffer_printf(out, "%.9g", (double)value.as.float32);
        break;
    case CD_KIND_FLOAT64:
        cd_buffer_printf(out, "%.17g", value.as.float64);
        break;
    case CD_KIND_STRING:
        cd_buffer_slice(out, cd_value_slice(value));
        break;
    case CD_KIND_BYTES:
        for (uint32_t i = 0; i < value.count; i++)
            cd_buffer_printf(out, "%02x", value.as.bytes[i]);
        break;
    case CD_KIND_ARRAY:
    case CD_KIND_MAP:
        print_elements(value, out);
        break;
    case CD_KIND_STRUCT:
        print_elements(
            cd_array(value.as.structure->fields, value.as.structure->schema->field_count), out);
        break;
    case CD_KIND_DECIMAL:
        cd_java_decimal_text(value.as.decimal, out);
        break;
    }
    cd_buffer_char(out, ')');
}

/* ---- comparing ---- */

bool cd_vector_same(struct cd_batch *into, const struct cd_schema *schema, struct cd_value value,
                    const json_t *schema_notation, const json_t *value_notation,
                    struct cd_buffer *why)
{
    struct cd_error err = CD_ERROR_INIT;
    const struct cd_schema *wanted_schema;
    struct cd_value wanted;
    if (!cd_vector_schema(into, schema_notation, &wanted_schema, &err) ||
        !cd_vector_value(into, wanted_schema, value_notation, &wanted, &err)) {
        cd_buffer_printf(why, "the vector's own result cannot be built: %s", err.msg);
        return false;
    }
    if (schema == wanted_schema && cd_value_equal(value, wanted))
        return true;
    cd_buffer_text(why, "wanted ");
    cd_vector_print_value(wanted, why);
    cd_buffer_text(why, " of ");
    cd_vector_print_schema(wanted_schema, why);
    cd_buffer_text(why, "; got ");
    cd_vector_print_value(value, why);
    cd_buffer_text(why, " of ");
    cd_vector_print_schema(schema, why);
    return false;
}

bool cd_vector_same_error(const struct cd_error *err, const json_t *wanted)
{
    const char *class_name = cd_vector_text(wanted, "class");
    const char *dot = class_name == NULL ? NULL : strrchr(class_name, '.');
    return dot != NULL && err->code != CD_OK && strcmp(dot + 1, err->native) == 0;
}
