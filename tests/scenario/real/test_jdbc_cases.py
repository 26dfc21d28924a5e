"""What the JDBC connectors do, case by case, over PostgreSQL. Each case is a connector of its own; all of a kind run at once. The
numbers are those of the list of cases that the connectors were written by."""
import json

from confluent_kafka.admin import NewTopic

from rig.postgres import postgres, shared_postgres  # noqa: F401: fixtures
from rig.wait import until

CONFLUENT = "io.confluent.connect.jdbc.JdbcSourceConnector"
AIVEN = "io.aiven.connect.jdbc.JdbcSourceConnector"
SINK = "io.confluent.connect.jdbc.JdbcSinkConnector"
AIVEN_SINK = "io.aiven.connect.jdbc.JdbcSinkConnector"
JSON = "org.apache.kafka.connect.json.JsonConverter"
A = {"connector.class": AIVEN}
ONCE = {"poll.interval.ms": "3600000"}
BULK = {"mode": "bulk", **ONCE}
BY_ID = {"mode": "incrementing", "incrementing.column.name": "id"}
BY_TIME = {"mode": "timestamp", "timestamp.column.name": "at"}
NO_TABLE = {"table.whitelist": None}

# ---- configurations: settings over a good one, and the keys that must bear an error ----

CONFIGURATIONS = [
    ("1 Confluent wants a filter", NO_TABLE, {"table.whitelist"}),
    ("1 Aiven takes all tables", {**A, **NO_TABLE}, set()),
    ("2 old and new filters", {"table.include.list": "public.t"}, {"table.whitelist", "table.include.list"}),
    ("3 query and filter", {"query": "SELECT * FROM t"}, {"query"}),
    ("4 both lists", {"table.blacklist": "t"}, set()),
    ("5 exclude alone", {**NO_TABLE, "table.exclude.list": "public.t"}, {"table.exclude.list"}),
    ("5 a pattern with a comma", {**NO_TABLE, "table.include.list": "t{1,2}", "incrementing.column.name": None,
                                  "incrementing.column.mapping": ".*:id"}, {"table.include.list"}),
    ("6 no mapping", {**NO_TABLE, "table.include.list": ".*", "mode": "timestamp"}, {"timestamp.columns.mapping"}),
    ("6 mapping in bulk", {**NO_TABLE, "table.include.list": ".*", "mode": "bulk", "incrementing.column.name": None,
                           "timestamp.columns.mapping": ".*:[at]"}, {"timestamp.columns.mapping"}),
    ("9 blank in the prefix", {"topic.prefix": "a b"}, {"topic.prefix"}),
    ("9 dollar in the prefix", {"topic.prefix": "a$"}, {"topic.prefix"}),
    ("9 long prefix", {"topic.prefix": "a" * 250}, {"topic.prefix"}),
    ("9 blanks around", {"topic.prefix": " a "}, set()),
    ("10 lower case", {**NO_TABLE, "query": "select id from t"}, set()),
    ("11 two queries", {**NO_TABLE, "query": "SELECT id FROM t", "query.masked": "SELECT id FROM t"}, {"query.masked"}),
    ("11 masked", {**NO_TABLE, "query.masked": "SELECT id FROM t"}, set()),
    ("13 mixed case", {"numeric.mapping": "Best_Fit"}, {"numeric.mapping"}),
    ("13 upper case", {"numeric.mapping": "BEST_FIT"}, set()),
    ("14 nowhere", {"db.timezone": "Nowhere/City"}, {"db.timezone"}),
    ("14 somewhere", {"db.timezone": "America/Los_Angeles"}, set()),
    ("70 deletes without a record key", {"connector.class": SINK, "topics": "x", "delete.enabled": "true", "pk.mode": "record_value"},
     {"delete.enabled"}),
    ("74 update without a key", {"connector.class": SINK, "topics": "x", "insert.mode": "update"}, {"insert.mode"}),
]


def without_nulls(settings):
    return {key: value for key, value in settings.items() if value is not None}


