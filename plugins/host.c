#include "plugins/host.h"

#include "base/clock.h"
#include "base/thread.h"
#include "data/batch.h"
#include "data/schema.h"

/* The table is a service to foreign code: a handle that is none must not take the daemon's memory
 * apart. */
static void check(const struct cd_handle *handle)
{
    assert(handle != NULL);
    assert(handle->magic == CD_HANDLE_MAGIC);
}

static size_t host_count(const struct cd_batch *batch)
{
    return batch->count;
}

static struct cd_record *host_record(const struct cd_batch *batch, size_t index)
{
    assert(index < batch->count);
    return &batch->records[index];
}

static struct cd_partition *host_partition(struct cd_handle *handle, struct cd_value map,
                                           struct cd_error *err)
{
    check(handle);
    if (handle->ops->partition == NULL) {
        (void)cd_fail(err, CD_ERR_BUG, "only source tasks have partitions");
        return NULL;
    }
    return handle->ops->partition(handle, map, err);
}

static struct cd_value host_offset(struct cd_handle *handle, const struct cd_partition *partition)
{
    check(handle);
    return handle->ops->offset == NULL ? cd_null() : handle->ops->offset(handle, partition);
}

static void host_seek(struct cd_handle *handle, const struct cd_topic_partition *position)
{
    check(handle);
    if (handle->ops->seek != NULL)
        handle->ops->seek(handle, position);
}

static void host_pause(struct cd_handle *handle, const struct cd_topic_partition *which,
                       size_t count)
{
    check(handle);
    if (handle->ops->pause != NULL)
        handle->ops->pause(handle, which, count);
}

static void host_resume(struct cd_handle *handle, const struct cd_topic_partition *which,
                        size_t count)
{
    check(handle);
    if (handle->ops->resume != NULL)
        handle->ops->resume(handle, which, count);
}

static void host_request_commit(struct cd_handle *handle)
{
    check(handle);
    if (handle->ops->request_commit != NULL)
        handle->ops->request_commit(handle);
}

static bool host_report(struct cd_handle *handle, const struct cd_record *record,
                        const struct cd_error *why, struct cd_error *err)
{
    check(handle);
    if (handle->ops->report == NULL)
        return cd_fail(err, CD_ERR_BUG, "only sink tasks report records");
    return handle->ops->report(handle, record, why, err);
}

static void host_reconfigure(struct cd_handle *handle)
{
    check(handle);
    if (handle->ops->reconfigure != NULL)
        handle->ops->reconfigure(handle);
}

static void host_wake(struct cd_handle *handle)
{
    check(handle);
    if (handle->ops->wake != NULL)
        handle->ops->wake(handle);
}

static void host_retry(struct cd_handle *handle, int64_t attempts, int64_t backoff_ms)
{
    check(handle);
    if (handle->ops->retry != NULL)
        handle->ops->retry(handle, attempts, backoff_ms);
}

static bool host_log_enabled(struct cd_handle *handle, enum cd_level level)
{
    check(handle);
    return handle->log != NULL && cd_log_enabled(handle->log, level);
}

CD_PRINTF(3, 4)
static void host_log(struct cd_handle *handle, enum cd_level level, const char *fmt, ...)
{
    check(handle);
    if (handle->log == NULL)
        return;
    va_list args;
    va_start(args, fmt);
    cd_vlog(handle->log, level, fmt, args);
    va_end(args);
}

static const char *host_name(const struct cd_handle *handle)
{
    check(handle);
    return handle->name;
}

static int32_t host_task_id(const struct cd_handle *handle)
{
    check(handle);
    return handle->task;
}

static const char *host_setting(const struct cd_handle *handle, const char *key)
{
    check(handle);
    return handle->settings == NULL ? NULL : cd_config_get(handle->settings, key);
}

static struct cd_host the_host = {
    .size = sizeof(struct cd_host),
    .add = cd_batch_add,
    .drop_last = cd_batch_drop_last,
    .count = host_count,
    .record = host_record,
    .alloc = cd_batch_alloc,
    .copy = cd_batch_copy,
    .new_struct = cd_batch_new_struct,
    .keep = cd_batch_keep,
    .map1 = cd_batch_map1,
    .schema = cd_schema_intern,
    .schema_ref = cd_schema_ref,
    .schema_unref = cd_schema_unref,
    .partition = host_partition,
    .offset = host_offset,
    .seek = host_seek,
    .pause = host_pause,
    .resume = host_resume,
    .request_commit = host_request_commit,
    .report = host_report,
    .reconfigure = host_reconfigure,
    .wake = host_wake,
    .retry = host_retry,
    .log_enabled = host_log_enabled,
    .log = host_log,
    .name = host_name,
    .task_id = host_task_id,
    .setting = host_setting,
    .monotonic_ms = cd_clock_ms,
    .wall_ms = cd_wall_ms,
};

static void fill_primitives(void)
{
    for (int type = CD_TYPE_INT8; type <= CD_TYPE_BYTES; type++)
        for (int optional = 0; optional <= 1; optional++)
            the_host.primitives[type][optional] =
                cd_schema_primitive((enum cd_type)type, optional != 0);
}

const struct cd_host *cd_host(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, fill_primitives); /* fails for an invalid `once` only */
    return &the_host;
}
