#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include <stdio.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "config/connector_keys.h"

static struct cd_config *config_of(const char *const *pairs)
{
    struct cd_config *config = cd_config_new();
    for (; pairs[0] != NULL; pairs += 2)
        cd_config_set(config, pairs[0], pairs[1]);
    return config;
}

static char *errors_of(const struct cd_report *report)
{
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_buffer_text(&out, "");
    for (size_t i = 0; i < report->count; i++)
        for (size_t e = 0; e < report->rows[i].error_count; e++)
            cd_buffer_printf(&out, "%s: %s\n", report->rows[i].name, report->rows[i].errors[e]);
    return cd_buffer_steal(&out);
}

static void a_source_has_connects_defaults(void **state)
{
    (void)state;
    static const char *const pairs[] = {"name", "n", "connector.class", "C", "transforms",
                                        "a, b", NULL};
    struct cd_config *config CD_AUTO(cd_config_freep) = config_of(pairs);
    struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    struct cd_arena arena CD_AUTO(cd_arena_done);
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    struct cd_source_config source;
    assert_true(cd_source_config_parse(config, &arena, &source, &report));
    assert_string_equal(source.common.name, "n");
    assert_int_equal(source.common.tasks_max, 1);
    assert_true(source.common.tasks_max_enforce);
    assert_int_equal(source.common.transforms.count, 2);
    assert_null(source.common.key_converter);
    assert_string_equal(source.common.reload_action, "restart");
    assert_int_equal(source.common.retry_delay_max_ms, 60000);
    assert_false(source.common.tolerate_all);
    assert_true(source.transaction_interval_ms == CD_NOT_SET);
    assert_null(source.offsets_topic);
}

static const struct {
    const char *const pairs[12];
    bool sink;
    const char *errors;
} cases[] = {
    {{"name", "n", "connector.class", "C", NULL},
     true,
     "topics: Must configure one of topics or topics.regex\n"
     "topics.regex: Must configure one of topics or topics.regex\n"},
    {{"name", "n", "connector.class", "C", "topics", "a", "topics.regex", "b", NULL},
     true,
     "topics: topics and topics.regex are mutually exclusive options, but both are set.\n"
     "topics.regex: topics and topics.regex are mutually exclusive options, but both are set.\n"},
    {{"name", "n", "connector.class", "C", "topics", "a,b", "errors.deadletterqueue.topic.name",
      "b", NULL},
     true,
     "topics: The DLQ topic 'b' may not be included in the list of topics ('topics=[a, b]') "
     "consumed by the connector\n"},
    {{"name", "n", "connector.class", "C", "topics.regex", "d.*",
      "errors.deadletterqueue.topic.name", "dlq", NULL},
     true,
     "topics.regex: The DLQ topic 'dlq' may not be matched by the regex for the topics "
     "('topics.regex=d.*') consumed by the connector\n"},
    {{"name", "n", "connector.class", "C", "topics", " a ", NULL}, true, ""},
    {{"connector.class", "C", NULL},
     false,
     "name: Missing required configuration \"name\" which has no default value.\n"},
    {{"name", " ", "connector.class", "C", NULL},
     false,
     "name: Invalid value  for configuration name: String may not be empty\n"},
    {{"name",
      "a\x01"
      "b\x7f"
      "c",
      "connector.class", "C", NULL},
     false,
     "name: Invalid value a\x01"
     "b\x7f"
     "c for configuration name: String may not contain control "
     "sequences but had the following ASCII chars: 1, 127\n"},
    {{"name", "n", "connector.class", "C", "tasks.max", "0", NULL},
     false,
     "tasks.max: Invalid value 0 for configuration tasks.max: Value must be at least 1\n"},
    {{"name", "n", "connector.class", "C", "transforms", "t,t", NULL},
     false,
     "transforms: Invalid value [t, t] for configuration transforms: Duplicate alias provided.\n"},
    {{"name", "n", "connector.class", "C", "errors.tolerance", "ALL", NULL},
     false,
     "errors.tolerance: Invalid value ALL for configuration errors.tolerance: String must be one "
     "of: none, all\n"},
    {{"name", "n", "connector.class", "C", "transaction.boundary", "Poll",
      "transaction.boundary.interval.ms", "abc", NULL},
     false,
     "transaction.boundary.interval.ms: Invalid value abc for configuration "
     "transaction.boundary.interval.ms: Not a number of type LONG\n"},
    {{"name", "n", "connector.class", "C", "offsets.storage.topic", "", NULL},
     false,
     "offsets.storage.topic: Invalid value  for configuration offsets.storage.topic: String must "
     "be non-empty\n"},
};

