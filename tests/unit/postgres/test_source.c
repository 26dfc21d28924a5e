/* Reading tables from a real server: modes, offsets, failures. Numbers are those of the cases in
 * the JDBC reference. */
#include "tests/unit/postgres/server.h"

static const char v1[] = "{\"protocol\":\"1\",\"table\":\"public.t\"}";

/* Splits, opens. */
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

/* 27 */
static void bulk_reads_everything_at_each_poll(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int primary key, a text); INSERT INTO t VALUES (1, 'x')");
    struct cd_rig *rig = source_rig("mode", "bulk", "table.whitelist", "t");
    start(rig);
    cd_rig_read(rig, 2);
    assert_string_equal(cd_rig_line(rig, 0), "p-t {\"id\":1,\"a\":\"x\"} {\"table\":\"t\"} null");
    assert_string_equal(cd_rig_schema(rig), "t{id: INT32, a: STRING?}");
    cd_rig_free(rig);
}

/* 28, 48 */
static void incrementing_reads_what_is_new(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id bigint primary key, a text); INSERT INTO t VALUES (1, 'x')");
    struct cd_rig *rig = source_rig("mode", "incrementing", "incrementing.column.name", "id",
                                    "table.whitelist", "public.t");
    start(rig);
    cd_rig_read(rig, 1);
    assert_string_equal(cd_rig_line(rig, 0),
                        "p-t {\"id\":1,\"a\":\"x\"} {\"protocol\":\"1\",\"table\":\"public.t\"} "
                        "{\"incrementing\":1}");
    cd_rig_clear(rig);
    sql("INSERT INTO t VALUES (2, 'y'), (3, NULL); UPDATE t SET a = 'z' WHERE id = 1");
    assert_read(rig, "{\"id\":2,\"a\":\"y\"}", "{\"id\":3,\"a\":null}");
    cd_rig_open(rig); /* closes first: a restart */
    cd_rig_read_nothing(rig, 100);
    cd_rig_free(rig);
}

/* 29 */
static void ids_below_zero_and_nulls_are_not_read(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int); INSERT INTO t VALUES (NULL), (-1), (0)");
    struct cd_rig *rig = source_rig("mode", "incrementing", "incrementing.column.name", "id",
                                    "table.whitelist", "t", "validate.non.null", "false");
    start(rig);
    assert_read(rig, "{\"id\":0}");
    cd_rig_read_nothing(rig, 50);
    cd_rig_free(rig);
}

/* 29 */
static void a_null_id_beside_a_timestamp_fails_the_task(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int, ts timestamp);"
        "INSERT INTO t VALUES (1, '2020-01-01'), (NULL, '2020-01-02')");
    struct cd_rig *rig = source_rig("mode", "timestamp+incrementing", "incrementing.column.name",
                                    "id", "timestamp.column.name", "ts", "table.whitelist", "t",
                                    "validate.non.null", "false");
    start(rig);
    assert_false(cd_rig_try_read(rig, 2, 5000));
    assert_int_equal(cd_rig_count(rig), 1);
    assert_int_equal(cd_rig_error(rig)->code, CD_ERR_CONFIG);
    assert_false(cd_rig_error(rig)->retriable);
    assert_non_null(strstr(cd_rig_error(rig)->msg, "incrementing column 'id' is null"));
    cd_rig_free(rig);
}

/* 30 */
static void an_identity_or_serial_column_is_found(void **state)
{
    (void)state;
    sql("CREATE TABLE t(a text, id int generated always as identity); INSERT INTO t(a) VALUES "
        "('x');"
        "CREATE TABLE u(a text, n serial); INSERT INTO u(a) VALUES ('y');"
        "CREATE TABLE none(a text)");
    struct cd_rig *rig = source_rig("mode", "incrementing", "table.whitelist", "t,u");
    start(rig);
    assert_read(rig, "{\"a\":\"x\",\"id\":1}", "{\"a\":\"y\",\"n\":1}");
    cd_rig_free(rig);
    rig = source_rig("mode", "incrementing", "table.whitelist", "none");
    start(rig);
    assert_false(cd_rig_try_read(rig, 1, 5000));
    assert_int_equal(cd_rig_error(rig)->code, CD_ERR_CONFIG);
    cd_rig_free(rig);
}

