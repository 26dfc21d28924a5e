#include "tests/unit/daemon/task_rig.h"

#define CLASS "test.ScriptSink"

/* What the plugin remembers, and how its next calls go wrong. */
static struct {
    struct cd_buffer pending; /* put since the last flush: "v;v;" */
    struct cd_buffer table;   /* flushed: durable in the target */
    struct cd_buffer calls;   /* one letter a call: o a p f R(ewind) r(evoke) c */
    size_t opens;
    size_t closes;
    int put_failures;   /* to come: retriable, without a culprit */
    int put_breaks;     /* to come: an environment error that is not retriable */
    int flush_failures; /* to come */
    const char *poison; /* a put that holds this value fails for its data */
    bool names_culprit;
    const char *errant; /* this value is reported, not put */
    const char *waits;  /* a put that holds this value waits for half a second */
    int64_t waits_until_ms;
    const char *seeks;   /* a put that holds this value seeks partition 0 to offset 0, once */
    bool swallow;        /* the report's answer is ignored */
    int64_t position;    /* what the target says; -1: it does not */
    bool limited;        /* says host->retry(1, 2000) */
    size_t since_rewind; /* records put since the last flush or rewind */
} script;

struct script_task {
    struct cd_task_base base;
};

static void note(char call)
{
    cd_buffer_char(&script.calls, call);
}

static enum cd_step script_open(void *state, struct cd_wait *wait, struct cd_error *err)
{
    struct script_task *task = state;
    (void)wait;
    (void)err;
    note('o');
    script.opens++;
    if (script.limited)
        task->base.host->retry(task->base.handle, 1, 2000);
    return CD_STEP_DONE;
}

static enum cd_step script_assign(void *state, const struct cd_topic_partition *list, size_t count,
                                  struct cd_wait *wait, struct cd_error *err)
{
    (void)state;
    (void)list;
    (void)count;
    (void)wait;
    (void)err;
    note('a');
    return CD_STEP_DONE;
}

static enum cd_step script_revoke(void *state, const struct cd_topic_partition *list, size_t count,
                                  struct cd_wait *wait, struct cd_error *err)
{
    (void)state;
    (void)list;
    (void)count;
    (void)wait;
    (void)err;
    note('r');
    return CD_STEP_DONE;
}

static enum cd_step script_position(void *state, struct cd_topic_partition *list, size_t count,
                                    struct cd_wait *wait, struct cd_error *err)
{
    (void)state;
    (void)wait;
    (void)err;
    for (size_t i = 0; i < count; i++)
        list[i].offset = script.position;
    return CD_STEP_DONE;
}

static bool is(const struct cd_record *rec, const char *value)
{
    return value != NULL && cd_slice_is(cd_value_slice(rec->value), value);
}

static enum cd_step fail_put(struct cd_error *err, enum cd_code code, bool retriable)
{
    err->retriable = retriable;
    (void)cd_fail(err, code, "put went wrong");
    return CD_STEP_FAILED;
}

/* Says so if the record ends the call. */
static bool ends(struct script_task *task, const struct cd_record *rec, enum cd_step *ret,
                 struct cd_wait *wait, struct cd_error *err)
{
    const struct cd_host *host = task->base.host;
    if (is(rec, script.waits)) {
        if (script.waits_until_ms == 0)
            script.waits_until_ms = cd_clock_ms() + 500;
        *ret = cd_wait_until(wait, script.waits_until_ms);
        if (cd_clock_ms() < script.waits_until_ms)
            return true;
    }
    if (is(rec, script.poison)) {
        err->record = script.names_culprit ? script.since_rewind + 1 : 0;
        *ret = fail_put(err, CD_ERR_DATA, false);
        return true;
    }
    if (is(rec, script.seeks)) {
        script.seeks = NULL;
        const struct cd_topic_partition to = {rec->kafka_topic, 0, 0};
        host->seek(task->base.handle, &to);
    }
    if (is(rec, script.errant)) {
        struct cd_error why = CD_ERROR_INIT;
        (void)cd_fail_as(&why, CD_ERR_DATA, "23505", "duplicate key");
        if (!host->report(task->base.handle, rec, &why, err) && !script.swallow) {
            *ret = CD_STEP_FAILED;
            return true;
        }
        cd_error_reset(err);
        script.since_rewind++;
        return false;
    }
    script.since_rewind++;
    cd_buffer_slice(&script.pending, cd_value_slice(rec->value));
    cd_buffer_char(&script.pending, ';');
    return false;
}

