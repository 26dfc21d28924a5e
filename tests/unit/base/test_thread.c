#include "base/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>

#include "base/clock.h"

struct shared {
    struct cd_mutex lock;
    struct cd_cond changed;
    int counter; /* guarded by lock: */
    char name[16];
    bool signals_blocked;
};

static void shared_init(struct shared *shared)
{
    *shared = (struct shared){.counter = 0};
    cd_mutex_init(&shared->lock);
    cd_cond_init(&shared->changed);
}

static void shared_done(struct shared *shared)
{
    cd_cond_done(&shared->changed);
    cd_mutex_done(&shared->lock);
}

static void look_around(void *arg)
{
    struct shared *shared = arg;
    sigset_t mask;
    (void)pthread_getname_np(pthread_self(), shared->name, sizeof(shared->name));
    (void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
    shared->signals_blocked = sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGHUP) == 1;
}

static void a_thread_has_its_name_and_takes_no_signals(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_thread thread = {.started = false};
    struct shared shared;
    sigset_t mask;
    shared_init(&shared);
    cd_thread_join(&thread); /* never started: harmless */
    assert_true(cd_thread_start(&thread, "looks-around", 0, look_around, &shared, &err));
    cd_thread_join(&thread);
    assert_string_equal(shared.name, "looks-around");
    assert_true(shared.signals_blocked);
    (void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGTERM), 0);
    shared_done(&shared);
}

static void a_thread_that_cannot_start_says_why(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_thread thread;
    assert_false(cd_thread_start(&thread, "giant", SIZE_MAX / 64, look_around, NULL, &err));
    assert_false(thread.started);
    assert_non_null(strstr(err.msg, "giant"));
    assert_string_not_equal(err.native, "");
}

static void count_up(void *arg)
{
    struct shared *shared = arg;
    for (int i = 0; i < 10000; i++) {
        cd_mutex_lock(&shared->lock);
        shared->counter++;
        cd_mutex_unlock(&shared->lock);
    }
    cd_mutex_lock(&shared->lock);
    cd_cond_broadcast(&shared->changed);
    cd_mutex_unlock(&shared->lock);
}

static void a_mutex_excludes_and_knows_its_holder(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_thread threads[3];
    struct shared shared;
    shared_init(&shared);
    for (int i = 0; i < 3; i++)
        assert_true(cd_thread_start(&threads[i], "counts", 0, count_up, &shared, &err));
    assert_false(cd_mutex_held(&shared.lock));
    int64_t deadline_ms = cd_clock_ms() + 60000;
    cd_mutex_lock(&shared.lock);
    assert_true(cd_mutex_held(&shared.lock));
    while (shared.counter < 30000)
        assert_true(cd_cond_wait(&shared.changed, &shared.lock, deadline_ms));
    assert_true(cd_mutex_held(&shared.lock));
    cd_mutex_unlock(&shared.lock);
    for (int i = 0; i < 3; i++)
        cd_thread_join(&threads[i]);
    assert_int_equal(shared.counter, 30000);
    shared_done(&shared);
}

static void a_wait_ends_at_its_deadline_and_not_before(void **state)
{
    (void)state;
    struct shared shared;
    shared_init(&shared);
    cd_mutex_lock(&shared.lock);
    assert_false(cd_cond_wait(&shared.changed, &shared.lock, INT64_MIN));
    int64_t deadline_ms = cd_clock_ms() + 20;
    while (cd_cond_wait(&shared.changed, &shared.lock, deadline_ms))
        ; /* a spurious wake-up */
    assert_true(cd_clock_ms() >= deadline_ms);
    cd_mutex_unlock(&shared.lock);
    shared_done(&shared);
}

static void under_a_faked_clock_the_rest_of_a_deadline_is_waited_for(void **state)
{
    (void)state;
    struct shared shared;
    shared_init(&shared);
    int64_t begin_us = cd_clock_us();
    cd_clock_fake(5, 5);
    cd_mutex_lock(&shared.lock);
    while (cd_cond_wait(&shared.changed, &shared.lock, 5 + 20))
        ; /* a spurious wake-up */
    cd_mutex_unlock(&shared.lock);
    cd_clock_real();
    assert_true(cd_clock_us() - begin_us >= 20000);
    shared_done(&shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_has_its_name_and_takes_no_signals),
        cmocka_unit_test(a_thread_that_cannot_start_says_why),
        cmocka_unit_test(a_mutex_excludes_and_knows_its_holder),
        cmocka_unit_test(a_wait_ends_at_its_deadline_and_not_before),
        cmocka_unit_test(under_a_faked_clock_the_rest_of_a_deadline_is_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
