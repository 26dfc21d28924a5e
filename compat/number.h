/*
 * Numbers as Java prints and reads them.
 *
 * Printing follows Double.toString and Float.toString of JDK 19 and later: the shortest digits that
 * read back as the same number, the closest of them if there are several. JDK 18 and older
 * sometimes print one digit more
 * ("1.0E23" is "9.999999999999999E22" there).
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

/* Enough for the text of any double, float or integer and its NUL. */
#define CD_NUMBER_TEXT_BYTES 32

/* ---- text of numbers: `out` has CD_NUMBER_TEXT_BYTES; terminated; the length is returned ---- */

size_t cd_java_double_text(double v, char *out); /* "1.0", "1.0E7", "NaN", "-Infinity" */
size_t cd_java_float_text(float v, char *out);
size_t cd_int64_text(int64_t v, char *out);
size_t cd_uint64_text(uint64_t v, char *out);

/* ---- numbers of text ---- */

/* Character.digit of the character at *at, which moves behind it; -1: no digit, and nothing moves.
 */
int cd_java_digit(const char **at, const char *end);
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

#endif
