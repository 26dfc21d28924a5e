/*
 * Whole numbers of any size, as far as decimals need them: Connect's Decimal is an unscaled
 * two's complement number and a scale, databases write digits.
 *
 * A struct cd_big is scratch: it keeps its memory between uses, so converting a record allocates
 * nothing once the largest number was seen.
 */
#ifndef CD_SQL_DECIMAL_H
#define CD_SQL_DECIMAL_H

#include "connectors/sql/text.h"

struct cd_big {
    uint32_t *limbs; /* least significant first, no leading zeros */
    size_t count;
    size_t capacity;
    bool negative; /* of zero: false */
};

void cd_big_done(struct cd_big *big);
void cd_big_set(struct cd_big *big, uint64_t value);
static inline bool cd_big_is_zero(const struct cd_big *big)
{
    return big->count == 0;
}
/* big = big * factor + term */
void cd_big_multiply_add(struct cd_big *big, uint32_t factor, uint32_t term);
void cd_big_multiply_pow10(struct cd_big *big, size_t exponent);
/* Returns the remainder. */
uint32_t cd_big_divide(struct cd_big *big, uint32_t divisor);
/* Cuts digits: toward zero. False when a digit that is not 0 was lost. */
bool cd_big_divide_pow10(struct cd_big *big, size_t exponent);
bool cd_big_to_int64(const struct cd_big *big, int64_t *ret); /* false: does not fit */
void cd_big_from_int64(struct cd_big *big, int64_t value);

/* Two's complement, big-endian, fewest bytes: java.math.BigInteger's form. */
size_t cd_big_bytes(const struct cd_big *big);
void cd_big_write(const struct cd_big *big, uint8_t *out);
void cd_big_read(struct cd_big *big, const uint8_t *bytes, size_t len);

/* Plain digits with `scale` decimals: BigDecimal.toPlainString. */
void cd_big_text(struct cd_big *big, int32_t scale, struct cd_sql_text *out);
/* "-12.340", "1e5"; the scale as BigDecimal(String) would have it. False: not a number. */
bool cd_big_parse(struct cd_big *big, struct cd_slice text, int32_t *ret_scale);

void cd_decimal_text(struct cd_big *scratch, const struct cd_decimal *decimal,
                     struct cd_sql_text *out);

#endif
