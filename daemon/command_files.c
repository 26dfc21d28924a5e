#include "daemon/command_files.h"

#include "base/alloc.h"
#include "base/thread.h"
#include "config/connector_file.h"

#include <stdlib.h>

/* Where main waits for the herder's answer. */
struct answered {
    struct cd_mutex lock;
    struct cd_cond done;
    bool is_done; /* guarded by lock: */
};

static void signal_answer(struct cd_request *request)
{
    struct answered *answered = request->owner;
    cd_mutex_lock(&answered->lock);
    answered->is_done = true;
    cd_cond_broadcast(&answered->done);
    cd_mutex_unlock(&answered->lock);
}

static void ask(struct cd_herder *herder, struct cd_request *request)
{
    struct answered answered = {.is_done = false};
    cd_mutex_init(&answered.lock);
    cd_cond_init(&answered.done);
    request->done = signal_answer;
    /* cppcheck-suppress autoVariables ; this function returns only after the answer */
    request->owner = &answered;
    cd_herder_post(herder, request);
    cd_mutex_lock(&answered.lock);
    while (!answered.is_done)
        (void)cd_cond_wait(&answered.done, &answered.lock,
                           INT64_MAX); /* the herder always answers */
    cd_mutex_unlock(&answered.lock);
    cd_cond_done(&answered.done);
    cd_mutex_done(&answered.lock);
}

static bool refused(const struct cd_request *request, struct cd_error *err)
{
    const struct cd_answer *answer = &request->answer;
    if (answer->report != NULL && !cd_report_fail(answer->report, err))
        return true;
    if (answer->message != NULL)
        return !cd_fail(err, CD_ERR_CONFIG, "%s", answer->message);
    if (answer->err.code != CD_OK)
        *err = answer->err;
    else if (answer->view != NULL && answer->view->status.state == CD_API_FAILED)
        (void)cd_fail(err, CD_ERR_CONFIG, "%s", answer->view->status.trace);
    return err->code != CD_OK;
}

static enum cd_api_target target_of(const char *initial_state)
{
    if (initial_state != NULL && strcmp(initial_state, "PAUSED") == 0)
        return CD_TARGET_PAUSED;
    if (initial_state != NULL && strcmp(initial_state, "STOPPED") == 0)
        return CD_TARGET_STOPPED;
    return CD_TARGET_STARTED;
}

bool cd_command_file_create(struct cd_herder *herder, const char *path, struct cd_error *err)
{
    struct cd_connector_file file;
    if (!cd_connector_file_load(path, &file, err))
        return cd_fail_while(err, "connector file '%s'", path);
    struct cd_request *request = cd_request_new(CD_ASK_CREATE, file.name);
    request->config = cd_config_copy(file.config);
    request->initial = target_of(file.initial_state);
    cd_connector_file_done(&file);
    ask(herder, request);
    bool ok = !refused(request, err);
    cd_request_free(request);
    return ok || cd_fail_while(err, "connector file '%s'", path);
}
