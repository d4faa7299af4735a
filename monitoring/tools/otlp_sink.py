"""A trace collector for tests: receives OTLP over HTTP and writes each span as a JSON line. See otlp-sink."""

import argparse
import base64
import datetime
import gzip
import json
import re
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service

FAULTS = ("ok", "429", "503", "500", "partial", "disconnect", "hang")
IDS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}


class Refusal(Exception):
    """A request is not valid OTLP. The text is the reason."""


def decode_json(body):
    """Decodes JSON by the mapping of OTLP, which differs from that of protobuf: ids are hexadecimal, enumerations are
    numbers, 64-bit integers are texts."""

    def convert(value):
        if isinstance(value, list):
            return [convert(element) for element in value]
        if not isinstance(value, dict):
            return value
        result = {}
        for key, inner in value.items():
            if key in IDS:
                if not re.fullmatch("[0-9a-f]{%d}" % IDS[key], inner):
                    raise Refusal(f"{key} is not {IDS[key]} lowercase hexadecimal digits: {inner!r}")
                inner = base64.b64encode(bytes.fromhex(inner)).decode()
            elif key in ("kind", "code", "flags") and not isinstance(inner, int):
                raise Refusal(f"{key} is not a number: {inner!r}")
            elif (key.endswith("UnixNano") or key == "intValue") and not isinstance(inner, str):
                raise Refusal(f"{key} is not a text: {inner!r}")
            else:
                inner = convert(inner)
            result[key] = inner
        return result

    try:
        message = convert(json.loads(body))
        return json_format.ParseDict(message, service.ExportTraceServiceRequest())
    except (ValueError, json_format.ParseError) as error:
        raise Refusal(str(error)) from error


def decode_protobuf(body):
    request = service.ExportTraceServiceRequest()
    try:
        request.ParseFromString(body)
    except Exception as error:  # each implementation of protobuf raises a class of its own
        raise Refusal(f"not an ExportTraceServiceRequest: {error}") from error
    return request


def value_of(value):
    kind = value.WhichOneof("value")
    return getattr(value, kind) if kind else None


def attributes_of(attributes):
    return {attribute.key: value_of(attribute.value) for attribute in attributes}


def spans_of(request):
    """Yields each span as a dictionary that includes its resource."""
    for resource_spans in request.resource_spans:
        resource = attributes_of(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                yield {
                    "trace_id": span.trace_id.hex(), "span_id": span.span_id.hex(),
                    "parent_span_id": span.parent_span_id.hex(), "trace_state": span.trace_state,
                    "flags": span.flags, "name": span.name, "kind": span.kind,
                    "start": span.start_time_unix_nano, "end": span.end_time_unix_nano,
                    "attributes": attributes_of(span.attributes),
                    "dropped": [span.dropped_attributes_count, span.dropped_events_count, span.dropped_links_count],
                    "events": [{"time": event.time_unix_nano, "name": event.name,
                                "attributes": attributes_of(event.attributes)} for event in span.events],
                    "links": [{"trace_id": link.trace_id.hex(), "span_id": link.span_id.hex(), "flags": link.flags}
                              for link in span.links],
                    "status": {"code": span.status.code, "message": span.status.message},
                    "scope": [scope_spans.scope.name, scope_spans.scope.version], "resource": resource,
                }


class Sink(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address, path, fault, retry_after):
        super().__init__(address, Handler)
        self.lock = threading.Lock()
        self.file = open(path, "a", encoding="utf-8")
        self.fault = fault
        self.faults_left = -1  # the fault applies to all requests
        self.retry_after = retry_after
        self.counts = {"requests": 0, "spans": 0, "refused": 0, "connections": 0}

    def next_fault(self):
        with self.lock:
            self.counts["requests"] += 1
            fault = self.fault
            if self.faults_left > 0:
                self.faults_left -= 1
                if self.faults_left == 0:
                    self.fault, self.faults_left = "ok", -1
            return fault

    def write(self, spans):
        with self.lock:
            for span in spans:
                self.file.write(json.dumps(span, ensure_ascii=False) + "\n")
            self.file.flush()
            self.counts["spans"] += len(spans)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        with self.server.lock:
            self.server.counts["connections"] += 1

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", content_type="text/plain", fields=()):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in fields:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path != "/control":
            return self.answer(404, b"GET /control, POST /control or POST /v1/traces\n")
        with self.server.lock:
            body = json.dumps({**self.server.counts, "fault": self.server.fault}).encode() + b"\n"
        self.answer(200, body, "application/json")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/control":
            return self.control(body)
        if self.path != "/v1/traces":
            return self.answer(404, b"spans are accepted at POST /v1/traces\n")
        fault = self.server.next_fault()
        if fault == "hang":
            time.sleep(3600)
        elif fault == "disconnect":
            self.close_connection = True
        elif fault in ("429", "503", "500"):
            self.answer(int(fault), b"configured fault\n", fields=self.retry_fields())
        else:
            self.receive(body, rejects=fault == "partial")

    def retry_fields(self):
        value = self.server.retry_after
        if value is None:
            return ()
        if value.startswith("date:"):
            moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=int(value[5:]))
            value = moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
        return (("Retry-After", value),)

    def control(self, body):
        try:
            settings = json.loads(body)
            if settings.get("fault", "ok") not in FAULTS:
                raise ValueError(f"fault must be one of {', '.join(FAULTS)}")
        except (ValueError, AttributeError) as error:
            return self.answer(400, f"{error}\n".encode())
        with self.server.lock:
            self.server.fault = settings.get("fault", "ok")
            self.server.faults_left = settings.get("times", -1)
            self.server.retry_after = settings.get("retry_after", self.server.retry_after)
        self.answer(204)

    def receive(self, body, rejects):
        is_json = self.headers.get("Content-Type") == "application/json"
        try:
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            if not is_json and self.headers.get("Content-Type") != "application/x-protobuf":
                raise Refusal(f"Content-Type {self.headers.get('Content-Type')!r} is not one of OTLP")
            spans = list(spans_of(decode_json(body) if is_json else decode_protobuf(body)))
        except (Refusal, OSError, EOFError) as refusal:
            with self.server.lock:
                self.server.counts["refused"] += 1
            print(f"otlp-sink: refused a request: {refusal}", file=sys.stderr, flush=True)
            return self.answer(400, f"{refusal}\n".encode())
        response = service.ExportTraceServiceResponse()
        if rejects and spans:
            response.partial_success.rejected_spans = 1
            response.partial_success.error_message = "one span was rejected, as configured"
            spans = spans[1:]
        self.server.write(spans)
        if is_json:
            return self.answer(200, json_format.MessageToJson(response, indent=None).encode(), "application/json")
        self.answer(200, response.SerializeToString(), "application/x-protobuf")


def serve(host, port, path, fault, retry_after):
    sink = Sink((host, port), path, fault, retry_after)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=sink.shutdown).start())
    print(f"otlp-sink: http://{host}:{sink.server_address[1]}/v1/traces", flush=True)
    sink.serve_forever(poll_interval=0.05)
    sink.file.close()


def main():
    parser = argparse.ArgumentParser(prog="otlp-sink", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=4318, help="port to listen on (4318); 0: a free one")
    parser.add_argument("--fault", choices=FAULTS, default="ok", help="how requests fail (ok)")
    parser.add_argument("--retry-after", help="Retry-After of 429, 503 and 500: seconds, or date:SECONDS")
    parser.add_argument("file", help="file to which spans are appended, one JSON line each")
    given = parser.parse_args()
    serve(given.host, given.port, given.file, given.fault, given.retry_after)


if __name__ == "__main__":
    main()
