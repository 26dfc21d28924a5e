/* Settings without a server: the keys, the rules between them, the URL, SQLSTATE's meaning. Numbers
 * are those of the cases in the JDBC reference. */
#include "connectors/postgres/failure.h"
#include "connectors/postgres/url.h"
#include "tests/unit/postgres/server.h"

static void every_row_of_the_key_tables_is_filled(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < connectd_plugins.count; i++)
        for (uint32_t k = 0; k < connectd_plugins.plugins[i].key_count; k++) {
            const struct cd_key *key = &connectd_plugins.plugins[i].keys[k];
            assert_non_null(key->name);
            assert_non_null(key->doc);
        }
}

#define CONFLUENT "io.confluent.connect.jdbc.JdbcSourceConnector"
#define AIVEN "io.aiven.connect.jdbc.JdbcSourceConnector"

/* 1 to 6, 9 to 14, 70, 74 */
static void rules_between_keys_are_told(void **state)
{
    static const struct {
        const char *class_name;
        const char *settings[12];
        const char *says; /* NULL: nothing but the connection may be wrong */
    } cases[] = {
        {CONFLUENT, {"mode", "bulk"}, "At least one table filter"},
        {AIVEN, {"mode", "bulk"}, NULL},
        {CONFLUENT,
         {"mode", "bulk", "table.whitelist", "a", "table.include.list", "b"},
         "table.whitelist: table.whitelist, table.blacklist"},
        {CONFLUENT,
         {"mode", "bulk", "query", "SELECT * FROM t", "table.whitelist", "t"},
         "Do not specify table filtering"},
        {AIVEN, {"mode", "bulk", "table.whitelist", "t", "table.blacklist", "t"}, "exclusive"},
        {CONFLUENT, {"mode", "bulk", "table.whitelist", "t", "table.blacklist", "t"}, NULL},
        {CONFLUENT, {"mode", "bulk", "table.exclude.list", "t"}, "needs table.include.list"},
        {CONFLUENT,
         {"mode", "timestamp", "table.include.list", "t"},
         "timestamp.columns.mapping: with table.include.list"},
        {CONFLUENT,
         {"mode", "bulk", "table.include.list", "t", "timestamp.columns.mapping", "t:[x]"},
         "timestamp.columns.mapping: with table.include.list"},
        {CONFLUENT,
         {"mode", "bulk", "table.whitelist", "t", "topic.prefix", "a b"},
         "topic.prefix"},
        {CONFLUENT, {"mode", "bulk", "table.whitelist", "t", "topic.prefix", "a$"}, "topic.prefix"},
        {CONFLUENT, {"mode", "bulk", "table.whitelist", "t", "topic.prefix", " ab "}, NULL},
        {CONFLUENT, {"mode", "bulk", "query", "WITH x AS (SELECT 1) SELECT 1"}, "Only SELECT"},
        {AIVEN, {"mode", "bulk", "query", "WITH x AS (SELECT 1) SELECT 1"}, NULL},
        {CONFLUENT, {"mode", "bulk", "query", "select 1"}, NULL},
        {CONFLUENT, {"mode", "bulk", "query", "SELECT 1", "query.masked", "SELECT 1"}, "exclusive"},
        {CONFLUENT,
         {"mode", "bulk", "table.whitelist", "t", "numeric.mapping", "Best_Fit"},
         "numeric.mapping"},
        {CONFLUENT, {"mode", "bulk", "table.whitelist", "t", "numeric.mapping", "BEST_FIT"}, NULL},
        {CONFLUENT,
         {"mode", "bulk", "table.whitelist", "t", "db.timezone", "Nowhere/City"},
         "db.timezone"},
        {CONFLUENT, {"table.whitelist", "t"}, "a mode is needed"},
        {CONFLUENT,
         {"mode", "bulk", "table.whitelist", "t", "transaction.isolation.mode",
          "SQL_SERVER_SNAPSHOT"},
         "SQL Server"},
        {CONFLUENT,
         {"mode", "bulk", "table.whitelist", "t", "jdbc.credentials.provider.class", "x.Y"},
         "Java class"},
        {SINK_CLASS,
         {"delete.enabled", "true", "pk.mode", "record_value"},
         "Deletes are only supported"},
        {SINK_CLASS, {"insert.mode", "update"}, "overwrite every row"},
        {SINK_CLASS, {"insert.mode", "multi"}, "insert.mode"},
        {SINK_CLASS, {"insert.mode", "UPSERT", "pk.mode", "record_key"}, NULL},
        {SINK_CLASS, {"topics.to.tables.mapping", "a"}, "expected topic:table"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_rig *rig = new_rig(cases[i].class_name, "connection.url",
                                     "jdbc:postgresql://127.0.0.1:1/db", "topic.prefix", "p", NULL);
        for (size_t k = 0; cases[i].settings[k] != NULL; k += 2)
            cd_rig_set(rig, cases[i].settings[k], cases[i].settings[k + 1]);
        const char *said = cd_rig_validate(rig);
        const char *wanted = cases[i].says ? cases[i].says : "connection.url: connecting to";
        if (strstr(said, wanted) == NULL)
            fail_msg("case %zu: %s", i, said);
        if (cases[i].says == NULL && strncmp(said, "connection.url", 14) != 0)
            fail_msg("case %zu: %s", i, said);
        cd_rig_free(rig);
    }
}

struct lookup {
    const char *key;
    const char *value;
};

static const char *look_up(void *arg, const char *key)
{
    const struct lookup *lookup = arg;
    return lookup->key != NULL && strcmp(lookup->key, key) == 0 ? lookup->value : NULL;
}

/* Section 0.2, and case 15. */
static void urls_become_libpqs_parameters(void **state)
{
    static const struct {
        const char *url;
        const char *name;
        const char *value;
    } cases[] = {
        {"jdbc:postgresql://h1:1,h2/db", "host", "h1,h2"},
        {"jdbc:postgresql://h1:1,h2/db", "port", "1,5432"},
        {"jdbc:postgresql://h1:1,h2/db", "dbname", "db"},
        {"jdbc:postgresql://[::1]:99/db", "host", "::1"},
        {"jdbc:postgresql://[::1]:99/db", "port", "99"},
        {"jdbc:postgresql:db", "host", "localhost"},
        {"jdbc:postgresql:db", "dbname", "db"},
        {"jdbc:postgresql://h/", "dbname", NULL},
        {"jdbc:postgresql://h/a%20b", "dbname", "a b"},
        {"jdbc:postgresql://h/db?user=u1", "user", "u1"},
        {"jdbc:postgresql://h/db", "user", "u2"},
        {"jdbc:postgresql://h/db?password=p%26q", "password", "p&q"},
        {"jdbc:postgresql://h/db?ssl=true", "sslmode", "verify-full"},
        {"jdbc:postgresql://h/db?ssl=true&sslmode=require", "sslmode", "require"},
        {"jdbc:postgresql://h/db?sslmode=disable&ssl=true", "sslmode", "disable"},
        {"jdbc:postgresql://h/db?currentSchema=a,b", "options", "-c search_path=a,b"},
        {"jdbc:postgresql://h/db?ApplicationName=x", "application_name", "x"},
        {"jdbc:postgresql://h/db?targetServerType=primary", "target_session_attrs", "primary"},
        {"jdbc:postgresql://h/db?targetServerType=preferSecondary", "target_session_attrs",
         "prefer-standby"},
        {"jdbc:postgresql://h/db?reWriteBatchedInserts=true", "dbname", "db"},
        {"postgresql://u:p@h/db", "dbname", "postgresql://u:p@h/db"},
        {"jdbc:postgresql://h/db", "sslrootcert", "/ca"}, /* connection.sslrootcert */
    };
    struct lookup lookup = {"connection.sslrootcert", "/ca"};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_pg_parameters p;
        struct cd_sql_connection connection = {.url = cases[i].url, .user = "u2"};
        if (!cd_pg_parameters_init(&p, &connection, look_up, &lookup, &err))
            fail_msg("%s: %s", cases[i].url, err.msg);
        const char *value = cd_pg_parameter(&p, cases[i].name);
        if (cases[i].value == NULL)
            assert_null(value);
        else
            assert_string_equal(value, cases[i].value);
        cd_pg_parameters_done(&p);
    }
}

