/*
 * The service table that plugins get (include/connectd/host.h). What concerns batches and schemas
 * is answered by data/; what concerns a task is passed on to whoever owns the handle: the daemon's
 * tasks, or a fake in tests.
 */
#ifndef CD_PLUGINS_HOST_H
#define CD_PLUGINS_HOST_H

#include "base/log.h"
#include "config/properties.h"
#include "connectd/host.h"

/* Each may be NULL: then the call does nothing, or fails with CD_ERR_BUG where it must answer. */
struct cd_handle_ops {
    struct cd_partition *(*partition)(struct cd_handle *, struct cd_value map, struct cd_error *);
    struct cd_value (*offset)(struct cd_handle *, const struct cd_partition *);
    void (*seek)(struct cd_handle *, const struct cd_topic_partition *);
    void (*pause)(struct cd_handle *, const struct cd_topic_partition *, size_t);
    void (*resume)(struct cd_handle *, const struct cd_topic_partition *, size_t);
    void (*request_commit)(struct cd_handle *);
    bool (*report)(struct cd_handle *, const struct cd_record *, const struct cd_error *why,
                   struct cd_error *);
    void (*reconfigure)(struct cd_handle *);
    void (*wake)(struct cd_handle *);
    void (*retry)(struct cd_handle *, int64_t attempts, int64_t backoff_ms);
};

#define CD_HANDLE_MAGIC 0x63646864u

struct cd_handle {
    uint32_t magic; /* checked at every entry: it comes back from foreign code */
    int32_t task;   /* -1: not a task */
    const struct cd_handle_ops *ops;
    const char *name;                 /* borrowed: the connector's */
    const struct cd_logger *log;      /* borrowed */
    const struct cd_config *settings; /* borrowed: resolved texts */
    void *owner;
};

/* Process lifetime. */
const struct cd_host *cd_host(void);

#endif
