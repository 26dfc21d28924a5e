#include "daemon/config_store.h"

#include "base/alloc.h"
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
/* cmocka wants these first */
#include <cmocka.h>

/* A store on a log in memory, and everything it told. */
struct rig {
    struct cd_config_store *store;
    struct cd_record_log *log;
    char told[512];
};

static void changed(void *arg, const char *connector)
{
    struct rig *rig = arg;
    strcat(rig->told, connector);
    strcat(rig->told, ";");
}

static void restarted(void *arg, const char *connector, bool include_tasks, bool only_failed)
{
    struct rig *rig = arg;
    CD_AUTO_FREE char *text =
        cd_asprintf("restart %s %d %d;", connector, include_tasks, only_failed);
    strcat(rig->told, text);
}

static void level_set(void *arg, const char *logger, const char *level)
{
    struct rig *rig = arg;
    CD_AUTO_FREE char *text = cd_asprintf("%s=%s;", logger, level);
    strcat(rig->told, text);
}

static int setup(void **state)
{
    struct rig *rig = cd_new(struct rig);
    const struct cd_config_events events = {changed, restarted, level_set, rig};
    rig->store = cd_config_store_new(&events);
    rig->log = cd_record_log_memory(cd_config_store_apply, rig->store);
    cd_config_store_attach(rig->store, rig->log);
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    cd_record_log_close(rig->log, 0);
    cd_config_store_free(rig->store);
    free(rig);
    return 0;
}

static void feed_as(struct rig *rig, const char *key, const char *value, bool replayed)
{
    const struct cd_ledger_record record = {
        .key = cd_slice(key), .value = cd_slice(value), .replayed = replayed};
    cd_config_store_apply(rig->store, &record);
}

static void feed(struct rig *rig, const char *key, const char *value)
{
    feed_as(rig, key, value, true);
}

static struct cd_config *config_of(const char *key, const char *value)
{
    struct cd_config *config = cd_config_new();
    cd_config_set(config, key, value);
    return config;
}

static const char connector_json[] = "{\"properties\":{\"connector.class\":\"X\",\"a\":\"1\"}}";
static const char task_json[] = "{\"properties\":{\"task.class\":\"T\"}}";

static void a_connector_is_started_unless_something_else_was_said(void **state)
{
    struct rig *rig = *state;
    feed(rig, "connector-a", connector_json);
    const struct cd_wanted *wanted = cd_config_store_get(rig->store, "a");
    assert_non_null(wanted);
    assert_int_equal(wanted->target, CD_TARGET_STARTED);
    assert_string_equal(cd_config_get(wanted->config, "a"), "1");
    cd_wanted_unref(wanted);
    assert_string_equal(rig->told, ""); /* nothing is told of the past */
}

static void target_states_are_read_new_and_old(void **state)
{
    struct rig *rig = *state;
    const struct {
        const char *json;
        enum cd_api_target expected;
    } rows[] = {
        {"{\"state\":\"PAUSED\"}", CD_TARGET_PAUSED},
        {"{\"state\":\"PAUSED\",\"state.v2\":\"STOPPED\"}", CD_TARGET_STOPPED},
        {"{\"state\":\"NONSENSE\"}", CD_TARGET_STOPPED}, /* ignored: as before */
        {"{\"state\":\"STARTED\",\"state.v2\":7}", CD_TARGET_STARTED},
        {"{\"state\":\"PAUSED\",\"state.v2\":\"PAUSED\"}", CD_TARGET_PAUSED},
        {NULL, CD_TARGET_STARTED},
    };
    feed(rig, "connector-a", connector_json);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        feed(rig, "target-state-a", rows[i].json);
        const struct cd_wanted *wanted = cd_config_store_get(rig->store, "a");
        assert_int_equal(wanted->target, rows[i].expected);
        cd_wanted_unref(wanted);
    }
}

