#!/usr/bin/env bash
# Usage: scripts/deletes.sh [COUNT=100000] [EQUAL_SECONDS=n] [PURGE_SECONDS=n]
#
# COUNT items are put on three nodes; one is killed, all are deleted through the others, over kept connections, several
# at once. The node stays away past a hint window of 10 s and a gc-grace of 20 s, so that no hint tells it of the
# deletes, and returns with every item. It fails if
#   - one of them comes back on any node, be it for a moment, or is left anywhere EQUAL_SECONDS after the return;
#   - counts are then not 0, exact and equal on all nodes;
#   - a tombstone was purged while a replica was away, or one is left PURGE_SECONDS after gc-grace when all are there;
#   - anything is there after that and a kill -9 of all three.
set -euo pipefail
cd "$(dirname "$0")/.."

for argument in "$@"; do
    case "$argument" in
    COUNT=* | EQUAL_SECONDS=* | PURGE_SECONDS=*) export "${argument?}" ;;
    *)
        sed -n 2p "$0" >&2
        exit 2
        ;;
    esac
done

scripts/setup --with checks
if [ -z "${HEDGEHOGDB:-}" ]; then scripts/build; fi
exec python3 scripts/lib/deletes.py
