#include "daemon/chain.h"
#include "tests/unit/daemon/task_rig.h"

/* Each part writes its letter when it is called, and fails when `fail_at` names it. */
static char calls[64];
static char fail_at;
static char key_setting[32];

static bool note(char letter, struct cd_error *err)
{
    size_t len = strlen(calls);
    calls[len] = letter;
    calls[len + 1] = '\0';
    return letter != fail_at || cd_fail(err, CD_ERR_DATA, "%c fails", letter);
}

struct letter_state {
    struct cd_task_base base;
    char letter;
};

static bool open_converter(void *state, enum cd_role role, struct cd_error *err)
{
    struct letter_state *letter = state;
    (void)err;
    letter->letter = role == CD_ROLE_KEY ? 'k' : role == CD_ROLE_VALUE ? 'v' : 'h';
    const char *setting = letter->base.host->setting(letter->base.handle, "s");
    if (role == CD_ROLE_KEY)
        (void)snprintf(key_setting, sizeof(key_setting), "%s", setting == NULL ? "" : setting);
    return true;
}

static bool write_letter(void *state, struct cd_batch *out, struct cd_slice topic,
                         const struct cd_schema *schema, struct cd_value value,
                         struct cd_slice *ret, struct cd_error *err)
{
    const struct letter_state *letter = state;
    (void)out;
    (void)topic;
    (void)schema;
    *ret = cd_value_slice(value);
    return note(letter->letter, err);
}

static bool read_letter(void *state, struct cd_batch *out, struct cd_slice topic,
                        struct cd_slice bytes, const struct cd_schema **ret_schema,
                        struct cd_value *ret_value, struct cd_error *err)
{
    const struct letter_state *letter = state;
    (void)out;
    (void)topic;
    *ret_schema = NULL;
    *ret_value = cd_string(bytes);
    return note(letter->letter, err);
}

static const struct cd_converter converter = {.size = sizeof(struct cd_converter),
                                              .state_size = sizeof(struct letter_state),
                                              .open = open_converter,
                                              .write = write_letter,
                                              .read = read_letter,
                                              .borrows = true};

/* Appends its letter to the topic, so that converters show which topic they got. */
static bool open_transform(void *state, struct cd_error *err)
{
    struct letter_state *letter = state;
    (void)err;
    letter->letter = letter->base.host->setting(letter->base.handle, "letter")[0];
    return true;
}

static enum cd_verdict_on_record apply(void *state, struct cd_batch *out, struct cd_record *rec,
                                       struct cd_error *err)
{
    const struct letter_state *letter = state;
    (void)out;
    rec->value = cd_string(cd_slice("changed"));
    return note(letter->letter, err) ? CD_RECORD_KEEP : CD_RECORD_FAILED;
}

static const struct cd_transform transform = {.size = sizeof(struct cd_transform),
                                              .state_size = sizeof(struct letter_state),
                                              .open = open_transform,
                                              .apply = apply};

static bool test_topic(void *state, const struct cd_record *rec, bool *ret, struct cd_error *err)
{
    (void)state;
    (void)err;
    *ret = cd_slice_is(rec->topic, "yes");
    return true;
}

static const struct cd_predicate predicate = {.size = sizeof(struct cd_predicate),
                                              .state_size = sizeof(struct cd_task_base),
                                              .test = test_topic};

#define PLUGIN(k, name, member)                                                                    \
    {                                                                                              \
        .kind = (k), .class_name = (name), .version = "1", .config_size = 1,                       \
        .key_size = sizeof(struct cd_key), member                                                  \
    }

static const struct cd_plugin plugins[] = {
    PLUGIN(CD_PLUGIN_CONVERTER, "test.Letter", .converter = &converter),
    PLUGIN(CD_PLUGIN_HEADER_CONVERTER, "test.Letter", .converter = &converter),
    PLUGIN(CD_PLUGIN_TRANSFORM, "test.Change", .transform = &transform),
    PLUGIN(CD_PLUGIN_PREDICATE, "test.Yes", .predicate = &predicate),
};

static struct cd_logger log_of_test;

