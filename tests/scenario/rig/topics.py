"""Reading and writing topics from a scenario."""
import uuid

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from .wait import until


class Topics:
    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.admin = AdminClient({"bootstrap.servers": bootstrap})

    def create(self, name, partitions=1, **config):
        future = self.admin.create_topics([NewTopic(name, partitions, 1, config=config)])[name]
        future.result(30)
        until(lambda: len(self.admin.list_topics(name, timeout=10).topics[name].partitions) == partitions, f"topic {name}")
        return name

    def delete(self, name):
        self.admin.delete_topics([name])[name].result(30)

    def names(self):
        return set(self.admin.list_topics(timeout=10).topics)

    def consumer(self, **config):
        return Consumer({"bootstrap.servers": self.bootstrap, "group.id": f"reader-{uuid.uuid4()}", "enable.auto.commit": "false",
                         "auto.offset.reset": "earliest", "enable.partition.eof": "false", **config})

    def ends(self, name):
        """Offsets after the last record, by partition."""
        consumer = self.consumer()
        try:
            partitions = self.admin.list_topics(name, timeout=10).topics[name].partitions
            return {p: consumer.get_watermark_offsets(TopicPartition(name, p), timeout=10)[1] for p in partitions}
        finally:
            consumer.close()

    def count(self, name):
        return sum(self.ends(name).values())

    def read(self, name, seconds=60, **config):
        """Every message up to the ends as they are now, in order of each partition."""
        ends = self.ends(name)
        consumer = self.consumer(**config)
        messages = []
        try:
            consumer.assign([TopicPartition(name, p, 0) for p in ends])
            missing = {p for p, end in ends.items() if end > 0}

            def take():
                for message in consumer.consume(10000, 0.2):
                    assert message.error() is None, message.error()
                    messages.append(message)
                    if message.offset() + 1 >= ends[message.partition()]:
                        missing.discard(message.partition())
                for p in list(missing):  # compacted or transactional tails end in a gap
                    at = consumer.position([TopicPartition(name, p)])[0].offset
                    if at >= ends[p]:
                        missing.discard(p)
                return not missing

            until(take, f"all of {name} read", seconds, pause=0)
            return messages
        finally:
            consumer.close()

    def values(self, name, **config):
        return [m.value().decode() if m.value() is not None else None for m in self.read(name, **config)]

    def produce(self, name, records, **config):
        """`records`: values, (key, value) pairs, or dictionaries of produce's arguments."""
        producer = Producer({"bootstrap.servers": self.bootstrap, "linger.ms": 5, **config})
        failed = []

        def delivered(error, _message):
            if error is not None:
                failed.append(error)

        for record in records:
            if isinstance(record, dict):
                arguments = record
            elif isinstance(record, tuple):
                arguments = {"key": record[0], "value": record[1]}
            else:
                arguments = {"value": record}
            while True:
                try:
                    producer.produce(name, on_delivery=delivered, **arguments)
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        assert producer.flush(60) == 0
        assert not failed, failed[0]
