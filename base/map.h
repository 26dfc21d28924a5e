/*
 * Strings to pointers. Iterates in the order of insertion; replacing a value keeps its place. The
 * keys are copied; the values are freed by `free_value` (NULL: they are not the map's).
 */
#ifndef CD_BASE_MAP_H
#define CD_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "connectd/value.h"

struct cd_map_table;

struct cd_strmap {
    struct cd_map_table *table;
    void (*free_value)(void *value);
};

void cd_strmap_init(struct cd_strmap *map, void (*free_value)(void *));
void cd_strmap_done(struct cd_strmap *map);
size_t cd_strmap_count(const struct cd_strmap *map);
/* Lends the value, or NULL. */
void *cd_strmap_get(const struct cd_strmap *map, const char *key);
void *cd_strmap_get_slice(const struct cd_strmap *map, struct cd_slice key);
/* Takes `value`; an older one is freed. Returns the map's own copy of the key. */
const char *cd_strmap_put(struct cd_strmap *map, const char *key, void *value);
bool cd_strmap_remove(struct cd_strmap *map, const char *key); /* frees the value */
void *cd_strmap_steal(struct cd_strmap *map, const char *key); /* gives the value, or NULL */
void cd_strmap_clear(struct cd_strmap *map);

/* for (struct cd_strmap_iter it = {0}; cd_strmap_next(map, &it);) use it.key, it.value. Removing
 * the current entry inside the loop is allowed, adding is not. */
struct cd_strmap_iter {
    size_t at;
    const char *key;
    void *value;
};
bool cd_strmap_next(const struct cd_strmap *map, struct cd_strmap_iter *it);

#endif
