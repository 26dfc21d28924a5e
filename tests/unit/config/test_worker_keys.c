#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include <stdio.h>

#include "config/worker_keys.h"

static struct cd_config *file_of(enum cd_mode mode)
{
    struct cd_config *config = cd_config_new();
    cd_config_set(config, "key.converter", "org.apache.kafka.connect.json.JsonConverter");
    cd_config_set(config, "value.converter", "String");
    if (mode == CD_STANDALONE) {
        cd_config_set(config, "offset.storage.file.filename", "/tmp/offsets");
        return config;
    }
    cd_config_set(config, "group.id", "cluster");
    cd_config_set(config, "config.storage.topic", "configs");
    cd_config_set(config, "offset.storage.topic", "offsets");
    cd_config_set(config, "status.storage.topic", "statuses");
    return config;
}

static void a_small_standalone_file_is_enough(void **state)
{
    (void)state;
    struct cd_config *config CD_AUTO(cd_config_freep) = file_of(CD_STANDALONE);
    struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    struct cd_worker_config *worker = cd_worker_config_new(CD_STANDALONE, config, &report);
    assert_non_null(worker);
    assert_int_equal(worker->bootstrap_servers.count, 1);
    assert_string_equal(worker->bootstrap_servers.items[0], "localhost:9092");
    assert_string_equal(worker->value_converter, "String");
    assert_string_equal(worker->header_converter,
                        "org.apache.kafka.connect.storage.SimpleHeaderConverter");
    assert_string_equal(worker->offset_file, "/tmp/offsets");
    assert_null(worker->offset_topic);
    assert_int_equal(worker->offset_flush_interval_ms, 60000);
    assert_int_equal(worker->rest_advertised_port, -1);
    assert_null(worker->admin_listeners.items); /* null: where the listeners are */
    assert_null(worker->plugin_path.items);
    assert_true(worker->topic_creation_enable);
    assert_false(worker->healing);
    assert_false(worker->producer_per_task);
    assert_int_equal(worker->record_bytes_max, 16 * 1024 * 1024);
    cd_worker_config_free(worker);
}

static void a_distributed_worker_has_the_jvms_defaults(void **state)
{
    (void)state;
    struct cd_config *config CD_AUTO(cd_config_freep) = file_of(CD_DISTRIBUTED);
    struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    cd_config_set(config, "admin.listeners", "");
    cd_config_set(config, "connectd.healing", "on");
    struct cd_worker_config *worker = cd_worker_config_new(CD_DISTRIBUTED, config, &report);
    assert_non_null(worker);
    assert_string_equal(worker->group_id, "cluster");
    assert_int_equal(worker->offset_partitions, 25);
    assert_int_equal(worker->status_partitions, 5);
    assert_int_equal(worker->config_replication, 3);
    assert_int_equal(worker->rebalance_delay_max_ms, 300000);
    assert_int_equal(worker->inter_worker_key_size, -1);
    assert_string_equal(worker->connect_protocol, "sessioned");
    assert_non_null(worker->admin_listeners.items); /* empty: none */
    assert_int_equal(worker->admin_listeners.count, 0);
    assert_true(worker->healing);
    cd_worker_config_free(worker);
}

