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
ITEMS = 10000
# Two-sided 95 % points of Student's distribution, by degrees of freedom; 1.96 beyond.
STUDENT = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31, 9: 2.26, 10: 2.23, 11: 2.20,
           12: 2.18, 13: 2.16, 14: 2.14, 15: 2.13, 16: 2.12, 17: 2.11, 18: 2.10, 19: 2.09, 20: 2.09, 25: 2.06}
ALLOWED = {"shipped": 0.95, "all, dead": None, "all, live": 0.75}


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


def nodes(folder, taker):
    dead = free_port()
    arms = {
        "off": (["--access-log", "off"], {"OTEL_SDK_DISABLED": "true"}),
        "shipped": ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{dead}"}),
        "all, dead": ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{dead}",
                           "HEDGEHOG_TRACE_MAX_PER_SECOND": "0"}),
        "all, live": ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{taker.port}",
                           "HEDGEHOG_TRACE_MAX_PER_SECOND": "0"}),
    }
    return {
        name: Node(os.path.join(folder, name.replace(", ", "-")), flags=flags,
                   command_prefix=[*pinned(0), "env", *(f"{key}={value}" for key, value in environment.items())])
        for name, (flags, environment) in arms.items()
    }


def measure(node):
    return wrk(node.url, ["-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s"], "items.lua", prefix=pinned(1),
               ITEMS=str(ITEMS), METHOD="GET")


def report(runs, arms):
    off = [run.rate for run in runs["off"]]
    print(f"  {'off':10} {statistics.median(off):9,.0f} req/s")
    is_kept = True
    for name in list(runs)[1:]:
        ratios = [run.rate / base for run, base in zip(runs[name], off)]
        mean = statistics.mean(ratios)
        half = STUDENT.get(len(ratios) - 1, 1.96) * statistics.stdev(ratios) / math.sqrt(len(ratios))
        p99 = statistics.median(run.p99_milliseconds for run in runs[name])
        allowed = ALLOWED[name]
        verdict = "" if allowed is None else f"; at least {allowed:.2f} wanted: " + (
            "met" if mean >= allowed else "not met")
        is_kept = is_kept and (allowed is None or mean >= allowed)
        dropped = metric(arms[name], "hedgehog_tracing_spans_dropped_total")
        exported = metric(arms[name], "hedgehog_tracing_spans_exported_total")
        print(f"  {name:10} {statistics.median(run.rate for run in runs[name]):9,.0f} req/s  {mean:.3f} of off "
              f"({mean - half:.3f} to {mean + half:.3f})  p99 {p99:.2f} ms{verdict}; {exported:,.0f} spans sent, "
              f"{dropped:,.0f} dropped")
    return is_kept


def main():
    folder = tempfile.mkdtemp(prefix="hedgehog-observability-", dir=os.environ.get("LOAD_FOLDER"))
    taker = Taker()
    taker.start()
    arms = nodes(folder, taker)
    try:
        load_before = os.getloadavg()[0]
        for node in arms.values():
            node.start_and_wait()
            node.ask("POST", "/api/v1/tables", b'{"name":"load"}')
            put_items(node, ITEMS)
            measure(node)
        if load_before > BUSY_LOAD:
            print(f"THE MACHINE WAS BUSY (load average {load_before:.1f} before the first run): these figures say "
                  "little")
        print(f"bench-observability: {processor()}, {os.cpu_count()} cores; wrk -t1 -c{CONNECTIONS}, {ROUNDS} paired "
              f"rounds of {SECONDS} s each", flush=True)
        runs = {name: [] for name in arms}
        for turn in range(ROUNDS):
            order = list(arms) if turn % 2 == 0 else list(reversed(arms))
            for name in order:
                runs[name].append(measure(arms[name]))
        is_kept = report(runs, arms)
    except (Failed, NodeFailure, OSError) as failure:
        print(f"bench-observability: FAILED: {failure}")
        return 1
    finally:
        for node in arms.values():
            node.end()
        shutil.rmtree(folder)
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
