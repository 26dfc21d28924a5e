/* Schemas as JSON and back. */
#include <stdlib.h>

#include "base/alloc.h"
#include "data/schema.h"
#include "plugins/converter_json.h"

static const char *const type_names[] = {
    [CD_TYPE_INT8] = "int8",       [CD_TYPE_INT16] = "int16",   [CD_TYPE_INT32] = "int32",
    [CD_TYPE_INT64] = "int64",     [CD_TYPE_FLOAT32] = "float", [CD_TYPE_FLOAT64] = "double",
    [CD_TYPE_BOOLEAN] = "boolean", [CD_TYPE_STRING] = "string", [CD_TYPE_BYTES] = "bytes",
    [CD_TYPE_ARRAY] = "array",     [CD_TYPE_MAP] = "map",       [CD_TYPE_STRUCT] = "struct",
};

/* ---- writing ---- */

static bool write_object(struct cd_json_writer *json, const struct cd_json_rules *rules,
                         const struct cd_schema *schema, struct cd_slice field,
                         struct cd_error *err);

static bool write_inner(struct cd_json_writer *json, const struct cd_json_rules *rules,
                        const char *member, const struct cd_schema *schema, struct cd_error *err)
{
    cd_json_put_raw(json, cd_slice(member));
    return cd_json_write_schema(json, rules, schema, err);
}

static bool write_fields(struct cd_json_writer *json, const struct cd_json_rules *rules,
                         const struct cd_schema *schema, struct cd_error *err)
{
    CD_JSON_PUT_LITERAL(json, ",\"fields\":[");
    for (uint32_t i = 0; i < schema->field_count; i++) {
        if (i > 0)
            cd_json_put_char(json, ',');
        if (!write_object(json, rules, schema->fields[i].schema, schema->fields[i].name, err))
            return false;
    }
    cd_json_put_char(json, ']');
    return true;
}

static bool write_content(struct cd_json_writer *json, const struct cd_json_rules *rules,
                          const struct cd_schema *schema, struct cd_error *err)
{
    if (schema->type == CD_TYPE_ARRAY)
        return write_inner(json, rules, ",\"items\":", schema->element, err);
    if (schema->type == CD_TYPE_MAP)
        return write_inner(json, rules, ",\"keys\":", schema->key, err) &&
               write_inner(json, rules, ",\"values\":", schema->element, err);
    return schema->type != CD_TYPE_STRUCT || write_fields(json, rules, schema, err);
}

static void write_text(struct cd_json_writer *json, const char *member, struct cd_slice text)
{
    if (text.ptr == NULL)
        return;
    cd_json_put_raw(json, cd_slice(member));
    cd_json_put_string(json, text);
}

static void write_parameters(struct cd_json_writer *json, const struct cd_schema *schema)
{
    if (schema->parameter_count == 0)
        return;
    CD_JSON_PUT_LITERAL(json, ",\"parameters\":{");
    for (uint32_t i = 0; i < schema->parameter_count; i++) {
        if (i > 0)
            cd_json_put_char(json, ',');
        cd_json_put_string(json, schema->parameters[i].name);
        cd_json_put_char(json, ':');
        cd_json_put_string(json, schema->parameters[i].value);
    }
    cd_json_put_char(json, '}');
}

/* `field` is the name in a struct; ptr NULL: none. */
static bool write_object(struct cd_json_writer *json, const struct cd_json_rules *rules,
                         const struct cd_schema *schema, struct cd_slice field,
                         struct cd_error *err)
{
    if (!cd_json_enter(json, err))
        return false;
    write_text(json, "{\"type\":", cd_slice(type_names[schema->type]));
    if (!write_content(json, rules, schema, err))
        return false;
    cd_json_put_raw(json,
                    cd_slice(schema->optional ? ",\"optional\":true" : ",\"optional\":false"));
    write_text(json, ",\"name\":", schema->name);
    if (schema->has_version) {
        CD_JSON_PUT_LITERAL(json, ",\"version\":");
        cd_json_put_int64(json, schema->version);
    }
    write_text(json, ",\"doc\":", schema->doc);
    write_parameters(json, schema);
    if (schema->fallback != NULL) {
        CD_JSON_PUT_LITERAL(json, ",\"default\":");
        if (!cd_json_write(json, rules, schema, *schema->fallback, err))
            return false;
    }
    write_text(json, ",\"field\":", field);
    cd_json_put_char(json, '}');
    cd_json_leave(json);
    return true;
}

