#include "data/json_text.h"

#include "compat/utf.h"

#define NAME_BYTES_MAX 50000u /* Jackson counts a name's bytes, but a text's characters */
#define TEXT_CHARS_MAX 20000000u

static const char unfinished[] = "a text does not end";
static const char bad_utf8[] = "a text is not UTF-8";

static bool plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* The first byte that needs a closer look, or `end`. Proper UTF-8 does not. */
static const char *find_special(const char *at, const char *end)
{
    for (;;) {
        for (size_t clean = 8; clean == 8 && end - at >= 8; at += clean)
            clean = cd_json_plain(at);
        while (at < end && plain((unsigned char)*at))
            at++;
        if (at == end || (unsigned char)*at < 0x80)
            return at;
        const char *next = at;
        uint32_t c = cd_utf_next(&next, end);
        if (c == CD_UTF_BAD || (c >= 0xd800 && c <= 0xdfff))
            return at;
        at = next;
    }
}

/* ---- the long way: units of UTF-16 into WTF-8 ---- */

struct decoder {
    const char *at;
    const char *end;
    char *to;
    uint32_t high; /* the surrogate written last, if it was a high one; else 0 */
    const char *why;
};

static void put_unit(struct decoder *d, uint32_t unit)
{
    bool low = unit >= 0xdc00 && unit <= 0xdfff;
    if (low && d->high != 0) {
        unit = 0x10000 + ((d->high - 0xd800) << 10) + (unit - 0xdc00);
        d->to -= 3;
    }
    d->to += cd_utf_put(unit, d->to);
    d->high = unit >= 0xd800 && unit <= 0xdbff ? unit : 0;
}

static bool wrong(struct decoder *d, const char *why)
{
    d->why = why;
    return false;
}

static bool take_hex(struct decoder *d, uint32_t *ret)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++, d->at++) {
        if (d->at == d->end)
            return wrong(d, unfinished);
        unsigned char c = (unsigned char)*d->at;
        unsigned char lower = c | 0x20;
        if (c >= '0' && c <= '9')
            unit = unit << 4 | (c - '0');
        else if (lower >= 'a' && lower <= 'f')
            unit = unit << 4 | (lower - 'a' + 10u);
        else
            return wrong(d, "\\u is not followed by four hexadecimal digits");
    }
    *ret = unit;
    return true;
}

static bool take_escape(struct decoder *d)
{
    static const char meanings[128] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                       ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};
    if (d->at == d->end)
        return wrong(d, unfinished);
    unsigned char c = (unsigned char)*d->at++;
    uint32_t unit = c < 128 ? (unsigned char)meanings[c] : 0;
    if (c == 'u' && !take_hex(d, &unit))
        return false;
    if (c != 'u' && unit == 0)
        return wrong(d, "a backslash is followed by an unknown character");
    put_unit(d, unit);
    return true;
}

static bool take_continuation(struct decoder *d, uint32_t *c)
{
    if (d->at == d->end || ((unsigned char)*d->at & 0xc0) != 0x80)
        return wrong(d, bad_utf8);
    *c = *c << 6 | ((unsigned char)*d->at++ & 0x3fu);
    return true;
}

/* As Jackson: only the shape is checked, so what four bytes say is cut into two units blindly. */
static bool take_bytes(struct decoder *d, unsigned char lead)
{
    uint32_t c;
    int more;
    if ((lead & 0xe0) == 0xc0) {
        c = lead & 0x1fu;
        more = 1;
    } else if ((lead & 0xf0) == 0xe0) {
        c = lead & 0xfu;
        more = 2;
    } else if ((lead & 0xf8) == 0xf0) {
        c = lead & 7u;
        more = 3;
    } else {
        return wrong(d, bad_utf8);
    }
    for (int i = 0; i < more; i++)
        if (!take_continuation(d, &c))
            return false;
    if (more < 3) {
        put_unit(d, c);
        return true;
    }
    c -= 0x10000;
    put_unit(d, 0xd800 | ((c >> 10) & 0xffff));
    put_unit(d, 0xdc00 | (c & 0x3ff));
    return true;
}

static bool take_one(struct decoder *d)
{
    unsigned char c = (unsigned char)*d->at++;
    if (c == '\\')
        return take_escape(d);
    if (c < 0x20)
        return wrong(d, "a text holds a control character that is not escaped");
    if (c >= 0x80)
        return take_bytes(d, c);
    put_unit(d, c);
    return true;
}

/* The closing quote, if the text is well formed. */
static const char *find_quote(const char *at, const char *end)
{
    while (at < end && *at != '"')
        at += *at == '\\' ? 2 : 1;
    return at < end ? at : NULL;
}

/* From `start`, whose first `clean` bytes are known to be plain. */
static bool decode(struct decoder *d, const char *start, struct cd_arena *arena,
                   struct cd_slice *ret, struct cd_error *err)
{
    const char *quote = find_quote(d->at, d->end);
    if (quote == NULL)
        return wrong(d, unfinished);
    size_t clean = (size_t)(d->at - start);
    /* At worst four bytes become two units of three bytes each. */
    size_t rest = (size_t)(quote - d->at);
    char *text = cd_arena_alloc(arena, clean + rest + rest / 2 + 1, 1, err);
    if (text == NULL)
        return false;
    memcpy(text, start, clean);
    d->to = text + clean;
    d->end = quote;
    while (d->at < d->end)
        if (!take_one(d))
            return false;
    *ret = cd_slice_of(text, (size_t)(d->to - text));
    return true;
}

/* ---- both ways ---- */

static bool within_limit(struct cd_slice text, bool is_name)
{
    if (is_name)
        return text.len <= NAME_BYTES_MAX;
    return text.len <= TEXT_CHARS_MAX || cd_java_length(text) <= TEXT_CHARS_MAX;
}

bool cd_json_text(const char **at, const char *end, bool is_name, struct cd_arena *arena,
                  struct cd_slice *ret, const char **ret_why, struct cd_error *err)
{
    const char *start = *at + 1;
    const char *special = find_special(start, end);
    if (special < end && *special == '"') {
        *ret = cd_slice_of(start, (size_t)(special - start));
        *at = special + 1;
    } else {
        struct decoder d = {.at = special, .end = end};
        if (!decode(&d, start, arena, ret, err)) {
            *ret_why = d.why;
            return false;
        }
        *at = d.end + 1;
    }
    if (within_limit(*ret, is_name))
        return true;
    *ret_why = is_name ? "a member's name has more than 50000 bytes"
                       : "a text has more than 20000000 characters";
    return false;
}
