/* Calendars, zones and numbers, against values the JVM gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "connectors/sql/calendar.h"
#include "connectors/sql/decimal.h"
#include "connectors/sql/zone.h"

static void days_go_there_and_back(void **state)
{
    (void)state;
    for (int64_t day = -1000000; day < 1000000; day += 7)
        assert_int_equal(cd_days_from_civil(cd_civil_from_days(day)), day);
    assert_int_equal(cd_days_from_civil((struct cd_civil){1970, 1, 1}), 0);
    assert_int_equal(cd_days_from_civil((struct cd_civil){2020, 1, 2}), 18263);
}

static void the_hybrid_calendar_is_julian_before_1582(void **state)
{
    (void)state;
    int64_t ides = cd_days_from_civil((struct cd_civil){-43, 3, 15}); /* 44 BC */
    assert_int_equal(cd_days_to_hybrid(ides) * CD_DAY_MS, INT64_C(-63517996800000));
    assert_int_equal(cd_days_from_hybrid(cd_days_to_hybrid(ides)), ides);
    assert_int_equal(cd_days_to_hybrid(-141427), -141427); /* 1582-10-15 */
    assert_int_equal(cd_days_to_hybrid(-141438), -141428); /* 1582-10-04 is the day before */
    assert_int_equal(cd_micros_from_hybrid(cd_micros_to_hybrid(-63517824000000000 + 5)),
                     -63517824000000000 + 5);
}

static void times_are_parsed_and_printed(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t seconds;
        int32_t nanos;
        int32_t offset;
    } cases[] = {
        {"2020-01-02", true, 1577923200, 0, INT32_MIN},
        {"2020-01-02 03:04:05.123", true, 1577934245, 123000000, INT32_MIN},
        {"2020-01-02T03:04:05Z", true, 1577934245, 0, 0},
        {"2020-01-02T03:04:05.5+02:30", true, 1577934245, 500000000, 9000},
        {"2020-01-02 03:04", true, 1577934240, 0, INT32_MIN},
        {"2020-13-02", false, 0, 0, 0},
        {"2020-01-02 25:00:00", false, 0, 0, 0},
        {"20200102", false, 0, 0, 0},
        {"2020-01-02x", false, 0, 0, 0},
        {"", false, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t seconds = 0;
        int32_t nanos = 0, offset = 0;
        bool ok =
            cd_timestamp_parse(cases[i].text, strlen(cases[i].text), &seconds, &nanos, &offset);
        assert_int_equal(ok, cases[i].ok);
        if (!ok)
            continue;
        assert_int_equal(seconds, cases[i].seconds);
        assert_int_equal(nanos, cases[i].nanos);
        assert_int_equal(offset, cases[i].offset);
    }
    char text[CD_TIMESTAMP_TEXT_MAX];
    cd_timestamp_text(text, 1577934245, 123456789, 6, 'T');
    assert_string_equal(text, "2020-01-02T03:04:05.123456");
    cd_timestamp_text(text, -1, 0, 0, ' ');
    assert_string_equal(text, "1969-12-31 23:59:59");
}

struct zone_case {
    const char *name;
    int64_t local;
    int64_t utc;
};

static void zones_turn_wall_clocks_into_instants(void **state)
{
    static const struct zone_case cases[] = {
        {"UTC", 1577934245, 1577934245},
        {"Z", 0, 0},
        {"+02:00", 7200, 0},
        {"UTC+2", 7200, 0},
        {"GMT-05:30", 0, 19800},
        {"-0530", 0, 19800},
        {"Asia/Tokyo", 1577934245, 1577901845},
        {"PST", 1577934245, 1577934245 + 8 * 3600},
        {"EST", 0, 5 * 3600},
        {"America/New_York", 1593561600, 1593561600 + 4 * 3600}, /* summer 2020 */
        {"America/New_York", 1583634600, 1583634600 + 5 * 3600}, /* 02:30, skipped */
        {"America/New_York", 1604194200, 1604194200 + 5 * 3600}, /* 01:30, twice: standard */
        {"America/New_York", 4118083200, 4118083200 + 4 * 3600}, /* 2100-07-01: by the rule */
        {"America/New_York", 4102444800, 4102444800 + 5 * 3600}, /* 2100-01-01 */
        {"Australia/Sydney", 4102444800, 4102444800 - 11 * 3600},
        {"Europe/Paris", -2208988800, -2208988800 - 561}, /* 1900: local mean time */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_zone *zone = cd_zone_open(cases[i].name, &err);
        if (zone == NULL)
            fail_msg("%s", err.msg);
        assert_int_equal(cd_zone_to_utc(zone, cases[i].local), cases[i].utc);
        cd_zone_free(zone);
    }
}

