#include "api/response_headers.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/clock.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct rule {
    bool adds;
    bool is_date;
    char *name;
    char *value;
    int64_t offset_ms;
};

struct origin {
    bool any;
    char *text;
    regex_t pattern;
};

struct cd_response_headers {
    struct rule *rules;
    size_t rule_count;
    struct origin *origins;
    size_t origin_count;
    const char *methods; /* borrowed from the configuration */
};

/* ---- response.http.headers.config ---- */

static char *trimmed(const char *text, size_t len)
{
    while (len > 0 && isspace((unsigned char)*text)) {
        text++;
        len--;
    }
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        len--;
    return cd_strndup(text, len);
}

static bool parse_action(const char *action, struct rule *ret, struct cd_error *err)
{
    static const struct {
        const char *name;
        bool adds, is_date;
    } actions[] = {{"set", false, false},
                   {"add", true, false},
                   {"setDate", false, true},
                   {"addDate", true, true}};
    for (size_t i = 0; i < 4; i++) {
        if (strcasecmp(actions[i].name, action) != 0)
            continue;
        ret->adds = actions[i].adds;
        ret->is_date = actions[i].is_date;
        return true;
    }
    return cd_fail(err, CD_ERR_CONFIG,
                   "Invalid header config action: '%s'. The action should be one of: [set, add, "
                   "setDate, addDate]",
                   action);
}

static bool parse_pair(const char *pair, struct rule *ret, struct cd_error *err)
{
    const char *colon = strchr(pair, ':');
    if (colon == NULL || strchr(colon + 1, ':') != NULL || colon[1] == '\0')
        return cd_fail(
            err, CD_ERR_CONFIG,
            "Invalid format of header name and header value pair '%s'. Expected: '[header "
            "name]:[header value]'",
            pair);
    ret->name = trimmed(pair, (size_t)(colon - pair));
    ret->value = trimmed(colon + 1, strlen(colon + 1));
    if (*ret->name == '\0' || strcspn(ret->name, " \t") != strlen(ret->name))
        return cd_fail(err, CD_ERR_CONFIG,
                       "Invalid header name '%s'. The '[header name]' cannot contain whitespace",
                       ret->name);
    if (!ret->is_date)
        return true;
    return cd_parse_int64(ret->value, &ret->offset_ms, err) ||
           cd_fail_while(err, "the date of header '%s' must be milliseconds from now", ret->name);
}

static bool parse_rule(const char *text, struct rule *ret, struct cd_error *err)
{
    size_t action_len = strcspn(text, " \t");
    if (text[action_len] == '\0')
        return cd_fail(err, CD_ERR_CONFIG,
                       "Invalid format of header config '%s'. Expected: '[action] [header "
                       "name]:[header value]'",
                       text);
    char *action CD_AUTO_FREE = cd_strndup(text, action_len);
    return parse_action(action, ret, err) && parse_pair(text + action_len + 1, ret, err);
}

/* The next rule: up to a comma that is not inside double quotes; the quotes go. */
static char *next_rule(const char **at)
{
    struct cd_buffer text = CD_BUFFER_INIT;
    bool quoted = false;
    for (; **at != '\0' && (quoted || **at != ','); (*at)++) {
        if (**at == '"')
            quoted = !quoted;
        else
            cd_buffer_char(&text, **at);
    }
    if (**at == ',')
        (*at)++;
    char *out = trimmed(text.ptr == NULL ? "" : text.ptr, text.len);
    cd_buffer_done(&text);
    return out;
}

static bool parse_rules(struct cd_response_headers *headers, const char *text, struct cd_error *err)
{
    for (const char *at = text; *at != '\0';) {
        char *rule CD_AUTO_FREE = next_rule(&at);
        headers->rules =
            cd_realloc_array(headers->rules, headers->rule_count + 1, sizeof(headers->rules[0]));
        headers->rules[headers->rule_count] = (struct rule){.adds = false};
        headers->rule_count++;
        if (!parse_rule(rule, &headers->rules[headers->rule_count - 1], err))
            return cd_fail_while(err, "response.http.headers.config = '%s'", text);
    }
    return true;
}

/* ---- CORS ---- */