/* 31, 43, 44 */
static void timestamp_goes_on_behind_the_stored_instant(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int, ts timestamp not null); INSERT INTO t VALUES "
        "(1, '1970-01-01 00:00:00.009'), (2, '1970-01-01 00:00:00.010'),"
        "(3, '1970-01-01 00:00:00.010001'), (4, '1970-01-01 00:00:00.012')");
    struct cd_rig *rig =
        source_rig("mode", "timestamp", "timestamp.column.name", "ts", "table.whitelist", "t");
    cd_rig_store_offset(rig, v1, "{\"timestamp\":10}");
    start(rig);
    assert_read(rig, "{\"id\":3,\"ts\":10}", "{\"id\":4,\"ts\":12}");
    assert_string_equal(cd_rig_offset(rig, 0), "{\"timestamp_nanos\":10001000,\"timestamp\":10}");
    assert_string_equal(cd_rig_offset(rig, 1), "{\"timestamp_nanos\":12000000,\"timestamp\":12}");
    cd_rig_open(rig);
    cd_rig_read_nothing(rig, 50);
    cd_rig_free(rig);
}

/* 32, 33 */
static void rows_of_the_future_wait(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int, ts timestamptz not null); INSERT INTO t VALUES "
        "(1, now() - interval '1 second'), (2, now() + interval '400 milliseconds'),"
        "(3, now() + interval '1 hour')");
    struct cd_rig *rig = source_rig("mode", "timestamp", "timestamp.column.name", "ts",
                                    "table.whitelist", "t", "timestamp.delay.interval.ms", "100");
    start(rig);
    cd_rig_read(rig, 1);
    cd_rig_read_nothing(rig, 150);
    cd_rig_read(rig, 2);
    cd_rig_read_nothing(rig, 100);
    cd_rig_free(rig);
}

/* 34, 35 */
static void an_offset_never_points_inside_of_a_group(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int, ts timestamp not null); INSERT INTO t VALUES "
        "(1, '1970-01-01 00:00:01'), (2, '1970-01-01 00:00:01'),"
        "(3, '1970-01-01 00:00:02'), (4, '1970-01-01 00:00:02')");
    static const char t0[] = "{\"timestamp_nanos\":500000000,\"timestamp\":500}";
    static const char t1[] = "{\"timestamp_nanos\":0,\"timestamp\":1000}";
    static const char t2[] = "{\"timestamp_nanos\":0,\"timestamp\":2000}";
    struct cd_rig *rig = source_rig("mode", "timestamp", "timestamp.column.name", "ts",
                                    "table.whitelist", "t", "batch.max.rows", "1");
    start(rig);
    cd_rig_read(rig, 4);
    assert_string_equal(cd_rig_offset(rig, 0), "{}");
    cd_rig_clear(rig);
    cd_rig_store_offset(rig, v1, t0);
    cd_rig_open(rig);
    cd_rig_read(rig, 4);
    assert_string_equal(cd_rig_offset(rig, 0), t0);
    assert_string_equal(cd_rig_offset(rig, 1), t1);
    assert_string_equal(cd_rig_offset(rig, 2), t1);
    assert_string_equal(cd_rig_offset(rig, 3), t2);
    cd_rig_clear(rig);
    cd_rig_store_offset(rig, v1, t0); /* only the first record was committed */
    cd_rig_open(rig);
    cd_rig_read(rig, 4);
    cd_rig_free(rig);
}

