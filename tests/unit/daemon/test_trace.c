#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "compat/utf.h"
#include "daemon/trace.h"

static void the_first_line_is_class_and_message(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    (void)cd_fail_as(&err, CD_ERR_DATA, "DataException", "no such field");
    char *text = cd_trace(&err, "sink.put");
    assert_string_equal(text, "org.apache.kafka.connect.errors.DataException: no such field\n"
                              "\tat connectd.sink.put\n");
    free(text);
}

static void an_outer_exception_has_the_error_as_its_cause(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_buffer text = CD_BUFFER_INIT;
    (void)cd_fail_as(&err, CD_ERR_DATA, "DataException", "bad");
    const struct cd_trace trace = {.outer = "Tolerance exceeded in error handler",
                                   .stage = "VALUE_CONVERTER",
                                   .task = "orders-0",
                                   .class_name = "org.x.JsonConverter"};
    cd_trace_text(&trace, &err, &text);
    assert_string_equal(
        text.ptr, "org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error "
                  "handler\n\tat connectd.VALUE_CONVERTER(orders-0)\n"
                  "Caused by: org.apache.kafka.connect.errors.DataException: bad\n"
                  "\tat connectd.VALUE_CONVERTER(org.x.JsonConverter)\n");
    cd_buffer_done(&text);
}

static void a_code_that_is_no_class_stands_behind_the_message(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    (void)cd_fail_as(&err, CD_ERR_DATA, "23505", "duplicate key");
    char *text = cd_trace(&err, "put");
    assert_non_null(strstr(text, "DataException: duplicate key [23505]\n"));
    free(text);
}

static void the_text_is_utf8_whatever_the_message_holds(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    (void)cd_fail(&err, CD_ERR_DATA, "value '%s' is cut: \xc3", "\xff\xfe");
    char *text = cd_trace(&err, "put");
    assert_true(cd_utf8_valid(cd_slice(text)));
    free(text);
}

static void without_a_message_there_is_no_colon(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    (void)cd_fail_as(&err, CD_ERR_BUG, "NullPointerException", "%s", "");
    char *text = cd_trace(&err, "poll");
    assert_string_equal(text, "java.lang.NullPointerException\n\tat connectd.poll\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_line_is_class_and_message),
        cmocka_unit_test(an_outer_exception_has_the_error_as_its_cause),
        cmocka_unit_test(a_code_that_is_no_class_stands_behind_the_message),
        cmocka_unit_test(the_text_is_utf8_whatever_the_message_holds),
        cmocka_unit_test(without_a_message_there_is_no_colon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
