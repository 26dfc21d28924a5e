/* /connectors/{c}/tasks, and what only workers ask of each other. */
#include "api/bind.h"
#include "api/handlers.h"
#include "api/render.h"

#include "base/alloc.h"

void cd_get_tasks(struct cd_exchange *ex)
{
    const struct cd_snapshot *snapshot CD_AUTO(cd_snapshot_unrefp) =
        ex->backend->snapshot(ex->backend->state);
    const struct cd_connector_view *view = cd_snapshot_find(snapshot, ex->connector);
    if (view == NULL) {
        cd_reply_error(ex, 404, "Connector %s not found", ex->connector);
        return;
    }
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_render_tasks(&out, view);
    cd_reply_json(ex, 200, &out);
}

void cd_get_task_status(struct cd_exchange *ex)
{
    const struct cd_snapshot *snapshot CD_AUTO(cd_snapshot_unrefp) =
        ex->backend->snapshot(ex->backend->state);
    const struct cd_connector_view *view = cd_snapshot_find(snapshot, ex->connector);
    const struct cd_task_view *task = view == NULL ? NULL : cd_view_find_task(view, ex->task);
    if (task == NULL || !task->status.known) {
        cd_reply_error(ex, 404, "No status found for task %s-%d", ex->connector, ex->task);
        return;
    }
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_render_task_status(&out, task);
    cd_reply_json(ex, 200, &out);
}

static void finish_empty_204(struct cd_exchange *ex, struct cd_request *request)
{
    (void)request;
    cd_reply_empty(ex, 204);
}

void cd_restart_task(struct cd_exchange *ex)
{
    cd_ask(ex, cd_exchange_request(ex, CD_ASK_RESTART_TASK), finish_empty_204);
}

/* ---- between workers ---- */

static struct cd_request *signed_request(const struct cd_exchange *ex, enum cd_request_kind kind)
{
    struct cd_request *request = cd_exchange_request(ex, kind);
    struct cd_slice body = cd_buffer_view(&ex->body);
    request->body = cd_strndup(body.ptr, body.len);
    request->body_len = body.len;
    request->signature = cd_strdup(cd_exchange_header(ex, "X-Connect-Authorization"));
    request->algorithm = cd_strdup(cd_exchange_header(ex, "X-Connect-Request-Signature-Algorithm"));
    return request;
}

void cd_put_tasks(struct cd_exchange *ex)
{
    struct cd_request *request = signed_request(ex, CD_ASK_PUT_TASKS);
    char *error CD_AUTO_FREE = NULL;
    if (cd_bind_task_configs(cd_buffer_view(&ex->body), request, &error)) {
        cd_ask(ex, request, finish_empty_204);
        return;
    }
    cd_request_free(request);
    cd_reply_error(ex, 500, "%s", error);
}

void cd_put_fence(struct cd_exchange *ex)
{
    cd_ask(ex, signed_request(ex, CD_ASK_FENCE), finish_empty_204);
}
