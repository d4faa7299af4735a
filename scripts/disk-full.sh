#!/usr/bin/env bash
# Usage: scripts/disk-full.sh
#
# A 64 MiB tmpfs as the disk: when it is full, writes answer 503 with the reason, reads go on and readyz says so; when
# space returns the node recovers by itself, and nothing acknowledged is lost. Needs root, for the mount.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(id -u)" -ne 0 ] || [ "$(uname)" != Linux ]; then
    echo "disk-full: needs root on Linux, to mount a small tmpfs" >&2
    exit 2
fi

scripts/setup --with checks
scripts/build
exec python3 scripts/lib/disk_full.py
