"""kill -9 in a loop, then count every record."""
import threading

from rig.topics import Topics
from rig.wait import for_seconds, until

LINES = 1_000_000
KILLS = 20


def source(path, topic):
    return {"name": f"source-{topic}", "connector.class": "FileStreamSource", "file": str(path), "topic": topic}


def sink(path, topic, **extra):
    return {"name": f"sink-{topic}", "connector.class": "FileStreamSink", "file": str(path), "topics": topic, **extra}


class Writer(threading.Thread):
    """Appends numbered lines in bursts, as a busy program would."""

    def __init__(self, path, lines, seconds):
        super().__init__()
        self.path, self.lines, self.seconds = path, lines, seconds

    def run(self):
        bursts = 200
        with self.path.open("a") as file:
            for burst in range(bursts):
                first, last = self.lines * burst // bursts, self.lines * (burst + 1) // bursts
                file.write("".join(f"{i:09d} {'x' * 60}\n" for i in range(first, last)))
                file.flush()
                for_seconds(self.seconds / bursts)


# A commit begins once an interval (the rig's 1 s) and is given offset.flush.timeout.ms: what is repeated after a kill was sent within that.
REPEATED_SECONDS = 1 + 5


def check_order(messages, kills):
    """Everything is there; order is kept but for jumps back after a kill; no jump is longer than the time between two commits."""
    numbers = [int(m.value()[:9]) for m in messages]
    assert set(numbers) == set(range(LINES)), f"{LINES - len(set(numbers))} lost"
    first_sent_ms = {}
    back = []
    for at, (number, message) in enumerate(zip(numbers, messages)):
        sent_ms = message.timestamp()[1]
        if at > 0 and number != numbers[at - 1] + 1:
            assert number <= numbers[at - 1], "a gap: later records before earlier ones"
            back.append((messages[at - 1].timestamp()[1] - first_sent_ms[number]) / 1000)
        first_sent_ms.setdefault(number, sent_ms)
    assert len(back) <= kills, f"{len(back)} repetitions after {kills} kills"
    assert all(seconds <= REPEATED_SECONDS for seconds in back), f"{max(back)} s of records repeated at once"
    return len(numbers) - LINES


def test_a_source_killed_20_times_loses_nothing(own_kafka, workers, folder):
    topics = Topics(own_kafka.bootstrap)
    topics.create("killed", 1)
    path = folder / "in.txt"
    path.touch()
    seconds = 30
    writer = Writer(path, LINES, seconds)
    worker = workers(own_kafka.bootstrap)
    writer.start()
    for _ in range(KILLS):
        worker.start(source(path, "killed"), wait=False)
        for_seconds(seconds / KILLS)
        worker.kill()
    writer.join()
    worker.start(source(path, "killed"))

    def last_line_is_there():
        messages = topics.count("killed")
        return messages >= LINES and worker_is_idle(topics)

    def worker_is_idle(topics):
        before = topics.count("killed")
        for_seconds(1)
        return topics.count("killed") == before

    until(last_line_is_there, "all lines produced", 120)
    worker.stop()
    messages = topics.read("killed", 120)
    repeated = check_order(messages, KILLS + 1)
    print(f"killed {KILLS} times: 0 of {LINES} lost, {repeated} repeated")

    # After a clean stop and start nothing is repeated.
    worker.start(source(path, "killed"))
    with path.open("a") as file:
        file.write("the end\n")
    until(lambda: topics.count("killed") >= len(messages) + 1, "one more line")
    worker.stop()
    assert topics.count("killed") == len(messages) + 1


def test_a_sink_killed_20_times_loses_nothing(own_kafka, workers, folder):
    topics = Topics(own_kafka.bootstrap)
    topics.create("filled", 1)
    topics.produce("filled", (f"{i:09d} {'x' * 60}" for i in range(LINES)), **{"queue.buffering.max.messages": 1_000_000})
    path = folder / "out.txt"
    # Members are dynamic: a dead one's partitions come free when its session ends.
    config = sink(path, "filled", **{"consumer.override.session.timeout.ms": "6000", "consumer.override.max.poll.interval.ms": "10000",
                                     "consumer.override.heartbeat.interval.ms": "1000", "consumer.override.max.poll.records": "500"})
    worker = workers(own_kafka.bootstrap)
    for _ in range(KILLS):
        size = path.stat().st_size if path.exists() else 0
        worker.start(config, wait=False)
        until(lambda: path.exists() and path.stat().st_size > size, "the sink goes on", 6 + 5)
        worker.kill()
    worker.start(config)

    def complete():
        return path.read_bytes().count(b"\n") >= LINES and path.read_bytes().rstrip().endswith(f"{LINES - 1:09d} {'x' * 60}".encode())

    until(complete, "all records in the file", 120, pause=0.5)
    worker.stop()
    lines = path.read_text().splitlines()
    whole = [line for line in lines if len(line) == 70 and line[9] == " "]
    numbers = [int(line[:9]) for line in whole]
    torn = len(lines) - len(whole)
    assert torn <= KILLS, f"{torn} torn lines: at most one a kill"
    assert set(numbers) == set(range(LINES)), f"{LINES - len(set(numbers))} lost"
    print(f"killed {KILLS} times: 0 of {LINES} lost, {len(numbers) - LINES} repeated, {torn} torn")
