#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_record_comes_out_as_on_the_jvm(void **state)
{
    (void)state;
    assert_int_equal(cd_transform_vectors_run("SetSchemaMetadata"), 10);
}

static void version_0_is_a_version(void **state)
{
    (void)state;
    static const char *const settings[] = {"schema.version", "0", NULL};
    cd_test_transform("SetSchemaMetadata$Value", settings,
                      "{'topic':'t','value_schema':{'type':'struct','optional':true,"
                      "'fields':[]},'value':null}",
                      "{'topic':'t','value_schema':{'type':'struct','optional':true,"
                      "'version':0,'fields':[]},'value':null}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_comes_out_as_on_the_jvm),
        cmocka_unit_test(version_0_is_a_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
