#include "api/backend.h"
#include "api/json.h"

#include "base/alloc.h"
#include "base/buffer.h"

#include <stdarg.h>
#include <stdlib.h>

const char *cd_request_kind_name(enum cd_request_kind kind)
{
    static const char *const names[CD_ASK_KINDS] = {
        [CD_ASK_CREATE] = "create",
        [CD_ASK_PUT_CONFIG] = "put-config",
        [CD_ASK_PATCH_CONFIG] = "patch-config",
        [CD_ASK_DELETE] = "delete",
        [CD_ASK_RESTART] = "restart",
        [CD_ASK_PAUSE] = "pause",
        [CD_ASK_RESUME] = "resume",
        [CD_ASK_STOP] = "stop",
        [CD_ASK_RESTART_TASK] = "restart-task",
        [CD_ASK_OFFSETS_GET] = "get-offsets",
        [CD_ASK_OFFSETS_ALTER] = "alter-offsets",
        [CD_ASK_OFFSETS_RESET] = "reset-offsets",
        [CD_ASK_TOPICS_RESET] = "reset-topics",
        [CD_ASK_VALIDATE] = "validate",
        [CD_ASK_LOGGER_CLUSTER] = "set-cluster-logger",
        [CD_ASK_PUT_TASKS] = "put-tasks",
        [CD_ASK_FENCE] = "fence",
        [CD_ASK_HEALTH] = "health",
    };
    return names[kind];
}

struct cd_request *cd_request_new(enum cd_request_kind kind, const char *connector)
{
    struct cd_request *request = cd_new(struct cd_request);
    cd_list_init(&request->link);
    request->kind = kind;
    request->connector = cd_strdup(connector);
    request->deadline_ms = INT64_MAX;
    cd_error_reset(&request->answer.err);
    return request;
}

static void free_offsets(struct cd_api_offset *offsets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(offsets[i].partition);
        free(offsets[i].offset);
    }
    free(offsets);
}

static void answer_done(struct cd_answer *answer)
{
    free(answer->message);
    cd_view_unref(answer->view);
    if (answer->report != NULL)
        cd_report_done(answer->report);
    free(answer->report);
    free_offsets(answer->offsets, answer->offset_count);
}

void cd_request_free(struct cd_request *request)
{
    if (request == NULL)
        return;
    answer_done(&request->answer);
    free_offsets(request->offsets, request->offset_count);
    for (size_t i = 0; request->task_configs != NULL && i < request->task_config_count; i++)
        cd_config_free(request->task_configs[i]);
    free(request->task_configs);
    cd_config_free(request->config);
    free(request->connector);
    free(request->logger);
    free(request->level);
    free(request->body);
    free(request->signature);
    free(request->algorithm);
    free(request->authorization);
    free(request);
}

void cd_request_done(struct cd_request *request)
{
    request->done(request);
}

/* ---- answers ---- */

void cd_answer_fail(struct cd_answer *answer, int status, const char *fmt, ...)
{
    if (answer->err.code != CD_OK)
        return; /* the first failure wins */
    struct cd_buffer text = CD_BUFFER_INIT;
    va_list args;
    va_start(args, fmt);
    cd_buffer_vprintf(&text, fmt, args);
    va_end(args);
    answer->status = status;
    free(answer->message);
    answer->message = cd_buffer_steal(&text);
    (void)cd_fail(&answer->err, status < 500 ? CD_ERR_CONFIG : CD_ERR_BUG, "%s", answer->message);
}

void cd_answer_no_type(struct cd_answer *answer, const struct cd_config *config)
{
    struct cd_buffer keys CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    for (struct cd_config_iter it = {0}; cd_config_next(config, &it);) {
        if (keys.len > 0)
            cd_buffer_text(&keys, ", ");
        cd_buffer_text(&keys, it.key);
    }
    cd_answer_fail(answer, 400, "Connector config {%s} contains no connector type",
                   keys.len > 0 ? keys.ptr : "");
}

void cd_answer_offset(struct cd_answer *answer, char *partition, char *offset)
{
    answer->offsets =
        cd_realloc_array(answer->offsets, answer->offset_count + 1, sizeof(answer->offsets[0]));
    answer->offsets[answer->offset_count++] = (struct cd_api_offset){partition, offset};
}

char *cd_sink_partition_json(const char *topic, int32_t partition)
{
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_buffer_text(&out, "{\"kafka_topic\":");
    cd_json_string(&out, topic);
    cd_buffer_printf(&out, ",\"kafka_partition\":%d}", partition);
    return cd_buffer_steal(&out);
}

char *cd_sink_offset_json(int64_t offset)
{
    return cd_asprintf("{\"kafka_offset\":%lld}", (long long)offset);
}
