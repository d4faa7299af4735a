"""Rules for shell scripts: strict mode, a usage line, the executable bit."""

import os
import re

from linting.report import ROOT


def check_shell(path, text, report):
    if "set -euo pipefail" not in text:
        report.add(path, 1, "a shell script must begin with set -euo pipefail")
    if not re.search(r"^# Usage: ", text, re.M):
        report.add(path, 1, "a shell script must have a '# Usage: ' line")
    if not os.access(os.path.join(ROOT, path), os.X_OK):
        report.add(path, 1, "is not executable")
