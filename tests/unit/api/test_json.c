#include "rig.h"

#include "api/json.h"

#define AT(column)                                                                                 \
    "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, " \
    "column: " #column "]"

/* What Jackson 2.19 says, as seen on a worker of Kafka 4.1.1. */
static void malformed_texts_are_refused_in_jacksons_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *error;
    } rows[] = {
        {"{bad}", "Unexpected character ('b' (code 98)): was expecting double-quote to start field "
                  "name" AT(2)},
        {"{\"a\":1", "Unexpected end-of-input: expected close marker for Object (start marker at "
                     "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); "
                     "line: 1, column: 1])" AT(7)},
        {"{\"a\":", "Unexpected end-of-input within/between Object entries" AT(6)},
        {"{\"a\"", "Unexpected end-of-input within/between Object entries" AT(5)},
        {"{\"a", "Unexpected end-of-input in field name" AT(4)},
        {"{\"a\":\"x", "Unexpected end-of-input in VALUE_STRING" AT(8)},
        {"{\"a\":1,}", "Unexpected character ('}' (code 125)): was expecting double-quote to start "
                       "field name" AT(8)},
        {"{\"a\":1 \"x\"}",
         "Unexpected character ('\"' (code 34)): was expecting comma to separate "
         "Object entries" AT(8)},
        {"{\"a\":\"\\q\"}", "Unrecognized character escape 'q' (code 113)" AT(8)},
        {"{\"a\":\"\\u00zz\"}", "Unexpected character ('z' (code 122)): expected a hex-digit for "
                                "character escape sequence" AT(11)},
        {"{\"a\":01}", "Invalid numeric value: Leading zeroes not allowed" AT(7)},
        {"{\"a\":1.}", "Unexpected character ('}' (code 125)) in numeric value: Decimal point not "
                       "followed by a digit" AT(8)},
        {"{\"a\":-}",
         "Unexpected character ('}' (code 125)) in numeric value: expected digit (0-9) "
         "to follow minus sign, for valid numeric value" AT(7)},
        {"{\"a\":tru}", "Unrecognized token 'tru': was expecting (JSON String, Number, Array, "
                        "Object or token 'null', 'true' or 'false')" AT(10)},
        {"{\"a\":NaN}", "Non-standard token 'NaN': enable "
                        "`JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow" AT(9)},
        {"{\"a\":1]",
         "Unexpected close marker ']': expected '}' (for Object starting at [Source: "
         "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, "
         "column: 1])" AT(7)},
        {"/**/{}",
         "Unexpected character ('/' (code 47)): maybe a (non-standard) comment? (not "
         "recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)" AT(1)},
        {"{\"a\":,}", "Unexpected character (',' (code 44)): expected a value" AT(6)},
        {"{\"a\":\"\xff\"}", "Invalid UTF-8 start byte 0xff" AT(8)},
        {"{\"a\":\"\xc3\x41\"}", "Invalid UTF-8 middle byte 0x41" AT(9)},
        {"\xff{}",
         "Unrecognized token '\xc3\xbf': was expecting (JSON String, Number, Array, Object "
         "or token 'null', 'true' or 'false')" AT(3)},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_body_reader in;
        cd_body_open(&in, rows[i].text, strlen(rows[i].text));
        while (cd_body_next(&in) && in.token != CD_JSON_END)
            continue;
        assert_true(in.failed);
        assert_string_equal(in.error.ptr, rows[i].error);
        cd_body_close(&in);
    }
}

static void a_position_counts_lines(void **state)
{
    (void)state;
    struct cd_body_reader in;
    const char *text = "{\n  \"a\": 1,\n  x}";
    cd_body_open(&in, text, strlen(text));
    while (cd_body_next(&in) && in.token != CD_JSON_END)
        continue;
    assert_non_null(strstr(in.error.ptr, "line: 3, column: 3]"));
    cd_body_close(&in);
}

static void numbers_keep_their_characters_when_copied(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *copy;
    } rows[] = {
        {" { \"a\" : 1.50 , \"b\" : [ 1 , -2e+5, {} , [] ] } ",
         "{\"a\":1.50,\"b\":[1,-2e+5,{},[]]}"},
        {"{\"a\":{\"b\":{\"c\":null}},\"d\":true}", "{\"a\":{\"b\":{\"c\":null}},\"d\":true}"},
        {"\"\\u00e4\\ud83d\\ude00\\/\\n\"", "\"\xc3\xa4\xf0\x9f\x98\x80/\\n\""},
        {"[]", "[]"},
        {"12", "12"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_body_reader in;
        struct cd_buffer out = CD_BUFFER_INIT;
        cd_body_open(&in, rows[i].text, strlen(rows[i].text));
        assert_true(cd_body_next(&in));
        assert_true(cd_body_copy(&in, &out));
        assert_string_equal(out.ptr, rows[i].copy);
        assert_true(cd_body_next(&in));
        assert_int_equal(in.token, CD_JSON_END);
        cd_buffer_done(&out);
        cd_body_close(&in);
    }
}

static void deep_nesting_is_refused(void **state)
{
    (void)state;
    char text[400];
    memset(text, '[', sizeof(text));
    struct cd_body_reader in;
    cd_body_open(&in, text, sizeof(text));
    while (cd_body_next(&in) && in.token != CD_JSON_END)
        continue;
    assert_non_null(strstr(in.error.ptr, "nesting depth"));
    cd_body_close(&in);
}

static void texts_are_escaped_as_jackson_does(void **state)
{
    (void)state;
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_json_string(&out, "a\"b\\c\n\t\x01\x1f/\xc3\xa4");
    assert_string_equal(out.ptr, "\"a\\\"b\\\\c\\n\\t\\u0001\\u001F/\xc3\xa4\"");
    cd_buffer_clear(&out);
    cd_json_string(&out, NULL);
    assert_string_equal(out.ptr, "null");
    cd_buffer_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_texts_are_refused_in_jacksons_words),
        cmocka_unit_test(a_position_counts_lines),
        cmocka_unit_test(numbers_keep_their_characters_when_copied),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(texts_are_escaped_as_jackson_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
