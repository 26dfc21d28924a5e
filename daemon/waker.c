/*
 * One thread that sleeps in epoll until a timer is due, a descriptor is ready, or it is poked
 * because an earlier timer came.
 *
 * Timers are a binary heap of the runnables themselves. A timer stays while its runnable is
 * stepped: a loop that keeps waiting for the same time touches nothing.
 */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/scheduler_private.h"

#define EVENTS_MAX 64
#define POKE UINT64_MAX

/* ---- the heap ---- */

static void place(struct cd_scheduler *s, size_t at, struct cd_runnable *r)
{
    s->timers[at] = r;
    r->timer_index = at;
}

static void sift_up(struct cd_scheduler *s, size_t at, struct cd_runnable *r)
{
    while (at > 1 && s->timers[at / 2]->timer_ms > r->timer_ms) {
        place(s, at, s->timers[at / 2]);
        at /= 2;
    }
    place(s, at, r);
}

static void sift_down(struct cd_scheduler *s, size_t at, struct cd_runnable *r)
{
    for (;;) {
        size_t child = at * 2;
        if (child > s->timer_count)
            break;
        if (child < s->timer_count && s->timers[child + 1]->timer_ms < s->timers[child]->timer_ms)
            child++;
        if (s->timers[child]->timer_ms >= r->timer_ms)
            break;
        place(s, at, s->timers[child]);
        at = child;
    }
    place(s, at, r);
}

static void heap_fix(struct cd_scheduler *s, size_t at, struct cd_runnable *r)
{
    if (at > 1 && s->timers[at / 2]->timer_ms > r->timer_ms)
        sift_up(s, at, r);
    else
        sift_down(s, at, r);
}

static void heap_add(struct cd_scheduler *s, struct cd_runnable *r)
{
    if (s->timer_count + 1 >= s->timer_capacity) {
        s->timer_capacity = s->timer_capacity == 0 ? 64 : s->timer_capacity * 2;
        s->timers = cd_realloc_array(s->timers, s->timer_capacity, sizeof(struct cd_runnable *));
    }
    s->timer_count++;
    sift_up(s, s->timer_count, r);
}

static void heap_remove(struct cd_scheduler *s, struct cd_runnable *r)
{
    size_t at = r->timer_index;
    r->timer_index = 0;
    struct cd_runnable *last = s->timers[s->timer_count--];
    if (last != r)
        heap_fix(s, at, last);
}

/* Long waits end together, up to a tenth later than asked: a thousand tasks that look around once a
 * second then cost some wake-ups a second instead of a thousand. */
static int64_t with_slack(int64_t until_ms)
{
    enum { LONG_MS = 500, SLACK_MS = 50 };
    if (until_ms == INT64_MAX || until_ms - cd_clock_ms() < LONG_MS)
        return until_ms;
    return (until_ms + SLACK_MS - 1) / SLACK_MS * SLACK_MS;
}

void cd_waker_timer_locked(struct cd_scheduler *s, struct cd_runnable *r, int64_t until_ms)
{
    assert(cd_mutex_held(&s->lock));
    until_ms = with_slack(until_ms);
    if (until_ms == INT64_MAX) {
        if (r->timer_index != 0)
            heap_remove(s, r);
        return;
    }
    if (r->timer_index != 0 && r->timer_ms == until_ms)
        return;
    r->timer_ms = until_ms;
    if (r->timer_index != 0)
        heap_fix(s, r->timer_index, r);
    else
        heap_add(s, r);
    cd_waker_hasten_locked(s, until_ms);
}

void cd_waker_hasten_locked(struct cd_scheduler *s, int64_t at_ms)
{
    if (at_ms >= s->asleep_until_ms)
        return; /* it wakes up in time, or is awake (INT64_MIN) and will look */
    s->asleep_until_ms = INT64_MIN;
    uint64_t one = 1;
    ssize_t wrote = write(s->poke_fd, &one, sizeof(one));
    (void)wrote; /* fails only when the counter is full: then it is readable anyway */
}

/* ---- descriptors ---- */

static uint32_t epoll_bits(short events)
{
    /* poll(2) and epoll agree on these bits on Linux. */
    return (uint32_t)(unsigned short)events | EPOLLONESHOT;
}

bool cd_waker_watch_locked(struct cd_scheduler *s, struct cd_runnable *r, int fd, short events)
{
    assert(cd_mutex_held(&s->lock));
    if ((size_t)fd >= s->watch_capacity) {
        size_t capacity = (size_t)fd * 2 + 64;
        s->watches = cd_realloc_array(s->watches, capacity, sizeof(struct cd_watch));
        for (size_t i = s->watch_capacity; i < capacity; i++)
            s->watches[i] = (struct cd_watch){NULL, 0};
        s->watch_capacity = capacity;
    }
    struct cd_watch *watch = &s->watches[fd];
    if (watch->runnable != NULL)
        return false;
    watch->serial = ++s->watch_serial;
    struct epoll_event event = {.events = epoll_bits(events),
                                .data.u64 = (uint64_t)watch->serial << 32 | (uint32_t)fd};
    if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        return false;
    watch->runnable = r;
    r->watched_fd = fd;
    return true;
}

