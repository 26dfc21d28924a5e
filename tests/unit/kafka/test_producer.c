#include "kafka/producer.h"
#include "tests/unit/kafka/kafka_test.h"

struct fixture {
    struct cd_mock *mock;
    struct cd_producers *pool;
    struct cd_config *java;
    struct flag woken;
    atomic_int refused;
};

static int set_up(void **state)
{
    struct fixture *f = cd_new(struct fixture);
    f->mock = start_mock(1);
    f->pool = cd_producers_new(NULL);
    f->java = CONFIG("enable.idempotence=false", "max.in.flight.requests.per.connection=1",
                     "delivery.timeout.ms=2147483647", "reconnect.backoff.max.ms=100");
    cd_config_set(f->java, "bootstrap.servers", cd_mock_bootstrap(f->mock));
    flag_init(&f->woken);
    command(f->mock, "topic t 4");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    cd_producers_free(f->pool);
    cd_config_free(f->java);
    cd_mock_stop(f->mock);
    flag_done(&f->woken);
    free(f);
    return 0;
}

static void count_refused(void *arg, struct cd_batch *batch, struct cd_slice topic,
                          const struct cd_error *err)
{
    struct fixture *f = CD_CONTAINER_OF(arg, struct fixture, woken);
    assert_non_null(batch);
    assert_true(cd_slice_is(topic, "t"));
    assert_int_not_equal(err->code, CD_OK);
    (void)atomic_fetch_add(&f->refused, 1);
}

static struct cd_producer *lease(struct fixture *f, const char *client_id, size_t bytes_max)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_producer_options options = {.java = f->java,
                                          .client_id = client_id,
                                          .bytes_max = bytes_max,
                                          .wake = flag_raise,
                                          .wake_arg = &f->woken,
                                          .refused = count_refused};
    struct cd_producer *producer = cd_producer_lease(f->pool, &options, &err);
    assert_good(producer != NULL, err);
    return producer;
}

static struct cd_batch *new_batch(void)
{
    return cd_batch_new(1 << 20, 1 << 20);
}

/* A record to partition 0 of "t" whose bytes live in the batch. */
static enum cd_produce send_text(struct cd_producer *producer, struct cd_batch *batch,
                                 const char *text, struct cd_error *err)
{
    struct cd_outgoing record = {.topic = cd_slice("t"),
                                 .timestamp_ms = CD_NO_TIMESTAMP,
                                 .value = cd_batch_copy(batch, cd_slice(text), err)};
    return cd_producer_send(producer, batch, &record, err);
}

static void send_good(struct cd_producer *producer, struct cd_batch *batch, const char *text)
{
    struct cd_error err = CD_ERROR_INIT;
    enum cd_produce outcome = send_text(producer, batch, text, &err);
    if (outcome != CD_PRODUCE_SENT)
        fail_msg("outcome %d: %s", (int)outcome, err.msg);
}

static void wait_settled(struct fixture *f, const struct cd_batch *batch)
{
    for (int seen = 0; !cd_batch_settled(batch);)
        seen = flag_wait(&f->woken, seen);
}

static void a_batch_settles_when_the_last_record_is_safe(void **state)
{
    struct fixture *f = *state;
    struct cd_producer *producer = lease(f, "a", 0);
    struct cd_batch *batch = new_batch();
    cd_batch_sending(batch);
    for (int i = 0; i < 1000; i++)
        send_good(producer, batch, "hello");
    (void)cd_batch_sent(batch);
    wait_settled(f, batch);
    assert_int_equal(batch->failed, 0);
    assert_int_equal(cd_producer_charged(producer), 0);
    struct cd_producer_stats stats;
    cd_producers_stats(f->pool, &stats);
    assert_int_equal(stats.sent_records, 1000);
    assert_int_equal(stats.handles, 1);
    assert_true(stats.connections > 0);
    cd_batch_free(batch);
    cd_producer_return(producer);
}

static void a_batch_cannot_settle_while_it_is_being_sent(void **state)
{
    struct fixture *f = *state;
    struct cd_producer *producer = lease(f, "a", 0);
    struct cd_batch *first = new_batch();
    struct cd_batch *second = new_batch();
    cd_batch_sending(first);
    send_good(producer, first, "x");
    cd_batch_sending(second);
    send_good(producer, second, "y");
    (void)cd_batch_sent(second);
    wait_settled(f, second); /* so the first's report has come as well, being older */
    assert_false(cd_batch_settled(first));
    assert_true(cd_batch_sent(first));
    assert_true(cd_batch_settled(first));
    cd_batch_free(first);
    cd_batch_free(second);
    cd_producer_return(producer);
}

