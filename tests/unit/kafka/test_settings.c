#include "tests/unit/kafka/kafka_test.h"

static struct cd_settings_result translate(enum cd_client_kind kind, struct cd_config *java)
{
    struct cd_settings_result result;
    struct cd_error err = CD_ERROR_INIT;
    if (!cd_settings_translate(kind, java, &result, &err))
        fail_msg("%s", err.msg);
    cd_config_free(java);
    return result;
}

static void expect_native(enum cd_client_kind kind, struct cd_config *java, const char *key,
                          const char *value)
{
    struct cd_settings_result result = translate(kind, java);
    const char *found = cd_config_get(result.native, key);
    if (value == NULL)
        assert_null(found);
    else if (found == NULL)
        fail_msg("%s is not set", key);
    else
        assert_string_equal(found, value);
    cd_settings_result_done(&result);
}

static void expect_refusal(enum cd_client_kind kind, struct cd_config *java, const char *part)
{
    struct cd_settings_result result;
    struct cd_error err = CD_ERROR_INIT;
    assert_false(cd_settings_translate(kind, java, &result, &err));
    assert_int_equal(err.code, CD_ERR_CONFIG);
    if (strstr(err.msg, part) == NULL)
        fail_msg("'%s' does not say '%s'", err.msg, part);
    cd_config_free(java);
}

static void every_key_of_javas_clients_is_known(void **state)
{
    (void)state;
    static const char *const names[] = {"producer", "consumer", "admin"};
    FILE *file = fopen("tests/unit/kafka/java_keys.txt", "r");
    assert_non_null(file);
    char client[16];
    char key[128];
    int count = 0;
    while (fscanf(file, "%15s %127s", client, key) == 2) {
        for (int kind = 0; kind < 3; kind++)
            if (strcmp(client, names[kind]) == 0 &&
                !cd_settings_known((enum cd_client_kind)kind, key))
                fail_msg("%s %s", client, key);
        count++;
    }
    assert_in_range(count, 300, 1000);
    (void)fclose(file);
}

