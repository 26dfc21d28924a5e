/* Reading tables of a real file: modes, offsets, types. Numbers are those of the cases in the JDBC
 * reference. */
#include "tests/unit/sqlite/file.h"

static void start(struct cd_rig *rig)
{
    cd_rig_take_task(rig);
    cd_rig_open(rig);
}

static void assert_values(struct cd_rig *rig, size_t count, const char *const *wanted)
{
    cd_rig_read(rig, count);
    assert_int_equal(cd_rig_count(rig), count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(cd_rig_value(rig, i), wanted[i]);
}

#define assert_read(rig, ...)                                                                      \
    assert_values(rig, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),                     \
                  (const char *[]){__VA_ARGS__})

static void bulk_reads_everything_at_each_poll(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'x')");
    struct cd_rig *rig = source_rig("mode", "bulk", "table.whitelist", "t");
    start(rig);
    cd_rig_read(rig, 2);
    assert_string_equal(cd_rig_line(rig, 1), "p-t {\"id\":1,\"a\":\"x\"} {\"table\":\"t\"} null");
    assert_string_equal(cd_rig_schema(rig), "t{id: INT32?, a: STRING?}");
    cd_rig_free(rig);
}

static void incrementing_reads_what_is_new(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT NOT NULL); INSERT INTO t VALUES (1, 'x')");
    struct cd_rig *rig =
        source_rig("mode", "incrementing", "table.whitelist", "t", "batch.max.rows", "2");
    start(rig);
    cd_rig_read(rig, 1);
    assert_string_equal(cd_rig_line(rig, 0),
                        "p-t {\"id\":1,\"a\":\"x\"} {\"protocol\":\"1\",\"table\":\"t\"} "
                        "{\"incrementing\":1}");
    cd_rig_read_nothing(rig, 30);
    sql("INSERT INTO t VALUES (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e'), (6, 'f')");
    cd_rig_read(rig, 6);
    assert_string_equal(cd_rig_offset(rig, 5), "{\"incrementing\":6}");
    assert_string_equal(cd_rig_schema(rig), "t{id: INT32?, a: STRING}");
    cd_rig_open(rig);
    cd_rig_read_nothing(rig, 30);
    cd_rig_free(rig);
}

/* 63 */
static void large_ids_widen_the_column(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (3000000000)");
    struct cd_rig *rig = source_rig("mode", "incrementing", "table.whitelist", "t");
    start(rig);
    assert_read(rig, "{\"id\":1}", "{\"id\":3000000000}");
    assert_string_equal(cd_rig_offset(rig, 1), "{\"incrementing\":3000000000}");
    assert_string_equal(cd_rig_schema(rig), "t{id: INT64?}");
    cd_rig_read_nothing(rig, 30);
    cd_rig_free(rig);
}

