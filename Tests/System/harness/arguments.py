"""Reads the NAME=value arguments of a test from the table of its parameters."""

import re
from collections import namedtuple

# A parameter of a test. `read` turns text into the parameter's value, or raises ValueError with the allowed values;
# `default` is a value, not text.
Parameter = namedtuple("Parameter", "name read default help")

SIZES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


class ArgumentError(Exception):
    """An argument is unknown or has a value that is not allowed. The text says which values are."""


class Values:
    """The values of a test's parameters, as attributes with lower-case names."""

    def __init__(self, by_name):
        for name, value in by_name.items():
            setattr(self, name.lower(), value)


def whole_number(minimum=0):
    def read(text):
        if not re.fullmatch(r"\d{1,12}", text) or int(text) < minimum:
            raise ValueError(f"a whole number of at least {minimum}")
        return int(text)
    return read


def number(text):
    if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text):
        raise ValueError("a number of at least 0")
    return float(text)


def one_of(*words):
    def read(text):
        if text not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return text
    return read


def text(given):
    return given


def flag(given):
    if given not in ("0", "1"):
        raise ValueError("0 or 1")
    return given == "1"


def byte_size(given):
    """Returns the text as it is, for a flag of hedgehogdb; `bytes_of` converts it."""
    bytes_of(given)
    return given


def bytes_of(size):
    match = re.fullmatch(r"(\d{1,9})(B|KiB|MiB|GiB)?", size)
    if not match:
        raise ValueError("a size such as 512KiB, 2MiB or 1GiB")
    return int(match.group(1)) * SIZES[match.group(2) or "B"]


def read_arguments(parameters, arguments):
    """Returns a dictionary from the name of each parameter to its given or default value."""
    by_name = {parameter.name: parameter for parameter in parameters}
    values = {parameter.name: parameter.default for parameter in parameters}
    given = set()
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if not equals:
            raise ArgumentError(f"'{argument}' is not an argument; arguments have the form NAME=value")
        if name not in by_name:
            raise ArgumentError(f"there is no parameter {name}; the parameters are {', '.join(by_name) or 'none'}")
        if name in given:
            raise ArgumentError(f"{name} is given twice")
        given.add(name)
        try:
            values[name] = by_name[name].read(value)
        except ValueError as allowed:
            raise ArgumentError(f"{name} must be {allowed}, not '{value}'") from None
    return values


def table_of(parameters):
    """The lines of a help text, one for each parameter."""
    for parameter in parameters:
        default = "" if parameter.default is None else f" ({parameter.default})"
        yield f"  {parameter.name:14} {parameter.help}{default}"
