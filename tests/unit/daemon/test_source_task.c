#include "tests/unit/daemon/task_rig.h"

#define CLASS "test.ScriptSource"
#define KEY0 "[\"c\",{\"p\":\"0\"}]"

/* What each poll answers, in order; then it waits. */
struct poll {
    enum cd_step answer;
    enum cd_code code; /* with FAILED */
    bool retriable;
    const char *values[6];
};

static struct {
    const struct poll *polls;
    size_t count;
    size_t next;
    size_t asked;
    size_t opens;
    size_t closes;
    size_t open_failures; /* to come */
    int64_t offset;       /* of the next record */
    int64_t opened_at;    /* the stored offset at the last open; -1: none */
    int64_t committed;
    int64_t timestamp_ms; /* of all records */
} script;

struct script_task {
    struct cd_task_base base;
    struct cd_partition *partition;
};

static enum cd_step script_open(void *state, struct cd_wait *wait, struct cd_error *err)
{
    struct script_task *task = state;
    (void)wait;
    script.opens++;
    if (script.open_failures > 0) {
        script.open_failures--;
        task->base.host->retry(task->base.handle, 2, 5000);
        (void)cd_fail(err, CD_ERR_REMOTE, "the system is down");
        return CD_STEP_FAILED;
    }
    const struct cd_map_entry p = {cd_string(cd_slice("p")), cd_string(cd_slice("0"))};
    task->partition = task->base.host->partition(task->base.handle, cd_map(&p, 1), err);
    struct cd_value n =
        cd_map_get(task->base.host->offset(task->base.handle, task->partition), "n");
    script.opened_at = cd_is_null(n) ? -1 : n.as.integer;
    if (script.opened_at >= 0)
        script.offset = script.opened_at;
    return CD_STEP_DONE;
}

static bool script_add(struct script_task *task, struct cd_batch *batch, const char *value,
                       struct cd_error *err)
{
    const struct cd_host *host = task->base.host;
    struct cd_record *rec = host->add(batch, err);
    if (rec == NULL)
        return false;
    rec->topic = cd_slice("out");
    rec->timestamp_ms = script.timestamp_ms;
    rec->key = cd_string(cd_slice("k"));
    rec->value = cd_string(host->copy(batch, cd_slice(value), err));
    rec->source_partition = task->partition;
    rec->source_offset = host->map1(batch, "n", cd_int64(++script.offset));
    return true;
}

static enum cd_step script_poll(void *state, struct cd_batch *batch, struct cd_wait *wait,
                                struct cd_error *err)
{
    struct script_task *task = state;
    script.asked++;
    if (script.next == script.count)
        return cd_wait_forever(wait);
    const struct poll *poll = &script.polls[script.next++];
    for (size_t i = 0; i < 6 && poll->values[i] != NULL; i++)
        if (!script_add(task, batch, poll->values[i], err))
            return CD_STEP_FAILED;
    if (poll->answer == CD_STEP_FAILED) {
        err->retriable = poll->retriable;
        (void)cd_fail(err, poll->code, "poll went wrong");
    }
    if (poll->answer == CD_STEP_WAIT)
        return cd_wait_until(wait, cd_clock_ms() + 1000);
    return poll->answer;
}

static void script_committed(void *state, struct cd_partition *partition, struct cd_value offset)
{
    (void)state;
    (void)partition;
    script.committed = cd_map_get(offset, "n").as.integer;
}

static void script_close(void *state)
{
    (void)state;
    script.closes++;
}

static const struct cd_source script_source = {
    .size = sizeof(struct cd_source),
    .task_size = sizeof(struct script_task),
    .open = script_open,
    .poll = script_poll,
    .committed = script_committed,
    .close = script_close,
};

static const struct cd_plugin script_plugin = {
    .kind = CD_PLUGIN_SOURCE,
    .class_name = CLASS,
    .version = "1",
    .config_size = 1,
    .key_size = sizeof(struct cd_key),
    .source = &script_source,
};

static int setup(void **state)
{
    (void)state;
    memset(&script, 0, sizeof(script));
    script.timestamp_ms = CD_NO_TIMESTAMP;
    rig_open();
    rig_register(&script_plugin);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_close();
    assert_int_equal(script.opens, script.closes);
    return 0;
}

