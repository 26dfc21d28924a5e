#include "rig.h"

#include "api/auth.h"

#define MODULE "org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule"
#define EXTENSION                                                                                  \
    "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension"

/* ann:secret, ann:wrong, bob:secret, ":secret", "nocolon" */
#define ANN "Basic YW5uOnNlY3JldA=="
#define ANN_WRONG "Basic YW5uOndyb25n"
#define BOB "Basic Ym9iOnNlY3JldA=="
#define NOBODY "Basic OnNlY3JldA=="
#define NO_COLON "Basic bm9jb2xvbg=="

static void write_file(char *path, const char *text)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void the_jaas_entry_names_the_file(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *file; /* NULL: see problem */
        const char *problem;
    } rows[] = {
        {"KafkaConnect { " MODULE " required file=\"/a b\"; };", "/a b", NULL},
        {"// c\nOther { x y required; };\n/* KafkaConnect { */ KafkaConnect {\n" MODULE
         " required\n debug=true file=/x;\n};",
         "/x", NULL},
        {"Other { x required; };", NULL, "no JAAS entry 'KafkaConnect'"},
        {"KafkaConnect { org.example.M required; };", NULL, "org.example.M"},
        {"KafkaConnect { " MODULE " required; };", NULL, "no option 'file'"},
        {"", NULL, "no JAAS entry"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        char *file = cd_jaas_file_option(rows[i].text, &err);
        if (rows[i].file != NULL)
            assert_string_equal(file, rows[i].file);
        else
            assert_non_null(strstr(err.msg, rows[i].problem));
        free(file);
    }
}

static void check(const struct cd_auth *auth, const char *header, bool let_in)
{
    char *user = NULL;
    assert_int_equal(cd_auth_check(auth, header, &user), let_in);
    free(user);
}

static void passwords_of_a_properties_file_let_in(void **state)
{
    (void)state;
    char users[] = "/tmp/cd-users-XXXXXX";
    char jaas[] = "/tmp/cd-jaas-XXXXXX";
    char text[512];
    write_file(users, "# comment\nann=secret\n");
    (void)snprintf(text, sizeof(text), "KafkaConnect { " MODULE " required file=\"%s\"; };", users);
    write_file(jaas, text);
    static const char *const extension[] = {EXTENSION};
    struct cd_api_config config = {.extensions = {extension, 1}, .jaas_file = jaas};
    struct cd_auth *auth = NULL;
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_auth_load(&config, &auth, &err));
    check(auth, ANN, true);
    check(auth, "basic YW5uOnNlY3JldA==", true);
    static const char *const refused[] = {
        NULL, ANN_WRONG, BOB, NOBODY, NO_COLON, "Basic", "Basic !!!!", "Bearer YW5uOnNlY3JldA=="};
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        check(auth, refused[i], false);
    cd_auth_free(auth);

    struct rig rig;
    (void)snprintf(text, sizeof(text),
                   "rest.extension.classes=" EXTENSION "\nconnectd.rest.jaas.file=%s\n", jaas);
    rig = rig_start(text);
    struct cd_http_reply reply = cd_http_call(rig.port, "GET", "/", NULL, NULL);
    assert_int_equal(reply.status, 401);
    assert_string_equal(reply.body, "User cannot access the resource.");
    cd_http_reply_done(&reply);
    reply = cd_http_call(rig.port, "GET", "/", "Authorization: " ANN "\r\n", NULL);
    assert_int_equal(reply.status, 200);
    cd_http_reply_done(&reply);
    reply = cd_http_call(rig.port, "POST", "/connectors/x/tasks", NULL, "[]");
    assert_int_equal(reply.status, 400);
    cd_http_reply_done(&reply);
    reply = cd_http_call(rig.port, "GET", "/nope", NULL, NULL);
    assert_int_equal(reply.status, 404);
    cd_http_reply_done(&reply);
    rig_stop(&rig);
    unlink(users);
    unlink(jaas);
}

static void an_empty_file_lets_everyone_in(void **state)
{
    (void)state;
    char users[] = "/tmp/cd-users-XXXXXX";
    char jaas[] = "/tmp/cd-jaas-XXXXXX";
    char text[512];
    write_file(users, "");
    (void)snprintf(text, sizeof(text), "KafkaConnect { " MODULE " required file=\"%s\"; };", users);
    write_file(jaas, text);
    static const char *const extension[] = {EXTENSION};
    struct cd_api_config config = {.extensions = {extension, 1}, .jaas_file = jaas};
    struct cd_auth *auth = NULL;
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_auth_load(&config, &auth, &err));
    check(auth, NULL, true);
    cd_auth_free(auth);
    unlink(users);
    unlink(jaas);
}

static void hashes_let_in_the_first_time_and_after(void **state)
{
    (void)state;
    char path[] = "/tmp/cd-hashes-XXXXXX";
    /* openssl passwd -6 -salt salt secret */
    write_file(path, "# "
                     "users\nann:$6$salt$egUxKNxDs8kPfh8iPMNcosMhb2eWah6d3R44JDm5Rj/j/"
                     "XWR5E33QPd0YmHXoDHOIDR6kL5D3JcQcz0O8FHE00\n");
    struct cd_api_config config = {.password_file = path};
    struct cd_auth *auth = NULL;
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_auth_load(&config, &auth, &err));
    for (int i = 0; i < 2; i++) {
        check(auth, ANN, true);
        check(auth, ANN_WRONG, false);
        check(auth, NULL, false);
    }
    cd_auth_free(auth);
    unlink(path);
}

static void a_line_without_a_hash_is_named(void **state)
{
    (void)state;
    char path[] = "/tmp/cd-hashes-XXXXXX";
    write_file(path, "\nann:plain\n");
    struct cd_api_config config = {.password_file = path};
    struct cd_auth *auth = NULL;
    struct cd_error err = CD_ERROR_INIT;
    assert_false(cd_auth_load(&config, &auth, &err));
    assert_non_null(strstr(err.msg, "line 2"));
    assert_null(strstr(err.msg, "plain"));
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_jaas_entry_names_the_file),
        cmocka_unit_test(passwords_of_a_properties_file_let_in),
        cmocka_unit_test(an_empty_file_lets_everyone_in),
        cmocka_unit_test(hashes_let_in_the_first_time_and_after),
        cmocka_unit_test(a_line_without_a_hash_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
