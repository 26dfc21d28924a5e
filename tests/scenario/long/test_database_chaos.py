"""PostgreSQL -> Kafka -> PostgreSQL while everything dies in turn, and rows of uncommon size and number."""
import itertools
import json
import os
import threading
import time

from rig.postgres import postgres, shared_postgres  # noqa: F401: fixtures
from rig.topics import Topics
from rig.wait import until

SOURCE = "io.confluent.connect.jdbc.JdbcSourceConnector"
SINK = "io.confluent.connect.jdbc.JdbcSinkConnector"
PLAIN = {"value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false"}

ROWS = 1_000_000
KEYS = 250_000  # each is written ROWS / KEYS times: the last version must win
BURST = 25_000
LONG_TABLE = int(os.environ.get("LONG_TABLE_ROWS", "2000000"))
MEMORY_KB = 64 * 1024


def source(server, **extra):
    return {"name": "chaos-source", "connector.class": SOURCE, **server.connection(), "topic.prefix": "c-", "table.whitelist": "t",
            "mode": "incrementing", "incrementing.column.name": "seq", "poll.interval.ms": "50", **PLAIN, **extra}


def sink(server, **extra):
    return {"name": "chaos-sink", "connector.class": SINK, **server.connection(), "topics": "c-t", "table.name.format": "copy",
            "insert.mode": "upsert", "pk.mode": "record_value", "pk.fields": "key", "max.retries": "1000", "retry.backoff.ms": "200",
            "consumer.override.session.timeout.ms": "6000", "consumer.override.heartbeat.interval.ms": "1000", **PLAIN, **extra}


class Writer(threading.Thread):
    """A program that keeps inserting, whatever happens to its server: each burst is one transaction."""

    def __init__(self, server):
        super().__init__()
        self.server = server
        self.failure = None

    def run(self):
        try:
            for first in range(1, ROWS + 1, BURST):
                until(lambda: self.insert(first) is not None, f"rows from {first} inserted", 120)
        except AssertionError as error:
            self.failure = error

    def insert(self, first):
        return self.server.sql(f"INSERT INTO t SELECT i, i % {KEYS}, 'version ' || i FROM generate_series({first}, {first + BURST - 1}) i "
                               "ON CONFLICT DO NOTHING")


def arrived(server):
    return int(server.one("SELECT coalesce(max(seq), 0) FROM copy"))


def check_order(numbers, faults):
    """Nothing is missing; order is kept but for jumps back after a fault."""
    missing = ROWS - len(set(numbers))
    assert missing == 0 and min(numbers) == 1 and max(numbers) == ROWS, f"{missing} lost"
    steps = [(before, after) for before, after in itertools.pairwise(numbers) if after != before + 1]
    assert all(after <= before for before, after in steps), f"gaps: {steps}"
    assert len(steps) <= faults, f"{len(steps)} repetitions after {faults} faults: {steps}"
    return len(numbers) - ROWS


