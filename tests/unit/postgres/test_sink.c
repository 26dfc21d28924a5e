/* Writing tables on a real server: modes, keys, DDL, failures. Numbers are those of the cases in
 * the JDBC reference. */
#include "data/schema.h"
#include "tests/unit/postgres/server.h"

/* ---- records ---- */

struct column {
    const char *name;
    enum cd_type type;
    bool optional;
    const char *logical;
    const struct cd_value *fallback;
};

static const struct cd_schema *field_schema(const struct column *c)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_parameter scale = {cd_slice("scale"), cd_slice("2")};
    bool decimal = c->logical != NULL && strcmp(c->logical, "Decimal") == 0;
    char name[80] = "";
    if (c->logical != NULL)
        (void)snprintf(name, sizeof(name), "org.apache.kafka.connect.data.%s", c->logical);
    struct cd_schema draft = {
        .type = c->type,
        .optional = c->optional,
        .name = cd_slice(c->logical == NULL ? NULL : name),
        .has_version = c->logical != NULL,
        .version = c->logical != NULL,
        .fallback = c->fallback,
        .parameters = decimal ? &scale : NULL,
        .parameter_count = decimal,
    };
    const struct cd_schema *schema = cd_schema_intern(&draft, &err);
    if (schema == NULL)
        fail_msg("%s", err.msg);
    return schema;
}

static const struct cd_schema *kept[256];
static size_t kept_count;

static const struct cd_schema *keep(const struct cd_schema *schema)
{
    assert_true(kept_count < 256);
    return kept[kept_count++] = schema;
}

static const struct cd_schema *struct_schema(const struct column *columns, size_t count)
{
    struct cd_field fields[16];
    struct cd_error err = CD_ERROR_INIT;
    for (size_t i = 0; i < count; i++)
        fields[i] = (struct cd_field){cd_slice(columns[i].name), keep(field_schema(&columns[i]))};
    struct cd_schema draft = {
        .type = CD_TYPE_STRUCT, .fields = fields, .field_count = (uint32_t)count};
    const struct cd_schema *schema = cd_schema_intern(&draft, &err);
    if (schema == NULL)
        fail_msg("%s", err.msg);
    return keep(schema);
}

static int drop_schemas(void **state)
{
    (void)state;
    for (size_t i = 0; i < kept_count; i++)
        cd_schema_unref(kept[i]);
    kept_count = 0;
    return 0;
}

static struct cd_value struct_of(struct cd_rig *rig, const struct cd_schema *schema,
                                 const struct cd_value *fields)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_struct *s = cd_batch_new_struct(cd_rig_batch(rig), schema, &err);
    assert_non_null(s);
    for (uint32_t i = 0; i < schema->field_count; i++)
        s->fields[i] = fields[i];
    return cd_struct(s);
}

static struct cd_value text(const char *value)
{
    return cd_string(cd_slice(value));
}

/* A record whose key is {id} or a plain INT32 and whose value is {id, a}. */
static const struct column id_a[] = {{.name = "id", .type = CD_TYPE_INT32},
                                     {.name = "a", .type = CD_TYPE_STRING, .optional = true}};

static void add(struct cd_rig *rig, const char *topic, int32_t id, const char *a)
{
    const struct cd_schema *schema = struct_schema(id_a, 2);
    struct cd_record *rec = cd_rig_add(rig, topic);
    rec->key_schema = cd_schema_primitive(CD_TYPE_INT32, false);
    rec->key = cd_int32(id);
    if (a == NULL)
        return; /* a tombstone */
    rec->value_schema = schema;
    rec->value = struct_of(rig, schema, (struct cd_value[]){cd_int32(id), text(a)});
}

static void add_json(struct cd_rig *rig, const char *topic, const char *json)
{
    struct cd_record *rec = cd_rig_add(rig, topic);
    rec->value = cd_rig_json(rig, json);
}

static void expect_error(struct cd_rig *rig, enum cd_code code, uint64_t record, const char *says)
{
    assert_false(cd_rig_try_put(rig));
    const struct cd_error *err = cd_rig_error(rig);
    if (err->code != code || strstr(err->msg, says) == NULL)
        fail_msg("code %d: %s", (int)err->code, err->msg);
    assert_int_equal(err->record, record);
}

/* ---- insert ---- */

