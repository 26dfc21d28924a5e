#include "plugins/converter_json.h"

#include <strings.h>

#include "base/alloc.h"
#include "data/schema.h"
#include "plugins/converter_cache.h"
#include "plugins/converter_list.h"

#define ENVELOPE_BEGIN "{\"schema\":"
#define ENVELOPE_MIDDLE ",\"payload\":"
#define FAMILIAR_MAX 4 /* schemas that are compared byte by byte before one is searched for */

/* The order of the JVM's set, which is printed. */
static const char *const decimal_formats[] = {"NUMERIC", "BASE64", NULL};

const struct cd_key cd_converter_json_keys[5] = {
    CD_CONVERTER_TYPE_KEY(struct cd_converter_json_config),
    {.name = "schemas.enable",
     .type = CD_BOOL,
     .fallback = "true",
     .offset = offsetof(struct cd_converter_json_config, schemas),
     .doc = "Include schemas within each of the serialized values and keys.",
     .importance = CD_HIGH,
     .group = "Schemas",
     .order = 0,
     .width = CD_WIDTH_MEDIUM,
     .display = "Enable Schemas"},
    {.name = "schemas.cache.size",
     .type = CD_INT32,
     .fallback = "1000",
     .offset = offsetof(struct cd_converter_json_config, cache_size),
     .doc = "The maximum number of schemas that can be cached in this converter instance.",
     .importance = CD_HIGH,
     .group = "Schemas",
     .order = 1,
     .width = CD_WIDTH_MEDIUM,
     .display = "Schema Cache Size"},
    {.name = "decimal.format",
     .type = CD_STRING,
     .fallback = "BASE64",
     .one_of = decimal_formats,
     .any_case = true,
     .offset = offsetof(struct cd_converter_json_config, decimal_format),
     .doc = "Controls which format this converter will serialize decimals in. This value is case "
            "insensitive and can be either 'BASE64' (default) or 'NUMERIC'",
     .importance = CD_LOW,
     .group = "Serialization",
     .order = 0,
     .width = CD_WIDTH_MEDIUM,
     .display = "Decimal Format"},
    {.name = "replace.null.with.default",
     .type = CD_BOOL,
     .fallback = "true",
     .offset = offsetof(struct cd_converter_json_config, replace_null),
     .doc = "Whether to replace fields that have a default value and that are null to the default "
            "value. When set to true, the default value is used, otherwise null is used.",
     .importance = CD_LOW,
     .group = "Serialization",
     .order = 1,
     .width = CD_WIDTH_MEDIUM,
     .display = "Replace null with default"},
};

struct json_converter {
    struct cd_task_base base;
    bool schemas;
    struct cd_json_rules rules;
    struct cd_json_writer json; /* reused for each record */
    struct cd_json_stack stack; /* likewise */
    struct cd_converter_cache
        envelopes; /* schema: all of the envelope that stands before the payload */
    struct cd_converter_cache known; /* the bytes of a schema's JSON: the schema */
};

static bool json_open(void *state, enum cd_role role, struct cd_error *err)
{
    (void)role; /* the JVM treats all three alike */
    (void)err;
    struct json_converter *c = state;
    const struct cd_converter_json_config *cfg = c->base.cfg;
    c->schemas = cfg->schemas;
    c->rules.decimals_as_numbers = strcasecmp(cfg->decimal_format, "NUMERIC") == 0;
    c->rules.replace_null = cfg->replace_null;
    size_t count_max = cfg->cache_size < 1 ? 1 : (size_t)cfg->cache_size;
    cd_converter_cache_init(&c->envelopes, CD_CACHE_BY_SCHEMA, count_max);
    cd_converter_cache_init(&c->known, CD_CACHE_BY_TEXT, count_max);
    return true;
}

static void json_close(void *state)
{
    struct json_converter *c = state;
    cd_converter_cache_done(&c->envelopes);
    cd_converter_cache_done(&c->known);
    cd_json_writer_done(&c->json);
    cd_json_stack_done(&c->stack);
}

/* ---- writing ---- */

/* What stands before the payload; rendered once a schema. */
static bool render_envelope(struct json_converter *c, const struct cd_schema *schema,
                            struct cd_slice *ret, struct cd_error *err)
{
    CD_JSON_PUT_LITERAL(&c->json, ENVELOPE_BEGIN);
    c->json.depth = 1;
    if (!cd_json_write_schema(&c->json, &c->rules, schema, err))
        return false;
    CD_JSON_PUT_LITERAL(&c->json, ENVELOPE_MIDDLE);
    *ret = cd_converter_cache_put(&c->envelopes, schema, cd_buffer_view(&c->json.out))->text;
    cd_json_writer_reset(&c->json);
    return true;
}

