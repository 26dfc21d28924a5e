#include "plugins/map_edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/batch.h"
#include "plugins/host.h"

static struct cd_value text(const char *s)
{
    return cd_string(cd_slice(s));
}

static void a_copy_leaves_the_original_alone(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_map_edit edit;
    struct cd_batch *batch = cd_batch_new(1000, 1000);
    struct cd_map_entry entries[] = {{text("a"), cd_int8(1)}, {text("b"), cd_int8(2)}};
    struct cd_value map = cd_map(entries, 2);
    assert_true(cd_map_edit_copy(&edit, cd_host(), batch, map, 1, &err));
    assert_true(cd_map_edit_put(&edit, "a", cd_int8(3), &err)); /* keeps its place */
    assert_true(cd_map_edit_put(&edit, "c", cd_int8(4), &err));
    cd_map_edit_remove(&edit, "b");
    cd_map_edit_remove(&edit, "z");
    struct cd_value changed = cd_map_edit_hashed(&edit);
    assert_int_equal(changed.count, 2);
    assert_int_equal(changed.flags, CD_MAP_HASHED);
    assert_true(cd_slice_is(cd_value_slice(changed.as.map[0].key), "a"));
    assert_int_equal(cd_map_value(changed, "a").as.integer, 3);
    assert_int_equal(cd_map_value(changed, "c").as.integer, 4);
    assert_true(cd_is_null(cd_map_value(changed, "b")));
    assert_int_equal(entries[0].value.as.integer, 1);
    cd_batch_free(batch);
}

static void keys_of_other_kinds_are_keys_too(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_map_edit edit;
    struct cd_batch *batch = cd_batch_new(1000, 1000);
    assert_true(cd_map_edit_new(&edit, cd_host(), batch, 2, &err));
    cd_map_edit_put_key(&edit, cd_int32(1), cd_int8(1));
    cd_map_edit_put_key(&edit, cd_int64(1), cd_int8(2));
    cd_map_edit_put_key(&edit, cd_int32(1), cd_int8(3));
    struct cd_value map = cd_map_edit_linked(&edit);
    assert_int_equal(map.count, 2);
    assert_int_equal(map.flags, 0);
    assert_int_equal(map.as.map[0].value.as.integer, 3);
    assert_null(cd_map_find(map, cd_slice("1")));
    cd_batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_leaves_the_original_alone),
        cmocka_unit_test(keys_of_other_kinds_are_keys_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
