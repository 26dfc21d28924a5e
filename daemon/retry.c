#include "daemon/retry.h"

#include "config/worker_keys.h"
#include "daemon/jitter.h"

#define FIRST_DELAY_MS 300
#define HEAL_DELAY_MS 1000
#define HEAL_DELAY_MAX_MS 60000

/* ---- one operation on one record ---- */

void cd_retry_record_init(struct cd_retry_record *retry, int64_t timeout_ms, int64_t delay_max_ms,
                          bool tolerate_all)
{
    *retry = (struct cd_retry_record){
        .timeout_ms = timeout_ms,
        .delay_max_ms = delay_max_ms,
        .tolerate_all = tolerate_all,
        .jitter = cd_jitter_seed(retry),
    };
}

/* 300, 600, 1200, ... and beyond the maximum anything below it, as the JVM does. */
static int64_t record_delay_ms(struct cd_retry_record *retry)
{
    int64_t delay_ms = FIRST_DELAY_MS;
    for (int i = 1; i < retry->attempts && delay_ms <= retry->delay_max_ms; i++)
        delay_ms *= 2;
    if (delay_ms > retry->delay_max_ms)
        delay_ms = cd_jitter_below(&retry->jitter, retry->delay_max_ms);
    return delay_ms;
}

static bool record_again(struct cd_retry_record *retry, int64_t now_ms, int64_t *ret_at_ms)
{
    int64_t end_ms = retry->timeout_ms < 0 ? INT64_MAX : retry->first_ms + retry->timeout_ms;
    if (now_ms >= end_ms)
        return false;
    int64_t at_ms = now_ms + record_delay_ms(retry);
    *ret_at_ms = at_ms < end_ms ? at_ms : end_ms;
    return true;
}

enum cd_decision cd_retry_record(struct cd_retry_record *retry, const struct cd_error *err,
                                 int64_t now_ms, int64_t *ret_at_ms)
{
    if (retry->attempts++ == 0)
        retry->first_ms = now_ms;
    if (err->code == CD_ERR_BUG)
        return CD_DECIDE_FAIL;
    if (err->retriable && record_again(retry, now_ms, ret_at_ms))
        return CD_DECIDE_RETRY;
    return retry->tolerate_all ? CD_DECIDE_SKIP : CD_DECIDE_FAIL;
}

/* ---- a task as a whole ---- */

/* Doubled with each failure, up to the maximum, then between a half of that and all of it. */
static int64_t backoff_ms(int64_t first_ms, int64_t max_ms, int64_t failures, uint64_t *jitter)
{
    int64_t delay_ms = first_ms;
    for (int64_t i = 1; i < failures && delay_ms < max_ms; i++)
        delay_ms = delay_ms > max_ms / 2 ? max_ms : delay_ms * 2;
    if (delay_ms > max_ms)
        delay_ms = max_ms;
    return delay_ms / 2 + cd_jitter_below(jitter, delay_ms / 2 + 1);
}

static int64_t heal_delay_ms(struct cd_retry_task *retry)
{
    return backoff_ms(HEAL_DELAY_MS, HEAL_DELAY_MAX_MS, retry->failures, &retry->jitter);
}

static bool heals(const struct cd_retry_task *retry, const struct cd_error *err)
{
    return retry->healing && cd_is_environment(err);
}

static void degrade(struct cd_retry_task *retry, int64_t now_ms, int64_t *ret_at_ms)
{
    if (retry->degraded_since_ms == 0)
        retry->degraded_since_ms = now_ms;
    if (retry->jitter == 0)
        retry->jitter = cd_jitter_seed(retry);
    *ret_at_ms = retry->breaker != NULL ? cd_breaker_failed(retry->breaker, retry->who, now_ms)
                                        : now_ms + heal_delay_ms(retry);
}

/* The plugin's own limit, as data. */
static bool within_limit(const struct cd_retry_task *retry)
{
    return retry->limited && (retry->attempts < 0 || retry->failures <= retry->attempts);
}

