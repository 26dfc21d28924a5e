/* Writing tables of a real file. Numbers are those of the cases in the JDBC reference. */
#include "tests/unit/sqlite/file.h"

static void add_json(struct cd_rig *rig, const char *topic, const char *key, const char *value)
{
    struct cd_record *rec = cd_rig_add(rig, topic);
    if (key != NULL)
        rec->key = cd_rig_json(rig, key);
    if (value != NULL)
        rec->value = cd_rig_json(rig, value);
}

static void insert_writes_one_transaction_a_flush(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, d REAL, b BLOB, j TEXT)");
    struct cd_rig *rig = sink_rig("pk.mode", "none");
    cd_rig_open(rig);
    add_json(rig, "t", NULL, "{\"id\":1,\"a\":\"it's\",\"d\":1.5,\"j\":{\"x\":[1,null]}}");
    add_json(rig, "t", NULL, "{\"id\":2,\"a\":null}");
    assert_true(cd_rig_try_put_only(rig));
    assert_string_equal(ask("SELECT count(*) FROM t"), "0");
    assert_true(cd_rig_try_flush(rig));
    assert_string_equal(ask("SELECT * FROM t"),
                        "1|it's|1.5|NULL|{\"x\":[1,null]} ; 2|NULL|NULL|NULL|NULL");
    assert_string_equal(ask("PRAGMA journal_mode"), "wal");
    cd_rig_free(rig);
}

static void a_bad_record_is_named_and_nothing_stays(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    struct cd_rig *rig = sink_rig("pk.mode", "none");
    cd_rig_open(rig);
    add_json(rig, "t", NULL, "{\"id\":1}");
    add_json(rig, "t", NULL, "{\"id\":1}");
    assert_false(cd_rig_try_put(rig));
    assert_int_equal(cd_rig_error(rig)->code, CD_ERR_DATA);
    assert_int_equal(cd_rig_error(rig)->record, 2);
    assert_string_equal(cd_rig_error(rig)->native, "SQLITE_CONSTRAINT");
    add_json(rig, "t", NULL, "{\"id\":3}");
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM t"), "3");
    cd_rig_free(rig);
}

/* 90 */
static void replace_resets_what_update_keeps(void **state)
{
    static const char *const wanted[][2] = {{"replace", "1|new|NULL"}, {"update", "1|new|kept"}};
    (void)state;
    for (int i = 0; i < 2; i++) {
        sql("DROP TABLE IF EXISTS t; CREATE TABLE t(id INTEGER PRIMARY KEY, a, b); INSERT INTO t "
            "VALUES (1, 'old', 'kept')");
        struct cd_rig *rig = sink_rig("insert.mode", "upsert", "pk.mode", "record_value",
                                      "pk.fields", "id", "connectd.sqlite.upsert", wanted[i][0]);
        cd_rig_open(rig);
        add_json(rig, "t", NULL, "{\"id\":1,\"a\":\"new\"}");
        cd_rig_put(rig);
        assert_string_equal(ask("SELECT * FROM t"), wanted[i][1]);
        cd_rig_free(rig);
    }
}

/* 71, 72 */
static void records_of_a_key_are_applied_in_order(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)");
    struct cd_rig *rig = sink_rig("insert.mode", "upsert", "pk.mode", "record_key", "pk.fields",
                                  "id", "delete.enabled", "true");
    cd_rig_open(rig);
    add_json(rig, "t", "1", "{\"a\":\"x\"}");
    add_json(rig, "t", "1", NULL);
    add_json(rig, "t", "2", NULL);
    add_json(rig, "t", "2", "{\"a\":\"y\"}");
    add_json(rig, "t", "3", "{\"a\":\"z\"}");
    add_json(rig, "nosuch", "3", NULL);
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM t"), "2|y ; 3|z");
    cd_rig_free(rig);
}

static void update_names_its_keys_last(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT); INSERT INTO t VALUES (1, 'o', "
        "'o')");
    struct cd_rig *rig =
        sink_rig("insert.mode", "update", "pk.mode", "record_value", "pk.fields", "id");
    cd_rig_open(rig);
    add_json(rig, "t", NULL, "{\"a\":\"x\",\"id\":1,\"b\":\"y\"}");
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM t"), "1|x|y");
    cd_rig_free(rig);
}

