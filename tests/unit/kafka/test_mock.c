#include "tests/unit/kafka/kafka_test.h"

static void a_cluster_says_where_it_is(void **state)
{
    (void)state;
    struct cd_mock *mock = start_mock(2);
    assert_non_null(strchr(cd_mock_bootstrap(mock), ','));
    cd_mock_stop(mock);
}

static void commands_are_understood(void **state)
{
    (void)state;
    struct cd_mock *mock = start_mock(2);
    static const char *const lines[] = {"topic t 3",
                                        "  error Produce NOT_LEADER_FOR_PARTITION 2\n",
                                        "error fetch _TRANSPORT",
                                        "rtt 1 5",
                                        "down 2",
                                        "up 2",
                                        ""};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        command(mock, lines[i]);
    cd_mock_stop(mock);
}

static void wrong_commands_say_what_is_right(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"explode", "none of: topic, error"},
        {"topic t", "usage: topic NAME PARTITIONS"},
        {"topic t none", "'none' is not a number"},
        {"error Produce NOT_AN_ERROR", "no error of Kafka"},
        {"error Dance UNKNOWN", "no request"},
        {"down 3", "brokers 1 to 1"},
    };
    struct cd_mock *mock = start_mock(1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        assert_false(cd_mock_command(mock, rows[i][0], &err));
        if (strstr(err.msg, rows[i][1]) == NULL)
            fail_msg("'%s' does not say '%s'", err.msg, rows[i][1]);
    }
    cd_mock_stop(mock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cluster_says_where_it_is),
        cmocka_unit_test(commands_are_understood),
        cmocka_unit_test(wrong_commands_say_what_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
