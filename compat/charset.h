/*
 * Character sets at the border, converted as Java's decoders and encoders do it by default:
 * malformed input becomes U+FFFD, what a set cannot express becomes its replacement ('?', or U+FFFD
 * in UTF-16 and UTF-32).
 *
 * Thread: any.
 */
#ifndef CD_COMPAT_CHARSET_H
#define CD_COMPAT_CHARSET_H

#include <stdbool.h>

#include "connectd/value.h"

struct cd_buffer;

/* Character sets a converter may name. */
enum cd_charset {
    CD_CHARSET_UTF8,
    CD_CHARSET_UTF16, /* writes big-endian with a mark; reads either, by the mark */
    CD_CHARSET_UTF16BE,
    CD_CHARSET_UTF16LE,
    CD_CHARSET_UTF32, /* writes big-endian without a mark; reads either, by the mark */
    CD_CHARSET_UTF32BE,
    CD_CHARSET_UTF32LE,
    CD_CHARSET_LATIN1,
    CD_CHARSET_ASCII,
    CD_CHARSET_CP1252,
};

/* By Java's names and aliases, in any case. False: unknown (or a set we do not have). */
bool cd_charset_find(struct cd_slice name, enum cd_charset *ret);
/* Bytes of that set to UTF-8, text to bytes of that set, as `new String(bytes, set)` and
 * getBytes(set). Append. */
void cd_charset_decode(enum cd_charset set, struct cd_slice bytes, struct cd_buffer *out);
void cd_charset_encode(enum cd_charset set, struct cd_slice text, struct cd_buffer *out);

#endif