static bool find_envelope(struct json_converter *c, const struct cd_schema *schema,
                          struct cd_slice *ret, struct cd_error *err)
{
    const struct cd_converter_cached *known = cd_converter_cache_schema(&c->envelopes, schema);
    if (known == NULL)
        return render_envelope(c, schema, ret, err);
    *ret = known->text;
    return true;
}

/* head, payload, tail: into the batch. */
static bool finish(struct json_converter *c, struct cd_batch *out, struct cd_slice head, bool tail,
                   struct cd_slice *ret, struct cd_error *err)
{
    struct cd_slice payload = cd_buffer_view(&c->json.out);
    size_t len = head.len + payload.len + tail;
    char *bytes = cd_arena_alloc(&out->arena, len, 1, err);
    if (bytes == NULL)
        return false;
    if (head.len > 0)
        memcpy(bytes, head.ptr, head.len);
    memcpy(bytes + head.len, payload.ptr, payload.len);
    if (tail)
        bytes[len - 1] = '}';
    *ret = cd_slice_of(bytes, len);
    return true;
}

static bool json_write(void *state, struct cd_batch *out, struct cd_slice topic,
                       const struct cd_schema *schema, struct cd_value value, struct cd_slice *ret,
                       struct cd_error *err)
{
    (void)topic;
    struct json_converter *c = state;
    struct cd_slice head = {NULL, 0};
    if (schema == NULL && cd_is_null(value)) {
        *ret = head;
        return true;
    }
    cd_json_writer_reset(&c->json);
    if (c->schemas && !find_envelope(c, schema, &head, err))
        return false;
    c->json.depth = c->schemas;
    return cd_json_write(&c->json, &c->rules, schema, value, err) &&
           finish(c, out, head, c->schemas, ret, err);
}

/* ---- reading ---- */

static bool not_an_envelope(struct cd_json_source *from)
{
    return cd_fail_as(
        from->json.err, CD_ERR_DATA, "DataException",
        "JsonConverter with schemas.enable requires \"schema\" and \"payload\" fields and may not "
        "contain additional fields. If you are trying to deserialize plain JSON data, set "
        "schemas.enable=false in your converter configuration.");
}

/* What is found in an envelope that is passed over. */
struct envelope {
    bool has_schema;
    bool has_payload;
    bool has_other;
    struct cd_json_mark schema;
    struct cd_json_mark payload;
    struct cd_slice schema_text; /* as it stands there */
};

static bool pass_member(struct cd_json_source *from, struct envelope *envelope)
{
    struct cd_json_reader *json = &from->json;
    bool schema = cd_slice_is(json->text, "schema");
    bool payload = cd_slice_is(json->text, "payload");
    struct cd_json_mark mark = cd_json_mark(json);
    if (cd_json_next(json) == CD_JSON_BAD || !cd_json_skip(json))
        return false;
    if (schema) {
        envelope->has_schema = true;
        envelope->schema = mark;
        envelope->schema_text = cd_slice_of(mark.at, (size_t)(json->at - mark.at));
    } else if (payload) {
        envelope->has_payload = true;
        envelope->payload = mark;
    } else {
        envelope->has_other = true;
    }
    return true;
}

/* The whole text, before any of it is converted: first what is wrong with the text, then what is
 * wrong with the envelope, as on the JVM. */
static bool pass_envelope(struct cd_json_source *from, struct envelope *envelope)
{
    enum cd_json_token first = cd_json_next(&from->json);
    if (first == CD_JSON_BAD || !(first == CD_JSON_OBJECT || cd_json_skip(&from->json)))
        return false;
    while (first == CD_JSON_OBJECT && cd_json_next(&from->json) == CD_JSON_NAME)
        if (!pass_member(from, envelope))
            return false;
    if (from->json.token == CD_JSON_BAD)
        return false;
    if (!envelope->has_schema || !envelope->has_payload || envelope->has_other)
        return not_an_envelope(from);
    return true;
}

/* The schema of `text`, whose reader stands before it; parsed if it was not seen before. The batch
 * keeps it. */
