/*
 * What a plugin library exports: one data symbol, `const struct cd_plugin_set connectd_plugins`. It
 * is judged (magic, major, minor, sizes) before anything of the library is called.
 *
 * Sizes at the border: tables begin with their size, arrays have a stride; members beyond the size
 * a plugin was built with read as NULL. Refused are another major, a newer minor, a size below that
 * minor's.
 */
#ifndef CONNECTD_PLUGIN_H
#define CONNECTD_PLUGIN_H

#include "connectd/error.h"
#include "connectd/host.h"
#include "connectd/key.h"
#include "connectd/record.h"
#include "connectd/value.h"

#define CD_ABI_MAGIC 0x63646c70u /* "cdlp" */
#define CD_ABI_MAJOR 1
#define CD_ABI_MINOR 0

/* ---- stepped calls ---- */

enum cd_step {
    CD_STEP_FAILED, /* see err */
    CD_STEP_DONE,   /* poll: take the batch now */
    CD_STEP_AGAIN,  /* more to do: others first, then the same call */
    CD_STEP_WAIT,   /* see wait, then the same call */
};

/* Whichever comes first ends it: the descriptor (-1: none; poll(2) bits), the monotonic time
 * (INT64_MAX: none), host->wake(handle) from any thread, room in the producer, an acknowledgement.
 */
struct cd_wait {
    int fd;
    short events;
    int64_t until_ms;
};

static inline enum cd_step cd_wait_forever(struct cd_wait *wait)
{
    wait->fd = -1;
    wait->events = 0;
    wait->until_ms = INT64_MAX;
    return CD_STEP_WAIT;
}

static inline enum cd_step cd_wait_until(struct cd_wait *wait, int64_t monotonic_ms)
{
    wait->fd = -1;
    wait->events = 0;
    wait->until_ms = monotonic_ms;
    return CD_STEP_WAIT;
}

static inline enum cd_step cd_wait_fd(struct cd_wait *wait, int fd, short events, int64_t until_ms)
{
    wait->fd = fd;
    wait->events = events;
    wait->until_ms = until_ms;
    return CD_STEP_WAIT;
}

/* The first member of every plugin object's state; the host allocates the state, zeroed, and fills
 * this in before open. */
struct cd_task_base {
    const struct cd_host *host; /* borrowed: outlives the task */
    struct cd_handle *handle;   /* what host calls take */
    const void *cfg;            /* the typed configuration */
};

/* ---- tasks ---- */

/* After WAIT or AGAIN the same call follows, unless close comes instead. `wait` and `err` are valid
 * for one call only and reset before each. During poll the runtime may, after any return, take what
 * the batch holds and pass an empty one. */
struct cd_source {
    uint32_t size;
    uint32_t task_size;
    enum cd_step (*open)(void *task, struct cd_wait *wait, struct cd_error *err);
    enum cd_step (*poll)(void *task, struct cd_batch *batch, struct cd_wait *wait,
                         struct cd_error *err);
    /* All up to this offset is durable: a slot may move. */
    void (*committed)(void *task, struct cd_partition *partition, struct cd_value offset);
    void (*interrupt)(
        void *task);           /* from another thread, while a step is overdue; never during open */
    void (*close)(void *task); /* owed once open was called, whatever it answered */
};

struct cd_sink {
    uint32_t size;
    uint32_t task_size;
    enum cd_step (*open)(void *task, struct cd_wait *wait, struct cd_error *err);
    enum cd_step (*assign)(void *task, const struct cd_topic_partition *list, size_t count,
                           struct cd_wait *wait, struct cd_error *err);
    enum cd_step (*put)(void *task, const struct cd_batch *batch, struct cd_wait *wait,
                        struct cd_error *err);
    /* All that was put is durable in the target. */
    enum cd_step (*flush)(void *task, struct cd_wait *wait, struct cd_error *err);
    /* Only marks: what was put since the last flush is forgotten. Never waits, never fails. */
    void (*rewind)(void *task);
    /* Optional: the target itself knows where to go on; fills in `offset`. */
    enum cd_step (*position)(void *task, struct cd_topic_partition *list, size_t count,
                             struct cd_wait *wait, struct cd_error *err);
    enum cd_step (*revoke)(void *task, const struct cd_topic_partition *list, size_t count,
                           struct cd_wait *wait, struct cd_error *err);
    void (*interrupt)(void *task);
    void (*close)(void *task);
};

/* ---- connectors: jobs on the pool that may block until their deadline ---- */

/* What a connector job gets. */
struct cd_connector_call {
    const struct cd_host *host;
    struct cd_handle *handle;
    const void *cfg;
    int64_t deadline_ms; /* monotonic */
};

/* Receives what validate has to say. */
struct cd_verdict {
    void (*error)(struct cd_verdict *verdict, const char *key, const char *message);
    void (*recommend)(struct cd_verdict *verdict, const char *key, const char *value);
};

/* Receives the split of the work. Each task starts as a copy of the connector's configuration. */
struct cd_split {
    void (*begin)(struct cd_split *split); /* the next task */
    void (*set)(struct cd_split *split, const char *key, const char *value);
};

enum cd_monitor { CD_MONITOR_SAME, CD_MONITOR_CHANGED, CD_MONITOR_FAILED };