static void problems_are_told_in_connects_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_config *config CD_AUTO(cd_config_freep) = config_of(cases[i].pairs);
        struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
        struct cd_report described CD_AUTO(cd_report_done) = CD_REPORT_INIT;
        struct cd_arena arena CD_AUTO(cd_arena_done);
        cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
        struct cd_source_config source;
        struct cd_sink_config sink;
        bool ok = cases[i].sink ? cd_sink_config_parse(config, &arena, &sink, &report)
                                : cd_source_config_parse(config, &arena, &source, &report);
        char *errors CD_AUTO_FREE = errors_of(&report);
        assert_string_equal(errors, cases[i].errors);
        assert_true(ok == (cases[i].errors[0] == '\0'));
        if (cases[i].sink)
            cd_sink_config_describe(config, &described);
        else
            cd_source_config_describe(config, &described);
        char *shown CD_AUTO_FREE = errors_of(&described);
        assert_string_equal(shown, cases[i].errors);
    }
}

static void a_regex_that_does_not_compile_is_told(void **state)
{
    (void)state;
    static const char *const pairs[] = {"name", "n", "connector.class", "C", "topics.regex",
                                        "(",    NULL};
    struct cd_config *config CD_AUTO(cd_config_freep) = config_of(pairs);
    struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    struct cd_arena arena CD_AUTO(cd_arena_done);
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    struct cd_sink_config sink;
    assert_false(cd_sink_config_parse(config, &arena, &sink, &report));
    char *errors CD_AUTO_FREE = errors_of(&report);
    assert_non_null(
        strstr(errors, "Invalid value ( for configuration topics.regex: Invalid regex: "));
}

static void groups_stand_in_the_jvms_order(void **state)
{
    (void)state;
    static const char *const pairs[] = {"name", "n", NULL};
    static const char *const wanted[] = {"Common",         "Transforms",     "Predicates",
                                         "Error Handling", "Topic Creation", "Exactly Once Support",
                                         "offsets.topic"};
    struct cd_config *config CD_AUTO(cd_config_freep) = config_of(pairs);
    struct cd_report source CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    struct cd_report sink CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    cd_source_config_describe(config, &source);
    cd_sink_config_describe(config, &sink);
    assert_int_equal(source.group_count, 7);
    assert_int_equal(sink.group_count, 4);
    for (size_t i = 0; i < 7; i++)
        assert_string_equal(source.groups[i], wanted[i]);
    assert_string_equal(source.rows[3].name, "tasks.max");
    assert_int_equal(source.rows[3].order, 4);
}

static const struct cd_key router_keys[] = {
    {.name = "replacement", .type = CD_STRING, .doc = "r"},
    {.name = "regex", .type = CD_STRING, .doc = "x"},
};

static void keys_of_a_transform_are_embedded_as_the_jvm_does(void **state)
{
    (void)state;
    static const char *const wanted[] = {"transforms.a.type",   "transforms.a.plugin.version",
                                         "transforms.a.regex",  "transforms.a.replacement",
                                         "transforms.a.negate", "transforms.a.predicate"};
    static const char *const pairs[] = {"transforms.a.type", "T", "transforms.a.negate", "x", NULL};
    struct cd_config *config CD_AUTO(cd_config_freep) = config_of(pairs);
    struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    struct cd_keys own = CD_KEYS(router_keys);
    cd_transform_config_describe("a", &own, config, &report);
    assert_int_equal(report.count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_string_equal(report.rows[i].name, wanted[i]);
        assert_int_equal(report.rows[i].order, i);
        assert_string_equal(report.rows[i].group, "Transforms: a");
    }
    assert_string_equal(report.rows[0].display, "Transformation type for a");
    assert_string_equal(report.rows[1].display, "Transformation version for a");
    assert_string_equal(report.rows[4].errors[0],
                        "Invalid value x for configuration transforms.a.negate: Expected value to "
                        "be either true or false");
    struct cd_report unknown CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    cd_transform_config_describe("a", NULL, config, &unknown);
    assert_int_equal(unknown.count, 2);
}

static void topic_groups_inherit_from_the_default(void **state)
{
    (void)state;
    static const char *const pairs[] = {"topic.creation.groups",
                                        "compacted",
                                        "topic.creation.default.replication.factor",
                                        "-1",
                                        "topic.creation.default.partitions",
                                        "4",
                                        "topic.creation.default.retention.ms",
                                        "5",
                                        "topic.creation.compacted.include",
                                        "a.*,b",
                                        "topic.creation.compacted.partitions",
                                        "1",
                                        "topic.creation.compacted.cleanup.policy",
                                        "compact",
                                        NULL};
    struct cd_config *config CD_AUTO(cd_config_freep) = config_of(pairs);
    struct cd_arena arena CD_AUTO(cd_arena_done);
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    struct cd_error err = CD_ERROR_INIT;
    struct cd_topic_groups groups;
    assert_true(cd_topic_groups_parse(config, &arena, &groups, &err));
    assert_int_equal(groups.count, 2);
    assert_string_equal(groups.groups[0].name, "default");
    assert_int_equal(groups.groups[0].partitions, 4);
    assert_string_equal(cd_config_get(groups.groups[0].settings, "retention.ms"), "5");
    assert_int_equal(cd_config_count(groups.groups[0].settings), 1);
    assert_string_equal(groups.groups[1].name, "compacted");
    assert_int_equal(groups.groups[1].replication, -1);
    assert_int_equal(groups.groups[1].partitions, 1);
    assert_int_equal(groups.groups[1].include.count, 2);
    assert_string_equal(cd_config_get(groups.groups[1].settings, "cleanup.policy"), "compact");
    cd_topic_groups_done(&groups);
}

