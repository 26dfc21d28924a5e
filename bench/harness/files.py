"""File to topic and topic to file: beside kcat, a bare librdkafka program, and the JVM worker."""
import dataclasses

from . import measure

STRING = "org.apache.kafka.connect.storage.StringConverter"
JSON = "org.apache.kafka.connect.json.JsonConverter"
SOURCE = "org.apache.kafka.connect.file.FileStreamSourceConnector"
SINK = "org.apache.kafka.connect.file.FileStreamSinkConnector"
TRANSFORMS = "org.apache.kafka.connect.transforms."

# A line becomes a struct, gets two fields, has one renamed, and is a line again: the same bytes leave as came in.
CHAIN = {
    "transforms": "hoist,label,where,rename,extract",
    "transforms.hoist.type": TRANSFORMS + "HoistField$Value", "transforms.hoist.field": "line",
    "transforms.label.type": TRANSFORMS + "InsertField$Value",
    "transforms.label.static.field": "label", "transforms.label.static.value": "bench",
    "transforms.where.type": TRANSFORMS + "InsertField$Value", "transforms.where.topic.field": "where",
    "transforms.rename.type": TRANSFORMS + "ReplaceField$Value", "transforms.rename.renames": "line:text",
    "transforms.extract.type": TRANSFORMS + "ExtractField$Value", "transforms.extract.field": "text",
}


@dataclasses.dataclass
class Shape:
    """`records` lines of `size` bytes; `worker` and `connector` settings beside the usual ones."""
    records: int
    size: int = 100
    partitions: int = 1
    worker: dict = dataclasses.field(default_factory=dict)
    connector: dict = dataclasses.field(default_factory=dict)
    wrap: tuple = ("", "")  # what stands before and after a line in the topic a sink reads


def json_worker(schemas):
    return {"value.converter": JSON, "value.converter.schemas.enable": str(schemas).lower()}


def scaled(stage, records):
    return max(1000, int(records * stage.options.scale))


