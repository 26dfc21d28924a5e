/*
 * What the transforms have in common: the part of a record they work on, and what they demand of
 * it, in the JVM's words.
 *
 * A class name ends in $Key or $Value where a transform works on one part of the record; both
 * descriptors share one implementation, whose state knows its role.
 */
#ifndef CD_PLUGINS_OPERAND_H
#define CD_PLUGINS_OPERAND_H

#include "connectd/plugin.h"
#include "data/schema.h"

#define CD_TRANSFORM_PACKAGE "org.apache.kafka.connect.transforms."
#define CD_PREDICATE_PACKAGE CD_TRANSFORM_PACKAGE "predicates."

/* The key `replace.null.with.default` of a configuration struct that has a bool of that name. */
#define CD_REPLACE_NULL_KEY(config)                                                                \
    {                                                                                              \
        .name = "replace.null.with.default", .type = CD_BOOL, .fallback = "true",                  \
        .offset = offsetof(config, replace_null), .importance = CD_MEDIUM,                         \
        .doc = "Whether to replace fields that have a default value and that are null to the "     \
               "default value. When set to true, the default value is used, otherwise null is "    \
               "used.",                                                                            \
    }

/* The callbacks of the $Key and the $Value form, stem_tables, which differ in the role that
 * stem_open is told. The state is a struct of the same name. */
#define CD_KEY_AND_VALUE_TABLES(stem)                                                              \
    static bool stem##_open_key(void *state, struct cd_error *err)                                 \
    {                                                                                              \
        return stem##_open(state, CD_ROLE_KEY, err);                                               \
    }                                                                                              \
    static bool stem##_open_value(void *state, struct cd_error *err)                               \
    {                                                                                              \
        return stem##_open(state, CD_ROLE_VALUE, err);                                             \
    }                                                                                              \
    static const struct cd_transform stem##_tables[] = {                                           \
        CD_PART_TABLE(stem, stem##_open_key),                                                      \
        CD_PART_TABLE(stem, stem##_open_value),                                                    \
    }

#define CD_PART_TABLE(stem, open_part)                                                             \
    {                                                                                              \
        .size = sizeof(struct cd_transform), .state_size = sizeof(struct stem),                    \
        .open = (open_part), .apply = stem##_apply, .close = stem##_close,                         \
    }

/* Their descriptors. */
#define CD_KEY_AND_VALUE_PLUGINS(name, text, config, config_keys, tables)                          \
    {                                                                                              \
        CD_TRANSFORM_PLUGIN(name "$Key", text, config, config_keys, (tables)[0]),                  \
            CD_TRANSFORM_PLUGIN(name "$Value", text, config, config_keys, (tables)[1]),            \
    }

#define CD_TRANSFORM_PLUGIN(name, text, config, config_keys, callbacks)                            \
    CD_SMALL_PLUGIN(CD_PLUGIN_TRANSFORM, CD_TRANSFORM_PACKAGE name, text, config, config_keys,     \
                    callbacks)

#define CD_PREDICATE_PLUGIN(name, text, config, config_keys, callbacks)                            \
    CD_SMALL_PLUGIN(CD_PLUGIN_PREDICATE, CD_PREDICATE_PACKAGE name, text, config, config_keys,     \
                    callbacks)

#define CD_SMALL_PLUGIN(plugin_kind, full_name, text, config, config_keys, callbacks)              \
    {                                                                                              \
        .kind = (plugin_kind), .class_name = (full_name), .version = CD_VERSION, .doc = (text),    \
        .keys = (config_keys), .key_count = sizeof(config_keys) / sizeof((config_keys)[0]),        \
        .key_size = sizeof(struct cd_key), .config_size = sizeof(config), .table = &(callbacks),   \
    }

/* For a transform or predicate without settings. */
#define CD_BARE_PLUGIN(plugin_kind, full_name, text, callbacks)                                    \
    {                                                                                              \
        .kind = (plugin_kind), .class_name = (full_name), .version = CD_VERSION, .doc = (text),    \
        .key_size = sizeof(struct cd_key), .table = &(callbacks),                                  \
    }

/* One part of a record, to be read and replaced. */
struct cd_operand {
    const struct cd_schema **schema;
    struct cd_value *value;
};

static inline struct cd_operand cd_operand(struct cd_record *rec, enum cd_role role)
{
    return role == CD_ROLE_KEY ? (struct cd_operand){&rec->key_schema, &rec->key}
                               : (struct cd_operand){&rec->value_schema, &rec->value};
}

/* Only sink records have coordinates in Kafka. */
static inline bool cd_record_is_sink(const struct cd_record *rec)
{
    return rec->kafka_topic.ptr != NULL;
}

static inline enum cd_verdict_on_record cd_keep_if(bool ok)
{
    return ok ? CD_RECORD_KEEP : CD_RECORD_FAILED;
}

/* Requirements: DataException, `purpose` in square brackets. A null does not do. */
CD_MUST_CHECK bool cd_require_map(struct cd_value value, const char *purpose, struct cd_error *err);
/* The struct must be one of `schema`, because what is derived from the schema is applied to it. */
CD_MUST_CHECK bool cd_require_struct(const struct cd_schema *schema, struct cd_value value,
                                     const char *purpose, struct cd_error *err);
/* Schema.fields(): only a struct has fields. */
CD_MUST_CHECK bool cd_require_fields(const struct cd_schema *schema, struct cd_error *err);

/* A copy of the record's headers with room for `more` behind them. The record still has its own:
 * set rec->headers and header_count once the new ones are filled in. NULL on failure. */
struct cd_header *cd_headers_copy(const struct cd_host *host, struct cd_batch *out,
                                  const struct cd_record *rec, size_t more, struct cd_error *err);

/* Is `name` one of the list? */
bool cd_strings_have(struct cd_strings list, struct cd_slice name);

/* Schema.toString: "Schema{INT32}" or "Schema{name:INT32}". */
#define CD_SCHEMA_LABEL_BYTES 200
const char *cd_schema_label(const struct cd_schema *schema, char ret[CD_SCHEMA_LABEL_BYTES]);

/* The text of "class java.lang.Byte", as Java prints a value's class. */
#define CD_CLASS_OF(value) cd_kind_java_class((enum cd_kind)(value).kind)

#endif
