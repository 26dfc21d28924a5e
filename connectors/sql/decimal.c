#include "connectors/sql/decimal.h"

#include <stdlib.h>

static const uint32_t powers[] = {1,      10,      100,      1000,      10000,
                                  100000, 1000000, 10000000, 100000000, 1000000000};

static void reserve(struct cd_big *big, size_t count)
{
    if (count <= big->capacity)
        return;
    big->capacity = count * 2 < 16 ? 16 : count * 2;
    big->limbs = cd_sql_resize(big->limbs, big->capacity, sizeof(uint32_t));
}

static void trim(struct cd_big *big)
{
    while (big->count > 0 && big->limbs[big->count - 1] == 0)
        big->count--;
    if (big->count == 0)
        big->negative = false;
}

void cd_big_done(struct cd_big *big)
{
    free(big->limbs);
    *big = (struct cd_big){0};
}

void cd_big_set(struct cd_big *big, uint64_t value)
{
    reserve(big, 2);
    big->limbs[0] = (uint32_t)value;
    big->limbs[1] = (uint32_t)(value >> 32);
    big->count = 2;
    big->negative = false;
    trim(big);
}

void cd_big_from_int64(struct cd_big *big, int64_t value)
{
    cd_big_set(big, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    big->negative = value < 0;
}

void cd_big_multiply_add(struct cd_big *big, uint32_t factor, uint32_t term)
{
    uint64_t carry = term;
    for (size_t i = 0; i < big->count; i++) {
        carry += (uint64_t)big->limbs[i] * factor;
        big->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry > 0) {
        reserve(big, big->count + 1);
        big->limbs[big->count++] = (uint32_t)carry;
    }
    trim(big);
}

void cd_big_multiply_pow10(struct cd_big *big, size_t exponent)
{
    for (; exponent >= 9; exponent -= 9)
        cd_big_multiply_add(big, powers[9], 0);
    if (exponent > 0)
        cd_big_multiply_add(big, powers[exponent % 9], 0); /* below 9 behind the loop */
}

uint32_t cd_big_divide(struct cd_big *big, uint32_t divisor)
{
    uint64_t rest = 0;
    for (size_t i = big->count; i-- > 0;) {
        rest = rest << 32 | big->limbs[i];
        big->limbs[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    trim(big);
    return (uint32_t)rest;
}

bool cd_big_divide_pow10(struct cd_big *big, size_t exponent)
{
    bool exact = true;
    for (; exponent >= 9 && big->count > 0; exponent -= 9)
        exact &= cd_big_divide(big, powers[9]) == 0;
    if (exponent > 0 && big->count > 0)
        exact &= cd_big_divide(big, powers[exponent % 9]) == 0; /* likewise */
    return exact;
}

bool cd_big_to_int64(const struct cd_big *big, int64_t *ret)
{
    if (big->count > 2)
        return false;
    uint64_t value = big->count > 0 ? big->limbs[0] : 0;
    if (big->count == 2)
        value |= (uint64_t)big->limbs[1] << 32;
    if (big->negative ? value > (uint64_t)INT64_MAX + 1 : value > INT64_MAX)
        return false;
    *ret = big->negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

/* Byte `i` of the magnitude, least significant first. */
static uint8_t magnitude(const struct cd_big *big, size_t i)
{
    if (i / 4 >= big->count)
        return 0;
    return (uint8_t)(big->limbs[i / 4] >> (i % 4 * 8));
}

size_t cd_big_bytes(const struct cd_big *big)
{
    if (big->count == 0)
        return 1;
    size_t len = big->count * 4;
    while (len > 1 && magnitude(big, len - 1) == 0)
        len--;
    uint8_t top = magnitude(big, len - 1);
    if (top < 0x80)
        return len;
    if (!big->negative || top > 0x80)
        return len + 1;
    for (size_t i = 0; i + 1 < len; i++)
        if (magnitude(big, i) != 0)
            return len + 1;
    return len; /* exactly -2^(8n-1) */
}

void cd_big_write(const struct cd_big *big, uint8_t *out)
{
    size_t len = cd_big_bytes(big);
    unsigned carry = 1;
    for (size_t i = 0; i < len; i++) {
        unsigned byte = magnitude(big, i);
        if (big->negative) {
            byte = (~byte & 0xffu) + carry;
            carry = byte >> 8;
        }
        out[len - 1 - i] = (uint8_t)byte;
    }
}

void cd_big_read(struct cd_big *big, const uint8_t *bytes, size_t len)
{
    bool negative = len > 0 && bytes[0] >= 0x80;
    reserve(big, len / 4 + 1);
    big->count = len / 4 + 1;
    memset(big->limbs, 0, big->count * sizeof(uint32_t));
    unsigned carry = 1;
    for (size_t i = 0; i < len; i++) {
        unsigned byte = bytes[len - 1 - i];
        if (negative) {
            byte = (~byte & 0xffu) + carry;
            carry = byte >> 8;
            byte &= 0xffu;
        }
        big->limbs[i / 4] |= (uint32_t)byte << (i % 4 * 8);
    }
    if (negative && carry != 0) /* all bytes zero after the sign: -2^(8n) */
        big->limbs[len / 4] |= (uint32_t)1 << (len % 4 * 8);
    big->negative = negative;
    trim(big);
}

void cd_big_text(struct cd_big *big, int32_t scale, struct cd_sql_text *out)
{
    /* Nine digits a division, collected from the end. */
    size_t room = big->count * 10 + 1;
    char small[128];
    char *digits = room <= sizeof(small) ? small : cd_sql_new(room);
    size_t at = room;
    bool negative = big->negative;
    while (big->count > 0) {
        uint32_t part = cd_big_divide(big, powers[9]);
        for (int i = 0; i < 9 && (part > 0 || big->count > 0); i++, part /= 10)
            digits[--at] = (char)('0' + part % 10);
    }
    size_t len = room - at;
    if (negative)
        cd_sql_add(out, "-");
    size_t whole = scale > 0 ? (len > (size_t)scale ? len - (size_t)scale : 0) : len;
    if (whole == 0)
        cd_sql_add(out, "0");
    cd_sql_add_slice(out, cd_slice_of(digits + at, whole));
    for (int32_t i = scale; i < 0 && len > 0; i++)
        cd_sql_add(out, "0");
    if (scale > 0) {
        cd_sql_add(out, ".");
        for (size_t i = len; i < (size_t)scale; i++)
            cd_sql_add(out, "0");
        cd_sql_add_slice(out, cd_slice_of(digits + at + whole, len - whole));
    }
    if (digits != small)
        free(digits);
}

bool cd_big_parse(struct cd_big *big, struct cd_slice text, int32_t *ret_scale)
{
    size_t at = 0;
    bool negative = text.len > 0 && text.ptr[0] == '-';
    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+'))
        at++;
    cd_big_set(big, 0);
    int64_t scale = 0;
    size_t digits = 0;
    bool point = false;
    for (; at < text.len; at++) {
        char c = text.ptr[at];
        if (c == '.' && !point) {
            point = true;
        } else if (c >= '0' && c <= '9') {
            cd_big_multiply_add(big, 10, (uint32_t)(c - '0'));
            digits++;
            scale += point;
        } else {
            break;
        }
    }
    if (digits == 0)
        return false;
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        char exponent[12] = "";
        size_t len = text.len - at - 1;
        if (len == 0 || len >= sizeof(exponent))
            return false;
        memcpy(exponent, text.ptr + at + 1, len);
        char *end;
        long value = strtol(exponent, &end, 10);
        if (*end != '\0' || value > 100000 || value < -100000)
            return false;
        scale -= value;
        at = text.len;
    }
    if (at != text.len)
        return false;
    big->negative = negative && big->count > 0;
    *ret_scale = (int32_t)scale;
    return true;
}

void cd_decimal_text(struct cd_big *scratch, const struct cd_decimal *decimal,
                     struct cd_sql_text *out)
{
    cd_big_read(scratch, decimal->unscaled, decimal->len);
    cd_big_text(scratch, decimal->scale, out);
}
