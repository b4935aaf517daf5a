"""Agents and whole pools that are lost: those that are left cover the peak."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from ...model import AgentLoss, Fleet, Pool, Survive, Takeover
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, lift, value
from ..finding import Status
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.occupancy import UP
from ..flows.uneven import overfull, told_uneven, worth
from ..flows.waves import LEVELLED, Wave, sure_rate, wave_of
from ..obligation import Condition, Obligation
from ..words import are, counted, listed, needed, number, per_second, seconds, share
from .quotas import lets_through
from .shared import taken_of


@dataclass(frozen=True, slots=True)
class Left:
    """Agents that are left at the worst, of so many, and after what."""

    agents: Fraction
    after: str
    gone: Fraction = Fraction(0)

    def slots(self, analysis: Analysis, pool: Pool) -> Fraction:
        """For all requests; of agents that are divided by skill, as the worst skill has them for its own, and of one
        that may be sent all, its own."""
        before = int(self.agents + self.gone)
        return worth(analysis, pool, before, int(self.gone)) * pool.each.concurrency.value

    def has(self, analysis: Analysis, pool: Pool) -> str:
        """As part of a sentence."""
        whole, have = max(Fraction(0), self.agents) * pool.each.concurrency.value, self.slots(analysis, pool)
        if have == whole:
            return f"{number(have)} slots"
        lost = ", and all that are lost may have one" if self.gone and pool.divided else ""
        return f"slots worth {number(round(have, 1))} of {number(whole)}, as {told_uneven(analysis, pool)}{lost},"


def losses(analysis: Analysis) -> list[Obligation]:
    if analysis.circle:
        return []
    found = []
    for index, one in enumerate(analysis.fleet.agent_losses):
        pool = analysis.pool(one.pool.value)
        rank = "" if index == 0 else f"/{index + 1}"
        id = f"loss/{pool.name}{rank}"
        if analysis.wants(id):
            found.append(_without(analysis, one, pool, id))
    for takeover in analysis.fleet.takeovers:
        found += _taken_over(analysis, takeover)
    return found


def _without(analysis: Analysis, one: AgentLoss, pool: Pool, id: str) -> Obligation:
    """Unsatisfiable iff the agents that are left of the largest size have no more slots than the pool has requests in
    hand at the peak, on average and without any waits.

    Little's law, as `capacity`. Sufficient: the same of the fewest agents that the autoscaler leaves alone at the peak,
    with the waits of the queueing model: until the lost ones are replaced nobody else comes. Source: N - k sizing
    (Google SRE book, ch. 20, "N + 2"). Limit: what is lost of their requests is the success's.
    """
    said = f"{counted(one.count.value, 'agent')} of {pool.name} may be lost"
    count = Leaf(f"agents of {pool.name} that may be lost", one.count, said, positive=True)
    most = leaves.agents_max(pool)
    after = f"after the loss of {number(count.number)} of its {counted(most.number, 'agent')}"
    state = analysis.occupancy(Level.PEAK).of(pool)
    if isinstance(state, str):
        return covers(analysis, pool, most - count, id, one, after, state)
    runs = pool.agents_min.value if state.unrest else state.agents
    rest = None
    if runs < most.number or pool.divided:
        lost = number(min(one.count.value, runs))
        gone = f"after the loss of {lost} of {counted(runs, 'agent')} that run at the peak"
        rest = Left(runs - count.number, gone, count.number)
    return covers(analysis, pool, most - count, id, one, after, rest)


def _taken_over(analysis: Analysis, takeover: Takeover) -> list[Obligation]:
    """Unsatisfiable iff the heir, a pool that it calls, or one that waits for these, has more requests in hand on
    average and without any waits than slots, when all that came to the lost pool at the peak comes to the heir as well.

    Sufficient: with waits, of as many as the autoscaler then leaves alone, for it may be content with fewer than there
    may be. Source: Google SRE book, ch. 22, "Server overload" (a cluster fails over to another that was sized for
    itself). Limits: that requests find their way is the gateway's, and what waits in a queue of the lost pool has none:
    it waits on; an heir that grows for it takes its autoscaler's time.
    """
    lost, heir = takeover.lost.value, takeover.heir.value
    moved = Analysis(without_pool(analysis.fleet, lost, heir), analysis.wants)
    id, after = f"takeover/{lost}", f"after the loss of {lost}"
    if moved.circle:
        back = f"{heir} calls {lost}, by itself or through others: {after}, its own calls would come back to it"
        claim = f"{heir} keeps up with the peak {after}"
        return [Obligation(f"{id}/{heir}", claim, takeover.at, "ST2104", must=(), gap=back)]
    reached = moved.reached(heir)
    waiting = {name for each in reached for name in moved.above(each)} - {*reached}
    found = []
    for name in (*reached, *sorted(waiting)):
        if analysis.wants(f"{id}/{name}"):
            pool = moved.pool(name)
            rest = _at_rest(moved, pool, after)
            made = covers(moved, pool, leaves.agents_max(pool), f"{id}/{name}", takeover, after, rest)
            if name == heir:
                gap = made.gap or _other_skills(analysis.pool(lost), pool)
                made = replace(made, gap=gap, note=_left_waiting(analysis.fleet, lost))
            found.append(made)
    return found + _asked_after(analysis, moved, id, after)


def _at_rest(moved: Analysis, pool: Pool, after: str) -> Left | str | None:
    """Those that the autoscaler leaves alone once requests have moved, where they are fewer than there may be; or why
    that is not known. One that goes by the queue goes on adding while any wait."""
    state = moved.occupancy(Level.PEAK).of(pool)
    if isinstance(state, str):
        return state
    if state.unrest or state.agents >= pool.agents_most.value:
        return None
    return Left(Fraction(state.agents), f"{after} and with {counted(state.agents, 'agent')} at rest")


def _asked_after(analysis: Analysis, moved: Analysis, id: str, after: str) -> list[Obligation]:
    """Dependencies that the heir, or what it calls, then asks for more: unsatisfiable iff more than they take, as
    `shared.rates` has it, or than a quota lets through, as `quotas` has it."""

    def asked_for_more(dependency: str) -> bool:
        return any(
            value(moved.call_rate(Level.PEAK, call)) > value(analysis.call_rate(Level.PEAK, call))
            for call in moved.into(dependency)
        )

    found = []
    for one in moved.fleet.dependencies:
        if not asked_for_more(one.name):
            continue
        quotas = [each for each in moved.fleet.quotas if each.dependency.value == one.name]
        for made in (*taken_of(moved, one), *(lets_through(moved, each) for each in quotas)):
            told = f"{id}/{made.id}"
            if analysis.wants(told):
                must, proof = (
                    None if some is None else tuple(_after(each, after) for each in some)
                    for some in (made.must, made.proof)
                )
                claim = f"{made.claim} {after}"
                found.append(replace(made, id=told, claim=claim, must=must or (), proof=proof))
    return found


def _after(condition: Condition, after: str) -> Condition:
    broken, room = (f"{after} {text}" if text else "" for text in (condition.broken, condition.room))
    return replace(condition, broken=broken, room=room)


def _other_skills(lost: Pool, heir: Pool) -> str:
    """Why it is not known which of the heir's agents get what came to the lost pool."""
    wanted, there = ({one.name: one.share.value for one in pool.skills} for pool in (lost, heir))
    if not heir.divided or wanted == there:
        return ""
    return f"each agent of {heir.name} has one skill, and which of them the requests of {lost.name} want is not stated"


