"""The machine on which a benchmark runs: its processor, its load, and pinning to cores."""

import os
import platform
import re
import shutil

BUSY_LOAD = 1.5
CORES = sorted(os.sched_getaffinity(0))[:2]
PINS = shutil.which("taskset") is not None and len(CORES) >= 2


def pinned(core):
    """Returns the words of a command line that pins a process to one of two cores, or nothing."""
    return ["taskset", "-c", str(CORES[core])] if PINS else []


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return re.search(r"model name\s*: (.*)", file.read()).group(1)
    except (OSError, AttributeError):
        return platform.processor() or platform.machine()


def print_machine(load_before):
    """`load_before` is the load average before the first run."""
    print(f"machine: {processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}", flush=True)
    if load_before > BUSY_LOAD:
        print(f"THE MACHINE WAS BUSY: load average {load_before:.1f} before the first run; these figures mean little",
              flush=True)