static void a_batch_of_nothing_settles_at_once(void **state)
{
    (void)state;
    struct cd_batch *batch = new_batch();
    cd_batch_sending(batch);
    assert_true(cd_batch_sent(batch));
    cd_batch_free(batch);
}

struct seen {
    int32_t partition[8];
    char text[256];
};

static void note_partition(void *arg, const rd_kafka_message_t *message)
{
    struct seen *seen = arg;
    seen->partition[*(const char *)message->payload - '0'] = message->partition;
}

/* Figures of org.apache.kafka.common.utils.Utils.murmur2, as its own test has them. */
static void keyed_records_land_where_java_would_put_them(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *key;
        int32_t murmur2;
    } rows[] = {{"21", -973932308},
                {"foobar", -790332482},
                {"a-little-bit-long-string", -985981536},
                {"abc", 479470107}};
    struct cd_producer *producer = lease(f, "a", 0);
    struct cd_batch *batch = new_batch();
    struct cd_error err = CD_ERROR_INIT;
    cd_batch_sending(batch);
    for (int i = 0; i < 4; i++) {
        char digit[2] = {(char)('0' + i), '\0'};
        struct cd_outgoing record = {.topic = cd_slice("t"),
                                     .partition = CD_NO_PARTITION,
                                     .timestamp_ms = CD_NO_TIMESTAMP,
                                     .key = cd_slice(rows[i].key),
                                     .value = cd_batch_copy(batch, cd_slice(digit), &err)};
        assert_int_equal(cd_producer_send(producer, batch, &record, &err), CD_PRODUCE_SENT);
    }
    (void)cd_batch_sent(batch);
    wait_settled(f, batch);
    struct seen seen = {{0}, ""};
    read_topic(cd_mock_bootstrap(f->mock), "t", 4, 4, note_partition, &seen);
    for (int i = 0; i < 4; i++)
        assert_int_equal(seen.partition[i], (rows[i].murmur2 & 0x7fffffff) % 4);
    cd_batch_free(batch);
    cd_producer_return(producer);
}

static void note_message(void *arg, const rd_kafka_message_t *message)
{
    struct seen *seen = arg;
    rd_kafka_headers_t *headers = NULL;
    char text[256];
    (void)snprintf(text, sizeof(text), "%s/%zu %s/%zu", message->key == NULL ? "null" : "key",
                   message->key_len, message->payload == NULL ? "null" : "value", message->len);
    (void)strcat(seen->text, text);
    if (rd_kafka_message_headers(message, &headers) == 0) {
        const char *name = NULL;
        const void *value = NULL;
        size_t size = 0;
        for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == 0; i++) {
            (void)snprintf(text, sizeof(text), " %s=%.*s%s", name, (int)size,
                           value == NULL ? "" : (const char *)value, value == NULL ? "null" : "");
            (void)strcat(seen->text, text);
        }
        (void)snprintf(text, sizeof(text), " @%lld",
                       (long long)rd_kafka_message_timestamp(message, NULL));
        (void)strcat(seen->text, text);
    }
    (void)strcat(seen->text, "; ");
}

static void null_and_empty_stay_apart_and_headers_go_along(void **state)
{
    struct fixture *f = *state;
    struct cd_producer *producer = lease(f, "a", 0);
    struct cd_batch *batch = new_batch();
    struct cd_error err = CD_ERROR_INIT;
    const struct cd_header headers[] = {
        {.name = cd_slice("h"), .value = cd_bytes("v", 1)},
        {.name = cd_slice("h"), .value = cd_null()},
        {.name = cd_slice("e"), .value = cd_bytes("", 0)},
    };
    const struct cd_outgoing records[] = {
        {.topic = cd_slice("t"), .timestamp_ms = CD_NO_TIMESTAMP, .value = cd_slice("")},
        {.topic = cd_slice("t"), .timestamp_ms = CD_NO_TIMESTAMP, .key = cd_slice("k")},
        {.topic = cd_slice("t"),
         .timestamp_ms = 1234,
         .key = cd_slice(""),
         .value = cd_slice("xyz"),
         .headers = headers,
         .header_count = 3},
    };
    cd_batch_sending(batch);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(cd_producer_send(producer, batch, &records[i], &err), CD_PRODUCE_SENT);
    (void)cd_batch_sent(batch);
    wait_settled(f, batch);
    struct seen seen = {{0}, ""};
    read_topic(cd_mock_bootstrap(f->mock), "t", 1, 3, note_message, &seen);
    assert_string_equal(seen.text,
                        "null/0 value/0; key/1 null/0; key/0 value/3 h=v h=null e= @1234; ");
    cd_batch_free(batch);
    cd_producer_return(producer);
}

