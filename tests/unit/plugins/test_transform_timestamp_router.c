#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_record_comes_out_as_on_the_jvm(void **state)
{
    (void)state;
    assert_int_equal(cd_transform_vectors_run("TimestampRouter"), 4);
}

static void a_pattern_is_judged_before_the_first_record(void **state)
{
    (void)state;
    static const char *const settings[] = {"timestamp.format", "yyyy-bb", NULL};
    cd_test_refused(
        "TimestampRouter", settings,
        "{'topic':'t','value_schema':{'type':'struct','fields':[{'field':'a',"
        "'schema':{'type':'int32'}},{'field':'b','schema':{'type':'string',"
        "'optional':true}}]},'value':{'struct':[['a',{'int32':7}],['b',null]]}}",
        "ConfigException",
        "Invalid value yyyy-bb for configuration timestamp.format: Illegal pattern character 'b'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_comes_out_as_on_the_jvm),
        cmocka_unit_test(a_pattern_is_judged_before_the_first_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
