"""Checks the /metrics page of one node.

promtool must find nothing wrong with the text format, and the strict parser of Prometheus's Python client must read the
OpenMetrics format. REQUESTS hostile requests must not add a series, must hardly add memory, and must leave a log in
which every line is JSON.
"""

import gzip
import json
import random
import subprocess

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_strictly
from prometheus_client.parser import text_string_to_metric_families as parse_text

from harness.http_client import Unanswered
from harness.node import Node
from workloads.hostile_requests import HostileRequests

WARM_UP = 10000
PIPELINED = 200
# One in 50 requests is not valid HTTP and gets a connection of its own.
NOT_HTTP_SHARE = 50
# The memory that the allocator may keep after a hundred thousand requests.
MEMORY_BYTES = 16 << 20
OPEN_METRICS = "Accept: application/openmetrics-text; version=1.0.0"


def page(node, *fields):
    connection = node.connect()
    try:
        head = "\r\n".join(["GET /metrics HTTP/1.1", "Host: hedgehog", *fields])
        connection.send((head + "\r\n\r\n").encode())
        return connection.receive()
    finally:
        connection.close()


def samples(node):
    """Returns the value of each sample by name and labels."""
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in parse_text(page(node).body.decode()) for sample in family.samples}


def value(found, name):
    return sum(number for (sample, _), number in found.items() if sample == name)


def prepare(node):
    node.ask("POST", "/api/v1/tables", b'{"name":"known"}')
    for number in range(50):
        # The key is longer than any key of the random requests. If one of them found an item, its method and status
        # would create a new series.
        key = f"a-key-that-no-random-request-contains-{number}"
        node.ask("PUT", f"/api/v1/tables/there/items/{key}", b'{"n":1}')
        node.ask("GET", f"/api/v1/tables/there/items/{key}")


def check_formats(node, checks):
    text = page(node)
    checks.expect(text.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8",
                  "the text format is the default")
    promtool = subprocess.run(["promtool", "check", "metrics"], input=text.body, capture_output=True)
    checks.expect(promtool.returncode == 0 and not promtool.stdout + promtool.stderr,
                  f"promtool check metrics finds no fault (exit status {promtool.returncode}): "
                  f"{(promtool.stdout + promtool.stderr).decode()[:2000]!r}")
    opened = page(node, OPEN_METRICS)
    checks.expect(opened.header("Content-Type") == "application/openmetrics-text; version=1.0.0; charset=utf-8",
                  "OpenMetrics is served on request")
    families = list(parse_strictly(opened.body.decode()))
    count = sum(len(family.samples) for family in families)
    checks.expect(len(families) > 80 and count > 1000,
                  f"a strict parser reads the OpenMetrics page: {len(families)} families, {count} samples")
    names = {sample.name for family in families for sample in family.samples}
    checks.expect(names == {name for name, _ in samples(node)}, "both formats have the same sample names")
    packed = page(node, OPEN_METRICS, "Accept-Encoding: gzip")
    checks.expect(packed.header("Content-Encoding") == "gzip" and gzip.decompress(packed.body).endswith(b"\n# EOF\n"),
                  f"gzip reduces {len(opened.body)} bytes to {len(packed.body)}, and the last line is complete")


class Attack:
    def __init__(self, node, seed):
        self.node = node
        self.hostile = HostileRequests(random.Random(seed))
        self.refused_ids = 0
        self.sent = 0
        self.connection = None

    def run(self, count):
        while count > 0:
            portion = min(count, PIPELINED)
            self._pipeline(portion)
            count -= portion
        if self.connection:
            self.connection.close()
            self.connection = None

    def _pipeline(self, count):
        made = [self.hostile.request() for _ in range(count)]
        self.connection = self.connection or self.node.connect()
        self.connection.send(b"".join(raw for raw, _, _ in made))
        for _, method, is_refused in made:
            response = self.connection.receive(is_head=method == "HEAD")
            if response.header("Connection") == "close":
                raise Unanswered(f"the node refused valid HTTP: {response.body!r}", 0)
            self.refused_ids += is_refused
            self.sent += 1
        for _ in range(count // NOT_HTTP_SHARE):
            self._send_not_http()

    def _send_not_http(self):
        connection = self.node.connect()
        try:
            connection.send(self.hostile.not_http())
            connection.receive()
        except (Unanswered, OSError):
            pass  # An incomplete request gets no response before the connection ends.
        finally:
            connection.close()
        self.sent += 1


def check_attack(node, test):
    checks, count = test.checks, test.values.requests
    attack = Attack(node, test.values.seed)
    attack.run(WARM_UP)
    before, memory, refused = samples(node), node.resident_bytes(), attack.refused_ids
    attack.run(count)
    after, grown = samples(node), node.resident_bytes() - memory
    checks.expect(set(after) == set(before),
                  f"{count} hostile requests add no series: {len(before)} before, {len(after)} after; "
                  f"new: {sorted(set(after) - set(before))[:5]}")
    checks.expect(grown <= MEMORY_BYTES, f"memory grew by {grown / 1048576:+.1f} MiB from {memory / 1048576:.0f} MiB")
    counted = value(after, "hedgehog_http_invalid_request_ids_total") - value(
        before, "hedgehog_http_invalid_request_ids_total")
    checks.expect(counted == attack.refused_ids - refused,
                  f"exactly the {attack.refused_ids - refused} invalid request ids were refused")
    return attack, after


def check_log(node, checks, attack, found):
    node.terminate()
    lines, broken, accesses = 0, [], 0
    with open(node.log_path, "rb") as log:
        for line in log:
            lines += 1
            try:
                accesses += json.loads(line)["msg"] == "request"
            except (ValueError, KeyError):
                broken.append(line)
    checks.expect(not broken, f"all {lines} lines of the log are JSON; invalid ones: {broken[:2]}")
    dropped = value(found, "hedgehog_log_lines_dropped_total")
    checks.expect(accesses + dropped >= attack.sent * 0.98,
                  f"requests are in the access log: {accesses} of {attack.sent}, {dropped:.0f} dropped")


def run(test):
    node = Node(test.folder, flags=["--log-format", "json", "--access-log", "all", "--sync", "interval"])
    test.at_end(node.end)
    node.start_and_wait()
    prepare(node)
    check_formats(node, test.checks)
    attack, found = check_attack(node, test)
    check_log(node, test.checks, attack, found)
