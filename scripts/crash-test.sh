#!/usr/bin/env bash
# Usage: scripts/crash-test.sh [ROUNDS=50] [SEED=number]
#
# One node under 16 writers that pipeline puts and deletes of unique values, ended at a random moment and started
# again (in some rounds killed once more while it starts). Then every key is read, scanned and counted. It fails if
#   - an acknowledged write or delete is not there, or one refused as not_applied is;
#   - single reads, the ordered scan and the exact count disagree;
#   - after kill -9 a key holds anything but the acknowledged state or a write that got no answer;
#   - after SIGTERM (a quarter of the rounds): an answer is cut short, a request that was fully sent before the signal
#     gets none, one that got none was carried out all the same, or the exit status is not 0.
set -euo pipefail
cd "$(dirname "$0")/.."

for argument in "$@"; do
    case "$argument" in
    ROUNDS=* | SEED=*) export "${argument?}" ;;
    *)
        sed -n 2p "$0" >&2
        exit 2
        ;;
    esac
done

scripts/setup --with checks
scripts/build
exec python3 scripts/lib/crash_test.py