static void tasks_count_only_with_their_commit_record(void **state)
{
    struct rig *rig = *state;
    feed(rig, "connector-a", connector_json);
    feed(rig, "task-a-0", task_json);
    feed(rig, "task-a-1", task_json);
    const struct cd_wanted *before = cd_config_store_get(rig->store, "a");
    assert_int_equal(before->task_count, 0);
    cd_wanted_unref(before);

    feed(rig, "commit-a", "{\"tasks\":2}");
    const struct cd_wanted *after = cd_config_store_get(rig->store, "a");
    assert_int_equal(after->task_count, 2);
    assert_false(after->inconsistent);
    assert_true(cd_config_equal(after->applied, after->config));
    cd_wanted_unref(after);
}

static void a_set_thinned_by_compaction_is_inconsistent_until_it_is_whole_again(void **state)
{
    struct rig *rig = *state;
    feed(rig, "connector-a", connector_json);
    feed(rig, "task-a-1", task_json);
    feed(rig, "commit-a", "{\"tasks\":2}");
    const struct cd_wanted *thin = cd_config_store_get(rig->store, "a");
    assert_true(thin->inconsistent);
    cd_wanted_unref(thin);

    struct cd_config *tasks[] = {config_of("n", "0"), config_of("n", "1")};
    cd_config_store_put_tasks(rig->store, "a", tasks, 2, NULL, NULL);
    const struct cd_wanted *whole = cd_config_store_get(rig->store, "a");
    assert_false(whole->inconsistent);
    assert_int_equal(whole->task_count, 2);
    assert_string_equal(cd_config_get(whole->tasks[1], "n"), "1");
    cd_wanted_unref(whole);
    cd_config_free(tasks[0]);
    cd_config_free(tasks[1]);
}

static void a_commit_for_a_deleted_connector_is_ignored_and_the_name_starts_clean(void **state)
{
    struct rig *rig = *state;
    feed(rig, "task-a-0", task_json);
    feed(rig, "commit-a", "{\"tasks\":1}");
    assert_null(cd_config_store_get(rig->store, "a"));
    feed(rig, "connector-a", connector_json);
    const struct cd_wanted *wanted = cd_config_store_get(rig->store, "a");
    assert_int_equal(wanted->task_count, 0);
    assert_false(wanted->inconsistent);
    cd_wanted_unref(wanted);
}

static void names_with_dashes_find_their_tasks(void **state)
{
    struct rig *rig = *state;
    feed(rig, "connector-a-b-1", connector_json);
    feed(rig, "task-a-b-1-0", task_json);
    feed(rig, "commit-a-b-1", "{\"tasks\":1}");
    const struct cd_wanted *wanted = cd_config_store_get(rig->store, "a-b-1");
    assert_int_equal(wanted->task_count, 1);
    cd_wanted_unref(wanted);
}

static void what_cannot_be_understood_changes_nothing(void **state)
{
    struct rig *rig = *state;
    const char *const bad[][2] = {
        {"connector-a", "not json"},     {"connector-a", "{\"properties\":3}"},
        {"connector-a", "[]"},           {"task-a", task_json},
        {"task-a-x", task_json},         {"task-a-0", NULL},
        {"commit-a", "{\"tasks\":-1}"},  {"commit-a", "{}"},
        {"unknown-key", connector_json}, {"target-state-a", "7"},
    };
    feed(rig, "connector-a", connector_json);
    const struct cd_wanted *before = cd_config_store_get(rig->store, "a");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        feed_as(rig, bad[i][0], bad[i][1], false);
        const struct cd_wanted *after = cd_config_store_get(rig->store, "a");
        assert_ptr_equal(before, after);
        cd_wanted_unref(after);
    }
    cd_wanted_unref(before);
    assert_string_equal(rig->told, "");
}