static void insert_copies_rows(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int primary key, a text)");
    struct cd_rig *rig = sink_rig(NULL);
    cd_rig_open(rig);
    add(rig, "t", 1, "x");
    add(rig, "t", 2, "y\t\"\\\n");
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM t ORDER BY id"), "1|x ; 2|y\t\"\\\n");
    cd_rig_free(rig);
}

/* 65 */
static void a_duplicate_fails_the_whole_and_is_named(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int primary key, a text)");
    struct cd_rig *rig = sink_rig(NULL);
    cd_rig_open(rig);
    add(rig, "t", 1, "x");
    add(rig, "t", 2, "y");
    add(rig, "t", 1, "z");
    expect_error(rig, CD_ERR_DATA, 3, "duplicate key value");
    assert_string_equal(cd_rig_error(rig)->native, "23505");
    assert_string_equal(ask("SELECT count(*) FROM t"), "0");
    add(rig, "t", 1, "x"); /* the connection is fit for more */
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM t"), "1|x");
    cd_rig_free(rig);
}

/* 84: the runtime leaves the record out; here it is named */
static void a_value_that_does_not_fit_is_named(void **state)
{
    static const struct {
        const char *type;
        const char *says;
    } cases[] = {
        {"varchar(2)", "value too long"},
        {"int", "invalid input syntax for type integer"},
        {"uuid", "the text is no uuid"},
        {"jsonb", "invalid input syntax for type json"},
        {"inet", "invalid input syntax for type inet"},
        {"date", "invalid input syntax for type date"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char create[100];
        (void)snprintf(create, sizeof(create),
                       "DROP TABLE IF EXISTS t; CREATE TABLE t(id int, a %s)", cases[i].type);
        sql(create);
        struct cd_rig *rig = sink_rig("batch.size", "100", NULL);
        cd_rig_open(rig);
        add(rig, "t", 1, "{bad");
        expect_error(rig, CD_ERR_DATA, 1, cases[i].says);
        cd_rig_free(rig);
    }
}

/* 64: three runs, one transaction */
static void other_shapes_make_other_runs(void **state)
{
    static const struct column more[] = {{.name = "id", .type = CD_TYPE_INT64},
                                         {.name = "a", .type = CD_TYPE_STRING},
                                         {.name = "b", .type = CD_TYPE_FLOAT64}};
    (void)state;
    sql("CREATE TABLE t(id bigint, a text, b float8)");
    struct cd_rig *rig = sink_rig("batch.size", "2", NULL);
    const struct cd_schema *schema = struct_schema(more, 3);
    cd_rig_open(rig);
    for (int i = 0; i < 3; i++)
        add(rig, "t", i, "x");
    struct cd_record *rec = cd_rig_add(rig, "t");
    rec->key_schema = cd_schema_primitive(CD_TYPE_INT32, false);
    rec->key = cd_int32(9);
    rec->value_schema = schema;
    rec->value =
        struct_of(rig, schema, (struct cd_value[]){cd_int64(9), text("y"), cd_float64(0.5)});
    add(rig, "t", 10, "z");
    assert_true(cd_rig_try_put_only(rig));
    assert_string_equal(ask("SELECT count(*) FROM t"), "0");
    assert_true(cd_rig_try_flush(rig));
    assert_string_equal(ask("SELECT * FROM t ORDER BY id"),
                        "0|x|NULL ; 1|x|NULL ; 2|x|NULL ; 9|y|0.5 ; 10|z|NULL");
    cd_rig_free(rig);
}

/* ---- keys ---- */

/* 65, 71 */
static void the_last_record_of_a_key_decides(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int primary key, a text, kept text default 'd');"
        "INSERT INTO t VALUES (1, 'old', 'mine')");
    struct cd_rig *rig = sink_rig("insert.mode", "upsert", "pk.mode", "record_key", "pk.fields",
                                  "id", "delete.enabled", "true", NULL);
    cd_rig_open(rig);
    add(rig, "t", 1, "x");
    add(rig, "t", 1, "new");
    add(rig, "t", 2, "y");
    add(rig, "t", 2, NULL);
    add(rig, "t", 3, NULL);
    add(rig, "t", 3, "back");
    add(rig, "t", 4, NULL);
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM t ORDER BY id"), "1|new|mine ; 3|back|d");
    add(rig, "t", 1, NULL);
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM t ORDER BY id"), "3|back|d");
    cd_rig_free(rig);
}

