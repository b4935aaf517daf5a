"""The registry -> the reference part of docs/language.md, so that the document cannot drift from the language.

`python -m seatrial.dsl.reference` prints it.
"""

from __future__ import annotations

import sys

from .forms import FILE, POLICY, Form, Times
from .phrases import spelled
from .values import KINDS

_OFTEN = {Times.ONCE: "must", Times.SOME: "at least one", Times.MAYBE: "may", Times.MANY: "any number"}

_AS_IN_FLEETS = frozenset({"for", "environment"})
"""What may stand in these are clauses of the fleet."""


def reference() -> str:
    """Markdown: one table a block, from the top of a file inwards, then the kinds of values."""
    lines: list[str] = []
    _section("At the top of a file", FILE, lines)
    done: set[tuple[Form, ...]] = {FILE}
    _inner(FILE, (), done, lines)
    lines += ["### Values", "", "| written in a form as | is | for example |", "| --- | --- | --- |"]
    shown = {kind.shown or name.upper(): kind for name, kind in reversed(KINDS.items())}
    lines += [f"| `{name}` | {kind.title} | `{kind.example}` |" for name, kind in sorted(shown.items())]
    return "\n".join(lines) + "\n"


def _inner(forms: tuple[Form, ...], trail: tuple[str, ...], done: set[tuple[Form, ...]], lines: list[str]) -> None:
    for form in forms:
        if not form.body or form.body in done or form.key in _AS_IN_FLEETS:
            continue
        done.add(form.body)
        here = (*trail, form.opening)
        title = (
            "In `serves` and `call`: how one side calls another" if form.body is POLICY else f"In `{' › '.join(here)}`"
        )
        _section(title, form.body, lines)
        _inner(form.body, here, done, lines)


def _section(title: str, forms: tuple[Form, ...], lines: list[str]) -> None:
    lines += [f"### {title}", "", "| clause | how often | meaning |", "| --- | --- | --- |"]
    for form in forms:
        phrase = spelled(form.phrase).replace("|", "\\|")
        block = " `{ … }`" if form.body else ""
        lines.append(f"| `{phrase}`{block} | {_OFTEN[form.times]} | {form.doc} |")
    lines.append("")


if __name__ == "__main__":
    sys.stdout.write(reference())
