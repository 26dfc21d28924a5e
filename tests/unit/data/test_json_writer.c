#include "data/json_writer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"

static void assert_written(struct cd_json_writer *json, const char *wanted)
{
    struct cd_slice text = cd_buffer_view(&json->out);
    if (!cd_slice_is(text, wanted))
        fail_msg("wanted %s, got %.*s", wanted, CD_SLICE_ARG(text));
    cd_json_writer_reset(json);
}

static void texts_are_escaped_as_jackson_does(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"", "\"\""},
        {"plain text, longer than eight", "\"plain text, longer than eight\""},
        {"q\"b\\s/", "\"q\\\"b\\\\s/\""},
        {"\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\""},
        {"\x01\x1f\x7f", "\"\\u0001\\u001F\x7f\""},
        {"12345678\x1f", "\"12345678\\u001F\""},
        {"h\xc3\xa9\xe2\x82\xac\xe2\x80\xa8<&>'", "\"h\xc3\xa9\xe2\x82\xac\xe2\x80\xa8<&>'\""},
        {"\xf0\x9f\x98\x80", "\"\\uD83D\\uDE00\""},
        {"\xed\xa0\xbd!", "\"\\uD83D!\""},
        {"a\xff"
         "b\xe2\x82",
         "\"a\xef\xbf\xbd"
         "b\xef\xbf\xbd\xef\xbf\xbd\""},
    };
    struct cd_json_writer json = {0};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        cd_json_put_string(&json, cd_slice(pairs[i][0]));
        assert_written(&json, pairs[i][1]);
    }
    cd_json_put_string(&json, cd_slice_of("\0", 1));
    assert_written(&json, "\"\\u0000\"");
    cd_json_writer_done(&json);
}

/* Whatever stands before it, and whatever comes behind. */
static void an_escape_is_found_at_every_place(void **state)
{
    (void)state;
    struct cd_json_writer json = {0};
    for (size_t at = 0; at < 40; at++) {
        char text[41];
        char wanted[64];
        memset(text, 'x', sizeof(text) - 1);
        text[40] = '\0';
        text[at] = '"';
        (void)snprintf(wanted, sizeof(wanted), "\"%.*s\\\"%s\"", (int)at, text, text + at + 1);
        cd_json_put_string(&json, cd_slice(text));
        assert_written(&json, wanted);
    }
    cd_json_writer_done(&json);
}

static void numbers_are_javas(void **state)
{
    (void)state;
    struct cd_json_writer json = {0};
    cd_json_put_float32(&json, 0.1F);
    assert_written(&json, "0.1");
    cd_json_put_float64(&json, 1e7);
    assert_written(&json, "1.0E7");
    cd_json_put_float64(&json, (double)NAN);
    assert_written(&json, "\"NaN\"");
    cd_json_put_float32(&json, -INFINITY);
    assert_written(&json, "\"-Infinity\"");
    cd_json_put_int64(&json, INT64_MIN);
    assert_written(&json, "-9223372036854775808");
    cd_json_put_base64(&json, cd_slice_of("\xfb\xff\xfe", 3));
    assert_written(&json, "\"+//+\"");
    cd_json_writer_done(&json);
}

static struct cd_value string(const char *text)
{
    return cd_string(cd_slice(text));
}

static void maps_without_string_keys_are_pairs(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_json_writer json = {0};
    struct cd_value inner = cd_int64(7);
    struct cd_map_entry entries[] = {{string("a"), cd_array(&inner, 1)}, {cd_int32(5), cd_null()}};
    assert_true(cd_json_put_value(&json, cd_map(entries, 2), &err));
    assert_written(&json, "[[\"a\",[7]],[5,null]]");
    assert_true(cd_json_put_value(&json, cd_map(entries, 1), &err));
    assert_written(&json, "{\"a\":[7]}");
    assert_true(cd_json_put_value(&json, cd_map(entries, 0), &err));
    assert_written(&json, "{}");
    cd_json_writer_done(&json);
}

static void hashed_maps_nest_in_javas_order(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_json_writer json = {0};
    struct cd_map_entry inner[] = {{string("zeta"), cd_int64(1)},
                                   {string("alpha"), cd_int64(2)},
                                   {string("mid"), cd_int64(3)},
                                   {string("b"), cd_int64(4)}};
    struct cd_value map = cd_map(inner, 4);
    map.flags = CD_MAP_HASHED;
    struct cd_map_entry outer[] = {{string("zeta"), map}, {string("a"), map}};
    struct cd_value both = cd_map(outer, 2);
    both.flags = CD_MAP_HASHED;
    assert_true(cd_json_put_value(&json, both, &err));
    assert_written(&json, "{\"zeta\":{\"zeta\":1,\"b\":4,\"alpha\":2,\"mid\":3},"
                          "\"a\":{\"zeta\":1,\"b\":4,\"alpha\":2,\"mid\":3}}");
    assert_int_equal(json.order_used, 0);
    cd_json_writer_done(&json);
}

static void depth_has_a_limit(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_json_writer json = {0};
    struct cd_value *levels = cd_new_array(1001, struct cd_value);
    levels[0] = cd_array(NULL, 0);
    for (size_t i = 1; i <= 1000; i++)
        levels[i] = cd_array(&levels[i - 1], 1);
    assert_true(cd_json_put_value(&json, levels[999], &err));
    assert_int_equal(json.out.len, 2000);
    cd_json_writer_reset(&json);
    assert_false(cd_json_put_value(&json, levels[1000], &err));
    assert_string_equal(err.native, "DataException");
    free(levels);
    cd_json_writer_done(&json);
}

static void a_huge_text_is_not_kept_for_ever(void **state)
{
    (void)state;
    struct cd_json_writer json = {0};
    size_t len = 3 * 1024 * 1024;
    CD_AUTO_FREE char *text = cd_alloc(len + 1);
    memset(text, 'x', len);
    cd_json_put_string(&json, cd_slice(text));
    cd_json_writer_reset(&json);
    assert_int_equal(json.out.cap, 0);
    cd_json_put_int64(&json, 1);
    assert_written(&json, "1");
    assert_true(json.out.cap > 0);
    cd_json_writer_done(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_escaped_as_jackson_does),
        cmocka_unit_test(an_escape_is_found_at_every_place),
        cmocka_unit_test(numbers_are_javas),
        cmocka_unit_test(maps_without_string_keys_are_pairs),
        cmocka_unit_test(hashed_maps_nest_in_javas_order),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(a_huge_text_is_not_kept_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
