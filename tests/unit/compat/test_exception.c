#include "compat/exception.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void simple_names_have_their_package(void **state)
{
    (void)state;
    assert_string_equal(cd_exception_class("DataException"),
                        "org.apache.kafka.connect.errors.DataException");
    assert_string_equal(cd_exception_class("ConfigException"),
                        "org.apache.kafka.common.config.ConfigException");
    assert_string_equal(cd_exception_class("SerializationException"),
                        "org.apache.kafka.common.errors.SerializationException");
    assert_string_equal(cd_exception_class("NullPointerException"),
                        "java.lang.NullPointerException");
    assert_string_equal(cd_exception_class("ConnectException"),
                        "org.apache.kafka.connect.errors.ConnectException");
    assert_null(cd_exception_class("Exceptional"));
    assert_null(cd_exception_class(""));
}

static void a_failure_without_a_java_name_is_called_by_its_code(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    (void)state;
    (void)cd_fail_as(&err, CD_ERR_DATA, "23505", "duplicate key");
    assert_string_equal(cd_exception_of(&err), "org.apache.kafka.connect.errors.DataException");
    cd_error_reset(&err);
    (void)cd_fail_as(&err, CD_ERR_DATA, "NumberFormatException", "no number");
    assert_string_equal(cd_exception_of(&err), "java.lang.NumberFormatException");
    cd_error_reset(&err);
    (void)cd_fail(&err, CD_ERR_REMOTE, "gone");
    assert_string_equal(cd_exception_of(&err), "org.apache.kafka.connect.errors.ConnectException");
    err.retriable = true;
    assert_string_equal(cd_exception_of(&err),
                        "org.apache.kafka.connect.errors.RetriableException");
    cd_error_reset(&err);
    (void)cd_fail(&err, CD_ERR_CONFIG, "wrong");
    assert_string_equal(cd_exception_of(&err), "org.apache.kafka.common.config.ConfigException");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(simple_names_have_their_package),
        cmocka_unit_test(a_failure_without_a_java_name_is_called_by_its_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
