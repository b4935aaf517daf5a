"""Shedding by latency protects what it says: it turns somebody away, not everybody, and nobody before it must."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from ...model import Call, CalleeKind, Demand, Pool, ShedOnLatency
from ...passes.defaults import PRIORITIES
from ...semantics.shedding import refused
from ..exact.expression import Derived, Leaf, Order, Relation, derived, lift
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.crowded import crowd
from ..flows.figures import ERROR
from ..flows.occupancy import service_of
from ..flows.tails import share_later_than
from ..obligation import Condition, Obligation
from ..words import listed, number, per_second, seconds, share

_FEW = Fraction(1, 100)
"""Of the requests of a shed priority: fewer are turned away by chance."""


def shedding(analysis: Analysis) -> list[Obligation]:
    if analysis.circle:
        return []
    found = []
    for call in analysis.fleet.calls:
        rule, id = call.policy.shed_on_latency, f"sheds/{call.caller}->{call.callee}"
        if rule is None:
            continue
        if analysis.wants(id):
            found.append(_some(analysis, call, rule, id))
        if call.callee_kind is CalleeKind.POOL and analysis.wants(f"{id}/rest"):
            found.append(_rests(analysis, analysis.pool(call.callee), rule, f"{id}/rest"))
    return found


def _some(analysis: Analysis, call: Call, rule: ShedOnLatency, id: str) -> Obligation:
    """Unsatisfiable iff nobody is there to go by it, or no demand that reaches the callee has so low a priority.

    With a caution where every demand has: then it protects nobody. What is left when it sheds is less than the peak,
    which the callee carries (`capacity`).
    """
    level, callee = rule.priority, call.callee
    demands = list(analysis.demands_of(callee))
    low = [one for one in demands if _priority(one) <= level.value]
    word, here = _named(level.value), call.callee_kind is CalleeKind.POOL
    text = f"agents shed by latency, and {callee} is none of the fleet's pools: nobody there goes by it"
    if here:
        who = listed([f"{one.name} ({_named(_priority(one))})" for one in demands]) or "no demand"
        text = (
            f"{call.name} sheds {word} priority and below, and what reaches {callee} is above it: {who}; nobody is "
            f"turned away: write `priority {word}` in a demand that may wait, or shed a higher one"
        )
    # A level is no amount: it stands in the core by its place alone.
    place = replace(level, value=0)
    said = Leaf(f"priority that {call.name} sheds", place, f"sheds {word} priority and below", aside=True)
    some = here and bool(low)
    count = derived(f"whether {call.name} sheds anybody", int(some), () if some else [said])
    every = f"every demand that reaches {callee} is shed by {call.name}: there is nobody whom it protects"
    return Obligation(
        id=id,
        claim=f"{call.name} sheds some of the requests and protects the others",
        at=level.span,
        code="ST4705",
        must=(Condition(Relation(lift(1), Order.AT_MOST, count), text, _room(analysis, callee, demands, low)),),
        caution=every if here and len(low) == len(demands) else "",
        caution_code="ST4706",
    )


def _room(analysis: Analysis, callee: str, demands: list[Demand], low: list[Demand]) -> str:
    all_, shed = (
        sum((one.peak_per_second.value * analysis.visits_to(callee, one) for one in group), Fraction(0))
        for group in (demands, low)
    )
    return f"at the peak up to {per_second(shed)} of {per_second(all_)} are turned away, {per_second(all_ - shed)} stay"


def _rests(analysis: Analysis, pool: Pool, rule: ShedOnLatency, id: str) -> Obligation:
    """Unsatisfiable iff the agents' own work alone, with nobody waiting, takes longer than the bound at the quantile.

    Sufficient: all demands at any of their levels, by Markov's inequality no more than one in a hundred is turned away
    (`semantics.shedding`). Between: unknown. Limit: faults are counted in `success`.
    """
    bound = Leaf(
        f"latency above which {pool.name} sheds", rule.above_seconds, f"sheds above {seconds(rule.above_seconds.value)}"
    )
    quantile = f"p{number(rule.quantile.value * 100)}"
    must: list[Condition] = []
    service = service_of(pool)
    if service is not None:
        takes = Fraction(service.quantile(float(rule.quantile.value)) * (1 - ERROR))
        basis = [leaf for leaf in (leaves.service_mean(pool),) if leaf is not None]
        need = derived(f"{quantile} of the work of {pool.name}", takes, basis)
        told = f"the work of {pool.name} alone takes {seconds(takes)} at {quantile}, and it sheds above "
        broken = f"{told}{seconds(bound.number)}: it always does, with nobody waiting"
        must.append(Condition(Relation(need, Order.AT_MOST, bound), broken, ""))
    tails = crowd(analysis).tails_of(pool.name)
    late = tails if isinstance(tails, str) else share_later_than(tails, pool.name, float(bound.number))
    proof, gap = [], late if isinstance(late, str) else ""
    if not isinstance(late, str):
        most = refused(Fraction(late), rule.quantile.value)
        told = f"without a fault at most {share(most)} of what {pool.name} sheds by latency is turned away"
        need = Derived(f"turned away by {pool.name} without a fault", most, ())
        proof.append(Condition(Relation(need, Order.AT_MOST, lift(_FEW)), told, told))
    return Obligation(
        id=id,
        claim=f"{pool.name} sheds by latency only when it must",
        at=rule.above_seconds.span,
        code="ST4707",
        must=tuple(must),
        proof=tuple(proof),
        gap=gap,
        remedy="" if gap else f"a higher bound than {seconds(bound.number)}, or quicker work, would decide it",
    )


def _priority(demand: Demand) -> int:
    return demand.priority.value if demand.priority is not None else PRIORITIES["normal"]


def _named(priority: int) -> str:
    return next((name for name, value in PRIORITIES.items() if value == priority), str(priority))
