/* /admin/loggers: levels of this process, or of all workers. */
#include "api/bind.h"
#include "api/handlers.h"
#include "api/json.h"

#include "base/alloc.h"
#include "base/log.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static void append_level(struct cd_buffer *out, enum cd_level level, int64_t modified_ms)
{
    cd_buffer_printf(out, "{\"level\":\"%s\",\"last_modified\":", cd_log_level_name(level));
    if (modified_ms == 0)
        cd_buffer_text(out, "null}");
    else
        cd_buffer_printf(out, "%lld}", (long long)modified_ms);
}

static void append_logger(void *arg, const char *component, enum cd_level level,
                          int64_t modified_ms)
{
    struct cd_buffer *out = arg;
    cd_buffer_char(out, out->len == 0 ? '{' : ',');
    cd_json_string(out, component);
    cd_buffer_char(out, ':');
    append_level(out, level, modified_ms);
}

void cd_list_loggers(struct cd_exchange *ex)
{
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_log_each_level(append_logger, &out);
    cd_buffer_text(&out, out.len == 0 ? "{}" : "}");
    cd_reply_json(ex, 200, &out);
}

void cd_get_logger(struct cd_exchange *ex)
{
    if (strcasecmp(ex->name, "root") != 0 && !cd_log_known(ex->name)) {
        cd_reply_error(ex, 404, "Logger %s not found.", ex->name);
        return;
    }
    int64_t modified_ms = 0;
    enum cd_level level = cd_log_get_level(ex->name, &modified_ms);
    struct cd_buffer out = CD_BUFFER_INIT;
    append_level(&out, level, modified_ms);
    cd_reply_json(ex, 200, &out);
}

static void append_changed(void *arg, const char *component)
{
    struct cd_buffer *out = arg;
    cd_buffer_char(out, out->len == 0 ? '[' : ',');
    cd_json_string(out, component);
}

static void finish_cluster(struct cd_exchange *ex, struct cd_request *request)
{
    (void)request;
    cd_reply_empty(ex, 204);
}

static void change_level(struct cd_exchange *ex, const char *text, enum cd_level level)
{
    char *scope CD_AUTO_FREE = cd_uri_param(&ex->uri, "scope", 0);
    if (scope != NULL && strcasecmp(scope, "cluster") == 0) {
        struct cd_request *request = cd_exchange_request(ex, CD_ASK_LOGGER_CLUSTER);
        request->logger = cd_strdup(ex->name);
        request->level = cd_strdup(text);
        cd_ask(ex, request, finish_cluster);
        return;
    }
    /* An unknown scope means this worker, as in Kafka. */
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_log_change_level(ex->name, level, append_changed, &out);
    cd_buffer_text(&out, out.len == 0 ? "[]" : "]");
    cd_reply_json(ex, 200, &out);
}

/* Trimmed and in upper case; ALL is our TRACE, there is nothing below. */
static char *level_text(const char *given)
{
    while (isspace((unsigned char)*given))
        given++;
    size_t len = strlen(given);
    while (len > 0 && isspace((unsigned char)given[len - 1]))
        len--;
    char *text = cd_strndup(given, len);
    for (char *c = text; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    return text;
}

void cd_put_logger(struct cd_exchange *ex)
{
    struct cd_config *body CD_AUTO(cd_config_freep) = NULL;
    char *error CD_AUTO_FREE = NULL;
    if (!cd_bind_config(cd_buffer_view(&ex->body), &body, &error)) {
        cd_reply_error(ex, 500, "%s", error);
        return;
    }
    if (body == NULL) {
        cd_reply_error(ex, 500, "The request body is missing or null");
        return;
    }
    const char *given = cd_config_get(body, "level");
    if (given == NULL) {
        cd_reply_error(ex, 400, "Desired 'level' parameter was not specified in request.");
        return;
    }
    char *text CD_AUTO_FREE = level_text(given);
    enum cd_level level;
    if (!cd_log_parse_level(strcmp(text, "ALL") == 0 ? "TRACE" : text, &level))
        cd_reply_error(ex, 404, "invalid log level '%s'.", given);
    else
        change_level(ex, text, level);
}
