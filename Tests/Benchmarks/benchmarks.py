"""The table of benchmarks: name, module, summary, parameters, and what each needs."""

from harness.arguments import Parameter, flag, whole_number
from harness.runner import Test


def count(name, default, help_text):
    return Parameter(name, whole_number(1), default, help_text)


def wrk_parameters(rounds, seconds, connections):
    return (count("ROUNDS", rounds, "rounds of alternating runs"),
            count("SECONDS_EACH", seconds, "seconds of each run"),
            count("CONNECTIONS", connections, "connections of wrk"))


BENCHMARKS = [
    Test("load", "load", "wrk against one node, GET and durable PUT, as ratios to a bare libuv server",
         wrk_parameters(3, 5, 64), setup=("load",), products=("bare-server",)),
    Test("load-cluster", "load_cluster", "wrk against three nodes, strong and eventual GET and PUT",
         wrk_parameters(3, 5, 48), setup=("load",)),
    Test("bench-observability", "bench_observability", "GET throughput with access log and traces on and off",
         (*wrk_parameters(20, 2, 64), Parameter("ONE_CORE", flag, False, "1: the whole node runs on one core")),
         setup=("load",)),
    Test("bench-metrics", "bench_metrics", "time to count a request, compared with prometheus-cpp and client_golang",
         (count("ROUNDS", 5, "alternating runs"),), setup=("metrics-peers",), products=("bench-metrics",),
         needs_node=False),
]
