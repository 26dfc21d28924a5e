#include "tests/fake/runner.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/map.h"
#include "data/value.h"

#define BATCH_BYTES ((size_t)1024 * 1024)
#define RECORD_BYTES_MAX ((size_t)16 * 1024 * 1024)

struct cd_partition {
    char *json;
};

struct cd_runner {
    struct cd_registry *registry;
    const struct cd_registered *plugin;
    struct cd_config *config;
    struct cd_strmap partitions; /* JSON to struct cd_partition */
    struct cd_strmap offsets;    /* JSON of the partition to JSON of the offset */
    struct cd_arena lent;        /* offsets given to the task */
    struct cd_handle handle;
    struct cd_logger log;
    struct cd_instance *instance;
    struct cd_batch *batch;
    size_t batch_bytes;
    struct cd_error err;
    struct cd_wait wait;
};

static void end_test(const char *what, const struct cd_error *err)
{
    (void)fprintf(stderr, "%s: %s\n", what, err->msg);
    abort();
}

static void free_partition(void *arg)
{
    struct cd_partition *partition = arg;
    free(partition->json);
    free(partition);
}

static struct cd_runner *runner_of(struct cd_handle *handle)
{
    return handle->owner;
}

static struct cd_partition *intern(struct cd_handle *handle, struct cd_value map,
                                   struct cd_error *err)
{
    struct cd_runner *runner = runner_of(handle);
    struct cd_buffer json CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    if (!cd_value_to_json(map, &json, err))
        return NULL;
    struct cd_partition *partition = cd_strmap_get(&runner->partitions, json.ptr);
    if (partition != NULL)
        return partition;
    partition = cd_new(struct cd_partition);
    partition->json = cd_strdup(json.ptr);
    (void)cd_strmap_put(&runner->partitions, json.ptr, partition);
    return partition;
}

static struct cd_value find_offset(struct cd_handle *handle, const struct cd_partition *partition)
{
    struct cd_runner *runner = runner_of(handle);
    struct cd_value value = cd_null();
    struct cd_error err = CD_ERROR_INIT;
    const char *json = cd_strmap_get(&runner->offsets, partition->json);
    if (json != NULL && !cd_value_from_json(&runner->lent, cd_slice(json), &value, &err))
        end_test("the stored offset", &err);
    return value;
}

static const struct cd_handle_ops ops = {.partition = intern, .offset = find_offset};

struct cd_runner *cd_runner_new(const struct cd_plugin_set *set, const char *class_name)
{
    struct cd_runner *runner = cd_new(struct cd_runner);
    struct cd_error err = CD_ERROR_INIT;
    runner->registry = cd_registry_new();
    for (uint32_t i = 0; i < set->count; i++)
        if (!cd_registry_add(runner->registry, &set->plugins[i], set->plugin_size, "the test",
                             &err))
            end_test("the plugin was refused", &err);
    runner->plugin =
        cd_registry_find(runner->registry, CD_KIND_SET_CONNECTORS, class_name, NULL, &err);
    if (runner->plugin == NULL)
        end_test("finding the plugin", &err);
    runner->config = cd_config_new();
    runner->batch_bytes = BATCH_BYTES;
    cd_strmap_init(&runner->partitions, free_partition);
    cd_strmap_init(&runner->offsets, free);
    cd_arena_init(&runner->lent, SIZE_MAX, SIZE_MAX);
    cd_logger_init(&runner->log, "connector", "test", 0);
    runner->handle = (struct cd_handle){.magic = CD_HANDLE_MAGIC,
                                        .task = 0,
                                        .ops = &ops,
                                        .name = "test",
                                        .log = &runner->log,
                                        .settings = runner->config,
                                        .owner = runner};
    return runner;
}

void cd_runner_free(struct cd_runner *runner)
{
    cd_runner_close(runner);
    cd_batch_free(runner->batch);
    cd_strmap_done(&runner->partitions);
    cd_strmap_done(&runner->offsets);
    cd_arena_done(&runner->lent);
    cd_config_free(runner->config);
    cd_registry_free(runner->registry);
    free(runner);
}

void cd_runner_set(struct cd_runner *runner, const char *key, const char *value)
{
    cd_config_set(runner->config, key, value);
}

void cd_runner_store(struct cd_runner *runner, const char *partition, const char *offset)
{
    (void)cd_strmap_put(&runner->offsets, partition, cd_strdup(offset));
}

static void reset(struct cd_runner *runner)
{
    cd_error_reset(&runner->err);
    runner->wait = (struct cd_wait){.fd = -1, .until_ms = INT64_MAX};
}

static const struct cd_source *source_of(const struct cd_runner *runner)
{
    assert(runner->plugin->plugin.kind == CD_PLUGIN_SOURCE);
    return runner->plugin->plugin.source;
}

