"""A distributed worker on a real broker: what it keeps in Kafka, and what survives a restart."""
import json

from rig.wait import until


def source(folder, topic, name="lines"):
    return {"name": name, "connector.class": "FileStreamSource", "file": str(folder / f"{name}.txt"), "topic": topic}


def records(topics, name):
    return [(m.key().decode(), m.value().decode() if m.value() is not None else None) for m in topics.read(name)]


def test_connectors_offsets_and_states_survive_a_restart(kafka, topics, workers, folder):
    topic = f"{folder.name}-kept"
    topics.create(topic)
    (folder / "lines.txt").write_text("one\ntwo\n")
    worker = workers(kafka.bootstrap, "distributed").start()
    created = worker.create(source(folder, topic))
    assert created["tasks"] == [] and created["type"] == "source"
    worker.wait_state("lines", "RUNNING", 1)
    until(lambda: topics.count(topic) == 2, "two lines")
    assert worker.put("/connectors/lines/pause").status_code == 202
    worker.wait_state("lines", "PAUSED", 1)
    worker.stop()

    with (folder / "lines.txt").open("a") as file:
        file.write("three\n")
    worker.start()
    worker.wait_state("lines", "PAUSED", 1)
    assert worker.put("/connectors/lines/resume").status_code == 202
    worker.wait_state("lines", "RUNNING", 1)
    until(lambda: topics.values(topic) == ["one", "two", "three"], "the third line, and no line twice")
    worker.stop()


def test_internal_topics_hold_the_bytes_of_a_jvm_worker(kafka, topics, workers, folder):
    topic = f"{folder.name}-bytes"
    topics.create(topic)
    (folder / "lines.txt").write_text("one\n")
    worker = workers(kafka.bootstrap, "distributed").start()
    worker.create(source(folder, topic))
    worker.wait_state("lines", "RUNNING", 1)
    until(lambda: topics.count(topic) == 1, "the line")
    assert worker.put("/connectors/lines/stop").status_code == 204
    worker.wait_state("lines", "STOPPED", 0)
    assert worker.delete("/connectors/lines").status_code == 204
    until(lambda: worker.get("/connectors/lines").status_code == 404, "the connector gone")
    worker.stop()

    configs = records(topics, worker.settings["config.storage.topic"])
    keys = [key for key, _ in configs]
    assert keys == ["connector-lines", "task-lines-0", "commit-lines", "commit-lines", "target-state-lines",
                    "connector-lines", "target-state-lines"]
    assert json.loads(configs[0][1])["properties"]["connector.class"] == "FileStreamSource"
    assert configs[2][1] == '{"tasks":1}' and configs[3][1] == '{"tasks":0}'
    assert configs[4][1] == '{"state":"PAUSED","state.v2":"STOPPED"}'
    assert configs[5][1] is None and configs[6][1] is None
    offsets = records(topics, worker.settings["offset.storage.topic"])
    assert offsets[-1] == (f'["lines",{{"filename":"{folder}/lines.txt"}}]', '{"position":4}')
    statuses = dict(records(topics, worker.settings["status.storage.topic"]))
    assert statuses["status-connector-lines"] is None and statuses["status-task-lines-0"] is None


def test_a_topic_with_the_wrong_cleanup_policy_is_refused_with_the_reason(kafka, topics, workers, folder):
    worker = workers(kafka.bootstrap, "distributed")
    topics.create(worker.settings["config.storage.topic"], 1, **{"cleanup.policy": "delete"})
    worker.start(wait=False)
    assert worker.process.wait(60) == 3
    log = worker.log_text()
    assert worker.settings["config.storage.topic"] in log and "cleanup.policy" in log and "compact" in log


def test_offsets_are_read_altered_and_reset_over_rest(kafka, topics, workers, folder):
    topic = f"{folder.name}-offsets"
    topics.create(topic)
    (folder / "lines.txt").write_text("one\ntwo\nthree\n")
    worker = workers(kafka.bootstrap, "distributed").start()
    worker.create(source(folder, topic))
    worker.wait_state("lines", "RUNNING", 1)
    until(lambda: topics.count(topic) == 3, "three lines")
    partition = {"filename": str(folder / "lines.txt")}
    refused = worker.request("PATCH", "/connectors/lines/offsets", json={"offsets": [{"partition": partition, "offset": {"position": 4}}]})
    assert refused.status_code == 400 and "STOPPED" in refused.json()["message"]
    worker.put("/connectors/lines/stop")
    worker.wait_state("lines", "STOPPED", 0)
    assert worker.get("/connectors/lines/offsets").json() == {"offsets": [{"partition": partition, "offset": {"position": 14}}]}
    altered = worker.request("PATCH", "/connectors/lines/offsets", json={"offsets": [{"partition": partition, "offset": {"position": 4}}]})
    assert altered.status_code == 200, altered.text
    worker.put("/connectors/lines/resume")
    worker.wait_state("lines", "RUNNING", 1)
    until(lambda: topics.values(topic) == ["one", "two", "three", "two", "three"], "two lines again")
    worker.put("/connectors/lines/stop")
    worker.wait_state("lines", "STOPPED", 0)
    assert worker.delete("/connectors/lines/offsets").status_code == 200
    assert worker.get("/connectors/lines/offsets").json() == {"offsets": []}
    worker.stop()


def test_a_sinks_offsets_are_its_groups(kafka, topics, workers, folder):
    topic = f"{folder.name}-sunk"
    topics.create(topic)
    topics.produce(topic, ["one", "two", "three"])
    out = folder / "out.txt"
    name = f"copy-{folder.name}"
    worker = workers(kafka.bootstrap, "distributed").start()
    worker.create({"name": name, "connector.class": "FileStreamSink", "file": str(out), "topics": topic})
    worker.wait_state(name, "RUNNING", 1)
    until(lambda: out.exists() and out.read_text() == "one\ntwo\nthree\n", "three lines")
    worker.put(f"/connectors/{name}/stop")
    worker.wait_state(name, "STOPPED", 0)
    committed = {"offsets": [{"partition": {"kafka_topic": topic, "kafka_partition": 0}, "offset": {"kafka_offset": 3}}]}
    until(lambda: worker.get(f"/connectors/{name}/offsets").json() == committed, "the offsets of a task that has drained")
    body = {"offsets": [{"partition": {"kafka_topic": topic, "kafka_partition": 0}, "offset": {"kafka_offset": 2}}]}
    altered = worker.request("PATCH", f"/connectors/{name}/offsets", json=body)
    assert altered.status_code == 200, altered.text
    worker.put(f"/connectors/{name}/resume")
    until(lambda: out.read_text() == "one\ntwo\nthree\nthree\n", "the third line again")
    worker.put(f"/connectors/{name}/stop")
    worker.wait_state(name, "STOPPED", 0)
    assert worker.delete(f"/connectors/{name}/offsets").status_code == 200
    worker.stop()
