/*
 * The inside of JsonConverter: values with a schema to JSON and back, and the JSON form of schemas.
 * Errors are the JVM's, in its words.
 *
 * Thread: the converter's.
 */
#ifndef CD_PLUGINS_CONVERTER_JSON_H
#define CD_PLUGINS_CONVERTER_JSON_H

#include "connectd/plugin.h"
#include "data/batch.h"
#include "data/json_reader.h"
#include "data/json_writer.h"

/* The settings that change values. */
struct cd_json_rules {
    bool decimals_as_numbers;
    bool replace_null; /* by the default */
};

/* Appends `value` as its schema (NULL: none) wants it. */
CD_MUST_CHECK bool cd_json_write(struct cd_json_writer *json, const struct cd_json_rules *rules,
                                 const struct cd_schema *schema, struct cd_value value,
                                 struct cd_error *err);
/* Appends the schema; NULL is null. */
CD_MUST_CHECK bool cd_json_write_schema(struct cd_json_writer *json,
                                        const struct cd_json_rules *rules,
                                        const struct cd_schema *schema, struct cd_error *err);

/* What reading values needs. */
struct cd_json_source {
    struct cd_json_reader json;
    struct cd_json_stack *stack;
    const struct cd_json_rules *rules;
    struct cd_batch *out;
    /* A text or bytes field read something else, which gives a null even where none is allowed:
     * structs look at it, as their fields are checked. */
    bool null_in_required;
};

/* The value whose first token is the newest one (CD_JSON_MISSING: a member that is not there). */
CD_MUST_CHECK bool cd_json_read(struct cd_json_source *from, const struct cd_schema *schema,
                                struct cd_value *ret);
/* The schema whose first token is the newest one, with a reference for the caller; null gives NULL.
 * False: see err. */
CD_MUST_CHECK bool cd_json_read_schema(struct cd_json_source *from, const struct cd_schema **ret);

/* "OBJECT": what Jackson calls the node of a token. */
const char *cd_json_node_type(enum cd_json_token token);

#endif
