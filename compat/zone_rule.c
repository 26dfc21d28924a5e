#include "compat/zone_rule.h"

#include <string.h>

#define DAY_S 86400

struct cursor {
    const char *at;
    const char *end;
};

static bool accept(struct cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool parse_number(struct cursor *c, int max, int *ret)
{
    const char *from = c->at;
    int v = 0;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9' && v <= max; c->at++)
        v = v * 10 + (*c->at - '0');
    *ret = v;
    return c->at > from && v <= max;
}

/* Letters, or anything between < and >. */
static bool parse_name(struct cursor *c, char name[16])
{
    bool quoted = accept(c, '<');
    const char *from = c->at;
    while (c->at < c->end && (quoted ? *c->at != '>' : is_alpha(*c->at)))
        c->at++;
    size_t len = (size_t)(c->at - from);
    if (len == 0 || len >= 16 || (quoted && !accept(c, '>')))
        return false;
    memcpy(name, from, len);
    name[len] = '\0';
    return true;
}

/* [+-]h[:m[:s]] */
static bool parse_time(struct cursor *c, int32_t *ret_s)
{
    bool negative = accept(c, '-');
    if (!negative)
        (void)accept(c, '+'); /* a plus may stand there */
    int hours;
    int minutes = 0;
    int seconds = 0;
    if (!parse_number(c, 167, &hours))
        return false;
    if (accept(c, ':') && !parse_number(c, 59, &minutes))
        return false;
    if (accept(c, ':') && !parse_number(c, 59, &seconds))
        return false;
    int32_t total = hours * 3600 + minutes * 60 + seconds;
    *ret_s = negative ? -total : total;
    return true;
}

static bool parse_day(struct cursor *c, struct cd_zone_change *ret)
{
    if (accept(c, 'M')) {
        ret->kind = 'M';
        return parse_number(c, 12, &ret->month) && ret->month > 0 && accept(c, '.') &&
               parse_number(c, 5, &ret->week) && ret->week > 0 && accept(c, '.') &&
               parse_number(c, 6, &ret->day);
    }
    ret->kind = accept(c, 'J') ? 'J' : 'D';
    return parse_number(c, 365, &ret->day);
}

static bool parse_change(struct cursor *c, struct cd_zone_change *ret)
{
    ret->time_s = 2 * 3600;
    return accept(c, ',') && parse_day(c, ret) && (!accept(c, '/') || parse_time(c, &ret->time_s));
}

/* POSIX counts offsets westward. */
static bool parse_offset(struct cursor *c, int32_t *ret_s)
{
    int32_t west_s;
    if (!parse_time(c, &west_s))
        return false;
    *ret_s = -west_s;
    return true;
}

bool cd_zone_rule_parse(struct cd_slice text, struct cd_zone_rule *ret)
{
    struct cursor c = {text.ptr, text.ptr + text.len};
    memset(ret, 0, sizeof(*ret));
    if (!parse_name(&c, ret->standard.name) || !parse_offset(&c, &ret->standard.offset_s))
        return false;
    if (c.at == c.end)
        return true;
    ret->has_summer = true;
    ret->summer.offset_s = ret->standard.offset_s + 3600;
    if (!parse_name(&c, ret->summer.name))
        return false;
    if (c.at < c.end && *c.at != ',' && !parse_offset(&c, &ret->summer.offset_s))
        return false;
    return parse_change(&c, &ret->begin) && parse_change(&c, &ret->end) && c.at == c.end;
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970-01-01 to the first of January; years after 1900. */
static int64_t year_begin(int64_t year)
{
    int64_t before = year - 1;
    return (year - 1970) * 365 + (before / 4 - before / 100 + before / 400) - 477;
}

static int64_t year_of(int64_t day)
{
    int64_t year = 1970 + day / 366;
    while (year_begin(year + 1) <= day)
        year++;
    return year;
}

static int64_t change_day(const struct cd_zone_change *change, int64_t year)
{
    static const int month_begins[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    int64_t first = year_begin(year);
    if (change->kind == 'J')
        return first + change->day - 1 + (change->day > 59 && is_leap(year));
    if (change->kind == 'D')
        return first + change->day;
    int64_t month = first + month_begins[change->month - 1] + (change->month > 2 && is_leap(year));
    int64_t next = first + month_begins[change->month] + (change->month > 1 && is_leap(year));
    int64_t weekday = (month + 4) % 7; /* 1970 began on a Thursday */
    int64_t day = month + (change->day - weekday + 7) % 7 + (change->week - 1) * 7;
    return day < next ? day : day - 7; /* week 5 is the last one */
}

const struct cd_zone_time *cd_zone_rule_at(const struct cd_zone_rule *rule, int64_t at_s)
{
    if (!rule->has_summer)
        return &rule->standard;
    /* The Gregorian calendar repeats after 400 years: that keeps the years of any moment small. */
    const int64_t cycle_s = INT64_C(146097) * DAY_S;
    int64_t in_cycle = at_s % cycle_s + (at_s < 0 ? cycle_s : 0);
    int64_t year = year_of((in_cycle + rule->standard.offset_s + DAY_S) / DAY_S - 1);
    int64_t begin =
        change_day(&rule->begin, year) * DAY_S + rule->begin.time_s - rule->standard.offset_s;
    int64_t end = change_day(&rule->end, year) * DAY_S + rule->end.time_s - rule->summer.offset_s;
    bool summer =
        begin < end ? in_cycle >= begin && in_cycle < end : in_cycle >= begin || in_cycle < end;
    return summer ? &rule->summer : &rule->standard;
}
