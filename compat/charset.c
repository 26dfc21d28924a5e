#include "compat/charset.h"

#include <stdint.h>
#include <strings.h>

#include "base/buffer.h"
#include "compat/utf.h"

#define REPLACEMENT 0xfffdu

/* Java's names and aliases. */
static const struct {
    const char *name;
    enum cd_charset set;
} names[] = {
    {"UTF-8", CD_CHARSET_UTF8},
    {"UTF8", CD_CHARSET_UTF8},
    {"unicode-1-1-utf-8", CD_CHARSET_UTF8},
    {"UTF-16", CD_CHARSET_UTF16},
    {"UTF_16", CD_CHARSET_UTF16},
    {"utf16", CD_CHARSET_UTF16},
    {"unicode", CD_CHARSET_UTF16},
    {"UnicodeBig", CD_CHARSET_UTF16},
    {"UTF-16BE", CD_CHARSET_UTF16BE},
    {"UTF_16BE", CD_CHARSET_UTF16BE},
    {"X-UTF-16BE", CD_CHARSET_UTF16BE},
    {"ISO-10646-UCS-2", CD_CHARSET_UTF16BE},
    {"UnicodeBigUnmarked", CD_CHARSET_UTF16BE},
    {"UTF-16LE", CD_CHARSET_UTF16LE},
    {"UTF_16LE", CD_CHARSET_UTF16LE},
    {"X-UTF-16LE", CD_CHARSET_UTF16LE},
    {"UnicodeLittleUnmarked", CD_CHARSET_UTF16LE},
    {"UTF-32", CD_CHARSET_UTF32},
    {"UTF_32", CD_CHARSET_UTF32},
    {"UTF32", CD_CHARSET_UTF32},
    {"UTF-32BE", CD_CHARSET_UTF32BE},
    {"UTF_32BE", CD_CHARSET_UTF32BE},
    {"X-UTF-32BE", CD_CHARSET_UTF32BE},
    {"UTF-32LE", CD_CHARSET_UTF32LE},
    {"UTF_32LE", CD_CHARSET_UTF32LE},
    {"X-UTF-32LE", CD_CHARSET_UTF32LE},
    {"ISO-8859-1", CD_CHARSET_LATIN1},
    {"ISO8859_1", CD_CHARSET_LATIN1},
    {"ISO8859-1", CD_CHARSET_LATIN1},
    {"ISO_8859-1", CD_CHARSET_LATIN1},
    {"ISO_8859_1", CD_CHARSET_LATIN1},
    {"ISO_8859-1:1987", CD_CHARSET_LATIN1},
    {"8859_1", CD_CHARSET_LATIN1},
    {"latin1", CD_CHARSET_LATIN1},
    {"l1", CD_CHARSET_LATIN1},
    {"819", CD_CHARSET_LATIN1},
    {"cp819", CD_CHARSET_LATIN1},
    {"IBM819", CD_CHARSET_LATIN1},
    {"IBM-819", CD_CHARSET_LATIN1},
    {"iso-ir-100", CD_CHARSET_LATIN1},
    {"csISOLatin1", CD_CHARSET_LATIN1},
    {"US-ASCII", CD_CHARSET_ASCII},
    {"ASCII", CD_CHARSET_ASCII},
    {"ascii7", CD_CHARSET_ASCII},
    {"ISO646-US", CD_CHARSET_ASCII},
    {"646", CD_CHARSET_ASCII},
    {"us", CD_CHARSET_ASCII},
    {"default", CD_CHARSET_ASCII},
    {"cp367", CD_CHARSET_ASCII},
    {"IBM367", CD_CHARSET_ASCII},
    {"csASCII", CD_CHARSET_ASCII},
    {"iso-ir-6", CD_CHARSET_ASCII},
    {"ANSI_X3.4-1968", CD_CHARSET_ASCII},
    {"ANSI_X3.4-1986", CD_CHARSET_ASCII},
    {"iso_646.irv:1983", CD_CHARSET_ASCII},
    {"ISO_646.irv:1991", CD_CHARSET_ASCII},
    {"windows-1252", CD_CHARSET_CP1252},
    {"cp1252", CD_CHARSET_CP1252},
    {"ibm-1252", CD_CHARSET_CP1252},
    {"ibm1252", CD_CHARSET_CP1252},
    {"cp5348", CD_CHARSET_CP1252},
};

bool cd_charset_find(struct cd_slice name, enum cd_charset *ret)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i].name) != name.len ||
            strncasecmp(names[i].name, name.ptr, name.len) != 0)
            continue;
        *ret = names[i].set;
        return true;
    }
    return false;
}

static void put(struct cd_buffer *out, uint32_t c)
{
    char bytes[4];
    cd_buffer_append(out, bytes, cd_utf_put(c, bytes));
}

/* ---- single bytes ---- */

/* 0x80 to 0x9f of windows-1252; 0xfffd: not assigned. */
static const uint16_t cp1252_high[32] = {
    0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178,
};

static uint32_t from_byte(enum cd_charset set, unsigned char byte)
{
    if (byte < 0x80)
        return byte;
    if (set == CD_CHARSET_ASCII)
        return REPLACEMENT;
    return set == CD_CHARSET_CP1252 && byte < 0xa0 ? cp1252_high[byte - 0x80] : byte;
}

static char to_byte(enum cd_charset set, uint32_t c)
{
    if (c < 0x80)
        return (char)c;
    bool straight = set == CD_CHARSET_LATIN1 || (set == CD_CHARSET_CP1252 && c >= 0xa0);
    if (straight && c < 0x100)
        return (char)c;
    for (size_t i = 0; set == CD_CHARSET_CP1252 && i < 32; i++)
        if (cp1252_high[i] == c && c != REPLACEMENT)
            return (char)(0x80 + i);
    return '?';
}

