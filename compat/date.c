#include "compat/date.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "compat/calendar.h"
#include "compat/date_pattern.h"
#include "compat/number.h"
#include "compat/zone.h"

const char *const cd_month_names[12] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
const char *const cd_weekday_names[7] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                         "Thursday", "Friday", "Saturday"};

/* ---- compiling ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool check_letter(char letter, int count, struct cd_error *err)
{
    if (strchr("GyMdkHmsSEDFwWahKzZYuXL", letter) == NULL)
        return cd_fail_as(err, CD_ERR_CONFIG, "IllegalArgumentException",
                          "Illegal pattern character '%c'", letter);
    if (letter == 'X' && count > 3)
        return cd_fail_as(err, CD_ERR_CONFIG, "IllegalArgumentException",
                          "invalid ISO 8601 format: length=%d", count);
    return true;
}

/* Copies the literal at *at to `to` and moves both behind it; quotes are undone. */
static bool copy_literal(const char **at, const char *end, char **to)
{
    bool quoted = false;
    for (; *at < end && (quoted || !is_letter(**at)); *at += 1) {
        if (**at != '\'') {
            *(*to)++ = **at;
        } else if (*at + 1 < end && (*at)[1] == '\'') {
            *(*to)++ = '\''; /* two are one */
            *at += 1;
        } else {
            quoted = !quoted;
        }
    }
    return !quoted;
}

static bool compile(struct cd_date_format *format, struct cd_slice pattern, struct cd_error *err)
{
    const char *end = pattern.ptr + pattern.len;
    char *to = format->texts;
    for (const char *at = pattern.ptr; at < end; format->count++) {
        struct cd_date_element *element = &format->elements[format->count];
        if (is_letter(*at)) {
            element->letter = *at;
            while (at < end && *at == element->letter) {
                element->count++;
                at++;
            }
            if (!check_letter(element->letter, element->count, err))
                return false;
            continue;
        }
        const char *from = to;
        if (!copy_literal(&at, end, &to))
            return cd_fail_as(err, CD_ERR_CONFIG, "IllegalArgumentException", "Unterminated quote");
        element->literal = cd_slice_of(from, (size_t)(to - from));
    }
    return true;
}

/* Eighty years ago, by the calendar. */
static int64_t century_begin(const struct cd_zone *zone)
{
    int64_t now_ms = cd_wall_ms();
    int64_t offset_ms = cd_zone_offset(zone, now_ms);
    struct cd_calendar now;
    cd_calendar_of(now_ms + offset_ms, &now);
    struct cd_calendar_fields then = {.last_stamp = 0};
    cd_calendar_set(&then, CD_CAL_YEAR, (int32_t)now.year - 80);
    cd_calendar_set(&then, CD_CAL_MONTH, now.month);
    cd_calendar_set(&then, CD_CAL_DAY_OF_MONTH, now.day_of_month);
    return cd_calendar_local_ms(&then) + (now_ms + offset_ms) % CD_DAY_MS - offset_ms;
}

struct cd_date_format *cd_date_format_new(struct cd_slice pattern, const struct cd_zone *zone,
                                          struct cd_error *err)
{
    struct cd_date_format *format = cd_new(struct cd_date_format);
    format->zone = zone;
    format->century_begin_ms = century_begin(zone);
    format->texts = cd_alloc(pattern.len + 1);
    format->elements = cd_new_array(pattern.len, struct cd_date_element);
    if (compile(format, pattern, err))
        return format;
    cd_date_format_free(format);
    return NULL;
}

void cd_date_format_free(struct cd_date_format *format)
{
    if (format == NULL)
        return;
    free(format->texts);
    free(format->elements);
    free(format);
}

/* ---- printing ---- */

static void put_number(struct cd_buffer *out, int64_t v, int digits)
{
    char text[CD_NUMBER_TEXT_BYTES];
    size_t len = cd_int64_text(v < 0 ? -v : v, text);
    if (v < 0)
        cd_buffer_char(out, '-');
    for (size_t i = len; i < (size_t)digits; i++)
        cd_buffer_char(out, '0');
    cd_buffer_append(out, text, len);
}

static void put_year(struct cd_buffer *out, int64_t year, int count)
{
    if (count == 2)
        put_number(out, year % 100, 2);
    else
        put_number(out, year, count);
}

static void put_name(struct cd_buffer *out, const char *name, int count)
{
    cd_buffer_append(out, name, count >= 4 ? strlen(name) : 3);
}

static void put_month(struct cd_buffer *out, int month, int count)
{
    if (count >= 3)
        put_name(out, cd_month_names[month], count);
    else
        put_number(out, month + 1, count);
}

