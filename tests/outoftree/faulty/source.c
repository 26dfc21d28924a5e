/*
 * A source of numbered texts. The record `bad.at` has "bad" in front of one of its parts; polling
 * fails at `fail.at`.
 */
#include "faulty.h"

struct source_config {
    const char *topics;
    int64_t spread;
    int64_t count;
    int64_t batch;
    int64_t bytes;
    int64_t bad_at;
    const char *bad_part;
    int64_t fail_at;
    int64_t fail_times;
    const char *kind;
};

static const char *const parts[] = {"key", "value", "header", "size", "timestamp", NULL};

#define NUMBER(key, text, member)                                                                  \
    {                                                                                              \
        .name = key, .type = CD_INT64, .fallback = text,                                           \
        .offset = offsetof(struct source_config, member), .doc = "A number; -1: never."            \
    }

static const struct cd_key keys[] = {
    {.name = "topic",
     .type = CD_STRING,
     .non_empty = true,
     .offset = offsetof(struct source_config, topics),
     .doc = "Where records go; with topics.spread > 1 a number is appended."},
    {.name = "bad.part",
     .type = CD_STRING,
     .fallback = "value",
     .one_of = parts,
     .offset = offsetof(struct source_config, bad_part),
     .doc = "What is bad about the bad record."},
    NUMBER("topics.spread", "1", spread),
    NUMBER("count", "10", count),
    NUMBER("batch", "5", batch),
    NUMBER("big.bytes", "2000000", bytes),
    NUMBER("bad.at", "-1", bad_at),
    NUMBER("fail.at", "-1", fail_at),
    NUMBER("fail.times", "-1", fail_times),
    FAULTY_KIND_KEY(struct source_config, kind),
};

struct source {
    struct cd_task_base base;
    struct cd_partition *partition;
    int64_t next;
    int64_t failed;
};

static enum cd_step source_open(void *state, struct cd_wait *wait, struct cd_error *err)
{
    (void)wait;
    struct source *self = state;
    const struct cd_host *host = self->base.host;
    const struct cd_map_entry where = {cd_string(cd_slice("faulty")), cd_string(cd_slice("0"))};
    self->partition = host->partition(self->base.handle, cd_map(&where, 1), err);
    if (self->partition == NULL)
        return CD_STEP_FAILED;
    struct cd_value stored = cd_map_get(host->offset(self->base.handle, self->partition), "next");
    if (stored.kind == CD_KIND_INT64)
        self->next = stored.as.integer;
    return CD_STEP_DONE;
}

static bool is_bad(const struct source *self, const char *part)
{
    const struct source_config *cfg = self->base.cfg;
    return self->next == cfg->bad_at && strcmp(cfg->bad_part, part) == 0;
}

static struct cd_value text(const struct source *self, struct cd_batch *batch, const char *part,
                            struct cd_error *err)
{
    char buffer[64];
    (void)snprintf(buffer, sizeof(buffer), "%s%s-%lld", is_bad(self, part) ? "bad " : "", part,
                   (long long)self->next);
    return cd_string(self->base.host->copy(batch, cd_slice(buffer), err));
}

static struct cd_value big(const struct source *self, struct cd_batch *batch, struct cd_error *err)
{
    const struct source_config *cfg = self->base.cfg;
    char *bytes = self->base.host->alloc(batch, (size_t)cfg->bytes, err);
    if (bytes == NULL)
        return cd_null();
    memset(bytes, 'x', (size_t)cfg->bytes);
    return cd_string(cd_slice_of(bytes, (size_t)cfg->bytes));
}

static struct cd_slice topic(const struct source *self, struct cd_batch *batch,
                             struct cd_error *err)
{
    const struct source_config *cfg = self->base.cfg;
    char name[256];
    if (cfg->spread <= 1)
        return cd_slice(cfg->topics);
    (void)snprintf(name, sizeof(name), "%s-%lld", cfg->topics,
                   (long long)(self->next % cfg->spread));
    return self->base.host->copy(batch, cd_slice(name), err);
}

static bool add(struct source *self, struct cd_batch *batch, struct cd_error *err)
{
    const struct cd_host *host = self->base.host;
    struct cd_record *rec = host->add(batch, err);
    if (rec == NULL)
        return false;
    rec->topic = topic(self, batch, err);
    rec->key_schema = host->primitives[CD_TYPE_STRING][0];
    rec->key = text(self, batch, "key", err);
    rec->value_schema = host->primitives[CD_TYPE_STRING][0];
    rec->value = is_bad(self, "size") ? big(self, batch, err) : text(self, batch, "value", err);
    rec->headers = host->alloc(batch, sizeof(*rec->headers), err);
    if (rec->headers == NULL)
        return false;
    *rec->headers = (struct cd_header){.name = cd_slice("h"),
                                       .schema = host->primitives[CD_TYPE_STRING][0],
                                       .value = text(self, batch, "header", err)};
    rec->header_count = 1;
    if (is_bad(self, "timestamp"))
        rec->timestamp_ms = -5;
    rec->source_partition = self->partition;
    rec->source_offset = host->map1(batch, "next", cd_int64(self->next + 1));
    self->next++;
    return true;
}

static enum cd_step source_poll(void *state, struct cd_batch *batch, struct cd_wait *wait,
                                struct cd_error *err)
{
    struct source *self = state;
    const struct source_config *cfg = self->base.cfg;
    for (int64_t i = 0; i < cfg->batch && self->next < cfg->count; i++) {
        if (self->next == cfg->fail_at && (cfg->fail_times < 0 || self->failed < cfg->fail_times)) {
            if (i > 0)
                return CD_STEP_DONE;
            self->failed++;
            (void)faulty_fail(err, cfg->kind, cd_slice("poll"));
            return CD_STEP_FAILED;
        }
        if (!add(self, batch, err))
            return cd_full(err) ? CD_STEP_DONE : CD_STEP_FAILED;
    }
    return self->base.host->count(batch) == 0 ? cd_wait_forever(wait) : CD_STEP_DONE;
}

static const struct cd_source table = {
    .size = sizeof(struct cd_source),
    .task_size = sizeof(struct source),
    .open = source_open,
    .poll = source_poll,
};

static const struct cd_plugin plugins[] = {
    {
        .kind = CD_PLUGIN_SOURCE,
        .class_name = "test.FaultySourceConnector",
        .version = "1",
        .keys = keys,
        .key_count = sizeof(keys) / sizeof(keys[0]),
        .key_size = sizeof(struct cd_key),
        .config_size = sizeof(struct source_config),
        .source = &table,
    },
};

CD_EXPORT const struct cd_plugin_set connectd_plugins = CD_PLUGIN_SET(plugins);
