#include "api/bind.h"
#include "api/json.h"

#include "base/alloc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define ENTITIES "org.apache.kafka.connect.runtime.rest.entities."
#define CREATE_REQUEST ENTITIES "CreateConnectorRequest"
#define OFFSETS ENTITIES "ConnectorOffsets"
#define OFFSET ENTITIES "ConnectorOffset"
#define TEXT_MAP "java.util.LinkedHashMap<java.lang.String,java.lang.String>"
#define OBJECT_MAP "java.util.LinkedHashMap<java.lang.String,java.lang.Object>"

/* The chain is Jackson's path to the place of a problem; it grows on the way down and is cut back
 * on the way up. */
struct binder {
    struct cd_body_reader in;
    struct cd_buffer chain;
};

/* ---- the path ---- */

static size_t push(struct binder *b, const char *class_name, const char *field)
{
    size_t before = b->chain.len;
    cd_buffer_printf(&b->chain, "%s%s[\"%s\"]", before > 0 ? "->" : "", class_name, field);
    return before;
}

static size_t push_index(struct binder *b, size_t index)
{
    size_t before = b->chain.len;
    cd_buffer_printf(&b->chain, "%sjava.util.ArrayList[%zu]", before > 0 ? "->" : "", index);
    return before;
}

static void pop(struct binder *b, size_t before)
{
    b->chain.len = before;
    if (b->chain.ptr != NULL)
        b->chain.ptr[before] = '\0';
}

/* The value of a field. Its first token counts to the path only where Jackson reads it while
 * binding: in texts. */
static bool next_of(struct binder *b, const char *class_name, const char *field, size_t *ret_before)
{
    bool ok = cd_body_next(&b->in);
    if (ok || b->in.in_string)
        *ret_before = push(b, class_name, field);
    return ok;
}

/* ---- wrong types ---- */

static const char *token_name(enum cd_body_token token)
{
    static const char *const names[] = {
        [CD_JSON_END] = "null",
        [CD_JSON_OBJECT] = "START_OBJECT",
        [CD_JSON_OBJECT_END] = "END_OBJECT",
        [CD_JSON_ARRAY] = "START_ARRAY",
        [CD_JSON_ARRAY_END] = "END_ARRAY",
        [CD_JSON_FIELD] = "FIELD_NAME",
        [CD_JSON_STRING] = "VALUE_STRING",
        [CD_JSON_INT] = "VALUE_NUMBER_INT",
        [CD_JSON_FLOAT] = "VALUE_NUMBER_FLOAT",
        [CD_JSON_TRUE] = "VALUE_TRUE",
        [CD_JSON_FALSE] = "VALUE_FALSE",
        [CD_JSON_NULL] = "VALUE_NULL",
    };
    return names[token];
}

static const char *value_name(enum cd_body_token token)
{
    static const char *const names[] = {
        [CD_JSON_OBJECT] = "Object value",        [CD_JSON_ARRAY] = "Array value",
        [CD_JSON_STRING] = "String value",        [CD_JSON_INT] = "Integer value",
        [CD_JSON_FLOAT] = "Floating-point value", [CD_JSON_TRUE] = "Boolean value",
        [CD_JSON_FALSE] = "Boolean value",        [CD_JSON_NULL] = "Null value",
        [CD_JSON_FIELD] = "Object value",         [CD_JSON_OBJECT_END] = "Object value",
        [CD_JSON_ARRAY_END] = "Array value",      [CD_JSON_END] = "end of input",
    };
    return names[token];
}

static bool wrong_type(struct binder *b, const char *type)
{
    return cd_body_fail(&b->in, b->in.start,
                        "Cannot deserialize value of type `%s` from %s (token `JsonToken.%s`)",
                        type, value_name(b->in.token), token_name(b->in.token));
}

/* A scalar where an object of `class_name` belongs: Jackson looks for a constructor. */
static bool no_constructor(struct binder *b, const char *class_name)
{
    enum cd_body_token token = b->in.token;
    if (token == CD_JSON_ARRAY)
        return wrong_type(b, class_name);
    const char *kind = token == CD_JSON_STRING  ? "String-argument"
                       : token == CD_JSON_INT   ? "int/Int-argument"
                       : token == CD_JSON_FLOAT ? "double/Double-argument"
                                                : "boolean/Boolean-argument";
    const char *from = token == CD_JSON_STRING                          ? "String value ('"
                       : token == CD_JSON_INT || token == CD_JSON_FLOAT ? "Number value ("
                                                                        : "boolean value (";
    const char *text = token == CD_JSON_TRUE    ? "true"
                       : token == CD_JSON_FALSE ? "false"
                                                : b->in.value.ptr;
    return cd_body_fail(&b->in, b->in.start,
                        "Cannot construct instance of `%s` (although at least one Creator exists): "
                        "no %s constructor/factory method to deserialize from %s%s%s)",
                        class_name, kind, from, text, token == CD_JSON_STRING ? "'" : "");
}

