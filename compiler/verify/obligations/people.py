"""What people decide: answers come before the time is up, nobody is asked more than he can answer, stops stop."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...model import Fleet
from ...model.order import Approval, EmergencyStop, Role
from ...semantics.probes import PRE_STOP_S
from ...semantics.spend import HOUR_S
from ..exact.expression import Expression, Leaf, Order, Relation, total, value
from ..finding import Status
from ..flows import leaves
from ..flows.analysis import Analysis
from ..obligation import Condition, Obligation
from ..words import counted, number, seconds


def people(analysis: Analysis) -> list[Obligation]:
    found: list[Obligation] = []
    met: dict[str, int] = {}
    for one in analysis.fleet.approvals:
        name = slug(one.action)
        met[name] = met.get(name, 0) + 1
        found += _approved(analysis.fleet, one, name if met[name] == 1 else f"{name}-{met[name]}")
    if analysis.fleet.stop is not None:
        found.append(_stops(analysis.fleet, analysis.fleet.stop))
    return found


def slug(action: str) -> str:
    """An action as part of an id: `refund above $500` is refund-above-500."""
    return re.sub(r"[^a-z0-9]+", "-", action.lower()).strip("-") or "action"


def _role(fleet: Fleet, name: str) -> Role:
    return next(role for role in fleet.roles if role.name == name)


def _answers(role: Role) -> Leaf | None:
    stated = role.answers_seconds
    said = f"answers within {seconds(stated.value)}" if stated else ""
    return leaves.assumed(f"time of {role.name} to answer", stated, said) if stated else None


def _approved(fleet: Fleet, one: Approval, name: str) -> Iterator[Obligation]:
    """Unsatisfiable iff people take longer to answer than is waited for them.

    What is stated is the whole time, with the wait for what was asked before; it says nothing of people who are asked
    for as much as they can decide, or for nobody knows how much (`_loaded`).
    """
    role = _role(fleet, one.role)
    limit = Leaf(f"wait for {name}", one.limit_seconds, f"waits {seconds(one.limit_seconds.value)}")
    answers, load = _answers(role), _loaded(fleet, role)
    id, claim = f"approval/{name}/time", f"{one.role} can answer before `{one.action}` is decided without"
    if answers is None:
        gap = f"how long {one.role} takes to answer is not stated; write `answers within …` in the role"
        yield Obligation(id, claim, one.at, "ST6330", must=(), gap=gap)
    else:
        text = (
            f"{one.role} answers within {seconds(answers.number)}, after {seconds(limit.number)} the answer is "
            f"{one.otherwise}"
        )
        condition = Condition(Relation(answers, Order.AT_MOST, limit), text, text)
        gap = ""
        if load is not None and load.status is not Status.PROVED:
            refuted = load.broken
            gap = load.gap if refuted is None else f"{refuted.broken}: what is asked waits without end"
        yield Obligation(id, claim, one.limit_seconds.span, "ST6330", must=(condition,), gap=gap)
    # One finding for all that a role is asked.
    if load is not None and next(each for each in fleet.approvals if each.role == one.role) is one:
        yield load


def _loaded(fleet: Fleet, role: Role) -> Obligation | None:
    """Unsatisfiable iff people are asked for as much as they can decide, or more: then what waits grows without end.

    None where nothing is said of either. Source: a queue has a steady state only below its capacity (Kleinrock).
    """
    asked = [each for each in fleet.approvals if each.role == role.name]
    open_ = [each.action for each in asked if each.asked_per_second is None]
    if role.decides_per_second is None and len(open_) == len(asked):
        return None
    id, claim = f"approval/{role.name}/load", f"{role.name} can decide all that is asked"
    if role.decides_per_second is None:
        gap = f"how much {role.name} can decide is not stated; write `decides …/h` in the role"
        return Obligation(id, claim, role.at, "ST6331", must=(), gap=gap)
    parts: list[Expression] = [
        leaves.assumed(
            f"questions about {slug(each.action)}",
            each.asked_per_second,
            f"asked {number(each.asked_per_second.value * HOUR_S)} times an hour",
        )
        for each in asked
        if each.asked_per_second is not None
    ]
    need = total(parts)
    each_can = leaves.assumed(
        f"decisions of {role.name}",
        role.decides_per_second,
        f"{number(role.decides_per_second.value * HOUR_S)} an hour each",
    )
    have = each_can * Leaf(f"people of {role.name}", role.people, counted(role.people.value, "person", "people"))
    often = f"{role.name} is asked up to {number(value(need) * HOUR_S)} times an hour"
    text = f"{often} and can decide {number(value(have) * HOUR_S)}"
    gap = f"how often `{open_[0]}` is asked is not stated; write `asked up to …/h` in it" if open_ else ""
    condition = Condition(Relation(need, Order.BELOW, have), text, text)
    return Obligation(id, claim, role.at, "ST6331", must=(condition,), gap=gap)


def _stops(fleet: Fleet, stop: EmergencyStop) -> Obligation:
    """Unsatisfiable iff an agent may go on longer than the stop allows: told to end it may take its whole drain.

    Source: Kubernetes ends a pod by force after terminationGracePeriodSeconds, its preStop sleep and its drain in whole
    seconds (`semantics.probes.grace`).
    """
    limit = Leaf(
        "time of the emergency stop", stop.limit_seconds, f"all stands within {seconds(stop.limit_seconds.value)}"
    )
    conditions = []
    for pool in fleet.pools:
        takes = leaves.leaving(pool)
        why = f"its drain and {PRE_STOP_S} s in which it is forgotten"
        ends = f"an agent of {pool.name} may go on for {seconds(takes.number)}, {why}"
        text = f"{ends}; the stop allows {seconds(limit.number)}"
        conditions.append(Condition(Relation(takes, Order.AT_MOST, limit), text, text))
    return Obligation(
        id="stop",
        claim=f"everything stands {seconds(limit.number)} after {stop.role} pulled the emergency stop",
        at=stop.at,
        code="ST6332",
        must=tuple(conditions),
        gap="" if conditions else "there are no pools to stop",
    )
