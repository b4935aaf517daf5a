"""Clauses of a fleet -> its names. Invariant: a name stands for one thing; the second claimant is reported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from seatrial.dsl.clauses import Clause
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity
from seatrial.dsl.source import Span
from seatrial.dsl.values import Value

PARTIES = ("demand", "pool", "dependency")
"""These share one space of names, since each can be an end of a call."""


@dataclass(slots=True)
class Symbols:
    """`parties` maps a name to its kind and the place of its declaration; the same for node classes."""

    parties: dict[str, tuple[str, Span]] = field(default_factory=dict)
    nodes: dict[str, Span] = field(default_factory=dict)
    queues: dict[str, Span] = field(default_factory=dict)
    unread_calls: bool = False
    """Some call was not understood, so one that is missing may have been meant there."""

    def find(self, value: Value, kinds: tuple[str, ...], found: list[Diagnostic]) -> bool:
        """Whether the name stands for one of the kinds; reported where it does not."""
        known = self.parties.get(value.text)
        if known is not None and known[0] in kinds:
            return True
        wanted = " or ".join(kinds)
        if known is not None:
            found.append(
                Diagnostic(
                    "ST1012",
                    Severity.ERROR,
                    f"`{value.text}` is a {known[0]}, a {wanted} is wanted here",
                    (Label(value.span, f"a {known[0]}"), Label(known[1], "declared here")),
                    help=self._suggest(value.text, kinds),
                )
            )
        else:
            found.append(_unknown(value, wanted, self._suggest(value.text, kinds)))
        return False

    def find_nodes(self, value: Value, found: list[Diagnostic]) -> bool:
        if value.text in self.nodes:
            return True
        found.append(_unknown(value, "node class", _closest(value.text, self.nodes)))
        return False

    def find_queue(self, value: Value, found: list[Diagnostic]) -> bool:
        if value.text in self.queues:
            return True
        found.append(_unknown(value, "queue", _closest(value.text, self.queues)))
        return False

    def _suggest(self, name: str, kinds: tuple[str, ...]) -> str:
        return _closest(name, [known for known, (kind, _) in self.parties.items() if kind in kinds])


def _unknown(value: Value, wanted: str, help_: str) -> Diagnostic:
    return Diagnostic(
        "ST1011",
        Severity.ERROR,
        f"there is no {wanted} named `{value.text}`",
        (Label(value.span, "not declared"),),
        help=help_,
    )


def unknown_name(value: Value, wanted: str, known: Iterable[str]) -> Diagnostic:
    """A name of what has a space of names of its own: an auction, a role."""
    return _unknown(value, wanted, _closest(value.text, known))


def _closest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    close = get_close_matches(name, names, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"declared: {', '.join(sorted(names))}" if names else "none is declared in this fleet"


def collect(fleet: Clause, found: list[Diagnostic]) -> Symbols:
    symbols = Symbols()
    others: dict[tuple[str, str], Span] = {}
    for clause in fleet.children:
        slot = clause.form.slot
        name = clause.values.get("name")
        if name is None:
            continue
        if slot in PARTIES:
            known = symbols.parties.get(name.text)
            if known is not None:
                found.append(_twice(name, known[1], f"a {known[0]}"))
            else:
                symbols.parties[name.text] = (slot, name.span)
            continue
        if (slot, name.text) in others:
            found.append(_twice(name, others[(slot, name.text)], f"a {clause.form.opening}"))
            continue
        others[(slot, name.text)] = name.span
        if slot == "nodes":
            symbols.nodes[name.text] = name.span
        if slot == "queue":
            symbols.queues[name.text] = name.span
    return symbols


def _twice(name: Value, first: Span, what: str) -> Diagnostic:
    if name.span == first:
        message = f"the name `{name.text}` is the same each time"
        help_ = f"put the value of the loop in it: `{name.text}-$x` in a `for x in …`"
        return Diagnostic("ST1010", Severity.ERROR, message, (Label(name.span, "made by a loop"),), help=help_)
    return Diagnostic(
        "ST1010",
        Severity.ERROR,
        f"the name `{name.text}` is taken",
        (Label(name.span, "again here"), Label(first, f"{what} of this name is declared here")),
        help="demands, pools and dependencies share one space of names; choose another",
    )
