"""Bad records: what is skipped, what fails, what becomes a dead letter, and that no offset passes a record before that is safe."""
import subprocess
import time

import pytest
from confluent_kafka import TopicPartition

from rig.broker import PEERS, KafkaBroker
from rig.topics import Topics
from rig.wait import until

JSON = "org.apache.kafka.connect.json.JsonConverter"
LONG = "org.apache.kafka.connect.converters.LongConverter"
TRANSFORMS = "org.apache.kafka.connect.transforms."
SINK_TASK = "org.apache.kafka.connect.sink.SinkTask"
DATA = "org.apache.kafka.connect.errors.DataException"


def converter(part, name, **settings):
    return {f"{part}.converter": name, **{f"{part}.converter.{key.replace('_', '.')}": value for key, value in settings.items()}}


def transform(name, **settings):
    return {"transforms": "t", "transforms.t.type": name if "." in name else TRANSFORMS + name,
            **{f"transforms.t.{key.replace('_', '.')}": value for key, value in settings.items()}}


def letters_to(topic, **extra):
    return {"errors.deadletterqueue.topic.name": topic, "errors.deadletterqueue.topic.replication.factor": "1",
            "errors.deadletterqueue.context.headers.enable": "true", **extra}


def sink(folder, name, topic, **extra):
    return {"name": name, "connector.class": "test.FaultySinkConnector", "topics": topic, "out": str(folder / f"{name}.out"),
            "calls": str(folder / f"{name}.calls"), "consumer.override.auto.offset.reset": "earliest", **extra}


def delivered(folder, name):
    path = folder / f"{name}.out"
    return [line.split(" ", 3)[3] for line in path.read_text().splitlines()] if path.exists() else []


def committed(topics, connector, topic):
    """Kafka's offset of the connector's group in partition 0; 0 if there is none."""
    consumer = topics.consumer(**{"group.id": f"connect-{connector}"})
    try:
        return max(0, consumer.committed([TopicPartition(topic, 0)], timeout=10)[0].offset)
    finally:
        consumer.close()


def headers_of(message):
    return [(name, value.decode() if value is not None else None) for name, value in message.headers() or []]


def letters(topics, topic):
    """Dead letters by the connector that wrote them."""
    found = {}
    for message in topics.read(topic):
        found.setdefault(dict(headers_of(message))["__connect.errors.connector.name"], []).append(message)
    return found


@pytest.fixture
def worker(kafka, workers, faulty_plugins):
    worker = workers(kafka.bootstrap, settings={"plugin.path": str(faulty_plugins), "offset.flush.interval.ms": "500"}).start()
    yield worker
    worker.stop()


# ---- what a dead letter says, compared with a JVM worker ----

PLAIN = converter("value", JSON, schemas_enable="false")
NOT_JSON = "Converting byte[] to Kafka Connect data failed due to serialization error: "
NOT_LONG = "Failed to deserialize long: "
NO_ENVELOPE = ('JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields. If you '
               "are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration.")

