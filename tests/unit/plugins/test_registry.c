#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "plugins/registry.h"

static enum cd_step no_poll(void *task, struct cd_batch *batch, struct cd_wait *wait,
                            struct cd_error *err)
{
    (void)task;
    (void)batch;
    (void)err;
    return cd_wait_forever(wait);
}

static bool no_write(void *state, struct cd_batch *out, struct cd_slice topic,
                     const struct cd_schema *schema, struct cd_value value, struct cd_slice *ret,
                     struct cd_error *err)
{
    (void)state;
    (void)out;
    (void)topic;
    (void)schema;
    (void)value;
    (void)ret;
    (void)err;
    return true;
}

static const struct cd_source source = {
    .size = sizeof(struct cd_source), .task_size = sizeof(struct cd_task_base), .poll = no_poll};
static const struct cd_converter converter = {.size = sizeof(struct cd_converter),
                                              .state_size = sizeof(struct cd_task_base),
                                              .write = no_write};

static enum cd_step no_put(void *task, const struct cd_batch *batch, struct cd_wait *wait,
                           struct cd_error *err)
{
    (void)task;
    (void)batch;
    (void)err;
    return cd_wait_forever(wait);
}

static const struct cd_sink sink = {
    .size = sizeof(struct cd_sink), .task_size = sizeof(struct cd_task_base), .put = no_put};

static bool no_get(void *state, const char *path, const char *key, struct cd_provided *out,
                   struct cd_error *err)
{
    (void)state;
    (void)path;
    (void)key;
    (void)out;
    (void)err;
    return true;
}

static const struct cd_provider provider = {
    .size = sizeof(struct cd_provider), .state_size = sizeof(struct cd_task_base), .get = no_get};

static const void *table_of(enum cd_plugin_kind kind)
{
    if (kind == CD_PLUGIN_CONVERTER || kind == CD_PLUGIN_HEADER_CONVERTER)
        return &converter;
    if (kind == CD_PLUGIN_PROVIDER)
        return &provider;
    return kind == CD_PLUGIN_SINK ? (const void *)&sink : &source;
}

static bool claims_red(const struct cd_settings *settings)
{
    const char *url = settings->get(settings, "url");
    return url != NULL && strcmp(url, "red") == 0;
}

static bool claims_blue(const struct cd_settings *settings)
{
    const char *url = settings->get(settings, "url");
    return url != NULL && strcmp(url, "blue") == 0;
}

static const struct cd_connector red = {.size = sizeof(struct cd_connector), .claims = claims_red};
static const struct cd_connector blue = {.size = sizeof(struct cd_connector),
                                         .claims = claims_blue};

static void add(struct cd_registry *registry, struct cd_plugin plugin)
{
    struct cd_error err = CD_ERROR_INIT;
    if (plugin.table == NULL)
        plugin.source = &source;
    if (!cd_registry_add(registry, &plugin, sizeof(plugin), "test", &err))
        fail_msg("%s", err.msg);
}

static void add_class(struct cd_registry *registry, enum cd_plugin_kind kind, const char *name,
                      const char *version)
{
    add(registry,
        (struct cd_plugin){
            .kind = kind, .class_name = name, .version = version, .table = table_of(kind)});
}

/* "class version" of what is found, or the message. */
static const char *found(const struct cd_registry *registry, unsigned kinds, const char *name,
                         const char *version)
{
    static char text[1200];
    struct cd_error err = CD_ERROR_INIT;
    const struct cd_registered *row = cd_registry_find(registry, kinds, name, version, &err);
    if (row == NULL)
        (void)snprintf(text, sizeof(text), "%s", err.msg);
    else
        (void)snprintf(text, sizeof(text), "%s %s", row->plugin.class_name, row->plugin.version);
    return text;
}

static void a_connector_goes_by_three_names(void **state)
{
    (void)state;
    struct cd_registry *registry = cd_registry_new();
    static const char *const names[] = {"a.b.FileStreamSourceConnector",
                                        "FileStreamSourceConnector", "FileStreamSource"};
    add_class(registry, CD_PLUGIN_SOURCE, "a.b.FileStreamSourceConnector", "1");
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(found(registry, CD_KIND_SET_CONNECTORS, names[i], NULL),
                            "a.b.FileStreamSourceConnector 1");
    assert_false(cd_registry_has(registry, CD_KIND_SET_CONNECTORS, "filestreamsource"));
    assert_false(cd_registry_has(registry, CD_KIND_SET_CONNECTORS, "b.FileStreamSource"));
    assert_false(cd_registry_has(registry, CD_KIND_SET(CD_PLUGIN_SINK), "FileStreamSource"));
    cd_registry_free(registry);
}