static enum cd_step script_put(void *state, const struct cd_batch *batch, struct cd_wait *wait,
                               struct cd_error *err)
{
    struct script_task *task = state;
    note('p');
    if (script.put_failures > 0) {
        script.put_failures--;
        return fail_put(err, CD_ERR_REMOTE, true);
    }
    if (script.put_breaks > 0) {
        script.put_breaks--;
        return fail_put(err, CD_ERR_REMOTE, false);
    }
    const struct cd_host *host = task->base.host;
    size_t began = script.pending.len;
    for (size_t i = 0; i < host->count(batch); i++) {
        enum cd_step answer;
        if (!ends(task, host->record(batch, i), &answer, wait, err))
            continue;
        if (answer == CD_STEP_WAIT)
            script.pending.len = began; /* the same call follows */
        return answer;
    }
    return CD_STEP_DONE;
}

static enum cd_step script_flush(void *state, struct cd_wait *wait, struct cd_error *err)
{
    (void)state;
    (void)wait;
    note('f');
    if (script.flush_failures > 0) {
        script.flush_failures--;
        return fail_put(err, CD_ERR_REMOTE, true);
    }
    cd_buffer_slice(&script.table, cd_buffer_view(&script.pending));
    cd_buffer_clear(&script.pending);
    script.since_rewind = 0;
    return CD_STEP_DONE;
}

static void script_rewind(void *state)
{
    (void)state;
    note('R');
    cd_buffer_clear(&script.pending);
    script.since_rewind = 0;
}

static void script_close(void *state)
{
    (void)state;
    note('c');
    script.closes++;
}

static const struct cd_sink script_sink = {
    .size = sizeof(struct cd_sink),
    .task_size = sizeof(struct script_task),
    .open = script_open,
    .assign = script_assign,
    .put = script_put,
    .flush = script_flush,
    .rewind = script_rewind,
    .position = script_position,
    .revoke = script_revoke,
    .close = script_close,
};

static const struct cd_plugin script_plugin = {
    .kind = CD_PLUGIN_SINK,
    .class_name = CLASS,
    .version = "1",
    .config_size = 1,
    .key_size = sizeof(struct cd_key),
    .sink = &script_sink,
};

static int setup(void **state)
{
    (void)state;
    memset(&script, 0, sizeof(script));
    script.position = -1;
    rig_open();
    rig_register(&script_plugin);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_close();
    assert_int_equal(script.opens, script.closes);
    cd_buffer_done(&script.pending);
    cd_buffer_done(&script.table);
    cd_buffer_done(&script.calls);
    return 0;
}

#define TABLE(text) assert_string_equal(script.table.ptr == NULL ? "" : script.table.ptr, (text))

static const int32_t zero[] = {0};
static const int32_t both[] = {0, 1};

/* A running task with partition 0. */
static void start(const char *const *more)
{
    const char *settings[16] = {"topics=in"};
    for (size_t i = 0; more != NULL && more[i] != NULL; i++)
        settings[i + 1] = more[i];
    rig_task(CLASS, settings, /* paused = */ false);
    fake_event(CD_EVENT_ASSIGN, zero, 1);
    fake_run();
}

static void send(const char *value)
{
    fake_message(0, "k", value);
}

static void pass_interval(void)
{
    fake_pass(10001);
}

static const char *const tolerant[] = {"errors.tolerance=all",
                                       "errors.deadletterqueue.topic.name=dead",
                                       "errors.deadletterqueue.context.headers.enable=true", NULL};
static const char *const strict[] = {"errors.deadletterqueue.topic.name=dead",
                                     "errors.deadletterqueue.context.headers.enable=true", NULL};

/* ---- the way of records ---- */

