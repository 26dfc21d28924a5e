#include "plugins/pairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool renames(const char *item, struct cd_pairs *ret, struct cd_error *err)
{
    return cd_pairs_parse_renames(ret, (struct cd_strings){&item, 1}, err);
}

static void a_rename_has_two_parts(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "a", "a:", ":", "::", "a:b:c", "a::b"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct cd_pairs pairs = {0};
        struct cd_error err = CD_ERROR_INIT;
        assert_false(renames(bad[i], &pairs, &err));
        assert_string_equal(err.native, "ConfigException");
        assert_null(pairs.list);
    }
}

static void blanks_and_colons_at_the_end_are_as_java_splits_them(void **state)
{
    (void)state;
    struct cd_pairs pairs = {0};
    struct cd_error err = CD_ERROR_INIT;
    assert_true(renames("a : b:", &pairs, &err));
    assert_string_equal(cd_pairs_get(&pairs, cd_slice("a ")), " b");
    cd_pairs_done(&pairs);
    assert_true(renames(":b", &pairs, &err));
    assert_string_equal(cd_pairs_get(&pairs, cd_slice("")), "b");
    cd_pairs_done(&pairs);
}

static void the_last_of_two_renames_counts(void **state)
{
    (void)state;
    static const char *const items[] = {"a:b", "a:c"};
    struct cd_pairs pairs = {0};
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_pairs_parse_renames(&pairs, (struct cd_strings){items, 2}, &err));
    assert_string_equal(cd_pairs_get(&pairs, cd_slice("a")), "c");
    assert_null(cd_pairs_get(&pairs, cd_slice("b")));
    cd_pairs_done(&pairs);
}

static void a_single_part_has_no_right(void **state)
{
    (void)state;
    const char *item = "int8:";
    struct cd_pairs pairs = {0};
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_pairs_parse(&pairs, (struct cd_strings){&item, 1}, 1, &err));
    assert_string_equal(pairs.list[0].left, "int8");
    assert_null(pairs.list[0].right);
    cd_pairs_done(&pairs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rename_has_two_parts),
        cmocka_unit_test(blanks_and_colons_at_the_end_are_as_java_splits_them),
        cmocka_unit_test(the_last_of_two_renames_counts),
        cmocka_unit_test(a_single_part_has_no_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
