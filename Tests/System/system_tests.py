"""The table of system tests: name, module, summary, parameters, and what each needs."""

from harness.arguments import Parameter, byte_size, number, one_of, text, whole_number
from harness.runner import Test

SEED = Parameter("SEED", whole_number(), None, "seed of the random choices; without it, another one each time")


def count(name, default, help_text, minimum=1):
    return Parameter(name, whole_number(minimum), default, help_text)


TESTS = [
    Test("crash-test", "crash_test", "one node is killed under load; no acknowledged write is lost",
         (count("ROUNDS", 50, "how often the node is ended and started again"), SEED)),
    Test("fault-test", "fault_test", "three nodes under load while faults happen; replicas converge, histories hold",
         (count("FAULTS", 60, "how many faults happen"),
          Parameter("PROFILE", one_of("usual", "grace"), "usual", "grace: many deletes and a short gc-grace"), SEED),
         setup=("faults",), products=("check-history",), cuts_links=True),
    Test("disk-loss", "disk_loss", "nodes lose their disks one after another; no acknowledged strong write is lost",
         (count("ROUNDS", 20, "how many disks are lost"), count("ITEMS", 5000, "items that stay unchanged"), SEED),
         products=("check-history",)),
    Test("outage", "outage", "one of three nodes is down under load; hints are delivered after its return",
         (count("SECONDS", 600, "how long the node is down"), count("RATE", 2000, "writes per second"),
          Parameter("BUDGET", byte_size, "1GiB", "hint budget of each node"),
          count("HINTS", 10000, "hints that must survive kill -9 of the node that stores them"),
          Parameter("P99_FACTOR", number, 2.0, "allowed growth of p99 while hints drain; 0: print it only"))),
    Test("deletes", "deletes", "items deleted while a node is down longer than gc-grace do not come back",
         (count("COUNT", 100000, "items to put and delete"),
          Parameter("EQUAL_SECONDS", whole_number(1), None, "time for replicas to converge; 60 + COUNT / 1000"),
          Parameter("PURGE_SECONDS", whole_number(1), None, "time after gc-grace to purge; 60 + COUNT / 1000"))),
    Test("repair-cost", "repair_cost", "bytes that anti-entropy moves between equal and between differing replicas",
         (count("ITEMS", 1000000, "items on each node"), count("DIFFERING", 100, "items that one node misses"))),
    Test("overwrites", "overwrites", "strong overwrites through nodes whose clocks differ by 300 s: the last one wins",
         (count("COUNT", 100000, "writes of the one key", minimum=10),), setup=("faults",)),
    Test("upgrade-test", "upgrade", "nodes change to another build one by one under strong operations; nothing is lost",
         (Parameter("OLD", text, "", "the hedgehogdb of an earlier commit, built by its scripts/build"),
          count("ITEMS", 700, "items written before the first node changes"))),
    Test("million", "million", "a million items: restarts, exact count, scans across page borders during writes",
         (count("ITEMS", 1000000, "items to load", minimum=1000), SEED)),
    Test("disk-full", "disk_full", "a full disk refuses writes, serves reads and recovers without a restart",
         needs_root="to mount a small tmpfs"),
    Test("slow-clients", "slow_clients", "5,000 idle and 200 slow connections do not slow down a normal client",
         (count("IDLE", 5000, "idle connections"), count("SLOW", 200, "connections that send one byte a second"))),
    Test("collapsed-paths", "collapsed_paths", "no HTTP client turns the deletion of an item into that of a table"),
    Test("environments", "environments", "a node without /proc, with closed or full outputs, few descriptors and more"),
    Test("race-test", "races", "three nodes built with ThreadSanitizer under load and faults: no data race",
         (count("SECONDS", 120, "how long the load runs"), SEED), needs_node=False),
    Test("check-metrics", "check_metrics", "promtool, a strict parser and hostile requests against /metrics",
         (count("REQUESTS", 100000, "hostile requests"), SEED), setup=("monitoring",), needs_packages=True),
    Test("check-otlp", "check_otlp", "OpenTelemetry's own decoder reads the spans that our encoders write",
         setup=("venv",), needs_packages=True, needs_node=False),
    Test("check-tracing", "check_tracing", "traces of requests over three nodes, and collectors that fail",
         (count("SPANS", 100000, "spans to collect", minimum=100),), setup=("venv",)),
    Test("check-monitoring", "check_monitoring", "every panel, rule and alert against a real Prometheus and faults",
         (count("QUIET", 30, "seconds without a fault at the start, in which no alert may fire", minimum=10),
          Parameter("PICTURES", text, "", "folder in which every dashboard is drawn from the data of this run"),
          SEED),
         setup=("faults", "monitoring"), needs_packages=True, cuts_links=True),
]
