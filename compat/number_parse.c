#include "compat/number.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "compat/utf.h"

/* ---- integers ---- */

/* The zeros of all decimal digits that Character.digit knows in one UTF-16 unit. */
static const uint16_t digit_zeros[] = {
    0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66,
    0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
    0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
};

static int digit_of(uint32_t c)
{
    for (size_t i = 0; i < sizeof(digit_zeros) / sizeof(digit_zeros[0]); i++)
        if (c >= digit_zeros[i] && c < digit_zeros[i] + 10u)
            return (int)(c - digit_zeros[i]);
    return -1;
}

int cd_java_digit(const char **at, const char *end)
{
    const unsigned char *p = (const unsigned char *)*at;
    size_t left = (size_t)(end - *at);
    if (left == 0)
        return -1;
    if (p[0] < 0x80) {
        if (p[0] < '0' || p[0] > '9')
            return -1;
        *at += 1;
        return p[0] - '0';
    }
    size_t len = p[0] >= 0xe0 ? 3 : 2;
    if (left < len || p[0] < 0xc2 || p[0] > 0xef)
        return -1;
    uint32_t c = len == 2 ? (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu)
                          : (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    int digit = digit_of(c);
    if (digit >= 0)
        *at += len;
    return digit;
}

static bool not_a_number(struct cd_slice text, struct cd_error *err)
{
    return cd_fail_as(err, CD_ERR_DATA, "NumberFormatException", "For input string: \"%.*s\"",
                      CD_SLICE_ARG(text));
}

/* Within [-limit - 1, limit]. */
static bool parse_integer(struct cd_slice text, int64_t limit, int64_t *ret, struct cd_error *err)
{
    const char *at = text.ptr;
    const char *end = at + text.len;
    bool negative = text.len > 0 && *at == '-';
    if (text.len > 0 && (*at == '-' || *at == '+'))
        at++;
    if (at == end)
        return not_a_number(text, err);
    uint64_t max = (uint64_t)limit + (negative ? 1 : 0);
    uint64_t v = 0;
    while (at < end) {
        int digit = cd_java_digit(&at, end);
        if (digit < 0 || v > (max - (uint64_t)digit) / 10)
            return not_a_number(text, err);
        v = v * 10 + (uint64_t)digit;
    }
    *ret = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

/* Byte and Short are parsed as Integer first, which is why there are two messages. */
static bool parse_small(struct cd_slice text, int64_t limit, int64_t *ret, struct cd_error *err)
{
    int64_t v;
    if (!parse_integer(text, INT32_MAX, &v, err))
        return false;
    if (v < -limit - 1 || v > limit)
        return cd_fail_as(err, CD_ERR_DATA, "NumberFormatException",
                          "Value out of range. Value:\"%.*s\" Radix:10", CD_SLICE_ARG(text));
    *ret = v;
    return true;
}

bool cd_java_parse_byte(struct cd_slice text, int8_t *ret, struct cd_error *err)
{
    int64_t v;
    if (!parse_small(text, INT8_MAX, &v, err))
        return false;
    *ret = (int8_t)v;
    return true;
}

bool cd_java_parse_short(struct cd_slice text, int16_t *ret, struct cd_error *err)
{
    int64_t v;
    if (!parse_small(text, INT16_MAX, &v, err))
        return false;
    *ret = (int16_t)v;
    return true;
}

bool cd_java_parse_int(struct cd_slice text, int32_t *ret, struct cd_error *err)
{
    int64_t v;
    if (!parse_integer(text, INT32_MAX, &v, err))
        return false;
    *ret = (int32_t)v;
    return true;
}

bool cd_java_parse_long(struct cd_slice text, int64_t *ret, struct cd_error *err)
{
    return parse_integer(text, INT64_MAX, ret, err);
}

/* ---- floating point ---- */

/* What a scan found: strtod understands `text` (sign included), and `quick` says that the value is
 * exactly mantissa * 10^exponent with a mantissa of up to 19 digits. */
struct scanned {
    struct cd_slice text;
    bool negative;
    bool quick;
    uint64_t mantissa;
    int exponent;
    bool nan;
    bool infinite;
};

struct cursor {
    const char *at;
    const char *end;
};

static bool accept(struct cursor *c, char a, char b)
{
    if (c->at == c->end || (*c->at != a && *c->at != b))
        return false;
    c->at++;
    return true;
}

static bool is_digit(const struct cursor *c)
{
    return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

static bool is_hex(const struct cursor *c)
{
    return is_digit(c) || (c->at < c->end &&
                           ((*c->at >= 'a' && *c->at <= 'f') || (*c->at >= 'A' && *c->at <= 'F')));
}

static size_t skip_hex(struct cursor *c)
{
    const char *from = c->at;
    while (is_hex(c))
        c->at++;
    return (size_t)(c->at - from);
}

/* Digits into the mantissa, as long as it can hold them. */
static size_t scan_digits(struct cursor *c, struct scanned *s)
{
    const char *from = c->at;
    for (; is_digit(c); c->at++) {
        if (s->mantissa > (UINT64_MAX - 9) / 10)
            s->quick = false;
        else
            s->mantissa = s->mantissa * 10 + (uint64_t)(*c->at - '0');
    }
    return (size_t)(c->at - from);
}

static bool scan_exponent(struct cursor *c, struct scanned *s)
{
    bool negative = c->at < c->end && *c->at == '-';
    (void)accept(c, '+', '-'); /* a sign may stand there */
    if (!is_digit(c))
        return false;
    int exponent = 0;
    for (; is_digit(c); c->at++) {
        if (exponent > 9999)
            s->quick = false;
        else
            exponent = exponent * 10 + (*c->at - '0');
    }
    s->exponent += negative ? -exponent : exponent;
    return true;
}

static bool scan_decimal(struct cursor *c, struct scanned *s)
{
    s->quick = true;
    size_t digits = scan_digits(c, s);
    if (accept(c, '.', '.')) {
        size_t fraction = scan_digits(c, s);
        digits += fraction;
        if (fraction > 999)
            s->quick = false;
        else
            s->exponent = -(int)fraction;
    }
    return digits > 0 && (!accept(c, 'e', 'E') || scan_exponent(c, s));
}

static bool scan_hex(struct cursor *c, struct scanned *s)
{
    size_t digits = skip_hex(c);
    if (accept(c, '.', '.'))
        digits += skip_hex(c);
    return digits > 0 && accept(c, 'p', 'P') && scan_exponent(c, s);
}

static bool is_rest(const struct cursor *c, const char *word)
{
    return cd_slice_is(cd_slice_of(c->at, (size_t)(c->end - c->at)), word);
}

static bool scan(struct cd_slice text, struct scanned *s)
{
    *s = (struct scanned){.text = text};
    struct cursor c = {text.ptr, text.ptr + text.len};
    s->negative = text.len > 0 && *c.at == '-';
    (void)accept(&c, '+', '-'); /* a sign may stand there */
    s->nan = is_rest(&c, "NaN");
    s->infinite = is_rest(&c, "Infinity");
    if (s->nan || s->infinite)
        return true;
    bool hex = c.end - c.at > 1 && c.at[0] == '0' && (c.at[1] == 'x' || c.at[1] == 'X');
    if (hex)
        c.at += 2;
    if (hex ? !scan_hex(&c, s) : !scan_decimal(&c, s))
        return false;
    s->text.len = (size_t)(c.at - text.ptr);
    (void)(accept(&c, 'd', 'D') || accept(&c, 'f', 'F')); /* a suffix may stand there */
    return c.at == c.end;
}

static bool scan_number(struct cd_slice text, struct scanned *ret, struct cd_error *err)
{
    struct cd_slice trimmed = cd_java_trim(text);
    if (trimmed.len == 0)
        return cd_fail_as(err, CD_ERR_DATA, "NumberFormatException", "empty String");
    return scan(trimmed, ret) || not_a_number(trimmed, err);
}

/* The C library rounds correctly but speaks the process's locale unless told otherwise. */
static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* A terminated copy for the C library: in `room` when it fits, else on the heap. */
static char *terminated(struct cd_slice text, char *room, size_t room_bytes)
{
    (void)pthread_once(&c_locale_once, make_c_locale); /* cannot fail */
    if (text.len >= room_bytes)
        return cd_slice_dup(text);
    memcpy(room, text.ptr, text.len);
    room[text.len] = '\0';
    return room;
}

static double slow_double(struct cd_slice text)
{
    char room[128];
    char *copy = terminated(text, room, sizeof(room));
    double v = strtod_l(copy, NULL, c_locale);
    if (copy != room)
        free(copy);
    return v;
}

static float slow_float(struct cd_slice text)
{
    char room[128];
    char *copy = terminated(text, room, sizeof(room));
    float v = strtof_l(copy, NULL, c_locale);
    if (copy != room)
        free(copy);
    return v;
}

/* Powers of ten that are exact; one operation on exact numbers is correctly rounded (Clinger). */
static const double exact_tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
static const float exact_tens_float[] = {1e0F, 1e1F, 1e2F, 1e3F, 1e4F, 1e5F,
                                         1e6F, 1e7F, 1e8F, 1e9F, 1e10F};

static double magnitude(const struct scanned *s)
{
    double m = (double)s->mantissa;
    return s->exponent < 0 ? m / exact_tens[-s->exponent] : m * exact_tens[s->exponent];
}

static float magnitude_float(const struct scanned *s)
{
    float m = (float)s->mantissa;
    return s->exponent < 0 ? m / exact_tens_float[-s->exponent] : m * exact_tens_float[s->exponent];
}

bool cd_java_parse_double(struct cd_slice text, double *ret, struct cd_error *err)
{
    struct scanned s;
    if (!scan_number(text, &s, err))
        return false;
    if (s.nan)
        *ret = (double)NAN; /* a sign before it is ignored */
    else if (s.infinite)
        *ret = s.negative ? -(double)INFINITY : (double)INFINITY;
    else if (s.quick && s.mantissa <= UINT64_C(1) << 53 && s.exponent >= -22 && s.exponent <= 22)
        *ret = s.negative ? -magnitude(&s) : magnitude(&s);
    else
        *ret = slow_double(s.text);
    return true;
}

bool cd_java_parse_float(struct cd_slice text, float *ret, struct cd_error *err)
{
    struct scanned s;
    if (!scan_number(text, &s, err))
        return false;
    if (s.nan)
        *ret = NAN; /* a sign before it is ignored */
    else if (s.infinite)
        *ret = s.negative ? -INFINITY : INFINITY;
    else if (s.quick && s.mantissa <= UINT64_C(1) << 24 && s.exponent >= -10 && s.exponent <= 10)
        *ret = s.negative ? -magnitude_float(&s) : magnitude_float(&s);
    else
        *ret = slow_float(s.text);
    return true;
}
