/*
 * Base64 with the standard alphabet, padding and no line breaks. Decoding is Jackson's: padding is
 * required, white space (everything up to U+0020) may stand before a group of four characters and
 * nowhere else, bits left over in the last group are ignored, and groups may follow a padded one.
 *
 * Thread: any.
 */
#ifndef CD_COMPAT_BASE64_H
#define CD_COMPAT_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connectd/error.h"
#include "connectd/value.h"

/* Characters of the encoding of `len` bytes. */
static inline size_t cd_base64_length(size_t len)
{
    return (len / 3 + (len % 3 != 0)) * 4;
}

/* Bytes that decoding may need at most. */
static inline size_t cd_base64_decoded_max(size_t len)
{
    return len / 4 * 3 + 3;
}

/* Writes cd_base64_length(len) characters, not terminated; returns how many. */
size_t cd_base64_encode(const void *bytes, size_t len, char *out);
/* `out` has cd_base64_decoded_max(text.len) bytes. Fails with CD_ERR_DATA,
 * IllegalArgumentException. */
CD_MUST_CHECK bool cd_base64_decode(struct cd_slice text, uint8_t *out, size_t *ret_len,
                                    struct cd_error *err);

#endif
