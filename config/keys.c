#include "config/keys.h"

#include <stdlib.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "compat/number.h"
#include "compat/utf.h"

/* One value as its type reads it; the texts live in an arena. */
struct parsed {
    bool is_null;
    bool boolean;
    int64_t integer;
    double real;
    const char *text; /* trimmed */
    struct cd_strings list;
};

static const char *const number_names[] = {
    [CD_INT16] = "SHORT", [CD_INT32] = "INT", [CD_INT64] = "LONG", [CD_FLOAT64] = "DOUBLE"};

struct cd_key cd_keys_at(struct cd_keys keys, size_t i)
{
    struct cd_key key = {0};
    size_t known = keys.stride < sizeof(key) ? keys.stride : sizeof(key);
    memcpy(&key, (const char *)keys.keys + i * keys.stride, known);
    return key;
}

/* ---- reading ---- */

bool cd_parse_bool(const char *text, bool *ret, struct cd_error *err)
{
    if (strcasecmp(text, "true") != 0 && strcasecmp(text, "false") != 0)
        return cd_fail(err, CD_ERR_CONFIG, "Expected value to be either true or false");
    *ret = strcasecmp(text, "true") == 0;
    return true;
}

bool cd_parse_int64(const char *text, int64_t *ret, struct cd_error *err)
{
    struct cd_error why = CD_ERROR_INIT;
    if (!cd_java_parse_long(cd_slice(text), ret, &why))
        return cd_fail(err, CD_ERR_CONFIG, "Not a number of type LONG");
    return true;
}

/* String.split's \s: no vertical tab before Java 8's, but it is in \s: [ \t\n\x0B\f\r]. */
static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct cd_slice trim_spaces(struct cd_slice text)
{
    while (text.len > 0 && is_space(text.ptr[text.len - 1]))
        text.len--;
    while (text.len > 0 && is_space(*text.ptr)) {
        text.ptr++;
        text.len--;
    }
    return text;
}

bool cd_keys_split(const char *text, struct cd_arena *arena, struct cd_strings *ret,
                   struct cd_error *err)
{
    struct cd_slice rest = cd_java_trim(cd_slice(text));
    size_t count = 1;
    for (size_t i = 0; i < rest.len; i++)
        count += rest.ptr[i] == ',';
    const char **items = cd_arena_alloc(arena, count * sizeof(*items), _Alignof(char *), err);
    if (items == NULL)
        return false;
    if (rest.len == 0)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        const char *comma = memchr(rest.ptr, ',', rest.len);
        size_t len = comma == NULL ? rest.len : (size_t)(comma - rest.ptr);
        struct cd_slice item = cd_slice_of(rest.ptr, len);
        items[i] = cd_arena_copy(arena, count == 1 ? item : trim_spaces(item), err).ptr;
        if (items[i] == NULL)
            return false;
        rest.ptr += len + (comma != NULL);
        rest.len -= len + (comma != NULL);
    }
    *ret = (struct cd_strings){items, count};
    return true;
}

static bool parse_number(const struct cd_key *key, struct cd_slice text, struct parsed *ret)
{
    struct cd_error why = CD_ERROR_INIT; /* our text is ConfigDef's, not NumberFormatException's */
    int16_t int16;
    int32_t int32;
    bool ok = true;
    if (key->type == CD_INT16 && (ok = cd_java_parse_short(text, &int16, &why)))
        ret->integer = int16;
    else if (key->type == CD_INT32 && (ok = cd_java_parse_int(text, &int32, &why)))
        ret->integer = int32;
    else if (key->type == CD_INT64)
        ok = cd_java_parse_long(text, &ret->integer, &why);
    else if (key->type == CD_FLOAT64)
        ok = cd_java_parse_double(text, &ret->real, &why);
    return ok;
}

CD_PRINTF(4, 5)
static bool invalid(const char *name, const char *shown, struct cd_error *err, const char *fmt, ...)
{
    char reason[sizeof(err->msg)];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(reason, sizeof(reason), fmt, args);
    va_end(args);
    return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "Invalid value %s for configuration %s: %s", shown, name, reason);
}

