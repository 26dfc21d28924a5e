#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/alloc.h"
#include "config/keys.h"

struct sample {
    bool flag;
    const char *text;
    int16_t small;
    int32_t number;
    int64_t large;
    double real;
    struct cd_strings list;
    const char *secret;
    const char *choice;
};

static const char *const choices[] = {"none", "all", NULL};
static const char *const versions[] = {"V1", "v2", NULL};

static const struct cd_key keys[] = {
    {.name = "flag", .type = CD_BOOL, .fallback = "true", .offset = offsetof(struct sample, flag)},
    {.name = "text", .type = CD_STRING, .non_empty = true, .offset = offsetof(struct sample, text)},
    {.name = "small", .type = CD_INT16, .fallback = "3", .offset = offsetof(struct sample, small)},
    {.name = "number",
     .type = CD_INT32,
     .fallback = "1",
     .min = 1,
     .max = 9,
     .offset = offsetof(struct sample, number)},
    {.name = "large",
     .type = CD_INT64,
     .optional = true,
     .min = 0,
     .max = INT64_MAX,
     .offset = offsetof(struct sample, large)},
    {.name = "real",
     .type = CD_FLOAT64,
     .fallback = "0.5",
     .offset = offsetof(struct sample, real)},
    {.name = "list",
     .type = CD_LIST,
     .fallback = "",
     .check = cd_keys_check_unique,
     .offset = offsetof(struct sample, list)},
    {.name = "secret",
     .type = CD_SECRET,
     .optional = true,
     .offset = offsetof(struct sample, secret)},
    {.name = "choice",
     .type = CD_STRING,
     .fallback = "none",
     .one_of = choices,
     .offset = offsetof(struct sample, choice)},
};

static const struct cd_key *key_named(const char *name)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

static void values_are_typed_and_defaults_filled_in(void **state)
{
    (void)state;
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    cd_config_set(config, "text", "  hello ");
    cd_config_set(config, "flag", " FALSE ");
    cd_config_set(config, "list", " a , b,,c ");
    cd_config_set(config, "real", "1e3");
    struct cd_arena arena CD_AUTO(cd_arena_done);
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    struct sample sample = {.large = -7};
    assert_true(cd_keys_parse(CD_KEYS(keys), config, &arena, &sample, &report));
    assert_string_equal(sample.text, "hello");
    assert_false(sample.flag);
    assert_int_equal(sample.small, 3);
    assert_int_equal(sample.number, 1);
    assert_int_equal(sample.large, -7); /* optional, not given: untouched */
    assert_true(sample.real > 999.9 && sample.real < 1000.1);
    assert_int_equal(sample.list.count, 4);
    assert_string_equal(sample.list.items[0], "a");
    assert_string_equal(sample.list.items[1], "b");
    assert_string_equal(sample.list.items[2], "");
    assert_null(sample.secret);
}

static const struct {
    const char *key;
    const char *value;
    const char *message; /* NULL: valid */
} checks[] = {
    {"flag", "yes",
     "Invalid value yes for configuration flag: Expected value to be either true or false"},
    {"flag", "True", NULL},
    {"text", "", "Invalid value  for configuration text: String must be non-empty"},
    {"small", "40000", "Invalid value 40000 for configuration small: Not a number of type SHORT"},
    {"number", "abc", "Invalid value abc for configuration number: Not a number of type INT"},
    {"number", "1.0", "Invalid value 1.0 for configuration number: Not a number of type INT"},
    {"number", "", "Invalid value  for configuration number: Not a number of type INT"},
    {"number", " +5 ", NULL},
    {"number", "0", "Invalid value 0 for configuration number: Value must be at least 1"},
    {"number", "10", "Invalid value 10 for configuration number: Value must be no more than 9"},
    {"large", "x", "Invalid value x for configuration large: Not a number of type LONG"},
    {"large", "-1", "Invalid value -1 for configuration large: Value must be at least 0"},
    {"real", "x", "Invalid value x for configuration real: Not a number of type DOUBLE"},
    {"list", "t, t", "Invalid value [t, t] for configuration list: Duplicate alias provided."},
    {"choice", "All",
     "Invalid value All for configuration choice: String must be one of: none, all"},
};

static void messages_are_the_jvms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        bool ok = cd_keys_check(key_named(checks[i].key), checks[i].value, &err);
        assert_true(ok == (checks[i].message == NULL));
        if (!ok)
            assert_string_equal(err.msg, checks[i].message);
    }
}

static void choices_in_any_case_are_shown_in_capitals(void **state)
{
    (void)state;
    const struct cd_key key = {
        .name = "v", .type = CD_STRING, .one_of = versions, .any_case = true};
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_keys_check(&key, "V2", &err));
    assert_false(cd_keys_check(&key, "V3", &err));
    assert_string_equal(err.msg, "Invalid value V3 for configuration v: String must be one of "
                                 "(case insensitive): V1, V2");
}