static int setup(void **state)
{
    (void)state;
    rig_open();
    for (size_t i = 0; i < sizeof(plugins) / sizeof(plugins[0]); i++)
        rig_register(&plugins[i]);
    calls[0] = '\0';
    fail_at = '\0';
    cd_logger_init(&log_of_test, "task", "c", 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_close();
    return 0;
}

static struct cd_config *config;

static struct cd_chain *make(const char *const *settings, struct cd_error *err)
{
    static struct cd_source_config source;
    static struct cd_arena arena;
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    CD_AUTO(cd_report_done) struct cd_report report = CD_REPORT_INIT;
    config = cd_config_new();
    cd_config_set(config, "name", "c");
    cd_config_set(config, "connector.class", "x");
    for (size_t i = 0; settings[i] != NULL; i += 2)
        cd_config_set(config, settings[i], settings[i + 1]);
    if (!cd_source_config_parse(config, &arena, &source, &report))
        cd_report_print(&report, stderr);
    const struct cd_chain_options options = {.worker = &rig.worker,
                                             .config = config,
                                             .common = &source.common,
                                             .connector = "c",
                                             .log = &log_of_test};
    struct cd_chain *chain = cd_chain_new(&options, err);
    cd_arena_done(&arena);
    return chain;
}

static void done(struct cd_chain *chain)
{
    cd_chain_free(chain);
    cd_config_free(config);
}

#define LETTERS                                                                                    \
    "key.converter", "test.Letter", "value.converter", "test.Letter", "header.converter",          \
        "test.Letter"
#define TWO                                                                                        \
    "transforms", "a,b", "transforms.a.type", "test.Change", "transforms.a.letter", "1",           \
        "transforms.b.type", "test.Change", "transforms.b.letter", "2"

static const struct cd_header one_header = {.name = {"h", 1}};

static struct cd_record record(const char *topic)
{
    static struct cd_header headers[1];
    headers[0] = one_header;
    headers[0].value = cd_string(cd_slice("x"));
    return (struct cd_record){.topic = cd_slice(topic),
                              .key = cd_string(cd_slice("key")),
                              .value = cd_string(cd_slice("value")),
                              .headers = headers,
                              .header_count = 1};
}

static void sources_transform_then_write_headers_key_value(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_chain *chain = make((const char *const[]){LETTERS, TWO, NULL}, &err);
    assert_non_null(chain);
    assert_true(cd_chain_borrows(chain));
    struct cd_batch *out = cd_batch_new(SIZE_MAX, 1000);
    const struct cd_record rec = record("t");
    struct cd_outgoing outgoing;
    assert_int_equal(cd_chain_source(chain, &rec, out, &outgoing, &err), CD_CHAIN_OUT);
    assert_string_equal(calls, "12hkv");
    assert_true(cd_slice_is(outgoing.value, "changed"));
    assert_true(cd_slice_is(outgoing.key, "key"));
    assert_int_equal(outgoing.header_count, 1);
    assert_true(cd_slice_is(cd_value_slice(rec.value), "value")); /* the input is untouched */
    cd_batch_free(out);
    done(chain);
}

static void sinks_read_key_value_headers_then_transform(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_chain *chain = make((const char *const[]){LETTERS, TWO, NULL}, &err);
    struct cd_batch *out = cd_batch_new(SIZE_MAX, 1000);
    const struct cd_incoming message = {
        .topic = cd_slice("t"), .partition = 2, .offset = 7, .value = cd_slice("v")};
    assert_int_equal(cd_chain_sink(chain, &message, out, &err), CD_CHAIN_OUT);
    assert_string_equal(calls, "kvh12");
    assert_int_equal(out->count, 1);
    assert_int_equal(out->records[0].kafka_offset, 7);
    assert_int_equal(out->records[0].kafka_partition, 2);
    cd_batch_free(out);
    done(chain);
}

struct failure_row {
    char at;
    enum cd_stage stage;
    const char *class_name;
    const char *source_calls; /* with one failure, then the same again */
    const char *sink_calls;
};

static void a_failed_stage_is_resumed_from_the_same_input(void **state)
{
    (void)state;
    static const struct failure_row rows[] = {
        {'1', CD_STAGE_TRANSFORMATION, "test.Change", "112hkv", "kvh112"},
        {'2', CD_STAGE_TRANSFORMATION, "test.Change", "122hkv", "kvh122"},
        {'h', CD_STAGE_HEADER_CONVERTER, "test.Letter", "12hhkv", "kvhh12"},
        {'k', CD_STAGE_KEY_CONVERTER, "test.Letter", "12hkkv", "kkvh12"},
        {'v', CD_STAGE_VALUE_CONVERTER, "test.Letter", "12hkvv", "kvvh12"},
    };
    struct cd_error err = CD_ERROR_INIT;
    struct cd_chain *chain = make((const char *const[]){LETTERS, TWO, NULL}, &err);
    struct cd_batch *out = cd_batch_new(SIZE_MAX, 1000);
    const struct cd_record rec = record("t");
    const struct cd_incoming message = {.topic = cd_slice("t"), .value = cd_slice("v")};
    struct cd_outgoing outgoing;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int sink = 0; sink < 2; sink++) {
            calls[0] = '\0';
            fail_at = rows[i].at;
            cd_error_reset(&err);
            enum cd_chain_verdict verdict =
                sink ? cd_chain_sink(chain, &message, out, &err)
                     : cd_chain_source(chain, &rec, out, &outgoing, &err);
            assert_int_equal(verdict, CD_CHAIN_FAILED);
            assert_int_equal(cd_chain_stage(chain), rows[i].stage);
            assert_string_equal(cd_chain_class(chain), rows[i].class_name);
            fail_at = '\0';
            verdict = sink ? cd_chain_sink(chain, &message, out, &err)
                           : cd_chain_source(chain, &rec, out, &outgoing, &err);
            assert_int_equal(verdict, CD_CHAIN_OUT);
            assert_string_equal(calls, sink ? rows[i].sink_calls : rows[i].source_calls);
        }
    }
    cd_batch_free(out);
    done(chain);
}