/* 72, 73 */
static void tombstones_delete_when_allowed(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int primary key, a text)");
    struct cd_rig *rig =
        sink_rig("pk.mode", "record_key", "pk.fields", "id", "delete.enabled", "true", NULL);
    cd_rig_open(rig);
    add(rig, "t", 1, "x");
    add(rig, "t", 1, NULL);
    add(rig, "t", 7, NULL);
    add(rig, "t", 2, "y");
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM t"), "2|y");
    cd_rig_free(rig);
    rig = sink_rig(NULL);
    cd_rig_open(rig);
    add(rig, "t", 3, "x");
    add(rig, "t", 3, NULL);
    expect_error(rig, CD_ERR_CONFIG, 2, "tombstone");
    cd_rig_set(rig, "connectd.tombstones", "skip");
    cd_rig_open(rig);
    add(rig, "t", 3, NULL);
    add(rig, "t", 3, "x");
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM t ORDER BY id"), "2|y ; 3|x");
    cd_rig_free(rig);
}

static void update_changes_rows_that_are_there(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int primary key, a text); INSERT INTO t VALUES (1, 'old')");
    struct cd_rig *rig =
        sink_rig("insert.mode", "update", "pk.mode", "record_value", "pk.fields", "id", NULL);
    cd_rig_open(rig);
    add(rig, "t", 1, "new");
    add(rig, "t", 2, "nobody");
    add(rig, "t", 1, "newest");
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM t"), "1|newest");
    cd_rig_free(rig);
}

/* 66 */
static void kafka_coordinates_can_be_the_key(void **state)
{
    (void)state;
    struct cd_rig *rig =
        sink_rig("insert.mode", "upsert", "pk.mode", "kafka", "auto.create", "true", NULL);
    cd_rig_open(rig);
    add(rig, "t", 5, "x");
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM t"), "t|0|0|5|x");
    assert_string_equal(
        ask("SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE "
            "table_name = 't' ORDER BY ordinal_position"),
        "__connect_topic|text|NO ; __connect_partition|integer|NO ; __connect_offset|bigint|NO ; "
        "id|integer|NO ; a|text|YES");
    cd_rig_free(rig);
}

/* 67, 68, 69, 75 */
static void keys_that_cannot_be_are_refused(void **state)
{
    static const struct {
        const char *pk_mode;
        const char *pk_fields;
        const char *says;
    } cases[] = {
        {"record_key", "", "exactly one PK column"},
        {"record_key", "a,b", "exactly one PK column"},
        {"record_value", "q", "'q', which the value does not have"},
        {"kafka", "a", "exactly three"},
    };
    (void)state;
    sql("CREATE TABLE t(id int primary key, a text)");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_rig *rig =
            sink_rig("pk.mode", cases[i].pk_mode, "pk.fields", cases[i].pk_fields, NULL);
        bool opened = cd_rig_try_open(rig);
        if (opened) {
            add(rig, "t", 1, "x");
            assert_false(cd_rig_try_put(rig));
        }
        assert_int_equal(cd_rig_error(rig)->code, CD_ERR_CONFIG);
        if (strstr(cd_rig_error(rig)->msg, cases[i].says) == NULL)
            fail_msg("%s", cd_rig_error(rig)->msg);
        cd_rig_free(rig);
    }
}

static void field_lists_choose_columns(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int primary key, a text)");
    struct cd_rig *rig =
        sink_rig("pk.mode", "record_key", "pk.fields", "id", "fields.blacklist", "a", NULL);
    cd_rig_open(rig);
    add(rig, "t", 1, "x");
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM t"), "1|NULL");
    cd_rig_free(rig);
}

/* 75 */
static void a_plain_string_fills_one_column(void **state)
{
    (void)state;
    struct cd_rig *rig = sink_rig("auto.create", "true", NULL);
    cd_rig_open(rig);
    struct cd_record *rec = cd_rig_add(rig, "t");
    rec->value_schema = cd_schema_primitive(CD_TYPE_STRING, false);
    rec->value = text("hello");
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT record_value FROM t"), "hello");
    cd_rig_free(rig);
}

/* ---- tables ---- */

