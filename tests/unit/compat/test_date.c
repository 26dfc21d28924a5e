#include "compat/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buffer.h"
#include "compat/zone.h"

struct printed {
    const char *pattern;
    int64_t ms;
    const char *text;
};

/* The numbers are those of the vectors. */
static const struct printed printed[] = {
    {"yyyy-MM-dd HH:mm:ss.SSS", INT64_C(1483425001864),
     "2017-01-03 06:30:01.864"}, /* timestampconverter-001 */
    {"yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", INT64_C(1483425001004),
     "2017-01-03T06:30:01.004Z"}, /* timestampconverter-044 */
    {"yyyy-MM-dd'T'HH:mm:ss.SSSXXX", INT64_C(1483425001004),
     "2017-01-03T06:30:01.004Z"}, /* timestampconverter-045 */
    {"yyyy-MM-dd'T'HH:mm:ssZ", INT64_C(1483425001004),
     "2017-01-03T06:30:01+0000"}, /* timestampconverter-046 */
    {"yyyy-MM-dd HH:mm:ss z", INT64_C(1483425001004),
     "2017-01-03 06:30:01 UTC"},                            /* timestampconverter-047 */
    {"S", INT64_C(1483425001004), "4"},                     /* timestampconverter-048 */
    {"SS", INT64_C(1483425001004), "04"},                   /* timestampconverter-049 */
    {"SSSSSS", INT64_C(1483425001004), "000004"},           /* timestampconverter-050 */
    {"yy", INT64_C(1483425001004), "17"},                   /* timestampconverter-051 */
    {"y", INT64_C(1483425001004), "2017"},                  /* timestampconverter-052 */
    {"yyyyy", INT64_C(1483425001004), "02017"},             /* timestampconverter-053 */
    {"YYYY-'W'ww-u", INT64_C(1483425001004), "2017-W01-2"}, /* timestampconverter-054 */
    {"MMM d, yyyy", INT64_C(1483425001004), "Jan 3, 2017"}, /* timestampconverter-055 */
    {"MMMM", INT64_C(1483425001004), "January"},            /* timestampconverter-056 */
    {"M", INT64_C(1483425001004), "1"},                     /* timestampconverter-057 */
    {"EEE", INT64_C(1483425001004), "Tue"},                 /* timestampconverter-058 */
    {"EEEE", INT64_C(1483425001004), "Tuesday"},            /* timestampconverter-059 */
    {"D", INT64_C(1483425001004), "3"},                     /* timestampconverter-060 */
    {"DDD", INT64_C(1483425001004), "003"},                 /* timestampconverter-061 */
    {"F", INT64_C(1483425001004), "1"},                     /* timestampconverter-062 */
    {"W", INT64_C(1483425001004), "1"},                     /* timestampconverter-063 */
    {"w", INT64_C(1483425001004), "1"},                     /* timestampconverter-064 */
    {"G", INT64_C(1483425001004), "AD"},                    /* timestampconverter-065 */
    {"a", INT64_C(1483425001004), "AM"},                    /* timestampconverter-066 */
    {"h:mm a", INT64_C(1483425001004), "6:30 AM"},          /* timestampconverter-067 */
    {"hh", INT64_C(1483425001004), "06"},                   /* timestampconverter-068 */
    {"K", INT64_C(1483425001004), "6"},                     /* timestampconverter-069 */
    {"k", INT64_C(1483425001004), "6"},                     /* timestampconverter-070 */
    {"kk", INT64_C(1483425001004), "06"},                   /* timestampconverter-071 */
    {"H", INT64_C(1483425001004), "6"},                     /* timestampconverter-072 */
    {"m", INT64_C(1483425001004), "30"},                    /* timestampconverter-073 */
    {"s", INT64_C(1483425001004), "1"},                     /* timestampconverter-074 */
    {"X", INT64_C(1483425001004), "Z"},                     /* timestampconverter-075 */
    {"XX", INT64_C(1483425001004), "Z"},                    /* timestampconverter-076 */
    {"''yyyy''", INT64_C(1483425001004), "'2017'"},         /* timestampconverter-077 */
    {"yyyy'x''y'", INT64_C(1483425001004), "2017x'y"},      /* timestampconverter-078 */
    {"L", INT64_C(1483425001004), "1"},                     /* timestampconverter-079 */
};