void cd_waker_unwatch_locked(struct cd_scheduler *s, struct cd_runnable *r)
{
    assert(cd_mutex_held(&s->lock));
    if (r->watched_fd < 0)
        return;
    /* Fails when the descriptor was closed meanwhile: epoll has forgotten it then. */
    (void)epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, r->watched_fd, NULL);
    s->watches[r->watched_fd].runnable = NULL;
    r->watched_fd = -1;
}

/* ---- the thread ---- */

static void take_event_locked(struct cd_scheduler *s, uint64_t data)
{
    if (data == POKE) {
        uint64_t count;
        ssize_t got = read(s->poke_fd, &count, sizeof(count));
        (void)got; /* not blocking; only there to make it unreadable */
        return;
    }
    size_t fd = (size_t)(uint32_t)data;
    struct cd_watch *watch = &s->watches[fd];
    if (watch->runnable != NULL && watch->serial == (uint32_t)(data >> 32))
        cd_runnable_wake_locked(watch->runnable);
}

static void fire_timers_locked(struct cd_scheduler *s, int64_t now_ms)
{
    while (s->timer_count > 0 && s->timers[1]->timer_ms <= now_ms) {
        struct cd_runnable *r = s->timers[1];
        heap_remove(s, r);
        cd_runnable_wake_locked(r);
    }
}

/* Milliseconds to sleep; -1: until poked. */
static int sleep_ms_locked(struct cd_scheduler *s, int64_t now_ms)
{
    int64_t until_ms = s->timer_count > 0 ? s->timers[1]->timer_ms : INT64_MAX;
    if (s->monitor_ms < until_ms)
        until_ms = s->monitor_ms;
    s->asleep_until_ms = until_ms;
    if (until_ms == INT64_MAX)
        return -1;
    int64_t left_ms = until_ms > now_ms ? until_ms - now_ms : 0;
    return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

static void waker_main(void *arg)
{
    struct cd_scheduler *s = arg;
    struct epoll_event events[EVENTS_MAX];
    cd_mutex_lock(&s->lock);
    while (!s->waker_stopping) {
        int timeout_ms = sleep_ms_locked(s, cd_clock_ms());
        cd_mutex_unlock(&s->lock);
        int count = epoll_wait(s->epoll_fd, events, EVENTS_MAX, timeout_ms);
        cd_mutex_lock(&s->lock);
        s->asleep_until_ms = INT64_MIN;
        for (int i = 0; i < count; i++)
            take_event_locked(s, events[i].data.u64);
        int64_t now_ms = cd_clock_ms();
        fire_timers_locked(s, now_ms);
        if (s->monitor_ms <= now_ms) {
            cd_mutex_unlock(&s->lock);
            cd_pool_monitor(s);
            cd_mutex_lock(&s->lock);
        }
    }
    cd_mutex_unlock(&s->lock);
}

static bool open_descriptors(struct cd_scheduler *s, struct cd_error *err)
{
    s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (s->epoll_fd < 0)
        return cd_fail_as(err, CD_ERR_REMOTE, strerrorname_np(errno), "epoll_create1: %s",
                          strerrordesc_np(errno));
    s->poke_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->poke_fd < 0)
        return cd_fail_as(err, CD_ERR_REMOTE, strerrorname_np(errno), "eventfd: %s",
                          strerrordesc_np(errno));
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = POKE};
    if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->poke_fd, &event) != 0)
        return cd_fail_as(err, CD_ERR_REMOTE, strerrorname_np(errno), "epoll_ctl: %s",
                          strerrordesc_np(errno));
    return true;
}

bool cd_waker_start(struct cd_scheduler *s, struct cd_error *err)
{
    s->epoll_fd = -1;
    s->poke_fd = -1;
    s->monitor_ms = INT64_MAX;
    s->asleep_until_ms = INT64_MIN;
    return open_descriptors(s, err) && cd_thread_start(&s->waker, "waker", 0, waker_main, s, err);
}

void cd_waker_stop(struct cd_scheduler *s)
{
    cd_mutex_lock(&s->lock);
    s->waker_stopping = true;
    cd_waker_hasten_locked(s, INT64_MIN + 1);
    cd_mutex_unlock(&s->lock);
    cd_thread_join(&s->waker);
}

void cd_waker_free(struct cd_scheduler *s)
{
    if (s->epoll_fd >= 0)
        (void)close(s->epoll_fd); /* nothing was written to it */
    if (s->poke_fd >= 0)
        (void)close(s->poke_fd);
    free(s->timers);
    free(s->watches);
}