def test_configurations_are_judged(kafka, workers, postgres):  # noqa: F811
    postgres.sql("CREATE TABLE t(id int PRIMARY KEY, at timestamp NOT NULL)")
    worker = workers(kafka.bootstrap).start()
    wrong = []
    for case, settings, keys in CONFIGURATIONS:
        config = without_nulls({"name": "judged", "connector.class": CONFLUENT, **postgres.connection(), "topic.prefix": "p-",
                                "table.whitelist": "t", **BY_ID, **settings})
        answer = worker.put(f"/connector-plugins/{config['connector.class']}/config/validate", json=config).json()
        found = {c["value"]["name"]: c["value"]["errors"] for c in answer["configs"] if c["value"]["errors"]}
        if not (keys <= set(found) if keys else not found):
            wrong.append((case, keys, found))
    worker.stop()
    assert not wrong, wrong


# ---- sources: SQL ({t} is the case's table), settings, the values that must come; then more SQL, and what comes of it ----

ROW = "CREATE TABLE {t}(id int PRIMARY KEY, at timestamp NOT NULL DEFAULT '2020-01-02'); "
THREE = ROW + "INSERT INTO {t} SELECT i FROM generate_series(1, 3) i"
MOMENT = "timestamp '2020-01-02 03:04:05.123456'"
NUMBERS = "CREATE TABLE {t} AS SELECT 7::numeric(8,0) AS a, 1.25::numeric(10,2) AS b, 1.5::numeric(20,5) AS c"


def ids(*numbers):
    return [{"id": number} for number in numbers]


def query(text):
    return {**NO_TABLE, "query": text}


def moment_as(granularity, value, **extra):
    return (f"57 {granularity}{''.join(extra.values())}", "CREATE TABLE {t} AS SELECT " + MOMENT + " AS at",
            {**BULK, "timestamp.granularity": granularity, **{key.replace("_", "."): v for key, v in extra.items()}}, [{"at": value}])


