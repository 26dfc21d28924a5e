#include "kafka/ledger.h"
#include "tests/unit/kafka/kafka_test.h"

struct fixture {
    struct cd_mock *mock;
    struct cd_ledgers *ledgers;
    struct cd_config *producer;
    struct cd_config *consumer;
};

/* What `apply` has seen. Read by the test after a barrier. */
struct seen {
    char text[512];
    int replayed;
    int count;
};

struct outcome {
    struct flag told;
    struct cd_error err;
    int order; /* among all that were told */
};

static atomic_int told_so_far;

static int set_up(void **state)
{
    struct fixture *f = cd_new(struct fixture);
    struct cd_error err = CD_ERROR_INIT;
    f->mock = start_mock(1);
    f->ledgers = cd_ledgers_start(NULL, &err);
    assert_good(f->ledgers != NULL, err);
    f->producer =
        CONFIG("acks=all", "max.in.flight.requests.per.connection=1", "enable.idempotence=false",
               "delivery.timeout.ms=2147483647", "reconnect.backoff.max.ms=100");
    f->consumer = CONFIG("auto.offset.reset=earliest", "reconnect.backoff.max.ms=100");
    cd_config_set(f->producer, "bootstrap.servers", cd_mock_bootstrap(f->mock));
    cd_config_set(f->consumer, "bootstrap.servers", cd_mock_bootstrap(f->mock));
    command(f->mock, "topic log 3");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    cd_ledgers_stop(f->ledgers);
    cd_config_free(f->producer);
    cd_config_free(f->consumer);
    cd_mock_stop(f->mock);
    free(f);
    return 0;
}

static void note(void *arg, const struct cd_ledger_record *record)
{
    struct seen *seen = arg;
    size_t used = strlen(seen->text);
    (void)snprintf(seen->text + used, sizeof(seen->text) - used, "%.*s=%.*s%s ",
                   CD_SLICE_ARG(record->key), CD_SLICE_ARG(record->value),
                   record->value.ptr == NULL ? "gone" : "");
    seen->replayed += record->replayed ? 1 : 0;
    seen->count++;
}

static struct cd_ledger *open_ledger(struct fixture *f, const char *topic, struct seen *seen)
{
    struct cd_error err = CD_ERROR_INIT;
    const struct cd_ledger_options options = {.topic = topic,
                                              .java_producer = f->producer,
                                              .java_consumer = f->consumer,
                                              .client_id = "l",
                                              .apply = note,
                                              .arg = seen};
    struct cd_ledger *ledger =
        cd_ledger_open(f->ledgers, &options, cd_clock_ms() + PATIENCE_MS, &err);
    assert_good(ledger != NULL, err);
    return ledger;
}

static void outcome_init(struct outcome *outcome)
{
    flag_init(&outcome->told);
    cd_error_reset(&outcome->err);
}

static void on_done(void *arg, const struct cd_error *err)
{
    struct outcome *outcome = arg;
    outcome->err = *err;
    outcome->order = atomic_fetch_add(&told_so_far, 1);
    flag_raise(&outcome->told);
}

static void expect_good(struct outcome *outcome)
{
    (void)flag_wait(&outcome->told, 0);
    assert_good(outcome->err.code == CD_OK, outcome->err);
    flag_done(&outcome->told);
}

static void write_one(struct cd_ledger *ledger, const char *key, const char *value,
                      struct outcome *outcome)
{
    const struct cd_ledger_write write = {cd_slice(key), cd_slice(value)};
    outcome_init(outcome);
    cd_ledger_write(ledger, &write, 1, on_done, outcome);
}

static void write_good(struct cd_ledger *ledger, const char *key, const char *value)
{
    struct outcome outcome;
    write_one(ledger, key, value, &outcome);
    expect_good(&outcome);
}

static void read_good(struct cd_ledger *ledger)
{
    struct outcome outcome;
    outcome_init(&outcome);
    cd_ledger_read_to_end(ledger, cd_clock_ms() + PATIENCE_MS, on_done, &outcome);
    expect_good(&outcome);
}

static void an_empty_topic_opens_at_once(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {"", 0, 0};
    struct cd_ledger *ledger = open_ledger(f, "log", &seen);
    assert_int_equal(seen.count, 0);
    assert_int_equal(cd_ledger_position(ledger), 0);
    cd_ledger_close(ledger, 0);
}

static void who_writes_reads_it_after_the_barrier(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {"", 0, 0};
    struct cd_ledger *ledger = open_ledger(f, "log", &seen);
    write_good(ledger, "a", "1");
    write_good(ledger, "a", "2");
    write_good(ledger, "a", NULL);
    read_good(ledger);
    assert_string_equal(seen.text, "a=1 a=2 a=gone ");
    assert_int_equal(seen.replayed, 0);
    cd_ledger_close(ledger, 0);
}

static void opening_reads_what_is_there(void **state)
{
    struct fixture *f = *state;
    struct seen first = {"", 0, 0};
    struct seen second = {"", 0, 0};
    struct cd_ledger *writer = open_ledger(f, "log", &first);
    for (int i = 0; i < 20; i++) {
        char key[8];
        (void)snprintf(key, sizeof(key), "k%d", i);
        write_good(writer, key, "v");
    }
    struct cd_ledger *reader = open_ledger(f, "log", &second);
    assert_int_equal(second.count, 20);
    assert_int_equal(second.replayed, 20);
    write_good(writer, "later", "v");
    read_good(reader);
    assert_int_equal(second.count, 21);
    assert_int_equal(second.replayed, 20);
    cd_ledger_close(writer, 0);
    cd_ledger_close(reader, 0);
}

