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
 * touched. */
CD_MUST_CHECK bool cd_keys_parse(struct cd_keys keys, const struct cd_config *config,
                                 struct cd_arena *arena, void *target, struct cd_report *report);

/* The same for a caller that wants the first problem only, with the number of the others. */
CD_MUST_CHECK bool cd_keys_parse_first(struct cd_keys keys, const struct cd_config *config,
                                       struct cd_arena *arena, void *target, struct cd_error *err);

/* Adds to `report` a row for each key: definition, value, errors, recommended values, visibility:
 * what validate shows. `prefix` is put before each name ("transforms.a."), `group` replaces the
 * keys' own (NULL: keep). */
void cd_keys_describe(struct cd_keys keys, const char *prefix, const char *group,
                      const struct cd_config *config, struct cd_report *report);

/* One value as its type demands; messages are Java's ConfigException's: "Invalid value x for
 * configuration k: ...". */
CD_MUST_CHECK bool cd_keys_check(const struct cd_key *key, const char *value, struct cd_error *err);

bool cd_parse_bool(const char *text, bool *ret, struct cd_error *err);
bool cd_parse_int64(const char *text, int64_t *ret, struct cd_error *err);

#endif
