/*
 * java.math.BigDecimal and BigInteger: an unscaled integer of any length and a power of ten (struct
 * cd_decimal). Values of up to 18 digits take a short way without the big-number library.
 *
 * Failures of parsing are CD_ERR_DATA and NumberFormatException. Thread: any. Memory: results live
 * in the arena.
 */
#ifndef CD_COMPAT_DECIMAL_H
#define CD_COMPAT_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connectd/error.h"
#include "connectd/value.h"

struct cd_arena;
struct cd_buffer;

/* new BigDecimal(text): sign, digits with a point, exponent. The scale is the text's own. */
CD_MUST_CHECK const struct cd_decimal *
cd_java_parse_decimal(struct cd_slice text, struct cd_arena *arena, struct cd_error *err);
/* new BigInteger(text), with scale 0. */
CD_MUST_CHECK const struct cd_decimal *
cd_java_parse_integer(struct cd_slice text, struct cd_arena *arena, struct cd_error *err);
CD_MUST_CHECK const struct cd_decimal *
cd_decimal_of_int64(int64_t unscaled, int32_t scale, struct cd_arena *arena, struct cd_error *err);
/* Bytes as Decimal's encoding has them: two's complement, big-endian, at least one, not always the
 * fewest. */
CD_MUST_CHECK const struct cd_decimal *cd_decimal_of_bytes(struct cd_slice unscaled, int32_t scale,
                                                           struct cd_arena *arena,
                                                           struct cd_error *err);
/* BigDecimal.toString: "1.20", "1E-7", "1.2E+4". Appends. */
void cd_java_decimal_text(const struct cd_decimal *d, struct cd_buffer *out);
/* BigDecimal.toPlainString. Fails (CD_ERR_DATA) when that would be more than a million zeros. */
CD_MUST_CHECK bool cd_java_decimal_plain_text(const struct cd_decimal *d, struct cd_buffer *out,
                                              struct cd_error *err);
/* longValue: the fraction is dropped, the low 64 bits are kept. */
int64_t cd_java_decimal_long(const struct cd_decimal *d);
/* True when the value is mathematically integral and within int64, whatever its scale: "1.00",
 * "2E3". */
bool cd_decimal_is_int64(const struct cd_decimal *d, int64_t *ret);
double cd_java_decimal_double(
    const struct cd_decimal *d); /* doubleValue: beyond the range it is infinite */
float cd_java_decimal_float(const struct cd_decimal *d); /* floatValue */
int cd_decimal_sign(const struct cd_decimal *d);         /* -1, 0, 1 */
/* BigDecimal.precision: decimal digits of the unscaled value, 1 for zero. */
uint32_t cd_java_decimal_precision(const struct cd_decimal *d);
/* setScale: fails with ArithmeticException when digits other than zero would be lost; `half_up`
 * rounds them instead. */
CD_MUST_CHECK const struct cd_decimal *cd_java_decimal_rescale(const struct cd_decimal *d,
                                                               int32_t scale, bool half_up,
                                                               struct cd_arena *arena,
                                                               struct cd_error *err);

#endif
