#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "daemon/inflight.h"

static struct cd_batch *batch_with(size_t unsettled)
{
    struct cd_batch *batch = cd_batch_new(SIZE_MAX, 1000000);
    atomic_store(&batch->unsettled, unsettled);
    return batch;
}

static void a_batch_waits_for_every_older_one(void **state)
{
    (void)state;
    struct cd_inflight *ring = cd_inflight_new(3, SIZE_MAX);
    struct cd_batch *batches[3];
    size_t records;
    for (size_t i = 0; i < 3; i++) {
        batches[i] = batch_with(1);
        cd_inflight_push(ring, batches[i], i + 1);
    }
    atomic_store(&batches[2]->unsettled, 0);
    atomic_store(&batches[1]->unsettled, 0);
    assert_null(cd_inflight_pop_settled(ring, &records));
    atomic_store(&batches[0]->unsettled, 0);
    for (size_t i = 0; i < 3; i++) {
        assert_ptr_equal(cd_inflight_pop_settled(ring, &records), batches[i]);
        assert_int_equal(records, i + 1);
        cd_batch_free(batches[i]);
    }
    assert_true(cd_inflight_empty(ring));
    cd_inflight_free(ring);
}

static void it_is_full_by_number(void **state)
{
    (void)state;
    struct cd_inflight *ring = cd_inflight_new(2, SIZE_MAX);
    cd_inflight_push(ring, batch_with(0), 1);
    assert_false(cd_inflight_full(ring));
    cd_inflight_push(ring, batch_with(0), 1);
    assert_true(cd_inflight_full(ring));
    assert_int_equal(cd_inflight_records(ring), 2);
    cd_inflight_free(ring);
}

static void it_is_full_by_bytes_and_a_parent_counts(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_inflight *ring = cd_inflight_new(100, 2000);
    struct cd_batch *batch = batch_with(0);
    batch->parent = batch_with(0);
    assert_non_null(cd_batch_alloc(batch->parent, 3000, &err));
    cd_inflight_push(ring, batch, 1);
    assert_true(cd_inflight_full(ring));
    cd_inflight_free(ring);
}

static void a_refused_batch_is_seen_once_it_is_the_oldest(void **state)
{
    (void)state;
    struct cd_inflight *ring = cd_inflight_new(4, SIZE_MAX);
    struct cd_batch *good = batch_with(0);
    struct cd_batch *refused = batch_with(1);
    size_t records;
    atomic_store(&refused->failed, 1);
    cd_inflight_push(ring, good, 1);
    cd_inflight_push(ring, refused, 1);
    assert_null(cd_inflight_failed(ring));
    cd_batch_free(cd_inflight_pop_settled(ring, &records));
    assert_null(cd_inflight_failed(ring)); /* not all of it is settled */
    atomic_store(&refused->unsettled, 0);
    assert_ptr_equal(cd_inflight_failed(ring), refused);
    cd_inflight_free(ring);
}

static void it_turns_around_and_keeps_the_order(void **state)
{
    (void)state;
    struct cd_inflight *ring = cd_inflight_new(3, SIZE_MAX);
    size_t records;
    for (size_t i = 0; i < 100; i++) {
        cd_inflight_push(ring, batch_with(0), i);
        if (i % 3 == 0)
            cd_inflight_push(ring, batch_with(0), i);
        while (cd_inflight_records(ring) > 0 || !cd_inflight_empty(ring)) {
            cd_batch_free(cd_inflight_pop_settled(ring, &records));
            assert_int_equal(records, i);
        }
    }
    cd_inflight_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_waits_for_every_older_one),
        cmocka_unit_test(it_is_full_by_number),
        cmocka_unit_test(it_is_full_by_bytes_and_a_parent_counts),
        cmocka_unit_test(a_refused_batch_is_seen_once_it_is_the_oldest),
        cmocka_unit_test(it_turns_around_and_keeps_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