static void messages_are_put_and_flushed_at_once_when_no_more_are_ready(void **state)
{
    (void)state;
    start(NULL);
    send("a");
    send("b");
    fake_run();
    TABLE("a;b;");
    assert_int_equal(fake_consumer.commit_count, 0);
    pass_interval();
    assert_int_equal(fake_committed(0), 2);
}

static void a_flood_is_flushed_in_large_units(void **state)
{
    (void)state;
    start(NULL);
    fake_consumer.fetch_max = 10;
    for (int i = 0; i < 100; i++)
        send("x");
    fake_run();
    size_t flushes = 0;
    for (size_t i = 0; i < script.calls.len; i++)
        flushes += script.calls.ptr[i] == 'f';
    assert_int_equal(flushes, 1);
}

static void kafka_offsets_follow_the_flush_never_lead_it(void **state)
{
    (void)state;
    start(NULL);
    send("a");
    fake_run();
    script.flush_failures = 1000;
    send("b");
    fake_run();
    pass_interval();
    assert_int_equal(fake_committed(0), 1);
    TABLE("a;");
    script.flush_failures = 0;
    pass_interval();
    pass_interval();
    TABLE("a;b;");
    assert_int_equal(fake_committed(0), 2);
}

static void filtered_messages_are_committed_past(void **state)
{
    (void)state;
    static const char *const settings[] = {"transforms=t", "transforms.t.type=test.RigTransform",
                                           NULL};
    start(settings);
    send("drop it");
    fake_run();
    pass_interval();
    TABLE("");
    assert_int_equal(fake_committed(0), 1);
}

static void a_put_that_waits_is_called_again_with_the_same_batch(void **state)
{
    (void)state;
    script.waits = "b";
    start(NULL);
    send("a");
    send("b");
    fake_run();
    send("c");
    fake_run();
    TABLE("");
    fake_pass(500);
    TABLE("a;b;c;");
}

static void the_first_message_of_a_topic_is_told(void **state)
{
    (void)state;
    start(NULL);
    assert_null(rig_find(CD_TASK_TOPIC));
    send("a");
    send("b");
    fake_run();
    assert_int_equal(rig_count(CD_TASK_TOPIC), 1);
    assert_string_equal(rig_find(CD_TASK_TOPIC)->topic, "in");
}

static void unchanged_offsets_are_not_sent_again(void **state)
{
    (void)state;
    start(NULL);
    send("a");
    fake_run();
    pass_interval();
    pass_interval();
    assert_int_equal(fake_consumer.commit_count, 1);
    assert_int_equal(cd_task_counters(rig.task)->commit_completions, 2);
}

static void a_late_answer_to_a_commit_is_skipped(void **state)
{
    (void)state;
    start(NULL);
    fake_consumer.hold_commits = true;
    send("a");
    fake_run();
    fake_pass(10001 + 5001); /* offset.flush.timeout.ms */
    assert_int_equal(cd_task_counters(rig.task)->commit_failures, 1);
    send("b");
    fake_run();
    pass_interval();
    assert_int_equal(fake_consumer.commits[fake_consumer.commit_count - 1].sequence, 2);
    fake_answer_commit(1, NULL);
    fake_run();
    assert_int_equal(cd_task_counters(rig.task)->commit_skips, 1);
    fake_answer_commit(2, NULL);
    fake_run();
    assert_int_equal(cd_task_counters(rig.task)->commit_successes, 1);
    fake_consumer.hold_commits = false;
}

static void a_refused_commit_does_not_fail_the_task(void **state)
{
    (void)state;
    start(NULL);
    fake_consumer.refuse_commit = "REBALANCE_IN_PROGRESS";
    send("a");
    fake_run();
    pass_interval();
    fake_consumer.refuse_commit = NULL;
    assert_int_equal(cd_task_counters(rig.task)->commit_failures, 1);
    assert_null(rig_find(CD_TASK_FAILED));
    pass_interval();
    assert_int_equal(cd_task_counters(rig.task)->commit_successes, 1);
}

/* ---- failing puts ---- */

static void a_retriable_put_is_put_again_whole_and_nothing_new_comes_between(void **state)
{
    (void)state;
    start(NULL);
    script.put_failures = 1;
    send("a");
    fake_run();
    send("b");
    fake_run();
    TABLE("");
    pass_interval(); /* the JVM waits for the next commit */
    TABLE("a;b;");
    assert_null(rig_find(CD_TASK_FAILED));
    assert_non_null(strstr(script.calls.ptr, "pR"));
}

