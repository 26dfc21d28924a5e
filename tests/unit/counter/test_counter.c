#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/alloc.h"
#include "data/value.h"
#include "tests/fake/runner.h"

#define COUNTER_CLASS "connectd.counter.CounterSourceConnector"

static struct cd_runner *counter(const char *limit, const char *batch)
{
    struct cd_runner *runner = cd_runner_new(&connectd_plugins, COUNTER_CLASS);
    cd_runner_set(runner, "topic", "numbers");
    cd_runner_set(runner, "counter.limit", limit);
    cd_runner_set(runner, "counter.batch", batch);
    return runner;
}

static void it_counts_to_its_limit_and_then_waits(void **state)
{
    (void)state;
    struct cd_runner *runner = counter("5", "3");
    int64_t next = 0;
    assert_int_equal(cd_runner_open(runner), CD_STEP_DONE);
    while (cd_runner_poll(runner) == CD_STEP_DONE)
        for (size_t i = 0; i < cd_runner_batch(runner)->count; i++)
            assert_int_equal(cd_runner_batch(runner)->records[i].value.as.integer, next++);
    assert_int_equal(next, 5);
    assert_int_equal(cd_runner_waits(runner)->until_ms, INT64_MAX);
    cd_runner_free(runner);
}

static void a_restart_goes_on_at_the_committed_number(void **state)
{
    (void)state;
    struct cd_runner *runner = counter("0", "4");
    assert_int_equal(cd_runner_open(runner), CD_STEP_DONE);
    assert_int_equal(cd_runner_poll(runner), CD_STEP_DONE);
    cd_runner_commit(runner);
    char *offset CD_AUTO_FREE = cd_runner_offset(runner, "{\"counter\":\"0\"}");
    assert_string_equal(offset, "{\"count\":4}");
    assert_int_equal(cd_runner_poll(runner), CD_STEP_DONE); /* never committed */
    cd_runner_close(runner);
    assert_int_equal(cd_runner_open(runner), CD_STEP_DONE);
    assert_int_equal(cd_runner_poll(runner), CD_STEP_DONE);
    assert_int_equal(cd_runner_batch(runner)->records[0].value.as.integer, 4);
    cd_runner_free(runner);
}

static void a_full_batch_ends_it_early_and_nothing_is_skipped(void **state)
{
    (void)state;
    struct cd_runner *runner = counter("100", "100");
    int64_t next = 0;
    cd_runner_limit(runner, 500);
    assert_int_equal(cd_runner_open(runner), CD_STEP_DONE);
    while (cd_runner_poll(runner) == CD_STEP_DONE) {
        assert_true(cd_runner_batch(runner)->count < 100);
        for (size_t i = 0; i < cd_runner_batch(runner)->count; i++)
            assert_int_equal(cd_runner_batch(runner)->records[i].value.as.integer, next++);
    }
    assert_int_equal(next, 100);
    cd_runner_free(runner);
}

static void without_a_topic_it_does_not_start(void **state)
{
    (void)state;
    struct cd_runner *runner = cd_runner_new(&connectd_plugins, "CounterSource");
    assert_int_equal(cd_runner_open(runner), CD_STEP_FAILED);
    assert_string_equal(cd_runner_error(runner)->msg,
                        "Missing required configuration \"topic\" which has no default value.");
    cd_runner_free(runner);
}

static const struct {
    const char *partition;
    const char *offset;
    bool allowed;
} offsets[] = {
    {"{\"counter\":\"0\"}", "{\"count\":7}", true},   {"{\"counter\":\"0\"}", "null", true},
    {"{\"counter\":\"0\"}", "{\"count\":-1}", false}, {"{\"counter\":\"0\"}", "{}", false},
    {"{\"file\":\"x\"}", "{\"count\":7}", false},
};

static void only_offsets_it_could_resume_from_are_allowed(void **state)
{
    (void)state;
    struct cd_runner *runner = counter("1", "1");
    const struct cd_connector *connector = cd_runner_plugin(runner)->plugin.connector;
    for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_arena arena CD_AUTO(cd_arena_done);
        cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
        struct cd_value partition, offset;
        struct cd_connector_call call = {.host = cd_host()};
        assert_true(cd_value_from_json(&arena, cd_slice(offsets[i].partition), &partition, &err));
        assert_true(cd_value_from_json(&arena, cd_slice(offsets[i].offset), &offset, &err));
        assert_true(connector->check_offset(&call, partition, offset, &err) == offsets[i].allowed);
    }
    cd_runner_free(runner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_counts_to_its_limit_and_then_waits),
        cmocka_unit_test(a_restart_goes_on_at_the_committed_number),
        cmocka_unit_test(a_full_batch_ends_it_early_and_nothing_is_skipped),
        cmocka_unit_test(without_a_topic_it_does_not_start),
        cmocka_unit_test(only_offsets_it_could_resume_from_are_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
