#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void every_piece_is_aligned_and_its_own(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_arena arena;
    cd_arena_init(&arena, 1 << 20, 1 << 16);
    unsigned char *pieces[2000];
    for (size_t i = 0; i < 2000; i++) {
        size_t align = (size_t)1 << (i % 7);
        pieces[i] = cd_arena_alloc(&arena, i % 97 + 1, align, &err);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % align, 0);
        memset(pieces[i], (int)(i & 0xff), i % 97 + 1);
    }
    for (size_t i = 0; i < 2000; i++)
        for (size_t at = 0; at <= i % 97; at++)
            assert_int_equal(pieces[i][at], i & 0xff);
    cd_arena_done(&arena);
}

static void the_limit_is_told_but_not_enforced(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_arena arena;
    cd_arena_init(&arena, 1000, 5000);
    assert_false(cd_arena_full(&arena));
    assert_non_null(cd_arena_alloc(&arena, 1000, 1, &err));
    assert_true(cd_arena_full(&arena));
    assert_non_null(cd_arena_alloc(&arena, 5000, 1, &err));
    assert_int_equal(arena.used, 6000);
    cd_arena_done(&arena);
}

static void a_piece_beyond_the_single_limit_is_refused_with_both_numbers(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_arena arena;
    cd_arena_init(&arena, 1000, 100);
    assert_non_null(cd_arena_alloc(&arena, 100, 8, &err));
    assert_null(cd_arena_alloc(&arena, 101, 8, &err));
    assert_int_equal(err.code, CD_ERR_DATA);
    assert_non_null(strstr(err.msg, "101"));
    assert_non_null(strstr(err.msg, "100"));
    cd_error_reset(&err);
    assert_null(cd_arena_alloc(&arena, SIZE_MAX, 8, &err));
    cd_arena_done(&arena);
}

static void reset_forgets_all_and_keeps_one_chunk(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_arena arena;
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    for (int i = 0; i < 100; i++)
        assert_non_null(cd_arena_alloc(&arena, 10000, 8, &err));
    cd_arena_reset(&arena);
    assert_int_equal(arena.used, 0);
    assert_non_null(arena.chunk);
    char *begin = arena.next;
    assert_ptr_equal(cd_arena_alloc(&arena, 10000, 1, &err), begin);
    cd_arena_done(&arena);
}

static void a_huge_piece_is_not_kept_by_reset(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_arena arena;
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    assert_non_null(cd_arena_alloc(&arena, 8 << 20, 8, &err));
    cd_arena_reset(&arena);
    assert_null(arena.chunk);
    assert_non_null(cd_arena_alloc(&arena, 1, 1, &err));
    cd_arena_done(&arena);
}

static void a_copy_is_terminated_and_absent_stays_absent(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_arena arena;
    cd_arena_init(&arena, 1000, 10);
    struct cd_slice copy = cd_arena_copy(&arena, cd_slice_of("abcdef", 3), &err);
    assert_int_equal(copy.len, 3);
    assert_string_equal(copy.ptr, "abc");
    assert_null(cd_arena_copy(&arena, (struct cd_slice){NULL, 0}, &err).ptr);
    assert_int_equal(err.code, CD_OK);
    assert_null(cd_arena_copy(&arena, cd_slice("0123456789"), &err).ptr);
    assert_int_equal(err.code, CD_ERR_DATA);
    cd_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_piece_is_aligned_and_its_own),
        cmocka_unit_test(the_limit_is_told_but_not_enforced),
        cmocka_unit_test(a_piece_beyond_the_single_limit_is_refused_with_both_numbers),
        cmocka_unit_test(reset_forgets_all_and_keeps_one_chunk),
        cmocka_unit_test(a_huge_piece_is_not_kept_by_reset),
        cmocka_unit_test(a_copy_is_terminated_and_absent_stays_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
