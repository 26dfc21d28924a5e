#include "data/json_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "data/value.h"

/* Reads schemaless and writes again, which shows all that was understood. */
static char *read_again(struct cd_slice text, struct cd_error *err)
{
    struct cd_arena arena;
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    /* At the end of its memory, so that a sanitizer sees a look beyond. */
    char *exact = malloc(text.len == 0 ? 1 : text.len);
    memcpy(exact, text.ptr, text.len);
    struct cd_json_stack stack = {0};
    struct cd_json_reader json;
    struct cd_json_writer out = {0};
    struct cd_value value;
    bool ok = cd_json_reader_init(&json, cd_slice_of(exact, text.len), &arena, err) &&
              cd_json_next(&json) != CD_JSON_BAD && cd_json_get_value(&json, &stack, &value) &&
              cd_json_put_value(&out, value, err);
    assert_int_equal(stack.used, 0);
    char *ret = ok ? cd_strndup(out.out.ptr, out.out.len) : NULL;
    cd_json_writer_done(&out);
    cd_json_stack_done(&stack);
    cd_arena_done(&arena);
    free(exact);
    return ret;
}

static void assert_reads(struct cd_slice text, const char *wanted)
{
    struct cd_error err = CD_ERROR_INIT;
    CD_AUTO_FREE char *got = read_again(text, &err);
    if (got == NULL)
        fail_msg("'%.*s' was refused: %s", CD_SLICE_ARG(text), err.msg);
    assert_string_equal(got, wanted);
}

static void texts_are_read_as_the_jvm_reads_them(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"", "null"},
        {" \t\r\n", "null"},
        {"null", "null"},
        {" true ", "true"},
        {"false", "false"},
        {"007", "7"},
        {"-0", "0"},
        {"-007 junk", "-7"},
        {"00.50", "0.5"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"18446744073709551617", "1"},
        {"-18446744073709551617", "-1"},
        {"5.0", "5.0"},
        {"5e2", "500.0"},
        {"1e400", "\"Infinity\""},
        {"-0.0", "0.0"},
        {"-1e-400", "-0.0"},
        {"1E+2", "100.0"},
        {"\"\"", "\"\""},
        {"\"a\\u0041\\n\\/\\\"\"", "\"aA\\n/\\\"\""},
        {"\"\\uD83D\\uDE00\"", "\"\\uD83D\\uDE00\""},
        {"\"\xf0\x9f\x98\x80\"", "\"\\uD83D\\uDE00\""},
        {"\"\xed\xa0\xbd\xed\xb8\x80\"", "\"\\uD83D\\uDE00\""},
        {"\"\\uD83D\"", "\"\\uD83D\""},
        {"\"\\uDE00\\uD83D\"", "\"\\uDE00\\uD83D\""},
        {"\"\xc3\xa9\"", "\"\xc3\xa9\""},
        {"\"\xc1\x81\"", "\"A\""},
        {"[]", "[]"},
        {"{}", "{}"},
        {"[ 1 , [ ] , { } ]", "[1,[],{}]"},
        {"{\"a\":1} xyz", "{\"a\":1}"},
        {"[1]]", "[1]"},
        {"true]", "true"},
        {"true{", "true"},
        {"{\"a\":1,\"b\":2,\"a\":{\"c\":[3]}}", "{\"a\":{\"c\":[3]},\"b\":2}"},
        {"{\"zeta\":1,\"alpha\":2,\"mid\":3,\"b\":4,\"a\":5,\"Aa\":6,\"BB\":7}",
         "{\"zeta\":1,\"Aa\":6,\"BB\":7,\"a\":5,\"b\":4,\"alpha\":2,\"mid\":3}"},
        {"\xef\xbb\xbf[1]", "[1]"},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        assert_reads(cd_slice(pairs[i][0]), pairs[i][1]);
}

