"""Specs made at random from the registry: every clause, with values of every kind, and nothing said that is an error.

A clause that is added to the registry is made here too. What is made can be read without an error; whether its names
are declared and its figures fit is another matter.
"""

from __future__ import annotations

from string import ascii_lowercase, digits

from hypothesis import strategies as st

from seatrial.dsl.forms import FILE, Form, Times
from seatrial.dsl.names import NAME, NAME_LENGTH
from seatrial.dsl.phrases import Element, Hole, Literal, Optional, Repeat, compiled
from seatrial.dsl.quantities import (
    CPU,
    MONEY,
    MONEY_PER_TIME,
    NUMBER,
    PER_UNITS,
    RATE,
    SIZE,
    SIZE_UNITS,
    TIME,
    TIME_UNITS,
)
from seatrial.dsl.syntax import Kind
from seatrial.dsl.values import KINDS, ValueKind
from seatrial.dsl.versions import LANGUAGE_VERSION

REUSE = frozenset({"use", "let", "template", "for", "environment"})
"""Clauses that are worked off before the others are read; parts of specs stand in them."""

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_PARTS = st.text(ascii_lowercase + digits, min_size=1, max_size=4)
_NAMES = st.builds(
    "{}{}{}".format, st.sampled_from(ascii_lowercase), st.just("") | _PARTS, st.just("") | _PARTS.map("-{}".format)
).filter(
    lambda name: NAME.fullmatch(name) and len(name) <= NAME_LENGTH and not (name[0] == "x" and name[1:2].isdigit())
)
"""By parts: a regular expression that strategies are made of takes a third of all time of drawing."""


@st.composite
def specs(draw: st.DrawFn, *, reuse: bool = True, most: int = 4, comments: bool = False) -> str:
    """The text of a spec. `most`: clauses in a block beyond those that must be said."""
    lines = draw(_body(FILE, reuse, most))
    if comments:
        for at in sorted(draw(st.sets(st.integers(0, len(lines)), max_size=6)), reverse=True):
            if at and draw(st.booleans()):
                lines[at - 1] += f"  # beside {at}"
            else:
                lines.insert(at, f"# over {at}")
    return "\n".join(lines) + "\n"


@st.composite
def clause(draw: st.DrawFn, form: Form, *, reuse: bool = True, most: int = 2) -> list[str]:
    """The lines of one clause of a form, with its block."""
    head = " ".join(draw(_phrase(compiled(form.phrase))))
    some = form.some
    if form.key == "for":
        # A loop that repeats nothing is refused.
        some = (tuple(inner.slot for inner in form.body),)
    if not form.body or (not draw(st.booleans()) and not form.demanded and not some):
        return [head + " {}" if form.key in ("template", "environment") else head]
    return [head + " {", *("  " + line for line in draw(_body(form.body, reuse, most, some))), "}"]


def quoted(text: str) -> str:
    """A text as a string of the language."""
    for char, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(char, escape)
    return f'"{text}"'


def _must(form: Form) -> bool:
    return form.times in (Times.ONCE, Times.SOME)


@st.composite
def _body(
    draw: st.DrawFn, forms: tuple[Form, ...], reuse: bool, most: int, some: tuple[tuple[str, ...], ...] = ()
) -> list[str]:
    open_ = [form for form in forms if reuse or form.key not in REUSE]
    chosen = [form for form in open_ if _must(form)]
    # Of each group at least one is said.
    chosen += [draw(st.sampled_from([form for form in forms if form.slot in group])) for group in some]
    chosen += draw(st.lists(st.sampled_from(open_), max_size=most)) if open_ else []
    said: set[str] = set()
    lines: list[str] = []
    for form in draw(st.permutations(chosen)):
        # A file describes one fleet.
        if form.times not in (Times.MANY, Times.SOME) or form.key == "fleet":
            if form.slot in said:
                continue
            said.add(form.slot)
        lines += draw(clause(form, reuse=reuse, most=max(1, most - 1)))
    return lines


