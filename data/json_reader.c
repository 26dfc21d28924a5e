#include "data/json_reader.h"

#include "base/buffer.h"
#include "compat/charset.h"
#include "data/json_text.h"

#define NUMBER_DIGITS_MAX 1000
#define EXPONENT_DIGITS_MAX 10 /* java.math.BigDecimal refuses more, leading zeros aside */

static const char too_many_digits[] = "a number has more than 1000 digits";

enum expects {
    EXPECTS_VALUE,  /* at the top, after a name */
    EXPECTS_FIRST,  /* just behind an opening bracket */
    EXPECTS_FURTHER /* a comma or a closing bracket; at the top: nothing any more */
};

enum cd_json_token cd_json_refuse(struct cd_json_reader *json, const char *why)
{
    (void)cd_fail_as(json->err, CD_ERR_DATA, "DataException",
                     "Converting byte[] to Kafka Connect data failed due to serialization error: "
                     "%s",
                     why);
    json->at = json->end;
    return json->token = CD_JSON_BAD;
}

/* ---- encodings ---- */

struct encoding {
    enum cd_charset set;
    size_t mark; /* bytes of its byte-order mark, if there is one */
};

/* Jackson's rules: a mark, or where the zero bytes are among the first four. */
static struct encoding detect(const unsigned char *b, size_t len)
{
    if (len >= 4) {
        if (b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf)
            return (struct encoding){CD_CHARSET_UTF8, 3};
        if (b[0] == 0xff && b[1] == 0xfe && b[2] == 0 && b[3] == 0)
            return (struct encoding){CD_CHARSET_UTF32LE, 4};
        if (b[0] == 0 && b[1] == 0 && b[2] == 0xfe && b[3] == 0xff)
            return (struct encoding){CD_CHARSET_UTF32BE, 4};
        if (b[0] == 0xfe && b[1] == 0xff)
            return (struct encoding){CD_CHARSET_UTF16BE, 2};
        if (b[0] == 0xff && b[1] == 0xfe)
            return (struct encoding){CD_CHARSET_UTF16LE, 2};
        if (b[0] == 0 && b[1] == 0 && b[2] == 0)
            return (struct encoding){CD_CHARSET_UTF32BE, 0};
        if (b[1] == 0 && b[2] == 0 && b[3] == 0)
            return (struct encoding){CD_CHARSET_UTF32LE, 0};
    }
    if (len >= 2 && b[0] == 0)
        return (struct encoding){CD_CHARSET_UTF16BE, 0};
    if (len >= 2 && b[1] == 0)
        return (struct encoding){CD_CHARSET_UTF16LE, 0};
    return (struct encoding){CD_CHARSET_UTF8, 0};
}

static bool decode_all(struct cd_json_reader *json, enum cd_charset set, struct cd_slice text)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer utf8 = CD_BUFFER_INIT;
    cd_charset_decode(set, text, &utf8);
    struct cd_slice copy = cd_arena_copy(json->arena, cd_buffer_view(&utf8), json->err);
    json->at = copy.ptr;
    json->end = copy.ptr + copy.len;
    return copy.ptr != NULL;
}

bool cd_json_reader_init(struct cd_json_reader *json, struct cd_slice text, struct cd_arena *arena,
                         struct cd_error *err)
{
    json->arena = arena;
    json->err = err;
    json->depth = 0;
    json->expects = EXPECTS_VALUE;
    json->token = CD_JSON_MISSING;
    struct encoding encoding = detect((const unsigned char *)text.ptr, text.len);
    text = cd_slice_of(text.ptr + encoding.mark, text.len - encoding.mark);
    if (encoding.set != CD_CHARSET_UTF8)
        return decode_all(json, encoding.set, text);
    json->at = text.ptr;
    json->end = text.ptr + text.len;
    return true;
}

/* ---- containers ---- */

static bool inside_object(const struct cd_json_reader *json)
{
    uint32_t level = json->depth - 1;
    return (json->in_object[level / 64] >> (level % 64) & 1) != 0;
}

static enum cd_json_token open_container(struct cd_json_reader *json, bool object)
{
    if (json->depth >= CD_JSON_DEPTH_MAX)
        return cd_json_refuse(json, "it is nested more than 1000 levels deep");
    uint64_t bit = UINT64_C(1) << (json->depth % 64);
    uint64_t *word = &json->in_object[json->depth / 64];
    *word = object ? *word | bit : *word & ~bit;
    json->depth++;
    json->at++;
    json->expects = EXPECTS_FIRST;
    return json->token = object ? CD_JSON_OBJECT : CD_JSON_ARRAY;
}