static void the_plugins_own_limit_of_retries_holds(void **state)
{
    (void)state;
    script.limited = true;
    start(NULL);
    script.put_failures = 2;
    send("a");
    fake_run();
    fake_pass(1999);
    assert_null(rig_find(CD_TASK_FAILED));
    fake_pass(1);
    assert_non_null(rig_find(CD_TASK_FAILED));
    assert_non_null(strstr(rig_find(CD_TASK_FAILED)->trace,
                           "Exiting WorkerSinkTask due to unrecoverable exception."));
}

static void everything_since_the_last_flush_is_put_again(void **state)
{
    (void)state;
    start(NULL);
    fake_consumer.fetch_max = 1;
    script.poison = "c";
    send("a");
    send("b");
    send("c");
    fake_run();
    assert_non_null(rig_find(CD_TASK_FAILED));
    TABLE("");
    assert_int_equal(fake_committed(0), -1);
}

static void a_culprit_without_a_name_is_found_by_halves_and_buried(void **state)
{
    (void)state;
    start(tolerant);
    script.poison = "bad1";
    send("a");
    send("b");
    send("c");
    /* "bad1" would not pass the converter: */
    script.poison = "d";
    send("d");
    send("e");
    fake_run();
    TABLE("a;b;c;e;");
    assert_int_equal(fake_producer.count, 1);
    assert_string_equal(fake_producer.sent[0].topic, "dead");
    assert_string_equal(fake_producer.sent[0].value, "d");
    assert_non_null(strstr(fake_producer.sent[0].headers,
                           "__connect.errors.topic=in;__connect.errors.partition=0;"
                           "__connect.errors.offset=3;__connect.errors.connector.name=c;"
                           "__connect.errors.task.id=0;__connect.errors.stage=TASK_PUT;"));
    pass_interval();
    assert_int_equal(fake_committed(0), -1); /* the letter is not acknowledged yet */
    fake_ack_all();
    pass_interval();
    assert_int_equal(fake_committed(0), 5);
}

static void a_named_culprit_is_left_out_at_once(void **state)
{
    (void)state;
    start(tolerant);
    fake_consumer.fetch_max = 2;
    script.poison = "d";
    script.names_culprit = true;
    send("a");
    send("b");
    send("c");
    send("d");
    send("e");
    fake_run();
    TABLE("a;b;c;e;");
    assert_string_equal(fake_producer.sent[0].value, "d");
    fake_ack_all();
}

static void without_a_reporter_a_bad_put_fails_the_task_even_when_tolerant(void **state)
{
    (void)state;
    static const char *const settings[] = {"errors.tolerance=all", NULL};
    start(settings);
    script.poison = "a";
    send("a");
    fake_run();
    assert_non_null(rig_find(CD_TASK_FAILED));
}

static void a_bad_put_is_buried_before_the_task_fails(void **state)
{
    (void)state;
    start(strict);
    script.poison = "b";
    send("a");
    send("b");
    fake_run();
    assert_int_equal(fake_producer.count, 1);
    fake_ack_all();
    fake_run();
    assert_non_null(rig_find(CD_TASK_FAILED));
    TABLE("a;");
}

/* ---- the reporter ---- */

static void a_reported_record_is_acknowledged_before_its_offset_is_committed(void **state)
{
    (void)state;
    start(tolerant);
    script.errant = "b";
    send("a");
    send("b");
    send("c");
    fake_run();
    TABLE("a;c;");
    pass_interval();
    assert_int_equal(fake_committed(0), -1);
    fake_ack_all();
    fake_run();
    pass_interval();
    assert_int_equal(fake_committed(0), 3);
    assert_int_equal(cd_task_counters(rig.task)->dead_letter_requests, 1);
}

static void a_report_that_is_not_tolerated_fails_the_task_though_it_is_swallowed(void **state)
{
    (void)state;
    start(strict);
    script.errant = "b";
    script.swallow = true;
    send("b");
    fake_run();
    fake_ack_all();
    fake_run();
    assert_non_null(rig_find(CD_TASK_FAILED));
}

