"""The image's entry point, its health check, and what systemd is told: without an image and without systemd."""
import os
import socket
import subprocess

import pytest

from rig.connectd import binary, write_properties
from rig.process import Process, free_port
from rig.topics import Topics
from rig.wait import until


def health(*arguments, **environment):
    done = subprocess.run([binary(), "health", *arguments], capture_output=True, text=True, timeout=60,
                          env={"PATH": os.environ["PATH"], **environment})
    return done.returncode, done.stdout


@pytest.fixture
def container(folder):
    """Starts the entry point with nothing but these variables."""
    made = []

    def start(*connectors, **environment):
        log = folder / f"container-{len(made)}.log"
        process = Process(["env", "-i", *[f"{k}={v}" for k, v in environment.items()], binary(), "container", *connectors], log)
        made.append(process)
        return process

    yield start
    for process in made:
        process.end()


def test_a_standalone_worker_by_environment_alone(mock, container, folder):
    mock.topic("lines", 1)
    (folder / "in.txt").write_text("one\ntwo\n")
    (folder / "connectors").mkdir()
    write_properties(folder / "connectors" / "lines.properties",
                     {"name": "lines", "connector.class": "FileStreamSource", "file": str(folder / "in.txt"), "topic": "lines"})
    port = free_port()
    listener = f"http://127.0.0.1:{port}"
    worker = container(CONNECT_BOOTSTRAP_SERVERS=mock.bootstrap, CONNECT_LISTENERS=listener,
                       CONNECT_OFFSET_STORAGE_FILE_FILENAME=folder / "offsets", CONNECTD_CONNECTORS=folder / "connectors",
                       CONNECT_VALUE_CONVERTER="org.apache.kafka.connect.storage.StringConverter", CONNECTD_LOG_FORMAT="json",
                       KAFKA_HEAP_OPTS="-Xmx1g")
    until(lambda: health(CONNECT_LISTENERS=listener)[0] == 0, "a healthy container")
    until(lambda: Topics(mock.bootstrap).values("lines") == ["one", "two"], "both lines")
    assert worker.tail().startswith("{"), "the log is not JSON"
    assert worker.stop() == 143
    assert health(listener)[0] == 1


def test_secrets_come_from_files_and_are_not_printed(folder):
    (folder / "password").write_text("s3cret\n")
    environment = {"PATH": os.environ["PATH"], "CONNECT_SSL_KEY_PASSWORD_FILE": str(folder / "password"), "CONNECT_GROUP_ID": "g"}
    done = subprocess.run([binary(), "container", "--print"], capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 0
    assert "ssl.key.password=[hidden]\n" in done.stdout and "group.id=g\n" in done.stdout
    assert "s3cret" not in done.stdout

    environment["CONNECT_SSL_KEY_PASSWORD_FILE"] = str(folder / "gone")
    done = subprocess.run([binary(), "container"], capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 2
    assert "CONNECT_SSL_KEY_PASSWORD_FILE" in done.stderr and "gone" in done.stderr


def test_a_mounted_file_is_read_before_the_environment(folder):
    base = write_properties(folder / "base.properties", {"group.id": "of-the-file", "client.id": "of-the-file"})
    done = subprocess.run([binary(), "container", "--print"], capture_output=True, text=True, timeout=60,
                          env={"CONNECTD_CONFIG": str(base), "CONNECT_GROUP_ID": "of-the-environment"})
    assert "group.id=of-the-environment\n" in done.stdout and "client.id=of-the-file\n" in done.stdout


def test_health_is_1_where_nobody_answers_or_something_else_does(mock):
    assert health(f"http://127.0.0.1:{free_port()}/readyz")[0] == 1
    assert health("--timeout", "1", f"http://{mock.bootstrap}/readyz")[0] == 1
    assert health("https://127.0.0.1/")[0] == 1
    assert health("--timeout", "none")[0] == 1


def test_systemd_hears_ready_watchdog_and_stopping(mock, container, folder):
    path = folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(30)
        port = free_port()
        worker = container(CONNECT_BOOTSTRAP_SERVERS=mock.bootstrap, CONNECT_LISTENERS=f"http://127.0.0.1:{port}",
                           CONNECT_OFFSET_STORAGE_FILE_FILENAME=folder / "offsets", NOTIFY_SOCKET=path, WATCHDOG_USEC="400000")
        assert listener.recv(1000) == b"READY=1"
        assert health(f"http://127.0.0.1:{port}")[0] == 0, "ready means that it answers"
        assert [listener.recv(1000) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        worker.signal(15)
        said = set()
        while b"STOPPING=1" not in said:
            said.add(listener.recv(1000))
        assert worker.wait() == 143
