/* Connect's class Values: what a header text stands for. */
#include <math.h>
#include <stdalign.h>

#include "compat/date.h"
#include "compat/decimal.h"
#include "compat/number.h"
#include "compat/utf.h"
#include "data/json_reader.h"
#include "data/logical.h"
#include "data/schema.h"
#include "data/value_text.h"

struct parsed {
    const struct cd_schema *schema; /* NULL: null */
    struct cd_value value;
};

/* Tokens: each of :,{}[]" alone unless behind a backslash, and the runs between them. */
struct parser {
    struct cd_slice text;
    const char *at;
    const char *end;
    struct cd_batch *into;
    struct cd_json_stack stack;
    uint32_t depth;
    struct cd_error *err; /* set only when memory limits refuse */
};

/* ---- tokens ---- */

static bool is_delimiter(char c)
{
    return strchr(":,{}[]\"", c) != NULL && c != '\0';
}

static struct cd_slice next_token(struct parser *p)
{
    const char *start = p->at;
    bool escaped = false;
    while (p->at < p->end) {
        if (is_delimiter(*p->at) && !escaped) {
            if (p->at == start)
                p->at++;
            break;
        }
        escaped = *p->at == '\\' && !escaped;
        p->at++;
    }
    return cd_slice_of(start, (size_t)(p->at - start));
}

static struct cd_slice peek_token(struct parser *p)
{
    const char *before = p->at;
    struct cd_slice token = next_token(p);
    p->at = before;
    return token;
}

/* Passes over blank tokens, as long as another one follows. */
static void skip_blank_tokens(struct parser *p)
{
    while (p->at < p->end && cd_java_trim(peek_token(p)).len == 0) {
        const char *before = p->at;
        (void)next_token(p); /* blank */
        if (p->at < p->end)
            continue;
        p->at = before;
        return;
    }
}

static bool take(struct parser *p, const char *wanted)
{
    skip_blank_tokens(p);
    const char *before = p->at;
    if (p->at < p->end && cd_slice_is(cd_java_trim(next_token(p)), wanted))
        return true;
    p->at = before;
    return false;
}

/* At the top a literal must be all there is. */
static bool take_literal(struct parser *p, const char *wanted, bool embedded)
{
    const char *before = p->at;
    if (take(p, wanted) && (embedded || p->at == p->end))
        return true;
    p->at = before;
    return false;
}

/* ---- scalars ---- */

static struct parsed text_of(struct cd_slice text)
{
    return (struct parsed){cd_schema_primitive(CD_TYPE_STRING, false), cd_string(text)};
}

#define DATE_BYTES 32 /* more than the longest form has */

/* Appends what fits. "14\:34" stands for "14:34". */
static size_t unescape_colons(struct cd_slice text, char *out, size_t len)
{
    for (size_t i = 0; i < text.len && len < DATE_BYTES; i++)
        if (!(text.ptr[i] == '\\' && i + 1 < text.len && text.ptr[i + 1] == ':'))
            out[len++] = text.ptr[i];
    return len;
}

/* `text` and what follows it. */
static bool parse_date(struct cd_slice text, struct cd_slice rest, struct parsed *ret)
{
    static const enum cd_logical logicals[] = {
        [CD_DATE_NONE] = CD_LOGICAL_NONE,
        [CD_DATE_DATE] = CD_LOGICAL_DATE,
        [CD_DATE_TIME] = CD_LOGICAL_TIME,
        [CD_DATE_TIMESTAMP] = CD_LOGICAL_TIMESTAMP,
    };
    char plain[DATE_BYTES];
    size_t len = unescape_colons(rest, plain, unescape_colons(text, plain, 0));
    int64_t ms;
    enum cd_date_form form = cd_date_header_parse(cd_slice_of(plain, len), &ms);
    if (form == CD_DATE_NONE)
        return false;
    ret->schema = cd_schema_logical(logicals[form], false);
    ret->value = cd_instant(ms);
    return true;
}

static bool begins_with_digit(struct cd_slice token)
{
    const char *at = token.ptr;
    return cd_java_digit(&at, token.ptr + token.len) >= 0;
}

