#include "api/json.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

/* ---- writing ---- */

static const char short_escapes[128] = {
    ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\t'] = 't',
    ['\n'] = 'n', ['\f'] = 'f',  ['\r'] = 'r',
};

static bool needs_escape(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

void cd_json_slice(struct cd_buffer *out, struct cd_slice text)
{
    cd_buffer_char(out, '"');
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (!needs_escape(c))
            continue;
        cd_buffer_append(out, text.ptr + from, i - from);
        from = i + 1;
        if (short_escapes[c] != 0) {
            cd_buffer_char(out, '\\');
            cd_buffer_char(out, short_escapes[c]);
        } else {
            cd_buffer_printf(out, "\\u%04X", c);
        }
    }
    cd_buffer_append(out, text.ptr + from, text.len - from);
    cd_buffer_char(out, '"');
}

void cd_json_string(struct cd_buffer *out, const char *text)
{
    if (text == NULL)
        cd_buffer_text(out, "null");
    else
        cd_json_slice(out, cd_slice(text));
}

/* ---- where ---- */

#define SOURCE "Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"

static void append_location(struct cd_body_reader *reader, struct cd_buffer *out, size_t at)
{
    size_t line = 1;
    size_t line_start = 0;
    for (size_t i = 0; i < at && i < reader->len; i++) {
        if (reader->text[i] != '\n')
            continue;
        line++;
        line_start = i + 1;
    }
    cd_buffer_printf(out, "[" SOURCE "; line: %zu, column: %zu]", line, at - line_start + 1);
}

bool cd_body_fail(struct cd_body_reader *reader, size_t at, const char *fmt, ...)
{
    if (reader->failed)
        return false;
    reader->failed = true;
    va_list args;
    va_start(args, fmt);
    cd_buffer_vprintf(&reader->error, fmt, args);
    va_end(args);
    cd_buffer_text(&reader->error, "\n at ");
    append_location(reader, &reader->error, at);
    return false;
}

/* ---- characters ---- */

/* The code point at `at`, for messages; a byte that begins none counts for itself. */
static unsigned code_point(const struct cd_body_reader *reader, size_t at, size_t *ret_len)
{
    const unsigned char *bytes = (const unsigned char *)reader->text + at;
    size_t left = reader->len - at;
    static const struct {
        unsigned char mask, lead, len;
    } forms[] = {{0xe0, 0xc0, 2}, {0xf0, 0xe0, 3}, {0xf8, 0xf0, 4}};
    *ret_len = 1;
    for (size_t f = 0; f < 3; f++) {
        if ((bytes[0] & forms[f].mask) != forms[f].lead || left < forms[f].len)
            continue;
        unsigned code = bytes[0] & (unsigned char)~forms[f].mask;
        for (size_t i = 1; i < forms[f].len; i++)
            code = code << 6 | (bytes[i] & 0x3fu);
        *ret_len = forms[f].len;
        return code;
    }
    return bytes[0];
}

