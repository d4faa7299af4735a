"""Lets three nodes send their spans to a collector that decodes them with OpenTelemetry's own definitions.

The test fails if
  - the trace of a write, a read, a delete or a scan is not one tree with the right names and kinds from all nodes;
  - a write that a node missed while it was down has no span for its hint, or the replay of the hint, after a restart of
    the node that stores it, has no link to the write;
  - any of SPANS spans has no parent, starts before it, ends after it without the attribute for late replicas, arrives
    twice, or is neither sent nor dropped according to the metrics of the nodes;
  - a collector that refuses spans, closes connections or never answers is not handled as OTLP requires, slows down
    requests or costs memory.
"""

import secrets
import statistics
import time

from harness.bulk_requests import perform
from harness.checks import CheckFailed
from harness.cluster import Cluster
from harness.node import NodeFailure
from harness.node_queries import item_target, metric
from harness.traces import CLIENT, INTERNAL, SERVER, Collector, Trace, faults_of, node_of

TABLE = "traced"
# The delay before a node exports a batch of spans, and the timeout of one export. The checks of collector faults wait
# accordingly.
DELAY_MILLISECONDS, TIMEOUT_MILLISECONDS = 200, 2000
MEMORY_BYTES = 64 << 20
STOP_SECONDS = 12
BATCH_SPANS = 512
CALLER = "00f067aa0ba902b7"
ENVIRONMENT = {
    "OTEL_BSP_SCHEDULE_DELAY": DELAY_MILLISECONDS, "OTEL_EXPORTER_OTLP_TIMEOUT": TIMEOUT_MILLISECONDS,
    "OTEL_BSP_EXPORT_TIMEOUT": 10000, "HEDGEHOG_TRACE_MAX_PER_SECOND": 0,
}
# Each fault of the trace collector: its name, its settings, the reason under which dropped spans must be counted, and
# the result under which exports must be counted.
COLLECTOR_FAULTS = [
    ("429", {"retry_after": "1", "times": 2}, None, "retry"), ("503", {"times": 2}, None, "retry"),
    ("500", {"times": 2}, "export_failed", "failure"), ("partial", {"times": 2}, "rejected", None),
    ("disconnect", {"times": 2}, None, "retry"), ("hang", {"times": 2}, None, None),
]