static void decode_bytes(enum cd_charset set, struct cd_slice bytes, struct cd_buffer *out)
{
    for (size_t i = 0; i < bytes.len; i++)
        put(out, from_byte(set, (unsigned char)bytes.ptr[i]));
}

/* ---- two and four bytes ---- */

static uint32_t unit(const char *at, size_t size, bool little)
{
    uint32_t v = 0;
    for (size_t i = 0; i < size; i++)
        v = v << 8 | (unsigned char)at[little ? size - 1 - i : i];
    return v;
}

static void put_unit(struct cd_buffer *out, uint32_t v, size_t size, bool little)
{
    for (size_t i = 0; i < size; i++)
        cd_buffer_char(out, (char)(v >> (8 * (little ? i : size - 1 - i))));
}

static bool is_surrogate(uint32_t c)
{
    return c >= 0xd800 && c <= 0xdfff;
}

/* A high surrogate takes what follows it with it, whether that fits or not. */
static void decode_utf16(struct cd_slice bytes, bool little, struct cd_buffer *out)
{
    size_t at = 0;
    while (at + 2 <= bytes.len) {
        uint32_t c = unit(bytes.ptr + at, 2, little);
        at += 2;
        if (!is_surrogate(c)) {
            put(out, c);
            continue;
        }
        if (c >= 0xdc00) {
            put(out, REPLACEMENT);
            continue;
        }
        if (at + 2 > bytes.len) { /* nothing whole follows: the rest is one error */
            put(out, REPLACEMENT);
            return;
        }
        uint32_t low = unit(bytes.ptr + at, 2, little);
        at += 2;
        bool fits = low >= 0xdc00 && low <= 0xdfff;
        put(out, fits ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : REPLACEMENT);
    }
    if (at < bytes.len)
        put(out, REPLACEMENT);
}

static void decode_utf32(struct cd_slice bytes, bool little, struct cd_buffer *out)
{
    size_t at = 0;
    for (; at + 4 <= bytes.len; at += 4) {
        uint32_t c = unit(bytes.ptr + at, 4, little);
        if (at == 0 && c == 0xfeff)
            continue; /* the mark; unlike in UTF-16 the explicit forms skip it too */
        put(out, c > 0x10ffff || is_surrogate(c) ? REPLACEMENT : c);
    }
    if (at < bytes.len)
        put(out, REPLACEMENT);
}

/* UTF-16 in the order its mark tells, big-endian without one. */
static void decode_marked_utf16(struct cd_slice bytes, struct cd_buffer *out)
{
    uint32_t mark = bytes.len >= 2 ? unit(bytes.ptr, 2, /* little = */ false) : 0;
    bool marked = mark == 0xfeff || mark == 0xfffe;
    size_t skip = marked ? 2 : 0;
    decode_utf16(cd_slice_of(bytes.ptr + skip, bytes.len - skip), mark == 0xfffe, out);
}

void cd_charset_decode(enum cd_charset set, struct cd_slice bytes, struct cd_buffer *out)
{
    switch (set) {
    case CD_CHARSET_UTF8:
        cd_java_utf8_decode(bytes, out);
        return;
    case CD_CHARSET_UTF16:
        decode_marked_utf16(bytes, out);
        return;
    case CD_CHARSET_UTF16BE:
    case CD_CHARSET_UTF16LE:
        decode_utf16(bytes, set == CD_CHARSET_UTF16LE, out);
        return;
    case CD_CHARSET_UTF32:
        decode_utf32(bytes, bytes.len >= 4 && unit(bytes.ptr, 4, false) == 0xfffe0000u, out);
        return;
    case CD_CHARSET_UTF32BE:
    case CD_CHARSET_UTF32LE:
        decode_utf32(bytes, set == CD_CHARSET_UTF32LE, out);
        return;
    case CD_CHARSET_LATIN1:
    case CD_CHARSET_ASCII:
    case CD_CHARSET_CP1252:
        decode_bytes(set, bytes, out);
        return;
    }
}

/* ---- encoding ---- */

static void put_utf16(struct cd_buffer *out, uint32_t c, bool little)
{
    if (c >= 0x10000) {
        put_unit(out, 0xd7c0 + (c >> 10), 2, little);
        c = 0xdc00 + (c & 0x3ff);
    }
    put_unit(out, c, 2, little);
}

static void put_encoded(enum cd_charset set, uint32_t c, struct cd_buffer *out)
{
    bool lone = is_surrogate(c);
    switch (set) {
    case CD_CHARSET_UTF16:
    case CD_CHARSET_UTF16BE:
    case CD_CHARSET_UTF16LE:
        put_utf16(out, lone ? REPLACEMENT : c, set == CD_CHARSET_UTF16LE);
        return;
    case CD_CHARSET_UTF32:
    case CD_CHARSET_UTF32BE:
    case CD_CHARSET_UTF32LE:
        put_unit(out, lone ? REPLACEMENT : c, 4, set == CD_CHARSET_UTF32LE);
        return;
    case CD_CHARSET_LATIN1:
    case CD_CHARSET_ASCII:
    case CD_CHARSET_CP1252:
        cd_buffer_char(out, to_byte(set, c));
        return;
    case CD_CHARSET_UTF8:
        put(out, lone ? '?' : c);
        return;
    }
}

void cd_charset_encode(enum cd_charset set, struct cd_slice text, struct cd_buffer *out)
{
    if (set == CD_CHARSET_UTF8) {
        cd_java_utf8_encode(text, out);
        return;
    }
    if (set == CD_CHARSET_UTF16 && text.len > 0)
        put_unit(out, 0xfeff, 2, /* little = */ false);
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end;)
        put_encoded(set, cd_wtf8_next(&at, end), out);
}
