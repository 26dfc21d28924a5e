"""Every way into a broker: TLS, mutual TLS, SASL, rights; with the settings a JVM worker would be given, through the real binary."""
import pathlib
import re

import pytest

from rig import wire
from rig.broker import KafkaBroker
from rig.certificates import PASSWORD, Authority
from rig.process import free_port
from rig.topics import Topics
from rig.wait import for_seconds, until

PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
LISTENERS = {"PLAINTEXT": "PLAINTEXT", "SSL": "SSL", "MUTUAL": "SSL", "SASL_PLAINTEXT": "SASL_PLAINTEXT", "SASL_SSL": "SASL_SSL"}
USERS = ["reader", "writer", "creator", "idempotent"]  # without rights, one for each story; their passwords are like their names


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """One broker, all listeners. Who brings no name, `admin` and the client certificate may do everything."""
    folder = pathlib.Path(tmp_path_factory.mktemp("guarded"))
    authority = Authority(folder / "authority")
    broker_pem = authority.issue("broker")
    ports = {name: free_port() for name in LISTENERS}
    listeners = ",".join(f"{name}://127.0.0.1:{port}" for name, port in ports.items())
    accounts = " ".join(f'user_{name}="{name}-secret"' for name in ["admin", *USERS])
    sasl = {f"listener.name.{name}.{key}": value for name in ("sasl_plaintext", "sasl_ssl") for key, value in {
        "plain.sasl.jaas.config": f"{PLAIN} required {accounts};",
        "scram-sha-256.sasl.jaas.config": f"{SCRAM} required;"}.items()}
    broker = KafkaBroker(folder / "kafka", environment={"FORMAT_OPTIONS": "--add-scram SCRAM-SHA-256=[name=admin,password=admin-secret]"}, **{
        "listeners": f"{listeners},CONTROLLER://127.0.0.1:CONTROLLER_PORT",
        "advertised.listeners": listeners,
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT," + ",".join(f"{name}:{kind}" for name, kind in LISTENERS.items()),
        "ssl.keystore.type": "PEM", "ssl.keystore.location": broker_pem,
        "ssl.truststore.type": "PEM", "ssl.truststore.location": authority.ca,
        "listener.name.mutual.ssl.client.auth": "required",
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256", **sasl,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS;User:admin;User:CN=client"}).start()
    broker.at = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
    broker.bootstrap = broker.at["PLAINTEXT"]
    broker.authority = authority
    yield broker
    broker.end()


@pytest.fixture
def topics(guarded):
    return Topics(guarded.bootstrap)


def everywhere(settings):
    """As people write them for a JVM worker: for itself, and for what its tasks use."""
    return {prefix + key: value for prefix in ("", "producer.", "consumer.", "admin.") for key, value in settings.items()}


def login(user, mechanism="PLAIN", module=PLAIN, protocol="SASL_PLAINTEXT", password=None):
    return {"security.protocol": protocol, "sasl.mechanism": mechanism,
            "sasl.jaas.config": f'{module} required username="{user}" password="{password or user + "-secret"}";'}


def trust(guarded, kind):
    if kind == "PEM":
        return {"ssl.truststore.type": "PEM", "ssl.truststore.location": guarded.authority.ca}
    if kind == "text":
        return {"ssl.truststore.type": "PEM", "ssl.truststore.certificates": guarded.authority.ca.read_text()}
    return {"ssl.truststore.type": kind, "ssl.truststore.location": guarded.authority.store(kind), "ssl.truststore.password": PASSWORD}


def key_of(guarded, kind):
    folder = guarded.authority.folder
    if not (folder / "client.pem").exists():
        guarded.authority.issue("client")
    if kind == "PEM":
        return {"ssl.keystore.type": "PEM", "ssl.keystore.location": folder / "client.pem"}
    if kind == "text":
        return {"ssl.keystore.type": "PEM", "ssl.keystore.key": (folder / "client.key").read_text(),
                "ssl.keystore.certificate.chain": (folder / "client.crt").read_text()}
    return {"ssl.keystore.type": kind, "ssl.keystore.location": folder / "client.p12", "ssl.keystore.password": PASSWORD,
            "ssl.key.password": PASSWORD}


TLS = {"security.protocol": "SSL"}
WAYS = {
    "tls-pem": ("SSL", lambda g: {**TLS, **trust(g, "PEM")}),
    "tls-pkcs12": ("SSL", lambda g: {**TLS, **trust(g, "PKCS12")}),
    "tls-text": ("SSL", lambda g: {**TLS, **trust(g, "text")}),
    "mutual-pem": ("MUTUAL", lambda g: {**TLS, **trust(g, "PEM"), **key_of(g, "PEM")}),
    "mutual-pkcs12": ("MUTUAL", lambda g: {**TLS, **trust(g, "PKCS12"), **key_of(g, "PKCS12")}),
    "mutual-text": ("MUTUAL", lambda g: {**TLS, **trust(g, "text"), **key_of(g, "text")}),
    "sasl-plain": ("SASL_PLAINTEXT", lambda g: login("admin")),
    "sasl-plain-over-tls": ("SASL_SSL", lambda g: {**login("admin", protocol="SASL_SSL"), **trust(g, "PEM")}),
}


def source(folder, topic, name="lines", **extra):
    return {"name": name, "connector.class": "FileStreamSource", "file": str(folder / "in"), "topic": topic, **extra}


def sink(folder, topic, name="copy", **extra):
    return {"name": name, "connector.class": "FileStreamSink", "file": str(folder / "out"), "topics": topic, **extra}


def write(folder, *lines):
    with open(folder / "in", "a") as file:
        file.writelines(f"{line}\n" for line in lines)


def copied(folder):
    path = folder / "out"
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.parametrize("way", WAYS)
def test_records_move_through_every_listener(guarded, topics, workers, folder, way):
    listener, settings = WAYS[way]
    topic = topics.create(f"way-{way}")
    lines = [f"{way}-{i}" for i in range(500)]
    write(folder, *lines)
    worker = workers(guarded.at[listener], settings={"offset.storage.file.filename": None, "offset.storage.topic": f"offsets-{way}",
                                                     "offset.storage.replication.factor": "1", **everywhere(settings(guarded))})
    worker.start(source(folder, topic), sink(folder, topic))
    until(lambda: copied(folder) == lines, "all lines copied")
    worker.stop()
    assert topics.values(topic) == lines
    assert topics.count(f"offsets-{way}") > 0
    assert "secret" not in worker.log_text()
