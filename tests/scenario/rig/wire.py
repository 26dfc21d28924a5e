"""What Debian's Kafka client for Python cannot ask for yet: rights and quotas, as two requests on a plaintext port. Each of Kafka's
own tools would take seconds, being a JVM."""
import socket
import struct

TOPIC, GROUP, CLUSTER = 2, 3, 4
ALL, READ, WRITE, CREATE, DESCRIBE, IDEMPOTENT_WRITE = 2, 3, 4, 5, 8, 12
LITERAL, PREFIXED = 3, 4
ALLOW = 3
CREATE_ACLS, ALTER_CLIENT_QUOTAS = 30, 49


def _text(value):
    return struct.pack(">h", len(value)) + value.encode()


def _take(stream, count):
    got = b""
    while len(got) < count:
        more = stream.recv(count - len(got))
        assert more, "the broker closed the connection"
        got += more
    return got


def _ask(bootstrap, key, version, body):
    """The answer's body, after the throttle time that both kinds of answers begin with."""
    host, port = bootstrap.rsplit(":", 1)
    request = struct.pack(">hhi", key, version, 1) + _text("rig") + body
    with socket.create_connection((host, int(port)), 30) as stream:
        stream.sendall(struct.pack(">i", len(request)) + request)
        answer = _take(stream, struct.unpack(">i", _take(stream, 4))[0])
    return answer[8:]


def _check(answer):
    (count, error) = struct.unpack_from(">ih", answer)
    assert (count, error) == (1, 0), answer


def allow(bootstrap, user, operation, resource, name, pattern=LITERAL):
    """As kafka-acls --add --allow-principal User:... does. The broker heeds it a moment later."""
    _check(_ask(bootstrap, CREATE_ACLS, 1, struct.pack(">ib", 1, resource) + _text(name) + struct.pack(">b", pattern) +
                _text(f"User:{user}") + _text("*") + struct.pack(">bb", operation, ALLOW)))


def quota(bootstrap, client_id, key, value):
    """As kafka-configs --alter --entity-type clients --add-config KEY=VALUE does; None removes it."""
    _check(_ask(bootstrap, ALTER_CLIENT_QUOTAS, 0, struct.pack(">ii", 1, 1) + _text("client-id") + _text(client_id) +
                struct.pack(">i", 1) + _text(key) + struct.pack(">d??", value or 0.0, value is None, False)))