static void what_java_refuses_is_refused_in_its_words(void **state)
{
    struct fixture *f = *state;
    struct cd_producer *producer = lease(f, "a", 0);
    struct cd_batch *batch = new_batch();
    char *large = cd_alloc(2000000);
    const struct {
        struct cd_outgoing record;
        const char *part;
        enum cd_code code;
    } rows[] = {
        {{.topic = cd_slice("t"), .timestamp_ms = -5}, "Invalid timestamp: -5.", CD_ERR_DATA},
        {{.topic = cd_slice("t"), .timestamp_ms = CD_NO_TIMESTAMP, .partition = -2},
         "Invalid partition: -2.",
         CD_ERR_DATA},
        {{.topic = cd_slice("t"),
          .timestamp_ms = CD_NO_TIMESTAMP,
          .value = cd_slice_of(large, 2000000)},
         "max.request.size",
         CD_ERR_DATA},
    };
    cd_batch_sending(batch);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        assert_int_equal(cd_producer_send(producer, batch, &rows[i].record, &err),
                         CD_PRODUCE_FAILED);
        assert_int_equal(err.code, rows[i].code);
        if (strstr(err.msg, rows[i].part) == NULL)
            fail_msg("'%s' does not say '%s'", err.msg, rows[i].part);
    }
    assert_true(cd_batch_sent(batch));
    free(large);
    cd_batch_free(batch);
    cd_producer_return(producer);
}

static void a_full_lease_refuses_until_an_older_batch_is_settled(void **state)
{
    struct fixture *f = *state;
    struct cd_producer *producer = lease(f, "a", 1000);
    struct cd_batch *first = new_batch();
    struct cd_batch *second = new_batch();
    struct cd_error err = CD_ERROR_INIT;
    command(f->mock, "rtt 1 200");
    cd_batch_sending(first);
    for (int i = 0; i < 10; i++) /* alone it may exceed the budget */
        send_good(producer, first, "x");
    (void)cd_batch_sent(first);
    int seen = f->woken.count;
    cd_batch_sending(second);
    assert_int_equal(send_text(producer, second, "y", &err), CD_PRODUCE_FULL);
    (void)flag_wait(&f->woken, seen);
    wait_settled(f, first);
    send_good(producer, second, "y");
    (void)cd_batch_sent(second);
    wait_settled(f, second);
    cd_batch_free(first);
    cd_batch_free(second);
    cd_producer_return(producer);
}

static void a_full_handle_wakes_the_lease_that_waits_for_others(void **state)
{
    struct fixture *f = *state;
    cd_config_set(f->java, "buffer.memory", "1000");
    struct cd_producer *one = lease(f, "one", 0);
    struct cd_producer *two = lease(f, "two", 0);
    struct cd_batch *batches[3] = {new_batch(), new_batch(), new_batch()};
    struct cd_error err = CD_ERROR_INIT;
    command(f->mock, "rtt 1 200");
    cd_batch_sending(batches[0]);
    send_good(two, batches[0], "x");
    (void)cd_batch_sent(batches[0]);
    cd_batch_sending(batches[1]);
    for (int i = 0; i < 10; i++)
        send_good(one, batches[1], "x");
    (void)cd_batch_sent(batches[1]);
    int seen = f->woken.count;
    cd_batch_sending(batches[2]);
    assert_int_equal(send_text(two, batches[2], "y", &err), CD_PRODUCE_FULL);
    (void)flag_wait(&f->woken, seen);
    wait_settled(f, batches[1]);
    send_good(two, batches[2], "y");
    (void)cd_batch_sent(batches[2]);
    wait_settled(f, batches[2]);
    for (int i = 0; i < 3; i++)
        cd_batch_free(batches[i]);
    cd_producer_return(one);
    cd_producer_return(two);
}