@st.composite
def _phrase(draw: st.DrawFn, elements: tuple[Element, ...]) -> list[str]:
    out: list[str] = []
    for element in elements:
        match element:
            case Literal(text):
                out.append(text)
            case Hole(choices=choices) if choices:
                out.append(" ".join(draw(st.sampled_from(choices))))
            case Hole(field="version"):
                out.append(str(LANGUAGE_VERSION))
            case Hole(kind=kind):
                out.append(draw(values(kind)))
            case Optional(inner):
                out += draw(_phrase(inner)) if draw(st.booleans()) else []
            case Repeat(elements=inner):
                rows = [" ".join(draw(_phrase(inner))) for _ in range(draw(st.integers(1, 3)))]
                out.append(", ".join(_each_once(rows)))
    return out


def _each_once(rows: list[str]) -> list[str]:
    """Without rows that say another figure of the same thing."""
    kept: dict[str, str] = {}
    for row in rows:
        words = [word.partition("/")[0] for word in row.split() if word[0] in ascii_lowercase]
        kept.setdefault(" ".join(words) or row, row)
    return list(kept.values())


def values(kind_name: str) -> st.SearchStrategy[str]:
    """Values of a kind as they are written, ranges where the kind ends in `..`."""
    name = kind_name.removesuffix("..")
    kind = KINDS[name]
    if name == "name":
        return _NAMES
    if name == "quantile":
        return st.sampled_from(["p05", "p50", "p95", "p99", "p999"])
    if kind.items == (Kind.STRING,):
        return _TEXT.map(quoted)
    if kind.items == (Kind.FACTOR,):
        return st.integers(1, 99).map(lambda n: f"x{n}") | st.integers(1, 9).map(lambda n: f"x{n}.5")
    if Kind.QUANTITY not in kind.items or kind.dimension is None:
        others = [st.just(kind.example)]
        others += [_NAMES] if Kind.WORD in kind.items else []
        others += [_TEXT.map(quoted)] if Kind.STRING in kind.items else []
        return st.one_of(*others)
    one = _amounts(kind)
    if not kind_name.endswith(".."):
        return one
    # Both ends in one unit, so that the range does not run backwards.
    bounds = st.tuples(st.integers(1, 99), st.integers(0, 99), _endings(kind))
    money = "$" if kind.dimension in (MONEY, MONEY_PER_TIME) else ""
    return one | bounds.map(lambda ends: f"{money}{ends[0]}{ends[2]}..{money}{ends[0] + ends[1]}{ends[2]}")


def _amounts(kind: ValueKind) -> st.SearchStrategy[str]:
    if kind.percent:
        return (
            st.integers(1 if kind.above_zero else 0, 100).map(lambda n: f"{n}%")
            | st.integers(1, 9).map(lambda n: f"{n}/{n + 1}")
            | st.integers(1, 99).map(lambda n: f"0.{n:02}")
            | st.integers(1, 9).map(lambda n: f"({n}0% / 2)")
        )
    money = "$" if kind.dimension in (MONEY, MONEY_PER_TIME) else ""
    whole = st.integers(1, 9_999).map(lambda n: f"{n:_}") | st.integers(1, 99).map(str)
    numbers = whole if kind.whole else whole | st.integers(1, 999).map(lambda n: f"{n // 10}.{n % 10}5")
    plain = st.tuples(numbers, _endings(kind)).map(lambda both: f"{money}{both[0]}{both[1]}")
    return plain | plain.map(lambda one: f"({one} * 2)") | plain.map(lambda one: f"({one} + {one})")


def _endings(kind: ValueKind) -> st.SearchStrategy[str]:
    per = st.sampled_from(sorted(PER_UNITS)).map(lambda unit: f"/{unit}")
    match kind.dimension:
        case dimension if dimension == TIME:
            return st.sampled_from(sorted(TIME_UNITS))
        case dimension if dimension in (RATE, MONEY_PER_TIME):
            return per
        case dimension if dimension == SIZE:
            # Without parts of a byte, whatever the number.
            return st.sampled_from(sorted(unit for unit, size in SIZE_UNITS.items() if size >= 1000))
        case dimension if dimension == CPU:
            return st.sampled_from(["", "m"])
        case dimension if dimension == NUMBER and kind.whole:
            return st.just("")
        case dimension if dimension == NUMBER:
            return st.sampled_from(["", "k", "M"])
    return st.just("")
