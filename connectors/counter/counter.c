/*
 * Counts: the smallest useful source, and the one to copy. Each record holds the next number; the
 * offset of a record is the number that comes after it, so a restart goes on where Kafka has it.
 *
 * docs/plugins.md builds this file step by step.
 */
#include "connectd/plugin.h"

struct counter_config {
    const char *topic;
    int64_t limit;
    int64_t batch;
};

static const struct cd_key counter_keys[] = {
    {.name = "topic",
     .type = CD_STRING, /* no fallback: required */
     .non_empty = true,
     .offset = offsetof(struct counter_config, topic),
     .doc = "Topic that receives the numbers."},
    {.name = "counter.limit",
     .type = CD_INT64,
     .fallback = "0",
     .max = INT64_MAX,
     .offset = offsetof(struct counter_config, limit),
     .importance = CD_MEDIUM,
     .doc = "Stop after this number; 0 never stops."},
    {.name = "counter.batch",
     .type = CD_INT64,
     .fallback = "1000",
     .min = 1,
     .max = INT64_MAX,
     .offset = offsetof(struct counter_config, batch),
     .importance = CD_LOW,
     .doc = "Numbers in one batch, if it has room for them."},
};

struct counter {
    struct cd_task_base base;       /* host, handle, cfg: filled in by the host */
    struct cd_partition *partition; /* interned by open */
    int64_t next;
};

static enum cd_step counter_open(void *state, struct cd_wait *wait, struct cd_error *err)
{
    struct counter *task = state;
    const struct cd_host *host = task->base.host;
    (void)wait; /* nothing to wait for */

    const struct cd_map_entry where = {cd_string(cd_slice("counter")), cd_string(cd_slice("0"))};
    task->partition = host->partition(task->base.handle, cd_map(&where, 1), err);
    if (task->partition == NULL)
        return CD_STEP_FAILED;
    struct cd_value stored = cd_map_get(host->offset(task->base.handle, task->partition), "count");
    if (stored.kind == CD_KIND_INT64)
        task->next = stored.as.integer;
    return CD_STEP_DONE;
}

static bool is_done(const struct counter *task)
{
    const struct counter_config *cfg = task->base.cfg;
    return cfg->limit > 0 && task->next >= cfg->limit;
}

static enum cd_step counter_poll(void *state, struct cd_batch *batch, struct cd_wait *wait,
                                 struct cd_error *err)
{
    struct counter *task = state;
    const struct counter_config *cfg = task->base.cfg;
    const struct cd_host *host = task->base.host;

    if (is_done(task))
        return cd_wait_forever(wait); /* nothing to say until stopped */

    for (int64_t n = 0; n < cfg->batch && !is_done(task); n++) {
        struct cd_record *rec = host->add(batch, err);
        if (rec == NULL)
            return cd_full(err) ? CD_STEP_DONE : CD_STEP_FAILED;
        rec->topic = cd_slice(cfg->topic);
        rec->value_schema = host->primitives[CD_TYPE_INT64][0];
        rec->value = cd_int64(task->next++);
        rec->source_partition = task->partition;
        rec->source_offset = host->map1(batch, "count", cd_int64(task->next));
    }
    return CD_STEP_DONE;
}

/* Connect's alterOffsets: what a user may write over the stored offset. */
static bool counter_check_offset(const struct cd_connector_call *call, struct cd_value partition,
                                 struct cd_value offset, struct cd_error *err)
{
    (void)call; /* the answer is the same for every configuration */
    if (cd_map_get(partition, "counter").kind != CD_KIND_STRING)
        return cd_fail(err, CD_ERR_CONFIG, "the partition should be {\"counter\": \"0\"}");
    struct cd_value count = cd_map_get(offset, "count");
    if (cd_is_null(offset) || (count.kind == CD_KIND_INT64 && count.as.integer >= 0))
        return true;
    return cd_fail(err, CD_ERR_CONFIG, "the offset should be {\"count\": n} with n from 0 on");
}

static const struct cd_source counter_source = {
    .size = sizeof(struct cd_source),
    .task_size = sizeof(struct counter),
    .open = counter_open,
    .poll = counter_poll,
};

static const struct cd_connector counter_connector = {
    .size = sizeof(struct cd_connector),
    .check_offset = counter_check_offset,
};

static const struct cd_plugin counter_plugins[] = {
    {
        .kind = CD_PLUGIN_SOURCE,
        .class_name = "connectd.counter.CounterSourceConnector",
        .version = "0.1.0",
        .doc = "Counts into a topic.",
        .keys = counter_keys,
        .key_count = sizeof(counter_keys) / sizeof(counter_keys[0]),
        .key_size = sizeof(struct cd_key),
        .config_size = sizeof(struct counter_config),
        .source = &counter_source,
        .connector = &counter_connector,
    },
};

CD_EXPORT const struct cd_plugin_set connectd_plugins = CD_PLUGIN_SET(counter_plugins);
