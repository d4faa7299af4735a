"""Rules for Swift files: imports follow the layers, functions are short, unsafe code is explained."""

import os
import re

from linting.lengths import MAXIMUM_NESTING, check_function
from linting.report import ROOT, line_of
from linting.swift_source import functions

# The layers of the source modules, lowest first. A module imports only modules of lower layers.
LAYERS = [
    {"Base"},
    {"HTTP", "Cluster", "Observability"},
    {"Reactor", "Storage"},
    {"HTTPServer", "HTTPClient"},
    {"HedgehogNode"},
    {"hedgehogdb", "hedgehogctl"},
]
LAYER_OF = {module: number for number, layer in enumerate(LAYERS) for module in layer}
PURE = {"Base", "HTTP", "Cluster", "Observability"}
C_MODULES = {"CLibuv", "CCurl", "CRocksDB", "CXXHash", "CRapidJSON", "CZlib", "CBuild", "CProcess"}
SYSTEM = {"Foundation", "FoundationEssentials", "Glibc", "Darwin", "Musl", "Dispatch"}
# The only files of the pure modules, which must not use the operating system, that may import the C library: those
# with a lock, and the one with the thread itself.
MAY_IMPORT_LIBC = {"Sources/Base/Locked.swift", "Sources/Base/Mailbox.swift", "Sources/Base/WorkerThread.swift"}

IMPORT = re.compile(r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:package |internal |private |fileprivate |public )?"
                    r"import\s+(?:(?:struct|class|enum|func|protocol|typealias|var|let)\s+)?(\w+)", re.M)
UNSAFE = re.compile(r"@unchecked\s+Sendable|nonisolated\(unsafe\)")
FORCED = re.compile(r"\btry!|\bas!")
COMMENT_REACH = 12  # the reason for unsafe code must be within so many lines above it


def check_functions(path, code, report, figures):
    for function in functions(code):
        if path.startswith("Sources/"):
            figures["functions"].append(function.length)
        check_function(path, function, report)
        if function.nesting > MAXIMUM_NESTING:
            report.add(path, function.line, f"{function.name} nests {function.nesting} levels deep, the limit is "
                       f"{MAXIMUM_NESTING}")


def check_unsafe(path, text, code, report):
    lines = text.split("\n")
    for match in UNSAFE.finditer(code):
        number = line_of(code, match.start())
        reach = lines[max(0, number - 1 - COMMENT_REACH):number]
        if not any("//" in line for line in reach):
            report.add(path, number, f"{match.group()} needs a comment above it that says why it is safe")
    if path.startswith("Sources/"):
        for match in FORCED.finditer(code):
            report.add(path, line_of(code, match.start()), f"{match.group()} traps; parse or throw instead")


def check_imports(path, code, report, importers):
    module = path.split("/")[1]
    for match in IMPORT.finditer(code):
        imported, number = match.group(1), line_of(code, match.start())
        if imported in C_MODULES:
            importers.setdefault(imported, {}).setdefault(module, (path, number))
        if module in PURE and imported in SYSTEM and path not in MAY_IMPORT_LIBC:
            report.add(path, number, f"{module} is a pure module and must not import {imported}")
        if path in MAY_IMPORT_LIBC and imported in SYSTEM - {"Glibc", "Darwin", "Musl"}:
            report.add(path, number, f"this file may import the C library only, not {imported}")
        if imported in LAYER_OF and LAYER_OF[imported] >= LAYER_OF.get(module, -1):
            report.add(path, number, f"{module} is on layer {LAYER_OF.get(module)} and may import lower layers only; "
                       f"{imported} is on layer {LAYER_OF[imported]}")


def check_importers(importers, report):
    for c_module, by_module in importers.items():
        if len(by_module) > 1:
            for path, number in by_module.values():
                report.add(path, number, f"{c_module} is imported by {', '.join(sorted(by_module))}; only one module "
                           "may import a C library")


def check_folders(report):
    modules = sorted(os.listdir(os.path.join(ROOT, "Sources")))
    for module in modules:
        if module not in LAYER_OF and module not in C_MODULES:
            report.add(f"Sources/{module}", 1, "is on no layer; add it to scripts/linting/swift_rules.py")
    for lowered in {module.lower() for module in modules}:
        same = [module for module in modules if module.lower() == lowered]
        if len(same) > 1:
            report.add(f"Sources/{same[0]}", 1, f"{' and '.join(same)} differ only in case")
