"""`connectd doctor` against a real broker with a plaintext, a TLS and a SASL listener, and rights that are missing."""
import json
import pathlib
import subprocess

import pytest

from rig.broker import PEERS, KafkaBroker
from rig.connectd import binary, write_properties
from rig.process import free_port
from rig.topics import Topics

CONVERTER = "org.apache.kafka.connect.storage.StringConverter"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"


def examine(folder, bootstrap, *connectors, **settings):
    worker = write_properties(folder / "worker.properties", {
        "bootstrap.servers": bootstrap, "key.converter": CONVERTER, "value.converter": CONVERTER, "group.id": "doctored",
        "config.storage.topic": "configs", "offset.storage.topic": "offsets", "status.storage.topic": "statuses",
        "config.storage.replication.factor": "1", "offset.storage.replication.factor": "1", "status.storage.replication.factor": "1",
        **settings})
    files = [write_properties(folder / f"{c['name']}.properties", c) for c in connectors]
    done = subprocess.run([binary(), "doctor", "--json", worker, *files], capture_output=True, text=True, timeout=180)
    return done.returncode, json.loads(done.stdout)["findings"]


def said(findings, check, text, verdict):
    found = [f for f in findings if f["check"] == check and text in f["message"] and f["verdict"] == verdict]
    assert found, f"{check}: {text!r} is not in {findings}"
    return found[0]


def certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "ca.pem"],
                   check=True, capture_output=True)
    subprocess.run(["openssl", "pkcs12", "-export", "-in", folder / "ca.pem", "-inkey", folder / "key.pem", "-out", folder / "key.p12",
                    "-passout", "pass:secret"], check=True, capture_output=True)
    return folder / "ca.pem", folder / "key.p12"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """One broker with three listeners and ACLs; whoever comes without SASL may do everything."""
    folder = pathlib.Path(tmp_path_factory.mktemp("guarded"))
    authority, store = certificate(folder)
    tls, sasl = free_port(), free_port()
    plain = free_port()
    broker = KafkaBroker(folder / "kafka", **{
        "listeners": f"PLAINTEXT://127.0.0.1:{plain},SSL://127.0.0.1:{tls},SASL_PLAINTEXT://127.0.0.1:{sasl},"
                     "CONTROLLER://127.0.0.1:CONTROLLER_PORT",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{plain},SSL://127.0.0.1:{tls},SASL_PLAINTEXT://127.0.0.1:{sasl}",
        "ssl.keystore.location": store, "ssl.keystore.type": "PKCS12", "ssl.keystore.password": "secret", "ssl.key.password": "secret",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl_plaintext.plain.sasl.jaas.config": f'{PLAIN} user_alice="wonder" user_bob="builder";',
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS;User:bob",
    }).start()
    broker.bootstrap = f"127.0.0.1:{plain}"
    broker.tls, broker.sasl, broker.authority = f"127.0.0.1:{tls}", f"127.0.0.1:{sasl}", authority
    yield broker
    broker.end()


def sasl_settings(user, password):
    return {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
            "sasl.jaas.config": f'{PLAIN} username="{user}" password="{password}";'}


def test_missing_topics_can_be_created_and_looking_makes_none(guarded, folder):
    status, findings = examine(folder, guarded.bootstrap)
    assert status == 0, findings
    for topic in ("config", "offset", "status"):
        said(findings, "topics", f"{topic}.storage.topic '{topic.replace('status', 'statuse')}s' does not exist and can be created", "note")
    assert not Topics(guarded.bootstrap).names() & {"configs", "offsets", "statuses"}


def test_three_replicas_on_one_broker_cannot_be_made(guarded, folder):
    status, findings = examine(folder, guarded.bootstrap, **{"offset.storage.replication.factor": "3"})
    assert status == 2
    assert "there are 1 brokers" in said(findings, "topics", "offset.storage.topic 'offsets' does not exist and cannot", "problem")["fix"]


def test_an_internal_topic_that_forgets_is_refused(guarded, folder):
    topics = Topics(guarded.bootstrap)
    topics.create("forgets", 1, **{"cleanup.policy": "delete"})
    topics.create("keeps", 1, **{"cleanup.policy": "compact"})
    status, findings = examine(folder, guarded.bootstrap, **{"config.storage.topic": "forgets", "status.storage.topic": "keeps"})
    assert status == 2
    said(findings, "topics", "config.storage.topic 'forgets' has cleanup.policy=delete", "problem")
    said(findings, "topics", "status.storage.topic 'keeps' is compacted", "ok")