static void run_script(const struct poll *polls, size_t count, const char *const *settings)
{
    script.polls = polls;
    script.count = count;
    rig_task(CLASS, settings, /* paused = */ false);
}

#define RUN(polls, settings) run_script((polls), sizeof(polls) / sizeof((polls)[0]), (settings))

/* A commit interval and a bit. */
static void pass_interval(void)
{
    fake_pass(10001);
}

static const char *const tolerant[] = {"errors.tolerance=all", NULL};

/* ---- the way of records ---- */

static void records_arrive_in_order_with_key_and_value(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a", "b"}},
                                        {CD_STEP_WAIT, .values = {"c"}}};
    RUN(polls, NULL);
    assert_non_null(rig_find(CD_TASK_STARTED));
    assert_int_equal(fake_producer.count, 3);
    assert_string_equal(fake_producer.sent[0].value, "a");
    assert_string_equal(fake_producer.sent[1].value, "b");
    assert_string_equal(fake_producer.sent[2].value, "c");
    assert_string_equal(fake_producer.sent[0].key, "k");
    assert_string_equal(fake_producer.sent[0].topic, "out");
}

static void offsets_are_committed_only_after_acknowledgement(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a", "b"}}};
    RUN(polls, NULL);
    pass_interval();
    assert_int_equal(rig_store.puts, 0);
    fake_ack_all();
    pass_interval();
    assert_string_equal(rig_stored(KEY0), "{\"n\":2}");
    assert_int_equal(script.committed, 2);
}

static void a_batch_waits_for_every_older_one(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a"}},
                                        {CD_STEP_DONE, .values = {"b"}},
                                        {CD_STEP_DONE, .values = {"c"}}};
    RUN(polls, NULL);
    fake_settle(1, NULL);
    fake_settle(2, NULL);
    pass_interval();
    assert_string_equal(rig_stored(KEY0), "");
    fake_settle(0, NULL);
    pass_interval();
    assert_string_equal(rig_stored(KEY0), "{\"n\":3}");
}

static void a_commit_with_nothing_new_is_a_success(void **state)
{
    (void)state;
    RUN(((const struct poll[]){{.answer = CD_STEP_WAIT}}), NULL);
    fake_pass(25000);
    assert_int_equal(cd_task_counters(rig.task)->commit_successes, 2);
    assert_int_equal(rig_store.puts, 0);
}

static void a_failed_commit_is_tried_again_with_the_same_offsets(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a"}}};
    RUN(polls, NULL);
    fake_ack_all();
    rig_store.refuse = "no leader";
    pass_interval();
    assert_int_equal(cd_task_counters(rig.task)->commit_failures, 1);
    rig_store.refuse = NULL;
    pass_interval();
    assert_string_equal(rig_stored(KEY0), "{\"n\":1}");
    assert_null(rig_find(CD_TASK_FAILED));
}

static void a_commit_without_an_answer_times_out_and_its_answer_is_ignored(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a"}}};
    RUN(polls, NULL);
    fake_ack_all();
    rig_store.hold = true;
    fake_pass(10001 + 5001);
    assert_int_equal(cd_task_counters(rig.task)->commit_failures, 1);
    rig_store.done(rig_store.arg, NULL); /* late */
    rig_store.hold = false;
    pass_interval();
    assert_string_equal(rig_stored(KEY0), "{\"n\":1}");
}

static void a_full_producer_stops_polling_and_loses_nothing(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a", "b", "c", "d", "e"}},
                                        {CD_STEP_DONE, .values = {"f"}}};
    fake_producer.room = 2;
    RUN(polls, NULL);
    assert_int_equal(fake_producer.count, 2);
    assert_int_equal(script.asked, 1);
    for (int i = 0; i < 4; i++) {
        fake_ack_all();
        cd_runnable_wake((struct cd_runnable *)(void *)rig.task); /* room appeared */
        fake_run();
    }
    assert_int_equal(fake_producer.count, 6);
    assert_string_equal(fake_producer.sent[5].value, "f");
}

/* ---- errors ---- */

