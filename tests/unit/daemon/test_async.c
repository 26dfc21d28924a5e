#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/thread.h"
#include "daemon/async.h"

#define DEADLINE_MS 10000
#define ROUNDS 500

/* Asks, waits for the answer, asks again; or loses interest at once. */
struct asker {
    struct cd_runnable runnable; /* first */
    struct cd_async *async;
    struct cd_async_call call;
    int rounds;
    bool drops;
    atomic_bool ended;
    struct cd_mutex lock;
    struct cd_cond changed;
};

static atomic_int calls;
static atomic_int frees;
static atomic_int oks;

static bool count_call(void *arg, struct cd_error *err)
{
    bool good = *(bool *)arg;
    atomic_fetch_add(&calls, 1);
    return good || cd_fail(err, CD_ERR_REMOTE, "no");
}

static void free_arg(void *arg)
{
    atomic_fetch_add(&frees, 1);
    free(arg);
}

static void ask(struct asker *asker)
{
    bool *good = malloc(sizeof(*good));
    assert_non_null(good);
    *good = asker->rounds % 2 == 0;
    const struct cd_async_call call = {count_call, free_arg, good};
    asker->async = cd_async_submit(&asker->runnable, &call);
}

static enum cd_step end(struct asker *asker)
{
    cd_runnable_remove(&asker->runnable);
    cd_mutex_lock(&asker->lock);
    atomic_store(&asker->ended, true);
    cd_cond_signal(&asker->changed);
    cd_mutex_unlock(&asker->lock);
    return CD_STEP_DONE;
}

static enum cd_step step_ask(struct cd_runnable *runnable, struct cd_wait *wait)
{
    struct asker *asker = (struct asker *)(void *)runnable;
    struct cd_error err = CD_ERROR_INIT;
    bool ok;
    if (asker->async != NULL) {
        if (!asker->drops && !cd_async_take(asker->async, &ok, &err))
            return cd_wait_forever(wait);
        if (!asker->drops && ok)
            atomic_fetch_add(&oks, 1);
        cd_async_drop(asker->async);
        asker->async = NULL;
    }
    if (asker->rounds-- == 0)
        return end(asker);
    ask(asker);
    return asker->drops ? CD_STEP_AGAIN : cd_wait_forever(wait);
}

static void run(bool drops)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_scheduler *scheduler = cd_scheduler_start(4, 4, &err);
    assert_non_null(scheduler);
    struct asker asker = {.rounds = ROUNDS, .drops = drops};
    cd_mutex_init(&asker.lock);
    cd_cond_init(&asker.changed);
    atomic_store(&calls, 0);
    atomic_store(&frees, 0);
    atomic_store(&oks, 0);
    cd_runnable_init(&asker.runnable, scheduler, step_ask);
    cd_runnable_wake(&asker.runnable);
    int64_t deadline_ms = cd_clock_ms() + DEADLINE_MS;
    cd_mutex_lock(&asker.lock);
    while (!atomic_load(&asker.ended) && cd_cond_wait(&asker.changed, &asker.lock, deadline_ms))
        continue;
    cd_mutex_unlock(&asker.lock);
    assert_true(atomic_load(&asker.ended));
    assert_true(cd_scheduler_stop(scheduler, cd_clock_ms() + DEADLINE_MS)); /* runs all jobs */
    cd_cond_done(&asker.changed);
    cd_mutex_done(&asker.lock);
}

static void an_answer_wakes_the_step_and_brings_its_error(void **state)
{
    (void)state;
    run(/* drops = */ false);
    assert_int_equal(atomic_load(&calls), ROUNDS);
    assert_int_equal(atomic_load(&oks), ROUNDS / 2);
    assert_int_equal(atomic_load(&frees), ROUNDS);
}

static void a_step_that_lost_interest_is_not_touched(void **state)
{
    (void)state;
    run(/* drops = */ true);
    assert_int_equal(atomic_load(&calls), ROUNDS);
    assert_int_equal(atomic_load(&frees), ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_wakes_the_step_and_brings_its_error),
        cmocka_unit_test(a_step_that_lost_interest_is_not_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
