#include "compat/utf.h"

#include "base/buffer.h"

/* ---- code points ---- */

/* Eight bytes at once: are they all ASCII? */
static bool ascii8(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

static size_t ascii_prefix(struct cd_slice bytes)
{
    size_t at = 0;
    while (at + 8 <= bytes.len && ascii8(bytes.ptr + at))
        at += 8;
    while (at < bytes.len && (unsigned char)bytes.ptr[at] < 0x80)
        at++;
    return at;
}

bool cd_ascii(struct cd_slice bytes)
{
    return ascii_prefix(bytes) == bytes.len;
}

static bool is_continuation(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* Length that a lead byte announces; 0: no lead byte. */
static size_t announced(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2)
        return 0; /* a continuation, or overlong */
    if (lead < 0xe0)
        return 2;
    if (lead < 0xf0)
        return 3;
    return lead < 0xf5 ? 4 : 0;
}

/* Could `second` follow `lead`? Refuses overlong forms and what lies above U+10FFFF; surrogates
 * pass. */
static bool second_fits(unsigned char lead, unsigned char second)
{
    if (!is_continuation(second))
        return false;
    return !(lead == 0xe0 && second < 0xa0) && !(lead == 0xf0 && second < 0x90) &&
           !(lead == 0xf4 && second > 0x8f);
}

uint32_t cd_utf_next(const char **at, const char *end)
{
    const unsigned char *p = (const unsigned char *)*at;
    size_t len = announced(p[0]);
    if (len == 1) {
        *at += 1;
        return p[0];
    }
    if (len == 0 || len > (size_t)(end - *at) || !second_fits(p[0], p[1]) ||
        (len > 2 && !is_continuation(p[2])) || (len > 3 && !is_continuation(p[3]))) {
        *at += 1;
        return CD_UTF_BAD;
    }
    *at += len;
    if (len == 2)
        return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
    if (len == 3)
        return (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    return (p[0] & 7u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
}

size_t cd_utf_put(uint32_t code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xc0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3f));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xe0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code_point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code_point >> 18);
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code_point & 0x3f));
    return 4;
}

static bool is_high(uint32_t c)
{
    return c >= 0xd800 && c <= 0xdbff;
}

static bool is_low(uint32_t c)
{
    return c >= 0xdc00 && c <= 0xdfff;
}

static uint32_t joined(uint32_t high, uint32_t low)
{
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

uint32_t cd_wtf8_next(const char **at, const char *end)
{
    uint32_t c = cd_utf_next(at, end);
    if (c == CD_UTF_BAD)
        return 0xfffd;
    if (!is_high(c) || *at == end)
        return c;
    const char *behind = *at;
    uint32_t low = cd_utf_next(&behind, end);
    if (!is_low(low))
        return c;
    *at = behind;
    return joined(c, low);
}

static bool valid(struct cd_slice bytes, bool surrogates_allowed)
{
    size_t ascii = ascii_prefix(bytes);
    const char *at = bytes.ptr + ascii;
    const char *end = bytes.ptr + bytes.len;
    uint32_t before = 0;
    while (at < end) {
        uint32_t c = cd_utf_next(&at, end);
        if (c == CD_UTF_BAD || (!surrogates_allowed && (is_high(c) || is_low(c))))
            return false;
        if (is_high(before) && is_low(c))
            return false;
        before = c;
    }
    return true;
}

bool cd_utf8_valid(struct cd_slice bytes)
{
    return valid(bytes, /* surrogates_allowed = */ false);
}

bool cd_wtf8_valid(struct cd_slice bytes)
{
    return valid(bytes, /* surrogates_allowed = */ true);
}

/* ---- strings as UTF-16 ---- */

size_t cd_java_length(struct cd_slice text)
{
    size_t ascii = ascii_prefix(text);
    size_t units = ascii;
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr + ascii; at < end;) {
        uint32_t c = cd_utf_next(&at, end);
        units += c != CD_UTF_BAD && c >= 0x10000 ? 2 : 1;
    }
    return units;
}

/* In UTF-16 what lies above U+FFFF begins with a surrogate and so sorts before U+E000. */
static uint32_t utf16_rank(uint32_t c)
{
    if (c >= 0x10000)
        return 0xd7c0 + (c >> 10);
    return c;
}

int cd_java_compare(struct cd_slice a, struct cd_slice b)
{
    const char *pa = a.ptr;
    const char *pb = b.ptr;
    const char *enda = pa + a.len;
    const char *endb = pb + b.len;
    while (pa < enda && pb < endb) {
        uint32_t ca = cd_utf_next(&pa, enda);
        uint32_t cb = cd_utf_next(&pb, endb);
        if (ca == cb)
            continue;
        uint32_t ra = utf16_rank(ca);
        uint32_t rb = utf16_rank(cb);
        if (ra == rb) /* the same high surrogate */
            return ca < cb ? -1 : 1;
        return ra < rb ? -1 : 1;
    }
    return (pa < enda) - (pb < endb);
}

struct cd_slice cd_java_trim(struct cd_slice text)
{
    while (text.len > 0 && (unsigned char)text.ptr[0] <= ' ') {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && (unsigned char)text.ptr[text.len - 1] <= ' ')
        text.len--;
    return text;
}

/* ---- UTF-8 ---- */

static void put_code_point(struct cd_buffer *out, uint32_t c)
{
    char bytes[4];
    cd_buffer_append(out, bytes, cd_utf_put(c, bytes));
}

/* How many of the malformed bytes at `p` share one U+FFFD, as sun.nio.cs.UTF_8 counts them. */
static size_t malformed_length(const unsigned char *p, size_t left)
{
    size_t len = announced(p[0]);
    if (len < 2 || left < 2 || !second_fits(p[0], p[1]))
        return 1;
    if (len == 2 || left < 3 || !is_continuation(p[2]))
        return 2;
    return 3; /* an encoded surrogate, or three of four bytes */
}

void cd_java_utf8_decode(struct cd_slice bytes, struct cd_buffer *out)
{
    const char *at = bytes.ptr;
    const char *end = at + bytes.len;
    while (at < end) {
        size_t ascii = ascii_prefix(cd_slice_of(at, (size_t)(end - at)));
        cd_buffer_append(out, at, ascii);
        at += ascii;
        if (at == end)
            return;
        const char *from = at;
        uint32_t c = cd_utf_next(&at, end);
        if (c != CD_UTF_BAD && !is_high(c) && !is_low(c)) {
            cd_buffer_append(out, from, (size_t)(at - from));
            continue;
        }
        at = from + malformed_length((const unsigned char *)from, (size_t)(end - from));
        put_code_point(out, 0xfffd);
    }
}

void cd_wtf8_join(struct cd_slice text, struct cd_buffer *out)
{
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end;)
        put_code_point(out, cd_wtf8_next(&at, end));
}

void cd_java_utf8_encode(struct cd_slice text, struct cd_buffer *out)
{
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end;) {
        uint32_t c = cd_wtf8_next(&at, end);
        if (is_high(c) || is_low(c))
            cd_buffer_char(out, '?');
        else
            put_code_point(out, c);
    }
}
