/*
 * All of the policy: what is tried again and when, what is skipped, what fails. Nobody else counts
 * attempts, waits between them, decides to split a batch, or gives up.
 *
 * The clock is the caller's: times go in, times come out, nothing sleeps.
 */
#ifndef CD_DAEMON_RETRY_H
#define CD_DAEMON_RETRY_H

#include "connectd/error.h"
#include "daemon/breaker.h"

struct cd_worker_config;

enum cd_decision {
    CD_DECIDE_RETRY,  /* the same again, at the given time */
    CD_DECIDE_REOPEN, /* drain, close, open again at the given time: its connection is no good */
    CD_DECIDE_SPLIT,  /* put fewer records at once until the bad one stands alone */
    CD_DECIDE_SKIP,   /* report the record and go on without it */
    CD_DECIDE_FAIL,   /* the task fails; what concerns one record is reported before */
};

/* ---- one operation on one record: converters and transforms (runtime.md 5.3) ---- */

struct cd_retry_record {
    int64_t timeout_ms; /* errors.retry.timeout: 0 none, -1 for ever */
    int64_t delay_max_ms;
    bool tolerate_all;
    int attempts; /* that failed, of the operation under way */
    int64_t first_ms;
    uint64_t jitter;
};

void cd_retry_record_init(struct cd_retry_record *retry, int64_t timeout_ms, int64_t delay_max_ms,
                          bool tolerate_all);
/* The next operation begins: from the first attempt. */
static inline void cd_retry_record_done(struct cd_retry_record *retry)
{
    retry->attempts = 0;
}
/* RETRY, SKIP or FAIL. Unlike the JVM, a retriable error that outlives its retries is skipped only
 * with tolerance "all". */
enum cd_decision cd_retry_record(struct cd_retry_record *retry, const struct cd_error *err,
                                 int64_t now_ms, int64_t *ret_at_ms);

/* ---- what a task does as a whole: opening, polling, putting ---- */

struct cd_retry_task {
    bool healing;               /* connectd.healing=on */
    struct cd_breaker *breaker; /* NULL: none */
    const void *who;            /* for the breaker */
    /* host->retry: how many failures in a row are followed by another try; -1: all. */
    bool limited; /* the plugin has said so */
    int64_t attempts;
    int64_t backoff_ms;
    int64_t failures;          /* in a row, of the call under way */
    int64_t degraded_since_ms; /* monotonic; 0: healthy. Only with healing */
    uint64_t jitter;
};

/* What the decision about a put also depends on. */
struct cd_put_failure {
    size_t records;       /* since the last flush */
    bool tolerate_all;    /* errors.tolerance=all */
    bool wants_culprit;   /* somebody will be told: dead letters */
    int64_t next_look_ms; /* when a retriable failure is retried if the plugin said nothing */
};

/* RETRY (this try is a probe or within the plugin's own limit), REOPEN or FAIL. */
enum cd_decision cd_retry_open(struct cd_retry_task *retry, const struct cd_error *err,
                               int64_t now_ms, int64_t *ret_at_ms);
/* RETRY, REOPEN or FAIL. */
enum cd_decision cd_retry_poll(struct cd_retry_task *retry, const struct cd_error *err,
                               int64_t now_ms, int64_t *ret_at_ms);
/* Any. The caller has called rewind. */
enum cd_decision cd_retry_put(struct cd_retry_task *retry, const struct cd_error *err,
                              const struct cd_put_failure *failure, int64_t now_ms,
                              int64_t *ret_at_ms);
/* The time has come: may the call be made? False: not before `*ret_at_ms` (somebody else probes the
 * same system). */
bool cd_retry_may_try(struct cd_retry_task *retry, int64_t now_ms, int64_t *ret_at_ms);
/* The call went well. True: it had been degraded and is healed now. */
bool cd_retry_succeeded(struct cd_retry_task *retry);
/* The breakers that the tasks of a worker share; freed by cd_breakers_free. */
struct cd_breakers *cd_retry_breakers(void);

/* ---- a task that has failed: connectd.restart.*, with healing ---- */

struct cd_retry_restart {
    int32_t count;    /* restarts in a row */
    int64_t began_ms; /* when the task was started last */
    uint64_t jitter;
};

/* When a task that failed now is started again; INT64_MAX: never by itself. One that failed because
 * of a record would meet the same record again: it waits for a person. */
int64_t cd_retry_restart(struct cd_retry_restart *restart, const struct cd_worker_config *config,
                         const struct cd_error *err, int64_t now_ms);

#endif
