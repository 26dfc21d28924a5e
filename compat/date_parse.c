#include "compat/date.h"

#include <strings.h>

#include "compat/calendar.h"
#include "compat/date_pattern.h"
#include "compat/number.h"
#include "compat/utf.h"
#include "compat/zone.h"

/* Names follow SimpleDateFormat.parse, whose oddities are kept: they decide what a text means. */
struct parser {
    const char *at;
    const char *end;
    struct cd_calendar_fields fields;
    bool zoned;          /* the text says its offset */
    int64_t offset_ms;   /* then this is it */
    bool ambiguous_year; /* the two-digit year in which the hundred years begin */
    int32_t century_year;
};

/* ---- numbers ---- */

/* Where `count` UTF-16 units from `at` end; NULL: the text is shorter. */
static const char *units_ahead(const char *at, const char *end, int count)
{
    for (int units = 0; units < count;) {
        if (at == end)
            return NULL;
        uint32_t c = cd_utf_next(&at, end);
        units += c != CD_UTF_BAD && c >= 0x10000 ? 2 : 1;
    }
    return at;
}

/* Number.intValue of what DecimalFormat makes of the digits: the low bits of a long, or a saturated
 * double. */
static int32_t int_value(double v, uint64_t exact, bool fits)
{
    if (fits)
        return (int32_t)(uint32_t)exact;
    return cd_java_double_to_int(v);
}

static bool parse_number(struct parser *p, const char *limit, int32_t *ret)
{
    const char *at = p->at;
    bool negative = at < limit && *at == '-';
    if (negative)
        at++;
    const char *from = at;
    uint64_t exact = 0;
    double v = 0;
    bool fits = true;
    while (at < limit) {
        int digit = cd_java_digit(&at, limit);
        if (digit < 0)
            break;
        fits = fits && exact <= (INT64_MAX - (uint64_t)digit) / 10;
        exact = exact * 10 + (uint64_t)digit;
        v = v * 10 + digit;
    }
    if (at == from)
        return false;
    p->at = at;
    *ret = int_value(negative ? -v : v, negative ? 0 - exact : exact, fits);
    return true;
}

/* With a number next to it a field has just as many characters as the pattern has letters. */
static bool parse_field_number(struct parser *p, const char *start, int exactly, int32_t *ret)
{
    const char *limit = exactly > 0 ? units_ahead(start, p->end, exactly) : p->end;
    return limit != NULL && p->at <= limit && parse_number(p, limit, ret);
}

/* ---- names ---- */

static bool has_prefix(const struct parser *p, const char *word, size_t len)
{
    return (size_t)(p->end - p->at) >= len && strncasecmp(p->at, word, len) == 0;
}

/* The longest name that fits; a name's first three letters are one too. -1: none. */
static int parse_name(struct parser *p, const char *const *names, int count)
{
    int best = -1;
    size_t best_len = 0;
    for (int i = 0; i < count; i++) {
        size_t len = strlen(names[i]);
        if (!has_prefix(p, names[i], len))
            len = has_prefix(p, names[i], 3) && len > 3 ? 3 : 0;
        if (len <= best_len)
            continue;
        best = i;
        best_len = len;
    }
    p->at += best_len;
    return best;
}

/* ---- zones ---- */

static bool parse_digit(struct parser *p, int *ret)
{
    if (p->at == p->end || *p->at < '0' || *p->at > '9')
        return false;
    *ret = *p->at++ - '0';
    return true;
}

static void set_offset(struct parser *p, int64_t offset_ms)
{
    p->zoned = true;
    p->offset_ms = offset_ms;
}

/* subParseNumericZone: hh, hhmm or hh:mm; after "GMT" one digit of hours will do. */
static bool parse_offset(struct parser *p, int sign, int iso_count, bool colon)
{
    int hours;
    int second;
    if (!parse_digit(p, &hours))
        return false;
    if (parse_digit(p, &second))
        hours = hours * 10 + second;
    else if (iso_count > 0 || !colon)
        return false;
    if (hours > 23)
        return false;
    int minutes = 0;
    if (iso_count != 1) {
        if (colon && (p->at == p->end || *p->at++ != ':'))
            return false;
        if (!parse_digit(p, &minutes) || !parse_digit(p, &second))
            return false;
        minutes = minutes * 10 + second;
        if (minutes > 59)
            return false;
    }
    set_offset(p, (int64_t)sign * (hours * 60 + minutes) * 60000);
    return true;
}

/* 0: neither. */
static int parse_sign(struct parser *p)
{
    if (p->at == p->end || (*p->at != '+' && *p->at != '-'))
        return 0;
    return *p->at++ == '+' ? 1 : -1;
}

static bool parse_zone_name(struct parser *p)
{
    size_t best = 0;
    int minutes = 0;
    for (size_t i = 0; i < cd_zone_name_count; i++) {
        size_t len = strlen(cd_zone_names[i].name);
        if (len <= best || !has_prefix(p, cd_zone_names[i].name, len))
            continue;
        best = len;
        minutes = cd_zone_names[i].minutes;
    }
    if (best > 0)
        set_offset(p, (int64_t)minutes * 60000);
    p->at += best;
    return best > 0;
}

