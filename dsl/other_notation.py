"""A text under a name of another notation -> what to say of it, once.

Read on, YAML under the name of a .fleet would be told of line by line, and `fmt` would take away its indentation.
Invariant: no spec in the notation that its name tells is taken for another one.
"""

from __future__ import annotations

import re

from .diagnostics import Diagnostic, Label, Severity
from .source import Source, Span

_BEFORE = r"(?:\s|\ufeff|#[^\n\r]*+|---|%YAML[^\n\r]*+|language[ \t]*:[^\n\r]*+|\$schema[ \t]*:[^\n\r]*+)*+"
_MAPPING = re.compile(_BEFORE + r"(?:(?P<json>\{)\s*\"|(?P<yaml>[a-z_]+:)(?:[ \t]*+(?:#[^\n\r]*+)?[\r\n]|[ \t]+[\[{]))")
"""A key with nothing or a mapping behind it: a slip in a .fleet, `agents: 3`, has a value there."""
_TEXT = re.compile(
    r"(?:\s|\ufeff|#[^\n\r]*+|language[ \t]+[0-9]+|use[ \t]+\"[^\"\n\r]*\")*+(fleet[ \t]+[^\s:]+)[^\n\r:]*\{"
)


_NAMES = {"json": "JSON", "yaml": "YAML", "yml": "YAML"}


def of_a_mapping(source: Source) -> Diagnostic | None:
    """Of YAML or JSON where a .fleet text is to stand."""
    found = _MAPPING.match(source.text)
    if found is None:
        return None
    name = "JSON" if found["json"] else "YAML"
    group = "json" if found["json"] else "yaml"
    if source.path.startswith("<change"):
        help_ = "a change is said as the language says it, also of a spec in YAML: `pool triage agents 10..200`"
    else:
        help_ = _by_name(source, name.lower())
    place = Span(source, *found.span(group))
    return Diagnostic("ST0001", Severity.ERROR, f"this is {name}, and no .fleet text", (Label(place),), help=help_)


def of_a_text(source: Source) -> Diagnostic | None:
    """Of a .fleet text where YAML or JSON is to stand."""
    found = _TEXT.match(source.text)
    if found is None:
        return None
    wanted = _NAMES.get(source.path.rpartition(".")[2].lower(), "YAML or JSON")
    message = f"this is a .fleet text, and no {wanted}"
    place = Span(source, *found.span(1))
    return Diagnostic("ST0101", Severity.ERROR, message, (Label(place),), help=_by_name(source, "fleet"))


def _by_name(source: Source, ending: str) -> str:
    """A notation is known by the ending of a name."""
    if source.path.startswith("<"):
        return f"say how it is written: `--stdin-filename spec.{ending}`"
    if source.path.endswith(f".{ending}"):
        return "its name tells how it is written: leave `--from` out"
    return f"a spec is read as its name ends: call it `{source.path.rpartition('/')[2].partition('.')[0]}.{ending}`"
