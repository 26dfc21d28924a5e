/* What the two offset stores share: the table of current values. Included by offset_*.c only. */
#ifndef CD_DAEMON_OFFSET_STORE_PRIVATE_H
#define CD_DAEMON_OFFSET_STORE_PRIVATE_H

#include "base/map.h"
#include "base/thread.h"
#include "daemon/offset_store.h"

struct cd_offset_store_ops {
    void (*put)(struct cd_offset_store *, const struct cd_offset_entry *, size_t count,
                cd_offset_done_fn *done, void *arg);
    void (*barrier)(struct cd_offset_store *, int64_t deadline_ms, cd_offset_done_fn *done,
                    void *arg);
    void (*close)(struct cd_offset_store *, int64_t deadline_ms); /* frees the store */
};

/* The first member of each store. */
struct cd_offset_store {
    const struct cd_offset_store_ops *ops;
    struct cd_mutex lock;
    /* guarded by lock: JSON key to struct cd_stored. Tombstones stay as entries with an absent
     * value: the JVM keeps them in its file for ever. */
    struct cd_strmap table;
};

struct cd_stored {
    char *value; /* NULL: removed */
    size_t len;
};

void cd_offset_table_init(struct cd_offset_store *store, const struct cd_offset_store_ops *ops);
void cd_offset_table_done(struct cd_offset_store *store);
/* Takes the lock. */
void cd_offset_table_set(struct cd_offset_store *store, struct cd_slice key, struct cd_slice value);

#endif
