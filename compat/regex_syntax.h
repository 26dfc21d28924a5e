/* The translation of java.util.regex patterns for PCRE2. For regex.c alone. */
#ifndef CD_COMPAT_REGEX_SYNTAX_H
#define CD_COMPAT_REGEX_SYNTAX_H

#include <stdbool.h>

#include "connectd/error.h"
#include "connectd/value.h"

struct cd_buffer;

/*
 * Appends the translation of `pattern` (valid UTF-8), made for PCRE2_UTF and no other option. What
 * stays as it is: groups, alternatives, quantifiers, lookaround, back references. What is spelled
 * out: line ends (Java has six of them), flags other than (?i), quotes, classes with unions and
 * intersections, names of properties.
 */
CD_MUST_CHECK bool cd_regex_translate(struct cd_slice pattern, struct cd_buffer *out,
                                      struct cd_error *err);

/* PatternSyntaxException with Java's text: what, where, the pattern, an arrow. `index` counts
 * bytes. False. */
bool cd_regex_refuse(struct cd_slice pattern, size_t index, const char *what, struct cd_error *err);

/* ---- between regex_syntax.c and regex_class.c ---- */

struct cd_regex_reader {
    struct cd_slice pattern;
    const char *at;
    const char *end;
    bool comments; /* (?x): blanks and #... mean nothing */
    struct cd_error *err;
};

/* What an escape stands for: one character, or a set in the syntax of PCRE2, good inside and
 * outside of []. */
struct cd_regex_escape {
    bool is_set;
    uint32_t code_point;
    char set[80];
};

bool cd_regex_fail(const struct cd_regex_reader *r, const char *at, const char *what);
/* One code point, escaped so that it means itself inside and outside of []. */
void cd_regex_put(struct cd_buffer *out, uint32_t code_point);
/* The escape behind a backslash, for what is the same inside and outside of []. */
bool cd_regex_read_escape(struct cd_regex_reader *r, struct cd_regex_escape *ret);
void cd_regex_skip_comments(struct cd_regex_reader *r);
/* The class behind a '['. */
bool cd_regex_read_class(struct cd_regex_reader *r, int depth, struct cd_buffer *out);

#endif
