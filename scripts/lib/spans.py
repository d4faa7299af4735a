"""The collector of tests as another process, and what it was sent as trees."""

import json
import os
import subprocess
import time

from client import ask_once
from node import ROOT, NodeFailure


class Collector:
    """scripts/otlp-sink on a port of its own."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "spans.jsonl")
        self.process = subprocess.Popen([os.path.join(ROOT, "scripts/otlp-sink"), "--port", "0", self.path],
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("otlp-sink: http://"):
            raise NodeFailure(f"the collector does not start: {line!r}")
        self.url = line.split()[1].removesuffix("/v1/traces")
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        self.address = (host, int(port))
        self._read = 0
        self._spans = []

    def spans(self):
        """All that have come."""
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

    def behave(self, fault, **more):
        """More: times, retry_after."""
        response = ask_once(self.address, "POST", "/control", json.dumps({"fault": fault, **more}).encode())
        if response.status != 204:
            raise NodeFailure(f"the collector answered {response.status} {response.body!r}")

    def wait_for(self, holds, what, timeout_seconds=30):
        """The spans once `holds` of them is true."""
        deadline = time.monotonic() + timeout_seconds
        while not holds(self.spans()):
            if time.monotonic() > deadline:
                raise NodeFailure(f"the collector was not sent {what} within {timeout_seconds} s")
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

    def words(self):
        return [f"{span['name']}@{node_of(span)}" for span in self.spans]


def node_of(span):
    return span["resource"].get("service.instance.id", "")


def faults_of(spans, remote_roots=frozenset()):
    """What is wrong with any of them, in sentences. `remote_roots`: spans of callers, which nobody sends."""
    by_id, faults = {}, []
    for span in spans:
        if span["span_id"] in by_id:
            faults.append(f"{span['name']} {span['span_id']} came twice")
        by_id[span["span_id"]] = span
    for span in spans:
        faults += _faults(span, by_id, remote_roots)
    return faults


def _faults(span, by_id, remote_roots):
    name = f"{span['name']} {span['span_id']} of {node_of(span)}"
    if span["end"] < span["start"]:
        yield f"{name} ends before it begins"
    for event in span["events"]:
        if not span["start"] <= event["time"] <= span["end"]:
            yield f"{name} has the event {event['name']} outside of its time"
    if not span["parent_span_id"] or span["parent_span_id"] in remote_roots:
        return
    parent = by_id.get(span["parent_span_id"])
    if parent is None:
        yield f"{name} has a parent that nobody sent: {span['parent_span_id']}"
        return
    if parent["trace_id"] != span["trace_id"]:
        yield f"{name} is in another trace than its parent"
    if span["kind"] == SERVER:
        if parent["kind"] != CLIENT or node_of(parent) == node_of(span):
            yield f"{name} is served for {parent['name']} of {node_of(parent)}"
        return  # nodes' clocks are their own
    if node_of(parent) != node_of(span):
        yield f"{name} has its parent on {node_of(parent)}"
    if span["start"] < parent["start"]:
        yield f"{name} begins {parent['start'] - span['start']} ns before its parent {parent['name']}"
    if span["end"] > parent["end"] and not _may_outlast(span, parent):
        yield f"{name} ends {span['end'] - parent['end']} ns after its parent {parent['name']} and does not say so"


def _may_outlast(span, parent):
    """A late replica says so; a node's own late copy, and a hint, are work that nobody waits for."""
    return span["attributes"].get("hedgehog.late") is True or (
        span["name"] in ("storage.put", "storage.get", "hint.store") and parent["name"].startswith("coordinator."))