/* 76, 77 */
static void tables_are_created_and_grow_when_allowed(void **state)
{
    static const struct cd_value seven = {.kind = CD_KIND_INT32, .as.integer = 7};
    static const struct column more[] = {{.name = "id", .type = CD_TYPE_INT32},
                                         {.name = "a", .type = CD_TYPE_STRING, .optional = true},
                                         {.name = "b", .type = CD_TYPE_INT32, .fallback = &seven},
                                         {.name = "c", .type = CD_TYPE_BOOLEAN, .optional = true}};
    (void)state;
    struct cd_rig *rig = sink_rig(NULL);
    cd_rig_open(rig);
    add(rig, "t", 1, "x");
    expect_error(rig, CD_ERR_DATA, 1, "missing and auto-creation is disabled");
    assert_string_equal(cd_rig_error(rig)->native, "TableAlterOrCreateException");
    cd_rig_set(rig, "auto.create", "true");
    cd_rig_open(rig);
    add(rig, "t", 1, "x");
    cd_rig_put(rig);
    const struct cd_schema *schema = struct_schema(more, 4);
    for (int round = 0; round < 2; round++) {
        struct cd_record *rec = cd_rig_add(rig, "t");
        rec->value_schema = schema;
        rec->value = struct_of(
            rig, schema, (struct cd_value[]){cd_int32(2), text("y"), cd_null(), cd_bool(true)});
        if (round == 0)
            expect_error(rig, CD_ERR_DATA, 1, "missing the field 'b'");
        cd_rig_set(rig, "auto.evolve", "true");
        if (round == 0)
            cd_rig_open(rig);
    }
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM t ORDER BY id"), "1|x|7|NULL ; 2|y|7|t");
    cd_rig_free(rig);
}

static void a_new_required_field_is_refused(void **state)
{
    static const struct column more[] = {{.name = "id", .type = CD_TYPE_INT32},
                                         {.name = "z", .type = CD_TYPE_INT32}};
    (void)state;
    sql("CREATE TABLE t(id int)");
    struct cd_rig *rig = sink_rig("auto.evolve", "true", NULL);
    cd_rig_open(rig);
    const struct cd_schema *schema = struct_schema(more, 2);
    struct cd_record *rec = cd_rig_add(rig, "t");
    rec->value_schema = schema;
    rec->value = struct_of(rig, schema, (struct cd_value[]){cd_int32(2), cd_int32(3)});
    expect_error(rig, CD_ERR_DATA, 1, "not optional and does not have a default");
    cd_rig_free(rig);
}

/* 78, 91 */
static void the_catalog_spells_names(void **state)
{
    (void)state;
    sql("CREATE TABLE a_b(\"Id\" int, \"A\" text); CREATE TABLE axc(id int)");
    struct cd_rig *rig = sink_rig("auto.create", "true", NULL);
    cd_rig_open(rig);
    add(rig, "a_b", 1, "x");
    add(rig, "a_c", 2, "y");
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM a_b"), "1|x");
    assert_string_equal(ask("SELECT * FROM a_c"), "2|y");
    cd_rig_free(rig);
}

/* 79 */
static void defaults_are_escaped(void **state)
{
    static const struct cd_value quote = {.kind = CD_KIND_STRING, .count = 4, .as.string = "it's"};
    static const struct cd_value bytes = {
        .kind = CD_KIND_BYTES, .count = 2, .as.bytes = (const uint8_t *)"\x00\xff"};
    static const struct column columns[] = {
        {.name = "id", .type = CD_TYPE_INT32},
        {.name = "s", .type = CD_TYPE_STRING, .fallback = &quote},
        {.name = "b", .type = CD_TYPE_BYTES, .fallback = &bytes}};
    (void)state;
    struct cd_rig *rig = sink_rig("auto.create", "true", NULL);
    cd_rig_open(rig);
    const struct cd_schema *schema = struct_schema(columns, 3);
    struct cd_record *rec = cd_rig_add(rig, "t");
    rec->value_schema = schema;
    rec->value = struct_of(rig, schema, (struct cd_value[]){cd_int32(1), cd_null(), cd_null()});
    cd_rig_put(rig);
    sql("INSERT INTO t(id) VALUES (2)");
    assert_string_equal(ask("SELECT * FROM t ORDER BY id"), "1|it's|\\x00ff ; 2|it's|\\x00ff");
    cd_rig_free(rig);
}

