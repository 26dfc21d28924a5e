#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "config/connector_file.h"

/* Loads a file of that content. */
static bool load(const char *text, struct cd_connector_file *ret, struct cd_error *err)
{
    char path[] = "/tmp/test_connector_file.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
    bool ok = cd_connector_file_load(path, ret, err);
    (void)unlink(path);
    return ok;
}

static const struct {
    const char *text;
    const char *name;
    const char *state; /* NULL: not given */
    const char *key;
    const char *value;
} shapes[] = {
    {"name=a\nfile=x\n", "a", NULL, "file", "x"},
    {"# {\nname = a\nfile = \\u00e9", "a", NULL, "file", "\xc3\xa9"},
    {"{\"name\":\"a\",\"tasks.max\":2,\"flag\":true}", "a", NULL, "tasks.max", "2"},
    {"{\"name\":\"a\",\"flag\":true}", "a", NULL, "flag", "true"},
    {"{\"name\":\"a\",\"x\":\"\xc3\xa9\"}", "a", NULL, "x", "\xc3\xa9"},
    {"{\"name\":\"a\",\"config\":{\"file\":\"x\"}}", "a", NULL, "file", "x"},
    {"{\"name\":\"a\",\"config\":{\"file\":\"x\"}}", "a", NULL, "name", "a"},
    {"{\"name\":\"a\",\"config\":{\"name\":\"a\"},\"initial_state\":\"PAUSED\"}", "a", "PAUSED",
     "name", "a"},
    {"{\"name\":\"a\",\"config\":{},\"initial_state\":\"STOPPED\",\"more\":[1]}", "a", "STOPPED",
     "name", "a"},
};

static void three_shapes_are_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        struct cd_connector_file file;
        struct cd_error err = CD_ERROR_INIT;
        if (!load(shapes[i].text, &file, &err))
            fail_msg("%s", err.msg);
        assert_string_equal(file.name, shapes[i].name);
        assert_string_equal(cd_config_get(file.config, shapes[i].key), shapes[i].value);
        assert_true((file.initial_state == NULL) == (shapes[i].state == NULL));
        if (shapes[i].state != NULL)
            assert_string_equal(file.initial_state, shapes[i].state);
        cd_connector_file_done(&file);
    }
}

static const char *const broken[] = {
    "file=x\n",                                               /* no name */
    "{\"file\":\"x\"}",                                       /* no name */
    "{\"name\":\"a\",\"config\":{\"name\":\"b\"}}",           /* another name */
    "{\"name\":\"a\",\"config\":{\"x\":[1]}}",                /* no scalar */
    "{\"name\":\"a\",\"list\":[1]}",                          /* neither shape */
    "{\"name\":\"a\",\"config\":{},\"initial_state\":\"x\"}", /* no state */
    "a=\\u12",
};

static void anything_else_is_refused_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct cd_connector_file file;
        struct cd_error err = CD_ERROR_INIT;
        assert_false(load(broken[i], &file, &err));
        assert_non_null(strstr(err.msg, "/tmp/test_connector_file."));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_shapes_are_understood),
        cmocka_unit_test(anything_else_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