ONLY_ID = {"transforms": "id", "transforms.id.type": "org.apache.kafka.connect.transforms.ReplaceField$Value", "transforms.id.include": "id"}
SOURCES = [
    ("15 the URL's user wins", "SELECT 1", {**BULK, **query("SELECT current_user::text AS who"), "connection.user": "nobody",
                                            "connection.url": "{url}?user=postgres"}, [{"who": "postgres"}]),
    ("16 Confluent's suffix", THREE, {**BY_ID, **ONLY_ID, **ONCE, "query.suffix": "LIMIT 1"}, ids(1)),
    ("18 qualified", THREE, {**BY_ID, **ONLY_ID, "table.whitelist": "public.{t}"}, ids(1, 2, 3)),
    ("18 quoted", THREE, {**BY_ID, **ONLY_ID, "table.whitelist": '"public"."{t}"'}, ids(1, 2, 3)),
    ("25 view", "CREATE VIEW {t} AS SELECT 1 AS id", {**BULK, "table.types": "VIEW"}, ids(1)),
    ("25 partitioned", "CREATE TABLE {t}(id int) PARTITION BY LIST (id); CREATE TABLE {t}_1 PARTITION OF {t} DEFAULT; INSERT INTO {t} VALUES (1)",
     {**BULK, "table.types": "PARTITIONED TABLE"}, ids(1)),
    ("26 names are no patterns", "CREATE TABLE x26_b(id int NOT NULL); CREATE TABLE x26xb(id int); INSERT INTO x26_b VALUES (1)",
     {**BY_ID, "table.whitelist": "x26_b"}, ids(1)),
    ("28 incrementing", ROW + "INSERT INTO {t} VALUES (1)", {**BY_ID, **ONLY_ID}, ids(1),
     "UPDATE {t} SET at = '2021-01-01' WHERE id = 1; INSERT INTO {t} VALUES (2), (3)", ids(2, 3)),
    ("29 null and negative", "CREATE TABLE {t}(id int); INSERT INTO {t} VALUES (NULL), (-1), (0)", {**BY_ID, "validate.non.null": "false"},
     ids(0)),
    ("30 identity", "CREATE TABLE {t}(id int GENERATED ALWAYS AS IDENTITY, a int); INSERT INTO {t}(a) VALUES (5)", {"mode": "incrementing"},
     [{"id": 1, "a": 5}]),
    ("32 the future waits", ROW + "INSERT INTO {t} VALUES (1, now() AT TIME ZONE 'UTC' - interval '1 s'), "
     "(2, now() AT TIME ZONE 'UTC' + interval '1 h')", {**BY_TIME, **ONLY_ID}, ids(1)),
    ("33 the delay", ROW + "INSERT INTO {t} VALUES (1, now() AT TIME ZONE 'UTC' - interval '2 h'), "
     "(2, now() AT TIME ZONE 'UTC' - interval '30 min')", {**BY_TIME, **ONLY_ID, "timestamp.delay.interval.ms": "3600000"}, ids(1)),
    ("38 two timestamps", "CREATE TABLE {t}(id int, modified timestamp, created timestamp NOT NULL); INSERT INTO {t} VALUES "
     "(1, NULL, '2020-01-03'), (2, '2020-01-02', '2020-01-01'), (3, '2020-01-04', '2019-01-01')",
     {**BY_TIME, **ONLY_ID, "timestamp.column.name": "modified,created"}, ids(2, 1, 3)),
    ("39 initial", ROW + "INSERT INTO {t} SELECT i, timestamp '1970-01-01' + i * interval '1 s' FROM generate_series(4, 6) i",
     {**BY_TIME, **ONLY_ID, "timestamp.initial": "5000"}, ids(6)),
    ("40 Aiven's initial time", ROW + "INSERT INTO {t} SELECT i, timestamp '1970-01-01' + i * interval '1 s' FROM generate_series(4, 6) i",
     {**A, **BY_TIME, **ONLY_ID, "timestamp.initial.ms": "5000"}, ids(6)),
    ("40 Aiven's initial id", "CREATE TABLE {t}(id int NOT NULL); INSERT INTO {t} SELECT i FROM generate_series(9, 12) i",
     {**A, **BY_ID, "incrementing.initial": "10"}, ids(11, 12)),
    ("49 nullable, allowed", "CREATE TABLE {t}(id int); INSERT INTO {t} VALUES (1)", {**BY_ID, "validate.non.null": "false"}, ids(1)),
    ("12 55 precision_only", NUMBERS, {**BULK, "numeric.precision.mapping": "true"}, [{"a": 7, "b": "fQ==", "c": "Aknw"}]),
    ("55 best_fit", NUMBERS, {**BULK, "numeric.mapping": "best_fit"}, [{"a": 7, "b": 1.25, "c": "Aknw"}]),
    ("55 eager double", NUMBERS, {**BULK, "numeric.mapping": "best_fit_eager_double"}, [{"a": 7, "b": 1.25, "c": 1.5}]),
    ("55 none", NUMBERS, {**BULK, "numeric.mapping": "none"}, [{"a": "Bw==", "b": "fQ==", "c": "Aknw"}]),
    moment_as("connect_logical", 1577934245123),
    moment_as("connect_logical", 1577934245123 - 9 * 3600000, db_timezone="Asia/Tokyo"),
    moment_as("micros_long", 1577934245123456),
    moment_as("micros_string", "1577934245123456"),
    moment_as("micros_iso_datetime_string", "2020-01-02T03:04:05.123456"),
    moment_as("micros_iso_datetime_string", "2020-01-02T03:04:05.123456", db_timezone="Asia/Tokyo"),
    moment_as("nanos_long", 1577934245123456000),
    moment_as("nanos_string", "1577934245123456000"),
    moment_as("nanos_iso_datetime_string", "2020-01-02T03:04:05.123456000"),
    ("58 dates are UTC's", "CREATE TABLE {t} AS SELECT date '2020-01-02' AS d", {**BULK, "db.timezone": "America/New_York"}, [{"d": 18263}]),
    ("59 types", "CREATE TYPE mood59 AS ENUM ('sad'); CREATE DOMAIN name59 AS text; CREATE TABLE {t}(u uuid, j json, b jsonb, x xml, m mood59, "
     "n name59, i inet, a int[], v interval); INSERT INTO {t} VALUES ('0B0D0C0A-0000-0000-0000-000000000001', '{{\"a\":1}}', '{{\"a\":1}}', "
     "'<a/>', 'sad', 'n', '::1', '{{1}}', '1 s')", BULK,
     [{"u": "0b0d0c0a-0000-0000-0000-000000000001", "j": '{"a":1}', "b": '{"a": 1}', "x": "<a/>", "m": "sad", "n": "n"}]),
    ("60 bits", "CREATE TABLE {t} AS SELECT B'0101'::bit(4) AS a, B'1'::bit(1) AS b, B'000000000001'::bit(12) AS c", BULK,
     [{"a": 101, "b": True, "c": "MDAwMDAwMDAwMDAx"}]),
    ("61 a column comes and goes", "CREATE TABLE {t}(id int NOT NULL, a int); INSERT INTO {t} VALUES (1, 1)", BY_ID, [{"id": 1, "a": 1}],
     "ALTER TABLE {t} ADD b text, DROP a; INSERT INTO {t} VALUES (2, 'new')", [{"id": 2, "b": "new"}]),
    ("63 infinity", "CREATE TABLE {t} AS SELECT timestamp 'infinity' AS at", BULK, [{"at": 9223372036825200000}]),
]

