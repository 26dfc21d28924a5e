"""PostgreSQL and topics through the real binary, by the JDBC connectors' class names."""
import json

import pytest

from rig.postgres import postgres, shared_postgres  # noqa: F401: fixtures
from rig.topics import Topics
from rig.wait import until

SOURCE = "io.confluent.connect.jdbc.JdbcSourceConnector"
SINK = "io.confluent.connect.jdbc.JdbcSinkConnector"
JSON = {"value.converter": "org.apache.kafka.connect.json.JsonConverter"}


def source(server, **extra):
    return {"name": "from-postgres", "connector.class": SOURCE, **server.connection(), "topic.prefix": "p-",
            "poll.interval.ms": "50", "table.whitelist": "t", "mode": "incrementing", "incrementing.column.name": "id",
            **JSON, **extra}


def sink(server, topics, **extra):
    return {"name": "to-postgres", "connector.class": SINK, **server.connection(), "topics": topics, **JSON, **extra}


PLAIN = {"value.converter.schemas.enable": "false"}  # small records: the mock broker keeps five megabytes


def ids(topics, name):
    return [json.loads(value)["id"] for value in topics.values(name)]


def test_a_table_is_copied_row_by_row(mock, workers, postgres):  # noqa: F811
    mock.topic("p-t", 1)
    postgres.sql("CREATE TABLE t(id bigint primary key, a text, n numeric(10,2) not null, ts timestamp, u uuid, j jsonb);"
                 "INSERT INTO t SELECT i, 'row ' || i, i / 100.0, timestamp '2020-01-02 03:04:05.678' + i * interval '1 hour',"
                 "gen_random_uuid(), '{\"a\": 1}' FROM generate_series(1, 4000) i")
    worker = workers(mock.bootstrap).start(source(postgres), sink(postgres, "p-t", **{
        "auto.create": "true", "table.name.format": "copy", "insert.mode": "upsert", "pk.mode": "record_value", "pk.fields": "id"}))
    until(lambda: postgres.one("SELECT count(*) FROM pg_tables WHERE tablename = 'copy'") == "1", "the table")
    until(lambda: postgres.one("SELECT count(*) FROM copy") == "4000", "all rows")
    assert postgres.sql("SELECT id, a, n, ts, u::text, j::text FROM t EXCEPT SELECT id, a, n, ts, u, j FROM copy") == []
    worker.stop()


def test_updates_and_deletes_follow_the_key(mock, workers, postgres):  # noqa: F811
    mock.topic("keyed", 1)
    topics = Topics(mock.bootstrap)
    postgres.sql("CREATE TABLE keyed(id int primary key, a text)")
    worker = workers(mock.bootstrap).start(sink(postgres, "keyed", **{
        "key.converter": "org.apache.kafka.connect.json.JsonConverter", "key.converter.schemas.enable": "false",
        "value.converter.schemas.enable": "false", "insert.mode": "upsert", "pk.mode": "record_key", "pk.fields": "id",
        "delete.enabled": "true"}))
    topics.produce("keyed", [("1", '{"a":"x"}'), ("2", '{"a":"y"}'), ("1", '{"a":"z"}'), ("2", None), ("3", '{"a":"w"}')])
    until(lambda: postgres.sql("SELECT * FROM keyed ORDER BY id") == [["1", "z"], ["3", "w"]], "the last state of each key")
    worker.stop()


def test_a_bad_record_goes_to_the_dead_letters_alone(mock, workers, postgres):  # noqa: F811
    for name in ("bad", "dead"):
        mock.topic(name, 1)
    topics = Topics(mock.bootstrap)
    postgres.sql("CREATE TABLE bad(id int primary key, a varchar(5))")
    topics.produce("bad", [(None, json.dumps({"id": i, "a": "too long" if i == 57 else "ok"})) for i in range(100)])
    worker = workers(mock.bootstrap).start(sink(postgres, "bad", **{
        "value.converter.schemas.enable": "false", "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "dead",
        "errors.deadletterqueue.topic.replication.factor": "1", "errors.deadletterqueue.context.headers.enable": "true",
        "max.retries": "1", "retry.backoff.ms": "10"}))
    until(lambda: postgres.one("SELECT count(*) FROM bad") == "99", "the good rows")
    until(lambda: topics.count("dead") == 1, "the dead letter")
    message = topics.read("dead")[0]
    assert json.loads(message.value())["id"] == 57
    headers = {name: value.decode() for name, value in message.headers()}
    assert "22001" in str(headers) or "too long" in str(headers)
    worker.stop()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_of_the_server_loses_and_repeats_nothing(mock, workers, postgres, mode):  # noqa: F811
    mock.topic("p-t", 1)
    topics = Topics(mock.bootstrap)
    postgres.sql("CREATE TABLE t(id int primary key, a text); CREATE TABLE copy(id int primary key, a text)")
    worker = workers(mock.bootstrap).start(source(postgres, **PLAIN), sink(postgres, "p-t", **PLAIN, **{
        "table.name.format": "copy", "insert.mode": "upsert", "pk.mode": "record_value", "pk.fields": "id",
        "max.retries": "100", "retry.backoff.ms": "200"}))
    for turn in range(3):
        postgres.sql(f"INSERT INTO t SELECT i, repeat('x', 50) FROM generate_series({turn * 10000 + 1}, {turn * 10000 + 10000}) i")
        postgres.restart(mode)
    until(lambda: postgres.one("SELECT count(*) FROM copy") == "30000", "all rows", 60)
    assert ids(topics, "p-t") == list(range(1, 30001))
    worker.wait_state("from-postgres")
    worker.wait_state("to-postgres")
    worker.stop()


def test_killed_again_and_again_it_loses_nothing(mock, workers, postgres):  # noqa: F811
    mock.topic("p-t", 1)
    postgres.sql("CREATE TABLE t(id int primary key, a text); CREATE TABLE copy(id int primary key, a text);"
                 "INSERT INTO t SELECT i, repeat('x', 50) FROM generate_series(1, 40000) i")
    connectors = (source(postgres, **PLAIN), sink(postgres, "p-t", **PLAIN, **{
        "table.name.format": "copy", "insert.mode": "upsert", "pk.mode": "record_value", "pk.fields": "id",
        "consumer.override.session.timeout.ms": "6000"}))
    worker = workers(mock.bootstrap, settings={"connector.client.config.override.policy": "All"})
    for wanted in (5000, 15000, 25000):
        worker.start(*connectors)
        until(lambda: int(postgres.one("SELECT count(*) FROM copy")) >= wanted, f"{wanted} rows", 60)
        worker.kill()
    worker.start(*connectors)
    until(lambda: postgres.one("SELECT count(*) FROM copy") == "40000", "all rows", 60)
    assert postgres.sql("SELECT * FROM t EXCEPT SELECT * FROM copy") == []
    worker.stop()
