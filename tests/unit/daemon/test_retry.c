#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/worker_keys.h"
#include "daemon/retry.h"

static struct cd_error failure(enum cd_code code, bool retriable)
{
    struct cd_error err = CD_ERROR_INIT;
    (void)cd_fail(&err, code, "it failed");
    err.retriable = retriable;
    return err;
}

/* runtime.md 5.3: timeout 6000 and plenty of failures. */
static void pauses_double_and_the_last_is_shortened_to_the_deadline(void **state)
{
    (void)state;
    static const int64_t pauses_ms[] = {300, 600, 1200, 2400, 1500};
    struct cd_retry_record retry;
    cd_retry_record_init(&retry, 6000, 60000, false);
    struct cd_error err = failure(CD_ERR_REMOTE, true);
    int64_t now_ms = 1000;
    int64_t at_ms = 0;
    for (size_t i = 0; i < sizeof(pauses_ms) / sizeof(pauses_ms[0]); i++) {
        assert_int_equal(cd_retry_record(&retry, &err, now_ms, &at_ms), CD_DECIDE_RETRY);
        assert_int_equal(at_ms - now_ms, pauses_ms[i]);
        now_ms = at_ms;
    }
    assert_int_equal(cd_retry_record(&retry, &err, now_ms, &at_ms), CD_DECIDE_FAIL);
}

static void beyond_the_longest_pause_any_shorter_one_is_taken(void **state)
{
    (void)state;
    struct cd_retry_record retry;
    cd_retry_record_init(&retry, -1, 500, false);
    struct cd_error err = failure(CD_ERR_REMOTE, true);
    for (int64_t now_ms = 0; now_ms < 1000; now_ms++) {
        int64_t at_ms;
        assert_int_equal(cd_retry_record(&retry, &err, now_ms, &at_ms), CD_DECIDE_RETRY);
        assert_in_range(at_ms - now_ms, 0, 500);
    }
}

struct record_row {
    enum cd_code code;
    bool retriable;
    int64_t timeout_ms;
    bool tolerate_all;
    enum cd_decision decision;
};