enum cd_decision cd_retry_open(struct cd_retry_task *retry, const struct cd_error *err,
                               int64_t now_ms, int64_t *ret_at_ms)
{
    retry->failures++;
    if ((err->retriable || cd_is_environment(err)) && within_limit(retry)) {
        *ret_at_ms = now_ms + retry->backoff_ms;
        return CD_DECIDE_REOPEN;
    }
    if (!heals(retry, err))
        return CD_DECIDE_FAIL;
    degrade(retry, now_ms, ret_at_ms);
    return CD_DECIDE_REOPEN;
}

enum cd_decision cd_retry_poll(struct cd_retry_task *retry, const struct cd_error *err,
                               int64_t now_ms, int64_t *ret_at_ms)
{
    retry->failures++;
    if (heals(retry, err)) {
        degrade(retry, now_ms, ret_at_ms);
        return err->retriable ? CD_DECIDE_RETRY : CD_DECIDE_REOPEN;
    }
    if (!err->retriable)
        return CD_DECIDE_FAIL;
    *ret_at_ms = now_ms; /* the JVM polls again at once */
    return CD_DECIDE_RETRY;
}

/* A record is to blame: which one? */
static enum cd_decision blame(const struct cd_error *err, const struct cd_put_failure *failure)
{
    if (!failure->tolerate_all && !failure->wants_culprit)
        return CD_DECIDE_FAIL;
    if (err->record == 0 && failure->records > 1)
        return CD_DECIDE_SPLIT;
    return failure->tolerate_all ? CD_DECIDE_SKIP : CD_DECIDE_FAIL;
}

enum cd_decision cd_retry_put(struct cd_retry_task *retry, const struct cd_error *err,
                              const struct cd_put_failure *failure, int64_t now_ms,
                              int64_t *ret_at_ms)
{
    retry->failures++;
    if (err->retriable && (!retry->limited || within_limit(retry))) {
        *ret_at_ms = retry->limited ? now_ms + retry->backoff_ms : failure->next_look_ms;
        if (heals(retry, err)) /* healing does not wait for the next commit */
            degrade(retry, now_ms, ret_at_ms);
        return CD_DECIDE_RETRY;
    }
    if (heals(retry, err)) {
        degrade(retry, now_ms, ret_at_ms);
        return CD_DECIDE_RETRY;
    }
    return err->code == CD_ERR_DATA ? blame(err, failure) : CD_DECIDE_FAIL;
}

bool cd_retry_may_try(struct cd_retry_task *retry, int64_t now_ms, int64_t *ret_at_ms)
{
    if (!retry->healing || retry->breaker == NULL)
        return true;
    return cd_breaker_ask(retry->breaker, retry->who, now_ms, ret_at_ms);
}

bool cd_retry_succeeded(struct cd_retry_task *retry)
{
    if (retry->failures == 0)
        return false;
    retry->failures = 0;
    bool healed = retry->degraded_since_ms != 0;
    retry->degraded_since_ms = 0;
    if (healed && retry->breaker != NULL)
        cd_breaker_succeeded(retry->breaker);
    return healed;
}

struct cd_breakers *cd_retry_breakers(void)
{
    return cd_breakers_new(HEAL_DELAY_MS, HEAL_DELAY_MAX_MS);
}

/* ---- a task that has failed ---- */

int64_t cd_retry_restart(struct cd_retry_restart *restart, const struct cd_worker_config *config,
                         const struct cd_error *err, int64_t now_ms)
{
    if (!config->healing || err->code == CD_ERR_DATA)
        return INT64_MAX;
    if (now_ms - restart->began_ms >= config->restart_window_ms)
        restart->count = 0;
    if (config->restart_max >= 0 && restart->count >= config->restart_max)
        return INT64_MAX;
    restart->count++;
    if (restart->jitter == 0)
        restart->jitter = cd_jitter_seed(restart);
    return now_ms + backoff_ms(config->restart_backoff_ms, config->restart_backoff_max_ms,
                               restart->count, &restart->jitter);
}