static bool wrong_map(struct binder *b, const char *type)
{
    if (b->in.token == CD_JSON_STRING)
        return no_constructor(b, "java.util.LinkedHashMap");
    return wrong_type(b, type);
}

/* ---- parts ---- */

/* A scalar as text, *ret NULL for null. */
static bool bind_text(struct binder *b, char **ret)
{
    switch (b->in.token) {
    case CD_JSON_STRING:
    case CD_JSON_INT:
    case CD_JSON_FLOAT:
        *ret = cd_strdup(b->in.value.ptr);
        return true;
    case CD_JSON_TRUE:
    case CD_JSON_FALSE:
        *ret = cd_strdup(b->in.token == CD_JSON_TRUE ? "true" : "false");
        return true;
    case CD_JSON_NULL:
        *ret = NULL;
        return true;
    case CD_JSON_OBJECT:
    case CD_JSON_ARRAY:
    case CD_JSON_OBJECT_END:
    case CD_JSON_ARRAY_END:
    case CD_JSON_FIELD:
    case CD_JSON_END:
        break;
    }
    return wrong_type(b, "java.lang.String");
}

static bool bind_map_entry(struct binder *b, struct cd_config *config)
{
    char *key CD_AUTO_FREE = cd_strdup(b->in.value.ptr);
    if (!cd_body_next(&b->in))
        return false;
    size_t before = push(b, "java.util.LinkedHashMap", key);
    char *value CD_AUTO_FREE = NULL;
    if (!bind_text(b, &value))
        return false;
    pop(b, before);
    cd_config_set(config, key, value);
    return true;
}

/* At the map's first token. */
static bool bind_map(struct binder *b, struct cd_config **ret)
{
    if (b->in.token == CD_JSON_NULL) {
        *ret = NULL;
        return true;
    }
    if (b->in.token != CD_JSON_OBJECT)
        return wrong_map(b, TEXT_MAP);
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    for (;;) {
        if (!cd_body_next(&b->in))
            return false;
        if (b->in.token == CD_JSON_OBJECT_END)
            break;
        if (!bind_map_entry(b, config))
            return false;
    }
    *ret = config;
    config = NULL;
    return true;
}

/* ---- fields of objects ---- */

struct field {
    const char *name;
    bool (*bind)(struct binder *b, void *target);
};

struct shape {
    const char *class_name;
    const char *known; /* Jackson's list of the properties */
    const struct field *fields;
    size_t count;
};

static const struct field *find_field(const struct shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->count; i++)
        if (strcmp(shape->fields[i].name, name) == 0)
            return &shape->fields[i];
    return NULL;
}

static bool unknown_field(struct binder *b, const struct shape *shape, const char *name)
{
    (void)push(b, shape->class_name, name);
    return cd_body_fail(&b->in, b->in.at,
                        "Unrecognized field \"%s\" (class %s), not marked as ignorable (%s])", name,
                        shape->class_name, shape->known);
}

static bool bind_field(struct binder *b, const struct shape *shape, void *target, char **unknown)
{
    const struct field *field = find_field(shape, b->in.value.ptr);
    if (field == NULL) {
        if (*unknown == NULL)
            *unknown = cd_strdup(b->in.value.ptr);
        return cd_body_next(&b->in) && cd_body_skip(&b->in);
    }
    size_t before = b->chain.len;
    if (!next_of(b, shape->class_name, field->name, &before) || !field->bind(b, target))
        return false;
    pop(b, before);
    return true;
}

/* At the object's first token. Unknown fields are told at its end, as Jackson's creators do. */
static bool bind_object(struct binder *b, const struct shape *shape, void *target)
{
    if (b->in.token != CD_JSON_OBJECT)
        return no_constructor(b, shape->class_name);
    char *unknown CD_AUTO_FREE = NULL;
    for (;;) {
        if (!cd_body_next(&b->in))
            return false;
        if (b->in.token == CD_JSON_OBJECT_END)
            return unknown == NULL || unknown_field(b, shape, unknown);
        if (!bind_field(b, shape, target, &unknown))
            return false;
    }
}

/* ---- the whole body ---- */