/* 62 */
static void timestamps_of_every_storage_class_are_compared(void **state)
{
    static const struct {
        const char *values;
        const char *wanted[2]; /* the emitted time */
    } cases[] = {
        {"(1, 1000), (2, 2000)", {"1000", "2000"}},
        {"(1, '1970-01-01 00:00:01.000'), (2, '1970-01-01 00:00:02.000')", {"1000", "2000"}},
        {"(1, '1970-01-01 00:00:01'), (2, '1970-01-01 00:00:02')", {"1000", "2000"}},
        {"(1, '1970-01-01T00:00:01.5'), (2, '1970-01-01T00:00:02.5')", {"1500", "2500"}},
        {"(1, 2440588.5), (2, 2440589.5)", {"86400000", "172800000"}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char insert[200], wanted[64];
        sql("DROP TABLE IF EXISTS t; CREATE TABLE t(id INTEGER PRIMARY KEY, ts TIMESTAMP NOT "
            "NULL)");
        (void)snprintf(insert, sizeof(insert), "INSERT INTO t VALUES %s", cases[i].values);
        sql(insert);
        struct cd_rig *rig =
            source_rig("mode", "timestamp", "timestamp.column.name", "ts", "table.whitelist", "t");
        start(rig);
        cd_rig_read(rig, 2);
        for (size_t k = 0; k < 2; k++) {
            (void)snprintf(wanted, sizeof(wanted), "{\"id\":%zu,\"ts\":%s}", k + 1,
                           cases[i].wanted[k]);
            assert_string_equal(cd_rig_value(rig, k), wanted);
        }
        cd_rig_read_nothing(rig, 20);
        cd_rig_free(rig);
    }
}

/* 34 */
static void an_offset_never_points_inside_of_a_group(void **state)
{
    static const char t0[] = "{\"timestamp_nanos\":500000000,\"timestamp\":500}";
    static const char t1[] = "{\"timestamp_nanos\":0,\"timestamp\":1000}";
    static const char t2[] = "{\"timestamp_nanos\":0,\"timestamp\":2000}";
    (void)state;
    sql("CREATE TABLE t(id INTEGER, ts TIMESTAMP NOT NULL); INSERT INTO t VALUES (1, 1000), "
        "(2, 1000), (3, 2000), (4, 2000)");
    struct cd_rig *rig = source_rig("mode", "timestamp", "timestamp.column.name", "ts",
                                    "table.whitelist", "t", "batch.max.rows", "1");
    cd_rig_store_offset(rig, "{\"protocol\":\"1\",\"table\":\"t\"}", t0);
    start(rig);
    cd_rig_read(rig, 4);
    assert_string_equal(cd_rig_offset(rig, 0), t0);
    assert_string_equal(cd_rig_offset(rig, 1), t1);
    assert_string_equal(cd_rig_offset(rig, 2), t1);
    assert_string_equal(cd_rig_offset(rig, 3), t2);
    cd_rig_free(rig);
}

static void both_columns_continue_exactly(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id INTEGER NOT NULL, ts TIMESTAMP NOT NULL); CREATE INDEX i ON t(ts, id);"
        "INSERT INTO t VALUES (21, 1000), (23, 1000), (5, 2000)");
    struct cd_rig *rig =
        source_rig("mode", "timestamp+incrementing", "incrementing.column.name", "id",
                   "timestamp.column.name", "ts", "table.whitelist", "t", "batch.max.rows", "1");
    cd_rig_store_offset(rig, "{\"protocol\":\"1\",\"table\":\"t\"}",
                        "{\"timestamp_nanos\":0,\"incrementing\":22,\"timestamp\":1000}");
    start(rig);
    assert_read(rig, "{\"id\":23,\"ts\":1000}", "{\"id\":5,\"ts\":2000}");
    cd_rig_read_nothing(rig, 20);
    cd_rig_free(rig);
}

static void a_query_is_wrapped(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'y')");
    struct cd_rig *rig =
        source_rig("mode", "incrementing", "incrementing.column.name", "id", "query",
                   "SELECT id, upper(a) AS b FROM t WHERE a <> 'z' -- all");
    start(rig);
    cd_rig_read(rig, 2);
    assert_string_equal(cd_rig_line(rig, 1), "p- {\"id\":2,\"b\":\"Y\"} {\"query\":\"query\"} "
                                             "{\"incrementing\":2}");
    cd_rig_free(rig);
}

/* The types of section 2.14: jdbc and native. */
static void declared_types_become_schemas(void **state)
{
    static const struct {
        const char *type;
        const char *value;
        const char *jdbc;
        const char *native;
        const char *wanted;
    } cases[] = {
        {"INTEGER", "7", "INT32", "INT64", "7"},
        {"INT", "7", "INT64", "INT64", "7"},
        {"BIGINT", "7", "INT64", "INT64", "7"},
        {"SMALLINT", "7", "INT32", "INT64", "7"},
        {"TINYINT", "7", "INT16", "INT64", "7"},
        {"BOOLEAN", "1", "BOOLEAN", "BOOLEAN", "true"},
        {"REAL", "1.5", "FLOAT32", "FLOAT64", "1.5"},
        {"DOUBLE", "1.5", "FLOAT64", "FLOAT64", "1.5"},
        {"NUMERIC", "7", "INT32", "INT64", "7"},
        {"NUMERIC", "7.5", "FLOAT64", "FLOAT64", "7.5"},
        {"DECIMAL(8,2)", "7", "INT64", "INT64", "7"},
        {"TEXT", "'x'", "STRING", "STRING", "\"x\""},
        {"VARCHAR(10)", "'x'", "STRING", "STRING", "\"x\""},
        {"JSON", "'{}'", "STRING", "STRING", "\"{}\""},
        {"TEXT", "7", "STRING", "STRING", "\"7\""},
        {"BLOB", "x'00ff'", "BYTES", "BYTES", "x'00ff'"},
        {"BINARY(2)", "x'00ff'", "BYTES", "BYTES", "x'00ff'"},
        {"DATE", "'2020-01-02'", "Date", "Date", "1577923200000"},
        {"DATE", "'2020-01-02 00:00:00.000'", "Date", "Date", "1577923200000"},
        {"DATETIME", "'2020-01-02 03:04:05.123'", "Timestamp", "Timestamp", "1577934245123"},
        {"TIMESTAMP", "1577934245123", "Timestamp", "Timestamp", "1577934245123"},
        {"", "'x'", "STRING", "STRING", "\"x\""},
        {"", "7", "INT32", "INT64", "7"},
        {"", "NULL", "STRING", "STRING", "null"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int native = 0; native < 2; native++) {
            char text[200], wanted[100];
            (void)snprintf(text, sizeof(text),
                           "DROP TABLE IF EXISTS t; CREATE TABLE t(a %s); INSERT INTO t VALUES "
                           "(%s)",
                           cases[i].type, cases[i].value);
            sql(text);
            struct cd_rig *rig = source_rig("mode", "bulk", "table.whitelist", "t",
                                            "connectd.sqlite.types", native ? "native" : "jdbc");
            start(rig);
            cd_rig_read(rig, 1);
            (void)snprintf(wanted, sizeof(wanted), "t{a: %s?}",
                           native ? cases[i].native : cases[i].jdbc);
            assert_string_equal(cd_rig_schema(rig), wanted);
            (void)snprintf(wanted, sizeof(wanted), "{\"a\":%s}", cases[i].wanted);
            assert_string_equal(cd_rig_value(rig, 0), wanted);
            cd_rig_free(rig);
        }
    }
}

