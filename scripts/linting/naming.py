"""Rules for the names of Swift types.

Names say what a type is. No type has the name of its module, no two types at the top level of files in Sources have the
same name, and no type has the name of one in Swift's standard library.
"""

import re
from collections import defaultdict, namedtuple

from linting.report import line_of

VAGUE_WORDS = {"Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Info", "Impl"}
VAGUE_ENDS = VAGUE_WORDS | {"Data"}  # DataDirectory is allowed, ItemData is not
STANDARD = set("""
    Actor Any AnyObject Array ArraySlice AsyncSequence Bool Character Clock Codable CodingKey Collection Comparable
    ContiguousArray ContinuousClock Decodable Decoder Dictionary Double Duration Encodable Encoder Equatable Error Float
    Hashable Hasher Identifiable Instant Int Int16 Int32 Int64 Int8 Iterator KeyPath Mirror MutableSpan Never Optional
    OutputSpan Range RawSpan Result Sendable Sequence Set Slice Span String Substring SuspendingClock Task UInt UInt16
    UInt32 UInt64 UInt8 UTF8View Unicode Void
""".split())
# Names of nested types that protocols of the standard library require. Types may have these names although types of the
# standard library have them, too.
REQUIRED = {"Iterator", "Element", "Index"}

TYPE = re.compile(r"\b(?P<kind>class|struct|enum|protocol|actor|typealias)\s+`?(?P<name>[A-Z]\w*)`?")
MODIFIERS = re.compile(r"(?:^|[\n;{}])(?P<modifiers>[^\n;{}]*)$")
TypeName = namedtuple("TypeName", "name line is_nested is_private")


def types_in(code):
    """Returns every type declaration. `code` has no comments and literals."""
    depth_at = depths(code)
    found = []
    for match in TYPE.finditer(code):
        before = MODIFIERS.search(code, 0, match.start())
        modifiers = before.group("modifiers") if before else ""
        found.append(TypeName(match.group("name"), line_of(code, match.start()), depth_at[match.start()] > 0,
                              re.search(r"\b(?:private|fileprivate)\b", modifiers) is not None))
    return found


def depths(code):
    depth, result = 0, []
    for character in code:
        result.append(depth)
        depth += (character == "{") - (character == "}")
    return result


def check_names(path, code, report):
    module = path.split("/")[1] if path.startswith("Sources/") else None
    for name, line, _, _ in types_in(code):
        parts = re.findall(r"[A-Z][a-z]+|[A-Z]+(?![a-z])", name)
        for part in VAGUE_WORDS.intersection(parts[:-1]) | VAGUE_ENDS.intersection(parts[-1:]):
            report.add(path, line, f"{name}: '{part}' says nothing about the type; name what it is")
        if name == module:
            report.add(path, line, f"{name} has the name of its module")
        if name in STANDARD - REQUIRED:
            report.add(path, line, f"{name} has the name of a type in Swift's standard library")


class TopLevelNames:
    """Collects the types at the top level of Sources. Private types and nested types may repeat a name."""

    def __init__(self):
        self.places = defaultdict(list)

    def add(self, path, code):
        for name, line, is_nested, is_private in types_in(code):
            if not is_nested and not is_private:
                self.places[name].append((path, line))

    def check(self, report):
        for name, places in self.places.items():
            for path, line in places[1:]:
                first = ":".join(map(str, places[0]))
                report.add(path, line, f"{name} is also a type at the top level of {first}")
