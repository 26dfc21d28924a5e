/* Status, restart, pause, resume, stop and the active topics of a connector. */
#include "api/handlers.h"
#include "api/render.h"
#include "api/server_internal.h"

void cd_get_status(struct cd_exchange *ex)
{
    const struct cd_snapshot *snapshot CD_AUTO(cd_snapshot_unrefp) =
        ex->backend->snapshot(ex->backend->state);
    const struct cd_connector_view *view = cd_snapshot_find(snapshot, ex->connector);
    if (view == NULL || !view->status.known) {
        cd_reply_error(ex, 404, "No status found for connector %s", ex->connector);
        return;
    }
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_render_status(&out, view);
    cd_reply_json(ex, 200, &out);
}

static void finish_empty_202(struct cd_exchange *ex, struct cd_request *request)
{
    (void)request;
    cd_reply_empty(ex, 202);
}

static void finish_empty_204(struct cd_exchange *ex, struct cd_request *request)
{
    (void)request;
    cd_reply_empty(ex, 204);
}

static void finish_restart(struct cd_exchange *ex, struct cd_request *request)
{
    if (!request->include_tasks && !request->only_failed) {
        cd_reply_empty(ex, 204);
        return;
    }
    if (request->answer.view == NULL || !request->answer.view->status.known) {
        cd_reply_error(ex, 404, "Status for connector %s not found", ex->connector);
        return;
    }
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_render_status(&out, request->answer.view);
    cd_reply_json(ex, 202, &out);
}

void cd_restart_connector(struct cd_exchange *ex)
{
    struct cd_request *request = cd_exchange_request(ex, CD_ASK_RESTART);
    request->include_tasks = cd_uri_flag(&ex->uri, "includeTasks", /* blank = */ false);
    request->only_failed = cd_uri_flag(&ex->uri, "onlyFailed", /* blank = */ false);
    cd_ask(ex, request, finish_restart);
}

void cd_pause_connector(struct cd_exchange *ex)
{
    cd_ask(ex, cd_exchange_request(ex, CD_ASK_PAUSE), finish_empty_202);
}

void cd_resume_connector(struct cd_exchange *ex)
{
    cd_ask(ex, cd_exchange_request(ex, CD_ASK_RESUME), finish_empty_202);
}

void cd_stop_connector(struct cd_exchange *ex)
{
    cd_ask(ex, cd_exchange_request(ex, CD_ASK_STOP), finish_empty_204);
}

static bool tracking_enabled(struct cd_exchange *ex)
{
    if (cd_api_config(ex->api)->topic_tracking)
        return true;
    cd_reply_error(ex, 403, "Topic tracking is disabled.");
    return false;
}

void cd_get_topics(struct cd_exchange *ex)
{
    if (!tracking_enabled(ex))
        return;
    const struct cd_snapshot *snapshot CD_AUTO(cd_snapshot_unrefp) =
        ex->backend->snapshot(ex->backend->state);
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_render_topics(&out, ex->connector, cd_snapshot_find(snapshot, ex->connector));
    cd_reply_json(ex, 200, &out);
}

void cd_reset_topics(struct cd_exchange *ex)
{
    if (!tracking_enabled(ex))
        return;
    if (!cd_api_config(ex->api)->topic_reset) {
        cd_reply_error(ex, 403, "Topic tracking reset is disabled.");
        return;
    }
    cd_ask(ex, cd_exchange_request(ex, CD_ASK_TOPICS_RESET), finish_empty_202);
}
