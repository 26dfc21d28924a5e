/* What converters.c gathers: each converter's table and keys. Private to plugins/converter*.c. */
#ifndef CD_PLUGINS_CONVERTER_LIST_H
#define CD_PLUGINS_CONVERTER_LIST_H

#include "connectd/plugin.h"

/* Each configuration struct begins its life with a `role`, which only the framework sets. */
#define CD_CONVERTER_TYPE_KEY(config)                                                              \
    {                                                                                              \
        .name = "converter.type", .type = CD_STRING, .one_of = cd_converter_types,                 \
        .offset = offsetof(config, role), .doc = "How this converter will be used.",               \
        .importance = CD_LOW,                                                                      \
    }
extern const char *const cd_converter_types[];

struct cd_converter_json_config {
    const char *role;
    bool schemas;
    int32_t cache_size;
    const char *decimal_format;
    bool replace_null;
};
extern const struct cd_converter cd_converter_json;
extern const struct cd_key cd_converter_json_keys[5];

struct cd_converter_string_config {
    const char *role;
    const char *encoding;
    /* Properties of Kafka's serializers, which win where someone sets them. */
    const char *key_serializer;
    const char *value_serializer;
    const char *key_deserializer;
    const char *value_deserializer;
};
extern const struct cd_converter cd_converter_string;
extern const struct cd_key cd_converter_string_keys[6];

/* The others have one key. */
struct cd_converter_bare_config {
    const char *role;
};
extern const struct cd_key cd_converter_bare_keys[1];

extern const struct cd_converter cd_converter_bytes;
extern const struct cd_converter cd_converter_boolean;
extern const struct cd_converter cd_converter_short;
extern const struct cd_converter cd_converter_integer;
extern const struct cd_converter cd_converter_long;
extern const struct cd_converter cd_converter_float;
extern const struct cd_converter cd_converter_double;
extern const struct cd_converter cd_converter_simple_header;

#endif
