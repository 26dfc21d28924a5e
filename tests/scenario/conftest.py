"""Fixtures of all scenarios. What a test starts here is ended here, whatever the test does."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from rig.broker import KafkaBroker, MockBroker  # noqa: E402
from rig.connectd import Worker  # noqa: E402
from rig.topics import Topics  # noqa: E402


@pytest.fixture
def folder():
    """A folder of the test's own; kept when the test fails and KEEP=1."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="connectd-test-"))
    yield path
    if os.environ.get("KEEP") != "1":
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def mock(folder):
    broker = MockBroker(folder)
    yield broker
    broker.end()


@pytest.fixture(scope="session")
def kafka_home():
    path = pathlib.Path(tempfile.mkdtemp(prefix="connectd-kafka-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def kafka(kafka_home):
    """The broker that scenarios share. One that kills or freezes takes `own_kafka`."""
    broker = KafkaBroker(kafka_home / "shared").start()
    yield broker
    broker.end()


@pytest.fixture
def own_kafka(folder):
    broker = KafkaBroker(folder / "kafka").start()
    yield broker
    broker.end()


@pytest.fixture
def topics(kafka):
    return Topics(kafka.bootstrap)


@pytest.fixture
def workers(folder):
    """Makes workers: workers(bootstrap, mode=..., settings=...)."""
    made = []

    def make(bootstrap, mode="standalone", settings=None, name=None):
        name = name or f"w{os.getpid()}-{folder.name[-8:]}-{len(made)}"
        worker = Worker(folder / name, bootstrap, mode, settings, name)
        made.append(worker)
        return worker

    yield make
    for worker in made:
        worker.end()


@pytest.fixture(scope="session")
def faulty_plugins():
    """A plugin.path with the connectors, converter and transform that fail on command (tests/outoftree/faulty)."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="connectd-faulty-"))
    root = pathlib.Path(__file__).resolve().parents[2]
    subprocess.run(["make", "-s", "-C", root / "tests/outoftree/faulty", f"OUT={path}", f"CONNECTD_CFLAGS=-I{root}/include"], check=True)
    yield path
    shutil.rmtree(path, ignore_errors=True)
