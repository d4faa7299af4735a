#!/usr/bin/env bash
# Usage: scripts/disk-loss.sh [ROUNDS=20] [ITEMS=5000] [SEED=number]
#
# Three nodes under load through all of them. Each round one is killed with kill -9, its data directory removed, and it
# is started again; the next round begins only when it is whole. In some rounds one of the two whole nodes is frozen
# while it recovers: then there is no quorum. It fails if
#   - an acknowledged strong write is lost, or a strong read is answered from the empty disk (check-history judges);
#   - a strong read is answered while only one whole node runs;
#   - the node and the others do not call it recovering meanwhile, or it is not whole within 60 s;
#   - it does not vote when it is whole: another is frozen then, and strong operations need it;
#   - replicas still differ 60 s after the last round.
set -euo pipefail
cd "$(dirname "$0")/.."

for argument in "$@"; do
    case "$argument" in
    ROUNDS=* | ITEMS=* | SEED=*) export "${argument?}" ;;
    *)
        sed -n 2p "$0" >&2
        exit 2
        ;;
    esac
done

scripts/setup --with checks
if [ -z "${HEDGEHOGDB:-}" ]; then scripts/build; fi
if [ -z "${CHECK_HISTORY:-}" ]; then swift build -c release --static-swift-stdlib --product check-history; fi
exec python3 scripts/lib/disk_loss.py
