"""What a worker costs while it starts and while it idles."""
import json
import threading
import time

from confluent_kafka import TopicPartition
from rig.wait import for_seconds, until

from . import databases, files
from .files import SOURCE
from .measure import spread


def memory(worker):
    return {"RSS": ("MB", 1, worker.process.rss_kb("VmRSS") / 1024), "anonymous": ("MB", 1, worker.process.rss_kb("RssAnon") / 1024)}


def threads(worker):
    with open(f"/proc/{worker.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("Threads:"))


def idle_cpu(worker, seconds=10):
    before = worker.process.cpu_seconds()
    for_seconds(seconds)
    return ("% of a core", 2, 100 * (worker.process.cpu_seconds() - before) / seconds)


def source(name, path, topic):
    return {"name": name, "connector.class": SOURCE, "file": str(path), "topic": topic, "tasks.max": "1"}


def one_line(stage, text="one line\n"):
    path = stage.folder / stage.name("line")
    path.write_text(text)
    return path


def start(stage, kind):
    """From the launch of the process, with its connector in a file, to the acknowledgement of the first record."""
    topic = stage.topic("first")
    worker = stage.worker(kind)
    with stage.counter(topic) as count:
        count()  # connected before the clock runs
        started = time.monotonic()
        worker.start(source("first", one_line(stage), topic), wait=False)
        try:
            until(lambda: count() >= 1, "the first record", 90, pause=0.001)
            figures = {"to the first record": ("ms", 0, (time.monotonic() - started) * 1000),
                       "CPU until then": ("s", 2, worker.process.cpu_seconds())}
            worker.process.stop(90)
        finally:
            worker.end()
    stage.topics.delete(topic)
    return figures


def idle(stage, kind):
    """One file source that has read its file."""
    topic = stage.topic("idle")
    worker = stage.worker(kind).start(source("idle", one_line(stage), topic))
    try:
        until(lambda: stage.topics.count(topic) == 1, "the first record", 90)
        cpu = idle_cpu(worker)
        return {**memory(worker), "threads": ("", 0, threads(worker)), "CPU": cpu}
    finally:
        worker.end()


def idle_many(count):
    """`count` file sources, made over REST, each waiting for its file to grow."""
    def run(stage, kind):
        topic = stage.topic("idle")
        worker = stage.worker(kind).start()
        try:
            started = time.monotonic()
            for number in range(count):
                worker.create(source(f"idle-{number}", one_line(stage), topic))
            until(lambda: stage.topics.count(topic) == count, "a record of each", 300)
            took = time.monotonic() - started
            for_seconds(3)  # the last status records
            cpu = idle_cpu(worker)
            return {"created and running": ("a second", 0, count / took), **memory(worker), "threads": ("", 0, threads(worker)), "CPU": cpu}
        finally:
            worker.end()

    return run


def tasks(count, records=1_000_000):
    """A hundred files split into `count` tasks; patterns and the splitting are connectd's own."""
    def run(stage, kind):
        if kind == "jvm":
            return None
        folder = stage.folder / stage.name("many")
        folder.mkdir()
        each = max(1, int(records * stage.options.scale) // 100)
        for number in range(100):
            (folder / f"{number:03}.txt").write_text("".join(f"{line:099d}\n" for line in range(each)))
        topic = stage.topic("tasks", 4)
        worker = stage.worker(kind).start()
        try:
            cpu = worker.process.cpu_seconds()
            started = time.monotonic()
            worker.create({"name": "tasks", "connector.class": SOURCE, "files": str(folder / "*.txt"), "topic": topic, "tasks.max": str(count)})
            with stage.counter(topic) as have:
                until(lambda: have() >= each * 100, "all records", 300, pause=0.01)
            took = time.monotonic() - started
            cpu = worker.process.cpu_seconds() - cpu
            return {"records": ("a second", 0, each * 100 / took), "CPU": ("s/million", 2, cpu * 1e6 / (each * 100)),
                    "peak": ("MB", 0, worker.process.rss_kb() / 1024), "threads": ("", 0, threads(worker))}
        finally:
            worker.end()
            stage.topics.delete(topic)

    return run


class Arrivals(threading.Thread):
    """Notes when each record came, by the row's id."""

    def __init__(self, stage, topic, count):
        super().__init__()
        self.consumer = stage.topics.consumer(**{"fetch.wait.max.ms": 5})
        self.consumer.assign([TopicPartition(topic, 0, 0)])
        self.count = count
        self.at = {}

    def run(self):
        deadline = time.monotonic() + 120
        while len(self.at) < self.count and time.monotonic() < deadline:
            for message in self.consumer.consume(100, 0.05):
                self.at[json.loads(message.value())["id"]] = time.monotonic()
        self.consumer.close()


def trickle(rows=500, pause=0.02, poll_ms=100):
    """Rows committed one by one; how long until each is read from the topic."""
    def run(stage, kind):
        if kind == "jvm" and not stage.options.jdbc:
            return None
        databases.need("postgres")
        table, prefix = stage.name("trickle").replace("-", "_"), f"{stage.name('trickle')}-"
        stage.postgres.ask(f"CREATE TABLE {table} (id bigserial PRIMARY KEY, note text)")
        topic = stage.topics.create(prefix + table)
        worker = stage.worker(kind, files.json_worker(False)).start()
        try:
            worker.create({"name": "trickle", "connector.class": databases.SOURCE, "connection.url": stage.postgres.url,
                           "mode": "incrementing", "incrementing.column.name": "id", "table.whitelist": table, "topic.prefix": prefix,
                           "poll.interval.ms": str(poll_ms), "tasks.max": "1"})
            worker.wait_state("trickle", "RUNNING", 1)
            arrivals = Arrivals(stage, topic, rows)
            arrivals.start()
            connection = stage.postgres.connect()
            cursor, committed = connection.cursor(), {}
            cpu, began = worker.process.cpu_seconds(), time.monotonic()
            for _ in range(rows):
                cursor.execute(f"INSERT INTO {table} (note) VALUES ('a new row') RETURNING id")
                committed[cursor.fetchone()[0]] = time.monotonic()
                for_seconds(pause)
            arrivals.join()
            connection.close()
            cpu = 100 * (worker.process.cpu_seconds() - cpu) / (time.monotonic() - began)
            assert len(arrivals.at) == rows, f"{len(arrivals.at)} of {rows} rows came"
            took = sorted(1000 * (arrivals.at[row] - committed[row]) for row in committed)
            return {f"p{p}": ("ms", 0, took[min(rows - 1, rows * p // 100)]) for p in (50, 90, 99)} | {
                "longest": ("ms", 0, took[-1]), "CPU": ("% of a core", 1, cpu)}
        finally:
            worker.end()
            stage.topics.delete(topic)

    return run


STATES = {
    "start": ("start", start),
    "idle": ("idle, one file source", idle),
    "idle-10": ("10 idle file sources", idle_many(10)),
    "idle-100": ("100 idle file sources", idle_many(100)),
    "idle-1000": ("1,000 idle file sources", idle_many(1000)),
    "tasks-1": ("100 files in 1 task", tasks(1)),
    "tasks-10": ("100 files in 10 tasks", tasks(10)),
    "tasks-100": ("100 files in 100 tasks", tasks(100)),
    "postgres-trickle": ("Postgres → topic, incrementing every 100 ms, commit to consumer", trickle()),
}

# The JVM needs a gigabyte and minutes for a thousand: its figure is taken at a hundred.
NOT_FOR_THE_JVM = {"idle-1000"}


def measure(stage, name, say):
    title, run = STATES[name]
    kinds = {"connectd": "connectd"}
    if stage.options.jvm and name not in NOT_FOR_THE_JVM:
        kinds["JVM"] = "jvm"
    seen = {}
    for number in range(stage.options.rounds):
        for who, kind in kinds.items():
            figures = run(stage, kind)
            if figures is None:
                continue
            seen.setdefault(who, []).append(figures)
            say(f"{name} {number + 1}/{stage.options.rounds} {who}: " +
                ", ".join(f"{what} {value:.{digits}f} {unit}" for what, (unit, digits, value) in figures.items()))
    return {"title": title,
            "contestants": {who: {what: (unit, digits, spread([r[what][2] for r in rounds])) for what, (unit, digits, _) in rounds[0].items()}
                            for who, rounds in seen.items()}}
