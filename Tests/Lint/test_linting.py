"""Tests of scripts/lint: each rule finds a planted fault and accepts correct text. `make lint` runs them."""

import os
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "scripts"))

from linting.banned_words import check_banned, read_table  # noqa: E402
from linting.lengths import check_lengths  # noqa: E402
from linting.naming import TopLevelNames, check_names, types_in  # noqa: E402
from linting.prose import blocks_of  # noqa: E402
from linting.python_rules import check_python  # noqa: E402
from linting.report import Report, SourceFile  # noqa: E402
from linting.shell_rules import check_shell  # noqa: E402
from linting.swift_rules import check_functions, check_imports, check_importers, check_unsafe  # noqa: E402
from linting.swift_source import code_only  # noqa: E402

BANS = read_table()


def faults_of(rule, *arguments):
    report = Report()
    rule(*arguments, report)
    return report.lines


def banned(path, text):
    source = SourceFile(path, text)
    return faults_of(check_banned, source, code_only(text) if source.kind == "swift" else "", BANS)


def names(path, text):
    report = Report()
    check_names(path, code_only(text), report)
    return report.lines


class BannedFormsTests(unittest.TestCase):
    def assert_banned(self, path, text, line, word):
        found = banned(path, text)
        self.assertEqual([fault.split(";")[0] for fault in found], [f"{path}:{line}: '{word}' is banned"])

    def test_a_comment_that_begins_with_of_is_banned(self):
        self.assert_banned("a.swift", "/// Of all nodes.\nlet a = 1\n", 1, "Of")

    def test_a_later_sentence_that_begins_with_of_is_banned(self):
        self.assert_banned("a.swift", "/// The size.\n/// It is a limit. Of\n/// the page.\n", 2, "Of")

    def test_each_sentence_fragment_is_banned(self):
        for word in ("By which", "Nil of", "Whoever", "Who", "What"):
            self.assert_banned("a.swift", f"// {word} the node sees.\n", 1, word)

    def test_a_question_may_begin_with_what(self):
        self.assertEqual(banned("a.md", "# What is a hint?\n\nA write for a node that is down.\n"), [])

    def test_nil_where_and_words_inside_a_sentence_are_allowed(self):
        self.assertEqual(banned("a.swift", "/// Nil where no node answers, which is what one of them sends.\n"), [])

    def test_a_comment_after_code_is_a_block_of_its_own(self):
        self.assert_banned("a.swift", "let a = 1 // the size\nlet b = 2 // What follows\n", 2, "What")

    def test_a_string_literal_is_not_a_comment(self):
        self.assertEqual(banned("a.swift", 'let a = "// Of crowded Organs"\n'), [])

    def test_a_c_comment_is_checked(self):
        self.assert_banned("a.h", "/* Of the parser. */\nint a;\n", 1, "Of")

    def test_a_python_docstring_and_comment_are_checked(self):
        self.assert_banned("a.py", 'def a():\n    """Whoever calls."""\n', 2, "Whoever")
        self.assert_banned("a.py", "a = 1\n# Of the page.\n", 2, "Of")

    def test_a_shell_comment_is_checked(self):
        self.assert_banned("a.sh", "#!/bin/sh\n# Of the node.\necho '# Of'\n", 2, "Of")

    def test_yaml_comments_and_descriptions_are_checked(self):
        self.assert_banned("a.yml", "# Of the job.\njob: 1\n", 1, "Of")
        self.assert_banned("a.yml", "annotations:\n  description: >-\n    The node is up.\n    Of late.\n", 4, "Of")

    def test_the_description_of_a_dashboard_is_checked(self):
        self.assert_banned("a.json", '{\n"description": "Who is alive."\n}\n', 2, "Who")

    def test_paragraphs_list_items_headings_and_cells_of_markdown_are_checked(self):
        self.assert_banned("docs/a.md", "A node.\n\nOf it.\n", 3, "Of")
        self.assert_banned("docs/a.md", "- a node\n- Of it, the size\n", 2, "Of")
        self.assert_banned("docs/a.md", "## Of consistency\n", 1, "Of")
        self.assert_banned("docs/a.md", "| a | b |\n|---|---|\n| one | Of it, one |\n", 3, "Of")
        self.assertEqual(banned("docs/a.md", "## What strong means\n"), [])

    def test_code_in_markdown_is_not_checked(self):
        self.assertEqual(banned("docs/a.md", "Run:\n\n    echo Whoever\n\n```\nOf\n```\n"), [])

    def test_words_of_the_old_vocabulary_are_banned_in_prose(self):
        for word in ("turn of the loop", "the first system", "with a finger", "crowded", "heard", "owes", "mended"):
            self.assert_banned("docs/a.md", f"It is a {word} here.\n", 1, word)

    def test_a_machine_readable_value_in_code_quotes_is_allowed(self):
        self.assertEqual(banned("docs/a.md", "The decision is `crowded` or `sampled`.\n"), [])

    def test_old_names_are_banned_in_code_comments_and_file_names(self):
        self.assert_banned("a.swift", "let parts: MemberParts\n", 1, "MemberParts")
        self.assert_banned("a.swift", "queue.turnAway(request)\n", 1, "turnAway")
        self.assert_banned("docs/a.md", "See `KeyOnReplicas`.\n", 1, "KeyOnReplicas")
        self.assert_banned("FormedMember+Purge.swift", "let a = 1\n", 1, "FormedMember")

    def test_a_new_name_that_contains_an_old_word_is_allowed(self):
        self.assertEqual(banned("a.swift", "let shared = hearts; let knows = 1\n"), [])

    def test_the_glossary_is_exempt(self):
        self.assertEqual(banned("docs/glossary.md", "Organs: whoever owes.\n"), [])

    def test_every_entry_of_the_table_has_a_replacement(self):
        self.assertTrue(all(ban.instead for ban in BANS))


