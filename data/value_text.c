#include "data/value_text.h"

#include "compat/base64.h"
#include "compat/date.h"
#include "compat/decimal.h"
#include "compat/number.h"
#include "data/json_writer.h"

/* The text grows in json.out; the writer also knows the order of maps. */
struct text {
    struct cd_json_writer json;
    bool java; /* toString, else the header form */
};

static void put(struct text *text, const char *literal)
{
    cd_buffer_text(&text->json.out, literal);
}

static void put_number(struct text *text, struct cd_value value)
{
    char *to = cd_buffer_reserve(&text->json.out, CD_NUMBER_TEXT_BYTES);
    if (value.kind == CD_KIND_FLOAT32)
        text->json.out.len += cd_java_float_text(value.as.float32, to);
    else if (value.kind == CD_KIND_FLOAT64)
        text->json.out.len += cd_java_double_text(value.as.float64, to);
    else
        text->json.out.len += cd_int64_text(value.as.integer, to);
}

static void put_java_date(struct text *text, int64_t ms)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_date_format *format =
        cd_date_format_new(cd_slice("EEE MMM dd HH:mm:ss zzz y"), NULL, &err);
    assert(format != NULL); /* the pattern is ours */
    cd_date_print(format, ms, &text->json.out);
    cd_date_format_free(format);
}

static void put_string(struct text *text, struct cd_slice s, bool embedded)
{
    if (text->java || !embedded) {
        cd_buffer_slice(&text->json.out, s);
        return;
    }
    cd_buffer_char(&text->json.out, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"' || s.ptr[i] == '\\')
            cd_buffer_char(&text->json.out, '\\');
        cd_buffer_char(&text->json.out, s.ptr[i]);
    }
    cd_buffer_char(&text->json.out, '"');
}

static void put_bytes(struct text *text, struct cd_slice bytes, bool embedded)
{
    if (text->java) {
        put(text, "[B@0");
        return;
    }
    put(text, embedded ? "\"" : "");
    char *to = cd_buffer_reserve(&text->json.out, cd_base64_length(bytes.len));
    text->json.out.len += cd_base64_encode(bytes.ptr, bytes.len, to);
    put(text, embedded ? "\"" : "");
}

static void put_value(struct text *text, struct cd_value value, bool embedded);

static void put_array(struct text *text, struct cd_value array)
{
    put(text, "[");
    for (uint32_t i = 0; i < array.count; i++) {
        if (i > 0)
            put(text, text->java ? ", " : ",");
        put_value(text, array.as.array[i], true);
    }
    put(text, "]");
}

static void put_map(struct text *text, struct cd_value map)
{
    struct cd_json_order order = cd_json_order_begin(&text->json, map);
    put(text, "{");
    for (uint32_t i = 0; i < map.count; i++) {
        const struct cd_map_entry *entry = cd_json_order_at(&text->json, order, map, i);
        if (i > 0)
            put(text, text->java ? ", " : ",");
        put_value(text, entry->key, true);
        put(text, text->java ? "=" : ":");
        put_value(text, entry->value, true);
    }
    put(text, "}");
    cd_json_order_end(&text->json, order);
}

/* Fields that are null are left out. */
static void put_java_struct(struct text *text, const struct cd_struct *s)
{
    bool first = true;
    put(text, "Struct{");
    for (uint32_t i = 0; i < s->schema->field_count; i++) {
        if (cd_is_null(s->fields[i]))
            continue;
        put(text, first ? "" : ",");
        first = false;
        cd_buffer_slice(&text->json.out, s->schema->fields[i].name);
        put(text, "=");
        put_value(text, s->fields[i], true);
    }
    put(text, "}");
}

/* Fields that are null show their default. */
static void put_header_struct(struct text *text, const struct cd_struct *s)
{
    put(text, "{");
    for (uint32_t i = 0; i < s->schema->field_count; i++) {
        const struct cd_field *field = &s->schema->fields[i];
        bool use_default = cd_is_null(s->fields[i]) && field->schema->fallback != NULL;
        put(text, i > 0 ? "," : "");
        put_string(text, field->name, true);
        put(text, ":");
        put_value(text, use_default ? *field->schema->fallback : s->fields[i], true);
    }
    put(text, "}");
}

static void put_value(struct text *text, struct cd_value value, bool embedded)
{
    switch ((enum cd_kind)value.kind) {
    case CD_KIND_NULL:
        put(text, "null");
        break;
    case CD_KIND_BOOL:
        put(text, value.as.boolean ? "true" : "false");
        break;
    case CD_KIND_INT8:
    case CD_KIND_INT16:
    case CD_KIND_INT32:
    case CD_KIND_INT64:
    case CD_KIND_FLOAT32:
    case CD_KIND_FLOAT64:
        put_number(text, value);
        break;
    case CD_KIND_STRING:
        put_string(text, cd_value_slice(value), embedded);
        break;
    case CD_KIND_BYTES:
        put_bytes(text, cd_value_slice(value), embedded);
        break;
    case CD_KIND_ARRAY:
        put_array(text, value);
        break;
    case CD_KIND_MAP:
        put_map(text, value);
        break;
    case CD_KIND_STRUCT:
        if (text->java)
            put_java_struct(text, value.as.structure);
        else
            put_header_struct(text, value.as.structure);
        break;
    case CD_KIND_DECIMAL:
        cd_java_decimal_text(value.as.decimal, &text->json.out);
        break;
    case CD_KIND_INSTANT:
        if (text->java)
            put_java_date(text, value.as.integer);
        else
            cd_date_header_text(value.as.integer, &text->json.out);
        break;
    }
}

static void print(struct cd_value value, bool java, struct cd_buffer *out)
{
    struct text text = {.json = {.out = *out}, .java = java};
    put_value(&text, value, false);
    *out = text.json.out;
    text.json.out = (struct cd_buffer)CD_BUFFER_INIT;
    cd_json_writer_done(&text.json);
    *cd_buffer_reserve(out, 0) = '\0';
}

void cd_value_java_text(struct cd_value value, struct cd_buffer *out)
{
    print(value, /* java = */ true, out);
}

void cd_value_header_text(struct cd_value value, struct cd_buffer *out)
{
    print(value, /* java = */ false, out);
}
