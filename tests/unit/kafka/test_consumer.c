#include "kafka/consumer.h"
#include "tests/unit/kafka/kafka_test.h"

struct member {
    struct cd_consumer *consumer;
    struct flag woken;
    int assigned; /* partitions */
    int rebalances;
    uint64_t committed; /* the last sequence */
    struct cd_error err;
    int64_t start_at; /* offset given at assignment; -1: the group's */
};

struct fixture {
    struct cd_mock *mock;
    struct cd_config *java;
    struct member a;
    struct member b;
};

static int set_up(void **state)
{
    struct fixture *f = cd_new(struct fixture);
    f->mock = start_mock(1);
    f->java =
        CONFIG("group.id=g", "auto.offset.reset=earliest", "session.timeout.ms=6000",
               "heartbeat.interval.ms=100", "reconnect.backoff.max.ms=100", "fetch.max.wait.ms=50");
    cd_config_set(f->java, "bootstrap.servers", cd_mock_bootstrap(f->mock));
    flag_init(&f->a.woken);
    flag_init(&f->b.woken);
    f->a.start_at = f->b.start_at = -1;
    command(f->mock, "topic t 2");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    cd_config_free(f->java);
    cd_mock_stop(f->mock);
    flag_done(&f->a.woken);
    flag_done(&f->b.woken);
    free(f);
    return 0;
}

