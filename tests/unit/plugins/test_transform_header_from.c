#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_record_comes_out_as_on_the_jvm(void **state)
{
    (void)state;
    assert_int_equal(cd_transform_vectors_run("HeaderFrom"), 12);
}

static void a_null_for_a_required_header_changes_nothing(void **state)
{
    (void)state;
    static const char *const settings[] = {"fields",    "a",    "headers", "h",
                                           "operation", "copy", NULL};
    cd_test_refused("HeaderFrom$Value", settings,
                    "{'topic':'t','value_schema':{'type':'struct','fields':[{'field':'a',"
                    "'schema':{'type':'int32'}}]},'value':{'struct':[['a',null]]},"
                    "'headers':[{'key':'old','schema':null,'value':null}]}",
                    "DataException",
                    "A null value requires an optional schema but was Schema{INT32}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_comes_out_as_on_the_jvm),
        cmocka_unit_test(a_null_for_a_required_header_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
