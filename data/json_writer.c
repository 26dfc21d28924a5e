#include "data/json_writer.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "compat/base64.h"
#include "compat/decimal.h"
#include "compat/number.h"
#include "compat/utf.h"
#include "data/json_text.h"

#define KEPT_BYTES_MAX ((size_t)1024 * 1024)
#define ESCAPE_BYTES 6

void cd_json_writer_done(struct cd_json_writer *json)
{
    cd_buffer_done(&json->out);
    free(json->order);
    free(json->frames);
    *json = (struct cd_json_writer){0};
}

void cd_json_writer_reset(struct cd_json_writer *json)
{
    if (json->out.cap > KEPT_BYTES_MAX)
        cd_json_writer_done(json);
    json->out.len = 0;
    json->depth = 0;
    json->order_used = 0;
    json->frame_count = 0;
}

/* ---- strings ---- */

/* The letter behind the backslash; 'u': the long form. 0: the byte stands for itself. */
static const char escapes[128] = {
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b',          't',           'n', 'u',
    'f', 'r', 'u', 'u', 'u', 'u', 'u', 'u', 'u',          'u',           'u', 'u',
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', [0x22] = '"', ['\\'] = '\\',
};

static size_t plain_prefix(const char *at, const char *end)
{
    const char *start = at;
    for (size_t clean = 8; clean == 8 && end - at >= 8; at += clean)
        clean = cd_json_plain(at);
    while (at < end && (unsigned char)*at < 0x80 && escapes[(unsigned char)*at] == 0)
        at++;
    return (size_t)(at - start);
}

static char *put_unit(char *to, uint32_t unit)
{
    static const char digits[] = "0123456789ABCDEF";
    *to++ = '\\';
    *to++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *to++ = digits[unit >> shift & 0xf];
    return to;
}

static char *put_escaped(char *to, unsigned char c)
{
    if (escapes[c] == 'u')
        return put_unit(to, c);
    *to++ = '\\';
    *to++ = escapes[c];
    return to;
}

static char *put_wide(char *to, uint32_t c)
{
    if (c == CD_UTF_BAD)
        c = 0xfffd;
    if (c >= 0x10000) {
        to = put_unit(to, 0xd800 + ((c - 0x10000) >> 10));
        return put_unit(to, 0xdc00 + ((c - 0x10000) & 0x3ff));
    }
    if (c >= 0xd800 && c <= 0xdfff)
        return put_unit(to, c);
    return to + cd_utf_put(c, to);
}

void cd_json_put_string(struct cd_json_writer *json, struct cd_slice text)
{
    /* Room for a plain text; what grows beyond it asks again. */
    char *to = cd_json_room(json, text.len + 2);
    *to++ = '"';
    json->out.len++;
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;
    while (at < end) {
        size_t plain = plain_prefix(at, end);
        memcpy(to, at, plain);
        json->out.len += plain;
        at += plain;
        if (at == end)
            break;
        char *from = cd_json_room(json, (size_t)(end - at) + 2 * ESCAPE_BYTES + 2);
        to = (unsigned char)*at < 0x80 ? put_escaped(from, (unsigned char)*at++)
                                       : put_wide(from, cd_utf_next(&at, end));
        json->out.len += (size_t)(to - from);
    }
    cd_json_put_char(json, '"');
}

/* ---- scalars ---- */

void cd_json_put_base64(struct cd_json_writer *json, struct cd_slice bytes)
{
    char *to = cd_json_room(json, cd_base64_length(bytes.len) + 2);
    to[0] = '"';
    size_t len = cd_base64_encode(bytes.ptr, bytes.len, to + 1);
    to[len + 1] = '"';
    json->out.len += len + 2;
}

void cd_json_put_int64(struct cd_json_writer *json, int64_t v)
{
    json->out.len += cd_int64_text(v, cd_json_room(json, CD_NUMBER_TEXT_BYTES));
}

