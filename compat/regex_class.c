#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "compat/regex_syntax.h"
#include "compat/utf.h"

#define DEPTH_MAX 50

/* ---- escapes ---- */

static bool more(const struct cd_regex_reader *r)
{
    return r->at < r->end;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_hex(struct cd_regex_reader *r, int digits, uint32_t *ret)
{
    uint32_t v = 0;
    for (int i = 0; i < digits; i++, r->at++) {
        int digit = more(r) ? hex_digit(*r->at) : -1;
        if (digit < 0)
            return false;
        v = v << 4 | (uint32_t)digit;
    }
    *ret = v;
    return true;
}

/* \xhh or \x{h...} */
static bool read_x(struct cd_regex_reader *r, uint32_t *ret)
{
    if (!more(r) || *r->at != '{')
        return read_hex(r, 2, ret) ||
               cd_regex_fail(r, r->at, "Illegal hexadecimal escape sequence");
    uint32_t v = 0;
    const char *from = ++r->at;
    while (more(r) && hex_digit(*r->at) >= 0 && v <= 0x10ffff)
        v = v << 4 | (uint32_t)hex_digit(*r->at++);
    if (r->at == from || !more(r) || *r->at != '}')
        return cd_regex_fail(r, r->at, "Unclosed hexadecimal escape sequence");
    r->at++;
    if (v > 0x10ffff)
        return cd_regex_fail(r, r->at, "Hexadecimal codepoint is too big");
    *ret = v;
    return true;
}

/* \uhhhh; two that make a surrogate pair are one. */
static bool read_u(struct cd_regex_reader *r, uint32_t *ret)
{
    if (!read_hex(r, 4, ret))
        return cd_regex_fail(r, r->at, "Illegal Unicode escape sequence");
    if (*ret < 0xd800 || *ret > 0xdbff || r->end - r->at < 6 || memcmp(r->at, "\\u", 2) != 0)
        return true;
    const char *before = r->at;
    uint32_t low;
    r->at += 2;
    if (read_hex(r, 4, &low) && low >= 0xdc00 && low <= 0xdfff)
        *ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
    else
        r->at = before;
    return true;
}

/* \0n, \0nn, \0mnn with m up to 3 */
static bool read_octal(struct cd_regex_reader *r, uint32_t *ret)
{
    uint32_t v = 0;
    int digits = 0;
    while (digits < 3 && more(r) && *r->at >= '0' && *r->at <= '7' && (digits < 2 || v < 32)) {
        v = v * 8 + (uint32_t)(*r->at++ - '0');
        digits++;
    }
    if (digits == 0)
        return cd_regex_fail(r, r->at, "Illegal octal escape sequence");
    *ret = v;
    return true;
}

/* Java's names beside what PCRE2 calls the same; %s takes a '^' when negated. */
static const struct {
    const char *name;
    const char *posix; /* "[:lower:]": ASCII only, as Java has it */
    const char *property;
} properties[] = {
    {"Lower", "lower", NULL},
    {"Upper", "upper", NULL},
    {"ASCII", "ascii", NULL},
    {"Alpha", "alpha", NULL},
    {"Digit", "digit", NULL},
    {"Alnum", "alnum", NULL},
    {"Punct", "punct", NULL},
    {"Graph", "graph", NULL},
    {"Print", "print", NULL},
    {"Blank", "blank", NULL},
    {"Cntrl", "cntrl", NULL},
    {"XDigit", "xdigit", NULL},
    {"Space", "space", NULL},
    {"javaLowerCase", NULL, "Lowercase"},
    {"javaUpperCase", NULL, "Uppercase"},
    {"javaAlphabetic", NULL, "Alphabetic"},
    {"javaIdeographic", NULL, "Ideographic"},
    {"javaTitleCase", NULL, "Lt"},
    {"javaDigit", NULL, "Nd"},
    {"javaLetter", NULL, "L"},
    {"IsLetter", NULL, "L"},
    {"IsPunctuation", NULL, "P"},
    {"IsControl", NULL, "Cc"},
    {"IsDigit", NULL, "Nd"},
    {"IsTitlecase", NULL, "Lt"},
};

/* "IsLatin", "script=Latin", "general_category=Lu" and the like carry the name PCRE2 knows behind a
 * prefix. */
static struct cd_slice bare_property(struct cd_slice name)
{
    static const char *const prefixes[] = {"general_category=", "script=", "gc=", "sc=", "Is"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t len = strlen(prefixes[i]);
        if (name.len > len && strncasecmp(name.ptr, prefixes[i], len) == 0)
            return cd_slice_of(name.ptr + len, name.len - len);
    }
    return name;
}

static bool put_property(struct cd_slice name, bool negated, struct cd_regex_escape *ret)
{
    for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
        if (!cd_slice_is(name, properties[i].name))
            continue;
        if (properties[i].posix != NULL)
            (void)snprintf(ret->set, sizeof(ret->set), "[:%s%s:]", negated ? "^" : "",
                           properties[i].posix);
        else if (properties[i].property != NULL)
            (void)snprintf(ret->set, sizeof(ret->set), "\\%c{%s}", negated ? 'P' : 'p',
                           properties[i].property);
        return properties[i].posix != NULL || properties[i].property != NULL;
    }
    if (name.len > 2 && (memcmp(name.ptr, "In", 2) == 0 || memcmp(name.ptr, "ja", 2) == 0))
        return false; /* blocks and Java's own predicates: PCRE2 has nothing like them */
    struct cd_slice bare = bare_property(name);
    int len =
        snprintf(ret->set, sizeof(ret->set), "\\%c{%.*s}", negated ? 'P' : 'p', CD_SLICE_ARG(bare));
    return len > 0 && (size_t)len < sizeof(ret->set);
}

