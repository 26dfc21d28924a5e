#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_record_comes_out_as_on_the_jvm(void **state)
{
    (void)state;
    assert_int_equal(cd_transform_vectors_run("HoistField"), 6);
}

static void an_empty_name_is_refused(void **state)
{
    (void)state;
    static const char *const settings[] = {"field", "", NULL};
    cd_test_refused("HoistField$Value", settings,
                    "{'topic':'t','value_schema':{'type':'int8'},'value':{'int8':1}}",
                    "SchemaBuilderException", "fieldName");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_comes_out_as_on_the_jvm),
        cmocka_unit_test(an_empty_name_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
