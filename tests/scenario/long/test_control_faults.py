"""The control plane while Kafka is away, and after its config topic was compacted."""
import concurrent.futures

from rig.topics import Topics
from rig.wait import for_seconds, until


def counter(name, topic, **extra):
    return {"name": name, "connector.class": "connectd.counter.CounterSourceConnector", "topic": topic, "counter.limit": "10", **extra}


def test_requests_during_an_outage_are_answered_and_leave_nothing_half_done(own_kafka, workers):
    topics = Topics(own_kafka.bootstrap)
    topics.create("counted", 1)
    worker = workers(own_kafka.bootstrap, "distributed").start()
    worker.create(counter("before", "counted"))
    worker.wait_state("before", "RUNNING", 1)
    own_kafka.kill()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        put = pool.submit(lambda: worker.put("/connectors/before/config", json=counter("before", "counted", mark="new")))
        create = pool.submit(lambda: worker.post("/connectors", json={"name": "during", "config": counter("during", "counted")}))
        for_seconds(3)
        assert worker.get("/connectors").json() == ["before"], "reads are answered meanwhile"
        assert worker.get("/connectors/before/status").status_code == 200
        for_seconds(42)  # the write and its read-back are given 30 s
        answers = put.result(60), create.result(60)
    own_kafka.start()
    assert all(answer.status_code in (200, 201, 500) for answer in answers), [a.text for a in answers]

    def settled():
        views = worker.get("/connectors?expand=info&expand=status").json()
        return "before" in views and all(view["status"]["connector"]["state"] == "RUNNING"
                                         and [t["state"] for t in view["status"]["tasks"]] == ["RUNNING"] for view in views.values())

    until(settled, "everything runs again", 90)
    worker.create(counter("after", "counted"))
    worker.wait_state("after", "RUNNING", 1, seconds=60)
    before = worker.get("/connectors?expand=info").json()
    assert before["before"]["info"]["config"].get("mark") in (None, "new")
    worker.stop(60)
    worker.start()
    until(settled, "the same after a restart", 60)
    assert worker.get("/connectors?expand=info").json() == before
    worker.stop(60)


def test_a_compacted_config_topic_tells_the_same(folder, workers, own_kafka):
    topics = Topics(own_kafka.bootstrap)
    topics.create("counted", 1)
    worker = workers(own_kafka.bootstrap, "distributed", {
        "config.storage.segment.ms": "200", "config.storage.min.cleanable.dirty.ratio": "0.01", "config.storage.delete.retention.ms": "100",
        "config.storage.min.compaction.lag.ms": "0"}).start()
    for number in range(3):
        worker.create(counter(f"c{number}", "counted"))
        worker.wait_state(f"c{number}", "RUNNING", 1)
    for change in range(20):
        assert worker.put("/connectors/c0/config", json=counter("c0", "counted", mark=str(change))).status_code == 200
        worker.wait_state("c0", "RUNNING", 1)
    assert worker.delete("/connectors/c1").status_code == 204
    worker.put("/connectors/c2/stop")
    worker.wait_state("c2", "STOPPED", 0)
    before = worker.get("/connectors?expand=info").json()
    name = worker.settings["config.storage.topic"]

    def thinned():
        # The active segment is never compacted: another record closes it.
        worker.put("/connectors/c2/stop")
        return len(topics.read(name)) < 30

    until(thinned, "the broker's cleaner has been at work", 90, pause=1)
    worker.stop()
    worker.start()
    worker.wait_state("c0", "RUNNING", 1)
    worker.wait_state("c2", "STOPPED", 0)
    assert worker.get("/connectors?expand=info").json() == before
    worker.stop()