/* ConfigDef.parseType. `name` is what errors call the key. */
static bool parse_text(const struct cd_key *key, const char *name, const char *value,
                       struct cd_arena *arena, struct parsed *ret, struct cd_error *err)
{
    struct cd_error why = CD_ERROR_INIT;
    *ret = (struct parsed){.is_null = value == NULL};
    if (value == NULL)
        return true;
    struct cd_slice text = cd_arena_copy(arena, cd_java_trim(cd_slice(value)), err);
    if (text.ptr == NULL)
        return false;
    ret->text = text.ptr;
    switch (key->type) {
    case CD_BOOL:
        if (!cd_parse_bool(text.ptr, &ret->boolean, &why))
            return invalid(name, value, err, "%s", why.msg);
        return true;
    case CD_INT16:
    case CD_INT32:
    case CD_INT64:
    case CD_FLOAT64:
        if (!parse_number(key, text, ret))
            return invalid(name, value, err, "Not a number of type %s", number_names[key->type]);
        return true;
    case CD_LIST:
        return cd_keys_split(text.ptr, arena, &ret->list, err);
    case CD_STRING:
    case CD_CLASS:
    case CD_SECRET:
        return true;
    }
    return cd_fail(err, CD_ERR_BUG, "key '%s' has a type that does not exist", name);
}

/* ---- showing ---- */

static void show_list(const struct cd_strings *list, const char *between, struct cd_buffer *out)
{
    for (size_t i = 0; i < list->count; i++) {
        cd_buffer_text(out, i == 0 ? "" : between);
        cd_buffer_text(out, list->items[i]);
    }
}

static void show_number(const struct cd_key *key, const struct parsed *value, struct cd_buffer *out)
{
    char text[CD_NUMBER_TEXT_BYTES];
    if (key->type == CD_FLOAT64)
        cd_buffer_append(out, text, cd_java_double_text(value->real, text));
    else
        cd_buffer_append(out, text, cd_int64_text(value->integer, text));
}

/* As Java's string concatenation shows it (`in_message`), or as the value member of a report. */
static void show(const struct cd_key *key, const struct parsed *value, bool in_message,
                 struct cd_buffer *out)
{
    if (value->is_null)
        cd_buffer_text(out, "null");
    else if (key->type == CD_SECRET)
        cd_buffer_text(out, "[hidden]");
    else if (key->type == CD_LIST && in_message) {
        cd_buffer_char(out, '[');
        show_list(&value->list, ", ", out);
        cd_buffer_char(out, ']');
    } else if (key->type == CD_LIST) {
        cd_buffer_text(out, "");
        show_list(&value->list, ",", out);
    } else if (key->type == CD_BOOL)
        cd_buffer_text(out, value->boolean ? "true" : "false");
    else if (key->type == CD_STRING || key->type == CD_CLASS)
        cd_buffer_text(out, value->text);
    else
        show_number(key, value, out);
}

/* ---- validating ---- */

static bool is_number(enum cd_key_type type)
{
    return type == CD_INT16 || type == CD_INT32 || type == CD_INT64 || type == CD_FLOAT64;
}

static bool has_range(const struct cd_key *key)
{
    return is_number(key->type) && key->min < key->max;
}

/* The largest number of the type needs no words: "at least" is all that was meant. */
static const char *range_problem(const struct cd_key *key, const struct parsed *value, char *out,
                                 size_t size)
{
    if (value->is_null)
        return "Value must be non-null";
    bool below, above;
    if (key->type == CD_FLOAT64) {
        below = value->real < (double)key->min;
        above = value->real > (double)key->max;
    } else {
        below = value->integer < key->min;
        above = value->integer > key->max;
    }
    if (below)
        (void)snprintf(out, size, "Value must be at least %lld", (long long)key->min);
    else if (above)
        (void)snprintf(out, size, "Value must be no more than %lld", (long long)key->max);
    return below || above ? out : NULL;
}

static bool is_choice(const struct cd_key *key, const struct parsed *value)
{
    for (const char *const *choice = key->one_of; !value->is_null && *choice != NULL; choice++)
        if (key->any_case ? strcasecmp(*choice, value->text) == 0
                          : strcmp(*choice, value->text) == 0)
            return true;
    return false;
}

