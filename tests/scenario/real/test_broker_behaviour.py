"""What brokers do to their clients in daily life: refusing what is too large, throttling, losing a topic to somebody's delete."""
import re
import subprocess

from confluent_kafka.admin import ConfigResource

from rig import wire
from rig.broker import KafkaBroker
from rig.certificates import Authority
from rig.connectd import binary, write_properties
from rig.topics import Topics
from rig.wait import for_seconds, until


def source(folder, topic, name="lines", **extra):
    return {"name": name, "connector.class": "FileStreamSource", "file": str(folder / "in"), "topic": topic, **extra}


def sink(folder, topic, name="copy", **extra):
    return {"name": name, "connector.class": "FileStreamSink", "file": str(folder / "out"), "topics": topic, **extra}


def write(folder, *lines):
    with open(folder / "in", "a") as file:
        file.writelines(f"{line}\n" for line in lines)


def copied(folder):
    path = folder / "out"
    return path.read_text().splitlines() if path.exists() else []


def metric(worker, name):
    """The sum over all labels; 0 if there is none."""
    found = re.findall(rf"^{name}(?:\{{[^}}]*\}})? (\S+)$", worker.get("/metrics").text, re.M)
    return sum(float(value) for value in found)


# ---- too large ----

def test_a_record_too_large_for_the_topic_fails_the_task_and_moves_no_offset(kafka, topics, workers, folder):
    topic = topics.create(f"{folder.name}-small", **{"max.message.bytes": "2000"})
    write(folder, "before", "x" * 5000)
    worker = workers(kafka.bootstrap).start(source(folder, topic, **{"batch.size": "1"}))
    text = worker.wait_failed("lines")
    assert "RecordTooLargeException" in text and f"topic '{topic}'" in text
    assert "max.request.size" in text and "max.message.bytes" in text
    assert topics.values(topic) == ["before"]
    write(folder, "after")
    larger = ConfigResource("topic", topic, {"max.message.bytes": "20000"})
    topics.admin.alter_configs([larger])[larger].result(30)
    assert worker.post("/connectors/lines/restart?includeTasks=true&onlyFailed=true").status_code == 202
    until(lambda: list(dict.fromkeys(topics.values(topic))) == ["before", "x" * 5000, "after"], "all lines")
    worker.stop()


def test_what_is_too_large_for_the_producer_is_skipped_where_that_is_tolerated(kafka, topics, workers, folder):
    topic = topics.create(f"{folder.name}-skip")
    write(folder, "before", "x" * 5000, "after")
    worker = workers(kafka.bootstrap, settings={"producer.max.request.size": "2000"}).start(
        source(folder, topic, **{"errors.tolerance": "all", "errors.log.enable": "true"}))
    until(lambda: topics.values(topic) == ["before", "after"], "the others")
    assert worker.status("lines")["tasks"][0]["state"] == "RUNNING"
    until(lambda: metric(worker, "connectd_task_skipped_total") == 1, "the skip counted")
    worker.stop()


# ---- quotas ----

def test_a_throttled_producer_is_slow_and_counted_but_nothing_fails(kafka, topics, workers, folder):
    topic = topics.create(f"{folder.name}-slow")
    client = f"{folder.name}-client"
    wire.quota(kafka.bootstrap, client, "producer_byte_rate", 20000.0)
    lines = [f"{i}-" + "x" * 1000 for i in range(300)]
    write(folder, *lines)
    worker = workers(kafka.bootstrap, settings={"producer.client.id": client}).start(source(folder, topic), sink(folder, topic))
    until(lambda: metric(worker, "connectd_producer_throttled_total") >= 1, "a counted throttling")
    assert [task["state"] for task in worker.status("lines")["tasks"]] == ["RUNNING"]
    assert "ERROR" not in worker.log_text()
    wire.quota(kafka.bootstrap, client, "producer_byte_rate", None)
    until(lambda: copied(folder) == lines, "all lines copied", 60)
    worker.stop()


