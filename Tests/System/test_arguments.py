"""Tests of the arguments of system tests. `make lint` runs them."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness.arguments import (ArgumentError, Parameter, byte_size, bytes_of, number, one_of,  # noqa: E402
                               read_arguments, whole_number)

PARAMETERS = [Parameter("ROUNDS", whole_number(1), 50, "rounds"), Parameter("FACTOR", number, 2.0, "factor"),
              Parameter("PROFILE", one_of("usual", "grace"), "usual", "profile"),
              Parameter("BUDGET", byte_size, "1GiB", "budget")]


class ArgumentTests(unittest.TestCase):
    def assert_refused(self, arguments, *words):
        with self.assertRaises(ArgumentError) as raised:
            read_arguments(PARAMETERS, arguments)
        for word in words:
            self.assertIn(word, str(raised.exception))

    def test_defaults_hold_for_what_is_not_given(self):
        self.assertEqual(read_arguments(PARAMETERS, ["ROUNDS=3"]),
                         {"ROUNDS": 3, "FACTOR": 2.0, "PROFILE": "usual", "BUDGET": "1GiB"})

    def test_an_unknown_name_is_refused_with_the_names_that_exist(self):
        self.assert_refused(["ROUND=1"], "no parameter ROUND", "ROUNDS, FACTOR, PROFILE, BUDGET")

    def test_a_wrong_value_is_refused_with_what_is_allowed(self):
        self.assert_refused(["ROUNDS=x"], "ROUNDS must be a whole number of at least 1, not 'x'")
        self.assert_refused(["ROUNDS=0"], "at least 1")
        self.assert_refused(["ROUNDS="], "not ''")
        self.assert_refused(["FACTOR=-1"], "FACTOR must be a number")
        self.assert_refused(["PROFILE=other"], "one of usual, grace")
        self.assert_refused(["BUDGET=1TB"], "a size such as 512KiB")

    def test_an_argument_without_a_value_or_given_twice_is_refused(self):
        self.assert_refused(["fast"], "NAME=value")
        self.assert_refused(["ROUNDS=1", "ROUNDS=2"], "ROUNDS is given twice")

    def test_sizes_are_converted_to_bytes(self):
        self.assertEqual([bytes_of(size) for size in ("0", "7B", "2MiB")], [0, 7, 2 << 20])


if __name__ == "__main__":
    unittest.main()
