#!/usr/bin/env bash
# Usage: scripts/million.sh [ITEMS=1000000] [SEED=number]
#
# Loads a million items of 200 bytes; the node must be ready within 5 s after kill -9 and after SIGTERM, count exactly,
# scan everything in key order in memory that does not grow, and get limit, after, prefix, start, end and reverse right
# across page borders while writers run.
set -euo pipefail
cd "$(dirname "$0")/.."

for argument in "$@"; do
    case "$argument" in
    ITEMS=* | SEED=*) export "${argument?}" ;;
    *)
        sed -n 2p "$0" >&2
        exit 2
        ;;
    esac
done

scripts/setup --with checks
scripts/build
exec python3 scripts/lib/million.py