# SQL, settings, what the trace of the failed task or connector says.
FAILING_SOURCES = [
    ("29 null beside a timestamp", "CREATE TABLE {t}(id int, at timestamp NOT NULL DEFAULT '2020-01-01'); INSERT INTO {t} VALUES (NULL)",
     {**BY_ID, **BY_TIME, "mode": "timestamp+incrementing", "validate.non.null": "false"}, "'id'"),
    ("49 nullable", "CREATE TABLE {t}(id int)", BY_ID, "'id'"),
    ("52 attempts", THREE, {**BULK, **query("SELECT id, 1 / (id - 2) AS x FROM {t}"), "poll.interval.ms": "10", "query.retry.attempts": "2"},
     "division by zero"),
]


def name_of(case):
    return "k" + "".join(c if c.isalnum() else "_" for c in case[0].lower())


def fill(text, table, server):
    return text.replace("{t}", table).replace("{url}", server.url).replace("{{", "{").replace("}}", "}")


def configuration(case, prefix, server):
    name = name_of(case)
    settings = without_nulls({"poll.interval.ms": "50", "table.whitelist": "{t}", **case[2]})
    of_query = "query" in settings
    return {"name": name, "connector.class": CONFLUENT, "topic.prefix": prefix + name if of_query else f"{prefix}",
            "value.converter": JSON, "value.converter.schemas.enable": "false", **server.connection(),
            **{key: fill(value, name, server) for key, value in settings.items()}}


def create_topics(topics, names):
    for future in topics.admin.create_topics([NewTopic(name, 1, 1) for name in names]).values():
        future.result(30)


def topic_of(case, prefix):
    return prefix + ("x26_b" if case[2].get("table.whitelist") == "x26_b" else name_of(case))


def values(topics, case, prefix):
    return [json.loads(value) for value in topics.values(topic_of(case, prefix))]


def test_rows_become_the_records_of_the_jdbc_connector(kafka, topics, folder, workers, postgres):  # noqa: F811
    prefix = f"{folder.name.rsplit('-', 1)[-1]}-"
    create_topics(topics, [topic_of(case, prefix) for case in SOURCES])
    worker = workers(kafka.bootstrap).start()
    for case in [*SOURCES, *FAILING_SOURCES]:
        postgres.sql(fill(case[1], name_of(case), postgres))
        worker.create(configuration(case, prefix, postgres))
    for case in SOURCES:
        until(lambda: values(topics, case, prefix) == case[3], f"{case[0]}: {case[3]}")
    for case in SOURCES:
        if len(case) > 4:
            postgres.sql(fill(case[4], name_of(case), postgres))
    for case in SOURCES:
        if len(case) > 4:
            until(lambda: values(topics, case, prefix) == case[3] + case[5], f"{case[0]}: {case[5]}")
    for case in FAILING_SOURCES:
        assert case[3] in worker.wait_failed(name_of(case)), case[0]
    worker.stop()