def write_lines(path, shape):
    """Numbered lines: compressible as text is, each different."""
    with open(path, "w") as file:
        for number in range(shape.records):
            text = f"{number:09d} "
            filler = "the quick brown fox jumps over the lazy dog, " * (shape.size // 45 + 1)
            file.write((text + filler)[:shape.size] + "\n")
    return path


class FileToTopic:
    def __init__(self, shape):
        self.shape = shape

    def prepare(self, stage):
        self.stage = stage
        self.shape = dataclasses.replace(self.shape, records=scaled(stage, self.shape.records))
        self.path = write_lines(stage.folder / stage.name("lines"), self.shape)
        runs = {"connectd": lambda: self.worker("connectd"), "kcat": self.kcat}
        if stage.program("lines_to_topic"):
            runs["bare librdkafka"] = self.bare
        if stage.options.jvm:
            runs["JVM"] = lambda: self.worker("jvm")
        return runs

    def finish(self):
        self.path.unlink()

    def all_there(self, topic):
        assert self.stage.topics.count(topic) == self.shape.records

    def with_topic(self, run):
        topic = self.stage.topic("lines", self.shape.partitions)
        sample = run(topic)
        self.all_there(topic)
        self.stage.topics.delete(topic)
        return sample

    def kcat(self):
        return self.with_topic(lambda topic: measure.run_program(
            ["kcat", "-P", "-b", self.stage.kafka.bootstrap, "-t", topic, "-l", self.path], self.shape.records))

    def bare(self):
        return self.with_topic(lambda topic: measure.run_program(
            [self.stage.program("lines_to_topic"), self.stage.kafka.bootstrap, topic, self.path], self.shape.records))

    def worker(self, kind):
        def run(topic):
            worker = self.stage.worker(kind, self.shape.worker)
            config = {"name": "lines", "connector.class": SOURCE, "file": str(self.path), "topic": topic, "tasks.max": "1",
                      **self.shape.connector}
            with self.stage.counter(topic) as count:
                return measure.run_worker(worker, [config], self.shape.records, lambda: count() >= self.shape.records)

        return self.with_topic(run)


class TopicToFile:
    """The topic is filled once, by kcat; each run reads it from its beginning under a group of its own."""

    def __init__(self, shape):
        self.shape = shape

    def prepare(self, stage):
        self.stage = stage
        self.shape = dataclasses.replace(self.shape, records=scaled(stage, self.shape.records))
        self.topic = stage.topic("records", self.shape.partitions)
        path = write_lines(stage.folder / stage.name("lines"), self.shape)
        self.fill(path)
        self.out = stage.folder / stage.name("copy")
        runs = {"connectd": lambda: self.worker("connectd"), "kcat": self.kcat}
        if stage.program("topic_to_lines"):
            runs["bare librdkafka"] = self.bare
        if stage.options.jvm:
            runs["JVM"] = lambda: self.worker("jvm")
        return runs

    def fill(self, path):
        before, after = self.shape.wrap
        if before or after:
            wrapped = path.with_suffix(".wrapped")
            with open(path) as lines, open(wrapped, "w") as file:
                file.writelines(f"{before}{line[:-1]}{after}\n" for line in lines)
            path.unlink()
            path = wrapped
        measure.run_program(["kcat", "-P", "-b", self.stage.kafka.bootstrap, "-t", self.topic, "-l", path], 1)
        path.unlink()

    def finish(self):
        self.stage.topics.delete(self.topic)

    def expect(self, sample, bytes_each=None):
        expected = self.shape.records * (bytes_each or self.shape.size + sum(map(len, self.shape.wrap)) + 1)
        assert self.out.stat().st_size == expected, f"{self.out.stat().st_size} bytes of {expected}"
        self.out.unlink()
        return sample

    def kcat(self):
        with open(self.out, "wb") as file:
            sample = measure.run_program(["kcat", "-C", "-b", self.stage.kafka.bootstrap, "-t", self.topic, "-o", "beginning", "-e",
                                          "-q"], self.shape.records, stdout=file)
        return self.expect(sample)

    def bare(self):
        command = [self.stage.program("topic_to_lines"), self.stage.kafka.bootstrap, self.topic, self.shape.partitions,
                   self.shape.records, self.out]
        return self.expect(measure.run_program(command, self.shape.records))

    def worker(self, kind):
        worker = self.stage.worker(kind, self.shape.worker)
        config = {"name": self.stage.name("copy"), "connector.class": SINK, "file": str(self.out), "topics": self.topic,
                  "tasks.max": "1", **self.shape.connector}
        expected = self.shape.records * (self.shape.size + 1)
        sample = measure.run_worker(worker, [config], self.shape.records,
                                    lambda: self.out.exists() and self.out.stat().st_size >= expected)
        return self.expect(sample, self.shape.size + 1)


ENVELOPE = ('{"schema":{"type":"string","optional":false},"payload":"', '"}')

PIPELINES = {
    "file-topic": ("file → topic, 100 B, StringConverter", FileToTopic(Shape(2_000_000))),
    "topic-file": ("topic → file, 100 B, StringConverter", TopicToFile(Shape(2_000_000))),
    "file-topic-json": ("file → topic, 100 B, JsonConverter with schemas", FileToTopic(Shape(1_000_000, worker=json_worker(True)))),
    "file-topic-json-plain": ("file → topic, 100 B, JsonConverter", FileToTopic(Shape(1_000_000, worker=json_worker(False)))),
    "topic-file-json": ("topic → file, 100 B, JsonConverter with schemas",
                        TopicToFile(Shape(1_000_000, worker=json_worker(True), wrap=ENVELOPE))),
    "topic-file-json-plain": ("topic → file, 100 B, JsonConverter",
                              TopicToFile(Shape(1_000_000, worker=json_worker(False), wrap=('"', '"')))),
    "file-topic-chain": ("file → topic, 100 B, five transforms", FileToTopic(Shape(1_000_000, connector=CHAIN))),
    "file-topic-10b": ("file → topic, 10 B", FileToTopic(Shape(2_000_000, size=10))),
    "file-topic-1kb": ("file → topic, 1 KB", FileToTopic(Shape(300_000, size=1000))),
    "file-topic-100kb": ("file → topic, 100 KB", FileToTopic(Shape(3_000, size=100_000))),
    "topic-file-10b": ("topic → file, 10 B", TopicToFile(Shape(2_000_000, size=10))),
    "topic-file-1kb": ("topic → file, 1 KB", TopicToFile(Shape(300_000, size=1000))),
    "topic-file-100kb": ("topic → file, 100 KB", TopicToFile(Shape(3_000, size=100_000))),
    "file-topic-16p": ("file → topic of 16 partitions, 100 B", FileToTopic(Shape(1_000_000, partitions=16))),
    "topic-file-16p": ("topic of 16 partitions → file, 100 B", TopicToFile(Shape(1_000_000, partitions=16))),
}
