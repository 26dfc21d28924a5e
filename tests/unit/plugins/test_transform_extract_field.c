#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_record_comes_out_as_on_the_jvm(void **state)
{
    (void)state;
    assert_int_equal(cd_transform_vectors_run("ExtractField"), 21);
}

static void a_null_on_the_way_is_the_result(void **state)
{
    (void)state;
    static const char *const settings[] = {"field", "a.b", "field.syntax.version", "v2", NULL};
    cd_test_transform("ExtractField$Value", settings,
                      "{'topic':'t','value':{'map':[[{'string':'a'},null]]}}",
                      "{'topic':'t','value':null}");
}

static void an_empty_v2_path_leads_nowhere(void **state)
{
    (void)state;
    static const char *const settings[] = {"field", "", "field.syntax.version", "V2", NULL};
    cd_test_refused("ExtractField$Value", settings,
                    "{'topic':'t','value_schema':{'type':'struct','fields':[{'field':'a',"
                    "'schema':{'type':'int32'}},{'field':'b','schema':{'type':'string',"
                    "'optional':true}}]},'value':{'struct':[['a',{'int32':7}],['b',null]]}}",
                    "IllegalArgumentException", "Unknown field: ");
}

static void a_step_into_a_primitive_is_refused(void **state)
{
    (void)state;
    static const char *const settings[] = {"field", "a.x", "field.syntax.version", "V2", NULL};
    cd_test_refused("ExtractField$Value", settings,
                    "{'topic':'t','value_schema':{'type':'struct','fields':[{'field':'a',"
                    "'schema':{'type':'int32'}},{'field':'b','schema':{'type':'string',"
                    "'optional':true}}]},'value':{'struct':[['a',{'int32':7}],['b',null]]}}",
                    "DataException", "Cannot look up fields on non-struct type");
}

static void a_key_leaves_the_value_alone(void **state)
{
    (void)state;
    static const char *const settings[] = {"field", "k", NULL};
    cd_test_transform("ExtractField$Key", settings,
                      "{'topic':'t','key':{'map':[[{'string':'k'},{'int8':1}]]},'value':{"
                      "'string':'v'}}",
                      "{'topic':'t','key':{'int8':1},'value':{'string':'v'}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_comes_out_as_on_the_jvm),
        cmocka_unit_test(a_null_on_the_way_is_the_result),
        cmocka_unit_test(an_empty_v2_path_leads_nowhere),
        cmocka_unit_test(a_step_into_a_primitive_is_refused),
        cmocka_unit_test(a_key_leaves_the_value_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
