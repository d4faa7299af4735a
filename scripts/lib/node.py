"""One hedgehogdb process under test: started on a free port with a store of its own, watched, and ended by its pid."""

import os
import signal
import socket
import subprocess
import time

from client import Connection, Unanswered, ask_once

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("HEDGEHOGDB", os.path.join(ROOT, ".build/release/hedgehogdb"))
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class NodeFailure(Exception):
    """The process did not do what was asked of it; the text ends with its log's last lines."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Node:
    def __init__(self, folder, flags=(), command_prefix=()):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.store = os.path.join(folder, "store")
        self.log_path = os.path.join(folder, "log")
        self.address = ("127.0.0.1", free_port())
        self.flags = list(flags)
        self.command_prefix = list(command_prefix)
        self.process = None
        self.started_at = 0.0

    @property
    def url(self):
        return f"http://{self.address[0]}:{self.address[1]}"

    def start(self):
        if not os.access(BINARY, os.X_OK):
            raise NodeFailure(f"there is no {BINARY}: run make build")
        bind = f"{self.address[0]}:{self.address[1]}"
        command = [*self.command_prefix, BINARY, "--node-id", "node-1", "--bind", bind, "--data-dir", self.store,
                   *self.flags]
        with open(self.log_path, "ab") as log:
            self.started_at = time.monotonic()
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait_until_ready(self, timeout_seconds=60):
        """Seconds from the start of the process until /readyz answered 200."""
        while True:
            elapsed = time.monotonic() - self.started_at
            if self.process.poll() is not None:
                raise NodeFailure(f"the node ended with {self.process.returncode} while starting\n{self.log_tail()}")
            if self.is_ready():
                return elapsed
            if elapsed > timeout_seconds:
                raise NodeFailure(f"the node was not ready after {timeout_seconds} s\n{self.log_tail()}")
            time.sleep(0.01)

    def is_ready(self):
        try:
            return ask_once(self.address, "GET", "/readyz", timeout_seconds=2).status == 200
        except (OSError, Unanswered):
            return False

    def start_and_wait(self):
        self.start()
        return self.wait_until_ready()

    def connect(self, timeout_seconds=30):
        return Connection(self.address, timeout_seconds)

    def ask(self, method, target, body=None):
        return ask_once(self.address, method, target, body)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def terminate(self, timeout_seconds=15):
        """SIGTERM; the exit status once the process has ended."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise NodeFailure(f"the node had not ended {timeout_seconds} s after SIGTERM\n{self.log_tail()}") from None

    def end(self):
        """For clean-up: gone whatever state it is in."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * PAGE

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def log_tail(self, line_count=15):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as file:
                return "".join(file.readlines()[-line_count:])
        except OSError:
            return "(no log)"