# Configuration, record, and what Kafka 4.1.1 wrote for it: stage, class, exception, message. Where its message ends in ": " because
# the reason is in the cause only, ours goes on with the reason.
JVM_LETTERS = {
    "value-not-json": (
        converter("value", JSON), {"value": b"{not json"},
        ("VALUE_CONVERTER", JSON, DATA, NOT_JSON)),
    "value-no-envelope": (
        converter("value", JSON), {"value": b'{"a":1}'},
        ("VALUE_CONVERTER", JSON, DATA, NO_ENVELOPE)),
    "value-unknown-type": (
        converter("value", JSON), {"value": b'{"schema":{"type":"int33"},"payload":1}'},
        ("VALUE_CONVERTER", JSON, DATA, "Unknown schema type: int33")),
    "value-long-size": (
        converter("value", LONG), {"value": b"abc"},
        ("VALUE_CONVERTER", LONG, DATA, NOT_LONG)),
    "key-not-json": (
        converter("key", JSON), {"key": b"{", "value": b"v"},
        ("KEY_CONVERTER", JSON, DATA, NOT_JSON)),
    "key-long-size": (
        converter("key", LONG), {"key": b"toolongkey", "value": b"v"},
        ("KEY_CONVERTER", LONG, DATA, NOT_LONG)),
    "header-not-json": (
        converter("header", JSON), {"value": b"v", "headers": [("h", b"{"), ("__connect.errors.topic", b"old")]},
        ("HEADER_CONVERTER", JSON, DATA, NOT_JSON)),
    "header-long-size": (
        converter("header", LONG), {"value": b"v", "headers": [("h", b"1")]},
        ("HEADER_CONVERTER", LONG, DATA, NOT_LONG)),
    "extract-string": (
        transform("ExtractField$Value", field="a"), {"value": b"text"},
        ("TRANSFORMATION", TRANSFORMS + "ExtractField$Value", DATA, "Only Struct objects supported for [field extraction], found: java.lang.String")),
    "extract-missing": (
        {**PLAIN, **transform("ExtractField$Value", field="a")}, {"value": b'[1]'},
        ("TRANSFORMATION", TRANSFORMS + "ExtractField$Value", DATA, "Only Map objects supported in absence of schema for [field extraction], found: java.util.ArrayList")),
    "cast-text": (
        {**PLAIN, **transform("Cast$Value", spec="a:int32")}, {"value": b'{"a":"x"}'},
        ("TRANSFORMATION", TRANSFORMS + "Cast$Value", DATA, "Value (x) was out of range for requested data type")),
    "timestamp-format": (
        {**PLAIN, **transform("TimestampConverter$Value", field="a", target_type="unix", format="yyyy-MM-dd")}, {"value": b'{"a":"x"}'},
        ("TRANSFORMATION", TRANSFORMS + "TimestampConverter$Value", DATA, "Could not parse timestamp: value (x) does not match pattern (yyyy-MM-dd)")),
    "insert-string": (
        transform("InsertField$Value", static_field="a", static_value="b"), {"value": b"text"},
        ("TRANSFORMATION", TRANSFORMS + "InsertField$Value", DATA, "Only Struct objects supported for [field insertion], found: java.lang.String")),
    "value-to-key": (
        {**PLAIN, **transform("ValueToKey", fields="a")}, {"value": b'"text"'},
        ("TRANSFORMATION", TRANSFORMS + "ValueToKey", DATA, "Only Map objects supported in absence of schema for [copying fields from value to key], found: java.lang.String")),
    "mask-type": (
        {**PLAIN, **transform("MaskField$Value", fields="a", replacement="b")}, {"value": b'{"a":{}}'},
        ("TRANSFORMATION", TRANSFORMS + "MaskField$Value", DATA, "Cannot mask value of type class java.util.HashMap with custom replacement.")),
    "header-from": (
        {**PLAIN, **transform("HeaderFrom$Value", fields="a", headers="a", operation="move")}, {"value": b'7'},
        ("TRANSFORMATION", TRANSFORMS + "HeaderFrom$Value", DATA, "Only Map objects supported in absence of schema for [header move], found: java.lang.Long")),
    "hoist-then-flatten": (
        {**PLAIN, "transforms": "h,f", "transforms.h.type": TRANSFORMS + "HoistField$Value", "transforms.h.field": "x", "transforms.f.type": TRANSFORMS + "Flatten$Key"}, {"key": b"k", "value": b'7'},
        ("TRANSFORMATION", TRANSFORMS + "Flatten$Key", DATA, "Only Struct objects supported for [flattening], found: java.lang.String")),
}


def test_dead_letters_say_what_those_of_a_jvm_worker_say(worker, topics, folder):
    base = folder.name
    for name, (config, record, _) in JVM_LETTERS.items():
        topics.create(f"{base}-{name}")
        topics.produce(f"{base}-{name}", [{"timestamp": 1700000000000, **record}])
        topics.create(f"{base}-{name}-dlq")
        worker.create({"name": name, "connector.class": "FileStreamSink", "file": str(folder / name), "topics": f"{base}-{name}",
                       "errors.tolerance": "all", **letters_to(f"{base}-{name}-dlq"), **config})
    for name, (_, record, (stage, class_name, exception, text)) in JVM_LETTERS.items():
        until(lambda: topics.count(f"{base}-{name}-dlq") == 1, f"the dead letter of {name}")
        letter = topics.read(f"{base}-{name}-dlq")[0]
        assert (letter.key(), letter.value(), letter.timestamp()[1]) == (record.get("key"), record["value"], 1700000000000), name
        own = [(key, value.decode()) for key, value in record.get("headers", [])]
        context = headers_of(letter)[len(own):]
        assert headers_of(letter)[:len(own)] == own
        message = context[8][1]
        assert context[:8] == [(f"__connect.errors.{key}", value) for key, value in (
            ("topic", f"{base}-{name}"), ("partition", "0"), ("offset", "0"), ("connector.name", name), ("task.id", "0"),
            ("stage", stage), ("class.name", class_name), ("exception.class.name", exception))], name
        assert context[8][0] == "__connect.errors.exception.message"
        assert message == text or text.endswith(": ") and message.startswith(text), name
        assert context[9][0] == "__connect.errors.exception.stacktrace" and context[9][1].startswith(f"{exception}: {text}"), name
        assert len(context) == 10