/* \p{name} or \pL */
static bool read_property(struct cd_regex_reader *r, bool negated, struct cd_regex_escape *ret)
{
    if (!more(r))
        return cd_regex_fail(r, r->at, "Unknown character property name {}");
    struct cd_slice name = cd_slice_of(r->at, 1);
    r->at++;
    if (*name.ptr == '{') {
        const char *close = memchr(r->at, '}', (size_t)(r->end - r->at));
        if (close == NULL)
            return cd_regex_fail(r, r->end, "Unclosed character family");
        name = cd_slice_of(r->at, (size_t)(close - r->at));
        r->at = close + 1;
    }
    for (size_t i = 0; i < name.len; i++)
        if (strchr("=_ -", name.ptr[i]) == NULL && hex_digit(name.ptr[i]) < 0 &&
            !((name.ptr[i] | 32) >= 'a' && (name.ptr[i] | 32) <= 'z'))
            return cd_regex_fail(r, r->at - 1, "Unknown character property name");
    ret->is_set = true;
    if (name.len > 0 && put_property(name, negated, ret))
        return true;
    char what[120];
    (void)snprintf(what, sizeof(what), "Unknown or unsupported character property name {%.*s}",
                   CD_SLICE_ARG(name));
    return cd_regex_fail(r, r->at - 1, what);
}

static bool read_control(struct cd_regex_reader *r, uint32_t *ret)
{
    if (!more(r))
        return cd_regex_fail(r, r->at - 1, "Illegal control escape sequence");
    *ret = (unsigned char)*r->at++ ^ 64u;
    return *ret < 0x80 || cd_regex_fail(r, r->at - 1, "Illegal control escape sequence");
}

/* Escapes for one character each. */
static const char simple_escapes[][2] = {{'t', '\t'}, {'n', '\n'}, {'r', '\r'},
                                         {'f', '\f'}, {'a', '\a'}, {'e', 0x1b}};

