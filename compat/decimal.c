#include "compat/decimal.h"

#include <assert.h>
#include <gmp.h>
#include <inttypes.h>
#include <stdalign.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "compat/number.h"

#define PLAIN_ZEROS_MAX 1000000

/* ---- bytes and numbers ---- */

static bool is_negative(const struct cd_decimal *d)
{
    return d->len > 0 && (d->unscaled[0] & 0x80) != 0;
}

/* The unscaled value, if eight bytes hold it. */
static bool small_value(const struct cd_decimal *d, int64_t *ret)
{
    if (d->len > sizeof(int64_t))
        return false;
    uint64_t v = is_negative(d) ? UINT64_MAX : 0;
    for (uint32_t i = 0; i < d->len; i++)
        v = v << 8 | d->unscaled[i];
    *ret = (int64_t)v;
    return true;
}

static struct cd_decimal *new_decimal(size_t len, int32_t scale, struct cd_arena *arena,
                                      struct cd_error *err)
{
    struct cd_decimal *d = NULL;
    if (len <= UINT32_MAX)
        d = cd_arena_alloc(arena, sizeof(*d) + len, alignof(struct cd_decimal), err);
    else
        (void)cd_fail(err, CD_ERR_DATA, "a number of %zu bytes is too long", len);
    if (d == NULL)
        return NULL;
    d->scale = scale;
    d->len = (uint32_t)len;
    return d;
}

const struct cd_decimal *cd_decimal_of_bytes(struct cd_slice unscaled, int32_t scale,
                                             struct cd_arena *arena, struct cd_error *err)
{
    if (unscaled.len == 0) {
        (void)cd_fail_as(err, CD_ERR_DATA, "NumberFormatException", "Zero length BigInteger");
        return NULL;
    }
    while (unscaled.len > 1) { /* a first byte that only repeats the sign says nothing */
        unsigned char first = (unsigned char)unscaled.ptr[0];
        bool next_negative = ((unsigned char)unscaled.ptr[1] & 0x80) != 0;
        if (!(first == 0 && !next_negative) && !(first == 0xff && next_negative))
            break;
        unscaled.ptr++;
        unscaled.len--;
    }
    struct cd_decimal *d = new_decimal(unscaled.len, scale, arena, err);
    if (d != NULL)
        memcpy(d->unscaled, unscaled.ptr, unscaled.len);
    return d;
}

const struct cd_decimal *cd_decimal_of_int64(int64_t unscaled, int32_t scale,
                                             struct cd_arena *arena, struct cd_error *err)
{
    uint64_t big_endian = __builtin_bswap64((uint64_t)unscaled);
    return cd_decimal_of_bytes(cd_slice_of(&big_endian, sizeof(big_endian)), scale, arena, err);
}

/* A negative number's bytes are the complement of those of -v - 1. */
static void get_big(const struct cd_decimal *d, mpz_t v)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer flipped = CD_BUFFER_INIT;
    if (!is_negative(d)) {
        mpz_import(v, d->len, 1, 1, 0, 0, d->unscaled);
        return;
    }
    char *to = cd_buffer_reserve(&flipped, d->len);
    for (uint32_t i = 0; i < d->len; i++)
        to[i] = (char)~d->unscaled[i];
    mpz_import(v, d->len, 1, 1, 0, 0, to);
    mpz_com(v, v);
}

/* `v` is changed. */
static const struct cd_decimal *of_big(mpz_t v, int32_t scale, struct cd_arena *arena,
                                       struct cd_error *err)
{
    bool negative = mpz_sgn(v) < 0;
    if (negative)
        mpz_com(v, v);
    size_t bits = mpz_sgn(v) == 0 ? 0 : mpz_sizeinbase(v, 2);
    struct cd_decimal *d = new_decimal(bits / 8 + 1, scale, arena, err);
    if (d == NULL)
        return NULL;
    memset(d->unscaled, 0, d->len);
    size_t used = (bits + 7) / 8;
    mpz_export(d->unscaled + (d->len - used), NULL, 1, 1, 0, 0, v);
    for (uint32_t i = 0; negative && i < d->len; i++)
        d->unscaled[i] = (uint8_t)~d->unscaled[i];
    return d;
}

int cd_decimal_sign(const struct cd_decimal *d)
{
    if (is_negative(d))
        return -1;
    for (uint32_t i = 0; i < d->len; i++)
        if (d->unscaled[i] != 0)
            return 1;
    return 0;
}