# ---- sinks: SQL before, settings, records, a statement, and its rows ----

def struct(*fields):
    """A schema; a field is its name and type, `?` for optional, or the whole."""
    def field(f):
        return f if isinstance(f, dict) else {"field": f[0], "type": f[1].rstrip("?"), "optional": f[1].endswith("?")}

    return {"type": "struct", "optional": False, "fields": [field(f) for f in fields]}


def of(schema, payload):
    return json.dumps({"schema": schema, "payload": payload})


INT, TEXT = {"type": "int32", "optional": False}, {"type": "string", "optional": False}
ID_A = struct(("id", "int32"), ("a", "string?"))
ID = struct(("id", "int32"))
UPSERT = {"insert.mode": "upsert", "pk.mode": "record_value", "pk.fields": "id"}
BY_KEY = {"insert.mode": "upsert", "pk.mode": "record_key", "pk.fields": "id"}
DELETES = {**BY_KEY, "delete.enabled": "true"}
CREATE = {"auto.create": "true"}
TABLE = "CREATE TABLE {t}(id int PRIMARY KEY, a text)"
ALL = "SELECT * FROM {t} ORDER BY 1"
COLUMNS = "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = '{t}' ORDER BY ordinal_position"
KEY_COLUMNS = ("SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) "
               "WHERE i.indrelid = '{t}'::regclass AND i.indisprimary ORDER BY a.attnum")
DAY = struct({"field": "d", "type": "int32", "name": "org.apache.kafka.connect.data.Date", "version": 1, "optional": False})


def row(number, text):
    return (None, of(ID_A, {"id": number, "a": text}))


def keyed(number, text):
    return (of(INT, number), None if text is None else of(struct(("a", "string?")), {"a": text}))


def arrays(**kinds):
    return struct(*({"field": name, "type": "array", "optional": False, "items": {"type": kind, "optional": False}} for name, kind in kinds.items()))


def with_default(value):
    return struct(("id", "int32"), {"field": "a", "type": "int32", "optional": True, "default": 7}), {"id": value, "a": None}


