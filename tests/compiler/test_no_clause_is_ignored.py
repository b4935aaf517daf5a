"""Nothing is accepted and then ignored: each clause, and each figure in it, reaches a check, a document or a trial.

For every form of the registry specs that say it are taken, shortest first. The clause is left out, or one of its values
is another, and something that a user gets must differ: a finding, an emitted document, an experiment. A clause that is
added to the language and used by nothing fails here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from seatrial.chaos.experiments.experiment import experiment
from seatrial.compiler.lower import lower
from seatrial.compiler.pipeline import Checked, judge, read
from seatrial.compiler.verify import Status
from seatrial.dsl.clauses import Clause
from seatrial.dsl.diagnostics.codes import CODES, explanation
from seatrial.dsl.forms import ROOT, Form
from seatrial.dsl.phrases import Element, Hole, Optional, Repeat, compiled
from seatrial.dsl.source import Source, Span
from seatrial.targets import NAMES, emit_all, render

SPECS = Path(__file__).parents[2] / "specs"

RARE = "rare.fleet"
"""A spec of what no shipped one says."""

REUSED = frozenset({"use", "let", "template", "for", "environment"})
"""Clauses that are worked off before the others are read: what they leave is judged here, and they in tests/dsl."""

WORDS = frozenset({"name"})
"""Kinds whose value only says which thing is meant; leaving out the clause is their test."""

SAID_ELSEWHERE = {
    "language <version:count>": "there is but one version, and any other is refused",
    "route least loaded": "it is what happens where nothing is said; every other route makes a difference",
    "load <demand:name> replay": "it is what happens to a demand with a trace where nothing is said; every other load "
    "makes a difference",
}
"""Forms that no stage can use, with the reason."""

TELLS_APART = {("latency (points: <quantile:quantile> <latency:duration>)+", "quantile")}
"""Values that only say which one another is: a p50 and a p99 are wanted, each once, and any other is refused."""


@dataclass(frozen=True, slots=True)
class Case:
    """A clause of a text, and how it stands there."""

    source: Source
    clause: Clause


def forms(form: Form = ROOT) -> Iterator[Form]:
    for inner in form.body:
        if inner.key not in REUSED:
            yield inner
            yield from forms(inner)


def all_forms() -> list[Form]:
    return list({id(form): form for form in forms()}.values())


def holes(elements: tuple[Element, ...]) -> Iterator[Hole]:
    for element in elements:
        match element:
            case Hole():
                yield element
            case Optional() | Repeat():
                yield from holes(element.elements)
            case _:
                pass


def texts() -> Iterator[Source]:
    """Every spec that is one text, the shortest first: those that are shipped, and the examples of the messages."""
    paths = [*SPECS.rglob("*.fleet"), Path(__file__).parent / RARE]
    found = [Source(str(path), path.read_text(encoding="utf-8")) for path in paths]
    for code in CODES:
        for number, example in enumerate(re.findall(r"```fleet\n(.*?)```", explanation(code) or "", re.DOTALL)):
            found.append(Source(f"{code}-{number}.fleet", example))
    yield from sorted(found, key=lambda source: len(source.text))


@cache
def said() -> dict[int, list[Case]]:
    """Where each form is said, by its identity."""
    found: dict[int, list[Case]] = {}

    def visit(source: Source, clauses: tuple[Clause, ...]) -> None:
        for clause in clauses:
            if clause.head.source is source:
                found.setdefault(id(clause.form), []).append(Case(source, clause))
            visit(source, clause.children)

    for source in texts():
        reading = read(source)
        if not any(one.is_error for one in reading.diagnostics):
            visit(source, reading.clauses)
    for cases in found.values():
        # What needs much around it to matter has it there; most clauses matter in the shortest specs.
        rare = [case for case in cases if case.source.path.endswith(RARE)]
        cases[:] = [case for case in cases if case not in rare]
        cases[3:3] = rare
    return found


def outcome(text: str, name: str) -> dict[str, Any] | None:
    """All that a user gets of a spec; None where it cannot be read."""
    reading = read(Source(name, text))
    try:
        assets = {demand: Path(path).read_text(encoding="utf-8") for demand, path in reading.traces.items()}
    except OSError:
        return None
    checked = judge(reading, assets)
    if checked.fleet is None:
        return None
    plan = lower(checked.fleet, (), "0", "0")
    documents, told = emit_all(plan, NAMES)
    got: dict[str, Any] = {one.path: render(one, plan) for one in documents}
    got |= {f"finding {one.id}": answer(one) for one in checked.findings}
    got |= {f"trial {one.name}": (experiment(plan, one, 1), one.scale, one.duration_seconds) for one in plan.trials}
    got |= {f"load {one.name}": (one.loads, one.backlogs, one.reports) for one in plan.trials}
    got |= {f"arrivals of {one.name}": one.arrivals_seconds for one in plan.demands}
    # Words about names are no use of a clause: only what is said of figures and targets counts.
    got["warnings"] = sorted((one.code, one.message) for one in (*biting(checked), *told))
    return got


def answer(one: Any) -> tuple[object, ...]:
    if one.status is Status.PROVED:
        return (one.status, one.margin, one.bound, one.caution)
    return (one.status, one.witness, one.reason, one.bound, tuple(repair.text for repair in one.repairs))


def biting(checked: Checked) -> list[Any]:
    return [one for one in checked.diagnostics if not one.code.startswith(("ST0", "ST10", "ST11"))]


def is_refused(text: str) -> bool:
    return outcome(text, "without.fleet") is None


@cache
def plain(source: Source) -> dict[str, Any] | None:
    return outcome(source.text, source.path)


def without(case: Case) -> Iterator[str]:
    """The text without the clause and its block."""
    text, start = case.source.text, case.clause.head.start
    end = end_of(text, case.clause.head.end)
    yield text[:start] + text[end:]


def end_of(text: str, at: int) -> int:
    """Behind the block that opens at `at`, if one does, and behind the `;` that follows."""
    rest = re.compile(r"[ \t]*(\{)?").match(text, at)
    assert rest is not None
    if rest[1]:
        depth, at = 1, rest.end()
        while depth:
            found = re.compile(r'"(?:\\.|[^"\\])*"|#[^\n]*|[{}]').search(text, at)
            assert found is not None
            depth += {"{": 1, "}": -1}.get(found[0], 0)
            at = found.end()
    after = re.compile(r"[ \t]*;").match(text, at)
    return after.end() if after else at


def altered(case: Case, hole: Hole) -> Iterator[str]:
    """The text with another value at the hole, several ways."""
    rows = [case.clause.values, *(row for group in case.clause.groups.values() for row in group)]
    for row in rows:
        value = row.get(hole.field)
        if value is None:
            continue
        for span in (value.span, value.high_span):
            if span is not None and span.source is case.source:
                yield from (put(case.source.text, span, other) for other in others(span.text, hole))
                if len(hole.choices) == 1:
                    # A word that may be left out, alone or with the one before it: `by skill`.
                    before = case.source.text[: span.start].rstrip()
                    yield before + case.source.text[span.end :]
                    yield before[: before.rfind(" ")] + case.source.text[span.end :]


def others(text: str, hole: Hole) -> Iterator[str]:
    if hole.choices:
        words = spelled(hole)
        yield from (word for word in words if word != text)
        return
    if hole.kind == "quantile":
        yield from (word for word in ("p50", "p75", "p95", "p99") if word != text)
        return
    if text.startswith('"'):
        yield '"other"'
        yield '"python -m other --port {port}"'
        return
    number = re.search(r"[0-9][0-9_]*(\.[0-9]+)?", text)
    if number is None:
        return
    value = float(number[0].replace("_", ""))
    for other in (value * 2, value / 2, value + 1, value * 20, value / 20, value - 1):
        if other >= 0 and (other == int(other) or "." in number[0] or "%" in text or value < 2):
            yield text[: number.start()] + f"{other:.6g}" + text[number.end() :]


def put(text: str, span: Span, other: str) -> str:
    return text[: span.start] + other + text[span.end :]


def matters(case: Case, variants: Iterator[str]) -> bool:
    before = plain(case.source)
    if before is None:
        return False
    for text in variants:
        after = outcome(text, case.source.path)
        if after is not None and after != before:
            return True
    return False


def giving(cases: list[Case], hole: Hole) -> list[Case]:
    """Some of those that give a value at the hole."""
    return [case for case in cases if next(altered(case, hole), None) is not None][:60]


def is_used(hole: Hole) -> bool:
    """Whether a value is one of more than spelling: not a name, nor one that is `agent` or `agents`.

    Nor the path and the column of a recording, for no other one is at hand; its speed is a value like any.
    """
    if hole.field in ("path", "column"):
        return False
    if hole.kind.removesuffix("..") in WORDS:
        return False
    words = spelled(hole)
    return len(words) == 1 or len({word.rstrip("s").removesuffix("e") for word in words}) != 1


def spelled(hole: Hole) -> list[str]:
    return [" ".join(choice) for choice in hole.choices]


@pytest.mark.parametrize("form", all_forms(), ids=lambda form: form.phrase)
def test_a_clause_is_used(form: Form) -> None:
    if form.phrase in SAID_ELSEWHERE:
        return
    cases = said().get(id(form), [])
    assert cases, f"no spec says `{form.phrase}`"
    kinds = [hole for hole in holes(compiled(form.phrase)) if is_used(hole)]
    if not kinds and any(is_refused(text) for case in cases[:12] for text in without(case)):
        # It only names something, and others stand on that: without it the spec is not read at all.
        return
    if not any(matters(case, without(case)) for case in cases[:12]):
        # What must be said cannot be left out; then its values must matter.
        assert any(matters(case, altered(case, hole)) for hole in kinds for case in giving(cases, hole)), (
            f"`{form.phrase}` changes nothing that a user gets"
        )


@pytest.mark.parametrize(
    ("form", "hole"),
    [
        pytest.param(form, hole, id=f"{form.phrase} <{hole.field}>")
        for form in all_forms()
        for hole in holes(compiled(form.phrase))
        if is_used(hole) and form.phrase not in SAID_ELSEWHERE and (form.phrase, hole.field) not in TELLS_APART
    ],
)
def test_a_value_is_used(form: Form, hole: Hole) -> None:
    cases = giving(said().get(id(form), []), hole)
    assert cases, f"no spec gives <{hole.field}> of `{form.phrase}`"
    assert any(matters(case, altered(case, hole)) for case in cases), (
        f"<{hole.field}> of `{form.phrase}` changes nothing that a user gets"
    )
