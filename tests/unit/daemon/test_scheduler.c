#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/thread.h"
#include "daemon/scheduler.h"

#define DEADLINE_MS 10000
#define NAP_MS 200

/* A place where steps say what happened and the test waits for it. */
struct board {
    struct cd_mutex lock;
    struct cd_cond changed;
    int count;
    bool released;
};

static struct cd_scheduler *scheduler;
static struct board board;

static void board_add(int n)
{
    cd_mutex_lock(&board.lock);
    board.count += n;
    cd_cond_broadcast(&board.changed);
    cd_mutex_unlock(&board.lock);
}

static bool board_reaches(int count)
{
    int64_t deadline_ms = cd_clock_ms() + DEADLINE_MS;
    cd_mutex_lock(&board.lock);
    bool in_time = true;
    while (board.count < count && in_time)
        in_time = cd_cond_wait(&board.changed, &board.lock, deadline_ms);
    bool reached = board.count >= count;
    cd_mutex_unlock(&board.lock);
    return reached;
}

static void board_release(void)
{
    cd_mutex_lock(&board.lock);
    board.released = true;
    cd_cond_broadcast(&board.changed);
    cd_mutex_unlock(&board.lock);
}

static void block_until_released(void)
{
    cd_mutex_lock(&board.lock);
    while (!board.released)
        (void)cd_cond_wait(&board.changed, &board.lock, INT64_MAX);
    cd_mutex_unlock(&board.lock);
}

static int setup(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    cd_mutex_init(&board.lock);
    cd_cond_init(&board.changed);
    board.count = 0;
    board.released = false;
    scheduler = cd_scheduler_start(2, 64, &err);
    return scheduler == NULL;
}

static int teardown(void **state)
{
    (void)state;
    assert_true(cd_scheduler_stop(scheduler, cd_clock_ms() + DEADLINE_MS));
    cd_cond_done(&board.changed);
    cd_mutex_done(&board.lock);
    return 0;
}

/* What most tests step: `rounds` answers of one kind, then it removes itself. */
struct stepper {
    struct cd_runnable runnable; /* first */
    int rounds;
    enum cd_step answer;
    int64_t delay_ms;
    int fd;
    int seen;
};

static enum cd_step step_rounds(struct cd_runnable *runnable, struct cd_wait *wait)
{
    struct stepper *stepper = (struct stepper *)(void *)runnable;
    if (stepper->seen++ == stepper->rounds) {
        cd_runnable_remove(runnable);
        board_add(1);
        return CD_STEP_DONE;
    }
    if (stepper->fd >= 0)
        return cd_wait_fd(wait, stepper->fd, POLLIN, INT64_MAX);
    if (stepper->delay_ms > 0)
        return cd_wait_until(wait, cd_clock_ms() + stepper->delay_ms);
    return stepper->answer;
}

static void stepper_init(struct stepper *stepper, int rounds, enum cd_step answer)
{
    *stepper = (struct stepper){.rounds = rounds, .answer = answer, .fd = -1};
    cd_runnable_init(&stepper->runnable, scheduler, step_rounds);
}

static void a_runnable_that_says_again_is_stepped_again(void **state)
{
    (void)state;
    struct stepper stepper;
    stepper_init(&stepper, 1000, CD_STEP_AGAIN);
    cd_runnable_wake(&stepper.runnable);
    assert_true(board_reaches(1));
    assert_int_equal(stepper.seen, 1001);
}

static void a_timer_ends_the_wait(void **state)
{
    (void)state;
    struct stepper steppers[20];
    int64_t began_ms = cd_clock_ms();
    for (int i = 0; i < 20; i++) {
        stepper_init(&steppers[i], 1, CD_STEP_WAIT);
        steppers[i].delay_ms = 100 - i * 5; /* later ones are due earlier: the waker is hastened */
        cd_runnable_wake(&steppers[i].runnable);
    }
    assert_true(board_reaches(20));
    assert_true(cd_clock_ms() - began_ms >= 100);
}

static void a_descriptor_ends_the_wait(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct stepper stepper;
    stepper_init(&stepper, 3, CD_STEP_WAIT);
    stepper.fd = ends[0];
    cd_runnable_wake(&stepper.runnable);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_true(board_reaches(1));
    close(ends[0]);
    close(ends[1]);
}

static void a_regular_file_is_looked_at_now_and_then(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    struct stepper stepper;
    stepper_init(&stepper, 1, CD_STEP_WAIT);
    stepper.fd = fileno(file);
    cd_runnable_wake(&stepper.runnable);
    assert_true(board_reaches(1));
    fclose(file);
}

/* Counts its steps; each step takes what was announced before the wake. */
struct taker {
    struct cd_runnable runnable;
    atomic_int announced;
    int taken;
    int wanted;
};

static enum cd_step step_take(struct cd_runnable *runnable, struct cd_wait *wait)
{
    struct taker *taker = (struct taker *)(void *)runnable;
    taker->taken = atomic_load(&taker->announced);
    if (taker->taken < taker->wanted)
        return cd_wait_forever(wait);
    cd_runnable_remove(runnable);
    board_add(1);
    return CD_STEP_DONE;
}

static void announce(void *arg)
{
    struct taker *taker = arg;
    for (int i = 0; i < 20000; i++) {
        atomic_fetch_add(&taker->announced, 1);
        cd_runnable_wake(&taker->runnable);
        if (atomic_load(&taker->announced) >= taker->wanted)
            return;
    }
}