/* Times hold two colons, so the token is tried with the four that follow. */
static bool parse_tokens_as_date(struct parser *p, struct cd_slice token, struct parsed *ret)
{
    const char *before = p->at;
    int more = 0;
    while (more < 4 && p->at < p->end) {
        (void)next_token(p); /* its end is what counts */
        more++;
    }
    if (more == 4 && parse_date(token, cd_slice_of(before, (size_t)(p->at - before)), ret))
        return true;
    p->at = before;
    return parse_date(token, cd_slice(""), ret);
}

static struct parsed smallest_integer(int64_t v)
{
    if (v == (int8_t)v)
        return (struct parsed){cd_schema_primitive(CD_TYPE_INT8, false), cd_int8((int8_t)v)};
    if (v == (int16_t)v)
        return (struct parsed){cd_schema_primitive(CD_TYPE_INT16, false), cd_int16((int16_t)v)};
    if (v == (int32_t)v)
        return (struct parsed){cd_schema_primitive(CD_TYPE_INT32, false), cd_int32((int32_t)v)};
    return (struct parsed){cd_schema_primitive(CD_TYPE_INT64, false), cd_int64(v)};
}

/* Interned and kept by the batch. */
static const struct cd_schema *keep(struct parser *p, const struct cd_schema *draft)
{
    const struct cd_schema *schema = cd_schema_intern(draft, p->err);
    cd_batch_keep(p->into, schema);
    cd_schema_unref(schema);
    return schema;
}

static bool decimal_of(struct parser *p, const struct cd_decimal *d, struct parsed *ret)
{
    char scale[16];
    int len = snprintf(scale, sizeof(scale), "%d", d->scale);
    struct cd_parameter parameter = {cd_slice("scale"), cd_slice_of(scale, (size_t)len)};
    ret->schema =
        keep(p, &(struct cd_schema){.type = CD_TYPE_BYTES,
                                    .has_version = true,
                                    .version = 1,
                                    .name = cd_slice("org.apache.kafka.connect.data.Decimal"),
                                    .parameter_count = 1,
                                    .parameters = &parameter});
    ret->value = cd_decimal(d);
    return ret->schema != NULL;
}

static bool parse_number(struct parser *p, struct cd_slice token, struct parsed *ret)
{
    struct cd_error why = CD_ERROR_INIT; /* not a number: no error */
    const struct cd_decimal *d = cd_java_parse_decimal(token, &p->into->arena, &why);
    int64_t integer;
    if (d == NULL)
        return false;
    if (cd_decimal_is_int64(d, &integer)) {
        *ret = smallest_integer(integer);
        return true;
    }
    float narrow = cd_java_decimal_float(d);
    double wide = cd_java_decimal_double(d);
    bool whole = d->scale == 0; /* beyond int64 */
    if (!whole && isfinite(narrow))
        *ret = (struct parsed){cd_schema_primitive(CD_TYPE_FLOAT32, false), cd_float32(narrow)};
    else if (!whole && isfinite(wide))
        *ret = (struct parsed){cd_schema_primitive(CD_TYPE_FLOAT64, false), cd_float64(wide)};
    else
        return decimal_of(p, d, ret);
    return true;
}

static bool parse_token(struct parser *p, bool embedded, struct cd_slice token, struct parsed *ret)
{
    bool digit = begins_with_digit(token);
    if (digit && parse_tokens_as_date(p, token, ret))
        return true;
    if ((digit || token.ptr[0] == '+' || token.ptr[0] == '-') && parse_number(p, token, ret))
        return true;
    if (embedded)
        return false; /* a bare word: then all of the text is one */
    *ret = text_of(p->text);
    return true;
}

/* From `start` to `stop` without the blank tokens, which the JVM loses. */
static bool copy_unblank(struct parser *p, const char *start, const char *stop,
                         struct cd_slice *ret)
{
    char *copy = cd_arena_alloc(&p->into->arena, (size_t)(stop - start), 1, p->err);
    size_t len = 0;
    if (copy == NULL)
        return false;
    p->at = start;
    while (p->at < stop) {
        struct cd_slice token = next_token(p);
        if (cd_java_trim(token).len == 0)
            continue;
        memcpy(copy + len, token.ptr, token.len);
        len += token.len;
    }
    *ret = cd_slice_of(copy, len);
    return true;
}

/* Up to the next quote; escapes are not undone. Without one whatever is around it is a text anyhow.
 */