static void urls_that_cannot_be_are_refused(void **state)
{
    static const char *const bad[] = {"jdbc:postgresql://u:p@h/db", "jdbc:mysql://h/db",
                                      "jdbc:postgresql://h/db?nosuch=1",
                                      "jdbc:postgresql://h/db?targetServerType=x"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_pg_parameters p;
        struct cd_sql_connection connection = {.url = bad[i]};
        assert_false(cd_pg_parameters_init(&p, &connection, NULL, NULL, &err));
        assert_int_equal(err.code, CD_ERR_CONFIG);
        cd_pg_parameters_done(&p);
    }
}

static void sqlstates_tell_data_from_environment(void **state)
{
    static const struct {
        const char *sqlstate;
        enum cd_code code;
        bool retriable;
    } cases[] = {
        {"08006", CD_ERR_REMOTE, true},  {"57P01", CD_ERR_REMOTE, true},
        {"53300", CD_ERR_REMOTE, true},  {"40001", CD_ERR_REMOTE, true},
        {"40P01", CD_ERR_REMOTE, true},  {"55P03", CD_ERR_REMOTE, true},
        {"25006", CD_ERR_REMOTE, true},  {"58030", CD_ERR_REMOTE, true},
        {"22001", CD_ERR_DATA, false},   {"23505", CD_ERR_DATA, false},
        {"42804", CD_ERR_DATA, false},   {"42P01", CD_ERR_CONFIG, false},
        {"42501", CD_ERR_CONFIG, false}, {"42703", CD_ERR_CONFIG, false},
        {"", CD_ERR_REMOTE, true},       {"ZZ999", CD_ERR_REMOTE, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum cd_code code;
        bool retriable;
        cd_pg_classify(cases[i].sqlstate, &code, &retriable);
        assert_int_equal(code, cases[i].code);
        assert_int_equal(retriable, cases[i].retriable);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_key_tables_is_filled),
        cmocka_unit_test(rules_between_keys_are_told),
        cmocka_unit_test(urls_become_libpqs_parameters),
        cmocka_unit_test(urls_that_cannot_be_are_refused),
        cmocka_unit_test(sqlstates_tell_data_from_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
