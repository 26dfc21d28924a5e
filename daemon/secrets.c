#include "daemon/secrets.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "config/provider.h"
#include "config/worker_keys.h"
#include "daemon/deployment_private.h"

#include <stdlib.h>

#define SUSPECT_MS 1000  /* a changed value is looked at again after so long */
#define TROUBLE_MS 60000 /* likewise one that could not be read, unless checks come sooner */

void cd_secrets_forget(struct cd_secrets *secrets)
{
    *secrets = (struct cd_secrets){.epoch = secrets->epoch + 1};
}

/* ---- looking, on a pool thread ---- */

struct look {
    struct cd_job job;
    struct cd_message message;
    struct cd_herder *herder;
    const struct cd_wanted *wanted;
    uint64_t epoch;
    uint64_t fingerprint;
    int64_t ttl_ms; /* -1: none */
    struct cd_error err;
};

static void look_drop(struct cd_message *message)
{
    struct look *look = CD_CONTAINER_OF(message, struct look, message);
    cd_wanted_unref(look->wanted);
    free(look);
}

/* FNV-1a, with the NUL, so that "a", "bc" differs from "ab", "c". */
static uint64_t add_text(uint64_t hash, const char *text)
{
    const uint64_t prime = 1099511628211u;
    do
        hash = (hash ^ (unsigned char)*text) * prime;
    while (*text++ != '\0');
    return hash;
}

static uint64_t fingerprint_of(const struct cd_config *config)
{
    uint64_t hash = 14695981039346656037u;
    for (struct cd_config_iter it = {0}; cd_config_next(config, &it);)
        hash = add_text(add_text(hash, it.key), it.value);
    return hash == 0 ? 1 : hash;
}

static void run_look(struct cd_job *job)
{
    struct look *look = CD_CONTAINER_OF(job, struct look, job);
    struct cd_config *expanded = cd_resolver_expand(
        look->herder->worker->resolver, look->wanted->config, &look->ttl_ms, &look->err);
    if (expanded != NULL)
        look->fingerprint = fingerprint_of(expanded);
    cd_config_free(expanded);
    cd_herder_tell(look->herder, &look->message);
}

/* ---- what was seen ---- */

static int64_t interval_ms(const struct cd_deployment *deployment)
{
    return deployment->herder->worker->config->secrets_check_ms;
}

static int64_t next_look_ms(const struct cd_deployment *deployment, int64_t ttl_ms)
{
    int64_t check_ms = interval_ms(deployment);
    if (check_ms == 0 && ttl_ms < 0)
        return INT64_MAX;
    int64_t wait_ms = ttl_ms < 0 || (check_ms > 0 && check_ms < ttl_ms) ? check_ms : ttl_ms;
    return cd_clock_ms() + wait_ms;
}

static void not_readable(struct cd_deployment *deployment, const struct cd_error *err)
{
    struct cd_secrets *secrets = &deployment->secrets;
    if (!secrets->troubled)
        cd_log_warn(
            &deployment->log,
            "external values of the configuration cannot be read now, the connector goes on "
            "with those it has: %s",
            err->msg);
    secrets->troubled = true;
    int64_t check_ms = interval_ms(deployment);
    secrets->look_at_ms =
        cd_clock_ms() + (check_ms > 0 && check_ms < TROUBLE_MS ? check_ms : TROUBLE_MS);
}

static void differs(struct cd_deployment *deployment, const struct look *look)
{
    struct cd_secrets *secrets = &deployment->secrets;
    /* With a time to live each look may get another value: there is nothing to wait for. */
    if (look->ttl_ms < 0 && secrets->suspect != look->fingerprint) {
        secrets->suspect = look->fingerprint;
        secrets->look_at_ms = cd_clock_ms() + SUSPECT_MS;
        return;
    }
    cd_log_info(&deployment->log, "external values of the configuration have changed, restarting");
    secrets->fingerprint = look->fingerprint;
    secrets->suspect = 0;
    cd_config_store_restart(deployment->herder->configs, deployment->name,
                            /* include_tasks = */ true,
                            /* only_failed = */ false, NULL, NULL);
}

static void look_done(struct cd_deployment *deployment, const struct look *look)
{
    struct cd_secrets *secrets = &deployment->secrets;
    secrets->looking = false;
    if (look->err.code != CD_OK) {
        not_readable(deployment, &look->err);
        return;
    }
    secrets->troubled = false;
    secrets->look_at_ms = next_look_ms(deployment, look->ttl_ms);
    if (secrets->fingerprint == 0)
        secrets->fingerprint = look->fingerprint;
    else if (secrets->fingerprint != look->fingerprint)
        differs(deployment, look);
    else
        secrets->suspect = 0;
}

static void look_run(struct cd_herder *herder, struct cd_message *message)
{
    struct look *look = CD_CONTAINER_OF(message, struct look, message);
    struct cd_deployment *deployment = cd_herder_find(herder, look->wanted->name);
    if (deployment != NULL && deployment->secrets.epoch == look->epoch) {
        look_done(deployment, look);
        cd_herder_refresh(herder, look->wanted->name);
    }
    look_drop(message);
}

/* ---- when ---- */

static bool has_variables(const struct cd_config *config)
{
    const char *action = cd_config_get(config, "config.action.reload");
    if (action != NULL && strcmp(action, "none") == 0)
        return false;
    for (struct cd_config_iter it = {0}; cd_config_next(config, &it);)
        if (cd_resolver_mentions(it.value))
            return true;
    return false;
}

static void submit_look(struct cd_deployment *deployment)
{
    struct look *look = cd_new(struct look);
    look->job.run = run_look;
    look->message = (struct cd_message){.run = look_run, .drop = look_drop};
    look->herder = deployment->herder;
    look->wanted = cd_wanted_ref(deployment->wanted);
    look->epoch = deployment->secrets.epoch;
    cd_error_reset(&look->err);
    deployment->secrets.looking = true;
    cd_scheduler_submit(deployment->herder->worker->scheduler, &look->job);
}

void cd_secrets_reconcile(struct cd_deployment *deployment)
{
    struct cd_secrets *secrets = &deployment->secrets;
    if (secrets->looking || secrets->look_at_ms == INT64_MAX ||
        !cd_deployment_is_wanted(deployment) || deployment->wanted->target != CD_TARGET_STARTED)
        return;
    if (cd_clock_ms() < secrets->look_at_ms)
        cd_herder_wake_at(deployment->herder, secrets->look_at_ms);
    else if (has_variables(deployment->wanted->config))
        submit_look(deployment);
    else
        secrets->look_at_ms = INT64_MAX;
}
