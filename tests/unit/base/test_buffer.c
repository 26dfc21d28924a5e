#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

static void what_is_appended_stands_in_order_and_is_terminated(void **state)
{
    (void)state;
    CD_AUTO(cd_buffer_done) struct cd_buffer buf = CD_BUFFER_INIT;
    cd_buffer_text(&buf, "one");
    cd_buffer_char(&buf, ' ');
    cd_buffer_slice(&buf, cd_slice_of("twofold", 3));
    cd_buffer_slice(&buf, (struct cd_slice){NULL, 0});
    cd_buffer_printf(&buf, " %d%%", 3);
    assert_string_equal(buf.ptr, "one two 3%");
    assert_int_equal(buf.len, 10);
}

static void it_grows_with_its_content(void **state)
{
    (void)state;
    CD_AUTO(cd_buffer_done) struct cd_buffer buf = CD_BUFFER_INIT;
    for (int i = 0; i < 100000; i++)
        cd_buffer_char(&buf, (char)('a' + i % 26));
    assert_int_equal(buf.len, 100000);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(buf.ptr[i], 'a' + i % 26);
}

static void a_format_longer_than_the_room_is_not_cut(void **state)
{
    (void)state;
    CD_AUTO(cd_buffer_done) struct cd_buffer buf = CD_BUFFER_INIT;
    cd_buffer_text(&buf, "x");
    cd_buffer_printf(&buf, "%05000d", 1);
    assert_int_equal(buf.len, 5001);
    assert_int_equal(buf.ptr[5000], '1');
    assert_int_equal(buf.ptr[5001], 0);
}

static void clearing_keeps_the_memory(void **state)
{
    (void)state;
    CD_AUTO(cd_buffer_done) struct cd_buffer buf = CD_BUFFER_INIT;
    cd_buffer_clear(&buf);
    cd_buffer_text(&buf, "something");
    size_t cap = buf.cap;
    cd_buffer_clear(&buf);
    assert_int_equal(buf.len, 0);
    assert_int_equal(buf.cap, cap);
    assert_string_equal(buf.ptr, "");
}

static void stealing_gives_a_text_even_when_empty(void **state)
{
    (void)state;
    struct cd_buffer buf = CD_BUFFER_INIT;
    char *empty = cd_buffer_steal(&buf);
    assert_string_equal(empty, "");
    cd_buffer_text(&buf, "mine");
    char *text = cd_buffer_steal(&buf);
    assert_string_equal(text, "mine");
    assert_null(buf.ptr);
    assert_string_equal(cd_buffer_view(&buf).ptr, "");
    free(empty);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_appended_stands_in_order_and_is_terminated),
        cmocka_unit_test(it_grows_with_its_content),
        cmocka_unit_test(a_format_longer_than_the_room_is_not_cut),
        cmocka_unit_test(clearing_keeps_the_memory),
        cmocka_unit_test(stealing_gives_a_text_even_when_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