static void all_problems_are_told_and_the_validator_sees_the_null(void **state)
{
    (void)state;
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    cd_config_set(config, "number", "abc");
    struct cd_arena arena CD_AUTO(cd_arena_done);
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    struct sample sample;
    assert_false(cd_keys_parse(CD_KEYS(keys), config, &arena, &sample, &report));
    char *text CD_AUTO_FREE = cd_report_text(&report);
    assert_string_equal(
        text, "Connector configuration is invalid and contains the following 3 error(s):\n"
              "Missing required configuration \"text\" which has no default value.\n"
              "Invalid value abc for configuration number: Not a number of type INT\n"
              "Invalid value null for configuration number: Value must be non-null\n"
              "You can also find the above list of errors at the endpoint "
              "`/connector-plugins/{connectorType}/config/validate`");
    struct cd_error err = CD_ERROR_INIT;
    assert_false(cd_keys_parse_first(CD_KEYS(keys), config, &arena, &sample, &err));
    assert_string_equal(err.msg,
                        "Missing required configuration \"text\" which has no default value.");
    assert_string_equal(err.native, "ConfigException");
}

static void older_names_of_a_key_are_found(void **state)
{
    (void)state;
    static const char *const older[] = {"old.name", NULL};
    static const struct cd_key aliased[] = {
        {.name = "new.name", .type = CD_STRING, .aliases = older, .offset = 0}};
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    cd_config_set(config, "old.name", "x");
    struct cd_arena arena CD_AUTO(cd_arena_done);
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    const char *target = NULL;
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_keys_parse_first(CD_KEYS(aliased), config, &arena, &target, &err));
    assert_string_equal(target, "x");
}

static void a_smaller_row_reads_as_zero_beyond_its_end(void **state)
{
    (void)state;
    struct {
        char bytes[offsetof(struct cd_key, aliases)];
    } small;
    const struct cd_key full = {.name = "k", .type = CD_STRING, .aliases = choices};
    memcpy(&small, &full, sizeof(small));
    struct cd_key key = cd_keys_at(
        (struct cd_keys){(const struct cd_key *)(const void *)&small, 1, sizeof(small)}, 0);
    assert_string_equal(key.name, "k");
    assert_null(key.aliases);
}

static char *described(const char *prefix, const char *group, struct cd_config *config)
{
    struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    cd_keys_describe(CD_KEYS(keys), prefix, group, group == NULL ? 0 : 2, config, &report);
    json_t *json = cd_report_json(&report);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return text;
}

static void a_row_is_shown_in_the_jvms_member_order(void **state)
{
    (void)state;
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    cd_config_set(config, "text", " x ");
    cd_config_set(config, "secret", "hush");
    cd_config_set(config, "list", "a , b");
    char *text CD_AUTO_FREE = described("", NULL, config);
    assert_non_null(strstr(
        text,
        "{\"definition\":{\"name\":\"text\",\"type\":\"STRING\",\"required\":true,"
        "\"default_value\":null,\"importance\":\"HIGH\",\"documentation\":\"\",\"group\":null,"
        "\"width\":\"NONE\",\"display_name\":\"text\",\"dependents\":[],\"order\":-1},"
        "\"value\":{\"name\":\"text\",\"value\":\"x\",\"recommended_values\":[],"
        "\"errors\":[],\"visible\":true}}"));
    assert_non_null(strstr(text, "\"name\":\"list\",\"value\":\"a,b\""));
    assert_non_null(strstr(text, "\"name\":\"secret\",\"value\":\"[hidden]\""));
    assert_null(strstr(text, "hush"));
    assert_non_null(strstr(text, "\"name\":\"large\",\"value\":null"));
}

static void embedded_keys_are_sorted_grouped_and_numbered(void **state)
{
    (void)state;
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    cd_config_set(config, "transforms.a.number", "x");
    char *text CD_AUTO_FREE = described("transforms.a.", "Transforms: a", config);
    /* the one without default comes first, the others by name */
    const char *first = strstr(text, "\"name\":\"transforms.a.text\"");
    const char *second = strstr(text, "\"name\":\"transforms.a.choice\"");
    assert_non_null(first);
    assert_true(second > first);
    assert_non_null(strstr(text, "\"group\":\"Transforms: a\""));
    assert_non_null(
        strstr(text, "Invalid value x for configuration transforms.a.number: Not a number"));
    assert_non_null(strstr(text, "Invalid value null for configuration number: Value must be"));
    assert_non_null(strstr(text, "Missing required configuration \\\"transforms.a.text\\\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_typed_and_defaults_filled_in),
        cmocka_unit_test(messages_are_the_jvms),
        cmocka_unit_test(choices_in_any_case_are_shown_in_capitals),
        cmocka_unit_test(all_problems_are_told_and_the_validator_sees_the_null),
        cmocka_unit_test(older_names_of_a_key_are_found),
        cmocka_unit_test(a_smaller_row_reads_as_zero_beyond_its_end),
        cmocka_unit_test(a_row_is_shown_in_the_jvms_member_order),
        cmocka_unit_test(embedded_keys_are_sorted_grouped_and_numbered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
