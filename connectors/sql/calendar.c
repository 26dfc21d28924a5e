#include "connectors/sql/calendar.h"

#include <stdio.h>
#include <string.h>

#define FIRST_GREGORIAN_DAY INT64_C(-141427) /* 1582-10-15 */

/* Howard Hinnant's day arithmetic: March-based years make the leap day the last of the year. */
int64_t cd_days_from_civil(struct cd_civil date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = cd_floor_div(year, 400);
    int64_t of_era = year - era * 400;
    int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t of_year = (153 * month + 2) / 5 + date.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct cd_civil cd_civil_from_days(int64_t days)
{
    int64_t shifted = days + 719468;
    int64_t era = cd_floor_div(shifted, 146097);
    int64_t of_era = shifted - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    struct cd_civil date = {
        .year = year + era * 400,
        .month = (int32_t)(month < 10 ? month + 3 : month - 9),
        .day = (int32_t)(of_year - (153 * month + 2) / 5 + 1),
    };
    date.year += date.month <= 2;
    return date;
}

static int64_t days_from_julian(struct cd_civil date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t of_year = (153 * month + 2) / 5 + date.day - 1;
    return year * 365 + cd_floor_div(year, 4) + of_year - 719470;
}

static struct cd_civil julian_from_days(int64_t days)
{
    int64_t shifted = days + 719470;
    int64_t cycle = cd_floor_div(shifted, 1461);
    int64_t of_cycle = shifted - cycle * 1461;
    int64_t year = (of_cycle - of_cycle / 1460) / 365;
    int64_t of_year = of_cycle - 365 * year;
    int64_t month = (5 * of_year + 2) / 153;
    struct cd_civil date = {
        .year = year + cycle * 4,
        .month = (int32_t)(month < 10 ? month + 3 : month - 9),
        .day = (int32_t)(of_year - (153 * month + 2) / 5 + 1),
    };
    date.year += date.month <= 2;
    return date;
}

int64_t cd_days_to_hybrid(int64_t days)
{
    return days >= FIRST_GREGORIAN_DAY ? days : days_from_julian(cd_civil_from_days(days));
}

int64_t cd_days_from_hybrid(int64_t days)
{
    return days >= FIRST_GREGORIAN_DAY ? days : cd_days_from_civil(julian_from_days(days));
}

int64_t cd_micros_to_hybrid(int64_t micros)
{
    if (micros >= FIRST_GREGORIAN_DAY * CD_DAY_US)
        return micros;
    int64_t day = cd_floor_div(micros, CD_DAY_US);
    return cd_days_to_hybrid(day) * CD_DAY_US + (micros - day * CD_DAY_US);
}

int64_t cd_micros_from_hybrid(int64_t micros)
{
    if (micros >= FIRST_GREGORIAN_DAY * CD_DAY_US)
        return micros;
    int64_t day = cd_floor_div(micros, CD_DAY_US);
    return cd_days_from_hybrid(day) * CD_DAY_US + (micros - day * CD_DAY_US);
}

void cd_timestamp_text(char *out, int64_t seconds, int32_t nanos, int digits, char separator)
{
    int64_t day = cd_floor_div(seconds, 86400);
    int of_day = (int)(seconds - day * 86400);
    struct cd_civil date = cd_civil_from_days(day);
    const char *sign = date.year < 0 ? "-" : "";
    long long year = date.year < 0 ? -date.year : date.year;
    int used =
        snprintf(out, CD_TIMESTAMP_TEXT_MAX, "%s%04lld-%02d-%02d%c%02d:%02d:%02d", sign, year,
                 date.month, date.day, separator, of_day / 3600, of_day / 60 % 60, of_day % 60);
    if (digits <= 0 || used < 0 || used > CD_TIMESTAMP_TEXT_MAX - 12)
        return;
    char fraction[16];
    (void)snprintf(fraction, sizeof(fraction), "%09d", nanos); /* below 10^9 by contract */
    (void)snprintf(out + used, CD_TIMESTAMP_TEXT_MAX - (size_t)used, ".%.*s", digits, fraction);
}

/* ---- parsing ---- */

struct cursor {
    const char *at;
    const char *end;
};

static bool take_digits(struct cursor *in, int least, int most, int64_t *ret)
{
    int64_t value = 0;
    int count = 0;
    for (; in->at < in->end && count < most && *in->at >= '0' && *in->at <= '9'; in->at++, count++)
        value = value * 10 + (*in->at - '0');
    *ret = value;
    return count >= least;
}

static bool take(struct cursor *in, char wanted)
{
    if (in->at >= in->end || *in->at != wanted)
        return false;
    in->at++;
    return true;
}

static bool take_date(struct cursor *in, int64_t *ret_days)
{
    bool negative = take(in, '-');
    int64_t year, month, day;
    if (!take_digits(in, 4, 9, &year) || !take(in, '-') || !take_digits(in, 1, 2, &month) ||
        !take(in, '-') || !take_digits(in, 1, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    *ret_days = cd_days_from_civil((struct cd_civil){
        .year = negative ? -year : year, .month = (int32_t)month, .day = (int32_t)day});
    return true;
}

static int32_t take_fraction(struct cursor *in)
{
    int32_t nanos = 0;
    int32_t unit = 100000000;
    for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++) {
        nanos += (*in->at - '0') * unit;
        unit /= 10;
    }
    return nanos;
}

static bool take_time(struct cursor *in, int64_t *ret_seconds, int32_t *ret_nanos)
{
    int64_t hour, minute, second = 0;
    if (!take_digits(in, 1, 2, &hour) || !take(in, ':') || !take_digits(in, 2, 2, &minute))
        return false;
    if (take(in, ':') && !take_digits(in, 2, 2, &second))
        return false;
    *ret_nanos = take(in, '.') ? take_fraction(in) : 0;
    *ret_seconds = hour * 3600 + minute * 60 + second;
    return hour <= 24 && minute < 60 && second < 61;
}

static bool take_zone(struct cursor *in, int32_t *ret_offset_s)
{
    if (take(in, 'Z')) {
        *ret_offset_s = 0;
        return true;
    }
    int32_t sign = take(in, '+') ? 1 : take(in, '-') ? -1 : 0;
    if (sign == 0)
        return true;
    int64_t hour, minute = 0;
    if (!take_digits(in, 1, 2, &hour))
        return false;
    (void)take(in, ':'); /* both +0200 and +02:00 are written */
    if (in->at < in->end && !take_digits(in, 2, 2, &minute))
        return false;
    *ret_offset_s = sign * (int32_t)(hour * 3600 + minute * 60);
    return true;
}

bool cd_timestamp_parse(const char *text, size_t len, int64_t *ret_seconds, int32_t *ret_nanos,
                        int32_t *ret_offset_s)
{
    struct cursor in = {text, text + len};
    int64_t days, seconds = 0;
    int32_t nanos = 0;
    int32_t offset = INT32_MIN;
    if (!take_date(&in, &days))
        return false;
    if (take(&in, ' ') || take(&in, 'T')) {
        if (!take_time(&in, &seconds, &nanos) || !take_zone(&in, &offset))
            return false;
    }
    if (in.at != in.end)
        return false;
    *ret_seconds = days * 86400 + seconds;
    *ret_nanos = nanos;
    *ret_offset_s = offset;
    return true;
}
