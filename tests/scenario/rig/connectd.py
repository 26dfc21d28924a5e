"""The daemon under test: property files, the process, its REST API."""
import os
import pathlib

import requests

from .process import Process, free_port
from .wait import until

ROOT = pathlib.Path(__file__).resolve().parents[3]


def build_folder():
    return pathlib.Path(os.environ.get("CONNECTD_BUILD", ROOT / "build")).resolve()


def binary():
    path = build_folder() / "connectd"
    assert path.exists(), f"{path} is missing: run make"
    return path


def write_properties(path, settings):
    def escape(text):
        text = str(text).replace("\\", "\\\\").replace("\n", "\\n")
        return text.encode("ascii", "backslashreplace").decode() if text.isascii() is False else text

    path.write_text("".join(f"{key}={escape(value)}\n" for key, value in settings.items()), encoding="latin-1")
    return path


class Worker:
    """One connectd. `settings` go over the defaults of its mode."""

    def __init__(self, folder, bootstrap, mode="standalone", settings=None, name="worker"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.mode = mode
        self.name = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = self.folder / f"{name}.log"
        self.settings = {
            "bootstrap.servers": bootstrap,
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            "value.converter": "org.apache.kafka.connect.storage.StringConverter",
            "listeners": f"http://127.0.0.1:{self.port}",
            "offset.flush.interval.ms": "1000",
        }
        if mode == "standalone":
            self.settings["offset.storage.file.filename"] = str(self.folder / "offsets")
        else:
            self.settings.update({
                "group.id": name,
                "config.storage.topic": f"{name}-configs", "config.storage.replication.factor": "1",
                "offset.storage.topic": f"{name}-offsets", "offset.storage.replication.factor": "1",
                "status.storage.topic": f"{name}-status", "status.storage.replication.factor": "1",
                "offset.storage.partitions": "5", "status.storage.partitions": "2",
            })
        self.settings.update(settings or {})
        self.process = None

    def start(self, *connectors, wait=True, wrapper=()):
        """`connectors` are dictionaries, each becoming a properties file."""
        worker_file = write_properties(self.folder / f"{self.name}.properties",
                                       {k: v for k, v in self.settings.items() if v is not None})
        files = [write_properties(self.folder / f"{c['name'].replace('/', '_')}.properties", c) for c in connectors]
        self.process = Process([*wrapper, binary(), self.mode, worker_file, *files], self.log)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=60):
        def ready():
            assert self.process.alive(), f"connectd ended with {self.process.child.returncode}:\n{self.process.tail()}"
            return self.get("/health").status_code == 200

        until(ready, "a healthy worker", seconds)

    # ---- REST ----

    def request(self, method, path, **kwargs):
        return requests.request(method, self.url + path, timeout=100, **kwargs)

    def get(self, path, **kwargs):
        return self.request("GET", path, **kwargs)

    def post(self, path, **kwargs):
        return self.request("POST", path, **kwargs)

    def put(self, path, **kwargs):
        return self.request("PUT", path, **kwargs)

    def delete(self, path, **kwargs):
        return self.request("DELETE", path, **kwargs)

    def create(self, config, **extra):
        answer = self.post("/connectors", json={"name": config["name"], "config": config, **extra})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def status(self, connector):
        answer = self.get(f"/connectors/{connector}/status")
        return answer.json() if answer.status_code == 200 else None

    def wait_state(self, connector, state="RUNNING", tasks=None, task_state=None, seconds=30):
        """Until the connector and all its tasks are in these states; `tasks` is their number."""
        def there():
            status = self.status(connector)
            if status is None or status["connector"]["state"] != state:
                return False
            states = [task["state"] for task in status["tasks"]]
            return (tasks is None or len(states) == tasks) and all(s == (task_state or state) for s in states) and status

        try:
            return until(there, f"{connector} {state} with {tasks} tasks", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\nstatus: {self.status(connector)}\n{self.process.tail()}") from None

    def wait_failed(self, connector, task=0, seconds=30):
        """The trace of the failed task."""
        def failed():
            status = self.status(connector)
            tasks = {t["id"]: t for t in status["tasks"]} if status else {}
            return tasks.get(task, {}).get("state") == "FAILED" and tasks[task]

        return until(failed, f"task {task} of {connector} FAILED", seconds)["trace"]

    # ---- the process ----

    def stop(self, seconds=30):
        status = self.process.stop(seconds)
        assert status == 143, f"exit status {status}; log ends:\n{self.process.tail()}"

    def kill(self):
        self.process.kill()

    def restart(self, *connectors):
        self.stop()
        return self.start(*connectors)

    def end(self):
        if self.process is not None:
            self.process.end()

    def log_text(self):
        return self.log.read_text(errors="replace")
