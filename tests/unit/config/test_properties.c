#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "config/properties.h"

static const struct {
    const char *text;
    bool utf8;
    const char *key;
    const char *value; /* NULL: absent */
} cases[] = {
    {"a=b", false, "a", "b"},
    {"a=b\n", false, "a", "b"},
    {"a = b ", false, "a", "b "},
    {"a:b", false, "a", "b"},
    {"a b", false, "a", "b"},
    {"a  =  : b", false, "a", ": b"},
    {"a\t\f:\t b", false, "a", "b"},
    {"a", false, "a", ""},
    {"a=", false, "a", ""},
    {"=v", false, "", "v"},
    {"  a=b", false, "a", "b"},
    {"# a=b\n", false, "# a", NULL},
    {"  ! x\na=b", false, "a", "b"},
    {"# c \\\na=b", false, "a", "b"}, /* a comment is never joined */
    {"a=b\\\n   c", false, "a", "bc"},
    {"a=b\\\r\n\t c", false, "a", "bc"},
    {"a=b\\\n# c", false, "a", "b# c"}, /* a joined line is never a comment */
    {"a=b\\\\\nc=d", false, "c", "d"},  /* an even number of backslashes joins nothing */
    {"a=b\\", false, "a", "b"},
    {"a=b\\\n\nc=d", false, "c", "d"},
    {"a\\ b=c", false, "a b", "c"},
    {"a\\=b=c", false, "a=b", "c"},
    {"a\\:b:c", false, "a:b", "c"},
    {"a=\\t\\n\\r\\f\\q\\\\", false, "a", "\t\n\r\fq\\"},
    {"a=\\u00e9", false, "a", "\xc3\xa9"},
    {"a=\\uD83D\\uDE00", false, "a", "\xf0\x9f\x98\x80"},
    {"a=\\uD83D!", false, "a", "\xed\xa0\xbd!"},
    {"a=\xe9", false, "a", "\xc3\xa9"}, /* ISO-8859-1 */
    {"a=\xc3\xa9", true, "a", "\xc3\xa9"},
    {"a=\xff", true, "a", "\xef\xbf\xbd"},
    {"a=1\ra=2\r\na=3", false, "a", "3"}, /* the last of duplicates wins */
    {"\xe9=1", false, "\xc3\xa9", "1"},
    {"a=\\\xe9", false, "a", "\xc3\xa9"},
};

static void text_is_read_as_java_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
        struct cd_error err = CD_ERROR_INIT;
        assert_true(cd_properties_parse(cd_slice(cases[i].text), cases[i].utf8, config, &err));
        const char *value = cd_config_get(config, cases[i].key);
        if (cases[i].value == NULL)
            assert_null(value);
        else
            assert_string_equal(value, cases[i].value);
    }
}

static void a_bad_escape_is_refused_with_its_line(void **state)
{
    (void)state;
    static const char *const texts[] = {"a=1\nb=\\u12", "a=1\nb=\\u12x4", "a=1\nb=\\u0000"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
        struct cd_error err = CD_ERROR_INIT;
        assert_false(cd_properties_parse(cd_slice(texts[i]), false, config, &err));
        assert_non_null(strstr(err.msg, "2"));
    }
}

static void a_nul_byte_is_no_text(void **state)
{
    (void)state;
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    struct cd_error err = CD_ERROR_INIT;
    assert_false(cd_properties_parse(cd_slice_of("a=\0b", 4), false, config, &err));
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    struct cd_error err = CD_ERROR_INIT;
    assert_false(cd_properties_load("/nonexistent/x.properties", false, config, &err));
    assert_string_equal(err.native, "ENOENT");
    assert_non_null(strstr(err.msg, "/nonexistent/x.properties"));
}

static void a_null_is_not_an_absent_key(void **state)
{
    (void)state;
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    cd_config_set(config, "a", NULL);
    assert_true(cd_config_has(config, "a"));
    assert_null(cd_config_get(config, "a"));
    struct cd_config *copy CD_AUTO(cd_config_freep) = cd_config_copy(config);
    assert_true(cd_config_equal(config, copy));
    cd_config_set(copy, "a", "");
    assert_false(cd_config_equal(config, copy));
}

static void order_is_kept_and_prefixes_are_stripped(void **state)
{
    (void)state;
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    cd_config_set(config, "x.b", "1");
    cd_config_set(config, "y", "2");
    cd_config_set(config, "x.a", "3");
    cd_config_set(config, "x.b", "4");
    struct cd_config *stripped CD_AUTO(cd_config_freep) = cd_config_strip(config, "x.");
    struct cd_config_iter it = {0};
    assert_true(cd_config_next(stripped, &it));
    assert_string_equal(it.key, "b");
    assert_string_equal(it.value, "4");
    assert_true(cd_config_next(stripped, &it));
    assert_string_equal(it.key, "a");
    assert_false(cd_config_next(stripped, &it));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_read_as_java_does),
        cmocka_unit_test(a_bad_escape_is_refused_with_its_line),
        cmocka_unit_test(a_nul_byte_is_no_text),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(a_null_is_not_an_absent_key),
        cmocka_unit_test(order_is_kept_and_prefixes_are_stripped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
