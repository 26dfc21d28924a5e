#include "compat/regex_syntax.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "compat/number.h"
#include "compat/utf.h"

#define GROUP_DEPTH_MAX 200
#define NO_GROUP_LIMIT 1000000

/* Java's line ends; \r\n is one. */
#define LINE_ENDS "\\n\\r\\x{85}\\x{2028}\\x{2029}"

struct flags {
    bool caseless; /* i: the only one that PCRE2 is told of */
    bool multiline;
    bool dotall;
    bool unix_lines;
    bool comments;
};

struct translator {
    struct cd_regex_reader r;
    struct cd_buffer *out;
    struct flags flags;
    struct flags outer[GROUP_DEPTH_MAX];
    int depth;
    int groups;    /* opened so far */
    int group_max; /* in the whole pattern; a reference beyond it never matches */
    bool atom;     /* a quantifier may follow */
};

bool cd_regex_refuse(struct cd_slice pattern, size_t index, const char *what, struct cd_error *err)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer msg = CD_BUFFER_INIT;
    if (index > pattern.len)
        index = pattern.len;
    size_t units = cd_java_length(cd_slice_of(pattern.ptr, index));
    cd_buffer_printf(&msg, "%s near index %zu\n", what, units);
    cd_buffer_slice(&msg, pattern);
    if (index < pattern.len)
        cd_buffer_printf(&msg, "\n%*s", (int)units + 1, "^");
    return cd_fail_as(err, CD_ERR_CONFIG, "PatternSyntaxException", "%s", msg.ptr);
}

bool cd_regex_fail(const struct cd_regex_reader *r, const char *at, const char *what)
{
    return cd_regex_refuse(r->pattern, (size_t)(at - r->pattern.ptr), what, r->err);
}

static bool more(const struct translator *t)
{
    return t->r.at < t->r.end;
}

static bool accept(struct translator *t, char c)
{
    if (!more(t) || *t->r.at != c)
        return false;
    t->r.at++;
    return true;
}

static void put(struct translator *t, const char *text)
{
    cd_buffer_text(t->out, text);
}

static bool put_atom(struct translator *t, const char *text)
{
    put(t, text);
    t->atom = true;
    return true;
}

static bool put_literal(struct translator *t, uint32_t c)
{
    if (c == CD_UTF_BAD || (c >= 0xd800 && c <= 0xdfff))
        return cd_regex_fail(&t->r, t->r.at - 1, "Unpaired surrogates cannot be matched");
    cd_regex_put(t->out, c);
    return put_atom(t, "");
}

void cd_regex_skip_comments(struct cd_regex_reader *r)
{
    while (r->at < r->end && (strchr(" \t\n\v\f\r", *r->at) != NULL || *r->at == '#') &&
           *r->at != '\0') {
        if (*r->at++ != '#')
            continue;
        while (r->at < r->end && *r->at != '\n' && *r->at != '\r')
            r->at++;
    }
}

/* ---- line ends ---- */

static bool put_dot(struct translator *t)
{
    if (t->flags.dotall)
        return put_atom(t, "(?s:.)");
    return put_atom(t, t->flags.unix_lines ? "[^\\n]" : "[^" LINE_ENDS "]");
}

/* The end, or before a line end that is the last thing; never between \r and \n. */
static bool put_end(struct translator *t)
{
    return put_atom(t, t->flags.unix_lines
                           ? "(?=\\n?\\z)"
                           : "(?:\\z|(?=\\r\\n\\z|[\\r\\x{85}\\x{2028}\\x{2029}]\\z)|"
                             "(?<!\\r)(?=\\n\\z))");
}

static bool put_dollar(struct translator *t)
{
    if (!t->flags.multiline)
        return put_end(t);
    return put_atom(t, t->flags.unix_lines
                           ? "(?:\\z|(?=\\n))"
                           : "(?:\\z|(?=[\\r\\x{85}\\x{2028}\\x{2029}])|(?<!\\r)(?=\\n))");
}

