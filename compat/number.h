/*
 * Numbers as Java prints and reads them.
 *
 * Printing follows Double.toString and Float.toString of JDK 19 and later: the shortest digits that
 * read back as the same number, the closest of them if there are several. JDK 18 and older
 * sometimes print one digit more
 * ("2.0E-3" is the same everywhere, "1.0E23" is "9.999999999999999E22" there).
 *
 * The parsers fail with CD_ERR_DATA and NumberFormatException, with Java's own message where it has
 * one. No function here depends on the locale. Thread: any.
 */
#ifndef CD_COMPAT_NUMBER_H
#define CD_COMPAT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connectd/error.h"
#include "connectd/value.h"

struct cd_arena;
struct cd_buffer;

/* Enough for the text of any double, float or integer and its NUL. */
#define CD_NUMBER_TEXT_BYTES 32

/* ---- text of numbers: `out` has CD_NUMBER_TEXT_BYTES; terminated; the length is returned ---- */

size_t cd_java_double_text(double v, char *out); /* "1.0", "1.0E7", "NaN", "-Infinity" */
size_t cd_java_float_text(float v, char *out);
size_t cd_int64_text(int64_t v, char *out);
size_t cd_uint64_text(uint64_t v, char *out);

/* ---- numbers of text ---- */

/* Byte.parseByte, Short.parseShort, Integer.parseInt, Long.parseLong: a sign, then digits (any
 * script's); no blanks. */
CD_MUST_CHECK bool cd_java_parse_byte(struct cd_slice text, int8_t *ret, struct cd_error *err);
CD_MUST_CHECK bool cd_java_parse_short(struct cd_slice text, int16_t *ret, struct cd_error *err);
CD_MUST_CHECK bool cd_java_parse_int(struct cd_slice text, int32_t *ret, struct cd_error *err);
CD_MUST_CHECK bool cd_java_parse_long(struct cd_slice text, int64_t *ret, struct cd_error *err);
/* Double.parseDouble, Float.parseFloat: blanks around, NaN, Infinity, hexadecimal forms, a suffix d
 * or f. Correctly rounded; 1e400 is Infinity. Short decimal texts are converted without a library
 * call. */
CD_MUST_CHECK bool cd_java_parse_double(struct cd_slice text, double *ret, struct cd_error *err);
CD_MUST_CHECK bool cd_java_parse_float(struct cd_slice text, float *ret, struct cd_error *err);

/* ---- narrowing as Java's casts: toward zero, saturating, NaN is 0 ---- */

int32_t cd_java_double_to_int(double v);
int64_t cd_java_double_to_long(double v);

/* ---- BigDecimal and BigInteger ---- */

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
