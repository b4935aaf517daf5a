"""Clauses -> losses of agents and pools, and calls without an answer, that the fleet must stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from seatrial.dsl.clauses import Clause
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..model import AgentLoss, Fleet, Takeover, Unanswered
from . import stated
from .symbols import Symbols


def with_losses(fleet: Fleet, of: Callable[[str], list[Clause]], symbols: Symbols, found: list[Diagnostic]) -> Fleet:
    kinds: dict[str, list[Clause]] = {}
    for clause in of("survive"):
        kinds.setdefault(clause.form.key, []).append(clause)
    losses = [_agent_loss(one, symbols, found) for one in kinds.get("survive:agents", [])]
    takeovers = [_takeover(one, symbols, found) for one in kinds.get("survive:takeover", [])]
    hanging = [_unanswered(one, symbols, found) for one in kinds.get("survive:unanswered", [])]
    return replace(
        fleet,
        agent_losses=tuple(one for one in losses if one is not None),
        takeovers=tuple(one for one in takeovers if one is not None),
        unanswered=tuple(one for one in hanging if one is not None),
        storm=next((one.head for one in kinds.get("survive:storm", [])), None),
    )


def _agent_loss(clause: Clause, symbols: Symbols, found: list[Diagnostic]) -> AgentLoss | None:
    if not symbols.find(clause.values["pool"], ("pool",), found):
        return None
    return AgentLoss(clause.head, stated.whole(clause, "count"), stated.word(clause, "pool"))


def _takeover(clause: Clause, symbols: Symbols, found: list[Diagnostic]) -> Takeover | None:
    lost, heir = clause.values["lost"], clause.values["heir"]
    known = [symbols.find(name, ("pool",), found) for name in (lost, heir)]
    if not all(known):
        return None
    if lost.text == heir.text:
        labels = (Label(heir.span, "takes over"), Label(lost.span, "is lost"))
        message = f"`{lost.text}` cannot take over from itself"
        found.append(Diagnostic("ST1010", Severity.ERROR, message, labels, help="name another pool after the comma"))
        return None
    return Takeover(clause.head, stated.word(clause, "lost"), stated.word(clause, "heir"))


def _unanswered(clause: Clause, symbols: Symbols, found: list[Diagnostic]) -> Unanswered | None:
    if not symbols.find(clause.values["callee"], ("pool", "dependency"), found):
        return None
    return Unanswered(clause.head, stated.amount(clause, "share"), stated.word(clause, "callee"))
