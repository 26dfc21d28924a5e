#include "compat/decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"

static struct cd_arena arena;

static int open_arena(void **state)
{
    (void)state;
    cd_arena_init(&arena, 1 << 20, 1 << 20);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    cd_arena_done(&arena);
    return 0;
}

static const struct cd_decimal *parsed(const char *text)
{
    struct cd_error err = CD_ERROR_INIT;
    const struct cd_decimal *d = cd_java_parse_decimal(cd_slice(text), &arena, &err);
    assert_non_null(d);
    return d;
}

static void assert_text(const struct cd_decimal *d, const char *expected)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer text = CD_BUFFER_INIT;
    assert_non_null(d);
    cd_java_decimal_text(d, &text);
    assert_string_equal(text.ptr, expected);
}

static const struct {
    const char *text;
    int32_t scale;
    const char *printed;
    const char *plain;
} decimals[] = {
    {"1.560", 3, "1.560", "1.560"},
    {"0.00", 2, "0.00", "0.00"},
    {"-0.0", 1, "0.0", "0.0"},
    {"0.000001", 6, "0.000001", "0.000001"},
    {"1E-7", 7, "1E-7", "0.0000001"},
    {"1.2E+4", -3, "1.2E+4", "12000"},
    {"12e2", -2, "1.2E+3", "1200"},
    {"1.", 0, "1", "1"},
    {"+.5", 1, "0.5", "0.5"},
    {"007", 0, "7", "7"},
    {"0E5", -5, "0E+5", "0"},
    {"1e0000000000000000005", -5, "1E+5", "100000"},
    {"-123456789012345678901234567890.12", 2, "-123456789012345678901234567890.12",
     "-123456789012345678901234567890.12"},
    {"9223372036854775808", 0, "9223372036854775808", "9223372036854775808"},
    {"-9223372036854775809", 0, "-9223372036854775809", "-9223372036854775809"},
    {"1E400", -400, "1E+400", NULL},
    {"\xd9\xa3.\xd9\xa3", 1, "3.3", "3.3"},
};

static void decimals_are_read_and_printed_as_java_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(decimals) / sizeof(decimals[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        CD_AUTO(cd_buffer_done) struct cd_buffer plain = CD_BUFFER_INIT;
        const struct cd_decimal *d = parsed(decimals[i].text);
        assert_int_equal(d->scale, decimals[i].scale);
        assert_text(d, decimals[i].printed);
        assert_true(cd_java_decimal_plain_text(d, &plain, &err));
        if (decimals[i].plain != NULL)
            assert_string_equal(plain.ptr, decimals[i].plain);
    }
}

static void what_is_no_decimal_is_refused(void **state)
{
    static const char *const texts[] = {"",
                                        "-",
                                        ".",
                                        " 1",
                                        "1 ",
                                        "1e",
                                        "1e+",
                                        "1.2.3",
                                        "1_0",
                                        "1d",
                                        "0x10",
                                        "--1",
                                        "NaN",
                                        "e5",
                                        "1e12345678901",
                                        "1e2147483648",
                                        "1e-2147483648",
                                        "1,5"};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        assert_null(cd_java_parse_decimal(cd_slice(texts[i]), &arena, &err));
        assert_string_equal(err.native, "NumberFormatException");
        cd_error_reset(&err);
        assert_null(cd_java_parse_integer(cd_slice(texts[i]), &arena, &err));
    }
}

static void an_integer_has_no_point_and_no_exponent(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    (void)state;
    assert_text(cd_java_parse_integer(cd_slice("-00123"), &arena, &err), "-123");
    assert_null(cd_java_parse_integer(cd_slice("1.0"), &arena, &err));
    cd_error_reset(&err);
    assert_null(cd_java_parse_integer(cd_slice("1e3"), &arena, &err));
}

