"""Requests, expectations and fresh names: what the table in cases.py is written with.

Only the standard library, so that the runner works wherever a Python is. A path is sent as it is written: no client
library cleans it up.
"""

import http.client
import json
import os
import re
import socket
import tempfile
import threading
import time
import urllib.parse

DEADLINE_S = 60
POLL_S = 0.05


class Failed(AssertionError):
    pass


class Skipped(Exception):
    pass


class Reply:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        try:
            return json.loads(self.text)
        except ValueError:
            raise Failed(f"no JSON: {self.text[:200]!r}") from None

    @property
    def message(self):
        value = self.json
        if not isinstance(value, dict) or set(value) != {"error_code", "message"}:
            raise Failed(f"no error body: {self.text[:300]}")
        return value["message"]

    def __str__(self):
        return f"{self.status} {self.text[:600]}"


class Worker:
    """A REST address, and what one case made there."""

    def __init__(self, url, classes, launch=None):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        self.classes = classes
        self.launch = launch  # of run.py: starts workers with other settings
        self.made = []
        self.case = 0
        self.dir = tempfile.mkdtemp(prefix="conformance-")

    def name(self, tag):
        """A fresh name, the same for the same tag within a case."""
        return f"case{self.case}-{tag}-{os.getpid()}"

    def file(self, tag, text=None):
        path = os.path.join(self.dir, f"{self.case}-{tag}")
        if text is not None:
            with open(path, "a", encoding="utf-8") as out:
                out.write(text)
        return path

    def call(self, method, path, body=None, headers=None, raw=None, port=None):
        """`body` is sent as JSON, `raw` as it is. Content-Type is JSON with either unless `headers` say otherwise (None: none)."""
        data = raw if raw is not None else (json.dumps(body) if body is not None else None)
        if isinstance(data, str):
            data = data.encode()
        sent = {"Accept": "*/*"}
        if data is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        connection = http.client.HTTPConnection(self.host, port or self.port, timeout=100)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for key, value in sent.items():
                if value is not None:
                    connection.putheader(key, value)
            if data is not None or method in ("PUT", "POST", "PATCH"):
                connection.putheader("Content-Length", str(len(data or b"")))
            connection.endheaders(data)
            reply = connection.getresponse()
            return Reply(reply.status, reply.headers, reply.read())
        finally:
            connection.close()

    # ---- expectations ----

    def want(self, status, method, path, body=None, **kwargs):
        reply = self.call(method, path, body, **kwargs)
        statuses = status if isinstance(status, tuple) else (status,)
        if reply.status not in statuses:
            raise Failed(f"{method} {path}: wanted {status}, got {reply}")
        return reply

    def refused(self, status, text, method, path, body=None, how="is", **kwargs):
        """An error body; `how` the message and `text` agree: is, starts, ends, has."""
        reply = self.want(status, method, path, body, **kwargs)
        message = reply.message
        if reply.json["error_code"] != reply.status:
            raise Failed(f"{method} {path}: error_code is not the status: {reply}")
        ok = {
            "is": message == text,
            "starts": message.startswith(text),
            "ends": message.endswith(text),
            "has": text in message,
        }[how]
        if not ok:
            raise Failed(f"{method} {path}: message {how} {text!r}, got {message!r}")
        return reply

    def until(self, what, check, deadline_s=DEADLINE_S):
        """Repeats `check` until it returns something true."""
        end = time.monotonic() + deadline_s
        last = None
        while time.monotonic() < end:
            try:
                last = check()
                if last:
                    return last
            except Failed as failure:
                last = failure
            threading.Event().wait(POLL_S)  # REST tells only who asks again
        raise Failed(f"waited {deadline_s} s for {what}; last: {last}")

    # ---- connectors ----

    def sink(self, **extra):
        config = {
            "connector.class": self.classes["sink"],
            "topics": self.name("topic"),
            "tasks.max": "1",
            "file": self.file("out"),
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            "value.converter": "org.apache.kafka.connect.storage.StringConverter",
        }
        config.update(extra)
        return {key: value for key, value in config.items() if value is not ...}

    def source(self, **extra):
        config = {
            "connector.class": self.classes["source"],
            "topic": self.name("topic"),
            "tasks.max": "1",
            "file": self.file("in", ""),
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            "value.converter": "org.apache.kafka.connect.storage.StringConverter",
        }
        config.update(extra)
        return {key: value for key, value in config.items() if value is not ...}

    def create(self, tag, config=None, **body):
        """Creates a connector and waits until it is seen; returns its name."""
        name = self.name(tag)
        self.made.append(name)
        self.want(201, "POST", "/connectors", {"name": name, "config": config or self.sink(), **body})
        self.until(f"{name} to be there", lambda: self.call("GET", f"/connectors/{name}").status == 200)
        return name

    def status(self, name):
        return self.want(200, "GET", f"/connectors/{name}/status").json

    def states(self, name):
        status = self.status(name)
        return status["connector"]["state"], [task["state"] for task in status["tasks"]]

    def until_states(self, name, connector, tasks):
        self.until(f"{name} to be {connector} {tasks}", lambda: self.states(name) == (connector, tasks))

    def running(self, tag, config=None, tasks=1):
        name = self.create(tag, config)
        self.until_states(name, "RUNNING", ["RUNNING"] * tasks)
        return name

    def stopped(self, tag, config=None):
        name = self.create(tag, config, initial_state="STOPPED")
        self.until_states(name, "STOPPED", [])
        return name

    def config(self, name):
        return self.want(200, "GET", f"/connectors/{name}/config").json

    def offsets(self, name):
        return self.want(200, "GET", f"/connectors/{name}/offsets").json["offsets"]

    def clean(self):
        for name in self.made:
            self.call("DELETE", "/connectors/" + urllib.parse.quote(name, safe=""))
        self.made = []


def equal(got, wanted, what="value"):
    if got != wanted:
        raise Failed(f"{what}: wanted {wanted!r}, got {got!r}")


def true(condition, what):
    if not condition:
        raise Failed(what)


def matches(pattern, text, what="text"):
    if re.search(pattern, text) is None:
        raise Failed(f"{what}: {pattern!r} does not match {text!r}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
