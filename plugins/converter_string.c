/*
 * StringConverter: any value as Java's toString has it, in the configured character set. Texts that
 * are proper UTF-8 already are not copied.
 */
#include "base/buffer.h"
#include "compat/charset.h"
#include "compat/utf.h"
#include "data/batch.h"
#include "data/schema.h"
#include "data/value_text.h"
#include "plugins/converter_list.h"

#define SERIALIZER_KEY(key, member)                                                                \
    {                                                                                              \
        .name = (key), .type = CD_STRING, .optional = true, .internal = true,                      \
        .offset = offsetof(struct cd_converter_string_config, member),                             \
        .doc = "Character set of the serializer itself; converter.encoding is the usual way.",     \
        .importance = CD_LOW,                                                                      \
    }

const struct cd_key cd_converter_string_keys[6] = {
    CD_CONVERTER_TYPE_KEY(struct cd_converter_string_config),
    {.name = "converter.encoding",
     .type = CD_STRING,
     .fallback = "UTF-8",
     .offset = offsetof(struct cd_converter_string_config, encoding),
     .doc = "The name of the Java character set to use for encoding strings as byte arrays.",
     .importance = CD_HIGH,
     .width = CD_WIDTH_MEDIUM,
     .display = "Encoding"},
    SERIALIZER_KEY("key.serializer.encoding", key_serializer),
    SERIALIZER_KEY("value.serializer.encoding", value_serializer),
    SERIALIZER_KEY("key.deserializer.encoding", key_deserializer),
    SERIALIZER_KEY("value.deserializer.encoding", value_deserializer),
};

struct string_converter {
    struct cd_task_base base;
    enum cd_charset writes;
    enum cd_charset reads;
    struct cd_buffer text;  /* reused for each record that is not a plain text */
    struct cd_buffer bytes; /* likewise */
};

static bool find_charset(const char *special, const char *usual, enum cd_charset *ret,
                         struct cd_error *err)
{
    const char *name = special == NULL ? usual : special;
    if (cd_charset_find(cd_slice(name), ret))
        return true;
    return cd_fail_as(err, CD_ERR_CONFIG, "SerializationException", "Unsupported encoding %s",
                      name);
}

static bool string_open(void *state, enum cd_role role, struct cd_error *err)
{
    struct string_converter *c = state;
    const struct cd_converter_string_config *cfg = c->base.cfg;
    bool key = role == CD_ROLE_KEY;
    return find_charset(key ? cfg->key_serializer : cfg->value_serializer, cfg->encoding,
                        &c->writes, err) &&
           find_charset(key ? cfg->key_deserializer : cfg->value_deserializer, cfg->encoding,
                        &c->reads, err);
}

static void string_close(void *state)
{
    struct string_converter *c = state;
    cd_buffer_done(&c->text);
    cd_buffer_done(&c->bytes);
}

static bool string_write(void *state, struct cd_batch *out, struct cd_slice topic,
                         const struct cd_schema *schema, struct cd_value value,
                         struct cd_slice *ret, struct cd_error *err)
{
    (void)topic;
    (void)schema; /* the JVM does not look at it either */
    struct string_converter *c = state;
    if (cd_is_null(value)) {
        *ret = (struct cd_slice){NULL, 0};
        return true;
    }
    struct cd_slice text = cd_value_slice(value);
    if (value.kind != CD_KIND_STRING) {
        cd_buffer_clear(&c->text);
        cd_value_java_text(value, &c->text);
        text = cd_buffer_view(&c->text);
    } else if (c->writes == CD_CHARSET_UTF8 && cd_utf8_valid(text)) {
        *ret = text;
        return true;
    }
    cd_buffer_clear(&c->bytes);
    cd_charset_encode(c->writes, text, &c->bytes);
    struct cd_slice copy = cd_arena_copy(&out->arena, cd_buffer_view(&c->bytes), err);
    if (copy.ptr == NULL)
        return false;
    *ret = copy;
    return true;
}

static bool string_read(void *state, struct cd_batch *out, struct cd_slice topic,
                        struct cd_slice bytes, const struct cd_schema **ret_schema,
                        struct cd_value *ret, struct cd_error *err)
{
    (void)topic;
    struct string_converter *c = state;
    if (bytes.ptr != NULL && !(c->reads == CD_CHARSET_UTF8 && cd_utf8_valid(bytes))) {
        cd_buffer_clear(&c->text);
        cd_charset_decode(c->reads, bytes, &c->text);
        bytes = cd_arena_copy(&out->arena, cd_buffer_view(&c->text), err);
        if (bytes.ptr == NULL)
            return false;
    }
    *ret = cd_string(bytes); /* an absent slice gives a null */
    *ret_schema = cd_schema_primitive(CD_TYPE_STRING, true);
    return true;
}

const struct cd_converter cd_converter_string = {
    .size = sizeof(struct cd_converter),
    .state_size = sizeof(struct string_converter),
    .open = string_open,
    .write = string_write,
    .read = string_read,
    .close = string_close,
    .borrows = true,
};
