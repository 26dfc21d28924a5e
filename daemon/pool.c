/*
 * The threads that run steps and jobs.
 *
 * Growing: when something is runnable and no thread idle, the waker looks every MONITOR_MS. If a
 * thread has been busy with one step for LONG_STEP_MS or more, threads are added. Shrinking: a
 * thread above the minimum that had nothing to do for IDLE_MS ends.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/scheduler_private.h"

#define MONITOR_MS 20
#define LONG_STEP_MS 10
#define IDLE_MS 10000
#define STACK_BYTES ((size_t)1024 * 1024) /* foreign code runs here; only touched pages cost */

static void monitor_soon_locked(struct cd_scheduler *s)
{
    if (s->monitor_ms != INT64_MAX)
        return;
    s->monitor_ms = cd_clock_ms() + MONITOR_MS;
    cd_waker_hasten_locked(s, s->monitor_ms);
}

static void announce_locked(struct cd_scheduler *s)
{
    if (s->idle > 0)
        cd_cond_signal(&s->work);
    if (s->runnable_count + s->job_count > s->idle)
        monitor_soon_locked(s);
}

void cd_pool_queue_locked(struct cd_scheduler *s, struct cd_runnable *r, bool own)
{
    assert(cd_mutex_held(&s->lock));
    cd_list_push_back(&s->runnables, &r->link);
    s->runnable_count++;
    if (!own || s->runnable_count > 1)
        announce_locked(s);
}

void cd_scheduler_submit(struct cd_scheduler *s, struct cd_job *job)
{
    cd_mutex_lock(&s->lock);
    cd_list_push_back(&s->jobs, &job->link);
    s->job_count++;
    announce_locked(s);
    cd_mutex_unlock(&s->lock);
}

/* ---- one thread ---- */

/* Jobs first: they are rare, and somebody waits for their answer. */
static struct cd_job *take_job_locked(struct cd_scheduler *s)
{
    struct cd_link *link = cd_list_pop_front(&s->jobs);
    if (link == NULL)
        return NULL;
    s->job_count--;
    return CD_CONTAINER_OF(link, struct cd_job, link);
}

static struct cd_runnable *take_runnable_locked(struct cd_scheduler *s)
{
    struct cd_link *link = cd_list_pop_front(&s->runnables);
    if (link == NULL)
        return NULL;
    s->runnable_count--;
    s->steps++;
    return CD_CONTAINER_OF(link, struct cd_runnable, link);
}

static void work_once(struct cd_scheduler *s, struct cd_pool_thread *self, struct cd_job *job,
                      struct cd_runnable *r)
{
    self->busy_since_ms = cd_clock_ms();
    cd_mutex_unlock(&s->lock);
    if (job != NULL)
        job->run(job);
    else
        cd_runnable_run(r);
    cd_mutex_lock(&s->lock);
    self->busy_since_ms = 0;
}

/* False: this thread is not needed any more. */
static bool idle_locked(struct cd_scheduler *s)
{
    if (s->stopping)
        return false;
    s->idle++;
    bool in_time = cd_cond_wait(&s->work, &s->lock, cd_clock_ms() + IDLE_MS);
    s->idle--;
    return in_time || s->runnable_count + s->job_count > 0 || s->threads <= s->threads_min;
}

static void pool_main(void *arg)
{
    struct cd_pool_thread *self = arg;
    struct cd_scheduler *s = self->scheduler;
    cd_mutex_lock(&s->lock);
    for (;;) {
        struct cd_job *job = take_job_locked(s);
        struct cd_runnable *r = job == NULL ? take_runnable_locked(s) : NULL;
        if (job != NULL || r != NULL)
            work_once(s, self, job, r);
        else if (!idle_locked(s))
            break;
    }
    s->threads--;
    cd_list_remove(&self->link);
    cd_list_push_back(&s->ended, &self->link);
    cd_cond_signal(&s->ended_one);
    cd_mutex_unlock(&s->lock);
}

/* ---- all of them ---- */

static void join_ended(struct cd_scheduler *s)
{
    for (;;) {
        cd_mutex_lock(&s->lock);
        struct cd_link *link = cd_list_pop_front(&s->ended);
        cd_mutex_unlock(&s->lock);
        if (link == NULL)
            return;
        struct cd_pool_thread *thread = CD_CONTAINER_OF(link, struct cd_pool_thread, link);
        cd_thread_join(&thread->thread);
        free(thread);
    }
}

static bool add_thread(struct cd_scheduler *s, struct cd_error *err)
{
    struct cd_pool_thread *thread = cd_new(struct cd_pool_thread);
    thread->scheduler = s;
    /* Under the lock, so that the thread's handle is complete before anybody can join it. */
    cd_mutex_lock(&s->lock);
    bool ok = cd_thread_start(&thread->thread, "pool", STACK_BYTES, pool_main, thread, err);
    if (ok) {
        cd_list_push_back(&s->live, &thread->link);
        s->threads++;
    }
    cd_mutex_unlock(&s->lock);
    if (!ok)
        free(thread);
    return ok;
}

bool cd_pool_start(struct cd_scheduler *s, struct cd_error *err)
{
    for (size_t i = 0; i < s->threads_min; i++)
        if (!add_thread(s, err))
            return false;
    return true;
}

static bool some_step_is_long_locked(struct cd_scheduler *s, int64_t now_ms)
{
    for (struct cd_link *at = s->live.next; at != &s->live; at = at->next) {
        struct cd_pool_thread *thread = CD_CONTAINER_OF(at, struct cd_pool_thread, link);
        if (thread->busy_since_ms != 0 && now_ms - thread->busy_since_ms >= LONG_STEP_MS)
            return true;
    }
    return false;
}

/* Half of what waits: much of it will be short. */
static size_t wanted_locked(struct cd_scheduler *s)
{
    size_t waiting = s->runnable_count + s->job_count;
    if (s->stopping || waiting <= s->idle) {
        s->monitor_ms = INT64_MAX;
        return 0;
    }
    int64_t now_ms = cd_clock_ms();
    s->monitor_ms = now_ms + MONITOR_MS;
    if (!some_step_is_long_locked(s, now_ms))
        return 0;
    size_t room = s->threads_max - s->threads;
    size_t wanted = (waiting + 1) / 2;
    return wanted < room ? wanted : room;
}

void cd_pool_monitor(struct cd_scheduler *s)
{
    cd_mutex_lock(&s->lock);
    size_t wanted = wanted_locked(s);
    cd_mutex_unlock(&s->lock);
    if (wanted == 0)
        return;
    join_ended(s);
    for (size_t i = 0; i < wanted; i++) {
        struct cd_error err = CD_ERROR_INIT;
        if (!add_thread(s, &err))
            return; /* no more to be had now: the next look tries again */
        cd_mutex_lock(&s->lock);
        s->threads_added++;
        cd_mutex_unlock(&s->lock);
    }
}

bool cd_pool_stop(struct cd_scheduler *s, int64_t deadline_ms)
{
    cd_mutex_lock(&s->lock);
    s->stopping = true;
    cd_cond_broadcast(&s->work);
    bool in_time = true;
    while (s->threads > 0 && in_time)
        in_time = cd_cond_wait(&s->ended_one, &s->lock, deadline_ms);
    bool all = s->threads == 0;
    cd_mutex_unlock(&s->lock);
    join_ended(s);
    return all;
}