/* "+0130", with a colon or without minutes as asked. */
static void put_offset(struct cd_buffer *out, int64_t offset_ms, bool minutes, bool colon)
{
    int64_t total = (offset_ms < 0 ? -offset_ms : offset_ms) / 60000;
    cd_buffer_char(out, offset_ms < 0 ? '-' : '+');
    put_number(out, total / 60, 2);
    if (colon)
        cd_buffer_char(out, ':');
    if (minutes)
        put_number(out, total % 60, 2);
}

static void put_iso_offset(struct cd_buffer *out, int64_t offset_ms, int count)
{
    if (offset_ms == 0)
        cd_buffer_char(out, 'Z');
    else
        put_offset(out, offset_ms, count > 1, count == 3);
}

static void put_zone_name(struct cd_buffer *out, const struct cd_zone *zone, int64_t ms, int count)
{
    const char *name = cd_zone_abbreviation(zone, ms);
    bool utc = strcmp(name, "UTC") == 0;
    cd_buffer_text(out, utc && count >= 4 ? "Coordinated Universal Time" : name);
}

struct moment {
    int64_t ms;
    int64_t offset_ms;
    struct cd_calendar fields;
};

static void put_element(const struct cd_date_format *format, const struct cd_date_element *element,
                        const struct moment *m, struct cd_buffer *out)
{
    const struct cd_calendar *c = &m->fields;
    int count = element->count;
    switch (element->letter) {
    case 'G':
        cd_buffer_text(out, c->bc ? "BC" : "AD");
        return;
    case 'y':
        put_year(out, c->year, count);
        return;
    case 'Y':
        put_year(out, c->week_year, count);
        return;
    case 'M':
    case 'L':
        put_month(out, c->month, count);
        return;
    case 'E':
        put_name(out, cd_weekday_names[c->day_of_week - 1], count);
        return;
    case 'a':
        cd_buffer_text(out, c->hour < 12 ? "AM" : "PM");
        return;
    case 'z':
        put_zone_name(out, format->zone, m->ms, count);
        return;
    case 'Z':
        put_offset(out, m->offset_ms, /* minutes = */ true, /* colon = */ false);
        return;
    case 'X':
        put_iso_offset(out, m->offset_ms, count);
        return;
    case 'd':
        put_number(out, c->day_of_month, count);
        return;
    case 'D':
        put_number(out, c->day_of_year, count);
        return;
    case 'F':
        put_number(out, c->day_of_week_in_month, count);
        return;
    case 'w':
        put_number(out, c->week_of_year, count);
        return;
    case 'W':
        put_number(out, c->week_of_month, count);
        return;
    case 'u':
        put_number(out, c->day_of_week == 1 ? 7 : c->day_of_week - 1, count);
        return;
    case 'H':
        put_number(out, c->hour, count);
        return;
    case 'k':
        put_number(out, c->hour == 0 ? 24 : c->hour, count);
        return;
    case 'K':
        put_number(out, c->hour % 12, count);
        return;
    case 'h':
        put_number(out, c->hour % 12 == 0 ? 12 : c->hour % 12, count);
        return;
    case 'm':
        put_number(out, c->minute, count);
        return;
    case 's':
        put_number(out, c->second, count);
        return;
    case 'S':
        put_number(out, c->millisecond, count);
        return;
    default:
        cd_buffer_slice(out, element->literal);
        return;
    }
}

void cd_date_print(const struct cd_date_format *format, int64_t ms, struct cd_buffer *out)
{
    struct moment m = {.ms = ms, .offset_ms = cd_zone_offset(format->zone, ms)};
    /* At the ends of int64 Java's sum wraps as well. */
    cd_calendar_of((int64_t)((uint64_t)ms + (uint64_t)m.offset_ms), &m.fields);
    for (size_t i = 0; i < format->count; i++)
        put_element(format, &format->elements[i], &m, out);
}

/* ---- header texts ---- */

static void put_date(struct cd_buffer *out, const struct cd_calendar *c)
{
    put_number(out, c->year, 4);
    cd_buffer_char(out, '-');
    put_number(out, c->month + 1, 2);
    cd_buffer_char(out, '-');
    put_number(out, c->day_of_month, 2);
}

static void put_time(struct cd_buffer *out, const struct cd_calendar *c)
{
    put_number(out, c->hour, 2);
    cd_buffer_char(out, ':');
    put_number(out, c->minute, 2);
    cd_buffer_char(out, ':');
    put_number(out, c->second, 2);
    cd_buffer_char(out, '.');
    put_number(out, c->millisecond, 3);
    cd_buffer_char(out, 'Z');
}

void cd_date_header_text(int64_t ms, struct cd_buffer *out)
{
    struct cd_calendar c;
    cd_calendar_of(ms, &c);
    if (ms >= CD_DAY_MS)
        put_date(out, &c);
    if (ms >= CD_DAY_MS && ms % CD_DAY_MS != 0)
        cd_buffer_char(out, 'T');
    if (ms < CD_DAY_MS || ms % CD_DAY_MS != 0)
        put_time(out, &c);
}
