"""One run of wrk, and what it said."""

import os
import re
import subprocess

from checks import Failed
from node import ROOT

MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


class Run:
    def __init__(self, text):
        self.rate = float(re.search(r"Requests/sec:\s*([\d.]+)", text).group(1))
        self.p50_milliseconds = milliseconds(re.search(r"50%\s+([\d.]+)(us|ms|s)", text))
        self.p99_milliseconds = milliseconds(re.search(r"99%\s+([\d.]+)(us|ms|s)", text))
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*", text)
        if bad:
            raise Failed(f"wrk saw failures: {bad.group()}\n{text}")


def milliseconds(match):
    return float(match.group(1)) * MILLISECONDS[match.group(2)]


def wrk(url, arguments, script=None, prefix=(), **environment):
    """`script` is one of scripts/wrk; `environment` is for it. Fails if any request does."""
    command = [*prefix, "wrk", *arguments, "--latency"]
    if script:
        command += ["-s", os.path.join(ROOT, "scripts/wrk", script)]
    done = subprocess.run([*command, url], capture_output=True, text=True, env=dict(os.environ, **environment),
                          check=False)
    if done.returncode != 0 or done.stderr:  # with a script it cannot read, wrk goes on without it
        raise Failed(f"wrk ended with {done.returncode}: {done.stderr or done.stdout}")
    return Run(done.stdout)
