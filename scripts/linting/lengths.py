"""Limits for lines and files, blanks at the end of lines, and marks of unfinished work."""

import re

MAXIMUM_LINE = 120
MAXIMUM_FILE = 600
MAXIMUM_FUNCTION = 70
MAXIMUM_NESTING = 3
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")


def check_lengths(path, text, report):
    lines = text.split("\n")
    if len(lines) - 1 > MAXIMUM_FILE:
        report.add(path, len(lines) - 1, f"the file has {len(lines) - 1} lines, the limit is {MAXIMUM_FILE}")
    for number, line in enumerate(lines, 1):
        if len(line) > MAXIMUM_LINE:
            report.add(path, number, f"the line has {len(line)} characters, the limit is {MAXIMUM_LINE}")
        if line != line.rstrip():
            report.add(path, number, "white space at the end of the line")
        if UNFINISHED.search(line):
            report.add(path, number, "unfinished work belongs in an issue, not in a comment")


def check_function(path, function, report):
    """`function` has name, line and length."""
    if function.length > MAXIMUM_FUNCTION:
        report.add(path, function.line, f"{function.name} has {function.length} lines, the limit is {MAXIMUM_FUNCTION}")