/* CaseInsensitiveValidString keeps and prints its choices in capitals. */
static const char *choices_problem(const struct cd_key *key, char *out, size_t size)
{
    int used = snprintf(out, size,
                        "String must be one of%s: ", key->any_case ? " (case insensitive)" : "");
    for (const char *const *choice = key->one_of; *choice != NULL; choice++) {
        if (used < 0 || (size_t)used >= size)
            break;
        char *at = out + used;
        used +=
            snprintf(at, size - (size_t)used, "%s%s", choice == key->one_of ? "" : ", ", *choice);
        for (; key->any_case && *at != '\0'; at++)
            if (*at >= 'a' && *at <= 'z')
                *at = (char)(*at - 'a' + 'A');
    }
    return out;
}

static const char *empty_problem(const struct cd_key *key, const struct parsed *value)
{
    if (key->type == CD_LIST)
        return value->list.count == 0 ? "Empty list" : NULL;
    return !value->is_null && value->text[0] == '\0' ? "String must be non-empty" : NULL;
}

/* NULL: nothing wrong. A null passes where null is the default. */
static const char *table_problem(const struct cd_key *key, const struct parsed *value, char *out,
                                 size_t size)
{
    const char *problem = NULL;
    if (value->is_null && key->optional)
        return NULL;
    if (has_range(key))
        problem = range_problem(key, value, out, size);
    if (problem == NULL && key->one_of != NULL && !is_choice(key, value))
        problem = choices_problem(key, out, size);
    if (problem == NULL && key->non_empty)
        problem = empty_problem(key, value);
    return problem;
}

/* What calls itself a ConfigException has said it all, as on the JVM. */
static bool is_whole_message(const struct cd_error *why)
{
    return strcmp(why->native, "ConfigException") == 0 ||
           strncmp(why->msg, "Invalid value", 13) == 0 ||
           strncmp(why->msg, "Missing required", 16) == 0;
}

static bool validate(const struct cd_key *key, const struct parsed *value, struct cd_error *err)
{
    char words[600];
    struct cd_buffer shown CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    struct cd_error why = CD_ERROR_INIT;
    const char *problem = table_problem(key, value, words, sizeof(words));
    if (problem == NULL) {
        if (value->is_null || key->check == NULL || key->check(key, value->text, &why))
            return true;
        if (is_whole_message(&why))
            return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException", "%s", why.msg);
        problem = why.msg;
    }
    show(key, value, true, &shown);
    return invalid(key->name, shown.ptr, err, "%s", problem);
}

/* ---- finding ---- */

/* The name under which `config` has the key: its own, or an older one. NULL: it has not. */
static const char *given_name(const struct cd_key *key, const char *prefix,
                              const struct cd_config *config, struct cd_buffer *name)
{
    cd_buffer_clear(name);
    cd_buffer_printf(name, "%s%s", prefix, key->name);
    if (cd_config_has(config, name->ptr))
        return name->ptr;
    for (const char *const *alias = key->aliases; alias != NULL && *alias != NULL; alias++) {
        cd_buffer_clear(name);
        cd_buffer_printf(name, "%s%s", prefix, *alias);
        if (cd_config_has(config, name->ptr))
            return name->ptr;
    }
    return NULL;
}

/* ConfigDef.parseForValidate, less its validator: the value given, or the default, or a null with
 * an error. `name` is what parse errors call the key. */
static bool take_value(const struct cd_key *key, const char *prefix, const char *name,
                       const struct cd_config *config, struct cd_arena *arena, struct parsed *ret,
                       struct cd_error *err)
{
    struct cd_buffer found CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    const char *given = given_name(key, prefix, config, &found);
    *ret = (struct parsed){.is_null = true};
    if (given == NULL && key->fallback == NULL && !key->optional)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "Missing required configuration \"%s\" which has no default value.",
                          name);
    if (!parse_text(key, name, given == NULL ? key->fallback : cd_config_get(config, given), arena,
                    ret, err)) {
        *ret = (struct parsed){.is_null = true};
        return false;
    }
    return true;
}

/* ---- parsing ---- */

