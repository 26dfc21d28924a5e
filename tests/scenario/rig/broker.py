"""Brokers: librdkafka's mock cluster through `connectd broker --control`, and a real Apache Kafka."""
import os
import pathlib
import subprocess

from .connectd import ROOT, binary
from .process import Process, free_port

PEERS = ROOT / "tests" / "peers"


class MockBroker:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.process = Process([binary(), "broker", "--control"], self.folder / "broker.log",
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        first = self.process.child.stdout.readline().decode()
        assert first.startswith("bootstrap.servers="), f"{first!r}\n{self.process.tail()}"
        self.bootstrap = first.strip().split("=", 1)[1]

    def command(self, line):
        self.process.child.stdin.write(line.encode() + b"\n")
        self.process.child.stdin.flush()
        answer = self.process.child.stdout.readline().decode().strip()
        assert answer == "ok", f"{line}: {answer}"

    def topic(self, name, partitions=1):
        self.command(f"topic {name} {partitions}")

    def end(self):
        self.process.child.stdin.close()
        self.process.end()
        self.process.child.stdout.close()


class KafkaBroker:
    """One real broker; its state survives restarts."""

    def __init__(self, folder, version="4.1.1", environment=None, **properties):
        self.environment = environment or {}
        self.folder = pathlib.Path(folder)
        self.version = version
        self.port = free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self.properties = [f"{key}={value}" for key, value in properties.items()]
        self.running = False

    def _peer(self, *arguments):
        done = subprocess.run([PEERS / "kafka", *map(str, arguments)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=300, env={**os.environ, **self.environment})
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self):
        self._peer("start", self.folder, self.port, *self.properties)
        self.running = True
        return self

    def stop(self):
        self._peer("stop", self.folder)
        self.running = False

    def kill(self):
        self._peer("kill", self.folder)
        self.running = False

    def freeze(self):
        self._peer("freeze", self.folder)

    def thaw(self):
        self._peer("thaw", self.folder)

    def end(self):
        if self.running:
            self.stop()
