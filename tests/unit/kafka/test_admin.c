#include "kafka/admin.h"
#include "tests/unit/kafka/kafka_test.h"

/* The mock knows no admin requests: what it cannot show is in the scenarios with a real broker. */

struct fixture {
    struct cd_mock *mock;
    struct cd_config *java;
    struct cd_admin *admin;
};

static int set_up(void **state)
{
    struct fixture *f = cd_new(struct fixture);
    struct cd_error err = CD_ERROR_INIT;
    f->mock = start_mock(1);
    f->java = CONFIG("reconnect.backoff.max.ms=100");
    cd_config_set(f->java, "bootstrap.servers", cd_mock_bootstrap(f->mock));
    f->admin = cd_admin_open(f->java, "a", NULL, &err);
    assert_good(f->admin != NULL, err);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    cd_admin_free(f->admin);
    cd_config_free(f->java);
    cd_mock_stop(f->mock);
    free(f);
    return 0;
}

static void a_cluster_has_an_id(void **state)
{
    struct fixture *f = *state;
    struct cd_error err = CD_ERROR_INIT;
    CD_AUTO_FREE char *one = cd_admin_cluster_id(f->admin, PATIENCE_MS, &err);
    assert_good(one != NULL, err);
    CD_AUTO_FREE char *two = cd_kafka_cluster_id(f->java, PATIENCE_MS, NULL, &err);
    assert_good(two != NULL, err);
    assert_string_equal(one, two);
}

static void without_brokers_the_reason_is_told(void **state)
{
    struct fixture *f = *state;
    struct cd_error err = CD_ERROR_INIT;
    command(f->mock, "down 1");
    assert_null(cd_kafka_cluster_id(f->java, 500, NULL, &err));
    assert_int_equal(err.code, CD_ERR_TIMEOUT);
    assert_non_null(strstr(err.msg, "no broker of bootstrap.servers answers"));
    assert_non_null(strstr(err.msg, "Connection refused"));
}

static void a_topic_is_described(void **state)
{
    struct fixture *f = *state;
    struct cd_topic_info info = {false, 0};
    struct cd_error err = CD_ERROR_INIT;
    command(f->mock, "topic t 3");
    assert_good(cd_admin_describe(f->admin, "t", PATIENCE_MS, &info, &err), err);
    assert_true(info.exists);
    assert_int_equal(info.partitions, 3);
}

static void an_internal_topic_must_have_its_partitions(void **state)
{
    struct fixture *f = *state;
    struct cd_error err = CD_ERROR_INIT;
    const struct cd_topic_spec spec = {.name = "t", .partitions = 1, .replication = 1};
    command(f->mock, "topic t 3");
    assert_false(cd_admin_internal_topic(f->admin, &spec, 1, "config.storage.", PATIENCE_MS, &err));
    assert_int_equal(err.code, CD_ERR_CONFIG);
    assert_string_equal(err.msg,
                        "Topic 't' supplied via the 'config.storage.topic' property is required "
                        "to have a single partition in order to guarantee consistency of connector "
                        "configurations, but found 3 partitions.");
    cd_error_reset(&err);
    assert_good(cd_admin_internal_topic(f->admin, &spec, 0, "offset.storage.", PATIENCE_MS, &err),
                err);
}

static void what_the_broker_cannot_do_is_said(void **state)
{
    struct fixture *f = *state;
    struct cd_error err = CD_ERROR_INIT;
    const struct cd_topic_spec spec = {.name = "t", .partitions = 1, .replication = 1};
    assert_int_equal(cd_admin_create(f->admin, &spec, PATIENCE_MS, &err), CD_TOPIC_FAILED);
    assert_string_equal(err.native, "_UNSUPPORTED_FEATURE");
    assert_non_null(strstr(err.msg, "creating topic 't'"));
}

static void wrong_settings_make_no_admin(void **state)
{
    struct fixture *f = *state;
    struct cd_error err = CD_ERROR_INIT;
    cd_config_set(f->java, "request.timeout.ms", "soon");
    assert_null(cd_admin_open(f->java, "a", NULL, &err));
    assert_non_null(strstr(err.msg, "request.timeout.ms"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_cluster_has_an_id),
        TEST(without_brokers_the_reason_is_told),
        TEST(a_topic_is_described),
        TEST(an_internal_topic_must_have_its_partitions),
        TEST(what_the_broker_cannot_do_is_said),
        TEST(wrong_settings_make_no_admin),
    };
    return run_side_by_side(tests, sizeof(tests) / sizeof(tests[0]));
}
