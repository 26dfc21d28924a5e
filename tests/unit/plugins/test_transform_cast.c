#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_record_comes_out_as_on_the_jvm(void **state)
{
    (void)state;
    assert_int_equal(cd_transform_vectors_run("Cast"), 60);
}

static void a_boolean_becomes_the_numbers_0_and_1(void **state)
{
    (void)state;
    static const char *const settings[] = {"spec", "a:float32,b:int64", NULL};
    cd_test_transform("Cast$Value", settings,
                      "{'topic':'t','value':{'map':[[{'string':'a'},{'boolean':true}],[{"
                      "'string':'b'},{'boolean':false}]]}}",
                      "{'topic':'t','value':{'map':[[{'string':'a'},{'float32':{"
                      "'bits':'3f800000'}}],[{'string':'b'},{'int64':0}]]}}");
}

static void the_last_of_two_casts_of_one_field_counts(void **state)
{
    (void)state;
    static const char *const settings[] = {"spec", "a:int8,a:string", NULL};
    cd_test_transform("Cast$Key", settings,
                      "{'topic':'t','key':{'map':[[{'string':'a'},{'int32':5}]]}}",
                      "{'topic':'t','key':{'map':[[{'string':'a'},{'string':'5'}]]}}");
}

static void an_optional_struct_stays_optional(void **state)
{
    (void)state;
    static const char *const settings[] = {"spec", " a : STRING ", NULL};
    cd_test_transform("Cast$Value", settings,
                      "{'topic':'t','value_schema':{'type':'struct','optional':true,"
                      "'fields':[{'field':'a','schema':{'type':'int32'}}]},'value':{"
                      "'struct':[['a',{'int32':7}]]}}",
                      "{'topic':'t','value_schema':{'type':'struct','optional':true,"
                      "'fields':[{'field':'a','schema':{'type':'string'}}]},'value':{"
                      "'struct':[['a',{'string':'7'}]]}}");
}

static void a_default_that_cannot_be_cast_is_refused(void **state)
{
    (void)state;
    static const char *const settings[] = {"spec", "a:int32", NULL};
    cd_test_refused("Cast$Value", settings,
                    "{'topic':'t','value_schema':{'type':'struct','fields':[{'field':'a',"
                    "'schema':{'type':'string','default':{'string':'x'}}}]},'value':{"
                    "'struct':[['a',{'string':'7'}]]}}",
                    "DataException", "Value (x) was out of range");
}

static void a_type_cast_whole_to_a_logical_name_keeps_no_default(void **state)
{
    (void)state;
    static const char *const settings[] = {"spec", "int64", NULL};
    cd_test_refused("Cast$Value", settings,
                    "{'topic':'t','value_schema':{'type':'int64',"
                    "'name':'org.apache.kafka.connect.data.Timestamp','version':1,"
                    "'default':{'instant_ms':5}},'value':{'instant_ms':7}}",
                    "SchemaBuilderException", "Invalid default value");
}

static void a_null_in_a_required_field_is_refused(void **state)
{
    (void)state;
    static const char *const settings[] = {"spec", "b:int32", NULL};
    cd_test_refused("Cast$Value", settings,
                    "{'topic':'t','value_schema':{'type':'struct','fields':[{'field':'a',"
                    "'schema':{'type':'int32'}},{'field':'b','schema':{'type':'string'}}]},"
                    "'value':{'struct':[['a',null],['b',{'string':'1'}]]}}",
                    "DataException", "null used for required field: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_comes_out_as_on_the_jvm),
        cmocka_unit_test(a_boolean_becomes_the_numbers_0_and_1),
        cmocka_unit_test(the_last_of_two_casts_of_one_field_counts),
        cmocka_unit_test(an_optional_struct_stays_optional),
        cmocka_unit_test(a_default_that_cannot_be_cast_is_refused),
        cmocka_unit_test(a_type_cast_whole_to_a_logical_name_keeps_no_default),
        cmocka_unit_test(a_null_in_a_required_field_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
