"""Counts failed requests of the fault test by the fault during which they were sent.

Requests count that a node had to serve: those to nodes without a fault, sent at least 2 s after the fault began, while
no other fault was active.
"""

from collections import Counter

GRACE_MICROSECONDS = 2_000_000
RECOVERY_MICROSECONDS = 1_000_000
ERROR_LIMIT = 0.001


class Tally:
    def __init__(self):
        self.requests = self.errors = self.slowest = 0
        self.examples = []

    def add(self, request):
        self.requests += 1
        self.slowest = max(self.slowest, request.end - request.start)
        if not request.is_served:
            self.errors += 1
            self.examples.append(request)

    def cells(self):
        return f"{self.requests:7d} {self.errors:6d} {self.slowest / 1000:9.0f}"


class ErrorRates:
    def __init__(self, requests, faults):
        self.faults = faults
        self.without_fault = Tally()
        self.during = {fault: Tally() for fault in faults}
        self.left_out = Counter()
        for request in requests:
            self._add(request)

    def _add(self, request):
        near = [fault for fault in self.faults if fault.started <= request.end
                and request.start <= fault.ended + RECOVERY_MICROSECONDS]
        active = [fault for fault in near if request.start <= fault.ended]
        if any(request.node in fault.targets for fault in near):
            self.left_out["to a node with a fault or within 1 s after it"] += 1
        elif len(active) > 1:
            self.left_out["while faults overlapped"] += 1
        elif any(request.start < fault.started + GRACE_MICROSECONDS for fault in active):
            self.left_out["in the first 2 s of a fault"] += 1
        elif active:
            self.during[active[0]].add(request)
        else:
            self.without_fault.add(request)

    @property
    def tallies(self):
        return [self.without_fault, *self.during.values()]

    @property
    def requests(self):
        return sum(tally.requests for tally in self.tallies)

    @property
    def errors(self):
        return sum(tally.errors for tally in self.tallies)

    @property
    def is_within_limit(self):
        return self.errors < ERROR_LIMIT * max(1, self.requests)

    def print_table(self):
        print("  no.    at s  lasted s  fault                                            counted errors slowest ms")
        first = self.faults[0].started if self.faults else 0
        for number, fault in enumerate(self.faults, 1):
            words = f"node-{fault.node} {fault.kind} {fault.details}"
            print(f"  {number:3d} {(fault.started - first) / 1e6:7.1f} {fault.lasted_seconds:9.1f}  {words:48.48} "
                  f"{self.during[fault].cells()}")
        print(f"  {'no active fault':>40} {' ' * 31}{self.without_fault.cells()}")
        left_out = ", ".join(f"{count} {why}" for why, count in self.left_out.items())
        print(f"  not counted: {left_out or 'none'}")

    def print_examples(self, count):
        examples = [request for tally in self.tallies for request in tally.examples]
        for request in examples[:count]:
            print(f"  {request.op} {request.consistency} to node-{request.node}: status {request.status}, "
                  f"{(request.end - request.start) / 1000:.0f} ms, outcome {request.outcome}, key {request.key}")