/* Never at the very end: not after a last line end, and not in an empty text. */
static bool put_caret(struct translator *t)
{
    if (!t->flags.multiline)
        return put_atom(t, "(?:\\A)");
    return put_atom(t,
                    t->flags.unix_lines
                        ? "(?:(?:\\A|(?<=\\n))(?!\\z))"
                        : "(?:(?:\\A|(?<=[\\n\\x{85}\\x{2028}\\x{2029}])|(?<=\\r)(?!\\n))(?!\\z))");
}

/* ---- escapes ---- */

static bool put_quoted(struct translator *t)
{
    while (more(t)) {
        if (t->r.end - t->r.at >= 2 && memcmp(t->r.at, "\\E", 2) == 0) {
            t->r.at += 2;
            return true;
        }
        if (!put_literal(t, cd_utf_next(&t->r.at, t->r.end)))
            return false;
    }
    return true;
}

static bool put_group_reference(struct translator *t, int group)
{
    if (group > t->group_max)
        return put_atom(t, "(?!)");
    cd_buffer_printf(t->out, "\\g{%d}", group);
    return put_atom(t, "");
}

/* \11 is group 11 if there are that many so far, else group 1 and a '1'. */
static bool put_back_reference(struct translator *t)
{
    int group = *t->r.at++ - '0';
    while (more(t) && *t->r.at >= '0' && *t->r.at <= '9') {
        int longer = group * 10 + (*t->r.at - '0');
        if (longer > t->groups)
            break;
        group = longer;
        t->r.at++;
    }
    return put_group_reference(t, group);
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "name>" */
static bool read_group_name(struct translator *t, struct cd_slice *ret)
{
    const char *from = t->r.at;
    if (!more(t) || !is_alnum(*from) || (*from >= '0' && *from <= '9'))
        return cd_regex_fail(&t->r, from,
                             "capturing group name does not start with a Latin letter");
    while (more(t) && is_alnum(*t->r.at))
        t->r.at++;
    *ret = cd_slice_of(from, (size_t)(t->r.at - from));
    return accept(t, '>') ||
           cd_regex_fail(&t->r, t->r.at, "named capturing group is missing trailing '>'");
}

/* Has a group of that name been opened? What is literal text in a pattern is escaped in the
 * translation. */
static bool is_defined(const struct translator *t, struct cd_slice name)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer wanted = CD_BUFFER_INIT;
    cd_buffer_printf(&wanted, "(?<%.*s>", CD_SLICE_ARG(name));
    return t->out->len > 0 && memmem(t->out->ptr, t->out->len, wanted.ptr, wanted.len) != NULL;
}

static bool refuse_name(struct translator *t, const char *before, struct cd_slice name,
                        const char *after)
{
    char what[160];
    (void)snprintf(what, sizeof(what), "%s <%.*s> %s", before,
                   (int)(name.len < 100 ? name.len : 100), name.ptr, after);
    return cd_regex_fail(&t->r, t->r.at - 1, what);
}

static bool put_named_reference(struct translator *t)
{
    struct cd_slice name;
    if (!accept(t, '<'))
        return cd_regex_fail(&t->r, t->r.at,
                             "\\k is not followed by '<' for named capturing group");
    if (!read_group_name(t, &name))
        return false;
    if (!is_defined(t, name))
        return refuse_name(t, "named capturing group", name, "does not exist");
    cd_buffer_printf(t->out, "\\k<%.*s>", CD_SLICE_ARG(name));
    return put_atom(t, "");
}

