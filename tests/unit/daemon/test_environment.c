#include "daemon/environment.h"

#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants these first */
#include <cmocka.h>

/* One or several variables, and what a key is afterwards (NULL: not set). */
static const struct {
    const char *variables[4];
    const char *key;
    const char *value;
} cases[] = {
    {{"CONNECT_GROUP_ID=g"}, "group.id", "g"},
    {{"KAFKA_GROUP_ID=k"}, "group.id", "k"},
    {{"KAFKA_CONNECT_GROUP_ID=k"}, "group.id", "k"},
    {{"GROUP_ID=b"}, "group.id", "b"},
    {{"CONNECT_GROUP_ID=c", "KAFKA_GROUP_ID=k", "GROUP_ID=b"}, "group.id", "c"},
    {{"GROUP_ID=b", "KAFKA_GROUP_ID=k"}, "group.id", "k"},
    {{"CONNECT_A__B___C=1"}, "a_b-c", "1"},
    {{"CONNECT_A____B=1"}, "a-.b", "1"},
    {{"CONNECTD_LOG_FORMAT=json"}, "connectd.log.format", "json"},
    {{"CONNECT_LOG4J_ROOT_LOGLEVEL=DEBUG"}, "connectd.log.level", "DEBUG"},
    {{"CONNECT_EMPTY="}, "empty", ""},
    {{"CONNECT_EQUALS=a=b"}, "equals", "a=b"},
    {{"KAFKA_HEAP_OPTS=-Xmx1g"}, "heap.opts", NULL},
    {{"KAFKA_LOG4J_OPTS=x"}, "log4j.opts", NULL},
    {{"CONNECTD_CONFIG=/x"}, "connectd.config", NULL},
    {{"CONNECT_=x"}, "", NULL},
    {{"PATH=/bin"}, "path", NULL},
    {{"KAFKA_CONNECT_CONFIGURATION=a.b=1\nc=2"}, "c", "2"},
    {{"KAFKA_CONNECT_CONFIGURATION=group.id=1", "CONNECT_GROUP_ID=2"}, "group.id", "2"},
};

static void names_become_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *environment[5] = {NULL};
        for (size_t v = 0; v < 4 && cases[i].variables[v] != NULL; v++)
            environment[v] = cd_strdup(cases[i].variables[v]);
        struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
        struct cd_error err = CD_ERROR_INIT;
        assert_true(cd_environment_read(environment, config, &err));
        const char *value = cd_config_get(config, cases[i].key);
        if (cases[i].value == NULL)
            assert_null(value);
        else
            assert_string_equal(value, cases[i].value);
        for (size_t v = 0; v < 4; v++)
            free(environment[v]);
    }
}

static void a_file_holds_the_secret_without_its_line_end(void **state)
{
    (void)state;
    char path[] = "/tmp/connectd-environment-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "s3cret\n", 7), 7);
    assert_int_equal(close(fd), 0);
    CD_AUTO_FREE char *variable = cd_asprintf("CONNECT_SSL_KEY_PASSWORD_FILE=%s", path);
    char *environment[] = {variable, NULL};
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_environment_read(environment, config, &err));
    assert_string_equal(cd_config_get(config, "ssl.key.password"), "s3cret");
    assert_int_equal(unlink(path), 0);
    assert_false(cd_environment_read(environment, config, &err));
    assert_non_null(strstr(err.msg, "CONNECT_SSL_KEY_PASSWORD_FILE"));
    assert_non_null(strstr(err.msg, path));
}

static void what_is_written_is_read_back_equal(void **state)
{
    (void)state;
    static const char *const values[] = {"",      " leading", "back\\slash",      "two\nlines",
                                         "a=b:c", "\xc3\xbc", "\xf0\x9f\x98\x80", "# no comment"};
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        CD_AUTO_FREE char *key = cd_asprintf("key %zu:=#", i);
        cd_config_set(config, key, values[i]);
    }
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    cd_environment_write(config, /* hide = */ false, &text);
    struct cd_config *again CD_AUTO(cd_config_freep) = cd_config_new();
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_properties_parse(cd_buffer_view(&text), /* utf8 = */ false, again, &err));
    assert_true(cd_config_equal(config, again));
}

static void secrets_are_hidden_from_people(void **state)
{
    (void)state;
    static const char *const secrets[] = {"sasl.jaas.config", "consumer.sasl.jaas.config",
                                          "ssl.keystore.password", "producer.ssl.key.password"};
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        cd_config_set(config, secrets[i], "s3cret");
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    cd_environment_write(config, /* hide = */ true, &text);
    assert_null(strstr(text.ptr, "s3cret"));
}

static void a_container_without_a_group_keeps_its_offsets_in_its_volume(void **state)
{
    (void)state;
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    cd_environment_defaults(config);
    assert_false(cd_environment_is_distributed(config));
    assert_string_equal(cd_config_get(config, "offset.storage.file.filename"),
                        "/var/lib/connectd/offsets");
    struct cd_config *group CD_AUTO(cd_config_freep) = cd_config_new();
    cd_config_set(group, "group.id", "g");
    cd_config_set(group, "config.storage.topic", "c");
    cd_environment_defaults(group);
    assert_true(cd_environment_is_distributed(group));
    assert_false(cd_config_has(group, "offset.storage.file.filename"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_become_keys),
        cmocka_unit_test(a_file_holds_the_secret_without_its_line_end),
        cmocka_unit_test(what_is_written_is_read_back_equal),
        cmocka_unit_test(secrets_are_hidden_from_people),
        cmocka_unit_test(a_container_without_a_group_keeps_its_offsets_in_its_volume),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