bool cd_json_write_schema(struct cd_json_writer *json, const struct cd_json_rules *rules,
                          const struct cd_schema *schema, struct cd_error *err)
{
    if (schema != NULL)
        return write_object(json, rules, schema, (struct cd_slice){NULL, 0}, err);
    CD_JSON_PUT_LITERAL(json, "null");
    return true;
}

/* ---- reading ----
 *
 * Members come in any order, and the last of several wins, but the JVM looks at them in an order of
 * its own. So the object is passed over once, noting where each member's value stands, and then
 * they are visited. Only new texts are read: converters remember the others.
 */

enum member {
    MEMBER_TYPE,
    MEMBER_ITEMS,
    MEMBER_KEYS,
    MEMBER_VALUES,
    MEMBER_FIELDS,
    MEMBER_OPTIONAL,
    MEMBER_NAME,
    MEMBER_VERSION,
    MEMBER_DOC,
    MEMBER_PARAMETERS,
    MEMBER_DEFAULT,
    MEMBER_FIELD,
    MEMBERS,
};

static const char *const member_names[MEMBERS] = {
    "type", "items",   "keys", "values",     "fields",  "optional",
    "name", "version", "doc",  "parameters", "default", "field",
};

struct members {
    bool present[MEMBERS];
    struct cd_json_mark at[MEMBERS];
};

/* What is being read: inner schemas are referenced until the outer one has been shared. It is on
 * the heap, because schemas may be nested hundreds of levels deep. */
struct draft {
    struct members members;
    struct cd_schema schema;
    struct cd_field *fields;
    struct cd_parameter *parameters;
    struct cd_value fallback;
};

static bool data_error(struct cd_json_source *from, const char *what)
{
    return cd_fail_as(from->json.err, CD_ERR_DATA, "DataException", "%s", what);
}

static void note_member(struct cd_json_reader *json, struct members *members)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (cd_slice_is(json->text, member_names[i])) {
            members->present[i] = true;
            members->at[i] = cd_json_mark(json);
        }
}

/* Behind the opening brace; ends behind the closing one. */
static bool find_members(struct cd_json_reader *json, struct members *members)
{
    *members = (struct members){0};
    while (cd_json_next(json) == CD_JSON_NAME) {
        note_member(json, members);
        if (cd_json_next(json) == CD_JSON_BAD || !cd_json_skip(json))
            return false;
    }
    return json->token == CD_JSON_OBJECT_END;
}

/* The first token of a member's value; CD_JSON_MISSING when it is not there. */
static enum cd_json_token visit(struct cd_json_source *from, const struct members *members,
                                enum member which)
{
    if (!members->present[which])
        return from->json.token = CD_JSON_MISSING;
    cd_json_return(&from->json, members->at[which]);
    return cd_json_next(&from->json);
}

static bool read_type(struct cd_json_source *from, const struct members *members,
                      struct cd_schema *draft)
{
    if (visit(from, members, MEMBER_TYPE) != CD_JSON_STRING)
        return data_error(from, "Schema must contain 'type' field");
    for (enum cd_type type = CD_TYPE_INT8; type <= CD_TYPE_STRUCT; type++)
        if (cd_slice_is(from->json.text, type_names[type])) {
            draft->type = type;
            return true;
        }
    return cd_fail_as(from->json.err, CD_ERR_DATA, "DataException", "Unknown schema type: %.*s",
                      CD_SLICE_ARG(from->json.text));
}

