/* Every type of PostgreSQL: what it becomes in Connect, and that it comes back equal. Tables are
 * those of section 2 of the JDBC reference. */
#include "tests/unit/postgres/server.h"

static void read_one(struct cd_rig *rig)
{
    cd_rig_take_task(rig);
    cd_rig_open(rig);
    cd_rig_read(rig, 1);
}

struct type_case {
    const char *type;
    const char *value; /* SQL */
    const char *schema;
    const char *wanted;
};

static const struct type_case types[] = {
    {"boolean", "true", "BOOLEAN", "true"},
    {"bit(1)", "B'1'", "BOOLEAN", "true"},
    {"bit(4)", "B'0101'", "INT8", "101"},
    {"bit(12)", "B'010100001111'", "BYTES", "x'303130313030303031313131'"},
    {"smallint", "-32768", "INT16", "-32768"},
    {"integer", "2147483647", "INT32", "2147483647"},
    {"bigint", "-9223372036854775808", "INT64", "-9223372036854775808"},
    {"oid", "4294967295", "INT64", "4294967295"},
    {"real", "1.5", "FLOAT32", "1.5"},
    {"real", "'NaN'", "FLOAT32", "nan"},
    {"double precision", "'-Infinity'", "FLOAT64", "-inf"},
    {"double precision", "0.1", "FLOAT64", "0.10000000000000001"},
    {"money", "1234.56", "FLOAT64", "1234.5599999999999"},
    {"numeric(8,0)", "-12345678", "Decimal(0,8)", "-12345678"},
    {"numeric(10,2)", "123.40", "Decimal(2,10)", "123.40"},
    {"numeric(20,5)", "123456789012345.67891", "Decimal(5,20)", "123456789012345.67891"},
    {"numeric(5,-2)", "123400", "Decimal(-2,5)", "123400"},
    {"numeric(10,2)", "0", "Decimal(2,10)", "0.00"},
    {"numeric(38,10)", "-0.0000000001", "Decimal(10,38)", "-0.0000000001"},
    {"numeric(38,0)", "99999999999999999999999999999999999999", "Decimal(0,38)",
     "99999999999999999999999999999999999999"},
    {"char(3)", "'a'", "STRING", "\"a  \""},
    {"varchar(10)", "'a\"b'", "STRING", "\"a\\\"b\""},
    {"text", "''", "STRING", "\"\""},
    {"name", "'n'", "STRING", "\"n\""},
    {"\"char\"", "'c'", "STRING", "\"c\""},
    {"bytea", "'\\x00ff10'", "BYTES", "x'00ff10'"},
    {"bytea", "''", "BYTES", "x''"},
    {"date", "'2020-01-02'", "Date", "1577923200000"},
    {"date", "'0044-03-15 BC'", "Date", "-63517996800000"},
    {"date", "'infinity'", "Date", "9223372036825200000"},
    {"time", "'01:02:03.123456'", "Time", "3723123"},
    {"timetz", "'01:00:00+02'", "Time", "82800000"},
    {"timestamp", "'2020-01-02 03:04:05.123456'", "Timestamp", "1577934245123"},
    {"timestamp", "'1969-12-31 23:59:59.9'", "Timestamp", "-100"},
    {"timestamp", "'-infinity'", "Timestamp", "-9223372036832400000"},
    {"timestamp", "'0044-03-15 00:00:00 BC'", "Timestamp", "-63517996800000"},
    {"timestamptz", "'2020-01-02 03:04:05.5+02'", "Timestamp", "1577927045500"},
    {"uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "STRING",
     "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\""},
    {"json", "'{\"a\" :1}'", "STRING", "\"{\\\"a\\\" :1}\""},
    {"jsonb", "'{\"a\" :1}'", "STRING", "\"{\\\"a\\\": 1}\""},
    {"xml", "'<a/>'", "STRING", "\"<a/>\""},
    {"mood", "'sad'", "STRING", "\"sad\""},
    {"email", "'a@b'", "STRING", "\"a@b\""},
};

