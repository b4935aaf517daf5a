"""A text with `${region}`, `{{ region }}` or `pool-{region}`, as other tools name values -> what to say of each.

Invariant: none in a string or a comment is told; none of them could be read otherwise.
"""

from __future__ import annotations

import re

from .diagnostics import Diagnostic, Fix, Label, Severity
from .source import COMMENT, STRING, Source, Span

_NAME = r"[A-Za-z_][A-Za-z0-9_]*(?:[-.][A-Za-z0-9_]+)*"
_WAYS = (
    rf"\$\{{({_NAME})\}}",
    rf"\$\(({_NAME})\)",
    rf"\{{\{{[ \t]*[$.]?({_NAME})[ \t]*\}}\}}",
    rf"(?<=-)\{{({_NAME})\}}",
)
_OTHERS = re.compile("|".join((STRING, COMMENT, *_WAYS)))


def placeholders(source: Source) -> tuple[Diagnostic, ...]:
    found: list[Diagnostic] = []
    for match in _OTHERS.finditer(source.text):
        if match.lastindex:
            name = match[match.lastindex].rpartition(".")[2]
            help_ = f"write `${name}`; a loop gives `{name}` its values, or `let {name} = …`"
            found.append(not_so_put_in(Span(source, match.start(), match.end()), match.group(), name, help_))
    return tuple(found)


def not_so_put_in(place: Span, written: str, name: str, help_: str = "") -> Diagnostic:
    message, write = f"`{written}` is not how a name is put in", f"write `${name}`"
    fixes = (Fix(place, f"${name}", write),)
    return Diagnostic("ST0001", Severity.ERROR, message, (Label(place),), help=help_ or write, fixes=fixes)
