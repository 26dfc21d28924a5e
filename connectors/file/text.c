#include "connectors/file/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void file_text_done(struct file_text *text)
{
    free(text->ptr);
    *text = (struct file_text){0};
}

void file_text_append(struct file_text *text, const void *bytes, size_t len)
{
    if (text->failed || len == 0)
        return;
    if (text->cap - text->len < len) {
        size_t cap = text->cap < 4096 ? 4096 : text->cap;
        while (cap - text->len < len)
            cap *= 2;
        char *grown = realloc(text->ptr, cap);
        if (grown == NULL) {
            text->failed = true;
            return;
        }
        text->ptr = grown;
        text->cap = cap;
    }
    memcpy(text->ptr + text->len, bytes, len);
    text->len += len;
}

static void put(struct file_text *text, const char *words)
{
    file_text_append(text, words, strlen(words));
}

static void put_integer(struct file_text *text, int64_t value)
{
    char digits[24];
    (void)snprintf(digits, sizeof(digits), "%lld", (long long)value);
    put(text, digits);
}

/* ---- floating point: Double.toString ---- */

/* "d.ddd", "e" and an exponent, in the fewest digits that read back as the same number; Java looks
 * at two at least. */
static void shortest(double value, bool is_float, char *out, size_t size)
{
    for (int digits = 1; digits < 17; digits++) {
        (void)snprintf(out, size, "%.*e", digits, value);
        double back = is_float ? (double)strtof(out, NULL) : strtod(out, NULL);
        if (back == value)
            return;
    }
}

/* Digits without the point, and the power of ten of the first. */
static int take_apart(const char *scientific, char *ret_digits)
{
    int count = 0;
    const char *at = scientific;
    for (; *at != 'e'; at++)
        if (*at != '.')
            ret_digits[count++] = *at;
    while (count > 1 && ret_digits[count - 1] == '0')
        count--;
    ret_digits[count] = '\0';
    return (int)strtol(at + 1, NULL, 10);
}

static void put_plain(struct file_text *text, const char *digits, int exponent)
{
    int count = (int)strlen(digits);
    if (exponent < 0)
        put(text, "0.");
    for (int i = exponent + 1; i < 0; i++)
        put(text, "0");
    for (int i = 0; i < count || i <= exponent; i++) {
        file_text_append(text, i < count ? &digits[i] : "0", 1);
        if (i == exponent)
            put(text, ".");
    }
    if (exponent >= count - 1)
        put(text, "0");
}

static void put_scientific(struct file_text *text, const char *digits, int exponent)
{
    file_text_append(text, digits, 1);
    put(text, ".");
    put(text, digits[1] == '\0' ? "0" : digits + 1);
    put(text, "E");
    put_integer(text, exponent);
}

static void put_double(struct file_text *text, double value, bool is_float)
{
    char scientific[40];
    char digits[40];
    if (isnan(value)) {
        put(text, "NaN");
        return;
    }
    if (signbit(value))
        put(text, "-");
    value = fabs(value);
    if (isinf(value)) {
        put(text, "Infinity");
        return;
    }
    shortest(value, is_float, scientific, sizeof(scientific));
    int exponent = take_apart(scientific, digits);
    if (value == 0 || (exponent >= -3 && exponent < 7))
        put_plain(text, digits, exponent);
    else
        put_scientific(text, digits, exponent);
}

/* ---- BigDecimal.toString ---- */

/* Decimal digits of the magnitude, least significant first, in `ret` of 3 * len + 1 characters. */
static size_t digits_of(uint8_t *magnitude, uint32_t len, char *ret)
{
    size_t count = 0;
    uint32_t first = 0;
    while (first < len) {
        uint32_t rest = 0;
        for (uint32_t i = first; i < len; i++) {
            uint32_t at = rest << 8 | magnitude[i];
            magnitude[i] = (uint8_t)(at / 10);
            rest = at % 10;
        }
        while (first < len && magnitude[first] == 0)
            first++;
        ret[count++] = (char)('0' + rest);
    }
    return count;
}

/* Two's complement to magnitude. */
static bool take_sign(uint8_t *bytes, uint32_t len)
{
    bool negative = len > 0 && (bytes[0] & 0x80) != 0;
    unsigned carry = 1;
    for (uint32_t i = len; negative && i > 0; i--) {
        unsigned flipped = (uint8_t)~bytes[i - 1] + carry;
        bytes[i - 1] = (uint8_t)flipped;
        carry = flipped >> 8;
    }
    return negative;
}