static void nothing_set_gives_javas_defaults(void **state)
{
    (void)state;
    static const struct {
        enum cd_client_kind kind;
        const char *key;
        const char *value;
    } rows[] = {
        {CD_CLIENT_PRODUCER, "acks", "all"},
        {CD_CLIENT_PRODUCER, "linger.ms", "5"},
        {CD_CLIENT_PRODUCER, "partitioner", "murmur2_random"},
        {CD_CLIENT_PRODUCER, "enable.idempotence", "true"},
        {CD_CLIENT_PRODUCER, "message.max.bytes", "1048576"},
        {CD_CLIENT_PRODUCER, "message.timeout.ms", "120000"},
        {CD_CLIENT_PRODUCER, "batch.size", NULL},
        {CD_CLIENT_PRODUCER, "request.timeout.ms", "30000"},
        {CD_CLIENT_CONSUMER, "isolation.level", "read_uncommitted"},
        {CD_CLIENT_CONSUMER, "partition.assignment.strategy", "range"},
        {CD_CLIENT_CONSUMER, "auto.offset.reset", "latest"},
        {CD_CLIENT_CONSUMER, "enable.auto.commit", "false"},
        {CD_CLIENT_CONSUMER, "check.crcs", "true"},
        {CD_CLIENT_CONSUMER, "allow.auto.create.topics", "true"},
        {CD_CLIENT_CONSUMER, "fetch.max.bytes", NULL},
        {CD_CLIENT_CONSUMER, "reconnect.backoff.max.ms", "1000"},
        {CD_CLIENT_ADMIN, "connections.max.idle.ms", "300000"},
        {CD_CLIENT_ADMIN, "socket.timeout.ms", "30000"},
        {CD_CLIENT_ADMIN, "ssl.endpoint.identification.algorithm", "https"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_native(rows[i].kind, CONFIG("bootstrap.servers=h:1"), rows[i].key, rows[i].value);
}

static void names_units_and_ranges_are_translated(void **state)
{
    (void)state;
    static const struct {
        enum cd_client_kind kind;
        const char *given;
        const char *key;
        const char *value;
    } rows[] = {
        {CD_CLIENT_PRODUCER, "delivery.timeout.ms=2147483647", "message.timeout.ms", "0"},
        {CD_CLIENT_PRODUCER, "request.timeout.ms=2147483647", "request.timeout.ms", "900000"},
        {CD_CLIENT_PRODUCER, "request.timeout.ms=2147483647", "socket.timeout.ms", "300000"},
        {CD_CLIENT_PRODUCER, "batch.size=0", "batch.num.messages", "1"},
        {CD_CLIENT_PRODUCER, "batch.size=16384", "batch.size", "16384"},
        {CD_CLIENT_PRODUCER, "acks=0", "enable.idempotence", "false"},
        {CD_CLIENT_PRODUCER, "partitioner.ignore.keys=true", "partitioner", "random"},
        {CD_CLIENT_PRODUCER,
         "partitioner.class=org.apache.kafka.clients.producer.RoundRobinPartitioner",
         "connectd.partitioner", "roundrobin"},
        {CD_CLIENT_PRODUCER, "linger.ms= 20 ", "linger.ms", "20"},
        {CD_CLIENT_PRODUCER, "send.buffer.bytes=-1", "socket.send.buffer.bytes", "0"},
        {CD_CLIENT_CONSUMER, "auto.offset.reset=none", "auto.offset.reset", "error"},
        {CD_CLIENT_CONSUMER, "fetch.max.wait.ms=40000", "socket.timeout.ms", "41000"},
        {CD_CLIENT_CONSUMER, "session.timeout.ms=400000", "max.poll.interval.ms", "400000"},
        {CD_CLIENT_CONSUMER, "fetch.max.bytes=5000", "message.max.bytes", "5000"},
        {CD_CLIENT_CONSUMER,
         "partition.assignment.strategy=org.apache.kafka.clients.consumer."
         "CooperativeStickyAssignor",
         "partition.assignment.strategy", "cooperative-sticky"},
        {CD_CLIENT_CONSUMER,
         "partition.assignment.strategy=org.apache.kafka.clients.consumer.RoundRobinAssignor",
         "partition.assignment.strategy", "roundrobin"},
        {CD_CLIENT_CONSUMER, "metadata.max.age.ms=1000", "topic.metadata.refresh.interval.ms",
         "1000"},
        {CD_CLIENT_ADMIN, "security.protocol=SSL", "security.protocol", "ssl"},
        {CD_CLIENT_ADMIN, "reconnect.backoff.ms=5000", "reconnect.backoff.max.ms", "5000"},
        {CD_CLIENT_ADMIN,
         "ssl.endpoint.identification.algorithm=", "ssl.endpoint.identification.algorithm", "none"},
        {CD_CLIENT_ADMIN,
         "ssl.cipher.suites=TLS_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_RSA_"
         "WITH_AES_128_CBC_SHA",
         "ssl.cipher.suites", "ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_native(rows[i].kind, CONFIG("bootstrap.servers=h:1", rows[i].given), rows[i].key,
                      rows[i].value);
}

static void wrong_values_are_refused_by_their_java_name(void **state)
{
    (void)state;
    static const struct {
        enum cd_client_kind kind;
        const char *given;
        const char *part;
    } rows[] = {
        {CD_CLIENT_PRODUCER, "linger.ms=soon",
         "Invalid value soon for configuration linger.ms: Not a number"},
        {CD_CLIENT_PRODUCER, "linger.ms=-1", "Value must be at least 0"},
        {CD_CLIENT_PRODUCER, "compression.type=brotli",
         "Invalid value brotli for configuration compression.type"},
        {CD_CLIENT_PRODUCER, "partitioner.class=com.acme.Mine",
         "com.acme.Mine for configuration partitioner.class"},
        {CD_CLIENT_PRODUCER, "transactional.id=x", NULL},
        {CD_CLIENT_CONSUMER, "auto.offset.reset=by_duration:PT1H", "use earliest, latest or none"},
        {CD_CLIENT_CONSUMER, "isolation.level=serializable", "configuration isolation.level"},
        {CD_CLIENT_CONSUMER, "partition.assignment.strategy=com.acme.Mine", "com.acme.Mine"},
        {CD_CLIENT_ADMIN, "security.protocol=tls", "configuration security.protocol"},
        {CD_CLIENT_ADMIN, "ssl.endpoint.identification.algorithm=ldaps", "must be https"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].part != NULL)
            expect_refusal(rows[i].kind, CONFIG("bootstrap.servers=h:1", rows[i].given),
                           rows[i].part);
    expect_refusal(CD_CLIENT_PRODUCER, CONFIG("enable.idempotence=true", "acks=1"),
                   "needs acks=all");
    expect_refusal(CD_CLIENT_PRODUCER, CONFIG("enable.idempotence=false", "transactional.id=x"),
                   "idempotent");
}

static void what_has_no_counterpart_is_noted_with_the_reason(void **state)
{
    (void)state;
    struct cd_config *java =
        CONFIG("interceptor.classes=a.B", "made.up=1", "metrics.context.x=1", "sasl.login.class=x");
    struct cd_settings_result result;
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_settings_translate(CD_CLIENT_PRODUCER, java, &result, &err));
    assert_int_equal(result.note_count, 3);
    for (size_t i = 0; i < result.note_count; i++)
        assert_non_null(result.notes[i].why);
    assert_string_equal(result.notes[2].key, "made.up");
    cd_settings_result_done(&result);
    cd_config_free(java);
}

static void a_transaction_limits_delivery(void **state)
{
    (void)state;
    expect_native(CD_CLIENT_PRODUCER,
                  CONFIG("transactional.id=x", "delivery.timeout.ms=2147483647",
                         "transaction.timeout.ms=20000"),
                  "message.timeout.ms", "20000");
    expect_native(CD_CLIENT_PRODUCER, CONFIG("transactional.id=x", "transaction.timeout.ms=20000"),
                  "socket.timeout.ms", "20000");
}

/* ---- credentials ---- */

/* Debian 12 builds librdkafka without libcurl, and so without the client of a token endpoint. */
static bool can_fetch_tokens(void)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_res_t res = rd_kafka_conf_set(conf, "sasl.oauthbearer.method", "oidc", NULL, 0);
    rd_kafka_conf_destroy(conf);
    return res == RD_KAFKA_CONF_OK;
}

static void jaas_texts_become_credentials(void **state)
{
    (void)state;
    static const struct {
        const char *mechanism;
        const char *jaas;
        const char *key;
        const char *value;
    } rows[] = {
        {"PLAIN",
         "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"a b\" "
         "password=\"p;\\\"w\";",
         "sasl.password", "p;\"w"},
        {"PLAIN", "PlainLoginModule required\n username='u' password=p ;", "sasl.username", "u"},
        {"SCRAM-SHA-512",
         "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"u\" "
         "password=\"p\";",
         "sasl.username", "u"},
        {"OAUTHBEARER",
         "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required "
         "clientId=\"i\" clientSecret=\"s\" scope=\"x\" extension_pool=\"7\";",
         "sasl.oauthbearer.client.secret", "s"},
        {"OAUTHBEARER",
         "a.OAuthBearerLoginModule required clientId=\"i\" clientSecret=\"s\" "
         "extension_pool=\"7\";",
         "sasl.oauthbearer.extensions", "pool=7"},
        {"GSSAPI",
         "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true "
         "keyTab=\"/etc/k.keytab\" principal=\"me/host@REALM\";",
         "sasl.kerberos.principal", "me/host@REALM"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].mechanism, "OAUTHBEARER") == 0 && !can_fetch_tokens())
            continue;
        struct cd_config *java = CONFIG("security.protocol=SASL_PLAINTEXT",
                                        "sasl.oauthbearer.token.endpoint.url=http://t/");
        cd_config_set(java, "sasl.mechanism", rows[i].mechanism);
        cd_config_set(java, "sasl.jaas.config", rows[i].jaas);
        expect_native(CD_CLIENT_ADMIN, java, rows[i].key, rows[i].value);
    }
}

