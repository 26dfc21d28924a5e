#include "compat/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* By a JVM of the US. */
static const struct {
    int64_t ms;
    struct cd_calendar fields;
} moments[] = {
    {INT64_C(0), {1970, false, 0, 1, 1, 5, 1, 1, 1, 1970, 0, 0, 0, 0}},
    {INT64_C(1483425001864), {2017, false, 0, 3, 3, 3, 1, 1, 1, 2017, 6, 30, 1, 864}},
    {INT64_C(-12219292800000), {1582, false, 9, 15, 278, 6, 1, 1, 40, 1582, 0, 0, 0, 0}},
    {INT64_C(-12219292800001), {1582, false, 9, 4, 277, 5, 1, 1, 40, 1582, 23, 59, 59, 999}},
    {INT64_C(-62135769600001), {1, true, 11, 31, 366, 6, 5, 5, 1, 1, 23, 59, 59, 999}},
    {INT64_C(1230681600000), {2008, false, 11, 31, 366, 4, 5, 5, 1, 2009, 0, 0, 0, 0}},
    {INT64_C(1325203200000), {2011, false, 11, 30, 364, 6, 5, 5, 53, 2011, 0, 0, 0, 0}},
    {INT64_C(-1), {1969, false, 11, 31, 365, 4, 5, 5, 1, 1970, 23, 59, 59, 999}},
    {INT64_C(-12212640000000), {1582, false, 11, 31, 355, 6, 5, 5, 1, 1583, 0, 0, 0, 0}},
};

static void a_moment_has_the_fields_of_the_jvm(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        const struct cd_calendar *e = &moments[i].fields;
        struct cd_calendar c;
        cd_calendar_of(moments[i].ms, &c);
        assert_int_equal(c.year, e->year);
        assert_int_equal(c.bc, e->bc);
        assert_int_equal(c.month, e->month);
        assert_int_equal(c.day_of_month, e->day_of_month);
        assert_int_equal(c.day_of_year, e->day_of_year);
        assert_int_equal(c.day_of_week, e->day_of_week);
        assert_int_equal(c.day_of_week_in_month, e->day_of_week_in_month);
        assert_int_equal(c.week_of_month, e->week_of_month);
        assert_int_equal(c.week_of_year, e->week_of_year);
        assert_int_equal(c.week_year, e->week_year);
        assert_int_equal(c.hour, e->hour);
        assert_int_equal(c.minute, e->minute);
        assert_int_equal(c.second, e->second);
        assert_int_equal(c.millisecond, e->millisecond);
    }
}

static void every_day_of_five_thousand_years_goes_there_and_back(void **state)
{
    (void)state;
    for (int64_t day = -1000000; day < 1000000; day++) {
        struct cd_calendar c;
        struct cd_calendar_fields fields = {.last_stamp = 0};
        cd_calendar_of(day * CD_DAY_MS + 12345, &c);
        cd_calendar_set(&fields, CD_CAL_ERA, c.bc ? 0 : 1);
        cd_calendar_set(&fields, CD_CAL_YEAR, (int32_t)c.year);
        cd_calendar_set(&fields, CD_CAL_MONTH, c.month);
        cd_calendar_set(&fields, CD_CAL_DAY_OF_MONTH, c.day_of_month);
        cd_calendar_set(&fields, CD_CAL_MILLISECOND, 12345);
        assert_int_equal(cd_calendar_local_ms(&fields), day * CD_DAY_MS + 12345);
    }
}

static void nothing_set_is_the_epoch(void **state)
{
    const struct cd_calendar_fields fields = {.last_stamp = 0};
    (void)state;
    assert_int_equal(cd_calendar_local_ms(&fields), 0);
}

static void fields_roll_over(void **state)
{
    struct cd_calendar_fields fields = {.last_stamp = 0};
    (void)state;
    cd_calendar_set(&fields, CD_CAL_YEAR, 2016);
    cd_calendar_set(&fields, CD_CAL_MONTH, 12);
    cd_calendar_set(&fields, CD_CAL_DAY_OF_MONTH, 32);
    cd_calendar_set(&fields, CD_CAL_HOUR_OF_DAY, 25);
    cd_calendar_set(&fields, CD_CAL_MINUTE, -1);
    assert_int_equal(cd_calendar_local_ms(&fields), INT64_C(1485997140000)); /* 2017-02-02 00:59 */
}

static void the_group_that_was_set_last_decides_the_day(void **state)
{
    struct cd_calendar_fields fields = {.last_stamp = 0};
    (void)state;
    cd_calendar_set(&fields, CD_CAL_YEAR, 2017);
    cd_calendar_set(&fields, CD_CAL_DAY_OF_MONTH, 20);
    cd_calendar_set(&fields, CD_CAL_DAY_OF_YEAR, 3);
    assert_int_equal(cd_calendar_local_ms(&fields), INT64_C(1483401600000));
    cd_calendar_set(&fields, CD_CAL_DAY_OF_MONTH, 20);
    assert_int_equal(cd_calendar_local_ms(&fields), INT64_C(1484870400000));
}

static void absurd_values_wrap_and_do_no_harm(void **state)
{
    static const int32_t extremes[] = {INT32_MIN, INT32_MIN + 1, -1, 0, INT32_MAX - 1, INT32_MAX};
    (void)state;
    for (int which = 0; which < CD_CAL_FIELDS; which++)
        for (size_t i = 0; i < 6; i++) {
            struct cd_calendar_fields fields = {.last_stamp = 0};
            struct cd_calendar c;
            for (int all = 0; all <= which; all++)
                cd_calendar_set(&fields, (enum cd_calendar_field)all, extremes[i]);
            cd_calendar_of(cd_calendar_local_ms(&fields), &c);
            assert_in_range(c.month, 0, 11);
            assert_in_range(c.day_of_month, 1, 31);
        }
    struct cd_calendar c;
    cd_calendar_of(INT64_MIN, &c);
    assert_true(c.bc);
    cd_calendar_of(INT64_MAX, &c);
    assert_int_equal(c.year, 292278994);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_moment_has_the_fields_of_the_jvm),
        cmocka_unit_test(every_day_of_five_thousand_years_goes_there_and_back),
        cmocka_unit_test(nothing_set_is_the_epoch),
        cmocka_unit_test(fields_roll_over),
        cmocka_unit_test(the_group_that_was_set_last_decides_the_day),
        cmocka_unit_test(absurd_values_wrap_and_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