static void store(const struct cd_key *key, const struct parsed *value, void *target)
{
    char *at = (char *)target + key->offset;
    int16_t int16 = (int16_t)value->integer;
    int32_t int32 = (int32_t)value->integer;
    switch (key->type) {
    case CD_LIST:
        memcpy(at, &value->list, sizeof(value->list));
        return;
    case CD_STRING:
    case CD_CLASS:
    case CD_SECRET:
        memcpy(at, &value->text, sizeof(value->text));
        return;
    case CD_BOOL:
    case CD_INT16:
    case CD_INT32:
    case CD_INT64:
    case CD_FLOAT64:
        break;
    }
    if (value->is_null)
        return;
    if (key->type == CD_BOOL)
        memcpy(at, &value->boolean, sizeof(value->boolean));
    else if (key->type == CD_INT16)
        memcpy(at, &int16, sizeof(int16));
    else if (key->type == CD_INT32)
        memcpy(at, &int32, sizeof(int32));
    else if (key->type == CD_INT64)
        memcpy(at, &value->integer, sizeof(value->integer));
    else
        memcpy(at, &value->real, sizeof(value->real));
}

bool cd_keys_parse(struct cd_keys keys, const struct cd_config *config, struct cd_arena *arena,
                   void *target, struct cd_report *report)
{
    bool ok = true;
    for (size_t i = 0; i < keys.count; i++) {
        struct cd_key key = cd_keys_at(keys, i);
        struct cd_error parse_err = CD_ERROR_INIT;
        struct cd_error check_err = CD_ERROR_INIT;
        struct parsed value;
        bool parsed = take_value(&key, "", key.name, config, arena, &value, &parse_err);
        bool valid = validate(&key, &value, &check_err);
        if (!parsed)
            cd_report_error(report, key.name, "%s", parse_err.msg);
        if (!valid)
            cd_report_error(report, key.name, "%s", check_err.msg);
        if (parsed && valid)
            store(&key, &value, target);
        ok = ok && parsed && valid;
    }
    return ok;
}

bool cd_keys_parse_first(struct cd_keys keys, const struct cd_config *config,
                         struct cd_arena *arena, void *target, struct cd_error *err)
{
    for (size_t i = 0; i < keys.count; i++) {
        struct cd_key key = cd_keys_at(keys, i);
        struct parsed value;
        if (!take_value(&key, "", key.name, config, arena, &value, err))
            return false;
        if (!validate(&key, &value, err))
            return false;
        store(&key, &value, target);
    }
    return true;
}

bool cd_keys_check(const struct cd_key *key, const char *value, struct cd_error *err)
{
    struct cd_arena arena CD_AUTO(cd_arena_done);
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    struct parsed parsed;
    return parse_text(key, key->name, value, &arena, &parsed, err) && validate(key, &parsed, err);
}

bool cd_keys_check_unique(const struct cd_key *key, const char *value, struct cd_error *err)
{
    (void)key; /* the engine names it */
    struct cd_arena arena CD_AUTO(cd_arena_done);
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    struct cd_strings list;
    if (!cd_keys_split(value, &arena, &list, err))
        return false;
    for (size_t i = 0; i < list.count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(list.items[i], list.items[j]) == 0)
                return cd_fail(err, CD_ERR_CONFIG, "Duplicate alias provided.");
    return true;
}

/* ---- describing ---- */

/* What a key's `visible` and `recommend` may look at. */
struct view {
    struct cd_settings base; /* first */
    const struct cd_config *config;
    const char *prefix;
};

static const char *view_get(const struct cd_settings *settings, const char *name)
{
    const struct view *view = (const struct view *)(const void *)settings;
    struct cd_buffer full CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    cd_buffer_printf(&full, "%s%s", view->prefix, name);
    return cd_config_get(view->config, full.ptr);
}

struct recommending {
    struct cd_recommendations base; /* first */
    struct cd_report *report;
    const char *name;
};

static void add_recommended(struct cd_recommendations *out, const char *value)
{
    const struct recommending *to = (const struct recommending *)(void *)out;
    cd_report_recommend(to->report, to->name, value);
}

static void ask_key(const struct cd_key *key, const char *name, const char *prefix,
                    const struct cd_config *config, struct cd_report *report)
{
    struct view view = {{view_get}, config, prefix};
    struct recommending recommending = {{add_recommended}, report, name};
    if (key->recommend != NULL)
        key->recommend(&view.base, &recommending.base);
    if (key->visible != NULL)
        cd_report_row(report, name)->visible = key->visible(&view.base);
}