static void a_refused_dead_letter_fails_the_task(void **state)
{
    (void)state;
    start(tolerant);
    script.errant = "b";
    send("b");
    fake_run();
    fake_settle(0, "MSG_SIZE_TOO_LARGE");
    fake_run();
    const struct cd_task_event *failed = rig_find(CD_TASK_FAILED);
    assert_non_null(failed);
    assert_non_null(strstr(failed->trace, "dead letter queue"));
    assert_int_equal(fake_committed(0), -1);
}

/* ---- bad messages ---- */

static void a_message_that_cannot_be_converted_is_buried_and_passed_over(void **state)
{
    (void)state;
    start(tolerant);
    send("a");
    send("bad");
    send("c");
    fake_run();
    TABLE("a;c;");
    assert_int_equal(fake_producer.count, 1);
    assert_string_equal(fake_producer.sent[0].value, "bad");
    assert_non_null(strstr(fake_producer.sent[0].headers, "h=1;__connect.errors.topic=in;"));
    assert_non_null(strstr(fake_producer.sent[0].headers,
                           "__connect.errors.stage=VALUE_CONVERTER;"
                           "__connect.errors.class.name=test.RigConverter;"
                           "__connect.errors.exception.class.name=org.apache."
                           "kafka.connect.errors.DataException;"
                           "__connect.errors.exception.message=cannot convert "
                           "bad;"));
    fake_ack_all();
    pass_interval();
    assert_int_equal(fake_committed(0), 3);
}

static void a_message_that_cannot_be_converted_fails_a_strict_task_and_is_buried(void **state)
{
    (void)state;
    start(strict);
    send("a");
    fake_run();
    send("bad");
    fake_run();
    assert_int_equal(fake_producer.count, 1);
    fake_ack_all();
    fake_run();
    assert_non_null(rig_find(CD_TASK_FAILED));
    assert_int_equal(fake_committed(0), 1);
}

static void a_flaky_converter_is_tried_again(void **state)
{
    (void)state;
    static const char *const settings[] = {"errors.retry.timeout=6000", NULL};
    rig.flaky = 2;
    start(settings);
    send("a");
    send("flaky");
    fake_run();
    TABLE("");
    fake_pass(300 + 600);
    TABLE("a;flaky;");
}

/* ---- rebalances ---- */

static void revocation_flushes_commits_and_closes_before_it_is_answered(void **state)
{
    (void)state;
    start(NULL);
    fake_consumer.hold_commits = true;
    send("a");
    fake_event(CD_EVENT_REVOKE, zero, 1);
    fake_run();
    TABLE("");
    assert_int_equal(fake_consumer.revoked, 1); /* nothing had been consumed */
    fake_event(CD_EVENT_ASSIGN, zero, 1);
    fake_run();
    TABLE("a;");
    fake_event(CD_EVENT_REVOKE, zero, 1);
    fake_run();
    assert_int_equal(fake_consumer.revoked, 1); /* waits for the commit */
    assert_int_equal(fake_committed(0), 1);
    fake_answer_commit(fake_consumer.commits[0].sequence, NULL);
    fake_run();
    assert_int_equal(fake_consumer.revoked, 2);
    fake_consumer.hold_commits = false;
}

static void revocation_while_a_put_waits_lets_it_finish(void **state)
{
    (void)state;
    script.waits = "a";
    start(NULL);
    send("a");
    fake_run();
    fake_event(CD_EVENT_REVOKE, zero, 1);
    fake_run();
    fake_pass(500);
    TABLE("a;");
    assert_int_equal(fake_committed(0), 1);
    assert_int_equal(fake_consumer.revoked, 1);
}

static void revocation_while_the_target_fails_gives_up_what_is_not_flushed(void **state)
{
    (void)state;
    start(NULL);
    script.put_failures = 1000;
    send("a");
    fake_run();
    fake_event(CD_EVENT_REVOKE, zero, 1);
    fake_run();
    assert_int_equal(fake_consumer.revoked, 1);
    assert_int_equal(fake_committed(0), -1);
    script.put_failures = 0;
    fake_event(CD_EVENT_ASSIGN, zero, 1);
    fake_run();
    TABLE("a;");
}

