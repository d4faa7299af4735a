#!/usr/bin/env python3
"""Usage: monitoring/grafana/make-dashboards.py [--check]

Writes dashboards/*.json from the modules in board/, which is where a dashboard is changed. `--check` writes nothing and
fails if a file is not what would be written.
"""

import importlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)

NAMES = ["overview", "replication", "node", "ring"]


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__.split("\n")[0])
    stale = []
    for name in NAMES:
        made = json.dumps(importlib.import_module(f"board.{name}").make().json(), indent=2, ensure_ascii=False) + "\n"
        path = os.path.join(HERE, "dashboards", name + ".json")
        if "--check" in sys.argv:
            if not os.path.exists(path) or open(path, encoding="utf-8").read() != made:
                stale.append(name)
            continue
        with open(path, "w", encoding="utf-8") as file:
            file.write(made)
    if stale:
        print(f"make-dashboards: {', '.join(stale)}: not what board/ makes; run monitoring/grafana/make-dashboards.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