static void a_wake_during_a_step_is_not_lost(void **state)
{
    (void)state;
    /* One announces, so nobody wakes what has been removed: the last announcement is the last wake.
     */
    for (int round = 0; round < 5; round++) {
        struct taker taker = {.wanted = 20000};
        struct cd_error err = CD_ERROR_INIT;
        struct cd_thread thread;
        cd_runnable_init(&taker.runnable, scheduler, step_take);
        assert_true(cd_thread_start(&thread, "announcer", 0, announce, &taker, &err));
        assert_true(board_reaches(round + 1));
        cd_thread_join(&thread);
        assert_int_equal(taker.taken, 20000);
    }
}

static enum cd_step step_block(struct cd_runnable *runnable, struct cd_wait *wait)
{
    (void)wait;
    block_until_released();
    cd_runnable_remove(runnable);
    board_add(1000);
    return CD_STEP_DONE;
}

static void a_blocking_step_delays_nobody(void **state)
{
    (void)state;
    enum { BLOCKERS = 20 };
    struct cd_runnable blockers[BLOCKERS];
    for (int i = 0; i < BLOCKERS; i++) {
        cd_runnable_init(&blockers[i], scheduler, step_block);
        cd_runnable_wake(&blockers[i]);
    }
    struct stepper steppers[5];
    for (int i = 0; i < 5; i++) {
        stepper_init(&steppers[i], 50, CD_STEP_AGAIN);
        cd_runnable_wake(&steppers[i].runnable);
    }
    assert_true(board_reaches(5)); /* while all twenty still block */
    struct cd_scheduler_stats stats;
    cd_scheduler_stats(scheduler, &stats);
    assert_true(stats.threads_added > 0);
    board_release();
    assert_true(board_reaches(5 + BLOCKERS * 1000));
}

struct job {
    struct cd_job job;
    bool ran;
};

static void run_job(struct cd_job *job)
{
    ((struct job *)(void *)job)->ran = true;
    board_add(1);
}

static void a_job_runs_once_on_a_pool_thread(void **state)
{
    (void)state;
    struct job job = {.job.run = run_job};
    cd_scheduler_submit(scheduler, &job.job);
    assert_true(board_reaches(1));
    assert_true(job.ran);
}

static enum cd_step step_idle(struct cd_runnable *runnable, struct cd_wait *wait)
{
    (void)runnable;
    board_add(1);
    return cd_wait_until(wait, cd_clock_ms() + 3600 * 1000);
}

static int64_t process_cpu_us(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return (int64_t)usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec +
           (int64_t)usage.ru_stime.tv_sec * 1000000 + usage.ru_stime.tv_usec;
}

static void a_thousand_idle_runnables_cost_no_time(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    struct cd_runnable *idle = calloc(COUNT, sizeof(*idle));
    assert_non_null(idle);
    for (int i = 0; i < COUNT; i++) {
        cd_runnable_init(&idle[i], scheduler, step_idle);
        cd_runnable_wake(&idle[i]);
    }
    assert_true(board_reaches(COUNT));
    int64_t before_us = process_cpu_us();
    struct cd_scheduler_stats before;
    struct cd_scheduler_stats after;
    cd_scheduler_stats(scheduler, &before);
    (void)poll(NULL, 0, NAP_MS); /* the time that is measured, not a wait for something */
    cd_scheduler_stats(scheduler, &after);
    assert_int_equal(before.steps, after.steps);
    assert_true(process_cpu_us() - before_us < 20000);
    for (int i = 0; i < COUNT; i++)
        cd_runnable_remove(&idle[i]);
    free(idle);
}

static enum cd_step step_slow(struct cd_runnable *runnable, struct cd_wait *wait)
{
    (void)wait;
    board_add(1);
    block_until_released();
    cd_runnable_remove(runnable);
    board_add(1);
    return CD_STEP_DONE;
}

static void how_long_a_step_runs_is_visible_from_outside(void **state)
{
    (void)state;
    struct cd_runnable slow;
    cd_runnable_init(&slow, scheduler, step_slow);
    assert_int_equal(cd_runnable_stepping_ms(&slow), 0);
    cd_runnable_wake(&slow);
    assert_true(board_reaches(1));
    assert_true(cd_runnable_stepping_ms(&slow) > 0);
    board_release();
    assert_true(board_reaches(2));
}

static void a_stuck_thread_is_left_behind_at_the_deadline(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_scheduler *other = cd_scheduler_start(1, 1, &err);
    assert_non_null(other);
    struct cd_runnable slow;
    cd_runnable_init(&slow, other, step_slow);
    cd_runnable_wake(&slow);
    assert_true(board_reaches(1));
    assert_false(cd_scheduler_stop(other, cd_clock_ms() + 20));
    board_release();
    assert_true(board_reaches(2));
    assert_true(cd_scheduler_stop(other, cd_clock_ms() + DEADLINE_MS));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_runnable_that_says_again_is_stepped_again),
        TEST(a_timer_ends_the_wait),
        TEST(a_descriptor_ends_the_wait),
        TEST(a_regular_file_is_looked_at_now_and_then),
        TEST(a_wake_during_a_step_is_not_lost),
        TEST(a_blocking_step_delays_nobody),
        TEST(a_job_runs_once_on_a_pool_thread),
        TEST(a_thousand_idle_runnables_cost_no_time),
        TEST(how_long_a_step_runs_is_visible_from_outside),
        TEST(a_stuck_thread_is_left_behind_at_the_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
