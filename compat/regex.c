#include "compat/regex.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "compat/regex_syntax.h"
#include "compat/utf.h"

/* Some hundred milliseconds at worst; honest patterns need a few hundred steps. */
#define MATCH_LIMIT 5000000
#define HEAP_LIMIT_KIB 32768
#define GROUPS_KEPT 32

struct cd_regex {
    pcre2_code *anywhere;
    pcre2_code *whole; /* the same between \A and \z: options for that at match time would switch
                          the JIT off */
    pcre2_match_context *limits;
    uint32_t groups;
};

/* ---- compiling ---- */

static pcre2_code *compile(struct cd_slice pattern, struct cd_slice original, struct cd_error *err)
{
    int code;
    PCRE2_SIZE offset;
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len,
                                         PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &offset, NULL);
    if (compiled == NULL) {
        char what[256] = "";
        (void)pcre2_get_error_message(code, (PCRE2_UCHAR *)what, sizeof(what)); /* may be cut */
        (void)cd_regex_refuse(original, original.len, what, err);
        return NULL;
    }
    (void)pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE); /* without it the interpreter runs */
    return compiled;
}

static bool compile_both(struct cd_regex *regex, struct cd_slice pattern, struct cd_error *err)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer text = CD_BUFFER_INIT;
    if (!cd_utf8_valid(pattern))
        return cd_fail_as(err, CD_ERR_CONFIG, "PatternSyntaxException",
                          "a regular expression must be valid UTF-8");
    cd_buffer_text(&text, "\\A(?:");
    size_t before = text.len;
    if (!cd_regex_translate(pattern, &text, err))
        return false;
    struct cd_slice inner = cd_slice_of(text.ptr + before, text.len - before);
    regex->anywhere = compile(inner, pattern, err);
    cd_buffer_text(&text, ")\\z");
    if (regex->anywhere != NULL)
        regex->whole = compile(cd_buffer_view(&text), pattern, err);
    return regex->whole != NULL;
}

struct cd_regex *cd_regex_new(struct cd_slice pattern, struct cd_error *err)
{
    struct cd_regex *regex = cd_new(struct cd_regex);
    if (pattern.ptr == NULL)
        pattern = cd_slice("");
    if (!compile_both(regex, pattern, err)) {
        cd_regex_free(regex);
        return NULL;
    }
    (void)pcre2_pattern_info(regex->anywhere, PCRE2_INFO_CAPTURECOUNT,
                             &regex->groups); /* cannot fail */
    regex->limits = pcre2_match_context_create(NULL);
    if (regex->limits != NULL) {
        (void)pcre2_set_match_limit(regex->limits, MATCH_LIMIT); /* none of these fails */
        (void)pcre2_set_heap_limit(regex->limits, HEAP_LIMIT_KIB);
    }
    return regex;
}

void cd_regex_free(struct cd_regex *regex)
{
    if (regex == NULL)
        return;
    pcre2_match_context_free(regex->limits);
    pcre2_code_free(regex->anywhere);
    pcre2_code_free(regex->whole);
    free(regex);
}

/* ---- matching ---- */

/* A thread keeps one block for results; it goes with the thread. */
static _Thread_local pcre2_match_data *kept;
static pthread_key_t kept_key;
static pthread_once_t kept_once = PTHREAD_ONCE_INIT;

static void free_kept(void *data)
{
    pcre2_match_data_free(data);
}

static void make_key(void)
{
    (void)pthread_key_create(&kept_key,
                             free_kept); /* without a key the block leaks once a thread */
}

static pcre2_match_data *borrow_results(const struct cd_regex *regex)
{
    if (regex->groups >= GROUPS_KEPT)
        return pcre2_match_data_create(regex->groups + 1, NULL);
    if (kept == NULL) {
        (void)pthread_once(&kept_once, make_key); /* cannot fail */
        kept = pcre2_match_data_create(GROUPS_KEPT, NULL);
        (void)pthread_setspecific(kept_key, kept); /* only for freeing */
    }
    return kept;
}

static void give_back(pcre2_match_data *results)
{
    if (results != kept)
        pcre2_match_data_free(results);
}