# ---- stage by class of error by tolerance by dead letters, for a sink ----

RECORDS = [{"key": "k", "value": "0"}, {"key": "bad key", "value": "bad value", "headers": [("h", b"bad header")]}] + [
    {"key": "k", "value": str(i)} for i in range(2, 5)]
STAGES = {
    "KEY_CONVERTER": lambda kind: (converter("key", "test.FaultyConverter", fail_kind=kind), "test.FaultyConverter"),
    "VALUE_CONVERTER": lambda kind: (converter("value", "test.FaultyConverter", fail_kind=kind), "test.FaultyConverter"),
    "HEADER_CONVERTER": lambda kind: (converter("header", "test.FaultyConverter", fail_kind=kind), "test.FaultyConverter"),
    "TRANSFORMATION": lambda kind: (transform("test.FaultyTransform", fail_kind=kind), "test.FaultyTransform"),
    "TASK_PUT": lambda kind: ({"fail.kind": kind}, SINK_TASK),
}


def expected(stage, kind, tolerance, wants_letters):
    """What becomes of the task, and whether there is a dead letter."""
    if kind == "bug":  # ours or the plugin's: nothing tolerates it
        return "FAILED", wants_letters and stage != "TASK_PUT"
    if stage != "TASK_PUT":
        return ("RUNNING" if tolerance == "all" else "FAILED"), wants_letters
    if kind == "retriable":
        return "WAITING", False
    if kind == "remote":
        return "FAILED", False
    # With nobody to tell, a record that put refuses is never left out.
    return ("RUNNING" if tolerance == "all" and wants_letters else "FAILED"), wants_letters


CELLS = [(stage, kind, tolerance, wants) for stage in STAGES for kind in ("data", "retriable", "remote", "bug")
         for tolerance in ("none", "all") for wants in (True, False)]


def cell_name(cell):
    return "-".join(map(str, cell)).lower()


@pytest.mark.parametrize("stage", STAGES)
def test_a_bad_record_is_skipped_told_or_fatal(worker, topics, folder, stage):
    topic, dlq = topics.create(f"{folder.name}-in"), topics.create(f"{folder.name}-dlq")
    topics.produce(topic, RECORDS)
    cells = [cell for cell in CELLS if cell[0] == stage]
    for cell in cells:
        config, _ = STAGES[stage](cell[1])
        worker.create(sink(folder, cell_name(cell), topic, **config, **{"errors.tolerance": cell[2]},
                           **(letters_to(dlq) if cell[3] else {})))
    for cell in cells:
        name, (state, _) = cell_name(cell), expected(*cell)
        if state == "FAILED":
            trace = worker.wait_failed(name)
            assert "refused 'bad" in trace, trace
            assert "Tolerance exceeded in error handler" in trace or stage == "TASK_PUT"
        elif state == "RUNNING":
            until(lambda: committed(topics, name, topic) == 5, f"all offsets of {name} committed")
            assert delivered(folder, name) == ["0", "2", "3", "4"]
        else:
            until(lambda: (folder / f"{name}.calls").read_text().count("failed") >= 2, f"{name} trying again")
            assert worker.status(name)["tasks"][0]["state"] == "RUNNING"
            assert delivered(folder, name) in ([], ["0"])
        if state != "RUNNING":
            assert committed(topics, name, topic) <= 1, name
    told = letters(topics, dlq)
    for cell in cells:
        name = cell_name(cell)
        assert len(told.get(name, [])) == (1 if expected(*cell)[1] else 0), name
        for letter in told.get(name, []):
            assert (letter.key(), letter.value()) == (b"bad key", b"bad value")
            context = dict(headers_of(letter))
            assert context["h"] == "bad header" and context["__connect.errors.stage"] == stage
            assert context["__connect.errors.class.name"] == STAGES[stage](cell[1])[1]
            assert context["__connect.errors.offset"] == "1"