/* Behind the backslash. */
static bool put_escape(struct translator *t)
{
    if (!more(t))
        return cd_regex_fail(&t->r, t->r.end, "Unexpected internal error");
    char c = *t->r.at;
    if (c >= '1' && c <= '9')
        return put_back_reference(t);
    if (strchr("ABGRXbzZkQ", c) != NULL && c != '\0') {
        t->r.at++;
        if (c == 'Q')
            return put_quoted(t);
        if (c == 'Z')
            return put_end(t);
        if (c == 'k')
            return put_named_reference(t);
        if (c == 'b' && more(t) && *t->r.at == '{')
            return cd_regex_fail(&t->r, t->r.at, "\\b{g} is not supported");
        /* In a group, because PCRE2 repeats no bare assertion. */
        cd_buffer_printf(t->out, "(?:\\%c)", c);
        return put_atom(t, "");
    }
    struct cd_regex_escape escape;
    if (!cd_regex_read_escape(&t->r, &escape))
        return false;
    if (!escape.is_set)
        return put_literal(t, escape.code_point);
    cd_buffer_printf(t->out, "[%s]", escape.set);
    return put_atom(t, "");
}

/* ---- groups ---- */

static bool open_group(struct translator *t)
{
    if (t->depth == GROUP_DEPTH_MAX)
        return cd_regex_fail(&t->r, t->r.at, "Groups are nested too deeply");
    t->outer[t->depth++] = t->flags;
    t->atom = false;
    return true;
}

static bool close_group(struct translator *t)
{
    if (t->depth == 0) {
        const char *at = t->r.at - 1 > t->r.pattern.ptr ? t->r.at - 2 : t->r.pattern.ptr;
        return cd_regex_fail(&t->r, at, "Unmatched closing ')'");
    }
    t->flags = t->outer[--t->depth];
    return put_atom(t, ")");
}

static bool set_flag(struct translator *t, char c, bool on)
{
    switch (c) {
    case 'i':
        t->flags.caseless = on;
        return true;
    case 'm':
        t->flags.multiline = on;
        return true;
    case 's':
        t->flags.dotall = on;
        return true;
    case 'd':
        t->flags.unix_lines = on;
        return true;
    case 'x':
        t->flags.comments = on;
        return true;
    case 'u':
        return true; /* case folding is Unicode's anyway */
    case 'U':
        return cd_regex_fail(&t->r, t->r.at - 1,
                             "The flag U (UNICODE_CHARACTER_CLASS) is not supported");
    default:
        return cd_regex_fail(&t->r, t->r.at - 1, "Unknown inline modifier");
    }
}

/* (?im-s) changes the flags to the end of the group around it, (?im-s:...) for a group of its own.
 */
static bool put_flags(struct translator *t)
{
    struct flags before = t->flags;
    bool on = true;
    while (more(t) && *t->r.at != ')' && *t->r.at != ':') {
        char c = *t->r.at++;
        if (c == '-' && on)
            on = false;
        else if (!set_flag(t, c, on))
            return false;
    }
    if (!more(t))
        return cd_regex_fail(&t->r, t->r.end, "Unknown inline modifier");
    bool group = *t->r.at++ == ':';
    const char *caseless = t->flags.caseless == before.caseless ? ""
                           : t->flags.caseless                  ? "i"
                                                                : "-i";
    if (group) {
        struct flags inside = t->flags;
        t->flags = before;
        cd_buffer_printf(t->out, "(?%s:", caseless);
        if (!open_group(t))
            return false;
        t->flags = inside;
        return true;
    }
    t->atom = false;
    if (*caseless != '\0')
        cd_buffer_printf(t->out, "(?%s)", caseless);
    return true;
}

static bool put_named_group(struct translator *t)
{
    struct cd_slice name;
    if (!read_group_name(t, &name))
        return false;
    if (is_defined(t, name))
        return refuse_name(t, "Named capturing group", name, "is already defined");
    cd_buffer_printf(t->out, "(?<%.*s>", CD_SLICE_ARG(name));
    t->groups++;
    return open_group(t);
}

/* Behind "(?<". */
static bool put_lookbehind_or_name(struct translator *t)
{
    if (accept(t, '=')) {
        put(t, "(?<=");
        return open_group(t);
    }
    if (accept(t, '!')) {
        put(t, "(?<!");
        return open_group(t);
    }
    return put_named_group(t);
}

