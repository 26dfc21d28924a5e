/*
 * A sink that appends what it got to a file at each flush, one line a record. The control file,
 * read before each put, is the world outside: "up" (or no file), "down", "slow MS", "block MS",
 * "crash". Every call is a line of the file `calls`.
 */
#include "faulty.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

struct sink_config {
    const char *out;
    const char *calls;
    const char *control;
    const char *system;
    const char *kind;
    const char *down_kind;
    bool names_culprit;
    bool reports;
    int64_t fail_times;
};

#define TEXT(key, text, member)                                                                    \
    {                                                                                              \
        .name = key, .type = CD_STRING, .fallback = text,                                          \
        .offset = offsetof(struct sink_config, member), .doc = "See sink.c."                       \
    }
#define FLAG(key, member)                                                                          \
    {                                                                                              \
        .name = key, .type = CD_BOOL, .fallback = "false",                                         \
        .offset = offsetof(struct sink_config, member), .doc = "See sink.c."                       \
    }

static const struct cd_key keys[] = {
    TEXT("out", "/dev/null", out),
    TEXT("calls", "/dev/null", calls),
    TEXT("control", "", control),
    TEXT("system", "", system),
    FAULTY_KIND_KEY(struct sink_config, kind),
    {.name = "down.kind",
     .type = CD_STRING,
     .fallback = "remote-retriable",
     .one_of = faulty_kind_names,
     .offset = offsetof(struct sink_config, down_kind),
     .doc = "How a put fails while the world is down."},
    FLAG("names.culprit", names_culprit),
    FLAG("reports", reports),
    {.name = "fail.times",
     .type = CD_INT64,
     .fallback = "-1",
     .offset = offsetof(struct sink_config, fail_times),
     .doc = "How often a bad record fails before it passes; -1: always."},
};

struct sink {
    struct cd_task_base base;
    char *text; /* put, not flushed */
    size_t len;
    uint64_t count; /* records since the last flush or rewind */
    int64_t failed;
};

/* One write each: several tasks append to one file. */
static void append(const char *path, const char *text, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, text, len) != (ssize_t)len)
        abort(); /* a test without its records is no test */
    close(fd);
}

static void tell(const struct sink *self, const char *call, size_t records, const char *answer)
{
    const struct sink_config *cfg = self->base.cfg;
    const struct cd_host *host = self->base.host;
    char line[128];
    int len = snprintf(line, sizeof(line), "%lld %d %s %zu %s\n", (long long)host->monotonic_ms(),
                       (int)host->task_id(self->base.handle), call, records, answer);
    append(cfg->calls, line, (size_t)len);
}

/* A plugin that does not return is the point. */
static void block(int ms)
{
    (void)poll(NULL, 0, ms);
}

