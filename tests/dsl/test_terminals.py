"""The terminals are read off the grammar as lark understands them, which is left alone where nothing is wrong."""

from __future__ import annotations

import subprocess
import sys

from lark import Lark

from seatrial.dsl.terminals import grammar, ignored, terminals


def test_the_terminals_are_those_that_lark_makes_of_the_grammar() -> None:
    made = Lark(grammar(), parser="lalr", lexer="basic")
    by_priority = sorted(made.terminals, key=lambda one: -one.priority)
    # Where the file has an escape lark has the character.
    escaped = {one.name: one.pattern.to_regexp() for one in by_priority}
    read = {name: pattern.encode().decode("raw_unicode_escape") for name, pattern in terminals().items()}
    for name, pattern in read.items():
        assert pattern.replace(r"\n", "\n").replace(r"\r", "\r").replace(r"\t", "\t") == escaped[name], name
    assert list(read) == list(escaped)
    assert list(ignored()) == made.ignore_tokens


def test_a_sound_text_is_read_without_lark() -> None:
    program = """
import sys
from seatrial.compiler.pipeline import read
from seatrial.dsl.source import Source
assert not read(Source("t.fleet", 'fleet f "F" { pool a { agents 3 } }')).diagnostics
assert "lark" not in sys.modules
assert read(Source("t.fleet", "fleet f { ] }")).diagnostics
assert "lark" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