# ---- the same for a source ----

TOO_LARGE = "org.apache.kafka.common.errors.RecordTooLargeException"
SOURCE_STAGES = {
    "KEY_CONVERTER": ("key", converter("key", "test.FaultyConverter"), "refused 'bad key-3'"),
    "VALUE_CONVERTER": ("value", converter("value", "test.FaultyConverter"), "refused 'bad value-3'"),
    "HEADER_CONVERTER": ("header", converter("header", "test.FaultyConverter"), "refused 'bad header-3'"),
    "TRANSFORMATION": ("value", transform("test.FaultyTransform"), "refused 'bad value-3'"),
    "KAFKA_PRODUCE": ("size", {}, TOO_LARGE),
    "refused by the broker": ("size", {"big.bytes": "5000"}, TOO_LARGE),
}


def source(name, topic, part, **extra):
    return {"name": name, "connector.class": "test.FaultySourceConnector", "topic": topic, "bad.at": "3", "bad.part": part, **extra}


@pytest.mark.parametrize("tolerance", ["none", "all"])
def test_a_bad_record_of_a_source_is_skipped_or_fatal(worker, topics, folder, tolerance):
    names = {stage: f"{stage.lower().replace(' ', '-')}-{tolerance}" for stage in SOURCE_STAGES}
    for stage, (part, config, _) in SOURCE_STAGES.items():
        name = names[stage]
        topics.create(f"{folder.name}-{name}", **({"max.message.bytes": "1000"} if stage.startswith("refused") else {}))
        worker.create(source(name, f"{folder.name}-{name}", part, **config, **{
            "errors.tolerance": tolerance, "errors.log.enable": "true", "errors.log.include.messages": "true"}))
    good = [f"value-{i}" for i in range(10) if i != 3]
    for stage, (_, _, reason) in SOURCE_STAGES.items():
        name, topic = names[stage], f"{folder.name}-{names[stage]}"
        if tolerance == "all":
            # A request that is refused for its size takes good records along: they are sent again.
            until(lambda: topics.values(topic)[-len(good):] == good, f"{name}: all but the bad record")
            until(lambda: offset(worker, name) == 10, f"the offset of {name}")
            assert worker.status(name)["tasks"][0]["state"] == "RUNNING"
        else:
            trace = worker.wait_failed(name)
            assert reason in trace and ("Tolerance exceeded" in trace or "from producer send callback" in trace), trace
            assert offset(worker, name) <= 3, name
            assert topics.values(topic)[:offset(worker, name)] == good[:offset(worker, name)], name
        line = f"Error encountered in task {name}-0. Executing stage '{stage if stage.isupper() else 'KAFKA_PRODUCE'}' with class '"
        assert worker.log_text().count(line) == 1, line


def offset(worker, name):
    """The stored offset of a faulty source; 0 if there is none."""
    offsets = worker.get(f"/connectors/{name}/offsets").json()["offsets"]
    return offsets[0]["offset"]["next"] if offsets else 0


def test_a_negative_timestamp_is_fatal_whatever_the_tolerance(worker, topics, folder):
    topic = topics.create(f"{folder.name}-time")
    worker.create(source("time", topic, "timestamp", **{"errors.tolerance": "all"}))
    assert "Invalid record timestamp -5" in worker.wait_failed("time")


# ---- retries ----

def test_retries_wait_300_600_and_1200_ms(worker, topics, folder):
    topic = topics.create(f"{folder.name}-in")
    worker.create(sink(folder, "retry", topic, **transform("test.FaultyTransform", fail_kind="retriable", fail_times="3"),
                       **{"errors.retry.timeout": "-1", "fail.times": "0"}))
    topics.produce(topic, ["first"])
    until(lambda: delivered(folder, "retry") == ["first"], "the record before")
    began = time.monotonic()
    topics.produce(topic, ["bad but patient"])
    until(lambda: delivered(folder, "retry") == ["first", "bad but patient"], "the record, after its retries")
    took = int((folder / "retry.calls").read_text().splitlines()[-1].split()[0]) / 1000 - began
    assert 2.1 <= took < 3.0, took


