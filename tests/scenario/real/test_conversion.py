"""Converters of headers and predicates, through the whole pipeline."""
from rig.wait import until

STRING = "org.apache.kafka.connect.storage.StringConverter"
SIMPLE = "org.apache.kafka.connect.storage.SimpleHeaderConverter"
JSON = "org.apache.kafka.connect.json.JsonConverter"
T = "org.apache.kafka.connect.transforms."


def headers(topics, topic, seconds=30):
    until(lambda: topics.count(topic) == 1, f"a record in {topic}", seconds)
    return topics.read(topic)[0].headers()


def source(folder, name, topic, **extra):
    (folder / f"{name}.txt").write_text("line\n")
    return {"name": name, "connector.class": "FileStreamSource", "file": str(folder / f"{name}.txt"), "topic": topic,
            "transforms": "h", "transforms.h.type": T + "InsertHeader", "transforms.h.header": "h",
            "transforms.h.value.literal": "42", **extra}


def test_headers_are_converted_as_the_worker_or_the_connector_says(kafka, topics, workers, folder):
    worker = workers(kafka.bootstrap, settings={"header.converter": JSON, "header.converter.schemas.enable": "true"}).start()
    expected = {
        "worker": ({}, b'{"schema":{"type":"int8","optional":false},"payload":42}'),
        "plain": ({"header.converter": JSON, "header.converter.schemas.enable": "false"}, b"42"),
        "simple": ({"header.converter": SIMPLE}, b"42"),
        "alias": ({"header.converter": "SimpleHeaderConverter"}, b"42"),
        "string": ({"header.converter": STRING}, b"42"),
    }
    for name, (config, _) in expected.items():
        topics.create(f"{folder.name}-{name}")
        worker.create(source(folder, name, f"{folder.name}-{name}", **config))
    for name, (_, value) in expected.items():
        assert headers(topics, f"{folder.name}-{name}") == [("h", value)], name
    worker.stop()


def test_predicates_choose_the_records_of_a_transform(kafka, topics, workers, folder):
    topic = topics.create(f"{folder.name}-in")
    topics.produce(topic, [{"value": "plain"}, {"value": "marked", "headers": [("mark", b"1")]}, {"key": "gone", "value": None}])
    worker = workers(kafka.bootstrap).start()
    common = {"connector.class": "FileStreamSink", "topics": topic, "consumer.override.auto.offset.reset": "earliest",
              "predicates": "marked,tombstone,here", "predicates.marked.type": T + "predicates.HasHeaderKey", "predicates.marked.name": "mark",
              "predicates.tombstone.type": T + "predicates.RecordIsTombstone",
              "predicates.here.type": T + "predicates.TopicNameMatches", "predicates.here.pattern": ".*-in", "transforms": "drop",
              "transforms.drop.type": T + "Filter"}
    cases = {"marked": ("marked", "false", ["plain", "null"]), "unmarked": ("marked", "true", ["marked"]),
             "tombstones": ("tombstone", "false", ["plain", "marked"]), "others": ("tombstone", "true", ["null"]),
             "here": ("here", "true", ["plain", "marked", "null"])}
    for name, (predicate, negate, _) in cases.items():
        worker.create({"name": name, "file": str(folder / name), **common, "transforms.drop.predicate": predicate,
                       "transforms.drop.negate": negate})
    for name, (_, _, lines) in cases.items():
        until(lambda: (folder / name).exists() and (folder / name).read_text().splitlines() == lines, f"{name}: {lines}")
    worker.stop()