bool cd_regex_read_escape(struct cd_regex_reader *r, struct cd_regex_escape *ret)
{
    *ret = (struct cd_regex_escape){.is_set = false};
    if (!more(r))
        return cd_regex_fail(r, r->end, "Unexpected internal error");
    const char *from = r->at;
    uint32_t c = cd_utf_next(&r->at, r->end);
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && c != '0') {
        ret->code_point = c;
        return true;
    }
    for (size_t i = 0; i < sizeof(simple_escapes) / sizeof(simple_escapes[0]); i++) {
        if (c != (uint32_t)simple_escapes[i][0])
            continue;
        ret->code_point = (uint32_t)simple_escapes[i][1];
        return true;
    }
    if (strchr("dDwWsShHvV", (int)c) != NULL) {
        ret->is_set = true;
        ret->set[0] = '\\';
        ret->set[1] = (char)c;
        return true;
    }
    switch (c) {
    case '0':
        return read_octal(r, &ret->code_point);
    case 'x':
        return read_x(r, &ret->code_point);
    case 'u':
        return read_u(r, &ret->code_point);
    case 'c':
        return read_control(r, &ret->code_point);
    case 'p':
    case 'P':
        return read_property(r, c == 'P', ret);
    default:
        return cd_regex_fail(r, from, "Illegal/unsupported escape sequence");
    }
}

void cd_regex_put(struct cd_buffer *out, uint32_t c)
{
    char bytes[4];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (c < 0x20 || c == 0x7f)
        cd_buffer_printf(out, "\\x{%x}", c);
    else if (c < 0x80 && !letter)
        cd_buffer_printf(out, "\\%c", (int)c);
    else
        cd_buffer_append(out, bytes, cd_utf_put(c, bytes));
}

/* ---- classes ---- */

/* One operand of &&: plain members, and nested classes as alternatives. */
struct operand {
    struct cd_buffer members;
    struct cd_buffer nested;
};

static void operand_done(struct operand *o)
{
    cd_buffer_done(&o->members);
    cd_buffer_done(&o->nested);
}

static bool is_empty(const struct operand *o)
{
    return o->members.len == 0 && o->nested.len == 0;
}

/* As something that matches one character. */
static void put_operand(const struct operand *o, struct cd_buffer *out)
{
    bool both = o->members.len > 0 && o->nested.len > 0;
    cd_buffer_text(out, "(?:");
    if (o->members.len > 0)
        cd_buffer_printf(out, "[%s]", o->members.ptr);
    if (both)
        cd_buffer_char(out, '|');
    cd_buffer_slice(out, cd_buffer_view(&o->nested));
    cd_buffer_char(out, ')');
}

static bool check_scalar(const struct cd_regex_reader *r, uint32_t c)
{
    if (c == CD_UTF_BAD || (c >= 0xd800 && c <= 0xdfff))
        return cd_regex_fail(r, r->at - 1, "Unpaired surrogates cannot be matched");
    return true;
}

/* A member that may begin a range. */
static bool read_member(struct cd_regex_reader *r, struct cd_regex_escape *ret)
{
    *ret = (struct cd_regex_escape){.is_set = false};
    if (*r->at == '\\') {
        r->at++;
        if (!cd_regex_read_escape(r, ret))
            return false;
        return ret->is_set || check_scalar(r, ret->code_point);
    }
    ret->code_point = cd_utf_next(&r->at, r->end);
    return check_scalar(r, ret->code_point);
}

static bool range_follows(const struct cd_regex_reader *r)
{
    return r->end - r->at >= 2 && r->at[0] == '-' && r->at[1] != ']' && r->at[1] != '[';
}

