"""`connectd doctor` without a real broker: what it says, what it exits with."""
import json
import socket
import subprocess
import threading

import pytest

from rig.connectd import binary, write_properties
from rig.process import free_port

CONVERTER = "org.apache.kafka.connect.storage.StringConverter"


class Doctor:
    """The findings of one run."""

    def __init__(self, folder, bootstrap, connectors=(), options=(), **settings):
        worker = write_properties(folder / "worker.properties", {
            "bootstrap.servers": bootstrap, "key.converter": CONVERTER, "value.converter": CONVERTER,
            "offset.storage.file.filename": str(folder / "offsets"), **settings})
        files = [write_properties(folder / f"{c['name']}.properties", c) for c in connectors]
        done = subprocess.run([binary(), "doctor", "--json", *options, worker, *files], capture_output=True, text=True, timeout=120)
        self.status = done.returncode
        self.errors = done.stderr
        self.findings = json.loads(done.stdout)["findings"]
        self.problems = [f for f in self.findings if f["verdict"] == "problem"]

    def said(self, check, text, verdict=None):
        found = [f for f in self.findings if f["check"] == check and text in f["message"] and verdict in (None, f["verdict"])]
        assert found, f"{check}: {text!r} is not in {self.findings}"
        return found[0]


@pytest.fixture
def tls_port():
    """Answers whatever comes first with a TLS alert, as a TLS server answers a plaintext client."""
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve():
        while not stop.is_set():
            connection, _ = server.accept()
            with connection:
                if connection.recv(1024):
                    connection.sendall(b"\x15\x03\x03\x00\x02\x02\x46")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1]
    stop.set()
    socket.create_connection(server.getsockname()).close()
    thread.join(5)
    server.close()


def test_a_healthy_setting_has_no_problem(mock, folder):
    doctor = Doctor(folder, mock.bootstrap)
    assert (doctor.status, doctor.problems) == (0, [])
    doctor.said("tls", "speaks Kafka without TLS", "ok")
    doctor.said("login", "lets the worker in", "ok")
    doctor.said("brokers", "accepts connections", "ok")
    assert doctor.errors == ""


def test_a_port_where_nobody_listens_and_a_name_that_is_none(folder):
    doctor = Doctor(folder, f"127.0.0.1:{free_port()},nobody.invalid:9092,no-port")
    assert doctor.status == 2
    assert "is it running" in doctor.said("port", "Connection refused", "problem")["fix"]
    doctor.said("name", "nobody.invalid:9092 cannot be resolved", "problem")
    doctor.said("name", "'no-port', which is not host:port", "problem")


def test_a_plaintext_client_on_a_tls_port_is_said_as_such(folder, tls_port):
    doctor = Doctor(folder, f"127.0.0.1:{tls_port}")
    assert doctor.status == 2
    finding = doctor.said("tls", "a plaintext client on a TLS port", "problem")
    assert "security.protocol=SSL" in finding["fix"]


def test_a_tls_client_on_a_plaintext_port_is_said_as_such(mock, folder):
    doctor = Doctor(folder, mock.bootstrap, **{"security.protocol": "SSL"})
    assert doctor.status == 2
    assert "security.protocol=PLAINTEXT" in doctor.said("tls", "a TLS client on a plaintext port", "problem")["fix"]


def test_a_wrong_connector_alone_is_another_status(mock, folder):
    doctor = Doctor(folder, mock.bootstrap, [{"name": "bad", "connector.class": "FileStreamSource"},
                                             {"name": "good", "connector.class": "FileStreamSource", "topic": "t"}])
    assert doctor.status == 3
    doctor.said("connector", "bad: topic: Missing required configuration", "problem")
    doctor.said("connector", "good: settings are valid", "ok")


def test_settings_that_do_nothing_are_told(mock, folder):
    doctor = Doctor(folder, mock.bootstrap, **{"connectd.log.lvel": "INFO", "group.id": "g"})
    assert "spelled" in doctor.said("settings", "connectd.log.lvel", "warning")["fix"]
    doctor.said("settings", "group.id has no effect: only distributed mode uses it", "note")


def test_people_read_lines_and_see_no_colours_in_a_pipe(mock, folder):
    Doctor(folder, mock.bootstrap)
    done = subprocess.run([binary(), "doctor", folder / "worker.properties"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert done.stdout.startswith("ok       settings    the worker file is complete\n")
    assert done.stdout.splitlines()[-1].startswith("0 problems, ")
    assert "\033" not in done.stdout


@pytest.mark.parametrize("arguments", [[], ["--jsn", "w.properties"]])
def test_wrong_usage_is_status_1(arguments):
    done = subprocess.run([binary(), "doctor", *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "usage: connectd doctor" in done.stderr
