#include "plugins/timestamp_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/batch.h"

static int64_t convert(enum cd_unix_precision precision, enum cd_timestamp_form from,
                       enum cd_timestamp_form to, struct cd_value value)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_timestamp_style style = {.precision = precision};
    struct cd_value ret = cd_null();
    if (!cd_timestamp_convert(&style, from, to, value, NULL, &ret, &err))
        fail_msg("%s", err.msg);
    return ret.as.integer;
}

static void what_is_too_large_saturates(void **state)
{
    (void)state;
    static const struct {
        enum cd_unix_precision precision;
        int64_t unix_time;
        int64_t ms;
    } in[] = {{CD_UNIX_SECONDS, INT64_MAX, INT64_MAX},
              {CD_UNIX_SECONDS, INT64_MIN, INT64_MIN},
              {CD_UNIX_MICROS, -1999, -1},
              {CD_UNIX_NANOS, -1999999, -1},
              {CD_UNIX_MILLIS, 5, 5}};
    for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++)
        assert_true(convert(in[i].precision, CD_FORM_UNIX, CD_FORM_TIMESTAMP,
                            cd_int64(in[i].unix_time)) == in[i].ms);
    assert_true(convert(CD_UNIX_NANOS, CD_FORM_TIMESTAMP, CD_FORM_UNIX, cd_instant(INT64_MAX)) ==
                INT64_MAX);
    assert_true(convert(CD_UNIX_MICROS, CD_FORM_TIMESTAMP, CD_FORM_UNIX, cd_instant(INT64_MIN)) ==
                INT64_MIN);
}

static void days_before_1970_begin_at_midnight_too(void **state)
{
    (void)state;
    assert_true(convert(CD_UNIX_MILLIS, CD_FORM_TIMESTAMP, CD_FORM_DATE, cd_instant(-1)) ==
                -86400000);
    assert_true(convert(CD_UNIX_MILLIS, CD_FORM_TIMESTAMP, CD_FORM_TIME, cd_instant(-1)) ==
                86399999);
}

static void names_are_the_jvms(void **state)
{
    (void)state;
    assert_int_equal(cd_timestamp_form_named("Timestamp"), CD_FORM_TIMESTAMP);
    assert_int_equal(cd_timestamp_form_named("timestamp"), CD_FORM_UNKNOWN);
    assert_int_equal(cd_unix_precision_named("nanoseconds"), CD_UNIX_NANOS);
    assert_int_equal(cd_unix_precision_named("microseconds"), CD_UNIX_MICROS);
    assert_int_equal(cd_unix_precision_named("milliseconds"), CD_UNIX_MILLIS);
    assert_int_equal(cd_unix_precision_named("seconds"), CD_UNIX_SECONDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_too_large_saturates),
        cmocka_unit_test(days_before_1970_begin_at_midnight_too),
        cmocka_unit_test(names_are_the_jvms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