static void records_written_together_are_told_once_and_stay_in_order(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {"", 0, 0};
    struct outcome outcome;
    command(f->mock, "topic single 1");
    struct cd_ledger *ledger = open_ledger(f, "single", &seen);
    const struct cd_ledger_write writes[] = {{cd_slice("x"), cd_slice("1")},
                                             {cd_slice("y"), cd_slice("2")},
                                             {cd_slice("z"), cd_slice("3")}};
    outcome_init(&outcome);
    cd_ledger_write(ledger, writes, 3, on_done, &outcome);
    (void)flag_wait(&outcome.told, 0);
    read_good(ledger);
    assert_int_equal(outcome.told.count, 1);
    assert_string_equal(seen.text, "x=1 y=2 z=3 ");
    assert_int_equal(cd_ledger_position(ledger), 3);
    flag_done(&outcome.told);
    cd_ledger_close(ledger, 0);
}

static void nothing_to_write_is_done_too(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {"", 0, 0};
    struct outcome outcome;
    struct cd_ledger *ledger = open_ledger(f, "log", &seen);
    outcome_init(&outcome);
    cd_ledger_write(ledger, NULL, 0, on_done, &outcome);
    expect_good(&outcome);
    cd_ledger_close(ledger, 0);
}

static void a_refused_write_says_why(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {"", 0, 0};
    struct outcome outcome;
    struct cd_ledger *ledger = open_ledger(f, "log", &seen);
    command(f->mock, "error Produce TOPIC_AUTHORIZATION_FAILED");
    write_one(ledger, "a", "1", &outcome);
    (void)flag_wait(&outcome.told, 0);
    assert_string_equal(outcome.err.native, "TOPIC_AUTHORIZATION_FAILED");
    assert_non_null(strstr(outcome.err.msg, "topic 'log'"));
    flag_done(&outcome.told);
    char *large = cd_alloc(2000001);
    memset(large, 'x', 2000000);
    write_one(ledger, "a", large, &outcome);
    (void)flag_wait(&outcome.told, 0);
    assert_int_equal(outcome.err.code, CD_ERR_DATA);
    flag_done(&outcome.told);
    free(large);
    cd_ledger_close(ledger, 0);
}

static void an_outage_delays_writes_and_ends_barriers(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {"", 0, 0};
    struct outcome written;
    struct outcome barrier;
    struct cd_ledger *ledger = open_ledger(f, "log", &seen);
    command(f->mock, "down 1");
    write_one(ledger, "a", "1", &written);
    outcome_init(&barrier);
    cd_ledger_read_to_end(ledger, cd_clock_ms() + 300, on_done, &barrier);
    (void)flag_wait(&barrier.told, 0);
    assert_int_equal(barrier.err.code, CD_ERR_TIMEOUT);
    assert_non_null(strstr(barrier.err.msg, "'log' to its end"));
    flag_done(&barrier.told);
    assert_int_equal(flag_count(&written.told), 0);
    command(f->mock, "up 1");
    expect_good(&written);
    read_good(ledger);
    assert_string_equal(seen.text, "a=1 ");
    cd_ledger_close(ledger, 0);
}

static void closing_gives_up_what_cannot_be_written_in_time(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {"", 0, 0};
    struct outcome written;
    struct outcome barrier;
    struct cd_ledger *ledger = open_ledger(f, "log", &seen);
    command(f->mock, "down 1");
    write_one(ledger, "a", "1", &written);
    outcome_init(&barrier);
    cd_ledger_read_to_end(ledger, INT64_MAX, on_done, &barrier);
    cd_ledger_close(ledger, cd_clock_ms() + 50);
    (void)flag_wait(&written.told, 0);
    (void)flag_wait(&barrier.told, 0);
    assert_int_equal(written.err.code, CD_ERR_CANCELLED);
    assert_int_equal(barrier.err.code, CD_ERR_CANCELLED);
    flag_done(&written.told);
    flag_done(&barrier.told);
}

static void closing_waits_for_writes_under_way(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {"", 0, 0};
    struct outcome written;
    struct cd_ledger *ledger = open_ledger(f, "log", &seen);
    command(f->mock, "rtt 1 200");
    write_one(ledger, "a", "1", &written);
    cd_ledger_close(ledger, cd_clock_ms() + PATIENCE_MS);
    assert_int_equal(flag_count(&written.told), 1);
    expect_good(&written);
}

static void without_brokers_opening_ends_at_its_deadline(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {"", 0, 0};
    struct cd_error err = CD_ERROR_INIT;
    const struct cd_ledger_options options = {.topic = "log",
                                              .java_producer = f->producer,
                                              .java_consumer = f->consumer,
                                              .client_id = "l",
                                              .apply = note,
                                              .arg = &seen};
    command(f->mock, "down 1");
    assert_null(cd_ledger_open(f->ledgers, &options, cd_clock_ms() + 500, &err));
    assert_true(cd_is_environment(&err));
    assert_non_null(strstr(err.msg, "opening topic 'log'"));
    command(f->mock, "up 1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_topic_opens_at_once),
        TEST(who_writes_reads_it_after_the_barrier),
        TEST(opening_reads_what_is_there),
        TEST(records_written_together_are_told_once_and_stay_in_order),
        TEST(nothing_to_write_is_done_too),
        TEST(a_refused_write_says_why),
        TEST(an_outage_delays_writes_and_ends_barriers),
        TEST(closing_gives_up_what_cannot_be_written_in_time),
        TEST(closing_waits_for_writes_under_way),
        TEST(without_brokers_opening_ends_at_its_deadline),
    };
    return run_side_by_side(tests, sizeof(tests) / sizeof(tests[0]));
}
