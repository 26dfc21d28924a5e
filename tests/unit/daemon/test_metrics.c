#include "daemon/metrics.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "config/worker_keys.h"
#include "daemon/metrics_private.h"
#include "daemon/metrics_text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants these first */
#include <cmocka.h>

enum { STALLED_MS = 60000 };

/* One sink task of one connector, counted by the test itself. */
struct rig {
    struct cd_worker_config config;
    struct cd_metrics *metrics;
    struct cd_task_counters counters;
    const struct cd_snapshot *snapshot;
};

static const struct cd_snapshot *one_connector(enum cd_api_state state, size_t tasks)
{
    struct cd_connector_view *view = cd_view_new("orders");
    view->type = CD_TYPE_SINK;
    view->config = cd_config_new();
    cd_config_set(view->config, "connector.class", "FileStreamSink");
    cd_view_status(&view->status, state, "w:1", NULL, "1.0");
    cd_view_tasks(view, tasks);
    for (size_t i = 0; i < tasks; i++)
        cd_view_status(&view->tasks[i].status, state, "w:1", NULL, "1.0");
    const struct cd_connector_view *views[] = {view};
    return cd_snapshot_of(views, 1);
}

static void show(struct rig *rig, enum cd_api_state state, size_t tasks)
{
    cd_snapshot_unref(rig->snapshot);
    rig->snapshot = one_connector(state, tasks);
}

static void begin(struct rig *rig)
{
    const struct cd_metrics_task task = {.connector = "orders",
                                         .id = 0,
                                         .class_name = "org.example.FileSink",
                                         .counters = &rig->counters};
    cd_metrics_task_begins(rig->metrics, &task);
}

static void rig_make(struct rig *rig, const char *const *dialects, size_t count)
{
    cd_clock_fake(1000, 1700000000000);
    *rig = (struct rig){.config = {.metrics_dialects = {dialects, count},
                                   .metrics_sample_window_ms = 30000,
                                   .metrics_num_samples = 2,
                                   .stalled_after_ms = STALLED_MS,
                                   .task_memory_bytes = 1000}};
    const struct cd_metrics_options options = {.config = &rig->config, .worker_id = "w:1"};
    rig->metrics = cd_metrics_new(&options);
    atomic_store(&rig->counters.lag_max, -1);
    show(rig, CD_API_RUNNING, 1);
    begin(rig);
}

static void rig_end(struct rig *rig)
{
    cd_snapshot_unref(rig->snapshot);
    cd_metrics_free(rig->metrics);
    cd_clock_real();
}

static void look(struct rig *rig, int64_t later_ms)
{
    cd_clock_advance(later_ms);
    cd_metrics_look(rig->metrics, rig->snapshot, cd_clock_ms());
}

static void assert_line(struct rig *rig, const char *line)
{
    CD_AUTO_FREE char *text = cd_metrics_text(rig->metrics, rig->snapshot);
    CD_AUTO_FREE char *whole = cd_asprintf("\n%s\n", line);
    if (strstr(text, whole) == NULL)
        fail_msg("no line '%s' in:\n%s", line, text);
}

static void assert_no_text(struct rig *rig, const char *part)
{
    CD_AUTO_FREE char *text = cd_metrics_text(rig->metrics, rig->snapshot);
    if (strstr(text, part) != NULL)
        fail_msg("'%s' is in:\n%s", part, text);
}

static void assert_stalled(struct rig *rig, bool expected)
{
    CD_AUTO_FREE char *why = cd_metrics_stalled(rig->metrics, "orders", 0);
    assert_int_equal(why != NULL, expected);
}

static void one_counter_has_the_name_of_every_dialect(void **state)
{
    (void)state;
    static const char *const all[] = {"strimzi", "confluent", "strimzi-reporter", "debezium"};
    struct rig rig;
    rig_make(&rig, all, 4);
    cd_count(&rig.counters.sent_records, 7);
    assert_line(
        &rig, "kafka_connect_sink_task_sink_record_send_total{connector=\"orders\",task=\"0\"} 7");
    assert_line(&rig, "kafka_connect_sink_task_metrics_sink_record_send_total{connector=\"orders\","
                      "task=\"0\"} 7");
    assert_line(&rig, "connectd_task_records_total{connector=\"orders\",task=\"0\"} 7");
    assert_line(&rig, "kafka_connect_connector_status{connector=\"orders\",status=\"running\"} 1");
    assert_line(&rig, "kafka_connect_connector_metrics{connector=\"orders\",status=\"running\"} 1");
    assert_line(
        &rig,
        "kafka_connect_connector_metrics_status_info{connector=\"orders\",status=\"running\"} 1");
    assert_line(&rig, "kafka_connect_connector_connector_class{connector=\"orders\",connector_"
                      "class=\"org.example.FileSink\"} 1");
    assert_line(&rig, "kafka_connect_worker_metrics_connector_count 1");
    rig_end(&rig);
}

