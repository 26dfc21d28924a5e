#include "config/properties.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/map.h"
#include "compat/utf.h"

struct cd_config {
    struct cd_strmap map; /* char *, or `null_value` */
};

/* Stands for a null: the map itself could not tell it from an absent key. */
static char null_value[1];

static void free_value(void *value)
{
    if (value != null_value)
        free(value);
}

static const char *text_of(void *value)
{
    return value == null_value ? NULL : value;
}

struct cd_config *cd_config_new(void)
{
    struct cd_config *config = cd_new(struct cd_config);
    cd_strmap_init(&config->map, free_value);
    return config;
}

struct cd_config *cd_config_copy(const struct cd_config *config)
{
    if (config == NULL)
        return NULL;
    struct cd_config *copy = cd_config_new();
    cd_config_merge(copy, config);
    return copy;
}

void cd_config_free(struct cd_config *config)
{
    if (config == NULL)
        return;
    cd_strmap_done(&config->map);
    free(config);
}

void cd_config_freep(struct cd_config **config)
{
    cd_config_free(*config);
}

size_t cd_config_count(const struct cd_config *config)
{
    return cd_strmap_count(&config->map);
}

bool cd_config_has(const struct cd_config *config, const char *key)
{
    return cd_strmap_get(&config->map, key) != NULL;
}

const char *cd_config_get(const struct cd_config *config, const char *key)
{
    return text_of(cd_strmap_get(&config->map, key));
}

void cd_config_set(struct cd_config *config, const char *key, const char *value)
{
    (void)cd_strmap_put(&config->map, key, value == NULL ? null_value : cd_strdup(value));
}

void cd_config_remove(struct cd_config *config, const char *key)
{
    (void)cd_strmap_remove(&config->map, key); /* absent is as good */
}

void cd_config_merge(struct cd_config *config, const struct cd_config *from)
{
    for (struct cd_config_iter it = {0}; cd_config_next(from, &it);)
        cd_config_set(config, it.key, it.value);
}

struct cd_config *cd_config_strip(const struct cd_config *config, const char *prefix)
{
    struct cd_config *stripped = cd_config_new();
    size_t len = strlen(prefix);
    for (struct cd_config_iter it = {0}; cd_config_next(config, &it);)
        if (strncmp(it.key, prefix, len) == 0)
            cd_config_set(stripped, it.key + len, it.value);
    return stripped;
}

bool cd_config_equal(const struct cd_config *a, const struct cd_config *b)
{
    if (cd_config_count(a) != cd_config_count(b))
        return false;
    for (struct cd_config_iter it = {0}; cd_config_next(a, &it);) {
        const char *other = cd_config_get(b, it.key);
        if (!cd_config_has(b, it.key) || (other == NULL) != (it.value == NULL))
            return false;
        if (other != NULL && strcmp(other, it.value) != 0)
            return false;
    }
    return true;
}

bool cd_config_next(const struct cd_config *config, struct cd_config_iter *it)
{
    struct cd_strmap_iter inner = {.at = it->at};
    if (!cd_strmap_next(&config->map, &inner))
        return false;
    *it = (struct cd_config_iter){inner.at, inner.key, text_of(inner.value)};
    return true;
}

/* ---- java.util.Properties ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

struct reader {
    const char *at;
    const char *end;
    unsigned line_no; /* of the natural line that `at` is in */
};

static void skip_blanks(struct reader *in)
{
    while (in->at < in->end && is_blank(*in->at))
        in->at++;
}

static void skip_line_end(struct reader *in)
{
    if (in->at == in->end)
        return;
    if (*in->at == '\r' && in->end - in->at > 1 && in->at[1] == '\n')
        in->at++;
    in->at++;
    in->line_no++;
}

/* Appends the rest of a natural line; true if it ends in a backslash that joins the next one. */
static bool take_natural_line(struct reader *in, struct cd_buffer *line)
{
    const char *start = in->at;
    bool escaped = false;
    for (; in->at < in->end && !is_line_end(*in->at); in->at++)
        escaped = *in->at == '\\' && !escaped;
    cd_buffer_append(line, start, (size_t)(in->at - start) - (escaped ? 1 : 0));
    skip_line_end(in);
    return escaped;
}

/* The next logical line without its leading blanks; false at the end. Comments and blank lines are
 * passed over; a joined line is never a comment. */
static bool next_logical_line(struct reader *in, struct cd_buffer *line)
{
    cd_buffer_clear(line);
    while (in->at < in->end) {
        skip_blanks(in);
        bool comment = in->at < in->end && (*in->at == '#' || *in->at == '!');
        bool joined = take_natural_line(in, line);
        if (comment) {
            cd_buffer_clear(line);
            continue;
        }
        while (joined && in->at < in->end) {
            skip_blanks(in);
            joined = take_natural_line(in, line);
        }
        if (line->len > 0)
            return true;
    }
    return false;
}

static bool take_hex_unit(const char *at, const char *end, uint32_t *ret)
{
    if (end - at < 4)
        return false;
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        uint32_t digit;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (uint32_t)(c - 'a') + 10;
        else if (c >= 'A' && c <= 'F')
            digit = (uint32_t)(c - 'A') + 10;
        else
            return false;
        unit = unit << 4 | digit;
    }
    *ret = unit;
    return true;
}