static bool read_items(struct cd_json_source *from, const struct members *members,
                       struct cd_schema *draft)
{
    enum cd_json_token token = visit(from, members, MEMBER_ITEMS);
    if (token == CD_JSON_MISSING || token == CD_JSON_NULL)
        return data_error(from, "Array schema did not specify the element type");
    return cd_json_read_schema(from, &draft->element);
}

static bool read_map_types(struct cd_json_source *from, const struct members *members,
                           struct cd_schema *draft)
{
    if (!members->present[MEMBER_KEYS])
        return data_error(from, "Map schema did not specify the key type");
    if (!members->present[MEMBER_VALUES])
        return data_error(from, "Map schema did not specify the value type");
    (void)visit(from, members, MEMBER_KEYS); /* read_schema looks at the token */
    if (!cd_json_read_schema(from, &draft->key))
        return false;
    (void)visit(from, members, MEMBER_VALUES); /* as above */
    if (!cd_json_read_schema(from, &draft->element))
        return false;
    if (draft->key != NULL && draft->element != NULL)
        return true;
    return cd_fail_as(from->json.err, CD_ERR_DATA, "SchemaBuilderException", "%s cannot be null.",
                      draft->key == NULL ? "keySchema" : "valueSchema");
}

static bool read_object(struct cd_json_source *from, struct cd_field *field);

/* One element of `fields`, whose first token is the newest one. */
static bool read_field(struct cd_json_source *from, struct cd_field *field)
{
    field->name = cd_slice("");
    return read_object(from, field);
}

static struct cd_field *add_field(struct draft *draft)
{
    uint32_t count = draft->schema.field_count++;
    if ((count & (count - 1)) == 0) /* room doubles at each power of two */
        draft->fields = cd_realloc_array(draft->fields, count == 0 ? 1 : (size_t)count * 2,
                                         sizeof(*draft->fields));
    draft->schema.fields = draft->fields;
    draft->fields[count] = (struct cd_field){{NULL, 0}, NULL};
    return &draft->fields[count];
}

static bool read_fields(struct cd_json_source *from, const struct members *members,
                        struct draft *draft)
{
    if (visit(from, members, MEMBER_FIELDS) != CD_JSON_ARRAY)
        return data_error(from, "Struct schema's \"fields\" argument is not an array.");
    for (;;) {
        enum cd_json_token token = cd_json_next(&from->json);
        if (token == CD_JSON_ARRAY_END)
            return true;
        if (token == CD_JSON_BAD || !read_field(from, add_field(draft)))
            return false;
    }
}

static bool read_content(struct cd_json_source *from, const struct members *members,
                         struct draft *draft)
{
    if (draft->schema.type == CD_TYPE_ARRAY)
        return read_items(from, members, &draft->schema);
    if (draft->schema.type == CD_TYPE_MAP)
        return read_map_types(from, members, &draft->schema);
    return draft->schema.type != CD_TYPE_STRUCT || read_fields(from, members, draft);
}

static bool read_parameters(struct cd_json_source *from, const struct members *members,
                            struct draft *draft)
{
    if (visit(from, members, MEMBER_PARAMETERS) != CD_JSON_OBJECT)
        return true;
    size_t base = from->stack->used;
    while (cd_json_next(&from->json) == CD_JSON_NAME) {
        struct cd_value name = cd_string(from->json.text);
        if (cd_json_next(&from->json) != CD_JSON_STRING)
            return data_error(from, "Schema parameters must have string values.");
        struct cd_map_entry *entry = cd_json_push(from->stack);
        *entry = (struct cd_map_entry){name, cd_string(from->json.text)};
    }
    struct cd_value map;
    if (!cd_json_pop_map(from->stack, base, from->json.arena, &map, from->json.err))
        return false;
    draft->parameters = cd_new_array(map.count, struct cd_parameter);
    for (uint32_t i = 0; i < map.count; i++)
        draft->parameters[i] = (struct cd_parameter){cd_value_slice(map.as.map[i].key),
                                                     cd_value_slice(map.as.map[i].value)};
    draft->schema.parameter_count = map.count;
    draft->schema.parameters = draft->parameters;
    return true;
}

