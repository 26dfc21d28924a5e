"""Tables to topics and topics to tables: beside psql's COPY and the sqlite3 shell, with kcat where Kafka is the other end.

The JVM's JDBC connector stands beside them where bench/run is given a folder with it (--jdbc).
"""
import sqlite3
import subprocess

from rig.connectd import build_folder

from . import measure
from .files import json_worker, scaled

SOURCE = "io.confluent.connect.jdbc.JdbcSourceConnector"
SINK = "io.confluent.connect.jdbc.JdbcSinkConnector"

# Eight columns, about 120 bytes a row; as JSON with its schema about 850.
TABLE = """CREATE TABLE {name} (id bigint PRIMARY KEY, customer_name text NOT NULL, email text, active boolean NOT NULL,
 score double precision, items integer NOT NULL, created_at timestamp NOT NULL, note text)"""
FILL = """INSERT INTO {name} SELECT i, 'Grace Brewster Murray Hopper', 'grace' || i || '@example.org', i % 2 = 0, i * 0.25, i % 100,
 timestamp '2024-01-01' + i * interval '1 second', CASE WHEN i % 3 > 0 THEN 'left at the neighbour''s door' END
 FROM generate_series(1, {rows}) i"""
SQLITE_TABLE = """CREATE TABLE {name} (id INTEGER PRIMARY KEY, customer_name TEXT NOT NULL, email TEXT, active INTEGER NOT NULL,
 score REAL, items INTEGER NOT NULL, created_at INTEGER NOT NULL, note TEXT)"""