def _left_waiting(fleet: Fleet, lost: str) -> str:
    """A queue outlives the agents that it feeds, and feeds nobody else."""
    queues = sorted(one.name for one in fleet.queues if one.pool.value == lost)
    return f"what waits in {listed(queues)} by then is not taken over: it waits until {lost} is back" if queues else ""


def without_pool(fleet: Fleet, lost: str, heir: str) -> Fleet:
    """The fleet in which the heir is called wherever the lost pool was."""
    calls = tuple(
        replace(call, callee=heir, meant_for=lost) if call.callee == lost else call
        for call in fleet.calls
        if call.caller != lost
    )
    return replace(fleet, calls=calls, pools=tuple(pool for pool in fleet.pools if pool.name != lost))


def covers(
    analysis: Analysis,
    pool: Pool,
    agents: Expression,
    id: str,
    one: AgentLoss | Takeover | Survive,
    after: str,
    worst: Left | str | None = None,
) -> Obligation:
    """`agents`: as many as may be left at the best; `worst` where they may be fewer, or why that is not known."""
    worst = overfull(analysis, pool) or worst
    made = _at_the_peak(analysis, pool, agents, id, one, after, worst)
    wave = wave_of(analysis, pool) if made.status is not Status.PROVED and not made.gap else None
    if wave is None and made.status is Status.REFUTED:
        return _behind(analysis, pool, agents, made, after)
    if wave is None or isinstance(worst, str):
        return made
    return _levelled(analysis, wave, agents, made, after, worst or Left(value(agents), after))


def _behind(analysis: Analysis, pool: Pool, agents: Expression, made: Obligation, after: str) -> Obligation:
    """Behind other pools' queues what is left need only do what comes from peak to peak, as `capacity` has it."""
    rate, when = sure_rate(analysis, pool.name)
    if value(rate) == value(analysis.rate(Level.PEAK, pool.name)):
        return made
    relation = Relation(
        rate * analysis.occupancy(Level.PEAK).least_held[pool.name], Order.BELOW, agents * leaves.concurrency(pool)
    )
    told = f"{after}, {pool.name} gets {per_second(value(rate), 'requests')} {when}, for which"
    left = f"{are(max(Fraction(0), value(agents)))} too few left"
    return replace(made, must=(Condition(relation, f"{told} {left}", ""),), gap=made.gap or LEVELLED)


