/* /connector-plugins: what there is, what it takes, and whether a configuration is right. */
#include "api/bind.h"
#include "api/handlers.h"
#include "api/render.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void cd_list_plugins(struct cd_exchange *ex)
{
    bool connectors_only = cd_uri_flag(&ex->uri, "connectorsOnly", /* blank = */ true);
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_render_plugins(&out, ex->backend->plugins(ex->backend->state), connectors_only);
    cd_reply_json(ex, 200, &out);
}

void cd_get_plugin_config(struct cd_exchange *ex)
{
    struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    struct cd_answer answer = {.err = CD_ERROR_INIT};
    if (ex->backend->plugin_config(ex->backend->state, ex->name, &report, &answer)) {
        struct cd_buffer out = CD_BUFFER_INIT;
        cd_render_definitions(&out, &report);
        cd_reply_json(ex, 200, &out);
    } else {
        cd_reply_failure(ex, &answer);
    }
    free(answer.message);
}

/* ---- validate ---- */

/* "FileStreamSinkConnector" and "FileStreamSink" are the same, "Connector" stays what it is. */
static size_t length_without_suffix(const char *text)
{
    static const char suffix[] = "Connector";
    size_t len = strlen(text);
    size_t suffix_len = sizeof(suffix) - 1;
    bool has = len > suffix_len && strcmp(text + len - suffix_len, suffix) == 0;
    return has ? len - suffix_len : len;
}

static bool class_matches(const char *class_name, const char *path)
{
    size_t class_len = length_without_suffix(class_name);
    size_t path_len = length_without_suffix(path);
    return class_len >= path_len && memcmp(class_name + class_len - path_len, path, path_len) == 0;
}

/* Whatever keeps the JVM's worker from validating is a 500 here, also what is a 400 on create. */
static void finish_validate(struct cd_exchange *ex, struct cd_request *request)
{
    if (request == NULL) {
        cd_reply_timed_out(ex, /* full_stop = */ false);
        return;
    }
    if (request->answer.err.code != CD_OK) {
        cd_reply_error(ex, 500, "%s",
                       request->answer.message != NULL ? request->answer.message
                                                       : request->answer.err.msg);
        return;
    }
    if (request->answer.report == NULL) {
        cd_reply_error(ex, 500, "There is no report for this configuration");
        return;
    }
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_render_report(&out, request->answer.report);
    cd_reply_json(ex, 200, &out);
}

/* Here a missing class is a 500, with the JVM's exception in front. */
static void reply_no_type(struct cd_exchange *ex, const struct cd_config *config)
{
    struct cd_answer answer = {.err = CD_ERROR_INIT};
    cd_answer_no_type(&answer, config);
    cd_reply_error(ex, 500, "org.apache.kafka.connect.runtime.rest.errors.BadRequestException: %s",
                   answer.message);
    free(answer.message);
}

/* True: `config` is worth asking the backend about. Otherwise it was replied to. */
static bool check_class(struct cd_exchange *ex, const struct cd_config *config)
{
    if (config == NULL) {
        cd_reply_error(ex, 500, "The request body is missing or null");
        return false;
    }
    const char *class_name = cd_config_get(config, "connector.class");
    if (class_name == NULL) {
        reply_no_type(ex, config);
        return false;
    }
    if (!class_matches(class_name, ex->name)) {
        cd_reply_error(ex, 400, "Included connector type %s does not match request type %s",
                       class_name, ex->name);
        return false;
    }
    return true;
}

void cd_validate_config(struct cd_exchange *ex)
{
    struct cd_config *config CD_AUTO(cd_config_freep) = NULL;
    char *error CD_AUTO_FREE = NULL;
    if (!cd_bind_config(cd_buffer_view(&ex->body), &config, &error)) {
        cd_reply_error(ex, 500, "%s", error);
        return;
    }
    if (!check_class(ex, config))
        return;
    struct cd_request *request = cd_exchange_request(ex, CD_ASK_VALIDATE);
    request->config = config;
    config = NULL;
    ex->finish_failures = true;
    cd_ask(ex, request, finish_validate);
}
