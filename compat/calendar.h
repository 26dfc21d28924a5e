/*
 * java.util.GregorianCalendar as JVMs of the US have it: Julian before 15 October 1582, weeks from
 * Sunday, the first week of a year is the one with 1 January. Pure arithmetic, without time zones.
 * For date.c and whoever needs days.
 *
 * Thread: any.
 */
#ifndef CD_COMPAT_CALENDAR_H
#define CD_COMPAT_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#define CD_DAY_MS INT64_C(86400000)

/* Of a local moment. */
struct cd_calendar {
    int64_t year; /* of the era, from 1 */
    bool bc;
    int month;        /* 0 to 11 */
    int day_of_month; /* from 1, as all below */
    int day_of_year;
    int day_of_week; /* 1 is Sunday */
    int day_of_week_in_month;
    int week_of_month;
    int week_of_year;
    int64_t week_year; /* may be below 1 */
    int hour;          /* 0 to 23 */
    int minute;
    int second;
    int millisecond;
};

void cd_calendar_of(int64_t local_ms, struct cd_calendar *ret);

/* The fields of java.util.Calendar that can be set; the order of setting decides which of them
 * count. */
enum cd_calendar_field {
    CD_CAL_ERA, /* 0: BC, 1: AD */
    CD_CAL_YEAR,
    CD_CAL_WEEK_YEAR,
    CD_CAL_MONTH, /* from 0 */
    CD_CAL_WEEK_OF_YEAR,
    CD_CAL_WEEK_OF_MONTH,
    CD_CAL_DAY_OF_MONTH,
    CD_CAL_DAY_OF_YEAR,
    CD_CAL_DAY_OF_WEEK, /* 1 is Sunday */
    CD_CAL_DAY_OF_WEEK_IN_MONTH,
    CD_CAL_AM_PM,
    CD_CAL_HOUR, /* of twelve */
    CD_CAL_HOUR_OF_DAY,
    CD_CAL_MINUTE,
    CD_CAL_SECOND,
    CD_CAL_MILLISECOND,
    CD_CAL_FIELDS
};

/* Zeroed: nothing is set, which is 1970-01-01 00:00. */
struct cd_calendar_fields {
    int32_t value[CD_CAL_FIELDS];
    int stamp[CD_CAL_FIELDS]; /* 0: not set; a later setting has a higher one */
    int last_stamp;
};

void cd_calendar_set(struct cd_calendar_fields *fields, enum cd_calendar_field which,
                     int32_t value);
/* The local moment, leniently: the 32nd of January is the first of February. */
int64_t cd_calendar_local_ms(const struct cd_calendar_fields *fields);

#endif
