#include "daemon/scheduler.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/scheduler_private.h"

/* A descriptor that epoll refuses (a regular file, or one that another runnable waits for) is
 * looked at this often instead. */
#define UNWATCHABLE_MS 100

/* What this pool thread is stepping; NULL after its removal: its memory may be gone. */
static _Thread_local struct cd_runnable *stepping;

static struct cd_scheduler *new_scheduler(size_t threads_min, size_t threads_max)
{
    struct cd_scheduler *s = cd_new(struct cd_scheduler);
    cd_mutex_init(&s->lock);
    cd_cond_init(&s->work);
    cd_cond_init(&s->ended_one);
    cd_list_init(&s->runnables);
    cd_list_init(&s->jobs);
    cd_list_init(&s->live);
    cd_list_init(&s->ended);
    s->threads_min = threads_min;
    s->threads_max = threads_max < threads_min ? threads_min : threads_max;
    return s;
}

static void free_scheduler(struct cd_scheduler *s)
{
    cd_waker_free(s);
    cd_cond_done(&s->work);
    cd_cond_done(&s->ended_one);
    cd_mutex_done(&s->lock);
    free(s);
}

struct cd_scheduler *cd_scheduler_start(size_t threads_min, size_t threads_max,
                                        struct cd_error *err)
{
    struct cd_scheduler *s = new_scheduler(threads_min, threads_max);
    if (!cd_waker_start(s, err)) {
        free_scheduler(s);
        return NULL;
    }
    if (!cd_pool_start(s, err)) {
        (void)cd_scheduler_stop(s, INT64_MAX); /* nothing ran yet, so nothing can be stuck */
        return NULL;
    }
    return s;
}

bool cd_scheduler_stop(struct cd_scheduler *s, int64_t deadline_ms)
{
    bool ended = cd_pool_stop(s, deadline_ms);
    cd_waker_stop(s);
    if (!ended)
        return false; /* a thread that comes back from foreign code still needs all of this */
    free_scheduler(s);
    return true;
}

void cd_runnable_init(struct cd_runnable *r, struct cd_scheduler *scheduler, cd_step_fn *step)
{
    *r = (struct cd_runnable){.scheduler = scheduler, .step = step, .watched_fd = -1};
    cd_list_init(&r->link);
    atomic_init(&r->state, RUNNABLE_IDLE);
    atomic_init(&r->step_started_ms, 0);
}

/* Every outcome is a write, also the one that changes nothing: what the waking thread wrote before
 * is thereby visible to the step that follows. True: the caller puts it in the queue. */
static bool mark_woken(struct cd_runnable *r)
{
    static const int becomes[] = {
        [RUNNABLE_IDLE] = RUNNABLE_QUEUED,
        [RUNNABLE_QUEUED] = RUNNABLE_QUEUED,
        [RUNNABLE_RUNNING] = RUNNABLE_WOKEN,
        [RUNNABLE_WOKEN] = RUNNABLE_WOKEN,
    };
    int was = atomic_load(&r->state);
    while (!atomic_compare_exchange_weak(&r->state, &was, becomes[was]))
        continue;
    return was == RUNNABLE_IDLE;
}

void cd_runnable_wake_locked(struct cd_runnable *r)
{
    if (mark_woken(r))
        cd_pool_queue_locked(r->scheduler, r, /* own = */ false);
}

void cd_runnable_wake(struct cd_runnable *r)
{
    if (!mark_woken(r))
        return;
    struct cd_scheduler *s = r->scheduler;
    cd_mutex_lock(&s->lock);
    cd_pool_queue_locked(s, r, /* own = */ false);
    cd_mutex_unlock(&s->lock);
}

void cd_runnable_wake_with(struct cd_runnable *r, atomic_bool *flag)
{
    struct cd_scheduler *s = r->scheduler;
    cd_mutex_lock(&s->lock);
    atomic_store(flag, true);
    cd_runnable_wake_locked(r);
    cd_mutex_unlock(&s->lock);
}

void cd_runnable_remove(struct cd_runnable *r)
{
    struct cd_scheduler *s = r->scheduler;
    cd_mutex_lock(&s->lock);
    cd_waker_timer_locked(s, r, INT64_MAX);
    cd_waker_unwatch_locked(s, r);
    if (r->link.next != &r->link) {
        cd_list_remove(&r->link);
        s->runnable_count--;
    }
    cd_mutex_unlock(&s->lock);
    if (stepping == r)
        stepping = NULL;
}

int64_t cd_runnable_stepping_ms(const struct cd_runnable *r)
{
    int64_t since = atomic_load(&r->step_started_ms);
    int64_t now = cd_clock_ms();
    return since == 0 ? 0 : now > since ? now - since : 1;
}

static void arm(struct cd_scheduler *s, struct cd_runnable *r, enum cd_step answer,
                const struct cd_wait *wait)
{
    if (answer == CD_STEP_AGAIN)
        return; /* an old timer may fire: one step too many */
    int64_t until_ms = answer == CD_STEP_WAIT ? wait->until_ms : INT64_MAX;
    if (answer == CD_STEP_WAIT && wait->fd >= 0 &&
        !cd_waker_watch_locked(s, r, wait->fd, wait->events)) {
        int64_t soon_ms = cd_clock_ms() + UNWATCHABLE_MS;
        until_ms = until_ms < soon_ms ? until_ms : soon_ms;
    }
    cd_waker_timer_locked(s, r, until_ms);
}

/* Timer and descriptor are armed while it still counts as running: what fires at once is a wake
 * during the step. */
static void settle(struct cd_scheduler *s, struct cd_runnable *r, enum cd_step answer,
                   const struct cd_wait *wait)
{
    arm(s, r, answer, wait);
    int was = RUNNABLE_RUNNING;
    if (answer != CD_STEP_AGAIN && atomic_compare_exchange_strong(&r->state, &was, RUNNABLE_IDLE))
        return; /* from here on it may be stepped elsewhere */
    atomic_store(&r->state, RUNNABLE_QUEUED);
    cd_pool_queue_locked(s, r, /* own = */ true);
}

void cd_runnable_run(struct cd_runnable *r)
{
    struct cd_scheduler *s = r->scheduler;
    if (r->watched_fd >= 0) {
        /* Before the step, because the step may close the descriptor and somebody else get the
         * same number. */
        cd_mutex_lock(&s->lock);
        cd_waker_unwatch_locked(s, r);
        cd_mutex_unlock(&s->lock);
    }
    stepping = r;
    (void)atomic_exchange(&r->state, RUNNABLE_RUNNING); /* sees what wakers wrote */
    atomic_store(&r->step_started_ms, cd_clock_ms());
    struct cd_wait wait;
    (void)cd_wait_forever(&wait);
    enum cd_step answer = r->step(r, &wait);
    assert(answer != CD_STEP_FAILED);
    if (stepping == NULL)
        return; /* removed */
    stepping = NULL;
    atomic_store(&r->step_started_ms, 0);
    cd_mutex_lock(&s->lock);
    settle(s, r, answer, &wait);
    cd_mutex_unlock(&s->lock);
}

void cd_scheduler_stats(struct cd_scheduler *s, struct cd_scheduler_stats *ret)
{
    cd_mutex_lock(&s->lock);
    *ret = (struct cd_scheduler_stats){
        .threads = s->threads,
        .busy = s->threads - s->idle,
        .runnable = s->runnable_count,
        .steps = s->steps,
        .threads_added = s->threads_added,
    };
    cd_mutex_unlock(&s->lock);
}
