"""Usage: scripts/python monitoring/tools/lint_dashboards.py

Checks rules for dashboards and alerts and prints one `where: sentence` for each fault.

Dashboards must be the output of their generator and have unique uids and no overlaps. Every panel has a title, a
description, a unit, our data source and expressions that parse. Every selector is restricted by job and node, rates use
$__rate_interval or $__range, counters are within a rate, every metric is one of our nodes, and every metric is on a
panel. Every alert has a severity, a summary, a description, a runbook that exists, a test in which it fires and one in
which it does not. Exceptions are in monitoring/grafana/lint-exceptions.yaml, each with its reason. An exception that is
not needed is a fault.
"""

import glob
import itertools
import os
import re
import subprocess
import sys

import promql_parser
import yaml

from dashboard_queries import ROOT, boards, catalogue, filled, matchers_of, name_of, panels, rules, selectors
from prometheus_config import MONITORING

UNITS = {"none", "short", "s", "bytes", "Bps", "ops", "reqps", "cps", "percentunit"}
RATES = {"rate", "irate", "increase", "resets", "changes"}
RANGES = {"$__rate_interval", "$__range"}
PARTS = ("_bucket", "_sum", "_count")
# Metrics of Prometheus itself.
FOREIGN = re.compile(r"^(?:up|ALERTS|ALERTS_FOR_STATE|scrape_\w+)$")


class Faults:
    def __init__(self):
        with open(os.path.join(MONITORING, "grafana/lint-exceptions.yaml"), encoding="utf-8") as file:
            entries = yaml.safe_load(file) or []
        self.excused = {(entry["rule"], name): False for entry in entries for name in entry["of"]}
        self.lines = []
        for entry in entries:
            if not entry.get("reason"):
                self.lines.append(f"lint-exceptions.yaml: {entry['of'][0]} has no reason")

    def add(self, rule, where, sentence):
        if (rule, where) in self.excused:
            self.excused[rule, where] = True
        else:
            self.lines.append(f"{where}: {sentence} ({rule})")

    def close(self):
        for (rule, where), was_needed in self.excused.items():
            if not was_needed:
                self.lines.append(f"lint-exceptions.yaml: {where} does not need its exception from {rule}")


def bare(name):
    for part in PARTS:
        if name.endswith(part):
            return name[:-len(part)]
    return name


def family_of(name, families):
    """Returns the family of a sample name, or None."""
    if name in families:
        return name
    return bare(name) if families.get(bare(name)) == "histogram" else None


class Dashboards:
    def __init__(self, faults, families, recorded):
        self.faults, self.families, self.recorded = faults, families, recorded
        self.used = set()

    def check(self):
        uids, titles = {}, {}
        for name, board in boards():
            for seen, key in ((uids, board["uid"]), (titles, board["title"])):
                if key in seen:
                    self.faults.add("unique", name, f"{key} is used by {seen[key]} too")
                seen[key] = name
            self._board(name, board)

    def _board(self, name, board):
        if board["editable"]:
            self.faults.add("not-editable", name, "is editable in the browser, where changes are lost")
        variables = {item["name"]: item for item in board["templating"]["list"]}
        for needed in ("datasource", "job", "node"):
            if needed not in variables:
                self.faults.add("variables", name, f"has no variable {needed}")
        for item in variables.values():
            if item["type"] == "query" and item["refresh"] != 2:
                self.faults.add("variables", name, f"{item['name']} is not refreshed when the time range changes")
        if not any("process_start_time_seconds" in mark["expr"] for mark in board["annotations"]["list"]):
            self.faults.add("annotations", name, "has no annotation for restarts")
        for mark in board["annotations"]["list"]:
            self._expression(f"{name} / annotation {mark['name']}", mark["expr"])
        self._grid(name, board["panels"])
        here = [panel["title"] for panel in panels(board)]
        for title in {title for title in here if here.count(title) > 1}:
            self.faults.add("unique", name, f"has two panels named {title}")
        for panel in panels(board):
            self._panel(f"{name} / {panel.get('title', panel['id'])}", panel)

    def _grid(self, name, placed):
        for panel in placed:
            if panel["gridPos"]["x"] + panel["gridPos"]["w"] > 24:
                self.faults.add("grid", name, f"{panel['title']} is wider than the page")
        for one, other in itertools.combinations(placed, 2):
            a, b = one["gridPos"], other["gridPos"]
            if (a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"]
                    and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]):
                self.faults.add("grid", name, f"{one['title']} overlaps {other['title']}")

    def _panel(self, where, panel):
        for field in ("title", "description"):
            if not panel.get(field, "").strip():
                self.faults.add(field, where, f"has no {field}")
        unit = panel["fieldConfig"]["defaults"].get("unit")
        if unit not in UNITS:
            self.faults.add("unit", where, f"{unit} is not one of our units")
        if not panel["targets"]:
            self.faults.add("targets", where, "has no target")
        if len({target["refId"] for target in panel["targets"]}) < len(panel["targets"]):
            self.faults.add("targets", where, "has two targets with the same refId")
        for item in [panel, *panel["targets"]]:
            if item["datasource"]["uid"] != "${datasource}":
                self.faults.add("datasource", where, "does not use the selected data source")
        for target in panel["targets"]:
            self._expression(where, target["expr"])

    def _expression(self, where, text):
        for given in re.findall(r"\[([^\]:]+)", text):
            if given not in RANGES:
                self.faults.add("rate-interval", where, f"[{given}] is wrong for other time ranges; use "
                                "$__rate_interval")
        try:
            tree = promql_parser.parse(filled(text, job="$job", node="$node", table="$table"))
        except ValueError as error:
            self.faults.add("parse", where, f"{text}: {error}")
            return
        for selector, around in selectors(tree):
            self._selector(where, selector, around)

    def _selector(self, where, selector, around):
        name, matchers = name_of(selector), matchers_of(selector)
        if not FOREIGN.match(name) or name == "up":
            if ("job", "Re", "$job") not in matchers:
                self.faults.add("job-matcher", where, f"{name} is not restricted by job")
            if name not in self.recorded and ("node_id", "Re", "$node") not in matchers:
                self.faults.add("node-matcher", where, f"{name} is not restricted by node")
        if FOREIGN.match(name) or name in self.recorded:
            return
        family = family_of(name, self.families)
        if family is None:
            self.faults.add("metric", bare(name), f"is used by {where}, but no node has it")
            return
        self.used.add(family)
        kind = self.families[family]
        if kind != "gauge" and not RATES.intersection(around):
            self.faults.add("counter", where, f"{name} is a counter; it needs rate or increase")
        if kind == "gauge" and {"rate", "irate", "increase"}.intersection(around):
            self.faults.add("counter", where, f"{name} is a gauge; rate is for counters")


