#include "compat/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "compat/decimal.h"

/* Numbers from a JVM. */
static void hash_codes_are_the_jvms(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_arena arena;
    (void)state;
    cd_arena_init(&arena, 10000, 10000);
    assert_int_equal(cd_java_string_hash(cd_slice("")), 0);
    assert_int_equal(cd_java_string_hash(cd_slice("Aa")), cd_java_string_hash(cd_slice("BB")));
    assert_int_equal(cd_java_string_hash(cd_slice("h\xc3\xa9\xf0\x9f\x98\x80")), 5095076);
    assert_int_equal(cd_java_string_hash(cd_slice("polygenelubricants")), INT32_MIN);
    assert_int_equal(cd_java_long_hash(-5), 4);
    assert_int_equal(cd_java_long_hash(INT64_C(1) << 40), 256);
    assert_int_equal(cd_java_double_hash(1.5), 1073217536);
    assert_int_equal(cd_java_double_hash(-0.0), INT32_MIN);
    assert_int_equal(cd_java_double_hash(-(double)NAN), 2146959360);
    assert_int_equal(cd_java_float_hash(1.5F), 1069547520);
    assert_int_equal(cd_java_float_hash(NAN), 2143289344);
    assert_int_equal(cd_java_value_hash(cd_bool(true)), 1231);
    assert_int_equal(cd_java_value_hash(cd_instant(1483425001864)), 1661284561);
    const struct cd_decimal *d = cd_java_parse_decimal(cd_slice("1.50"), &arena, &err);
    assert_int_equal(cd_java_value_hash(cd_decimal(d)), 4652);
    d = cd_java_parse_decimal(cd_slice("-123456789012345678901234567890.12"), &arena, &err);
    assert_int_equal(cd_java_value_hash(cd_decimal(d)), 1747325897);
    const struct cd_value list[] = {cd_int32(1), cd_int64(2), cd_string(cd_slice("x"))};
    assert_int_equal(cd_java_value_hash(cd_array(list, 3)), 30934);
    const struct cd_map_entry entry = {cd_string(cd_slice("a")), cd_int32(1)};
    assert_int_equal(cd_java_value_hash(cd_map(&entry, 1)), 96);
    assert_int_equal(cd_java_value_hash(cd_null()), 0);
    cd_arena_done(&arena);
}

static void a_hash_map_iterates_as_in_the_vectors(void **state)
{
    static const char *const names[] = {"zeta", "alpha", "mid", "b", "a", "Aa", "BB"};
    static const uint32_t first[] = {0, 5, 6, 4, 3, 1, 2}; /* json-hash-001 */
    static const uint32_t second[] = {0,  3,  10, 4,  11, 1, 12, 2, 13, 14,
                                      15, 16, 17, 18, 19, 7, 8,  5, 6,  9}; /* json-hash-002 */
    struct cd_slice keys[20];
    char texts[20][16];
    uint32_t order[20];
    (void)state;
    for (size_t i = 0; i < 7; i++)
        keys[i] = cd_slice(names[i]);
    cd_java_string_order(keys, 7, CD_HASH_DEFAULT_CAPACITY, order);
    assert_memory_equal(order, first, sizeof(first));
    for (int i = 0; i < 20; i++) {
        (void)snprintf(texts[i], sizeof(texts[i]), "field_%d", i);
        keys[i] = cd_slice(texts[i]);
    }
    cd_java_string_order(keys, 20, CD_HASH_DEFAULT_CAPACITY, order);
    assert_memory_equal(order, second, sizeof(second));
}

static void tables_begin_as_large_as_the_constructors_make_them(void **state)
{
    static const struct {
        size_t count;
        uint32_t copied;
        uint32_t sized;
    } cases[] = {{0, 1, 1}, {3, 8, 4}, {6, 16, 8}, {7, 16, 8}, {12, 32, 16}, {13, 32, 16}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(cd_java_copy_capacity(cases[i].count), cases[i].copied);
        assert_int_equal(cd_java_sized_capacity(cases[i].count), cases[i].sized);
    }
}

/* Nine keys of one bucket double a small table before its load does. */
static void a_crowded_bucket_doubles_a_small_table(void **state)
{
    struct cd_hash_entry entries[9];
    (void)state;
    for (uint32_t i = 0; i < 9; i++)
        entries[i] = (struct cd_hash_entry){(int32_t)(i % 2 == 0 ? 16 : 0), i};

    cd_java_hash_order(entries, 9, CD_HASH_DEFAULT_CAPACITY);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(entries[i].index, 2 * i + 1);
    assert_int_equal(entries[4].index, 0);
}

static void large_maps_are_permuted_not_lost(void **state)
{
    enum { COUNT = 5000 };
    (void)state;
    struct cd_hash_entry *entries = cd_new_array(COUNT, struct cd_hash_entry);
    bool *seen = cd_new_array(COUNT, bool);
    for (uint32_t i = 0; i < COUNT; i++)
        entries[i] = (struct cd_hash_entry){(int32_t)(i * 2654435761u), i};
    cd_java_hash_order(entries, COUNT, CD_HASH_DEFAULT_CAPACITY);
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_false(seen[entries[i].index]);
        seen[entries[i].index] = true;
    }
    cd_free_ptr(&entries);
    cd_free_ptr(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash_codes_are_the_jvms),
        cmocka_unit_test(a_hash_map_iterates_as_in_the_vectors),
        cmocka_unit_test(tables_begin_as_large_as_the_constructors_make_them),
        cmocka_unit_test(a_crowded_bucket_doubles_a_small_table),
        cmocka_unit_test(large_maps_are_permuted_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