/* 80 */
static void topics_become_table_names(void **state)
{
    static const struct {
        const char *key;
        const char *value;
        const char *wanted; /* schema.table */
    } cases[] = {
        {"table.name.format", "${topic}", "a|b"},
        {"table.name.format", "\"${topic}\"", "public|a.b"},
        {"table.name.normalize", "true", "public|a_b"},
        {"topics.to.tables.mapping", "a.b:x", "public|x"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fresh_schema(NULL);
        sql("CREATE SCHEMA a");
        struct cd_rig *rig = sink_rig("auto.create", "true", cases[i].key, cases[i].value, NULL);
        cd_rig_open(rig);
        add(rig, "a.b", 1, "x");
        cd_rig_put(rig);
        assert_string_equal(ask("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN "
                                "('a','public')"),
                            cases[i].wanted);
        cd_rig_free(rig);
    }
}

/* 81 */
static void long_names_are_cut_once(void **state)
{
    static const char topic[] = "t234567890123456789012345678901234567890123456789012345678901234";
    (void)state;
    struct cd_rig *rig = sink_rig("auto.create", "true", NULL);
    cd_rig_open(rig);
    add(rig, topic, 1, "x");
    cd_rig_put(rig);
    cd_rig_open(rig);
    add(rig, topic, 2, "y");
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT length(tablename) FROM pg_tables WHERE schemaname = 'public'"),
                        "63");
    cd_rig_free(rig);
}

static void views_and_partitions_are_written_when_listed(void **state)
{
    (void)state;
    sql("CREATE TABLE base(id int, a text); CREATE VIEW v AS SELECT * FROM base;"
        "CREATE TABLE pt(id int, a text) PARTITION BY RANGE (id);"
        "CREATE TABLE p1 PARTITION OF pt FOR VALUES FROM (0) TO (10)");
    struct cd_rig *rig = sink_rig(NULL);
    cd_rig_open(rig);
    add(rig, "v", 1, "x");
    expect_error(rig, CD_ERR_DATA, 1, "table.types does not list");
    cd_rig_set(rig, "table.types", "TABLE,VIEW,PARTITIONED TABLE");
    cd_rig_open(rig);
    add(rig, "v", 1, "x");
    add(rig, "pt", 2, "y");
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM base UNION ALL SELECT * FROM p1"), "1|x ; 2|y");
    cd_rig_free(rig);
}

/* ---- values ---- */

/* 85 and the types text can become */
static void texts_become_what_the_column_is(void **state)
{
    static const struct {
        const char *type;
        const char *value;
        const char *wanted;
    } cases[] = {
        {"json", "{\"a\": 1}", "{\"a\": 1}"},
        {"jsonb", "{\"a\":1}", "{\"a\": 1}"},
        {"uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
        {"mood", "sad", "sad"},
        {"inet", "10.0.0.1/8", "10.0.0.1/8"},
        {"int", "42", "42"},
        {"numeric(8,2)", "-12.5", "-12.50"},
        {"date", "2020-01-02", "2020-01-02"},
        {"timestamp", "2020-01-02 03:04:05.5", "2020-01-02 03:04:05.5"},
        {"timestamptz", "2020-01-02T03:04:05+02:00", "2020-01-02 01:04:05+00"},
        {"interval", "1 day", "1 day"},
        {"int[]", "{1,2}", "{1,2}"},
        {"bytea", "\\x00ff", "\\x00ff"},
        {"bool", "true", "t"},
        {"char(3)", "a", "a  "},
        {"macaddr", "08:00:2b:01:02:03", "08:00:2b:01:02:03"},
    };
    (void)state;
    sql("CREATE TYPE mood AS ENUM ('sad', 'ok')");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static const char *const modes[] = {"insert", "upsert"};
        for (int mode = 0; mode < 2; mode++) {
            char create[200];
            (void)snprintf(create, sizeof(create),
                           "DROP TABLE IF EXISTS t; CREATE TABLE t(id int primary key, a %s)",
                           cases[i].type);
            sql(create);
            struct cd_rig *rig = sink_rig("insert.mode", modes[mode], "pk.mode", "record_value",
                                          "pk.fields", "id", NULL);
            cd_rig_open(rig);
            add(rig, "t", 1, cases[i].value);
            if (!cd_rig_try_put(rig))
                fail_msg("%s: %s", cases[i].type, cd_rig_error(rig)->msg);
            assert_string_equal(ask("SELECT a FROM t"), cases[i].wanted);
            cd_rig_free(rig);
        }
    }
}