SINKS = [
    ("64 shapes", "CREATE TABLE {t}(id int, a text, b text)", {},
     [row(1, "x"), row(2, "x"), (None, of(struct(("id", "int32"), ("b", "string?")), {"id": 3, "b": "y"})), row(4, "x")],
     ALL, [["1", "x", None], ["2", "x", None], ["3", None, "y"], ["4", "x", None]]),
    ("65 the last wins", TABLE, UPSERT, [row(1, "old"), row(1, "new")], ALL, [["1", "new"]]),
    ("66 kafka key", "SELECT 1", {**CREATE, "pk.mode": "kafka", "insert.mode": "upsert"}, [(None, of(ID, {"id": 5}))] * 2, COLUMNS,
     [["__connect_topic", "text", "NO"], ["__connect_partition", "integer", "NO"], ["__connect_offset", "bigint", "NO"], ["id", "integer", "NO"]]),
    ("67 primitive key", TABLE, BY_KEY, [keyed(1, "x")], ALL, [["1", "x"]]),
    ("67 struct key", TABLE, BY_KEY, [(of(struct(("id", "int32"), ("z", "int32")), {"id": 1, "z": 2}), of(struct(("a", "string")), {"a": "x"}))],
     ALL, [["1", "x"]]),
    ("68 all fields are the key", "CREATE TABLE {t}(id int, a text, PRIMARY KEY (id, a))", {**UPSERT, "pk.fields": ""}, [row(1, "x"), row(1, "x"), row(1, "y")],
     ALL, [["1", "x"], ["1", "y"]]),
    ("69 listed fields", "SELECT 1", {**CREATE, **UPSERT, "fields.whitelist": "a"},
     [(None, of(struct(("id", "int32"), ("a", "string"), ("b", "string")), {"id": 1, "a": "x", "b": "y"}))], ALL, [["1", "x"]]),
    ("71 delete and insert", TABLE + "; INSERT INTO {t} VALUES (1, 'old')", DELETES, [keyed(1, None), keyed(1, "new")], ALL, [["1", "new"]]),
    ("72 insert and delete", TABLE, DELETES, [keyed(1, "x"), keyed(1, None), keyed(7, None), keyed(2, "y")], ALL, [["2", "y"]]),
    ("72 absent in insert mode", TABLE, {**DELETES, "insert.mode": "insert"}, [keyed(7, None), keyed(2, "y")], ALL, [["2", "y"]]),
    ("75 plain strings", "SELECT 1", CREATE, [(None, of(TEXT, "hello"))], ALL, [["hello"]]),
    ("77 a new optional field", "CREATE TABLE {t}(id int)", {"auto.evolve": "true"}, [row(1, "x")], ALL, [["1", "x"]]),
    ("77 a new field with a default", "CREATE TABLE {t}(id int); INSERT INTO {t} VALUES (1)", {"auto.evolve": "true"},
     [(None, of(struct(("id", "int32"), {"field": "a", "type": "int32", "optional": False, "default": 7}), {"id": 2, "a": 3}))], ALL,
     [["1", "7"], ["2", "3"]]),
    ("78 another case", 'CREATE TABLE {t}("Id" int, a text)', {"auto.evolve": "true"}, [row(1, "x")], ALL, [["1", "x"]]),
    ("79 quotes in a default", "SELECT 1", CREATE,
     [(None, of(struct(("id", "int32"), {"field": "a", "type": "string", "optional": False, "default": "it's"}), {"id": 1, "a": "x"}))],
     "INSERT INTO {t}(id) VALUES (2); SELECT * FROM {t} ORDER BY id", [["1", "x"], ["2", "it's"]]),
    ("80 dots in quotes", 'CREATE TABLE "a.{t}"(id int, a text)', {"table.name.format": '"a.{t}"'}, [row(1, "x")], 'SELECT * FROM "a.{t}"', [["1", "x"]]),
    ("80 schema and table", "CREATE SCHEMA s80; CREATE TABLE s80.{t}(id int, a text)", {"table.name.format": "s80.{t}"}, [row(1, "x")],
     "SELECT * FROM s80.{t}", [["1", "x"]]),
    ("80 normalised", "SELECT 1", {"connector.class": AIVEN_SINK, **CREATE, "table.name.format": "n-{t}.x", "table.name.normalize": "true"},
     [row(1, "x")], "SELECT * FROM n_{t}_x", [["1", "x"]]),
    ("80 mapped", "SELECT 1", {"connector.class": AIVEN_SINK, **CREATE, "table.name.format": None, "topics.to.tables.mapping": "{topic}:mapped80"},
     [row(1, "x")], "SELECT * FROM mapped80", [["1", "x"]]),
    ("81 long names", "SELECT 1", {**CREATE, "table.name.format": "l" * 64}, [row(1, "x")], f"SELECT * FROM {'l' * 63}", [["1", "x"]]),
    ("85 texts", "CREATE TYPE mood85 AS ENUM ('sad'); CREATE TABLE {t}(j json, b jsonb, u uuid, m mood85, i inet)", {},
     [(None, of(struct(*((name, "string") for name in "jbumi")),
                {"j": "{}", "b": "[1]", "u": "0b0d0c0a-0000-0000-0000-000000000001", "m": "sad", "i": "10.0.0.1"}))], ALL.replace("1", "3"),
     [["{}", "[1]", "0b0d0c0a-0000-0000-0000-000000000001", "sad", "10.0.0.1"]]),
    ("86 arrays", "SELECT 1", CREATE,
     [(None, of(arrays(a="int8", b="int32", c="string", d="double", e="boolean"),
                {"a": [1, -1], "b": [2], "c": ["x,\"y"], "d": [0.5], "e": [True, False]}))],
     "SELECT pg_typeof(a), pg_typeof(b), pg_typeof(c), pg_typeof(d), pg_typeof(e), a, b, c, d, e FROM {t}",
     [["smallint[]", "integer[]", "text[]", "double precision[]", "boolean[]", "{1,-1}", "{2}", '{"x,\\"y"}', "{0.5}", "{t,f}"]]),
    ("87 microseconds", "SELECT 1", {**CREATE, "timestamp.fields.list": "m"}, [(None, of(struct(("m", "int64")), {"m": 1577934245123456}))], ALL,
     [["2020-01-02 03:04:05.123456"]]),
    ("87 nanoseconds", "SELECT 1", {**CREATE, "timestamp.fields.list": "m", "timestamp.precision.mode": "nanoseconds"},
     [(None, of(struct(("m", "int64")), {"m": 1577934245123456789}))], ALL, [["2020-01-02 03:04:05.123457"]]),
    ("88 nulls become defaults", "CREATE TABLE {t}(id int, a int)", {}, [(None, of(*with_default(1)))], ALL, [["1", "7"]]),
    ("88 nulls stay", "CREATE TABLE {t}(id int, a int)", {"replace.null.with.default": "false", "value.converter.replace.null.with.default": "false"},
     [(None, of(*with_default(1)))], ALL, [["1", None]]),
    ("89 the database's zone", "SELECT 1", {**CREATE, "db.timezone": "America/New_York", "date.timezone": "DB_TIMEZONE"},
     [(None, of(DAY, {"d": 18263}))], ALL, [["2020-01-01"]]),
    ("89 UTC", "SELECT 1", {**CREATE, "db.timezone": "America/New_York", "date.timezone": "UTC"}, [(None, of(DAY, {"d": 18263}))], ALL, [["2020-01-02"]]),
    ("91 names are no patterns", "CREATE TABLE x91xb(other int)", {**CREATE, "table.name.format": "x91_b"}, [row(1, "x")], "SELECT * FROM x91_b", [["1", "x"]]),
]

