"""Starts a node in environments that lack something, and ends it. In each the node runs with exactly the settings it
was given or refuses in one sentence, and a clean stop ends with status 0. Prints one table.
"""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import time
from collections import namedtuple

from harness.node import BINARY, NodeFailure, free_port

START_SECONDS = 20
STOP_SECONDS = 15
ITEM = "/api/v1/tables/t/items/k"
# Signals that the documentation does not name as ends of a node.
HARMLESS = ["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGPIPE", "SIGVTALRM", "SIGPROF", "SIGIO", "SIGXFSZ", "SIGPWR",
            "SIGRTMIN", "SIGRTMAX"]

Row = namedtuple("Row", "environment outcome status seconds")


class Launch:
    """One start of the program: its flags, its environment and what its process inherits."""

    def __init__(self, test, name):
        self.folder = os.path.join(test.folder, re.sub(r"\W+", "-", name))
        os.makedirs(self.folder)
        self.port = free_port()
        self.store = os.path.join(self.folder, "store")
        self.errors = os.path.join(self.folder, "stderr")
        self.log = os.path.join(self.folder, "log")
        self.flags = ["--node-id", "given", "--bind", f"127.0.0.1:{self.port}", "--data-dir", self.store]
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("HEDGEHOG")}
        self.prefix = []
        self.prepare = None
        self.output = self.log
        self.error_output = self.errors
        self.process = None
        test.at_end(self.kill)

    def start(self):
        command = [*self.prefix, BINARY, *self.flags]
        with open(self.output, "ab") as output, open(self.error_output, "ab") as errors:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, cwd=self.folder,
                env=self.environment, preexec_fn=self.prepare)

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def request(self, method, path, body=b""):
        """Returns the status and the body of one request, or None if nobody answers."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"%s %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                                   % (method.encode(), path.encode(), len(body), body))
                answer = b"".join(iter(lambda: connection.recv(65536), b""))
        except OSError:
            return None
        head, _, rest = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), rest

    def wait_for_answer(self):
        """Waits until the node is ready or ends. Returns whether it is ready."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return False
            answer = self.request("GET", "/readyz")
            if answer and answer[0] == 200:
                return True
            time.sleep(0.02)
        raise NodeFailure(f"the node neither became ready nor ended within {START_SECONDS} s")

    def serves_its_settings(self):
        """Whether a write and a read succeed, and the node and its directory are those of the flags."""
        written = self.request("PUT", ITEM, b'{"a":1}')
        if written is None or written[0] == 404:
            self.request("POST", "/api/v1/tables", b'{"name":"t"}')
            written = self.request("PUT", ITEM, b'{"a":1}')
        read = self.request("GET", ITEM)
        metrics = self.request("GET", "/metrics")
        return (written and written[0] == 200 and read and read[0] == 200 and os.path.isdir(self.store)
                and metrics and b'node_id="given"' in metrics[1])

    def stop(self):
        """Returns the exit status and the seconds that the stop took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return None, time.monotonic() - began
        return status, time.monotonic() - began

    def sentence(self):
        with open(self.errors, encoding="utf-8", errors="replace") as file:
            return file.read().strip()

    def metric(self, name):
        _, page = self.request("GET", "/metrics")
        found = re.search(rf"^{name}(?:{{[^}}]*}})? (\d+)", page.decode(), re.M)
        return int(found.group(1)) if found else None


class Environments:
    def __init__(self, test):
        self.test = test
        self.rows = []

    def expect(self, condition, sentence):
        self.test.checks.expect(condition, sentence)

    def serves(self, name, change=None, check=None, stop_limit=STOP_SECONDS):
        """The node must run with its settings in this environment, and stop with status 0."""
        launch = Launch(self.test, name)
        if change:
            change(launch)
        launch.start()
        ready = launch.wait_for_answer()
        self.expect(ready and launch.serves_its_settings(), f"{name}: the node serves with the settings it was given")
        if ready and check:
            check(launch)
        status, seconds = launch.stop() if ready else (launch.process.returncode, 0)
        self.expect(status == 0 and seconds < stop_limit, f"{name}: a stop ended with status {status} after "
                    f"{seconds:.1f} s (limit {stop_limit} s)")
        self.rows.append(Row(name, "serves" if ready else launch.sentence(), status, seconds))
        return launch

    def refuses(self, name, change, *words):
        """The program must end with a sentence on standard error that contains `words`."""
        launch = Launch(self.test, name)
        change(launch)
        launch.start()
        ready = launch.wait_for_answer()
        sentence = launch.sentence()
        launch.kill()
        said = sentence.count("\n") == 0 and all(word in sentence for word in words)
        self.expect(not ready and launch.process.returncode not in (0, None) and said,
                    f"{name}: refused with {sentence!r}")
        self.rows.append(Row(name, "serves" if ready else sentence, launch.process.returncode, 0))

    def print_table(self):
        print(f"  {'environment':<34} {'status':>6} {'stop s':>7}  outcome")
        for row in self.rows:
            print(f"  {row.environment:<34} {row.status!s:>6} {row.seconds:>7.2f}  {row.outcome[:150]}")


def with_closed(descriptors):
    def change(launch):
        launch.prepare = lambda: [os.close(descriptor) for descriptor in descriptors]
    return change


def with_file_limit(limit):
    def change(launch):
        launch.prepare = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    return change


def with_variable(name, value):
    def change(launch):
        launch.environment[name] = value
    return change


def without_proc(launch):
    launch.prefix = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"]


def with_full_output(launch):
    launch.output = "/dev/full"


def with_full_errors(launch):
    launch.error_output = "/dev/full"


def with_blocked_signals(launch):
    launch.prepare = lambda: signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def on_read_only_mount(launch):
    launch.prefix = ["unshare", "--mount", "sh", "-c",
                     'mkdir -p store && mount -t tmpfs -o ro none store && exec "$@"', "sh"]


def counts_lost_lines(environments, name):
    def check(launch):
        lost = launch.metric("hedgehog_log_lines_dropped_total")
        environments.expect(lost and lost > 0, f"{name}: {lost} lost log lines are counted")
    return check


def survives_signals(environments):
    def check(launch):
        for name in HARMLESS:
            launch.process.send_signal(getattr(signal, name))
        environments.expect(launch.serves_its_settings() and launch.process.poll() is None,
                            f"the node serves after {', '.join(HARMLESS)}")
    return check


def is_warned(environments, limit):
    def check(launch):
        with open(launch.log, encoding="utf-8") as file:
            warnings = [json.loads(line) for line in file if "limit on open files" in line]
        environments.expect(len(warnings) == 1 and warnings[0]["level"] == "warn"
                            and f"open files is {limit}" in warnings[0]["msg"],
                            f"{limit} descriptors: one warning at the start: {warnings}")
    return check


def with_silent_collector(test):
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    test.at_end(listener.close)
    port = listener.getsockname()[1]

    def change(launch):
        launch.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{port}"
        launch.environment["OTEL_BSP_SCHEDULE_DELAY"] = "10"
    return change


def mounts_are_permitted():
    """Whether this user may mount a file system in a namespace of its own."""
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def run(test):
    environments = Environments(test)
    environments.serves("usual")
    if mounts_are_permitted():
        environments.serves("no /proc", without_proc)
        environments.refuses("read-only mount", on_read_only_mount, "read-only file system")
    else:
        test.say("SKIPPED: no /proc and read-only mount, because mounts are not permitted here")
    for closed in [(0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)]:
        environments.serves(f"closed descriptors {closed}", with_closed(closed))
    environments.serves("standard output full", with_full_output, counts_lost_lines(environments, "full output"))
    environments.serves("standard error full", with_full_errors)
    environments.serves("all signals blocked", with_blocked_signals)
    environments.serves("undocumented signals", check=survives_signals(environments))
    environments.serves("collector that hangs", with_silent_collector(test), stop_limit=2)
    for limit in (128, 256, 1024):
        environments.serves(f"{limit} descriptors", with_file_limit(limit), is_warned(environments, limit))
    environments.refuses("100 descriptors", with_file_limit(100), "100", "ulimit -n")
    environments.refuses("misspelled variable", with_variable("HEDGEHOG_NODE_IDD", "x"), "HEDGEHOG_NODE_ID?")
    environments.refuses("variable in lower case", with_variable("hedgehog_bind", "x"), "HEDGEHOG_BIND?")
    environments.serves("service variables of Kubernetes", with_variable("HEDGEHOG_SERVICE_HOST", "10.0.0.1"))
    environments.print_table()
