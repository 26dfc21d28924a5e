#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_answer_is_the_jvms(void **state)
{
    (void)state;
    assert_int_equal(cd_transform_vectors_run("TopicNameMatches"), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_answer_is_the_jvms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