static void broken_jaas_texts_are_refused_without_the_password(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", "needs the credentials"},
        {"PlainLoginModule required username=\"u\" password=\"geheim\"", "closing ';'"},
        {"PlainLoginModule required username=\"u\";", "Missing option password"},
        {"com.acme.Login required password=\"geheim\";", "com.acme.Login cannot run"},
        {"ScramLoginModule required username=\"u\" password=\"geheim\";", "not for PLAIN"},
        {"PlainLoginModule required username password=\"geheim\";", "has no '='"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_config *java = CONFIG("security.protocol=SASL_PLAINTEXT", "sasl.mechanism=PLAIN");
        cd_config_set(java, "sasl.jaas.config", rows[i][0]);
        struct cd_settings_result result;
        struct cd_error err = CD_ERROR_INIT;
        assert_false(cd_settings_translate(CD_CLIENT_ADMIN, java, &result, &err));
        if (strstr(err.msg, rows[i][1]) == NULL)
            fail_msg("'%s' does not say '%s'", err.msg, rows[i][1]);
        assert_null(strstr(err.msg, "geheim"));
        cd_config_free(java);
    }
}

static void a_principal_cannot_smuggle_a_shell_command(void **state)
{
    (void)state;
    struct cd_config *java = CONFIG("security.protocol=SASL_PLAINTEXT");
    cd_config_set(java, "sasl.jaas.config",
                  "Krb5LoginModule required keyTab=\"/k\" principal=\"$(id)@R\";");
    expect_refusal(CD_CLIENT_ADMIN, java, "only letters, digits");
}

