/* What a schema accepts: names of types, and Connect's ConnectSchema.validateValue. */
#include "data/schema.h"

/* Where in the value we are, innermost first: only an error turns it into text. */
struct place {
    const char *what; /* "element of array ", ... */
    const struct place *outer;
    struct cd_slice field; /* of the outermost; ptr NULL: "value" */
};

#define PLACE_MAX 400

const char *cd_type_name(enum cd_type type)
{
    static const char *const names[] = {
        [CD_TYPE_INT8] = "INT8",       [CD_TYPE_INT16] = "INT16",     [CD_TYPE_INT32] = "INT32",
        [CD_TYPE_INT64] = "INT64",     [CD_TYPE_FLOAT32] = "FLOAT32", [CD_TYPE_FLOAT64] = "FLOAT64",
        [CD_TYPE_BOOLEAN] = "BOOLEAN", [CD_TYPE_STRING] = "STRING",   [CD_TYPE_BYTES] = "BYTES",
        [CD_TYPE_ARRAY] = "ARRAY",     [CD_TYPE_MAP] = "MAP",         [CD_TYPE_STRUCT] = "STRUCT",
    };
    return names[type];
}

const char *cd_kind_java_class(enum cd_kind kind)
{
    static const char *const names[] = {
        [CD_KIND_NULL] = "null",
        [CD_KIND_BOOL] = "java.lang.Boolean",
        [CD_KIND_INT8] = "java.lang.Byte",
        [CD_KIND_INT16] = "java.lang.Short",
        [CD_KIND_INT32] = "java.lang.Integer",
        [CD_KIND_INT64] = "java.lang.Long",
        [CD_KIND_FLOAT32] = "java.lang.Float",
        [CD_KIND_FLOAT64] = "java.lang.Double",
        [CD_KIND_STRING] = "java.lang.String",
        [CD_KIND_BYTES] = "[B",
        [CD_KIND_ARRAY] = "java.util.ArrayList",
        [CD_KIND_MAP] = "java.util.HashMap",
        [CD_KIND_STRUCT] = "org.apache.kafka.connect.data.Struct",
        [CD_KIND_DECIMAL] = "java.math.BigDecimal",
        [CD_KIND_INSTANT] = "java.util.Date",
    };
    return names[kind];
}

static enum cd_kind kind_of(const struct cd_schema *schema)
{
    static const enum cd_kind by_logical[] = {
        [CD_LOGICAL_DECIMAL] = CD_KIND_DECIMAL,
        [CD_LOGICAL_DATE] = CD_KIND_INSTANT,
        [CD_LOGICAL_TIME] = CD_KIND_INSTANT,
        [CD_LOGICAL_TIMESTAMP] = CD_KIND_INSTANT,
    };
    static const enum cd_kind by_type[] = {
        [CD_TYPE_INT8] = CD_KIND_INT8,       [CD_TYPE_INT16] = CD_KIND_INT16,
        [CD_TYPE_INT32] = CD_KIND_INT32,     [CD_TYPE_INT64] = CD_KIND_INT64,
        [CD_TYPE_FLOAT32] = CD_KIND_FLOAT32, [CD_TYPE_FLOAT64] = CD_KIND_FLOAT64,
        [CD_TYPE_BOOLEAN] = CD_KIND_BOOL,    [CD_TYPE_STRING] = CD_KIND_STRING,
        [CD_TYPE_BYTES] = CD_KIND_BYTES,     [CD_TYPE_ARRAY] = CD_KIND_ARRAY,
        [CD_TYPE_MAP] = CD_KIND_MAP,         [CD_TYPE_STRUCT] = CD_KIND_STRUCT,
    };
    return schema->logical != CD_LOGICAL_NONE ? by_logical[schema->logical] : by_type[schema->type];
}

/* "element of array field: "f""; cut if it is absurdly deep. */
static void describe(const struct place *place, char *ret, size_t size)
{
    size_t used = 0;
    ret[0] = '\0';
    for (; place->outer != NULL && used < size; place = place->outer)
        used += (size_t)snprintf(ret + used, size - used, "%s", place->what);
    if (used >= size)
        return;
    if (place->field.ptr == NULL)
        (void)snprintf(ret + used, size - used, "value");
    else
        (void)snprintf(ret + used, size - used, "field: \"%.*s\"", CD_SLICE_ARG(place->field));
}

