#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static void memory_is_zeroed(void **state)
{
    (void)state;
    CD_AUTO_FREE char *ptr = cd_alloc(64);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(ptr[i], 0);
}

static void nothing_asked_for_is_still_a_pointer(void **state)
{
    (void)state;
    CD_AUTO_FREE char *none = cd_alloc(0);
    CD_AUTO_FREE int *array = cd_new_array(0, int);
    CD_AUTO_FREE char *grown = cd_realloc_array(NULL, 0, 8);
    assert_non_null(none);
    assert_non_null(array);
    assert_non_null(grown);
}

static void growing_keeps_the_content(void **state)
{
    (void)state;
    char *ptr = cd_strdup("abc");
    ptr = cd_realloc_array(ptr, 1000, 4);
    assert_string_equal(ptr, "abc");
    free(ptr);
}

static void copies_are_terminated_and_absent_texts_stay_absent(void **state)
{
    (void)state;
    CD_AUTO_FREE char *part = cd_strndup("abcdef", 3);
    CD_AUTO_FREE char *slice = cd_slice_dup(cd_slice_of("xyz", 2));
    CD_AUTO_FREE char *empty = cd_slice_dup(cd_slice(""));
    assert_string_equal(part, "abc");
    assert_string_equal(slice, "xy");
    assert_string_equal(empty, "");
    assert_null(cd_strdup(NULL));
    assert_null(cd_slice_dup((struct cd_slice){NULL, 0}));
}

static void a_formatted_text_has_the_length_it_needs(void **state)
{
    (void)state;
    CD_AUTO_FREE char *text = cd_asprintf("%0*d-%s", 300, 7, "end");
    assert_int_equal(strlen(text), 304);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed),
        cmocka_unit_test(nothing_asked_for_is_still_a_pointer),
        cmocka_unit_test(growing_keeps_the_content),
        cmocka_unit_test(copies_are_terminated_and_absent_texts_stay_absent),
        cmocka_unit_test(a_formatted_text_has_the_length_it_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
