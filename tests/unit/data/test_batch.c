#include "data/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "data/schema.h"

#define SINGLE_MAX ((size_t)1 << 20)

static void a_new_record_is_all_null(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(1000, SINGLE_MAX);
    struct cd_record *rec = cd_batch_add(batch, &err);
    assert_true(cd_is_null(rec->value) && cd_is_null(rec->key));
    assert_true(rec->timestamp_ms == CD_NO_TIMESTAMP);
    assert_int_equal(rec->partition, CD_NO_PARTITION);
    assert_null(rec->topic.ptr);
    cd_batch_free(batch);
}

static void a_batch_without_records_is_never_full(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(10, SINGLE_MAX);
    assert_non_null(cd_batch_alloc(batch, 100, &err)); /* beyond the limit: counted, not refused */
    assert_true(cd_batch_full(batch));
    assert_non_null(cd_batch_add(batch, &err));
    assert_null(cd_batch_add(batch, &err));
    assert_true(cd_full(&err));
    assert_int_equal(batch->count, 1);
    cd_batch_free(batch);
}

static void the_number_of_records_closes_a_batch(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(1000, SINGLE_MAX);
    batch->count_max = 2;
    assert_non_null(cd_batch_add(batch, &err));
    assert_non_null(cd_batch_add(batch, &err));
    assert_null(cd_batch_add(batch, &err));
    assert_true(cd_full(&err));
    cd_batch_drop_last(batch);
    assert_false(cd_batch_full(batch));
    cd_batch_free(batch);
}

static void one_piece_beyond_the_single_limit_is_bad_data(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(1000, 64);
    assert_null(cd_batch_alloc(batch, 65, &err));
    assert_int_equal(err.code, CD_ERR_DATA);
    assert_non_null(strstr(err.msg, "connectd.record.bytes.max"));
    cd_error_reset(&err);
    assert_null(cd_batch_copy(batch, cd_slice_of((char[64]){0}, 64), &err).ptr);
    assert_non_null(strstr(err.msg, "connectd.record.bytes.max"));
    cd_batch_free(batch);
}

static const struct cd_schema *numbered(int32_t version)
{
    struct cd_error err = CD_ERROR_INIT;
    return cd_schema_intern(
        &(struct cd_schema){.type = CD_TYPE_STRUCT, .has_version = true, .version = version}, &err);
}

static void a_batch_keeps_its_schemas_once_each(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(1000, SINGLE_MAX);
    for (int32_t i = 0; i < 100; i++) {
        const struct cd_schema *schema = numbered(i);
        cd_batch_keep(batch, schema);
        cd_batch_keep(batch, schema);
        struct cd_struct *s = cd_batch_new_struct(batch, schema, &err);
        assert_ptr_equal(s->schema, schema);
        cd_schema_unref(schema);
    }
    assert_int_equal(batch->kept_count, 100);
    assert_int_equal(cd_schema_alive(), 100);
    cd_batch_reset(batch);
    assert_int_equal(cd_schema_alive(), 0);
    cd_batch_free(batch);
}

static void sealing_keeps_what_the_records_name(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(1000, SINGLE_MAX);
    struct cd_record *rec = cd_batch_add(batch, &err);
    const struct cd_schema *schemas[] = {numbered(1), numbered(2), numbered(3)};
    struct cd_header header = {.name = cd_slice("h"), .schema = schemas[2]};
    rec->key_schema = schemas[0];
    rec->value_schema = schemas[1];
    rec->headers = &header;
    rec->header_count = 1;
    cd_batch_seal(batch);
    for (size_t i = 0; i < 3; i++)
        cd_schema_unref(schemas[i]);
    assert_int_equal(cd_schema_alive(), 3);
    cd_batch_free(batch);
    assert_int_equal(cd_schema_alive(), 0);
}

static void count_release(void *arg)
{
    ++*(int *)arg;
}

static void reset_lets_foreign_memory_go_once(void **state)
{
    (void)state;
    int released = 0;
    struct cd_batch *batch = cd_batch_new(1000, SINGLE_MAX);
    batch->release = count_release;
    batch->release_arg = &released;
    batch->parent = cd_batch_new(1000, SINGLE_MAX);
    batch->parent->release = count_release;
    batch->parent->release_arg = &released;
    batch->error = cd_new(struct cd_error);
    cd_batch_reset(batch);
    assert_int_equal(released, 2);
    cd_batch_free(batch);
    assert_int_equal(released, 2);
}

static void map1_is_a_map_of_its_own(void **state)
{
    (void)state;
    char name[] = "count";
    struct cd_batch *batch = cd_batch_new(1000, SINGLE_MAX);
    struct cd_value map = cd_batch_map1(batch, name, cd_int64(7));
    memset(name, 'x', sizeof(name));
    assert_true(cd_map_get(map, "count").as.integer == 7);
    cd_batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_record_is_all_null),
        cmocka_unit_test(a_batch_without_records_is_never_full),
        cmocka_unit_test(the_number_of_records_closes_a_batch),
        cmocka_unit_test(one_piece_beyond_the_single_limit_is_bad_data),
        cmocka_unit_test(a_batch_keeps_its_schemas_once_each),
        cmocka_unit_test(sealing_keeps_what_the_records_name),
        cmocka_unit_test(reset_lets_foreign_memory_go_once),
        cmocka_unit_test(map1_is_a_map_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
