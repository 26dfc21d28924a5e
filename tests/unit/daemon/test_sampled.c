#include "daemon/sampled.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants these first */
#include <cmocka.h>

enum { WINDOW_MS = 30000 };

static struct cd_readings read_all(struct cd_task_counters *counters, int64_t now_ms)
{
    struct cd_readings readings;
    cd_readings_take(&readings, counters, now_ms);
    return readings;
}

static void a_rate_counts_windows_that_are_not_there_yet_as_full(void **state)
{
    (void)state;
    struct cd_task_counters counters = {0};
    struct cd_sampled sampled;
    cd_sampled_init(&sampled, WINDOW_MS, 2, 0);
    cd_count(&counters.polled_records, 660);

    struct cd_readings now = read_all(&counters, 3000);
    double rate = cd_sampled_rate(&sampled, &now, CD_READ_POLLED, 3000);
    assert_float_equal(rate, 660.0 / 33, 0.001); /* 3 s and one full window, as Kafka counts */
    cd_sampled_done(&sampled);
}

static void what_is_older_than_the_windows_is_forgotten(void **state)
{
    (void)state;
    struct cd_task_counters counters = {0};
    struct cd_sampled sampled;
    cd_sampled_init(&sampled, WINDOW_MS, 2, 0);
    cd_count(&counters.polled_records, 1000);
    cd_sampled_roll(&sampled, &counters, WINDOW_MS);
    cd_sampled_roll(&sampled, &counters, 2 * WINDOW_MS);
    cd_count(&counters.polled_records, 90);

    struct cd_readings now = read_all(&counters, 2 * WINDOW_MS + 15000);
    assert_float_equal(cd_sampled_rate(&sampled, &now, CD_READ_POLLED, 2 * WINDOW_MS + 15000),
                       90.0 / 45, 0.001);
    cd_sampled_done(&sampled);
}

static void the_largest_value_lives_for_all_windows_then_goes(void **state)
{
    (void)state;
    struct cd_task_counters counters = {0};
    struct cd_sampled sampled;
    cd_sampled_init(&sampled, WINDOW_MS, 2, 0);
    cd_measure(&counters.put_us, 700);
    cd_sampled_roll(&sampled, &counters, WINDOW_MS);
    cd_measure(&counters.put_us, 300);
    struct cd_readings now = read_all(&counters, WINDOW_MS + 1);
    assert_float_equal(cd_sampled_max(&sampled, &now, CD_MEASURE_PUT_US), 700, 0);
    assert_float_equal(cd_sampled_avg(&sampled, &now, CD_MEASURE_PUT_US), 500, 0);

    cd_sampled_roll(&sampled, &counters, 2 * WINDOW_MS);
    now = read_all(&counters, 2 * WINDOW_MS + 1);
    assert_float_equal(cd_sampled_max(&sampled, &now, CD_MEASURE_PUT_US), 300, 0);

    cd_sampled_roll(&sampled, &counters, 3 * WINDOW_MS);
    now = read_all(&counters, 3 * WINDOW_MS + 1);
    assert_true(isnan(cd_sampled_max(&sampled, &now, CD_MEASURE_PUT_US)));
    assert_true(isnan(cd_sampled_avg(&sampled, &now, CD_MEASURE_PUT_US)));
    cd_sampled_done(&sampled);
}

static void a_window_does_not_end_early(void **state)
{
    (void)state;
    struct cd_task_counters counters = {0};
    struct cd_sampled sampled;
    cd_sampled_init(&sampled, WINDOW_MS, 2, 1000);
    cd_sampled_roll(&sampled, &counters, 1000 + WINDOW_MS - 1);
    assert_int_equal(sampled.used, 1);
    cd_sampled_roll(&sampled, &counters, cd_sampled_due_ms(&sampled));
    assert_int_equal(sampled.used, 2);
    cd_sampled_done(&sampled);
}

static void shares_are_fractions_of_what_happened_in_the_windows(void **state)
{
    (void)state;
    struct cd_task_counters counters = {0};
    struct cd_sampled sampled;
    cd_sampled_init(&sampled, WINDOW_MS, 2, 0);
    struct cd_readings now = read_all(&counters, 1);
    assert_float_equal(
        cd_sampled_share(&sampled, &now, CD_READ_COMMIT_SUCCESSES, CD_READ_COMMIT_FAILURES), 0, 0);
    cd_count(&counters.commit_successes, 3);
    cd_count(&counters.commit_failures, 1);
    now = read_all(&counters, 2);
    assert_float_equal(
        cd_sampled_share(&sampled, &now, CD_READ_COMMIT_SUCCESSES, CD_READ_COMMIT_FAILURES), 0.75,
        0);
    cd_sampled_done(&sampled);
}

static void time_in_a_state_includes_the_period_under_way(void **state)
{
    (void)state;
    struct cd_task_counters counters = {0};
    atomic_store(&counters.started_ms, 1000);
    cd_count(&counters.running_ms, 500);
    atomic_store(&counters.activity, CD_ACTIVITY_PAUSED);
    atomic_store(&counters.activity_since_ms, 1500);

    struct cd_readings now = read_all(&counters, 3000);
    assert_int_equal(now.running_ms, 500);
    assert_int_equal(now.paused_ms, 1500);
    assert_int_equal(now.lived_ms, 2000);
}

static void every_duration_falls_into_one_bucket(void **state)
{
    (void)state;
    struct cd_histogram histogram = {0};
    static const int64_t taken_ms[] = {-5, 0, 1, 2, 300000, 300001, INT32_MAX};
    for (size_t i = 0; i < sizeof(taken_ms) / sizeof(taken_ms[0]); i++)
        cd_histogram_add(&histogram, taken_ms[i], 2);
    assert_int_equal(histogram.buckets[0], 6); /* clocks may differ: less than nothing is nothing */
    assert_int_equal(histogram.buckets[1], 2);
    assert_int_equal(histogram.buckets[CD_HISTOGRAM_BUCKETS - 2], 2);
    assert_int_equal(histogram.buckets[CD_HISTOGRAM_BUCKETS - 1], 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_counts_windows_that_are_not_there_yet_as_full),
        cmocka_unit_test(what_is_older_than_the_windows_is_forgotten),
        cmocka_unit_test(the_largest_value_lives_for_all_windows_then_goes),
        cmocka_unit_test(a_window_does_not_end_early),
        cmocka_unit_test(shares_are_fractions_of_what_happened_in_the_windows),
        cmocka_unit_test(time_in_a_state_includes_the_period_under_way),
        cmocka_unit_test(every_duration_falls_into_one_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