static void a_predicate_chooses_and_negate_turns_it_around(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_chain *chain =
        make((const char *const[]){LETTERS, TWO, "transforms.a.predicate", "p",
                                   "transforms.b.predicate", "p", "transforms.b.negate", "true",
                                   "predicates", "p", "predicates.p.type", "test.Yes", NULL},
             &err);
    assert_non_null(chain);
    struct cd_batch *out = cd_batch_new(SIZE_MAX, 1000);
    struct cd_outgoing outgoing;
    const struct cd_record yes = record("yes");
    const struct cd_record no = record("no");
    assert_int_equal(cd_chain_source(chain, &yes, out, &outgoing, &err), CD_CHAIN_OUT);
    assert_string_equal(calls, "1hkv");
    calls[0] = '\0';
    assert_int_equal(cd_chain_source(chain, &no, out, &outgoing, &err), CD_CHAIN_OUT);
    assert_string_equal(calls, "2hkv");
    cd_batch_free(out);
    done(chain);
}

/* runtime.md 1.10: the two sets of settings are never mixed. */
static void a_converter_has_the_settings_of_where_its_class_stands(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    cd_config_set(rig.originals, "key.converter", "test.Letter");
    cd_config_set(rig.originals, "key.converter.s", "worker");
    cd_worker_config_free(rig.config);
    CD_AUTO(cd_report_done) struct cd_report report = CD_REPORT_INIT;
    rig.config = cd_worker_config_new(CD_STANDALONE, rig.originals, &report);
    rig.worker.config = rig.config;
    done(make((const char *const[]){"key.converter.s", "connector", NULL}, &err));
    assert_string_equal(key_setting, "worker");
    done(make((const char *const[]){LETTERS, "key.converter.s", "connector", NULL}, &err));
    assert_string_equal(key_setting, "connector");
    done(make((const char *const[]){LETTERS, NULL}, &err));
    assert_string_equal(key_setting, "");
}

static void a_missing_class_is_named_with_its_key(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_chain *chain =
        make((const char *const[]){"value.converter", "test.Missing", NULL}, &err);
    assert_null(chain);
    assert_non_null(strstr(err.msg, "value.converter"));
    assert_non_null(strstr(err.msg, "test.Missing"));
    cd_config_free(config);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sources_transform_then_write_headers_key_value),
        TEST(sinks_read_key_value_headers_then_transform),
        TEST(a_failed_stage_is_resumed_from_the_same_input),
        TEST(a_predicate_chooses_and_negate_turns_it_around),
        TEST(a_converter_has_the_settings_of_where_its_class_stands),
        TEST(a_missing_class_is_named_with_its_key),
    };
    cd_log_set_level("root", CD_LOG_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