static bool refuse_match(int code, struct cd_error *err)
{
    char what[128] = "out of memory";
    if (code != PCRE2_ERROR_NOMEMORY)
        (void)pcre2_get_error_message(code, (PCRE2_UCHAR *)what, sizeof(what)); /* may be cut */
    return cd_fail_as(err, CD_ERR_DATA, "StackOverflowError",
                      "a regular expression could not be matched: %s", what);
}

/* The JIT's stack is small: what is too deep for it is left to the interpreter, which has the heap.
 */
static bool run(const struct cd_regex *regex, const pcre2_code *code, struct cd_slice text,
                size_t from, pcre2_match_data *results, bool *ret_found, struct cd_error *err)
{
    if (results == NULL)
        return refuse_match(PCRE2_ERROR_NOMEMORY, err);
    PCRE2_SPTR subject = (PCRE2_SPTR)text.ptr;
    int rc = pcre2_match(code, subject, text.len, from, PCRE2_NO_UTF_CHECK, results, regex->limits);
    if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
        rc = pcre2_match(code, subject, text.len, from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, results,
                         regex->limits);
    if (rc < 0 && rc != PCRE2_ERROR_NOMATCH)
        return refuse_match(rc, err);
    *ret_found = rc >= 0;
    return true;
}

/* The text as PCRE2 takes it: unpaired surrogates, three bytes, become U+FFFD, three bytes, so
 * places stay. */
static struct cd_slice proper(struct cd_slice text, struct cd_buffer *copy)
{
    if (text.ptr == NULL)
        return cd_slice("");
    if (cd_utf8_valid(text))
        return text;
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end;) {
        char bytes[4];
        uint32_t c = cd_utf_next(&at, end);
        bool bad = c == CD_UTF_BAD || (c >= 0xd800 && c <= 0xdfff);
        cd_buffer_append(copy, bytes, cd_utf_put(bad ? 0xfffd : c, bytes));
    }
    return cd_buffer_view(copy);
}

static bool match_with(const struct cd_regex *regex, const pcre2_code *code, struct cd_slice text,
                       bool *ret, struct cd_error *err)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer copy = CD_BUFFER_INIT;
    pcre2_match_data *results = borrow_results(regex);
    bool good = run(regex, code, proper(text, &copy), 0, results, ret, err);
    give_back(results);
    return good;
}

bool cd_regex_matches(const struct cd_regex *regex, struct cd_slice text, bool *ret_matches,
                      struct cd_error *err)
{
    return match_with(regex, regex->whole, text, ret_matches, err);
}

bool cd_regex_find(const struct cd_regex *regex, struct cd_slice text, bool *ret_found,
                   struct cd_error *err)
{
    return match_with(regex, regex->anywhere, text, ret_found, err);
}

/* ---- replacing ---- */

struct replacing {
    const struct cd_regex *regex;
    struct cd_slice text;    /* as it is written out */
    struct cd_slice subject; /* as it is matched; of the same length unless the text was no text */
    struct cd_slice template;
    pcre2_match_data *results;
    struct cd_buffer *out;
    struct cd_error *err;
};

