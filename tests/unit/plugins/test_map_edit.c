#include "plugins/map_edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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

/* What a JVM printed for HashMaps made in the same ways. */
static void assert_order(struct cd_value map, const char *keys)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(10000, 10000);
    char have[100] = "";
    struct cd_value sorted;
    assert_true(cd_map_iterated(cd_host(), batch, map, &sorted, &err));
    for (uint32_t i = 0; i < sorted.count; i++)
        (void)snprintf(have + strlen(have), sizeof(have) - strlen(have), "%s%.*s",
                       i == 0 ? "" : " ", CD_SLICE_ARG(cd_value_slice(sorted.as.map[i].key)));
    assert_string_equal(have, keys);
    cd_batch_free(batch);
}

#define ORDER_KEYS                                                                                 \
    {                                                                                              \
        "id", "name", "price", "zip", "q", "aa"                                                    \
    }

static void put_all(struct cd_map_edit *edit)
{
    static const char *const keys[] = ORDER_KEYS;
    struct cd_error err = CD_ERROR_INIT;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        assert_true(cd_map_edit_put(edit, keys[i], cd_int8(1), &err));
}

static void the_order_is_that_of_a_hash_map_of_the_same_history(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_map_edit sized, copied, again;
    struct cd_batch *batch = cd_batch_new(10000, 10000);
    assert_true(cd_map_edit_new(&sized, cd_host(), batch, 6, &err));
    put_all(&sized);
    assert_order(cd_map_edit_linked(&sized), "id name price zip q aa");
    assert_order(cd_map_edit_hashed(&sized), "name zip aa q id price");
    assert_true(cd_map_edit_copy(&copied, cd_host(), batch, cd_map(NULL, 0), 6, &err));
    put_all(&copied);
    assert_order(cd_map_edit_hashed(&copied), "zip aa q price name id");
    assert_true(cd_map_edit_copy(&again, cd_host(), batch, cd_map_edit_hashed(&sized), 0, &err));
    assert_order(cd_map_edit_hashed(&again), "zip aa q price name id");
    cd_batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_leaves_the_original_alone),
        cmocka_unit_test(keys_of_other_kinds_are_keys_too),
        cmocka_unit_test(the_order_is_that_of_a_hash_map_of_the_same_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