static bool read_members(struct cd_regex_reader *r, struct operand *o)
{
    struct cd_regex_escape first;
    if (!read_member(r, &first))
        return false;
    if (first.is_set) {
        cd_buffer_text(&o->members, first.set);
        return true;
    }
    cd_regex_put(&o->members, first.code_point);
    if (!range_follows(r))
        return true;
    r->at++;
    struct cd_regex_escape last;
    if (!read_member(r, &last))
        return false;
    if (last.is_set || last.code_point < first.code_point)
        return cd_regex_fail(r, r->at - 1, "Illegal character range");
    cd_buffer_char(&o->members, '-');
    cd_regex_put(&o->members, last.code_point);
    return true;
}

/* \Q...\E */
static bool read_quoted_members(struct cd_regex_reader *r, struct operand *o)
{
    r->at += 2;
    while (more(r) && !(r->end - r->at >= 2 && memcmp(r->at, "\\E", 2) == 0)) {
        uint32_t c = cd_utf_next(&r->at, r->end);
        if (!check_scalar(r, c))
            return false;
        cd_regex_put(&o->members, c);
    }
    if (more(r))
        r->at += 2;
    return true;
}

static bool read_nested(struct cd_regex_reader *r, int depth, struct operand *o)
{
    r->at++;
    if (o->nested.len > 0)
        cd_buffer_char(&o->nested, '|');
    return cd_regex_read_class(r, depth + 1, &o->nested);
}

static bool at_word(const struct cd_regex_reader *r, const char *word)
{
    return r->end - r->at >= 2 && memcmp(r->at, word, 2) == 0;
}

/* Up to the closing bracket. `operands` gets all but the last as lookaheads; `last` consumes. */
static bool read_operands(struct cd_regex_reader *r, int depth, struct cd_buffer *lookaheads,
                          struct operand *last)
{
    const char *open = r->at;
    bool any = false;
    for (;; any = true) {
        if (r->comments)
            cd_regex_skip_comments(r);
        if (!more(r))
            return cd_regex_fail(r, r->end - 1, "Unclosed character class");
        if (*r->at == ']' && any)
            break;
        if (at_word(r, "&&")) {
            r->at += 2;
            if (is_empty(last))
                continue; /* Java lets an absent side pass */
            cd_buffer_text(lookaheads, "(?=");
            put_operand(last, lookaheads);
            cd_buffer_char(lookaheads, ')');
            operand_done(last);
            continue;
        }
        bool good = *r->at == '['       ? read_nested(r, depth, last)
                    : at_word(r, "\\Q") ? read_quoted_members(r, last)
                                        : read_members(r, last);
        if (!good)
            return false;
    }
    r->at++;
    if (is_empty(last) && lookaheads->len == 0)
        return cd_regex_fail(r, open, "Empty character class");
    return true;
}

static void put_class(bool negated, const struct cd_buffer *lookaheads, const struct operand *last,
                      struct cd_buffer *out)
{
    if (lookaheads->len == 0 && last->nested.len == 0) {
        cd_buffer_printf(out, "[%s%s]", negated ? "^" : "", last->members.ptr);
        return;
    }
    cd_buffer_text(out, negated ? "(?:(?!" : "(?:");
    cd_buffer_slice(out, cd_buffer_view(lookaheads));
    if (is_empty(last))
        cd_buffer_text(out, "(?s:.)");
    else
        put_operand(last, out);
    cd_buffer_text(out, negated ? ")(?s:.))" : ")");
}

bool cd_regex_read_class(struct cd_regex_reader *r, int depth, struct cd_buffer *out)
{
    if (depth > DEPTH_MAX)
        return cd_regex_fail(r, r->at, "Character classes are nested too deeply");
    bool negated = more(r) && *r->at == '^';
    if (negated)
        r->at++;
    struct cd_buffer lookaheads = CD_BUFFER_INIT;
    struct operand last = {CD_BUFFER_INIT, CD_BUFFER_INIT};
    bool good = read_operands(r, depth, &lookaheads, &last);
    if (good)
        put_class(negated, &lookaheads, &last, out);
    cd_buffer_done(&lookaheads);
    operand_done(&last);
    return good;
}