/* The bytes of the Decimal logical type. */
static void unscaled_values_take_the_fewest_bytes(void **state)
{
    static const struct {
        const char *text;
        const char *bytes;
        size_t len;
    } cases[] = {
        {"0", "\0", 1},
        {"127", "\x7f", 1},
        {"128", "\x00\x80", 2},
        {"-128", "\x80", 1},
        {"-129", "\xff\x7f", 2},
        {"255", "\x00\xff", 2},
        {"-1", "\xff", 1},
        {"9223372036854775808", "\x00\x80\x00\x00\x00\x00\x00\x00\x00", 9},
        {"-9223372036854775808", "\x80\x00\x00\x00\x00\x00\x00\x00", 8},
        {"-18446744073709551616", "\xff\x00\x00\x00\x00\x00\x00\x00\x00", 9},
        {"340282366920938463463374607431768211455",
         "\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 17},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        const struct cd_decimal *d = parsed(cases[i].text);
        assert_int_equal(d->len, cases[i].len);
        assert_memory_equal(d->unscaled, cases[i].bytes, cases[i].len);
        struct cd_slice bytes = cd_slice_of(cases[i].bytes, cases[i].len);
        assert_text(cd_decimal_of_bytes(bytes, 0, &arena, &err), cases[i].text);
    }
}

static void superfluous_sign_bytes_are_dropped_and_none_is_refused(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    (void)state;
    const struct cd_decimal *d =
        cd_decimal_of_bytes(cd_slice_of("\xff\xff\xff\x85", 4), 2, &arena, &err);
    assert_non_null(d);
    assert_int_equal(d->len, 1);
    assert_text(d, "-1.23");
    assert_null(cd_decimal_of_bytes(cd_slice(""), 0, &arena, &err));
    assert_string_equal(err.native, "NumberFormatException");
}

static void conversions_to_other_numbers_are_javas(void **state)
{
    static const struct {
        const char *text;
        int64_t low;
        bool is_int64;
        double as_double;
        float as_float;
        uint32_t precision;
    } cases[] = {
        {"1.99", 1, false, 1.99, 1.99F, 3},
        {"-1.99", -1, false, -1.99, -1.99F, 3},
        {"1.00", 1, true, 1, 1, 3},
        {"2E3", 2000, true, 2000, 2000, 1},
        {"99999999999999999999", 7766279631452241919, false, 1e20, 1e20F, 20},
        {"18446744073709551617", 1, false, 18446744073709551617.0, 1.8446744e19F, 20},
        {"9223372036854775807.0", INT64_MAX, true, 0x1p63, 0x1p63F, 20},
        {"9223372036854775808", INT64_MIN, false, 0x1p63, 0x1p63F, 19},
        {"1E400", 0, false, (double)INFINITY, INFINITY, 1},
        {"1E-400", 0, false, 0, 0, 1},
        {"1E39", INT64_C(6873995514006732800), false, 1e39, INFINITY, 1},
        {"1E-2147483647", 0, false, 0, 0, 1},
        {"1E+2147483647", 0, false, (double)INFINITY, INFINITY, 1},
        {"0E-2147483647", 0, true, 0, 0, 1},
        {"-0.5", 0, false, -0.5, -0.5F, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct cd_decimal *d = parsed(cases[i].text);
        int64_t exact = 0;
        assert_int_equal(cd_java_decimal_long(d), cases[i].low);
        assert_int_equal(cd_decimal_is_int64(d, &exact), cases[i].is_int64);
        if (cases[i].is_int64)
            assert_int_equal(exact, cases[i].low);
        assert_true(cd_java_decimal_double(d) == cases[i].as_double);
        assert_true(cd_java_decimal_float(d) == cases[i].as_float);
        assert_int_equal(cd_java_decimal_precision(d), cases[i].precision);
    }
}

static void signs_are_told(void **state)
{
    (void)state;
    assert_int_equal(cd_decimal_sign(parsed("-0.001")), -1);
    assert_int_equal(cd_decimal_sign(parsed("0.000")), 0);
    assert_int_equal(cd_decimal_sign(parsed("100000000000000000000")), 1);
}

static void another_scale_keeps_the_value_or_says_so(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    (void)state;
    const struct cd_decimal *d = parsed("1.50");
    assert_text(cd_java_decimal_rescale(d, 4, false, &arena, &err), "1.5000");
    assert_text(cd_java_decimal_rescale(d, 1, false, &arena, &err), "1.5");
    assert_ptr_equal(cd_java_decimal_rescale(d, 2, false, &arena, &err), d);
    assert_null(cd_java_decimal_rescale(d, 0, false, &arena, &err));
    assert_string_equal(err.native, "ArithmeticException");
    assert_string_equal(err.msg, "Rounding necessary");
    cd_error_reset(&err);
    assert_text(cd_java_decimal_rescale(d, 0, true, &arena, &err), "2");
    assert_text(cd_java_decimal_rescale(parsed("-1.5"), 0, true, &arena, &err), "-2");
    assert_text(cd_java_decimal_rescale(parsed("-1.4"), 0, true, &arena, &err), "-1");
    assert_text(cd_java_decimal_rescale(parsed("5"), -1, true, &arena, &err), "1E+1");
    assert_text(cd_java_decimal_rescale(parsed("5"), -2000000000, true, &arena, &err),
                "0E+2000000000");
}

static void absurd_lengths_are_refused_not_made(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
    (void)state;
    assert_false(cd_java_decimal_plain_text(parsed("1E+1000000000"), &out, &err));
    assert_int_equal(err.code, CD_ERR_DATA);
    cd_error_reset(&err);
    assert_false(cd_java_decimal_plain_text(parsed("1E-1000000000"), &out, &err));
    cd_error_reset(&err);
    assert_null(cd_java_decimal_rescale(parsed("1"), 1000000000, false, &arena, &err));
    assert_int_equal(err.code, CD_ERR_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_are_read_and_printed_as_java_does),
        cmocka_unit_test(what_is_no_decimal_is_refused),
        cmocka_unit_test(an_integer_has_no_point_and_no_exponent),
        cmocka_unit_test(unscaled_values_take_the_fewest_bytes),
        cmocka_unit_test(superfluous_sign_bytes_are_dropped_and_none_is_refused),
        cmocka_unit_test(conversions_to_other_numbers_are_javas),
        cmocka_unit_test(signs_are_told),
        cmocka_unit_test(another_scale_keeps_the_value_or_says_so),
        cmocka_unit_test(absurd_lengths_are_refused_not_made),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