struct cd_connector {
    uint32_t size;
    /* Beyond the descriptors; may contact the system. NULL: nothing to say. */
    void (*validate)(const struct cd_connector_call *call, struct cd_verdict *verdict);
    /* At most `tasks_max` tasks. NULL: one task with the connector's configuration. */
    bool (*tasks)(const struct cd_connector_call *call, int32_t tasks_max, struct cd_split *split,
                  struct cd_error *err);
    /* Asked every `monitor_ms` (filled in at each call; start with 0): has the split changed? NULL:
     * never. */
    enum cd_monitor (*monitor)(const struct cd_connector_call *call, int64_t *monitor_ms,
                               struct cd_error *err);
    /* Names the target or origin ("postgres://host:port/db"): what circuit breakers share. */
    void (*system)(const struct cd_connector_call *call, char *ret_name, size_t size);
    /* Connect's alterOffsets: refuse what could never be resumed from. NULL: anything goes. */
    bool (*check_offset)(const struct cd_connector_call *call, struct cd_value partition,
                         struct cd_value offset, struct cd_error *err);
    /* Several libraries may export a row for one class name (JDBC's: the URL decides which database
     * it is). The registry takes the row that answers true to "is this configuration for me?", and
     * where none does, the first. Looks at texts only, contacts nothing. NULL: claims everything.
     */
    bool (*claims)(const struct cd_settings *settings);
};

/* ---- converters, transforms, predicates, providers ---- */

enum cd_role { CD_ROLE_KEY, CD_ROLE_VALUE, CD_ROLE_HEADER };

/* State begins with struct cd_task_base; one state a task and role, used by one thread at a time.
 */
struct cd_converter {
    uint32_t size;
    uint32_t state_size;
    bool (*open)(void *state, enum cd_role role, struct cd_error *err);
    /* Connect to bytes, written into `out`. *ret with ptr NULL is a null message. */
    bool (*write)(void *state, struct cd_batch *out, struct cd_slice topic,
                  const struct cd_schema *schema, struct cd_value value, struct cd_slice *ret,
                  struct cd_error *err);
    /* Bytes (ptr NULL: a null message) to Connect. Values may borrow from `bytes`, which live as
     * long as `out`. */
    bool (*read)(void *state, struct cd_batch *out, struct cd_slice topic, struct cd_slice bytes,
                 const struct cd_schema **ret_schema, struct cd_value *ret_value,
                 struct cd_error *err);
    void (*close)(void *state);
    /* What write returns may lie in the value's own memory: the host keeps that alive until Kafka
     * has the record. */
    bool borrows;
};

enum cd_verdict_on_record { CD_RECORD_FAILED, CD_RECORD_KEEP, CD_RECORD_DROP };

struct cd_transform {
    uint32_t size;
    uint32_t state_size;
    bool (*open)(void *state, struct cd_error *err);
    /* Changes `rec` in place; new memory comes from `out`. Must not change what rec's pointers
     * point at (a retried record starts again from the same input). */
    enum cd_verdict_on_record (*apply)(void *state, struct cd_batch *out, struct cd_record *rec,
                                       struct cd_error *err);
    void (*close)(void *state);
};

struct cd_predicate {
    uint32_t size;
    uint32_t state_size;
    bool (*open)(void *state, struct cd_error *err);
    bool (*test)(void *state, const struct cd_record *rec, bool *ret, struct cd_error *err);
    void (*close)(void *state);
};

struct cd_provided {
    void (*value)(struct cd_provided *out,
                  const char *value); /* not called: no such key, text stays */
    void (*ttl_ms)(struct cd_provided *out, int64_t ttl_ms);
};

/* Thread: any, so the state is written by open only. */
struct cd_provider {
    uint32_t size;
    uint32_t state_size;
    bool (*open)(void *state, struct cd_error *err);
    /* `path` may be empty. False: the source could not be read. */
    bool (*get)(void *state, const char *path, const char *key, struct cd_provided *out,
                struct cd_error *err);
    void (*close)(void *state);
};

/* ---- the exported descriptor ---- */

enum cd_plugin_kind {
    CD_PLUGIN_SOURCE,
    CD_PLUGIN_SINK,
    CD_PLUGIN_CONVERTER,        /* of keys and values */
    CD_PLUGIN_HEADER_CONVERTER, /* of headers */
    CD_PLUGIN_TRANSFORM,
    CD_PLUGIN_PREDICATE,
    CD_PLUGIN_PROVIDER,
    CD_PLUGIN_KINDS,
};

struct cd_plugin {
    enum cd_plugin_kind kind;
    const char *class_name;     /* the JVM's name where there is one */
    const char *const *aliases; /* NULL-terminated other full class names */
    const char *version;
    const char *doc;
    const struct cd_key *keys;
    uint32_t key_count;
    uint32_t key_size;    /* sizeof(struct cd_key) */
    uint32_t config_size; /* of the struct the keys' offsets refer to */
    union {               /* by kind; converters serve both converter kinds */
        const struct cd_source *source;
        const struct cd_sink *sink;
        const struct cd_converter *converter;
        const struct cd_transform *transform;
        const struct cd_predicate *predicate;
        const struct cd_provider *provider;
        const void *table;
    };
    const struct cd_connector *connector; /* sources and sinks; NULL: nothing beyond the keys */
};

struct cd_plugin_set {
    uint32_t magic; /* CD_ABI_MAGIC */
    uint16_t abi_major;
    uint16_t abi_minor;
    uint32_t plugin_size; /* sizeof(struct cd_plugin) */
    uint32_t count;
    const struct cd_plugin *plugins;
};

extern CD_EXPORT const struct cd_plugin_set connectd_plugins;

#define CD_PLUGIN_SET(list)                                                                        \
    {                                                                                              \
        .magic = CD_ABI_MAGIC, .abi_major = CD_ABI_MAJOR, .abi_minor = CD_ABI_MINOR,               \
        .plugin_size = sizeof(struct cd_plugin), .count = sizeof(list) / sizeof((list)[0]),        \
        .plugins = (list),                                                                         \
    }

#endif
