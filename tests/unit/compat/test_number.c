#include "compat/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

/* From the vectors, what the JVM's converters printed; and the borders of the layouts. */
static const struct {
    uint64_t bits;
    const char *text;
} doubles[] = {
    {0x0000000000000000u, "0.0"},
    {0x0000000000000001u, "4.9E-324"},
    {0x000000000000002du, "2.2E-322"},
    {0x3d30000000000000u, "5.684341886080802E-14"},
    {0x3ddb7cdfd9d7bdbbu, "1.0E-10"},
    {0x3e7ad7f29abcaf48u, "1.0E-7"},
    {0x3eb0c6f7a0b5ed8du, "1.0E-6"},
    {0x3f505e1c15097c81u, "9.99E-4"},
    {0x3f50624dd2f1a9fcu, "0.001"},
    {0x3f60624dd2f1a9fcu, "0.002"},
    {0x3fb999999999999au, "0.1"},
    {0x3fbf9add3746f65fu, "0.12345678901234568"},
    {0x3fd3333333333333u, "0.3"},
    {0x3fd5555555555555u, "0.3333333333333333"},
    {0x3ff0000000000000u, "1.0"},
    {0x3ff8000000000000u, "1.5"},
    {0x3ff8f5c28f5c28f6u, "1.56"},
    {0x4000000000000000u, "2.0"},
    {0x4004000000000000u, "2.5"},
    {0x400921fb54442d18u, "3.141592653589793"},
    {0x4014000000000000u, "5.0"},
    {0x4059000000000000u, "100.0"},
    {0x407f400000000000u, "500.0"},
    {0x40c7700000000000u, "12000.0"},
    {0x416312cfe0000000u, "9999999.0"},
    {0x416312d000000000u, "1.0E7"},
    {0x4170000000000000u, "1.6777216E7"},
    {0x419d6f3454000000u, "1.23456789E8"},
    {0x4202a05f20000000u, "1.0E10"},
    {0x444b1ae4d6e2ef50u, "1.0E21"},
    {0x44b52d02c7e14af6u, "1.0E23"},
    {0x44b74b1ca8ab05a9u, "1.1E23"},
    {0x45f8ee90ff6c373eu, "1.2345678901234568E29"},
    {0x47efffffe54daff8u, "3.4028235E38"},
    {0x48078287f49c4a1du, "1.0E39"},
    {0x4811a1e5f7753796u, "1.5E39"},
    {0x7e37e43c8800759cu, "1.0E300"},
    {0x7fe1ccf385ebc8a0u, "1.0E308"},
    {0x7fefffffffffffffu, "1.7976931348623157E308"},
    {0x7ff0000000000000u, "Infinity"},
    {0x7ff8000000000000u, "NaN"},
    {0x7ff8000000000001u, "NaN"},
    {0x8000000000000000u, "-0.0"},
    {0xbff47ae147ae147bu, "-1.28"},
    {0xc004000000000000u, "-2.5"},
    {0xfff0000000000000u, "-Infinity"},
};

static const struct {
    uint32_t bits;
    const char *text;
} floats[] = {
    {0x00000000u, "0.0"},        {0x3a83126fu, "0.001"},        {0x3dcccccdu, "0.1"},
    {0x3dfcd6eau, "0.12345679"}, {0x3f000000u, "0.5"},          {0x3f800000u, "1.0"},
    {0x3fc00000u, "1.5"},        {0x40000000u, "2.0"},          {0x40200000u, "2.5"},
    {0x40490fdbu, "3.1415927"},  {0x4b800000u, "1.6777216E7"},  {0x4b800001u, "1.6777218E7"},
    {0x501502f9u, "1.0E10"},     {0x6285da24u, "1.2345678E21"}, {0x7f7fffffu, "3.4028235E38"},
    {0x7fc00000u, "NaN"},        {0x7fc00001u, "NaN"},
};

static void doubles_are_printed_as_java_prints_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(doubles) / sizeof(doubles[0]); i++) {
        char text[CD_NUMBER_TEXT_BYTES];
        double v;
        memcpy(&v, &doubles[i].bits, sizeof(v));
        assert_int_equal(cd_java_double_text(v, text), strlen(doubles[i].text));
        assert_string_equal(text, doubles[i].text);
    }
}

static void floats_are_printed_by_their_own_shortest_digits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(floats) / sizeof(floats[0]); i++) {
        char text[CD_NUMBER_TEXT_BYTES];
        float v;
        memcpy(&v, &floats[i].bits, sizeof(v));
        assert_int_equal(cd_java_float_text(v, text), strlen(floats[i].text));
        assert_string_equal(text, floats[i].text);
    }
}

