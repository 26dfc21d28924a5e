#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_record_comes_out_as_on_the_jvm(void **state)
{
    (void)state;
    assert_int_equal(cd_transform_vectors_run("ReplaceField"), 13);
}

static void every_rename_has_one_colon(void **state)
{
    (void)state;
    static const char *const settings[] = {"renames", "a:b,c", NULL};
    cd_test_refused("ReplaceField$Value", settings,
                    "{'topic':'t','value_schema':{'type':'struct','fields':[{'field':'a',"
                    "'schema':{'type':'int32'}},{'field':'b','schema':{'type':'string',"
                    "'optional':true}}]},'value':{'struct':[['a',{'int32':7}],['b',null]]}}",
                    "ConfigException",
                    "Invalid value [a:b, c] for configuration renames: Invalid rename mapping: c");
}

static void keys_that_are_no_texts_stay(void **state)
{
    (void)state;
    static const char *const settings[] = {"exclude", "a", NULL};
    cd_test_transform("ReplaceField$Value", settings,
                      "{'topic':'t','value':{'map':[[{'int32':1},{'int8':1}],[{'string':'a'},"
                      "{'int8':2}]]}}",
                      "{'topic':'t','value':{'map':[[{'int32':1},{'int8':1}]]}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_comes_out_as_on_the_jvm),
        cmocka_unit_test(every_rename_has_one_colon),
        cmocka_unit_test(keys_that_are_no_texts_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
