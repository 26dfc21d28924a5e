#include "kafka/library.h"
#include "tests/unit/kafka/kafka_test.h"

#define E(name) RD_KAFKA_RESP_ERR_##name

static void codes_are_classified(void **state)
{
    (void)state;
    static const struct {
        rd_kafka_resp_err_t code;
        enum cd_code class;
        bool retriable;
    } rows[] = {
        {E(MSG_SIZE_TOO_LARGE), CD_ERR_DATA, false},
        {E(TOPIC_EXCEPTION), CD_ERR_DATA, false},
        {E(INVALID_CONFIG), CD_ERR_CONFIG, false},
        {E(INVALID_REPLICATION_FACTOR), CD_ERR_CONFIG, true},
        {E(_TRANSPORT), CD_ERR_REMOTE, true},
        {E(NOT_ENOUGH_REPLICAS), CD_ERR_REMOTE, true},
        {E(_UNKNOWN_TOPIC), CD_ERR_REMOTE, true},
        {E(_MSG_TIMED_OUT), CD_ERR_TIMEOUT, true},
        {E(TOPIC_AUTHORIZATION_FAILED), CD_ERR_REMOTE, false},
        {E(_FENCED), CD_ERR_STATE, false},
        {E(_PURGE_INFLIGHT), CD_ERR_CANCELLED, false},
        {E(REBALANCE_IN_PROGRESS), CD_ERR_REMOTE, true},
        {E(_FATAL), CD_ERR_REMOTE, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        assert_false(cd_kafka_fail(&err, NULL, rows[i].code, NULL));
        assert_int_equal(err.code, rows[i].class);
        assert_int_equal(err.retriable, rows[i].retriable);
        assert_string_equal(err.native, rd_kafka_err2name(rows[i].code));
    }
}

static void the_first_failure_stays(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    (void)cd_fail(&err, CD_ERR_BUG, "first");
    (void)cd_kafka_fail(&err, NULL, E(_TRANSPORT), NULL);
    assert_string_equal(err.msg, "first");
    assert_false(err.retriable);
}

static struct cd_client *new_client(const char *mechanism, const char *reason)
{
    struct cd_client *client = cd_new(struct cd_client);
    cd_mutex_init(&client->lock);
    (void)snprintf(client->mechanism, sizeof(client->mechanism), "%s", mechanism);
    (void)snprintf(client->reason, sizeof(client->reason), "%s", reason);
    client->username = cd_strdup("bob");
    return client;
}

static void free_client(struct cd_client *client)
{
    cd_client_done(client);
    free(client);
}

static void what_is_known_of_the_connection_is_said_with_a_hint(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"SSL handshake failed: certificate verify failed", "ssl.truststore.location"},
        {"SSL handshake failed: unexpected eof while reading", "does this port speak TLS?"},
        {"might be caused by ... (connecting to a SSL listener?)", "seems to speak TLS"},
        {"Receive failed: sslv3 alert bad certificate", "ssl.keystore.location"},
        {"Request not valid in current SASL state", "wants no SASL"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_client *client = new_client("", rows[i][0]);
        struct cd_error err = CD_ERROR_INIT;
        (void)cd_kafka_fail(&err, client, E(_TIMED_OUT), NULL);
        if (strstr(err.msg, rows[i][0]) == NULL || strstr(err.msg, rows[i][1]) == NULL)
            fail_msg("'%s' does not say '%s'", err.msg, rows[i][1]);
        free_client(client);
    }
}

static void missing_rights_name_principal_operation_and_resource(void **state)
{
    (void)state;
    struct cd_client *client = new_client("PLAIN", "");
    struct cd_error err = CD_ERROR_INIT;
    (void)cd_kafka_fail(&err, client, E(GROUP_AUTHORIZATION_FAILED), NULL);
    assert_non_null(strstr(err.msg, "grant User:bob Read and Describe on the group"));
    assert_null(strstr(err.msg, "group '"));
    client->group = cd_strdup("connect-copy");
    client->transactional_id = cd_strdup("lines-0");
    err = (struct cd_error)CD_ERROR_INIT;
    (void)cd_kafka_fail(&err, client, E(GROUP_AUTHORIZATION_FAILED), NULL);
    assert_non_null(
        strstr(err.msg, "grant User:bob Read and Describe on the group 'connect-copy'"));
    err = (struct cd_error)CD_ERROR_INIT;
    (void)cd_kafka_fail(&err, client, E(TRANSACTIONAL_ID_AUTHORIZATION_FAILED), NULL);
    assert_non_null(strstr(err.msg, "Write and Describe on the transactional id 'lines-0'"));
    free_client(client);
}

static void an_old_library_admits_its_scram(void **state)
{
    (void)state;
    struct cd_client *client = new_client("SCRAM-SHA-256", "");
    struct cd_error err = CD_ERROR_INIT;
    (void)cd_kafka_fail(&err, client, E(_AUTHENTICATION),
                        "SASL authentication error: failed due to invalid credentials");
    bool old = rd_kafka_version() < 0x02060100;
    assert_int_equal(strstr(err.msg, "2.6.1") != NULL, old);
    free_client(client);
}

static void only_refusals_are_final(void **state)
{
    (void)state;
    static const struct {
        rd_kafka_resp_err_t code;
        const char *text;
        bool final;
    } rows[] = {
        {E(_FATAL), "", true},
        {E(_AUTHENTICATION), "Authentication failed: Invalid username or password", true},
        {E(_AUTHENTICATION), "handshake failed: Local: Broker transport failure", false},
        {E(_SSL), "SSL handshake failed: certificate verify failed", true},
        {E(_SSL), "SSL handshake failed: unexpected eof while reading", false},
        {E(_TRANSPORT), "Receive failed: sslv3 alert bad certificate", true},
        {E(_TRANSPORT), "Receive failed: tlsv13 alert certificate required", true},
        {E(_TRANSPORT), "Connection refused", false},
        {E(_ALL_BROKERS_DOWN), "1/1 brokers are down", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(cd_kafka_is_final(rows[i].code, rows[i].text), rows[i].final);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_classified),
        cmocka_unit_test(the_first_failure_stays),
        cmocka_unit_test(what_is_known_of_the_connection_is_said_with_a_hint),
        cmocka_unit_test(missing_rights_name_principal_operation_and_resource),
        cmocka_unit_test(an_old_library_admits_its_scram),
        cmocka_unit_test(only_refusals_are_final),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