class Tracing:
    def __init__(self, test):
        self.span_count = test.values.spans
        self.checks = test.checks
        self.collector = Collector(test.folder)
        test.at_end(self.collector.end)
        variables = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
        self.cluster = Cluster(
            test.folder, prefix=["env", *variables, f"OTEL_EXPORTER_OTLP_ENDPOINT={self.collector.url}"],
            flags=["--log-format", "json", "--failure-timeout-ms", "1000", "--heartbeat-interval-ms", "200"])
        test.at_end(self.cluster.end)
        self.nodes = self.cluster.nodes

    def run(self):
        self.cluster.start_all()
        self.cluster.make_table(TABLE)
        self._check_trees()
        self._check_hint()
        self._check_many_spans()
        self._check_collector_faults()

    def ask(self, number, method, target, body=None):
        """Sends a request with a new trace through a node. Returns the response and the trace id."""
        trace_id = secrets.token_hex(16)
        connection = self.cluster.node(number).connect()
        head = f"{method} {target} HTTP/1.1\r\nHost: h\r\ntraceparent: 00-{trace_id}-{CALLER}-01\r\n"
        raw = body or b""
        connection.send(f"{head}Content-Length: {len(raw)}\r\n\r\n".encode() + raw)
        response = connection.receive()
        connection.close()
        return response, trace_id

    def trace(self, trace_id, root="http.request"):
        """Waits for the root span and returns the trace. Children end before their parents, except late replicas."""
        self.collector.wait_for(
            lambda spans: any(s["trace_id"] == trace_id and s["name"] == root for s in spans), f"trace {trace_id}")
        time.sleep(4 * DELAY_MILLISECONDS / 1000)
        return Trace(trace_id, self.collector.spans())

    def expect_tree(self, trace, what, status, names):
        checks = self.checks
        roots = [span for span in trace.spans if span["parent_span_id"] == CALLER]
        checks.expect(len(roots) == 1 and roots[0]["name"] == "http.request" and roots[0]["kind"] == SERVER
                      and roots[0]["attributes"].get("http.response.status_code") == status,
                      f"{what}: one http.request below the caller's span, with status {status}")
        for name, kind, count in names:
            found = trace.named(name)
            problem = "" if len(found) == count else f", not {len(found)}: {' '.join(trace.summary())}"
            checks.expect(len(found) == count and all(span["kind"] == kind for span in found),
                          f"{what}: {count} spans {name}{problem}")
        faults = faults_of(trace.spans, {CALLER})
        checks.expect(not faults, f"{what}: every span has its parent and lies within its time {faults or ''}")

    def _check_trees(self):
        _, warm = self.ask(1, "PUT", item_target(TABLE, "k", "strong"), b'{"n":0}')
        self.trace(warm)
        response, trace_id = self.ask(1, "PUT", item_target(TABLE, "k", "strong"), b'{"n":1}')
        trace = self.trace(trace_id)
        self.checks.expect(response.header("X-Trace-ID") == trace_id, "the response has the caller's trace id")
        self.expect_tree(trace, "strong put", 200, [
            ("coordinator.route_put", INTERNAL, 1), ("replicate put", CLIENT, 2), ("replicate version", CLIENT, 1),
            ("replicate", SERVER, 3), ("storage.put", INTERNAL, 3), ("storage.fsync", INTERNAL, 3),
            ("storage.batch_wait", INTERNAL, 3)])
        self.checks.expect(trace.nodes() == ["node-1", "node-2", "node-3"], "strong put: spans of all nodes "
                           f"{trace.nodes()}")
        events = [event["name"] for span in trace.named("coordinator.route_put") for event in span["events"]]
        self.checks.expect(events == ["versions.known", "quorum.reached"], "strong put: the events of the "
                           f"coordinator are {events}")
        response, trace_id = self.ask(2, "GET", item_target(TABLE, "k", "strong"))
        self.expect_tree(self.trace(trace_id), "strong get", 200, [
            ("coordinator.route_get", INTERNAL, 1), ("replicate", SERVER, 1), ("storage.get", INTERNAL, 2)])
        response, trace_id = self.ask(2, "GET", item_target(TABLE, "k", "eventual"))
        self.expect_tree(self.trace(trace_id), "eventual get", 200, [
            ("coordinator.route_get", INTERNAL, 1), ("replicate", SERVER, 0), ("storage.get", INTERNAL, 1)])
        response, trace_id = self.ask(3, "DELETE", item_target(TABLE, "k", "strong"))
        self.expect_tree(self.trace(trace_id), "strong delete", 200, [
            ("coordinator.route_delete", INTERNAL, 1), ("replicate delete", CLIENT, 2)])
        response, trace_id = self.ask(3, "GET", item_target(TABLE, "k", "strong"))
        trace = self.trace(trace_id)
        self.expect_tree(trace, "get of a deleted key", 404, [("coordinator.route_get", INTERNAL, 1)])
        self.checks.expect(all(span["status"]["code"] == 0 for span in trace.spans),
                           "get of a deleted key: no span has an error")
        response, trace_id = self.ask(1, "GET", f"/api/v1/tables/{TABLE}/items")
        self.expect_tree(self.trace(trace_id), "scan", 200, [("replicate page", CLIENT, 2), ("replicate", SERVER, 2)])

    def _check_hint(self):
        self.cluster.kill(3)
        self._await_state(1, "node-3", "dead")
        _, trace_id = self.ask(1, "PUT", item_target(TABLE, "missed", "strong"), b'{"n":1}')
        trace = self.trace(trace_id)
        self.expect_tree(trace, "put with a dead replica", 200, [
            ("coordinator.route_put", INTERNAL, 1), ("hint.store", INTERNAL, 1), ("replicate put", CLIENT, 1)])
        work = trace.named("coordinator.route_put")[0]
        self.checks.expect(any(event["name"] == "target.down" for event in work["events"]),
                           "put with a dead replica: the coordinator names it in an event")
        self.cluster.kill(1)
        self.cluster.node(1).start_and_wait()
        self.cluster.node(3).start_and_wait()

        def is_linked(span):
            return span["name"] == "hint.replay" and any(
                link["trace_id"] == trace_id and link["span_id"] == work["span_id"] for link in span["links"])

        self.collector.wait_for(lambda spans: any(map(is_linked, spans)), "the replay of a hint, linked to its write")
        replay = next(filter(is_linked, self.collector.spans()))
        trace = self.trace(replay["trace_id"], "replicate")
        sent = trace.named("replicate put", target_node="node-3")
        served = trace.named("replicate", source_node="node-1")
        self.checks.expect(
            len(sent) == 1 and len(served) == 1 and node_of(served[0]) == "node-3"
            and served[0]["attributes"]["hedgehog.request_id"] == work_request(self.collector.spans(), work),
            "after a restart of the node with the hint, the replay is linked to the write and has its request id")

    def _await_state(self, number, node_id, state, timeout_seconds=30):
        deadline = time.monotonic() + timeout_seconds
        while True:
            nodes = self.cluster.node(number).ask("GET", "/api/v1/cluster/nodes").json()["nodes"]
            if any(node["id"] == node_id and node["state"] == state for node in nodes):
                return
            if time.monotonic() > deadline:
                raise NodeFailure(f"node-{number} does not see {node_id} as {state} after {timeout_seconds} s")
            time.sleep(0.05)

    def _check_many_spans(self):
        started, number = time.monotonic(), 0
        while len(self.collector.spans()) < self.span_count:
            requests = [("PUT", item_target(TABLE, f"m-{number + at}", "strong"), b'{"n":1}') for at in range(60)]
            requests += [("GET", item_target(TABLE, f"m-{number + at}", "eventual"), None) for at in range(60)]
            statuses, refusals = perform(self.nodes, requests)
            if not set(statuses) <= {200, 404}:
                raise CheckFailed(f"requests were answered {statuses} {refusals}")
            number += 60
        time.sleep(6 * DELAY_MILLISECONDS / 1000)
        spans = self.collector.spans()
        dropped = sum(metric(node, "hedgehog_tracing_spans_dropped_total") for node in self.nodes)
        print(f"  {len(spans)} spans of at least {2 * number} requests in {time.monotonic() - started:.0f} s, "
              f"{dropped:.0f} dropped", flush=True)
        # node-1 and node-3 were killed. Spans that they had not sent by then are lost, and may be parents of others.
        recent = [span for span in spans if span["start"] / 1e9 > time.time() - (time.monotonic() - started) - 0.1]
        faults = faults_of(recent, {CALLER})
        if dropped:
            faults = [fault for fault in faults if "that was not received" not in fault]
        self.checks.expect(len(recent) * 4 > self.span_count and not faults, f"{len(recent)} spans, {len(faults)} "
                           f"faults {faults[:3] or ''}")
        self.checks.expect(self.collector.counts()["refused"] == 0, "the decoder refused nothing")
        for node in self.nodes:
            ended = metric(node, "hedgehog_tracing_spans_ended_total")
            accounted = (metric(node, "hedgehog_tracing_spans_exported_total")
                         + metric(node, "hedgehog_tracing_spans_dropped_total")
                         + metric(node, "hedgehog_tracing_queue_size"))
            # A batch of spans that is being sent is not counted as exported, dropped or queued yet.
            self.checks.expect(0 <= ended - accounted <= BATCH_SPANS,
                               f"{node.node_id}: {ended:.0f} spans ended, {accounted:.0f} sent, "
                               "dropped or queued")

    def _check_collector_faults(self):
        node = self.cluster.node(1)
        latency = self._latency(node)
        for fault, more, drops, results in COLLECTOR_FAULTS:
            self._check_collector_fault(node, fault, more, drops, results)
        print(f"    median latency without a fault: {latency * 1e3:.2f} ms", flush=True)
        self.collector.set_fault("503")
        before = node.resident_bytes()
        self._load(node, 4000)
        grown = node.resident_bytes() - before
        self.checks.expect(grown < MEMORY_BYTES and metric(
            node, "hedgehog_tracing_spans_dropped_total", reason="queue_full") > 0,
            f"collector that refuses everything: {grown / 1e6:.1f} MB more memory, and dropped spans are counted")
        self.collector.set_fault("ok")
        self.collector.set_fault("hang")
        self._load(node, 200)
        started = time.monotonic()
        status = self.cluster.terminate(1)
        took = time.monotonic() - started
        self.checks.expect(status == 0 and took < STOP_SECONDS, "a node stops while its collector never answers: "
                           f"exit status {status} after {took:.1f} s")

    def _check_collector_fault(self, node, fault, more, drops, results):
        names = ["hedgehog_tracing_exports_total", "hedgehog_tracing_spans_dropped_total"]
        before = [metric(node, names[0], result=results or ""), metric(node, names[1], reason=drops or "")]
        exported = metric(node, "hedgehog_tracing_spans_exported_total")
        self.collector.set_fault(fault, **more)
        latency = self._latency(node)
        deadline = time.monotonic() + 20
        while self.collector.counts()["fault"] != "ok" or metric(
                node, "hedgehog_tracing_spans_exported_total") <= exported:
            if time.monotonic() > deadline:
                break
            self._load(node, 5)
            time.sleep(0.2)
        after = [metric(node, names[0], result=results or ""), metric(node, names[1], reason=drops or "")]
        is_counted = (not results or after[0] > before[0]) and (not drops or after[1] > before[1])
        is_resumed = metric(node, "hedgehog_tracing_spans_exported_total") > exported
        counted = results or drops or "a timeout"
        self.checks.expect(is_counted and is_resumed, f"collector fault {fault}: counted as {counted}, and exports "
                           f"succeed afterwards (median latency meanwhile {latency * 1e3:.2f} ms)")

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


def work_request(spans, work):
    root = next(span for span in spans if span["span_id"] == work["parent_span_id"])
    return root["attributes"]["hedgehog.request_id"]


def run(test):
    Tracing(test).run()
