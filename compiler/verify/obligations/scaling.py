"""What an autoscaler's target asks for, against its bounds and against what an agent can do."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial

from ...model import Pool, Scaling, Signal
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, lift, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.figures import double, surely_below
from ..flows.occupancy import ABOVE, BAND, UP, rate_each, wanted
from ..flows.restlessness import found_restless, told_restless
from ..flows.uneven import overfull, unseen_by_scaling
from ..obligation import Condition, Judged, Obligation, Proven
from ..words import counted, number, per_second, share

_BAND = float(BAND)


def scaling(analysis: Analysis) -> list[Judged]:
    if analysis.circle:
        return []
    found: list[Judged] = []
    rates = analysis.flow(Level.PEAK)
    for pool in analysis.fleet.pools:
        if pool.scaling is None:
            continue
        at = pool.scaling.at
        if surely_free(analysis, pool, pool.scaling):
            aims = partial(_only_target, analysis, pool, pool.scaling)
            found.append(Proven(f"scaling/{pool.name}/target", at, "ST5101", aims))
        else:
            found += _target(analysis, pool, pool.scaling)
        if pool.name in rates:
            asks = partial(_within_bounds, analysis, pool, pool.scaling)
            sure = _surely_within(analysis, pool, rates[pool.name])
            found.append(Proven(f"scaling/{pool.name}/peak", at, "ST5102", asks) if sure else asks())
    return found


def surely_free(analysis: Analysis, pool: Pool, scaling: Scaling) -> bool:
    if overfull(analysis, pool):
        return False
    aim, slots = double(scaling.target.value) * _BAND, pool.each.concurrency.value
    match scaling.signal:
        case Signal.BUSY:
            return surely_below(aim, 1)
        case Signal.IN_FLIGHT:
            return surely_below(aim, slots)
        case Signal.RATE:
            state = analysis.occupancy(Level.BETWEEN).of(pool)
            return not isinstance(state, str) and surely_below(aim * state.held.mean * ABOVE, slots)
        case _:
            return False


def in_use(analysis: Analysis, pool: Pool, scaling: Scaling) -> Fraction | str:
    """Slots of an agent that may be in use while the autoscaler leaves it alone; or why that is not known."""
    if why := overfull(analysis, pool):
        return why
    most = scaling.target.value * BAND
    match scaling.signal:
        case Signal.BUSY:
            return most * pool.each.concurrency.value
        case Signal.RATE:
            held = analysis.occupancy(Level.BETWEEN).held(pool)
            if isinstance(held, str):
                return held
            if math.isinf(held.mean):
                return f"the calls of {pool.name} wait without end at some level up to the peak"
            return most * Fraction(held.mean) * UP
        case _:
            return most


def _surely_within(analysis: Analysis, pool: Pool, rate: float) -> bool:
    """Fewer agents are asked for than there may be, with waits and so without them."""
    state = analysis.occupancy(Level.PEAK).of(pool)
    each = None if isinstance(state, str) else rate_each(pool, state.held, 1.0)
    return each is not None and surely_below(rate * ABOVE, each * pool.agents_max.value)


def _only_target(analysis: Analysis, pool: Pool, scaling: Scaling) -> Obligation:
    return _target(analysis, pool, scaling)[0]


def _literal(pool: Pool, scaling: Scaling) -> Leaf:
    return Leaf(f"target of {pool.name}", scaling.target, f"aims at {_aim(scaling)}", positive=True)


def _aim(scaling: Scaling) -> str:
    target = scaling.target.value
    match scaling.signal:
        case Signal.QUEUE:
            return f"{number(target)} queued for each agent"
        case Signal.RATE:
            return f"{per_second(target)} for each agent"
        case Signal.IN_FLIGHT:
            return f"{number(target)} in flight in each agent"
        case Signal.BUSY:
            return f"{share(target)} busy"
        case Signal.CPU:
            return f"{share(target)} cpu"


def _target(analysis: Analysis, pool: Pool, scaling: Scaling) -> list[Obligation]:
    """Unsatisfiable iff agents may be wholly busy while the autoscaler leaves the pool alone, so that a queue grows
    before the pool does.

    It leaves alone what is up to its tolerance over the target (`flows.occupancy.BAND`). Full agents show 100 % busy
    and no more, so where that is within the tolerance no agent is ever added; where those who wait are counted the pool
    goes to and fro between a queue and too many agents. In flight: the target against the concurrency. Busy: a share
    against 1. Rate: target x holding time against the concurrency (Little's law); necessary without waits of the calls,
    sufficient with the longest at any level: who is called has fewer agents below the peak, and longer waits. A queue's
    length says nothing of it. Source: "tolerance" in
    https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/. Limit: the controller's default.
    """
    target, slots = _literal(pool, scaling), leaves.concurrency(pool)
    aim: Expression
    match scaling.signal:
        case Signal.IN_FLIGHT:
            aim = target
        case Signal.BUSY:
            aim = target * slots
        case Signal.RATE:
            aim = target * analysis.occupancy(Level.PEAK).least_held[pool.name]
        case Signal.QUEUE | Signal.CPU:
            return []
    need, all_ = aim * BAND, value(slots)
    full = "requests queue before an agent is added"
    if scaling.signal is Signal.BUSY:
        full = "an agent without a free slot is still within it, so none is ever added"
    broken = (
        f"{pool.name} {target.demands}, and what is up to {share(BAND - 1)} over it is left alone: that is "
        f"{number(value(need))} of an agent's {counted(all_, 'slot')} in use, so {full}"
    )
    obligation = partial(
        Obligation,
        id=f"scaling/{pool.name}/target",
        claim=f"an agent of {pool.name} that the autoscaler leaves alone still has a slot free",
        at=scaling.at,
        code="ST5101",
        must=(Condition(Relation(need, Order.BELOW, slots), broken, _used(pool, value(need), all_)),),
        # 3.96 of 4 slots in use leave no slot for the next request.
        useful=Relation(aim + 1, Order.AT_MOST, slots),
    )
    if why := overfull(analysis, pool):
        return [obligation(gap=why)]
    if scaling.signal is not Signal.RATE:
        return [obligation()]
    state = analysis.occupancy(Level.BETWEEN).held(pool)
    if isinstance(state, str):
        return [obligation(gap=state)]
    if math.isinf(state.mean):
        return [obligation(gap=f"the calls of {pool.name} wait without end at some level up to the peak")]
    waiting = Derived(f"slots of an agent of {pool.name}", target.number * BAND * Fraction(state.mean) * UP, ())
    longer = f"{pool.name} {target.demands}: with the waits of its calls that may be {number(waiting.number)} slots"
    room = _used(pool, waiting.number, all_)
    return [obligation(proof=(Condition(Relation(waiting, Order.BELOW, lift(all_)), longer, room),))]


def _to_and_fro(analysis: Analysis, pool: Pool) -> str:
    """What a pool that goes by the queue does where its minimum is too small: while nobody waits agents are taken
    away."""
    state = analysis.occupancy(Level.PEAK).of(pool)
    found = found_restless(analysis, pool) if not isinstance(state, str) and state.unrest else None
    return "" if found is None or isinstance(found, str) else told_restless(pool, found)


def _used(pool: Pool, busy: Fraction, slots: Fraction) -> str:
    return f"an agent of {pool.name} uses {number(busy)} of {counted(slots, 'slot')} before another one is asked for"


def _within_bounds(analysis: Analysis, pool: Pool, scaling: Scaling) -> Obligation:
    """Unsatisfiable iff the autoscaler asks for more agents at the peak than it may have.

    Necessary: the size asked for without waits in the calls; sufficient: with them (`occupancy`). Source of the sizes:
    `semantics.scaling`. Limit: the size at rest, not the way there.
    """
    rate = analysis.rate(Level.PEAK, pool.name)
    target, slots, most = _literal(pool, scaling), leaves.concurrency(pool), leaves.agents_max(pool)
    held = analysis.occupancy(Level.PEAK).least_held[pool.name]
    state = analysis.occupancy(Level.PEAK).held(pool)
    obligation = partial(
        Obligation,
        id=f"scaling/{pool.name}/peak",
        claim=f"{pool.name} reaches the target of its autoscaler at the peak",
        at=scaling.at,
        code="ST5102",
    )
    if isinstance(state, str):
        return obligation(must=(), gap=state)
    if why := unseen_by_scaling(analysis, pool):
        return obligation(must=(), gap=why)
    asked = wanted(pool, value(rate), state)
    if isinstance(asked, str):
        return obligation(must=(), gap=asked)
    wants = f"{pool.name} {target.demands} and asks for {counted(asked, 'agent')} at the peak"
    broken = f"{wants}, at most {number(most.number)} may run: it stays busier than its target"
    room = f"{wants} of at most {number(most.number)}"
    remedy = f"a maximum of {counted(asked, 'agent')} would decide it"
    name = f"agents that {pool.name} asks for at the peak"
    full = Condition(Relation(derived(name, asked, ()), Order.AT_MOST, lift(most.number)), broken, room)
    match scaling.signal:
        case Signal.BUSY:
            # The bound is whole, so the quotient is within it exactly when its ceiling is.
            plain = Relation(rate * held, Order.AT_MOST, most * slots * target)
        case Signal.RATE:
            plain = Relation(rate, Order.AT_MOST, most * target)
        case Signal.IN_FLIGHT:
            plain = Relation(rate * held, Order.AT_MOST, most * target)
        case _:
            caution = _to_and_fro(analysis, pool)
            return obligation(must=(), proof=(full,), remedy=remedy, caution=caution, caution_code="ST5106")
    least = math.ceil(value(plain.need) / (value(plain.have) / most.number))
    at_least = f"{pool.name} {target.demands} and asks for at least {counted(least, 'agent')} at the peak"
    must = Condition(plain, f"{at_least}, at most {number(most.number)} may run: it stays busier than its target", room)
    return obligation(must=(must,), proof=(full,), remedy=remedy)
