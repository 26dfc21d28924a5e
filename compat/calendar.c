#include "compat/calendar.h"

/* Days are counted from 1970-01-01. */
#define CUTOVER_DAY INT64_C(-141427) /* 1582-10-15 */
#define CUTOVER_YEAR 1582
#define CUTOVER_MONTH_FIRST (CUTOVER_DAY - 4)          /* 1582-10-01, Julian */
#define CUTOVER_YEAR_FIRST (CUTOVER_MONTH_FIRST - 273) /* 1582-01-01, Julian */
#define SUNDAY 1

enum style { JULIAN, GREGORIAN };

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t floor_mod(int64_t a, int64_t b)
{
    return a - floor_div(a, b) * b;
}

/* Java's arithmetic wraps around; ours must not be undefined for absurd years. */
static int64_t wrapping_add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t wrapping_mul(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a * (uint64_t)b);
}

static bool is_leap(int64_t year, enum style style)
{
    if (style == JULIAN)
        return floor_mod(year, 4) == 0;
    return floor_mod(year, 4) == 0 && (floor_mod(year, 100) != 0 || floor_mod(year, 400) == 0);
}

static const int month_begins[2][13] = {
    {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365},
    {0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366},
};

/* Year 0 is 1 BC. */
static int64_t first_of_year(int64_t year, enum style style)
{
    int64_t before = year - 1;
    int64_t days = before * 365 + floor_div(before, 4);
    if (style == JULIAN)
        return days - 719164;
    return days - floor_div(before, 100) + floor_div(before, 400) - 719162;
}

static int64_t first_of_month(int64_t year, int month, enum style style)
{
    return first_of_year(year, style) + month_begins[is_leap(year, style)][month];
}

static int64_t year_of(int64_t day, enum style style)
{
    /* The mean length of a year leaves an error of at most one. */
    int64_t year = style == JULIAN ? floor_div((day + 719164) * 4, 1461) + 1
                                   : floor_div((day + 719162) * 400, 146097) + 1;
    while (first_of_year(year, style) > day)
        year--;
    while (first_of_year(year + 1, style) <= day)
        year++;
    return year;
}

static int weekday_of(int64_t day)
{
    return (int)floor_mod(day + 4, 7) + SUNDAY; /* 1970-01-01 was a Thursday */
}

static int64_t weekday_on_or_before(int64_t day, int weekday)
{
    return day - floor_mod(day - (weekday - 5), 7);
}

/* ---- a moment's fields ---- */

/* 1 for the week that holds `first`, the first day of a year or month. */
static int week_number(int64_t first, int64_t day)
{
    return (int)((day - weekday_on_or_before(first, SUNDAY)) / 7) + 1;
}

static void set_weeks(struct cd_calendar *c, int64_t year, int64_t day, int64_t year_first,
                      int64_t next_year_first)
{
    c->week_of_year = week_number(year_first, day);
    c->week_year = year;
    if (day >= weekday_on_or_before(next_year_first, SUNDAY)) {
        c->week_of_year = 1;
        c->week_year = year + 1;
    }
}

static void set_date(struct cd_calendar *c, int64_t day)
{
    enum style style = day >= CUTOVER_DAY ? GREGORIAN : JULIAN;
    int64_t year = year_of(day, style);
    /* The year of the cutover, and its October, begin in the old style. */
    bool cut = style == GREGORIAN && year == CUTOVER_YEAR;
    int64_t year_first = cut ? CUTOVER_YEAR_FIRST : first_of_year(year, style);
    int in_year = (int)(day - first_of_year(year, style));
    const int *begins = month_begins[is_leap(year, style)];
    int month = in_year / 31;
    while (begins[month + 1] <= in_year)
        month++;
    int64_t month_first = first_of_month(year, month, style);
    c->bc = year <= 0;
    c->year = c->bc ? 1 - year : year;
    c->month = month;
    c->day_of_month = (int)(day - month_first) + 1;
    c->day_of_year = (int)(day - year_first) + 1;
    c->day_of_week = weekday_of(day);
    if (cut && month == 9)
        month_first = CUTOVER_MONTH_FIRST;
    c->day_of_week_in_month = (int)(day - month_first) / 7 + 1;
    c->week_of_month = week_number(month_first, day);
    bool next_is_new = year + 1 > CUTOVER_YEAR;
    set_weeks(c, year, day, year_first, first_of_year(year + 1, next_is_new ? GREGORIAN : JULIAN));
}

void cd_calendar_of(int64_t local_ms, struct cd_calendar *ret)
{
    int64_t day = floor_div(local_ms, CD_DAY_MS);
    int ms = (int)(local_ms % CD_DAY_MS);
    if (ms < 0)
        ms += (int)CD_DAY_MS;
    set_date(ret, day);
    ret->hour = ms / 3600000;
    ret->minute = ms / 60000 % 60;
    ret->second = ms / 1000 % 60;
    ret->millisecond = ms % 1000;
}

