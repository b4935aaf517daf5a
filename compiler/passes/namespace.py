"""Clauses -> what the cluster lets the fleet have."""

from __future__ import annotations

from seatrial.dsl.clauses import Clause
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..model import Namespace, Stated
from ..model.namespace import Allowance
from . import stated


def namespace(clause: Clause, found: list[Diagnostic]) -> Namespace:
    def allowance(slot: str) -> Allowance | None:
        child = clause.child(slot)
        if child is None:
            return None
        made = Allowance(child.head, stated.amount(child, "whole"), stated.maybe_amount(child, "taken"))
        if made.taken is not None and made.taken.value > made.whole.value:
            _too_much(made.taken, made.whole, found)
        return made

    return Namespace(
        at=clause.head,
        cpu=allowance("cpu"),
        memory=allowance("memory"),
        gpus=allowance("gpu"),
        pods=allowance("pods"),
        agent_cpu=stated.maybe_amount(clause.child("agent-cpu"), "limit"),
        agent_memory=stated.maybe_amount(clause.child("agent-memory"), "limit"),
    )


def _too_much(taken: Stated[object], whole: Stated[object], found: list[Diagnostic]) -> None:
    found.append(
        Diagnostic(
            "ST1106",
            Severity.ERROR,
            "more is taken than there is",
            (Label(taken.span, "taken"), Label(whole.span, "the whole")),
            help="the whole stands first, then what others have of it: cpu 24, 21500m taken",
        )
    )
