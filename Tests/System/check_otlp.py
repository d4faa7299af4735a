"""Compares the spans that our two OTLP encoders write with what OpenTelemetry's own definitions read.

The Swift suite OTLPSampleTests writes one request in each encoding, and every decoded field must have the expected
value. The suite SinkTests sends spans with the exporter to monitoring/tools/otlp-sink in all four forms: protobuf or
JSON, compressed or not.
"""

import collections
import os
import subprocess

import otlp_sink
from harness.checks import require
from harness.node import ROOT
from harness.traces import Collector

SPANS_PER_FORM = 600
RESOURCE = {
    "service.name": "hedgehogdb", "service.instance.id": "node-1", "service.version": "0.1.0", "host.name": "box",
    "process.pid": 42, "telemetry.sdk.name": "hedgehog-otel", "telemetry.sdk.language": "swift",
    "telemetry.sdk.version": "0.1.0",
}
COMMON = {
    "trace_id": "0af7651916cd43dd8448eb211c80319c", "start": 1700000000000000001, "end": 1700000000000250000,
    "scope": ["hedgehogdb", "0.1.0"], "resource": RESOURCE,
}
PLAIN = {
    "trace_state": "", "attributes": {}, "dropped": [0, 0, 0], "events": [], "links": [],
    "status": {"code": 0, "message": ""}, "flags": 0x103,
}
LINKED = "00000000000000000000000000000001"
EXPECTED = [
    {**COMMON, **PLAIN, "span_id": "0000000000000001", "parent_span_id": "", "name": "http.request", "kind": 2},
    {
        **COMMON, "span_id": "b7ad6b7169203331", "parent_span_id": "0000000000000001", "name": "replicate put",
        "kind": 3, "trace_state": "rojo=1,congo=t61", "flags": 0x303, "dropped": [300, 300, 300],
        "attributes": {
            "hedgehog.key": 'a\ufffd"', "text": "Grüße\n", "small": 0, "negative": -1, "big": 2**63 - 1,
            "yes": True, "no": False, "empty": "",
        },
        "events": [
            {"time": 1700000000000100000, "name": "quorum reached", "attributes": {"acks": 2}},
            {"time": 1700000000000100001, "name": "bare", "attributes": {}},
        ],
        "links": [
            {"trace_id": LINKED, "span_id": "0000000000000002", "flags": 1},
            {"trace_id": LINKED, "span_id": "0000000000000003", "flags": 0},
        ],
        "status": {"code": 2, "message": "it broke"},
    },
    {
        **COMMON, **PLAIN, "span_id": "0000000000000004", "parent_span_id": "0000000000000001",
        "name": "hint.replay", "kind": 1, "status": {"code": 2, "message": ""},
    },
]


def run(test):
    collector = Collector(test.folder)
    test.at_end(collector.end)
    environment = {**os.environ, "OTLP_SAMPLES": test.folder, "OTLP_SINK": collector.url}
    done = subprocess.run(["swift", "test", "--filter", "OTLPSampleTests|SinkTests"], cwd=ROOT, env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    require(done.returncode == 0, "OTLPSampleTests and SinkTests pass"
            + ("" if done.returncode == 0 else f"; their output:\n{done.stdout}"))
    check_samples(test.folder, test.checks)
    check_received(collector.spans(), test.checks)


def check_samples(folder, checks):
    for name, decode in (("request.bin", otlp_sink.decode_protobuf), ("request.json", otlp_sink.decode_json)):
        with open(f"{folder}/{name}", "rb") as file:
            body = file.read()
        request = decode(body)
        spans = list(otlp_sink.spans_of(request))
        require(len(spans) == len(EXPECTED), f"{name} holds {len(spans)} of {len(EXPECTED)} spans")
        wrong = [f"span {number}: {field} is {span.get(field)!r}, not {expected.get(field)!r}"
                 for number, (span, expected) in enumerate(zip(spans, EXPECTED))
                 for field in sorted(span.keys() | expected.keys()) if span.get(field) != expected.get(field)]
        checks.expect(not wrong, f"every field of {name} has the expected value {wrong or ''}")
        if name == "request.bin":
            checks.expect(request.SerializeToString() == body, "the official encoder writes the same bytes")


def check_received(spans, checks):
    forms = collections.Counter(span["attributes"]["form"] for span in spans)
    wanted = {f"http/{body} {packing}": SPANS_PER_FORM for body in ("protobuf", "json") for packing in ("none", "gzip")}
    checks.expect(forms == wanted, f"the exporter's spans arrived in four forms: {dict(forms)}")
    checks.expect(len({span["span_id"] for span in spans}) == len(spans), f"each of {len(spans)} spans arrived once")