static void a_short_name_of_two_classes_is_none(void **state)
{
    (void)state;
    struct cd_registry *registry = cd_registry_new();
    add_class(registry, CD_PLUGIN_SOURCE, "a.XConnector", "1");
    add_class(registry, CD_PLUGIN_SINK, "b.XConnector", "1");
    assert_string_equal(found(registry, CD_KIND_SET_CONNECTORS, "X", NULL),
                        "More than one connector matches alias X. Please use full package and "
                        "class name instead. Classes found: a.XConnector, b.XConnector");
    assert_false(cd_registry_has(registry, CD_KIND_SET_CONNECTORS, "X"));
    assert_string_equal(found(registry, CD_KIND_SET_CONNECTORS, "b.XConnector", NULL),
                        "b.XConnector 1");
    cd_registry_free(registry);
}

static void a_nested_class_has_no_short_name(void **state)
{
    (void)state;
    struct cd_registry *registry = cd_registry_new();
    add_class(registry, CD_PLUGIN_CONVERTER, "a.Cast$Value", "1");
    assert_string_equal(found(registry, CD_KIND_SET(CD_PLUGIN_CONVERTER), "Cast$Value", NULL),
                        "Class Cast$Value could not be found.");
    assert_string_equal(found(registry, CD_KIND_SET(CD_PLUGIN_CONVERTER), "a.Cast$Value", NULL),
                        "a.Cast$Value 1");
    cd_registry_free(registry);
}

static void converters_lose_the_suffix_of_their_kind(void **state)
{
    (void)state;
    struct cd_registry *registry = cd_registry_new();
    unsigned header = CD_KIND_SET(CD_PLUGIN_HEADER_CONVERTER);
    add_class(registry, CD_PLUGIN_CONVERTER, "a.JsonConverter", "1");
    add_class(registry, CD_PLUGIN_HEADER_CONVERTER, "a.JsonConverter", "1");
    add_class(registry, CD_PLUGIN_HEADER_CONVERTER, "a.SimpleHeaderConverter", "1");
    assert_string_equal(found(registry, CD_KIND_SET(CD_PLUGIN_CONVERTER), "Json", NULL),
                        "a.JsonConverter 1");
    assert_string_equal(found(registry, header, "Json", NULL), "a.JsonConverter 1");
    assert_string_equal(found(registry, header, "Simple", NULL), "a.SimpleHeaderConverter 1");
    assert_false(cd_registry_has(registry, header, "SimpleHeader"));
    cd_registry_free(registry);
}

static void the_newest_version_is_taken_unless_one_is_asked_for(void **state)
{
    (void)state;
    struct cd_registry *registry = cd_registry_new();
    unsigned kinds = CD_KIND_SET_CONNECTORS;
    add_class(registry, CD_PLUGIN_SOURCE, "a.X", "1.10");
    add_class(registry, CD_PLUGIN_SOURCE, "a.X", "1.9");
    add_class(registry, CD_PLUGIN_SOURCE, "a.X", "2.0-rc1");
    assert_string_equal(found(registry, kinds, "X", NULL), "a.X 2.0-rc1");
    assert_string_equal(found(registry, kinds, "X", "latest"), "a.X 2.0-rc1");
    assert_string_equal(found(registry, kinds, "X", "1.9"), "a.X 1.9");
    assert_string_equal(found(registry, kinds, "X", "[1,2.0-alpha)"), "a.X 1.10");
    assert_string_equal(
        found(registry, kinds, "X", "9.9"),
        "Plugin a.X not found that matches the version range [9.9,9.9], available versions: "
        "[1.9, 1.10, 2.0-rc1]");
    assert_non_null(strstr(found(registry, kinds, "X", "[1,"), "Unbounded range: [1,"));
    cd_registry_free(registry);
}

