"""Finds comments, literals and functions in Swift code, without a full parser."""

import re
from collections import namedtuple

Function = namedtuple("Function", "name line length nesting")

# A pattern for comments and string literals. The longest forms come first, otherwise the start of a raw or multi-line
# string would match as an ordinary string.
LITERAL = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|(?P<raw>#+)"""[\s\S]*?"""(?P=raw)'
    r'|"""(?:\\.|[^\\])*?"""'
    r'|(?P<pound>#+)"[^\n]*?"(?P=pound)'
    r'|"(?:\\\((?:[^()\n]|\([^()\n]*\))*\)|\\.|[^"\\\n])*"',
    re.S,
)

DECLARATION = re.compile(r"\b(?:func\s+(?P<name>`[^`]+`|[^\s(<]+)|(?P<other>init|deinit|subscript)\b[?!]?\s*[(<{])")
CONTROL = re.compile(r"\b(?:if|else|for|while|repeat|switch|do|catch|guard)\b[^{}]*$")


def code_only(text):
    """Replaces comments and strings by blanks. Lines and columns stay the same."""
    return LITERAL.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def functions(code):
    """Returns every function with a body: name, first line, lines up to the closing brace, deepest nesting."""
    found = []
    for match in DECLARATION.finditer(code):
        if code[:match.start()].rstrip().endswith("."):
            continue  # a call such as self.init(...)
        opening = body_start(code, match.start())
        if opening is None:
            continue
        closing, nesting = body_end(code, opening)
        first = code.count("\n", 0, match.start()) + 1
        last = code.count("\n", 0, closing) + 1
        found.append(Function(match.group("name") or match.group("other"), first, last - first + 1, nesting))
    return found


def body_start(code, start):
    """Returns the offset of the brace of the body, or None for a requirement of a protocol."""
    depth = 0
    for index in range(start, len(code)):
        character = code[index]
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif depth == 0 and character == "{":
            return index
        elif depth == 0 and character == "}":
            return None
        elif depth == 0 and character == "\n" and re.match(
                r"\s*(?:@|func\b|var\b|let\b|init\b|static\b|mutating\b|package\b|subscript\b|associatedtype\b|})",
                code[index + 1:index + 40]):
            return None
    return None


def body_end(code, opening):
    """Returns the offset of the closing brace and the nesting of control flow, without closures and local types."""
    stack, deepest, piece_start = [], 0, opening + 1
    for index in range(opening, len(code)):
        character = code[index]
        if character == "{":
            stack.append(index != opening and CONTROL.search(code[piece_start:index]) is not None)
            deepest = max(deepest, sum(stack))
            piece_start = index + 1
        elif character == "}":
            stack.pop()
            piece_start = index + 1
            if not stack:
                return index, deepest
        elif character in "\n;" and code[piece_start:index].strip() == "":
            piece_start = index + 1
    return len(code) - 1, deepest