/* 87, 89 and logical types */
static void times_follow_the_zones(void **state)
{
    static const struct column columns[] = {
        {.name = "d", .type = CD_TYPE_INT32, .logical = "Date"},
        {.name = "t", .type = CD_TYPE_INT32, .logical = "Time"},
        {.name = "ts", .type = CD_TYPE_INT64, .logical = "Timestamp"},
        {.name = "m", .type = CD_TYPE_INT64}};
    static const struct {
        const char *zone;
        const char *date_zone;
        const char *precision;
        const char *wanted;
    } cases[] = {
        {"UTC", "DB_TIMEZONE", "microseconds",
         "2020-01-02|01:00:00|2020-01-02 03:04:05.123|2020-01-02 03:04:05.123456"},
        {"America/New_York", "DB_TIMEZONE", "microseconds",
         "2020-01-01|20:00:00|2020-01-01 22:04:05.123|2020-01-01 22:04:05.123456"},
        {"America/New_York", "UTC", "nanoseconds",
         "2020-01-02|20:00:00|2020-01-01 22:04:05.123|2020-01-01 22:04:05.123457"},
    };
    (void)state;
    const struct cd_schema *schema = struct_schema(columns, 4);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sql("DROP TABLE IF EXISTS t");
        struct cd_rig *rig = sink_rig("auto.create", "true", "db.timezone", cases[i].zone,
                                      "date.timezone", cases[i].date_zone, "timestamp.fields.list",
                                      "m", "timestamp.precision.mode", cases[i].precision, NULL);
        cd_rig_open(rig);
        struct cd_record *rec = cd_rig_add(rig, "t");
        bool nanos = strcmp(cases[i].precision, "nanoseconds") == 0;
        rec->value_schema = schema;
        rec->value = struct_of(
            rig, schema,
            (struct cd_value[]){cd_instant(INT64_C(18263) * 86400000), cd_instant(3600000),
                                cd_instant(1577934245123),
                                cd_int64(nanos ? 1577934245123456789 : 1577934245123456)});
        cd_rig_put(rig);
        assert_string_equal(ask("SELECT * FROM t"), cases[i].wanted);
        cd_rig_free(rig);
    }
}

/* 88 */
static void nulls_become_defaults_when_asked(void **state)
{
    static const struct cd_value seven = {.kind = CD_KIND_INT32, .as.integer = 7};
    static const struct column columns[] = {
        {.name = "id", .type = CD_TYPE_INT32, .optional = true, .fallback = &seven},
        {.name = "n", .type = CD_TYPE_INT32, .optional = true, .fallback = &seven}};
    static const char *const wanted[] = {"7|7", "7|NULL"};
    (void)state;
    const struct cd_schema *schema = struct_schema(columns, 2);
    for (int i = 0; i < 2; i++) {
        sql("DROP TABLE IF EXISTS t; CREATE TABLE t(id int, n int)");
        struct cd_rig *rig = sink_rig("replace.null.with.default", i == 0 ? "true" : "false",
                                      "pk.mode", "record_value", "pk.fields", "id", NULL);
        cd_rig_open(rig);
        struct cd_record *rec = cd_rig_add(rig, "t");
        rec->value_schema = schema;
        rec->value = struct_of(rig, schema, (struct cd_value[]){cd_null(), cd_null()});
        cd_rig_put(rig);
        assert_string_equal(ask("SELECT * FROM t"), wanted[i]);
        cd_rig_free(rig);
    }
}

