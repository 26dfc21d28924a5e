"""A throw-away PostgreSQL server, by tests/peers/postgres."""
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from .process import free_port

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "peers" / "postgres"


class Postgres:
    """Superuser `postgres` without password; one database of that name."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="connectd-pg-"))
        self.port = free_port()
        self.url = f"jdbc:postgresql://127.0.0.1:{self.port}/postgres"

    @staticmethod
    def installed():
        return bool(list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")))

    def start(self):
        self._script("start", str(self.port))
        return self

    def restart(self, mode="fast"):
        self._script("restart", mode)

    def end(self):
        self._script("stop", "immediate", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _script(self, action, *rest, check=True):
        subprocess.run([SCRIPT, action, self.folder, *rest], check=check, timeout=120)

    def sql(self, text):
        """Rows as lists of texts (NULL is None)."""
        command = ["psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", "postgres", "-qAtX", "-v",
                   "ON_ERROR_STOP=1", "-F", "\x1f", "-R", "\x1e", "-P", "null=\x1d", "-c", text]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, env={**os.environ, "PGTZ": "UTC"})
        assert done.returncode == 0, done.stderr
        rows = [row for row in done.stdout.rstrip("\n").split("\x1e") if row != ""]
        return [[None if value == "\x1d" else value for value in row.split("\x1f")] for row in rows]

    def one(self, text):
        return self.sql(text)[0][0]

    def connection(self):
        return {"connection.url": self.url, "connection.user": "postgres", "connection.backoff.ms": "200",
                "connection.attempts": "100"}


@pytest.fixture(scope="module")
def shared_postgres():
    if not Postgres.installed():
        pytest.skip("no PostgreSQL server is installed")
    server = Postgres().start()
    yield server
    server.end()


@pytest.fixture
def postgres(shared_postgres):
    """The module's server with an empty schema."""
    shared_postgres.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return shared_postgres
