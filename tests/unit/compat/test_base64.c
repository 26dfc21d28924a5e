#include "compat/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"

static void bytes_are_encoded_with_padding_and_without_breaks(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *text;
    } cases[] = {{"", 0, ""},
                 {"f", 1, "Zg=="},
                 {"fo", 2, "Zm8="},
                 {"foo", 3, "Zm9v"},
                 {"\xff\x00\x01", 3, "/wAB"},
                 {"\xfb\xff\xbe\x00", 4, "+/++AA=="}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[16] = "";
        size_t len = cd_base64_encode(cases[i].bytes, cases[i].len, out);
        assert_int_equal(len, cd_base64_length(cases[i].len));
        assert_true(cd_slice_is(cd_slice_of(out, len), cases[i].text));
    }
}

static void what_is_encoded_decodes_to_the_same(void **state)
{
    uint8_t bytes[300];
    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 167 + i / 7);
    for (size_t len = 0; len <= sizeof(bytes); len++) {
        struct cd_error err = CD_ERROR_INIT;
        size_t text_len = cd_base64_length(len);
        CD_AUTO_FREE char *text = cd_alloc(text_len); /* exact: AddressSanitizer watches */
        CD_AUTO_FREE uint8_t *back = cd_alloc(cd_base64_decoded_max(text_len));
        size_t back_len = 0;
        assert_int_equal(cd_base64_encode(bytes, len, text), text_len);
        assert_true(cd_base64_decode(cd_slice_of(text, text_len), back, &back_len, &err));
        assert_int_equal(back_len, len);
        assert_memory_equal(back, bytes, len);
    }
}

static void decoding_takes_what_jackson_takes(void **state)
{
    static const struct {
        const char *text;
        const char *bytes; /* NULL: refused */
    } cases[] = {
        {"aGVsbG8=", "hello"},
        {" \n aGVs\r\nbG8= ", "hello"}, /* blanks before groups */
        {"Zg==Zg==", "ff"},             /* on after padding */
        {"Zh==", "f"},                  /* left-over bits */
        {"", ""},
        {"  ", ""},
        {"aGVsbG8", NULL}, /* no padding (json-read-063) */
        {"-_8=", NULL},    /* the alphabet of URLs (json-read-064) */
        {"aG Vs", NULL},   /* a blank inside a group */
        {"Zg=", NULL},
        {"Zg=a", NULL},
        {"Z===", NULL},
        {"====", NULL},
        {"Z", NULL},
        {"Zm9v!", NULL},
        {"Zm\xc3\xa9", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        uint8_t out[32];
        size_t len = 0;
        bool good = cd_base64_decode(cd_slice(cases[i].text), out, &len, &err);
        assert_int_equal(good, cases[i].bytes != NULL);
        if (good)
            assert_true(cd_slice_is(cd_slice_of(out, len), cases[i].bytes));
        else
            assert_string_equal(err.native, "IllegalArgumentException");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_encoded_with_padding_and_without_breaks),
        cmocka_unit_test(what_is_encoded_decodes_to_the_same),
        cmocka_unit_test(decoding_takes_what_jackson_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