static void dialects_that_are_off_say_nothing(void **state)
{
    (void)state;
    struct rig rig;
    rig_make(&rig, NULL, 0);
    assert_no_text(&rig, "kafka_");
    assert_no_text(&rig, "debezium");
    assert_line(&rig, "connectd_tasks 1");
    rig_end(&rig);
}

static void a_failed_task_keeps_its_totals_until_its_slot_goes(void **state)
{
    (void)state;
    struct rig rig;
    rig_make(&rig, NULL, 0);
    cd_count(&rig.counters.sent_records, 7);
    cd_metrics_task_runs(rig.metrics, "orders", 0);
    cd_metrics_task_ended(rig.metrics, "orders", 0, /* failed = */ true);
    memset(&rig.counters, 0, sizeof(rig.counters)); /* the task is gone */
    show(&rig, CD_API_FAILED, 1);
    assert_line(&rig, "connectd_task_records_total{connector=\"orders\",task=\"0\"} 7");
    assert_line(&rig, "connectd_task_state{connector=\"orders\",task=\"0\",state=\"failed\"} 1");
    cd_metrics_task_dropped(rig.metrics, "orders", 0);
    assert_no_text(&rig, "connectd_task_records_total{");
    rig_end(&rig);
}

static void a_restart_counts_and_begins_at_zero(void **state)
{
    (void)state;
    struct rig rig;
    rig_make(&rig, NULL, 0);
    cd_count(&rig.counters.sent_records, 7);
    cd_metrics_task_ended(rig.metrics, "orders", 0, /* failed = */ false);
    memset(&rig.counters, 0, sizeof(rig.counters));
    begin(&rig);
    assert_line(&rig, "connectd_task_records_total{connector=\"orders\",task=\"0\"} 0");
    assert_line(&rig, "connectd_task_restarts_total{connector=\"orders\",task=\"0\"} 1");
    rig_end(&rig);
}

static void starts_are_counted_by_their_outcome(void **state)
{
    (void)state;
    static const char *const strimzi[] = {"strimzi"};
    struct rig rig;
    rig_make(&rig, strimzi, 1);
    cd_metrics_task_runs(rig.metrics, "orders", 0);
    cd_metrics_task_runs(rig.metrics, "orders", 0); /* a pause and a resume later */
    cd_metrics_task_ended(rig.metrics, "orders", 0, /* failed = */ true);
    cd_metrics_task_ended(rig.metrics, "never-made", 0, /* failed = */ true);
    cd_metrics_connector_start(rig.metrics, true);
    assert_line(&rig, "kafka_connect_worker_task_startup_success_total 1");
    assert_line(&rig, "kafka_connect_worker_task_startup_failure_total 1");
    assert_line(&rig, "kafka_connect_worker_task_startup_attempts_total 2");
    assert_line(&rig, "kafka_connect_worker_task_startup_failure_percentage 0.5");
    assert_line(&rig, "kafka_connect_worker_connector_startup_success_total 1");
    rig_end(&rig);
}

static void a_task_with_work_and_no_progress_is_stalled(void **state)
{
    (void)state;
    struct rig rig;
    rig_make(&rig, NULL, 0);
    atomic_store(&rig.counters.lag_max, 10);
    look(&rig, 0);
    look(&rig, STALLED_MS - 1);
    assert_stalled(&rig, false);
    look(&rig, 1);
    assert_stalled(&rig, true);
    assert_line(&rig, "connectd_task_stalled{connector=\"orders\",task=\"0\"} 1");

    atomic_store(&rig.counters.last_progress_ms, cd_wall_ms());
    look(&rig, 5000);
    assert_stalled(&rig, false);
    rig_end(&rig);
}

static void nothing_to_do_is_not_stalled(void **state)
{
    (void)state;
    struct rig rig;
    rig_make(&rig, NULL, 0);
    for (int i = 0; i < 5; i++)
        look(&rig, STALLED_MS);
    assert_stalled(&rig, false);
    rig_end(&rig);
}

static void a_paused_task_is_not_stalled(void **state)
{
    (void)state;
    struct rig rig;
    rig_make(&rig, NULL, 0);
    atomic_store(&rig.counters.lag_max, 10);
    show(&rig, CD_API_PAUSED, 1);
    for (int i = 0; i < 5; i++)
        look(&rig, STALLED_MS);
    assert_stalled(&rig, false);
    rig_end(&rig);
}