SQLITE_FILL = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
 INSERT INTO {name} SELECT i, 'Grace Brewster Murray Hopper', 'grace' || i || '@example.org', i % 2 = 0, i * 0.25, i % 100,
 1704067200000 + i * 1000, CASE WHEN i % 3 > 0 THEN 'left at the neighbour''s door' END FROM n"""

FIELDS = (("id", "int64", False), ("customer_name", "string", False), ("email", "string", True), ("active", "boolean", False),
          ("score", "double", True), ("items", "int32", False), ("created_at", "int64", False), ("note", "string", True))


class Absent(Exception):
    """Why a pipeline cannot run here."""


def need(connector):
    if not (build_folder() / "connectors" / f"{connector}.so").exists():
        raise Absent(f"connectors/{connector}.so is not built")


def contestants(stage, pipeline, limit, limit_run):
    runs = {"connectd": lambda: pipeline.worker("connectd"), limit: limit_run}
    if stage.options.jvm and stage.options.jdbc:
        runs["JVM"] = lambda: pipeline.worker("jvm")
    return runs


def schema_json():
    fields = ",".join(f'{{"type":"{kind}","optional":{str(optional).lower()},' +
                      ('"name":"org.apache.kafka.connect.data.Timestamp","version":1,' if name == "created_at" else "") +
                      f'"field":"{name}"}}' for name, kind, optional in FIELDS)
    return f'{{"type":"struct","fields":[{fields}],"optional":false,"name":"orders"}}'


class Rows:
    """A pipeline of `rows` rows; what the two databases and both directions share."""

    def __init__(self, rows=1_000_000, schemas=True, connector=None):
        self.rows = rows
        self.schemas = schemas
        self.connector = connector or {}

    def begin(self, stage):
        self.stage = stage
        self.rows = scaled(stage, self.rows)

    def finish(self):
        pass

    def into_topic(self, prefix, run):
        """A new topic named by prefix and table, for one run that fills it."""
        topic = self.stage.topics.create(f"{prefix}orders")
        sample = run(topic)
        assert self.stage.topics.count(topic) == self.rows
        self.stage.topics.delete(topic)
        return sample

    def source(self, kind, url, **extra):
        prefix = f"{self.stage.name('rows')}-"

        def run(topic):
            worker = self.stage.worker(kind, json_worker(self.schemas))
            config = {"name": "rows", "connector.class": SOURCE, "connection.url": url, "mode": "bulk", "table.whitelist": "orders",
                      "topic.prefix": prefix, "poll.interval.ms": "3600000", "tasks.max": "1", **extra, **self.connector}
            with self.stage.counter(topic) as count:
                return measure.run_worker(worker, [config], self.rows, lambda: count() >= self.rows)

        return self.into_topic(prefix, run)

    def kcat(self, topic):
        return ["kcat", "-P", "-b", self.stage.kafka.bootstrap, "-t", topic]

    def pipe(self, dump):
        return self.into_topic(f"{self.stage.name('rows')}-", lambda topic: measure.run_pipe(dump, self.kcat(topic), self.rows))


# ---- PostgreSQL ----

def fill_postgres(stage, rows):
    need("postgres")
    stage.postgres.ask("DROP TABLE IF EXISTS orders; " + TABLE.format(name="orders") + "; " + FILL.format(name="orders", rows=rows) +
                       "; ANALYZE orders; CHECKPOINT")


class PostgresToTopic(Rows):
    def prepare(self, stage):
        self.begin(stage)
        fill_postgres(stage, self.rows)
        return contestants(stage, self, "psql COPY | kcat", self.limit)

    def worker(self, kind):
        return self.source(kind, self.stage.postgres.url)

    def limit(self):
        return self.pipe(self.stage.postgres.psql("COPY orders TO STDOUT"))


class TopicToPostgres(Rows):
    """The topic is made by PostgreSQL and kcat; `existing`: every second row is there already."""

    def __init__(self, existing=False, **keywords):
        super().__init__(**keywords)
        self.existing = existing

    def prepare(self, stage):
        self.begin(stage)
        fill_postgres(stage, self.rows)
        self.topic = fill_topic(stage, self.rows)
        self.dump = stage.folder / stage.name("dump")
        with open(self.dump, "wb") as file:
            measure.run_program(stage.postgres.psql("COPY orders TO STDOUT"), self.rows, stdout=file)
        return contestants(stage, self, "psql COPY", self.limit)

    def finish(self):
        self.dump.unlink()
        self.stage.topics.delete(self.topic)

    def table(self):
        name = self.stage.name("copy").replace("-", "_")
        self.stage.postgres.ask(TABLE.format(name=name))
        if self.existing:
            self.stage.postgres.ask(f"INSERT INTO {name} SELECT * FROM orders WHERE id % 2 = 0 AND id < {self.rows}")
        return name

    def check(self, name, sample):
        assert self.stage.postgres.ask(f"SELECT count(*) FROM {name}") == str(self.rows)
        self.stage.postgres.ask(f"DROP TABLE {name}")
        return sample

    def worker(self, kind):
        name = self.table()
        worker = self.stage.worker(kind, {**json_worker(True), "key.converter": "org.apache.kafka.connect.storage.StringConverter"})
        config = {"name": self.stage.name("copy"), "connector.class": SINK, "connection.url": self.stage.postgres.url,
                  "topics": self.topic, "table.name.format": name, "pk.mode": "record_value", "pk.fields": "id", "tasks.max": "1",
                  "consumer.override.max.poll.records": "3000", **self.connector}
        connection = self.stage.postgres.connect()
        try:
            cursor = connection.cursor()

            def done():
                cursor.execute(f"SELECT max(id) FROM {name}")
                return cursor.fetchone()[0] == self.rows

            sample = measure.run_worker(worker, [config], self.rows, done)
        finally:
            connection.close()
        return self.check(name, sample)

    def limit(self):
        name = self.table()
        command = f"COPY {name} FROM STDIN"
        if self.existing:
            columns = ", ".join(f"{column} = excluded.{column}" for column, _, _ in FIELDS[1:])
            command = (f"CREATE TEMP TABLE stage (LIKE {name})", "COPY stage FROM STDIN",
                       f"INSERT INTO {name} SELECT * FROM stage ON CONFLICT (id) DO UPDATE SET {columns}")
        words = self.stage.postgres.psql("")[:-1]
        commands = (command,) if isinstance(command, str) else command
        with open(self.dump, "rb") as file:
            sample = measure.run_program([*words[:-1], "-At", *[word for c in commands for word in ("-c", c)]], self.rows, stdin=file)
        return self.check(name, sample)


def fill_topic(stage, rows):
    """The rows of PostgreSQL's table as JSON with their schema."""
    topic = stage.topic("orders")
    values = ", ".join(f"'{name}', " + ("(extract(epoch FROM created_at) * 1000)::bigint" if name == "created_at" else name)
                       for name, _, _ in FIELDS)
    select = f"SELECT '{{\"schema\":{schema_json()},\"payload\":' || json_build_object({values}) || '}}' FROM orders ORDER BY id"
    measure.run_pipe(stage.postgres.psql(f"COPY ({select}) TO STDOUT"), ["kcat", "-P", "-b", stage.kafka.bootstrap, "-t", topic], rows)
    return topic


# ---- SQLite ----

def fill_sqlite(stage, rows):
    need("sqlite")
    path = stage.folder / stage.name("orders.db")
    with sqlite3.connect(path) as connection:
        connection.execute(SQLITE_TABLE.format(name="orders"))
        connection.execute(SQLITE_FILL.format(name="orders", rows=rows))
    connection.close()
    return path


def newest_in(path, table):
    """Asks on a connection that is open once the file is there; the sink may still be making the table."""
    def ask():
        if not path.exists():
            return 0
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
        try:
            return connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0
        finally:
            connection.close()

    return ask


class SqliteToTopic(Rows):
    def prepare(self, stage):
        self.begin(stage)
        self.path = fill_sqlite(stage, self.rows)
        return contestants(stage, self, "sqlite3 shell | kcat", self.limit)

    def finish(self):
        self.path.unlink()

    def worker(self, kind):
        return self.source(kind, f"jdbc:sqlite:{self.path}")

    def limit(self):
        return self.pipe(["sqlite3", "-readonly", self.path, "SELECT * FROM orders"])


