#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_record_comes_out_as_on_the_jvm(void **state)
{
    (void)state;
    assert_int_equal(cd_transform_vectors_run("MaskField"), 14);
}

static void a_number_is_cut_to_the_width_of_the_field(void **state)
{
    (void)state;
    static const char *const settings[] = {"fields", "a,b", "replacement", "300.9", NULL};
    cd_test_transform("MaskField$Value", settings,
                      "{'topic':'t','value':{'map':[[{'string':'a'},{'int8':1}],[{"
                      "'string':'b'},{'int16':1}]]}}",
                      "{'topic':'t','value':{'map':[[{'string':'a'},{'int8':44}],[{"
                      "'string':'b'},{'int16':300}]]}}");
}

static void a_decimal_needs_a_number(void **state)
{
    (void)state;
    static const char *const settings[] = {"fields", "a", "replacement", "x", NULL};
    cd_test_refused("MaskField$Value", settings,
                    "{'topic':'t','value':{'map':[[{'string':'a'},{'decimal':{"
                    "'unscaled':'5','scale':1}}]]}}",
                    "DataException", "Unable to convert x (class java.lang.String) to number");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_comes_out_as_on_the_jvm),
        cmocka_unit_test(a_number_is_cut_to_the_width_of_the_field),
        cmocka_unit_test(a_decimal_needs_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