static bool find_schema(struct json_converter *c, struct cd_json_source *from, struct cd_slice text,
                        const struct cd_schema **ret)
{
    while (text.len > 0 && strchr(" \t\r\n", *text.ptr) != NULL)
        text = cd_slice_of(text.ptr + 1, text.len - 1);
    const struct cd_converter_cached *known = cd_converter_cache_text(&c->known, text);
    if (known == NULL) {
        const struct cd_schema *schema = NULL;
        bool object = cd_json_next(&from->json) == CD_JSON_OBJECT;
        if (!cd_json_read_schema(from, &schema))
            return false;
        cd_batch_keep(from->out, schema);
        if (object)
            (void)cd_converter_cache_put(&c->known, schema, text); /* for the next time */
        cd_schema_unref(schema);
        *ret = schema;
        return true;
    }
    cd_batch_keep(from->out, known->schema);
    *ret = known->schema;
    return true;
}

static bool read_whole_envelope(struct json_converter *c, struct cd_json_source *from,
                                const struct cd_schema **ret_schema, struct cd_value *ret)
{
    struct envelope envelope = {0};
    const struct cd_schema *schema;
    if (!pass_envelope(from, &envelope))
        return false;
    cd_json_return(&from->json, envelope.schema);
    if (!find_schema(c, from, envelope.schema_text, &schema))
        return false;
    from->null_in_required = false;
    cd_json_return(&from->json, envelope.payload);
    (void)cd_json_next(&from->json); /* passed over before */
    if (!cd_json_read(from, schema, ret))
        return false;
    *ret_schema = schema;
    return true;
}

/* One of the schemas seen lately, by its bytes. */
static const struct cd_schema *take_known_schema(struct json_converter *c,
                                                 struct cd_json_reader *json)
{
    const struct cd_link *at = c->known.by_use.next;
    for (size_t i = 0; i < FAMILIAR_MAX && at != &c->known.by_use; i++, at = at->next) {
        const struct cd_converter_cached *known = cd_converter_cached_at(at);
        if (cd_json_take_object(json, known->text))
            return known->schema;
    }
    return NULL;
}

/* A schema seen lately, then the payload, then nothing: read in one go. False: it is not so, or
 * something is wrong; then the long way finds out what. */
static bool read_familiar_envelope(struct json_converter *c, struct cd_json_source *from,
                                   const struct cd_schema **ret_schema, struct cd_value *ret)
{
    struct cd_json_reader *json = &from->json;
    if (c->known.count == 0 || cd_json_next(json) != CD_JSON_OBJECT ||
        cd_json_next(json) != CD_JSON_NAME || !cd_slice_is(json->text, "schema"))
        return false;
    const struct cd_schema *schema = take_known_schema(c, json);
    if (schema == NULL || cd_json_next(json) != CD_JSON_NAME ||
        !cd_slice_is(json->text, "payload") || cd_json_next(json) == CD_JSON_BAD)
        return false;
    cd_batch_keep(from->out, schema);
    if (!cd_json_read(from, schema, ret) || cd_json_next(json) != CD_JSON_OBJECT_END)
        return false;
    *ret_schema = schema;
    return true;
}

static bool read_envelope(struct json_converter *c, struct cd_json_source *from,
                          const struct cd_schema **ret_schema, struct cd_value *ret)
{
    struct cd_json_mark start = cd_json_mark(&from->json);
    size_t base = from->stack->used;
    if (read_familiar_envelope(c, from, ret_schema, ret))
        return true;
    cd_error_reset(from->json.err);
    from->stack->used = base;
    cd_json_return(&from->json, start);
    return read_whole_envelope(c, from, ret_schema, ret);
}

/* A text or bytes schema may give a null that is not to be seen outside. */
static struct cd_value plain_null(struct cd_value value)
{
    value.reserved = 0;
    return value;
}

static bool json_read(void *state, struct cd_batch *out, struct cd_slice topic,
                      struct cd_slice bytes, const struct cd_schema **ret_schema,
                      struct cd_value *ret_value, struct cd_error *err)
{
    (void)topic;
    struct json_converter *c = state;
    const struct cd_schema *schema = NULL;
    struct cd_value value = cd_null();
    if (bytes.ptr != NULL) {
        struct cd_json_source from;
        from.stack = &c->stack;
        from.rules = &c->rules;
        from.out = out;
        from.null_in_required = false;
        c->stack.used = 0;
        if (!cd_json_reader_init(&from.json, bytes, &out->arena, err))
            return false;
        if (c->schemas
                ? !read_envelope(c, &from, &schema, &value)
                : (cd_json_next(&from.json) == CD_JSON_BAD || !cd_json_read(&from, NULL, &value)))
            return false;
    }
    *ret_schema = schema;
    *ret_value = plain_null(value);
    return true;
}

const struct cd_converter cd_converter_json = {
    .size = sizeof(struct cd_converter),
    .state_size = sizeof(struct json_converter),
    .open = json_open,
    .write = json_write,
    .read = json_read,
    .close = json_close,
};