static bool end_of_body(struct binder *b, const char *type)
{
    if (!cd_body_next(&b->in))
        return false;
    if (b->in.token == CD_JSON_END)
        return true;
    return cd_body_fail(&b->in, b->in.start,
                        "Trailing token (of type %s) found after value (bound as `%s`): not "
                        "allowed as per `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`",
                        token_name(b->in.token), type);
}

static void open_binder(struct binder *b, struct cd_slice text)
{
    cd_body_open(&b->in, text.ptr, text.len);
    b->chain = (struct cd_buffer)CD_BUFFER_INIT;
}

static bool close_binder(struct binder *b, bool ok, char **ret_error)
{
    if (!ok) {
        if (b->chain.len > 0)
            cd_buffer_printf(&b->in.error, " (through reference chain: %s)", b->chain.ptr);
        *ret_error = cd_buffer_steal(&b->in.error);
    }
    cd_body_close(&b->in);
    cd_buffer_done(&b->chain);
    return ok;
}

/* True for no body and for null, the token otherwise being the value's first. */
static bool is_absent(const struct binder *b)
{
    return b->in.token == CD_JSON_END || b->in.token == CD_JSON_NULL;
}

/* ---- create ---- */

static bool bind_name(struct binder *b, void *target)
{
    struct cd_create_body *body = target;
    free(body->name);
    body->name = NULL;
    return bind_text(b, &body->name);
}

static bool bind_create_config(struct binder *b, void *target)
{
    struct cd_create_body *body = target;
    cd_config_free(body->config);
    body->config = NULL;
    return bind_map(b, &body->config);
}

static bool parse_initial(const char *upper, enum cd_api_target *ret)
{
    static const char *const names[] = {[CD_TARGET_STARTED] = "RUNNING",
                                        [CD_TARGET_PAUSED] = "PAUSED",
                                        [CD_TARGET_STOPPED] = "STOPPED"};
    for (int i = CD_TARGET_STARTED; i <= CD_TARGET_STOPPED; i++) {
        if (strcmp(names[i], upper) != 0)
            continue;
        *ret = (enum cd_api_target)i;
        return true;
    }
    return false;
}