/* True: the world answers. */
static bool ask_world(const struct sink *self, struct cd_error *err)
{
    const struct sink_config *cfg = self->base.cfg;
    char order[64] = "";
    int fd = cfg->control[0] == '\0' ? -1 : open(cfg->control, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return true;
    if (read(fd, order, sizeof(order) - 1) < 0)
        order[0] = '\0';
    close(fd);
    if (strncmp(order, "crash", 5) == 0)
        abort();
    if (strncmp(order, "slow ", 5) == 0 || strncmp(order, "block ", 6) == 0)
        block((int)strtol(strchr(order, ' '), NULL, 10));
    if (strncmp(order, "down", 4) == 0)
        return faulty_fail(err, cfg->down_kind, cd_slice("all: the world is down"));
    return true;
}

static void keep(struct sink *self, const struct cd_record *rec)
{
    struct cd_slice value = cd_is_null(rec->value) ? cd_slice("null") : cd_value_slice(rec->value);
    size_t room = rec->topic.len + value.len + 64;
    self->text = realloc(self->text, self->len + room);
    if (self->text == NULL)
        abort();
    self->len += (size_t)snprintf(self->text + self->len, room, "%.*s %d %lld %.*s\n",
                                  (int)rec->topic.len, rec->topic.ptr, (int)rec->kafka_partition,
                                  (long long)rec->kafka_offset, (int)value.len, value.ptr);
}

/* False: the put fails. */
static bool put_bad(struct sink *self, const struct cd_record *rec, struct cd_error *err)
{
    const struct sink_config *cfg = self->base.cfg;
    if (cfg->reports) {
        struct cd_error why = CD_ERROR_INIT;
        (void)faulty_fail(&why, cfg->kind, cd_value_slice(rec->value));
        return self->base.host->report(self->base.handle, rec, &why, err);
    }
    if (cfg->fail_times >= 0 && self->failed >= cfg->fail_times) {
        keep(self, rec);
        return true;
    }
    self->failed++;
    (void)faulty_fail(err, cfg->kind, cd_value_slice(rec->value));
    err->record = cfg->names_culprit ? self->count : 0;
    return false;
}

static bool put_all(struct sink *self, const struct cd_batch *batch, struct cd_error *err)
{
    const struct cd_host *host = self->base.host;
    if (!ask_world(self, err))
        return false;
    for (size_t i = 0; i < host->count(batch); i++) {
        const struct cd_record *rec = host->record(batch, i);
        self->count++;
        bool bad = !cd_is_null(rec->value) && faulty_is_bad(cd_value_slice(rec->value));
        if (!bad)
            keep(self, rec);
        else if (!put_bad(self, rec, err))
            return false;
    }
    return true;
}

static enum cd_step sink_put(void *state, const struct cd_batch *batch, struct cd_wait *wait,
                             struct cd_error *err)
{
    (void)wait;
    struct sink *self = state;
    bool ok = put_all(self, batch, err);
    tell(self, "put", self->base.host->count(batch), ok ? "ok" : "failed");
    return ok ? CD_STEP_DONE : CD_STEP_FAILED;
}

static enum cd_step sink_flush(void *state, struct cd_wait *wait, struct cd_error *err)
{
    (void)wait;
    (void)err;
    struct sink *self = state;
    const struct sink_config *cfg = self->base.cfg;
    append(cfg->out, self->text, self->len);
    tell(self, "flush", self->count, "ok");
    self->len = 0;
    self->count = 0;
    return CD_STEP_DONE;
}

static void sink_rewind(void *state)
{
    struct sink *self = state;
    self->len = 0;
    self->count = 0;
}

static enum cd_step sink_open(void *state, struct cd_wait *wait, struct cd_error *err)
{
    (void)wait;
    (void)err;
    tell(state, "open", 0, "ok");
    return CD_STEP_DONE;
}

static void sink_close(void *state)
{
    struct sink *self = state;
    free(self->text);
}

static void sink_system(const struct cd_connector_call *call, char *ret_name, size_t size)
{
    const struct sink_config *cfg = call->cfg;
    (void)snprintf(ret_name, size, "%s", cfg->system);
}

static const struct cd_sink table = {
    .size = sizeof(struct cd_sink),
    .task_size = sizeof(struct sink),
    .open = sink_open,
    .put = sink_put,
    .flush = sink_flush,
    .rewind = sink_rewind,
    .close = sink_close,
};

/* Each task as the connector says, as many as there may be. */
static bool sink_tasks(const struct cd_connector_call *call, int32_t tasks_max,
                       struct cd_split *split, struct cd_error *err)
{
    (void)call;
    (void)err;
    for (int32_t i = 0; i < tasks_max; i++)
        split->begin(split);
    return true;
}

static const struct cd_connector connector = {
    .size = sizeof(struct cd_connector),
    .tasks = sink_tasks,
    .system = sink_system,
};

static const struct cd_plugin plugins[] = {
    {
        .kind = CD_PLUGIN_SINK,
        .class_name = "test.FaultySinkConnector",
        .version = "1",
        .keys = keys,
        .key_count = sizeof(keys) / sizeof(keys[0]),
        .key_size = sizeof(struct cd_key),
        .config_size = sizeof(struct sink_config),
        .sink = &table,
        .connector = &connector,
    },
};

CD_EXPORT const struct cd_plugin_set connectd_plugins = CD_PLUGIN_SET(plugins);
