#include "compat/charset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"

#define FFFD "\xef\xbf\xbd"
#define BYTES(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static void javas_names_and_aliases_are_known_in_any_case(void **state)
{
    static const struct {
        const char *name;
        enum cd_charset set;
    } cases[] = {{"UTF-8", CD_CHARSET_UTF8},        {"utf8", CD_CHARSET_UTF8},
                 {"ISO-8859-1", CD_CHARSET_LATIN1}, {"Latin1", CD_CHARSET_LATIN1},
                 {"US-ASCII", CD_CHARSET_ASCII},    {"UTF-16", CD_CHARSET_UTF16},
                 {"utf-16le", CD_CHARSET_UTF16LE},  {"windows-1252", CD_CHARSET_CP1252},
                 {"UTF-32BE", CD_CHARSET_UTF32BE}};
    enum cd_charset set;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(cd_charset_find(cd_slice(cases[i].name), &set));
        assert_int_equal(set, cases[i].set);
    }
    assert_false(cd_charset_find(cd_slice("nope"), &set));
    assert_false(cd_charset_find(cd_slice(""), &set));
}

/* "a", e acute, euro, U+1F600, an unpaired high surrogate, "b", an unpaired low one: by a JVM. */
static void texts_are_encoded_as_the_jvm_does(void **state)
{
    static const struct {
        enum cd_charset set;
        struct cd_slice bytes;
    } cases[] = {
        {CD_CHARSET_UTF8, BYTES("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80?b?")},
        {CD_CHARSET_UTF16, BYTES("\xfe\xff\0a\0\xe9\x20\xac\xd8\x3d\xde\0\xff\xfd\0b\xff\xfd")},
        {CD_CHARSET_UTF16BE, BYTES("\0a\0\xe9\x20\xac\xd8\x3d\xde\0\xff\xfd\0b\xff\xfd")},
        {CD_CHARSET_UTF16LE, BYTES("a\0\xe9\0\xac\x20\x3d\xd8\0\xde\xfd\xff"
                                   "b\0\xfd\xff")},
        {CD_CHARSET_UTF32,
         BYTES("\0\0\0a\0\0\0\xe9\0\0\x20\xac\0\1\xf6\0\0\0\xff\xfd\0\0\0b\0\0\xff\xfd")},
        {CD_CHARSET_LATIN1, BYTES("a\xe9???b?")},
        {CD_CHARSET_ASCII, BYTES("a????b?")},
        {CD_CHARSET_CP1252, BYTES("a\xe9\x80??b?")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
        cd_charset_encode(cases[i].set,
                          cd_slice("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xed\xa0\x80"
                                   "b\xed\xb0\x80"),
                          &out);
        assert_true(cd_slice_equal(cd_buffer_view(&out), cases[i].bytes));
    }
}

static void bytes_are_decoded_as_the_jvm_does(void **state)
{
    static const struct {
        enum cd_charset set;
        struct cd_slice bytes;
        const char *text;
    } cases[] = {
        {CD_CHARSET_UTF8, BYTES("a\xff"), "a" FFFD},
        {CD_CHARSET_UTF16, BYTES("\xfe\xff\0a"), "a"},
        {CD_CHARSET_UTF16,
         BYTES("\xff\xfe"
               "a\0"),
         "a"},
        {CD_CHARSET_UTF16, BYTES("\0a\xfe\xff\0b"),
         "a\xef\xbb\xbf"
         "b"},
        {CD_CHARSET_UTF16BE, BYTES("\xd8\x3d\xde\0"), "\xf0\x9f\x98\x80"},
        {CD_CHARSET_UTF16BE, BYTES("\xd8\0\0a"), FFFD}, /* takes its neighbour with it */
        {CD_CHARSET_UTF16BE, BYTES("\xdc\0\0a"), FFFD "a"},
        {CD_CHARSET_UTF16BE, BYTES("\0a\xd8\0"), "a" FFFD},
        {CD_CHARSET_UTF16BE, BYTES("\xd8\x3d\xde"), FFFD},
        {CD_CHARSET_UTF16BE, BYTES("\0a\0"), "a" FFFD},
        {CD_CHARSET_UTF16LE, BYTES("a\0"), "a"},
        {CD_CHARSET_UTF32, BYTES("\0\0\xfe\xff\0\0\0a"), "a"},
        {CD_CHARSET_UTF32, BYTES("\xff\xfe\0\0a\0\0\0"), "a"},
        {CD_CHARSET_UTF32BE, BYTES("\0\0\0a\0"), "a" FFFD},
        {CD_CHARSET_UTF32BE, BYTES("\0\0\xd8\0"), FFFD},
        {CD_CHARSET_UTF32LE, BYTES("\0\x11\0\0"), "\xe1\x84\x80"},
        {CD_CHARSET_LATIN1, BYTES("h\xe9\x80"), "h\xc3\xa9\xc2\x80"},
        {CD_CHARSET_ASCII, BYTES("h\xe9"), "h" FFFD},
        {CD_CHARSET_CP1252, BYTES("\x80\x81\x9f\xff"), "\xe2\x82\xac" FFFD "\xc5\xb8\xc3\xbf"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
        cd_charset_decode(cases[i].set, cases[i].bytes, &out);
        assert_true(cd_slice_is(cd_buffer_view(&out), cases[i].text));
    }
}

static void an_empty_text_has_no_mark(void **state)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
    (void)state;
    cd_charset_encode(CD_CHARSET_UTF16, cd_slice(""), &out);
    assert_int_equal(out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(javas_names_and_aliases_are_known_in_any_case),
        cmocka_unit_test(texts_are_encoded_as_the_jvm_does),
        cmocka_unit_test(bytes_are_decoded_as_the_jvm_does),
        cmocka_unit_test(an_empty_text_has_no_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