static bool parse_origin(struct cd_response_headers *headers, char *text, struct cd_error *err)
{
    headers->origins =
        cd_realloc_array(headers->origins, headers->origin_count + 1, sizeof(headers->origins[0]));
    struct origin *origin = &headers->origins[headers->origin_count];
    *origin = (struct origin){.any = strcmp(text, "*") == 0, .text = text};
    if (!origin->any) {
        char *whole CD_AUTO_FREE = cd_asprintf("^(%s)$", text);
        if (regcomp(&origin->pattern, whole, REG_EXTENDED | REG_NOSUB) != 0) {
            (void)cd_fail(err, CD_ERR_CONFIG,
                          "access.control.allow.origin: '%s' is neither *, an origin, nor a "
                          "regular expression",
                          text);
            free(text);
            return false;
        }
    }
    headers->origin_count++;
    return true;
}

static bool parse_origins(struct cd_response_headers *headers, const char *text,
                          struct cd_error *err)
{
    while (*text != '\0') {
        size_t len = strcspn(text, ",");
        char *item = trimmed(text, len);
        if (*item == '\0')
            free(item);
        else if (!parse_origin(headers, item, err))
            return false;
        text += len + (text[len] == ',' ? 1 : 0);
    }
    return true;
}

bool cd_response_headers_load(const struct cd_api_config *config, struct cd_response_headers **ret,
                              struct cd_error *err)
{
    struct cd_response_headers *headers = cd_new(struct cd_response_headers);
    headers->methods = config->cors_methods == NULL || *config->cors_methods == '\0'
                           ? "GET,POST,HEAD"
                           : config->cors_methods;
    bool ok = parse_rules(headers, config->response_headers == NULL ? "" : config->response_headers,
                          err) &&
              parse_origins(headers, config->cors_origin == NULL ? "" : config->cors_origin, err);
    if (ok)
        *ret = headers;
    else
        cd_response_headers_free(headers);
    return ok;
}

void cd_response_headers_free(struct cd_response_headers *headers)
{
    if (headers == NULL)
        return;
    for (size_t i = 0; i < headers->rule_count; i++) {
        free(headers->rules[i].name);
        free(headers->rules[i].value);
    }
    for (size_t i = 0; i < headers->origin_count; i++) {
        if (!headers->origins[i].any)
            regfree(&headers->origins[i].pattern);
        free(headers->origins[i].text);
    }
    free(headers->rules);
    free(headers->origins);
    free(headers);
}

/* ---- a response ---- */

static bool origin_allowed(const struct cd_response_headers *headers, const char *origin)
{
    for (size_t i = 0; origin != NULL && i < headers->origin_count; i++) {
        const struct origin *allowed = &headers->origins[i];
        if (allowed->any || strcmp(allowed->text, origin) == 0 ||
            regexec(&allowed->pattern, origin, 0, NULL, 0) == 0)
            return true;
    }
    return false;
}

static void each_cors(const struct cd_response_headers *headers, const char *origin, bool preflight,
                      cd_header_sink sink, void *arg)
{
    if (headers->origin_count == 0)
        return;
    sink(arg, "Vary", "Origin");
    if (!origin_allowed(headers, origin))
        return;
    sink(arg, "Access-Control-Allow-Origin", origin);
    if (!preflight)
        return;
    sink(arg, "Access-Control-Allow-Methods", headers->methods);
    sink(arg, "Access-Control-Allow-Headers", "Content-Type");
    sink(arg, "Access-Control-Max-Age", "60");
}

static void format_date(int64_t wall_ms, char *out, size_t size)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;
    (void)gmtime_r(&seconds, &parts);
    (void)strftime(out, size, "%a, %d %b %Y %H:%M:%S GMT", &parts); /* the C locale: always is */
}

/* A later `set` of the same name replaces what was there. */
static bool is_replaced(const struct cd_response_headers *headers, size_t at)
{
    for (size_t i = at + 1; i < headers->rule_count; i++)
        if (!headers->rules[i].adds &&
            strcasecmp(headers->rules[i].name, headers->rules[at].name) == 0)
            return true;
    return false;
}

void cd_response_headers_each(const struct cd_response_headers *headers, const char *origin,
                              bool preflight, cd_header_sink sink, void *arg)
{
    for (size_t i = 0; i < headers->rule_count; i++) {
        const struct rule *rule = &headers->rules[i];
        char date[64];
        if (is_replaced(headers, i))
            continue;
        if (rule->is_date)
            format_date(cd_wall_ms() + rule->offset_ms, date, sizeof(date));
        sink(arg, rule->name, rule->is_date ? date : rule->value);
    }
    each_cors(headers, origin, preflight, sink, arg);
}