static bool parse_quoted(struct parser *p, struct parsed *ret)
{
    const char *start = p->at;
    bool blanks = false;
    for (;;) {
        if (p->at == p->end)
            return false;
        struct cd_slice token = next_token(p);
        struct cd_slice content = cd_slice_of(start, (size_t)(token.ptr - start));
        blanks |= cd_java_trim(token).len == 0;
        if (!cd_slice_is(token, "\""))
            continue;
        const char *behind = p->at;
        if (blanks && !copy_unblank(p, start, token.ptr, &content))
            return false;
        p->at = behind;
        if (!parse_date(content, cd_slice(""), ret))
            *ret = text_of(content);
        return true;
    }
}

/* ---- what the elements have in common ---- */

struct common {
    const struct cd_schema *schema;
    bool incompatible;
};

static bool is_numeric(enum cd_type type)
{
    return type <= CD_TYPE_FLOAT64;
}

static void merge(struct common *common, const struct cd_schema *schema)
{
    if (schema == NULL || common->incompatible)
        return;
    if (common->schema == NULL || common->schema->type == schema->type) {
        common->schema = schema; /* of equal types the last one counts */
        return;
    }
    if (is_numeric(common->schema->type) && is_numeric(schema->type)) {
        if (schema->type > common->schema->type)
            common->schema = schema;
        return;
    }
    common->schema = NULL;
    common->incompatible = true;
}

static double as_double(struct cd_value value)
{
    if (value.kind == CD_KIND_FLOAT64)
        return value.as.float64;
    return value.kind == CD_KIND_FLOAT32 ? (double)value.as.float32 : (double)value.as.integer;
}

static bool align_number(enum cd_type type, struct cd_value *value)
{
    if (type == CD_TYPE_FLOAT64)
        *value = cd_float64(as_double(*value));
    else if (type == CD_TYPE_FLOAT32 && value->kind != CD_KIND_FLOAT32)
        *value = cd_float32((float)value->as.integer);
    else if (type <= CD_TYPE_INT64)
        value->kind = (uint8_t)(CD_KIND_INT8 + (type - CD_TYPE_INT8));
    return true;
}

/* To the common type. A null does not fit anything, a date no plain number; a number among dates is
 * one in its encoded form. */
static bool align(const struct cd_schema *schema, struct cd_value *value)
{
    bool number = value->kind >= CD_KIND_INT8 && value->kind <= CD_KIND_FLOAT64;
    if (!is_numeric(schema->type))
        return !cd_is_null(*value);
    if (schema->logical == CD_LOGICAL_NONE)
        return number && align_number(schema->type, value);
    struct cd_error why = CD_ERROR_INIT; /* then all of it is a text */
    int64_t ms = value->as.integer;
    if (number && !cd_logical_decode(schema->logical, value->as.integer, &ms, &why))
        return false;
    if (!number && value->kind != CD_KIND_INSTANT)
        return false;
    *value = cd_instant(ms);
    return true;
}

/* ---- lists and maps ---- */

static bool parse(struct parser *p, bool embedded, struct parsed *ret);

static bool finish_array(struct parser *p, size_t base, const struct cd_schema *element,
                         struct parsed *ret)
{
    for (size_t i = base; element != NULL && i < p->stack.used; i++)
        if (!align(element, &p->stack.items[i].value))
            return false;
    ret->schema = keep(p, &(struct cd_schema){.type = CD_TYPE_ARRAY, .element = element});
    return ret->schema != NULL &&
           cd_json_pop_array(&p->stack, base, &p->into->arena, &ret->value, p->err);
}

static bool parse_array(struct parser *p, struct parsed *ret)
{
    struct common common = {0};
    size_t base = p->stack.used;
    while (p->at < p->end) {
        if (take(p, "]"))
            return finish_array(p, base, common.schema, ret);
        struct parsed element;
        if (take(p, ",") || !parse(p, true, &element))
            return false;
        merge(&common, element.schema);
        cd_json_push(&p->stack)->value = element.value;
        const char *before = p->at;
        if (take(p, "]"))
            p->at = before;
        else if (!take(p, ","))
            return false;
    }
    return false;
}

