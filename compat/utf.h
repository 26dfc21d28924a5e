/*
 * Texts. Inside connectd a text is WTF-8: UTF-8 that may also hold an unpaired surrogate in three
 * bytes, because a Java string can hold one. Character sets at the border are converted as Java's
 * decoders and encoders do it by default: malformed input becomes U+FFFD, what a set cannot express
 * becomes '?'.
 *
 * Thread: any. Whatever the bytes, nothing here reads beyond them.
 */
#ifndef CD_COMPAT_UTF_H
#define CD_COMPAT_UTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connectd/value.h"

struct cd_buffer;

bool cd_ascii(struct cd_slice bytes);
/* Proper UTF-8: no surrogates, no overlong forms, nothing above U+10FFFF. Fast for ASCII. */
bool cd_utf8_valid(struct cd_slice bytes);
/* UTF-8, or with unpaired surrogates (a pair in two times three bytes is not valid). */
bool cd_wtf8_valid(struct cd_slice bytes);

#define CD_UTF_BAD UINT32_MAX
/* The code point at *at, which moves behind it; *at < end. CD_UTF_BAD for a malformed byte, which
 * is skipped. Surrogates in three bytes are returned as they are. */
uint32_t cd_utf_next(const char **at, const char *end);
/* One to four bytes (surrogates: three); returns how many. */
size_t cd_utf_put(uint32_t code_point, char out[4]);

/* String.length() of the text. */
size_t cd_java_length(struct cd_slice text);
/* String.compareTo: the order of UTF-16 units, which differs from that of bytes above U+FFFF. */
int cd_java_compare(struct cd_slice a, struct cd_slice b);
/* String.trim: everything up to U+0020 goes, at both ends. */
struct cd_slice cd_java_trim(struct cd_slice text);

/* new String(bytes, UTF_8): appends UTF-8 with U+FFFD where Java puts it. Not needed when
 * cd_utf8_valid(bytes). */
void cd_java_utf8_decode(struct cd_slice bytes, struct cd_buffer *out);
/* getBytes(UTF_8): unpaired surrogates become '?'. Not needed when cd_utf8_valid(text). */
void cd_java_utf8_encode(struct cd_slice text, struct cd_buffer *out);
/* Puts together surrogates that stand in three bytes each: what JSON escapes and UTF-16 halves
 * leave. Appends. */
void cd_wtf8_join(struct cd_slice text, struct cd_buffer *out);

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
