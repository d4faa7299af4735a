#!/usr/bin/env bash
# Usage: scripts/slow-clients.sh
#
# An idle node must use no CPU and little memory. Then 5,000 idle connections and 200 clients that send one byte a
# second: a good client stays fast, the slow ones are answered 408 and closed.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup --with checks
scripts/build
exec python3 scripts/lib/slow_clients.py
