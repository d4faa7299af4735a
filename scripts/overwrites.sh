#!/usr/bin/env bash
# Usage: scripts/overwrites.sh [COUNT=100000]
#
# One key, overwritten by strong writes one after another, each through another of three nodes, whose wall clocks stand
# at +300 s, 0 and -300 s. A strong read through another node follows every tenth write and must return that write; a
# write that loses to an older one because a clock said so would show at once.
set -euo pipefail
cd "$(dirname "$0")/.."

for argument in "$@"; do
    case "$argument" in
    COUNT=*) export "${argument?}" ;;
    *)
        sed -n 2p "$0" >&2
        exit 2
        ;;
    esac
done

scripts/setup --with faults
if [ -z "${HEDGEHOGDB:-}" ]; then scripts/build; fi
exec python3 scripts/lib/overwrites.py
