"""Back-pressure: an agent that refuses tells its callers in time, and no queue on the way to it grows without bound."""

from __future__ import annotations

from fractions import Fraction

from ...model import CallerKind, Pool
from ..exact.expression import Leaf, Order, Relation, derived, lift, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..obligation import Condition, Obligation
from ..words import listed, number, seconds


def push_back(analysis: Analysis) -> list[Obligation]:
    if analysis.circle:
        return []
    found: list[Obligation] = []
    for pool in analysis.fleet.pools:
        if pool.push_back is not None:
            said = f"refuses above {number(pool.push_back.value)} pending"
            limit = Leaf(f"requests that may wait at each {pool.name}", pool.push_back, said, positive=True)
            found += [_bounded(analysis, pool, limit), _timely(analysis, pool, limit)]
    return [one for one in found if analysis.wants(one.id)]


def _bounded(analysis: Analysis, pool: Pool, limit: Leaf) -> Obligation:
    """Unsatisfiable iff a pool on the way to this one, or a queue that feeds one of them, takes whatever comes.

    Then the work that is refused here only waits there. A gateway is no queue: what it is refused, it refuses.
    """
    way, open_ = {pool.name}, [pool.name]
    while open_:
        for call in analysis.into(open_.pop()):
            if call.caller_kind is CallerKind.POOL and call.caller not in way:
                way.add(call.caller)
                open_.append(call.caller)
    fleet = analysis.fleet
    endless = [f"pool {one.name}" for one in fleet.pools if one.name in way and one.push_back is None]
    endless += [f"queue {one.name}" for one in fleet.queues if one.pool.value in way and one.bound is None]
    count = derived(f"unbounded queues on the way to {pool.name}", len(endless), [limit])
    text = f"{pool.name} pushes back, but {listed(endless)} on the way to it may queue without bound"
    room = f"every queue on the way to {pool.name} has a bound"
    return Obligation(
        id=f"push-back/{pool.name}/bounded",
        claim=f"no queue on the way to {pool.name} grows without bound",
        at=limit.stated.span,
        code="ST4604",
        must=(Condition(Relation(count, Order.AT_MOST, lift(0)), text, room),),
    )


def _timely(analysis: Analysis, pool: Pool, limit: Leaf) -> Obligation:
    """Unsatisfiable iff the last request that may wait is answered, on average, later than some caller waits.

    It waits for as many others as may wait before it, each `holding time / slots` (no waits of the callees), and is
    then held itself. Then callers give up and try again before they are told to slow down. Sufficient: with those
    waits. Source: Google SRE book, ch. 22: a queue of ten times the threads, of 100 ms a request, makes 1.1 s.
    """
    slots, held = leaves.concurrency(pool), analysis.occupancy(Level.PEAK).least_held[pool.name]
    must: list[Condition] = []
    proof: list[Condition] = []
    state = analysis.occupancy(Level.PEAK).held(pool)
    longest = None if isinstance(state, str) or state.mean == float("inf") else Fraction(state.mean)
    for call in analysis.into(pool.name):
        patience = leaves.patience(call)
        if patience is None:
            continue
        takes = (value(limit) + slots.number) * value(held) / slots.number
        told = (
            f"the last of {number(limit.number)} waiting at an agent of {pool.name} is answered after "
            f"{seconds(round(takes, 4))}"
        )
        broken = f"{told}, {call.name} gives up after {seconds(patience.number)}: it is told too late"
        room = f"{told} of {seconds(patience.number)} that {call.name} has"
        must.append(Condition(Relation((limit + slots) * held, Order.AT_MOST, patience * slots), broken, room))
        if longest is not None:
            takes = (limit.number + slots.number) * longest / slots.number
            need = derived(f"time at {pool.name} for {call.name}", takes, [])
            proof.append(Condition(Relation(need, Order.AT_MOST, lift(patience.number)), broken, ""))
    gap = state if isinstance(state, str) else ""
    if longest is None and not gap:
        gap = f"a pool that {pool.name} calls is itself overloaded at the peak"
    if not must:
        gap = f"no caller of {pool.name} states a timeout"
    return Obligation(
        id=f"push-back/{pool.name}/timely",
        claim=f"callers of {pool.name} are told to slow down before they give up",
        at=limit.stated.span,
        code="ST4605",
        must=tuple(must),
        proof=tuple(proof),
        gap=gap,
    )
