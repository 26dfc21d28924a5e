#include "api/exchange.h"
#include "api/desk.h"
#include "api/json.h"
#include "api/server_internal.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <assert.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *cd_exchange_header(const struct cd_exchange *ex, const char *name)
{
    return MHD_lookup_connection_value(ex->con, MHD_HEADER_KIND, name);
}

/* ---- replies ---- */

static void begin_reply(struct cd_exchange *ex, int status, const char *content_type)
{
    assert(!ex->replied);
    ex->replied = true;
    ex->status = status;
    ex->content_type = content_type;
    cd_buffer_clear(&ex->out);
}

void cd_reply_empty(struct cd_exchange *ex, int status)
{
    begin_reply(ex, status, NULL);
}

void cd_reply_json(struct cd_exchange *ex, int status, struct cd_buffer *body)
{
    begin_reply(ex, status, "application/json");
    cd_buffer_done(&ex->out);
    ex->out = *body;
    *body = (struct cd_buffer)CD_BUFFER_INIT;
}

void cd_reply_text(struct cd_exchange *ex, int status, const char *content_type, const char *text)
{
    begin_reply(ex, status, content_type);
    cd_buffer_text(&ex->out, text);
}

static void reply_message(struct cd_exchange *ex, int status, const char *message)
{
    begin_reply(ex, status, "application/json");
    cd_buffer_printf(&ex->out, "{\"error_code\":%d,\"message\":", status);
    cd_json_string(&ex->out, message);
    cd_buffer_char(&ex->out, '}');
}

void cd_reply_error(struct cd_exchange *ex, int status, const char *fmt, ...)
{
    struct cd_buffer message CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    va_list args;
    va_start(args, fmt);
    cd_buffer_vprintf(&message, fmt, args);
    va_end(args);
    reply_message(ex, status, message.ptr);
}

static int status_of(const struct cd_answer *answer)
{
    static const struct {
        const char *native;
        int status;
    } natives[] = {
        {"NotFoundException", 404}, {"AlreadyExistsException", 409}, {"BadRequestException", 400}};
    if (answer->status >= 400)
        return answer->status;
    for (size_t i = 0; i < sizeof(natives) / sizeof(natives[0]); i++)
        if (strcmp(natives[i].native, answer->err.native) == 0)
            return natives[i].status;
    switch (answer->err.code) {
    case CD_ERR_CONFIG:
        return 400;
    case CD_ERR_STATE:
        return 409;
    case CD_OK:
    case CD_ERR_DATA:
    case CD_ERR_REMOTE:
    case CD_ERR_TIMEOUT:
    case CD_ERR_FULL:
    case CD_ERR_CANCELLED:
    case CD_ERR_BUG:
        break;
    }
    return 500;
}

void cd_reply_failure(struct cd_exchange *ex, const struct cd_answer *answer)
{
    reply_message(ex, status_of(answer),
                  answer->message != NULL ? answer->message : answer->err.msg);
}

void cd_reply_timed_out(struct cd_exchange *ex, bool full_stop)
{
    char *stage CD_AUTO_FREE = ex->backend->stage(ex->backend->state);
    if (stage == NULL)
        cd_reply_error(ex, 500, "Request timed out");
    else
        cd_reply_error(ex, 500, "Request timed out. %s%s", stage, full_stop ? "." : "");
}

/* ---- asking ---- */

static enum cd_forward forward_of(const struct cd_exchange *ex)
{
    char *text CD_AUTO_FREE = cd_uri_param(&ex->uri, "forward", 0);
    if (text == NULL || *text == '\0')
        return CD_FORWARD_UNSET;
    return cd_uri_flag(&ex->uri, "forward", false) ? CD_FORWARD_TRUE : CD_FORWARD_FALSE;
}

struct cd_request *cd_exchange_request(const struct cd_exchange *ex, enum cd_request_kind kind)
{
    struct cd_request *request = cd_request_new(kind, ex->connector);
    request->task = ex->task;
    request->forward = forward_of(ex);
    request->authorization = cd_strdup(cd_exchange_header(ex, "Authorization"));
    return request;
}

void cd_ask(struct cd_exchange *ex, struct cd_request *request, cd_finish finish)
{
    request->deadline_ms = cd_clock_ms() + cd_api_timeout_ms(ex->api, request->kind);
    ex->finish = finish;
    /* Before anybody can answer: MHD resumes only what is suspended. */
    MHD_suspend_connection(ex->con);
    ex->suspended = true;
    ex->asked = cd_desk_add(cd_api_desk(ex->api), request, ex);
    if (ex->asked == NULL) {
        cd_reply_error(ex, 503, "Worker is shutting down");
        MHD_resume_connection(ex->con);
        return;
    }
    cd_api_waiting(ex->api);
    ex->backend->post(ex->backend->state, request);
}
