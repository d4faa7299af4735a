#!/usr/bin/env bash
# Usage: scripts/outage.sh [SECONDS=600] [RATE=2000] [BUDGET=1GiB] [HINTS=10000] [P99_FACTOR=2]
#
# Distinct writes at a steady RATE, eventual and strong by turns, through two of three nodes, while the third is away
# for SECONDS. Then it returns under the same load. It fails if
#   - hints outgrow BUDGET, or a write of that time has neither a hint nor a place in the count of those without one;
#   - an account does not close at any poll: stored = delivered + superseded + expired + pending;
#   - hints are not delivered within twice the outage, or the gauge of pending ones is not 0 then;
#   - p99 of the load while they are is more than twice that before the outage (median of 3 windows each); with
#     P99_FACTOR=0 that is printed and not judged, for a machine that others use;
#   - a write is refused, or in the end counts are not exact and the same on all nodes.
# With a BUDGET that is too small, as 2MiB, anti-entropy must bring what no hint was kept for.
# Then one node keeps HINTS hints, is killed with kill -9 and started again: none may be lost, all must arrive.
set -euo pipefail
cd "$(dirname "$0")/.."

# Bash counts in SECONDS by itself: a number that was given comes through only when it is named here.
outage_seconds=600
for argument in "$@"; do
    case "$argument" in
    SECONDS=*) outage_seconds=${argument#SECONDS=} ;;
    RATE=* | BUDGET=* | HINTS=* | P99_FACTOR=*) export "${argument?}" ;;
    *)
        sed -n 2p "$0" >&2
        exit 2
        ;;
    esac
done

scripts/setup --with checks
if [ -z "${HEDGEHOGDB:-}" ]; then scripts/build; fi
exec env SECONDS="$outage_seconds" python3 scripts/lib/outage.py
