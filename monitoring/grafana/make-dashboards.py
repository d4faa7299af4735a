#!/usr/bin/env python3
"""Usage: monitoring/grafana/make-dashboards.py [--check]

Writes dashboards/*.json from the Python modules in board/. Change a dashboard in board/, never in its JSON file.
`--check` writes nothing, and exits with 1 if a file differs from what would be written.
"""

import importlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))

NAMES = ["overview", "replication", "node", "ring"]


def made(name):
    board = importlib.import_module(f"board.{name}").make()
    return json.dumps(board.json(), indent=2, ensure_ascii=False) + "\n"


def is_stale(path, text):
    return not path.exists() or path.read_text(encoding="utf-8") != text


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__.split("\n")[0])
    files = {HERE / "dashboards" / f"{name}.json": made(name) for name in NAMES}
    if sys.argv[1:] == []:
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [path.name for path, text in files.items() if is_stale(path, text)]
    if stale:
        print(f"make-dashboards: out of date: {', '.join(stale)}; run monitoring/grafana/make-dashboards.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
