#include "compat/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/clock.h"

#define REFUSED INT64_MIN

struct parsed {
    const char *pattern;
    const char *text;
    int64_t ms;
};

/* The numbers are those of the vectors. */
static const struct parsed parsed[] = {
    {"yyyy-MM-dd'T'HH:mm:ssXXX", "2017-01-03T08:30:01+02:00",
     INT64_C(1483425001000)},                             /* timestampconverter-021 */
    {"yyyy-MM-dd", "2016-13-03", INT64_C(1483401600000)}, /* timestampconverter-023 */
    {"yyyy-MM-dd", "x", REFUSED},                         /* timestampconverter-024 */
    {"yyyy-MM-dd HH:mm:ss.SSSSSS", "2017-01-03 06:30:01.123456",
     INT64_C(1483425124456)}, /* timestampconverter-080 */
    {"yyyy-MM-dd HH:mm:ss.SSS", "2017-01-03 06:30:01.5",
     INT64_C(1483425001005)},                                         /* timestampconverter-081 */
    {"yyyy-MM-dd", "2017-1-3", INT64_C(1483401600000)},               /* timestampconverter-082 */
    {"yyyy-MM-dd", "2017-01-03 and more", INT64_C(1483401600000)},    /* timestampconverter-083 */
    {"yy-MM-dd", "17-01-03", INT64_C(1483401600000)},                 /* timestampconverter-084 */
    {"yy-MM-dd", "2017-01-03", INT64_C(1483401600000)},               /* timestampconverter-085 */
    {"yyyyMMdd", "20170103", INT64_C(1483401600000)},                 /* timestampconverter-086 */
    {"MMM d, yyyy", "Jan 3, 2017", INT64_C(1483401600000)},           /* timestampconverter-087 */
    {"yyyy-MM-dd HH:mm", "2017-01-03 25:61", INT64_C(1483495260000)}, /* timestampconverter-088 */
    {"HH:mm", "06:30", INT64_C(23400000)},                            /* timestampconverter-089 */
    {"yyyy-MM-dd'T'HH:mm:ssZ", "2017-01-03T06:30:01-0500",
     INT64_C(1483443001000)}, /* timestampconverter-090 */
    {"yyyy-MM-dd'T'HH:mm:ssX", "2017-01-03T06:30:01Z",
     INT64_C(1483425001000)}, /* timestampconverter-091 */
    {"yyyy-MM-dd'T'HH:mm:ss'Z'", "2017-01-03T06:30:01Z",
     INT64_C(1483425001000)},                              /* timestampconverter-092 */
    {"hh:mm a", "06:30 PM", INT64_C(66600000)},            /* timestampconverter-093 */
    {"yyyy-MM-dd", " 2017-01-03", INT64_C(1483401600000)}, /* timestampconverter-094 */
};

/* Answers of a JVM. */
static const struct parsed parsed_by_jvm[] = {
    {"D", "-1", -172800000},
    {"yyyy-MM-dd", "1582-10-04", -12219379200000},
    {"YYYY-'W'ww-u", "1982-W25-8", 393465600000},
    {"yyyy-MM F", "2019-01 -1", 1548547200000},
    {"HH:mm", "17:-1", 61140000},
    {"w", "-1", -1555200000},
    {"z", "UTu", REFUSED},
    {"z", "GMT+2:30", -9000000},
    {"z", "GMT+02:00", -7200000},
    {"z", "gmt", 0},
    {"z", "PST", 28800000},
    {"z", "+0230", -9000000},
    {"X", "+02", -7200000},
    {"XX", "-0230", 9000000},
    {"XXX", "+0200", REFUSED},
    {"XXX", "+24:00", REFUSED},
    {"XXX", "Z", 0},
    {"XXX", "", REFUSED},
    {"MMM", "feb", 2678400000},
    {"MMM", "February", 2678400000},
    {"MMMM", "FEB", 2678400000},
    {"MMM", " Feb", REFUSED},
    {"yyyy-MM-dd", "2017-01", REFUSED},
    {"yyyy-MM-dd", "", REFUSED},
    {"yyyy-MM-dd", "2017/01/03", REFUSED},
    {"yyyyMMdd", "2017", REFUSED},
    {"HH", "99", 356400000},
    {"h a", "12 AM", 0},
    {"h a", "12 pm", 43200000},
    {"k", "24", 0},
    {"S", "99999999999", 1215752191},
    {"S", "99999999999999999999", 2147483647},
    {"G yyyy", "BC 0001", -62167392000000},
};

static void assert_parsed(const struct parsed *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct cd_error err = CD_ERROR_INIT;
        int64_t ms = 0;
        struct cd_date_format *format = cd_date_format_new(cd_slice(cases[i].pattern), NULL, &err);
        assert_non_null(format);
        bool good = cd_date_parse(format, cd_slice(cases[i].text), &ms, &err);
        if (good != (cases[i].ms != REFUSED) || (good && ms != cases[i].ms))
            fail_msg("'%s' by %s gives %lld", cases[i].text, cases[i].pattern, (long long)ms);
        if (!good)
            assert_string_equal(err.native, "ParseException");
        cd_date_format_free(format);
    }
}

static void texts_are_parsed_as_in_the_vectors(void **state)
{
    (void)state;
    assert_parsed(parsed, sizeof(parsed) / sizeof(parsed[0]));
}

static void odd_texts_are_parsed_as_the_jvm_does(void **state)
{
    (void)state;
    assert_parsed(parsed_by_jvm, sizeof(parsed_by_jvm) / sizeof(parsed_by_jvm[0]));
}

/* The window is laid when the pattern is compiled. */
static void two_digit_years_lie_within_eighty_years_before_and_twenty_after(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {{"16", 1451606400000},  {"36", 2082758400000},   {"38", -1009843200000},
                 {"1", -62135769600000}, {"-1", -62198928000000}, {"2017", 1483228800000}};
    (void)state;
    cd_clock_fake(0, 1483425001864); /* 2017-01-03 */
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        int64_t ms = 0;
        struct cd_date_format *format = cd_date_format_new(cd_slice("yy"), NULL, &err);
        assert_non_null(format);
        assert_true(cd_date_parse(format, cd_slice(cases[i].text), &ms, &err));
        assert_int_equal(ms, cases[i].ms);
        cd_date_format_free(format);
    }
    cd_clock_real();
}

static void header_texts_are_known_by_their_length(void **state)
{
    static const struct {
        const char *text;
        enum cd_date_form form;
        int64_t ms;
    } cases[] = {
        {"2019-08-23", CD_DATE_DATE, 1566518400000},
        {"2019-13-45", CD_DATE_DATE, 1581638400000},
        {"14:34:54.346Z", CD_DATE_TIME, 52494346},
        {"99:99:99.999Z", CD_DATE_TIME, 362439999},
        {"2019-08-23T14:34:54.346Z", CD_DATE_TIMESTAMP, 1566570894346},
        {"2019-08-2", CD_DATE_NONE, 0},
        {"2019/08/23", CD_DATE_NONE, 0},
        {"", CD_DATE_NONE, 0},
        {"abcdefghij", CD_DATE_NONE, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t ms = 0;
        assert_int_equal(cd_date_header_parse(cd_slice(cases[i].text), &ms), cases[i].form);
        assert_int_equal(ms, cases[i].ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_parsed_as_in_the_vectors),
        cmocka_unit_test(odd_texts_are_parsed_as_the_jvm_does),
        cmocka_unit_test(two_digit_years_lie_within_eighty_years_before_and_twenty_after),
        cmocka_unit_test(header_texts_are_known_by_their_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
