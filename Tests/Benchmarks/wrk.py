"""Runs wrk and reads its report."""

import os
import re
import subprocess

from harness.checks import CheckFailed

HERE = os.path.dirname(os.path.abspath(__file__))
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


class Run:
    def __init__(self, text):
        self.rate = float(re.search(r"Requests/sec:\s*([\d.]+)", text).group(1))
        self.p50_milliseconds = milliseconds(re.search(r"50%\s+([\d.]+)(us|ms|s)", text))
        self.p99_milliseconds = milliseconds(re.search(r"99%\s+([\d.]+)(us|ms|s)", text))
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*", text)
        if bad:
            raise CheckFailed(f"wrk reports failures: {bad.group()}\n{text}")


def milliseconds(match):
    return float(match.group(1)) * MILLISECONDS[match.group(2)]


def wrk(url, arguments, script=None, prefix=(), **environment):
    """Runs wrk. `script` is a Lua file of this folder, `environment` its variables. Fails if any request fails."""
    command = [*prefix, "wrk", *arguments, "--latency"]
    if script:
        command += ["-s", os.path.join(HERE, script)]
    done = subprocess.run([*command, url], capture_output=True, text=True, env=dict(os.environ, **environment),
                          check=False)
    if done.returncode != 0 or done.stderr:  # wrk runs without a script that it cannot read
        raise CheckFailed(f"wrk ended with status {done.returncode}: {done.stderr or done.stdout}")
    return Run(done.stdout)
