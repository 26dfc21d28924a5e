/*
 * One task between fakes: scheduler, Kafka and offset store do what the test says. Converters are a
 * pair of trivial ones, so that a test sees the task and nothing else.
 *
 * Converters: texts as they are; a text that begins with "bad" is no data, one with "flaky" fails
 * as retriable as often as rig.flaky says.
 */
#ifndef TASK_RIG_H
#define TASK_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/map.h"
#include "config/worker_keys.h"
#include "daemon/counters.h"
#include "daemon/offset_store_private.h"
#include "daemon/task.h"
#include "plugins/registry.h"
#include "tests/unit/daemon/fake_kafka.h"
#ifndef RIG_REAL_SCHEDULER
#include "tests/unit/daemon/fake_scheduler.h"
#endif

#define RIG_EVENTS_MAX 64

static struct {
    struct cd_worker worker;
    struct cd_worker_config *config;
    struct cd_config *originals;
    struct cd_registry *registry;
    struct cd_task *task;
    struct cd_task_event *events[RIG_EVENTS_MAX];
    size_t event_count;
    int flaky; /* failures to come */
} rig;

/* ---- the offset store ---- */

static struct {
    struct cd_offset_store base; /* first */
    size_t puts;
    cd_offset_done_fn *done; /* of the put that is held */
    void *arg;
    bool hold;
    const char *refuse;
} rig_store;

static void rig_put(struct cd_offset_store *store, const struct cd_offset_entry *entries,
                    size_t count, cd_offset_done_fn *done, void *arg)
{
    rig_store.puts++;
    if (rig_store.hold) {
        rig_store.done = done;
        rig_store.arg = arg;
        return;
    }
    struct cd_error err = CD_ERROR_INIT;
    if (rig_store.refuse != NULL)
        (void)cd_fail(&err, CD_ERR_REMOTE, "%s", rig_store.refuse);
    for (size_t i = 0; rig_store.refuse == NULL && i < count; i++)
        cd_offset_table_set(store, entries[i].key, entries[i].value);
    done(arg, &err);
}

static void rig_barrier(struct cd_offset_store *store, int64_t deadline_ms, cd_offset_done_fn *done,
                        void *arg)
{
    (void)store;
    (void)deadline_ms;
    done(arg, NULL);
}

static const struct cd_offset_store_ops rig_store_ops = {.put = rig_put, .barrier = rig_barrier};

/* What is stored under `key`; "": nothing. The text lives until the next call. */
CD_UNUSED static const char *rig_stored(const char *key)
{
    static struct cd_buffer text;
    if (!cd_offset_store_get(&rig_store.base, cd_slice(key), &text))
        cd_buffer_clear(&text);
    return text.ptr == NULL ? "" : text.ptr;
}

/* ---- converters ---- */

static bool rig_check(struct cd_slice text, struct cd_error *err)
{
    if (text.len >= 3 && memcmp(text.ptr, "bad", 3) == 0)
        return cd_fail_as(err, CD_ERR_DATA, "DataException", "cannot convert %.*s",
                          CD_SLICE_ARG(text));
    if (text.len >= 5 && memcmp(text.ptr, "flaky", 5) == 0 && rig.flaky-- > 0) {
        err->retriable = true;
        return cd_fail(err, CD_ERR_REMOTE, "not now");
    }
    return true;
}

static bool rig_write(void *state, struct cd_batch *out, struct cd_slice topic,
                      const struct cd_schema *schema, struct cd_value value, struct cd_slice *ret,
                      struct cd_error *err)
{
    (void)state;
    (void)topic;
    (void)schema;
    if (cd_is_null(value))
        return true;
    if (!rig_check(cd_value_slice(value), err))
        return false;
    *ret = cd_batch_copy(out, cd_value_slice(value), err);
    return ret->ptr != NULL;
}

static bool rig_read(void *state, struct cd_batch *out, struct cd_slice topic,
                     struct cd_slice bytes, const struct cd_schema **ret_schema,
                     struct cd_value *ret_value, struct cd_error *err)
{
    (void)state;
    (void)out;
    (void)topic;
    if (!rig_check(bytes, err))
        return false;
    *ret_schema = NULL;
    *ret_value = cd_string(bytes);
    return true;
}

static const struct cd_converter rig_converter = {
    .size = sizeof(struct cd_converter),
    .state_size = sizeof(struct cd_task_base),
    .write = rig_write,
    .read = rig_read,
};

/* A transform that drops values beginning with "drop" and fails at "twist". */
static enum cd_verdict_on_record rig_apply(void *state, struct cd_batch *out, struct cd_record *rec,
                                           struct cd_error *err)
{
    (void)state;
    (void)out;
    struct cd_slice value = cd_value_slice(rec->value);
    if (value.len >= 4 && memcmp(value.ptr, "drop", 4) == 0)
        return CD_RECORD_DROP;
    if (value.len >= 5 && memcmp(value.ptr, "twist", 5) == 0) {
        (void)cd_fail_as(err, CD_ERR_DATA, "DataException", "cannot transform");
        return CD_RECORD_FAILED;
    }
    return CD_RECORD_KEEP;
}

static const struct cd_transform rig_transform = {
    .size = sizeof(struct cd_transform),
    .state_size = sizeof(struct cd_task_base),
    .apply = rig_apply,
};

