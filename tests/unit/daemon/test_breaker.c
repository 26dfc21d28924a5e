#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/breaker.h"

#define TASKS 20

static int tasks[TASKS];

static void one_task_probes_while_the_others_wait(void **state)
{
    (void)state;
    struct cd_breakers *breakers = cd_breakers_new(1000, 60000);
    struct cd_breaker *breaker = cd_breakers_get(breakers, "postgres://db");
    int64_t next_ms = 0;
    for (int i = 0; i < TASKS; i++)
        next_ms = cd_breaker_failed(breaker, &tasks[i], 0);
    assert_in_range(next_ms, 500, 1000); /* twenty failures at once are one failure */
    int64_t ignored;
    assert_false(cd_breaker_ask(breaker, &tasks[0], next_ms - 1, &ignored));
    int probes = 0;
    for (int i = 0; i < TASKS; i++)
        probes += cd_breaker_ask(breaker, &tasks[i], next_ms, &ignored);
    assert_int_equal(probes, 1);
    cd_breakers_free(breakers);
}

static void one_probe_a_step_for_as_long_as_it_is_down(void **state)
{
    (void)state;
    struct cd_breakers *breakers = cd_breakers_new(1000, 8000);
    struct cd_breaker *breaker = cd_breakers_get(breakers, "x");
    int64_t at_ms[TASKS] = {0};
    int probes = 0;
    for (int64_t now_ms = 0; now_ms < 120000; now_ms += 10)
        for (int i = 0; i < TASKS; i++) {
            if (now_ms < at_ms[i] || !cd_breaker_ask(breaker, &tasks[i], now_ms, &at_ms[i]))
                continue;
            probes++;
            at_ms[i] = cd_breaker_failed(breaker, &tasks[i], now_ms);
        }
    assert_in_range(probes, 15, 40); /* two minutes: no storm, no silence */
    cd_breaker_succeeded(breaker);
    for (int i = 0; i < TASKS; i++)
        assert_true(cd_breaker_ask(breaker, &tasks[i], 120000, &at_ms[i]));
    cd_breakers_free(breakers);
}

static void systems_do_not_share(void **state)
{
    (void)state;
    struct cd_breakers *breakers = cd_breakers_new(1000, 8000);
    struct cd_breaker *a = cd_breakers_get(breakers, "a");
    assert_ptr_equal(cd_breakers_get(breakers, "a"), a);
    (void)cd_breaker_failed(a, &tasks[0], 0);
    int64_t at_ms;
    assert_true(cd_breaker_ask(cd_breakers_get(breakers, "b"), &tasks[0], 0, &at_ms));
    assert_false(cd_breaker_ask(a, &tasks[0], 0, &at_ms));
    cd_breakers_free(breakers);
}

static void who_leaves_gives_the_probe_away(void **state)
{
    (void)state;
    struct cd_breakers *breakers = cd_breakers_new(1000, 8000);
    struct cd_breaker *breaker = cd_breakers_get(breakers, "a");
    int64_t at_ms = cd_breaker_failed(breaker, &tasks[0], 0);
    int64_t now_ms = at_ms;
    assert_true(cd_breaker_ask(breaker, &tasks[0], now_ms, &at_ms));
    assert_false(cd_breaker_ask(breaker, &tasks[1], now_ms, &at_ms));
    cd_breaker_leave(breaker, &tasks[0]);
    assert_true(cd_breaker_ask(breaker, &tasks[1], now_ms, &at_ms));
    cd_breakers_free(breakers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_task_probes_while_the_others_wait),
        cmocka_unit_test(one_probe_a_step_for_as_long_as_it_is_down),
        cmocka_unit_test(systems_do_not_share),
        cmocka_unit_test(who_leaves_gives_the_probe_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