/* A character in a message must be valid UTF-8, whatever came in. */
static void append_code_point(struct cd_buffer *out, unsigned code)
{
    if (code >= 0xd800 && code < 0xe000)
        code = 0xfffd;
    if (code < 0x80) {
        cd_buffer_char(out, (char)code);
    } else if (code < 0x800) {
        cd_buffer_char(out, (char)(0xc0 | code >> 6));
        cd_buffer_char(out, (char)(0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
        cd_buffer_char(out, (char)(0xe0 | code >> 12));
        cd_buffer_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
        cd_buffer_char(out, (char)(0x80 | (code & 0x3f)));
    } else {
        cd_buffer_char(out, (char)(0xf0 | code >> 18));
        cd_buffer_char(out, (char)(0x80 | (code >> 12 & 0x3f)));
        cd_buffer_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
        cd_buffer_char(out, (char)(0x80 | (code & 0x3f)));
    }
}

static void append_described(struct cd_buffer *out, unsigned code)
{
    if (code < 0x20) {
        cd_buffer_printf(out, "(CTRL-CHAR, code %u)", code);
        return;
    }
    cd_buffer_char(out, '\'');
    append_code_point(out, code);
    cd_buffer_printf(out, "' (code %u", code);
    if (code > 255)
        cd_buffer_printf(out, " / 0x%x", code);
    cd_buffer_char(out, ')');
}

static bool unexpected(struct cd_body_reader *reader, const char *expected)
{
    size_t len;
    struct cd_buffer what CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    append_described(&what, code_point(reader, reader->at, &len));
    return cd_body_fail(reader, reader->at, "Unexpected character (%s)%s", what.ptr, expected);
}

static void skip_space(struct cd_body_reader *reader)
{
    while (reader->at < reader->len && strchr(" \t\r\n", reader->text[reader->at]) != NULL &&
           reader->text[reader->at] != '\0')
        reader->at++;
}

/* ---- strings ---- */

static bool fail_in_string(struct cd_body_reader *reader)
{
    reader->in_string = reader->token == CD_JSON_STRING;
    return false;
}

static bool read_hex4(struct cd_body_reader *reader, unsigned *ret)
{
    unsigned code = 0;
    for (int i = 0; i < 4; i++, reader->at++) {
        if (reader->at >= reader->len)
            return cd_body_fail(reader, reader->at,
                                "Unexpected end-of-input in character escape sequence");
        char c = reader->text[reader->at];
        if (!isxdigit((unsigned char)c))
            return unexpected(reader, ": expected a hex-digit for character escape sequence");
        code = code << 4 | (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    *ret = code;
    return true;
}

/* A lone surrogate becomes U+FFFD. NUL is refused: no text of a configuration can hold it. */
static bool read_unicode(struct cd_body_reader *reader)
{
    unsigned code;
    if (!read_hex4(reader, &code))
        return false;
    if (code == 0)
        return cd_body_fail(reader, reader->at, "A text must not contain the character U+0000");
    bool pair = code >= 0xd800 && code < 0xdc00 && reader->len - reader->at >= 6 &&
                reader->text[reader->at] == '\\' && reader->text[reader->at + 1] == 'u';
    if (pair) {
        size_t back = reader->at;
        unsigned low;
        reader->at += 2;
        if (!read_hex4(reader, &low))
            return false;
        if (low >= 0xdc00 && low < 0xe000)
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        else
            reader->at = back;
    }
    append_code_point(&reader->value, code);
    return true;
}

static bool read_escape(struct cd_body_reader *reader)
{
    static const char plain[128] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                    ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};
    reader->at++;
    if (reader->at >= reader->len)
        return cd_body_fail(reader, reader->at,
                            "Unexpected end-of-input in character escape sequence");
    unsigned char c = (unsigned char)reader->text[reader->at];
    if (c == 'u') {
        reader->at++;
        return read_unicode(reader);
    }
    if (c >= 128 || plain[c] == 0) {
        size_t len;
        struct cd_buffer what CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
        append_described(&what, code_point(reader, reader->at, &len));
        return cd_body_fail(reader, reader->at, "Unrecognized character escape %s", what.ptr);
    }
    cd_buffer_char(&reader->value, plain[c]);
    reader->at++;
    return true;
}

/* One character of more than a byte, checked. */
static bool read_utf8(struct cd_body_reader *reader)
{
    unsigned char lead = (unsigned char)reader->text[reader->at];
    size_t len = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4)
        return cd_body_fail(reader, reader->at + 1, "Invalid UTF-8 start byte 0x%02x", lead);
    for (size_t i = 1; i < len; i++) {
        if (reader->at + i >= reader->len)
            return cd_body_fail(reader, reader->len, "Unexpected end-of-input in VALUE_STRING");
        unsigned char c = (unsigned char)reader->text[reader->at + i];
        if ((c & 0xc0) != 0x80)
            return cd_body_fail(reader, reader->at + i + 1, "Invalid UTF-8 middle byte 0x%02x", c);
    }
    cd_buffer_append(&reader->value, reader->text + reader->at, len);
    reader->at += len;
    return true;
}

/* At the opening quote. */
static bool read_string(struct cd_body_reader *reader)
{
    cd_buffer_clear(&reader->value);
    cd_buffer_text(&reader->value, "");
    reader->at++;
    for (;;) {
        if (reader->at >= reader->len)
            return cd_body_fail(reader, reader->at, "Unexpected end-of-input in %s",
                                reader->token == CD_JSON_FIELD ? "field name" : "VALUE_STRING");
        unsigned char c = (unsigned char)reader->text[reader->at];
        if (c == '"')
            break;
        if (c < 0x20)
            return cd_body_fail(reader, reader->at,
                                "Illegal unquoted character ((CTRL-CHAR, code %u)): has to be "
                                "escaped using backslash to be included in %s",
                                c, reader->token == CD_JSON_FIELD ? "name" : "string value");
        if (c == '\\') {
            if (!read_escape(reader))
                return false;
        } else if (c >= 0x80) {
            if (!read_utf8(reader))
                return false;
        } else {
            cd_buffer_char(&reader->value, (char)c);
            reader->at++;
        }
    }
    reader->at++;
    return true;
}

/* ---- numbers and words ---- */

static bool digit_at(const struct cd_body_reader *reader)
{
    return reader->at < reader->len && isdigit((unsigned char)reader->text[reader->at]);
}

static bool want_digit(struct cd_body_reader *reader, const char *expected)
{
    if (digit_at(reader))
        return true;
    if (reader->at >= reader->len)
        return cd_body_fail(reader, reader->at, "Unexpected end-of-input in numeric value");
    return unexpected(reader, expected);
}

static void skip_digits(struct cd_body_reader *reader)
{
    while (digit_at(reader))
        reader->at++;
}

static bool char_at(const struct cd_body_reader *reader, const char *set)
{
    return reader->at < reader->len && reader->text[reader->at] != '\0' &&
           strchr(set, reader->text[reader->at]) != NULL;
}

static bool read_fraction(struct cd_body_reader *reader)
{
    if (char_at(reader, ".")) {
        reader->token = CD_JSON_FLOAT;
        reader->at++;
        if (!want_digit(reader, " in numeric value: Decimal point not followed by a digit"))
            return false;
        skip_digits(reader);
    }
    if (char_at(reader, "eE")) {
        reader->token = CD_JSON_FLOAT;
        reader->at++;
        if (char_at(reader, "+-"))
            reader->at++;
        if (!want_digit(reader, " in numeric value: Exponent indicator not followed by a digit"))
            return false;
        skip_digits(reader);
    }
    return true;
}

static bool read_number(struct cd_body_reader *reader)
{
    size_t from = reader->at;
    reader->token = CD_JSON_INT;
    if (char_at(reader, "-")) {
        reader->at++;
        if (!want_digit(reader, " in numeric value: expected digit (0-9) to follow minus sign, for "
                                "valid numeric value"))
            return false;
    }
    bool zero = char_at(reader, "0");
    reader->at++;
    if (zero && digit_at(reader))
        return cd_body_fail(reader, reader->at,
                            "Invalid numeric value: Leading zeroes not allowed");
    skip_digits(reader);
    if (!read_fraction(reader))
        return false;
    if (reader->at < reader->len && !char_at(reader, " \t\r\n,]}:"))
        return unexpected(reader, ": Expected space separating root-level values");
    cd_buffer_clear(&reader->value);
    cd_buffer_append(&reader->value, reader->text + from, reader->at - from);
    return true;
}

static bool is_word_char(const struct cd_body_reader *reader, size_t at)
{
    unsigned char c = (unsigned char)reader->text[at];
    return isalnum(c) || c == '_' || c == '$' || c >= 0x80;
}

static bool unrecognized(struct cd_body_reader *reader)
{
    struct cd_buffer word CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    size_t at = reader->start;
    while (at < reader->len && is_word_char(reader, at) && word.len < 256) {
        size_t len;
        append_code_point(&word, code_point(reader, at, &len));
        at += len;
    }
    if (word.len == 0) {
        reader->at = reader->start;
        return unexpected(reader, ": expected a valid value (JSON String, Number, Array, Object or "
                                  "token 'null', 'true' or 'false')");
    }
    if (strcmp(word.ptr, "NaN") == 0 || strcmp(word.ptr, "Infinity") == 0)
        return cd_body_fail(
            reader, at,
            "Non-standard token '%s': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow",
            word.ptr);
    /* Jackson has read the character that ended the word, if there was one. */
    return cd_body_fail(reader, at < reader->len ? at + 1 : at,
                        "Unrecognized token '%s': was expecting (JSON String, Number, Array, "
                        "Object or token 'null', 'true' or 'false')",
                        word.ptr);
}

static bool read_word(struct cd_body_reader *reader)
{
    static const struct {
        const char *word;
        enum cd_body_token token;
    } words[] = {{"true", CD_JSON_TRUE}, {"false", CD_JSON_FALSE}, {"null", CD_JSON_NULL}};
    for (size_t i = 0; i < 3; i++) {
        size_t len = strlen(words[i].word);
        if (reader->len - reader->at < len ||
            memcmp(reader->text + reader->at, words[i].word, len) != 0)
            continue;
        if (reader->at + len < reader->len && is_word_char(reader, reader->at + len))
            continue;
        reader->at += len;
        reader->token = words[i].token;
        return true;
    }
    return unrecognized(reader);
}

/* ---- structure ---- */

static struct cd_body_level *level_of(struct cd_body_reader *reader)
{
    return reader->depth == 0 ? NULL : &reader->levels[reader->depth - 1];
}

static bool read_end(struct cd_body_reader *reader)
{
    struct cd_body_level *level = level_of(reader);
    if (level == NULL) {
        reader->token = CD_JSON_END;
        return true;
    }
    if (level->in_pair)
        return cd_body_fail(reader, reader->at, "Unexpected end-of-input within/between %s",
                            "Object entries");
    struct cd_buffer where CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    append_location(reader, &where, level->start);
    /* append_location's brackets serve both places */
    return cd_body_fail(
        reader, reader->at,
        "Unexpected end-of-input: expected close marker for %s (start marker at %s)",
        level->is_object ? "Object" : "Array", where.ptr);
}

static bool read_open(struct cd_body_reader *reader, bool is_object)
{
    if (reader->depth == CD_JSON_DEPTH_MAX)
        return cd_body_fail(reader, reader->at,
                            "Document nesting depth (%d) exceeds the maximum allowed (%d)",
                            CD_JSON_DEPTH_MAX + 1, CD_JSON_DEPTH_MAX);
    reader->levels[reader->depth++] =
        (struct cd_body_level){.is_object = is_object, .start = reader->at};
    reader->token = is_object ? CD_JSON_OBJECT : CD_JSON_ARRAY;
    reader->at++;
    return true;
}

static bool read_close(struct cd_body_reader *reader, char c)
{
    struct cd_body_level *level = level_of(reader);
    if (level == NULL)
        return cd_body_fail(reader, reader->at, "Unexpected close marker '%c': no open %s to close",
                            c, c == '}' ? "Object" : "Array");
    if (level->is_object != (c == '}')) {
        struct cd_buffer where CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
        append_location(reader, &where, level->start);
        return cd_body_fail(reader, reader->at,
                            "Unexpected close marker '%c': expected '%c' (for %s starting at %s)",
                            c, level->is_object ? '}' : ']', level->is_object ? "Object" : "Array",
                            where.ptr);
    }
    reader->token = level->is_object ? CD_JSON_OBJECT_END : CD_JSON_ARRAY_END;
    reader->depth--;
    reader->at++;
    return true;
}

static bool read_field(struct cd_body_reader *reader, struct cd_body_level *level)
{
    if (!char_at(reader, "\""))
        return unexpected(reader, ": was expecting double-quote to start field name");
    reader->token = CD_JSON_FIELD;
    if (!read_string(reader))
        return fail_in_string(reader);
    level->in_pair = true;
    skip_space(reader);
    if (reader->at >= reader->len)
        return read_end(reader);
    if (!char_at(reader, ":"))
        return unexpected(reader, ": was expecting a colon to separate field name and value");
    reader->at++;
    return true;
}

static bool read_value(struct cd_body_reader *reader)
{
    char c = reader->text[reader->at];
    switch (c) {
    case '{':
    case '[':
        return read_open(reader, c == '{');
    case '"':
        reader->token = CD_JSON_STRING;
        return read_string(reader) || fail_in_string(reader);
    case ',':
    case ':':
    case '}':
    case ']':
        return unexpected(reader, ": expected a value");
    case '/':
        return unexpected(reader, ": maybe a (non-standard) comment? (not recognized as one since "
                                  "Feature 'ALLOW_COMMENTS' not enabled for parser)");
    case '+':
        reader->at++;
        if (digit_at(reader)) {
            return cd_body_fail(
                reader, reader->at,
                "Unexpected character ('+' (code 43)) in numeric value: JSON spec does not allow "
                "numbers to have plus signs: enable "
                "`JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow");
        }
        reader->at--;
        return unexpected(reader, ": expected a valid value (JSON String, Number, Array, Object or "
                                  "token 'null', 'true' or 'false')");
    default:
        return c == '-' || isdigit((unsigned char)c) ? read_number(reader) : read_word(reader);
    }
}

void cd_body_open(struct cd_body_reader *reader, const char *text, size_t len)
{
    memset(reader, 0, sizeof(*reader));
    reader->text = text == NULL ? "" : text;
    reader->len = len;
}

void cd_body_close(struct cd_body_reader *reader)
{
    cd_buffer_done(&reader->value);
    cd_buffer_done(&reader->error);
}

/* Between the entries of an object or array: the comma. */
static bool read_separator(struct cd_body_reader *reader, const struct cd_body_level *level)
{
    if (!char_at(reader, ","))
        return unexpected(reader, level->is_object
                                      ? ": was expecting comma to separate Object entries"
                                      : ": was expecting comma to separate Array entries");
    reader->at++;
    skip_space(reader);
    return true;
}

bool cd_body_next(struct cd_body_reader *reader)
{
    if (reader->failed)
        return false;
    skip_space(reader);
    reader->start = reader->at;
    if (reader->at >= reader->len)
        return read_end(reader);
    struct cd_body_level *level = level_of(reader);
    if (level != NULL && level->in_pair) {
        level->in_pair = false;
        return read_value(reader);
    }
    if (char_at(reader, "}]"))
        return read_close(reader, reader->text[reader->at]);
    if (level == NULL)
        return read_value(reader);
    if (level->filled && !read_separator(reader, level))
        return false;
    level->filled = true;
    reader->start = reader->at;
    if (reader->at >= reader->len)
        return read_end(reader);
    return level->is_object ? read_field(reader, level) : read_value(reader);
}

static bool ends_value(enum cd_body_token token)
{
    return token == CD_JSON_OBJECT_END || token == CD_JSON_ARRAY_END;
}

bool cd_body_skip(struct cd_body_reader *reader)
{
    if (reader->token != CD_JSON_OBJECT && reader->token != CD_JSON_ARRAY)
        return true;
    for (size_t depth = reader->depth - 1; !(ends_value(reader->token) && reader->depth == depth);)
        if (!cd_body_next(reader))
            return false;
    return true;
}

static void copy_token(const struct cd_body_reader *reader, struct cd_buffer *out)
{
    static const char *const fixed[] = {
        [CD_JSON_OBJECT] = "{",    [CD_JSON_OBJECT_END] = "}", [CD_JSON_ARRAY] = "[",
        [CD_JSON_ARRAY_END] = "]", [CD_JSON_TRUE] = "true",    [CD_JSON_FALSE] = "false",
        [CD_JSON_NULL] = "null",
    };
    if (reader->token == CD_JSON_FIELD || reader->token == CD_JSON_STRING)
        cd_json_slice(out, cd_buffer_view(&reader->value));
    else if (reader->token == CD_JSON_INT || reader->token == CD_JSON_FLOAT)
        cd_buffer_slice(out, cd_buffer_view(&reader->value));
    else
        cd_buffer_text(out, fixed[reader->token]);
}

/* Is a comma due before the current token? */
static bool needs_comma(const struct cd_buffer *out, size_t from, enum cd_body_token token)
{
    if (ends_value(token) || out->len == from)
        return false;
    char last = out->ptr[out->len - 1];
    return last != '{' && last != '[' && last != ':';
}

bool cd_body_copy(struct cd_body_reader *reader, struct cd_buffer *out)
{
    size_t from = out->len;
    size_t depth = reader->depth;
    bool nested = reader->token == CD_JSON_OBJECT || reader->token == CD_JSON_ARRAY;
    for (;;) {
        if (needs_comma(out, from, reader->token))
            cd_buffer_char(out, ',');
        copy_token(reader, out);
        if (reader->token == CD_JSON_FIELD)
            cd_buffer_char(out, ':');
        if (!nested || (ends_value(reader->token) && reader->depth < depth))
            return true;
        if (!cd_body_next(reader))
            return false;
    }
}
