/* /connectors and /connectors/{c}, with their configurations. */
#include "api/bind.h"
#include "api/handlers.h"
#include "api/render.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

static bool wants(const struct cd_exchange *ex, const char *what, bool *ret_any)
{
    bool found = false;
    for (size_t n = 0;; n++) {
        char *value CD_AUTO_FREE = cd_uri_param(&ex->uri, "expand", n);
        if (value == NULL)
            return found;
        *ret_any = true;
        found = found || strcmp(value, what) == 0;
    }
}

void cd_list_connectors(struct cd_exchange *ex)
{
    bool expand = false;
    bool status = wants(ex, "status", &expand);
    bool info = wants(ex, "info", &expand);
    const struct cd_snapshot *snapshot CD_AUTO(cd_snapshot_unrefp) =
        ex->backend->snapshot(ex->backend->state);
    struct cd_buffer out = CD_BUFFER_INIT;
    if (expand)
        cd_render_expanded(&out, snapshot, status, info);
    else
        cd_render_names(&out, snapshot);
    cd_reply_json(ex, 200, &out);
}

static void reply_rendered(struct cd_exchange *ex,
                           void (*render)(struct cd_buffer *, const struct cd_connector_view *))
{
    const struct cd_snapshot *snapshot CD_AUTO(cd_snapshot_unrefp) =
        ex->backend->snapshot(ex->backend->state);
    const struct cd_connector_view *view = cd_snapshot_find(snapshot, ex->connector);
    if (view == NULL) {
        cd_reply_error(ex, 404, "Connector %s not found", ex->connector);
        return;
    }
    struct cd_buffer out = CD_BUFFER_INIT;
    render(&out, view);
    cd_reply_json(ex, 200, &out);
}

void cd_get_connector(struct cd_exchange *ex)
{
    reply_rendered(ex, cd_render_info);
}

static void render_own_config(struct cd_buffer *out, const struct cd_connector_view *view)
{
    cd_render_config(out, view->config);
}

void cd_get_config(struct cd_exchange *ex)
{
    reply_rendered(ex, render_own_config);
}

/* ---- writing ---- */

/* An invalid configuration is no failure of the request to the backend: it leaves the report. */
static bool reply_invalid(struct cd_exchange *ex, const struct cd_answer *answer)
{
    if (answer->report == NULL || cd_report_error_count(answer->report) == 0)
        return false;
    char *text CD_AUTO_FREE = cd_report_text(answer->report);
    cd_reply_error(ex, 400, "%s", text);
    return true;
}

static void set_location(struct cd_exchange *ex, const char *name)
{
    const char *host = cd_exchange_header(ex, "Host");
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_buffer_printf(&out, "%s://%s/connectors/", ex->is_tls ? "https" : "http",
                     host == NULL ? "localhost" : host);
    cd_uri_encode_name(&out, name);
    ex->location = cd_buffer_steal(&out);
}

static void reply_info(struct cd_exchange *ex, const struct cd_request *request, bool created)
{
    const struct cd_answer *answer = &request->answer;
    if (reply_invalid(ex, answer))
        return;
    if (answer->view == NULL) {
        cd_reply_error(ex, 500, "The connector %s was stored, but is gone already",
                       request->connector);
        return;
    }
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_render_info(&out, answer->view);
    cd_reply_json(ex, created ? 201 : 200, &out);
    if (created)
        set_location(ex, answer->view->name);
}

static void finish_create(struct cd_exchange *ex, struct cd_request *request)
{
    reply_info(ex, request, /* created = */ true);
}

static void finish_put(struct cd_exchange *ex, struct cd_request *request)
{
    reply_info(ex, request, request->answer.created);
}

static void finish_patch(struct cd_exchange *ex, struct cd_request *request)
{
    reply_info(ex, request, /* created = */ false);
}

/* Fills an absent name in. False after a 400: the two names differ. */
static bool agree_on_name(struct cd_exchange *ex, struct cd_config *config, const char *name)
{
    const char *own = cd_config_get(config, "name");
    if (own == NULL) {
        cd_config_set(config, "name", name);
        return true;
    }
    if (strcmp(own, name) == 0)
        return true;
    cd_reply_error(ex, 400,
                   "Connector name configuration (%s) doesn't match connector name in the URL (%s)",
                   own, name);
    return false;
}

