#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_record_comes_out_as_on_the_jvm(void **state)
{
    (void)state;
    assert_int_equal(cd_transform_vectors_run("InsertHeader"), 8);
}

static void a_list_outlives_the_transform(void **state)
{
    (void)state;
    static const char *const settings[] = {"header", "h", "value.literal", "[\"x\",\"y\"]", NULL};
    cd_test_transform("InsertHeader", settings, "{'topic':'t'}",
                      "{'topic':'t','headers':[{'key':'h','schema':{'type':'array',"
                      "'items':{'type':'string'}},"
                      "'value':{'array':[{'string':'x'},{'string':'y'}]}}]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_comes_out_as_on_the_jvm),
        cmocka_unit_test(a_list_outlives_the_transform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
