"""The registry -> the reference part of docs/language.md, so that the document cannot drift from the language.

`python -m seatrial.dsl.reference` prints it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fractions import Fraction
from itertools import takewhile

from .forms import FILE, POLICY, Form, Times
from .names import NAME_RULE
from .phrases import Literal, compiled, spelled
from .quantities import (
    CPU,
    MAGNITUDES,
    MONEY,
    MONEY_PER_TIME,
    NAMES,
    NUMBER,
    PER_UNITS,
    RATE,
    SIZE,
    SIZE_UNITS,
    TIME,
    TIME_UNITS,
)
from .syntax import ESCAPES
from .values import KINDS

_OFTEN = {
    Times.ONCE: "must",
    Times.SOME: "at least one",
    Times.MAYBE: "may",
    Times.EACH: "one of each",
    Times.MANY: "any number",
}

_AS_ELSEWHERE = frozenset({"for", "environment", "template"})
"""What may stand in these are clauses of the fleet, or of a pool."""

_ALSO = {"pool": ", and in `template`"}


def reference() -> str:
    """Markdown: one table a block, from the top of a file inwards, then the kinds of values."""
    lines: list[str] = []
    _section("At the top of a file", FILE, lines)
    done: set[tuple[Form, ...]] = {FILE}
    _inner(FILE, (), done, lines)
    lines += ["### Values", "", "| written in a form as | is | for example |", "| --- | --- | --- |"]
    shown = {kind.shown or name.upper(): kind for name, kind in reversed(KINDS.items())}
    lines += [f"| `{name}` | {kind.title} | `{kind.example}` |" for name, kind in sorted(shown.items())]
    lines += ["", "### Units", "", "| of | units, with what one is | for example |", "| --- | --- | --- |"]
    lines += [f"| {what} | {', '.join(units)} | `{example}` |" for what, units, example in _units()]
    lines += ["", "### Names and texts", ""]
    lines.append(f"{NAME_RULE[0].upper()}{NAME_RULE[1:]}. `x` with a number, as `x2`, is a factor and no name.")
    signs = {"n": "a line end", "r": "a carriage return", "t": "a tab"}
    escapes = ", ".join(f"`\\{letter}` {signs[letter]}" for letter in ESCAPES)
    lines.append("")
    lines.append(
        'A text stands in double quotes on one line. In it `\\"` is a quote, `\\\\` a backslash, '
        f"{escapes}; a backslash before any other character is that character."
    )
    return "\n".join(lines) + "\n"


def _units() -> Iterator[tuple[str, list[str], str]]:
    """A row for each dimension: what a quantity of it is, its units with their worth, and one as it is written."""
    yield NAMES[NUMBER], ["none", *(f"`{one}` {worth:,}" for one, worth in MAGNITUDES.items())], "30M"
    yield "a share", ["`%`", "a fraction `1/50`"], "20%"
    yield "a factor", ["`x` in front"], "x1.5"
    yield NAMES[TIME], [f"`{one}` {_seconds(worth)}" for one, worth in TIME_UNITS.items()], "1500ms"
    per = [f"`/{one}` in {_seconds(worth)}" for one, worth in PER_UNITS.items()]
    yield NAMES[RATE], per, "400/s"
    yield NAMES[MONEY], ["`$` in front, dollars"], "$0.50"
    yield NAMES[MONEY_PER_TIME], ["`$` in front, and behind it the units of a rate"], "$0.68/h"
    sizes = [f"`{one}` {worth:,} bytes" if worth > 1 else f"`{one}` bytes" for one, worth in SIZE_UNITS.items()]
    yield NAMES[SIZE], sizes, "128Mi"
    yield NAMES[CPU], ["none: cores", "`m` thousandths of a core"], "250m"


def _seconds(worth: Fraction) -> str:
    return f"{worth.numerator:,} s" if worth.denominator == 1 else f"1/{worth.denominator:,} s"


def _inner(forms: tuple[Form, ...], trail: tuple[str, ...], done: set[tuple[Form, ...]], lines: list[str]) -> None:
    for form in forms:
        if not form.body or form.body in done or form.key in _AS_ELSEWHERE:
            continue
        done.add(form.body)
        here = (*trail, form.opening)
        title = f"In `{' › '.join(here)}`{_ALSO.get(form.key, '')}"
        if form.body is POLICY:
            title = "In `serves` and `call`: how one side calls another"
        _section(title, form.body, lines)
        _some(form, lines)
        _inner(form.body, here, done, lines)


def _section(title: str, forms: tuple[Form, ...], lines: list[str]) -> None:
    lines += [f"### {title}", "", "| clause | how often | meaning |", "| --- | --- | --- |"]
    for form in forms:
        phrase = spelled(form.phrase).replace("|", "\\|")
        block = " `{ … }`" if form.body else ""
        lines.append(f"| `{phrase}`{block} | {_OFTEN[form.times]} | {form.doc} |")
    lines.append("")


def _some(form: Form, lines: list[str]) -> None:
    """Below the table of a form's block: of which of its clauses at least one must be said."""
    for group in form.some:
        words = dict.fromkeys(f"`{_beginning(one)}`" for one in form.body if one.slot in group)
        lines += [f"At least one of these must be said: {', '.join(words)}.", ""]


def _beginning(form: Form) -> str:
    """The words that a clause begins with."""
    words = takewhile(lambda one: isinstance(one, Literal) and one.text.isalpha(), compiled(form.phrase))
    return " ".join(one.text for one in words if isinstance(one, Literal))


if __name__ == "__main__":
    sys.stdout.write(reference())
