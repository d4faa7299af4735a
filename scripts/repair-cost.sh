#!/usr/bin/env bash
# Usage: scripts/repair-cost.sh [ITEMS=1000000] [DIFFERING=100]
#
# What anti-entropy moves between three nodes that hold ITEMS items, measured by proxies between them: bytes of HTTP,
# heads included, gossip left out. It fails if
#   - a comparison of equal replicas moves 4 KiB or more, or reads an item;
#   - mending DIFFERING items, written while one node was away and of which no hint was kept, moves more between two
#     nodes than their size, 4 KiB a differing leaf and 1 KiB a differing partition;
#   - the replicas are not equal then.
set -euo pipefail
cd "$(dirname "$0")/.."

for argument in "$@"; do
    case "$argument" in
    ITEMS=* | DIFFERING=*) export "${argument?}" ;;
    *)
        sed -n 2p "$0" >&2
        exit 2
        ;;
    esac
done

scripts/setup --with checks
if [ -z "${HEDGEHOGDB:-}" ]; then scripts/build; fi
exec python3 scripts/lib/repair_cost.py
