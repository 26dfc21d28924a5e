#include "compat/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* By a JVM: around the changes of 2019, before zones, beyond the last change that is listed. */
static const struct {
    const char *zone;
    int64_t ms;
    int64_t offset_ms;
} offsets[] = {
    {"Europe/Berlin", INT64_C(0), 3600000},
    {"Europe/Berlin", INT64_C(1553993999999), 3600000},
    {"Europe/Berlin", INT64_C(1553994000000), 7200000},
    {"Europe/Berlin", INT64_C(1572137999999), 7200000},
    {"Europe/Berlin", INT64_C(1572138000000), 3600000},
    {"Europe/Berlin", INT64_C(2532034800000), 7200000},
    {"Europe/Berlin", INT64_C(4102444800000), 3600000},
    {"Europe/Berlin", INT64_C(-2000000000000), 3600000},
    {"Europe/Berlin", INT64_C(32503680000000), 3600000},
    {"Europe/Berlin", INT64_C(32518000000000), 7200000},
    {"America/New_York", INT64_C(0), -18000000},
    {"America/New_York", INT64_C(1553993999999), -14400000},
    {"America/New_York", INT64_C(1553994000000), -14400000},
    {"America/New_York", INT64_C(1572137999999), -14400000},
    {"America/New_York", INT64_C(1572138000000), -14400000},
    {"America/New_York", INT64_C(2532034800000), -14400000},
    {"America/New_York", INT64_C(4102444800000), -18000000},
    {"America/New_York", INT64_C(-2000000000000), -18000000},
    {"America/New_York", INT64_C(32503680000000), -18000000},
    {"America/New_York", INT64_C(32518000000000), -14400000},
    {"Australia/Lord_Howe", INT64_C(0), 36000000},
    {"Australia/Lord_Howe", INT64_C(1553993999999), 39600000},
    {"Australia/Lord_Howe", INT64_C(1553994000000), 39600000},
    {"Australia/Lord_Howe", INT64_C(1572137999999), 39600000},
    {"Australia/Lord_Howe", INT64_C(1572138000000), 39600000},
    {"Australia/Lord_Howe", INT64_C(2532034800000), 39600000},
    {"Australia/Lord_Howe", INT64_C(4102444800000), 39600000},
    {"Australia/Lord_Howe", INT64_C(-2000000000000), 36000000},
    {"Australia/Lord_Howe", INT64_C(32503680000000), 39600000},
    {"Australia/Lord_Howe", INT64_C(32518000000000), 37800000},
    {"Asia/Kolkata", INT64_C(0), 19800000},
    {"Asia/Kolkata", INT64_C(1553993999999), 19800000},
    {"Asia/Kolkata", INT64_C(1553994000000), 19800000},
    {"Asia/Kolkata", INT64_C(1572137999999), 19800000},
    {"Asia/Kolkata", INT64_C(1572138000000), 19800000},
    {"Asia/Kolkata", INT64_C(2532034800000), 19800000},
    {"Asia/Kolkata", INT64_C(4102444800000), 19800000},
    {"Asia/Kolkata", INT64_C(-2000000000000), 19800000},
    {"Asia/Kolkata", INT64_C(32503680000000), 19800000},
    {"Asia/Kolkata", INT64_C(32518000000000), 19800000},
    {"America/Santiago", INT64_C(0), -10800000},
    {"America/Santiago", INT64_C(1553993999999), -10800000},
    {"America/Santiago", INT64_C(1553994000000), -10800000},
    {"America/Santiago", INT64_C(1572137999999), -10800000},
    {"America/Santiago", INT64_C(1572138000000), -10800000},
    {"America/Santiago", INT64_C(2532034800000), -10800000},
    {"America/Santiago", INT64_C(4102444800000), -10800000},
    {"America/Santiago", INT64_C(-2000000000000), -16965000},
    {"America/Santiago", INT64_C(32503680000000), -10800000},
    {"America/Santiago", INT64_C(32518000000000), -14400000},
};

static void offsets_are_those_of_the_jvm(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_zone *zone = cd_zone_new(cd_slice(offsets[i].zone), &err);
        assert_non_null(zone);
        assert_int_equal(cd_zone_offset(zone, offsets[i].ms), offsets[i].offset_ms);
        cd_zone_free(zone);
    }
}

static void names_of_fixed_offsets_need_no_file(void **state)
{
    static const struct {
        const char *name;
        int64_t offset_ms;
    } cases[] = {{"UTC", 0},
                 {"GMT", 0},
                 {"Z", 0},
                 {"GMT+2", 7200000},
                 {"GMT-5:30", -19800000},
                 {"GMT+0530", 19800000},
                 {"+02:00", 7200000},
                 {"UTC-08:00", -28800000}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_zone *zone = cd_zone_new(cd_slice(cases[i].name), &err);
        assert_non_null(zone);
        assert_int_equal(cd_zone_offset(zone, 0), cases[i].offset_ms);
        assert_int_equal(cd_zone_offset_of_local(zone, 0), cases[i].offset_ms);
        assert_string_equal(cd_zone_name(zone), cases[i].name);
        cd_zone_free(zone);
    }
}

static void what_is_no_zone_is_refused_with_its_name(void **state)
{
    static const char *const names[] = {"",       "Mars/Olympus", "../../etc/passwd", "/etc/passwd",
                                        "GMT+25", "GMT+1:",       "GMT+12345",        "+",
                                        "Europe", "posixrules/x", "zone1970.tab",     "GMT+1:2:3"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        assert_null(cd_zone_new(cd_slice(names[i]), &err));
        assert_int_equal(err.code, CD_ERR_CONFIG);
        assert_non_null(strstr(err.msg, names[i]));
    }
}

static void a_skipped_hour_counts_on_and_a_repeated_one_is_the_later(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    (void)state;
    struct cd_zone *zone = cd_zone_new(cd_slice("Europe/Berlin"), &err);
    assert_non_null(zone);
    /* 2019-03-31 02:30 was skipped, 2019-10-27 02:30 came twice. */
    assert_int_equal(cd_zone_offset_of_local(zone, 1553999400000), 3600000);
    assert_int_equal(cd_zone_offset_of_local(zone, 1572143400000), 3600000);
    assert_int_equal(cd_zone_offset_of_local(zone, 1572139800000), 7200000);
    assert_string_equal(cd_zone_abbreviation(zone, 1566570894346), "CEST");
    assert_string_equal(cd_zone_abbreviation(zone, 4102444800000), "CET");
    cd_zone_free(zone);
}

static void no_zone_is_utc(void **state)
{
    (void)state;
    assert_int_equal(cd_zone_offset(NULL, 5), 0);
    assert_int_equal(cd_zone_offset_of_local(NULL, 5), 0);
    assert_string_equal(cd_zone_abbreviation(NULL, 5), "UTC");
    assert_string_equal(cd_zone_name(NULL), "UTC");
    cd_zone_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_are_those_of_the_jvm),
        cmocka_unit_test(names_of_fixed_offsets_need_no_file),
        cmocka_unit_test(what_is_no_zone_is_refused_with_its_name),
        cmocka_unit_test(a_skipped_hour_counts_on_and_a_repeated_one_is_the_later),
        cmocka_unit_test(no_zone_is_utc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
