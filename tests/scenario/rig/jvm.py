"""The JVM's Connect worker, for taking over from it and handing back."""
from .broker import PEERS
from .connectd import Worker, write_properties
from .process import Process
from .wait import until


class JvmWorker(Worker):
    """Same properties, same REST, another process."""

    def start(self, *connectors, wait=True, wrapper=()):
        settings = {**self.settings, "plugin.discovery": "only_scan"}
        worker_file = write_properties(self.folder / f"{self.name}.properties", settings)
        files = [write_properties(self.folder / f"{c['name']}.properties", c) for c in connectors]
        self.process = Process([PEERS / "kafka", "connect", self.mode, worker_file, *files], self.log)
        if wait:
            self.wait_ready(120)
        return self


def same_worker(worker, kind):
    """The same properties under the other implementation: `kind` is JvmWorker or Worker."""
    other = kind(worker.folder, worker.settings["bootstrap.servers"], worker.mode, worker.settings, worker.name)
    other.settings = dict(worker.settings)
    other.port, other.url = worker.port, worker.url
    until(lambda: not worker.process.alive(), "the first worker gone")
    return other