/* 37 */
static void both_columns_continue_exactly(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int not null, ts timestamp not null); INSERT INTO t VALUES "
        "(21, '1970-01-01 00:00:01'), (23, '1970-01-01 00:00:01'), (5, '1970-01-01 00:00:02')");
    struct cd_rig *rig =
        source_rig("mode", "timestamp+incrementing", "incrementing.column.name", "id",
                   "timestamp.column.name", "ts", "table.whitelist", "t", "max.buffer.size", "1");
    cd_rig_store_offset(rig, v1, "{\"timestamp_nanos\":0,\"incrementing\":22,\"timestamp\":1000}");
    start(rig);
    assert_read(rig, "{\"id\":23,\"ts\":1000}", "{\"id\":5,\"ts\":2000}");
    assert_string_equal(cd_rig_offset(rig, 1),
                        "{\"timestamp_nanos\":0,\"incrementing\":5,\"timestamp\":2000}");
    cd_rig_read_nothing(rig, 50);
    cd_rig_free(rig);
}

/* 38 */
static void the_first_timestamp_that_is_not_null_counts(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int, modified timestamp, created timestamp not null);"
        "CREATE TABLE u(id int, modified timestamp, created timestamp);"
        "INSERT INTO t VALUES (1, NULL, '1970-01-01 00:00:01'),"
        "(2, '1970-01-01 00:00:03', '1970-01-01 00:00:02')");
    struct cd_rig *rig = source_rig("mode", "timestamp", "timestamp.column.name",
                                    "modified,created", "table.whitelist", "t");
    start(rig);
    cd_rig_read(rig, 2);
    assert_string_equal(cd_rig_offset(rig, 0), "{\"timestamp_nanos\":0,\"timestamp\":1000}");
    assert_string_equal(cd_rig_offset(rig, 1), "{\"timestamp_nanos\":0,\"timestamp\":3000}");
    cd_rig_free(rig);
    rig = source_rig("mode", "timestamp", "timestamp.column.name", "modified,created",
                     "table.whitelist", "u");
    start(rig);
    assert_false(cd_rig_try_read(rig, 1, 5000));
    assert_non_null(strstr(cd_rig_error(rig)->msg, "all of them are nullable"));
    cd_rig_free(rig);
}

/* 39, 40 */
static void initial_values_hold_without_a_stored_offset(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int not null, ts timestamp not null); INSERT INTO t VALUES "
        "(5, '1970-01-01 00:00:05'), (15, '1970-01-01 00:00:06')");
    struct cd_rig *rig = source_rig("mode", "timestamp", "timestamp.column.name", "ts",
                                    "table.whitelist", "t", "timestamp.initial", "5000");
    start(rig);
    assert_read(rig, "{\"id\":15,\"ts\":6000}");
    cd_rig_free(rig);
    rig = source_rig("mode", "timestamp", "timestamp.column.name", "ts", "table.whitelist", "t",
                     "timestamp.initial", "-1");
    start(rig);
    cd_rig_read_nothing(rig, 50);
    cd_rig_free(rig);
    rig = source_rig("mode", "incrementing", "incrementing.column.name", "id", "table.whitelist",
                     "t", "incrementing.initial", "10");
    start(rig);
    assert_read(rig, "{\"id\":15,\"ts\":6000}");
    cd_rig_free(rig);
}

/* 41, 42, 46 */
static void offsets_of_every_form_are_found(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int not null); INSERT INTO t VALUES (1), (2), (3)");
    struct cd_rig *rig = source_rig("mode", "incrementing", "incrementing.column.name", "id",
                                    "table.whitelist", "t");
    cd_rig_store_offset(rig, "{\"table\":\"t\"}", "{\"incrementing\":2}");
    start(rig);
    assert_read(rig, "{\"id\":3}");
    cd_rig_free(rig);
    rig = source_rig("mode", "incrementing", "incrementing.column.name", "id", "table.whitelist",
                     "t");
    cd_rig_store_offset(rig, "{\"table\":\"t\"}", "{\"incrementing\":2}");
    cd_rig_store_offset(rig, "{\"protocol\":\"1\",\"table\":\"postgres.public.t\"}",
                        "{\"incrementing\":1}");
    start(rig);
    assert_read(rig, "{\"id\":2}", "{\"id\":3}");
    assert_non_null(strstr(cd_rig_line(rig, 1), v1));
    cd_rig_clear(rig);
    cd_rig_store_offset(rig, v1, "{\"incrementing\":0}");
    cd_rig_open(rig);
    cd_rig_read(rig, 3);
    cd_rig_free(rig);
}