static void a_bad_record_fails_the_task_and_what_was_before_is_committed(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a", "bad", "c"}}};
    RUN(polls, NULL);
    assert_int_equal(fake_producer.count, 1);
    fake_ack_all();
    fake_run();
    const struct cd_task_event *failed = rig_find(CD_TASK_FAILED);
    assert_non_null(failed);
    assert_ptr_equal(
        strstr(failed->trace,
               "org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error "
               "handler\n\tat connectd.KEY_CONVERTER"),
        NULL);
    assert_ptr_equal(strstr(failed->trace,
                            "org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded"),
                     failed->trace);
    assert_non_null(strstr(failed->trace,
                           "Caused by: org.apache.kafka.connect.errors.DataException: cannot "
                           "convert bad"));
    assert_string_equal(rig_stored(KEY0), "{\"n\":1}");
}

static void a_tolerated_bad_record_is_skipped_and_counted(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a", "bad", "c"}}};
    RUN(polls, tolerant);
    assert_int_equal(fake_producer.count, 2);
    assert_string_equal(fake_producer.sent[1].value, "c");
    assert_int_equal(cd_task_counters(rig.task)->skipped, 1);
    fake_ack_all();
}

static void filtered_records_do_not_move_offsets(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"drop1", "drop2"}}};
    static const char *const settings[] = {"transforms=t", "transforms.t.type=test.RigTransform",
                                           NULL};
    RUN(polls, settings);
    pass_interval();
    assert_int_equal(fake_producer.count, 0);
    assert_string_equal(rig_stored(KEY0), "");
    assert_int_equal(cd_task_counters(rig.task)->skipped, 0);
}

static void a_retriable_converter_error_is_retried_with_growing_pauses(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a", "flaky", "c"}}};
    static const char *const settings[] = {"errors.retry.timeout=6000", NULL};
    rig.flaky = 3;
    RUN(polls, settings);
    assert_int_equal(fake_producer.count, 1);
    fake_pass(299);
    assert_int_equal(rig.flaky, 2);
    fake_pass(1); /* 300 */
    assert_int_equal(rig.flaky, 1);
    fake_pass(600 + 1200);
    assert_int_equal(fake_producer.count, 3);
    assert_string_equal(fake_producer.sent[1].value, "flaky");
    assert_int_equal(cd_task_counters(rig.task)->retries, 3);
    fake_ack_all();
}

static void a_retriable_error_that_outlives_its_retries_fails_the_task(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"flaky"}}};
    static const char *const settings[] = {"errors.retry.timeout=6000", NULL};
    rig.flaky = 100;
    RUN(polls, settings);
    fake_pass(5999);
    assert_int_equal(rig.flaky, 100 - 5);
    fake_pass(1);
    assert_int_equal(rig.flaky, 100 - 6); /* 300, 600, 1200, 2400, 1500 and one final try */
    assert_non_null(rig_find(CD_TASK_FAILED));
}

static void a_refused_record_fails_the_task_and_is_not_committed(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a"}},
                                        {CD_STEP_DONE, .values = {"b"}},
                                        {CD_STEP_DONE, .values = {"c"}}};
    RUN(polls, NULL);
    fake_settle(0, NULL);
    fake_settle(1, "TOPIC_AUTHORIZATION_FAILED");
    fake_settle(2, NULL);
    fake_run();
    const struct cd_task_event *failed = rig_find(CD_TASK_FAILED);
    assert_non_null(failed);
    assert_non_null(strstr(failed->trace, "Unrecoverable exception from producer send callback"));
    assert_string_equal(rig_stored(KEY0), "{\"n\":1}");
}

static void a_tolerated_refusal_is_logged_counted_and_passed_over(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a", "b"}}};
    RUN(polls, tolerant);
    fake_settle(0, "INVALID_RECORD");
    fake_settle(1, NULL);
    pass_interval();
    assert_string_equal(rig_stored(KEY0), "{\"n\":2}");
    assert_int_equal(cd_task_counters(rig.task)->skipped, 1);
    assert_int_equal(cd_task_counters(rig.task)->written_records, 1);
}

