/* /connectors/{c}/offsets. */
#include "api/bind.h"
#include "api/handlers.h"
#include "api/render.h"

#include "base/alloc.h"

static void finish_get(struct cd_exchange *ex, struct cd_request *request)
{
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_render_offsets(&out, request->answer.offsets, request->answer.offset_count);
    cd_reply_json(ex, 200, &out);
}

void cd_get_offsets(struct cd_exchange *ex)
{
    cd_ask(ex, cd_exchange_request(ex, CD_ASK_OFFSETS_GET), finish_get);
}

static void reply_changed(struct cd_exchange *ex, const struct cd_request *request,
                          const char *altered, const char *to_alter)
{
    char *text CD_AUTO_FREE =
        request->answer.by_connector
            ? cd_asprintf("The offsets for this connector have been %s successfully", altered)
            : cd_asprintf("The Connect framework-managed offsets for this connector have been %s "
                          "successfully. However, if this connector manages offsets externally, "
                          "they will need to be manually %s in the system that the connector uses.",
                          altered, to_alter);
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_render_message(&out, text);
    cd_reply_json(ex, 200, &out);
}

static void finish_alter(struct cd_exchange *ex, struct cd_request *request)
{
    reply_changed(ex, request, "altered", "altered");
}

static void finish_reset(struct cd_exchange *ex, struct cd_request *request)
{
    reply_changed(ex, request, "reset", "reset");
}

void cd_alter_offsets(struct cd_exchange *ex)
{
    struct cd_request *request = cd_exchange_request(ex, CD_ASK_OFFSETS_ALTER);
    char *error CD_AUTO_FREE = NULL;
    bool is_null = false;
    bool bound = cd_bind_offsets(cd_buffer_view(&ex->body), request, &is_null, &error);
    if (bound && !is_null && request->offset_count > 0) {
        cd_ask(ex, request, finish_alter);
        return;
    }
    cd_request_free(request);
    if (!bound)
        cd_reply_error(ex, 500, "%s", error);
    else if (is_null)
        cd_reply_error(ex, 500, "The request body is missing or null");
    else
        cd_reply_error(ex, 400,
                       "Partitions / offsets need to be provided for an alter offsets request");
}

void cd_reset_offsets(struct cd_exchange *ex)
{
    cd_ask(ex, cd_exchange_request(ex, CD_ASK_OFFSETS_RESET), finish_reset);
}