static char *group_text(const struct cd_key *key, const char *group)
{
    if (group == NULL)
        return cd_strdup(key->group);
    if (key->group == NULL)
        return cd_strdup(group);
    return cd_asprintf("%s: %s", group, key->group);
}

static void define(const struct cd_key *key, const char *group, int32_t order,
                   struct cd_report_row *row)
{
    row->def = *key;
    row->def.name = row->name;
    row->has_definition = true;
    row->is_secret = key->type == CD_SECRET;
    row->order = order != 0 ? order : key->order != 0 ? key->order : -1;
    free(row->group);
    row->group = group_text(key, group);
}

void cd_key_describe(const struct cd_key *key, const char *prefix, const char *group, int32_t order,
                     const struct cd_config *config, struct cd_report *report)
{
    struct cd_arena arena CD_AUTO(cd_arena_done);
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    char *name CD_AUTO_FREE = cd_asprintf("%s%s", prefix, key->name);
    struct cd_buffer shown CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    struct cd_error parse_err = CD_ERROR_INIT;
    struct cd_error check_err = CD_ERROR_INIT;
    struct parsed value;

    struct cd_report_row *row = cd_report_row(report, name);
    cd_report_forget(row); /* a connector may define a key of the runtime again: the last wins */
    define(key, group, order, row);
    if (row->group != NULL)
        cd_report_group(report, row->group);
    if (!take_value(key, prefix, group == NULL ? key->name : name, config, &arena, &value,
                    &parse_err))
        cd_report_error(report, name, "%s", parse_err.msg);
    if (!validate(key, &value, &check_err))
        cd_report_error(report, name, "%s", check_err.msg);
    if (!value.is_null) {
        show(key, &value, false, &shown);
        row = cd_report_row(report, name);
        free(row->value);
        row->value = cd_buffer_steal(&shown);
    }
    ask_key(key, name, prefix, config, report);
}

static bool has_default(const struct cd_key *key)
{
    return key->fallback != NULL || key->optional;
}

/* ConfigDef.sortedConfigs, without its order of groups, which is the order of first use. */
static int by_embedding(const void *left, const void *right)
{
    const struct cd_key *a = left;
    const struct cd_key *b = right;
    if ((a->group == NULL) != (b->group == NULL))
        return a->group == NULL ? -1 : 1;
    /* Java's "no order" is -1 */
    int32_t order_a = a->order == 0 ? -1 : a->order;
    int32_t order_b = b->order == 0 ? -1 : b->order;
    if (a->group != NULL && strcmp(a->group, b->group) != 0)
        return strcmp(a->group, b->group);
    if (order_a != order_b)
        return order_a < order_b ? -1 : 1;
    if (has_default(a) != has_default(b))
        return has_default(b) ? -1 : 1;
    if (a->importance != b->importance)
        return a->importance < b->importance ? -1 : 1;
    return strcmp(a->name, b->name);
}

static void describe_embedded(struct cd_keys keys, const char *prefix, const char *group,
                              int32_t order, const struct cd_config *config,
                              struct cd_report *report)
{
    struct cd_key *sorted CD_AUTO_FREE = cd_new_array(keys.count, struct cd_key);
    for (size_t i = 0; i < keys.count; i++)
        sorted[i] = cd_keys_at(keys, i);
    qsort(sorted, keys.count, sizeof(*sorted), by_embedding);
    for (size_t i = 0; i < keys.count; i++)
        if (!sorted[i].internal)
            cd_key_describe(&sorted[i], prefix, group, order++, config, report);
}

void cd_keys_describe(struct cd_keys keys, const char *prefix, const char *group, int32_t order,
                      const struct cd_config *config, struct cd_report *report)
{
    if (group != NULL) {
        describe_embedded(keys, prefix, group, order, config, report);
        return;
    }
    for (size_t i = 0; i < keys.count; i++) {
        struct cd_key key = cd_keys_at(keys, i);
        if (!key.internal)
            cd_key_describe(&key, prefix, NULL, 0, config, report);
    }
}

json_t *cd_key_json(const struct cd_key *key)
{
    char *name CD_AUTO_FREE = cd_strdup(key->name);
    struct cd_report_row row = {.name = name};
    define(key, NULL, 0, &row);
    json_t *object = cd_report_definition_json(&row);
    free(row.group);
    return object;
}
