"""What the pipelines run between: one Kafka, one PostgreSQL, a folder; brought up when first asked for, ended at the end."""
import contextlib
import pathlib
import shutil
import subprocess
import tempfile

import psycopg2
from confluent_kafka import TopicPartition

from rig.broker import PEERS, KafkaBroker
from rig.connectd import Worker, build_folder
from rig.jvm import JvmWorker
from rig.process import free_port
from rig.topics import Topics


class Postgres:
    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.url = f"jdbc:postgresql://127.0.0.1:{self.port}/postgres?user=postgres"
        folder.chmod(0o755)
        self.script("start", self.folder / "postgres", self.port)

    def script(self, *arguments):
        subprocess.run([PEERS / "postgres", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL, timeout=120)

    def psql(self, sql):
        """The command that runs `sql`."""
        return ["psql", "-X", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-Atc", sql]

    def ask(self, sql):
        return subprocess.run(self.psql(sql), check=True, capture_output=True, text=True).stdout.strip()

    def connect(self):
        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres", dbname="postgres")
        connection.autocommit = True
        return connection

    def end(self):
        self.script("stop", self.folder / "postgres", "immediate")


class Stage:
    """Everything a pipeline may ask for."""

    def __init__(self, options):
        self.options = options
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="connectd-bench-"))
        self.folder.chmod(0o755)
        self._kafka = self._topics = self._postgres = None
        self._count = 0

    @property
    def kafka(self):
        if self._kafka is None:
            self._kafka = KafkaBroker(self.folder / "kafka").start()
        return self._kafka

    @property
    def topics(self):
        if self._topics is None:
            self._topics = Topics(self.kafka.bootstrap)
        return self._topics

    @property
    def postgres(self):
        if self._postgres is None:
            self._postgres = Postgres(self.folder)
        return self._postgres

    def name(self, what):
        self._count += 1
        return f"{what}-{self._count}"

    def topic(self, what, partitions=1):
        return self.topics.create(self.name(what), partitions)

    @contextlib.contextmanager
    def counter(self, topic):
        """A function that asks how many records `topic` holds, over one connection that is made once."""
        consumer = self.topics.consumer()
        partitions = self.topics.admin.list_topics(topic, timeout=10).topics[topic].partitions
        places = [TopicPartition(topic, number) for number in partitions]
        try:
            yield lambda: sum(consumer.get_watermark_offsets(place, timeout=10)[1] for place in places)
        finally:
            consumer.close()

    def program(self, name):
        """One of bench/limits, or None where it was not built."""
        path = build_folder() / "bench" / "limits" / name
        return path if path.exists() else None

    def worker(self, kind, settings=None):
        name = self.name("worker")
        maker = JvmWorker if kind == "jvm" else Worker
        usual = {"offset.flush.interval.ms": "10000"}
        if kind == "jvm" and self.options.jdbc:
            usual["plugin.path"] = self.options.jdbc
        return maker(self.folder / name, self.kafka.bootstrap, "standalone", {**usual, **(settings or {})}, name)

    def end(self):
        for peer in (self._postgres, self._kafka):
            if peer is not None:
                peer.end()
        shutil.rmtree(self.folder, ignore_errors=True)
