/*
 * Circuit breakers: one for each system (a database, a cluster), shared by all tasks that use it.
 *
 * While a system is known to be away, one task at a time probes it, at growing intervals with
 * jitter; the others wait. The first success closes the breaker for all. A task that holds the
 * probe and never comes back (abandoned) loses it after a while.
 *
 * Thread: any.
 */
#ifndef CD_DAEMON_BREAKER_H
#define CD_DAEMON_BREAKER_H

#include "connectd/error.h"

struct cd_breakers;
struct cd_breaker;

/* The first wait is about `delay_ms`, doubled by each failure up to `delay_max_ms`. */
struct cd_breakers *cd_breakers_new(int64_t delay_ms, int64_t delay_max_ms);
/* No task uses them any more. NULL is allowed. */
void cd_breakers_free(struct cd_breakers *breakers);

/* The breaker of `system`, made when missing; lives as long as `breakers`. */
struct cd_breaker *cd_breakers_get(struct cd_breakers *breakers, const char *system);

/* May I try? True also makes the caller the prober when the breaker is open. False: ask again at
 * `*ret_at_ms`. */
bool cd_breaker_ask(struct cd_breaker *breaker, const void *who, int64_t now_ms,
                    int64_t *ret_at_ms);
/* The try failed: open. Returns when the caller should ask again. */
int64_t cd_breaker_failed(struct cd_breaker *breaker, const void *who, int64_t now_ms);
/* The try went well: closed for everybody. */
void cd_breaker_succeeded(struct cd_breaker *breaker);
/* What is known of every system; failures in a row, 0: closed. Calls back without a lock. */
void cd_breakers_each(struct cd_breakers *breakers,
                      void (*each)(void *arg, const char *system, int failures), void *arg);
/* The caller goes away: if it holds the probe, somebody else may have it. */
void cd_breaker_leave(struct cd_breaker *breaker, const void *who);

#endif
