#include "api/uri.h"

#include "base/alloc.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The byte of the escape at `at`, or -1. */
static int escaped_byte(struct cd_slice text, size_t at)
{
    if (text.len - at < 3)
        return -1;
    int high = hex_digit(text.ptr[at + 1]);
    int low = hex_digit(text.ptr[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static size_t sequence_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* Neither overlong forms nor surrogates nor anything beyond U+10FFFF. */
static bool second_byte_fits(unsigned char lead, unsigned char second)
{
    switch (lead) {
    case 0xe0:
        return second >= 0xa0;
    case 0xed:
        return second < 0xa0;
    case 0xf0:
        return second >= 0x90;
    case 0xf4:
        return second < 0x90;
    default:
        return true;
    }
}

static bool utf8_valid(struct cd_slice text)
{
    const unsigned char *bytes = (const unsigned char *)text.ptr;
    for (size_t i = 0; i < text.len;) {
        size_t len = sequence_length(bytes[i]);
        if (len == 0 || text.len - i < len)
            return false;
        for (size_t k = 1; k < len; k++)
            if ((bytes[i + k] & 0xc0) != 0x80)
                return false;
        if (len > 1 && !second_byte_fits(bytes[i], bytes[i + 1]))
            return false;
        i += len;
    }
    return true;
}

/* ---- the path ---- */

static bool segment_allowed(struct cd_slice segment)
{
    for (size_t i = 0; i < segment.len; i++) {
        unsigned char c = (unsigned char)segment.ptr[i];
        if (c <= 0x20 || c >= 0x7f || strchr("|\"<>[]{}^`\\", c) != NULL)
            return false;
        if (c != '%')
            continue;
        int byte = escaped_byte(segment, i);
        if (byte < 0x20 || byte == 0x7f)
            return false;
        i += 2;
    }
    char *text CD_AUTO_FREE = cd_uri_decode(segment);
    bool dots = strcmp(text, ".") == 0 || strcmp(text, "..") == 0;
    return !dots && utf8_valid(cd_slice(text));
}

/* A parameter is cut off: "a;v=1" is "a". */
static struct cd_slice without_parameters(struct cd_slice segment)
{
    const char *semicolon = memchr(segment.ptr, ';', segment.len);
    if (semicolon != NULL)
        segment.len = (size_t)(semicolon - segment.ptr);
    return segment;
}

static int split_path(struct cd_slice path, struct cd_uri *ret, const char **ret_problem)
{
    size_t at = 1; /* after the first slash */
    while (at < path.len) {
        const char *slash = memchr(path.ptr + at, '/', path.len - at);
        size_t end = slash == NULL ? path.len : (size_t)(slash - path.ptr);
        struct cd_slice segment = cd_slice_of(path.ptr + at, end - at);
        if (segment.len == 0) {
            *ret_problem = "Ambiguous URI empty segment";
            return 400;
        }
        if (!segment_allowed(segment)) {
            *ret_problem = "Bad Request";
            return 400;
        }
        if (ret->count < CD_URI_SEGMENTS_MAX)
            ret->segments[ret->count] = without_parameters(segment);
        if (ret->count <= CD_URI_SEGMENTS_MAX)
            ret->count++;
        at = end + 1; /* one trailing slash means the same as none */
    }
    return 0;
}

/* "http://host/path" is legal in a request line. */
static const char *skip_authority(const char *target)
{
    if (strncasecmp(target, "http://", 7) != 0 && strncasecmp(target, "https://", 8) != 0)
        return target;
    const char *path = strchr(strchr(target, ':') + 3, '/');
    return path == NULL ? "/" : path;
}

int cd_uri_parse(const char *target, struct cd_uri *ret, const char **ret_problem)
{
    *ret = (struct cd_uri){.count = 0};
    *ret_problem = "Bad Request";
    if (strlen(target) > CD_URI_LENGTH_MAX) {
        *ret_problem = "URI Too Long";
        return 414;
    }
    const char *path = skip_authority(target);
    if (*path != '/')
        return 400;
    size_t len = strcspn(path, "?#");
    if (path[len] == '?')
        ret->query = cd_slice_of(path + len + 1, strcspn(path + len + 1, "#"));
    return split_path(cd_slice_of(path, len), ret, ret_problem);
}

static char *decode(struct cd_slice text, bool plus_is_space)
{
    char *out = cd_alloc(text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        int byte = text.ptr[i] == '%' ? escaped_byte(text, i) : -1;
        if (byte > 0) {
            out[len++] = (char)byte;
            i += 2;
        } else {
            out[len++] = plus_is_space && text.ptr[i] == '+' ? ' ' : text.ptr[i];
        }
    }
    return out;
}

char *cd_uri_decode(struct cd_slice segment)
{
    return decode(segment, /* plus_is_space = */ false);
}

bool cd_uri_int(struct cd_slice segment, int32_t *ret)
{
    char *text CD_AUTO_FREE = cd_uri_decode(segment);
    const char *digits = *text == '-' || *text == '+' ? text + 1 : text;
    if (*digits == '\0' || strspn(digits, "0123456789") != strlen(digits))
        return false;
    errno = 0;
    long long value = strtoll(text, NULL, 10);
    if (errno != 0 || value < INT32_MIN || value > INT32_MAX)
        return false;
    *ret = (int32_t)value;
    return true;
}

/* ---- the query ---- */

/* Splits the next "name=value" off; false at the end. */
static bool next_param(struct cd_slice *rest, struct cd_slice *ret_name, struct cd_slice *ret_value)
{
    if (rest->ptr == NULL || rest->len == 0)
        return false;
    const char *amp = memchr(rest->ptr, '&', rest->len);
    size_t len = amp == NULL ? rest->len : (size_t)(amp - rest->ptr);
    const char *equals = memchr(rest->ptr, '=', len);
    size_t name_len = equals == NULL ? len : (size_t)(equals - rest->ptr);
    *ret_name = cd_slice_of(rest->ptr, name_len);
    *ret_value = equals == NULL ? cd_slice("") : cd_slice_of(equals + 1, len - name_len - 1);
    size_t used = amp == NULL ? len : len + 1;
    *rest = cd_slice_of(rest->ptr + used, rest->len - used);
    return true;
}

char *cd_uri_param(const struct cd_uri *uri, const char *name, size_t n)
{
    struct cd_slice rest = uri->query;
    struct cd_slice raw_name;
    struct cd_slice raw_value;
    while (next_param(&rest, &raw_name, &raw_value)) {
        char *decoded CD_AUTO_FREE = decode(raw_name, /* plus_is_space = */ true);
        if (strcmp(decoded, name) == 0 && n-- == 0)
            return decode(raw_value, /* plus_is_space = */ true);
    }
    return NULL;
}

bool cd_uri_flag(const struct cd_uri *uri, const char *name, bool blank)
{
    char *value CD_AUTO_FREE = cd_uri_param(uri, name, 0);
    if (value == NULL || *value == '\0')
        return blank;
    return strcasecmp(value, "true") == 0;
}

/* ---- Location ---- */

void cd_uri_encode_name(struct cd_buffer *out, const char *name)
{
    for (const char *c = name; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;
        /* What JAX-RS leaves as it is, '/' included; the rest is encoded, braces too. */
        if (isalnum(byte) || strchr("-._~/;&=+:@,!$'()*", byte) != NULL)
            cd_buffer_char(out, *c);
        else
            cd_buffer_printf(out, "%%%02X", byte);
    }
}