/* ---- text ---- */

/* The decimal digits of the magnitude; returns whether a minus belongs before them. */
static bool put_digits(const struct cd_decimal *d, struct cd_buffer *out)
{
    int64_t small;
    if (small_value(d, &small)) {
        uint64_t size = small < 0 ? 0 - (uint64_t)small : (uint64_t)small;
        out->len += cd_uint64_text(size, cd_buffer_reserve(out, CD_NUMBER_TEXT_BYTES));
        return small < 0;
    }
    mpz_t v;
    mpz_init(v);
    get_big(d, v);
    bool negative = mpz_sgn(v) < 0;
    mpz_abs(v, v);
    char *to = cd_buffer_reserve(out, mpz_sizeinbase(v, 10) + 1);
    mpz_get_str(to, 10, v);
    out->len += strlen(to);
    mpz_clear(v);
    return negative;
}

static void put_zeros(struct cd_buffer *out, size_t count)
{
    memset(cd_buffer_reserve(out, count), '0', count);
    out->len += count;
    out->ptr[out->len] = '\0';
}

/* `digits` with the last `scale` of them behind the point; scale > 0. */
static void put_pointed(struct cd_buffer *out, struct cd_slice digits, size_t scale)
{
    if (digits.len <= scale) {
        cd_buffer_text(out, "0.");
        put_zeros(out, scale - digits.len);
        cd_buffer_slice(out, digits);
        return;
    }
    cd_buffer_append(out, digits.ptr, digits.len - scale);
    cd_buffer_char(out, '.');
    cd_buffer_append(out, digits.ptr + digits.len - scale, scale);
}

static void put_scientific(struct cd_buffer *out, struct cd_slice digits, int64_t exponent)
{
    cd_buffer_char(out, digits.ptr[0]);
    if (digits.len > 1) {
        cd_buffer_char(out, '.');
        cd_buffer_append(out, digits.ptr + 1, digits.len - 1);
    }
    if (exponent == 0)
        return;
    cd_buffer_text(out, exponent > 0 ? "E+" : "E");
    out->len += cd_int64_text(exponent, cd_buffer_reserve(out, CD_NUMBER_TEXT_BYTES));
}

void cd_java_decimal_text(const struct cd_decimal *d, struct cd_buffer *out)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer digits = CD_BUFFER_INIT;
    if (put_digits(d, &digits))
        cd_buffer_char(out, '-');
    int64_t exponent = (int64_t)digits.len - 1 - d->scale;
    if (d->scale == 0)
        cd_buffer_slice(out, cd_buffer_view(&digits));
    else if (d->scale > 0 && exponent >= -6)
        put_pointed(out, cd_buffer_view(&digits), (size_t)d->scale);
    else
        put_scientific(out, cd_buffer_view(&digits), exponent);
}

bool cd_java_decimal_plain_text(const struct cd_decimal *d, struct cd_buffer *out,
                                struct cd_error *err)
{
    if (d->scale > PLAIN_ZEROS_MAX || d->scale < -PLAIN_ZEROS_MAX)
        return cd_fail(err, CD_ERR_DATA, "a decimal of scale %d is too long to be written plainly",
                       d->scale);
    CD_AUTO(cd_buffer_done) struct cd_buffer digits = CD_BUFFER_INIT;
    if (put_digits(d, &digits))
        cd_buffer_char(out, '-');
    if (d->scale > 0) {
        put_pointed(out, cd_buffer_view(&digits), (size_t)d->scale);
        return true;
    }
    cd_buffer_slice(out, cd_buffer_view(&digits));
    if (cd_decimal_sign(d) != 0)
        put_zeros(out, (size_t)-d->scale);
    return true;
}

uint32_t cd_java_decimal_precision(const struct cd_decimal *d)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer digits = CD_BUFFER_INIT;
    (void)put_digits(d, &digits); /* the sign does not count */
    return (uint32_t)digits.len;
}

/* ---- parsing ---- */

struct parsed {
    bool negative;
    struct cd_buffer digits; /* ASCII, without leading zeros */
    int64_t fraction_digits;
    int64_t exponent;
};

static bool bad_decimal(struct cd_slice text, struct cd_error *err)
{
    return cd_fail_as(err, CD_ERR_DATA, "NumberFormatException", "'%.*s' is not a decimal number",
                      CD_SLICE_ARG(text));
}