/* Kafka refuses a request as a whole: "a" and "c" were in the company of "b". */
static void records_refused_with_a_large_one_are_sent_again_until_each_is_alone(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a", "b", "c"}}};
    RUN(polls, tolerant);
    for (size_t round = 0; round < 2; round++) {
        assert_int_equal(fake_producer.count, 3 * (round + 1));
        for (size_t i = 0; i < 3; i++)
            fake_settle(3 * round + i, "MSG_SIZE_TOO_LARGE");
        script.next = 0; /* it polls them again */
        fake_run();
    }
    assert_string_equal(rig_stored(KEY0), "");
    assert_int_equal(cd_task_counters(rig.task)->skipped, 0);
    fake_settle(6, NULL);
    fake_settle(7, "MSG_SIZE_TOO_LARGE");
    fake_settle(8, NULL);
    pass_interval();
    assert_int_equal(cd_task_counters(rig.task)->skipped, 1);
    assert_int_equal(cd_task_counters(rig.task)->written_records, 2);
    assert_null(rig_find(CD_TASK_FAILED));
}

/* By the broker's word, by librdkafka's, and by its word for a partition that was there before. */
static void a_topic_that_went_away_is_waited_for_even_when_tolerant(void **state)
{
    (void)state;
    static const char *const words[] = {"UNKNOWN_TOPIC_OR_PART", "_UNKNOWN_TOPIC",
                                        "_UNKNOWN_PARTITION"};
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a"}}};
    RUN(polls, tolerant);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        assert_int_equal(fake_producer.count, i + 1);
        fake_settle(i, words[i]);
        script.next = 0; /* it polls it again */
        fake_run();
        fake_pass(1000);
    }
    assert_null(rig_find(CD_TASK_FAILED));
    assert_int_equal(cd_task_counters(rig.task)->skipped, 0);
    assert_string_equal(rig_stored(KEY0), "");
    fake_ack_all();
}

static void a_record_refused_at_once_obeys_the_tolerance(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a", "huge", "c"}}};
    fake_producer.too_large = "huge";
    RUN(polls, tolerant);
    assert_int_equal(fake_producer.count, 2);
    assert_int_equal(cd_task_counters(rig.task)->skipped, 1);
    fake_ack_all();
}

static void a_negative_timestamp_fails_the_task_but_minus_one_means_none(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a"}}};
    script.timestamp_ms = -1;
    RUN(polls, NULL);
    assert_true(fake_producer.sent[0].timestamp_ms == CD_NO_TIMESTAMP);
    fake_ack_all();
    script.timestamp_ms = -2;
    script.next = 0;
    cd_runnable_wake((struct cd_runnable *)(void *)rig.task);
    fake_run();
    assert_non_null(rig_find(CD_TASK_FAILED));
}

static void a_retriable_poll_error_polls_again_at_once(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_FAILED, CD_ERR_REMOTE, true, {"lost", NULL}},
                                        {CD_STEP_DONE, .values = {"a"}}};
    RUN(polls, NULL);
    assert_int_equal(fake_producer.count, 1);
    assert_string_equal(fake_producer.sent[0].value, "a");
    fake_ack_all();
}

static void a_plain_poll_error_commits_closes_and_fails(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a"}},
                                        {CD_STEP_FAILED, CD_ERR_REMOTE, false, {NULL}}};
    RUN(polls, NULL);
    assert_null(rig_find(CD_TASK_FAILED)); /* it waits for the acknowledgement */
    fake_ack_all();
    fake_run();
    assert_non_null(rig_find(CD_TASK_FAILED));
    assert_string_equal(rig_stored(KEY0), "{\"n\":1}");
    assert_int_equal(script.closes, 1);
}

static void a_fatal_producer_fails_the_task(void **state)
{
    (void)state;
    RUN(((const struct poll[]){{.answer = CD_STEP_WAIT}}), NULL);
    fake_producer.fatal = true;
    cd_runnable_wake((struct cd_runnable *)(void *)rig.task); /* as the handle would */
    fake_run();
    assert_non_null(rig_find(CD_TASK_FAILED));
}

/* ---- life ---- */

static void a_task_created_paused_opens_nothing_until_resumed(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a"}}};
    script.polls = polls;
    script.count = 1;
    rig_task(CLASS, NULL, /* paused = */ true);
    assert_non_null(rig_find(CD_TASK_PAUSED));
    assert_int_equal(script.opens, 0);
    assert_int_equal(fake_producer.leases, 0);
    cd_task_resume(rig.task);
    fake_run();
    assert_non_null(rig_find(CD_TASK_STARTED));
    assert_int_equal(fake_producer.count, 1);
    fake_ack_all();
}

static void a_task_stopped_while_it_never_began_closes_nothing(void **state)
{
    (void)state;
    rig_task(CLASS, NULL, /* paused = */ true);
    cd_task_stop(rig.task);
    fake_run();
    assert_non_null(rig_find(CD_TASK_STOPPED));
    assert_int_equal(script.closes, 0);
}

