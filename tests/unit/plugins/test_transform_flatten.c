#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_record_comes_out_as_on_the_jvm(void **state)
{
    (void)state;
    assert_int_equal(cd_transform_vectors_run("Flatten"), 14);
}

static void nothing_between_two_names_is_a_delimiter_too(void **state)
{
    (void)state;
    static const char *const settings[] = {"delimiter", "", NULL};
    cd_test_transform("Flatten$Value", settings,
                      "{'topic':'t','value':{'map':[[{'string':'a'},{'map':[[{'string':'b'},{"
                      "'int8':1}]]}]]}}",
                      "{'topic':'t','value':{'map':[[{'string':'ab'},{'int8':1}]]}}");
}

static void a_key_that_is_no_text_is_refused(void **state)
{
    (void)state;
    static const char *const settings[] = {NULL};
    cd_test_refused("Flatten$Value", settings,
                    "{'topic':'t','value':{'map':[[{'int32':1},{'int8':1}]]}}",
                    "ClassCastException", "java.lang.Integer");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_comes_out_as_on_the_jvm),
        cmocka_unit_test(nothing_between_two_names_is_a_delimiter_too),
        cmocka_unit_test(a_key_that_is_no_text_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
