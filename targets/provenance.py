"""A document -> for each of its fields, what it follows from.

Turns the variations of a spec into documents and compares: what moves with a clause comes from it. Invariant: nothing
here knows a field or a clause, so the answer cannot fall behind the emitters; what nothing moves is the target's own.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import PurePosixPath

from seatrial.compiler.excerpt import excerpt, outside
from seatrial.compiler.lower import lower, quoted
from seatrial.compiler.model import Fleet
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import Checked
from seatrial.compiler.plan import Plan
from seatrial.compiler.variations import Nature, Origin, Variations
from seatrial.compiler.verify import Finding
from seatrial.dsl.clauses import Clause

from .base import Document
from .registry import emit_all

Steps = tuple[str | int, ...]
"""The way to a field: keys and places in lists."""


@dataclass(frozen=True, slots=True)
class Field:
    """`origins` is empty for what no clause moves. `made`: what else it follows from: version, digest, a proof."""

    steps: Steps
    value: object
    origins: tuple[Origin, ...]
    made: str = ""

    @property
    def path(self) -> str:
        """`spec.ports[0].port`, and `["a.b/c"]` for a key that is no word."""
        text = ""
        for step in self.steps:
            if isinstance(step, int):
                text += f"[{step}]"
            elif step.replace("_", "").replace("-", "").isalnum():
                text += f".{step}" if text else step
            else:
                text += f"[{json.dumps(step, ensure_ascii=False)}]"
        return text


@dataclass(frozen=True, slots=True)
class Provenance:
    """`exists`: the clauses without which there is no such document."""

    path: str
    exists: tuple[Origin, ...]
    fields: tuple[Field, ...]


def provenance(
    checked: Checked, plan: Plan, assets: Mapping[str, str], names: Collection[str], path: str
) -> Provenance:
    """Of the document that is written at `path`; KeyError where there is none."""
    assert checked.fleet is not None, "a spec without a plan has no documents"
    finding = _Finding(plan, checked.findings, names, path)
    clauses = checked.reading.clauses
    return _by_excerpt(finding, clauses, assets) or finding.explained(Variations(clauses, assets), checked.fleet)


def _by_excerpt(finding: _Finding, clauses: Sequence[Clause], assets: Mapping[str, str]) -> Provenance | None:
    """By the clauses that the document can be about, where it is the same without the others, whatever they say."""
    part = excerpt(clauses, finding.path, json.dumps(finding.body, default=str))
    if part is None:
        return None
    fleet, _ = resolve(part, assets)
    if fleet is None or finding.matters(fleet):
        return None
    other = Variations(clauses, assets).beside(outside(clauses, part))
    if other is not None and finding.matters(other):
        return None
    return _Finding(finding.lowered(fleet), finding.findings, finding.names, finding.path).explained(
        Variations(part, assets), fleet
    )


class _Finding:
    def __init__(self, plan: Plan, findings: tuple[Finding, ...], names: Collection[str], path: str) -> None:
        self.plan, self.findings, self.names, self.path = plan, quoted(findings), names, path
        # One target makes it; the folder's own file lists what all of them make.
        first = PurePosixPath(path).parts[0]
        self.only = first if first in names else None
        documents = emit_all(plan, names, self.only)[0]
        self.count = len(documents)
        self.place = next((at for at, one in enumerate(documents) if one.path == path), -1)
        if self.place < 0:
            raise KeyError(path)
        self.body = documents[self.place].body

    def explained(self, variations: Variations, whole: Fleet) -> Provenance:
        moved: dict[Steps, dict[Origin, None]] = {steps: {} for steps, _ in _leaves(self.body, ())}
        exists: dict[Origin, None] = {}
        for variation in variations.around(self.matters):
            for fleet in variation.tries:
                other = fleet()
                if other is None:
                    continue
                found = self._document(self.lowered(other), variation.origin.nature is Nature.NAME)
                if found is None:
                    exists[variation.origin] = None
                    continue
                for steps in _moved(self.body, found.body, ()):
                    moved[steps][variation.origin] = None
        made = self._made(whole)
        return Provenance(
            self.path,
            _telling(exists),
            tuple(
                Field(steps, value, _telling(moved[steps]), made.get(steps, ""))
                for steps, value in _leaves(self.body, ())
            ),
        )

    def lowered(self, fleet: Fleet) -> Plan:
        return lower(fleet, self.findings, self.plan.version, self.plan.digest)

    def matters(self, fleet: Fleet) -> bool:
        found = self._document(self.lowered(fleet), False)
        return found is None or found.body != self.body

    def _document(self, plan: Plan, renamed: bool) -> Document | None:
        documents = emit_all(plan, self.names, self.only)[0]
        if renamed and len(documents) == self.count:
            return documents[self.place]
        return next((one for one in documents if one.path == self.path), None)

    def _made(self, fleet: Fleet) -> dict[Steps, str]:
        """What follows from the tool and the proof, and from no clause alone."""
        plan = self.plan
        others = {
            "the version of seatrial": lower(fleet, self.findings, plan.version + "x", plan.digest),
            "the digest of the spec's files": lower(fleet, self.findings, plan.version, "0" * len(plan.digest)),
            "what the checker proved": lower(fleet, (), plan.version, plan.digest),
        }
        found: dict[Steps, list[str]] = {}
        for what, other in others.items():
            document = self._document(other, False)
            for steps in _moved(self.body, document.body if document is not None else None, ()):
                found.setdefault(steps, []).append(what)
        return {steps: ", ".join(what) for steps, what in found.items()}


def _telling(origins: Mapping[Origin, None]) -> tuple[Origin, ...]:
    """Values and defaults where there are some, else the innermost clauses, else names."""
    for natures in ((Nature.VALUE, Nature.DEFAULT), (Nature.CLAUSE,), (Nature.NAME,)):
        found = [one for one in origins if one.nature in natures]
        if found:
            around = {span for one in found for span in one.within}
            inner = [one for one in found if one.nature is not Nature.CLAUSE or one.span not in around]
            unique = {(one.span.source.path, one.span.line, one.text): one for one in inner}
            return tuple(sorted(unique.values(), key=lambda one: (one.span.source.path, one.span.start, one.text)))
    return ()


def _leaves(body: object, steps: Steps) -> Iterator[tuple[Steps, object]]:
    match body:
        case Mapping() if body:
            for key, value in body.items():
                yield from _leaves(value, (*steps, key))
        case Sequence() if body and not isinstance(body, str):
            for index, value in enumerate(body):
                yield from _leaves(value, (*steps, index))
        case _:
            yield steps, body


def _moved(old: object, new: object, steps: Steps) -> Iterator[Steps]:
    """The fields of `old` that are others in `new`, or are not there."""
    if old == new and type(old) is type(new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and old:
        for key, value in old.items():
            if key in new:
                yield from _moved(value, new[key], (*steps, key))
            else:
                yield from (found for found, _ in _leaves(value, (*steps, key)))
    elif isinstance(old, list) and isinstance(new, list) and old:
        partners = _aligned(old, new)
        for index, value in enumerate(old):
            partner = partners[index]
            if partner is None:
                yield from (found for found, _ in _leaves(value, (*steps, index)))
            else:
                yield from _moved(value, new[partner], (*steps, index))
    else:
        yield from (found for found, _ in _leaves(old, steps))


def _aligned(old: list[object], new: list[object]) -> list[int | None]:
    """Which item of the one list each item of the other became; one that goes must not move those behind it."""
    partners: list[int | None] = [None] * len(old)
    if len(old) == len(new):
        return list(range(len(old)))
    before, after = ([json.dumps(one, sort_keys=True) for one in each] for each in (old, new))
    for kind, start, end, other, until in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind in ("equal", "replace"):
            for offset in range(min(end - start, until - other)):
                partners[start + offset] = other + offset
    return partners