/* ---- layers ---- */

static void expect_layer(enum cd_client_role role, const char *key, const char *value)
{
    struct cd_config *worker =
        CONFIG("bootstrap.servers=w:9092", "group.id=cluster", "client.id=me",
               "security.protocol=SSL", "plugin.path=/x", "producer.linger.ms=7", "producer.acks=1",
               "consumer.client.rack=r1", "admin.retries=3", "acks=0", "config.storage.topic=c");
    struct cd_config *connector =
        CONFIG("name=n", "producer.override.linger.ms=9", "consumer.override.group.id=mine",
               "admin.override.retries=4");
    struct cd_config *config = cd_settings_layers(role, worker, connector, "n");
    const char *found = cd_config_get(config, key);
    if (value == NULL)
        assert_null(found);
    else
        assert_string_equal(found == NULL ? "(none)" : found, value);
    cd_config_free(config);
    cd_config_free(worker);
    cd_config_free(connector);
}

static void each_client_gets_the_layers_that_connect_gives_it(void **state)
{
    (void)state;
    static const struct {
        enum cd_client_role role;
        const char *key;
        const char *value;
    } rows[] = {
        {CD_ROLE_TASK_PRODUCER, "bootstrap.servers", "w:9092"},
        {CD_ROLE_TASK_PRODUCER, "linger.ms", "9"},
        {CD_ROLE_TASK_PRODUCER, "acks", "1"},
        {CD_ROLE_TASK_PRODUCER, "enable.idempotence", "false"},
        {CD_ROLE_TASK_PRODUCER, "max.in.flight.requests.per.connection", "1"},
        {CD_ROLE_TASK_PRODUCER, "security.protocol", NULL},
        {CD_ROLE_DLQ_PRODUCER, "linger.ms", "9"},
        {CD_ROLE_TASK_CONSUMER, "group.id", "mine"},
        {CD_ROLE_TASK_CONSUMER, "client.rack", "r1"},
        {CD_ROLE_TASK_CONSUMER, "auto.offset.reset", "earliest"},
        {CD_ROLE_TASK_CONSUMER, "security.protocol", NULL},
        {CD_ROLE_CONNECTOR_ADMIN, "security.protocol", "SSL"},
        {CD_ROLE_CONNECTOR_ADMIN, "retries", "4"},
        {CD_ROLE_CONNECTOR_ADMIN, "plugin.path", NULL},
        {CD_ROLE_CONNECTOR_ADMIN, "client.id", NULL},
        {CD_ROLE_LEDGER_PRODUCER, "acks", "all"},
        {CD_ROLE_LEDGER_PRODUCER, "security.protocol", "SSL"},
        {CD_ROLE_LEDGER_PRODUCER, "linger.ms", NULL},
        {CD_ROLE_LEDGER_CONSUMER, "group.id", NULL},
        {CD_ROLE_LEDGER_CONSUMER, "auto.offset.reset", "earliest"},
        {CD_ROLE_WORKER_ADMIN, "security.protocol", "SSL"},
        {CD_ROLE_WORKER_ADMIN, "retries", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_layer(rows[i].role, rows[i].key, rows[i].value);
}

static void secrets_are_known_under_every_prefix(void **state)
{
    (void)state;
    assert_true(cd_settings_secret("sasl.jaas.config"));
    assert_true(cd_settings_secret("producer.override.sasl.jaas.config"));
    assert_true(cd_settings_secret("ssl.keystore.password"));
    assert_true(cd_settings_secret("sasl.password"));
    assert_true(cd_settings_secret("ssl.key.pem"));
    assert_false(cd_settings_secret("sasl.mechanism"));
    assert_false(cd_settings_secret("linger.ms"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_javas_clients_is_known),
        cmocka_unit_test(nothing_set_gives_javas_defaults),
        cmocka_unit_test(names_units_and_ranges_are_translated),
        cmocka_unit_test(wrong_values_are_refused_by_their_java_name),
        cmocka_unit_test(what_has_no_counterpart_is_noted_with_the_reason),
        cmocka_unit_test(a_transaction_limits_delivery),
        cmocka_unit_test(jaas_texts_become_credentials),
        cmocka_unit_test(broken_jaas_texts_are_refused_without_the_password),
        cmocka_unit_test(a_principal_cannot_smuggle_a_shell_command),
        cmocka_unit_test(each_client_gets_the_layers_that_connect_gives_it),
        cmocka_unit_test(secrets_are_known_under_every_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
