"""topic.creation.*: which topics a source creates, how, and what becomes of records whose topic is missing."""
from confluent_kafka.admin import ConfigResource

from rig.broker import KafkaBroker
from rig.topics import Topics
from rig.wait import for_seconds, until

GROUPS = {
    "topic.creation.groups": "compacted,default,wide",
    "topic.creation.default.replication.factor": "1", "topic.creation.default.partitions": "2",
    "topic.creation.compacted.include": r".*-(0|1)", "topic.creation.compacted.exclude": r".*-1",
    "topic.creation.compacted.cleanup.policy": "compact", "topic.creation.compacted.segment.bytes": "2097152",
    "topic.creation.compacted.partitions": "3",
    "topic.creation.wide.include": r".*-[0-2]", "topic.creation.wide.partitions": "5",
}


def source(name, topic, **extra):
    return {"name": name, "connector.class": "test.FaultySourceConnector", "topic": topic, "count": "12", **extra}


def worker_of(workers, kafka, plugins, **settings):
    return workers(kafka.bootstrap, settings={"plugin.path": str(plugins), "offset.flush.interval.ms": "500", **settings}).start()


def setting(topics, topic, name):
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    return topics.admin.describe_configs([resource])[resource].result(10)[name].value


def test_each_topic_is_created_as_its_first_group_says(kafka, topics, workers, faulty_plugins, folder):
    worker = worker_of(workers, kafka, faulty_plugins)
    base = f"{folder.name}-new"
    worker.create(source("groups", base, **{"topics.spread": "4"}, **GROUPS))
    until(lambda: all(f"{base}-{i}" in topics.names() for i in range(4)), "four topics")
    until(lambda: all(topics.count(f"{base}-{i}") == 3 for i in range(4)), "three records in each")
    assert [len(topics.ends(f"{base}-{i}")) for i in range(4)] == [3, 5, 5, 2]
    assert setting(topics, f"{base}-0", "cleanup.policy") == "compact" and setting(topics, f"{base}-0", "segment.bytes") == "2097152"
    assert {setting(topics, f"{base}-{i}", "cleanup.policy") for i in (1, 2, 3)} == {"delete"}
    log = worker.log_text()
    assert f"Created topic '{base}-0' using creation group compacted" in log and f"Created topic '{base}-3' using creation group default" in log
    active = worker.get("/connectors/groups/topics").json()["groups"]["topics"]
    assert sorted(active) == [f"{base}-{i}" for i in range(4)]
    worker.stop()


def test_an_existing_topic_is_left_as_it_is(kafka, topics, workers, faulty_plugins, folder):
    topic = topics.create(f"{folder.name}-0", 1)
    worker = worker_of(workers, kafka, faulty_plugins)
    worker.create(source("existing", topic, **GROUPS))
    until(lambda: topics.count(topic) == 12, "all records")
    assert len(topics.ends(topic)) == 1 and setting(topics, topic, "cleanup.policy") == "delete"
    worker.stop()


def test_a_topic_that_cannot_be_created_fails_the_task(kafka, topics, workers, faulty_plugins, folder):
    worker = worker_of(workers, kafka, faulty_plugins)
    worker.create(source("factor", f"{folder.name}-no", **{**GROUPS, "topic.creation.default.replication.factor": "3"}))
    trace = worker.wait_failed("factor")
    assert f"{folder.name}-no" in trace and "eplication factor" in trace
    worker.create(source("bad-setting", f"{folder.name}-0", **{**GROUPS, "topic.creation.compacted.no.such.setting": "1"}))
    assert "no.such.setting" in worker.wait_failed("bad-setting")
    assert not [name for name in topics.names() if name.startswith(folder.name)]
    worker.stop()


# Settings and what Kafka 4.1.1 says of them, in the trace of the connector.
NONSENSE = [
    ({"topic.creation.default.partitions": "0"},
     "Invalid value 0 for configuration partitions: Number of partitions must be positive, or -1 to use the broker's default"),
    ({"topic.creation.default.partitions": None}, "Missing required configuration"),
    ({"topic.creation.wide.include": "("},
     "for configuration include: Syntax error in regular expression: Unclosed group near index 1\n("),
    ({"topic.creation.default.replication.factor": "-2"},
     "Invalid value -2 for configuration replication.factor: Replication factor must be positive and not larger than the number of "
     "brokers in the Kafka cluster, or -1 to use the broker's default"),
]


def test_groups_that_make_no_sense_fail_the_connector(kafka, workers, faulty_plugins, folder):
    for enable in ("true", "false"):
        worker = worker_of(workers, kafka, faulty_plugins, **{"topic.creation.enable": enable})
        for i, (change, reason) in enumerate(NONSENSE):
            name = f"nonsense-{i}"
            config = {key: value for key, value in {**source(name, f"{folder.name}-x", **GROUPS), **change}.items() if value is not None}
            worker.post("/connectors", json={"name": name, "config": config})
            if enable == "true":
                status = until(lambda: (s := worker.status(name)) and s["connector"]["state"] == "FAILED" and s, f"{name} FAILED")
                assert reason in status["connector"]["trace"] and status["tasks"] == []
            else:
                worker.wait_state(name, "RUNNING", 1)
        worker.stop()


def test_without_permission_of_the_worker_the_broker_decides(kafka, topics, workers, faulty_plugins, folder):
    worker = worker_of(workers, kafka, faulty_plugins, **{"topic.creation.enable": "false"})
    worker.create(source("auto", f"{folder.name}-0", **GROUPS))
    until(lambda: topics.count(f"{folder.name}-0") == 12, "all records, in a topic the broker made")
    assert len(topics.ends(f"{folder.name}-0")) == 1 and setting(topics, f"{folder.name}-0", "cleanup.policy") == "delete"
    assert "using creation group" not in worker.log_text()
    worker.stop()


def test_records_wait_for_a_topic_that_is_missing(workers, faulty_plugins, folder):
    broker = KafkaBroker(folder / "kafka", **{"auto.create.topics.enable": "false"}).start()
    try:
        topics = Topics(broker.bootstrap)
        worker = worker_of(workers, broker, faulty_plugins)
        worker.create(source("waiting", f"{folder.name}-late"))
        worker.wait_state("waiting", "RUNNING", 1)
        for_seconds(3)
        assert worker.status("waiting")["tasks"][0]["state"] == "RUNNING"
        assert worker.get("/connectors/waiting/offsets").json()["offsets"] == []
        topics.create(f"{folder.name}-late")
        until(lambda: topics.values(f"{folder.name}-late") == [f"value-{i}" for i in range(12)], "all records, once")
        worker.stop()
    finally:
        broker.end()