# SQL before, settings, records, what the trace says, a statement that answers 0.
EMPTY = "SELECT count(*) FROM {t}"
FAILING_SINKS = [
    ("65 twice", TABLE, {"pk.mode": "record_value", "pk.fields": "id", "max.retries": "0"}, [row(1, "x"), row(1, "y")], "23505", EMPTY),
    ("67 no name for the key", TABLE, {**BY_KEY, "pk.fields": ""}, [keyed(1, "x")], "pk.fields", EMPTY),
    ("67 a field the key lacks", TABLE, {**BY_KEY, "pk.fields": "q"}, [(of(ID, {"id": 1}), of(ID_A, {"id": 1, "a": "x"}))], "'q'", EMPTY),
    ("73 a tombstone", TABLE, BY_KEY, [keyed(1, None)], "delete.enabled", EMPTY),
    ("75 a number", TABLE, {}, [(None, of(INT, 5))], "ConnectException", EMPTY),
    ("76 no table", "SELECT 1", {"max.retries": "10", "retry.backoff.ms": "600000"}, [row(1, "x")], "auto.create", "SELECT 0"),
    ("77 a new required field", "CREATE TABLE {t}(id int)", {"auto.evolve": "true"},
     [(None, of(struct(("id", "int32"), ("a", "int32")), {"id": 1, "a": 2}))], "'a'", EMPTY),
]


def sink(case, prefix, server):
    table = name_of(case)
    settings = without_nulls({"table.name.format": table, **case[2]})
    return {"name": table, "connector.class": SINK, "topics": prefix + table, "key.converter": JSON, "value.converter": JSON, **server.connection(),
            **{key: fill(value, table, server).replace("{topic}", prefix + table) for key, value in settings.items()}}