/* 47 */
static void a_query_has_one_partition(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int not null, a text); INSERT INTO t VALUES (1, 'x'), (2, 'y')");
    struct cd_rig *rig =
        source_rig("mode", "incrementing", "incrementing.column.name", "id", "query",
                   "SELECT id, a, 1 + 1 AS two FROM t WHERE a <> 'z' -- all");
    start(rig);
    cd_rig_read(rig, 2);
    assert_string_equal(cd_rig_line(rig, 1), "p- {\"id\":2,\"a\":\"y\",\"two\":2} "
                                             "{\"query\":\"query\"} {\"incrementing\":2}");
    assert_string_equal(cd_rig_schema(rig), "{id: INT32, a: STRING?, two: INT32?}");
    cd_rig_free(rig);
}

/* 49, 50 */
static void offset_columns_are_checked(void **state)
{
    static const struct {
        const char *column;
        const char *says;
    } cases[] = {
        {"n", "because this column is nullable"},
        {"nosuch", "'nosuch' does not exist"},
        {"name", "must be an integer"},
    };
    (void)state;
    sql("CREATE TABLE t(n int, name text not null)");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_rig *rig = source_rig("mode", "incrementing", "incrementing.column.name",
                                        cases[i].column, "table.whitelist", "t");
        start(rig);
        assert_false(cd_rig_try_read(rig, 1, 5000));
        assert_int_equal(cd_rig_error(rig)->code, CD_ERR_CONFIG);
        if (strstr(cd_rig_error(rig)->msg, cases[i].says) == NULL)
            fail_msg("%s", cd_rig_error(rig)->msg);
        cd_rig_free(rig);
    }
}

/* 51 */
static void a_killed_backend_loses_and_repeats_nothing(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int primary key, a text);"
        "INSERT INTO t SELECT i, repeat('x', 200) FROM generate_series(1, 10000) i");
    struct cd_rig *rig =
        source_rig("mode", "incrementing", "incrementing.column.name", "id", "table.whitelist", "t",
                   "batch.max.rows", "100", "connection.attempts", "5");
    start(rig);
    int kills = 0;
    while (cd_rig_count(rig) < 10000) {
        if (!cd_rig_try_read(rig, 10000 - (size_t)(4 - kills) * 2000, 10000)) {
            assert_true(cd_rig_error(rig)->retriable);
            continue;
        }
        if (kills++ < 4)
            sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name "
                "LIKE 'connectd rig%'");
    }
    for (int i = 0; i < 10000; i++) {
        char start_of[32];
        (void)snprintf(start_of, sizeof(start_of), "{\"id\":%d,", i + 1);
        assert_int_equal(strncmp(cd_rig_value(rig, (size_t)i), start_of, strlen(start_of)), 0);
    }
    cd_rig_free(rig);
}

/* 52 */
static void a_failing_table_fails_the_task_when_told_so(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int not null)");
    struct cd_rig *rig =
        source_rig("mode", "bulk", "table.whitelist", "t", "query.retry.attempts", "2");
    start(rig);
    sql("DROP TABLE t");
    assert_false(cd_rig_try_read(rig, 1, 5000));
    assert_true(cd_rig_error(rig)->retriable);
    assert_string_equal(cd_rig_error(rig)->native, "42P01");
    assert_false(cd_rig_try_read(rig, 1, 5000));
    assert_false(cd_rig_error(rig)->retriable);
    cd_rig_free(rig);
}

/* 53 */
static void the_guard_waits_for_open_transactions(void **state)
{
    (void)state;
    char info[200];
    sql("CREATE TABLE t(id serial primary key, a text)");
    (void)snprintf(info, sizeof(info), "host=127.0.0.1 port=%d user=postgres dbname=postgres",
                   server.port);
    PGconn *other = PQconnectdb(info);
    PQclear(PQexec(other, "BEGIN; INSERT INTO t(a) VALUES ('first')"));
    sql("INSERT INTO t(a) VALUES ('second')");
    struct cd_rig *rig = source_rig("mode", "incrementing", "incrementing.column.name", "id",
                                    "table.whitelist", "t", "connectd.guard", "locks");
    start(rig);
    cd_rig_read_nothing(rig, 150);
    PQclear(PQexec(other, "COMMIT"));
    assert_read(rig, "{\"id\":1,\"a\":\"first\"}", "{\"id\":2,\"a\":\"second\"}");
    PQfinish(other);
    cd_rig_free(rig);
}