class TopicToSqlite(Rows):
    def prepare(self, stage):
        self.begin(stage)
        fill_postgres(stage, self.rows)
        need("sqlite")
        self.topic = fill_topic(stage, self.rows)
        self.dump = stage.folder / stage.name("dump")
        with open(self.dump, "wb") as file:
            measure.run_program(stage.postgres.psql("COPY orders TO STDOUT (DELIMITER '|', NULL '')"), self.rows, stdout=file)
        return contestants(stage, self, "sqlite3 shell", self.limit)

    def finish(self):
        self.dump.unlink()
        self.stage.topics.delete(self.topic)

    def path(self):
        return self.stage.folder / self.stage.name("copy.db")

    def worker(self, kind):
        path = self.path()
        with sqlite3.connect(path) as connection:
            connection.execute(SQLITE_TABLE.format(name="orders"))
        connection.close()
        worker = self.stage.worker(kind, json_worker(True))
        config = {"name": self.stage.name("copy"), "connector.class": SINK, "connection.url": f"jdbc:sqlite:{path}",
                  "topics": self.topic, "table.name.format": "orders", "pk.mode": "record_value", "pk.fields": "id", "tasks.max": "1",
                  "consumer.override.max.poll.records": "3000", **self.connector}
        newest = newest_in(path, "orders")
        sample = measure.run_worker(worker, [config], self.rows, lambda: newest() == self.rows)
        return self.check(path, sample)

    def limit(self):
        path = self.path()
        subprocess.run(["sqlite3", path, SQLITE_TABLE.format(name="orders")], check=True)
        return self.check(path, measure.run_program(["sqlite3", path, ".mode list", f".import {self.dump} orders"], self.rows))

    def check(self, path, sample):
        with sqlite3.connect(path) as connection:
            assert connection.execute("SELECT count(*) FROM orders").fetchone()[0] == self.rows
        connection.close()
        path.unlink()
        return sample


class SqliteToPostgres(Rows):
    """One worker, two connectors, a topic between them."""

    def prepare(self, stage):
        self.begin(stage)
        need("postgres")
        self.path = fill_sqlite(stage, self.rows)
        return contestants(stage, self, "sqlite3 shell | psql COPY", self.limit)

    def finish(self):
        self.path.unlink()

    def table(self):
        name = self.stage.name("whole").replace("-", "_")
        self.stage.postgres.ask(TABLE.format(name=name).replace("active boolean", "active bigint").replace("timestamp", "bigint"))
        return name

    def check(self, name, sample):
        assert self.stage.postgres.ask(f"SELECT count(*) FROM {name}") == str(self.rows)
        self.stage.postgres.ask(f"DROP TABLE {name}")
        return sample

    def worker(self, kind):
        name, prefix = self.table(), f"{self.stage.name('whole')}-"
        topic = self.stage.topics.create(f"{prefix}orders")
        source = {"name": "from", "connector.class": SOURCE, "connection.url": f"jdbc:sqlite:{self.path}", "mode": "incrementing",
                  "incrementing.column.name": "id", "table.whitelist": "orders", "topic.prefix": prefix, "tasks.max": "1"}
        sink = {"name": self.stage.name("to"), "connector.class": SINK, "connection.url": self.stage.postgres.url, "topics": topic,
                "table.name.format": name, "pk.mode": "record_value", "pk.fields": "id", "tasks.max": "1"}
        connection = self.stage.postgres.connect()
        try:
            cursor = connection.cursor()

            def done():
                cursor.execute(f"SELECT max(id) FROM {name}")
                return cursor.fetchone()[0] == self.rows

            sample = measure.run_worker(self.stage.worker(kind, json_worker(True)), [source, sink], self.rows, done)
        finally:
            connection.close()
        self.stage.topics.delete(topic)
        return self.check(name, sample)

    def limit(self):
        name = self.table()
        dump = ["sqlite3", "-readonly", self.path, "SELECT * FROM orders"]
        load = self.stage.postgres.psql(f"COPY {name} FROM STDIN (DELIMITER '|', NULL '')")
        return self.check(name, measure.run_pipe(dump, load, self.rows))


PIPELINES = {
    "postgres-topic": ("Postgres → topic, bulk, JSON with schema", PostgresToTopic()),
    "postgres-topic-plain": ("Postgres → topic, bulk, JSON", PostgresToTopic(schemas=False)),
    "topic-postgres": ("topic → Postgres, insert", TopicToPostgres()),
    "topic-postgres-upsert": ("topic → Postgres, upsert, half of the rows there", TopicToPostgres(existing=True,
                                                                                                connector={"insert.mode": "upsert"})),
    "sqlite-topic": ("SQLite → topic, bulk, JSON with schema", SqliteToTopic()),
    "topic-sqlite": ("topic → SQLite, insert", TopicToSqlite()),
    "sqlite-postgres": ("SQLite → Kafka → Postgres", SqliteToPostgres()),
}