static const struct {
    enum cd_mode mode;
    const char *key;
    const char *value; /* NULL: removed */
    const char *message;
} wrong[] = {
    {CD_STANDALONE, "key.converter", NULL, "Missing required configuration \"key.converter\""},
    {CD_STANDALONE, "offset.storage.file.filename", NULL,
     "Missing required configuration \"offset.storage.file.filename\""},
    {CD_DISTRIBUTED, "group.id", NULL, "Missing required configuration \"group.id\""},
    {CD_STANDALONE, "offset.flush.interval.ms", "soon", "Not a number of type LONG"},
    {CD_STANDALONE, "topic.creation.enable", "maybe", "either true or false"},
    {CD_STANDALONE, "listeners", "localhost:8083", "right format (protocol://hostname:port)"},
    {CD_STANDALONE, "listeners", "ftp://x", "either \"http\" or \"https\""},
    {CD_STANDALONE, "rest.advertised.listener", "ftp", "http or https"},
    {CD_STANDALONE, "connectd.healing", "yes", "String must be one of: on, off"},
    {CD_STANDALONE, "connectd.log.levels", "task", "component=LEVEL"},
    {CD_STANDALONE, "connectd.log.levels", "task=LOUD", "component=LEVEL"},
    {CD_DISTRIBUTED, "offset.storage.partitions", "0", "Number of partitions must be positive"},
    {CD_DISTRIBUTED, "config.storage.replication.factor", "-2", "Replication factor must be"},
    {CD_DISTRIBUTED, "connect.protocol", "x", "EAGER, COMPATIBLE, SESSIONED"},
    {CD_DISTRIBUTED, "inter.worker.signature.algorithm", "HmacMD5", "verification.algorithms"},
};

static void a_wrong_setting_is_told_with_its_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct cd_config *config CD_AUTO(cd_config_freep) = file_of(wrong[i].mode);
        struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
        struct cd_error err = CD_ERROR_INIT;
        if (wrong[i].value == NULL)
            cd_config_remove(config, wrong[i].key);
        else
            cd_config_set(config, wrong[i].key, wrong[i].value);
        assert_null(cd_worker_config_new(wrong[i].mode, config, &report));
        assert_string_equal(report.rows[0].name, wrong[i].key);
        assert_false(cd_report_fail(&report, &err));
        if (strstr(err.msg, wrong[i].message) == NULL)
            fail_msg("'%s' is not in: %s", wrong[i].message, err.msg);
    }
}

static void offsets_of_a_standalone_worker_may_live_in_a_topic(void **state)
{
    (void)state;
    struct cd_config *config CD_AUTO(cd_config_freep) = file_of(CD_STANDALONE);
    struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    cd_config_remove(config, "offset.storage.file.filename");
    cd_config_set(config, "offset.storage.topic", "offsets");
    struct cd_worker_config *worker = cd_worker_config_new(CD_STANDALONE, config, &report);
    assert_non_null(worker);
    assert_string_equal(worker->offset_topic, "offsets");
    cd_worker_config_free(worker);
}

struct heard {
    const char *key;
    const char *why;
    size_t count;
};

static void hear(void *arg, const char *key, const char *why)
{
    struct heard *heard = arg;
    if (heard->key != NULL && strcmp(key, heard->key) == 0)
        heard->why = why;
    heard->count++;
}