static void the_encoding_is_recognised(void **state)
{
    (void)state;
    assert_reads(cd_slice_of("\0[\0001\0]", 6), "[1]");
    assert_reads(cd_slice_of("[\0001\0]\0", 6), "[1]");
    assert_reads(cd_slice_of("\xfe\xff\0[\0001\0]", 8), "[1]");
    assert_reads(cd_slice_of("\0\0\0[\0\0\0001\0\0\0]", 12), "[1]");
    assert_reads(cd_slice_of("[\0\0\0001\0\0\0]\0\0\0", 12), "[1]");
    assert_reads(cd_slice_of("\0001", 2), "1");
}

static void what_jackson_refuses_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "[1}",
        "{\"a\":1]",
        "'x'",
        "\"x",
        "\"x\\",
        "\"x\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12G4\"",
        "\"a\nb\"",
        "\"\x01\"",
        "\"\xff\"",
        "\"\x80\"",
        "\"\xc3\"",
        "\"\xc3(\"",
        "NaN",
        "Infinity",
        "-Infinity",
        "-",
        "+1",
        ".5",
        "1.",
        "1.e2",
        "1e",
        "1e+",
        "1x",
        "1]",
        "1e99999999999",
        "1e3000000000",
        "nul",
        "nullx",
        "True",
        "true1",
        "// c\n1",
        "/* c */1",
        "\xef\xbb",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        CD_AUTO_FREE char *got = read_again(cd_slice(texts[i]), &err);
        if (got != NULL)
            fail_msg("'%s' was read as %s", texts[i], got);
        assert_string_equal(err.native, "DataException");
        assert_int_equal(err.code, CD_ERR_DATA);
    }
}

/* `open` a thousand times, or once more, and nothing behind. */
static bool depth_is_read(size_t depth)
{
    CD_AUTO_FREE char *text = cd_alloc(depth * 2 + 1);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    struct cd_error err = CD_ERROR_INIT;
    CD_AUTO_FREE char *got = read_again(cd_slice(text), &err);
    return got != NULL && strlen(got) == depth * 2;
}

static bool number_is_read(size_t digits)
{
    CD_AUTO_FREE char *text = cd_alloc(digits + 1);
    memset(text, '9', digits);
    struct cd_error err = CD_ERROR_INIT;
    CD_AUTO_FREE char *got = read_again(cd_slice(text), &err);
    return got != NULL;
}

static bool name_is_read(size_t len)
{
    CD_AUTO_FREE char *text = cd_alloc(len + 8);
    memset(text, 'n', len + 8);
    memcpy(text, "{\"", 2);
    memcpy(text + 2 + len, "\":1}", 5);
    struct cd_error err = CD_ERROR_INIT;
    CD_AUTO_FREE char *got = read_again(cd_slice(text), &err);
    return got != NULL;
}

static void limits_are_jacksons(void **state)
{
    (void)state;
    assert_true(depth_is_read(1000));
    assert_false(depth_is_read(1001));
    assert_true(number_is_read(1000));
    assert_false(number_is_read(1001));
    assert_true(name_is_read(50000));
    assert_false(name_is_read(50001));
}

/* `count` names alike in length, first and last letter, all given twice. */
static void expect_united(int count)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer text = CD_BUFFER_INIT;
    for (int i = 0; i < 2 * count; i++)
        cd_buffer_printf(&text, "%s\"n%02de\":%d", i == 0 ? "{" : ",", i % count, i);
    cd_buffer_char(&text, '}');
    struct cd_arena arena;
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    struct cd_error err = CD_ERROR_INIT;
    struct cd_value value;
    assert_true(cd_value_from_json(&arena, cd_buffer_view(&text), &value, &err));
    assert_int_equal(value.count, count);
    for (int i = 0; i < count; i++) {
        char name[8];
        (void)snprintf(name, sizeof(name), "n%02de", i);
        assert_true(cd_map_get(value, name).as.integer == count + i);
    }
    cd_arena_done(&arena);
}

static void repeated_names_are_united_however_many(void **state)
{
    (void)state;
    for (int count = 1; count <= 40; count++)
        expect_united(count);
}