/* 61 */
static void columns_may_come_and_go(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int primary key, a text); INSERT INTO t VALUES (1, 'x')");
    struct cd_rig *rig = source_rig("mode", "incrementing", "incrementing.column.name", "id",
                                    "table.whitelist", "t");
    start(rig);
    cd_rig_read(rig, 1);
    sql("ALTER TABLE t ADD b int; INSERT INTO t VALUES (2, 'y', 7)");
    cd_rig_read(rig, 2);
    assert_string_equal(cd_rig_value(rig, 1), "{\"id\":2,\"a\":\"y\",\"b\":7}");
    sql("ALTER TABLE t DROP a; INSERT INTO t VALUES (3, 8)");
    cd_rig_read(rig, 3);
    assert_string_equal(cd_rig_value(rig, 2), "{\"id\":3,\"b\":8}");
    cd_rig_free(rig);
}

/* 17, 18, 19, 23, 25, 26 */
static void tables_are_found_and_spread(void **state)
{
    static const struct {
        const char *key;
        const char *value;
        int32_t tasks_max;
        const char *wanted;
    } cases[] = {
        {"table.whitelist", "a_b,t", 5,
         "tables=\"public\".\"a_b\";tables.fetched=true;\n"
         "tables=\"public\".\"t\";tables.fetched=true;"},
        {"table.whitelist", "public.t", 1, "tables=\"public\".\"t\";tables.fetched=true;"},
        {"table.whitelist", "\"public\".\"t\"", 1, "tables=\"public\".\"t\";tables.fetched=true;"},
        {"table.whitelist", "T", 1, ""},
        {"table.include.list", "public\\.(t|p.*)", 1,
         "tables=\"public\".\"p1\",\"public\".\"t\";tables.fetched=true;"},
        {"table.include.list", "postgres\\.public\\.t", 1, ""},
        {"table.include.list", "PUBLIC\\.t", 1, ""},
    };
    (void)state;
    sql("CREATE TABLE t(id int); CREATE TABLE a_b(id int not null); CREATE TABLE axb(id int);"
        "CREATE VIEW v AS SELECT * FROM t; CREATE TABLE pt(id int) PARTITION BY RANGE (id);"
        "CREATE TABLE p1 PARTITION OF pt FOR VALUES FROM (0) TO (10)");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_rig *rig = source_rig("mode", "bulk", cases[i].key, cases[i].value);
        assert_string_equal(cd_rig_tasks(rig, cases[i].tasks_max), cases[i].wanted);
        cd_rig_free(rig);
    }
    struct cd_rig *rig = source_rig("mode", "bulk", "table.types", "VIEW,PARTITIONED TABLE",
                                    "table.whitelist", "t,v,pt,p1");
    assert_string_equal(cd_rig_tasks(rig, 1),
                        "tables=\"public\".\"pt\",\"public\".\"v\";tables.fetched=true;");
    sql("CREATE SCHEMA s2; CREATE TABLE s2.t(id int)");
    cd_rig_free(rig);
    rig = source_rig("mode", "bulk", "table.whitelist", "t");
    assert_non_null(strstr(cd_rig_tasks(rig, 1), "duplicate unqualified table names"));
    cd_rig_set(rig, "schema.pattern", "s2");
    assert_string_equal(cd_rig_tasks(rig, 1), "tables=\"s2\".\"t\";tables.fetched=true;");
    cd_rig_free(rig);
}

/* 26 */
static void names_are_no_patterns(void **state)
{
    (void)state;
    sql("CREATE TABLE a_b(id int not null); CREATE TABLE axb(id int); INSERT INTO a_b VALUES (1)");
    struct cd_rig *rig = source_rig("mode", "incrementing", "incrementing.column.name", "id",
                                    "table.whitelist", "a_b");
    start(rig);
    assert_read(rig, "{\"id\":1}");
    cd_rig_free(rig);
}

