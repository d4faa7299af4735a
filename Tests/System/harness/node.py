"""One hedgehogdb process under test, on a free port and with a store of its own. It is ended by its pid only."""

import os
import shlex
import signal
import socket
import subprocess
import time

from harness.http_client import Connection, Unanswered, ask_once

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
BINARY = os.environ.get("HEDGEHOGDB") or os.path.join(ROOT, ".build/release/hedgehogdb")
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
RETURNED_PORTS = set()


class NodeFailure(Exception):
    """The process did not do what the test needs. The text may end with the last lines of its log."""


def free_port():
    """Returns another port each time: the system may offer a port again until a node listens on it."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in RETURNED_PORTS:
            RETURNED_PORTS.add(port)
            return port


class Node:
    def __init__(self, folder, flags=(), command_prefix=(), node_id="node-1", address=None):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.node_id = node_id
        self.store = os.path.join(folder, "store")
        self.log_path = os.path.join(folder, "log")
        self.address = address or ("127.0.0.1", free_port())
        self.flags = [*flags, *shlex.split(os.environ.get("FLAGS", ""))]
        self.command_prefix = list(command_prefix)
        self.binary = BINARY
        self.process = None
        self.started_at = 0.0

    @property
    def host_port(self):
        return f"{self.address[0]}:{self.address[1]}"

    @property
    def url(self):
        return f"http://{self.host_port}"

    def start(self):
        if not os.access(self.binary, os.X_OK):
            raise NodeFailure(f"there is no executable {self.binary}; run make build")
        command = [*self.command_prefix, self.binary, "--node-id", self.node_id, "--bind", self.host_port,
                   "--data-dir", self.store, *self.flags]
        with open(self.log_path, "ab") as log:
            self.started_at = time.monotonic()
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait_until_ready(self, timeout_seconds=60):
        """Returns the seconds from the start of the process until /readyz answered 200."""
        while True:
            elapsed = time.monotonic() - self.started_at
            if self.process.poll() is not None:
                raise NodeFailure(f"{self.node_id} ended with status {self.process.returncode} during its start\n"
                                  f"{self.log_tail()}")
            problem = self.readiness()
            if not problem:
                return elapsed
            if elapsed > timeout_seconds:
                raise NodeFailure(f"{self.node_id} was not ready after {timeout_seconds} s: {problem}\n"
                                  f"{self.log_tail()}")
            time.sleep(0.01)

    def is_ready(self):
        return self.readiness() == ""

    def readiness(self):
        """Returns an empty text if the node is ready, else the response of /readyz or the error of the connection."""
        try:
            response = ask_once(self.address, "GET", "/readyz", timeout_seconds=2)
        except (OSError, Unanswered) as error:
            return str(error)
        return "" if response.status == 200 else response.body.decode("utf-8", "replace").strip()

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

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def terminate(self, timeout_seconds=15):
        """Sends SIGTERM and returns the exit status. Kills the process and raises NodeFailure if it does not end."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise NodeFailure(f"{self.node_id} still runs {timeout_seconds} s after SIGTERM\n"
                              f"{self.log_tail()}") from None

    def end(self):
        """Kills the process if it runs. For the end of a test."""
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