/* An exponent of up to ten digits, leading zeros apart. */
static bool parse_exponent(const char *at, const char *end, int64_t *ret)
{
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end)
        return false;
    int64_t v = 0;
    while (at < end) {
        int digit = cd_java_digit(&at, end);
        if (digit < 0 || v > INT32_MAX)
            return false;
        v = v * 10 + digit;
    }
    *ret = negative ? -v : v;
    return v <= INT32_MAX;
}

static bool parse_text(struct cd_slice text, bool fraction_allowed, struct parsed *p)
{
    const char *at = text.ptr;
    const char *end = at + text.len;
    p->negative = text.len > 0 && *at == '-';
    if (text.len > 0 && (*at == '-' || *at == '+'))
        at++;
    bool pointed = false;
    bool any = false;
    while (at < end) {
        int digit = cd_java_digit(&at, end);
        if (digit < 0 && fraction_allowed && !pointed && *at == '.') {
            pointed = true;
            at++;
            continue;
        }
        if (digit < 0)
            break;
        any = true;
        p->fraction_digits += pointed;
        if (digit != 0 || p->digits.len > 0)
            cd_buffer_char(&p->digits, (char)('0' + digit));
    }
    if (!any || at == end)
        return any;
    return fraction_allowed && (*at == 'e' || *at == 'E') &&
           parse_exponent(at + 1, end, &p->exponent);
}

static const struct cd_decimal *of_digits(const struct parsed *p, int32_t scale,
                                          struct cd_arena *arena, struct cd_error *err)
{
    if (p->digits.len <= 18) {
        int64_t v = 0;
        for (size_t i = 0; i < p->digits.len; i++)
            v = v * 10 + (p->digits.ptr[i] - '0');
        return cd_decimal_of_int64(p->negative ? -v : v, scale, arena, err);
    }
    mpz_t v;
    mpz_init(v);
    (void)mpz_set_str(v, p->digits.ptr, 10); /* they are digits */
    if (p->negative)
        mpz_neg(v, v);
    const struct cd_decimal *d = of_big(v, scale, arena, err);
    mpz_clear(v);
    return d;
}

static const struct cd_decimal *parse(struct cd_slice text, bool fraction_allowed,
                                      struct cd_arena *arena, struct cd_error *err)
{
    struct parsed p = {.digits = CD_BUFFER_INIT};
    const struct cd_decimal *d = NULL;
    bool good = parse_text(text, fraction_allowed, &p);
    int64_t scale = p.fraction_digits - p.exponent;
    if (good && scale >= INT32_MIN && scale <= INT32_MAX)
        d = of_digits(&p, (int32_t)scale, arena, err);
    else
        (void)bad_decimal(text, err);
    cd_buffer_done(&p.digits);
    return d;
}

const struct cd_decimal *cd_java_parse_decimal(struct cd_slice text, struct cd_arena *arena,
                                               struct cd_error *err)
{
    return parse(text, /* fraction_allowed = */ true, arena, err);
}

const struct cd_decimal *cd_java_parse_integer(struct cd_slice text, struct cd_arena *arena,
                                               struct cd_error *err)
{
    return parse(text, /* fraction_allowed = */ false, arena, err);
}

/* ---- as other numbers ---- */

static void multiply_power_of_ten(mpz_t v, unsigned long exponent)
{
    mpz_t power;
    mpz_init(power);
    mpz_ui_pow_ui(power, 10, exponent);
    mpz_mul(v, v, power);
    mpz_clear(power);
}

/* Drops the last `exponent` digits; returns whether they were all zero. */
static bool divide_power_of_ten(mpz_t v, unsigned long exponent)
{
    mpz_t power;
    mpz_t rest;
    mpz_inits(power, rest, NULL);
    mpz_ui_pow_ui(power, 10, exponent);
    mpz_tdiv_qr(v, rest, v, power);
    bool exact = mpz_sgn(rest) == 0;
    mpz_clears(power, rest, NULL);
    return exact;
}

/* More decimal digits than the unscaled value can have: below it nothing but a fraction is left. */
static bool only_fraction(const struct cd_decimal *d)
{
    return d->scale > 0 && (uint64_t)d->scale > (uint64_t)d->len * 3;
}

/* The integral part; returns whether that is all. The scale is above -65 and the number no mere
 * fraction. */