static bool bind_initial(struct binder *b, void *target)
{
    static const char enum_name[] = CREATE_REQUEST "$InitialState";
    struct cd_create_body *body = target;
    if (b->in.token == CD_JSON_ARRAY)
        return cd_body_fail(&b->in, b->in.start,
                            "Input mismatch reading Enum `%s`: properties-based `@JsonCreator` "
                            "([method %s#forValue(java.lang.String)]) expects String Value, got "
                            "Array value (`JsonToken.START_ARRAY`)",
                            enum_name, enum_name);
    if (b->in.token == CD_JSON_OBJECT)
        return wrong_type(b, enum_name);
    char *text CD_AUTO_FREE = NULL;
    if (!bind_text(b, &text))
        return false;
    if (text == NULL)
        return true;
    for (char *c = text; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    if (parse_initial(text, &body->initial))
        return true;
    return cd_body_fail(
        &b->in, b->in.start,
        "Cannot construct instance of `%s`, problem: No enum constant " CREATE_REQUEST
        ".InitialState.%s",
        enum_name, text);
}

static const struct field create_fields[] = {
    {"name", bind_name}, {"config", bind_create_config}, {"initial_state", bind_initial}};
static const struct shape create_shape = {
    CREATE_REQUEST, "3 known properties: \"config\", \"name\", \"initial_state\"", create_fields,
    3};

void cd_create_body_done(struct cd_create_body *body)
{
    free(body->name);
    cd_config_free(body->config);
}

bool cd_bind_create(struct cd_slice text, struct cd_create_body *ret, char **ret_error)
{
    struct binder b;
    open_binder(&b, text);
    struct cd_create_body body = {0};
    bool ok = cd_body_next(&b.in);
    if (ok && is_absent(&b))
        body.is_null = true;
    else
        ok = ok && bind_object(&b, &create_shape, &body);
    ok = close_binder(&b, ok && end_of_body(&b, CREATE_REQUEST), ret_error);
    if (ok)
        *ret = body;
    else
        cd_create_body_done(&body);
    return ok;
}

/* ---- a map ---- */

bool cd_bind_config(struct cd_slice text, struct cd_config **ret, char **ret_error)
{
    struct binder b;
    open_binder(&b, text);
    struct cd_config *config = NULL;
    bool ok = cd_body_next(&b.in);
    if (ok && !is_absent(&b))
        ok = bind_map(&b, &config);
    ok = close_binder(&b, ok && end_of_body(&b, "java.util.Map<java.lang.String,java.lang.String>"),
                      ret_error);
    if (ok)
        *ret = config;
    else
        cd_config_free(config);
    return ok;
}

/* ---- offsets ---- */

static bool bind_json_map(struct binder *b, char **ret)
{
    free(*ret);
    *ret = NULL;
    if (b->in.token == CD_JSON_NULL)
        return true;
    if (b->in.token != CD_JSON_OBJECT)
        return wrong_map(b, OBJECT_MAP);
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    if (!cd_body_copy(&b->in, &text))
        return false;
    *ret = cd_buffer_steal(&text);
    return true;
}

static bool bind_partition(struct binder *b, void *target)
{
    struct cd_api_offset *entry = target;
    return bind_json_map(b, &entry->partition);
}

static bool bind_offset(struct binder *b, void *target)
{
    struct cd_api_offset *entry = target;
    return bind_json_map(b, &entry->offset);
}

static const struct field offset_fields[] = {{"partition", bind_partition},
                                             {"offset", bind_offset}};
static const struct shape offset_shape = {OFFSET, "2 known properties: \"partition\", \"offset\"",
                                          offset_fields, 2};

static bool bind_offset_entry(struct binder *b, struct cd_request *request)
{
    size_t before = push_index(b, request->offset_count);
    request->offsets =
        cd_realloc_array(request->offsets, request->offset_count + 1, sizeof(request->offsets[0]));
    struct cd_api_offset *entry = &request->offsets[request->offset_count++];
    *entry = (struct cd_api_offset){NULL, NULL};
    if (!bind_object(b, &offset_shape, entry))
        return false;
    pop(b, before);
    return true;
}

static void forget_offsets(struct cd_request *request)
{
    for (size_t i = 0; i < request->offset_count; i++) {
        free(request->offsets[i].partition);
        free(request->offsets[i].offset);
    }
    request->offset_count = 0;
}

static bool bind_offset_list(struct binder *b, void *target)
{
    struct cd_request *request = target;
    forget_offsets(request); /* a repeated field: the last one wins */
    if (b->in.token == CD_JSON_NULL)
        return true;
    if (b->in.token != CD_JSON_ARRAY)
        return wrong_type(b, "java.util.ArrayList<" OFFSET ">");
    for (;;) {
        if (!cd_body_next(&b->in))
            return false;
        if (b->in.token == CD_JSON_ARRAY_END)
            return true;
        if (b->in.token == CD_JSON_NULL)
            return cd_body_fail(&b->in, b->in.start, "An entry of 'offsets' must not be null");
        if (!bind_offset_entry(b, request))
            return false;
    }
}

static const struct field offsets_fields[] = {{"offsets", bind_offset_list}};
static const struct shape offsets_shape = {OFFSETS, "one known property: \"offsets\"",
                                           offsets_fields, 1};

bool cd_bind_offsets(struct cd_slice text, struct cd_request *request, bool *ret_null,
                     char **ret_error)
{
    struct binder b;
    open_binder(&b, text);
    bool ok = cd_body_next(&b.in);
    bool null = ok && is_absent(&b);
    if (ok && !null)
        ok = bind_object(&b, &offsets_shape, request);
    ok = close_binder(&b, ok && end_of_body(&b, OFFSETS), ret_error);
    if (ok)
        *ret_null = null;
    return ok;
}

/* ---- task configurations, between workers ---- */

static bool bind_task_list(struct binder *b, struct cd_request *request)
{
    if (b->in.token != CD_JSON_ARRAY)
        return wrong_type(b,
                          "java.util.ArrayList<java.util.Map<java.lang.String,java.lang.String>>");
    for (;;) {
        if (!cd_body_next(&b->in))
            return false;
        if (b->in.token == CD_JSON_ARRAY_END)
            return true;
        size_t before = push_index(b, request->task_config_count);
        struct cd_config *config = NULL;
        if (!bind_map(b, &config))
            return false;
        pop(b, before);
        request->task_configs = cd_realloc_array(
            request->task_configs, request->task_config_count + 1, sizeof(struct cd_config *));
        request->task_configs[request->task_config_count++] =
            config != NULL ? config : cd_config_new();
    }
}

bool cd_bind_task_configs(struct cd_slice text, struct cd_request *request, char **ret_error)
{
    struct binder b;
    open_binder(&b, text);
    bool ok = cd_body_next(&b.in) && (is_absent(&b) || bind_task_list(&b, request)) &&
              end_of_body(&b, "java.util.List");
    return close_binder(&b, ok, ret_error);
}
