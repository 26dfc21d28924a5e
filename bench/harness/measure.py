"""One run of one contestant, by the kernel's own accounting."""
import dataclasses
import os
import pathlib
import resource
import statistics
import subprocess
import time

from rig.connectd import build_folder  # noqa: F401 (bench/run asks here)
from rig.wait import until


@dataclasses.dataclass
class Sample:
    """`seconds` and `cpu_seconds` are of the work alone; a worker's start is a figure of its own."""
    records: int
    seconds: float
    cpu_seconds: float
    peak_mb: float

    @property
    def rate(self):
        return self.records / self.seconds

    @property
    def cpu_per_million(self):
        return self.cpu_seconds * 1e6 / self.records


def run_program(command, records, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, log=None):
    """A program that ends by itself: its whole life counts."""
    started = time.monotonic()
    child = subprocess.Popen([str(part) for part in command], stdout=stdout, stdin=stdin, stderr=log)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, f"{command}: exit status {child.returncode}"
    return Sample(records, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def run_worker(worker, config, records, done, seconds=600):
    """A worker that is up and idle gets `config`, and counts until `done()` says so."""
    worker.start()
    try:
        cpu_before = worker.process.cpu_seconds()
        started = time.monotonic()
        worker.create(config)
        poll(worker, done, seconds)
        took = time.monotonic() - started
        sample = Sample(records, took, worker.process.cpu_seconds() - cpu_before, worker.process.rss_kb() / 1024)
        worker.process.stop(90)
        return sample
    finally:
        worker.end()


def poll(worker, done, seconds):
    def asked():
        if done():
            return True
        if not worker.process.alive():
            raise SystemExit(f"the worker ended:\n{worker.process.tail()}")
        return False

    until(asked, "all records arrived", seconds, pause=0.01)


def spread(values):
    """min, median, max"""
    return min(values), statistics.median(values), max(values)


def megabytes(kilobytes):
    return kilobytes / 1024


def describe_machine():
    model = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown")
    return {"processor": model, "cores": os.cpu_count(), "kernel": os.uname().release,
            "load_before": round(os.getloadavg()[0], 2), "page_bytes": resource.getpagesize()}