/* 14 */
static void unknown_zones_are_refused(void **state)
{
    static const char *const bad[] = {"Nowhere/City", "",       "../../etc/passwd",
                                      "/etc/passwd",  "UTC+99", "Europe"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        assert_null(cd_zone_open(bad[i], &err));
        assert_string_equal(err.native, "ConfigException");
    }
}

/* BigInteger.toByteArray of the JDK. */
static void numbers_have_javas_bytes(void **state)
{
    static const struct {
        const char *text;
        const char *bytes;
        size_t len;
    } cases[] = {
        {"0", "\0", 1},
        {"127", "\x7f", 1},
        {"128", "\0\x80", 2},
        {"-128", "\x80", 1},
        {"-129", "\xff\x7f", 2},
        {"255", "\0\xff", 2},
        {"-256", "\xff\0", 2},
        {"-32768", "\x80\0", 2},
        {"4294967296", "\1\0\0\0\0", 5},
        {"-9223372036854775808", "\x80\0\0\0\0\0\0\0", 8},
        {"340282366920938463463374607431768211456", "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 17},
    };
    struct cd_big big CD_AUTO(cd_big_done) = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[32];
        int32_t scale;
        struct cd_sql_text text CD_AUTO(cd_sql_text_done) = {0};
        assert_true(cd_big_parse(&big, cd_slice(cases[i].text), &scale));
        assert_int_equal(cd_big_bytes(&big), cases[i].len);
        cd_big_write(&big, bytes);
        assert_memory_equal(bytes, cases[i].bytes, cases[i].len);
        cd_big_read(&big, bytes, cases[i].len);
        cd_big_text(&big, 0, &text);
        assert_string_equal(cd_sql_text_get(&text), cases[i].text);
    }
}

static void decimals_are_read_with_their_scale(void **state)
{
    static const struct {
        const char *text;
        const char *wanted; /* NULL: no number */
        int32_t scale;
    } cases[] = {
        {"1.50", "1.50", 2},     {"-0.001", "-0.001", 3}, {"1e3", "1000", -3},
        {"12.5E-2", "0.125", 3}, {"+7", "7", 0},          {"-0", "0", 0},
        {".5", "0.5", 1},        {"5.", "5", 0},          {"", NULL, 0},
        {"1.2.3", NULL, 0},      {"1e", NULL, 0},         {"x", NULL, 0},
        {"1e999999", NULL, 0},
    };
    struct cd_big big CD_AUTO(cd_big_done) = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int32_t scale = 0;
        struct cd_sql_text text CD_AUTO(cd_sql_text_done) = {0};
        bool ok = cd_big_parse(&big, cd_slice(cases[i].text), &scale);
        assert_int_equal(ok, cases[i].wanted != NULL);
        if (!ok)
            continue;
        assert_int_equal(scale, cases[i].scale);
        cd_big_text(&big, scale, &text);
        assert_string_equal(cd_sql_text_get(&text), cases[i].wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_go_there_and_back),
        cmocka_unit_test(the_hybrid_calendar_is_julian_before_1582),
        cmocka_unit_test(times_are_parsed_and_printed),
        cmocka_unit_test(zones_turn_wall_clocks_into_instants),
        cmocka_unit_test(unknown_zones_are_refused),
        cmocka_unit_test(numbers_have_javas_bytes),
        cmocka_unit_test(decimals_are_read_with_their_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
