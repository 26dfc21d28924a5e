/* What tells about the worker itself: root, health, metrics, this API's description. */
#include "api/handlers.h"
#include "api/json.h"
#include "api/render.h"
#include "api/router.h"
#include "api/server_internal.h"

#include "base/alloc.h"

#include <string.h>

/* The description is a file of docs/, held in the binary. */
__asm__(".section .rodata\n"
        "cd_openapi_text:\n"
        ".incbin \"docs/openapi.yaml\"\n"
        ".byte 0\n"
        ".previous\n");
extern const char cd_openapi_text[] __attribute__((visibility("hidden")));

void cd_get_root(struct cd_exchange *ex)
{
    struct cd_root_info info = {NULL, NULL, NULL};
    ex->backend->root(ex->backend->state, &info);
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_buffer_text(&out, "{\"version\":");
    cd_json_string(&out, info.version);
    cd_buffer_text(&out, ",\"commit\":");
    cd_json_string(&out, info.commit);
    cd_buffer_text(&out, ",\"kafka_cluster_id\":");
    cd_json_string(&out, info.kafka_cluster_id);
    cd_buffer_char(&out, '}');
    cd_reply_json(ex, 200, &out);
}

/* ---- health ---- */

struct health {
    int status;
    const char *name;
    const char *message;
};
static const struct health healthy = {
    200, "healthy", "Worker has completed startup and is ready to handle requests."};
static const struct health starting = {503, "starting", "Worker is still starting up."};
static const struct health unhealthy = {
    500, "unhealthy",
    "Worker was unable to handle this request and may be unable to handle other requests."};

/* /readyz says more than /health, whose answer is the JVM's: what is green and moves nothing. */
static void put_trouble(struct cd_exchange *ex, struct cd_buffer *out)
{
    bool ours = ex->route->handle == cd_get_readyz && ex->backend->trouble != NULL;
    char *lines CD_AUTO_FREE = ours ? ex->backend->trouble(ex->backend->state) : NULL;
    char *rest = lines;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        cd_buffer_text(out, line == lines ? ",\"trouble\":[" : ",");
        cd_json_string(out, line);
    }
    if (lines != NULL)
        cd_buffer_char(out, ']');
}

static void reply_health(struct cd_exchange *ex, const struct health *health, const char *stage)
{
    char *message CD_AUTO_FREE =
        stage == NULL ? cd_strdup(health->message) : cd_asprintf("%s %s.", health->message, stage);
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_buffer_printf(&out, "{\"status\":\"%s\",\"message\":", health->name);
    cd_json_string(&out, message);
    put_trouble(ex, &out);
    cd_buffer_char(&out, '}');
    cd_reply_json(ex, health->status, &out);
}

/* Also after a time-out, with `request` NULL: then the snapshot of its answer is not there, but
 * startup may be known. */
static void finish_health(struct cd_exchange *ex, struct cd_request *request)
{
    if (request != NULL && request->answer.err.code == CD_OK) {
        reply_health(ex, request->answer.started ? &healthy : &starting, NULL);
        return;
    }
    bool started =
        request == NULL ? ex->backend->started(ex->backend->state) : request->answer.started;
    char *stage CD_AUTO_FREE = ex->backend->stage(ex->backend->state);
    reply_health(ex, started ? &unhealthy : &starting, stage);
}

void cd_get_health(struct cd_exchange *ex)
{
    if (!ex->backend->ready(ex->backend->state)) {
        reply_health(ex, &starting, NULL);
        return;
    }
    struct cd_request *request = cd_exchange_request(ex, CD_ASK_HEALTH);
    ex->finish_failures = true;
    cd_ask(ex, request, finish_health);
}

/* The process answers: for a liveness probe that must not restart a worker because Kafka is away.
 */
void cd_get_livez(struct cd_exchange *ex)
{
    cd_reply_text(ex, 200, "application/json", "{\"status\":\"alive\"}");
}

void cd_get_readyz(struct cd_exchange *ex)
{
    cd_get_health(ex);
}

void cd_get_metrics(struct cd_exchange *ex)
{
    char *text CD_AUTO_FREE =
        ex->backend->metrics == NULL ? NULL : ex->backend->metrics(ex->backend->state);
    if (text == NULL)
        cd_reply_error(ex, 404, "HTTP 404 Not Found");
    else
        cd_reply_text(ex, 200, "text/plain; version=0.0.4; charset=utf-8", text);
}

void cd_get_openapi(struct cd_exchange *ex)
{
    cd_reply_text(ex, 200, "application/yaml", cd_openapi_text);
}
