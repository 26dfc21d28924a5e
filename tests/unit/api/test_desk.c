#include "rig.h"

#include "api/desk.h"
#include "base/thread.h"

static _Atomic(int) wakes;

static void count_wake(void *waiter)
{
    (void)waiter;
    atomic_fetch_add(&wakes, 1);
}

static struct cd_request *request_until(int64_t deadline_ms)
{
    struct cd_request *request = cd_request_new(CD_ASK_PAUSE, "a");
    request->deadline_ms = deadline_ms;
    return request;
}

static void an_answer_wakes_once_and_lends_the_request(void **state)
{
    (void)state;
    atomic_store(&wakes, 0);
    struct cd_desk *desk = cd_desk_new(count_wake);
    struct cd_request *request = request_until(100);
    struct cd_asked *asked = cd_desk_add(desk, request, NULL);
    struct cd_request *lent = NULL;
    assert_int_equal(cd_desk_outcome(asked, &lent), CD_WAITING);
    assert_null(lent);
    cd_request_done(request);
    assert_int_equal(cd_desk_outcome(asked, &lent), CD_ANSWERED);
    assert_ptr_equal(lent, request);
    assert_int_equal(cd_desk_expire(desk, 1000), INT64_MAX);
    cd_desk_close(desk);
    assert_int_equal(atomic_load(&wakes), 1);
    cd_desk_drop(asked);
    cd_desk_unref(desk);
}

static void a_time_out_wakes_and_the_late_answer_is_dropped(void **state)
{
    (void)state;
    atomic_store(&wakes, 0);
    struct cd_desk *desk = cd_desk_new(count_wake);
    struct cd_request *early = request_until(100);
    struct cd_request *late = request_until(200);
    struct cd_asked *first = cd_desk_add(desk, early, NULL);
    struct cd_asked *second = cd_desk_add(desk, late, NULL);
    assert_int_equal(cd_desk_expire(desk, 99), 100);
    assert_int_equal(cd_desk_expire(desk, 100), 200);
    struct cd_request *lent = early;
    assert_int_equal(cd_desk_outcome(first, &lent), CD_TIMED_OUT);
    assert_null(lent);
    cd_desk_drop(first);
    cd_request_done(early); /* frees it */
    assert_int_equal(atomic_load(&wakes), 1);
    cd_request_done(late);
    cd_desk_drop(second);
    cd_desk_unref(desk);
}

static void a_closed_desk_wakes_all_takes_none_and_outlives_its_server(void **state)
{
    (void)state;
    atomic_store(&wakes, 0);
    struct cd_desk *desk = cd_desk_new(count_wake);
    struct cd_request *request = request_until(100);
    struct cd_asked *asked = cd_desk_add(desk, request, NULL);
    cd_desk_close(desk);
    struct cd_request *lent = NULL;
    assert_int_equal(cd_desk_outcome(asked, &lent), CD_CLOSED);
    assert_null(cd_desk_add(desk, request_until(1), NULL));
    cd_desk_drop(asked);
    cd_desk_unref(desk);
    cd_request_done(request); /* the last reference */
    assert_int_equal(atomic_load(&wakes), 1);
}

struct race {
    struct cd_request *requests[200];
};

static void answer_all(void *arg)
{
    struct race *race = arg;
    for (size_t i = 0; i < 200; i++)
        cd_request_done(race->requests[i]);
}

static void answers_and_time_outs_may_race(void **state)
{
    (void)state;
    atomic_store(&wakes, 0);
    struct cd_desk *desk = cd_desk_new(count_wake);
    struct race race;
    struct cd_asked *asked[200];
    for (size_t i = 0; i < 200; i++) {
        race.requests[i] = request_until((int64_t)i);
        asked[i] = cd_desk_add(desk, race.requests[i], NULL);
    }
    struct cd_thread thread;
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_thread_start(&thread, "answers", 0, answer_all, &race, &err));
    for (int64_t now = 0; now < 200; now++)
        (void)cd_desk_expire(desk, now);
    for (size_t i = 0; i < 200; i++) {
        struct cd_request *lent;
        assert_int_not_equal(cd_desk_outcome(asked[i], &lent), CD_WAITING);
        cd_desk_drop(asked[i]);
    }
    cd_thread_join(&thread);
    assert_int_equal(atomic_load(&wakes), 200);
    cd_desk_unref(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_wakes_once_and_lends_the_request),
        cmocka_unit_test(a_time_out_wakes_and_the_late_answer_is_dropped),
        cmocka_unit_test(a_closed_desk_wakes_all_takes_none_and_outlives_its_server),
        cmocka_unit_test(answers_and_time_outs_may_race),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
