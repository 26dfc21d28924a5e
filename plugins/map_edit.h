/*
 * Changing a schemaless map: a copy in the batch that entries are put into and removed from, with
 * java.util.HashMap's meaning. Looked up linearly: the maps of records are small.
 *
 * Order: what is written of a hashed map depends on the size of its table and on the order in which
 * entries with one bucket came in. Both are kept as the JVM's transforms would have them.
 *
 * Memory: the batch's. Names are copied into it, since a configuration may go before the batch
 * does.
 */
#ifndef CD_PLUGINS_MAP_EDIT_H
#define CD_PLUGINS_MAP_EDIT_H

#include "connectd/host.h"

struct cd_map_edit {
    const struct cd_host *host;
    struct cd_batch *out;
    struct cd_map_entry *entries;
    uint32_t count;
    uint32_t capacity; /* put beyond it is a bug of the caller */
    uint32_t table;    /* the HashMap's first size */
};

/* An empty map with room for `capacity` entries: new HashMap(capacity). */
CD_MUST_CHECK bool cd_map_edit_new(struct cd_map_edit *edit, const struct cd_host *host,
                                   struct cd_batch *out, size_t capacity, struct cd_error *err);
/* A copy of `map` with room for `more` entries: new HashMap(map). */
CD_MUST_CHECK bool cd_map_edit_copy(struct cd_map_edit *edit, const struct cd_host *host,
                                    struct cd_batch *out, struct cd_value map, size_t more,
                                    struct cd_error *err);
/* The name is copied unless there is such an entry, which then keeps its place. */
CD_MUST_CHECK bool cd_map_edit_put(struct cd_map_edit *edit, const char *name,
                                   struct cd_value value, struct cd_error *err);
/* The same with a key that lives as long as the batch. */
void cd_map_edit_put_key(struct cd_map_edit *edit, struct cd_value key, struct cd_value value);
void cd_map_edit_remove(struct cd_map_edit *edit, const char *name);
/* A map with the order of a HashMap. */
struct cd_value cd_map_edit_hashed(const struct cd_map_edit *edit);
/* A map with the order of insertion. */
struct cd_value cd_map_edit_linked(const struct cd_map_edit *edit);

/* The map with its entries in the order in which Java iterates: a hashed one is sorted, in
 * `out`. */
CD_MUST_CHECK bool cd_map_iterated(const struct cd_host *host, struct cd_batch *out,
                                   struct cd_value map, struct cd_value *ret, struct cd_error *err);

/* The value under a string key; NULL: no such key. */
const struct cd_value *cd_map_find(struct cd_value map, struct cd_slice name);
/* Map.get: a null stands for both an absent key and a null. */
struct cd_value cd_map_value(struct cd_value map, const char *name);

#endif
