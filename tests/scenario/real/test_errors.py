"""Bad records: what is skipped, what fails, what becomes a dead letter, and that no offset passes a record before that is safe."""
import time

import pytest
from confluent_kafka import TopicPartition

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
