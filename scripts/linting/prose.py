"""Finds the texts that people read: comments, docstrings, Markdown, descriptions of alerts and dashboards."""

import ast
import io
import json
import re
import tokenize

from linting.swift_source import LITERAL

HASH_LANGUAGES = {"sh", "make", "yaml", "hash"}
SLASH_LANGUAGES = {"swift", "c", "h", "cpp", "go", "alloy"}
DESCRIPTION = re.compile(r"^(?P<indent>\s*)(?P<key>summary|description):[ \t]*(?:[>|][+-]?)?[ \t]*(?P<text>.*)$")
LIST_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
TABLE_RULE = re.compile(r"^[\s|:-]+$")


class Block:
    """A paragraph. `lines` are pairs of a line number and the text of that line."""

    def __init__(self, lines):
        self.lines = [(number, text.strip()) for number, text in lines]
        self.text = "\n".join(text for _, text in self.lines)

    def line_at(self, offset):
        return self.lines[self.text.count("\n", 0, offset)][0]


def blocks_of(source):
    """Returns the paragraphs of a file."""
    kind = source.kind
    if kind in SLASH_LANGUAGES:
        return paragraphs(slash_comments(source.text))
    if kind == "python":
        return paragraphs(python_comments(source.text))
    if kind in HASH_LANGUAGES:
        found = paragraphs(hash_comments(source.text))
        return found + (descriptions(source.text) if kind == "yaml" else [])
    if kind == "lua":
        return paragraphs(line_comments(source.text, "--"))
    if kind == "md":
        return paragraphs(markdown_lines(source.text))
    return json_texts(source.text) if kind == "json" else []


def paragraphs(lines):
    """Splits lines into blocks where numbers are not adjacent, at empty lines and at list items."""
    blocks, current = [], []
    for number, text in lines:
        starts_block = LIST_ITEM.match(text) or (current and current[-1][0] != number - 1)
        if current and (starts_block or not text.strip()):
            blocks.append(current)
            current = []
        if text.strip():
            current.append((number, LIST_ITEM.sub("", text)))
    return [Block(lines) for lines in ([*blocks, current] if current else blocks)]


def slash_comments(text):
    """Yields (line, text) of // and /* */ comments. A comment after code is a block of its own."""
    is_fenced = False
    for match in LITERAL.finditer(text):
        comment = match.group()
        if not comment.startswith(("//", "/*")):
            continue
        first = text.count("\n", 0, match.start()) + 1
        is_after_code = text[text.rfind("\n", 0, match.start()) + 1:match.start()].strip() != ""
        body = comment.removeprefix("/*").removesuffix("*/") if comment.startswith("/*") else comment
        if is_after_code:
            yield first, ""
        for number, line in enumerate(body.split("\n"), first):
            line = re.sub(r"^\s*(?:///?|\*)?\s?(?:MARK:.*)?", "", line)
            if line.strip().startswith("```"):
                is_fenced, line = not is_fenced, ""
            yield number, "" if is_fenced else line
        if is_after_code:
            yield first, ""


def python_comments(text):
    """Yields (line, text) of comments and docstrings."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not token.string.startswith("#!"):
            if token.line[:token.start[1]].strip():
                found += [(token.start[0], 0, ""), (token.start[0], 1, token.string.lstrip("# ")),
                          (token.start[0], 2, "")]
            else:
                found.append((token.start[0], 0, token.string.lstrip("# ")))
    for node in ast.walk(ast.parse(text)):
        body = getattr(node, "body", None)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and body:
            first = body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(
                    first.value.value, str):
                found.append((first.lineno, 0, ""))
                found += [(number, 1, line) for number, line in enumerate(first.value.value.split("\n"), first.lineno)]
    return [(number, line) for number, _, line in sorted(found, key=lambda entry: entry[:2])]


def hash_comments(text):
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r"\s*#+(?!!)\s?(.*)$", line) or re.match(r"^(?:[^'\"#]|'[^']*'|\"[^\"]*\")*\s##?\s(.*)$", line)
        if match and not match.group(1).startswith("Usage: "):
            if not line.lstrip().startswith("#"):
                yield number, ""
            yield number, match.group(1)


def line_comments(text, mark):
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith(mark):
            yield number, line.lstrip().removeprefix(mark)


def markdown_lines(text):
    """Yields (line, text) without code blocks. Headings and cells of tables are blocks of their own."""
    is_fenced, was_empty = False, True
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("```"):
            is_fenced = not is_fenced
            continue
        is_code = is_fenced or (line.startswith("    ") and was_empty)
        was_empty = not line.strip() or (is_code and not is_fenced)
        if is_code:
            continue
        if line.startswith("|"):
            cells = [] if TABLE_RULE.match(line) else line.strip().strip("|").split(" | ")
            for cell in cells:
                yield number, ""
                yield number, cell
            yield number, ""
        elif line.startswith("#"):
            yield number, ""
            yield number, line.lstrip("# ")
            yield number, ""
        else:
            yield number, line.removeprefix("> ")


def descriptions(text):
    """Returns the summary and description texts of a YAML file, which may continue on indented lines."""
    blocks, indent, current = [], None, []
    for number, line in enumerate([*text.split("\n"), "end"], 1):
        depth = len(line) - len(line.lstrip())
        if current and (not line.strip() or depth > indent):
            current.append((number, line))
            continue
        if current:
            blocks.append(Block([(at, words.strip(" '\"")) for at, words in current if words.strip()]))
            current = []
        match = DESCRIPTION.match(line)
        if match:
            indent, current = len(match.group("indent")), [(number, match.group("text"))]
    return [block for block in blocks if block.lines]


def json_texts(text):
    """Returns the titles and descriptions of a dashboard."""
    blocks = []
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r'\s*"(?:title|description)": ("(?:\\.|[^"\\])*")', line)
        if match and json.loads(match.group(1)):
            blocks.append(Block([(number, json.loads(match.group(1)).replace("\n", " "))]))
    return blocks