@pytest.mark.parametrize("timeout, longest, shortest", [("700", "60000", 0.7), ("0", "60000", 0.0), ("400", "50", 0.4)])
def test_a_record_that_outlives_its_retries_is_a_dead_letter(worker, topics, folder, timeout, longest, shortest):
    topic, dlq = topics.create(f"{folder.name}-in"), topics.create(f"{folder.name}-dlq")
    worker.create(sink(folder, "patient", topic, **transform("test.FaultyTransform", fail_kind="retriable"), **letters_to(dlq), **{
        "errors.retry.timeout": timeout, "errors.retry.delay.max.ms": longest, "errors.tolerance": "all"}))
    topics.produce(topic, ["first"])
    until(lambda: delivered(folder, "patient") == ["first"], "the record before")
    sent = time.time()
    topics.produce(topic, ["bad", "after"])
    until(lambda: delivered(folder, "patient") == ["first", "after"], "the record after")
    until(lambda: topics.count(dlq) == 1, "the dead letter")
    assert shortest <= time.time() - sent < shortest + 2


# ---- what the log says ----

def test_the_log_tells_each_error_or_a_sum(worker, topics, folder):
    topic = topics.create(f"{folder.name}-in")
    topics.produce(topic, [{"value": "bad", "timestamp": 1700000000000}] * 100 + ["good"])
    config = {**transform("test.FaultyTransform"), "errors.tolerance": "all"}
    worker.create(sink(folder, "silent", topic, **config))
    worker.create(sink(folder, "brief", topic, **config, **{"errors.log.enable": "true"}))
    worker.create(sink(folder, "full", topic, **config, **{"errors.log.enable": "true", "errors.log.include.messages": "true"}))
    for name in ("silent", "brief", "full"):
        until(lambda: delivered(folder, name) == ["good"], f"the good record of {name}")
    log = worker.log_text()
    start = "Error encountered in task {}-0. Executing stage 'TRANSFORMATION' with class 'test.FaultyTransform'"
    assert log.count(start.format("silent")) == 0 and log.count(start.format("brief")) == log.count(start.format("full")) == 100
    lines = [line for line in log.splitlines() if "silent" in line and "skipped records because errors.tolerance=all" in line]
    assert len(lines) == 1 and "refused 'bad'" in lines[0]
    where = f", where consumed record is {{topic='{topic}', partition=0, offset=7, timestamp=1700000000000, timestampType=CreateTime}}. "
    assert start.format("full") + where in log and start.format("brief") + ", where" not in log


# ---- dead letters that cannot be written ----

def test_a_dead_letter_topic_that_cannot_be_created_fails_the_task(worker, topics, folder):
    topic = topics.create(f"{folder.name}-in")
    worker.create(sink(folder, "nowhere", topic, **{"errors.tolerance": "all", "errors.deadletterqueue.topic.name": f"{folder.name}-dlq"}))
    trace = worker.wait_failed("nowhere")
    assert f"Could not initialize dead letter queue with topic={folder.name}-dlq" in trace and "eplication factor" in trace


def test_a_missing_dead_letter_topic_is_created_with_one_partition(worker, topics, folder):
    topic = topics.create(f"{folder.name}-in")
    topics.produce(topic, ["bad", "good"])
    worker.create(sink(folder, "made", topic, **transform("test.FaultyTransform"), **letters_to(f"{folder.name}-dlq"), **{"errors.tolerance": "all"}))
    until(lambda: f"{folder.name}-dlq" in topics.names() and topics.ends(f"{folder.name}-dlq") == {0: 1}, "one letter in one partition")


def test_a_refused_dead_letter_fails_the_task_before_its_offset_is_committed(worker, topics, folder):
    topic, dlq = topics.create(f"{folder.name}-in"), topics.create(f"{folder.name}-dlq", **{"max.message.bytes": "1000"})
    topics.produce(topic, ["good", "bad" + "x" * 5000, "good"])
    worker.create(sink(folder, "refused", topic, **transform("test.FaultyTransform"), **letters_to(dlq), **{"errors.tolerance": "all"}))
    trace = worker.wait_failed("refused")
    assert f"Could not produce message to dead letter queue. topic={dlq}" in trace
    assert committed(topics, "refused", topic) <= 1 and topics.count(dlq) == 0