static void a_refused_record_is_told_and_kept_with_the_batch(void **state)
{
    struct fixture *f = *state;
    struct cd_producer *producer = lease(f, "a", 0);
    struct cd_batch *batch = new_batch();
    command(f->mock, "error Produce INVALID_RECORD");
    cd_batch_sending(batch);
    send_good(producer, batch, "x");
    (void)cd_batch_sent(batch);
    wait_settled(f, batch);
    assert_int_equal(batch->failed, 1);
    assert_int_equal(f->refused, 1);
    assert_non_null(batch->error);
    assert_int_equal(batch->error->code, CD_ERR_DATA);
    assert_string_equal(batch->error->native, "INVALID_RECORD");
    assert_non_null(strstr(batch->error->msg, "topic 't' partition 0"));
    cd_batch_free(batch);
    cd_producer_return(producer);
}

static void an_error_that_passes_is_tried_again(void **state)
{
    struct fixture *f = *state;
    struct cd_producer *producer = lease(f, "a", 0);
    struct cd_batch *batch = new_batch();
    command(f->mock, "error Produce NOT_ENOUGH_REPLICAS 3");
    cd_batch_sending(batch);
    send_good(producer, batch, "x");
    (void)cd_batch_sent(batch);
    wait_settled(f, batch);
    assert_int_equal(batch->failed, 0);
    cd_batch_free(batch);
    cd_producer_return(producer);
}

static uint64_t handles(struct fixture *f)
{
    struct cd_producer_stats stats;
    cd_producers_stats(f->pool, &stats);
    return stats.handles;
}

static void equal_settings_share_a_handle(void **state)
{
    struct fixture *f = *state;
    struct cd_producer *one = lease(f, "one", 0);
    struct cd_producer *two = lease(f, "two", 0);
    assert_int_equal(handles(f), 1);
    cd_config_set(f->java, "linger.ms", "50");
    struct cd_producer *three = lease(f, "three", 0);
    assert_int_equal(handles(f), 2);
    cd_producer_return(one);
    cd_producer_return(two);
    cd_producer_return(three);
}

/* What an ended task left behind goes, without touching the others, and before its successor sends.
 */
static void a_task_that_ends_with_records_under_way_retires_the_handle(void **state)
{
    struct fixture *f = *state;
    struct cd_producer *ending = lease(f, "ending", 0);
    struct cd_producer *staying = lease(f, "staying", 0);
    struct cd_batch *lost = new_batch();
    struct cd_batch *kept = new_batch();
    struct cd_error err = CD_ERROR_INIT;
    command(f->mock, "down 1");
    cd_batch_sending(lost);
    send_good(ending, lost, "lost");
    (void)cd_batch_sent(lost);
    cd_batch_sending(kept);
    send_good(staying, kept, "kept");
    (void)cd_batch_sent(kept);
    cd_batch_disown(lost);
    cd_producer_return(ending);

    struct cd_producer *successor = lease(f, "ending", 0);
    struct cd_batch *next = new_batch();
    cd_batch_sending(next);
    assert_int_equal(send_text(successor, next, "next", &err), CD_PRODUCE_FULL);
    command(f->mock, "up 1");
    wait_settled(f, kept); /* the purge waits for the others */
    assert_int_equal(kept->failed, 0);
    enum cd_produce outcome = CD_PRODUCE_FULL;
    for (int seen = 0; (outcome = send_text(successor, next, "next", &err)) == CD_PRODUCE_FULL;)
        seen = flag_wait(&f->woken, seen);
    assert_int_equal(outcome, CD_PRODUCE_SENT);
    (void)cd_batch_sent(next);
    wait_settled(f, next);
    assert_int_equal(next->failed, 0);

    struct cd_batch *moved = new_batch(); /* the one that stayed is on another handle now */
    cd_batch_sending(moved);
    send_good(staying, moved, "moved");
    (void)cd_batch_sent(moved);
    wait_settled(f, moved);
    assert_int_equal(moved->failed, 0);
    cd_batch_free(kept);
    cd_batch_free(next);
    cd_batch_free(moved);
    cd_producer_return(successor);
    cd_producer_return(staying);
}

