#include "connectors/postgres/numeric.h"

#include <math.h>
#include <stdlib.h>

enum { HEADER = 8, SIGN_POSITIVE = 0, SIGN_NEGATIVE = 0x4000 };
enum { SIGN_NAN = 0xC000, SIGN_INFINITY = 0xD000, SIGN_MINUS_INFINITY = 0xF000 };

struct numeric {
    uint32_t digits; /* of base 10,000 */
    int32_t weight;  /* of the first one */
    uint32_t sign;
    uint32_t scale;
    const uint8_t *at;
};

static uint32_t get16(const uint8_t *p)
{
    return (uint32_t)(p[0] << 8 | p[1]);
}

static bool parse(const uint8_t *data, uint32_t len, struct numeric *ret, struct cd_error *err)
{
    if (len < HEADER)
        return cd_fail(err, CD_ERR_DATA, "a numeric of %u bytes", len);
    *ret = (struct numeric){
        .digits = get16(data),
        .weight = (int16_t)get16(data + 2),
        .sign = get16(data + 4),
        .scale = get16(data + 6),
        .at = data + HEADER,
    };
    if (len != HEADER + ret->digits * 2)
        return cd_fail(err, CD_ERR_DATA, "a numeric of %u digits in %u bytes", ret->digits, len);
    return true;
}

static enum cd_pg_numeric_kind kind_of(const struct numeric *n)
{
    switch (n->sign) {
    case SIGN_NAN:
        return CD_PG_NUMERIC_NAN;
    case SIGN_INFINITY:
        return CD_PG_NUMERIC_INFINITY;
    case SIGN_MINUS_INFINITY:
        return CD_PG_NUMERIC_MINUS_INFINITY;
    default:
        return CD_PG_NUMERIC_FINITE;
    }
}

static void collect(const struct numeric *n, struct cd_big *ret)
{
    uint64_t first = 0;
    uint32_t i = 0;
    for (; i < n->digits && i < 4; i++) /* four digits of 10,000 fit a word: the usual value */
        first = first * 10000 + get16(n->at + i * 2);
    cd_big_set(ret, first);
    for (; i < n->digits; i++)
        cd_big_multiply_add(ret, 10000, get16(n->at + i * 2));
}

bool cd_pg_numeric_read(const uint8_t *data, uint32_t len, int32_t scale, struct cd_big *ret,
                        enum cd_pg_numeric_kind *ret_kind, bool *ret_exact, struct cd_error *err)
{
    struct numeric n;
    if (!parse(data, len, &n, err))
        return false;
    *ret_kind = kind_of(&n);
    *ret_exact = true;
    if (*ret_kind != CD_PG_NUMERIC_FINITE)
        return true;
    collect(&n, ret);
    int64_t exponent = 4 * ((int64_t)n.weight - (int64_t)n.digits + 1) + scale;
    if (exponent >= 0 && !cd_big_is_zero(ret))
        cd_big_multiply_pow10(ret, (size_t)exponent);
    else if (exponent < 0)
        *ret_exact = cd_big_divide_pow10(ret, (size_t)-exponent);
    ret->negative = n.sign == SIGN_NEGATIVE && !cd_big_is_zero(ret);
    return true;
}

bool cd_pg_numeric_double(const uint8_t *data, uint32_t len, double *ret, struct cd_error *err)
{
    struct numeric n;
    if (!parse(data, len, &n, err))
        return false;
    switch (kind_of(&n)) {
    case CD_PG_NUMERIC_NAN:
        *ret = (double)NAN;
        return true;
    case CD_PG_NUMERIC_INFINITY:
        *ret = (double)INFINITY;
        return true;
    case CD_PG_NUMERIC_MINUS_INFINITY:
        *ret = -(double)INFINITY;
        return true;
    case CD_PG_NUMERIC_FINITE:
        break;
    }
    struct cd_sql_text text CD_AUTO(cd_sql_text_done) = {0};
    cd_sql_add(&text, n.sign == SIGN_NEGATIVE ? "-0" : "0");
    for (uint32_t i = 0; i < n.digits; i++)
        cd_sql_addf(&text, "%04u", get16(n.at + i * 2));
    cd_sql_addf(&text, "e%lld", 4 * ((long long)n.weight - (long long)n.digits + 1));
    *ret = strtod(cd_sql_text_get(&text), NULL); /* the nearest double: Java's doubleValue */
    return true;
}

static void put16(struct cd_sql_text *out, uint32_t value)
{
    char bytes[2] = {(char)(value >> 8), (char)value};
    cd_sql_add_slice(out, cd_slice_of(bytes, 2));
}

void cd_pg_numeric_write(struct cd_big *big, int32_t scale, struct cd_sql_text *out)
{
    bool negative = big->negative;
    int32_t display = scale < 0 ? 0 : scale;
    if (scale < 0)
        cd_big_multiply_pow10(big, (size_t)-scale);
    /* Decimals in whole groups of four, so that groups and point coincide. */
    int32_t fraction_groups = (display + 3) / 4;
    if (fraction_groups * 4 > display)
        cd_big_multiply_pow10(big, (size_t)(fraction_groups * 4 - display));
    size_t room = big->count * 3 + 1; /* a limb is less than 10,000^2.5 */
    uint16_t small[64];
    uint16_t *groups = room <= 64 ? small : cd_sql_new(room * sizeof(*groups));
    size_t count = 0;
    while (!cd_big_is_zero(big))
        groups[count++] = (uint16_t)cd_big_divide(big, 10000);
    size_t trailing = 0;
    while (trailing < count && groups[trailing] == 0)
        trailing++;
    int32_t weight = (int32_t)count - fraction_groups - 1;
    put16(out, (uint32_t)(count - trailing));
    put16(out, (uint32_t)(count == 0 ? 0 : weight) & 0xffff);
    put16(out, negative ? SIGN_NEGATIVE : SIGN_POSITIVE);
    put16(out, (uint32_t)display);
    for (size_t i = count; i-- > trailing;)
        put16(out, groups[i]);
    if (groups != small)
        free(groups);
}
