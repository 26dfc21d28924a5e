#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void real_clocks_go_forward(void **state)
{
    (void)state;
    int64_t before_us = cd_clock_us();
    int64_t before_cpu = cd_thread_cpu_us();
    assert_true(cd_clock_us() >= before_us);
    assert_true(cd_clock_ms() >= before_us / 1000);
    assert_true(cd_wall_ms() > INT64_C(1700000000000));
    assert_true(cd_thread_cpu_us() >= before_cpu);
}

static void a_faked_clock_stands_until_it_is_moved(void **state)
{
    (void)state;
    cd_clock_fake(1000, 1483425001864);
    assert_int_equal(cd_clock_ms(), 1000);
    assert_int_equal(cd_clock_us(), 1000000);
    assert_int_equal(cd_wall_ms(), 1483425001864);
    cd_clock_advance(36);
    assert_int_equal(cd_clock_ms(), 1036);
    assert_int_equal(cd_wall_ms(), 1483425001900);
    cd_clock_real();
    assert_int_not_equal(cd_wall_ms(), 1483425001900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_clocks_go_forward),
        cmocka_unit_test(a_faked_clock_stands_until_it_is_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
