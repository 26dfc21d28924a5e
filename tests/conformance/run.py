#!/usr/bin/env python3
"""Runs the 115 REST cases against any worker.

  run.py URL [--cases 1,5,20-30] [--properties FILE --launch 'COMMAND {properties}']

URL is that of a running worker, the JVM's or connectd. With --launch the cases that need settings of their own start
workers: FILE is what such a worker needs (bootstrap.servers, converters), and gets listeners, topics and a group of its
own. Exit status 1: a case failed.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from cases import CASES, REASONS  # noqa: E402
from harness import DEADLINE_S, Failed, Skipped, Worker, free_port  # noqa: E402

CLASSES = {
    "sink": "org.apache.kafka.connect.file.FileStreamSinkConnector",
    "source": "org.apache.kafka.connect.file.FileStreamSourceConnector",
}


class Gone(Exception):
    """A worker that was started ended by itself."""


class Launched(Worker):
    """A worker of our own."""

    def __init__(self, command, properties, jaas):
        self.own_port = free_port()
        super().__init__(f"http://127.0.0.1:{self.own_port}", CLASSES)
        path = self.file("worker.properties")
        properties = {**properties, "listeners": f"http://127.0.0.1:{self.own_port}"}
        with open(path, "w", encoding="iso-8859-1") as out:
            for key, value in properties.items():
                out.write(f"{key}={value}\n")
        self.command = command.replace("{properties}", path)
        self.environment = dict(os.environ)
        if jaas:
            option = f"-Djava.security.auth.login.config={jaas}"
            self.environment.update(KAFKA_OPTS=option, JAVA_TOOL_OPTIONS=option)
        self.log_path = self.file("log")
        self.process = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command, shell=True, stdout=log, stderr=log, env=self.environment, start_new_session=True
            )
        self.until("the worker", self.answers, 2 * DEADLINE_S)

    def answers(self):
        if self.process.poll() is not None:
            raise Gone("the worker is gone:\n" + self.log()[-2000:])
        try:
            return self.call("GET", "/connectors").status in (200, 401)
        except OSError:
            return False

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def restart(self):
        self.stop()
        self.start()

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()


def read_properties(path):
    with open(path, encoding="iso-8859-1") as lines:
        pairs = (line.strip().split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        return dict(pairs)


def launcher(command, base):
    @contextlib.contextmanager
    def launch(properties, jaas=None):
        unique = f"conformance-{time.time_ns()}"
        own = {**base, "group.id": unique, **properties}
        for kind in ("config", "offset", "status"):
            own[f"{kind}.storage.topic"] = f"{unique}-{kind}"
        worker = Launched(command, own, jaas)
        try:
            worker.start()
            yield worker
        finally:
            worker.stop()

    return launch


def parse_numbers(text):
    numbers = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        numbers.update(range(int(first), int(last or first) + 1))
    return numbers


def run_case(worker, number, test):
    worker.case = number
    try:
        test(worker)
        return "ok", ""
    except Skipped as reason:
        return "skipped", str(reason)
    except (Failed, Gone) as failure:
        return "FAILED", str(failure)
    except (OSError, KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        return "FAILED", f"{type(error).__name__}: {error}"
    finally:
        worker.clean()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--cases", default="1-115")
    parser.add_argument("--properties")
    parser.add_argument("--launch")
    options = parser.parse_args()
    launch = launcher(options.launch, read_properties(options.properties)) if options.launch else None
    worker = Worker(options.url, CLASSES, launch)
    wanted = parse_numbers(options.cases)
    counts = {"ok": 0, "skipped": 0, "FAILED": 0}
    for number, title, test in CASES:
        if number not in wanted:
            continue
        start = time.monotonic()
        result, why = run_case(worker, number, test)
        counts[result] += 1
        print(f"{number:3} {result:7} {time.monotonic() - start:6.2f} s  {title}" + (f": {why}" if why else ""), flush=True)
        if result == "FAILED" and number in REASONS:
            print(f"            known: {REASONS[number]}")
    print(", ".join(f"{count} {result}" for result, count in counts.items()))
    return 1 if counts["FAILED"] else 0


if __name__ == "__main__":
    sys.exit(main())
