"""A trace collector in a process of its own, and rules for the spans that it receives."""

import json
import os
import subprocess
import time

from harness.http_client import ask_once
from harness.node import ROOT, NodeFailure


class Collector:
    """monitoring/tools/otlp-sink on a free port."""

    def __init__(self, folder, host="127.0.0.1"):
        self.path = os.path.join(folder, "spans.jsonl")
        command = [os.path.join(ROOT, "monitoring/tools/otlp-sink"), "--host", host, "--port", "0", self.path]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("otlp-sink: http://"):
            raise NodeFailure(f"the collector did not start: {line!r}")
        self.url = line.split()[1].removesuffix("/v1/traces")
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        self.address = (host, int(port))
        self._read = 0
        self._spans = []

    def spans(self):
        """Returns all spans that were received."""
        with open(self.path, encoding="utf-8") as file:
            file.seek(self._read)
            while line := file.readline():
                if not line.endswith("\n"):
                    break
                self._spans.append(json.loads(line))
                self._read = file.tell()
        return self._spans

    def counts(self):
        return ask_once(self.address, "GET", "/control").json()

    def set_fault(self, fault, **more):
        """Makes the next `times` requests, or all, fail as `fault` says. `more` is times and retry_after."""
        response = ask_once(self.address, "POST", "/control", json.dumps({"fault": fault, **more}).encode())
        if response.status != 204:
            raise NodeFailure(f"the collector answered {response.status} {response.body!r}")

    def wait_for(self, holds, what, timeout_seconds=30):
        """Returns the spans as soon as `holds` is true for them."""
        deadline = time.monotonic() + timeout_seconds
        while not holds(self.spans()):
            if time.monotonic() > deadline:
                raise NodeFailure(f"the collector did not receive {what} within {timeout_seconds} s")
            time.sleep(0.1)
        return self.spans()

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


INTERNAL, SERVER, CLIENT = 1, 2, 3


class Trace:
    def __init__(self, trace_id, spans):
        self.spans = sorted((span for span in spans if span["trace_id"] == trace_id), key=lambda span: span["start"])
        self.by_id = {span["span_id"]: span for span in self.spans}

    def named(self, name, **attributes):
        wanted = {"hedgehog." + key: value for key, value in attributes.items()}
        return [span for span in self.spans if span["name"] == name
                and all(span["attributes"].get(key) == value for key, value in wanted.items())]

    def children(self, parent):
        return [span for span in self.spans if span["parent_span_id"] == parent["span_id"]]

    def nodes(self):
        return sorted({node_of(span) for span in self.spans})

    def summary(self):
        return [f"{span['name']}@{node_of(span)}" for span in self.spans]


def node_of(span):
    return span["resource"].get("service.instance.id", "")


def faults_of(spans, remote_roots=frozenset()):
    """Returns a sentence for each broken rule. `remote_roots` are span ids of callers, which are never received."""
    by_id, faults = {}, []
    for span in spans:
        if span["span_id"] in by_id:
            faults.append(f"{span['name']} {span['span_id']} was received twice")
        by_id[span["span_id"]] = span
    for span in spans:
        faults += _faults(span, by_id, remote_roots)
    return faults


def _faults(span, by_id, remote_roots):
    name = f"{span['name']} {span['span_id']} of {node_of(span)}"
    if span["end"] < span["start"]:
        yield f"{name} ends before it starts"
    for event in span["events"]:
        if not span["start"] <= event["time"] <= span["end"]:
            yield f"{name} has the event {event['name']} outside of its own start and end"
    if not span["parent_span_id"] or span["parent_span_id"] in remote_roots:
        return
    parent = by_id.get(span["parent_span_id"])
    if parent is None:
        yield f"{name} has a parent that was not received: {span['parent_span_id']}"
        return
    if parent["trace_id"] != span["trace_id"]:
        yield f"{name} belongs to another trace than its parent"
    if span["kind"] == SERVER:
        if parent["kind"] != CLIENT or node_of(parent) == node_of(span):
            yield f"{name} is a server span whose parent is {parent['name']} of {node_of(parent)}"
        return  # clocks of two nodes differ, so their times are not compared
    if node_of(parent) != node_of(span):
        yield f"{name} has its parent on {node_of(parent)}"
    if span["start"] < parent["start"]:
        yield f"{name} starts {parent['start'] - span['start']} ns before its parent {parent['name']}"
    if span["end"] > parent["end"] and not _may_outlast(span, parent):
        late = span["end"] - parent["end"]
        yield f"{name} ends {late} ns after its parent {parent['name']} but is not marked as late"


def _may_outlast(span, parent):
    """A late replica has the attribute hedgehog.late. Requests do not wait for a node's own late copy or a hint."""
    return span["attributes"].get("hedgehog.late") is True or (
        span["name"] in ("storage.put", "storage.get", "hint.store") and parent["name"].startswith("coordinator."))
