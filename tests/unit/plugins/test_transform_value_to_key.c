#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_record_comes_out_as_on_the_jvm(void **state)
{
    (void)state;
    assert_int_equal(cd_transform_vectors_run("ValueToKey"), 8);
}

static void a_null_in_a_required_field_makes_no_key(void **state)
{
    (void)state;
    static const char *const settings[] = {"fields", "a", NULL};
    cd_test_refused("ValueToKey", settings,
                    "{'topic':'t','value_schema':{'type':'struct','fields':[{'field':'a',"
                    "'schema':{'type':'int32'}}]},'value':{'struct':[['a',null]]}}",
                    "DataException", "null used for required field: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_comes_out_as_on_the_jvm),
        cmocka_unit_test(a_null_in_a_required_field_makes_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
