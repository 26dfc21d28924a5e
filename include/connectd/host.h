/*
 * The services the daemon lends to a plugin. The table begins with its size and only grows at its
 * end.
 *
 * Thread: what takes a `struct cd_handle *` may be called from the step that got it; `wake` and
 * `log` from any thread. What takes a batch may be called by whoever owns the batch.
 */
#ifndef CONNECTD_HOST_H
#define CONNECTD_HOST_H

#include "connectd/error.h"
#include "connectd/record.h"

struct cd_handle; /* one task, connector, converter or transform, as the daemon knows it */

enum cd_level { CD_LOG_TRACE, CD_LOG_DEBUG, CD_LOG_INFO, CD_LOG_WARN, CD_LOG_ERROR, CD_LOG_OFF };

struct cd_host {
    uint32_t size;

    /* ---- batches ---- */

    /* A new record at the end of `batch`: everything null, no timestamp, no partition. NULL with
     * CD_ERR_FULL when the batch has reached its limit and holds a record: return DONE, go on next
     * time. */
    struct cd_record *(*add)(struct cd_batch *batch, struct cd_error *err);
    /* Takes the newest record back (it turned out not to be one). Its memory stays until the batch
     * goes. */
    void (*drop_last)(struct cd_batch *batch);
    size_t (*count)(const struct cd_batch *batch);
    struct cd_record *(*record)(const struct cd_batch *batch, size_t index);
    /* Memory that lives as long as the batch, aligned for any type. NULL with CD_ERR_DATA only when
     * `size` alone is beyond connectd.record.bytes.max. */
    void *(*alloc)(struct cd_batch *batch, size_t size, struct cd_error *err);
    /* A copy of `bytes` in the batch, followed by a NUL that is not counted. */
    struct cd_slice (*copy)(struct cd_batch *batch, struct cd_slice bytes, struct cd_error *err);
    /* A struct with all fields null. The batch keeps the schema alive. */
    struct cd_struct *(*new_struct)(struct cd_batch *batch, const struct cd_schema *schema,
                                    struct cd_error *err);
    /* The batch keeps a reference to the schema until it goes. Cheap when repeated. */
    void (*keep)(struct cd_batch *batch, const struct cd_schema *schema);
    /* {"name": value}, for offsets. A null on failure: only when memory limits are absurdly small.
     */
    struct cd_value (*map1)(struct cd_batch *batch, const char *name, struct cd_value value);

    /* ---- schemas ---- */

    /* The shared copy of a draft, with a reference that the caller drops by schema_unref. Checks
     * what Connect's SchemaBuilder checks. */
    const struct cd_schema *(*schema)(const struct cd_schema *draft, struct cd_error *err);
    const struct cd_schema *(*schema_ref)(const struct cd_schema *schema);
    void (*schema_unref)(const struct cd_schema *schema); /* NULL is allowed */
    /* Always there, never freed; [0] required, [1] optional; indexed by the primitive enum cd_type.
     */
    const struct cd_schema *primitives[CD_TYPE_BYTES + 1][2];

    /* ---- source tasks ---- */

    /* Interns a source partition (a map with string keys and primitive values; copied). It lives as
     * long as the task. The order of the entries is part of its identity: it becomes the bytes of
     * the offset's key. */
    struct cd_partition *(*partition)(struct cd_handle *handle, struct cd_value map,
                                      struct cd_error *err);
    /* The stored offset (a map), or null. A snapshot read to the end of the store before open; lent
     * for as long as the task lives. */
    struct cd_value (*offset)(struct cd_handle *handle, const struct cd_partition *partition);

    /* ---- sink tasks ---- */

    /* Go on reading there after this step. */
    void (*seek)(struct cd_handle *handle, const struct cd_topic_partition *position);
    void (*pause)(struct cd_handle *handle, const struct cd_topic_partition *which, size_t count);
    void (*resume)(struct cd_handle *handle, const struct cd_topic_partition *which, size_t count);
    void (*request_commit)(struct cd_handle *handle);
    /* Connect's errant record reporter: false with `err` set when the record is not tolerated: then
     * fail. */
    bool (*report)(struct cd_handle *handle, const struct cd_record *record,
                   const struct cd_error *why, struct cd_error *err);

    /* ---- connectors ---- */

    /* The split of the work has changed: ask `tasks` again. From any thread. */
    void (*reconfigure)(struct cd_handle *handle);

    /* ---- everything ---- */

    void (*wake)(struct cd_handle *handle);
    /* How often and how long to retry this task's open and put: data, obeyed by the runtime. */
    void (*retry)(struct cd_handle *handle, int64_t attempts, int64_t backoff_ms);
    bool (*log_enabled)(struct cd_handle *handle, enum cd_level level);
    CD_PRINTF(3, 4)
    void (*log)(struct cd_handle *handle, enum cd_level level, const char *fmt, ...);
    const char *(*name)(const struct cd_handle *handle); /* of the connector */
    int32_t (*task_id)(const struct cd_handle *handle);  /* -1: not a task */
    /* A configuration value as text, whether it has a descriptor or not; NULL: absent. */
    const char *(*setting)(const struct cd_handle *handle, const char *key);
    int64_t (*monotonic_ms)(void);
    int64_t (*wall_ms)(void);
};

#endif
