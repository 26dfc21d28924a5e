#include "data/value.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compat/decimal.h"
#include "data/schema.h"

static struct cd_arena arena;
static struct cd_error err;

static int setup(void **state)
{
    (void)state;
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    cd_error_reset(&err);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cd_arena_done(&arena);
    return 0;
}

static struct cd_value from_json(const char *json)
{
    struct cd_value value;
    if (!cd_value_from_json(&arena, cd_slice(json), &value, &err))
        fail_msg("%s", err.msg);
    return value;
}

static void equality_is_javas(void **state)
{
    (void)state;
    assert_true(cd_value_equal(cd_float64((double)NAN), cd_float64((double)NAN)));
    assert_false(cd_value_equal(cd_float64(0.0), cd_float64(-0.0)));
    assert_false(cd_value_equal(cd_int32(1), cd_int64(1)));
    assert_true(cd_value_equal(cd_null(), cd_null()));
    assert_true(cd_value_equal(cd_bytes("ab", 2), cd_bytes("ab", 2)));
    assert_false(cd_value_equal(cd_bytes("ab", 2), cd_string(cd_slice("ab"))));
    assert_true(cd_value_equal(cd_string(cd_slice("")), cd_string(cd_slice(""))));
    assert_false(cd_value_equal(cd_bool(true), cd_bool(false)));
}

static void maps_are_equal_in_any_order(void **state)
{
    (void)state;
    struct cd_value a = from_json("{\"x\":1,\"y\":[1,{\"z\":null}]}");
    struct cd_value b = from_json("{\"y\":[1,{\"z\":null}],\"x\":1}");
    assert_true(cd_value_equal(a, b));
    assert_false(cd_value_equal(a, from_json("{\"x\":1,\"y\":[1,{\"z\":0}]}")));
    assert_false(cd_value_equal(a, from_json("{\"x\":1}")));
    assert_false(cd_value_equal(from_json("[1,2]"), from_json("[2,1]")));
}

static void decimals_are_equal_with_their_scale(void **state)
{
    (void)state;
    const struct cd_decimal *one = cd_decimal_of_int64(10, 1, &arena, &err);
    const struct cd_decimal *same = cd_decimal_of_int64(10, 1, &arena, &err);
    const struct cd_decimal *other = cd_decimal_of_int64(100, 2, &arena, &err);
    assert_true(cd_value_equal(cd_decimal(one), cd_decimal(same)));
    assert_false(cd_value_equal(cd_decimal(one), cd_decimal(other)));
}

/* A struct that holds one of everything. */
static struct cd_value everything(struct cd_arena *into, const struct cd_schema **ret_schema)
{
    const struct cd_field fields[] = {
        {cd_slice("b"), cd_schema_primitive(CD_TYPE_BYTES, true)},
        {cd_slice("d"), cd_schema_primitive(CD_TYPE_BYTES, true)},
        {cd_slice("j"), cd_schema_primitive(CD_TYPE_STRING, true)},
        {cd_slice("t"), cd_schema_logical(CD_LOGICAL_TIMESTAMP, true)},
    };
    struct cd_schema draft = {.type = CD_TYPE_STRUCT, .field_count = 4, .fields = fields};
    *ret_schema = cd_schema_intern(&draft, &err);
    struct cd_struct *s = cd_arena_alloc(into, sizeof(*s) + 4 * sizeof(struct cd_value), 8, &err);
    s->schema = *ret_schema;
    s->fields[0] = cd_bytes("\0\1", 2);
    s->fields[1] = cd_decimal(cd_decimal_of_int64(-156, 2, into, &err));
    assert_true(cd_value_from_json(into, cd_slice("{\"a\":[1,2.5,\"x\",null,true,{}]}"),
                                   &s->fields[2], &err));
    s->fields[3] = cd_instant(5);
    return cd_struct(s);
}

static void a_copy_outlives_the_original(void **state)
{
    (void)state;
    struct cd_arena short_lived;
    cd_arena_init(&short_lived, SIZE_MAX, SIZE_MAX);
    const struct cd_schema *schema;
    struct cd_value copy;
    struct cd_value original = everything(&short_lived, &schema);
    assert_true(cd_value_copy(&arena, original, &copy, &err));
    assert_true(cd_value_equal(original, copy));
    cd_arena_done(&short_lived);
    struct cd_value again = everything(&arena, &schema);
    assert_true(cd_value_equal(again, copy));
    assert_true((copy.as.structure->fields[2].flags & CD_MAP_HASHED) != 0);
    cd_schema_unref(schema);
    cd_schema_unref(schema);
}

static void a_copy_that_does_not_fit_fails(void **state)
{
    (void)state;
    struct cd_arena tiny;
    cd_arena_init(&tiny, SIZE_MAX, 8);
    struct cd_value copy;
    assert_false(cd_value_copy(&tiny, from_json("[1,2]"), &copy, &err));
    assert_int_equal(err.code, CD_ERR_DATA);
    cd_arena_done(&tiny);
}

static void a_map_built_by_hand_keeps_its_order(void **state)
{
    (void)state;
    struct cd_map_entry entries[] = {{cd_string(cd_slice("zeta")), cd_int64(1)},
                                     {cd_string(cd_slice("alpha")), cd_bool(true)}};
    struct cd_value map;
    struct cd_buffer text = CD_BUFFER_INIT;
    assert_true(cd_value_map(&arena, entries, 2, &map, &err));
    memset(entries, 0, sizeof(entries));
    assert_true(cd_value_to_json(map, &text, &err));
    assert_string_equal(text.ptr, "{\"zeta\":1,\"alpha\":true}");
    cd_buffer_done(&text);
}

static void json_is_appended_and_terminated(void **state)
{
    (void)state;
    struct cd_buffer text = CD_BUFFER_INIT;
    cd_buffer_text(&text, "key=");
    assert_true(cd_value_to_json(from_json("[\"a\",{\"b\":[]}]"), &text, &err));
    assert_string_equal(text.ptr, "key=[\"a\",{\"b\":[]}]");
    assert_false(cd_value_to_json(cd_instant(1), &text, &err));
    assert_string_equal(err.native, "DataException");
    assert_string_equal(text.ptr, "key=[\"a\",{\"b\":[]}]");
    cd_buffer_done(&text);
}

static void json_that_is_read_is_copied(void **state)
{
    (void)state;
    char json[] = "{\"name\":\"value\"}";
    struct cd_value value;
    assert_true(cd_value_from_json(&arena, cd_slice(json), &value, &err));
    memset(json, 'x', sizeof(json) - 1);
    assert_true(cd_slice_is(cd_value_slice(cd_map_get(value, "name")), "value"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(equality_is_javas, setup, teardown),
        cmocka_unit_test_setup_teardown(maps_are_equal_in_any_order, setup, teardown),
        cmocka_unit_test_setup_teardown(decimals_are_equal_with_their_scale, setup, teardown),
        cmocka_unit_test_setup_teardown(a_copy_outlives_the_original, setup, teardown),
        cmocka_unit_test_setup_teardown(a_copy_that_does_not_fit_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(a_map_built_by_hand_keeps_its_order, setup, teardown),
        cmocka_unit_test_setup_teardown(json_is_appended_and_terminated, setup, teardown),
        cmocka_unit_test_setup_teardown(json_that_is_read_is_copied, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
