"""Measures the time to count a request: one counter, one histogram, and all metrics of a whole request.

The runs alternate with the same work in prometheus-cpp, and in client_golang where Go is installed. Prints medians of
CPU nanoseconds and allocations per update, and ratios. Nothing else should run on the machine.
"""

import os
import shutil
import statistics
import subprocess

from harness.checks import require
from harness.node import ROOT

FOLDER = os.path.join(ROOT, ".build/bench-metrics")
PEERS = os.path.join(ROOT, "Tests/Benchmarks/Peers")
# Debian installs Go libraries in a GOPATH.
GO_PATH = "/usr/share/gocode"
UPDATES = ["counter", "histogram", "request", "request-with-exemplar"]
TARGET_NANOSECONDS = 40


def build():
    """Builds the programs of the other libraries. Returns the path of each program by name."""
    os.makedirs(FOLDER, exist_ok=True)
    folder = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.strip()
    programs = {"ours": os.path.join(folder, "bench-metrics"), "prometheus-cpp": os.path.join(FOLDER, "prometheus-cpp")}
    subprocess.run(["g++", "-O2", "-std=c++17", os.path.join(PEERS, "metrics.cpp"), "-o", programs["prometheus-cpp"],
                    "-lprometheus-cpp-core"], check=True)
    if shutil.which("go") and os.path.isdir(f"{GO_PATH}/src/github.com/prometheus/client_golang"):
        programs["client_golang"] = os.path.join(FOLDER, "client_golang")
        subprocess.run(["go", "build", "-o", programs["client_golang"], os.path.join(PEERS, "metrics.go")], check=True,
                       env={**os.environ, "GO111MODULE": "off", "GOPATH": GO_PATH})
    return programs


def measure(program):
    """Returns by update the nanoseconds, and the allocations where the program counts them."""
    lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()
    figures = {}
    for line in lines:
        name, *numbers = line.split()
        figures[name] = [float(number) for number in numbers]
    return figures


def report(runs, rounds):
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}; median of {rounds} alternating runs, CPU "
          "nanoseconds per update")
    print(f"  {'':22}" + "".join(f"{name:>16}" for name in runs) + f"{'allocations':>14}")
    medians = {}
    for update in UPDATES:
        cells = []
        for name in runs:
            values = [figures[update][0] for figures in runs[name] if update in figures]
            medians[name, update] = statistics.median(values) if values else None
            cells.append(f"{medians[name, update]:16.1f}" if values else f"{'':16}")
        allocations = statistics.median(figures[update][1] for figures in runs["ours"])
        print(f"  {update:22}" + "".join(cells) + f"{allocations:14.3f}")
    for name in list(runs)[1:]:
        print(f"  one request: {medians['ours', 'request'] / medians[name, 'request']:.2f} times the time of {name}")
    figure = medians["ours", "request"]
    verdict = "met" if figure <= TARGET_NANOSECONDS else "not met"
    print(f"  one request: {figure:.1f} ns; target {TARGET_NANOSECONDS} ns: {verdict}")


def run(test):
    programs = build()
    require(os.access(programs["ours"], os.X_OK), f"{programs['ours']} is built")
    runs = {name: [] for name in programs}
    for _ in range(test.values.rounds):
        for name, program in programs.items():
            runs[name].append(measure(program))
    report(runs, test.values.rounds)
