#include "compat/utf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buffer.h"

#define FFFD "\xef\xbf\xbd"

static const struct {
    const char *bytes;
    bool utf8;
    bool wtf8;
    const char *decoded; /* by a JVM */
} cases[] = {
    {"", true, true, ""},
    {"plain ascii text, longer than eight", true, true, "plain ascii text, longer than eight"},
    {"h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", true, true, "h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
    {"a\xed\xa0\x80z", false, true, "a" FFFD "z"},         /* an unpaired surrogate */
    {"\xed\xa0\xbd\xed\xb8\x80", false, false, FFFD FFFD}, /* a pair in six bytes */
    {"\xed\xb8\x80\xed\xa0\xbd", false, true, FFFD FFFD},  /* two, but no pair */
    {"\xc0\x80", false, false, FFFD FFFD},                 /* overlong */
    {"\xe0\x80\x80", false, false, FFFD FFFD FFFD},
    {"\xf0\x80\x80\x80", false, false, FFFD FFFD FFFD FFFD},
    {"\xf4\x90\x80\x80", false, false, FFFD FFFD FFFD FFFD}, /* above U+10FFFF */
    {"\xf5", false, false, FFFD},
    {"\xe2\x82", false, false, FFFD}, /* cut */
    {"\xf0\x9f\x98", false, false, FFFD},
    {"\xe2\x82z", false, false, FFFD "z"},
    {"\xf0\x9fz", false, false, FFFD "z"},
    {"\x80\xbf", false, false, FFFD FFFD},
    {"\xff\xfe", false, false, FFFD FFFD},
};

static void valid_texts_are_told_from_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(cd_utf8_valid(cd_slice(cases[i].bytes)), cases[i].utf8);
        assert_int_equal(cd_wtf8_valid(cd_slice(cases[i].bytes)), cases[i].wtf8);
    }
    assert_true(cd_ascii(cd_slice("0123456789abcdef~")));
    assert_false(cd_ascii(cd_slice("0123456789abcdef\xc3\xa9")));
}

static void malformed_bytes_become_replacements_where_java_puts_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
        cd_java_utf8_decode(cd_slice(cases[i].bytes), &out);
        assert_string_equal(cd_buffer_view(&out).ptr, cases[i].decoded);
    }
}

static void a_zero_byte_is_a_character(void **state)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
    (void)state;
    cd_java_utf8_decode(cd_slice_of("a\0b\xff", 4), &out);
    assert_int_equal(out.len, 6);
    assert_memory_equal(out.ptr, "a\0b" FFFD, 6);
}

static void unpaired_surrogates_are_written_as_question_marks(void **state)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
    (void)state;
    cd_java_utf8_encode(cd_slice("a\xed\xa0\x80z\xed\xa0\xbd\xed\xb8\x80"), &out);
    assert_string_equal(out.ptr, "a?z\xf0\x9f\x98\x80");
}

static void halves_are_joined(void **state)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
    (void)state;
    cd_wtf8_join(cd_slice("\xed\xa0\xbd\xed\xb8\x80\xed\xa0\xbd"), &out);
    assert_string_equal(out.ptr, "\xf0\x9f\x98\x80\xed\xa0\xbd");
}

static void every_code_point_goes_there_and_back(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char bytes[4];
        const char *at = bytes;
        size_t len = cd_utf_put(c, bytes);
        assert_int_equal(cd_utf_next(&at, bytes + len), c);
        assert_ptr_equal(at, bytes + len);
    }
}

static void lengths_count_utf16_units(void **state)
{
    (void)state;
    assert_int_equal(cd_java_length(cd_slice("")), 0);
    assert_int_equal(cd_java_length(cd_slice("twelve bytes")), 12);
    assert_int_equal(cd_java_length(cd_slice("h\xc3\xa9\xf0\x9f\x98\x80")), 4);
    assert_int_equal(cd_java_length(cd_slice("\xed\xa0\x80")), 1);
}

static void texts_compare_as_utf16(void **state)
{
    (void)state;
    assert_true(cd_java_compare(cd_slice("a"), cd_slice("b")) < 0);
    assert_true(cd_java_compare(cd_slice("a"), cd_slice("ab")) < 0);
    assert_int_equal(cd_java_compare(cd_slice("ab"), cd_slice("ab")), 0);
    /* U+1F600 begins with D83D, which is less than U+FF01. */
    assert_true(cd_java_compare(cd_slice("\xf0\x9f\x98\x80"), cd_slice("\xef\xbc\x81")) < 0);
    assert_true(cd_java_compare(cd_slice("\xf0\x9f\x98\x80"), cd_slice("\xf0\x9f\x98\x81")) < 0);
}

static void trimming_takes_all_up_to_the_blank(void **state)
{
    (void)state;
    assert_true(cd_slice_is(cd_java_trim(cd_slice(" \t\x01 a b\n")), "a b"));
    assert_int_equal(cd_java_trim(cd_slice(" \n")).len, 0);
    assert_true(cd_slice_is(cd_java_trim(cd_slice("\xc2\xa0x")), "\xc2\xa0x"));
}

static void nothing_is_read_beyond_the_bytes(void **state)
{
    static const unsigned char leads[] = {0xc3, 0xe2, 0xf0, 0x80, 0xff};
    (void)state;
    for (size_t i = 0; i < sizeof(leads); i++) {
        CD_AUTO_FREE char *exact = cd_alloc(1); /* AddressSanitizer watches */
        CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
        exact[0] = (char)leads[i];
        struct cd_slice bytes = cd_slice_of(exact, 1);
        assert_false(cd_wtf8_valid(bytes));
        assert_int_equal(cd_java_length(bytes), 1);
        cd_java_utf8_decode(bytes, &out);
        cd_wtf8_join(bytes, &out);
        assert_string_equal(out.ptr, FFFD FFFD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_texts_are_told_from_others),
        cmocka_unit_test(malformed_bytes_become_replacements_where_java_puts_them),
        cmocka_unit_test(a_zero_byte_is_a_character),
        cmocka_unit_test(unpaired_surrogates_are_written_as_question_marks),
        cmocka_unit_test(halves_are_joined),
        cmocka_unit_test(every_code_point_goes_there_and_back),
        cmocka_unit_test(lengths_count_utf16_units),
        cmocka_unit_test(texts_compare_as_utf16),
        cmocka_unit_test(trimming_takes_all_up_to_the_blank),
        cmocka_unit_test(nothing_is_read_beyond_the_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