static void tables_are_created_and_grow_when_allowed(void **state)
{
    (void)state;
    struct cd_rig *rig = sink_rig("auto.create", "true", "auto.evolve", "true", "pk.mode", "kafka");
    cd_rig_open(rig);
    add_json(rig, "T", NULL, "{\"a\":\"x\",\"n\":1,\"f\":0.5,\"ok\":true}");
    add_json(rig, "T", NULL, "{\"a\":\"y\",\"more\":2}");
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT sql FROM sqlite_master WHERE type = 'table'"),
                        "CREATE TABLE \"T\" (\n"
                        "\"__connect_topic\" TEXT NOT NULL,\n"
                        "\"__connect_partition\" INTEGER NOT NULL,\n"
                        "\"__connect_offset\" INTEGER NOT NULL,\n"
                        "\"a\" TEXT NULL,\n\"n\" INTEGER NULL,\n\"f\" REAL NULL,\n"
                        "\"ok\" INTEGER NULL, \"more\" INTEGER NULL,\n"
                        "PRIMARY KEY(\"__connect_topic\",\"__connect_partition\","
                        "\"__connect_offset\"))");
    assert_string_equal(ask("SELECT * FROM T"), "T|0|0|x|1|0.5|1|NULL ; T|0|1|y|NULL|NULL|NULL|2");
    cd_rig_free(rig);
}

static void missing_tables_are_refused(void **state)
{
    (void)state;
    struct cd_rig *rig = sink_rig("pk.mode", "none");
    cd_rig_open(rig);
    add_json(rig, "t", NULL, "{\"a\":1}");
    assert_false(cd_rig_try_put(rig));
    assert_string_equal(cd_rig_error(rig)->native, "TableAlterOrCreateException");
    assert_int_equal(cd_rig_error(rig)->record, 1);
    cd_rig_free(rig);
}

static void another_writer_is_waited_for(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id INTEGER)");
    char url[200];
    (void)snprintf(url, sizeof(url), "%s?busy_timeout=50", file.url);
    struct cd_rig *rig = sink_rig("connection.url", url);
    cd_rig_open(rig);
    add_json(rig, "t", NULL, "{\"id\":1}");
    sql("BEGIN IMMEDIATE");
    assert_false(cd_rig_try_put_only(rig));
    assert_true(cd_is_environment(cd_rig_error(rig)));
    assert_true(cd_rig_error(rig)->retriable);
    cd_rig_rewind(rig);
    sql("COMMIT");
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM t"), "1");
    cd_rig_free(rig);
}

static void the_url_decides_how_times_are_stored(void **state)
{
    static const char *const wanted[][2] = {
        {"", "1577934245123"},
        {"?date_class=text", "2020-01-02 03:04:05.123"},
        {"?date_class=REAL", "2458850.62783707"},
    };
    (void)state;
    for (int i = 0; i < 3; i++) {
        char url[200];
        struct cd_error err = CD_ERROR_INIT;
        struct cd_schema draft = {.type = CD_TYPE_INT64,
                                  .name = cd_slice("org.apache.kafka.connect.data.Timestamp")};
        const struct cd_schema *ts = cd_rig_host()->schema(&draft, &err);
        struct cd_field field = {cd_slice("ts"), ts};
        struct cd_schema row = {.type = CD_TYPE_STRUCT, .fields = &field, .field_count = 1};
        const struct cd_schema *schema = cd_rig_host()->schema(&row, &err);
        sql("DROP TABLE IF EXISTS t; CREATE TABLE t(ts NUMERIC)");
        (void)snprintf(url, sizeof(url), "%s%s", file.url, wanted[i][0]);
        struct cd_rig *rig = sink_rig("connection.url", url);
        cd_rig_open(rig);
        struct cd_record *rec = cd_rig_add(rig, "t");
        struct cd_struct *value = cd_batch_new_struct(cd_rig_batch(rig), schema, &err);
        value->fields[0] = cd_instant(1577934245123);
        rec->value_schema = schema;
        rec->value = cd_struct(value);
        cd_rig_put(rig);
        assert_string_equal(ask("SELECT ts FROM t"), wanted[i][1]);
        cd_rig_free(rig);
        cd_rig_host()->schema_unref(schema);
        cd_rig_host()->schema_unref(ts);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_file, remove_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(insert_writes_one_transaction_a_flush),
        TEST(a_bad_record_is_named_and_nothing_stays),
        TEST(replace_resets_what_update_keeps),
        TEST(records_of_a_key_are_applied_in_order),
        TEST(update_names_its_keys_last),
        TEST(tables_are_created_and_grow_when_allowed),
        TEST(missing_tables_are_refused),
        TEST(another_writer_is_waited_for),
        TEST(the_url_decides_how_times_are_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
