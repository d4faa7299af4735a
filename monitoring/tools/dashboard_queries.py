"""Reads the expressions of dashboards and rules from their files, fills in variables and analyses them."""

import glob
import json
import os
import re

import promql_parser
import yaml

from prometheus_config import MONITORING

ROOT = os.path.dirname(MONITORING)
COMPARISONS = {"==", "!=", ">", "<", ">=", "<="}
SETS = {"and", "or", "unless"}
LONG_WINDOW = re.compile(r"\[(?:30m|\d+[hdw])\b|ratio_rate(?:30m|1h|6h|3d)")


class Question:
    """One expression and its place. `board` is the name of a dashboard or of a rule file."""

    def __init__(self, board, title, text, legend="", kind="panel", panel=None):
        self.board, self.title, self.text = board, title, text
        self.legend, self.kind, self.panel = legend, kind, panel

    @property
    def looks_far_back(self):
        """Whether it has a window that a run of minutes cannot fill. The tests of promtool check these."""
        return bool(LONG_WINDOW.search(self.text))


def boards():
    """Yields (name, dashboard) of every file."""
    for path in sorted(glob.glob(os.path.join(MONITORING, "grafana/dashboards/*.json"))):
        with open(path, encoding="utf-8") as file:
            yield os.path.splitext(os.path.basename(path))[0], json.load(file)


def panels(board):
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def board_questions():
    """Yields every expression of panels and annotations. Comparisons of annotations are removed, as for alerts."""
    for name, board in boards():
        for panel in panels(board):
            for target in panel["targets"]:
                yield Question(name, panel["title"], target["expr"], target.get("legendFormat", ""), panel=panel)
        for mark in board["annotations"]["list"]:
            tree = promql_parser.parse(filled(mark["expr"], job="$job", node="$node"))
            for side in sides(tree):
                yield Question(name, f"annotation: {mark['name']}", side, kind="annotation")


def rules():
    """Yields (file, rule) of every recording and alert rule."""
    for path in sorted(glob.glob(os.path.join(MONITORING, "rules/*.yml"))):
        with open(path, encoding="utf-8") as file:
            for group in yaml.safe_load(file)["groups"]:
                for rule in group["rules"]:
                    yield os.path.basename(path), rule


def rule_questions():
    """Yields the expression of each recording rule, and the operands of each alert: with its comparison, the result of
    an alert is empty on a healthy cluster."""
    for file, rule in rules():
        if "record" in rule:
            yield Question(file, rule["record"], rule["expr"], kind="record")
        else:
            for side in sides(promql_parser.parse(rule["expr"])):
                yield Question(file, rule["alert"], side, kind="alert")


def sides(tree):
    """Returns the operands of the comparisons in an expression, each as a text."""
    if isinstance(tree, promql_parser.ParenExpr):
        return sides(tree.expr)
    if isinstance(tree, promql_parser.BinaryExpr):
        operator = str(tree.op)
        if operator in SETS:
            return sides(tree.lhs) + sides(tree.rhs)
        if operator in COMPARISONS:
            return [side for part in (tree.lhs, tree.rhs) if not is_number(part) for side in sides(part)]
    return [tree.prettify()]


def is_number(tree):
    if isinstance(tree, promql_parser.BinaryExpr):
        return is_number(tree.lhs) and is_number(tree.rhs)
    return isinstance(tree, promql_parser.NumberLiteral)


def filled(text, **values):
    """Replaces the variables of Grafana: `rate_interval` and `range` by durations, others by their values."""
    built_in = {"__rate_interval": values.pop("rate_interval", "5m"), "__range": values.pop("range", "1h")}
    for name, value in {**built_in, **values}.items():
        text = text.replace("${" + name + "}", value)
        text = re.sub(r"\$" + name + r"\b", lambda _: value, text)
    return text


def selectors(tree):
    """Returns (selector, names of the functions around it) for every vector selector in an expression."""
    found = []

    def visit(node, around):
        if isinstance(node, promql_parser.VectorSelector):
            found.append((node, around))
        elif isinstance(node, promql_parser.MatrixSelector):
            visit(node.vector_selector, around)
        elif isinstance(node, promql_parser.Call):
            for argument in node.args:
                visit(argument, [*around, node.func.name])
        elif isinstance(node, promql_parser.BinaryExpr):
            visit(node.lhs, around)
            visit(node.rhs, around)
        elif isinstance(node, (promql_parser.AggregateExpr, promql_parser.ParenExpr, promql_parser.SubqueryExpr,
                               promql_parser.UnaryExpr)):
            visit(node.expr, around)

    visit(tree, [])
    return found


def matchers_of(selector):
    return {(matcher.name, str(matcher.op).rpartition(".")[2], matcher.value)
            for matcher in selector.matchers.matchers}


def name_of(selector):
    if selector.name:
        return selector.name
    named = [value for name, _, value in matchers_of(selector) if name == "__name__"]
    return named[0] if named else ""


CATALOGUE = os.path.join(ROOT, "Sources/Observability/Metrics/MetricCatalogue.swift")
FAMILY = re.compile(r'\b(counter|gauge|histogram)\(\s*"([a-z_:]+)"')


def catalogue():
    """Returns the type of every metric family of a node by name, from the Swift sources."""
    folder = os.path.dirname(CATALOGUE)
    families = {}
    for path in sorted(glob.glob(os.path.join(folder, "*Catalogue*.swift"))):
        with open(path, encoding="utf-8") as file:
            families.update({name: kind for kind, name in FAMILY.findall(file.read())})
    return families
