"""Rules for Python files: they parse, and functions are not too long."""

import ast
from collections import namedtuple

from linting.lengths import check_function

Function = namedtuple("Function", "name line length")


def functions(tree):
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield Function(node.name, node.lineno, node.end_lineno - node.lineno + 1)


def check_python(path, text, report):
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        report.add(path, error.lineno or 1, f"is not valid Python: {error.msg}")
        return
    for function in functions(tree):
        check_function(path, function, report)
