"""The cost of being seen; scripts/bench-observability runs it and says what it prints."""

import asyncio
import math
import os
import shutil
import statistics
import sys
import tempfile
import threading

from checks import Failed
from healing import metric
from load import BUSY_LOAD, PINS, pinned, processor
from load_items import put_items
from node import Node, NodeFailure, free_port
from wrk import wrk

ROUNDS = int(os.environ.get("ROUNDS", "20"))
SECONDS = int(os.environ.get("SECONDS_EACH", "2"))
CONNECTIONS = int(os.environ.get("CONNECTIONS", "64"))
ONE_CORE = os.environ.get("ONE_CORE", "0") == "1"
ITEMS = 10000
# Two-sided 95 % points of Student's distribution, by degrees of freedom; 1.96 beyond.
STUDENT = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31, 9: 2.26, 10: 2.23, 11: 2.20,
           12: 2.18, 13: 2.16, 14: 2.14, 15: 2.13, 16: 2.12, 17: 2.11, 18: 2.10, 19: 2.09, 20: 2.09, 25: 2.06}
ALLOWED = {"shipped": 0.95, "all, live": 0.75}


class Taker(threading.Thread):
    """A collector that reads batches and is content with them; it decodes nothing, so that it costs little."""

    def __init__(self):
        super().__init__(daemon=True)
        self.port = free_port()
        self.batches = 0

    def run(self):
        if PINS:
            os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[1]})
        asyncio.run(self._serve())

    async def _serve(self):
        server = await asyncio.start_server(self._take, "127.0.0.1", self.port, limit=1 << 20)
        async with server:
            await server.serve_forever()

    async def _take(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                               if line.lower().startswith(b"content-length:")), 0)
                await reader.readexactly(length)
                self.batches += 1
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def arms(taker):
    dead = free_port()
    everything = {"HEDGEHOG_TRACE_MAX_PER_SECOND": "0"}
    return {
        "off": (["--access-log", "off"], {"OTEL_SDK_DISABLED": "true"}),
        "shipped": ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{dead}"}),
        "all, dead": ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{dead}", **everything}),
        "all, live": ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{taker.port}", **everything}),
    }


class Measured:
    """One run against a node of its own. Where a process happens to lie in memory is worth some five per cent, for as
    long as it lives: runs against one process would agree with each other and be wrong together."""

    def __init__(self, folder, flags, environment):
        node = Node(folder, flags=flags, command_prefix=[
            *(pinned(0) if ONE_CORE else []), "env", *(f"{key}={value}" for key, value in environment.items())])
        try:
            node.start_and_wait()
            node.ask("POST", "/api/v1/tables", b'{"name":"load"}')
            put_items(node, ITEMS)
            load(node, 1)
            before = counts(node)
            run = load(node, SECONDS)
            after = counts(node)
        finally:
            node.end()
            shutil.rmtree(folder)
        self.rate = run.rate
        self.p99_milliseconds = run.p99_milliseconds
        self.traces, self.exported, self.dropped = (new - old for new, old in zip(after, before))
        self.recorded_share = self.traces / (run.rate * SECONDS)


def load(node, seconds):
    return wrk(node.url, ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"], "items.lua", prefix=pinned(1),
               ITEMS=str(ITEMS), METHOD="GET")


def counts(node):
    return (metric(node, "hedgehog_tracing_traces_total", decision="sampled"),
            metric(node, "hedgehog_tracing_spans_exported_total"),
            metric(node, "hedgehog_tracing_spans_dropped_total"))


def compare(runs, base):
    """The mean of the paired ratios, and half of its 95 % interval."""
    ratios = [run.rate / other.rate for run, other in zip(runs, base)]
    half = STUDENT.get(len(ratios) - 1, 1.96) * statistics.stdev(ratios) / math.sqrt(len(ratios))
    return statistics.mean(ratios), half


def report(runs):
    print(f"  {'off':10} {statistics.median(run.rate for run in runs['off']):9,.0f} req/s")
    is_kept = True
    for name in list(runs)[1:]:
        mean, half = compare(runs[name], runs["off"])
        p99 = statistics.median(run.p99_milliseconds for run in runs[name])
        print(f"  {name:10} {statistics.median(run.rate for run in runs[name]):9,.0f} req/s  {mean:.3f} of off "
              f"({mean - half:.3f} to {mean + half:.3f})  p99 {p99:.2f} ms; "
              f"{statistics.mean(run.recorded_share for run in runs[name]):.1%} of requests recorded, "
              f"{sum(run.exported for run in runs[name]):,.0f} spans sent, "
              f"{sum(run.dropped for run in runs[name]):,.0f} dropped")
        if name in ALLOWED:
            is_kept = is_kept and mean >= ALLOWED[name]
            print(f"  {'':10} at least {ALLOWED[name]:.2f} wanted: {'met' if mean >= ALLOWED[name] else 'not met'}")
    mean, half = compare(runs["all, dead"], runs["shipped"])
    is_noise = mean + half >= 1
    print(f"  all, dead is {mean:.3f} of shipped ({mean - half:.3f} to {mean + half:.3f}); nothing beyond noise "
          f"wanted: {'met' if is_noise else 'not met'}")
    return is_kept and is_noise


def main():
    folder = tempfile.mkdtemp(prefix="hedgehog-observability-", dir=os.environ.get("LOAD_FOLDER"))
    taker = Taker()
    taker.start()
    kinds = arms(taker)
    try:
        busy = os.getloadavg()[0]
        if busy > BUSY_LOAD:
            print(f"THE MACHINE WAS BUSY (load average {busy:.1f} before the first run): these figures say little")
        print(f"bench-observability: {processor()}, {os.cpu_count()} cores; wrk -t1 -c{CONNECTIONS}, {ROUNDS} paired "
              f"rounds of {SECONDS} s each, a node of its own for each"
              f"{', all its threads on one core' if ONE_CORE and PINS else ''}", flush=True)
        runs = {name: [] for name in kinds}
        for turn in range(ROUNDS):
            for name in list(kinds) if turn % 2 == 0 else list(reversed(kinds)):
                runs[name].append(Measured(os.path.join(folder, name.replace(", ", "-")), *kinds[name]))
        is_kept = report(runs)
    except (Failed, NodeFailure, OSError) as failure:
        print(f"bench-observability: FAILED: {failure}")
        return 1
    finally:
        shutil.rmtree(folder)
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
