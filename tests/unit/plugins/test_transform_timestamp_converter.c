#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_record_comes_out_as_on_the_jvm(void **state)
{
    (void)state;
    assert_int_equal(cd_transform_vectors_run("TimestampConverter"), 94);
}

static void a_text_in_a_number_field_is_refused(void **state)
{
    (void)state;
    static const char *const settings[] = {"target.type", "unix", "field", "a", NULL};
    cd_test_refused("TimestampConverter$Value", settings,
                    "{'topic':'t','value_schema':{'type':'struct','fields':[{'field':'a',"
                    "'schema':{'type':'int32'}},{'field':'b','schema':{'type':'string',"
                    "'optional':true}}]},'value':{'struct':[['a',{'int32':7}],['b',null]]}}",
                    "ConnectException", "Schema Schema{INT32} does not correspond");
}

static void the_schema_of_a_null_struct_is_converted(void **state)
{
    (void)state;
    static const char *const settings[] = {"target.type", "string", "format", "yyyy",
                                           "field",       "a",      NULL};
    cd_test_transform("TimestampConverter$Value", settings,
                      "{'topic':'t','value_schema':{'type':'struct','optional':true,"
                      "'fields':[{'field':'a','schema':{'type':'int64'}}]},'value':null}",
                      "{'topic':'t','value_schema':{'type':'struct','optional':true,"
                      "'fields':[{'field':'a','schema':{'type':'string'}}]},'value':null}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_comes_out_as_on_the_jvm),
        cmocka_unit_test(a_text_in_a_number_field_is_refused),
        cmocka_unit_test(the_schema_of_a_null_struct_is_converted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
