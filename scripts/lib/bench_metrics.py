"""Runs the benchmark of metrics beside those of other libraries; scripts/bench-metrics says what it prints."""

import os
import statistics
import subprocess
import sys

ROUNDS = int(os.environ.get("ROUNDS", "5"))
UPDATES = ["counter", "histogram", "request", "request-with-exemplar"]
TARGET_NANOSECONDS = 40


def run(program):
    """By update: nanoseconds, and allocations where the program counts them."""
    lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()
    figures = {}
    for line in lines:
        name, *numbers = line.split()
        figures[name] = [float(number) for number in numbers]
    return figures


def main():
    ours, peers_folder = sys.argv[1:]
    programs = {"ours": ours}
    for name in ["prometheus-cpp", "client_golang"]:
        path = os.path.join(peers_folder, name)
        if os.access(path, os.X_OK):
            programs[name] = path
    runs = {name: [] for name in programs}
    for _ in range(ROUNDS):
        for name, program in programs.items():
            runs[name].append(run(program))
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}; median of {ROUNDS} alternating runs, "
          "nanoseconds of the processor an update")
    print(f"  {'':22}" + "".join(f"{name:>16}" for name in programs) + f"{'allocations':>14}")
    medians = {}
    for update in UPDATES:
        cells = []
        for name in programs:
            values = [figures[update][0] for figures in runs[name] if update in figures]
            medians[name, update] = statistics.median(values) if values else None
            cells.append(f"{medians[name, update]:16.1f}" if values else f"{'':16}")
        allocations = statistics.median(figures[update][1] for figures in runs["ours"])
        print(f"  {update:22}" + "".join(cells) + f"{allocations:14.3f}")
    for name in list(programs)[1:]:
        print(f"  a request: ours is {medians['ours', 'request'] / medians[name, 'request']:.2f} of {name}")
    figure = medians["ours", "request"]
    verdict = "met" if figure <= TARGET_NANOSECONDS else "not met"
    print(f"  a request: {figure:.1f} ns of the {TARGET_NANOSECONDS} aimed at: {verdict}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
