#include "compat/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/alloc.h"

static void integers_are_read_as_java_reads_them(void **state)
{
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"+5", true, 5},
        {"-5", true, -5},
        {"00012", true, 12},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999", false, 0},
        {"\xd9\xa3", true, 3},                  /* an Arabic three */
        {"\xef\xbc\x91\xef\xbc\x92", true, 12}, /* full-width */
        {"\xf0\x9d\x9f\x8f", false, 0},         /* beyond U+FFFF */
        {"", false, 0},
        {"-", false, 0},
        {"+", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1_0", false, 0},
        {"0x10", false, 0},
        {"1.0", false, 0},
        {"--1", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        int64_t v = 0;
        assert_int_equal(cd_java_parse_long(cd_slice(cases[i].text), &v, &err), cases[i].good);
        if (cases[i].good) {
            assert_int_equal(v, cases[i].value);
            continue;
        }
        assert_string_equal(err.native, "NumberFormatException");
        char expected[100];
        (void)snprintf(expected, sizeof(expected), "For input string: \"%s\"", cases[i].text);
        assert_string_equal(err.msg, expected);
    }
}

static void each_width_has_its_range_and_its_message(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    int8_t byte;
    int16_t number;
    int32_t integer;
    (void)state;
    assert_true(cd_java_parse_byte(cd_slice("-128"), &byte, &err));
    assert_int_equal(byte, -128);
    assert_false(cd_java_parse_byte(cd_slice("300"), &byte, &err));
    assert_string_equal(err.msg, "Value out of range. Value:\"300\" Radix:10");
    cd_error_reset(&err);
    assert_true(cd_java_parse_short(cd_slice("32767"), &number, &err));
    assert_false(cd_java_parse_short(cd_slice("40000"), &number, &err));
    cd_error_reset(&err);
    assert_true(cd_java_parse_int(cd_slice("-2147483648"), &integer, &err));
    assert_int_equal(integer, INT32_MIN);
    assert_false(cd_java_parse_int(cd_slice("2147483648"), &integer, &err));
    assert_string_equal(err.msg, "For input string: \"2147483648\"");
}

/* What a JVM answered; NULL: refused. */
static const struct {
    const char *text;
    const char *as_double;
    const char *as_float;
} numbers[] = {
    {"1.", "1.0", "1.0"},
    {".5", "0.5", "0.5"},
    {"+.5e1", "5.0", "5.0"},
    {" 1e5\t\n", "100000.0", "100000.0"},
    {"1d", "1.0", "1.0"},
    {"1.0D", "1.0", "1.0"},
    {"1f", "1.0", "1.0"},
    {"1e400", "Infinity", "Infinity"},
    {"1e39", "1.0E39", "Infinity"},
    {"1e99999999999", "Infinity", "Infinity"},
    {"1e-99999999999", "0.0", "0.0"},
    {"-1e-400", "-0.0", "-0.0"},
    {"0x1p3", "8.0", "8.0"},
    {"0x1.8p1d", "3.0", "3.0"},
    {"0x.8p0", "0.5", "0.5"},
    {"-0x1p-1074", "-4.9E-324", "-0.0"},
    {"0x1.fffffffffffff8p1023", "Infinity", "Infinity"},
    {"NaN", "NaN", "NaN"},
    {"-NaN", "NaN", "NaN"},
    {"-Infinity", "-Infinity", "-Infinity"},
    {"9007199254740993", "9.007199254740992E15", "9.007199E15"},
    {"0.1000000000000000055511151231257827021181583404541015625", "0.1", "0.1"},
    {"1.17549430e-38", "1.1754943E-38", "1.1754944E-38"},
    {"16777217", "1.6777217E7", "1.6777216E7"},
    {"", NULL, NULL},
    {"  ", NULL, NULL},
    {".", NULL, NULL},
    {"1e", NULL, NULL},
    {"0x1", NULL, NULL},
    {"0xp1", NULL, NULL},
    {"0x.p1", NULL, NULL},
    {"NaNd", NULL, NULL},
    {"infinity", NULL, NULL},
    {"nan", NULL, NULL},
    {"1ff", NULL, NULL},
    {"1l", NULL, NULL},
    {"1_0", NULL, NULL},
    {"\xd9\xa3", NULL, NULL},
    {"\xc2\xa0"
     "1",
     NULL, NULL},
    {"1,5", NULL, NULL},
};

static void floating_point_is_read_as_java_reads_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        char text[CD_NUMBER_TEXT_BYTES];
        double d = 0;
        float f = 0;
        bool good = cd_java_parse_double(cd_slice(numbers[i].text), &d, &err);
        assert_int_equal(good, numbers[i].as_double != NULL);
        assert_int_equal(cd_java_parse_float(cd_slice(numbers[i].text), &f, &err), good);
        if (!good) {
            assert_string_equal(err.native, "NumberFormatException");
            continue;
        }
        cd_java_double_text(d, text);
        assert_string_equal(text, numbers[i].as_double);
        cd_java_float_text(f, text);
        assert_string_equal(text, numbers[i].as_float);
    }
}

static void a_number_of_any_length_is_rounded_correctly(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    char digits[1000];
    double v;
    (void)state;
    memset(digits, '0', sizeof(digits));
    memcpy(digits, "1.", 2);
    digits[999] = '1'; /* a hair above one */
    assert_true(cd_java_parse_double(cd_slice_of(digits, sizeof(digits)), &v, &err));
    assert_true(v == 1.0);
    memset(digits, '9', sizeof(digits));
    assert_true(cd_java_parse_double(cd_slice_of(digits, sizeof(digits)), &v, &err));
    assert_true(isinf(v));
}

static void nothing_is_read_beyond_the_slice(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    double v;
    int64_t integer;
    (void)state;
    CD_AUTO_FREE char *exact = cd_alloc(3);
    memcpy(exact, "1e5", 3); /* not terminated: AddressSanitizer watches */
    assert_true(cd_java_parse_double(cd_slice_of(exact, 3), &v, &err));
    assert_true(v == 1e5);
    assert_true(cd_java_parse_long(cd_slice_of(exact, 1), &integer, &err));
    exact[2] = (char)0xe0; /* a lead byte at the end */
    assert_false(cd_java_parse_long(cd_slice_of(exact + 2, 1), &integer, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_read_as_java_reads_them),
        cmocka_unit_test(each_width_has_its_range_and_its_message),
        cmocka_unit_test(floating_point_is_read_as_java_reads_it),
        cmocka_unit_test(a_number_of_any_length_is_rounded_correctly),
        cmocka_unit_test(nothing_is_read_beyond_the_slice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