/* `digits` stand most significant first. */
static void put_scaled(struct file_text *text, const char *digits, size_t count, int64_t scale)
{
    int64_t adjusted = (int64_t)count - 1 - scale;
    if (scale == 0) {
        file_text_append(text, digits, count);
    } else if (scale > 0 && adjusted >= -6) {
        int64_t whole = (int64_t)count - scale;
        if (whole <= 0)
            put(text, "0.");
        for (int64_t i = whole; i < 0; i++)
            put(text, "0");
        file_text_append(text, digits, whole > 0 ? (size_t)whole : 0);
        put(text, whole > 0 ? "." : "");
        file_text_append(text, digits + (whole > 0 ? whole : 0),
                         count - (size_t)(whole > 0 ? whole : 0));
    } else {
        file_text_append(text, digits, 1);
        put(text, count > 1 ? "." : "");
        file_text_append(text, digits + 1, count - 1);
        if (adjusted != 0) {
            put(text, adjusted > 0 ? "E+" : "E");
            put_integer(text, adjusted);
        }
    }
}

static void put_decimal(struct file_text *text, const struct cd_decimal *decimal)
{
    size_t room = (size_t)decimal->len * 3 + 2;
    uint8_t *magnitude = malloc(decimal->len + 1);
    char *digits = malloc(room);
    if (magnitude == NULL || digits == NULL) {
        text->failed = true;
    } else {
        memcpy(magnitude, decimal->unscaled, decimal->len);
        bool negative = take_sign(magnitude, decimal->len);
        size_t count = digits_of(magnitude, decimal->len, digits);
        if (count == 0)
            digits[count++] = '0';
        for (size_t i = 0; i < count / 2; i++) {
            char swap = digits[i];
            digits[i] = digits[count - 1 - i];
            digits[count - 1 - i] = swap;
        }
        put(text, negative ? "-" : "");
        put_scaled(text, digits, count, decimal->scale);
    }
    free(magnitude);
    free(digits);
}

/* ---- the rest ---- */

/* Date.toString: "Thu Jan 01 00:00:00 UTC 1970", in the worker's time zone. */
static void put_date(struct file_text *text, int64_t ms)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char words[64];
    time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0));
    struct tm tm;
    if (localtime_r(&seconds, &tm) == NULL) {
        put_integer(text, ms);
        return;
    }
    (void)snprintf(words, sizeof(words), "%s %s %02d %02d:%02d:%02d %s %04d", days[tm.tm_wday],
                   months[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                   tm.tm_zone == NULL ? "UTC" : tm.tm_zone, tm.tm_year + 1900);
    put(text, words);
}

/* Struct.toString leaves out what is null. */
static void put_struct(struct file_text *text, const struct cd_struct *structure)
{
    const char *between = "";
    put(text, "Struct{");
    for (uint32_t i = 0; i < structure->schema->field_count; i++) {
        const struct cd_field *field = &structure->schema->fields[i];
        if (cd_is_null(structure->fields[i]))
            continue;
        put(text, between);
        file_text_append(text, field->name.ptr, field->name.len);
        put(text, "=");
        file_text_value(text, structure->fields[i]);
        between = ",";
    }
    put(text, "}");
}

static void put_map(struct file_text *text, struct cd_value map)
{
    put(text, "{");
    for (uint32_t i = 0; i < map.count; i++) {
        put(text, i == 0 ? "" : ", ");
        file_text_value(text, map.as.map[i].key);
        put(text, "=");
        file_text_value(text, map.as.map[i].value);
    }
    put(text, "}");
}

static void put_array(struct file_text *text, struct cd_value array)
{
    put(text, "[");
    for (uint32_t i = 0; i < array.count; i++) {
        put(text, i == 0 ? "" : ", ");
        file_text_value(text, array.as.array[i]);
    }
    put(text, "]");
}

void file_text_value(struct file_text *text, struct cd_value value)
{
    switch ((enum cd_kind)value.kind) {
    case CD_KIND_NULL:
        put(text, "null");
        return;
    case CD_KIND_BOOL:
        put(text, value.as.boolean ? "true" : "false");
        return;
    case CD_KIND_INT8:
    case CD_KIND_INT16:
    case CD_KIND_INT32:
    case CD_KIND_INT64:
        put_integer(text, value.as.integer);
        return;
    case CD_KIND_FLOAT32:
        put_double(text, (double)value.as.float32, true);
        return;
    case CD_KIND_FLOAT64:
        put_double(text, value.as.float64, false);
        return;
    case CD_KIND_STRING:
    case CD_KIND_BYTES:
        file_text_append(text, value.as.string, value.count);
        return;
    case CD_KIND_ARRAY:
        put_array(text, value);
        return;
    case CD_KIND_MAP:
        put_map(text, value);
        return;
    case CD_KIND_STRUCT:
        put_struct(text, value.as.structure);
        return;
    case CD_KIND_DECIMAL:
        put_decimal(text, value.as.decimal);
        return;
    case CD_KIND_INSTANT:
        put_date(text, value.as.integer);
        return;
    }
    text->failed = true;
}