static void what_becomes_of_a_record(void **state)
{
    (void)state;
    static const struct record_row rows[] = {
        {CD_ERR_DATA, false, 0, false, CD_DECIDE_FAIL},
        {CD_ERR_DATA, false, 0, true, CD_DECIDE_SKIP},
        {CD_ERR_DATA, false, -1, true, CD_DECIDE_SKIP},
        {CD_ERR_REMOTE, true, 1000, false, CD_DECIDE_RETRY},
        {CD_ERR_REMOTE, true, -1, true, CD_DECIDE_RETRY},
        /* The JVM skips the first of these silently. */
        {CD_ERR_REMOTE, true, 0, false, CD_DECIDE_FAIL},
        {CD_ERR_REMOTE, true, 0, true, CD_DECIDE_SKIP},
        {CD_ERR_BUG, false, 0, true, CD_DECIDE_FAIL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_retry_record retry;
        cd_retry_record_init(&retry, rows[i].timeout_ms, 60000, rows[i].tolerate_all);
        struct cd_error err = failure(rows[i].code, rows[i].retriable);
        int64_t at_ms;
        assert_int_equal(cd_retry_record(&retry, &err, 5, &at_ms), rows[i].decision);
    }
}

struct put_row {
    enum cd_code code;
    bool retriable;
    bool healing;
    uint64_t culprit;
    size_t records;
    bool tolerate_all;
    bool wants_culprit;
    enum cd_decision decision;
};

static void what_becomes_of_a_put(void **state)
{
    (void)state;
    static const struct put_row rows[] = {
        {CD_ERR_REMOTE, true, false, 0, 5, false, false, CD_DECIDE_RETRY},
        {CD_ERR_REMOTE, false, false, 0, 5, true, true, CD_DECIDE_FAIL},
        {CD_ERR_REMOTE, false, true, 0, 5, false, false, CD_DECIDE_RETRY},
        {CD_ERR_TIMEOUT, false, true, 0, 5, false, false, CD_DECIDE_RETRY},
        {CD_ERR_DATA, false, true, 0, 5, false, false, CD_DECIDE_FAIL},
        {CD_ERR_DATA, false, false, 0, 5, true, true, CD_DECIDE_SPLIT},
        {CD_ERR_DATA, false, false, 0, 5, false, true, CD_DECIDE_SPLIT},
        {CD_ERR_DATA, false, false, 0, 1, true, true, CD_DECIDE_SKIP},
        {CD_ERR_DATA, false, false, 0, 1, false, true, CD_DECIDE_FAIL},
        {CD_ERR_DATA, false, false, 3, 5, true, true, CD_DECIDE_SKIP},
        {CD_ERR_CONFIG, false, true, 0, 5, true, true, CD_DECIDE_FAIL},
        {CD_ERR_BUG, false, true, 0, 5, true, true, CD_DECIDE_FAIL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_retry_task retry = {.healing = rows[i].healing};
        struct cd_error err = failure(rows[i].code, rows[i].retriable);
        err.record = rows[i].culprit;
        const struct cd_put_failure put = {.records = rows[i].records,
                                           .tolerate_all = rows[i].tolerate_all,
                                           .wants_culprit = rows[i].wants_culprit,
                                           .next_look_ms = 77};
        int64_t at_ms = 0;
        assert_int_equal(cd_retry_put(&retry, &err, &put, 5, &at_ms), rows[i].decision);
    }
}

static void a_plugin_limits_its_retries_and_a_success_counts_anew(void **state)
{
    (void)state;
    struct cd_retry_task retry = {.limited = true, .attempts = 2, .backoff_ms = 100};
    struct cd_error err = failure(CD_ERR_REMOTE, true);
    const struct cd_put_failure put = {.records = 1, .next_look_ms = 60000};
    int64_t at_ms = 0;
    assert_int_equal(cd_retry_put(&retry, &err, &put, 5, &at_ms), CD_DECIDE_RETRY);
    assert_int_equal(at_ms, 105);
    assert_int_equal(cd_retry_put(&retry, &err, &put, 5, &at_ms), CD_DECIDE_RETRY);
    assert_int_equal(cd_retry_put(&retry, &err, &put, 5, &at_ms), CD_DECIDE_FAIL);
    assert_false(cd_retry_succeeded(&retry)); /* it was not degraded: nothing to tell */
    assert_int_equal(cd_retry_put(&retry, &err, &put, 5, &at_ms), CD_DECIDE_RETRY);
}

static void polls_are_repeated_at_once_or_reopened_or_fail(void **state)
{
    (void)state;
    struct cd_retry_task plain = {0};
    struct cd_retry_task healing = {.healing = true};
    struct cd_error soft = failure(CD_ERR_REMOTE, true);
    struct cd_error hard = failure(CD_ERR_REMOTE, false);
    int64_t at_ms = 0;
    assert_int_equal(cd_retry_poll(&plain, &soft, 5, &at_ms), CD_DECIDE_RETRY);
    assert_int_equal(at_ms, 5);
    assert_int_equal(cd_retry_poll(&plain, &hard, 5, &at_ms), CD_DECIDE_FAIL);
    assert_int_equal(cd_retry_poll(&healing, &hard, 5, &at_ms), CD_DECIDE_REOPEN);
    assert_true(at_ms > 5);
    assert_true(cd_retry_succeeded(&healing));
}

static void healing_waits_longer_and_longer_up_to_a_minute(void **state)
{
    (void)state;
    struct cd_retry_task retry = {.healing = true};
    struct cd_error err = failure(CD_ERR_REMOTE, false);
    int64_t at_ms = 0;
    int64_t longest_ms = 0;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(cd_retry_open(&retry, &err, 1000, &at_ms), CD_DECIDE_REOPEN);
        longest_ms = at_ms - 1000 > longest_ms ? at_ms - 1000 : longest_ms;
        assert_in_range(at_ms - 1000, 500, 60000);
    }
    assert_true(longest_ms >= 30000);
    assert_int_equal(retry.degraded_since_ms, 1000);
}

/* ---- a task that has failed ---- */

static const struct cd_worker_config patient = {
    .healing = true,
    .restart_max = 3,
    .restart_backoff_ms = 1000,
    .restart_backoff_max_ms = 3000,
    .restart_window_ms = 60000,
};

static void restarts_wait_longer_each_time_and_end(void **state)
{
    (void)state;
    static const int64_t longest_ms[] = {1000, 2000, 3000};
    struct cd_retry_restart restart = {.began_ms = 500};
    struct cd_error err = failure(CD_ERR_REMOTE, false);
    for (size_t i = 0; i < 3; i++) {
        int64_t at_ms = cd_retry_restart(&restart, &patient, &err, 1000);
        assert_in_range(at_ms - 1000, longest_ms[i] / 2, longest_ms[i]);
    }
    assert_int_equal(cd_retry_restart(&restart, &patient, &err, 1000), INT64_MAX);
}

static void a_task_that_ran_long_enough_starts_counting_again(void **state)
{
    (void)state;
    struct cd_retry_restart restart = {.began_ms = 0, .count = 3};
    struct cd_error err = failure(CD_ERR_REMOTE, false);
    assert_int_equal(cd_retry_restart(&restart, &patient, &err, 59999), INT64_MAX);
    assert_in_range(cd_retry_restart(&restart, &patient, &err, 60000), 60500, 61000);
}

static void no_limit_goes_on_at_the_longest_wait(void **state)
{
    (void)state;
    struct cd_worker_config endless = patient;
    endless.restart_max = -1;
    struct cd_retry_restart restart = {.count = 1000};
    struct cd_error err = failure(CD_ERR_BUG, false);
    assert_in_range(cd_retry_restart(&restart, &endless, &err, 10), 1510, 3010);
}

static void without_healing_or_because_of_a_record_nothing_is_restarted(void **state)
{
    (void)state;
    struct cd_retry_restart restart = {0};
    struct cd_worker_config off = patient;
    off.healing = false;
    struct cd_error remote = failure(CD_ERR_REMOTE, true);
    struct cd_error data = failure(CD_ERR_DATA, false);
    assert_int_equal(cd_retry_restart(&restart, &off, &remote, 10), INT64_MAX);
    assert_int_equal(cd_retry_restart(&restart, &patient, &data, 10), INT64_MAX);
    assert_int_equal(restart.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses_double_and_the_last_is_shortened_to_the_deadline),
        cmocka_unit_test(beyond_the_longest_pause_any_shorter_one_is_taken),
        cmocka_unit_test(what_becomes_of_a_record),
        cmocka_unit_test(what_becomes_of_a_put),
        cmocka_unit_test(a_plugin_limits_its_retries_and_a_success_counts_anew),
        cmocka_unit_test(polls_are_repeated_at_once_or_reopened_or_fail),
        cmocka_unit_test(healing_waits_longer_and_longer_up_to_a_minute),
        cmocka_unit_test(restarts_wait_longer_each_time_and_end),
        cmocka_unit_test(a_task_that_ran_long_enough_starts_counting_again),
        cmocka_unit_test(no_limit_goes_on_at_the_longest_wait),
        cmocka_unit_test(without_healing_or_because_of_a_record_nothing_is_restarted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
