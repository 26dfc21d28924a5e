#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/alloc.h"
#include "config/keys.h"

static char *json_of(const struct cd_report *report)
{
    json_t *json = cd_report_json(report);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return text;
}

static void keys_without_definition_come_first(void **state)
{
    (void)state;
    struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    const struct cd_key key = {.name = "known", .type = CD_INT32, .fallback = "1", .group = "G"};
    report.name = cd_strdup("Class");
    cd_key_describe(&key, "", NULL, 0, config, &report);
    cd_report_error(&report, "unknown", "Null value");
    char *text CD_AUTO_FREE = json_of(&report);
    assert_string_equal(
        text, "{\"name\":\"Class\",\"error_count\":1,\"groups\":[\"G\"],\"configs\":["
              "{\"definition\":null,\"value\":{\"name\":\"unknown\",\"value\":null,"
              "\"recommended_values\":[],\"errors\":[\"Null value\"],\"visible\":true}},"
              "{\"definition\":{\"name\":\"known\",\"type\":\"INT\",\"required\":false,"
              "\"default_value\":\"1\",\"importance\":\"HIGH\",\"documentation\":\"\","
              "\"group\":\"G\",\"width\":\"NONE\",\"display_name\":\"known\",\"dependents\":[],"
              "\"order\":-1},\"value\":{\"name\":\"known\",\"value\":\"1\","
              "\"recommended_values\":[],\"errors\":[],\"visible\":true}}]}");
}

static void a_key_defined_again_is_judged_by_the_last_definition(void **state)
{
    (void)state;
    struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    const struct cd_key number = {.name = "k", .type = CD_INT32};
    const struct cd_key text = {.name = "k", .type = CD_STRING};
    cd_config_set(config, "k", "x");
    cd_report_error(&report, "k", "Null value");
    cd_key_describe(&number, "", NULL, 0, config, &report);
    assert_int_equal(cd_report_error_count(&report), 1);
    cd_key_describe(&text, "", NULL, 0, config, &report);
    assert_int_equal(cd_report_error_count(&report), 0);
    assert_int_equal(report.count, 1);
    assert_string_equal(report.rows[0].value, "x");
}

static void a_row_that_counts_once_counts_once(void **state)
{
    (void)state;
    struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    cd_report_error(&report, "a", "1");
    cd_report_error(&report, "a", "2");
    assert_int_equal(cd_report_error_count(&report), 2);
    cd_report_row(&report, "a")->counts_once = true;
    assert_int_equal(cd_report_error_count(&report), 1);
}

static void without_errors_there_is_nothing_to_fail_with(void **state)
{
    (void)state;
    struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    struct cd_error err = CD_ERROR_INIT;
    cd_report_recommend(&report, "a", "x");
    assert_true(cd_report_fail(&report, &err));
    cd_report_error(&report, "a", "wrong");
    assert_false(cd_report_fail(&report, &err));
    assert_non_null(strstr(err.msg, "the following 1 error(s):\nwrong\n"));
}

static void a_secret_is_never_shown(void **state)
{
    (void)state;
    struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    const struct cd_key key = {
        .name = "p", .type = CD_SECRET, .fallback = "dflt", .non_empty = true};
    cd_config_set(config, "p", "hush");
    cd_key_describe(&key, "", NULL, 0, config, &report);
    char *text CD_AUTO_FREE = json_of(&report);
    assert_null(strstr(text, "hush"));
    assert_null(strstr(text, "dflt"));
    assert_non_null(strstr(text, "\"value\":\"[hidden]\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_without_definition_come_first),
        cmocka_unit_test(a_key_defined_again_is_judged_by_the_last_definition),
        cmocka_unit_test(a_row_that_counts_once_counts_once),
        cmocka_unit_test(without_errors_there_is_nothing_to_fail_with),
        cmocka_unit_test(a_secret_is_never_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