def test_a_million_rows_survive_kills_and_restarts_of_everything(own_kafka, workers, postgres):  # noqa: F811
    topics = Topics(own_kafka.bootstrap)
    topics.create("c-t", 1)
    postgres.sql("CREATE TABLE t(seq bigint PRIMARY KEY, key int, text text); CREATE TABLE copy(key int PRIMARY KEY, seq bigint, text text)")
    worker = workers(own_kafka.bootstrap, settings={"connector.client.config.override.policy": "All"})
    connectors = (source(postgres), sink(postgres))

    def kill_connectd():
        worker.kill()
        worker.start(*connectors)

    def restart_kafka():
        own_kafka.stop()
        own_kafka.start()

    def kill_kafka():
        own_kafka.kill()
        own_kafka.start()

    def kill_both():
        worker.kill()
        postgres.restart("immediate")
        worker.start(*connectors)

    faults = [kill_connectd, lambda: postgres.restart("immediate"), kill_connectd, restart_kafka, kill_connectd, kill_kafka,
              kill_both, lambda: postgres.restart("fast"), kill_connectd]
    writer = Writer(postgres)
    worker.start(*connectors)
    writer.start()
    for turn, fault in enumerate(faults, 1):
        until(lambda: arrived(postgres) >= ROWS * turn // (len(faults) + 1), f"rows for fault {turn}", 90)
        fault()
    writer.join()
    assert writer.failure is None, writer.failure
    until(lambda: arrived(postgres) == ROWS, "the last row", 120)
    worker.wait_state("chaos-source", tasks=1)
    worker.wait_state("chaos-sink", tasks=1)
    worker.stop()

    latest = "SELECT DISTINCT ON (key) key, seq, text FROM t ORDER BY key, seq DESC"
    assert postgres.sql(f"(({latest}) EXCEPT SELECT * FROM copy) UNION ALL (SELECT * FROM copy EXCEPT ({latest})) LIMIT 5") == []
    messages = topics.read("c-t", 120)
    repeated = check_order([json.loads(message.value())["seq"] for message in messages], len(faults))
    print(f"{len(faults)} faults: 0 of {ROWS} lost, {repeated} repeated")

    # After a clean stop and start nothing is repeated.
    postgres.sql(f"INSERT INTO t VALUES ({ROWS + 1}, 0, 'the end'); CREATE TABLE audit(seq bigint);"
                 "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO audit VALUES (new.seq); RETURN new; END';"
                 "CREATE TRIGGER note BEFORE INSERT OR UPDATE ON copy FOR EACH ROW EXECUTE FUNCTION note()")
    worker.start(*connectors)
    until(lambda: arrived(postgres) == ROWS + 1, "the row inserted meanwhile")
    worker.stop()
    assert topics.count("c-t") == len(messages) + 1
    assert set(postgres.sql("SELECT seq FROM audit")[0]) == {str(ROWS + 1)}
    assert postgres.one("SELECT count(DISTINCT seq) FROM audit") == "1"


def test_a_long_table_is_read_in_constant_memory(kafka, topics, workers, postgres):  # noqa: F811
    topics.create("long-t", 1)
    postgres.sql("CREATE TABLE t AS SELECT i AS seq, i::int AS a, i * 0.5 AS b, 'customer ' || i AS c, repeat('x', 40) AS d, "
                 "timestamp '2020-01-01' + i * interval '1 s' AS e, i % 2 = 0 AS f, (i % 1000)::smallint AS g "
                 f"FROM generate_series(1::bigint, {LONG_TABLE}) i")
    worker = workers(kafka.bootstrap).start(source(postgres, **{"topic.prefix": "long-", "mode": "bulk", "poll.interval.ms": "3600000"}))
    until(lambda: topics.count("long-t") >= LONG_TABLE, "the table in the topic", 120 + LONG_TABLE / 20000, pause=0.3)
    peak = worker.process.rss_kb()
    worker.stop()
    assert topics.count("long-t") == LONG_TABLE
    print(f"{LONG_TABLE} rows: peak memory {peak} kB")
    assert peak <= MEMORY_KB


def test_rows_of_a_thousand_columns_arrive_whole(kafka, topics, workers, postgres):  # noqa: F811
    topics.create("wide-t", 1)
    kinds = (("int", "i + %d"), ("text", "'t%d ' || i"), ("real", "i / 3.0 + %d"), ("bigint", "i::bigint * 4000000000 + %d"))
    columns = ", ".join(f"c{i} {kinds[i % 4][0]}" for i in range(999))
    values = ", ".join(kinds[i % 4][1] % (i % 10) for i in range(999))
    postgres.sql(f"CREATE TABLE t(seq bigint PRIMARY KEY, {columns}); CREATE TABLE copy(LIKE t INCLUDING ALL);"
                 f"INSERT INTO t SELECT i, {values} FROM generate_series(1, 2000) i")
    worker = workers(kafka.bootstrap).start(source(postgres, **{"topic.prefix": "wide-"}), sink(postgres, **{"topics": "wide-t", "pk.fields": "seq"}))
    until(lambda: postgres.one("SELECT count(*) FROM copy") == "2000", "wide rows", 60)
    assert postgres.sql("SELECT seq FROM (SELECT * FROM t EXCEPT SELECT * FROM copy) x LIMIT 5") == []
    peak = worker.process.rss_kb()
    worker.stop()
    print(f"1,000 columns: peak memory {peak} kB")
    assert peak <= MEMORY_KB


def test_a_value_above_the_limit_is_a_clear_error(kafka, topics, workers, postgres):  # noqa: F811
    topics.create("large-t", 1)
    postgres.sql("CREATE TABLE t(seq bigint PRIMARY KEY, text text)")
    postgres.sql("INSERT INTO t VALUES (1, 'small'), (2, repeat('0123456789', 10000000))")
    worker = workers(kafka.bootstrap).start(source(postgres, **{"topic.prefix": "large-"}))
    trace = worker.wait_failed("chaos-source")
    for told in ("column 'text'", "100000000 bytes", "connectd.record.bytes.max", "16777216"):
        assert told in trace, trace
    assert topics.count("large-t") == 1
    assert worker.get("/health").status_code == 200
    worker.stop()


def test_ten_thousand_tables_are_found_and_five_hundred_read(kafka, topics, workers, postgres):  # noqa: F811
    topics.create("many", 1)
    for first in range(0, 10000, 500):
        postgres.sql(f"DO $$ BEGIN FOR i IN {first}..{first + 499} LOOP "
                     "EXECUTE format('CREATE TABLE many_%s(id int NOT NULL)', i); END LOOP; END $$")
    for first in range(0, 500, 100):
        postgres.sql(f"DO $$ BEGIN FOR i IN {first}..{first + 99} LOOP EXECUTE format('INSERT INTO many_%s VALUES (%s)', i, i); END LOOP; END $$")
    filled = r"public\.many_([0-9]|[1-9][0-9]|[1-4][0-9][0-9])"
    every = {"topic.prefix": "", "table.whitelist": None, "incrementing.column.name": None, "incrementing.column.mapping": ".*:id",
             "transforms": "one", "transforms.one.type": "org.apache.kafka.connect.transforms.RegexRouter", "transforms.one.regex": ".*",
             "transforms.one.replacement": "many"}

    def config(**extra):
        return {key: value for key, value in source(postgres, **{**every, **extra}).items() if value is not None}

    worker = workers(kafka.bootstrap).start()
    started = time.monotonic()
    worker.create(config(name="all", **{"table.include.list": ".*", "table.exclude.list": filled, "tasks.max": "4"}))
    worker.wait_state("all", tasks=4)
    took = time.monotonic() - started
    print(f"10,000 tables found in {took:.1f} s")
    assert took < 15
    assert worker.delete("/connectors/all").status_code == 204

    worker.create(config(name="some", **{"table.include.list": filled, "tasks.max": "5"}))
    worker.wait_state("some", tasks=5)
    until(lambda: topics.count("many") >= 500, "a row of each table", 60)
    peak = worker.process.rss_kb()
    worker.stop()
    assert sorted(json.loads(value)["id"] for value in topics.values("many")) == list(range(500))
    print(f"500 tables on one worker: peak memory {peak} kB")
    assert peak <= 96 * 1024  # four tasks held 9,500 tables before
