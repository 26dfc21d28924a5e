/*
 * The descriptor engine: text into typed values, with every problem reported at once.
 */
#ifndef CD_CONFIG_KEYS_H
#define CD_CONFIG_KEYS_H

#include "base/arena.h"
#include "config/properties.h"
#include "config/report.h"
#include "connectd/key.h"

/* A table of descriptors, as a plugin exports it: `stride` may be larger or smaller than our struct
 * cd_key. */
struct cd_keys {
    const struct cd_key *keys;
    size_t count;
    size_t stride;
};

#define CD_KEYS(array)                                                                             \
    ((struct cd_keys){(array), sizeof(array) / sizeof((array)[0]), sizeof(struct cd_key)})

/* Row `i` as today's struct, members the plugin does not know being zero. */
struct cd_key cd_keys_at(struct cd_keys keys, size_t i);

/* Parses every key into `target`, texts living in `arena`. Problems go to `report` (key, value,
 * what would be right), all of them; false if there was any. Keys without a descriptor are not
 * touched. An optional number without a value leaves its place in `target` as it was; an optional
 * list gets items NULL, which an empty one has not. */
CD_MUST_CHECK bool cd_keys_parse(struct cd_keys keys, const struct cd_config *config,
                                 struct cd_arena *arena, void *target, struct cd_report *report);

/* The same, stopping at the first problem, whose text is what the JVM's parse would throw. */
CD_MUST_CHECK bool cd_keys_parse_first(struct cd_keys keys, const struct cd_config *config,
                                       struct cd_arena *arena, void *target, struct cd_error *err);

/* Adds to `report` a row for each key: definition, value, errors, recommended values, visibility:
 * what validate shows. `config` holds the names with `prefix`.
 *
 * `prefix` is put before each name ("key.converter."). With a `group` ("Transforms: a") the keys
 * are embedded as Connect embeds those of a transform: sorted, numbered from `order`, the group put
 * before their own, parse errors naming the full key. Without one they keep theirs, and all errors
 * name the plugin's own key. Internal keys are left out. */
void cd_keys_describe(struct cd_keys keys, const char *prefix, const char *group, int32_t order,
                      const struct cd_config *config, struct cd_report *report);

/* The row of one key, as describe adds it. `order` 0 keeps the key's own. */
void cd_key_describe(const struct cd_key *key, const char *prefix, const char *group, int32_t order,
                     const struct cd_config *config, struct cd_report *report);

/* One definition without value, as GET /connector-plugins/x/config lists it. */
json_t *cd_key_json(const struct cd_key *key);

/* One value as its type demands; messages are Java's ConfigException's: "Invalid value x for
 * configuration k: ...". A key's own `check` gives the reason only, or a text that begins with
 * "Invalid value" or "Missing required" and is then kept as it is. */
CD_MUST_CHECK bool cd_keys_check(const struct cd_key *key, const char *value, struct cd_error *err);

/* A CD_LIST's text: elements trimmed, "" is the empty list, empty elements inside are kept. */
CD_MUST_CHECK bool cd_keys_split(const char *text, struct cd_arena *arena, struct cd_strings *ret,
                                 struct cd_error *err);
/* For `check` of lists: "Duplicate alias provided." */
bool cd_keys_check_unique(const struct cd_key *key, const char *value, struct cd_error *err);

bool cd_parse_bool(const char *text, bool *ret, struct cd_error *err);
bool cd_parse_int64(const char *text, int64_t *ret, struct cd_error *err);

#endif