/* 55, 58, 59, 60, 63 */
static void types_have_the_schemas_of_jdbc(void **state)
{
    (void)state;
    sql("CREATE TYPE mood AS ENUM ('sad'); CREATE DOMAIN email AS text");
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        char text[300];
        (void)snprintf(text, sizeof(text),
                       "DROP TABLE IF EXISTS t; CREATE TABLE t(a %s, n int NOT NULL); INSERT INTO "
                       "t VALUES (%s, 1)",
                       types[i].type, types[i].value);
        sql(text);
        struct cd_rig *rig = source_rig("mode", "bulk", "table.whitelist", "t");
        read_one(rig);
        (void)snprintf(text, sizeof(text), "t{a: %s?, n: INT32}", types[i].schema);
        assert_string_equal(cd_rig_schema(rig), text);
        (void)snprintf(text, sizeof(text), "{\"a\":%s,\"n\":1}", types[i].wanted);
        assert_string_equal(cd_rig_value(rig, 0), text);
        cd_rig_free(rig);
    }
}

/* 55, 56, 12 */
static void numbers_are_mapped_as_asked(void **state)
{
    static const struct {
        const char *type;
        const char *schema[4]; /* none, precision_only, best_fit, best_fit_eager_double */
        const char *value[4];
    } cases[] = {
        {"numeric(2,0)", {"Decimal(0,2)", "INT8", "INT8", "INT8"}, {"12", "12", "12", "12"}},
        {"numeric(4,0)", {"Decimal(0,4)", "INT16", "INT16", "INT16"}, {"12", "12", "12", "12"}},
        {"numeric(8,0)", {"Decimal(0,8)", "INT32", "INT32", "INT32"}, {"12", "12", "12", "12"}},
        {"numeric(18,0)", {"Decimal(0,18)", "INT64", "INT64", "INT64"}, {"12", "12", "12", "12"}},
        {"numeric(19,0)",
         {"Decimal(0,19)", "Decimal(0,19)", "Decimal(0,19)", "Decimal(0,19)"},
         {"12", "12", "12", "12"}},
        {"numeric(10,2)",
         {"Decimal(2,10)", "Decimal(2,10)", "FLOAT64", "FLOAT64"},
         {"12.00", "12.00", "12", "12"}},
        {"numeric(20,5)",
         {"Decimal(5,20)", "Decimal(5,20)", "Decimal(5,20)", "FLOAT64"},
         {"12.00000", "12.00000", "12.00000", "12"}},
        {"numeric(5,-1)",
         {"Decimal(-1,5)", "Decimal(-1,5)", "INT32", "INT32"},
         {"10", "10", "10", "10"}},
    };
    static const char *const mappings[] = {"none", "precision_only", "BEST_FIT",
                                           "best_fit_eager_double"};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[200];
        (void)snprintf(text, sizeof(text),
                       "DROP TABLE IF EXISTS t; CREATE TABLE t(a %s NOT NULL); INSERT INTO t "
                       "VALUES (12)",
                       cases[i].type);
        sql(text);
        for (int m = 0; m < 4; m++) {
            struct cd_rig *rig =
                source_rig("mode", "bulk", "table.whitelist", "t", "numeric.mapping", mappings[m]);
            read_one(rig);
            (void)snprintf(text, sizeof(text), "t{a: %s}", cases[i].schema[m]);
            assert_string_equal(cd_rig_schema(rig), text);
            (void)snprintf(text, sizeof(text), "{\"a\":%s}", cases[i].value[m]);
            assert_string_equal(cd_rig_value(rig, 0), text);
            cd_rig_free(rig);
        }
    }
}

static void a_numeric_without_precision_stays_a_decimal(void **state)
{
    (void)state;
    sql("CREATE TABLE t(a numeric); INSERT INTO t VALUES (12.34)");
    struct cd_rig *rig =
        source_rig("mode", "bulk", "table.whitelist", "t", "numeric.mapping", "best_fit");
    read_one(rig);
    assert_string_equal(cd_rig_schema(rig), "t{a: Decimal(127,0)?}");
    assert_int_equal(strncmp(cd_rig_value(rig, 0), "{\"a\":12.340000", 14), 0);
    cd_rig_free(rig);
    sql("UPDATE t SET a = 'NaN'");
    rig = source_rig("mode", "bulk", "table.whitelist", "t");
    cd_rig_take_task(rig);
    cd_rig_open(rig);
    assert_false(cd_rig_try_read(rig, 1, 5000));
    assert_int_equal(cd_rig_error(rig)->code, CD_ERR_DATA);
    assert_non_null(strstr(cd_rig_error(rig)->msg, "column 'a'"));
    cd_rig_free(rig);
}