static bool fail_null(const struct cd_schema *schema, const struct place *place,
                      struct cd_error *err)
{
    char where[PLACE_MAX];
    describe(place, where, sizeof(where));
    return cd_fail_as(err, CD_ERR_DATA, "DataException",
                      "Invalid value: null used for required %s, schema type: %s", where,
                      cd_type_name(schema->type));
}

static bool fail_class(const struct cd_schema *schema, struct cd_value value,
                       const struct place *place, struct cd_error *err)
{
    char where[PLACE_MAX];
    describe(place, where, sizeof(where));
    const char *quote = schema->name.ptr == NULL ? "" : "\"";
    return cd_fail_as(err, CD_ERR_DATA, "DataException",
                      "Invalid Java object for schema%s%s%.*s%s with type %s: class %s for %s",
                      schema->name.ptr == NULL ? "" : " ", quote, CD_SLICE_ARG(schema->name), quote,
                      cd_type_name(schema->type), cd_kind_java_class(value.kind), where);
}

static bool fail_schemaless(const struct place *place, struct cd_error *err)
{
    char where[PLACE_MAX];
    describe(place, where, sizeof(where));
    return cd_fail_as(err, CD_ERR_DATA, "DataException", "No schema defined for %s", where);
}

static bool check(const struct cd_schema *schema, struct cd_value value, const struct place *place,
                  struct cd_error *err);

/* Unlike Struct.put, Struct.validate accepts a null where there is a default. */
static bool check_struct(const struct cd_schema *schema, const struct cd_struct *s,
                         struct cd_error *err)
{
    if (s->schema != schema)
        return cd_fail_as(err, CD_ERR_DATA, "DataException", "Struct schemas do not match.");
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct cd_schema *inner = schema->fields[i].schema;
        if (cd_is_null(s->fields[i]) && (inner->optional || inner->fallback != NULL))
            continue;
        struct place place = {.field = schema->fields[i].name};
        if (!check(inner, s->fields[i], &place, err))
            return false;
    }
    return true;
}

static bool check_array(const struct cd_schema *schema, struct cd_value value,
                        const struct place *outer, struct cd_error *err)
{
    struct place place = {.what = "element of array ", .outer = outer};
    if (schema->element == NULL)
        return fail_schemaless(&place, err);
    for (uint32_t i = 0; i < value.count; i++)
        if (!check(schema->element, value.as.array[i], &place, err))
            return false;
    return true;
}

static bool check_map(const struct cd_schema *schema, struct cd_value value,
                      const struct place *outer, struct cd_error *err)
{
    struct place key = {.what = "key of map ", .outer = outer};
    struct place element = {.what = "value of map ", .outer = outer};
    if (schema->key == NULL)
        return fail_schemaless(&key, err);
    if (schema->element == NULL)
        return fail_schemaless(&element, err);
    for (uint32_t i = 0; i < value.count; i++)
        if (!check(schema->key, value.as.map[i].key, &key, err) ||
            !check(schema->element, value.as.map[i].value, &element, err))
            return false;
    return true;
}

static bool check(const struct cd_schema *schema, struct cd_value value, const struct place *place,
                  struct cd_error *err)
{
    if (cd_is_null(value))
        return schema->optional || fail_null(schema, place, err);
    if (value.kind != kind_of(schema))
        return fail_class(schema, value, place, err);
    if (value.kind == CD_KIND_STRUCT)
        return check_struct(schema, value.as.structure, err);
    if (value.kind == CD_KIND_ARRAY)
        return check_array(schema, value, place, err);
    if (value.kind == CD_KIND_MAP)
        return check_map(schema, value, place, err);
    return true;
}

bool cd_schema_check(const struct cd_schema *schema, struct cd_value value, const char *where,
                     struct cd_error *err)
{
    struct place place = {.field = cd_slice(where)};
    return check(schema, value, &place, err);
}
