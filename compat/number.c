#include "compat/number.h"

#include <math.h>

#include "compat/number_table.h"

/* ---- integers ---- */

static const char digit_pairs[] = "0001020304050607080910111213141516171819"
                                  "2021222324252627282930313233343536373839"
                                  "4041424344454647484950515253545556575859"
                                  "6061626364656667686970717273747576777879"
                                  "8081828384858687888990919293949596979899";

/* Writes the digits so that they end before `end`; returns where they begin. */
static char *put_digits(uint64_t v, char *end)
{
    while (v >= 100) {
        end -= 2;
        memcpy(end, &digit_pairs[v % 100 * 2], 2);
        v /= 100;
    }
    if (v >= 10) {
        end -= 2;
        memcpy(end, &digit_pairs[v * 2], 2);
    } else {
        *--end = (char)('0' + v);
    }
    return end;
}

size_t cd_uint64_text(uint64_t v, char *out)
{
    char digits[20];
    const char *first = put_digits(v, digits + sizeof(digits));
    size_t len = (size_t)(digits + sizeof(digits) - first);
    memcpy(out, first, len);
    out[len] = '\0';
    return len;
}

size_t cd_int64_text(int64_t v, char *out)
{
    if (v >= 0)
        return cd_uint64_text((uint64_t)v, out);
    *out = '-';
    return cd_uint64_text(0 - (uint64_t)v, out + 1) + 1;
}

/* ---- floating point ----
 *
 * R. Giulietti, "The Schubfach way to render doubles", which is what the JDK does since 19; names
 * follow the paper. A number is c * 2^q; its text is f * 10^e with the shortest f of at least two
 * digits.
 */

struct format {
    int precision; /* bits of c */
    int q_min;
    uint64_t c_min;  /* of normal numbers */
    uint64_t c_tiny; /* below it, one more digit has to be had to come to two */
};

static const struct format double_format = {53, -1074, UINT64_C(1) << 52, 3};
static const struct format float_format = {24, -149, UINT64_C(1) << 23, 8};

struct digits {
    uint64_t f;
    int e;
};

/* floor(log10(2^e)), floor(log10(3/4 * 2^e)), floor(log2(10^e)): exact for the exponents that
 * occur. */
static int floor_log10_pow2(int e)
{
    return (int)((e * INT64_C(661971961083)) >> 41);
}

static int floor_log10_three_quarters_pow2(int e)
{
    return (int)((e * INT64_C(661971961083) - INT64_C(274743187321)) >> 41);
}

static int floor_log2_pow10(int e)
{
    return (int)((e * INT64_C(913124641741)) >> 38);
}

static uint64_t multiply_high(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 uint128;
    return (uint64_t)(((uint128)a * b) >> 64);
}

/* g * cp / 2^127, rounded to odd. */
static uint64_t round_to_odd(const struct cd_power_of_ten *g, uint64_t cp)
{
    const uint64_t mask_63 = INT64_MAX;
    uint64_t x1 = multiply_high(g->low, cp);
    uint64_t y0 = g->high * cp;
    uint64_t y1 = multiply_high(g->high, cp);
    uint64_t z = (y0 >> 1) + x1;
    uint64_t w = y1 + (z >> 63);
    return w | (((z & mask_63) + mask_63) >> 63);
}

static struct digits shortest(const struct format *fmt, int q, uint64_t c, int dk)
{
    /* Neighbours below a power of two are nearer than those above. */
    bool regular = c != fmt->c_min || q == fmt->q_min;
    int k = regular ? floor_log10_pow2(q) : floor_log10_three_quarters_pow2(q);
    int h = q + floor_log2_pow10(-k) + 2;
    const struct cd_power_of_ten *g = &cd_powers_of_ten[k - CD_POWER_MIN];

    uint64_t out = c & 1; /* the borders of the rounding interval belong to it only for an even c */
    uint64_t cb = c << 2;
    uint64_t vb = round_to_odd(g, cb << h);
    uint64_t vbl = round_to_odd(g, (cb - (regular ? 2 : 1)) << h);
    uint64_t vbr = round_to_odd(g, (cb + 2) << h);