static void pause_stops_polling_and_commits_go_on(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_WAIT, .values = {"a"}},
                                        {CD_STEP_DONE, .values = {"b"}}};
    RUN(polls, NULL);
    cd_task_pause(rig.task);
    fake_run();
    assert_non_null(rig_find(CD_TASK_PAUSED));
    size_t asked = script.asked;
    fake_ack_all();
    pass_interval();
    assert_int_equal(script.asked, asked);
    assert_string_equal(rig_stored(KEY0), fake_producer.count == 1 ? "{\"n\":1}" : "{\"n\":2}");
    cd_task_resume(rig.task);
    fake_run();
    assert_int_equal(rig_count(CD_TASK_STARTED), 2);
    assert_int_equal(script.opens, 1);
    fake_ack_all();
}

static void stop_waits_for_acknowledgements_and_commits(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a", "b"}}};
    RUN(polls, NULL);
    cd_task_stop(rig.task);
    fake_run();
    assert_null(rig_find(CD_TASK_STOPPED));
    assert_true(fake_producer.hurries > 0);
    fake_ack_all();
    fake_run();
    assert_non_null(rig_find(CD_TASK_STOPPED));
    assert_string_equal(rig_stored(KEY0), "{\"n\":2}");
}

static void stop_without_acknowledgements_ends_in_time_and_commits_nothing(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a", "b"}}};
    RUN(polls, NULL);
    fake_settle(0, NULL);
    cd_task_stop(rig.task);
    fake_pass(5000); /* task.shutdown.graceful.timeout.ms */
    assert_non_null(rig_find(CD_TASK_STOPPED));
    assert_string_equal(rig_stored(KEY0), "");
}

static void a_restart_goes_on_from_the_stored_offset(void **state)
{
    (void)state;
    static const struct poll polls[] = {{.answer = CD_STEP_WAIT}};
    cd_offset_table_set(&rig_store.base, cd_slice(KEY0), cd_slice("{\"n\":41}"));
    RUN(polls, NULL);
    assert_int_equal(script.opened_at, 41);
}

static void the_first_record_to_a_topic_is_told_once(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a"}},
                                        {CD_STEP_DONE, .values = {"b"}}};
    RUN(polls, NULL);
    assert_null(rig_find(CD_TASK_TOPIC));
    fake_ack_all();
    fake_run();
    assert_int_equal(rig_count(CD_TASK_TOPIC), 1);
    assert_string_equal(rig_find(CD_TASK_TOPIC)->topic, "out");
}

static void open_is_retried_as_the_plugin_says_and_then_fails(void **state)
{
    (void)state;
    script.open_failures = 10;
    RUN(((const struct poll[]){{.answer = CD_STEP_WAIT}}), NULL);
    assert_int_equal(script.opens, 1);
    fake_pass(5000);
    assert_int_equal(script.opens, 2);
    fake_pass(5000);
    assert_int_equal(script.opens, 3);
    assert_non_null(rig_find(CD_TASK_FAILED));
}

static void healing_reopens_after_an_environment_error(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a"}},
                                        {CD_STEP_FAILED, CD_ERR_REMOTE, false, {NULL}},
                                        {CD_STEP_DONE, .values = {"b"}}};
    rig.config->healing = true;
    RUN(polls, NULL);
    assert_non_null(rig_find(CD_TASK_DEGRADED));
    fake_ack_all();
    fake_pass(2000);
    assert_non_null(rig_find(CD_TASK_HEALED));
    assert_null(rig_find(CD_TASK_FAILED));
    assert_int_equal(script.opens, 2);
    assert_int_equal(script.opened_at, 1);
    assert_int_equal(fake_producer.count, 2);
    fake_ack_all();
}

static void healing_sends_again_what_kafka_refused_for_its_own_reasons(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a"}},
                                        {CD_STEP_DONE, .values = {"b"}}};
    rig.config->healing = true;
    RUN(polls, NULL);
    fake_settle(0, NULL);
    fake_refuse(1, CD_ERR_REMOTE, "UNKNOWN_TOPIC_OR_PART");
    fake_run();
    assert_null(rig_find(CD_TASK_FAILED));
    script.next = 1;
    fake_pass(2000);
    assert_int_equal(script.opened_at, 1); /* behind "a" */
    assert_int_equal(fake_producer.count, 3);
    assert_string_equal(fake_producer.sent[2].value, "b");
    fake_ack_all();
}