static void losing_partitions_commits_nothing(void **state)
{
    (void)state;
    start(NULL);
    send("a");
    fake_run();
    fake_event(CD_EVENT_LOST, zero, 1);
    fake_run();
    pass_interval();
    assert_int_equal(fake_consumer.commit_count, 0);
    assert_int_equal(fake_consumer.revoked, 1);
}

static void a_partial_revocation_keeps_the_other_partition(void **state)
{
    (void)state;
    rig_task(CLASS, (const char *const[]){"topics=in", NULL}, false);
    fake_event(CD_EVENT_ASSIGN, both, 2);
    fake_run();
    fake_message(0, "k", "a");
    fake_message(1, "k", "b");
    fake_run();
    fake_event(CD_EVENT_REVOKE, zero, 1);
    fake_run();
    fake_message(1, "k", "c");
    fake_run();
    TABLE("a;b;c;");
    assert_int_equal(cd_task_counters(rig.task)->partition_count, 1);
    pass_interval();
    assert_int_equal(fake_committed(1), 2);
}

static void the_target_may_say_where_to_go_on(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        send("x");
    send("y");
    script.position = 5;
    start(NULL);
    TABLE("y;");
}

static void a_seek_by_the_plugin_reads_again(void **state)
{
    (void)state;
    script.seeks = "b";
    start(NULL);
    send("a");
    send("b");
    fake_run();
    TABLE("a;b;a;b;");
}

/* ---- life ---- */

static void pause_flushes_commits_and_keeps_the_group(void **state)
{
    (void)state;
    start(NULL);
    send("a");
    fake_run();
    cd_task_pause(rig.task);
    fake_run();
    assert_non_null(rig_find(CD_TASK_PAUSED));
    assert_int_equal(fake_committed(0), 1);
    send("b");
    fake_run();
    TABLE("a;");
    cd_task_resume(rig.task);
    fake_run();
    TABLE("a;b;");
    assert_int_equal(rig_count(CD_TASK_STARTED), 2);
    assert_int_equal(fake_consumer.opened, 1);
}

static void a_partition_assigned_during_a_pause_is_paused(void **state)
{
    (void)state;
    rig_task(CLASS, (const char *const[]){"topics=in", NULL}, false);
    cd_task_pause(rig.task);
    fake_run();
    fake_event(CD_EVENT_ASSIGN, zero, 1);
    fake_run();
    send("a");
    fake_run();
    TABLE("");
    cd_task_resume(rig.task);
    fake_run();
    TABLE("a;");
}

static void stop_flushes_commits_revokes_and_leaves(void **state)
{
    (void)state;
    start(NULL);
    send("a");
    fake_run();
    cd_task_stop(rig.task);
    fake_run();
    assert_non_null(rig_find(CD_TASK_STOPPED));
    assert_int_equal(fake_committed(0), 1);
    assert_string_equal(script.calls.ptr + script.calls.len - 2, "rc");
    assert_null(fake_consumer.open);
}

static void stop_while_the_target_fails_does_not_wait_for_it(void **state)
{
    (void)state;
    start(NULL);
    script.put_failures = 1000;
    send("a");
    fake_run();
    cd_task_stop(rig.task);
    fake_run();
    assert_non_null(rig_find(CD_TASK_STOPPED));
    assert_int_equal(fake_committed(0), -1);
}

static void a_stop_with_a_put_that_never_ends_keeps_to_the_time(void **state)
{
    (void)state;
    start(NULL);
    script.put_failures = 0;
    script.waits = "a";
    send("a");
    fake_run();
    fake_consumer.hold_commits = true;
    cd_task_stop(rig.task);
    fake_pass(5000);
    assert_non_null(rig_find(CD_TASK_STOPPED));
    fake_consumer.hold_commits = false;
}

static void a_task_created_paused_does_not_join_the_group(void **state)
{
    (void)state;
    rig_task(CLASS, (const char *const[]){"topics=in", NULL}, true);
    assert_int_equal(fake_consumer.opened, 0);
    assert_non_null(rig_find(CD_TASK_PAUSED));
}