static void an_unknown_connector_is_answered_with_all_there_are(void **state)
{
    (void)state;
    struct cd_registry *registry = cd_registry_new();
    add_class(registry, CD_PLUGIN_SOURCE, "a.X", "1");
    assert_string_equal(
        found(registry, CD_KIND_SET_CONNECTORS, "nope", NULL),
        "Failed to find any class that implements Connector and which name matches nope, available "
        "connectors are: PluginDesc{klass=class a.X, name='a.X', version='1', encodedVersion=1, "
        "type=source, typeName='source', location='test'}");
    cd_registry_free(registry);
}

static void a_configuration_chooses_among_rows_that_share_a_class(void **state)
{
    (void)state;
    struct cd_registry *registry = cd_registry_new();
    static const char *const aliases[] = {"io.JdbcSourceConnector", NULL};
    add(registry, (struct cd_plugin){.kind = CD_PLUGIN_SOURCE,
                                     .class_name = "RedSourceConnector",
                                     .version = "1",
                                     .aliases = aliases,
                                     .connector = &red});
    add(registry, (struct cd_plugin){.kind = CD_PLUGIN_SOURCE,
                                     .class_name = "BlueSourceConnector",
                                     .version = "1",
                                     .aliases = aliases,
                                     .connector = &blue});
    static const char *const names[] = {"io.JdbcSourceConnector", "JdbcSource"};
    for (size_t i = 0; i < 2; i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
        cd_config_set(config, "url", "red");
        const struct cd_registered *row =
            cd_registry_choose(registry, CD_KIND_SET_CONNECTORS, names[i], NULL, config, &err);
        assert_string_equal(row->plugin.class_name, "RedSourceConnector");
        cd_config_set(config, "url", "blue");
        row = cd_registry_choose(registry, CD_KIND_SET_CONNECTORS, names[i], NULL, config, &err);
        assert_string_equal(row->plugin.class_name, "BlueSourceConnector");
        cd_config_set(config, "url", "green");
        assert_non_null(
            cd_registry_choose(registry, CD_KIND_SET_CONNECTORS, names[i], NULL, config, &err));
    }
    cd_registry_free(registry);
}

static void list_one(void *arg, enum cd_plugin_kind kind, const struct cd_registered *row)
{
    cd_buffer_printf(arg, "%s:%s ", cd_plugin_kind_name(kind), row->plugin.class_name);
}

static void plugins_are_listed_as_the_jvm_lists_them(void **state)
{
    (void)state;
    struct cd_registry *registry = cd_registry_new();
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    add_class(registry, CD_PLUGIN_PROVIDER, "p", "1");
    add_class(registry, CD_PLUGIN_SOURCE, "z", "1");
    add_class(registry, CD_PLUGIN_SOURCE, "a", "1");
    add_class(registry, CD_PLUGIN_HEADER_CONVERTER, "h", "1");
    add_class(registry, CD_PLUGIN_CONVERTER, "c", "1");
    add_class(registry, CD_PLUGIN_SINK, "s", "1");
    cd_registry_list(registry, true, list_one, &text);
    assert_string_equal(text.ptr, "sink:s source:a source:z ");
    cd_buffer_clear(&text);
    cd_registry_list(registry, false, list_one, &text);
    assert_string_equal(text.ptr, "sink:s source:a source:z converter:c header_converter:h ");
    cd_registry_free(registry);
}