/* 13 of the users' complaints: plain JSON */
static void json_without_schema_takes_the_tables_types(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int primary key, n numeric(8,2), f float4, d date, ok bool, doc jsonb, "
        "tags text[], u uuid)");
    struct cd_rig *rig =
        sink_rig("insert.mode", "upsert", "pk.mode", "record_value", "pk.fields", "id", NULL);
    cd_rig_open(rig);
    add_json(rig, "t",
             "{\"id\":1,\"n\":1.5,\"f\":2,\"d\":\"2020-01-02\",\"ok\":true,"
             "\"doc\":{\"a\":[1,\"x\",null]},\"tags\":[\"a\",\"b \\\"c\\\"\"],"
             "\"u\":\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"}");
    add_json(rig, "t", "{\"id\":2,\"ok\":null}");
    cd_rig_put(rig);
    assert_string_equal(ask("SELECT * FROM t ORDER BY id"),
                        "1|1.50|2|2020-01-02|t|{\"a\": [1, \"x\", null]}|{a,\"b \\\"c\\\"\"}|"
                        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11 ; 2|NULL|NULL|NULL|NULL|NULL|NULL|"
                        "NULL");
    add_json(rig, "t", "{\"id\":1,\"n\":1e9}");
    expect_error(rig, CD_ERR_DATA, 1, "numeric field overflow");
    add_json(rig, "t", "{\"id\":3,\"nosuch\":1}");
    expect_error(rig, CD_ERR_DATA, 1, "'nosuch'");
    cd_rig_free(rig);
}

/* ---- failures ---- */

static void a_lost_connection_is_the_environments(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int primary key, a text)");
    struct cd_rig *rig = sink_rig(NULL);
    cd_rig_open(rig);
    add(rig, "t", 1, "x");
    assert_true(cd_rig_try_put_only(rig));
    add(rig, "t", 2, "y");
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE "
        "'connectd rig%'");
    bool ok = cd_rig_try_flush(rig);
    if (ok)
        fail_msg("the commit went through a dead connection");
    assert_true(cd_is_environment(cd_rig_error(rig)));
    assert_true(cd_rig_error(rig)->retriable);
    cd_rig_rewind(rig);
    assert_true(cd_rig_try_put_only(rig)); /* the runtime puts the batch again */
    assert_true(cd_rig_try_flush(rig));
    assert_string_equal(ask("SELECT * FROM t ORDER BY id"), "1|x ; 2|y");
    cd_rig_free(rig);
}

static void two_tasks_may_create_the_same_table(void **state)
{
    (void)state;
    struct cd_rig *one = sink_rig("auto.create", "true", NULL);
    cd_rig_open(one);
    PGconn *other = server.conn;
    PQclear(PQexec(other, "BEGIN; CREATE TABLE t(id int, a text)"));
    add(one, "t", 1, "x");
    PQclear(PQexec(other, "SET LOCAL idle_in_transaction_session_timeout = 200"));
    /* Its transaction is ended by the server, so the first waits, then goes on alone. */
    cd_rig_put(one);
    connect_server();
    assert_string_equal(ask("SELECT * FROM t"), "1|x");
    cd_rig_free(one);
}

static void a_million_of_shapes_stays_small(void **state)
{
    (void)state;
    sql("CREATE TABLE t(id int, a text)");
    struct cd_rig *rig = sink_rig(NULL);
    cd_rig_open(rig);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 50; i++) {
            add_json(rig, "t", "{\"id\":1}");
            add_json(rig, "t", "{\"a\":\"x\",\"id\":1}");
        }
        cd_rig_put(rig);
    }
    assert_string_equal(ask("SELECT count(*), count(a) FROM t"), "300|150");
    cd_rig_free(rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh_schema, drop_schemas)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(insert_copies_rows),
        TEST(a_duplicate_fails_the_whole_and_is_named),
        TEST(a_value_that_does_not_fit_is_named),
        TEST(other_shapes_make_other_runs),
        TEST(the_last_record_of_a_key_decides),
        TEST(tombstones_delete_when_allowed),
        TEST(update_changes_rows_that_are_there),
        TEST(kafka_coordinates_can_be_the_key),
        TEST(keys_that_cannot_be_are_refused),
        TEST(field_lists_choose_columns),
        TEST(a_plain_string_fills_one_column),
        TEST(tables_are_created_and_grow_when_allowed),
        TEST(a_new_required_field_is_refused),
        TEST(the_catalog_spells_names),
        TEST(defaults_are_escaped),
        TEST(topics_become_table_names),
        TEST(long_names_are_cut_once),
        TEST(views_and_partitions_are_written_when_listed),
        TEST(texts_become_what_the_column_is),
        TEST(times_follow_the_zones),
        TEST(nulls_become_defaults_when_asked),
        TEST(json_without_schema_takes_the_tables_types),
        TEST(a_lost_connection_is_the_environments),
        TEST(two_tasks_may_create_the_same_table),
        TEST(a_million_of_shapes_stays_small),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
