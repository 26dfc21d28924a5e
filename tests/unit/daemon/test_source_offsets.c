#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "daemon/offset_store_private.h"
#include "daemon/source_offsets.h"

static struct {
    struct cd_offset_store base; /* first */
    struct cd_buffer written;    /* "key=value;..." of all puts */
} store;

static void record_put(struct cd_offset_store *base, const struct cd_offset_entry *entries,
                       size_t count, cd_offset_done_fn *done, void *arg)
{
    (void)base;
    for (size_t i = 0; i < count; i++) {
        cd_buffer_slice(&store.written, entries[i].key);
        cd_buffer_char(&store.written, '=');
        if (entries[i].value.ptr == NULL)
            cd_buffer_text(&store.written, "(tombstone)");
        else
            cd_buffer_slice(&store.written, entries[i].value);
        cd_buffer_char(&store.written, ';');
    }
    done(arg, NULL);
}

static const struct cd_offset_store_ops ops = {.put = record_put};
static struct cd_source_offsets *offsets;
static int done_calls;

static void count_done(void *arg, const struct cd_error *err)
{
    (void)arg;
    (void)err;
    done_calls++;
}

static int setup(void **state)
{
    (void)state;
    cd_offset_table_init(&store.base, &ops);
    store.written = (struct cd_buffer)CD_BUFFER_INIT;
    offsets = cd_source_offsets_new("c", &store.base);
    done_calls = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cd_source_offsets_free(offsets);
    cd_buffer_done(&store.written);
    cd_offset_table_done(&store.base);
    return 0;
}

static struct cd_partition *partition(const char *name)
{
    struct cd_error err = CD_ERROR_INIT;
    const struct cd_map_entry entry = {cd_string(cd_slice("p")), cd_string(cd_slice(name))};
    return cd_source_offsets_intern(offsets, cd_map(&entry, 1), &err);
}

/* A sent batch with these offsets, in this order; the offsets' memory dies right away. */
static struct cd_batch *send(struct cd_partition *const *partitions, const int64_t *positions,
                             size_t count)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *polled = cd_batch_new(SIZE_MAX, 1000);
    struct cd_batch *sent = cd_batch_new(SIZE_MAX, 1000);
    cd_source_offsets_begin(offsets);
    for (size_t i = 0; i < count; i++) {
        struct cd_record rec = {
            .source_partition = partitions[i],
            .source_offset =
                positions[i] < 0 ? cd_null() : cd_batch_map1(polled, "n", cd_int64(positions[i]))};
        cd_source_offsets_note(offsets, sent, &rec);
    }
    assert_true(cd_source_offsets_seal(sent, /* copy = */ true, &err));
    cd_batch_free(polled);
    return sent;
}

static void is_safe(struct cd_batch *sent)
{
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_source_offsets_safe(offsets, sent, &err));
    cd_batch_free(sent);
}

static void flush(bool ok)
{
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_source_offsets_flush(offsets, count_done, NULL, &err));
    cd_source_offsets_flushed(offsets, ok, NULL, NULL);
}

#define WRITTEN(text) assert_string_equal(store.written.ptr == NULL ? "" : store.written.ptr, text)

static void the_same_partition_is_the_same_pointer(void **state)
{
    (void)state;
    assert_ptr_equal(partition("a"), partition("a"));
    assert_ptr_not_equal(partition("a"), partition("b"));
}

static void only_the_newest_offset_of_each_partition_is_written(void **state)
{
    (void)state;
    struct cd_partition *a = partition("a");
    struct cd_partition *b = partition("b");
    struct cd_batch *sent =
        send((struct cd_partition *[]){a, b, a, a, b}, (int64_t[]){1, 10, 2, 3, 11}, 5);
    assert_int_equal(sent->count, 2);
    is_safe(sent);
    is_safe(send((struct cd_partition *[]){a}, (int64_t[]){4}, 1));
    flush(true);
    WRITTEN("[\"c\",{\"p\":\"a\"}]={\"n\":4};[\"c\",{\"p\":\"b\"}]={\"n\":11};");
    assert_false(cd_source_offsets_dirty(offsets));
    assert_int_equal(done_calls, 1);
}

static void a_null_offset_is_a_tombstone_and_no_partition_is_one_too(void **state)
{
    (void)state;
    is_safe(send((struct cd_partition *[]){NULL}, (int64_t[]){-1}, 1));
    flush(true);
    WRITTEN("[\"c\",null]=(tombstone);");
}

static void after_a_failure_the_offsets_wait_unless_newer_ones_came(void **state)
{
    (void)state;
    struct cd_partition *a = partition("a");
    struct cd_partition *b = partition("b");
    struct cd_error err = CD_ERROR_INIT;
    is_safe(send((struct cd_partition *[]){a, b}, (int64_t[]){1, 1}, 2));
    assert_true(cd_source_offsets_flush(offsets, count_done, NULL, &err));
    is_safe(send((struct cd_partition *[]){a}, (int64_t[]){2}, 1));
    cd_source_offsets_flushed(offsets, false, NULL, NULL);
    cd_buffer_clear(&store.written);
    flush(true);
    WRITTEN("[\"c\",{\"p\":\"a\"}]={\"n\":2};[\"c\",{\"p\":\"b\"}]={\"n\":1};");
}

static void an_offset_with_a_map_inside_cannot_be_committed_and_blocks_nothing(void **state)
{
    (void)state;
    struct cd_partition *a = partition("a");
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *sent = cd_batch_new(SIZE_MAX, 1000);
    cd_source_offsets_begin(offsets);
    struct cd_record rec = {.source_partition = a};
    rec.source_offset = cd_batch_map1(sent, "inner", cd_batch_map1(sent, "n", cd_int64(1)));
    cd_source_offsets_note(offsets, sent, &rec);
    is_safe(sent);
    assert_false(cd_source_offsets_flush(offsets, count_done, NULL, &err));
    assert_string_equal(err.native, "DataException");
    assert_int_equal(done_calls, 0);
    is_safe(send((struct cd_partition *[]){a}, (int64_t[]){2}, 1));
    flush(true);
    WRITTEN("[\"c\",{\"p\":\"a\"}]={\"n\":2};");
}

static void a_stored_offset_is_found_again(void **state)
{
    (void)state;
    cd_offset_table_set(&store.base, cd_slice("[\"c\",{\"p\":\"a\"}]"), cd_slice("{\"n\":7}"));
    struct cd_value stored = cd_source_offsets_stored(offsets, partition("a"));
    assert_int_equal(cd_map_get(stored, "n").as.integer, 7);
    assert_true(cd_is_null(cd_source_offsets_stored(offsets, partition("b"))));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_same_partition_is_the_same_pointer),
        TEST(only_the_newest_offset_of_each_partition_is_written),
        TEST(a_null_offset_is_a_tombstone_and_no_partition_is_one_too),
        TEST(after_a_failure_the_offsets_wait_unless_newer_ones_came),
        TEST(an_offset_with_a_map_inside_cannot_be_committed_and_blocks_nothing),
        TEST(a_stored_offset_is_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