static const struct cd_sink *sink_of(const struct cd_runner *runner)
{
    assert(runner->plugin->plugin.kind == CD_PLUGIN_SINK);
    return runner->plugin->plugin.sink;
}

enum cd_step cd_runner_open(struct cd_runner *runner)
{
    reset(runner);
    assert(runner->instance == NULL);
    runner->instance =
        cd_instance_new(runner->plugin, runner->config, &runner->handle, &runner->err);
    if (runner->instance == NULL)
        return CD_STEP_FAILED;
    void *state = runner->instance->state;
    if (runner->plugin->plugin.kind == CD_PLUGIN_SOURCE)
        return source_of(runner)->open == NULL
                   ? CD_STEP_DONE
                   : source_of(runner)->open(state, &runner->wait, &runner->err);
    return sink_of(runner)->open == NULL
               ? CD_STEP_DONE
               : sink_of(runner)->open(state, &runner->wait, &runner->err);
}

void cd_runner_close(struct cd_runner *runner)
{
    if (runner->instance == NULL)
        return;
    bool is_source = runner->plugin->plugin.kind == CD_PLUGIN_SOURCE;
    void (*close_task)(void *) = is_source ? source_of(runner)->close : sink_of(runner)->close;
    if (close_task != NULL)
        close_task(runner->instance->state);
    cd_instance_free(runner->instance);
    runner->instance = NULL;
}

enum cd_step cd_runner_poll(struct cd_runner *runner)
{
    enum cd_step step;
    cd_batch_free(runner->batch);
    runner->batch = cd_batch_new(runner->batch_bytes, RECORD_BYTES_MAX);
    do {
        reset(runner);
        step = source_of(runner)->poll(runner->instance->state, runner->batch, &runner->wait,
                                       &runner->err);
    } while (step == CD_STEP_AGAIN);
    return step;
}

static void wait_as_told(const struct cd_runner *runner, int64_t deadline_ms)
{
    int64_t until_ms = runner->wait.until_ms < deadline_ms ? runner->wait.until_ms : deadline_ms;
    int64_t left_ms = until_ms - cd_clock_ms();
    struct pollfd fd = {.fd = runner->wait.fd, .events = runner->wait.events};
    (void)poll(&fd, 1, left_ms < 0 ? 0 : (int)left_ms); /* woken early is as good */
}

bool cd_runner_poll_until(struct cd_runner *runner, int64_t deadline_ms)
{
    deadline_ms += cd_clock_ms();
    for (;;) {
        enum cd_step step = cd_runner_poll(runner);
        if (step == CD_STEP_FAILED || runner->batch->count > 0)
            return step != CD_STEP_FAILED;
        if (cd_clock_ms() >= deadline_ms)
            return false;
        if (step == CD_STEP_WAIT)
            wait_as_told(runner, deadline_ms);
    }
}

const struct cd_batch *cd_runner_batch(const struct cd_runner *runner)
{
    return runner->batch;
}

void cd_runner_commit(struct cd_runner *runner)
{
    for (size_t i = 0; i < runner->batch->count; i++) {
        const struct cd_record *rec = &runner->batch->records[i];
        struct cd_buffer json = CD_BUFFER_INIT;
        struct cd_error err = CD_ERROR_INIT;
        if (!cd_value_to_json(rec->source_offset, &json, &err))
            end_test("an offset", &err);
        (void)cd_strmap_put(&runner->offsets, rec->source_partition->json, cd_buffer_steal(&json));
    }
}

char *cd_runner_offset(const struct cd_runner *runner, const char *partition)
{
    return cd_strdup(cd_strmap_get(&runner->offsets, partition));
}

void cd_runner_limit(struct cd_runner *runner, size_t batch_bytes)
{
    runner->batch_bytes = batch_bytes;
}

enum cd_step cd_runner_put(struct cd_runner *runner, const struct cd_batch *batch)
{
    reset(runner);
    return sink_of(runner)->put(runner->instance->state, batch, &runner->wait, &runner->err);
}

enum cd_step cd_runner_flush(struct cd_runner *runner)
{
    reset(runner);
    return sink_of(runner)->flush(runner->instance->state, &runner->wait, &runner->err);
}

void cd_runner_rewind(struct cd_runner *runner)
{
    sink_of(runner)->rewind(runner->instance->state);
}

const struct cd_error *cd_runner_error(const struct cd_runner *runner)
{
    return &runner->err;
}

const struct cd_wait *cd_runner_waits(const struct cd_runner *runner)
{
    return &runner->wait;
}

const struct cd_registered *cd_runner_plugin(const struct cd_runner *runner)
{
    return runner->plugin;
}

struct cd_task_base *cd_runner_task(struct cd_runner *runner)
{
    return runner->instance->state;
}
