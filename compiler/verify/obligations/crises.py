"""Crises: signs that can show and are no everyday matter, actions that do something, and times that recovery allows."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ...model import CallerKind, Fleet
from ...model.order import Action, Crisis, Sign, Signal
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, lift, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.answers_aside import answered_at_every_level
from ..obligation import Condition, Obligation
from ..words import counted, listed, number, seconds, share


def crises(analysis: Analysis) -> list[Obligation]:
    found: list[Obligation] = []
    for one in analysis.fleet.crises:
        found.append(_shows(analysis, one))
        found += _levels(one)
        found += _is_no_everyday_matter(analysis, one)
        found.append(_acts(analysis.fleet, one))
        found += _in_time(analysis.fleet, one)
    return found


def _threshold(one: Crisis, signal: Signal) -> Expression:
    rank = one.signals.index(signal) + 1
    if signal.normal_seconds is None:
        return Leaf(f"threshold {rank} of {one.name}", signal.above, f"{signal.sign} above {_told(signal)}")
    factor = Leaf(f"threshold {rank} of {one.name}", signal.above, f"{number(signal.above.value)} times normal")
    normal = leaves.assumed(
        f"normal latency {rank} of {one.name}",
        signal.normal_seconds,
        f"{seconds(signal.normal_seconds.value)} is normal",
    )
    return factor * normal


def _told(signal: Signal) -> str:
    if signal.normal_seconds is not None:
        return seconds(signal.above.value * signal.normal_seconds.value)
    return (
        share(Fraction(signal.above.value))
        if signal.sign in (Sign.ERRORS, Sign.OVERHEAD)
        else number(signal.above.value)
    )


def _shows(analysis: Analysis, one: Crisis) -> Obligation:
    """Unsatisfiable iff some sign can never show: a latency that every time-out cuts off below its threshold, a queue
    that limits keep below it, in an update too, or conflicts and coordination where agents neither decide nor deal
    together. Sufficient: a queue may come above it with the agents that there are while nothing is updated.
    """
    conditions: list[Condition] = []
    proof: list[Condition] = []
    for signal in one.signals:
        most = _most(analysis, signal)
        if most is None:
            continue
        text = f"{signal.sign} is at most {most[1]}, a crisis begins above {_told(signal)}"
        conditions.append(Condition(Relation(_threshold(one, signal), Order.BELOW, most[0]), text, text))
        usual = _longest_queue(analysis, updated=False) if signal.sign is Sign.QUEUE else None
        if usual is not None:
            text = f"{signal.sign} is at most {usual[1]}, a crisis begins above {_told(signal)}"
            proof.append(Condition(Relation(_threshold(one, signal), Order.BELOW, usual[0]), text, text))
    signs = listed([f"{each.sign} above {_told(each)}" for each in one.signals])
    return Obligation(
        id=f"crisis/{one.name}/signals",
        claim=f"every sign of {one.name} can show",
        at=one.at,
        code="ST6320",
        must=tuple(conditions),
        proof=tuple(proof),
        remedy="a lower threshold, or more that may be left pending, would decide it",
        note=f"{counted(len(one.signals), 'sign')}: {signs}",
    )


def _most(analysis: Analysis, signal: Signal) -> tuple[Expression, str] | None:
    """The most that can be seen of a sign, and in words; None where nothing bounds it."""
    fleet = analysis.fleet
    match signal.sign:
        case Sign.LATENCY:
            limits = []
            for call in fleet.calls:
                if call.caller_kind is CallerKind.DEMAND:
                    limits.append(leaves.timeout(call))
            known = [leaf for leaf in limits if leaf is not None]
            if not known or len(known) < len(limits):
                return None
            longest = max(known, key=value)
            return longest, f"{seconds(longest.number)}, the longest timeout"
        case Sign.QUEUE:
            return _longest_queue(analysis, updated=True)
        case Sign.ERRORS | Sign.OVERHEAD:
            talks = bool(fleet.consensuses or fleet.negotiations or fleet.organisations)
            if signal.sign is Sign.OVERHEAD and not talks:
                return lift(0), "0 %, since no agents decide or deal together"
            return lift(1), "100 %"
        case Sign.CONFLICTS:
            disputes = any(one.division is not None and one.division.dispute is not None for one in fleet.budgets)
            if fleet.consensuses or fleet.negotiations or disputes:
                return None
            return lift(0), "0, since no agents decide or deal together"


def _longest_queue(analysis: Analysis, *, updated: bool) -> tuple[Expression, str] | None:
    """Where every pool is called by pools only and each of these limits what is pending; `updated`: agents of an
    update, and those that leave, call too."""
    best: Expression = lift(0)
    for pool in analysis.fleet.pools:
        here: Expression = lift(0)
        for call in analysis.into(pool.name):
            limit = call.policy.limit
            if call.caller_kind is CallerKind.DEMAND or limit is None or limit.pending is None:
                return None
            said = f"{number(limit.pending.value)} pending"
            pending = Leaf(f"pending of {call.name}", limit.pending, said)
            caller = analysis.pool(call.caller)
            here = here + pending * (analysis.most_pods(caller) if updated else leaves.agents_max(caller))
        best = max(best, here, key=value)
    when = "while they are updated" if updated else "while nobody is updated"
    return best, f"{number(value(best))}, which is what callers may leave pending {when}"


def _levels(one: Crisis) -> Iterator[Obligation]:
    """Unsatisfiable iff a level wants more signs than there are, or not more than the level below it."""
    if not one.levels:
        return
    ordered = sorted(one.levels, key=lambda level: level[0].value)
    conditions = []
    below: Expression = lift(0)
    for rank, signs in ordered:
        need = Leaf(f"signs of level {rank.value} of {one.name}", signs, f"level {rank.value} at {number(signs.value)}")
        have = lift(len(one.signals))
        text = f"level {rank.value} of {one.name} begins with {counted(signs.value, 'sign')}"
        there = f"there {'is' if len(one.signals) == 1 else 'are'} {number(len(one.signals))}"
        conditions.append(Condition(Relation(need, Order.AT_MOST, have), f"{text}, {there}", f"{text}, {there}"))
        same = f"{text}, no more than the level below it, which is then never seen"
        conditions.append(Condition(Relation(below, Order.BELOW, need), same, ""))
        below = need
    yield Obligation(
        id=f"crisis/{one.name}/levels",
        claim=f"every level of {one.name} can be reached, one after the other",
        at=one.levels[0][0].span,
        code="ST6320",
        must=tuple(conditions),
    )


def _is_no_everyday_matter(analysis: Analysis, one: Crisis) -> Iterator[Obligation]:
    """Unsatisfiable iff a success objective allows more errors than begin a crisis.

    Sufficient: the bound on each latency quantile, at the steady level and at the peak, is below its threshold. Queues,
    overhead and conflicts have no model; they are not part of the claim.
    """
    must: list[Condition] = []
    proof: list[Condition] = []
    gaps: list[str] = []
    for signal in one.signals:
        if signal.sign is Sign.ERRORS:
            for index, promised in enumerate(analysis.fleet.success):
                allowed = Leaf(
                    f"success objective {index + 1}", promised.share, f"{share(promised.share.value)} succeed"
                )
                text = (
                    f"{share(1 - promised.share.value)} may fail by the success objective, a crisis begins at "
                    f"{share(Fraction(signal.above.value))}"
                )
                must.append(Condition(Relation(lift(1) - allowed, Order.AT_MOST, _threshold(one, signal)), text, text))
        elif signal.sign is Sign.LATENCY and signal.quantile is not None:
            bound = _bound(analysis, signal.quantile.value)
            if isinstance(bound, str):
                gaps.append(bound)
                continue
            limit = value(_threshold(one, signal))
            said = f"{signal.quantile.span.text} is at most {seconds(bound)} without faults, a crisis begins above"
            text = f"{said} {seconds(limit)}"
            need = Derived(f"{signal.quantile.span.text} of all demands", bound, ())
            proof.append(Condition(Relation(need, Order.AT_MOST, lift(limit)), text, text))
    if must or proof or gaps:
        yield Obligation(
            id=f"crisis/{one.name}/quiet",
            claim=f"{one.name} does not begin while all is well",
            at=one.at,
            code="ST6321",
            must=tuple(must),
            proof=tuple(proof),
            gap=gaps[0] if gaps else "",
            remedy="" if gaps else "the bound is not the figure itself; a trial measures it",
        )


def _bound(analysis: Analysis, quantile: Fraction) -> Fraction | str:
    if analysis.circle:
        return "calls go in a circle"
    worst = Fraction(0)
    for demand in analysis.fleet.demands:
        bound = answered_at_every_level(analysis, demand.name, 1 - quantile)
        if isinstance(bound, str):
            return bound
        worst = max(worst, bound)
    return worst


def _acts(fleet: Fleet, one: Crisis) -> Obligation:
    """Unsatisfiable iff an action finds nothing in the fleet that it could act on."""
    conditions = []
    for action in sorted({action for step in one.steps for action in step.actions}):
        count, what, missing, way = _objects(fleet, action)
        objects = derived(f"{what} for {action}", count, ())
        broken = f"`{action}` finds nothing to act on: {missing}"
        relation, remedy = Relation(lift(1), Order.AT_MOST, objects), f"{way} would do, or leave `{action}` out"
        conditions.append(Condition(relation, broken, f"{action}: {counted(count, what)}", remedy=remedy))
    return Obligation(
        id=f"crisis/{one.name}/actions",
        claim=f"every action of {one.name} has something to act on",
        at=one.at,
        code="ST6322",
        must=tuple(conditions),
        note="; ".join(one.room for one in conditions[1:]),
    )


def _objects(fleet: Fleet, action: Action) -> tuple[int, str, str, str]:
    """How many things of the fleet an action is about, what they are, and what, where there are none, is missing and
    would be one."""
    match action:
        case Action.FREEZE:
            count = sum(pool.scaling is not None for pool in fleet.pools)
            return count, "scaled pool", "no pool is scaled", "a pool that scales"
        case Action.BREAK:
            count = sum(call.policy.breaker is not None for call in fleet.calls)
            return count, "breaker", "no call has a breaker", "a breaker in a call"
        case Action.SHED:
            stated = [one.priority for one in fleet.demands] + [one.priority for one in fleet.pools]
            count = sum(priority is not None and priority.value < 0 for priority in stated)
            missing, way = "nothing has a priority below normal", "`priority low` in a demand or pool"
            return count, "party of low priority", missing, way
        case Action.REPARTITION:
            several = sum(leaves.agents_max(pool).number > 1 for pool in fleet.pools)
            return several, "pool of several agents", "no pool has two agents", "a pool of two agents"
        case Action.RESTRUCTURE:
            return len(fleet.organisations), "organisation", "no organisation is declared", "an organisation"


def _in_time(fleet: Fleet, one: Crisis) -> Iterator[Obligation]:
    """Unsatisfiable iff an action may take longer than the whole recovery is promised to."""
    timed = [step for step in one.steps if step.within_seconds is not None]
    conditions = []
    for index, promised in enumerate(fleet.recovery):
        limit = Leaf(
            f"time to recover{f' {index + 1}' if index else ''}",
            promised.within_seconds,
            f"recovers within {seconds(promised.within_seconds.value)}",
        )
        for rank, step in enumerate(timed):
            assert step.within_seconds is not None
            took = Leaf(
                f"time of action {rank + 1} of {one.name}",
                step.within_seconds,
                f"within {seconds(step.within_seconds.value)}",
            )
            done = f"{listed([str(action) for action in step.actions])} may take {seconds(took.number)}"
            text = f"{done}, recovery is promised within {seconds(limit.number)}"
            conditions.append(Condition(Relation(took, Order.AT_MOST, limit), text, text))
    if conditions:
        yield Obligation(
            id=f"crisis/{one.name}/time",
            claim=f"the actions of {one.name} fit into the time to recover",
            at=one.at,
            code="ST6323",
            must=tuple(conditions),
        )