/* ---- a moment of fields ---- */

void cd_calendar_set(struct cd_calendar_fields *fields, enum cd_calendar_field which, int32_t value)
{
    fields->value[which] = value;
    fields->stamp[which] = ++fields->last_stamp;
}

/* What the day is determined by. */
enum day_rule {
    BY_DAY_OF_MONTH,
    BY_WEEK_OF_MONTH,
    BY_WEEKDAY_IN_MONTH,
    BY_DAY_OF_YEAR,
    BY_WEEK_OF_YEAR
};

static int max(int a, int b)
{
    return a > b ? a : b;
}

/* Both must be set. */
static int both(int a, int b)
{
    return a == 0 || b == 0 ? 0 : max(a, b);
}

/* Calendar.selectFields: the group of fields that was set last wins. */
static enum day_rule select_day_rule(const struct cd_calendar_fields *f)
{
    const int *stamp = f->stamp;
    int weekday = stamp[CD_CAL_DAY_OF_WEEK];
    int day = stamp[CD_CAL_DAY_OF_MONTH];
    int week_of_month = both(stamp[CD_CAL_WEEK_OF_MONTH], weekday);
    int in_month = both(stamp[CD_CAL_DAY_OF_WEEK_IN_MONTH], weekday);
    int day_of_year = stamp[CD_CAL_DAY_OF_YEAR];
    int week_of_year = both(stamp[CD_CAL_WEEK_OF_YEAR], weekday);
    int best = max(max(day, week_of_month), max(in_month, max(day_of_year, week_of_year)));
    if (best == 0) {
        week_of_month = stamp[CD_CAL_WEEK_OF_MONTH];
        in_month = max(stamp[CD_CAL_DAY_OF_WEEK_IN_MONTH], weekday);
        week_of_year = stamp[CD_CAL_WEEK_OF_YEAR];
        best = max(max(week_of_month, in_month), week_of_year);
        if (best == 0)
            return BY_DAY_OF_MONTH;
    }
    if (best == day)
        return BY_DAY_OF_MONTH;
    bool by_week =
        best == week_of_month && stamp[CD_CAL_WEEK_OF_MONTH] >= stamp[CD_CAL_WEEK_OF_YEAR];
    bool by_place =
        best == in_month && stamp[CD_CAL_DAY_OF_WEEK_IN_MONTH] >= stamp[CD_CAL_WEEK_OF_YEAR];
    if (!by_week && !by_place)
        return best == day_of_year ? BY_DAY_OF_YEAR : BY_WEEK_OF_YEAR;
    if (week_of_month == in_month)
        return stamp[CD_CAL_WEEK_OF_MONTH] >= stamp[CD_CAL_DAY_OF_WEEK_IN_MONTH]
                   ? BY_WEEK_OF_MONTH
                   : BY_WEEKDAY_IN_MONTH;
    return best == week_of_month ? BY_WEEK_OF_MONTH : BY_WEEKDAY_IN_MONTH;
}

static bool is_set(const struct cd_calendar_fields *f, enum cd_calendar_field which)
{
    return f->stamp[which] != 0;
}

/* In 32 bits, as Java multiplies it. */
static int64_t times_seven(int64_t weeks)
{
    return (int32_t)((uint32_t)weeks * 7);
}

static int64_t day_of_week_of(int64_t first, int64_t week_days, const struct cd_calendar_fields *f)
{
    int64_t week_first = weekday_on_or_before(first, SUNDAY);
    if (is_set(f, CD_CAL_DAY_OF_WEEK))
        week_first = weekday_on_or_before(week_first + 6, f->value[CD_CAL_DAY_OF_WEEK]);
    return week_first + week_days;
}

static int64_t weekday_in_month(int64_t first, int length, const struct cd_calendar_fields *f)
{
    int weekday = is_set(f, CD_CAL_DAY_OF_WEEK) ? f->value[CD_CAL_DAY_OF_WEEK] : SUNDAY;
    int64_t which =
        is_set(f, CD_CAL_DAY_OF_WEEK_IN_MONTH) ? f->value[CD_CAL_DAY_OF_WEEK_IN_MONTH] : 1;
    if (which >= 0)
        return weekday_on_or_before(first + times_seven(which) - 1, weekday);
    return weekday_on_or_before(first + length + times_seven(which + 1) - 1, weekday);
}