static void read_attributes(struct cd_json_source *from, const struct members *members,
                            struct cd_schema *draft)
{
    draft->optional = visit(from, members, MEMBER_OPTIONAL) == CD_JSON_TRUE;
    if (visit(from, members, MEMBER_NAME) == CD_JSON_STRING)
        draft->name = from->json.text;
    if (visit(from, members, MEMBER_VERSION) == CD_JSON_INTEGER) {
        draft->has_version = true;
        draft->version = (int32_t)from->json.integer;
    }
    if (visit(from, members, MEMBER_DOC) == CD_JSON_STRING)
        draft->doc = from->json.text;
}

/* The default is a payload of the schema as it is so far. */
static bool read_default(struct cd_json_source *from, const struct members *members,
                         struct draft *draft)
{
    if (!members->present[MEMBER_DEFAULT])
        return true;
    const struct cd_schema *bare = cd_schema_intern(&draft->schema, from->json.err);
    if (bare == NULL)
        return false;
    (void)visit(from, members, MEMBER_DEFAULT); /* cd_json_read looks at the token */
    bool ok = cd_json_read(from, bare, &draft->fallback);
    cd_batch_keep(from->out, bare); /* a struct names it */
    cd_schema_unref(bare);
    if (!ok)
        return false;
    /* On the JVM the struct is one of the schema to come, which no schema is equal to. */
    if (draft->fallback.kind == CD_KIND_STRUCT)
        return cd_fail_as(from->json.err, CD_ERR_DATA, "SchemaBuilderException",
                          "Invalid default value: Struct schemas do not match.");
    draft->schema.fallback = &draft->fallback;
    return true;
}

static void free_draft(struct draft *draft)
{
    for (uint32_t i = 0; i < draft->schema.field_count; i++)
        cd_schema_unref(draft->schema.fields[i].schema);
    cd_schema_unref(draft->schema.key);
    cd_schema_unref(draft->schema.element);
    free(draft->fields);
    free(draft->parameters);
    free(draft);
}

static bool read_field_name(struct cd_json_source *from, const struct members *members,
                            struct cd_slice *ret)
{
    if (visit(from, members, MEMBER_FIELD) != CD_JSON_STRING)
        return data_error(from, "Struct schema's field name not specified properly");
    *ret = from->json.text;
    return true;
}

static bool read_draft(struct cd_json_source *from, struct draft *draft)
{
    if (!read_type(from, &draft->members, &draft->schema) ||
        !read_content(from, &draft->members, draft))
        return false;
    read_attributes(from, &draft->members, &draft->schema);
    return read_parameters(from, &draft->members, draft) &&
           read_default(from, &draft->members, draft);
}

/* Passes over the value whose first token is the newest one, noting its members, if it has any. */
static bool pass_value(struct cd_json_reader *json, struct members *members)
{
    if (json->token == CD_JSON_OBJECT)
        return find_members(json, members);
    return json->token != CD_JSON_BAD && cd_json_skip(json);
}

/* A schema, and where it is that of a field (`name` is not absent) the field's name. */
static bool read_object(struct cd_json_source *from, struct cd_field *field)
{
    struct draft *draft = cd_new(struct draft);
    bool ok = pass_value(&from->json, &draft->members);
    struct cd_json_mark behind = cd_json_mark(&from->json);
    ok = ok && (field->name.ptr == NULL || read_field_name(from, &draft->members, &field->name)) &&
         read_draft(from, draft);
    if (ok)
        field->schema = cd_schema_intern(&draft->schema, from->json.err);
    free_draft(draft);
    cd_json_return(&from->json, behind);
    return ok && field->schema != NULL;
}

bool cd_json_read_schema(struct cd_json_source *from, const struct cd_schema **ret)
{
    struct cd_field field = {{NULL, 0}, NULL};
    if (from->json.token == CD_JSON_NULL) {
        *ret = NULL;
        return true;
    }
    if (!read_object(from, &field))
        return false;
    *ret = field.schema;
    return true;
}
