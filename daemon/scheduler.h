/*
 * The pool and the waker together: what runs steps, and what makes them runnable.
 *
 * A runnable is stepped by at most one thread at a time and holds no thread while it waits. A step
 * does a bounded amount of work, then says what it waits for. Whichever comes first ends the wait:
 * the descriptor, the time, or a wake from any thread. A wake during a step is not lost: the
 * runnable is stepped again.
 *
 * The pool starts with as many threads as cores and adds one when a step has been running for long
 * while others are runnable, up to a limit; surplus threads retire.
 *
 * Who wants to know that a step takes too long keeps a second runnable with a timer and looks at
 * cd_runnable_stepping_ms: it is stepped by another thread, because the pool grows for it.
 */
#ifndef CD_DAEMON_SCHEDULER_H
#define CD_DAEMON_SCHEDULER_H

#include <stdatomic.h>

#include "base/list.h"
#include "connectd/plugin.h"

struct cd_scheduler;
struct cd_runnable;

struct cd_scheduler_stats {
    size_t threads;
    size_t busy;
    size_t runnable;
    uint64_t steps;
    uint64_t threads_added;
};

/* Answers what to wait for: CD_STEP_AGAIN (others first), CD_STEP_WAIT (see wait), CD_STEP_DONE
 * (never step again until woken). */
typedef enum cd_step cd_step_fn(struct cd_runnable *runnable, struct cd_wait *wait);

/* Embedded in what is stepped. The members are the scheduler's. */
struct cd_runnable {
    struct cd_scheduler *scheduler;
    cd_step_fn *step;
    struct cd_link link; /* in the run queue */
    atomic_int state;    /* idle, queued, running, running and woken */
    int watched_fd;      /* registered with epoll; -1: none */
    size_t timer_index;  /* in the waker's heap, from 1; 0: none */
    int64_t timer_ms;
    _Atomic(int64_t) step_started_ms; /* 0: not running */
};

struct cd_scheduler *cd_scheduler_start(size_t threads_min, size_t threads_max,
                                        struct cd_error *err);
/* Every runnable must be removed. Threads stuck in foreign code are left behind when the deadline
 * passes: false then. */
bool cd_scheduler_stop(struct cd_scheduler *scheduler, int64_t deadline_ms);

void cd_runnable_init(struct cd_runnable *runnable, struct cd_scheduler *scheduler,
                      cd_step_fn *step);
/* Any thread. */
void cd_runnable_wake(struct cd_runnable *runnable);
/* Sets `flag` and wakes, as one act, from any thread: a step that sees the flag may remove the
 * runnable and free it, because removal waits until this call has let go of it. */
void cd_runnable_wake_with(struct cd_runnable *runnable, atomic_bool *flag);
/* From its own last step, or when it is known to be idle: no timer, descriptor or queue knows it
 * afterwards. The memory may be freed at once, also by another thread. */
void cd_runnable_remove(struct cd_runnable *runnable);
/* How long its step has been running; 0: it is not being stepped. Any thread. */
int64_t cd_runnable_stepping_ms(const struct cd_runnable *runnable);

/* A call that may block until its deadline: validation, admin calls, `tasks`. Runs once on a pool
 * thread; `run` may free the job. */
struct cd_job {
    struct cd_link link;
    void (*run)(struct cd_job *job);
};
void cd_scheduler_submit(struct cd_scheduler *scheduler, struct cd_job *job);

void cd_scheduler_stats(struct cd_scheduler *scheduler, struct cd_scheduler_stats *ret);

#endif