static bool refuse_template(const struct replacing *r, const char *what)
{
    return cd_fail_as(r->err, CD_ERR_DATA, "IllegalArgumentException", "%s", what);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void put_group(const struct replacing *r, uint32_t group)
{
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(r->results);
    PCRE2_SIZE begin = places[2 * group];
    PCRE2_SIZE end = places[2 * group + 1];
    if (begin != PCRE2_UNSET && begin < end)
        cd_buffer_append(r->out, r->text.ptr + begin, end - begin);
}

/* Behind "${". */
static bool put_named(const struct replacing *r, const char **at, const char *end)
{
    const char *from = *at;
    while (*at < end && (is_digit(**at) || ((**at | 32) >= 'a' && (**at | 32) <= 'z')))
        *at += 1;
    char name[64];
    size_t len = (size_t)(*at - from);
    if (len == 0)
        return refuse_template(r, "named capturing group has 0 length name");
    if (*at == end || **at != '}')
        return refuse_template(r, "named capturing group is missing trailing '}'");
    *at += 1;
    (void)snprintf(name, sizeof(name), "%.*s", (int)(len < sizeof(name) ? len : sizeof(name) - 1),
                   from);
    if (is_digit(*from))
        return cd_fail_as(r->err, CD_ERR_DATA, "IllegalArgumentException",
                          "capturing group name {%s} starts with digit character", name);
    int group = pcre2_substring_number_from_name(r->regex->anywhere, (PCRE2_SPTR)name);
    if (group < 0 || len >= sizeof(name))
        return cd_fail_as(r->err, CD_ERR_DATA, "IllegalArgumentException",
                          "No group with name {%s}", name);
    put_group(r, (uint32_t)group);
    return true;
}

/* Further digits belong to the number only while there is such a group. */
static bool put_numbered(const struct replacing *r, const char **at, const char *end)
{
    uint32_t group = (uint32_t)(*(*at)++ - '0');
    if (group > r->regex->groups)
        return cd_fail_as(r->err, CD_ERR_DATA, "IndexOutOfBoundsException", "No group %u", group);
    while (*at < end && is_digit(**at)) {
        uint32_t longer = group * 10 + (uint32_t)(**at - '0');
        if (longer > r->regex->groups)
            break;
        group = longer;
        *at += 1;
    }
    put_group(r, group);
    return true;
}

/* Behind '$'. */
static bool put_reference(const struct replacing *r, const char **at, const char *end)
{
    if (*at == end)
        return refuse_template(r, "Illegal group reference: group index is missing");
    if (**at == '{') {
        *at += 1;
        return put_named(r, at, end);
    }
    if (!is_digit(**at))
        return refuse_template(r, "Illegal group reference");
    return put_numbered(r, at, end);
}

static bool put_replacement(const struct replacing *r)
{
    const char *end = r->template.ptr + r->template.len;
    for (const char *at = r->template.ptr; at < end;) {
        char c = *at++;
        if (c == '$') {
            if (!put_reference(r, &at, end))
                return false;
            continue;
        }
        if (c == '\\') {
            if (at == end)
                return refuse_template(r, "character to be escaped is missing");
            c = *at++;
        }
        cd_buffer_char(r->out, c);
    }
    return true;
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* After an empty match the search goes on behind the next character. */
static size_t search_from(const struct replacing *r, size_t begin, size_t end)
{
    if (begin < end)
        return end;
    size_t next = end + 1;
    while (next < r->subject.len && is_continuation(r->subject.ptr[next]))
        next++;
    return next;
}

static bool replace(struct replacing *r, bool all)
{
    size_t copied = 0;
    bool found = true;
    for (size_t from = 0; from <= r->subject.len;) {
        if (!run(r->regex, r->regex->anywhere, r->subject, from, r->results, &found, r->err))
            return false;
        if (!found)
            break;
        const PCRE2_SIZE *places = pcre2_get_ovector_pointer(r->results);
        size_t begin = places[0];
        size_t end = places[1];
        cd_buffer_append(r->out, r->text.ptr + copied, begin - copied);
        if (!put_replacement(r))
            return false;
        copied = end;
        from = search_from(r, begin, end);
        if (!all)
            break;
    }
    cd_buffer_append(r->out, r->text.ptr + copied, r->text.len - copied);
    return true;
}

static bool replace_with(const struct cd_regex *regex, struct cd_slice text,
                         struct cd_slice replacement, bool all, struct cd_buffer *out,
                         struct cd_error *err)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer copy = CD_BUFFER_INIT;
    struct replacing r = {.regex = regex,
                          .text = text.ptr == NULL ? cd_slice("") : text,
                          .subject = proper(text, &copy),
                          .template = replacement,
                          .out = out,
                          .err = err};
    if (r.subject.len != r.text.len)
        r.text = r.subject;
    r.results = borrow_results(regex);
    bool good = replace(&r, all);
    give_back(r.results);
    return good;
}

bool cd_regex_replace_first(const struct cd_regex *regex, struct cd_slice text,
                            struct cd_slice replacement, struct cd_buffer *out,
                            struct cd_error *err)
{
    return replace_with(regex, text, replacement, /* all = */ false, out, err);
}

bool cd_regex_replace_all(const struct cd_regex *regex, struct cd_slice text,
                          struct cd_slice replacement, struct cd_buffer *out, struct cd_error *err)
{
    return replace_with(regex, text, replacement, /* all = */ true, out, err);
}