static void a_running_connector_without_tasks_is_told(void **state)
{
    (void)state;
    struct rig rig;
    rig_make(&rig, NULL, 0);
    assert_line(&rig, "connectd_connector_without_tasks{connector=\"orders\"} 0");
    cd_metrics_task_dropped(rig.metrics, "orders", 0);
    show(&rig, CD_API_RUNNING, 0);
    assert_line(&rig, "connectd_connector_without_tasks{connector=\"orders\"} 1");
    look(&rig, 0);
    look(&rig, 120000);
    struct cd_idle *idle = cd_strmap_get(&rig.metrics->idle, "orders");
    assert_non_null(idle);
    assert_true(idle->said);
    show(&rig, CD_API_STOPPED, 0);
    look(&rig, 1);
    assert_null(cd_strmap_get(&rig.metrics->idle, "orders"));
    rig_end(&rig);
}

static void lags_are_told_a_partition_and_end_with_the_task(void **state)
{
    (void)state;
    struct rig rig;
    char topic[] = "lines";
    const struct cd_metrics_lag lags[] = {{topic, 0, 5}, {topic, 3, 0}};
    rig_make(&rig, NULL, 0);
    cd_metrics_task_lags(rig.metrics, "orders", 0, lags, 2);
    assert_line(&rig, "connectd_sink_lag_records{connector=\"orders\",task=\"0\",topic=\"lines\","
                      "partition=\"0\"} 5");
    assert_line(&rig, "connectd_sink_lag_records{connector=\"orders\",task=\"0\",topic=\"lines\","
                      "partition=\"3\"} 0");
    cd_metrics_task_ended(rig.metrics, "orders", 0, /* failed = */ false);
    assert_no_text(&rig, "connectd_sink_lag_records{");
    rig_end(&rig);
}

static void labels_are_escaped(void **state)
{
    (void)state;
    struct cd_buffer out CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    cd_sample(&out, "a", "_b", (const struct cd_label[]){{"x", "q\"b\\n\nl"}, {NULL, NULL}}, 1.5);
    assert_string_equal(out.ptr, "a_b{x=\"q\\\"b\\\\n\\nl\"} 1.5\n");
}

static void numbers_keep_what_matters(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "a 0\n"},
        {1700000000123.0, "a 1700000000123\n"},
        {-1, "a -1\n"},
        {0.25, "a 0.25\n"},
        {(double)NAN, "a NaN\n"},
        {(double)INFINITY, "a +Inf\n"},
    };
    static const struct cd_label none[] = {{NULL, NULL}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_buffer out CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
        cd_sample(&out, "a", "", none, cases[i].value);
        assert_string_equal(out.ptr, cases[i].text);
    }
}

static void a_histogram_is_cumulative_and_in_seconds(void **state)
{
    (void)state;
    struct cd_buffer out CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    struct cd_histogram_view view = {.sum_ms = 2500};
    view.buckets[0] = 2;
    view.buckets[CD_HISTOGRAM_BUCKETS - 1] = 1;
    static const struct cd_label none[] = {{NULL, NULL}};
    cd_sample_histogram(&out, "h", none, &view);
    assert_non_null(strstr(out.ptr, "h_bucket{le=\"0.001\"} 2\n"));
    assert_non_null(strstr(out.ptr, "h_bucket{le=\"300\"} 2\n"));
    assert_non_null(strstr(out.ptr, "h_bucket{le=\"+Inf\"} 3\nh_sum 2.5\nh_count 3\n"));
}

static void without_metrics_everything_is_harmless(void **state)
{
    (void)state;
    cd_metrics_task_begins(NULL, NULL);
    cd_metrics_task_runs(NULL, "a", 0);
    cd_metrics_task_ended(NULL, "a", 0, false);
    cd_metrics_task_dropped(NULL, "a", 0);
    cd_metrics_task_lags(NULL, "a", 0, NULL, 0);
    cd_metrics_connector_start(NULL, true);
    cd_metrics_unwatch(NULL);
    cd_metrics_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_counter_has_the_name_of_every_dialect),
        cmocka_unit_test(dialects_that_are_off_say_nothing),
        cmocka_unit_test(a_failed_task_keeps_its_totals_until_its_slot_goes),
        cmocka_unit_test(a_restart_counts_and_begins_at_zero),
        cmocka_unit_test(starts_are_counted_by_their_outcome),
        cmocka_unit_test(a_task_with_work_and_no_progress_is_stalled),
        cmocka_unit_test(nothing_to_do_is_not_stalled),
        cmocka_unit_test(a_paused_task_is_not_stalled),
        cmocka_unit_test(a_running_connector_without_tasks_is_told),
        cmocka_unit_test(lags_are_told_a_partition_and_end_with_the_task),
        cmocka_unit_test(labels_are_escaped),
        cmocka_unit_test(numbers_keep_what_matters),
        cmocka_unit_test(a_histogram_is_cumulative_and_in_seconds),
        cmocka_unit_test(without_metrics_everything_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