def test_no_offset_is_committed_before_the_dead_letters_below_it_are_safe(worker, topics, folder):
    topic, dlq = topics.create(f"{folder.name}-in"), topics.create(f"{folder.name}-dlq")
    topics.produce(topic, ["good", "bad", "good"])
    worker.create(sink(folder, "slow", topic, **transform("test.FaultyTransform"), **letters_to(dlq), **{
        "errors.tolerance": "all", "producer.override.linger.ms": "2500"}))
    until(lambda: delivered(folder, "slow") == ["good", "good"], "both good records")

    def safe():
        passed = committed(topics, "slow", topic)
        assert passed <= 1 or topics.count(dlq) == 1
        return passed == 3

    assert topics.count(dlq) == 0  # it lingers
    until(safe, "the offset behind the letter")


# ---- put ----

@pytest.mark.parametrize("how", [{}, {"names.culprit": "true"}, {"reports": "true"}])
def test_of_a_large_batch_only_the_bad_records_are_left_out(worker, topics, folder, how):
    topic, dlq = topics.create(f"{folder.name}-in"), topics.create(f"{folder.name}-dlq")
    bad = {17, 500, 501, 998}
    topics.produce(topic, [f"{'bad ' if i in bad else ''}{i}" for i in range(1000)])
    worker.create(sink(folder, "split", topic, **how, **letters_to(dlq), **{"errors.tolerance": "all"}))
    until(lambda: committed(topics, "split", topic) == 1000, "everything committed")
    assert sorted(map(int, delivered(folder, "split"))) == [i for i in range(1000) if i not in bad]
    assert sorted(m.value().decode() for m in topics.read(dlq)) == sorted(f"bad {i}" for i in bad)
    context = dict(headers_of(topics.read(dlq)[0]))
    assert context["__connect.errors.stage"] == "TASK_PUT" and context["__connect.errors.class.name"] == SINK_TASK


def test_a_retriable_put_is_repeated_at_the_next_commit_and_then_passes(worker, topics, folder):
    topic = topics.create(f"{folder.name}-in")
    topics.produce(topic, ["1", "bad 2", "3"])
    worker.create(sink(folder, "again", topic, **{"fail.kind": "retriable", "fail.times": "2"}))
    until(lambda: delivered(folder, "again") == ["1", "bad 2", "3"], "all records, once")
    assert (folder / "again.calls").read_text().count("failed") == 2


# ---- rights ----

def deny_writes(broker, *names):
    """Where one right is granted, all others are not."""
    which = [part for name in names for part in ("--topic", name)]
    subprocess.run([PEERS / "kafka", "tool", "org.apache.kafka.tools.AclCommand", "--bootstrap-server", broker.bootstrap, "--add",
                    "--allow-principal", "User:ANONYMOUS", "--operation", "Describe", *which], check=True, capture_output=True, timeout=60)


def test_what_the_broker_forbids_fails_the_task(workers, faulty_plugins, folder):
    broker = KafkaBroker(folder / "kafka", **{"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                                              "super.users": "User:admin", "allow.everyone.if.no.acl.found": "true"}).start()
    try:
        topics = Topics(broker.bootstrap)
        for name in ("in", "dlq", "forbidden"):
            topics.create(name)
        topics.produce("in", ["good", "bad", "good"])
        deny_writes(broker, "dlq", "forbidden")
        worker = workers(broker.bootstrap, settings={"plugin.path": str(faulty_plugins), "offset.flush.interval.ms": "500"}).start()
        worker.create(sink(folder, "letters", "in", **transform("test.FaultyTransform"), **letters_to("dlq"), **{"errors.tolerance": "all"}))
        trace = worker.wait_failed("letters")
        assert "Could not produce message to dead letter queue. topic=dlq" in trace and "TopicAuthorizationException" in trace, trace
        assert committed(topics, "letters", "in") <= 1

        worker.create(source("forbidden", "forbidden", "value", **{"bad.at": "-1"}))
        trace = worker.wait_failed("forbidden")
        assert "org.apache.kafka.common.errors.TopicAuthorizationException" in trace and offset(worker, "forbidden") == 0
        worker.stop()
    finally:
        broker.end()