/* Where the JDK before 19 printed a digit too many, subnormals, powers of two, halves. */
static void hard_cases_are_shortest_and_closest(void **state)
{
    static const struct {
        double v;
        const char *text;
    } cases[] = {
        {1e23, "1.0E23"},
        {2e-3, "0.002"},
        {0x1p-44, "5.684341886080802E-14"},
        {4.9e-324, "4.9E-324"},
        {9.9e-324, "9.9E-324"},
        {1.5e-323, "1.5E-323"},
        {2.2250738585072014e-308, "2.2250738585072014E-308"},
        {2.225073858507201e-308, "2.225073858507201E-308"},
        {1.7976931348623157e308, "1.7976931348623157E308"},
        {9007199254740993.0, "9.007199254740992E15"},
        {0x1p63, "9.223372036854776E18"},
        {9999999.999999998, "9999999.999999998"},
        {10000000.000000002, "1.0000000000000002E7"},
        {0.001, "0.001"},
        {0.0009999999999999998, "9.999999999999998E-4"},
        {-0.0, "-0.0"},
        {123456789012.0, "1.23456789012E11"},
        {2e23, "2.0E23"},
        {8.41e21, "8.41E21"},
        {5.0e-324, "4.9E-324"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[CD_NUMBER_TEXT_BYTES];
        cd_java_double_text(cases[i].v, text);
        assert_string_equal(text, cases[i].text);
    }
}

/* A fixed sequence, so that a failure can be repeated. */
static uint64_t next_bits(uint64_t *seed)
{
    *seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *seed;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void what_is_printed_reads_back_as_the_same_number(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    uint64_t seed = 1;
    (void)state;
    for (int i = 0; i < 100000; i++) {
        char text[CD_NUMBER_TEXT_BYTES];
        uint64_t bits = next_bits(&seed);
        double v;
        double back;
        memcpy(&v, &bits, sizeof(v));
        if (isnan(v))
            continue;
        size_t len = cd_java_double_text(v, text);
        assert_true(cd_java_parse_double(cd_slice_of(text, len), &back, &err));
        assert_memory_equal(&v, &back, sizeof(v));
        uint32_t half = (uint32_t)bits;
        float f;
        float f_back;
        memcpy(&f, &half, sizeof(f));
        if (isnan(f))
            continue;
        len = cd_java_float_text(f, text);
        assert_true(cd_java_parse_float(cd_slice_of(text, len), &f_back, &err));
        assert_memory_equal(&f, &f_back, sizeof(f));
    }
}

static void integers_are_printed_in_full(void **state)
{
    char text[CD_NUMBER_TEXT_BYTES];
    (void)state;
    assert_int_equal(cd_int64_text(INT64_MIN, text), 20);
    assert_string_equal(text, "-9223372036854775808");
    cd_int64_text(0, text);
    assert_string_equal(text, "0");
    cd_int64_text(-7, text);
    assert_string_equal(text, "-7");
    cd_uint64_text(UINT64_MAX, text);
    assert_string_equal(text, "18446744073709551615");
    for (int64_t v = 1; v < INT64_MAX / 10; v = v * 10 + 9) {
        char expected[CD_NUMBER_TEXT_BYTES];
        (void)snprintf(expected, sizeof(expected), "%lld", (long long)v);
        cd_int64_text(v, text);
        assert_string_equal(text, expected);
    }
}

static void casts_saturate_and_drop_the_fraction(void **state)
{
    (void)state;
    assert_int_equal(cd_java_double_to_int(1e20), INT32_MAX);
    assert_int_equal(cd_java_double_to_int(-1e20), INT32_MIN);
    assert_int_equal(cd_java_double_to_int(-1.9), -1);
    assert_int_equal(cd_java_double_to_int((double)NAN), 0);
    assert_int_equal(cd_java_double_to_long(1e20), INT64_MAX);
    assert_int_equal(cd_java_double_to_long(-(double)INFINITY), INT64_MIN);
    assert_int_equal(cd_java_double_to_long(0x1p62), INT64_C(1) << 62);
    assert_int_equal(cd_java_double_to_long((double)NAN), 0);
    assert_int_equal((int8_t)cd_java_double_to_int(1e20), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_are_printed_as_java_prints_them),
        cmocka_unit_test(floats_are_printed_by_their_own_shortest_digits),
        cmocka_unit_test(hard_cases_are_shortest_and_closest),
        cmocka_unit_test(what_is_printed_reads_back_as_the_same_number),
        cmocka_unit_test(integers_are_printed_in_full),
        cmocka_unit_test(casts_saturate_and_drop_the_fraction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
