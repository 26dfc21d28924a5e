"""One run of one contestant, by the kernel's own accounting."""
import dataclasses
import os
import pathlib
import resource
import statistics
import subprocess
import threading
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


class Peak:
    """Looks at a child's peak memory while it lives: what wait4 tells begins with what the parent had when it forked."""

    def __init__(self, child):
        self.megabytes = 0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.watch, args=(f"/proc/{child.pid}/status",))
        self.thread.start()

    def watch(self, path):
        while not self.done.wait(0.02):
            with open(path) as status:
                lines = [line for line in status if line.startswith("VmHWM:")]
            if lines:  # it has not ended yet
                self.megabytes = max(self.megabytes, int(lines[0].split()[1]) / 1024)

    def stop(self):
        self.done.set()
        self.thread.join()
        return self.megabytes


def wait_for(child):
    """CPU seconds and peak memory of a program that ends by itself."""
    peak = Peak(child)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    megabytes = peak.stop()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, f"{child.args}: exit status {child.returncode}"
    return usage.ru_utime + usage.ru_stime, megabytes


def run_program(command, records, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, log=None):
    """Its whole life counts."""
    started = time.monotonic()
    child = subprocess.Popen([str(part) for part in command], stdout=stdout, stdin=stdin, stderr=log)
    cpu, megabytes = wait_for(child)
    return Sample(records, time.monotonic() - started, cpu, megabytes)


def run_pipe(first, second, records):
    """Two programs, the first one's output being the second one's input: CPU seconds are added, the larger peak counts."""
    started = time.monotonic()
    writer = subprocess.Popen([str(part) for part in first], stdout=subprocess.PIPE)
    reader = subprocess.Popen([str(part) for part in second], stdin=writer.stdout, stdout=subprocess.DEVNULL)
    writer.stdout.close()
    reading = Peak(reader)
    cpu_writing, written = wait_for(writer)
    reading.stop()
    cpu_reading, read = wait_for(reader)
    return Sample(records, time.monotonic() - started, cpu_writing + cpu_reading, max(written, read, reading.megabytes))


def run_worker(worker, configs, records, done, seconds=600):
    """A worker that is up and idle gets its connectors, and counts until `done()` says so."""
    worker.start()
    try:
        cpu_before = worker.process.cpu_seconds()
        started = time.monotonic()
        for config in configs:
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