static bool parse_general_zone(struct parser *p)
{
    int sign = parse_sign(p);
    if (sign != 0)
        return parse_offset(p, sign, 0, /* colon = */ false);
    if (!has_prefix(p, "GMT", 3))
        return parse_zone_name(p);
    p->at += 3;
    sign = parse_sign(p);
    if (sign != 0)
        return parse_offset(p, sign, 0, /* colon = */ true);
    set_offset(p, 0);
    return true;
}

static bool parse_iso_zone(struct parser *p, int count)
{
    if (*p->at == 'Z') {
        p->at++;
        set_offset(p, 0);
        return true;
    }
    int sign = parse_sign(p);
    return sign != 0 && parse_offset(p, sign, count, count == 3);
}

/* ---- fields ---- */

/* Letters that are plain numbers. */
static const struct {
    char letter;
    enum cd_calendar_field field;
    int32_t zero; /* what stands for zero: 24 of 'k', 12 of 'h' */
} number_fields[] = {
    {'d', CD_CAL_DAY_OF_MONTH, 0},
    {'D', CD_CAL_DAY_OF_YEAR, 0},
    {'F', CD_CAL_DAY_OF_WEEK_IN_MONTH, 0},
    {'w', CD_CAL_WEEK_OF_YEAR, 0},
    {'W', CD_CAL_WEEK_OF_MONTH, 0},
    {'H', CD_CAL_HOUR_OF_DAY, 0},
    {'k', CD_CAL_HOUR_OF_DAY, 24},
    {'K', CD_CAL_HOUR, 0},
    {'h', CD_CAL_HOUR, 12},
    {'m', CD_CAL_MINUTE, 0},
    {'s', CD_CAL_SECOND, 0},
    {'S', CD_CAL_MILLISECOND, 0},
};

static void set_year(struct parser *p, const struct cd_date_element *element, const char *digits,
                     int32_t year)
{
    bool two = p->at - digits == 2 && digits[0] != '-';
    if (element->count <= 2 && two) {
        int32_t begin = p->century_year % 100;
        p->ambiguous_year = year == begin;
        year += p->century_year / 100 * 100 + (year < begin ? 100 : 0);
    }
    cd_calendar_set(&p->fields, element->letter == 'Y' ? CD_CAL_WEEK_YEAR : CD_CAL_YEAR, year);
}

/* Monday is 1; what is no weekday is left to the calendar's arithmetic. */
static int32_t weekday_of_iso(int32_t iso)
{
    if (iso < 1 || iso > 7)
        return iso;
    return iso == 7 ? 1 : iso + 1;
}

static bool set_number(struct parser *p, const struct cd_date_element *element, const char *digits,
                       int32_t v)
{
    char letter = element->letter;
    if (letter == 'y' || letter == 'Y') {
        set_year(p, element, digits, v);
        return true;
    }
    if (letter == 'M' || letter == 'L') {
        cd_calendar_set(&p->fields, CD_CAL_MONTH, (int32_t)((uint32_t)v - 1));
        return true;
    }
    if (letter == 'u') {
        cd_calendar_set(&p->fields, CD_CAL_DAY_OF_WEEK, weekday_of_iso(v));
        return true;
    }
    for (size_t i = 0; i < sizeof(number_fields) / sizeof(number_fields[0]); i++) {
        if (number_fields[i].letter != letter)
            continue;
        cd_calendar_set(&p->fields, number_fields[i].field, v == number_fields[i].zero ? 0 : v);
        return true;
    }
    return false;
}

static bool set_name(struct parser *p, enum cd_calendar_field field, int index, int first)
{
    if (index < 0)
        return false;
    cd_calendar_set(&p->fields, field, index + first);
    return true;
}

static bool is_number(const struct cd_date_element *element)
{
    if (element->letter == 'M' || element->letter == 'L')
        return element->count <= 2;
    return element->letter != 0 && strchr("GEazZX", element->letter) == NULL;
}

static bool parse_word(struct parser *p, const struct cd_date_element *element)
{
    static const char *const eras[] = {"BC", "AD"};
    static const char *const halves[] = {"AM", "PM"};
    switch (element->letter) {
    case 'G':
        return set_name(p, CD_CAL_ERA, parse_name(p, eras, 2), 0);
    case 'a':
        return set_name(p, CD_CAL_AM_PM, parse_name(p, halves, 2), 0);
    case 'E':
        return set_name(p, CD_CAL_DAY_OF_WEEK, parse_name(p, cd_weekday_names, 7), 1);
    case 'M':
    case 'L':
        return set_name(p, CD_CAL_MONTH, parse_name(p, cd_month_names, 12), 0);
    case 'X':
        return parse_iso_zone(p, element->count);
    default:
        return parse_general_zone(p);
    }
}

