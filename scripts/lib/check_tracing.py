"""The test of traces over three nodes; scripts/check-tracing runs it and says what it proves."""

import os
import secrets
import shutil
import statistics
import sys
import tempfile
import time

from bulk import perform
from checks import Failed, check
from client import Unanswered
from healing import item_target, metric
from members import Members
from node import NodeFailure
from spans import CLIENT, INTERNAL, SERVER, Collector, Trace, faults_of, node_of
from verdicts import Verdicts

SPANS = int(os.environ.get("SPANS", "100000"))
TABLE = "traced"
# As the faults of a collector are judged: the batch delay of these nodes, and how long one try may take.
DELAY_MILLISECONDS, TIMEOUT_MILLISECONDS = 200, 2000
MEMORY_BYTES = 64 << 20
CALLER = "00f067aa0ba902b7"
ENVIRONMENT = {
    "OTEL_BSP_SCHEDULE_DELAY": DELAY_MILLISECONDS, "OTEL_EXPORTER_OTLP_TIMEOUT": TIMEOUT_MILLISECONDS,
    "OTEL_BSP_EXPORT_TIMEOUT": 10000, "HEDGEHOG_TRACE_MAX_PER_SECOND": 0,
}


class Tracing:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="hedgehog-tracing-")
        self.verdicts = Verdicts()
        self.collector = Collector(self.folder)
        variables = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
        self.members = Members(
            self.folder, prefix=["env", *variables, f"OTEL_EXPORTER_OTLP_ENDPOINT={self.collector.url}"],
            flags=["--log-format", "json", "--failure-timeout-ms", "1000", "--heartbeat-interval-ms", "200"])
        self.nodes = self.members.nodes

    def run(self):
        self.members.form()
        self.members.make_table(TABLE)
        print(f"check-tracing: three nodes, collector at {self.collector.url}; logs and spans in {self.folder}",
              flush=True)
        self._trees()
        self._hint()
        self._many()
        self._faults()
        return self.verdicts.all_kept

    # One request, one tree.

    def ask(self, number, method, target, body=None, trace_id=None):
        """The trace of one request through a node, once the collector has all of it."""
        trace_id = trace_id or secrets.token_hex(16)
        connection = self.members.node(number).connect()
        head = f"{method} {target} HTTP/1.1\r\nHost: h\r\ntraceparent: 00-{trace_id}-{CALLER}-01\r\n"
        raw = body or b""
        connection.send(f"{head}Content-Length: {len(raw)}\r\n\r\n".encode() + raw)
        response = connection.receive()
        connection.close()
        return response, trace_id

    def trace(self, trace_id, root="http.request"):
        """All of its spans: none is awaited whose parent's end has been told, but for late replicas."""
        self.collector.wait_for(
            lambda spans: any(s["trace_id"] == trace_id and s["name"] == root for s in spans), f"trace {trace_id}")
        time.sleep(4 * DELAY_MILLISECONDS / 1000)
        return Trace(trace_id, self.collector.spans())

    def judge_tree(self, trace, what, status, names):
        verdicts = self.verdicts
        roots = [span for span in trace.spans if span["parent_span_id"] == CALLER]
        verdicts.judge(len(roots) == 1 and roots[0]["name"] == "http.request" and roots[0]["kind"] == SERVER
                       and roots[0]["attributes"].get("http.response.status_code") == status,
                       f"{what}: one http.request, the caller's child, with status {status}")
        for name, kind, count in names:
            found = trace.named(name)
            verdicts.judge(len(found) == count and all(span["kind"] == kind for span in found),
                           f"{what}: {count} of {name}" + ("" if len(found) == count else f", not {len(found)}: "
                                                           f"{' '.join(trace.words())}"))
        faults = faults_of(trace.spans, {CALLER})
        verdicts.judge(not faults, f"{what}: every parent is there and contains its children {faults or ''}")

    def _trees(self):
        _, warm = self.ask(1, "PUT", item_target(TABLE, "k", "strong"), b'{"n":0}')
        self.trace(warm)
        response, trace_id = self.ask(1, "PUT", item_target(TABLE, "k", "strong"), b'{"n":1}')
        trace = self.trace(trace_id)
        self.verdicts.judge(response.header("X-Trace-ID") == trace_id, "the answer bears the caller's trace id")
        self.judge_tree(trace, "strong put", 200, [
            ("coordinator.route_put", INTERNAL, 1), ("replicate put", CLIENT, 2), ("replicate version", CLIENT, 1),
            ("replicate", SERVER, 3), ("storage.put", INTERNAL, 3), ("storage.fsync", INTERNAL, 3),
            ("storage.batch_wait", INTERNAL, 3)])
        self.verdicts.judge(trace.nodes() == ["node-1", "node-2", "node-3"], f"strong put: all nodes {trace.nodes()}")
        events = [event["name"] for span in trace.named("coordinator.route_put") for event in span["events"]]
        self.verdicts.judge(events == ["versions.known", "quorum.reached"], f"strong put: its decisions {events}")
        response, trace_id = self.ask(2, "GET", item_target(TABLE, "k", "strong"))
        self.judge_tree(self.trace(trace_id), "strong get", 200, [
            ("coordinator.route_get", INTERNAL, 1), ("replicate", SERVER, 1), ("storage.get", INTERNAL, 2)])
        response, trace_id = self.ask(2, "GET", item_target(TABLE, "k", "eventual"))
        self.judge_tree(self.trace(trace_id), "eventual get", 200, [
            ("coordinator.route_get", INTERNAL, 1), ("replicate", SERVER, 0), ("storage.get", INTERNAL, 1)])
        response, trace_id = self.ask(3, "DELETE", item_target(TABLE, "k", "strong"))
        self.judge_tree(self.trace(trace_id), "strong delete", 200, [
            ("coordinator.route_delete", INTERNAL, 1), ("replicate delete", CLIENT, 2)])
        response, trace_id = self.ask(3, "GET", item_target(TABLE, "k", "strong"))
        trace = self.trace(trace_id)
        self.judge_tree(trace, "get of what is gone", 404, [("coordinator.route_get", INTERNAL, 1)])
        self.verdicts.judge(all(span["status"]["code"] == 0 for span in trace.spans),
                            "get of what is gone: no span has failed")
        response, trace_id = self.ask(1, "GET", f"/api/v1/tables/{TABLE}/items")
        self.judge_tree(self.trace(trace_id), "scan", 200, [("replicate page", CLIENT, 2), ("replicate", SERVER, 2)])

    # A replica that is away.

    def _hint(self):
        self.members.kill(3)
        self._await_state(1, "node-3", "dead")
        _, trace_id = self.ask(1, "PUT", item_target(TABLE, "missed", "strong"), b'{"n":1}')
        trace = self.trace(trace_id)
        self.judge_tree(trace, "put beside a dead replica", 200, [
            ("coordinator.route_put", INTERNAL, 1), ("hint.store", INTERNAL, 1), ("replicate put", CLIENT, 1)])
        work = trace.named("coordinator.route_put")[0]
        self.verdicts.judge(any(event["name"] == "target.down" for event in work["events"]),
                            "put beside a dead replica: the coordinator says which is down")
        self.members.kill(1)
        self.members.node(1).start_and_wait()
        self.members.node(3).start_and_wait()

        def is_linked(span):
            return span["name"] == "hint.replay" and any(
                link["trace_id"] == trace_id and link["span_id"] == work["span_id"] for link in span["links"])

        self.collector.wait_for(lambda spans: any(map(is_linked, spans)), "the replay of a hint, linked to its write")
        replay = next(filter(is_linked, self.collector.spans()))
        trace = self.trace(replay["trace_id"], "replicate")
        sent = trace.named("replicate put", target_node="node-3")
        served = trace.named("replicate", source_node="node-1")
        self.verdicts.judge(
            len(sent) == 1 and len(served) == 1 and node_of(served[0]) == "node-3"
            and served[0]["attributes"]["hedgehog.request_id"] == work_request(self.collector.spans(), work),
            "after a restart of its keeper the hint's replay is linked to the write, and names its request on node-3")

    def _await_state(self, number, node_id, state, timeout_seconds=30):
        deadline = time.monotonic() + timeout_seconds
        while True:
            nodes = self.members.node(number).ask("GET", "/api/v1/cluster/nodes").json()["nodes"]
            if any(node["id"] == node_id and node["state"] == state for node in nodes):
                return
            check(time.monotonic() < deadline, f"{node_id} is {state} to node-{number} within {timeout_seconds} s")
            time.sleep(0.05)

    # Many.

    def _many(self):
        started, number = time.monotonic(), 0
        while len(self.collector.spans()) < SPANS:
            requests = [("PUT", item_target(TABLE, f"m-{number + at}", "strong"), b'{"n":1}') for at in range(60)]
            requests += [("GET", item_target(TABLE, f"m-{number + at}", "eventual"), None) for at in range(60)]
            statuses, refusals = perform(self.nodes, requests)
            check(set(statuses) <= {200, 404}, f"requests are answered {statuses} {refusals}")
            number += 60
        time.sleep(6 * DELAY_MILLISECONDS / 1000)
        spans = self.collector.spans()
        dropped = sum(metric(node, "hedgehog_tracing_spans_dropped_total") for node in self.nodes)
        print(f"  {len(spans)} spans of {2 * number} requests and more in {time.monotonic() - started:.0f} s, "
              f"{dropped:.0f} dropped", flush=True)
        # Node-1 and node-3 were killed: what had not been sent by then is gone, and so may be parents of what came.
        recent = [span for span in spans if span["start"] / 1e9 > time.time() - (time.monotonic() - started) - 0.1]
        faults = faults_of(recent, {CALLER})
        if dropped:
            faults = [fault for fault in faults if "that nobody sent" not in fault]
        self.verdicts.judge(len(recent) * 4 > SPANS and not faults, f"{len(recent)} spans, {len(faults)} faults "
                            f"{faults[:3] or ''}")
        self.verdicts.judge(self.collector.counts()["refused"] == 0, "the decoder has refused nothing")
        for node in self.nodes:
            ended = metric(node, "hedgehog_tracing_spans_ended_total")
            told = (metric(node, "hedgehog_tracing_spans_exported_total")
                    + metric(node, "hedgehog_tracing_spans_dropped_total")
                    + metric(node, "hedgehog_tracing_queue_size"))
            # Of a batch under way it is not known yet.
            self.verdicts.judge(0 <= ended - told <= 512, f"{node.node_id}: {ended:.0f} spans ended, {told:.0f} sent, "
                                "dropped or waiting")

    # A collector that is not what it should be.

    def _faults(self):
        node = self.members.node(1)
        quiet = self._latency(node)
        for fault, more, drops, results in [
            ("429", {"retry_after": "1", "times": 2}, None, "retry"), ("503", {"times": 2}, None, "retry"),
            ("500", {"times": 2}, "export_failed", "failure"), ("partial", {"times": 2}, "rejected", None),
            ("disconnect", {"times": 2}, None, "retry"), ("hang", {"times": 2}, None, None),
        ]:
            self._fault(node, fault, more, drops, results, quiet)
        self.collector.behave("503")
        before = node.resident_bytes()
        self._load(node, 4000)
        grown = node.resident_bytes() - before
        self.verdicts.judge(grown < MEMORY_BYTES and metric(
            node, "hedgehog_tracing_spans_dropped_total", reason="queue_full") > 0,
            f"a collector that takes nothing: {grown / 1e6:.1f} MB more memory, and what found no place is counted")
        self.collector.behave("ok")
        status = None
        self.collector.behave("hang")
        self._load(node, 200)
        started = time.monotonic()
        status = self.members.terminate(1)
        took = time.monotonic() - started
        self.verdicts.judge(status == 0 and took < 12, f"a node stops beside a collector that never answers: "
                            f"status {status} after {took:.1f} s")

    def _fault(self, node, fault, more, drops, results, quiet):
        names = ["hedgehog_tracing_exports_total", "hedgehog_tracing_spans_dropped_total"]
        before = [metric(node, names[0], result=results or ""), metric(node, names[1], reason=drops or "")]
        exported = metric(node, "hedgehog_tracing_spans_exported_total")
        self.collector.behave(fault, **more)
        slow = self._latency(node)
        deadline = time.monotonic() + 20
        while self.collector.counts()["fault"] != "ok" or metric(
                node, "hedgehog_tracing_spans_exported_total") <= exported:
            if time.monotonic() > deadline:
                break
            self._load(node, 5)
            time.sleep(0.2)
        after = [metric(node, names[0], result=results or ""), metric(node, names[1], reason=drops or "")]
        told = (not results or after[0] > before[0]) and (not drops or after[1] > before[1])
        goes_on = metric(node, "hedgehog_tracing_spans_exported_total") > exported
        counted = results or drops or "a timeout"
        self.verdicts.judge(told and goes_on, f"collector answers {fault}: counted as {counted}, and spans are taken "
                            "again afterwards")
        print(f"    median request meanwhile {slow * 1e3:.2f} ms, before {quiet * 1e3:.2f} ms", flush=True)

    def _load(self, node, count):
        perform([node], (("PUT", item_target(TABLE, f"f-{at}", "eventual"), b'{"n":1}') for at in range(count)))

    @staticmethod
    def _latency(node):
        connection, times = node.connect(), []
        for at in range(200):
            started = time.monotonic()
            connection.send(f"GET {item_target(TABLE, f'm-{at}', 'eventual')} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
            connection.receive()
            times.append(time.monotonic() - started)
        connection.close()
        return statistics.median(times)

    def end(self):
        self.members.end()
        self.collector.end()


def work_request(spans, work):
    root = next(span for span in spans if span["span_id"] == work["parent_span_id"])
    return root["attributes"]["hedgehog.request_id"]


def main():
    tracing = Tracing()
    is_kept = False
    try:
        is_kept = tracing.run()
    except (Failed, NodeFailure, OSError, Unanswered) as failure:
        print(f"check-tracing: {failure}", file=sys.stderr)
    finally:
        tracing.end()
    if is_kept:
        shutil.rmtree(tracing.folder)
        print("check-tracing: passed")
        return 0
    print(f"check-tracing: FAILED; logs and spans are kept in {tracing.folder}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
