#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_record_comes_out_as_on_the_jvm(void **state)
{
    (void)state;
    assert_int_equal(cd_transform_vectors_run("DropHeaders"), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_comes_out_as_on_the_jvm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
