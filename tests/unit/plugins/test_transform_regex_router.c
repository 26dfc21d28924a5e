#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_record_comes_out_as_on_the_jvm(void **state)
{
    (void)state;
    assert_int_equal(cd_transform_vectors_run("RegexRouter"), 9);
}

static void a_record_without_a_topic_is_refused(void **state)
{
    (void)state;
    static const char *const settings[] = {"regex", "x", "replacement", "y", NULL};
    cd_test_refused("RegexRouter", settings, "{'value':{'string':'v'}}", "NullPointerException",
                    "without a topic");
}

/* The answer for a topic is remembered: one that does not match must not get the other's name. */
static void topics_take_turns(void **state)
{
    (void)state;
    static const char *const settings[] = {"regex", "a(.*)", "replacement", "b$1", NULL};
    static const char *const topics[][2] = {
        {"{'topic':'a1'}", "{'topic':'b1'}"},   {"{'topic':'a1'}", "{'topic':'b1'}"},
        {"{'topic':'x'}", "{'topic':'x'}"},     {"{'topic':'x'}", "{'topic':'x'}"},
        {"{'topic':'a22'}", "{'topic':'b22'}"},
    };
    struct cd_error err = CD_ERROR_INIT;
    struct cd_instance *router = cd_test_open("RegexRouter", settings, &err);
    assert_non_null(router);
    for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
        struct cd_batch *batch = cd_batch_new(1000, 1000);
        struct cd_record rec = *cd_test_record(batch, topics[i][0]);
        assert_int_equal(cd_test_apply(router, batch, &rec, &err), CD_RECORD_KEEP);
        cd_test_same(batch, &rec, topics[i][1]);
        cd_batch_free(batch);
    }
    cd_instance_free(router);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_comes_out_as_on_the_jvm),
        cmocka_unit_test(a_record_without_a_topic_is_refused),
        cmocka_unit_test(topics_take_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
