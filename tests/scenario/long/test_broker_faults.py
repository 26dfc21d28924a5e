"""A broker that dies, freezes, or does not answer for a while, under a source and a sink at work."""
import threading

from rig.topics import Topics
from rig.wait import for_seconds, until

LINES = 200_000


def connectors(folder, topic):
    return ({"name": "in", "connector.class": "FileStreamSource", "file": str(folder / "in.txt"), "topic": topic},
            {"name": "out", "connector.class": "FileStreamSink", "file": str(folder / "out.txt"), "topics": topic})


def write_slowly(path, lines, seconds):
    with path.open("a") as file:
        for burst in range(100):
            file.write("".join(f"{i:09d}\n" for i in range(lines * burst // 100, lines * (burst + 1) // 100)))
            file.flush()
            for_seconds(seconds / 100)


def run_through(own_kafka, workers, folder, fault):
    topics = Topics(own_kafka.bootstrap)
    topics.create("faults", 1)
    (folder / "in.txt").touch()
    worker = workers(own_kafka.bootstrap).start(*connectors(folder, "faults"))
    writer = threading.Thread(target=write_slowly, args=(folder / "in.txt", LINES, 15))
    writer.start()
    for_seconds(3)
    fault()
    writer.join()

    def everything_arrived():
        numbers = {int(line) for line in (folder / "out.txt").read_text().splitlines()}
        return numbers == set(range(LINES))

    until(everything_arrived, "every line in the second file", 120, pause=1)
    worker.wait_state("in", "RUNNING", 1)
    worker.wait_state("out", "RUNNING", 1)
    peak_kb = worker.process.rss_kb()
    worker.stop(60)
    assert peak_kb <= 64 * 1024, f"peak memory {peak_kb} KB"
    return topics


def test_a_broker_that_is_killed_and_comes_back_costs_nothing(own_kafka, workers, folder):
    def fault():
        own_kafka.kill()
        for_seconds(5)
        own_kafka.start()

    run_through(own_kafka, workers, folder, fault)


def test_a_broker_frozen_for_30_seconds_costs_nothing(own_kafka, workers, folder):
    def fault():
        own_kafka.freeze()
        for_seconds(30)
        own_kafka.thaw()

    run_through(own_kafka, workers, folder, fault)


def test_memory_stays_bounded_while_the_broker_is_away_for_a_minute(own_kafka, workers, folder):
    """Records of 10 bytes: the many small ones are what costs a queue most."""
    topics = Topics(own_kafka.bootstrap)
    topics.create("small", 1)
    with (folder / "in.txt").open("w") as file:
        file.writelines(f"{i:09d}\n" for i in range(3_000_000))
    worker = workers(own_kafka.bootstrap)
    own_kafka_config = {"name": "in", "connector.class": "FileStreamSource", "file": str(folder / "in.txt"), "topic": "small"}
    worker.start(own_kafka_config)
    until(lambda: topics.count("small") > 1000, "records flow")
    own_kafka.kill()
    for_seconds(60)
    own_kafka.start()
    until(lambda: topics.count("small") >= 3_000_000, "all records", 120)
    peak_kb = worker.process.rss_kb()
    worker.stop(60)
    assert peak_kb <= 64 * 1024, f"peak memory {peak_kb} KB"
