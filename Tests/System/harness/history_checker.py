"""Runs check-history, which decides whether a recorded history of strong operations is linearizable."""

import os
import subprocess

from harness.node import ROOT

CHECKER = os.environ.get("CHECK_HISTORY") or os.path.join(ROOT, ".build/release/check-history")


def expect_linearizable(checks, history):
    """Requires: `history` is closed."""
    done = subprocess.run([CHECKER, history.path], capture_output=True, text=True, check=False)
    print(done.stdout.strip() or done.stderr.strip(), flush=True)
    checks.expect(done.returncode == 0, "strong operations are linearizable: 0 acknowledged strong writes lost, 0 "
                  f"stale strong reads, in {len(history.requests)} requests")
    checks.expect(not history.unexpected, f"{len(history.unexpected)} unexpected responses "
                  f"{history.unexpected[:5] or ''}")