static bool finish_map(struct parser *p, size_t base, struct common key, struct common value,
                       struct parsed *ret)
{
    const struct cd_schema *element = key.schema == NULL ? NULL : value.schema;
    /* The JVM's map unites equal keys before it aligns them. */
    if (!cd_json_pop_map(&p->stack, base, &p->into->arena, &ret->value, p->err))
        return false;
    ret->value.flags = 0; /* it keeps the order of the text */
    for (uint32_t i = 0; i < ret->value.count; i++) {
        struct cd_map_entry *entry = cd_json_push(&p->stack);
        *entry = ret->value.as.map[i];
        if ((key.schema != NULL && !align(key.schema, &entry->key)) ||
            (element != NULL && !align(element, &entry->value)))
            return false;
    }
    ret->schema =
        keep(p, &(struct cd_schema){.type = CD_TYPE_MAP, .key = key.schema, .element = element});
    if (ret->schema == NULL ||
        !cd_json_pop_map(&p->stack, base, &p->into->arena, &ret->value, p->err))
        return false;
    ret->value.flags = 0;
    return true;
}

static bool parse_map(struct parser *p, struct parsed *ret)
{
    struct common key = {0};
    struct common value = {0};
    size_t base = p->stack.used;
    while (p->at < p->end) {
        if (take(p, "}"))
            return finish_map(p, base, key, value, ret);
        struct parsed name;
        struct parsed element;
        if (take(p, ",") || !parse(p, true, &name) || cd_is_null(name.value) || !take(p, ":") ||
            !parse(p, true, &element))
            return false;
        *cd_json_push(&p->stack) = (struct cd_map_entry){name.value, element.value};
        (void)take(p, ","); /* commas may be left out */
        merge(&key, name.schema);
        merge(&value, element.schema);
    }
    return false;
}

static bool parse_container(struct parser *p, struct parsed *ret, bool *ret_is_one)
{
    bool array = take(p, "[");
    *ret_is_one = array || take(p, "{");
    if (!*ret_is_one || p->depth >= CD_HEADER_DEPTH_MAX)
        return false;
    p->depth++;
    bool ok = array ? parse_array(p, ret) : parse_map(p, ret);
    p->depth--;
    return ok;
}

/* ---- all ---- */

static bool parse(struct parser *p, bool embedded, struct parsed *ret)
{
    *ret = (struct parsed){NULL, cd_null()};
    if (p->at == p->end)
        return true;
    if (embedded && take(p, "\""))
        return parse_quoted(p, ret);
    if (take_literal(p, "null", embedded))
        return true;
    bool yes = take_literal(p, "true", embedded);
    if (yes || take_literal(p, "false", embedded)) {
        *ret = (struct parsed){cd_schema_primitive(CD_TYPE_BOOLEAN, false), cd_bool(yes)};
        return true;
    }
    const char *start = p->at;
    bool container;
    if (parse_container(p, ret, &container))
        return true;
    if (container)
        p->at = start; /* whatever was wrong inside */
    struct cd_slice token = next_token(p);
    struct cd_slice trimmed = cd_java_trim(token);
    if (trimmed.len > 0)
        return parse_token(p, embedded, trimmed, ret);
    *ret = text_of(token); /* the JVM, too, drops what follows: " {x" is " " */
    return !container || !embedded;
}

static bool parse_all(struct parser *p, struct parsed *ret)
{
    if (p->text.len == 0) {
        *ret = text_of(p->text);
        return true;
    }
    return parse(p, false, ret);
}

bool cd_value_header_parse(struct cd_batch *into, struct cd_slice text,
                           const struct cd_schema **ret_schema, struct cd_value *ret,
                           struct cd_error *err)
{
    struct parser p = {
        .text = text, .at = text.ptr, .end = text.ptr + text.len, .into = into, .err = err};
    struct parsed parsed;
    bool ok = parse_all(&p, &parsed) && err->code == CD_OK;
    cd_json_stack_done(&p.stack);
    if (ok) {
        *ret_schema = parsed.schema;
        *ret = parsed.value;
    }
    return ok;
}

bool cd_value_header_number(struct cd_batch *into, struct cd_slice text,
                            const struct cd_schema **ret_schema, struct cd_value *ret,
                            struct cd_error *err)
{
    struct parser p = {.text = text, .into = into, .err = err};
    struct parsed parsed;
    if (!parse_number(&p, text, &parsed))
        return false;
    *ret_schema = parsed.schema;
    *ret = parsed.value;
    return true;
}