    uint64_t s = vb >> 2;
    if (s >= 100) { /* first try with one digit less */
        uint64_t s10 = s / 10 * 10;
        uint64_t t10 = s10 + 10;
        bool s_in = vbl + out <= s10 << 2;
        bool t_in = (t10 << 2) + out <= vbr;
        if (s_in != t_in)
            return (struct digits){s_in ? s10 : t10, k};
    }
    uint64_t t = s + 1;
    bool s_in = vbl + out <= s << 2;
    bool t_in = (t << 2) + out <= vbr;
    if (s_in != t_in)
        return (struct digits){s_in ? s : t, k + dk};
    int64_t nearer = (int64_t)(vb - ((s + t) << 1));
    bool down = nearer < 0 || (nearer == 0 && (s & 1) == 0);
    return (struct digits){down ? s : t, k + dk};
}

/* `exponent` is the biased one. */
static struct digits finite_digits(const struct format *fmt, uint64_t mantissa, int exponent)
{
    if (exponent == 0) {
        if (mantissa < fmt->c_tiny)
            return shortest(fmt, fmt->q_min, 10 * mantissa, -1);
        return shortest(fmt, fmt->q_min, mantissa, 0);
    }
    int q = fmt->q_min - 1 + exponent;
    uint64_t c = fmt->c_min | mantissa;
    if (q < 0 && -q < fmt->precision && (c & ((UINT64_C(1) << -q) - 1)) == 0)
        return (struct digits){c >> -q, 0}; /* a small integer */
    return shortest(fmt, q, c, 0);
}

/* "ddd.ddd": `point` digits stand before the point, at least one behind it. */
static char *put_plain(char *out, const char *digits, int count, int point)
{
    if (point <= 0) {
        memcpy(out, "0.00", 4);
        out += 2 - point;
        memcpy(out, digits, (size_t)count);
        return out + count;
    }
    int before = count < point ? count : point;
    memcpy(out, digits, (size_t)before);
    out += before;
    for (int i = before; i < point; i++)
        *out++ = '0';
    *out++ = '.';
    if (count <= point) {
        *out++ = '0';
        return out;
    }
    memcpy(out, digits + point, (size_t)(count - point));
    return out + count - point;
}

static char *put_finite(char *out, struct digits d)
{
    char all[20];
    char *first = put_digits(d.f, all + sizeof(all));
    int count = (int)(all + sizeof(all) - first);
    int point = count + d.e; /* 0.ddd * 10^point */
    while (count > 1 && first[count - 1] == '0')
        count--;
    if (point > -3 && point <= 7)
        return put_plain(out, first, count, point);
    out = put_plain(out, first, count, 1);
    *out++ = 'E';
    return out + cd_int64_text(point - 1, out);
}

static size_t put_text(const char *text, char *out)
{
    size_t len = strlen(text);
    memcpy(out, text, len + 1);
    return len;
}

static size_t floating_text(const struct format *fmt, bool negative, uint64_t mantissa,
                            int exponent, char *out)
{
    char *end = out;
    if (negative)
        *end++ = '-';
    if (mantissa == 0 && exponent == 0)
        return put_text("0.0", end) + (size_t)(end - out);
    end = put_finite(end, finite_digits(fmt, mantissa, exponent));
    *end = '\0';
    return (size_t)(end - out);
}

size_t cd_java_double_text(double v, char *out)
{
    if (isnan(v))
        return put_text("NaN", out);
    if (isinf(v))
        return put_text(v > 0 ? "Infinity" : "-Infinity", out);
    uint64_t bits;
    memcpy(&bits, &v, sizeof(bits));
    return floating_text(&double_format, bits >> 63 != 0, bits & (double_format.c_min - 1),
                         (int)(bits >> 52 & 0x7ff), out);
}

size_t cd_java_float_text(float v, char *out)
{
    if (isnan(v))
        return put_text("NaN", out);
    if (isinf(v))
        return put_text(v > 0 ? "Infinity" : "-Infinity", out);
    uint32_t bits;
    memcpy(&bits, &v, sizeof(bits));
    return floating_text(&float_format, bits >> 31 != 0, bits & (float_format.c_min - 1),
                         (int)(bits >> 23 & 0xff), out);
}

/* ---- casts ---- */

int32_t cd_java_double_to_int(double v)
{
    if (isnan(v))
        return 0;
    if (v >= (double)INT32_MAX)
        return INT32_MAX;
    return v <= (double)INT32_MIN ? INT32_MIN : (int32_t)v;
}

int64_t cd_java_double_to_long(double v)
{
    if (isnan(v))
        return 0;
    if (v >= 0x1p63)
        return INT64_MAX;
    return v <= -0x1p63 ? INT64_MIN : (int64_t)v;
}
