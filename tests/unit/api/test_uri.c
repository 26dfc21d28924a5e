#include "rig.h"

#include "api/uri.h"

static void targets_are_split_and_judged_undecoded(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        int status;
        size_t count;
        const char *last; /* decoded */
    } rows[] = {
        {"/", 0, 0, NULL},
        {"/connectors", 0, 1, "connectors"},
        {"/connectors/", 0, 1, "connectors"},
        {"/connectors/a%2Fb", 0, 2, "a/b"},
        {"/connectors/100%25", 0, 2, "100%"},
        {"/connectors/a%5Cb", 0, 2, "a\\b"},
        {"/connectors/%20a+b", 0, 2, " a+b"},
        {"/connectors/%C3%A4", 0, 2, "\xc3\xa4"},
        {"/connectors/a;v=1?x=y", 0, 2, "a"},
        {"/connectors/a%3Bv", 0, 2, "a;v"},
        {"http://host:1/connectors/a", 0, 2, "a"},
        {"/connectors//config", 400, 0, NULL},
        {"//connectors", 400, 0, NULL},
        {"/connectors//", 400, 0, NULL},
        {"/connectors/%00", 400, 0, NULL},
        {"/connectors/%0A", 400, 0, NULL},
        {"/connectors/%7F", 400, 0, NULL},
        {"/connectors/%zz", 400, 0, NULL},
        {"/connectors/%2", 400, 0, NULL},
        {"/connectors/%C3", 400, 0, NULL},
        {"/connectors/%E9", 400, 0, NULL},
        {"/connectors/%ED%A0%80", 400, 0, NULL},
        {"/connectors/%2e", 400, 0, NULL},
        {"/connectors/%2e%2E", 400, 0, NULL},
        {"/connectors/a|b", 400, 0, NULL},
        {"/connectors/a\"b", 400, 0, NULL},
        {"/connectors/{a}", 400, 0, NULL},
        {"/connectors/a\\b", 400, 0, NULL},
        {"*", 400, 0, NULL},
        {"", 400, 0, NULL},
        {"http://host", 0, 0, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_uri uri;
        const char *problem;
        assert_int_equal(cd_uri_parse(rows[i].target, &uri, &problem), rows[i].status);
        if (rows[i].status != 0)
            continue;
        assert_int_equal(uri.count, rows[i].count);
        if (rows[i].last == NULL)
            continue;
        char *last = cd_uri_decode(uri.segments[uri.count - 1]);
        assert_string_equal(last, rows[i].last);
        free(last);
    }
}

static void a_long_target_is_a_414(void **state)
{
    (void)state;
    char target[CD_URI_LENGTH_MAX + 3];
    memset(target, 'a', sizeof(target));
    target[0] = '/';
    target[sizeof(target) - 1] = '\0';
    struct cd_uri uri;
    const char *problem;
    assert_int_equal(cd_uri_parse(target, &uri, &problem), 414);
    target[CD_URI_LENGTH_MAX] = '\0';
    assert_int_equal(cd_uri_parse(target, &uri, &problem), 0);
}

static void more_segments_than_any_route_has_match_none(void **state)
{
    (void)state;
    struct cd_uri uri;
    const char *problem;
    assert_int_equal(cd_uri_parse("/1/2/3/4/5/6/7/8/9/10/11", &uri, &problem), 0);
    assert_int_equal(uri.count, CD_URI_SEGMENTS_MAX + 1);
}

static void parameters_are_found_in_order(void **state)
{
    (void)state;
    struct cd_uri uri;
    const char *problem;
    assert_int_equal(
        cd_uri_parse("/c?expand=info&x&expand=a%20b+c&&y=&t=TRUE&f=yes", &uri, &problem), 0);
    char *first = cd_uri_param(&uri, "expand", 0);
    char *second = cd_uri_param(&uri, "expand", 1);
    char *blank = cd_uri_param(&uri, "x", 0);
    assert_string_equal(first, "info");
    assert_string_equal(second, "a b c");
    assert_string_equal(blank, "");
    assert_null(cd_uri_param(&uri, "expand", 2));
    assert_null(cd_uri_param(&uri, "z", 0));
    assert_true(cd_uri_flag(&uri, "t", false));
    assert_false(cd_uri_flag(&uri, "f", true));
    assert_true(cd_uri_flag(&uri, "y", true));
    assert_false(cd_uri_flag(&uri, "missing", false));
    free(first);
    free(second);
    free(blank);
}

static void task_numbers_are_javas_integers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int32_t value;
    } rows[] = {{"0", true, 0},
                {"-1", true, -1},
                {"+1", true, 1},
                {"01", true, 1},
                {"2147483647", true, INT32_MAX},
                {"2147483648", false, 0},
                {"xyz", false, 0},
                {"1.0", false, 0},
                {"0x1", false, 0},
                {"", false, 0},
                {"+", false, 0},
                {"99999999999999999999", false, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int32_t value = 0;
        assert_int_equal(cd_uri_int(cd_slice(rows[i].text), &value), rows[i].ok);
        assert_int_equal(value, rows[i].value);
    }
}

static void a_location_is_encoded_as_jersey_does(void **state)
{
    (void)state;
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_uri_encode_name(&out, "a/b c%?#\"<>|^`[]{}\\;&=+:@,!$'()*~-._\xc3\xa4");
    assert_string_equal(out.ptr,
                        "a/b%20c%25%3F%23%22%3C%3E%7C%5E%60%5B%5D%7B%7D%5C;&=+:@,!$'()*~-._"
                        "%C3%A4");
    cd_buffer_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_split_and_judged_undecoded),
        cmocka_unit_test(a_long_target_is_a_414),
        cmocka_unit_test(more_segments_than_any_route_has_match_none),
        cmocka_unit_test(parameters_are_found_in_order),
        cmocka_unit_test(task_numbers_are_javas_integers),
        cmocka_unit_test(a_location_is_encoded_as_jersey_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