static enum cd_json_token close_container(struct cd_json_reader *json, bool object)
{
    json->depth--;
    json->at++;
    json->expects = EXPECTS_FURTHER;
    return json->token = object ? CD_JSON_OBJECT_END : CD_JSON_ARRAY_END;
}

static void skip_blanks(struct cd_json_reader *json)
{
    const char *at = json->at;
    while (at < json->end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    json->at = at;
}

static int peek(const struct cd_json_reader *json)
{
    return json->at < json->end ? (unsigned char)*json->at : -1;
}

/* ---- scalars ---- */

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* At the top a number must be followed by white space, though what comes then is not looked at. */
static bool ends_well(const struct cd_json_reader *json)
{
    int c = peek(json);
    return json->depth > 0 || c == -1 || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static size_t pass_digits(struct cd_json_reader *json)
{
    const char *start = json->at;
    while (is_digit(peek(json)))
        json->at++;
    return (size_t)(json->at - start);
}

/* Up to 10 digits and a sign; false: BigDecimal would refuse it. `digits` counts all of them. */
static bool pass_exponent(struct cd_json_reader *json, size_t fraction_digits, size_t *digits)
{
    bool negative = peek(json) == '-';
    if (negative || peek(json) == '+')
        json->at++;
    const char *start = json->at;
    *digits += pass_digits(json);
    while (start + 1 < json->at && *start == '0')
        start++;
    size_t len = (size_t)(json->at - start);
    if (len == 0 || len > EXPONENT_DIGITS_MAX)
        return false;
    int64_t exponent = 0;
    for (size_t i = 0; i < len; i++)
        exponent = exponent * 10 + (start[i] - '0');
    exponent = negative ? -exponent : exponent;
    int64_t scale = (int64_t)fraction_digits - exponent;
    return exponent == (int32_t)exponent && scale == (int32_t)scale;
}

/* Behind the digits before the point, which are as many as `digits`. */
static enum cd_json_token read_fraction(struct cd_json_reader *json, const char *start,
                                        size_t digits)
{
    size_t fraction_digits = 0;
    if (peek(json) == '.') {
        json->at++;
        fraction_digits = pass_digits(json);
        if (fraction_digits == 0)
            return cd_json_refuse(json, "a decimal point is not followed by a digit");
    }
    digits += fraction_digits;
    if (peek(json) == 'e' || peek(json) == 'E') {
        json->at++;
        if (!pass_exponent(json, fraction_digits, &digits))
            return cd_json_refuse(json, "the exponent of a number is missing or too large");
    }
    if (digits > NUMBER_DIGITS_MAX)
        return cd_json_refuse(json, too_many_digits);
    if (!ends_well(json))
        return cd_json_refuse(json, "a number is followed by something else");
    json->text = cd_slice_of(start, (size_t)(json->at - start));
    return json->token = CD_JSON_FRACTION;
}

static void classify_integer(struct cd_json_reader *json, uint64_t magnitude, size_t digits,
                             bool negative)
{
    json->integer = (int64_t)(negative ? 0 - magnitude : magnitude);
    /* 19 digits fit 64 bits without a sign; 20 and more do not fit with one. */
    json->fits_int64 = digits <= 19 && magnitude <= (uint64_t)INT64_MAX + negative;
    json->fits_int32 = json->fits_int64 && json->integer == (int32_t)json->integer;
}

static enum cd_json_token read_number(struct cd_json_reader *json)
{
    const char *start = json->at;
    bool negative = *start == '-';
    if (negative)
        json->at++;
    if (!is_digit(peek(json)))
        return cd_json_refuse(json, "a minus sign is not followed by a digit");
    while (peek(json) == '0')
        json->at++; /* Kafka allows leading zeros */
    const char *first = json->at;
    uint64_t magnitude = 0; /* modulo 2^64, as longValue */
    const char *at = first;
    while (at < json->end && is_digit((unsigned char)*at))
        magnitude = magnitude * 10 + (uint64_t)(*at++ - '0');
    json->at = at;
    int c = peek(json);
    size_t digits = (size_t)(at - first);
    if (c == '.' || c == 'e' || c == 'E')
        return read_fraction(json, start, digits == 0 ? 1 : digits);
    if (digits > NUMBER_DIGITS_MAX)
        return cd_json_refuse(json, too_many_digits);
    if (!ends_well(json))
        return cd_json_refuse(json, "a number is followed by something else");
    classify_integer(json, magnitude, digits, negative);
    json->text = cd_slice_of(start, (size_t)(at - start));
    return json->token = CD_JSON_INTEGER;
}

/* Jackson wants no part of a Java identifier behind a literal. */
static bool continues_word(int c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c >= 0x7f;
}

static enum cd_json_token read_literal(struct cd_json_reader *json, const char *word, size_t len,
                                       enum cd_json_token token)
{
    if ((size_t)(json->end - json->at) < len || memcmp(json->at, word, len) != 0)
        return cd_json_refuse(json, "an unknown word; null, true or false would be right");
    json->at += len;
    if (continues_word(peek(json)))
        return cd_json_refuse(json, "an unknown word; null, true or false would be right");
    return json->token = token;
}

static enum cd_json_token read_text(struct cd_json_reader *json, enum cd_json_token token)
{
    const char *why = NULL;
    if (!cd_json_text(&json->at, json->end, token == CD_JSON_NAME, json->arena, &json->text, &why,
                      json->err))
        return why == NULL ? json->token = CD_JSON_BAD : cd_json_refuse(json, why);
    return json->token = token;
}

/* ---- tokens ---- */

static enum cd_json_token read_value(struct cd_json_reader *json)
{
    json->expects = EXPECTS_FURTHER;
    switch (peek(json)) {
    case '"':
        return read_text(json, CD_JSON_STRING);
    case '{':
        return open_container(json, true);
    case '[':
        return open_container(json, false);
    case 't':
        return read_literal(json, "true", 4, CD_JSON_TRUE);
    case 'f':
        return read_literal(json, "false", 5, CD_JSON_FALSE);
    case 'n':
        return read_literal(json, "null", 4, CD_JSON_NULL);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return read_number(json);
    case -1:
        if (json->depth == 0)
            return json->token = CD_JSON_MISSING;
        return cd_json_refuse(json, "it ends too early");
    default:
        return cd_json_refuse(json, "a value was expected");
    }
}

static enum cd_json_token read_name(struct cd_json_reader *json)
{
    if (peek(json) != '"')
        return cd_json_refuse(json, "a member's name in quotes was expected");
    if (read_text(json, CD_JSON_NAME) == CD_JSON_BAD)
        return CD_JSON_BAD;
    if (peek(json) != ':') {
        skip_blanks(json);
        if (peek(json) != ':')
            return cd_json_refuse(json, "a colon was expected behind a member's name");
    }
    json->at++;
    json->expects = EXPECTS_VALUE;
    return CD_JSON_NAME;
}

static enum cd_json_token next_inside(struct cd_json_reader *json)
{
    bool object = inside_object(json);
    if (peek(json) == (object ? '}' : ']'))
        return close_container(json, object);
    if (json->expects == EXPECTS_FURTHER) {
        if (peek(json) != ',')
            return cd_json_refuse(json, "a comma or a closing bracket was expected");
        json->at++;
        skip_blanks(json);
    }
    return object ? read_name(json) : read_value(json);
}

enum cd_json_token cd_json_next(struct cd_json_reader *json)
{
    skip_blanks(json);
    if (json->expects == EXPECTS_VALUE)
        return read_value(json);
    if (json->depth == 0)
        return json->token = json->token == CD_JSON_BAD ? CD_JSON_BAD : CD_JSON_MISSING;
    return next_inside(json);
}

bool cd_json_skip(struct cd_json_reader *json)
{
    if (json->token == CD_JSON_OBJECT || json->token == CD_JSON_ARRAY) {
        uint32_t outer = json->depth - 1;
        while (json->depth > outer)
            if (cd_json_next(json) == CD_JSON_BAD)
                return false;
    }
    return json->token != CD_JSON_BAD;
}

struct cd_json_mark cd_json_mark(const struct cd_json_reader *json)
{
    return (struct cd_json_mark){json->at, json->depth, json->expects};
}

void cd_json_return(struct cd_json_reader *json, struct cd_json_mark mark)
{
    json->at = mark.at;
    json->depth = mark.depth;
    json->expects = mark.expects;
}

bool cd_json_take_object(struct cd_json_reader *json, struct cd_slice bytes)
{
    skip_blanks(json);
    if ((size_t)(json->end - json->at) < bytes.len || memcmp(json->at, bytes.ptr, bytes.len) != 0)
        return false;
    json->at += bytes.len;
    json->expects = EXPECTS_FURTHER;
    json->token = CD_JSON_OBJECT_END;
    return true;
}