static void topic_groups_need_their_default(void **state)
{
    (void)state;
    static const char *const pairs[] = {"topic.creation.default.partitions", "1", NULL};
    static const char *const none[] = {"topics", "a", NULL};
    struct cd_config *config CD_AUTO(cd_config_freep) = config_of(pairs);
    struct cd_config *nothing CD_AUTO(cd_config_freep) = config_of(none);
    struct cd_arena arena CD_AUTO(cd_arena_done);
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    struct cd_error err = CD_ERROR_INIT;
    struct cd_topic_groups groups;
    assert_false(cd_topic_groups_parse(config, &arena, &groups, &err));
    assert_non_null(strstr(err.msg, "replication.factor"));
    cd_error_reset(&err);
    assert_true(cd_topic_groups_parse(nothing, &arena, &groups, &err));
    assert_int_equal(groups.count, 0);
}

static const struct {
    const char *policy;
    const char *key;
    bool allowed;
} overrides[] = {
    {"All", "producer.override.acks", true},
    {"None", "producer.override.acks", false},
    {"Principal", "consumer.override.sasl.mechanism", true},
    {"Principal", "admin.override.client.id", false},
    {"PrincipalConnectorClientConfigOverridePolicy", "producer.override.security.protocol", true},
    {"org.apache.kafka.connect.connector.policy.NoneConnectorClientConfigOverridePolicy",
     "producer.override.acks", false},
    {"com.example.Mine", "producer.override.acks", false},
};

static void overrides_follow_the_policy(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(overrides) / sizeof(overrides[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        assert_true(cd_override_allowed(overrides[i].policy, overrides[i].key, &err) ==
                    overrides[i].allowed);
    }
    struct cd_error err = CD_ERROR_INIT;
    assert_false(cd_override_allowed("None", "producer.override.acks", &err));
    assert_string_equal(err.msg, "The 'None' policy does not allow 'acks' to be overridden in the "
                                 "connector configuration.");
}

static const char *text_of(const json_t *definition, const char *member)
{
    return json_string_value(json_object_get(definition, member));
}

/* What depends on the plugins there are is filled in by whoever knows them. */
static bool depends_on_plugins(const char *name)
{
    const char *end = name + strlen(name);
    return strstr(name, "plugin.version") != NULL ||
           (end - name > 9 && strcmp(end - 9, "converter") == 0);
}

static void describe(const json_t *definition, const char *kind, char *out, size_t size)
{
    const char *name = text_of(definition, "name");
    const char *fallback = json_is_true(json_object_get(definition, "required")) ? "REQ"
                           : text_of(definition, "default_value") == NULL
                               ? "null"
                               : text_of(definition, "default_value");
    (void)snprintf(out, size, "%s|%s|%s|%s|%s|%s|%d|%s|%s\n", kind, name,
                   text_of(definition, "type"), fallback, text_of(definition, "importance"),
                   text_of(definition, "group"),
                   (int)json_integer_value(json_object_get(definition, "order")),
                   text_of(definition, "width"), text_of(definition, "display_name"));
}

/* The fields but the fourth, which is the default. */
static void blank_default(char *line)
{
    char *at = line;
    for (int field = 0; field < 3; field++)
        at = strchr(at, '|') + 1;
    char *end = strchr(at, '|');
    memmove(at, end, strlen(end) + 1);
}

static void definitions_are_the_jvms_in_its_order(void **state)
{
    (void)state;
    FILE *file = fopen("tests/unit/config/jvm_connector_keys.txt", "r");
    char line[400], ours[400];
    struct cd_keys tables[] = {cd_source_config_keys(), cd_sink_config_keys()};
    static const char *const kinds[] = {"Source", "Sink"};
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof(line), file)); /* says what the file is */
    for (size_t kind = 0; kind < 2; kind++) {
        for (size_t i = 0; i < tables[kind].count; i++) {
            struct cd_key key = cd_keys_at(tables[kind], i);
            json_t *definition = cd_key_json(&key);
            describe(definition, kinds[kind], ours, sizeof(ours));
            json_decref(definition);
            assert_non_null(fgets(line, sizeof(line), file));
            if (depends_on_plugins(key.name)) {
                blank_default(line);
                blank_default(ours);
            }
            assert_string_equal(ours, line);
        }
    }
    assert_null(fgets(line, sizeof(line), file));
    (void)fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_has_connects_defaults),
        cmocka_unit_test(problems_are_told_in_connects_words),
        cmocka_unit_test(a_regex_that_does_not_compile_is_told),
        cmocka_unit_test(groups_stand_in_the_jvms_order),
        cmocka_unit_test(keys_of_a_transform_are_embedded_as_the_jvm_does),
        cmocka_unit_test(topic_groups_inherit_from_the_default),
        cmocka_unit_test(topic_groups_need_their_default),
        cmocka_unit_test(overrides_follow_the_policy),
        cmocka_unit_test(definitions_are_the_jvms_in_its_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