static bool has_class(struct cd_exchange *ex, const struct cd_config *config)
{
    if (cd_config_get(config, "connector.class") != NULL)
        return true;
    struct cd_answer answer = {.err = CD_ERROR_INIT};
    cd_answer_no_type(&answer, config);
    cd_reply_failure(ex, &answer);
    free(answer.message);
    return false;
}

/* Takes over `config`. */
static void ask_with_config(struct cd_exchange *ex, enum cd_request_kind kind, const char *name,
                            enum cd_api_target initial, struct cd_config *config, cd_finish finish)
{
    struct cd_request *request = cd_exchange_request(ex, kind);
    free(request->connector);
    request->connector = cd_strdup(name);
    request->config = config;
    request->initial = initial;
    cd_ask(ex, request, finish);
}

/* As String.trim does: everything up to a space goes, at both ends. */
static char *trim(const char *text)
{
    if (text == NULL)
        return cd_strdup("");
    size_t len = strlen(text);
    while (len > 0 && (unsigned char)text[len - 1] <= ' ')
        len--;
    size_t from = 0;
    while (from < len && (unsigned char)text[from] <= ' ')
        from++;
    return cd_strndup(text + from, len - from);
}

void cd_create_connector(struct cd_exchange *ex)
{
    struct cd_create_body body CD_AUTO(cd_create_body_done) = {.is_null = false};
    char *error CD_AUTO_FREE = NULL;
    if (!cd_bind_create(cd_buffer_view(&ex->body), &body, &error)) {
        cd_reply_error(ex, 500, "%s", error);
        return;
    }
    if (body.is_null || body.config == NULL) {
        cd_reply_error(ex, 500, "%s",
                       body.is_null ? "The request body is missing or null"
                                    : "The member 'config' is missing or null");
        return;
    }
    char *name CD_AUTO_FREE = trim(body.name);
    if (!agree_on_name(ex, body.config, name) || !has_class(ex, body.config))
        return;
    ask_with_config(ex, CD_ASK_CREATE, name, body.initial, body.config, finish_create);
    body.config = NULL;
}

/* The body as a map, or NULL after an error reply. */
static struct cd_config *config_body(struct cd_exchange *ex)
{
    char *error CD_AUTO_FREE = NULL;
    struct cd_config *config = NULL;
    if (!cd_bind_config(cd_buffer_view(&ex->body), &config, &error))
        cd_reply_error(ex, 500, "%s", error);
    else if (config == NULL)
        cd_reply_error(ex, 500, "The request body is missing or null");
    return config;
}

void cd_put_config(struct cd_exchange *ex)
{
    struct cd_config *config CD_AUTO(cd_config_freep) = config_body(ex);
    if (config == NULL || !agree_on_name(ex, config, ex->connector) || !has_class(ex, config))
        return;
    ask_with_config(ex, CD_ASK_PUT_CONFIG, ex->connector, CD_TARGET_STARTED, config, finish_put);
    config = NULL;
}

/* Kafka stores a patched name that differs from the connector's; that can only do harm. */
static bool keeps_name(struct cd_exchange *ex, const struct cd_config *patch)
{
    const char *own = cd_config_get(patch, "name");
    if (own == NULL || strcmp(own, ex->connector) == 0)
        return true;
    cd_reply_error(ex, 400,
                   "Connector name configuration (%s) doesn't match connector name in the URL (%s)",
                   own, ex->connector);
    return false;
}

void cd_patch_config(struct cd_exchange *ex)
{
    struct cd_config *patch CD_AUTO(cd_config_freep) = config_body(ex);
    if (patch == NULL)
        return;
    const struct cd_snapshot *snapshot CD_AUTO(cd_snapshot_unrefp) =
        ex->backend->snapshot(ex->backend->state);
    if (cd_snapshot_find(snapshot, ex->connector) == NULL) {
        cd_reply_error(ex, 404, "Connector %s not found", ex->connector);
        return;
    }
    if (!keeps_name(ex, patch))
        return;
    ask_with_config(ex, CD_ASK_PATCH_CONFIG, ex->connector, CD_TARGET_STARTED, patch, finish_patch);
    patch = NULL;
}

static void finish_delete(struct cd_exchange *ex, struct cd_request *request)
{
    (void)request;
    cd_reply_empty(ex, 204);
}

void cd_delete_connector(struct cd_exchange *ex)
{
    cd_ask(ex, cd_exchange_request(ex, CD_ASK_DELETE), finish_delete);
}