static bool integral_part(const struct cd_decimal *d, mpz_t v)
{
    get_big(d, v);
    if (d->scale > 0)
        return divide_power_of_ten(v, (unsigned long)d->scale);
    multiply_power_of_ten(v, (unsigned long)-d->scale);
    return true;
}

static int64_t low_bits(mpz_t v)
{
    uint64_t low = 0;
    mpz_fdiv_r_2exp(v, v, 64);
    mpz_export(&low, NULL, -1, sizeof(low), 0, 0, v);
    return (int64_t)low;
}

int64_t cd_java_decimal_long(const struct cd_decimal *d)
{
    int64_t small;
    if (d->scale == 0 && small_value(d, &small))
        return small;
    /* 10^64 is a multiple of 2^64. */
    if (d->scale <= -64 || only_fraction(d))
        return 0;
    mpz_t v;
    mpz_init(v);
    (void)integral_part(d, v); /* the fraction is dropped */
    int64_t low = low_bits(v);
    mpz_clear(v);
    return low;
}

bool cd_decimal_is_int64(const struct cd_decimal *d, int64_t *ret)
{
    int64_t small;
    if (d->scale == 0 && small_value(d, &small)) {
        *ret = small;
        return true;
    }
    if (cd_decimal_sign(d) == 0) {
        *ret = 0;
        return true;
    }
    if (d->scale < -18 || only_fraction(d))
        return false;
    mpz_t v;
    mpz_init(v);
    bool fits = integral_part(d, v) && mpz_fits_slong_p(v);
    if (fits)
        *ret = mpz_get_si(v);
    mpz_clear(v);
    return fits;
}

double cd_java_decimal_double(const struct cd_decimal *d)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer text = CD_BUFFER_INIT;
    struct cd_error err = CD_ERROR_INIT;
    double v = 0;
    cd_java_decimal_text(d, &text);
    bool parsed = cd_java_parse_double(cd_buffer_view(&text), &v, &err);
    assert(parsed);
    (void)parsed;
    return v;
}

float cd_java_decimal_float(const struct cd_decimal *d)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer text = CD_BUFFER_INIT;
    struct cd_error err = CD_ERROR_INIT;
    float v = 0;
    cd_java_decimal_text(d, &text);
    bool parsed = cd_java_parse_float(cd_buffer_view(&text), &v, &err);
    assert(parsed);
    (void)parsed;
    return v;
}

/* ---- another scale ---- */

/* v / 10^drop rounded to the nearest, halves away from zero. */
static void divide_half_up(mpz_t v, unsigned long drop)
{
    mpz_t half;
    mpz_init(half);
    mpz_ui_pow_ui(half, 10, drop);
    mpz_tdiv_q_2exp(half, half, 1);
    if (mpz_sgn(v) < 0)
        mpz_sub(v, v, half);
    else
        mpz_add(v, v, half);
    mpz_clear(half);
    (void)divide_power_of_ten(v, drop); /* what is cut off now was rounded */
}

const struct cd_decimal *cd_java_decimal_rescale(const struct cd_decimal *d, int32_t scale,
                                                 bool half_up, struct cd_arena *arena,
                                                 struct cd_error *err)
{
    if (scale == d->scale)
        return d;
    if (cd_decimal_sign(d) == 0)
        return cd_decimal_of_int64(0, scale, arena, err);
    int64_t more = (int64_t)scale - d->scale;
    if (more > PLAIN_ZEROS_MAX) {
        (void)cd_fail(err, CD_ERR_DATA, "%" PRId64 " more digits are too many for a decimal", more);
        return NULL;
    }
    /* Beyond its digits everything is cut off; a few more than it has keep the power of ten small.
     */
    int64_t drop_max = (int64_t)d->len * 3 + 2;
    unsigned long drop = (unsigned long)(-more > drop_max ? drop_max : -more);
    mpz_t v;
    mpz_init(v);
    get_big(d, v);
    bool exact = true;
    if (more > 0)
        multiply_power_of_ten(v, (unsigned long)more);
    else if (half_up)
        divide_half_up(v, drop);
    else
        exact = divide_power_of_ten(v, drop);
    const struct cd_decimal *changed = NULL;
    if (exact)
        changed = of_big(v, scale, arena, err);
    else
        (void)cd_fail_as(err, CD_ERR_DATA, "ArithmeticException", "Rounding necessary");
    mpz_clear(v);
    return changed;
}
