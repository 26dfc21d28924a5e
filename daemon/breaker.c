#include "daemon/breaker.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/thread.h"
#include "daemon/jitter.h"

#define PROBE_MAX_MS                                                                               \
    (5 * 60 * 1000) /* a prober that says nothing for so long has lost the probe                   \
                     */

struct cd_breaker {
    struct cd_breakers *breakers;
    struct cd_mutex lock;
    /* guarded by lock: */
    int failures; /* in a row; 0: closed */
    int64_t next_ms;
    const void *prober; /* only compared */
    int64_t probe_began_ms;
    uint64_t jitter;
};

struct cd_breakers {
    struct cd_mutex lock;
    struct cd_strmap map; /* guarded by lock */
    int64_t delay_ms;
    int64_t delay_max_ms;
};

static void free_breaker(void *value)
{
    struct cd_breaker *breaker = value;
    cd_mutex_done(&breaker->lock);
    free(breaker);
}

struct cd_breakers *cd_breakers_new(int64_t delay_ms, int64_t delay_max_ms)
{
    struct cd_breakers *breakers = cd_new(struct cd_breakers);
    cd_mutex_init(&breakers->lock);
    cd_strmap_init(&breakers->map, free_breaker);
    breakers->delay_ms = delay_ms;
    breakers->delay_max_ms = delay_max_ms;
    return breakers;
}

void cd_breakers_free(struct cd_breakers *breakers)
{
    if (breakers == NULL)
        return;
    cd_strmap_done(&breakers->map);
    cd_mutex_done(&breakers->lock);
    free(breakers);
}

struct cd_breaker *cd_breakers_get(struct cd_breakers *breakers, const char *system)
{
    cd_mutex_lock(&breakers->lock);
    struct cd_breaker *breaker = cd_strmap_get(&breakers->map, system);
    if (breaker == NULL) {
        breaker = cd_new(struct cd_breaker);
        breaker->breakers = breakers;
        breaker->jitter = cd_jitter_seed(breaker);
        cd_mutex_init(&breaker->lock);
        (void)cd_strmap_put(&breakers->map, system, breaker);
    }
    cd_mutex_unlock(&breakers->lock);
    return breaker;
}

static int failures_of(struct cd_breaker *breaker)
{
    cd_mutex_lock(&breaker->lock);
    int failures = breaker->failures;
    cd_mutex_unlock(&breaker->lock);
    return failures;
}

/* Names and breakers live as long as the map, which only grows: a copy of it will do. */
void cd_breakers_each(struct cd_breakers *breakers,
                      void (*each)(void *arg, const char *system, int failures), void *arg)
{
    cd_mutex_lock(&breakers->lock);
    size_t count = cd_strmap_count(&breakers->map);
    CD_AUTO_FREE struct cd_strmap_iter *all = cd_new_array(count, struct cd_strmap_iter);
    size_t used = 0;
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&breakers->map, &it);)
        all[used++] = it;
    cd_mutex_unlock(&breakers->lock);
    for (size_t i = 0; i < used; i++)
        each(arg, all[i].key, failures_of(all[i].value));
}

static int64_t delay_ms(struct cd_breaker *breaker)
{
    int64_t delay = breaker->breakers->delay_ms;
    for (int i = 1; i < breaker->failures && delay < breaker->breakers->delay_max_ms; i++)
        delay *= 2;
    if (delay > breaker->breakers->delay_max_ms)
        delay = breaker->breakers->delay_max_ms;
    /* Between a half and the whole: spread, but never a storm. */
    return delay / 2 + cd_jitter_below(&breaker->jitter, delay / 2 + 1);
}

static bool may_probe(struct cd_breaker *breaker, const void *who, int64_t now_ms)
{
    if (now_ms < breaker->next_ms)
        return false;
    return breaker->prober == NULL || breaker->prober == who ||
           now_ms - breaker->probe_began_ms > PROBE_MAX_MS;
}

bool cd_breaker_ask(struct cd_breaker *breaker, const void *who, int64_t now_ms, int64_t *ret_at_ms)
{
    cd_mutex_lock(&breaker->lock);
    bool closed = breaker->failures == 0;
    bool may = closed || may_probe(breaker, who, now_ms);
    if (may && !closed) {
        breaker->prober = who;
        breaker->probe_began_ms = now_ms;
    }
    if (!may) {
        int64_t soon_ms = now_ms + breaker->breakers->delay_ms;
        *ret_at_ms = breaker->next_ms > now_ms ? breaker->next_ms : soon_ms;
    }
    cd_mutex_unlock(&breaker->lock);
    return may;
}

int64_t cd_breaker_failed(struct cd_breaker *breaker, const void *who, int64_t now_ms)
{
    cd_mutex_lock(&breaker->lock);
    /* Those who were under way when it broke do not make the wait longer. */
    if (breaker->failures == 0 || breaker->prober == who) {
        breaker->failures++;
        breaker->next_ms = now_ms + delay_ms(breaker);
        breaker->prober = NULL;
    }
    int64_t at_ms = breaker->next_ms;
    cd_mutex_unlock(&breaker->lock);
    return at_ms;
}

void cd_breaker_succeeded(struct cd_breaker *breaker)
{
    cd_mutex_lock(&breaker->lock);
    breaker->failures = 0;
    breaker->prober = NULL;
    cd_mutex_unlock(&breaker->lock);
}

void cd_breaker_leave(struct cd_breaker *breaker, const void *who)
{
    cd_mutex_lock(&breaker->lock);
    if (breaker->prober == who)
        breaker->prober = NULL;
    cd_mutex_unlock(&breaker->lock);
}
