"""The judge of the page of metrics; scripts/check-metrics says what it does."""

import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

from prometheus_client.openmetrics.parser import text_string_to_metric_families as strictly
from prometheus_client.parser import text_string_to_metric_families as loosely

from client import Unanswered
from hostile import Hostile
from node import Node, NodeFailure
from verdicts import Verdicts

REQUESTS = int(os.environ.get("REQUESTS", "100000"))
SEED = int(os.environ.get("SEED", random.randrange(1 << 32)))
WARM_UP = 10000
PIPELINED = 200
# One in so many is no HTTP at all, and has a connection of its own.
NO_HTTP_SHARE = 50
# What the allocator may keep of a hundred thousand requests.
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
    """By name and labels."""
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in loosely(page(node).body.decode()) for sample in family.samples}


def value(found, name):
    return sum(number for (sample, _), number in found.items() if sample == name)


def prepare(node):
    node.ask("POST", "/api/v1/tables", b'{"name":"there"}')
    for number in range(50):
        # Longer than any made-up key: a lucky guess would be a method and a status seen for the first time.
        key = f"an-honest-key-that-nobody-guesses-{number}"
        node.ask("PUT", f"/api/v1/tables/there/items/{key}", b'{"n":1}')
        node.ask("GET", f"/api/v1/tables/there/items/{key}")


def judge_formats(node, verdicts):
    text = page(node)
    verdicts.judge(text.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8",
                   "text is served where nothing is asked for")
    told = subprocess.run(["promtool", "check", "metrics"], input=text.body, capture_output=True)
    verdicts.judge(told.returncode == 0 and not told.stdout + told.stderr,
                   f"promtool check metrics has nothing to say (exit {told.returncode}): "
                   f"{(told.stdout + told.stderr).decode()[:2000]!r}")
    opened = page(node, OPEN_METRICS)
    verdicts.judge(opened.header("Content-Type") == "application/openmetrics-text; version=1.0.0; charset=utf-8",
                   "OpenMetrics is served where it is preferred")
    families = list(strictly(opened.body.decode()))
    count = sum(len(family.samples) for family in families)
    verdicts.judge(len(families) > 80 and count > 1000,
                   f"a strict parser reads the OpenMetrics page: {len(families)} families, {count} samples")
    names = {sample.name for family in families for sample in family.samples}
    verdicts.judge(names == {name for name, _ in samples(node)}, "both formats have samples of the same names")
    packed = page(node, OPEN_METRICS, "Accept-Encoding: gzip")
    verdicts.judge(packed.header("Content-Encoding") == "gzip" and gzip.decompress(packed.body).endswith(b"\n# EOF\n"),
                   f"gzip makes {len(opened.body)} bytes {len(packed.body)}, whole to the last line")


class Attack:
    def __init__(self, node, chance):
        self.node = node
        self.chance = chance
        self.hostile = Hostile(chance)
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
                raise Unanswered(f"the node took a request for no HTTP: {response.body!r}", 0)
            self.refused_ids += is_refused
            self.sent += 1
        for _ in range(count // NO_HTTP_SHARE):
            self._send_no_http()

    def _send_no_http(self):
        connection = self.node.connect()
        try:
            connection.send(self.hostile.no_http())
            connection.receive()
        except (Unanswered, OSError):
            pass  # Bytes that are only the beginning of something get no answer before the connection ends.
        finally:
            connection.close()
        self.sent += 1


def judge_attack(node, verdicts):
    attack = Attack(node, random.Random(SEED))
    attack.run(WARM_UP)
    before, memory, refused = samples(node), node.resident_bytes(), attack.refused_ids
    attack.run(REQUESTS)
    after, grown = samples(node), node.resident_bytes() - memory
    verdicts.judge(set(after) == set(before),
                   f"{REQUESTS} hostile requests make no series: {len(before)} before, {len(after)} after; "
                   f"new: {sorted(set(after) - set(before))[:5]}")
    verdicts.judge(grown <= MEMORY_BYTES, f"memory is flat: {grown / 1048576:+.1f} MiB on {memory / 1048576:.0f}")
    counted = value(after, "hedgehog_http_invalid_request_ids_total") - value(
        before, "hedgehog_http_invalid_request_ids_total")
    verdicts.judge(counted == attack.refused_ids - refused,
                   f"each of {attack.refused_ids - refused} bad request ids was refused, and no other")
    return attack, after


def judge_log(node, verdicts, attack, found):
    node.terminate()
    lines, broken, accesses = 0, [], 0
    with open(node.log_path, "rb") as log:
        for line in log:
            lines += 1
            try:
                accesses += json.loads(line)["msg"] == "request"
            except (ValueError, KeyError):
                broken.append(line)
    verdicts.judge(not broken, f"all {lines} lines of the log are JSON; not so: {broken[:2]}")
    dropped = value(found, "hedgehog_log_lines_dropped_total")
    verdicts.judge(accesses + dropped >= attack.sent * 0.98,
                   f"requests have their lines: {accesses} of {attack.sent}, {dropped:.0f} dropped")


def main():
    folder = tempfile.mkdtemp(prefix="hedgehog-metrics-")
    node = Node(folder, flags=["--log-format", "json", "--access-log", "all", "--sync", "interval"])
    verdicts = Verdicts()
    print(f"check-metrics: SEED={SEED} REQUESTS={REQUESTS}")
    try:
        node.start_and_wait()
        prepare(node)
        judge_formats(node, verdicts)
        judge_log(node, verdicts, *judge_attack(node, verdicts))
    except (NodeFailure, Unanswered, OSError, ValueError) as failure:
        verdicts.judge(False, f"{type(failure).__name__}: {failure}\n{node.log_tail()}")
    finally:
        node.end()
        shutil.rmtree(folder)
    print(f"check-metrics: {'passed' if verdicts.all_kept else 'FAILED'}")
    return 0 if verdicts.all_kept else 1


if __name__ == "__main__":
    sys.exit(main())
