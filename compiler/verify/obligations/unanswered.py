"""Calls that never get an answer: those who wait for them leave slots for all other requests."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from ...model import Call, CalleeKind, CallerKind, Pool, Signal, Unanswered
from ...semantics.retries import worst_duration
from ...semantics.unanswered import served, share_touched
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, lift, smallest, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.deadlines import backoff_of
from ..flows.late_tries import loaded
from ..flows.occupancy import BAND, UP
from ..flows.uneven import by_header, more_of, told_uneven, worth
from ..flows.waves import sure_rate
from ..obligation import Condition, Obligation
from ..words import counted, listed, number, per_second, seconds, share


@dataclass(frozen=True, slots=True)
class Held:
    """What a pool's requests go through: at least `touched` of them wait for at least `least` (None: for ever), and
    all of them wait for `most` on average at the most (None: no limit is stated)."""

    touched: Expression
    least: Expression | None
    most: Fraction | None
    hit: Fraction
    """The largest share of requests that wait so at all; each attempt of a call is one to its callee."""
    way: str


def unanswered(analysis: Analysis) -> list[Obligation]:
    if analysis.circle:
        return []
    found = []
    for one in analysis.fleet.unanswered:
        holding = _holding(analysis, one)
        arriving = _arriving(analysis, holding)
        if not holding and analysis.wants(f"unanswered/{one.callee.value}"):
            found.append(_nobody(one))
        for pool in analysis.fleet.pools:
            id = f"unanswered/{one.callee.value}/{pool.name}"
            if pool.name in holding and analysis.wants(id):
                found.append(_left_over(analysis, one, pool, holding[pool.name], arriving[pool.name], id))
    return found


def _nobody(one: Unanswered) -> Obligation:
    """Where no pool calls it, no agent waits for it: a gateway holds no slots."""
    callee = one.callee.value
    return Obligation(
        id=f"unanswered/{callee}",
        claim=f"agents have slots left while {share(one.share.value)} of the calls to {callee} get no answer",
        at=one.at,
        code="ST4203",
        must=(),
        note=f"no pool calls {callee}, so that no agent waits for it",
    )


def _holding(analysis: Analysis, one: Unanswered) -> dict[str, Held]:
    """For each pool on the way, callees first, what its requests go through."""
    said = f"{share(one.share.value)} of the calls to {one.callee.value} get no answer"
    lost = Leaf(f"share of calls to {one.callee.value} without an answer", one.share, said)
    found: dict[str, Held] = {}
    for pool in reversed(analysis.pools):
        hanging = []
        for call in analysis.out(pool.name):
            if call.callee == one.callee.value:
                hanging.append(_waits(analysis, call, Held(lost, None, None, lost.number, "")))
            elif call.callee_kind is CalleeKind.POOL and call.callee in found:
                hanging.append(_waits(analysis, call, found[call.callee]))
        if hanging:
            worst = max(hanging, key=lambda held: _weight(held))
            known = [held.most for held in hanging if held.most is not None]
            most = sum(known, Fraction(0)) if len(known) == len(hanging) else None
            hit = min(Fraction(1), sum((held.hit for held in hanging), Fraction(0)))
            found[pool.name] = Held(worst.touched, worst.least, most, hit, worst.way)
    return found


def _arriving(analysis: Analysis, holding: dict[str, Held]) -> dict[str, Fraction]:
    """For each pool the requests per second at the peak, those counted that come again as a try was not answered."""
    found: dict[str, Fraction] = {}

    def comes(call: Call, made: Fraction) -> None:
        hit = holding[call.callee].hit if call.callee in holding else Fraction(0)
        found[call.callee] = found.get(call.callee, Fraction(0)) + made * _tries(call, hit)

    for call in analysis.fleet.calls:
        if call.caller_kind is CallerKind.DEMAND:
            comes(call, analysis.demand(call.caller).peak_per_second.value)
    for pool in analysis.pools:
        here = found.setdefault(pool.name, Fraction(0))
        for call in analysis.out(pool.name):
            if call.callee_kind is CalleeKind.POOL:
                comes(call, here * call.per_request.value)
    return found


def _tries(call: Call, hit: Fraction) -> Fraction:
    """Attempts of a call in the mean at the most, where this share of them waits in vain: no more come again."""
    most = Fraction(1 + (call.policy.retry.attempts.value if call.policy.retry is not None else 0))
    return most if hit >= 1 else min(most, 1 / (1 - hit))


def _weight(held: Held) -> Fraction | float:
    return math.inf if held.least is None else value(held.touched) * value(held.least)


def _waits(analysis: Analysis, call: Call, behind: Held) -> Held:
    """What the caller's requests go through, from what the callee's do."""
    times = leaves.per_request(call)
    touched = derived(
        f"share of requests of {call.caller} that {call.name} holds up",
        share_touched(value(behind.touched), times.number),
        [behind.touched, times],
    )
    patience = leaves.patience(call)
    limits = [each for each in (patience, behind.least) if each is not None]
    policy, retry = call.policy, call.policy.retry
    longest = worst_duration(
        policy.timeout_seconds.value if policy.timeout_seconds else None,
        policy.try_timeout_seconds.value if policy.try_timeout_seconds else None,
        retry.attempts.value if retry else 0,
        backoff_of(call),
    )
    hit = min(Fraction(1), behind.hit * times.number)
    if longest is not None:
        most: Fraction | None = times.number * behind.hit * longest
    else:
        again = _again(analysis, call, behind)
        most = None if behind.most is None or again is None else times.number * (behind.most + again)
    return Held(touched, smallest(limits) if limits else None, most, hit, call.name)


def _again(analysis: Analysis, call: Call, behind: Held) -> Fraction | None:
    """Seconds in the mean that a call without any timeout takes for attempts after its first, at the most."""
    more = _tries(call, behind.hit) - 1
    if not more or behind.most is None or call.policy.retry is None:
        return Fraction(0)
    usual, backoff = analysis.occupancy(Level.PEAK).response_of(call), backoff_of(call)
    if isinstance(usual, str) or math.isinf(usual.mean):
        return None
    pause = max(backoff.before(number) for number in range(1, call.policy.retry.attempts.value + 1))
    return more * (behind.most + Fraction(usual.mean) * UP + pause)


def _left_over(analysis: Analysis, one: Unanswered, pool: Pool, held: Held, arriving: Fraction, id: str) -> Obligation:
    """Unsatisfiable iff at the peak, or from peak to peak where a queue levels it, the requests that wait for no
    answer, each until its caller gives up, and the others, each for its usual time without any waits, want as many
    slots as the pool has at the most, or more.

    Sufficient: at the peak, with the waits of the queueing model, every attempt of every such call at its longest, and
    all that come again for a try that was not answered. Source: `semantics.unanswered`. Limits: a share on average, not
    in a bunch; waits at callees as they are without the fault; the share that is still served says nothing of which
    requests these are.
    """
    most, slots = leaves.agents_max(pool), leaves.concurrency(pool)
    have = most * slots
    peak, callee = analysis.rate(Level.PEAK, pool.name), one.callee.value
    rate, when = sure_rate(analysis, pool.name)
    told = f"{when} {share(value(held.touched))} of {per_second(value(rate), 'requests')} at {pool.name}"
    if held.least is None:
        forever = derived(f"slots that {callee} holds for ever", value(have) + 1, [held.touched, most, slots])
        must = Condition(
            Relation(forever, Order.AT_MOST, have),
            f"{told} wait for {callee} without an end, as {held.way} has no timeout: in the end they hold every slot",
            "",
        )
    else:
        stuck = rate * held.touched * held.least
        usual = rate * (lift(1) - held.touched) * analysis.occupancy(Level.PEAK).least_held[pool.name]
        want = stuck + usual
        broken = (
            f"{told} wait for {callee} until they give up after {seconds(value(held.least))}, and want "
            f"{number(round(value(stuck), 1))} slots; the others want {number(round(value(usual), 1))}; there are "
            f"{number(value(have))}: {share(served(value(have), value(want)))} are served"
        )
        must = Condition(Relation(want, Order.BELOW, have), broken, "")
    obligation = partial(
        Obligation,
        id=id,
        claim=f"{pool.name} has slots left while {share(one.share.value)} of the calls to {callee} get no answer",
        at=one.at,
        code="ST4203",
        must=(must,),
    )
    state = analysis.occupancy(Level.PEAK).held(pool)
    if isinstance(state, str):
        return obligation(gap=state)
    if held.most is None:
        return obligation(gap=f"{listed([held.way])} has no timeout", remedy="write `timeout …` in it")
    if math.isinf(state.mean):
        return obligation(gap=f"a pool that {pool.name} calls is itself overloaded at the peak")
    if late := loaded(analysis).get(pool.name):
        return obligation(gap=late)
    need = arriving * (Fraction(state.mean) * UP + held.most)
    agents, unseen = _there(analysis, pool, need, value(peak))
    slots_had = worth(analysis, pool, agents) * slots.number
    relation = Relation(Derived(f"slots wanted at {pool.name}", need, ()), Order.BELOW, lift(slots_had))
    told = f"at the peak {share(value(held.touched))} of {per_second(value(peak), 'requests')} at {pool.name}"
    again = "" if arriving == value(peak) else f", {per_second(arriving, 'requests')} with those that are tried again,"
    wanted = f"{number(round(need, 1))} of {number(round(slots_had, 1))} slots"
    room = f"{told} may wait for {callee}{again} and all want {wanted}"
    in_all = agents * slots.number
    if slots_had < in_all:
        room += f", which its {number(in_all)} are worth, as {told_uneven(analysis, pool)}"
    if by_header(analysis, pool.name):
        return obligation(proof=(Condition(relation, room, room),), remedy=more_of(analysis, pool))
    if not unseen:
        return obligation(proof=(Condition(relation, room, room),))
    enough = counted(math.floor(need / slots.number) + 1, "agent")
    remedy = f"{enough} of {pool.name} at the minimum, or `scale on busy` with a lower target, would decide it"
    return obligation(proof=(Condition(relation, f"{room}; {unseen}", room),), remedy=remedy)


def _there(analysis: Analysis, pool: Pool, need: Fraction, peak: Fraction) -> tuple[int, str]:
    """Agents that there are at the least while so many slots are wanted, and why there are no more: "" where the
    autoscaler adds to them as long as some have no slot left."""
    fewest, most, slots = pool.agents_min.value, pool.agents_most.value, pool.each.concurrency.value
    if pool.scaling is None or fewest == most:
        return most, ""
    target = pool.scaling.target.value * BAND
    match pool.scaling.signal:
        case Signal.BUSY:
            in_use, told = target * slots, "leaves agents alone that have no slot left"
        case Signal.IN_FLIGHT:
            in_use, told = target, "leaves agents alone that have no slot left"
        case Signal.RATE:
            in_use, told = target * need / peak if peak else Fraction(0), "goes by the rate, not by who waits"
        case _:
            in_use, told = need, f"goes by the {pool.scaling.signal.value}, and does not see who waits in a slot"
    why = f"its autoscaler {told}, so that only {counted(fewest, 'agent')} may be there"
    if in_use >= slots:
        return (fewest, why) if need >= worth(analysis, pool, fewest) * slots else (most, "")
    # It goes by all agents alike, and may be content where those of one skill are too few.
    sizes = range(fewest, most) if pool.divided else ()
    short = (size for size in sizes if min(need, size * in_use) >= worth(analysis, pool, size) * slots)
    size = next(short, most)
    return size, "" if size == most else f"its autoscaler may be content with {counted(size, 'agent')}"
