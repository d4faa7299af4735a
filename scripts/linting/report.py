"""Collects faults, and finds and reads the files of this repository."""

import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIPPED_FOLDERS = {"__pycache__", "Seeds"}


class Report:
    def __init__(self):
        self.lines = []

    def add(self, path, line, sentence):
        self.lines.append(f"{path}:{line}: {sentence}")


class SourceFile:
    """The path of a file relative to the repository, and its text."""

    def __init__(self, path, text=None):
        self.path = path
        self.text = text_of(path) if text is None else text

    @property
    def kind(self):
        """The language of the file: its extension, or python or sh according to its first line."""
        name = os.path.basename(self.path)
        if name == "Makefile" or name in (".gitignore", ".yamllint", ".env.example"):
            return "make" if name == "Makefile" else "hash"
        extension = os.path.splitext(name)[1][1:]
        if extension:
            return {"py": "python", "yml": "yaml"}.get(extension, extension)
        first = self.text.split("\n", 1)[0]
        if re.match(r"#!.*\bpython3?$", first):
            return "python"
        return "sh" if re.match(r"#!.*\b(?:bash|sh)$", first) else ""


def files_below(*folders):
    """Yields the paths of all files in these folders, relative to the repository."""
    for folder in folders:
        for where, folders_here, names in os.walk(os.path.join(ROOT, folder)):
            folders_here[:] = sorted(name for name in folders_here if name not in SKIPPED_FOLDERS)
            for name in sorted(names):
                yield os.path.relpath(os.path.join(where, name), ROOT)


def text_of(path):
    try:
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            return file.read()
    except UnicodeDecodeError:
        return ""  # a binary file


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