static void put_float_text(struct cd_json_writer *json, const char *text, size_t len, bool finite)
{
    if (!finite)
        cd_json_put_char(json, '"');
    cd_json_put_raw(json, cd_slice_of(text, len));
    if (!finite)
        cd_json_put_char(json, '"');
}

void cd_json_put_float32(struct cd_json_writer *json, float v)
{
    char text[CD_NUMBER_TEXT_BYTES];
    put_float_text(json, text, cd_java_float_text(v, text), isfinite(v));
}

void cd_json_put_float64(struct cd_json_writer *json, double v)
{
    char text[CD_NUMBER_TEXT_BYTES];
    put_float_text(json, text, cd_java_double_text(v, text), isfinite(v));
}

void cd_json_put_decimal(struct cd_json_writer *json, const struct cd_decimal *v)
{
    cd_java_decimal_text(v, &json->out);
}

/* ---- containers ---- */

bool cd_json_enter(struct cd_json_writer *json, struct cd_error *err)
{
    if (json->depth >= CD_JSON_DEPTH_MAX)
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "Converting Kafka Connect data to byte[] failed due to serialization "
                          "error: it is nested more than %d levels deep",
                          CD_JSON_DEPTH_MAX);
    json->depth++;
    return true;
}

struct cd_json_order cd_json_order_begin(struct cd_json_writer *json, struct cd_value map)
{
    if ((map.flags & CD_MAP_HASHED) == 0 || map.count < 2)
        return (struct cd_json_order){SIZE_MAX};
    size_t base = json->order_used;
    if (json->order_capacity - base < map.count) {
        json->order_capacity = (base + map.count) * 2;
        json->order = cd_realloc_array(json->order, json->order_capacity, sizeof(*json->order));
    }
    struct cd_hash_entry *entries = json->order + base;
    for (uint32_t i = 0; i < map.count; i++)
        entries[i] = (struct cd_hash_entry){cd_java_value_hash(map.as.map[i].key), i};
    cd_java_hash_order(entries, map.count,
                       map.reserved == 0 ? CD_HASH_DEFAULT_CAPACITY : UINT32_C(1) << map.reserved);
    json->order_used += map.count;
    return (struct cd_json_order){base};
}

/* ---- values without a schema: a loop over the containers that are open, so that no depth of a
 * text from outside can exhaust a thread's stack ---- */

struct cd_json_frame {
    struct cd_value container;        /* an array or a map; null: a pair */
    const struct cd_map_entry *entry; /* the pair */
    struct cd_json_order order;
    uint32_t at;
    bool object;
};

static bool has_string_keys(struct cd_value map)
{
    for (uint32_t i = 0; i < map.count; i++)
        if (map.as.map[i].key.kind != CD_KIND_STRING)
            return false;
    return true;
}

static struct cd_json_frame *push_frame(struct cd_json_writer *json, struct cd_error *err)
{
    if (!cd_json_enter(json, err))
        return NULL;
    if (json->frame_count == json->frame_capacity) {
        json->frame_capacity = json->frame_capacity == 0 ? 16 : json->frame_capacity * 2;
        json->frames = cd_realloc_array(json->frames, json->frame_capacity, sizeof(*json->frames));
    }
    return &json->frames[json->frame_count++];
}

static bool open_container(struct cd_json_writer *json, struct cd_value value, struct cd_error *err)
{
    struct cd_json_frame *frame = push_frame(json, err);
    if (frame == NULL)
        return false;
    bool map = value.kind == CD_KIND_MAP;
    *frame = (struct cd_json_frame){.container = value, .order = {SIZE_MAX}};
    frame->object = map && has_string_keys(value);
    if (map)
        frame->order = cd_json_order_begin(json, value);
    cd_json_put_char(json, frame->object ? '{' : '[');
    return true;
}