def test_the_config_topic_must_have_one_partition(guarded, folder):
    Topics(guarded.bootstrap).create("three", 3, **{"cleanup.policy": "compact"})
    status, findings = examine(folder, guarded.bootstrap, **{"config.storage.topic": "three"})
    assert status == 2
    said(findings, "topics", "config.storage.topic 'three' has 3 partitions", "problem")


def test_plaintext_on_the_tls_port_and_the_reverse(guarded, folder):
    status, findings = examine(folder, guarded.tls)
    assert status == 2
    said(findings, "tls", "a plaintext client on a TLS port", "problem")
    status, findings = examine(folder, guarded.bootstrap, **{"security.protocol": "SSL"})
    assert status == 2
    said(findings, "tls", "a TLS client on a plaintext port", "problem")


def test_tls_with_the_right_authority_is_fine_and_with_another_is_not(guarded, folder):
    settings = {"security.protocol": "SSL", "ssl.truststore.type": "PEM"}
    status, findings = examine(folder, guarded.tls, **settings, **{"ssl.truststore.location": guarded.authority})
    assert status == 0, findings
    said(findings, "tls", "speaks TLS", "ok")
    other = folder / "other"
    other.mkdir()
    certificate(other)
    status, findings = examine(folder, guarded.tls, **settings, **{"ssl.truststore.location": other / "ca.pem"})
    assert status == 2
    said(findings, "login", "ssl.truststore.location", "problem")


def test_sasl_is_missing_of_another_kind_or_wrong(guarded, folder):
    status, findings = examine(folder, guarded.sasl)
    assert status == 2
    said(findings, "sasl", "wants SASL (PLAIN)", "problem")
    status, findings = examine(folder, guarded.bootstrap, **sasl_settings("bob", "builder"))
    assert status == 2
    said(findings, "sasl", "wants no SASL", "problem")
    status, findings = examine(folder, guarded.sasl, **{**sasl_settings("bob", "builder"), "sasl.mechanism": "SCRAM-SHA-512",
                                                        "sasl.jaas.config": 'org.apache.kafka.common.security.scram.ScramLoginModule '
                                                                            'required username="bob" password="builder";'})
    assert status == 2
    said(findings, "sasl", "offers PLAIN, but sasl.mechanism = 'SCRAM-SHA-512'", "problem")
    status, findings = examine(folder, guarded.sasl, **sasl_settings("bob", "wrong"))
    assert status == 2
    assert "wrong" not in json.dumps(findings).replace("wrongly", "")
    said(findings, "login", "", "problem")
    status, findings = examine(folder, guarded.sasl, **sasl_settings("bob", "builder"))
    assert status == 0, findings


def test_rights_that_are_missing_are_named(guarded, folder):
    Topics(guarded.bootstrap).create("orders")
    sink = {"name": "copy", "connector.class": "FileStreamSink", "file": str(folder / "out"), "topics": "orders"}
    status, findings = examine(folder, guarded.sasl, sink, **sasl_settings("alice", "wonder"))
    assert status == 2
    said(findings, "rights", "group 'doctored'", "problem")
    said(findings, "rights", "copy: group 'connect-copy'", "problem")
    said(findings, "rights", "copy: topic 'orders'", "problem")
    for kind in ("--topic", "--group"):
        subprocess.run([PEERS / "kafka", "tool", "org.apache.kafka.tools.AclCommand",
                        "--bootstrap-server", guarded.bootstrap, "--add", "--allow-principal", "User:alice", "--operation", "All",
                        kind, "*"], check=True, capture_output=True, timeout=120)
    status, findings = examine(folder, guarded.sasl, sink, **sasl_settings("alice", "wonder"))
    assert status == 0, findings


def test_a_dead_letter_topic_with_three_replicas_on_one_broker(guarded, folder):
    Topics(guarded.bootstrap).create("letters-from")
    sink = {"name": "letters", "connector.class": "FileStreamSink", "file": str(folder / "out"), "topics": "letters-from",
            "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "dead"}
    status, findings = examine(folder, guarded.bootstrap, sink)
    assert status == 3
    said(findings, "topics", "errors.deadletterqueue.topic.name 'dead' does not exist and cannot be created", "problem")


def test_a_sink_whose_topic_does_not_exist_is_doubted(guarded, folder):
    status, findings = examine(folder, guarded.bootstrap, {"name": "lost", "connector.class": "FileStreamSink",
                                                           "file": str(folder / "out"), "topics": "tpyo"})
    assert status == 0
    said(findings, "topics", "lost: topic 'tpyo' does not exist", "warning")
    assert "tpyo" not in Topics(guarded.bootstrap).names()
