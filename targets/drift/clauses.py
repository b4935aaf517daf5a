"""Differences of documents to the clauses that they are about, and to what these would say instead.

Both sets of documents are read as an import would read them; where a clause then reads otherwise, that is what the
difference means. Invariant: a clause is told once, however many fields of it differ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..reading import Manifest, Reading, Said, read
from .compare import Difference, key_of

Key = tuple[tuple[str, ...], str]

_OWNERS = ("HorizontalPodAutoscaler", "ScaledObject")
"""Of the number of a workload's agents."""

_EITHER = re.compile(r"(minAvailable|maxUnavailable|maxSurge|[pP]ort|requests\.[^.]+|limits\.[^.]+|hard\.[^.]+|Value)$")
"""Where Kubernetes takes a number or a text (API reference, IntOrString and Quantity)."""


@dataclass(frozen=True, slots=True)
class Changed:
    """`at`: the heads of the blocks around the clause; `slot`: which clause of the block it is. `after`: "" where no
    object says it any more. `refused`: why a cluster takes no object that says what is there, "" where it does."""

    at: tuple[str, ...]
    slot: str
    before: str
    after: str
    refused: str = ""

    @property
    def clause(self) -> str:
        """The clause with all that leads to it, as `--what-if` takes it."""
        return " ".join((*self.at, self.after))


def changed(
    wanted: Sequence[Manifest], found: Sequence[Manifest], told: Sequence[Difference], fleet: str
) -> tuple[dict[int, Key], dict[Key, Changed], tuple[str, ...]]:
    """By the number of a difference the clause that it is about; the clauses that read otherwise now; and where two
    objects of those that were found own one number. Then what ours says counts."""
    there = read(found, fleet, fleet)
    clashes = there.clashes
    if clashes:
        ours = {key_of(one) for one in wanted}
        kept = [one for one in found if one.kind not in _OWNERS or key_of(one) in ours]
        there = read(kept, fleet, fleet)
    before, after = (dict(_clauses(one)) for one in (read(wanted, fleet, fleet), there))
    now = {key: after[key].text if key in after else "" for key in before}
    clauses = {
        key: Changed(*key, said.text, now[key])
        for key, said in before.items()
        if said.places and said.text and now[key] != said.text
    }
    about: dict[int, Key] = {}
    for number, difference in enumerate(told):
        matching = [
            key
            for key, said in before.items()
            if any(
                place.object == difference.object and (not difference.path or _within(difference.path, place.path))
                for place in said.places
            )
        ]
        # A field may be said by several clauses; the one that reads otherwise now is what matters.
        best = next((key for key in matching if key in clauses), matching[0] if matching else None)
        if best is not None:
            about[number] = best
        refused = _refused(difference)
        if best is not None and refused:
            clauses[best] = Changed(*best, before[best].text, "", refused)
    return about, clauses, clashes


def _refused(one: Difference) -> str:
    """Kubernetes decodes its own objects strictly: `minReplicas: "3"` is no number. Others' resources may take both."""
    manifest = one.actual
    if manifest is None or "." in manifest.group or not isinstance(one.found, str):
        return ""
    if not isinstance(one.wanted, int) or isinstance(one.wanted, bool) or _EITHER.search(one.path):
        return ""
    return "a text, where a cluster takes a whole number: it refuses the object"


def _clauses(reading: Reading) -> list[tuple[Key, Said]]:
    return [((at, said.slot), said) for at, said in reading.clauses()]


def _within(path: str, place: str) -> bool:
    """Whether one of the two fields is the other, or lies in it; items of lists are taken for one another."""
    one, other = _parts(path), _parts(place)
    shorter = min(len(one), len(other))
    return shorter > 0 and one[:shorter] == other[:shorter]


def _parts(path: str) -> list[str]:
    parts: list[str] = []
    name = ""
    depth = 0
    for char in path:
        if char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
        elif depth == 0 and char == ".":
            parts.append(name)
            name = ""
        elif depth == 0:
            name += char
    return [*parts, name] if name or parts else []