static void texts_end_at_every_place_of_a_word(void **state)
{
    (void)state;
    static const char *const ends[] = {"", "\\n", "\\\"", "\\u00e9", "\xc3\xa9", "\x7f"};
    for (size_t len = 0; len < 20; len++)
        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
            char text[64];
            (void)snprintf(text, sizeof(text), "[\"%.*s%s\"]", (int)len,
                           "abcdefghijklmnopqrstuvwxyz", ends[i]);
            struct cd_error err = CD_ERROR_INIT;
            CD_AUTO_FREE char *got = read_again(cd_slice(text), &err);
            assert_non_null(got);
            assert_memory_equal(got + 2, "abcdefghijklmnopqrstuvwxyz", len);
            assert_int_equal(got[2 + len] == '"', ends[i][0] == '\0');
        }
}

static void many_repeated_names_are_united(void **state)
{
    (void)state;
    struct cd_buffer text = CD_BUFFER_INIT;
    for (int i = 0; i < 300; i++)
        cd_buffer_printf(&text, "%s\"n%d\":%d", i == 0 ? "{" : ",", i % 100, i);
    cd_buffer_char(&text, '}');
    struct cd_arena arena;
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    struct cd_error err = CD_ERROR_INIT;
    struct cd_value value;
    assert_true(cd_value_from_json(&arena, cd_buffer_view(&text), &value, &err));
    assert_int_equal(value.count, 100);
    assert_true(cd_map_get(value, "n7").as.integer == 207);
    cd_arena_done(&arena);
    cd_buffer_done(&text);
}

static void fractions_become_longs_as_big_decimals_do(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t wanted;
    } rows[] = {
        {"3.99", 3},
        {"-3.99", -3},
        {"0.5", 0},
        {"5e-1", 0},
        {"12.5e1", 125},
        {"1e19", (int64_t)UINT64_C(10000000000000000000)},
        {"1e20", 7766279631452241920},
        {"1e70", 0},
        {"1e2000000000", 0},
        {"123456789.987e-3", 123456},
        {"0e2000000000", 0},
        {"1e-2000000000", 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_json_reader json;
        assert_true(cd_json_reader_init(&json, cd_slice(rows[i].text), NULL, &err));
        assert_int_equal(cd_json_next(&json), CD_JSON_FRACTION);
        assert_true(cd_json_long(&json) == rows[i].wanted);
    }
}

static void a_mark_leads_back(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_json_reader json;
    assert_true(cd_json_reader_init(&json, cd_slice("{\"a\":[1,{}],\"b\":2}"), NULL, &err));
    assert_int_equal(cd_json_next(&json), CD_JSON_OBJECT);
    assert_int_equal(cd_json_next(&json), CD_JSON_NAME);
    struct cd_json_mark mark = cd_json_mark(&json);
    assert_int_equal(cd_json_next(&json), CD_JSON_ARRAY);
    assert_true(cd_json_skip(&json));
    assert_int_equal(cd_json_next(&json), CD_JSON_NAME);
    assert_true(cd_slice_is(json.text, "b"));
    cd_json_return(&json, mark);
    assert_true(cd_json_take_object(&json, cd_slice("[1,{}]")));
    assert_int_equal(cd_json_next(&json), CD_JSON_NAME);
    assert_int_equal(cd_json_next(&json), CD_JSON_INTEGER);
    assert_int_equal(cd_json_next(&json), CD_JSON_OBJECT_END);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read_as_the_jvm_reads_them),
        cmocka_unit_test(the_encoding_is_recognised),
        cmocka_unit_test(what_jackson_refuses_is_refused),
        cmocka_unit_test(limits_are_jacksons),
        cmocka_unit_test(repeated_names_are_united_however_many),
        cmocka_unit_test(texts_end_at_every_place_of_a_word),
        cmocka_unit_test(many_repeated_names_are_united),
        cmocka_unit_test(fractions_become_longs_as_big_decimals_do),
        cmocka_unit_test(a_mark_leads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