static void an_abandoned_task_commits_nothing_and_frees_itself(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a"}}};
    RUN(polls, NULL);
    cd_task_stop(rig.task);
    cd_task_abandon(rig.task);
    fake_ack_all();
    fake_pass(10000);
    assert_string_equal(rig_stored(KEY0), "");
    assert_null(rig_find(CD_TASK_STOPPED));
    rig.task = NULL;
}

/* ---- topic creation ---- */

static void a_missing_topic_is_created_by_its_group(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a", "b"}}};
    static const char *const settings[] = {"topic.creation.default.replication.factor=1",
                                           "topic.creation.default.partitions=3",
                                           "topic.creation.groups=g",
                                           "topic.creation.g.include=o.*",
                                           "topic.creation.g.partitions=7",
                                           NULL};
    RUN(polls, settings);
    assert_string_equal(fake_admin.created, "out");
    assert_int_equal(fake_admin.partitions, 7);
    assert_int_equal(fake_admin.describes, 1);
    assert_int_equal(fake_producer.count, 2);
    fake_ack_all();
}

static void a_topic_that_may_not_be_described_fails_the_task(void **state)
{
    (void)state;
    static const struct poll polls[] = {{CD_STEP_DONE, .values = {"a"}}};
    static const char *const settings[] = {"topic.creation.default.replication.factor=1",
                                           "topic.creation.default.partitions=3", NULL};
    fake_admin.forbidden = true;
    RUN(polls, settings);
    assert_non_null(rig_find(CD_TASK_FAILED));
    assert_int_equal(fake_producer.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(records_arrive_in_order_with_key_and_value),
        TEST(offsets_are_committed_only_after_acknowledgement),
        TEST(a_batch_waits_for_every_older_one),
        TEST(a_commit_with_nothing_new_is_a_success),
        TEST(a_failed_commit_is_tried_again_with_the_same_offsets),
        TEST(a_commit_without_an_answer_times_out_and_its_answer_is_ignored),
        TEST(a_full_producer_stops_polling_and_loses_nothing),
        TEST(a_bad_record_fails_the_task_and_what_was_before_is_committed),
        TEST(a_tolerated_bad_record_is_skipped_and_counted),
        TEST(filtered_records_do_not_move_offsets),
        TEST(a_retriable_converter_error_is_retried_with_growing_pauses),
        TEST(a_retriable_error_that_outlives_its_retries_fails_the_task),
        TEST(a_refused_record_fails_the_task_and_is_not_committed),
        TEST(a_tolerated_refusal_is_logged_counted_and_passed_over),
        TEST(records_refused_with_a_large_one_are_sent_again_until_each_is_alone),
        TEST(a_topic_that_went_away_is_waited_for_even_when_tolerant),
        TEST(a_record_refused_at_once_obeys_the_tolerance),
        TEST(a_negative_timestamp_fails_the_task_but_minus_one_means_none),
        TEST(a_retriable_poll_error_polls_again_at_once),
        TEST(a_plain_poll_error_commits_closes_and_fails),
        TEST(a_fatal_producer_fails_the_task),
        TEST(a_task_created_paused_opens_nothing_until_resumed),
        TEST(a_task_stopped_while_it_never_began_closes_nothing),
        TEST(pause_stops_polling_and_commits_go_on),
        TEST(stop_waits_for_acknowledgements_and_commits),
        TEST(stop_without_acknowledgements_ends_in_time_and_commits_nothing),
        TEST(a_restart_goes_on_from_the_stored_offset),
        TEST(the_first_record_to_a_topic_is_told_once),
        TEST(open_is_retried_as_the_plugin_says_and_then_fails),
        TEST(healing_reopens_after_an_environment_error),
        TEST(healing_sends_again_what_kafka_refused_for_its_own_reasons),
        TEST(an_abandoned_task_commits_nothing_and_frees_itself),
        TEST(a_missing_topic_is_created_by_its_group),
        TEST(a_topic_that_may_not_be_described_fails_the_task),
    };
    cd_log_set_level("root", CD_LOG_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