static bool open_pair(struct cd_json_writer *json, const struct cd_map_entry *entry,
                      struct cd_error *err)
{
    struct cd_json_frame *frame = push_frame(json, err);
    if (frame == NULL)
        return false;
    *frame = (struct cd_json_frame){.entry = entry, .order = {SIZE_MAX}};
    cd_json_put_char(json, '[');
    return true;
}

static void close_frame(struct cd_json_writer *json)
{
    struct cd_json_frame *frame = &json->frames[--json->frame_count];
    cd_json_put_char(json, frame->object ? '}' : ']');
    cd_json_order_end(json, frame->order);
    cd_json_leave(json);
}

/* False: `err`. What must be written next, if anything, is `*ret`. */
static bool next_element(struct cd_json_writer *json, const struct cd_value **ret,
                         struct cd_error *err)
{
    struct cd_json_frame *frame = &json->frames[json->frame_count - 1];
    uint32_t count = frame->entry != NULL ? 2 : frame->container.count;
    *ret = NULL;
    if (frame->at == count) {
        close_frame(json);
        return true;
    }
    if (frame->at > 0)
        cd_json_put_char(json, ',');
    uint32_t at = frame->at++;
    if (frame->entry != NULL) {
        *ret = at == 0 ? &frame->entry->key : &frame->entry->value;
        return true;
    }
    if (frame->container.kind == CD_KIND_ARRAY) {
        *ret = &frame->container.as.array[at];
        return true;
    }
    const struct cd_map_entry *entry = cd_json_order_at(json, frame->order, frame->container, at);
    if (!frame->object)
        return open_pair(json, entry, err);
    cd_json_put_string(json, cd_value_slice(entry->key));
    cd_json_put_char(json, ':');
    *ret = &entry->value;
    return true;
}

static bool refuse_kind(enum cd_kind kind, struct cd_error *err)
{
    if (kind == CD_KIND_STRUCT)
        return cd_fail_as(err, CD_ERR_DATA, "DataException", "Mismatching schema.");
    const char *name = kind == CD_KIND_DECIMAL ? "java.math.BigDecimal" : "java.util.Date";
    return cd_fail_as(err, CD_ERR_DATA, "DataException",
                      "Java class class %s does not have corresponding schema type.", name);
}

/* A scalar, or the opening of a container. */
static bool put_one(struct cd_json_writer *json, const struct cd_value *value, struct cd_error *err)
{
    switch ((enum cd_kind)value->kind) {
    case CD_KIND_NULL:
        CD_JSON_PUT_LITERAL(json, "null");
        return true;
    case CD_KIND_BOOL:
        cd_json_put_raw(json, cd_slice(value->as.boolean ? "true" : "false"));
        return true;
    case CD_KIND_INT8:
    case CD_KIND_INT16:
    case CD_KIND_INT32:
    case CD_KIND_INT64:
        cd_json_put_int64(json, value->as.integer);
        return true;
    case CD_KIND_FLOAT32:
        cd_json_put_float32(json, value->as.float32);
        return true;
    case CD_KIND_FLOAT64:
        cd_json_put_float64(json, value->as.float64);
        return true;
    case CD_KIND_STRING:
        cd_json_put_string(json, cd_value_slice(*value));
        return true;
    case CD_KIND_BYTES:
        cd_json_put_base64(json, cd_value_slice(*value));
        return true;
    case CD_KIND_ARRAY:
    case CD_KIND_MAP:
        return open_container(json, *value, err);
    case CD_KIND_STRUCT:
    case CD_KIND_DECIMAL:
    case CD_KIND_INSTANT:
        break;
    }
    return refuse_kind((enum cd_kind)value->kind, err);
}

bool cd_json_put_value(struct cd_json_writer *json, struct cd_value value, struct cd_error *err)
{
    size_t base = json->frame_count;
    if (!put_one(json, &value, err))
        return false;
    while (json->frame_count > base) {
        const struct cd_value *element;
        if (!next_element(json, &element, err) || (element != NULL && !put_one(json, element, err)))
            return false;
    }
    return true;
}