static void what_means_nothing_here_is_said_once_each(void **state)
{
    (void)state;
    static const struct {
        enum cd_mode mode;
        const char *key;
        const char *why; /* NULL: not ignored */
    } cases[] = {
        {CD_STANDALONE, "plugin.discovery", "looking into plugin.path"},
        {CD_STANDALONE, "metric.reporters", "/metrics"},
        {CD_STANDALONE, "group.id", "only distributed mode"},
        {CD_DISTRIBUTED, "offset.storage.file.filename", "only standalone mode"},
        {CD_STANDALONE, "connectd.heeling", "no such setting"},
        {CD_STANDALONE, "internal.key.converter.schemas.enable", "without an envelope"},
        {CD_STANDALONE, "offset.flush.interval.ms", NULL},
        {CD_STANDALONE, "producer.linger.ms", NULL},
        {CD_STANDALONE, "my.own.note", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_config *config CD_AUTO(cd_config_freep) = file_of(cases[i].mode);
        struct heard heard = {.key = cases[i].key};
        cd_config_set(config, cases[i].key, "1");
        cd_worker_ignored(cases[i].mode, config, hear, &heard);
        assert_int_equal(heard.count, cases[i].why == NULL ? 0 : 1);
        if (cases[i].why != NULL)
            assert_non_null(strstr(heard.why, cases[i].why));
    }
}

static void every_key_is_described_and_named_once(void **state)
{
    (void)state;
    static const enum cd_mode modes[] = {CD_STANDALONE, CD_DISTRIBUTED};
    for (size_t m = 0; m < 2; m++) {
        struct cd_keys keys = cd_worker_keys(modes[m]);
        assert_true(keys.count > 100);
        for (size_t i = 0; i < keys.count; i++) {
            struct cd_key key = cd_keys_at(keys, i);
            assert_non_null(key.doc);
            assert_true(key.doc[0] != '\0');
            for (size_t j = 0; j < i; j++)
                assert_string_not_equal(cd_keys_at(keys, j).name, key.name);
            struct cd_error err = CD_ERROR_INIT;
            if (key.fallback != NULL && !cd_keys_check(&key, key.fallback, &err))
                fail_msg("the default of %s: %s", key.name, err.msg);
        }
    }
}

static const char *const type_names[] = {
    [CD_BOOL] = "BOOLEAN", [CD_STRING] = "STRING", [CD_INT16] = "SHORT",
    [CD_INT32] = "INT",    [CD_INT64] = "LONG",    [CD_FLOAT64] = "DOUBLE",
    [CD_LIST] = "LIST",    [CD_CLASS] = "CLASS",   [CD_SECRET] = "PASSWORD",
};
static const char *const importance_names[] = {
    [CD_HIGH] = "HIGH", [CD_MEDIUM] = "MEDIUM", [CD_LOW] = "LOW"};

/* Ours on purpose, or given by the JVM's own cryptography when it runs. */
static bool differs_on_purpose(enum cd_mode mode, const char *name)
{
    return strncmp(name, "inter.worker.", 13) == 0 ||
           (mode == CD_STANDALONE && strcmp(name, "offset.storage.file.filename") == 0);
}

static void describe(const struct cd_key *key, const char *mode, char *out, size_t size)
{
    const char *fallback = key->fallback != NULL ? key->fallback : key->optional ? "null" : "REQ";
    (void)snprintf(out, size, "%s|%s|%s|%s|%s\n", mode, key->name, type_names[key->type], fallback,
                   importance_names[key->importance]);
}

static void every_key_of_the_jvm_is_known_with_its_type_and_default(void **state)
{
    (void)state;
    static const char *const modes[] = {"standalone", "distributed"};
    FILE *file = fopen("tests/unit/config/jvm_worker_keys.txt", "r");
    char line[400], ours[400];
    size_t compared = 0;
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        enum cd_mode mode = strncmp(line, "distributed|", 12) == 0 ? CD_DISTRIBUTED : CD_STANDALONE;
        struct cd_keys keys = cd_worker_keys(mode);
        bool found = line[0] == '#';
        for (size_t i = 0; i < keys.count && !found; i++) {
            struct cd_key key = cd_keys_at(keys, i);
            describe(&key, modes[mode], ours, sizeof(ours));
            size_t name_len = strlen(modes[mode]) + 1 + strlen(key.name) + 1;
            found = strncmp(line, ours, name_len) == 0;
            if (found && !differs_on_purpose(mode, key.name))
                assert_string_equal(ours, line);
        }
        if (!found)
            fail_msg("unknown: %s", line);
        compared++;
    }
    (void)fclose(file);
    assert_true(compared > 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_standalone_file_is_enough),
        cmocka_unit_test(a_distributed_worker_has_the_jvms_defaults),
        cmocka_unit_test(a_wrong_setting_is_told_with_its_key),
        cmocka_unit_test(offsets_of_a_standalone_worker_may_live_in_a_topic),
        cmocka_unit_test(what_means_nothing_here_is_said_once_each),
        cmocka_unit_test(every_key_is_described_and_named_once),
        cmocka_unit_test(every_key_of_the_jvm_is_known_with_its_type_and_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
