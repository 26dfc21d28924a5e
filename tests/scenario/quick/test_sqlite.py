"""SQLite files and topics through the real binary, by the JDBC connectors' class names."""
import json
import sqlite3

from rig.topics import Topics
from rig.wait import until

SOURCE = "io.confluent.connect.jdbc.JdbcSourceConnector"
SINK = "io.aiven.connect.jdbc.JdbcSinkConnector"
JSON = {"value.converter": "org.apache.kafka.connect.json.JsonConverter"}


def source(path, **extra):
    return {"name": "from-sqlite", "connector.class": SOURCE, "connection.url": f"jdbc:sqlite:{path}", "mode": "incrementing",
            "table.include.list": ".*", "incrementing.column.mapping": ".*:id", "topic.prefix": "s-", "poll.interval.ms": "50",
            "table.poll.interval.ms": "300", "tasks.max": "2", **JSON, **extra}


def sink(path, topics, **extra):
    return {"name": "to-sqlite", "connector.class": SINK, "connection.url": f"jdbc:sqlite:{path}", "topics": topics,
            "auto.create": "true", "auto.evolve": "true", "insert.mode": "upsert", "pk.mode": "record_value", "pk.fields": "id",
            **JSON, **extra}


def rows(path, text):
    with sqlite3.connect(path, timeout=10) as db:
        return db.execute(text).fetchall()


def make(path, text):
    with sqlite3.connect(path, timeout=10) as db:
        db.executescript(text)


def test_a_table_becomes_a_topic_and_a_table_again(mock, workers, folder):
    mock.topic("s-t", 1)
    make(folder / "a.db", "PRAGMA journal_mode=WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT NOT NULL, x DOUBLE, b BLOB);"
                          "INSERT INTO t VALUES (1, 'it''s', 0.5, x'00ff'), (2, 'zwei', NULL, NULL)")
    worker = workers(mock.bootstrap).start(source(folder / "a.db"), sink(folder / "b.db", "s-t"))

    until(lambda: (folder / "b.db").exists() and rows(folder / "b.db", "SELECT name FROM sqlite_master"), "the table")
    until(lambda: rows(folder / "b.db", 'SELECT * FROM "s-t" ORDER BY id') == rows(folder / "a.db", "SELECT * FROM t"), "both rows")
    first = json.loads(Topics(mock.bootstrap).values("s-t")[0])
    assert first["schema"]["name"] == "t"
    assert [f["type"] for f in first["schema"]["fields"]] == ["int32", "string", "double", "bytes"]
    make(folder / "a.db", "INSERT INTO t VALUES (3, 'drei', 1e300, x'')")
    until(lambda: len(rows(folder / "b.db", 'SELECT * FROM "s-t"')) == 3, "the third row")
    worker.stop()


def test_after_a_clean_stop_nothing_is_lost_and_nothing_repeated(mock, workers, folder):
    mock.topic("s-t", 1)
    make(folder / "a.db", "CREATE TABLE t(id INTEGER PRIMARY KEY)")
    worker = workers(mock.bootstrap)
    topics = Topics(mock.bootstrap)
    for turn in range(3):
        make(folder / "a.db", "".join(f"INSERT INTO t DEFAULT VALUES;" for _ in range(500)))
        worker.start(source(folder / "a.db"))
        until(lambda: topics.count("s-t") >= 500 * (turn + 1), "the rows of this turn")
        worker.stop()
    ids = [json.loads(value)["payload"]["id"] for value in topics.values("s-t")]
    assert ids == list(range(1, 1501))


def test_a_new_table_is_noticed(mock, workers, folder):
    for name in ("s-t", "s-u"):
        mock.topic(name, 1)
    make(folder / "a.db", "CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)")
    topics = Topics(mock.bootstrap)
    worker = workers(mock.bootstrap).start(source(folder / "a.db"))
    until(lambda: topics.count("s-t") == 1, "the first table's row")
    make(folder / "a.db", "CREATE TABLE u(id INTEGER PRIMARY KEY); INSERT INTO u VALUES (7)")
    until(lambda: topics.count("s-u") == 1, "the new table's row")
    worker.wait_state("from-sqlite", tasks=2)
    assert topics.count("s-t") == 1
    worker.stop()


def test_what_is_wrong_with_a_configuration_is_told(mock, workers, folder):
    worker = workers(mock.bootstrap).start()
    config = {**source(folder / "nosuch" / "a.db"), "numeric.mapping": "Best_Fit", "mode": "incremental"}
    answer = worker.put(f"/connector-plugins/{SOURCE}/config/validate", json=config).json()
    errors = {c["value"]["name"]: c["value"]["errors"] for c in answer["configs"] if c["value"]["errors"]}
    assert set(errors) >= {"mode", "numeric.mapping"}, errors
    assert "incremental" in errors["mode"][0]
    worker.stop()