static void all_that_is_built_in_is_accepted(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_registry *registry = cd_registry_new();
    if (!cd_registry_add_builtins(registry, &err))
        fail_msg("%s", err.msg);
    static const struct {
        enum cd_plugin_kind kind;
        const char *name;
    } wanted[] = {
        {CD_PLUGIN_CONVERTER, "org.apache.kafka.connect.json.JsonConverter"},
        {CD_PLUGIN_CONVERTER, "Json"},
        {CD_PLUGIN_CONVERTER, "String"},
        {CD_PLUGIN_CONVERTER, "ByteArrayConverter"},
        {CD_PLUGIN_HEADER_CONVERTER, "Simple"},
        {CD_PLUGIN_TRANSFORM, "org.apache.kafka.connect.transforms.InsertField$Value"},
        {CD_PLUGIN_TRANSFORM, "RegexRouter"},
        {CD_PLUGIN_PREDICATE, "TopicNameMatches"},
        {CD_PLUGIN_PROVIDER, "FileConfigProvider"},
        {CD_PLUGIN_PROVIDER, "EnvVar"},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        assert_true(cd_registry_has(registry, CD_KIND_SET(wanted[i].kind), wanted[i].name));
    cd_registry_free(registry);
}

static const struct {
    const char *a;
    const char *b;
    int order;
} versions[] = {
    {"1", "1.0", 0},
    {"1.0", "1.0.0", 0},
    {"1.0-ga", "1.0", 0},
    {"1.0-final", "1", 0},
    {"1.0.1", "1.0", 1},
    {"1.9", "1.10", -1},
    {"1.0-alpha", "1.0", -1},
    {"1.0-alpha1", "1.0-a1", 0},
    {"1.0-alpha-1", "1.0-beta-1", -1},
    {"1.0-beta", "1.0-milestone", -1},
    {"1.0-rc1", "1.0-cr1", 0},
    {"1.0-rc2", "1.0-SNAPSHOT", -1},
    {"1.0-SNAPSHOT", "1.0", -1},
    {"1.0", "1.0-sp", -1},
    {"1.0-1", "1.0.1", -1},
    {"1-1.foo-bar1baz-.1", "1-1.foo-bar-1-baz-0.1", 0},
    {"2.0", "10.0", -1},
    {"1.0-xyz", "1.0", 1},
    {"1.0-abc", "1.0-xyz", -1},
    {"20260101", "3", 1},
    {"007", "7", 0},
    {"99999999999999999999", "1", 1},
};

static void versions_are_ordered_as_mavens(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        int order = cd_version_compare(versions[i].a, versions[i].b);
        if (order != versions[i].order)
            fail_msg("%s and %s: %d", versions[i].a, versions[i].b, order);
        assert_int_equal(cd_version_compare(versions[i].b, versions[i].a), -order);
    }
}

/* Versions arrive over REST: a megabyte of dashes must not use up a thread's stack. */
static void a_version_of_any_length_is_survived(void **state)
{
    (void)state;
    char *dashes CD_AUTO_FREE = cd_alloc(1000001);
    struct cd_error err = CD_ERROR_INIT;
    bool in = true;
    memset(dashes, '-', 1000000);
    assert_int_equal(cd_version_compare(dashes, dashes), 0);
    assert_true(cd_version_in("1.0", dashes, &in, &err));
    assert_false(in);
}

static const struct {
    const char *version;
    const char *range;
    bool in;
} ranges[] = {
    {"1.0", "1.0", true},           {"1.0", "[1.0]", true},
    {"1.1", "[1.0]", false},        {"1.0", "[1,2)", true},
    {"2.0", "[1,2)", false},        {"2.0", "[1,2]", true},
    {"1.0", "(1,2)", false},        {"9", "[1,)", true},
    {"0.9", "(,1.0]", true},        {"1.1", "(,1.0],[1.2,)", false},
    {"1.3", "(,1.0],[1.2,)", true}, {"1.5", " [ 1 , 2 ] ", true},
};

static void ranges_are_mavens(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        bool in = !ranges[i].in;
        assert_true(cd_version_in(ranges[i].version, ranges[i].range, &in, &err));
        if (in != ranges[i].in)
            fail_msg("%s in %s", ranges[i].version, ranges[i].range);
    }
    static const char *const broken[] = {"", "[1", "[1,2", "[1,2)x", "(1,2"};
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        bool in;
        assert_false(cd_version_in("1", broken[i], &in, &err));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connector_goes_by_three_names),
        cmocka_unit_test(a_short_name_of_two_classes_is_none),
        cmocka_unit_test(a_nested_class_has_no_short_name),
        cmocka_unit_test(converters_lose_the_suffix_of_their_kind),
        cmocka_unit_test(the_newest_version_is_taken_unless_one_is_asked_for),
        cmocka_unit_test(an_unknown_connector_is_answered_with_all_there_are),
        cmocka_unit_test(a_configuration_chooses_among_rows_that_share_a_class),
        cmocka_unit_test(plugins_are_listed_as_the_jvm_lists_them),
        cmocka_unit_test(all_that_is_built_in_is_accepted),
        cmocka_unit_test(versions_are_ordered_as_mavens),
        cmocka_unit_test(a_version_of_any_length_is_survived),
        cmocka_unit_test(ranges_are_mavens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
