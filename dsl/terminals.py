"""The terminals of the grammar and their regular expressions, as they stand in `grammar.lark`.

They are read off its lines and not asked of lark: sound texts are read without it (`runs.py`), and to load it and have
it make its tables takes as long as 200 pools take to be read. A test compares them with what lark makes of the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_TERMINAL = re.compile(r'^(\w+)(?:\.([0-9]+))?: (?:/(.+)/|"(.+)")$', re.MULTILINE)
_IGNORED = re.compile(r"^%ignore (\w+)$", re.MULTILINE)


@cache
def grammar() -> str:
    assert __package__ is not None
    return files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")


@cache
def terminals() -> Mapping[str, str]:
    """In the order in which they are tried at a place: those with a priority first."""
    found = sorted(_TERMINAL.findall(grammar()), key=lambda one: -int(one[1] or 0))
    return {name: pattern or re.escape(text) for name, _, pattern, text in found}


@cache
def ignored() -> tuple[str, ...]:
    """Those that may stand before and behind any other."""
    return tuple(_IGNORED.findall(grammar()))
