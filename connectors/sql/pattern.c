#include "connectors/sql/pattern.h"

#include "connectors/sql/text.h"

#include <regex.h>
#include <stdlib.h>

struct cd_pattern {
    regex_t compiled;
};

/* What POSIX has no escape for, outside and inside of brackets. */
static const struct {
    char escape;
    const char *outside;
    const char *inside;
} escapes[] = {
    {'d', "[0-9]", "0-9"},
    {'D', "[^0-9]", NULL},
    {'w', "[A-Za-z0-9_]", "A-Za-z0-9_"},
    {'W', "[^A-Za-z0-9_]", NULL},
    {'s', "[[:space:]]", "[:space:]"},
    {'S', "[^[:space:]]", NULL},
    {'t', "\t", "\t"},
    {'Q', NULL, NULL},
    {'p', NULL, NULL},
    {'P', NULL, NULL},
};

/* False: RE2 knows it, we cannot say it. */
static bool add_escape(struct cd_sql_text *out, char c, bool in_class)
{
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        if (escapes[i].escape != c)
            continue;
        const char *text = in_class ? escapes[i].inside : escapes[i].outside;
        if (text != NULL)
            cd_sql_add(out, text);
        return text != NULL;
    }
    if (!in_class)
        cd_sql_add(out, "\\");
    cd_sql_add_slice(out, cd_slice_of(&c, 1));
    return true;
}

static bool translate(const char *text, struct cd_sql_text *out, int *flags)
{
    bool in_class = false;
    cd_sql_add(out, "^(");
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\\') {
            if (*++p == '\0' || !add_escape(out, *p, in_class))
                return false;
            continue;
        }
        if (!in_class && strncmp(p, "(?i)", 4) == 0 && p == text) {
            *flags |= REG_ICASE;
            p += 3;
            continue;
        }
        if (!in_class && strncmp(p, "(?:", 3) == 0) {
            cd_sql_add(out, "(");
            p += 2;
            continue;
        }
        if (!in_class && p[0] == '(' && p[1] == '?')
            return false;
        in_class = in_class ? *p != ']' : *p == '[';
        cd_sql_add_slice(out, cd_slice_of(p, 1));
    }
    cd_sql_add(out, ")$");
    return true;
}

struct cd_pattern *cd_pattern_new(const char *key, const char *text, struct cd_error *err)
{
    struct cd_sql_text posix CD_AUTO(cd_sql_text_done) = {0};
    struct cd_pattern *pattern = cd_sql_new(sizeof(*pattern));
    int flags = REG_EXTENDED | REG_NOSUB;
    if (translate(text, &posix, &flags) &&
        regcomp(&pattern->compiled, cd_sql_text_get(&posix), flags) == 0)
        return pattern;
    free(pattern);
    (void)cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                     "Invalid value %s for configuration %s: not a regular expression that can be "
                     "used here (groups, classes, counts and alternatives can)",
                     text, key);
    return NULL;
}

void cd_pattern_free(struct cd_pattern *pattern)
{
    if (pattern == NULL)
        return;
    regfree(&pattern->compiled);
    free(pattern);
}

bool cd_pattern_matches(const struct cd_pattern *pattern, const char *subject)
{
    return regexec(&pattern->compiled, subject, 0, NULL, 0) == 0;
}