static void odd_names_survive(void **state)
{
    (void)state;
    sql("CREATE TABLE \"we,ird.\"\"Name\"(\"Id\" int primary key); INSERT INTO "
        "\"we,ird.\"\"Name\" VALUES (4)");
    struct cd_rig *rig = source_rig("mode", "incrementing", "incrementing.column.name", "id",
                                    "table.include.list", "public.*");
    cd_rig_free(rig);
    rig = new_rig("io.aiven.connect.jdbc.JdbcSourceConnector", "topic.prefix", "p-", "mode",
                  "incrementing", "incrementing.column.name", "id", NULL);
    start(rig);
    cd_rig_read(rig, 1);
    assert_string_equal(cd_rig_line(rig, 0),
                        "p-we,ird.\"Name {\"Id\":4} {\"protocol\":\"1\",\"table\":\"public.we,ird."
                        "\\\"Name\"} {\"incrementing\":4}");
    cd_rig_free(rig);
}

/* 16 */
static void a_suffix_ends_the_statement(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int not null); INSERT INTO t VALUES (1), (2), (3)");
    struct cd_rig *rig =
        source_rig("mode", "incrementing", "incrementing.column.name", "id", "table.whitelist", "t",
                   "query.suffix", "LIMIT 1", "poll.interval.ms", "100000");
    start(rig);
    cd_rig_read(rig, 1);
    cd_rig_read_nothing(rig, 50);
    cd_rig_free(rig);
}

static void a_server_that_is_away_is_tried_again(void **state)
{
    (void)state;
    struct cd_rig *rig =
        source_rig("mode", "bulk", "table.whitelist", "t", "connection.url",
                   "jdbc:postgresql://127.0.0.1:1/postgres", "tables", "\"public\".\"t\"");
    assert_false(cd_rig_try_open(rig));
    assert_int_equal(cd_rig_error(rig)->code, CD_ERR_REMOTE);
    assert_true(cd_rig_error(rig)->retriable);
    cd_rig_free(rig);
}

static void validation_asks_the_database(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int)");
    struct cd_rig *rig = source_rig("mode", "bulk", "query", "SELECT * FROM nosuch");
    assert_non_null(strstr(cd_rig_validate(rig), "query: 42P01"));
    cd_rig_set(rig, "query", "SELECT * FROM t");
    assert_string_equal(cd_rig_validate(rig), "");
    cd_rig_set(rig, "connection.user", "nobody_here");
    assert_non_null(strstr(cd_rig_validate(rig), "connection.url: connecting to PostgreSQL"));
    cd_rig_free(rig);
}

#define TEST(name) cmocka_unit_test_setup(name, fresh_schema)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bulk_reads_everything_at_each_poll),
        TEST(incrementing_reads_what_is_new),
        TEST(ids_below_zero_and_nulls_are_not_read),
        TEST(a_null_id_beside_a_timestamp_fails_the_task),
        TEST(an_identity_or_serial_column_is_found),
        TEST(timestamp_goes_on_behind_the_stored_instant),
        TEST(rows_of_the_future_wait),
        TEST(an_offset_never_points_inside_of_a_group),
        TEST(both_columns_continue_exactly),
        TEST(the_first_timestamp_that_is_not_null_counts),
        TEST(initial_values_hold_without_a_stored_offset),
        TEST(offsets_of_every_form_are_found),
        TEST(a_query_has_one_partition),
        TEST(offset_columns_are_checked),
        TEST(a_killed_backend_loses_and_repeats_nothing),
        TEST(a_failing_table_fails_the_task_when_told_so),
        TEST(the_guard_waits_for_open_transactions),
        TEST(columns_may_come_and_go),
        TEST(tables_are_found_and_spread),
        TEST(names_are_no_patterns),
        TEST(odd_names_survive),
        TEST(a_suffix_ends_the_statement),
        TEST(a_server_that_is_away_is_tried_again),
        TEST(validation_asks_the_database),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