static void a_settled_batch_given_away_is_freed_at_once(void **state)
{
    (void)state;
    struct cd_batch *batch = new_batch();
    cd_batch_disown(batch); /* the leak checker is the judge */
}

static void wrong_settings_are_refused_at_the_lease(void **state)
{
    struct fixture *f = *state;
    struct cd_error err = CD_ERROR_INIT;
    cd_config_set(f->java, "linger.ms", "soon");
    struct cd_producer_options options = {.java = f->java, .client_id = "a"};
    assert_null(cd_producer_lease(f->pool, &options, &err));
    assert_int_equal(err.code, CD_ERR_CONFIG);
    assert_non_null(strstr(err.msg, "linger.ms"));
}

static void hurrying_ends_a_long_linger(void **state)
{
    struct fixture *f = *state;
    cd_config_set(f->java, "linger.ms", "60000");
    struct cd_producer *producer = lease(f, "a", 0);
    struct cd_batch *batch = new_batch();
    cd_batch_sending(batch);
    send_good(producer, batch, "x");
    (void)cd_batch_sent(batch);
    int64_t deadline_ms = cd_clock_ms() + PATIENCE_MS;
    struct cd_mutex lock; /* a wait in small steps that are woken by nobody */
    struct cd_cond never;
    cd_mutex_init(&lock);
    cd_cond_init(&never);
    cd_mutex_lock(&lock);
    while (!cd_batch_settled(batch) && cd_clock_ms() < deadline_ms) {
        cd_producer_hurry(producer);
        (void)cd_cond_wait(&never, &lock, cd_clock_ms() + 20);
    }
    cd_mutex_unlock(&lock);
    cd_cond_done(&never);
    cd_mutex_done(&lock);
    assert_true(cd_batch_settled(batch));
    cd_batch_free(batch);
    cd_producer_return(producer);
}

static void a_transaction_is_committed_or_not_there(void **state)
{
    struct fixture *f = *state;
    struct cd_config *java = CONFIG("transactional.id=x");
    cd_config_set(java, "bootstrap.servers", cd_mock_bootstrap(f->mock));
    struct cd_producer_options options = {
        .java = java, .client_id = "x", .wake = flag_raise, .wake_arg = &f->woken};
    struct cd_error err = CD_ERROR_INIT;
    struct cd_producer *producer = cd_producer_lease(f->pool, &options, &err);
    assert_good(producer != NULL, err);
    assert_good(cd_producer_txn_init(producer, PATIENCE_MS, &err), err);
    assert_good(cd_producer_txn_begin(producer, &err), err);
    struct cd_batch *batch = new_batch();
    cd_batch_sending(batch);
    send_good(producer, batch, "x");
    (void)cd_batch_sent(batch);
    assert_good(cd_producer_txn_commit(producer, PATIENCE_MS, &err), err);
    wait_settled(f, batch);
    assert_good(cd_producer_txn_begin(producer, &err), err);
    assert_good(cd_producer_txn_abort(producer, PATIENCE_MS, &err), err);
    assert_false(cd_producer_txn_abort(producer, PATIENCE_MS, &err));
    assert_int_equal(err.code, CD_ERR_STATE);
    cd_batch_free(batch);
    cd_producer_return(producer);
    cd_config_free(java);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_batch_settles_when_the_last_record_is_safe, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_batch_cannot_settle_while_it_is_being_sent, set_up,
                                        tear_down),
        cmocka_unit_test(a_batch_of_nothing_settles_at_once),
        cmocka_unit_test_setup_teardown(keyed_records_land_where_java_would_put_them, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(null_and_empty_stay_apart_and_headers_go_along, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_java_refuses_is_refused_in_its_words, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_full_lease_refuses_until_an_older_batch_is_settled,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_handle_wakes_the_lease_that_waits_for_others, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_refused_record_is_told_and_kept_with_the_batch, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_error_that_passes_is_tried_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(equal_settings_share_a_handle, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_task_that_ends_with_records_under_way_retires_the_handle,
                                        set_up, tear_down),
        cmocka_unit_test(a_settled_batch_given_away_is_freed_at_once),
        cmocka_unit_test_setup_teardown(wrong_settings_are_refused_at_the_lease, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hurrying_ends_a_long_linger, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_transaction_is_committed_or_not_there, set_up, tear_down),
    };
    return run_side_by_side(tests, sizeof(tests) / sizeof(tests[0]));
}
