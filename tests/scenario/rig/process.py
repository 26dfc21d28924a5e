"""A child process with its output in a file, ended by its own id only."""
import os
import signal
import socket
import subprocess


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """`log` collects what the process prints."""

    def __init__(self, command, log, cwd=None, env=None, stdin=subprocess.DEVNULL, stdout=None):
        self.command = [str(part) for part in command]
        self.log = log
        self._file = open(log, "ab")
        self.child = subprocess.Popen(self.command, stdin=stdin, stdout=stdout or self._file, stderr=self._file,
                                      cwd=cwd, env={**os.environ, **(env or {})})

    @property
    def pid(self):
        return self.child.pid

    def alive(self):
        return self.child.poll() is None

    def signal(self, number):
        if self.alive():
            self.child.send_signal(number)

    def wait(self, seconds=30):
        try:
            status = self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.command[0]} did not end within {seconds} s; its log ends:\n{self.tail()}") from None
        self._file.close()
        return status

    def stop(self, seconds=30):
        """SIGTERM, then the exit status."""
        self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def kill(self):
        self.signal(signal.SIGKILL)
        return self.wait()

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def end(self):
        """Whatever state it is in: for clean-up."""
        if self.alive():
            self.thaw()
            self.signal(signal.SIGTERM)
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.signal(signal.SIGKILL)
                self.child.wait(10)
        if not self._file.closed:
            self._file.close()

    def tail(self, lines=40):
        with open(self.log, errors="replace") as log:
            return "".join(log.readlines()[-lines:])

    def rss_kb(self, field="VmHWM"):
        """VmHWM: peak; VmRSS: now; RssAnon: anonymous part."""
        with open(f"/proc/{self.pid}/status") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1])
        raise AssertionError(f"no {field} of {self.pid}")

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
