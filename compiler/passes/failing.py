"""Clauses -> what agents do when they fail or are too busy, and the two sides of bulkheads."""

from __future__ import annotations

from fractions import Fraction

from seatrial.dsl.clauses import Clause
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..model import Bulkhead, Degrade, Restarts, Skill, Stated
from . import stated
from .symbols import Symbols
from .world import spread

_LANGUAGE = "the language's own default"


def restarts(health: Clause) -> Restarts | None:
    pause, backoff, elsewhere = health.child("pause"), health.child("backoff"), health.child("elsewhere")
    if pause is None and backoff is None and elsewhere is None:
        return None
    first, cap = _range(backoff) if backoff is not None else (None, None)
    return Restarts(health.head, stated.maybe_amount(pause, "share"), first, cap, elsewhere is not None)


def _range(clause: Clause) -> tuple[Stated[Fraction], Stated[Fraction]]:
    first, value = stated.amount(clause, "wait"), clause.values["wait"]
    if value.high is None or value.high_span is None:
        return first, first
    return first, Stated(value.high, value.high_span, stated.text_of(clause))


def degrade(pool: Clause, found: list[Diagnostic]) -> tuple[Degrade, ...]:
    """The steps as written; a later one begins above an earlier."""
    steps: list[Degrade] = []
    for clause in pool.all("degrade"):
        service = clause.child("service")
        if service is None:
            continue
        mean, tail = stated.amount(service, "mean"), stated.maybe_amount(service, "tail")
        spread(mean, tail, "the mean", found)
        one = Stated(Fraction(1), clause.head, "carries x1", _LANGUAGE)
        above = stated.amount(clause, "busy")
        if steps and above.value <= steps[-1].above_busy.value:
            found.append(
                Diagnostic(
                    "ST1106",
                    Severity.ERROR,
                    "a further step begins before the one that it follows",
                    (Label(above.span, "this step"), Label(steps[-1].above_busy.span, "the one before")),
                    help="write the steps in the order of their shares, each above the last",
                )
            )
        steps.append(
            Degrade(
                at=clause.head,
                answer=clause.values["step"].text,
                above_busy=above,
                service_mean_seconds=mean,
                service_p99_seconds=tail,
                makes_calls=clause.child("calls") is None,
                carries=stated.maybe_amount(clause.child("carries"), "factor") or one,
            )
        )
    return tuple(steps)


def skills(pool: Clause, found: list[Diagnostic]) -> tuple[Skill, ...]:
    """Shares that are not said are equal parts of what the others leave."""
    clause = pool.child("skills")
    if clause is None:
        return ()
    rows = clause.groups["skills"]
    names = [row["skill"] for row in rows]
    for index, name in enumerate(names):
        first = next(other for other in names if other.text == name.text)
        if first is not names[index]:
            labels = (Label(name.span, "again here"), Label(first.span, "first named here"))
            found.append(Diagnostic("ST1010", Severity.ERROR, f"the skill `{name.text}` is named twice", labels))
    said = sum((row["share"].amount for row in rows if "share" in row), Fraction(0))
    open_ = sum("share" not in row for row in rows)
    if said > 1 or (open_ and said == 1):
        found.append(
            Diagnostic(
                "ST1104",
                Severity.ERROR,
                f"the shares of the skills come to {float(said * 100):g} %",
                (Label(clause.head),),
                help="they are shares of the pool's requests: together at most 100%, and something for each skill",
            )
        )
        return ()
    rest = (1 - said) / open_ if open_ else Fraction(0)
    return tuple(
        Skill(
            row["skill"].text,
            stated.in_row(clause, row, "share")
            if "share" in row
            else Stated(rest, row["skill"].span, f"{float(rest * 100):g}%", "an equal part of the requests"),
        )
        for row in rows
    )


def bulkhead(clause: Clause, symbols: Symbols, found: list[Diagnostic]) -> Bulkhead | None:
    sides: list[tuple[Stated[str], ...]] = []
    for side in ("left", "right"):
        names = [row[side] for row in clause.groups[side]]
        unknown = [name for name in names if not symbols.find(name, ("pool", "demand"), found)]
        if unknown:
            return None
        sides.append(tuple(Stated(name.text, name.span, stated.text_of(clause)) for name in names))
    for name in sides[1]:
        same = [other for other in sides[0] if other.value == name.value]
        if same:
            labels = (Label(name.span, "again here"), Label(same[0].span, "named on the other side here"))
            help_ = "name others here: what fails on one side of a bulkhead leaves the other as it was"
            found.append(
                Diagnostic("ST1010", Severity.ERROR, f"`{name.value}` stands on both sides", labels, help=help_)
            )
            return None
    return Bulkhead(clause.head, *sides)
