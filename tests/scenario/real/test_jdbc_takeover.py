"""Offsets that the JVM's JDBC connectors left in a cluster's offset topic, byte for byte: connectd goes on behind them, and what
it leaves is in their bytes, so that they could go on in turn."""
import json
import sqlite3

from confluent_kafka import TopicPartition
from confluent_kafka.admin import NewTopic

from rig.postgres import postgres, shared_postgres  # noqa: F401: fixtures
from rig.wait import until

CONFLUENT = "io.confluent.connect.jdbc.JdbcSourceConnector"
AIVEN = "io.aiven.connect.jdbc.JdbcSourceConnector"
JVM_PARTITIONER = {"partitioner": "murmur2_random"}  # the same record of the same key must be on the JVM's partition

BY_ID = {"mode": "incrementing", "incrementing.column.name": "id"}
BY_TIME = {"mode": "timestamp", "timestamp.column.name": "at"}
BY_BOTH = {**BY_ID, **BY_TIME, "mode": "timestamp+incrementing"}
BULK = {"mode": "bulk", "poll.interval.ms": "600000"}
QUERY = {"query": "SELECT * FROM {table}"}

# Row i is stamped i seconds and 123456 microseconds after this second.
SECOND = 1577934240
LEGACY_STAMP = '{"timestamp":%d}' % ((SECOND + 3) * 1000 + 123)
EARLIER = [4, 5, 6]  # rows the JVM never read, there before connectd
LATER = [7, 8]
ALL = [1, 2, 3, *EARLIER, *LATER]


def v1(table):
    return '{"protocol":"1","table":"%s"}' % table


def v0(table):
    return '{"table":"%s"}' % table


OF_QUERY = '{"query":"query"}'


def id_of(row):
    return '{"incrementing":%d}' % row