/* "0", "1", ... as values of partition 0 of `topic`. */
static void produce(struct fixture *f, const char *topic, int count, size_t size)
{
    char text[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    (void)rd_kafka_conf_set(conf, "bootstrap.servers", cd_mock_bootstrap(f->mock), text,
                            sizeof(text));
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    assert_non_null(rk);
    char *value = cd_alloc(size + 16);
    for (int i = 0; i < count; i++) {
        int len = snprintf(value, 16, "%d", i);
        const rd_kafka_vu_t args[] = {
            {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = topic},
            {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = 0},
            {.vtype = RD_KAFKA_VTYPE_VALUE,
             .u.mem = {value, size > (size_t)len ? size : (size_t)len}},
            {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK},
            {.vtype = RD_KAFKA_VTYPE_HEADER, .u.header = {"h", "v", 1}},
            {.vtype = RD_KAFKA_VTYPE_HEADER, .u.header = {"n", NULL, 0}},
        };
        assert_null(rd_kafka_produceva(rk, args, sizeof(args) / sizeof(args[0])));
    }
    assert_int_equal(rd_kafka_flush(rk, PATIENCE_MS), 0);
    rd_kafka_destroy(rk);
    free(value);
}

static void open_member(struct fixture *f, struct member *m, const char *regex, size_t bytes_max)
{
    static const char *const names[] = {"t"};
    const struct cd_strings topics = {names, 1};
    struct cd_consumer_options options = {.java = f->java,
                                          .client_id = "c",
                                          .topics = regex == NULL ? &topics : NULL,
                                          .topics_regex = regex,
                                          .bytes_max = bytes_max,
                                          .wake = flag_raise,
                                          .wake_arg = &m->woken};
    struct cd_error err = CD_ERROR_INIT;
    m->consumer = cd_consumer_open(&options, &err);
    assert_good(m->consumer != NULL, err);
}

/* What a task does with events. */
static void serve(struct member *m)
{
    struct cd_consumer_message message;
    struct cd_error err = CD_ERROR_INIT;
    while (cd_consumer_event(m->consumer, &message) != CD_EVENT_NONE) {
        switch (message.event) {
        case CD_EVENT_ASSIGN:
            for (size_t i = 0; i < message.partitions.count; i++)
                message.partitions.list[i].offset = m->start_at;
            assert_good(cd_consumer_assigned(m->consumer, &message.partitions, &err), err);
            m->assigned += (int)message.partitions.count;
            m->rebalances++;
            break;
        case CD_EVENT_REVOKE:
        case CD_EVENT_LOST:
            assert_good(cd_consumer_revoked(m->consumer, &message.partitions, &err), err);
            m->assigned -= (int)message.partitions.count;
            break;
        case CD_EVENT_COMMITTED:
            m->committed = message.sequence;
            m->err = message.err;
            break;
        case CD_EVENT_ERROR:
            m->err = message.err;
            break;
        case CD_EVENT_NONE:
            break;
        }
        cd_assignment_done(&message.partitions);
    }
}

/* Serves events until `done` says so. */
static void serve_until(struct member *m, bool (*done)(const struct member *m))
{
    for (;;) {
        int seen = flag_count(&m->woken);
        serve(m);
        if (done(m))
            return;
        (void)flag_wait(&m->woken, seen);
    }
}

static bool has_committed(const struct member *m)
{
    return m->committed != 0;
}

static bool has_failed(const struct member *m)
{
    return m->err.code != CD_OK;
}

/* Waits for the next messages. */
static size_t fetch(struct member *m, size_t count_max, struct cd_fetch **ret)
{
    for (;;) {
        int seen = flag_count(&m->woken);
        serve(m);
        size_t count = cd_consumer_fetch(m->consumer, count_max, ret);
        if (count > 0)
            return count;
        (void)flag_wait(&m->woken, seen);
    }
}

static long number(const struct cd_incoming *message)
{
    char text[16] = "";
    memcpy(text, message->value.ptr, message->value.len < 15 ? message->value.len : 15);
    return strtol(text, NULL, 10);
}

/* Expects the values first, first + 1, ... up to below `end`. */
static void expect_numbers(struct member *m, long first, long end)
{
    for (long next = first; next < end;) {
        struct cd_fetch *set = NULL;
        size_t count = fetch(m, 500, &set);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(number(&cd_fetch_messages(set)[i]), next++);
        cd_fetch_free(set);
    }
}

static void close_member(struct member *m)
{
    cd_consumer_close(m->consumer);
    for (int seen = 0; !cd_consumer_closed(m->consumer);)
        seen = flag_wait(&m->woken, seen);
    cd_consumer_free(m->consumer);
    m->consumer = NULL;
}

static void messages_come_in_order_with_all_they_carry(void **state)
{
    struct fixture *f = *state;
    struct cd_fetch *set = NULL;
    produce(f, "t", 3, 0);
    open_member(f, &f->a, NULL, 1 << 20);
    assert_int_equal(fetch(&f->a, 1, &set), 1);
    const struct cd_incoming *message = cd_fetch_messages(set);
    assert_true(cd_slice_is(message->topic, "t"));
    assert_int_equal(message->partition, 0);
    assert_int_equal(message->offset, 0);
    assert_null(message->key.ptr);
    assert_true(cd_slice_is(message->value, "0"));
    assert_int_equal(message->timestamp_type, CD_TIMESTAMP_CREATE);
    struct cd_batch *batch = cd_batch_new(1 << 16, 1 << 16);
    struct cd_header *headers = NULL;
    uint32_t count = 0;
    struct cd_error err = CD_ERROR_INIT;
    assert_good(cd_fetch_headers(message, batch, &headers, &count, &err), err);
    assert_int_equal(count, 2);
    assert_true(cd_slice_is(headers[0].name, "h"));
    assert_true(cd_slice_is(cd_value_slice(headers[0].value), "v"));
    assert_true(cd_is_null(headers[1].value));
    batch->release = cd_fetch_free;
    batch->release_arg = set;
    cd_batch_free(batch);
    expect_numbers(&f->a, 1, 3);
    assert_int_equal(f->a.assigned, 2);
    assert_int_equal(cd_consumer_lag(f->a.consumer, cd_slice("t"), 0, 1), 2);
    close_member(&f->a);
}

static void a_commit_tells_its_outcome_and_the_next_member_goes_on_there(void **state)
{
    struct fixture *f = *state;
    const struct cd_topic_partition here = {cd_slice("t"), 0, 4};
    struct cd_error err = CD_ERROR_INIT;
    produce(f, "t", 10, 0);
    open_member(f, &f->a, NULL, 1 << 20);
    expect_numbers(&f->a, 0, 10);
    assert_good(cd_consumer_commit(f->a.consumer, &here, 1, 77, &err), err);
    serve_until(&f->a, has_committed);
    assert_int_equal(f->a.committed, 77);
    assert_int_equal(f->a.err.code, CD_OK);
    close_member(&f->a);
    open_member(f, &f->b, NULL, 1 << 20);
    expect_numbers(&f->b, 4, 10);
    close_member(&f->b);
}

static void a_refused_commit_says_why(void **state)
{
    struct fixture *f = *state;
    const struct cd_topic_partition here = {cd_slice("t"), 0, 1};
    struct cd_error err = CD_ERROR_INIT;
    produce(f, "t", 1, 0);
    open_member(f, &f->a, NULL, 1 << 20);
    expect_numbers(&f->a, 0, 1);
    command(f->mock, "error OffsetCommit GROUP_AUTHORIZATION_FAILED");
    assert_good(cd_consumer_commit(f->a.consumer, &here, 1, 5, &err), err);
    serve_until(&f->a, has_committed);
    assert_string_equal(f->a.err.native, "GROUP_AUTHORIZATION_FAILED");
    assert_false(f->a.err.retriable);
    close_member(&f->a);
}

static void the_target_may_say_where_to_start(void **state)
{
    struct fixture *f = *state;
    produce(f, "t", 10, 0);
    f->a.start_at = 7;
    open_member(f, &f->a, NULL, 1 << 20);
    expect_numbers(&f->a, 7, 10);
    close_member(&f->a);
}

static void a_paused_partition_rewinds_and_goes_on(void **state)
{
    struct fixture *f = *state;
    const struct cd_topic_partition all[] = {{cd_slice("t"), 0, -1}, {cd_slice("t"), 1, -1}};
    const struct cd_topic_partition back = {cd_slice("t"), 0, 3};
    struct cd_error err = CD_ERROR_INIT;
    struct cd_fetch *set = NULL;
    produce(f, "t", 2000, 0);
    open_member(f, &f->a, NULL, 1 << 20);
    expect_numbers(&f->a, 0, 5); /* more is queued */
    cd_consumer_pause(f->a.consumer, all, 2);
    assert_good(cd_consumer_seek(f->a.consumer, &back, 1, &err), err);
    serve(&f->a);
    assert_int_equal(cd_consumer_fetch(f->a.consumer, 500, &set), 0);
    cd_consumer_resume(f->a.consumer, all, 2);
    expect_numbers(&f->a, 3, 2000);
    close_member(&f->a);
}

static void seeking_drops_what_was_fetched(void **state)
{
    struct fixture *f = *state;
    const struct cd_topic_partition back = {cd_slice("t"), 0, 0};
    struct cd_error err = CD_ERROR_INIT;
    produce(f, "t", 1000, 0);
    open_member(f, &f->a, NULL, 1 << 20);
    for (int round = 0; round < 3; round++) {
        struct cd_fetch *set = NULL;
        assert_true(fetch(&f->a, 10, &set) > 0);
        assert_int_equal(number(cd_fetch_messages(set)), 0);
        cd_fetch_free(set);
        assert_good(cd_consumer_seek(f->a.consumer, &back, 1, &err), err);
    }
    close_member(&f->a);
}

/* A flag for both members would need a third; so they are looked at in turn, a little apart. */
static void serve_both_until(struct fixture *f, int a_assigned, int b_assigned)
{
    int64_t deadline_ms = cd_clock_ms() + PATIENCE_MS;
    while (f->a.assigned != a_assigned || f->b.assigned != b_assigned) {
        if (cd_clock_ms() > deadline_ms)
            fail_msg("assigned: %d and %d", f->a.assigned, f->b.assigned);
        serve(&f->a);
        if (f->b.consumer != NULL)
            serve(&f->b);
        cd_mutex_lock(&f->a.woken.lock);
        (void)cd_cond_wait(&f->a.woken.raised, &f->a.woken.lock, cd_clock_ms() + 20);
        cd_mutex_unlock(&f->a.woken.lock);
    }
}

static void two_members_share_and_one_takes_over(void **state)
{
    struct fixture *f = *state;
    open_member(f, &f->a, NULL, 1 << 20);
    serve_both_until(f, 2, 0);
    open_member(f, &f->b, NULL, 1 << 20);
    serve_both_until(f, 1, 1);
    close_member(&f->b);
    f->b.assigned = 0;
    serve_both_until(f, 2, 0);
    close_member(&f->a);
}

static void cooperative_members_keep_what_they_have(void **state)
{
    struct fixture *f = *state;
    cd_config_set(f->java, "partition.assignment.strategy",
                  "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
    two_members_share_and_one_takes_over(state);
}

static void a_pattern_finds_topics_created_later(void **state)
{
    struct fixture *f = *state;
    cd_config_set(f->java, "metadata.max.age.ms", "100");
    open_member(f, &f->a, "(?:t|o.*s)", 1 << 20);
    produce(f, "t", 1, 0);
    expect_numbers(&f->a, 0, 1);
    command(f->mock, "topic tt 1"); /* Java matches the whole name */
    command(f->mock, "topic orders 3");
    serve_both_until(f, 5, 0);
    produce(f, "orders", 2, 0);
    close_member(&f->a);
}

static void a_broken_pattern_is_refused(void **state)
{
    struct fixture *f = *state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_consumer_options options = {
        .java = f->java, .client_id = "c", .topics_regex = "a(", .bytes_max = 1 << 20};
    assert_null(cd_consumer_open(&options, &err));
    assert_int_equal(err.code, CD_ERR_CONFIG);
}

/* 20,000 messages through a queue of 1,000: librdkafka alone would rest a second after each. */
static void a_small_queue_is_no_brake(void **state)
{
    struct fixture *f = *state;
    produce(f, "t", 20000, 100);
    int64_t start_ms = cd_clock_ms();
    open_member(f, &f->a, NULL, 256 * 1024);
    expect_numbers(&f->a, 0, 20000);
    assert_in_range(cd_clock_ms() - start_ms, 0, 8000);
    close_member(&f->a);
}

static void a_fetched_set_outlives_its_consumer(void **state)
{
    struct fixture *f = *state;
    struct cd_fetch *set = NULL;
    produce(f, "t", 3, 0);
    open_member(f, &f->a, NULL, 1 << 20);
    assert_true(fetch(&f->a, 500, &set) > 0);
    cd_consumer_free(f->a.consumer); /* abandoned: not closed */
    assert_int_equal(number(cd_fetch_messages(set)), 0);
    cd_fetch_free(set);
}

static void a_position_that_is_gone_is_an_error(void **state)
{
    struct fixture *f = *state;
    cd_config_set(f->java, "auto.offset.reset", "none");
    produce(f, "t", 3, 0);
    open_member(f, &f->a, NULL, 1 << 20);
    struct cd_fetch *set = NULL;
    for (;;) {
        int seen = flag_count(&f->a.woken);
        serve(&f->a);
        assert_int_equal(cd_consumer_fetch(f->a.consumer, 10, &set), 0);
        serve(&f->a);
        if (has_failed(&f->a))
            break;
        (void)flag_wait(&f->a.woken, seen);
    }
    assert_false(f->a.err.retriable);
    assert_non_null(strstr(f->a.err.msg, "auto.offset.reset"));
    close_member(&f->a);
}

static void without_a_group_there_is_no_consumer(void **state)
{
    struct fixture *f = *state;
    struct cd_error err = CD_ERROR_INIT;
    cd_config_remove(f->java, "group.id");
    struct cd_consumer_options options = {.java = f->java, .client_id = "c"};
    assert_null(cd_consumer_open(&options, &err));
    assert_non_null(strstr(err.msg, "group.id"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(messages_come_in_order_with_all_they_carry),
        TEST(a_commit_tells_its_outcome_and_the_next_member_goes_on_there),
        TEST(a_refused_commit_says_why),
        TEST(the_target_may_say_where_to_start),
        TEST(a_paused_partition_rewinds_and_goes_on),
        TEST(seeking_drops_what_was_fetched),
        TEST(two_members_share_and_one_takes_over),
        TEST(cooperative_members_keep_what_they_have),
        TEST(a_pattern_finds_topics_created_later),
        TEST(a_broken_pattern_is_refused),
        TEST(a_small_queue_is_no_brake),
        TEST(a_fetched_set_outlives_its_consumer),
        TEST(a_position_that_is_gone_is_an_error),
        TEST(without_a_group_there_is_no_consumer),
    };
    return run_side_by_side(tests, sizeof(tests) / sizeof(tests[0]));
}