/* 57 */
static void timestamps_come_in_the_asked_granularity(void **state)
{
    static const struct {
        const char *granularity;
        const char *schema;
        const char *utc;
        const char *tokyo;
    } cases[] = {
        {"connect_logical", "Timestamp", "1577934245123", "1577901845123"},
        {"micros_long", "INT64", "1577934245123456", "1577901845123456"},
        {"nanos_long", "INT64", "1577934245123456000", "1577901845123456000"},
        {"micros_string", "STRING", "\"1577934245123456\"", "\"1577901845123456\""},
        {"nanos_string", "STRING", "\"1577934245123456000\"", "\"1577901845123456000\""},
        {"micros_iso_datetime_string", "STRING", "\"2020-01-02T03:04:05.123456\"",
         "\"2020-01-02T03:04:05.123456\""},
        {"nanos_iso_datetime_string", "STRING", "\"2020-01-02T03:04:05.123456000\"",
         "\"2020-01-02T03:04:05.123456000\""},
    };
    (void)state;
    sql("CREATE TABLE t(a timestamp NOT NULL); INSERT INTO t VALUES ('2020-01-02 "
        "03:04:05.123456')");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int tokyo = 0; tokyo < 2; tokyo++) {
            char text[200];
            struct cd_rig *rig =
                source_rig("mode", "bulk", "table.whitelist", "t", "timestamp.granularity",
                           cases[i].granularity, "db.timezone", tokyo ? "Asia/Tokyo" : "UTC");
            read_one(rig);
            (void)snprintf(text, sizeof(text), "t{a: %s}", cases[i].schema);
            assert_string_equal(cd_rig_schema(rig), text);
            (void)snprintf(text, sizeof(text), "{\"a\":%s}", tokyo ? cases[i].tokyo : cases[i].utc);
            assert_string_equal(cd_rig_value(rig, 0), text);
            cd_rig_free(rig);
        }
    }
}

/* 45 */
static void the_proleptic_calendar_repeats_nothing(void **state)
{
    (void)state;
    sql("CREATE TABLE t(a timestamp NOT NULL, b date NOT NULL); INSERT INTO t VALUES ('2020-01-02 "
        "03:04:05.123456', '0044-03-15 BC')");
    struct cd_rig *rig =
        source_rig("mode", "timestamp", "timestamp.column.name", "a", "table.whitelist", "t",
                   "date.calendar.system", "PROLEPTIC_GREGORIAN");
    read_one(rig);
    assert_string_equal(cd_rig_value(rig, 0), "{\"a\":1577934245123,\"b\":-63517824000000}");
    cd_rig_read_nothing(rig, 50);
    cd_rig_free(rig);
}

static const char unsupported[] =
    "CREATE TABLE t(a inet, b int[], c interval, d tsvector, e int4range, f point, id int NOT "
    "NULL); INSERT INTO t VALUES ('10.0.0.1/8', '{1,NULL}', '1 day', 'x', '[1,2)', '(1,2)', 7)";

/* 59 */
static void types_without_a_place_are_treated_as_asked(void **state)
{
    (void)state;
    sql(unsupported);
    struct cd_rig *rig = source_rig("mode", "bulk", "table.whitelist", "t");
    read_one(rig);
    assert_string_equal(cd_rig_value(rig, 0), "{\"id\":7}");
    cd_rig_free(rig);
    rig = source_rig("mode", "incrementing", "incrementing.column.name", "id", "table.whitelist",
                     "t", "connectd.unsupported.types", "string");
    read_one(rig);
    assert_string_equal(cd_rig_value(rig, 0),
                        "{\"a\":\"10.0.0.1/8\",\"b\":\"{1,NULL}\",\"c\":\"1 day\",\"d\":\"'x'\","
                        "\"e\":\"[1,2)\",\"f\":\"(1,2)\",\"id\":7}");
    cd_rig_free(rig);
    rig = source_rig("mode", "bulk", "table.whitelist", "t", "connectd.unsupported.types", "fail");
    cd_rig_take_task(rig);
    cd_rig_open(rig);
    assert_false(cd_rig_try_read(rig, 1, 5000));
    assert_non_null(strstr(cd_rig_error(rig)->msg, "column 'a'"));
    cd_rig_free(rig);
}