def time_of(row, nanos=123456000):
    return '{"timestamp_nanos":%d,"timestamp":%d}' % (nanos, (SECOND + row) * 1000 + nanos // 1000000)


def both_of(row, nanos=123456000):
    return '{"timestamp_nanos":%d,"incrementing":%d,"timestamp":%d}' % (nanos, row, (SECOND + row) * 1000 + nanos // 1000000)


# name (also of the table): class, settings, what is stored as (partition, offset), the rows that must come, what must be stored
# for the last row. An offset of None is a tombstone.
POSTGRES = {
    "c_id": (CONFLUENT, BY_ID, [(v1("public.c_id"), id_of(3))], EARLIER + LATER, (v1("public.c_id"), id_of(8))),
    "c_id_before_5": (CONFLUENT, BY_ID, [(v0("c_id_before_5"), id_of(3))], EARLIER + LATER, (v1("public.c_id_before_5"), id_of(8))),
    "c_id_10_9_4": (CONFLUENT, BY_ID, [(v1("postgres.public.c_id_10_9_4"), id_of(3))], EARLIER + LATER,
                    (v1("public.c_id_10_9_4"), id_of(8))),
    "c_id_two_forms": (CONFLUENT, BY_ID, [(v1("public.c_id_two_forms"), id_of(3)), (v0("c_id_two_forms"), id_of(6))],
                       EARLIER + LATER, (v1("public.c_id_two_forms"), id_of(8))),
    "c_id_rewritten": (CONFLUENT, BY_ID, [(v1("public.c_id_rewritten"), id_of(row)) for row in (1, 6, 3)], EARLIER + LATER,
                       (v1("public.c_id_rewritten"), id_of(8))),
    "c_id_reset": (CONFLUENT, BY_ID, [(v1("public.c_id_reset"), id_of(6)), (v1("public.c_id_reset"), None)], ALL,
                   (v1("public.c_id_reset"), id_of(8))),
    "c_id_query": (CONFLUENT, {**BY_ID, **QUERY}, [(OF_QUERY, id_of(3))], EARLIER + LATER, (OF_QUERY, id_of(8))),
    "c_id_of_both": (CONFLUENT, BY_ID, [(v1("public.c_id_of_both"), both_of(3))], EARLIER + LATER, (v1("public.c_id_of_both"), id_of(8))),
    "c_id_odd": (CONFLUENT, BY_ID, [(v1('Größe \\"x\\\\y\\".c_id_odd'), id_of(3))], EARLIER + LATER,
                 (v1('Größe \\"x\\\\y\\".c_id_odd'), id_of(8))),
    "c_time": (CONFLUENT, BY_TIME, [(v1("public.c_time"), time_of(3))], EARLIER + LATER, (v1("public.c_time"), time_of(8))),
    "c_time_ms": (CONFLUENT, BY_TIME, [(v1("public.c_time_ms"), LEGACY_STAMP)], [3, *EARLIER, *LATER],
                  (v1("public.c_time_ms"), time_of(8))),  # .123456 is behind .123: the JVM reads row 3 again as well
    "c_time_none_yet": (CONFLUENT, {**BY_TIME, "timestamp.initial": "1577934244000"}, [(v1("public.c_time_none_yet"), "{}")], ALL,
                        (v1("public.c_time_none_yet"), time_of(8))),
    "c_time_query": (CONFLUENT, {**BY_TIME, **QUERY}, [(OF_QUERY, time_of(3))], EARLIER + LATER, (OF_QUERY, time_of(8))),
    "c_both": (CONFLUENT, BY_BOTH, [(v1("public.c_both"), both_of(3))], EARLIER + LATER, (v1("public.c_both"), both_of(8))),
    "c_both_query": (CONFLUENT, {**BY_BOTH, **QUERY}, [(OF_QUERY, both_of(3))], EARLIER + LATER, (OF_QUERY, both_of(8))),
    "c_both_of_id": (CONFLUENT, BY_BOTH, [(v1("public.c_both_of_id"), id_of(3))], ALL, (v1("public.c_both_of_id"), both_of(8))),
    "c_bulk": (CONFLUENT, BULK, [(v0("c_bulk"), None)], [1, 2, 3, *EARLIER], (v0("c_bulk"), None)),
    "c_bulk_query": (CONFLUENT, {**BULK, **QUERY}, [(OF_QUERY, id_of(3))], [1, 2, 3, *EARLIER], (OF_QUERY, None)),
    "a_id": (AIVEN, BY_ID, [(v1("public.a_id"), id_of(3))], EARLIER + LATER, (v1("public.a_id"), id_of(8))),
    "a_id_bare": (AIVEN, {**BY_ID, "table.names.qualify": "false"}, [(v1("a_id_bare"), id_of(3))], EARLIER + LATER,
                  (v1("a_id_bare"), id_of(8))),
    "a_id_query": (AIVEN, {**BY_ID, **QUERY}, [(OF_QUERY, id_of(3))], EARLIER + LATER, (OF_QUERY, id_of(8))),
    "a_time": (AIVEN, BY_TIME, [(v1("public.a_time"), time_of(3))], EARLIER + LATER, (v1("public.a_time"), time_of(8))),
    "a_both": (AIVEN, BY_BOTH, [(v1("public.a_both"), both_of(3))], EARLIER + LATER, (v1("public.a_both"), both_of(8))),
    "a_bulk": (AIVEN, BULK, [(v0("a_bulk"), None)], [1, 2, 3, *EARLIER], (v0("a_bulk"), None)),
}

# SQLite keeps milliseconds.
SQLITE = {
    "lite_id": (CONFLUENT, BY_ID, [(v1("lite_id"), id_of(3))], EARLIER + LATER, (v1("lite_id"), id_of(8))),
    "lite_id_before_5": (CONFLUENT, BY_ID, [(v0("lite_id_before_5"), id_of(3))], EARLIER + LATER, (v1("lite_id_before_5"), id_of(8))),
    "lite_time": (CONFLUENT, BY_TIME, [(v1("lite_time"), time_of(3, 123000000))], EARLIER + LATER,
                  (v1("lite_time"), time_of(8, 123000000))),
    "lite_both": (AIVEN, BY_BOTH, [(v1("lite_both"), both_of(3, 123000000))], EARLIER + LATER,
                  (v1("lite_both"), both_of(8, 123000000))),
    "lite_query": (CONFLUENT, {**BY_ID, **QUERY}, [(OF_QUERY, id_of(3))], EARLIER + LATER, (OF_QUERY, id_of(8))),
    "lite_bulk": (AIVEN, BULK, [(v0("lite_bulk"), None)], [1, 2, 3, *EARLIER], (v0("lite_bulk"), None)),
}
CASES = {**POSTGRES, **SQLITE}
ODD_SCHEMA = 'Größe "x\\y"'


class Databases:
    def __init__(self, server, path):
        self.server, self.path = server, path
        server.sql(f"CREATE SCHEMA {quoted(ODD_SCHEMA)};"
                   + ";".join(f"CREATE TABLE {table_of(name)}(id bigint PRIMARY KEY, at timestamp NOT NULL)" for name in POSTGRES))
        with sqlite3.connect(path) as db:
            db.executescript(";".join(f"CREATE TABLE {name}(id INTEGER PRIMARY KEY NOT NULL, at TIMESTAMP NOT NULL)" for name in SQLITE))

    def insert(self, *rows):
        self.server.sql(";".join(f"INSERT INTO {table_of(name)} SELECT i, to_timestamp({SECOND} + i) AT TIME ZONE 'UTC' + "
                                 f"interval '123456 us' FROM unnest(ARRAY{list(rows)}) i" for name in POSTGRES))
        with sqlite3.connect(self.path, timeout=10) as db:
            for name in SQLITE:
                db.executemany(f"INSERT INTO {name} VALUES (?, ?)", [(i, (SECOND + i) * 1000 + 123) for i in rows])

    def settings(self, name):
        return {"connection.url": f"jdbc:sqlite:{self.path}"} if name in SQLITE else self.server.connection()


class Rows:
    """The ids that came, by case, in their order."""

    def __init__(self, topics, prefix):
        self.prefix = prefix
        self.ids = {name: [] for name in CASES}
        created = topics.admin.create_topics([NewTopic(prefix + name, 1, 1) for name in CASES])
        for future in created.values():
            future.result(30)
        self.consumer = topics.consumer()
        self.consumer.assign([TopicPartition(prefix + name, 0, 0) for name in CASES])

    def are(self, wanted):
        """Whether they came; what is still wrong is told when they do not."""
        for message in self.consumer.consume(1000, 0.2):
            assert message.error() is None, message.error()
            self.ids[message.topic()[len(self.prefix):]].append(json.loads(message.value())["id"])
        wrong = {name: self.ids[name] for name in CASES if self.ids[name] != wanted[name]}
        assert not wrong, wrong
        return True


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def table_of(name):
    return f"{quoted(ODD_SCHEMA)}.{name}" if name == "c_id_odd" else name


def connector_of(name):
    return f"{name} größer/\"x\"" if name == "c_id_odd" else name


def configuration(name, prefix, databases):
    kind, settings, *_ = CASES[name]
    of_query = "query" in settings
    settings = {key: value.replace("{table}", name) for key, value in settings.items()}
    return {"name": connector_of(name), "connector.class": kind, "poll.interval.ms": "50", "batch.max.rows": "2",
            "topic.prefix": prefix + name if of_query else prefix, **({} if of_query else {"table.whitelist": name}),
            "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
            **databases.settings(name), **settings}


def stored(name, partition, offset):
    key = f"[{json.dumps(connector_of(name), ensure_ascii=False)},{partition}]"
    return key.encode(), None if offset is None else offset.encode()


def check_left(messages):
    """The last record of each key is the JVM's, no key has another form, and each key keeps to its partition."""
    last, places = {}, {}
    for message in messages:
        last[message.key()] = message.value()
        places.setdefault(message.key(), set()).add(message.partition())
    wanted = {}
    for name, (_, _, before, _, after) in CASES.items():
        wanted.update(stored(name, *offset) for offset in [*before, after])
    assert last == wanted
    assert {key: place for key, place in places.items() if len(place) > 1} == {}


def test_offsets_of_the_jdbc_connectors_go_on_in_their_own_bytes(kafka, topics, folder, workers, postgres):  # noqa: F811
    prefix = f"jt-{folder.name.rsplit('-', 1)[-1]}-"
    databases = Databases(postgres, folder / "lite.db")
    databases.insert(1, 2, 3, *EARLIER)
    rows = Rows(topics, prefix)
    worker = workers(kafka.bootstrap, "distributed", {"topic.creation.enable": "false"})
    offsets = topics.create(worker.settings["offset.storage.topic"], 5, **{"cleanup.policy": "compact"})
    topics.produce(offsets, [stored(name, *offset) for name, case in CASES.items() for offset in case[2]], **JVM_PARTITIONER)

    worker.start()
    for name in CASES:
        worker.create(configuration(name, prefix, databases))
    until(lambda: rows.are({name: [i for i in case[3] if i not in LATER] for name, case in CASES.items()}), "the rows the JVM had not read")
    databases.insert(*LATER)
    until(lambda: rows.are({name: case[3] for name, case in CASES.items()}), "new rows")
    worker.stop()
    check_left(topics.read(offsets))

    # And behind its own: row 9 follows at once. Bulk begins again.
    databases.insert(9)
    worker.start()
    until(lambda: rows.are({name: case[3] + (list(range(1, 10)) if case[1].get("mode") == "bulk" else [9]) for name, case in CASES.items()}),
          "the row inserted while nobody ran")
    worker.stop()
    rows.consumer.close()