static void healing_waits_for_the_target_and_says_so(void **state)
{
    (void)state;
    rig.config->healing = true;
    start(NULL);
    script.put_breaks = 3;
    send("a");
    fake_run();
    const struct cd_task_event *degraded = rig_find(CD_TASK_DEGRADED);
    assert_non_null(degraded);
    assert_true(degraded->until_ms > degraded->since_ms);
    fake_pass(10000);
    TABLE("a;");
    assert_non_null(rig_find(CD_TASK_HEALED));
    assert_null(rig_find(CD_TASK_FAILED));
}

static void without_healing_a_broken_target_fails_the_task(void **state)
{
    (void)state;
    start(NULL);
    script.put_breaks = 1;
    send("a");
    fake_run();
    assert_non_null(rig_find(CD_TASK_FAILED));
}

static void the_dead_letter_topic_is_created_when_it_is_missing(void **state)
{
    (void)state;
    start(tolerant);
    assert_string_equal(fake_admin.created, "dead");
    assert_int_equal(fake_admin.partitions, 1);
    assert_int_equal(fake_admin.replication, 3);
}

static void a_waiting_task_keeps_its_group(void **state)
{
    (void)state;
    static const char *const settings[] = {"consumer.override.max.poll.interval.ms=3000", NULL};
    start(settings);
    size_t before = fake_scheduler.steps;
    fake_pass(9000);
    assert_true(fake_scheduler.steps - before >= 9);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(messages_are_put_and_flushed_at_once_when_no_more_are_ready),
        TEST(a_flood_is_flushed_in_large_units),
        TEST(kafka_offsets_follow_the_flush_never_lead_it),
        TEST(filtered_messages_are_committed_past),
        TEST(a_put_that_waits_is_called_again_with_the_same_batch),
        TEST(the_first_message_of_a_topic_is_told),
        TEST(unchanged_offsets_are_not_sent_again),
        TEST(a_late_answer_to_a_commit_is_skipped),
        TEST(a_refused_commit_does_not_fail_the_task),
        TEST(a_retriable_put_is_put_again_whole_and_nothing_new_comes_between),
        TEST(the_plugins_own_limit_of_retries_holds),
        TEST(everything_since_the_last_flush_is_put_again),
        TEST(a_culprit_without_a_name_is_found_by_halves_and_buried),
        TEST(a_named_culprit_is_left_out_at_once),
        TEST(without_a_reporter_a_bad_put_fails_the_task_even_when_tolerant),
        TEST(a_bad_put_is_buried_before_the_task_fails),
        TEST(a_reported_record_is_acknowledged_before_its_offset_is_committed),
        TEST(a_report_that_is_not_tolerated_fails_the_task_though_it_is_swallowed),
        TEST(a_refused_dead_letter_fails_the_task),
        TEST(a_message_that_cannot_be_converted_is_buried_and_passed_over),
        TEST(a_message_that_cannot_be_converted_fails_a_strict_task_and_is_buried),
        TEST(a_flaky_converter_is_tried_again),
        TEST(revocation_flushes_commits_and_closes_before_it_is_answered),
        TEST(revocation_while_a_put_waits_lets_it_finish),
        TEST(revocation_while_the_target_fails_gives_up_what_is_not_flushed),
        TEST(losing_partitions_commits_nothing),
        TEST(a_partial_revocation_keeps_the_other_partition),
        TEST(the_target_may_say_where_to_go_on),
        TEST(a_seek_by_the_plugin_reads_again),
        TEST(pause_flushes_commits_and_keeps_the_group),
        TEST(a_partition_assigned_during_a_pause_is_paused),
        TEST(stop_flushes_commits_revokes_and_leaves),
        TEST(stop_while_the_target_fails_does_not_wait_for_it),
        TEST(a_stop_with_a_put_that_never_ends_keeps_to_the_time),
        TEST(a_task_created_paused_does_not_join_the_group),
        TEST(healing_waits_for_the_target_and_says_so),
        TEST(without_healing_a_broken_target_fails_the_task),
        TEST(the_dead_letter_topic_is_created_when_it_is_missing),
        TEST(a_waiting_task_keeps_its_group),
    };
    cd_log_set_level("root", CD_LOG_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
