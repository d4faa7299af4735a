"""Measures the cost of access log and traces: GET throughput of wrk against nodes with different settings.

Short runs alternate, each against a new node. `off` has neither access log nor traces (metrics cannot be disabled; make
bench-metrics measures them). `shipped` has the default settings, and its collector does not exist. `all, dead` removes
the limit of traces per second, without a collector; `all, live` has a collector that accepts everything. The benchmark
prints the throughput relative to `off` with a 95 % interval over paired rounds, and the share of recorded requests. wrk
and the collector run on one core, the threads of the node where the system schedules them; ONE_CORE=1 confines the node
to the other core.
"""

import asyncio
import math
import os
import shutil
import statistics
import threading

from harness.node import Node, free_port
from harness.node_queries import metric
from load_items import put_items
from machine import PINS, pinned, print_machine
from wrk import wrk

ITEMS = 10000
# Two-sided 95 % quantiles of Student's t-distribution by degrees of freedom; beyond them 1.96.
STUDENT = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31, 9: 2.26, 10: 2.23, 11: 2.20,
           12: 2.18, 13: 2.16, 14: 2.14, 15: 2.13, 16: 2.12, 17: 2.11, 18: 2.10, 19: 2.09, 20: 2.09, 25: 2.06}
MINIMUM_SHARES = {"shipped": 0.95, "all, live": 0.75}


class AcceptingCollector(threading.Thread):
    """A collector that accepts every batch without decoding it, so that it uses little CPU time."""

    def __init__(self):
        super().__init__(daemon=True)
        self.port = free_port()

    def run(self):
        if PINS:
            os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[1]})
        asyncio.run(self._serve())

    async def _serve(self):
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, limit=1 << 20)
        async with server:
            await server.serve_forever()

    async def _accept(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                               if line.lower().startswith(b"content-length:")), 0)
                await reader.readexactly(length)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def variants(collector):
    """Returns flags and environment of the nodes by the name of the variant."""
    dead = free_port()
    everything = {"HEDGEHOG_TRACE_MAX_PER_SECOND": "0"}
    return {
        "off": (["--access-log", "off"], {"OTEL_SDK_DISABLED": "true"}),
        "shipped": ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{dead}"}),
        "all, dead": ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{dead}", **everything}),
        "all, live": ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}", **everything}),
    }


class Measurement:
    """One run against a new node.

    The memory layout of a process changes its speed by about 5 %, so several runs against the same process would agree
    with each other and still be wrong.
    """

    def __init__(self, folder, values, flags, environment):
        node = Node(folder, flags=flags, command_prefix=[
            *(pinned(0) if values.one_core else []), "env", *(f"{key}={value}" for key, value in environment.items())])
        try:
            node.start_and_wait()
            node.ask("POST", "/api/v1/tables", b'{"name":"load"}')
            put_items(node, ITEMS)
            load(node, values, 1)
            before = counts(node)
            run = load(node, values, values.seconds_each)
            after = counts(node)
        finally:
            node.end()
            shutil.rmtree(folder)
        self.rate = run.rate
        self.p99_milliseconds = run.p99_milliseconds
        self.traces, self.exported, self.dropped = (new - old for new, old in zip(after, before))
        self.recorded_share = self.traces / (run.rate * values.seconds_each)


def load(node, values, seconds):
    return wrk(node.url, ["-t1", f"-c{values.connections}", f"-d{seconds}s"], "items.lua", prefix=pinned(1),
               ITEMS=str(ITEMS), METHOD="GET")


def counts(node):
    return (metric(node, "hedgehog_tracing_traces_total", decision="sampled"),
            metric(node, "hedgehog_tracing_spans_exported_total"),
            metric(node, "hedgehog_tracing_spans_dropped_total"))


def compare(runs, base):
    """Returns the mean of the paired ratios, and half of its 95 % interval."""
    ratios = [run.rate / other.rate for run, other in zip(runs, base)]
    half = STUDENT.get(len(ratios) - 1, 1.96) * statistics.stdev(ratios) / math.sqrt(len(ratios))
    return statistics.mean(ratios), half


def report(runs, checks):
    print(f"  {'off':10} {statistics.median(run.rate for run in runs['off']):9,.0f} req/s")
    for name in list(runs)[1:]:
        mean, half = compare(runs[name], runs["off"])
        p99 = statistics.median(run.p99_milliseconds for run in runs[name])
        print(f"  {name:10} {statistics.median(run.rate for run in runs[name]):9,.0f} req/s  {mean:.3f} of off "
              f"({mean - half:.3f} to {mean + half:.3f})  p99 {p99:.2f} ms; "
              f"{statistics.mean(run.recorded_share for run in runs[name]):.1%} of requests recorded, "
              f"{sum(run.exported for run in runs[name]):,.0f} spans sent, "
              f"{sum(run.dropped for run in runs[name]):,.0f} dropped")
        if name in MINIMUM_SHARES:
            minimum = MINIMUM_SHARES[name]
            checks.expect(mean >= minimum, f"{name} reaches {mean:.3f} of off (at least {minimum:.2f})")
    mean, half = compare(runs["all, dead"], runs["shipped"])
    checks.expect(mean + half >= 1, f"all, dead is not slower than shipped beyond noise: {mean:.3f} "
                  f"({mean - half:.3f} to {mean + half:.3f})")


def run(test):
    values = test.values
    collector = AcceptingCollector()
    collector.start()
    kinds = variants(collector)
    print_machine(os.getloadavg()[0])
    test.say(f"wrk -t1 -c{values.connections}, {values.rounds} paired rounds of {values.seconds_each} s, a new node "
             f"for each run{', all its threads on one core' if values.one_core and PINS else ''}")
    runs = {name: [] for name in kinds}
    for turn in range(values.rounds):
        for name in list(kinds) if turn % 2 == 0 else list(reversed(kinds)):
            runs[name].append(Measurement(os.path.join(test.folder, name.replace(", ", "-")), values, *kinds[name]))
    report(runs, test.checks)
