/*
 * Source offsets: where each source partition of each connector goes on. In a compacted topic (the
 * JVM's bytes) or in a local file in the JVM's own layout; one interface, chosen at start.
 *
 * Key: ["connector",{partition}], value: {offset}, both plain JSON; compared as bytes.
 * Thread: any. Callbacks come from the store's own thread and must not block.
 */
#ifndef CD_DAEMON_OFFSET_STORE_H
#define CD_DAEMON_OFFSET_STORE_H

#include "base/buffer.h"
#include "connectd/error.h"
#include "connectd/value.h"

struct cd_offset_store;

typedef void cd_offset_done_fn(void *arg, const struct cd_error *err);

/* The key's bytes. `partition` is a map or null. */
CD_MUST_CHECK bool cd_offset_key(const char *connector, struct cd_value partition,
                                 struct cd_buffer *ret, struct cd_error *err);

/* `done` when the store has seen all that was written before this call (by anybody). */
void cd_offset_store_barrier(struct cd_offset_store *store, int64_t deadline_ms,
                             cd_offset_done_fn *done, void *arg);

/* A copy of the stored value's JSON into `ret` (cleared first); false: there is none. */
bool cd_offset_store_get(struct cd_offset_store *store, struct cd_slice key, struct cd_buffer *ret);

struct cd_offset_entry {
    struct cd_slice key;
    struct cd_slice value; /* ptr NULL: remove */
};
/* Copies. `done` when all of it is durable, or the first error. */
void cd_offset_store_put(struct cd_offset_store *store, const struct cd_offset_entry *entries,
                         size_t count, cd_offset_done_fn *done, void *arg);

/* Each key of a connector that has a value now, in no particular order. `each` must not call the
 * store. */
void cd_offset_store_each(struct cd_offset_store *store, const char *connector,
                          void (*each)(void *arg, struct cd_slice partition_json,
                                       struct cd_slice offset_json),
                          void *arg);

void cd_offset_store_close(struct cd_offset_store *store, int64_t deadline_ms);

/* The local file (offset.storage.file.filename), created when missing. A file that is not the JVM's
 * layout, or that ends too early, is refused: the JVM would take it for empty and lose all offsets.
 */
struct cd_offset_store *cd_offset_file_open(const char *path, struct cd_error *err);

struct cd_ledgers;
struct cd_config;
/* The topic (offset.storage.topic), read to its end. It exists already. */
struct cd_offset_store *cd_offset_topic_open(struct cd_ledgers *ledgers, const char *topic,
                                             const struct cd_config *java_producer,
                                             const struct cd_config *java_consumer,
                                             const char *client_id, int64_t deadline_ms,
                                             struct cd_error *err);

#endif
