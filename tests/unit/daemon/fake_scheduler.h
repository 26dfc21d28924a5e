/*
 * A scheduler without threads, for tests of what is stepped: it defines the functions of
 * daemon/scheduler.h, so include it in one file of a test. Steps and jobs run when the test says
 * so, timers follow the faked clock.
 */
#ifndef FAKE_SCHEDULER_H
#define FAKE_SCHEDULER_H

#include "base/clock.h"
#include "daemon/scheduler.h"

#define FAKE_RUNNABLES 32
#define FAKE_STEPS_MAX 100000

struct cd_scheduler {
    struct cd_runnable *all[FAKE_RUNNABLES]; /* known: were woken and not removed */
    bool runnable[FAKE_RUNNABLES];
    int64_t until_ms[FAKE_RUNNABLES];
    struct cd_link jobs;
    size_t steps;
};

static struct cd_scheduler fake_scheduler;

static void fake_scheduler_reset(void)
{
    fake_scheduler = (struct cd_scheduler){0};
    cd_list_init(&fake_scheduler.jobs);
    cd_clock_fake(1000000, 1700000000000);
}

void cd_runnable_init(struct cd_runnable *r, struct cd_scheduler *scheduler, cd_step_fn *step)
{
    *r = (struct cd_runnable){.scheduler = scheduler, .step = step, .watched_fd = -1};
    cd_list_init(&r->link);
}

static int fake_place(const struct cd_runnable *r)
{
    for (int i = 0; i < FAKE_RUNNABLES; i++)
        if (fake_scheduler.all[i] == r)
            return i;
    return -1;
}

void cd_runnable_wake_with(struct cd_runnable *runnable, atomic_bool *flag)
{
    atomic_store(flag, true);
    cd_runnable_wake(runnable);
}

void cd_runnable_wake(struct cd_runnable *r)
{
    int at = fake_place(r);
    if (at < 0) {
        at = fake_place(NULL);
        assert(at >= 0);
        fake_scheduler.all[at] = r;
    }
    fake_scheduler.runnable[at] = true;
}

void cd_runnable_remove(struct cd_runnable *r)
{
    int at = fake_place(r);
    if (at >= 0)
        fake_scheduler.all[at] = NULL;
}

int64_t cd_runnable_stepping_ms(const struct cd_runnable *r)
{
    (void)r;
    return 0;
}

void cd_scheduler_submit(struct cd_scheduler *scheduler, struct cd_job *job)
{
    cd_list_push_back(&scheduler->jobs, &job->link);
}

static void fake_step(int at)
{
    struct cd_runnable *r = fake_scheduler.all[at];
    struct cd_wait wait;
    (void)cd_wait_forever(&wait);
    fake_scheduler.runnable[at] = false;
    fake_scheduler.until_ms[at] = INT64_MAX;
    fake_scheduler.steps++;
    enum cd_step answer = r->step(r, &wait);
    assert(answer != CD_STEP_FAILED);
    if (fake_scheduler.all[at] != r)
        return; /* removed */
    if (answer == CD_STEP_AGAIN)
        fake_scheduler.runnable[at] = true;
    if (answer == CD_STEP_WAIT)
        fake_scheduler.until_ms[at] = wait.until_ms;
}

/* Runs until everything waits. */
static void fake_run(void)
{
    bool busy = true;
    for (size_t steps = 0; busy; steps++) {
        assert(steps < FAKE_STEPS_MAX); /* a busy loop */
        busy = false;
        struct cd_link *link = cd_list_pop_front(&fake_scheduler.jobs);
        if (link != NULL) {
            struct cd_job *job = CD_CONTAINER_OF(link, struct cd_job, link);
            job->run(job);
            busy = true;
        }
        for (int i = 0; i < FAKE_RUNNABLES; i++) {
            if (fake_scheduler.all[i] == NULL ||
                (!fake_scheduler.runnable[i] && fake_scheduler.until_ms[i] > cd_clock_ms()))
                continue;
            fake_step(i);
            busy = true;
        }
    }
}

static int64_t fake_next_timer_ms(void)
{
    int64_t next_ms = INT64_MAX;
    for (int i = 0; i < FAKE_RUNNABLES; i++)
        if (fake_scheduler.all[i] != NULL && fake_scheduler.until_ms[i] < next_ms)
            next_ms = fake_scheduler.until_ms[i];
    return next_ms;
}

/* Lets `ms` pass, timer by timer. */
CD_UNUSED static void fake_pass(int64_t ms)
{
    int64_t end_ms = cd_clock_ms() + ms;
    fake_run();
    while (fake_next_timer_ms() <= end_ms) {
        int64_t step_ms = fake_next_timer_ms() - cd_clock_ms();
        cd_clock_advance(step_ms > 0 ? step_ms : 0);
        fake_run();
    }
    cd_clock_advance(end_ms - cd_clock_ms());
    fake_run();
}

#endif
