"""A spec and what is looked at -> the same spec with only the clauses that it can be about.

Whoever asks of one document of a thousand pools where it comes from need not vary the thousand. Invariant: what the
kept clauses name is kept too, so an excerpt of a spec that resolves is one that resolves; whether what is looked at is
the same in it is for the caller to see.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from seatrial.dsl.clauses import Clause
from seatrial.dsl.forms.form import Form
from seatrial.dsl.phrases import compiled, holes

_FEW = 10
"""Clauses of a kind that are all kept: what is said of the fleet as a whole is said a few times."""

_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")


def excerpt(clauses: Sequence[Clause], path: str, text: str) -> tuple[Clause, ...] | None:
    """`path`: by which the thing is known, `text`: all that is in it. None where little would be left out."""
    (fleet,) = (one for one in clauses if one.form.slot == "fleet")
    kept = _kept(fleet.children, _mentioned(path), _mentioned(text))
    if 2 * len(kept) > len(fleet.children):
        return None
    children = tuple(fleet.children[index] for index in sorted(kept))
    return tuple(one._replace(children=children) if one is fleet else one for one in clauses)


def outside(clauses: Sequence[Clause], part: Sequence[Clause]) -> tuple[int, ...]:
    """The places, in the fleet of `clauses`, of what `part` leaves out."""
    all_of, some = (next(one for one in each if one.form.slot == "fleet") for each in (clauses, part))
    kept = {id(one) for one in some.children}
    return tuple(index for index, one in enumerate(all_of.children) if id(one) not in kept)


def _kept(children: Sequence[Clause], subjects: set[str], mentioned: set[str]) -> set[int]:
    often = Counter(one.form.key for one in children)
    named = [frozenset(_names(one)) for one in children]
    defined = {one.values["name"].text: index for index, one in enumerate(children) if "name" in one.values}
    kept = {index for index, one in enumerate(children) if often[one.form.key] <= _FEW}
    kept |= {defined[name] for name in mentioned if name in defined}
    kept |= {index for index, names in enumerate(named) if names & subjects}
    left = list(kept)
    while left:
        at = left.pop()
        needed = {defined[name] for name in named[at] if name in defined}
        if children[at].form.slot == "demand":
            # A demand that nobody serves is refused.
            needed |= {index for index, one in enumerate(children) if _serves(one, children[at].values["name"].text)}
        left += needed - kept
        kept |= needed
    return kept


def _serves(clause: Clause, demand: str) -> bool:
    return any(child.form.slot == "serves" and demand in _names(child) for child in clause.children)


def _mentioned(text: str) -> set[str]:
    """Words, and what they begin and end with: `triage` and `llm` of `triage--llm-destination`."""
    found: set[str] = set()
    for word in set(_WORD.findall(text)):
        for part in {word, *word.split("--")}:
            steps = part.split("-")
            found |= {"-".join(steps[:end]) for end in range(1, len(steps) + 1)}
            found |= {"-".join(steps[start:]) for start in range(1, len(steps))}
    return found


_NAMED: dict[int, frozenset[str]] = {}


def _names(clause: Clause) -> Iterator[str]:
    fields = _fields(clause.form)
    for field, value in clause.values.items():
        if field in fields:
            yield value.text
    for rows in clause.groups.values():
        for row in rows:
            for field, value in row.items():
                if field in fields:
                    yield value.text
    for child in clause.children:
        yield from _names(child)


def _fields(form: Form) -> frozenset[str]:
    """Those that hold a name; forms live as long as the program."""
    found = _NAMED.get(id(form))
    if found is None:
        each = (hole for hole in holes(compiled(form.phrase)) if hole.kind in ("name", "item") and not hole.choices)
        found = _NAMED[id(form)] = frozenset(hole.field for hole in each)
    return found