static void a_null_from_an_outer_join_makes_the_field_optional(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int NOT NULL); CREATE TABLE u(id int NOT NULL, a text NOT NULL);"
        "INSERT INTO t VALUES (1), (2); INSERT INTO u VALUES (1, 'x')");
    struct cd_rig *rig = source_rig("mode", "bulk", "query",
                                    "SELECT t.id, u.a FROM t LEFT JOIN u USING (id) ORDER BY 1");
    cd_rig_take_task(rig);
    cd_rig_open(rig);
    cd_rig_read(rig, 1);
    cd_rig_read(rig, 2);
    assert_string_equal(cd_rig_value(rig, 1), "{\"id\":2,\"a\":null}");
    cd_rig_free(rig);
}

/* ---- there and back ---- */

/* What the source reads is put into a table of the same form: equal, byte for byte. */
static void round_trip(const char *granularity)
{
    static const char columns[] =
        "id int primary key, b boolean, i2 smallint, i4 int, i8 bigint, f4 real, f8 double "
        "precision, n numeric(20,5), c char(3), v varchar(10), x text, y bytea, d date, t time, "
        "ts timestamp(3), tz timestamptz(3), u uuid, j json, jb jsonb, m mood, net text, o oid";
    char text[1000];
    sql("CREATE TYPE mood AS ENUM ('sad', 'ok')");
    (void)snprintf(text, sizeof(text), "CREATE TABLE source(%s); CREATE TABLE target(%s)", columns,
                   columns);
    sql(text);
    sql("INSERT INTO source VALUES (1, true, -32768, -2147483648, 9223372036854775807, 1e-38, "
        "1.7976931348623157e308, -123456789012345.67891, 'ab', 'x', E'tab\\tline\\nslash\\\\', "
        "'\\x00ff', '1582-10-04', '23:59:59.999', '2020-02-29 12:34:56.789', '1969-07-20 "
        "20:17:40+00', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{\"a\" : [1]}', '{\"b\":null}', "
        "'sad', 'grüße 🦀', 4294967295),"
        "(2, false, 0, 0, 0, 'NaN', '-Infinity', 0, '', '', '', '', '0044-03-15 BC', '00:00', "
        "'1970-01-01', '1970-01-01+00', '00000000-0000-0000-0000-000000000000', 'null', '[]', "
        "'ok', '', 0); INSERT INTO source(id) VALUES (3)");
    struct cd_rig *source =
        source_rig("mode", "bulk", "query", "SELECT * FROM source ORDER BY id",
                   "timestamp.granularity", granularity, "poll.interval.ms", "100000");
    static const char *const modes[] = {"insert", "upsert"};
    for (int i = 0; i < 2; i++) {
        sql("TRUNCATE target");
        struct cd_rig *sink = sink_rig(
            "insert.mode", modes[i], "pk.mode", "record_value", "pk.fields", "id",
            "timestamp.fields.list", strcmp(granularity, "micros_long") == 0 ? "ts,tz" : "", NULL);
        cd_rig_take_task(source);
        cd_rig_open(source);
        cd_rig_open(sink);
        cd_rig_pipe(source, sink, "target", 3);
        assert_string_equal(ask("SELECT count(*) FROM (SELECT source::text FROM source EXCEPT "
                                "SELECT target::text FROM target) x"),
                            "0");
        assert_string_equal(ask("SELECT count(*) FROM target"), "3");
        cd_rig_free(sink);
    }
    cd_rig_free(source);
}

static void every_type_comes_back_equal(void **state)
{
    (void)state;
    round_trip("connect_logical");
}

static void microseconds_come_back_equal(void **state)
{
    (void)state;
    round_trip("micros_long");
}

#define TEST(name) cmocka_unit_test_setup(name, fresh_schema)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(types_have_the_schemas_of_jdbc),
        TEST(numbers_are_mapped_as_asked),
        TEST(a_numeric_without_precision_stays_a_decimal),
        TEST(timestamps_come_in_the_asked_granularity),
        TEST(the_proleptic_calendar_repeats_nothing),
        TEST(types_without_a_place_are_treated_as_asked),
        TEST(a_null_from_an_outer_join_makes_the_field_optional),
        TEST(every_type_comes_back_equal),
        TEST(microseconds_come_back_equal),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
