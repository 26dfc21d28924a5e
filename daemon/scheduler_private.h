/*
 * What pool.c, waker.c and scheduler.c share. One lock covers run queue, timers and watched
 * descriptors: a runnable that is removed under it is known to nobody, and a step costs two short
 * holds of it.
 */
#ifndef CD_DAEMON_SCHEDULER_PRIVATE_H
#define CD_DAEMON_SCHEDULER_PRIVATE_H

#include "base/thread.h"
#include "daemon/scheduler.h"

enum { RUNNABLE_IDLE, RUNNABLE_QUEUED, RUNNABLE_RUNNING, RUNNABLE_WOKEN };

/* Who waits for a descriptor. An event carries descriptor and serial, so that one that was taken
 * from epoll before the wait ended is recognised as late. */
struct cd_watch {
    struct cd_runnable *runnable; /* NULL: nobody */
    uint32_t serial;
};

struct cd_pool_thread {
    struct cd_link link; /* in live or ended */
    struct cd_scheduler *scheduler;
    struct cd_thread thread;
    int64_t busy_since_ms; /* 0: idle */
};

struct cd_scheduler {
    struct cd_mutex lock;

    /* guarded by lock: the pool */
    struct cd_cond work;
    struct cd_cond ended_one;
    struct cd_link runnables;
    size_t runnable_count;
    struct cd_link jobs;
    size_t job_count;
    struct cd_link live;  /* threads */
    struct cd_link ended; /* threads to be joined */
    size_t threads;
    size_t idle;
    size_t threads_min;
    size_t threads_max;
    uint64_t steps;
    uint64_t threads_added;
    bool stopping;

    /* guarded by lock: the waker */
    struct cd_runnable **timers; /* a heap; [0] is not used */
    size_t timer_count;
    size_t timer_capacity;
    struct cd_watch *watches; /* by descriptor */
    size_t watch_capacity;
    uint32_t watch_serial;
    int64_t monitor_ms;      /* when to look at long steps; INT64_MAX: not needed */
    int64_t asleep_until_ms; /* of the waker; INT64_MIN: it is awake */
    bool waker_stopping;

    struct cd_thread waker;
    int epoll_fd;
    int poke_fd;
};

/* The lock is held in what ends in _locked. */

/* pool.c */
CD_MUST_CHECK bool cd_pool_start(struct cd_scheduler *s, struct cd_error *err);
bool cd_pool_stop(struct cd_scheduler *s, int64_t deadline_ms);
/* Puts it in the run queue; `own` when the caller is a pool thread that looks at the queue next. */
void cd_pool_queue_locked(struct cd_scheduler *s, struct cd_runnable *r, bool own);
/* Adds threads when steps have been running for long while others are runnable. */
void cd_pool_monitor(struct cd_scheduler *s);

/* waker.c */
CD_MUST_CHECK bool cd_waker_start(struct cd_scheduler *s, struct cd_error *err);
void cd_waker_stop(struct cd_scheduler *s);
void cd_waker_free(struct cd_scheduler *s);
/* until_ms INT64_MAX: no timer. */
void cd_waker_timer_locked(struct cd_scheduler *s, struct cd_runnable *r, int64_t until_ms);
/* False: this descriptor cannot be waited for. */
bool cd_waker_watch_locked(struct cd_scheduler *s, struct cd_runnable *r, int fd, short events);
void cd_waker_unwatch_locked(struct cd_scheduler *s, struct cd_runnable *r);
/* The waker looks at the clock again at `at_ms` or earlier. */
void cd_waker_hasten_locked(struct cd_scheduler *s, int64_t at_ms);

/* scheduler.c */
/* Runs one step of a queued runnable, and puts it where its answer says. */
void cd_runnable_run(struct cd_runnable *r);
void cd_runnable_wake_locked(struct cd_runnable *r);

#endif
