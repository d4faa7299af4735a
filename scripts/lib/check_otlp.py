"""Usage: check_otlp.py FOLDER

Reads the samples that the test suite OTLPSampleTests wrote, with OpenTelemetry's definitions, and what the sink got
from SinkTests. See scripts/check-otlp.
"""

import collections
import json
import sys

import otlp_sink

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


def main(folder):
    faults = 0
    for name, decode in (("request.bin", otlp_sink.decode_protobuf), ("request.json", otlp_sink.decode_json)):
        with open(f"{folder}/{name}", "rb") as file:
            request = decode(file.read())
        spans = list(otlp_sink.spans_of(request))
        if len(spans) != len(EXPECTED):
            sys.exit(f"check-otlp: {name} holds {len(spans)} spans, not {len(EXPECTED)}")
        for number, (span, expected) in enumerate(zip(spans, EXPECTED)):
            for field in sorted(span.keys() | expected.keys()):
                if span.get(field) != expected.get(field):
                    faults += 1
                    print(f"{name}, span {number}: {field} is {span.get(field)!r}, not {expected.get(field)!r}")
        if name == "request.bin" and request.SerializeToString() != open(f"{folder}/{name}", "rb").read():
            faults += 1
            print(f"{name}: what the official encoder makes of it is not byte for byte the same")
    with open(f"{folder}/spans", encoding="utf-8") as file:
        spans = [json.loads(line) for line in file]
    forms = collections.Counter(span["attributes"]["form"] for span in spans)
    if forms != {f"http/{body} {packing}": 600 for body in ("protobuf", "json") for packing in ("none", "gzip")}:
        faults += 1
        print(f"the sink got {dict(forms)}, not 600 spans in each of four forms")
    if len({span["span_id"] for span in spans}) != len(spans):
        faults += 1
        print("the sink got some span twice")
    if faults:
        sys.exit(f"check-otlp: {faults} faults")
    print("check-otlp: both encodings are read as they were meant, and protobuf is byte for byte as the official one;\n"
          f"            the exporter's {len(spans)} spans arrived in four forms")


if __name__ == "__main__":
    main(sys.argv[1])