static int64_t day_in_style(int64_t year, enum day_rule rule, const struct cd_calendar_fields *f,
                            enum style style)
{
    if (rule == BY_DAY_OF_YEAR)
        return first_of_year(year, style) + f->value[CD_CAL_DAY_OF_YEAR] - 1;
    if (rule == BY_WEEK_OF_YEAR)
        return day_of_week_of(first_of_year(year, style),
                              7 * (f->value[CD_CAL_WEEK_OF_YEAR] - INT64_C(1)), f);
    int month = is_set(f, CD_CAL_MONTH) ? f->value[CD_CAL_MONTH] : 0;
    year += floor_div(month, 12);
    month = (int)floor_mod(month, 12);
    int64_t first = first_of_month(year, month, style);
    if (rule == BY_WEEK_OF_MONTH)
        return day_of_week_of(first, times_seven(f->value[CD_CAL_WEEK_OF_MONTH] - INT64_C(1)), f);
    const int *begins = month_begins[is_leap(year, style)];
    if (rule == BY_WEEKDAY_IN_MONTH)
        return weekday_in_month(first, begins[month + 1] - begins[month], f);
    return is_set(f, CD_CAL_DAY_OF_MONTH) ? first + f->value[CD_CAL_DAY_OF_MONTH] - 1 : first;
}

/* `more` days have come together from hours. Dates that the cutover skipped count on in the old
 * style. */
static int64_t day_of_fields(const struct cd_calendar_fields *f, int64_t more)
{
    int64_t year = is_set(f, CD_CAL_YEAR) ? f->value[CD_CAL_YEAR] : 1970;
    if (is_set(f, CD_CAL_ERA) && f->value[CD_CAL_ERA] == 0)
        year = 1 - year;
    enum day_rule rule = select_day_rule(f);
    int64_t gregorian = more + day_in_style(year, rule, f, GREGORIAN);
    int64_t julian = more + day_in_style(year, rule, f, JULIAN);
    if (year > CUTOVER_YEAR && gregorian >= CUTOVER_DAY)
        return gregorian;
    if (year != CUTOVER_YEAR)
        return julian;
    if (rule == BY_DAY_OF_YEAR || rule == BY_WEEK_OF_YEAR)
        return julian;
    return gregorian >= CUTOVER_DAY ? gregorian : julian;
}

/* Within 24 hours or not: they are only added up. */
static int64_t time_of_fields(const struct cd_calendar_fields *f)
{
    const int *stamp = f->stamp;
    int of_twelve = both(stamp[CD_CAL_HOUR], stamp[CD_CAL_AM_PM]);
    int of_day = stamp[CD_CAL_HOUR_OF_DAY];
    if (of_twelve == 0 && of_day == 0)
        of_twelve = max(stamp[CD_CAL_HOUR], stamp[CD_CAL_AM_PM]);
    int64_t hours = f->value[CD_CAL_HOUR_OF_DAY];
    if (of_twelve > of_day)
        hours = f->value[CD_CAL_HOUR] + (int64_t)12 * f->value[CD_CAL_AM_PM];
    int64_t minutes = hours * 60 + f->value[CD_CAL_MINUTE];
    return (minutes * 60 + f->value[CD_CAL_SECOND]) * 1000 + f->value[CD_CAL_MILLISECOND];
}

/* A week date ("Y-w-u") says year, week and weekday at once: it becomes a day count from that
 * year's first week. */
static int64_t week_date(const struct cd_calendar_fields *f)
{
    int64_t week = is_set(f, CD_CAL_WEEK_OF_YEAR) ? f->value[CD_CAL_WEEK_OF_YEAR] : 1;
    int64_t weekday = is_set(f, CD_CAL_DAY_OF_WEEK) ? f->value[CD_CAL_DAY_OF_WEEK] : SUNDAY;
    int64_t year = f->value[CD_CAL_WEEK_YEAR];
    enum style style = year > CUTOVER_YEAR ? GREGORIAN : JULIAN;
    int64_t first = weekday_on_or_before(first_of_year(year, style), SUNDAY);
    if (weekday < 1 || weekday > 7) { /* a number of 'u' that is no weekday counts on from Monday */
        week += floor_div(weekday - 1, 7);
        weekday = (floor_mod(weekday - 1, 7) + 1) % 7 + 1;
    }
    return first + (week - 1) * 7 + weekday - SUNDAY;
}

int64_t cd_calendar_local_ms(const struct cd_calendar_fields *fields)
{
    int64_t time_ms = time_of_fields(fields);
    int64_t more = floor_div(time_ms, CD_DAY_MS);
    bool by_week = is_set(fields, CD_CAL_WEEK_YEAR) &&
                   fields->stamp[CD_CAL_WEEK_YEAR] > fields->stamp[CD_CAL_YEAR];
    int64_t day = by_week ? week_date(fields) + more : day_of_fields(fields, more);
    return wrapping_add(wrapping_mul(day, CD_DAY_MS), time_ms - more * CD_DAY_MS);
}
