"""A text with `${region}`, `{{ region }}` or `pool-{region}`, as other tools name values -> what to say of each.

Invariant: none in a string or a comment is told; none of them could be read otherwise.
"""

from __future__ import annotations

import re

from .diagnostics import Diagnostic, Fix, Label, Severity
from .quantities import SIZE_UNITS, TIME_UNITS
from .source import COMMENT, STRING, Source, Span

_NAME = r"[A-Za-z_][A-Za-z0-9_]*(?:[-.][A-Za-z0-9_]+)*"
_WAYS = (
    rf"\$\{{({_NAME})(?::?[-?][^}}\n]*)?\}}",
    rf"\$\(({_NAME})\)",
    # Of Helm and Jinja: trimmed, through functions and filters.
    rf"\{{\{{-?[ \t]*(?:(?:\w+[ \t]+)*[$.]{{1,2}})?({_NAME})[ \t]*(?:\|[^}}\n]*|-)?\}}\}}",
    rf"(?<=-)\{{({_NAME})\}}",
)
_UNIT = re.compile(rf"/[a-z]+|%|(?:{'|'.join((*TIME_UNITS, *SIZE_UNITS))})(?![\w$-])")
_APART = re.compile(r"(?<![\w-])")
_STEPS = "if|else|end|range|with|define|block|template|include"
_STEP = rf"\{{\{{-?[ \t]*(?:(?:{_STEPS})\b[^}}\n]*|/\*[^}}]*)\}}\}}|\{{%[^%\n]*%\}}"
_VALUE = r"\{\{-?[ \t]*(?P<value>\$?[0-9][0-9_.]*[A-Za-z%]*(?:/[A-Za-z]+)?)[ \t]*-?\}\}"
_OTHERS = re.compile(rf"{STRING}|{COMMENT}|(?P<step>{_STEP})|{_VALUE}|{'|'.join(_WAYS)}")


def placeholders(source: Source) -> tuple[Diagnostic, ...]:
    found: list[Diagnostic] = []
    for match in _OTHERS.finditer(source.text):
        start, end = match.span()
        if match["step"]:
            found.append(_of_a_template(Span(source, start, end)))
        elif match["value"]:
            found.append(_of_a_value(source, start, end, match["value"]))
        elif match.lastindex:
            name = match[match.lastindex].rpartition(".")[2]
            help_ = f"write `${name}`; a loop gives `{name}` its values, or `let {name} = …`"
            unit = _UNIT.match(source.text, end)
            if unit is not None and _APART.match(source.text, start):
                help_ = f"write `${name}`; the unit belongs to its value: `let {name} = …{unit.group()}`"
                end = unit.end()
            place = Span(source, start, end)
            found.append(not_so_put_in(place, place.text, name, help_))
    return tuple(found)


def not_so_put_in(place: Span, written: str, name: str, help_: str = "") -> Diagnostic:
    message, write = f"`{written}` is not how a name is put in", f"write `${name}`"
    fixes = (Fix(place, f"${name}", write),)
    return Diagnostic("ST0001", Severity.ERROR, message, (Label(place),), help=help_ or write, fixes=fixes)


def _of_a_value(source: Source, start: int, end: int, value: str) -> Diagnostic:
    """A figure in the braces of a template needs none: it is what the template would have put in."""
    unit = _UNIT.match(source.text, end)
    place = Span(source, start, unit.end() if unit is not None else end)
    plain = value + (unit.group() if unit is not None else "")
    fix, message = Fix(place, plain, f"write {plain}"), f"`{place.text}` is a value in the braces of a template"
    return Diagnostic("ST0001", Severity.ERROR, message, (Label(place),), help=fix.text, fixes=(fix,))


def _of_a_template(place: Span) -> Diagnostic:
    message = f"`{place.text}` is a step of a template, which is not carried out here"
    help_ = "`for NAME in …` repeats its block, and `environment NAME { … }` says what differs there"
    return Diagnostic("ST0001", Severity.ERROR, message, (Label(place),), help=help_)
