"""Stop the JVM worker, start connectd with the same file, and go on; then back."""
import pytest

from rig.connectd import Worker
from rig.jvm import JvmWorker, same_worker
from rig.wait import until

FILE_SOURCE = "org.apache.kafka.connect.file.FileStreamSourceConnector"
FILE_SINK = "org.apache.kafka.connect.file.FileStreamSinkConnector"


def append(path, *lines):
    with path.open("a") as file:
        file.writelines(line + "\n" for line in lines)


@pytest.fixture
def ended():
    workers = []
    yield workers
    for worker in workers:
        worker.end()


def test_a_distributed_cluster_is_taken_over_and_handed_back(kafka, topics, folder, ended):
    mark = folder.name.rsplit("-", 1)[-1]
    source_topic, sink_topic = topics.create(f"takeover-in-{mark}"), topics.create(f"takeover-out-{mark}")
    lines, paused, copy = folder / "lines.txt", folder / "paused.txt", folder / "copy.txt"
    append(lines, "jvm 1", "jvm 2")
    append(paused, "paused 1")
    topics.produce(sink_topic, ["sunk 1"])

    jvm = JvmWorker(folder / "worker", kafka.bootstrap, "distributed", name=f"takeover-{mark}")
    ended.append(jvm)
    jvm.start()
    jvm.create({"name": "running", "connector.class": FILE_SOURCE, "file": str(lines), "topic": source_topic, "tasks.max": "1"})
    jvm.create({"name": "paused", "connector.class": FILE_SOURCE, "file": str(paused), "topic": f"{source_topic}-paused"})
    jvm.create({"name": "stopped", "connector.class": FILE_SOURCE, "file": str(lines), "topic": f"{source_topic}-stopped"},
               initial_state="STOPPED")
    jvm.create({"name": f"sink-{mark}", "connector.class": FILE_SINK, "file": str(copy), "topics": sink_topic})
    until(lambda: topics.count(source_topic) == 2, "the JVM's lines")
    until(lambda: copy.exists() and copy.read_text() == "sunk 1\n", "the JVM's sink")
    jvm.wait_state("paused", "RUNNING", 1)
    assert jvm.put("/connectors/paused/pause").status_code == 202
    jvm.wait_state("paused", "PAUSED", 1)
    jvm.wait_state("stopped", "STOPPED", 0)
    patched = {"offsets": [{"partition": {"filename": str(lines)}, "offset": {"position": 6}}]}
    answer = jvm.request("PATCH", "/connectors/stopped/offsets", json=patched)
    assert answer.status_code == 200, answer.text
    infos = {name: info["info"]["config"] for name, info in jvm.get("/connectors?expand=info").json().items()}
    jvm.stop(90)

    ours = same_worker(jvm, Worker)
    ended.append(ours)
    append(lines, "ours 3")
    topics.produce(sink_topic, ["sunk 2"])
    ours.start()
    assert {name: info["info"]["config"] for name, info in ours.get("/connectors?expand=info").json().items()} == infos
    ours.wait_state("running", "RUNNING", 1)
    ours.wait_state("paused", "PAUSED", 1)
    ours.wait_state("stopped", "STOPPED", 0)
    until(lambda: topics.values(source_topic) == ["jvm 1", "jvm 2", "ours 3"], "our line, and none twice")
    until(lambda: copy.read_text() == "sunk 1\nsunk 2\n", "our record in the sink, and none twice", 60)
    assert ours.get("/connectors/stopped/offsets").json() == patched
    assert ours.put("/connectors/stopped/resume").status_code == 202
    until(lambda: topics.count(f"{source_topic}-stopped") == 2, "what follows the patched offset")
    assert topics.values(f"{source_topic}-stopped") == ["jvm 2", "ours 3"]
    ours.stop()

    back = same_worker(ours, JvmWorker)
    ended.append(back)
    append(lines, "jvm 4")
    topics.produce(sink_topic, ["sunk 3"])
    back.start()
    until(lambda: topics.values(source_topic) == ["jvm 1", "jvm 2", "ours 3", "jvm 4"], "the JVM goes on", 60)
    until(lambda: copy.read_text() == "sunk 1\nsunk 2\nsunk 3\n", "the JVM's sink goes on", 60)
    back.wait_state("paused", "PAUSED", 1)
    until(lambda: topics.values(f"{source_topic}-stopped") == ["jvm 2", "ours 3", "jvm 4"], "the resumed one goes on", 60)
    back.stop(90)


def test_standalone_offsets_are_taken_over_and_handed_back(kafka, topics, folder, ended):
    mark = folder.name.rsplit("-", 1)[-1]
    topic = topics.create(f"standalone-{mark}")
    lines = folder / "lines.txt"
    connector = {"name": "lines", "connector.class": FILE_SOURCE, "file": str(lines), "topic": topic}
    append(lines, "jvm 1")
    jvm = JvmWorker(folder / "worker", kafka.bootstrap, "standalone", name="standalone")
    ended.append(jvm)
    jvm.start(connector)
    until(lambda: topics.count(topic) == 1, "the JVM's line")
    jvm.stop(90)

    append(lines, "ours 2")
    ours = same_worker(jvm, Worker)
    ended.append(ours)
    ours.start(connector)
    until(lambda: topics.values(topic) == ["jvm 1", "ours 2"], "our line, and none twice")
    ours.stop()

    append(lines, "jvm 3")
    back = same_worker(ours, JvmWorker)
    ended.append(back)
    back.start(connector)
    until(lambda: topics.values(topic) == ["jvm 1", "ours 2", "jvm 3"], "the JVM reads our file", 60)
    back.stop(90)
