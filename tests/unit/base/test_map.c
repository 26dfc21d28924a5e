#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static int freed;

static void count_and_free(void *value)
{
    freed++;
    free(value);
}

static void an_empty_map_has_nothing(void **state)
{
    (void)state;
    struct cd_strmap map;
    cd_strmap_init(&map, NULL);
    struct cd_strmap_iter it = {0};
    assert_null(cd_strmap_get(&map, "a"));
    assert_false(cd_strmap_remove(&map, "a"));
    assert_null(cd_strmap_steal(&map, "a"));
    assert_false(cd_strmap_next(&map, &it));
    assert_int_equal(cd_strmap_count(&map), 0);
    cd_strmap_done(&map);
}

static void iteration_follows_insertion_and_replacing_keeps_the_place(void **state)
{
    (void)state;
    struct cd_strmap map;
    freed = 0;
    cd_strmap_init(&map, count_and_free);
    const char *kept = cd_strmap_put(&map, "zeta", cd_strdup("1"));
    cd_strmap_put(&map, "alpha", cd_strdup("2"));
    cd_strmap_put(&map, "mid", cd_strdup("3"));
    assert_ptr_equal(cd_strmap_put(&map, "zeta", cd_strdup("4")), kept);
    assert_int_equal(freed, 1);
    const char *expected[][2] = {{"zeta", "4"}, {"alpha", "2"}, {"mid", "3"}};
    size_t at = 0;
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&map, &it); at++) {
        assert_string_equal(it.key, expected[at][0]);
        assert_string_equal(it.value, expected[at][1]);
    }
    assert_int_equal(at, 3);
    cd_strmap_done(&map);
    assert_int_equal(freed, 4);
}

static void many_keys_are_found_after_many_removals(void **state)
{
    (void)state;
    struct cd_strmap map;
    cd_strmap_init(&map, NULL);
    static char marks[20000];
    char key[16];
    for (int i = 0; i < 20000; i++) {
        (void)snprintf(key, sizeof(key), "key-%d", i);
        cd_strmap_put(&map, key, &marks[i]);
        if (i < 10)
            continue;
        (void)snprintf(key, sizeof(key), "key-%d", i - 10);
        if (i % 3 != 0)
            assert_true(cd_strmap_remove(&map, key));
    }
    size_t left = 0;
    for (int i = 0; i < 20000; i++) {
        (void)snprintf(key, sizeof(key), "key-%d", i);
        bool kept = i + 10 >= 20000 || (i + 10) % 3 == 0;
        assert_ptr_equal(cd_strmap_get(&map, key), kept ? &marks[i] : NULL);
        left += kept;
    }
    assert_int_equal(cd_strmap_count(&map), left);
    cd_strmap_done(&map);
}

static void a_steady_coming_and_going_does_not_grow_it(void **state)
{
    (void)state;
    struct cd_strmap map;
    cd_strmap_init(&map, NULL);
    char key[16];
    for (int i = 0; i < 100000; i++) {
        (void)snprintf(key, sizeof(key), "%d", i);
        cd_strmap_put(&map, key, &map);
        assert_ptr_equal(cd_strmap_steal(&map, key), &map);
        assert_null(cd_strmap_get(&map, key));
    }
    assert_int_equal(cd_strmap_count(&map), 0);
    cd_strmap_done(&map);
}

static void the_current_entry_may_be_removed_inside_the_loop(void **state)
{
    (void)state;
    struct cd_strmap map;
    freed = 0;
    cd_strmap_init(&map, count_and_free);
    char key[8];
    for (int i = 0; i < 50; i++) {
        (void)snprintf(key, sizeof(key), "%d", i);
        cd_strmap_put(&map, key, cd_strdup(key));
    }
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&map, &it);)
        if (atoi(it.value) % 2 == 0)
            assert_true(cd_strmap_remove(&map, it.key));
    assert_int_equal(cd_strmap_count(&map), 25);
    assert_int_equal(freed, 25);
    cd_strmap_clear(&map);
    assert_int_equal(freed, 50);
    cd_strmap_put(&map, "again", cd_strdup("x"));
    assert_string_equal(cd_strmap_get_slice(&map, cd_slice_of("again and", 5)), "x");
    cd_strmap_done(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_has_nothing),
        cmocka_unit_test(iteration_follows_insertion_and_replacing_keeps_the_place),
        cmocka_unit_test(many_keys_are_found_after_many_removals),
        cmocka_unit_test(a_steady_coming_and_going_does_not_grow_it),
        cmocka_unit_test(the_current_entry_may_be_removed_inside_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
