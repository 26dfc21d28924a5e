/*
 * A source as somebody outside would write it: every clock.interval.ms a record with the time.
 * Built against installed headers only.
 */
#include <connectd/plugin.h>

struct clock_config {
    const char *topic;
    int64_t interval_ms;
};

static const struct cd_key clock_keys[] = {
    {.name = "topic",
     .type = CD_STRING,
     .non_empty = true,
     .offset = offsetof(struct clock_config, topic),
     .doc = "Topic that receives the time."},
    {.name = "clock.interval.ms",
     .type = CD_INT64,
     .fallback = "1000",
     .min = 1,
     .max = INT64_MAX,
     .offset = offsetof(struct clock_config, interval_ms),
     .importance = CD_MEDIUM,
     .doc = "Time between two records."},
};

struct clock_task {
    struct cd_task_base base;
    int64_t next_ms; /* monotonic; 0: now */
};

static enum cd_step clock_poll(void *state, struct cd_batch *batch, struct cd_wait *wait,
                               struct cd_error *err)
{
    struct clock_task *task = state;
    const struct clock_config *cfg = task->base.cfg;
    const struct cd_host *host = task->base.host;
    int64_t now_ms = host->monotonic_ms();
    if (now_ms < task->next_ms)
        return cd_wait_until(wait, task->next_ms);

    struct cd_record *rec = host->add(batch, err);
    if (rec == NULL)
        return cd_full(err) ? CD_STEP_DONE : CD_STEP_FAILED;
    rec->topic = cd_slice(cfg->topic);
    rec->value_schema = host->primitives[CD_TYPE_INT64][0];
    rec->value = cd_int64(host->wall_ms());
    task->next_ms = now_ms + cfg->interval_ms;
    return CD_STEP_DONE; /* no offset: there is nothing to go on from */
}

static const struct cd_source clock_source = {
    .size = sizeof(struct cd_source),
    .task_size = sizeof(struct clock_task),
    .poll = clock_poll,
};

static const struct cd_plugin clock_plugins[] = {
    {
        .kind = CD_PLUGIN_SOURCE,
        .class_name = "com.example.ClockSourceConnector",
        .version = "1.0.0",
        .doc = "Tells the time.",
        .keys = clock_keys,
        .key_count = sizeof(clock_keys) / sizeof(clock_keys[0]),
        .key_size = sizeof(struct cd_key),
        .config_size = sizeof(struct clock_config),
        .source = &clock_source,
    },
};

CD_EXPORT const struct cd_plugin_set connectd_plugins = CD_PLUGIN_SET(clock_plugins);