static void append_code_point(struct cd_buffer *out, uint32_t code_point)
{
    char bytes[4];
    cd_buffer_append(out, bytes, cd_utf_put(code_point, bytes));
}

static char control_escape(char c)
{
    switch (c) {
    case 't':
        return '\t';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 'f':
        return '\f';
    default:
        return c;
    }
}

/* Resolves escapes and, of ISO-8859-1, the upper half. */
static bool unescape(struct cd_slice text, bool utf8, struct cd_buffer *out, struct cd_error *err)
{
    const char *end = text.ptr + text.len;
    bool surrogates = false;
    cd_buffer_clear(out);
    cd_buffer_text(out, "");
    for (const char *at = text.ptr; at < end; at++) {
        uint32_t unit = (unsigned char)*at;
        if (*at == '\\' && end - at > 1 && at[1] == 'u') {
            if (!take_hex_unit(at + 2, end, &unit))
                return cd_fail_as(err, CD_ERR_CONFIG, "IllegalArgumentException",
                                  "Malformed \\uxxxx encoding.");
            at += 5;
            if (unit == 0)
                return cd_fail(err, CD_ERR_CONFIG, "\\u0000 cannot be part of a setting");
            surrogates |= (unit & 0xF800) == 0xD800;
            append_code_point(out, unit);
        } else if (*at == '\\' && end - at > 1) {
            at++;
            unit = (unsigned char)control_escape(*at);
            if (unit < 0x80 || utf8)
                cd_buffer_char(out, (char)unit);
            else
                append_code_point(out, unit);
        } else if (unit < 0x80 || utf8) {
            cd_buffer_char(out, *at);
        } else {
            append_code_point(out, unit);
        }
    }
    if (surrogates) { /* pairs arrive as two escapes */
        struct cd_buffer joined CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
        cd_wtf8_join(cd_buffer_view(out), &joined);
        cd_buffer_clear(out);
        cd_buffer_slice(out, cd_buffer_view(&joined));
    }
    return true;
}

/* Where the key ends and the value begins. */
static void split_line(struct cd_slice line, struct cd_slice *ret_key, struct cd_slice *ret_value)
{
    const char *end = line.ptr + line.len;
    const char *at = line.ptr;
    bool escaped = false;
    for (; at < end; at++) {
        if (!escaped && (*at == '=' || *at == ':' || is_blank(*at)))
            break;
        escaped = *at == '\\' && !escaped;
    }
    *ret_key = cd_slice_of(line.ptr, (size_t)(at - line.ptr));
    while (at < end && is_blank(*at))
        at++;
    if (at < end && (*at == '=' || *at == ':'))
        at++;
    while (at < end && is_blank(*at))
        at++;
    *ret_value = cd_slice_of(at, (size_t)(end - at));
}

static bool parse_lines(struct reader *in, bool utf8, struct cd_config *into, struct cd_error *err)
{
    struct cd_buffer line CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    struct cd_buffer key CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    struct cd_buffer value CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    unsigned line_no = in->line_no;
    while (next_logical_line(in, &line)) {
        struct cd_slice raw_key, raw_value;
        split_line(cd_buffer_view(&line), &raw_key, &raw_value);
        if (!unescape(raw_key, utf8, &key, err) || !unescape(raw_value, utf8, &value, err))
            return cd_fail_while(err, "between lines %u and %u", line_no, in->line_no - 1);
        cd_config_set(into, key.ptr, value.ptr);
        line_no = in->line_no;
    }
    return true;
}

bool cd_properties_parse(struct cd_slice text, bool utf8, struct cd_config *into,
                         struct cd_error *err)
{
    struct cd_buffer decoded CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    if (text.len == 0)
        return true;
    if (memchr(text.ptr, '\0', text.len) != NULL)
        return cd_fail(err, CD_ERR_CONFIG, "holds a NUL byte, so it is no text");
    if (utf8 && !cd_utf8_valid(text)) {
        cd_java_utf8_decode(text, &decoded);
        text = cd_buffer_view(&decoded);
    }
    struct reader in = {text.ptr, text.ptr + text.len, 1};
    return parse_lines(&in, utf8, into, err);
}

bool cd_properties_load(const char *path, bool utf8, struct cd_config *into, struct cd_error *err)
{
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    if (!cd_file_read(path, &text, err))
        return false;
    if (!cd_properties_parse(cd_buffer_view(&text), utf8, into, err))
        return cd_fail_while(err, "'%s'", path);
    return true;
}

bool cd_file_read(const char *path, struct cd_buffer *into, struct cd_error *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return cd_fail_as(err, CD_ERR_CONFIG, strerrorname_np(errno), "cannot open '%s': %s", path,
                          strerror(errno));
    size_t got;
    do {
        got = fread(cd_buffer_reserve(into, 65536), 1, 65536, file);
        into->len += got;
    } while (got > 0);
    bool failed = ferror(file) != 0;
    int why = errno;
    (void)fclose(file); /* only read */
    if (failed)
        return cd_fail_as(err, CD_ERR_CONFIG, strerrorname_np(why), "cannot read '%s': %s", path,
                          strerror(why));
    cd_buffer_text(into, "");
    return true;
}