# ---- a topic that is deleted and made again ----

def test_a_topic_deleted_and_recreated_under_a_source_and_a_sink(workers, folder):
    """On a broker that does not bring the topic back by itself. The sink is given time to see that it is gone: in Kafka's protocol as
    in a JVM worker, an offset that is valid in the new topic as well would just be gone on from."""
    broker = KafkaBroker(folder / "kafka", **{"auto.create.topics.enable": "false"}).start()
    try:
        topics = Topics(broker.bootstrap)
        topics.create("again", 2)
        worker = workers(broker.bootstrap, settings={"consumer.metadata.max.age.ms": "1000", "offset.flush.interval.ms": "500"}).start(
            source(folder, "again"), sink(folder, "again"))
        first = [f"first-{i}" for i in range(100)]
        write(folder, *first)
        until(lambda: sorted(copied(folder)) == sorted(first), "the first lines copied")
        topics.delete("again")
        for words in ("Subscribed topic not available: again", "Partitions revoked"):
            until(lambda: words in worker.log_text(), "a sink that says its topic is gone")
        second = [f"second-{i}" for i in range(100)]
        write(folder, *second)
        for_seconds(2)  # long enough for the sink's last commit, which is refused, and for the source to have tried
        topics.create("again", 2)
        until(lambda: sorted(copied(folder)) == sorted(first + second), "the second lines copied")
        assert sorted(topics.values("again")) == sorted(second)
        assert "unrecoverable exception" not in worker.log_text()
        for connector in ("lines", "copy"):
            worker.wait_state(connector, "RUNNING", 1)
        worker.stop()
    finally:
        broker.end()


# ---- what is asked of the client, shown ----

def test_check_shows_the_effective_client_settings_without_secrets(folder):
    authority = Authority(folder / "authority")
    login = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="bob" password="hush-1";'
    (folder / "secrets").write_text("password=hush-2\n")
    everyone = {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.jaas.config": login,
                "ssl.truststore.type": "PEM", "ssl.truststore.certificates": authority.ca.read_text(),
                "ssl.keystore.location": authority.issue("client"), "ssl.keystore.type": "PEM", "ssl.key.password": "hush-3"}
    worker = write_properties(folder / "worker.properties", {
        "bootstrap.servers": "kafka.example:9093", "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.storage.StringConverter", "offset.storage.file.filename": folder / "offsets",
        "config.providers": "file", "config.providers.file.class": "org.apache.kafka.common.config.provider.FileConfigProvider",
        **{prefix + key: value for prefix in ("", "producer.", "consumer.", "admin.") for key, value in everyone.items()},
        "producer.sasl.jaas.config": login.replace("hush-1", "${file:%s:password}" % (folder / "secrets")),
        "producer.compression.type": "zstd", "producer.partitioner.class": "org.apache.kafka.clients.producer.RoundRobinPartitioner",
        "producer.interceptor.classes": "com.example.Counting", "consumer.max.partition.fetch.bytes": "123456"})
    done = subprocess.run([binary(), "check", worker], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    producer, consumer = re.search(r"source tasks:\n(.*)clients of sink tasks:\n(.*)the worker's admin", done.stdout, re.S).groups()
    for line in ("bootstrap.servers=kafka.example:9093", "security.protocol=sasl_ssl", "sasl.mechanism=PLAIN", "sasl.username=bob",
                 "sasl.password=[hidden]", "ssl.ca.pem=[hidden]", "ssl.key.password=[hidden]"):
        assert f"  {line}\n" in producer and f"  {line}\n" in consumer, done.stdout
    for line in ("acks=all", "enable.idempotence=false", "compression.type=zstd", "linger.ms=5"):
        assert f"  {line}\n" in producer, producer
    assert "# interceptor.classes: a Java class" in producer
    assert "  max.partition.fetch.bytes=123456\n" in consumer and "  auto.offset.reset=earliest\n" in consumer
    assert "hush" not in done.stdout + done.stderr and "BEGIN" not in done.stdout + done.stderr
