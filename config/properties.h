/*
 * A configuration as text: keys and values in the order they were given, values may be null. This
 * is the currency between files, REST, topics and descriptors.
 */
#ifndef CD_CONFIG_PROPERTIES_H
#define CD_CONFIG_PROPERTIES_H

#include <stdbool.h>
#include <stddef.h>

#include "connectd/error.h"
#include "connectd/value.h"

struct cd_buffer;
struct cd_config;

struct cd_config *cd_config_new(void);
struct cd_config *cd_config_copy(const struct cd_config *config); /* NULL gives NULL */
void cd_config_free(struct cd_config *config);
void cd_config_freep(struct cd_config **config); /* for CD_AUTO */

size_t cd_config_count(const struct cd_config *config);
bool cd_config_has(const struct cd_config *config, const char *key);
/* NULL when absent or null. */
const char *cd_config_get(const struct cd_config *config, const char *key);
/* `value` NULL stores a null. Replacing keeps the place. */
void cd_config_set(struct cd_config *config, const char *key, const char *value);
void cd_config_remove(struct cd_config *config, const char *key);
/* Takes all keys of `from`, replacing. */
void cd_config_merge(struct cd_config *config, const struct cd_config *from);
/* The entries whose keys begin with `prefix`, without it. */
struct cd_config *cd_config_strip(const struct cd_config *config, const char *prefix);
/* Same keys, same values, any order. */
bool cd_config_equal(const struct cd_config *a, const struct cd_config *b);

/* for (struct cd_config_iter it = {0}; cd_config_next(config, &it);) */
struct cd_config_iter {
    size_t at;
    const char *key;
    const char *value; /* may be NULL */
};
bool cd_config_next(const struct cd_config *config, struct cd_config_iter *it);

/* java.util.Properties text, bytes as ISO-8859-1 (a worker or connector file) or UTF-8 (a
 * provider's file). */
CD_MUST_CHECK bool cd_properties_parse(struct cd_slice text, bool utf8, struct cd_config *into,
                                       struct cd_error *err);
CD_MUST_CHECK bool cd_properties_load(const char *path, bool utf8, struct cd_config *into,
                                      struct cd_error *err);

/* A whole file, appended (terminated). Errors name the path. */
CD_MUST_CHECK bool cd_file_read(const char *path, struct cd_buffer *into, struct cd_error *err);

#endif