/* Blanks may stand before a number or a zone, not before a name. */
static bool parse_field(struct parser *p, const struct cd_date_element *element,
                        bool next_is_number)
{
    const char *start = p->at;
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t'))
        p->at++;
    if (p->at == p->end)
        return false;
    const char *digits = p->at;
    int32_t v;
    if (is_number(element))
        return parse_field_number(p, start, next_is_number ? element->count : 0, &v) &&
               set_number(p, element, digits, v);
    if (p->at > start && strchr("GEaML", element->letter) != NULL)
        return false;
    return parse_word(p, element);
}

static bool parse_literal(struct parser *p, struct cd_slice literal)
{
    if ((size_t)(p->end - p->at) < literal.len || memcmp(p->at, literal.ptr, literal.len) != 0)
        return false;
    p->at += literal.len;
    return true;
}

static bool parse_elements(const struct cd_date_format *format, struct parser *p)
{
    for (size_t i = 0; i < format->count; i++) {
        const struct cd_date_element *element = &format->elements[i];
        bool next_is_number = i + 1 < format->count && is_number(&format->elements[i + 1]);
        if (element->letter == 0 ? !parse_literal(p, element->literal)
                                 : !parse_field(p, element, next_is_number))
            return false;
    }
    return true;
}

/* ---- the moment ---- */

static int64_t moment(const struct cd_date_format *format, const struct parser *p)
{
    int64_t local_ms = cd_calendar_local_ms(&p->fields);
    int64_t offset_ms = p->zoned ? p->offset_ms : cd_zone_offset_of_local(format->zone, local_ms);
    return (int64_t)((uint64_t)local_ms - (uint64_t)offset_ms); /* wraps as Java's does */
}

static int32_t century_year(const struct cd_date_format *format)
{
    struct cd_calendar begin;
    int64_t ms = format->century_begin_ms;
    cd_calendar_of(ms + cd_zone_offset(format->zone, ms), &begin);
    return (int32_t)begin.year;
}

static bool parse(const struct cd_date_format *format, struct cd_slice text, int64_t *ret_ms)
{
    struct parser p = {.at = text.ptr, .end = text.ptr + text.len};
    p.century_year = century_year(format);
    if (!parse_elements(format, &p))
        return false;
    *ret_ms = moment(format, &p);
    if (p.ambiguous_year && *ret_ms < format->century_begin_ms) {
        bool weeks = p.fields.stamp[CD_CAL_WEEK_YEAR] > p.fields.stamp[CD_CAL_YEAR];
        int32_t *year = &p.fields.value[weeks ? CD_CAL_WEEK_YEAR : CD_CAL_YEAR];
        *year = (int32_t)((uint32_t)*year + 100u); /* wraps, as Java's int does */
        *ret_ms = moment(format, &p);
    }
    return true;
}

bool cd_date_parse(const struct cd_date_format *format, struct cd_slice text, int64_t *ret_ms,
                   struct cd_error *err)
{
    return parse(format, text, ret_ms) ||
           cd_fail_as(err, CD_ERR_DATA, "ParseException", "Unparseable date: \"%.*s\"",
                      CD_SLICE_ARG(text));
}

/* ---- header texts: the three fixed patterns, compiled by hand ---- */

#define LITERAL(text)                                                                              \
    {                                                                                              \
        0, 0,                                                                                      \
        {                                                                                          \
            text, sizeof(text) - 1                                                                 \
        }                                                                                          \
    }
#define DATE_ELEMENTS                                                                              \
    {'y', 4, {0}}, LITERAL("-"), {'M', 2, {0}}, LITERAL("-"),                                      \
    {                                                                                              \
        'd', 2,                                                                                    \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }
#define TIME_ELEMENTS                                                                              \
    {'H', 2, {0}}, LITERAL(":"), {'m', 2, {0}}, LITERAL(":"), {'s', 2, {0}}, LITERAL("."),         \
        {'S', 3, {0}}, LITERAL("Z")

static struct cd_date_element date_elements[] = {DATE_ELEMENTS};
static struct cd_date_element time_elements[] = {TIME_ELEMENTS};
static struct cd_date_element timestamp_elements[] = {DATE_ELEMENTS, LITERAL("T"), TIME_ELEMENTS};

static const struct {
    size_t len;
    enum cd_date_form form;
    struct cd_date_format format;
} header_forms[] = {
    {10, CD_DATE_DATE, {.count = 5, .elements = date_elements}},
    {13, CD_DATE_TIME, {.count = 8, .elements = time_elements}},
    {24, CD_DATE_TIMESTAMP, {.count = 14, .elements = timestamp_elements}},
};

enum cd_date_form cd_date_header_parse(struct cd_slice text, int64_t *ret_ms)
{
    for (size_t i = 0; i < sizeof(header_forms) / sizeof(header_forms[0]); i++)
        if (cd_java_length(text) == header_forms[i].len &&
            parse(&header_forms[i].format, text, ret_ms))
            return header_forms[i].form;
    return CD_DATE_NONE;
}