def test_records_become_the_rows_of_the_jdbc_connector(kafka, topics, folder, workers, postgres):  # noqa: F811
    prefix = f"{folder.name.rsplit('-', 1)[-1]}-"
    cases = [*SINKS, *FAILING_SINKS]
    create_topics(topics, [prefix + name_of(case) for case in cases])
    worker = workers(kafka.bootstrap).start()
    for case in cases:
        postgres.sql(fill(case[1], name_of(case), postgres))
        topics.produce(prefix + name_of(case), case[3])
        worker.create(sink(case, prefix, postgres))
    for case in SINKS:
        until(lambda: postgres.sql(fill(case[4], name_of(case), postgres)) == case[5], f"{case[0]}: {case[5]}")
    for case in FAILING_SINKS:
        assert case[4] in worker.wait_failed(name_of(case)), case[0]
        assert postgres.one(fill(case[5], name_of(case), postgres)) == "0", case[0]
    for case in SINKS:
        worker.wait_state(name_of(case))
    worker.stop()


# ---- which tables, and which task reads them ----


def test_tables_are_found_and_spread_as_by_the_jdbc_connector(kafka, topics, folder, workers, postgres):  # noqa: F811
    prefix = f"{folder.name.rsplit('-', 1)[-1]}-"
    postgres.sql("".join(f"CREATE TABLE t{i}(id int NOT NULL);" for i in range(1, 9)) + "INSERT INTO t1 VALUES (1);"
                 "DROP SCHEMA IF EXISTS s1, s2 CASCADE; CREATE SCHEMA s1; CREATE SCHEMA s2; CREATE TABLE s1.same(id int); CREATE TABLE s2.same(id int)")
    create_topics(topics, [f"{prefix}t{i}" for i in (1, 9)])
    worker = workers(kafka.bootstrap).start()

    def create(name, **settings):
        worker.create(without_nulls({"name": name, "connector.class": CONFLUENT, **postgres.connection(), "topic.prefix": prefix, "mode": "bulk", **ONCE,
                                     "value.converter": JSON, "value.converter.schemas.enable": "false", "table.poll.interval.ms": "200",
                                     **{key.replace("_", "."): value for key, value in settings.items()}}))

    def spread(name):
        tasks = worker.get(f"/connectors/{name}/tasks").json()
        return [len(task["config"]["tables"].split(",")) for task in tasks]

    # 17: contiguous parts, the first ones larger; never more tasks than tables; a query is one task.
    create("eight", table_whitelist=",".join(f"t{i}" for i in range(1, 9)), tasks_max="3")
    create("two", table_whitelist="t1,t2", tasks_max="5")
    create("query", query="SELECT 1 AS id", tasks_max="5", topic_prefix=prefix + "t1")
    worker.wait_state("eight", tasks=3)
    worker.wait_state("two", tasks=2)
    worker.wait_state("query", tasks=1)
    assert spread("eight") == [3, 3, 2]

    # 18, 23: names are exact; nothing to read is no failure.
    create("none", table_whitelist="T1")
    worker.wait_state("none", tasks=0)

    # 19: two tables of a name would share a topic: none is read, and it is looked again.
    create("same", table_whitelist="same", tasks_max="1")
    create("one", table_whitelist="same", schema_pattern="s1", tasks_max="1")
    worker.wait_state("one", tasks=1)
    until(lambda: "duplicate unqualified table names: 'same'" in worker.log_text(), "the reason in the log")
    worker.wait_state("same", tasks=0)

    # 20, 21: tables come and go while it runs; what was read before is not read again.
    create("moving", table_include_list=r"public\.t[19]", mode="incrementing", incrementing_column_mapping=".*:id", tasks_max="2")
    worker.wait_state("moving", tasks=1)
    postgres.sql("CREATE TABLE t9(id int NOT NULL); INSERT INTO t9 VALUES (9)")
    worker.wait_state("moving", tasks=2)
    until(lambda: topics.values(f"{prefix}t9") == ['{"id":9}'], "the new table's row")
    postgres.sql("DROP TABLE t9")
    worker.wait_state("moving", tasks=1)
    worker.stop()