class Alerts:
    def __init__(self, faults, families, recorded):
        self.faults, self.families, self.recorded = faults, families, recorded
        self.used = set()

    def check(self):
        fires, stays_quiet = self._tested()
        headings = self._headings()
        names = set()
        for file, rule in rules():
            name = rule.get("alert", rule.get("record"))
            self._metrics(f"{file} / {name}", rule["expr"])
            if "alert" not in rule:
                continue
            names.add(name)
            self._texts(name, rule)
            for tested, what in ((fires, "fires"), (stays_quiet, "does not fire")):
                if name not in tested:
                    self.faults.add("tested", name, f"has no test in which it {what}")
            if name not in headings:
                self.faults.add("runbook", name, "has no section in docs/alerts.md")
        for heading in headings - names:
            self.faults.add("runbook", heading, "is a section of docs/alerts.md but not an alert")

    def _texts(self, name, rule):
        if rule["labels"].get("severity") not in ("critical", "warning", "info"):
            self.faults.add("severity", name, "has no severity of critical, warning or info")
        for field in ("summary", "description"):
            if not rule["annotations"].get(field):
                self.faults.add(field, name, f"has no {field}")
        if rule["annotations"].get("runbook_url") != f"docs/alerts.md#{name.lower()}":
            self.faults.add("runbook", name, f"its runbook_url is not docs/alerts.md#{name.lower()}")

    def _metrics(self, where, text):
        try:
            tree = promql_parser.parse(text)
        except ValueError as error:
            self.faults.add("parse", where, str(error))
            return
        for selector, _ in selectors(tree):
            name = name_of(selector)
            if FOREIGN.match(name) or name in self.recorded:
                continue
            family = family_of(name, self.families)
            if family is None:
                self.faults.add("metric", bare(name), f"is used by {where}, but no node has it")
            else:
                self.used.add(family)

    def _tested(self):
        fires, stays_quiet = set(), set()
        for path in glob.glob(os.path.join(MONITORING, "rules/tests/*.yml")):
            with open(path, encoding="utf-8") as file:
                tests = yaml.safe_load(file)["tests"]
            for test in tests:
                for case in test.get("promql_expr_test", []):
                    named = re.search(r'alertname="(\w+)"', case["expr"])
                    if named:
                        (fires if case.get("exp_samples") else stays_quiet).add(named.group(1))
        return fires, stays_quiet

    @staticmethod
    def _headings():
        with open(os.path.join(ROOT, "docs/alerts.md"), encoding="utf-8") as file:
            return set(re.findall(r"^## (Hedgehog\w+)$", file.read(), re.M))


def main():
    families = catalogue()
    faults = Faults()
    recorded = {rule["record"] for _, rule in rules() if "record" in rule}
    made = subprocess.run([sys.executable, os.path.join(MONITORING, "grafana/make-dashboards.py"), "--check"],
                          capture_output=True, text=True, check=False)
    if made.returncode != 0:
        faults.add("generated", "dashboards", (made.stdout + made.stderr).strip())
    dashboards, alerts = Dashboards(faults, families, recorded), Alerts(faults, families, recorded)
    dashboards.check()
    alerts.check()
    for family in sorted(set(families) - dashboards.used):
        faults.add("shown", family, "is on no dashboard")
    faults.close()
    for line in faults.lines:
        print(line)
    counts = f"{sum(len(panels(board)) for _, board in boards())} panels, {sum(1 for _ in rules())} rules"
    print(f"lint-dashboards: {len(faults.lines)} faults" if faults.lines else f"lint-dashboards: clean ({counts})")
    return 1 if faults.lines else 0


if __name__ == "__main__":
    sys.exit(main())
