/*
 * Dates as the JVM connectors count them: the proleptic Gregorian calendar, and the hybrid one of
 * java.util.GregorianCalendar (Julian before 1582-10-15), which is JDBC's default.
 *
 * Days are counted from 1970-01-01, times in microseconds; everything here is pure.
 */
#ifndef CD_SQL_CALENDAR_H
#define CD_SQL_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CD_DAY_MS INT64_C(86400000)
#define CD_DAY_US INT64_C(86400000000)

struct cd_civil {
    int64_t year; /* 0 is 1 BC */
    int32_t month;
    int32_t day;
};

/* Floor division: times before 1970 belong to the day, second or millisecond they are in. */
static inline int64_t cd_floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q * b > a ? q - 1 : q;
}

static inline int64_t cd_floor_mod(int64_t a, int64_t b)
{
    return a - cd_floor_div(a, b) * b;
}

int64_t cd_days_from_civil(struct cd_civil date);
struct cd_civil cd_civil_from_days(int64_t days);

/* The day number that java.util.GregorianCalendar gives the date whose proleptic Gregorian day
 * number is `days`: the same wall clock, read in the hybrid calendar. */
int64_t cd_days_to_hybrid(int64_t days);
/* The reverse: what a java.util.Date of that day number prints as. */
int64_t cd_days_from_hybrid(int64_t days);
/* The same for microseconds since 1970; the time of day stays. */
int64_t cd_micros_to_hybrid(int64_t micros);
int64_t cd_micros_from_hybrid(int64_t micros);

enum { CD_TIMESTAMP_TEXT_MAX = 64 };

/* "2020-01-02<separator>03:04:05.123456789"; `nanos` is the nanosecond of the second, `digits`
 * 0 to 9 of it are written (0: no point either). Years beyond 9999 get as many digits as they need,
 * years before 1 a minus as ISO does. */
void cd_timestamp_text(char *out, int64_t seconds, int32_t nanos, int digits, char separator);

/* "2020-01-02[ T]03:04:05[.digits][Z|+hh[:mm]]" or a date alone; nanoseconds of the second to
 * ret_nanos. `ret_offset_s` gets the zone, or INT32_MIN without one. False: not of that form. */
bool cd_timestamp_parse(const char *text, size_t len, int64_t *ret_seconds, int32_t *ret_nanos,
                        int32_t *ret_offset_s);

#endif