static void deleting_takes_everything_but_lets_readers_finish(void **state)
{
    struct rig *rig = *state;
    struct cd_config *config = config_of("x", "y");
    cd_config_store_put(rig->store, "a", config, NULL, NULL, NULL);
    const struct cd_wanted *held = cd_config_store_get(rig->store, "a");
    cd_config_store_delete(rig->store, "a", NULL, NULL);
    assert_null(cd_config_store_get(rig->store, "a"));
    assert_string_equal(cd_config_get(held->config, "x"), "y");
    cd_wanted_unref(held);
    cd_config_free(config);
    assert_string_equal(rig->told, "a;a;");
}

static void a_connector_may_be_created_stopped(void **state)
{
    struct rig *rig = *state;
    struct cd_config *config = config_of("x", "y");
    const enum cd_api_target stopped = CD_TARGET_STOPPED;
    cd_config_store_put(rig->store, "a", config, &stopped, NULL, NULL);
    const struct cd_wanted *wanted = cd_config_store_get(rig->store, "a");
    assert_int_equal(wanted->target, CD_TARGET_STOPPED);
    cd_wanted_unref(wanted);
    cd_config_free(config);
}

static void stopping_empties_the_task_set(void **state)
{
    struct rig *rig = *state;
    struct cd_config *config = config_of("x", "y");
    cd_config_store_put(rig->store, "a", config, NULL, NULL, NULL);
    cd_config_store_put_tasks(rig->store, "a", &config, 1, NULL, NULL);
    cd_config_store_stop(rig->store, "a", NULL, NULL);
    const struct cd_wanted *wanted = cd_config_store_get(rig->store, "a");
    assert_int_equal(wanted->task_count, 0);
    assert_int_equal(wanted->target, CD_TARGET_STOPPED);
    cd_wanted_unref(wanted);
    cd_config_free(config);
}

static void only_new_restarts_and_levels_count(void **state)
{
    struct rig *rig = *state;
    feed(rig, "restart-connector-a", "{\"include-tasks\":true,\"only-failed\":false}");
    feed(rig, "logger-cluster-x", "{\"level\":\"DEBUG\"}");
    assert_string_equal(rig->told, "");
    cd_config_store_restart(rig->store, "a", true, false, NULL, NULL);
    cd_config_store_logger(rig->store, "x", "DEBUG", NULL, NULL);
    assert_string_equal(rig->told, "restart a 1 0;x=DEBUG;");
}

static void new_tasks_are_asked_for_when_only_the_connector_changed(void **state)
{
    struct rig *rig = *state;
    struct cd_config *task = config_of("n", "0");
    struct cd_config *config = config_of("value.converter", "A");
    cd_config_store_put(rig->store, "a", config, NULL, NULL, NULL);
    cd_config_store_put_tasks(rig->store, "a", &task, 1, NULL, NULL);
    const struct cd_wanted *same = cd_config_store_get(rig->store, "a");
    assert_false(cd_wanted_tasks_differ(same, &task, 1));
    cd_wanted_unref(same);

    cd_config_set(config, "value.converter", "B");
    cd_config_store_put(rig->store, "a", config, NULL, NULL, NULL);
    const struct cd_wanted *other = cd_config_store_get(rig->store, "a");
    assert_true(cd_wanted_tasks_differ(other, &task, 1));
    cd_wanted_unref(other);
    cd_config_free(config);
    cd_config_free(task);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_connector_is_started_unless_something_else_was_said),
        TEST(target_states_are_read_new_and_old),
        TEST(tasks_count_only_with_their_commit_record),
        TEST(a_set_thinned_by_compaction_is_inconsistent_until_it_is_whole_again),
        TEST(a_commit_for_a_deleted_connector_is_ignored_and_the_name_starts_clean),
        TEST(names_with_dashes_find_their_tasks),
        TEST(what_cannot_be_understood_changes_nothing),
        TEST(deleting_takes_everything_but_lets_readers_finish),
        TEST(a_connector_may_be_created_stopped),
        TEST(stopping_empties_the_task_set),
        TEST(only_new_restarts_and_levels_count),
        TEST(new_tasks_are_asked_for_when_only_the_connector_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
