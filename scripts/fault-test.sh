#!/usr/bin/env bash
# Usage: scripts/fault-test.sh [FAULTS=60] [PROFILE=usual|grace] [SEED=number]
#
# Three nodes under load through all of them, while one thing after another goes wrong, and now and then two at once:
# kill -9, SIGSTOP of 1 to 20 s, a clean restart, a node cut off (both ways, or one way only), a link cut, a wall clock
# that jumps by up to 300 s, a data directory lost while its node is down (only when all members are whole). Each node
# lives in a network namespace of its own; where the machine gives none, nothing is cut, and the output says so. It
# fails if
#   - the strong operations of a key are not linearizable, or an acknowledged one is lost (check-history judges);
#   - a key put once with an eventual 200 is on no node in the end, or one deleted for good is on any;
#   - replicas still differ 60 s after the last heal, in a count or in the version of any key;
#   - of the requests to nodes without a fault, from 2 s after a fault began, 0.1 % or more are not served;
#   - a node does not come back, ends SIGTERM with anything but 0, or answers what nobody expects.
# PROFILE=grace deletes much, with gc-grace 20 s, a hint window of 10 s, clocks up to 2 s off and freezes up to 30 s:
# there tombstones must also be purged, and what they deleted must stay away.
set -euo pipefail
cd "$(dirname "$0")/.."

for argument in "$@"; do
    case "$argument" in
    FAULTS=* | PROFILE=* | SEED=*) export "${argument?}" ;;
    *)
        sed -n 2p "$0" >&2
        exit 2
        ;;
    esac
done

scripts/setup --with faults
if [ -z "${HEDGEHOGDB:-}" ]; then scripts/build; fi
if [ -z "${CHECK_HISTORY:-}" ]; then swift build -c release --static-swift-stdlib --product check-history; fi
exec python3 scripts/lib/fault_test.py
