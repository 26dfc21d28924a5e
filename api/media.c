#include "api/media.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* One "type/subtype" at the beginning of `text`. */
struct range {
    const char *type;
    size_t type_len;
    const char *subtype;
    size_t subtype_len;
    size_t used; /* up to the next ',' or the end */
    bool ok;
};

static size_t token_length(const char *text)
{
    size_t len = 0;
    while (text[len] != '\0' &&
           (isalnum((unsigned char)text[len]) != 0 || strchr("!#$%&'*+-.^_`|~", text[len]) != NULL))
        len++;
    return len;
}

static size_t spaces(const char *text)
{
    return strspn(text, " \t");
}

/* Where the range ends: a comma that stands in no quotes. */
static size_t range_end(const char *text)
{
    bool quoted = false;
    size_t at = 0;
    for (; text[at] != '\0' && (quoted || text[at] != ','); at++)
        if (text[at] == '"')
            quoted = !quoted;
    return at;
}

static struct range read_range(const char *text)
{
    struct range range = {.used = range_end(text)};
    const char *at = text + spaces(text);
    range.type = at;
    range.type_len = token_length(at);
    at += range.type_len;
    if (*at != '/')
        return range;
    range.subtype = at + 1;
    range.subtype_len = token_length(at + 1);
    at += 1 + range.subtype_len;
    at += spaces(at);
    range.ok =
        range.type_len > 0 && range.subtype_len > 0 && (*at == '\0' || *at == ';' || *at == ',');
    return range;
}

static bool is_token(const char *token, size_t len, const char *text)
{
    return (len == 1 && *token == '*') ||
           (len == strlen(text) && strncasecmp(token, text, len) == 0);
}

enum cd_media cd_media_type(const char *header)
{
    struct range range = read_range(header);
    if (!range.ok || header[range.used] != '\0')
        return CD_MEDIA_BROKEN;
    return is_token(range.type, range.type_len, "application") &&
                   is_token(range.subtype, range.subtype_len, "json")
               ? CD_MEDIA_JSON
               : CD_MEDIA_OTHER;
}

bool cd_media_accepts(const char *header, const char *type, const char *subtype)
{
    if (header[spaces(header)] == '\0')
        return true;
    for (const char *at = header;; at++) {
        struct range range = read_range(at);
        if (range.ok && is_token(range.type, range.type_len, type) &&
            is_token(range.subtype, range.subtype_len, subtype))
            return true;
        at += range.used;
        if (*at == '\0')
            return false;
    }
}
