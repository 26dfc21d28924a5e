#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "daemon/sink_partitions.h"
#include "daemon/sink_unit.h"

/* Sets are counted, so that a test sees when messages are let go. */
struct cd_fetch {
    struct cd_incoming messages[8];
};

static int sets;

const struct cd_incoming *cd_fetch_messages(const struct cd_fetch *fetch)
{
    return fetch->messages;
}

void cd_fetch_free(void *fetch)
{
    sets--;
    free(fetch);
}

/* `count` records from `offset` on. */
static struct cd_batch *batch(int64_t offset, size_t count)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *ret = cd_batch_new(SIZE_MAX, 1000);
    struct cd_fetch *fetch = cd_new(struct cd_fetch);
    sets++;
    for (size_t i = 0; i < count; i++) {
        fetch->messages[i] = (struct cd_incoming){.topic = cd_slice("t"),
                                                  .partition = 3,
                                                  .offset = offset + (int64_t)i,
                                                  .value = cd_slice("12345")};
        struct cd_record *rec = cd_batch_add(ret, &err);
        rec->kafka_topic = cd_slice("t");
        rec->kafka_partition = 3;
        rec->kafka_offset = offset + (int64_t)i;
    }
    cd_sink_messages_attach(ret, fetch, count);
    return ret;
}

static int64_t offset_of(const struct cd_sink_unit *unit, uint64_t number)
{
    const struct cd_record *rec = cd_sink_unit_record(unit, number);
    return rec == NULL ? -1 : rec->kafka_offset;
}

static void records_are_numbered_through_all_batches(void **state)
{
    (void)state;
    struct cd_sink_unit unit;
    cd_sink_unit_init(&unit);
    cd_sink_unit_push(&unit, batch(10, 2), 0);
    cd_sink_unit_push(&unit, batch(12, 3), 0);
    assert_int_equal(unit.records, 5);
    assert_true(unit.bytes > 5 * sizeof(struct cd_record));
    assert_int_equal(offset_of(&unit, 0), -1);
    assert_int_equal(offset_of(&unit, 1), 10);
    assert_int_equal(offset_of(&unit, 3), 12);
    assert_int_equal(offset_of(&unit, 5), 14);
    assert_int_equal(offset_of(&unit, 6), -1);
    cd_sink_unit_remove(&unit, 3);
    assert_int_equal(offset_of(&unit, 3), 13);
    assert_int_equal(unit.records, 4);
    cd_sink_unit_done(&unit);
    assert_int_equal(sets, 0);
}

static void put_goes_forward_and_rewind_back_to_the_start(void **state)
{
    (void)state;
    struct cd_sink_unit unit;
    cd_sink_unit_init(&unit);
    struct cd_batch *first = batch(0, 1);
    cd_sink_unit_push(&unit, first, 0);
    assert_ptr_equal(cd_sink_unit_next(&unit), first);
    cd_sink_unit_put(&unit);
    assert_null(cd_sink_unit_next(&unit));
    struct cd_batch *second = batch(1, 1);
    cd_sink_unit_push(&unit, second, 0);
    assert_ptr_equal(cd_sink_unit_next(&unit), second);
    cd_sink_unit_rewind(&unit);
    assert_ptr_equal(cd_sink_unit_next(&unit), first);
    cd_sink_unit_done(&unit);
}

static void halves_keep_the_order_and_every_record(void **state)
{
    (void)state;
    struct cd_sink_unit unit;
    cd_sink_unit_init(&unit);
    cd_sink_unit_push(&unit, batch(0, 3), 0);
    cd_sink_unit_push(&unit, batch(3, 4), 0);
    int64_t seen = 0;
    int pieces = 0;
    cd_sink_unit_split(&unit); /* 3 + 4 */
    cd_sink_unit_split(&unit); /* 1 + 2 + 4 */
    do {
        for (uint64_t n = 1; n <= unit.records; n++) {
            assert_int_equal(offset_of(&unit, n), seen);
            assert_non_null(cd_sink_unit_message(&unit, cd_sink_unit_record(&unit, n)));
            seen++;
        }
        pieces++;
        assert_int_equal(sets, 2); /* nothing is let go before the last piece */
    } while (!cd_sink_unit_flushed(&unit));
    assert_int_equal(seen, 7);
    assert_int_equal(pieces, 3);
    assert_int_equal(sets, 0);
    assert_true(cd_sink_unit_empty(&unit));
    cd_sink_unit_done(&unit);
}

static void a_flushed_batch_is_used_again_without_its_messages(void **state)
{
    (void)state;
    struct cd_sink_unit unit;
    cd_sink_unit_init(&unit);
    struct cd_batch *used = batch(0, 3);
    cd_sink_unit_push(&unit, used, 0);
    assert_true(cd_sink_unit_flushed(&unit));
    assert_int_equal(sets, 0);
    assert_ptr_equal(cd_sink_unit_spare(&unit), used);
    assert_int_equal(used->count, 0);
    assert_null(cd_sink_unit_spare(&unit));
    cd_batch_free(used);
    cd_sink_unit_done(&unit);
}

/* ---- sink_partitions.c ---- */

static int64_t consumed_of(const struct cd_sink_partition *partition)
{
    return partition->consumed;
}

static void a_partition_begins_where_its_first_message_is(void **state)
{
    (void)state;
    struct cd_sink_partitions list = {0};
    const struct cd_topic_partition unknown = {cd_slice("t"), 0, -1};
    cd_sink_partitions_add(&list, &unknown);
    struct cd_sink_partition *p = cd_sink_partitions_find(&list, cd_slice("t"), 0);
    assert_int_equal(p->committed, -1);
    cd_sink_partition_seen(p, 41);
    assert_int_equal(p->flushed, 41);
    p->consumed = 45;
    cd_sink_partition_seen(p, 45);
    assert_int_equal(p->flushed, 41);
    assert_int_equal(cd_sink_partitions_active(&list), 4);
    cd_sink_partitions_flushed(&list);
    assert_int_equal(p->flushed, 45);
    cd_sink_partitions_done(&list);
}

static void removing_one_leaves_the_others(void **state)
{
    (void)state;
    struct cd_sink_partitions list = {0};
    for (int32_t i = 0; i < 40; i++)
        cd_sink_partitions_add(&list, &(struct cd_topic_partition){cd_slice("t"), i, i});
    for (int32_t i = 0; i < 40; i += 2)
        cd_sink_partitions_remove(&list, &(struct cd_topic_partition){cd_slice("t"), i, -1});
    assert_int_equal(list.count, 20);
    for (int32_t i = 0; i < 40; i++) {
        const struct cd_sink_partition *p = cd_sink_partitions_find(&list, cd_slice("t"), i);
        assert_true((p != NULL) == (i % 2 == 1));
        assert_true(p == NULL || p->consumed == i);
    }
    size_t count;
    struct cd_topic_partition *array =
        cd_sink_partitions_list(&list, consumed_of, /* all = */ false, &count);
    assert_int_equal(count, 20);
    free(array);
    cd_sink_partitions_done(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_numbered_through_all_batches),
        cmocka_unit_test(put_goes_forward_and_rewind_back_to_the_start),
        cmocka_unit_test(halves_keep_the_order_and_every_record),
        cmocka_unit_test(a_flushed_batch_is_used_again_without_its_messages),
        cmocka_unit_test(a_partition_begins_where_its_first_message_is),
        cmocka_unit_test(removing_one_leaves_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