def _levelled(
    analysis: Analysis, wave: Wave, agents: Expression, made: Obligation, after: str, worst: Left
) -> Obligation:
    """Behind a queue what is left need only work off a peak until the next one begins, as `capacity` has it."""
    pool, slots = wave.pool, leaves.concurrency(wave.pool)
    held, state = analysis.occupancy(Level.PEAK).least_held[pool.name], analysis.occupancy(Level.PEAK).held(pool)
    mean = derived(f"requests of {wave.demand.name} from peak to peak", wave.mean(wave.lasts.value), wave.basis)
    asked = f"{pool.name} gets {per_second(mean.number, 'requests')} from one peak of {wave.demand.name} to the next"
    least = int(mean.number * value(held) // slots.number) + 1
    left = f"at least {needed(least, slots.number)}"
    broken = f"{after}, {asked}: {left}, {are(max(Fraction(0), value(agents)))} left"
    assert not isinstance(state, str)
    above, holding = wave.lasts.value + wave.climb, Fraction(state.mean) * UP
    need, have = wave.mean(above) * holding, worst.slots(analysis, pool)
    relation = Relation(Derived(f"requests in hand at {pool.name}", need, ()), Order.BELOW, lift(have))
    has = f"{worst.after}, {pool.name} has {worst.has(analysis, pool)} for {number(round(need, 1))} requests on average"
    proof = [
        Condition(relation, f"{has}, the waits for its calls included", f"{has}: {share(relation.slack)} stay free")
    ]
    if wave.holds is not None:
        piles = Derived(f"requests that wait for {pool.name}", wave.waiting(above, have / holding), ())
        holds = value(wave.holds)
        told = f"up to {number(math.ceil(piles.number))} requests wait after a peak, {wave.queue.name} holds"
        proof.append(Condition(Relation(piles, Order.AT_MOST, lift(holds)), f"{told} {number(holds)}", ""))
    return replace(
        made,
        claim=f"{pool.name} keeps up from one peak to the next {after}",
        must=(Condition(Relation(mean * held, Order.BELOW, agents * slots), broken, ""),),
        proof=tuple(proof),
    )


def _at_the_peak(
    analysis: Analysis,
    pool: Pool,
    agents: Expression,
    id: str,
    one: AgentLoss | Takeover | Survive,
    after: str,
    worst: Left | str | None,
) -> Obligation:
    rate, slots = analysis.rate(Level.PEAK, pool.name), leaves.concurrency(pool)
    held = analysis.occupancy(Level.PEAK).least_held[pool.name]
    least = int(value(rate) * value(held) // slots.number) + 1
    broken = (
        f"{after}, {pool.name} gets {per_second(value(rate), 'requests')} at the peak and holds each for "
        f"{seconds(value(held))}: at least {needed(least, slots.number)}, "
        f"{are(max(Fraction(0), value(agents)))} left"
    )
    obligation = partial(
        Obligation,
        id=id,
        claim=f"{pool.name} keeps up with the peak {after}",
        at=one.at,
        code="ST2104",
        must=(Condition(Relation(rate * held, Order.BELOW, agents * slots), broken, ""),),
    )
    state = analysis.occupancy(Level.PEAK).held(pool)
    if isinstance(state, str):
        return obligation(gap=state)
    if math.isinf(state.mean):
        return obligation(gap=f"a pool that {pool.name} calls is itself overloaded at the peak")
    if isinstance(worst, str):
        return obligation(gap=worst)
    if pool.scaling is None:
        remedy = f"more agents of {pool.name} would decide it"
    elif worst is not None:
        remedy = f"more agents of {pool.name} at the peak would decide it: a lower target, or a higher minimum"
    else:
        remedy = f"a higher maximum of agents of {pool.name} would decide it"
    worst = worst or Left(value(agents), after)
    in_hand, have = value(rate) * Fraction(state.mean) * UP, worst.slots(analysis, pool)
    has = f"{worst.after}, {pool.name} has {worst.has(analysis, pool)} for {number(round(in_hand, 1))} requests"
    relation = Relation(Derived(f"requests in hand at {pool.name}", in_hand, ()), Order.BELOW, lift(have))
    room = f"{has}: {share(relation.slack)} stay free"
    broken = f"{has}, the waits for its calls included"
    return obligation(proof=(Condition(relation, broken, room),), remedy=remedy)
