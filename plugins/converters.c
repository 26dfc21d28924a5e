#include "plugins/converters.h"

#include "plugins/converter_list.h"

#define JSON_PACKAGE "org.apache.kafka.connect.json."
#define STORAGE_PACKAGE "org.apache.kafka.connect.storage."
#define CONVERTERS_PACKAGE "org.apache.kafka.connect.converters."

const char *const cd_converter_types[] = {"key", "value", "header", NULL};

const struct cd_key cd_converter_bare_keys[1] = {
    CD_CONVERTER_TYPE_KEY(struct cd_converter_bare_config)};

#define ROWS(array) (sizeof(array) / sizeof((array)[0]))
#define ROW(plugin_kind, name, text, key_rows, rows, bytes, callbacks)                             \
    {                                                                                              \
        .kind = (plugin_kind), .class_name = (name), .version = CD_VERSION, .doc = (text),         \
        .keys = (key_rows), .key_count = (rows), .key_size = sizeof(struct cd_key),                \
        .config_size = (bytes), .converter = &(callbacks),                                         \
    }

/* Known as both kinds. */
#define BOTH(name, text, key_rows, rows, bytes, callbacks)                                         \
    ROW(CD_PLUGIN_CONVERTER, name, text, key_rows, rows, bytes, callbacks),                        \
        ROW(CD_PLUGIN_HEADER_CONVERTER, name, text, key_rows, rows, bytes, callbacks)

#define BARE(name, text, callbacks)                                                                \
    BOTH(CONVERTERS_PACKAGE name, text, cd_converter_bare_keys, 1,                                 \
         sizeof(struct cd_converter_bare_config), callbacks)

const struct cd_plugin cd_builtin_converters[] = {
    BOTH(JSON_PACKAGE "JsonConverter", "JSON, with or without an envelope that holds the schema.",
         cd_converter_json_keys, ROWS(cd_converter_json_keys),
         sizeof(struct cd_converter_json_config), cd_converter_json),
    BOTH(STORAGE_PACKAGE "StringConverter", "Any value as text.", cd_converter_string_keys,
         ROWS(cd_converter_string_keys), sizeof(struct cd_converter_string_config),
         cd_converter_string),
    BARE("ByteArrayConverter", "Bytes as they are.", cd_converter_bytes),
    BARE("BooleanConverter", "One byte, 0 or 1.", cd_converter_boolean),
    BARE("ShortConverter", "Two bytes, big-endian.", cd_converter_short),
    BARE("IntegerConverter", "Four bytes, big-endian.", cd_converter_integer),
    BARE("LongConverter", "Eight bytes, big-endian.", cd_converter_long),
    BARE("FloatConverter", "Four bytes, IEEE 754, big-endian.", cd_converter_float),
    BARE("DoubleConverter", "Eight bytes, IEEE 754, big-endian.", cd_converter_double),
    ROW(CD_PLUGIN_HEADER_CONVERTER, STORAGE_PACKAGE "SimpleHeaderConverter",
        "Header values as text that shows their type.", NULL, 0, 0, cd_converter_simple_header),
};
const size_t cd_builtin_converter_count = ROWS(cd_builtin_converters);
