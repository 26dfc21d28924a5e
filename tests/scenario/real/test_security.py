"""Every way into a broker: TLS, mutual TLS, SASL, rights; with the settings a JVM worker would be given, through the real binary."""
import pathlib
import re
import signal
import subprocess

import pytest

from rig import wire
from rig.broker import KafkaBroker
from rig.certificates import PASSWORD, Authority
from rig.connectd import binary
from rig.process import free_port
from rig.topics import Topics
from rig.wait import until

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


# ---- refused at the door ----

def refused(workers, bootstrap, settings):
    """What the worker says as it ends, never having been ready."""
    worker = workers(bootstrap, settings=settings)
    worker.start(wait=False)
    assert worker.process.wait(30) == 2, worker.log_text()
    last = worker.log_text().splitlines()[-1]
    assert "Stopping due to error" in last and "bootstrap.servers" in last and "secret" not in last
    return last


def librdkafka():
    version = subprocess.run([binary(), "version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in re.search(r"librdkafka (\d+)\.(\d+)\.(\d+)", version).groups())


def test_scram_works_or_says_which_version_it_needs(guarded, topics, workers, folder):
    settings = everywhere(login("admin", "SCRAM-SHA-256", SCRAM))
    if librdkafka() < (2, 6, 1):
        said = refused(workers, guarded.at["SASL_PLAINTEXT"], settings)
        assert "SCRAM with brokers of version 4 needs librdkafka 2.6.1 or newer" in said
        return
    topic = topics.create("scram")
    write(folder, "one", "two")
    worker = workers(guarded.at["SASL_PLAINTEXT"], settings=settings).start(source(folder, topic), sink(folder, topic))
    until(lambda: copied(folder) == ["one", "two"], "both lines copied")
    worker.stop()


REFUSALS = {
    "jks": ("SSL", lambda g, _: {**TLS, **trust(g, "JKS")},
            [r"JKS store", r"keytool -importkeystore -srckeystore (\S+/trust\.jks) -destkeystore \1\.p12 -deststoretype PKCS12"]),
    "store-password": ("SSL", lambda g, _: {**TLS, **trust(g, "PKCS12"), "ssl.truststore.password": "not-this"},
                       [r"ssl\.truststore\.location", r"password"]),
    "authority": ("SSL", lambda g, folder: {**TLS, "ssl.truststore.location": Authority(folder / "other").ca},
                  [r"certificate verify failed", r"ssl\.truststore\.location does not hold the authority"]),
    "no-certificate": ("MUTUAL", lambda g, _: {**TLS, **trust(g, "PEM")},
                       [r"the broker wants a client certificate: see ssl\.keystore\.location"]),
    "password": ("SASL_PLAINTEXT", lambda g, _: login("admin", password="guessed"), [r"Invalid username or password"]),
    "login-module": ("SASL_PLAINTEXT", lambda g, _: {**login("admin"), "sasl.jaas.config": "com.example.OwnModule required;"},
                     [r"sasl\.jaas\.config", r"com\.example\.OwnModule"]),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_refusals_say_what_would_be_right(guarded, workers, folder, kind):
    listener, settings, patterns = REFUSALS[kind]
    said = refused(workers, guarded.at[listener], everywhere(settings(guarded, folder)))
    for pattern in patterns:
        assert re.search(pattern, said), said
    assert "not-this" not in said and "guessed" not in said


@pytest.mark.parametrize("listener, settings, words", [
    ("SSL", {}, "this port seems to speak TLS: see security.protocol"),
    ("PLAINTEXT", {"security.protocol": "SSL"}, "does this port speak TLS? See security.protocol"),
    ("SASL_PLAINTEXT", {}, "security.protocol"),
], ids=["plaintext-on-tls", "tls-on-plaintext", "plaintext-on-sasl"])
def test_the_wrong_protocol_for_a_port_is_said_at_once(guarded, workers, listener, settings, words):
    """librdkafka cannot be certain, so the worker goes on trying for a minute, as a JVM worker does."""
    worker = workers(guarded.at[listener], settings=everywhere(settings)).start(wait=False)
    until(lambda: words in worker.log_text(), "the protocol in doubt", 10)
    assert worker.process.alive()
    assert worker.process.stop() == -signal.SIGTERM


# ---- rights ----

def trace(worker, connector):
    """Of its only task, failed or degraded."""
    status = worker.status(connector)
    return next((task["trace"] for task in status["tasks"] if "trace" in task), "") if status else ""


def allow(guarded, user, operation, resource, name):
    wire.allow(guarded.bootstrap, user, operation, resource, name)


@pytest.fixture
def as_user(guarded, workers):
    def start(user, *connectors, **settings):
        worker = workers(guarded.at["SASL_PLAINTEXT"], settings={**everywhere(login(user)), "connectd.healing": "on", **settings})
        return worker.start(*connectors)

    return start


def test_a_source_without_rights_on_its_topic_goes_on_when_granted(guarded, topics, as_user, folder):
    topic = topics.create("writers")
    write(folder, "one", "two")
    worker = as_user("writer", source(folder, topic))
    text = until(lambda: (t := trace(worker, "lines")) and "TopicAuthorizationException" in t and t, "a task that says why")
    assert "topic 'writers'" in text and "grant User:writer " in text and "Write" in text
    write(folder, "three")
    allow(guarded, "writer", wire.WRITE, wire.TOPIC, topic)
    until(lambda: len(topics.values(topic)) >= 3, "the records")
    assert list(dict.fromkeys(topics.values(topic))) == ["one", "two", "three"]
    worker.stop()


def test_a_source_may_not_create_its_topic_until_granted(guarded, topics, as_user, folder):
    write(folder, "one", "two")
    worker = as_user("creator", source(folder, "created"))
    text = until(lambda: (t := trace(worker, "lines")) and "AuthorizationException" in t and t, "a task that says why")
    assert "topic 'created'" in text and "grant User:creator " in text and "Create" in text
    assert "created" not in topics.names()
    allow(guarded, "creator", wire.CREATE, wire.CLUSTER, "kafka-cluster")
    allow(guarded, "creator", wire.WRITE, wire.TOPIC, "created")
    until(lambda: list(dict.fromkeys(topics.values("created"))) == ["one", "two"], "the records")
    worker.stop()


def test_a_sink_names_group_and_topic_and_goes_on_when_granted(guarded, topics, as_user, folder):
    topic = topics.create("readers")
    topics.produce(topic, ["one", "two"])
    worker = as_user("reader", sink(folder, topic))
    text = until(lambda: (t := trace(worker, "copy")) and "GroupAuthorizationException" in t and t, "a task that says why")
    assert "grant User:reader Read and Describe on the group 'connect-copy'" in text
    allow(guarded, "reader", wire.READ, wire.GROUP, "connect-copy")
    until(lambda: "readers: Broker: Topic authorization failed; grant User:reader " in worker.log_text(), "the topic is named")
    assert copied(folder) == []
    allow(guarded, "reader", wire.READ, wire.TOPIC, topic)
    until(lambda: copied(folder) == ["one", "two"], "the records")
    worker.stop()


def test_an_idempotent_producer_needs_a_right_on_the_cluster(guarded, topics, as_user, folder):
    topic = topics.create("idempotents")
    write(folder, "one", "two")
    allow(guarded, "idempotent", wire.DESCRIBE, wire.TOPIC, topic)
    worker = as_user("idempotent", source(folder, topic), **{"producer.enable.idempotence": "true", "connectd.healing": "off"})
    text = worker.wait_failed("lines")
    assert "Cluster authorization failed" in text and "grant User:idempotent " in text and "IdempotentWrite" in text
    allow(guarded, "idempotent", wire.IDEMPOTENT_WRITE, wire.CLUSTER, "kafka-cluster")
    allow(guarded, "idempotent", wire.WRITE, wire.TOPIC, topic)
    assert worker.post("/connectors/lines/restart?includeTasks=true").status_code == 202
    until(lambda: topics.values(topic) == ["one", "two"], "the records, after a person's restart")
    worker.stop()