static void values_against_their_type_are_never_mangled(void **state)
{
    static const struct {
        const char *type;
        const char *first;
        const char *second;
        const char *wanted; /* the second value, or NULL: an error */
        const char *schema;
    } cases[] = {
        {"INTEGER", "1", "3000000000", "3000000000", "t{a: INT64?}"},
        {"INTEGER", "1", "'abc'", NULL, NULL},
        {"INTEGER", "1", "7.9", NULL, NULL},
        {"NUMERIC", "1", "7.5", "7.5", "t{a: FLOAT64?}"},
        {"NUMERIC", "1", "'abc'", "\"abc\"", "t{a: STRING?}"},
        {"REAL", "1.5", "16777217", "16777216", "t{a: FLOAT32?}"},
        {"TINYINT", "1", "70000", "70000", "t{a: INT64?}"},
        {"BOOLEAN", "1", "2", "2", "t{a: INT64?}"},
        {"TIMESTAMP", "1", "'soon'", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[200], wanted[100];
        (void)snprintf(text, sizeof(text),
                       "DROP TABLE IF EXISTS t; CREATE TABLE t(a %s); INSERT INTO t VALUES (%s), "
                       "(%s)",
                       cases[i].type, cases[i].first, cases[i].second);
        sql(text);
        struct cd_rig *rig = source_rig("mode", "bulk", "table.whitelist", "t");
        start(rig);
        bool ok = cd_rig_try_read(rig, 2, 5000);
        if (cases[i].wanted == NULL) {
            assert_false(ok);
            assert_int_equal(cd_rig_error(rig)->code, CD_ERR_DATA);
            assert_non_null(strstr(cd_rig_error(rig)->msg, "'a'"));
        } else {
            assert_true(ok);
            (void)snprintf(wanted, sizeof(wanted), "{\"a\":%s}", cases[i].wanted);
            assert_string_equal(cd_rig_value(rig, 1), wanted);
            assert_string_equal(cd_rig_schema(rig), cases[i].schema);
        }
        cd_rig_free(rig);
    }
}

static void tables_and_views_are_listed(void **state)
{
    (void)state;
    sql("CREATE TABLE b(id INTEGER PRIMARY KEY AUTOINCREMENT); CREATE TABLE a(x); CREATE VIEW v "
        "AS SELECT * FROM a");
    struct cd_rig *rig = source_rig("mode", "bulk", "table.include.list", ".*");
    assert_string_equal(cd_rig_tasks(rig, 5), "tables=\"a\";tables.fetched=true;\n"
                                              "tables=\"b\";tables.fetched=true;");
    cd_rig_set(rig, "table.types", "VIEW");
    assert_string_equal(cd_rig_tasks(rig, 5), "tables=\"v\";tables.fetched=true;");
    cd_rig_free(rig);
}

static void a_lock_is_waited_for(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
    struct cd_rig *rig = source_rig("mode", "bulk", "table.whitelist", "t");
    start(rig);
    sql("BEGIN EXCLUSIVE");
    cd_rig_read_nothing(rig, 50);
    sql("COMMIT");
    cd_rig_read(rig, 1);
    cd_rig_free(rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_file, remove_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bulk_reads_everything_at_each_poll),
        TEST(incrementing_reads_what_is_new),
        TEST(large_ids_widen_the_column),
        TEST(timestamps_of_every_storage_class_are_compared),
        TEST(an_offset_never_points_inside_of_a_group),
        TEST(both_columns_continue_exactly),
        TEST(a_query_is_wrapped),
        TEST(declared_types_become_schemas),
        TEST(values_against_their_type_are_never_mangled),
        TEST(tables_and_views_are_listed),
        TEST(a_lock_is_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