class NamingTests(unittest.TestCase):
    def test_a_type_with_the_name_of_its_module_is_found(self):
        self.assertEqual(names("Sources/HTTPServer/Server.swift", "package final class HTTPServer {}\n"),
                         ["Sources/HTTPServer/Server.swift:1: HTTPServer has the name of its module"])

    def test_a_type_that_shadows_the_standard_library_is_found_at_any_depth(self):
        for text in ("struct Duration {}\n", "struct A {\n    enum Result { case ok }\n}\n",
                     "extension A {\n    typealias Clock = Int\n}\n"):
            self.assertEqual(len(names("Sources/Base/A.swift", text)), 1, text)

    def test_an_iterator_and_the_use_of_a_type_are_allowed(self):
        text = "struct A: Sequence {\n    struct Iterator {}\n    let result: Result<Int, Never>\n}\n"
        self.assertEqual(names("Sources/Base/A.swift", text), [])

    def test_a_vague_name_is_found(self):
        self.assertEqual(len(names("Sources/Base/A.swift", "struct ItemData {}\nclass RingManager {}\n")), 2)

    def test_a_class_member_is_not_a_type(self):
        self.assertEqual(types_in("class func Make() {}\nclass var a = 1\n"), [])

    def test_two_types_of_one_name_at_the_top_level_are_found(self):
        top_level = TopLevelNames()
        top_level.add("Sources/A/One.swift", "struct Exchange {}\n")
        top_level.add("Sources/B/Two.swift", "\npackage final class Exchange {}\n")
        self.assertEqual(faults_of(top_level.check),
                         ["Sources/B/Two.swift:2: Exchange is also a type at the top level of Sources/A/One.swift:1"])

    def test_nested_and_private_types_may_repeat_a_name(self):
        top_level = TopLevelNames()
        top_level.add("Sources/A/One.swift", "struct Exchange {}\n")
        top_level.add("Sources/A/Two.swift", "private struct Exchange {}\nextension B {\n    struct Exchange {}\n}\n")
        self.assertEqual(faults_of(top_level.check), [])


class LengthTests(unittest.TestCase):
    def test_long_lines_blanks_and_unfinished_work_are_found(self):
        for line in ("x" * 121, "blank ", "TO" + "DO: later"):
            self.assertEqual(len(faults_of(check_lengths, "a", line + "\n")), 1, line)
        self.assertEqual(faults_of(check_lengths, "a", "x" * 120 + "\n"), [])

    def test_a_long_file_is_found(self):
        self.assertEqual(len(faults_of(check_lengths, "a", "x\n" * 601)), 1)
        self.assertEqual(faults_of(check_lengths, "a", "x\n" * 600), [])

    def test_a_long_python_function_is_found(self):
        self.assertEqual(len(faults_of(check_python, "a", "def a():\n" + "    a = 1\n" * 70)), 1)
        self.assertEqual(faults_of(check_python, "a", "def a():\n" + "    a = 1\n" * 69), [])

    def test_python_that_does_not_parse_is_found(self):
        self.assertEqual(len(faults_of(check_python, "a", "def a(:\n")), 1)

    def test_a_long_or_deeply_nested_swift_function_is_found(self):
        figures = {"functions": []}
        deep = "func a() {\n if x { if x { if x { if x {} } } }\n}\n"
        for code in ("func a() {\n" + "x()\n" * 69 + "}\n", deep):
            report = Report()
            check_functions("Sources/A/A.swift", code, report, figures)
            self.assertEqual(len(report.lines), 1)


class SwiftTests(unittest.TestCase):
    def test_unsafe_code_needs_a_reason(self):
        text = "final class A: @unchecked Sendable {}\n"
        self.assertEqual(len(faults_of(check_unsafe, "Sources/A/A.swift", text, text)), 1)
        explained = "// One lock guards all properties.\n" + text
        self.assertEqual(faults_of(check_unsafe, "Sources/A/A.swift", explained, text), [])

    def test_forced_operations_are_found(self):
        self.assertEqual(len(faults_of(check_unsafe, "Sources/A/A.swift", "", "let a = try! b()\n")), 1)

    def test_imports_follow_the_layers(self):
        for path, code in (("Sources/HTTP/A.swift", "import Reactor\n"),
                           ("Sources/Base/A.swift", "import Foundation\n")):
            report = Report()
            check_imports(path, code, report, {})
            self.assertEqual(len(report.lines), 1, code)

    def test_one_module_imports_a_c_library(self):
        importers = {"CLibuv": {"Reactor": ("a", 1), "Storage": ("b", 1)}}
        self.assertEqual(len(faults_of(check_importers, importers)), 2)


class ShellTests(unittest.TestCase):
    def test_a_script_without_strict_mode_usage_and_executable_bit_is_found(self):
        self.assertEqual(len(faults_of(check_shell, "missing", "#!/bin/sh\necho\n")), 3)


class ProseTests(unittest.TestCase):
    def test_adjacent_comment_lines_are_one_block(self):
        found = blocks_of(SourceFile("a.swift", "/// One\n/// block.\n///\n/// Another.\nlet a = 1\n// A third.\n"))
        self.assertEqual([block.text for block in found], ["One\nblock.", "Another.", "A third."])


if __name__ == "__main__":
    unittest.main()
