"""Finds the banned forms and words of banned.txt."""

import os
import re
from collections import namedtuple

from linting.prose import blocks_of
from linting.report import line_of

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "banned.txt")
SCOPES = {"sentence", "block", "prose", "name", "code"}
EXEMPT = {"docs/glossary.md"}
INLINE_CODE = re.compile(r"`[^`\n]*`")
FIRST_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")
Ban = namedtuple("Ban", "pattern scope instead")


def read_table(path=TABLE):
    bans = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.startswith("#"):
                continue
            columns = re.split(r"\s{2,}", line.strip(), maxsplit=2)
            if len(columns) != 3 or columns[1] not in SCOPES:
                raise ValueError(f"{path}:{number}: a line has a pattern, one of {sorted(SCOPES)}, and a replacement")
            pattern, scope, instead = columns
            bans.append(Ban(compiled(pattern, scope), scope, instead))
    return bans


def compiled(pattern, scope):
    if scope == "sentence":
        return re.compile(rf"(?:\A|[.!?]\s+)(?P<found>{pattern})(?=\s)")
    if scope == "block":
        return re.compile(rf"\A(?P<found>{pattern})(?=\s)")
    if scope == "prose":
        return re.compile(rf"(?<![\w-])(?P<found>{pattern})(?![\w-])", re.I)
    if scope == "name" and pattern[0].isupper():
        return re.compile(rf"(?<![A-Za-z])(?P<found>{pattern})(?![a-z])")  # also as a part of a longer type name
    return re.compile(rf"(?<!\w)(?P<found>{pattern})(?!\w)")


def check_banned(source, code, bans, report):
    """`code` is Swift code without comments and literals, or an empty text."""
    if source.path in EXEMPT:
        return
    for block in blocks_of(source):
        check_block(source.path, block, bans, report)
    for ban in bans:
        if ban.scope in ("name", "code"):
            for match in ban.pattern.finditer(code):
                add(source.path, line_of(code, match.start("found")), match, ban, report)
        if ban.scope == "name" and (match := ban.pattern.search(os.path.basename(source.path))):
            add(source.path, 1, match, ban, report)


def check_block(path, block, bans, report):
    without_code = INLINE_CODE.sub(lambda match: re.sub(r"[^\n]", "`", match.group()), block.text)
    end = FIRST_SENTENCE_END.search(without_code)
    is_question = end is not None and end.group() == "?"
    for ban in bans:
        if ban.scope == "code" or (ban.scope == "block" and (is_question or path.endswith(".md"))):
            continue
        text = block.text if ban.scope == "name" else without_code
        for match in ban.pattern.finditer(text):
            add(path, block.line_at(match.start("found")), match, ban, report)


def add(path, line, match, ban, report):
    report.add(path, line, f"'{match.group('found')}' is banned; instead: {ban.instead}")