/* Behind "(". */
static bool put_group(struct translator *t)
{
    if (!accept(t, '?')) {
        put(t, "(");
        t->groups++;
        return open_group(t);
    }
    if (accept(t, '<'))
        return put_lookbehind_or_name(t);
    if (more(t) && *t->r.at != '\0' && strchr(":=!>", *t->r.at) != NULL) {
        cd_buffer_printf(t->out, "(?%c", *t->r.at++);
        return open_group(t);
    }
    return put_flags(t);
}

/* ---- quantifiers ---- */

static void put_manner(struct translator *t)
{
    if (accept(t, '?'))
        put(t, "?");
    else if (accept(t, '+'))
        put(t, "+");
    t->atom = false;
}

static bool put_quantifier(struct translator *t, char c)
{
    if (!t->atom) {
        char what[] = "Dangling meta character '*'";
        what[sizeof(what) - 3] = c;
        return cd_regex_fail(&t->r, t->r.at - 1, what);
    }
    cd_buffer_char(t->out, c);
    put_manner(t);
    return true;
}

static bool read_count(struct translator *t, long *ret)
{
    const char *from = t->r.at;
    long v = 0;
    for (; more(t) && *t->r.at >= '0' && *t->r.at <= '9'; t->r.at++)
        v = v > 1000000000 ? v : v * 10 + (*t->r.at - '0');
    *ret = v;
    return t->r.at > from;
}

/* Behind the '{'. */
static bool put_counted(struct translator *t)
{
    long least;
    long most;
    if (!t->atom || !read_count(t, &least))
        return cd_regex_fail(&t->r, t->r.at, "Illegal repetition");
    most = least;
    bool bounded = true;
    if (accept(t, ','))
        bounded = read_count(t, &most);
    if (!accept(t, '}'))
        return cd_regex_fail(&t->r, t->r.at, "Unclosed counted closure");
    if ((bounded && most < least) || least > INT32_MAX || most > INT32_MAX)
        return cd_regex_fail(&t->r, t->r.at - 1, "Illegal repetition range");
    cd_buffer_printf(t->out, bounded ? "{%ld,%ld}" : "{%ld,}", least, most);
    put_manner(t);
    return true;
}

/* ---- everything ---- */

static bool put_next(struct translator *t)
{
    const char *from = t->r.at;
    uint32_t c = cd_utf_next(&t->r.at, t->r.end);
    switch (c) {
    case '\\':
        return put_escape(t);
    case '[':
        return cd_regex_read_class(&t->r, 0, t->out) ? put_atom(t, "") : false;
    case '(':
        return put_group(t);
    case ')':
        return close_group(t);
    case '.':
        return put_dot(t);
    case '^':
        return put_caret(t);
    case '$':
        return put_dollar(t);
    case '*':
    case '+':
    case '?':
        return put_quantifier(t, *from);
    case '{':
        return put_counted(t);
    case '|':
        put(t, "|");
        t->atom = false;
        return true;
    default:
        return put_literal(t, c);
    }
}

static bool translate(struct translator *t)
{
    for (;;) {
        t->r.comments = t->flags.comments;
        if (t->flags.comments)
            cd_regex_skip_comments(&t->r);
        if (!more(t))
            break;
        if (!put_next(t))
            return false;
    }
    return t->depth == 0 || cd_regex_fail(&t->r, t->r.end, "Unclosed group");
}

/* Twice: the first time only tells how many groups there are. */
bool cd_regex_translate(struct cd_slice pattern, struct cd_buffer *out, struct cd_error *err)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer draft = CD_BUFFER_INIT;
    const struct cd_regex_reader reader = {
        .pattern = pattern, .at = pattern.ptr, .end = pattern.ptr + pattern.len, .err = err};
    struct translator first = {.r = reader, .out = &draft, .group_max = NO_GROUP_LIMIT};
    if (!translate(&first))
        return false;
    struct translator second = {.r = reader, .out = out, .group_max = first.groups};
    return translate(&second);
}