/* By a JVM. */
static const struct printed printed_by_jvm[] = {
    {"yyyy-MM-dd", -12219292800000, "1582-10-15"},
    {"yyyy-MM-dd", -12219292800001, "1582-10-04"},
    {"yyyy-MM-dd", 0, "1970-01-01"},
    {"HH:mm:ss.SSS", -1, "23:59:59.999"},
};

static void assert_printed(const struct printed *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct cd_error err = CD_ERROR_INIT;
        CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
        struct cd_date_format *format = cd_date_format_new(cd_slice(cases[i].pattern), NULL, &err);
        assert_non_null(format);
        cd_date_print(format, cases[i].ms, &out);
        assert_string_equal(out.ptr, cases[i].text);
        cd_date_format_free(format);
    }
}

static void moments_are_printed_as_in_the_vectors(void **state)
{
    (void)state;
    assert_printed(printed, sizeof(printed) / sizeof(printed[0]));
}

static void dates_before_the_cutover_are_julian(void **state)
{
    (void)state;
    assert_printed(printed_by_jvm, sizeof(printed_by_jvm) / sizeof(printed_by_jvm[0]));
}

static void a_pattern_that_is_none_is_refused_by_its_letter(void **state)
{
    static const char *const cases[][2] = {
        {"bad-format", "Illegal pattern character 'b'"},
        {"yyyy-MM-ddT", "Illegal pattern character 'T'"},
        {"XXXX", "invalid ISO 8601 format: length=4"},
        {"yyyy'x", "Unterminated quote"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        assert_null(cd_date_format_new(cd_slice(cases[i][0]), NULL, &err));
        assert_string_equal(err.msg, cases[i][1]);
        assert_string_equal(err.native, "IllegalArgumentException");
        assert_int_equal(err.code, CD_ERR_CONFIG);
    }
}

static void an_empty_pattern_prints_nothing(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
    (void)state;
    struct cd_date_format *format = cd_date_format_new(cd_slice(""), NULL, &err);
    assert_non_null(format);
    cd_date_print(format, 0, &out);
    assert_int_equal(out.len, 0);
    cd_date_format_free(format);
}

static void a_zone_moves_the_clock_and_is_named(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
    int64_t ms = 0;
    (void)state;
    struct cd_zone *zone = cd_zone_new(cd_slice("America/New_York"), &err);
    assert_non_null(zone);
    struct cd_date_format *format =
        cd_date_format_new(cd_slice("yyyy-MM-dd'T'HH:mm:ss.SSS z Z XXX"), zone, &err);
    assert_non_null(format);
    cd_date_print(format, 1566570894346, &out);
    assert_string_equal(out.ptr, "2019-08-23T10:34:54.346 EDT -0400 -04:00");
    assert_true(cd_date_parse(format, cd_buffer_view(&out), &ms, &err));
    assert_int_equal(ms, 1566570894346);
    cd_date_format_free(format);
    format = cd_date_format_new(cd_slice("yyyy-MM-dd HH:mm"), zone, &err);
    assert_non_null(format);
    assert_true(cd_date_parse(format, cd_slice("2019-08-23 10:34"), &ms, &err));
    assert_int_equal(ms, 1566570840000);
    cd_date_format_free(format);
    cd_zone_free(zone);
}

static void header_texts_choose_their_form_by_the_moment(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "00:00:00.000Z"},
        {52494346, "14:34:54.346Z"},
        {86399999, "23:59:59.999Z"},
        {86400000, "1970-01-02"},
        {86400001, "1970-01-02T00:00:00.001Z"},
        {1566570894346, "2019-08-23T14:34:54.346Z"},
        {-1, "23:59:59.999Z"},
        {-86400000, "00:00:00.000Z"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
        cd_date_header_text(cases[i].ms, &out);
        assert_string_equal(out.ptr, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_printed_as_in_the_vectors),
        cmocka_unit_test(dates_before_the_cutover_are_julian),
        cmocka_unit_test(a_pattern_that_is_none_is_refused_by_its_letter),
        cmocka_unit_test(an_empty_pattern_prints_nothing),
        cmocka_unit_test(a_zone_moves_the_clock_and_is_named),
        cmocka_unit_test(header_texts_choose_their_form_by_the_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