static const struct cd_plugin rig_plugins[] = {
    {.kind = CD_PLUGIN_HEADER_CONVERTER,
     .class_name = "test.RigConverter",
     .version = "1",
     .config_size = 1,
     .key_size = sizeof(struct cd_key),
     .converter = &rig_converter},
    {.kind = CD_PLUGIN_CONVERTER,
     .class_name = "test.RigConverter",
     .version = "1",
     .config_size = 1,
     .key_size = sizeof(struct cd_key),
     .converter = &rig_converter},
    {.kind = CD_PLUGIN_TRANSFORM,
     .class_name = "test.RigTransform",
     .version = "1",
     .config_size = 1,
     .key_size = sizeof(struct cd_key),
     .transform = &rig_transform},
};

/* ---- setting up ---- */

static void rig_register(const struct cd_plugin *plugin)
{
    struct cd_error err = CD_ERROR_INIT;
    if (!cd_registry_add(rig.registry, plugin, sizeof(*plugin), "test", &err))
        fail_msg("%s", err.msg);
}

static void rig_open(void)
{
    memset(&rig, 0, sizeof(rig));
    memset(&rig_store, 0, sizeof(rig_store));
#ifndef RIG_REAL_SCHEDULER
    fake_scheduler_reset();
#endif
    memset(&fake_admin, 0, sizeof(fake_admin));
    cd_offset_table_init(&rig_store.base, &rig_store_ops);
    rig.registry = cd_registry_new();
    for (size_t i = 0; i < sizeof(rig_plugins) / sizeof(rig_plugins[0]); i++)
        rig_register(&rig_plugins[i]);
    rig.originals = cd_config_new();
    cd_config_set(rig.originals, "bootstrap.servers", "localhost:1");
    cd_config_set(rig.originals, "key.converter", "test.RigConverter");
    cd_config_set(rig.originals, "value.converter", "test.RigConverter");
    cd_config_set(rig.originals, "header.converter", "test.RigConverter");
    cd_config_set(rig.originals, "offset.storage.file.filename", "/dev/null");
    cd_config_set(rig.originals, "offset.flush.interval.ms", "10000");
    CD_AUTO(cd_report_done) struct cd_report report = CD_REPORT_INIT;
    rig.config = cd_worker_config_new(CD_STANDALONE, rig.originals, &report);
    if (rig.config == NULL)
        cd_report_print(&report, stderr);
    assert_non_null(rig.config);
    rig.worker = (struct cd_worker){
        .config = rig.config,
        .originals = rig.originals,
        .registry = rig.registry,
#ifndef RIG_REAL_SCHEDULER
        .scheduler = &fake_scheduler,
#endif
        .producers = &fake_producers,
        .offsets = &rig_store.base,
        .worker_id = "here:8083",
        .kafka_cluster_id = "c",
    };
}

CD_UNUSED static void rig_event(void *arg, struct cd_task_event *event)
{
    (void)arg;
    assert(rig.event_count < RIG_EVENTS_MAX);
    rig.events[rig.event_count++] = event;
}

#ifndef RIG_REAL_SCHEDULER
/* `settings` are "key=value" texts, ended by NULL; name, class and topics have defaults. */
CD_UNUSED static void rig_task(const char *class_name, const char *const *settings, bool paused)
{
    struct cd_error err = CD_ERROR_INIT;
    CD_AUTO(cd_config_freep) struct cd_config *config = cd_config_new();
    cd_config_set(config, "name", "c");
    cd_config_set(config, "connector.class", class_name);
    for (size_t i = 0; settings != NULL && settings[i] != NULL; i++) {
        CD_AUTO_FREE char *key = cd_strdup(settings[i]);
        char *value = strchr(key, '=');
        *value++ = '\0';
        cd_config_set(config, key, value);
    }
    const struct cd_registered *plugin =
        cd_registry_find(rig.registry, CD_KIND_SET_CONNECTORS, class_name, NULL, &err);
    if (plugin == NULL)
        fail_msg("%s", err.msg);
    const struct cd_task_options options = {
        .worker = &rig.worker,
        .connector = "c",
        .incarnation = 1,
        .plugin = plugin,
        .connector_config = config,
        .task_config = config,
        .paused = paused,
        .event = rig_event,
    };
    rig.task = cd_task_new(&options, &err);
    if (rig.task == NULL)
        fail_msg("%s", err.msg);
    cd_task_start(rig.task);
    fake_run();
}
#endif

/* The first event of a kind; NULL: none. */
CD_UNUSED static const struct cd_task_event *rig_find(enum cd_task_event_kind kind)
{
    for (size_t i = 0; i < rig.event_count; i++)
        if (rig.events[i]->kind == kind)
            return rig.events[i];
    return NULL;
}

CD_UNUSED static size_t rig_count(enum cd_task_event_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < rig.event_count; i++)
        count += rig.events[i]->kind == kind;
    return count;
}

/* Stops the task if it has not ended by itself, and looks that it let go of everything. */
static void rig_close(void)
{
#ifndef RIG_REAL_SCHEDULER
    if (rig.task != NULL && rig_find(CD_TASK_FAILED) == NULL && rig_find(CD_TASK_STOPPED) == NULL) {
        cd_task_stop(rig.task);
        fake_pass(60000);
        assert_non_null(rig_find(CD_TASK_STOPPED));
    }
#endif
    cd_task_free(rig.task);
    for (size_t i = 0; i < rig.event_count; i++)
        cd_task_event_free(rig.events[i]);
    assert_int_equal(fake_producer.leases, 0);
    assert_int_equal(fake_producer.unsettled, 0);
    assert_null(fake_consumer.open);
    fake_producer_done();
    fake_consumer_done();
    cd_offset_table_done(&rig_store.base);
    cd_worker_config_free(rig.config);
    cd_config_free(rig.originals);
    cd_registry_free(rig.registry);
    cd_clock_real();
}

#endif
