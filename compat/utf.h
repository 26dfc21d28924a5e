/*
 * Texts. Inside connectd a text is WTF-8: UTF-8 that may also hold an unpaired surrogate in three
 * bytes, because a Java string can hold one. Malformed input becomes U+FFFD, an unpaired surrogate
 * on its way out becomes '?', as Java's decoder and encoder of UTF-8 do it by default.
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
/* The same, but two surrogates that make a pair are put together, and malformed bytes are U+FFFD.
 */
uint32_t cd_wtf8_next(const char **at, const char *end);
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

#endif
