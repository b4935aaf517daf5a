"""Contracts between pools: deadlines can be kept, prices cover the work, sums are bounded, the sound stay."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial

from ...model import Call
from ...model.money import Contract
from ...semantics.spend import HOUR_S
from ..exact.expression import Expression, Leaf, Order, Relation, derived, lift, value
from ..finding import Case
from ..flows import leaves
from ..flows.analysis import ENDS, Analysis, Level
from ..flows.answers_aside import answered_at_every_level
from ..flows.crowded import tries_at_most
from ..flows.occupancy import most_at_rest
from ..flows.released import most_asked_in
from ..flows.uneven import largest_part
from ..obligation import Condition, Obligation
from ..words import counted, dollars, number, seconds, seconds_beside, share

TAIL = Fraction(1, 100)
"""A promise is judged at p99: later than the deadline is at most one in a hundred."""


def contracts(analysis: Analysis) -> list[Obligation]:
    if analysis.circle:
        return []
    found: list[Obligation] = []
    for one in analysis.fleet.contracts:
        found += [_in_time(analysis, one), _pays(analysis, one)]
        if one.pay_at_most is not None:
            found.append(_payable(analysis, one, one.pay_at_most.value))
        found += _keeps_the_sound(analysis, one)
    return found


def _call(analysis: Analysis, one: Contract) -> Call:
    return next(call for call in analysis.out(one.caller) if call.callee == one.callee)


def _deadline(one: Contract) -> Leaf:
    said = f"done within {seconds(one.deadline_seconds.value)}"
    return Leaf(f"deadline of contract {one.caller} -> {one.callee}", one.deadline_seconds, said, positive=True)


def _price(one: Contract) -> Leaf:
    said = f"{dollars(one.dollars.value)} for each"
    return Leaf(f"price of contract {one.caller} -> {one.callee}", one.dollars, said)


def _in_time(analysis: Analysis, one: Contract) -> Obligation:
    """Unsatisfiable iff the callee's own work takes longer on average than it has.

    Sufficient: the bound on its p99, waits and its own calls included (`tails`).
    """
    pool, deadline = analysis.pool(one.callee), _deadline(one)
    mean = leaves.service_mean(pool)
    must: tuple[Condition, ...] = ()
    if mean is not None:
        text = f"{one.callee} works {seconds(mean.number)} on average and promises {seconds(deadline.number)}"
        must = (Condition(Relation(mean, Order.AT_MOST, deadline), text, ""),)
    bound = answered_at_every_level(analysis, one.callee, TAIL)
    gap = bound if isinstance(bound, str) else ""
    proof: tuple[Condition, ...] = ()
    if not isinstance(bound, str):
        text = (
            f"99 of 100 answers of {one.callee} take at most {seconds_beside(bound, deadline.number)}, "
            f"{seconds(deadline.number)} is promised"
        )
        need = derived(f"p99 of {one.callee}", bound, ())
        proof = (Condition(Relation(need, Order.AT_MOST, lift(deadline.number)), text, text),)
    return Obligation(
        id=f"contract/{one.name}/deadline",
        claim=f"{one.callee} keeps its promise to {one.caller} at p99",
        at=one.deadline_seconds.span,
        code="ST2704",
        must=must,
        proof=proof,
        gap=gap,
        remedy="" if gap else "the bound is not the figure itself: more agents or a longer deadline decide it",
    )


def _pays(analysis: Analysis, one: Contract) -> Obligation:
    """Unsatisfiable iff the work costs more than it earns even when every slot of every agent is always in use.

    Sufficient: it does not even when the requests of the steady level, or of the peak, are shared by as many agents as
    the autoscaler may leave there. Limit: agents that it has not yet taken away after a peak.
    """
    pool, price = analysis.pool(one.callee), _price(one)
    hourly, mean = leaves.agent_price(pool), leaves.service_mean(pool)
    own = _spent(analysis, one.callee)
    gap = "" if hourly is not None else f"an agent of {one.callee} states no price; write `price $…/h` in `each`"
    least = own
    if hourly is not None and mean is not None:
        least = own + hourly * mean / (leaves.concurrency(pool) * HOUR_S)
    text = f"a request costs {one.callee} at least {dollars(value(least))} and earns {dollars(price.number)}"
    proof: tuple[Condition, ...] = ()
    note = ""
    rates = {level: value(analysis.rate(level, one.callee)) for level in ENDS}
    if hourly is not None and all(rates.values()):
        agents = {level: most_at_rest(analysis, pool, level) for level in ENDS}
        costs = {level: value(own) + agents[level] * hourly.number / (rates[level] * HOUR_S) for level in ENDS}
        level = max(ENDS, key=costs.__getitem__)
        when = "the steady level" if level is Level.STEADY else "the peak"
        told = f"at {when} a request costs {dollars(costs[level])} with {counted(agents[level], 'agent')}"
        open_ = f"{told} and earns {dollars(price.number)}"
        need = derived(f"cost of a request to {one.callee}", costs[level], ())
        proof = (Condition(Relation(need, Order.AT_MOST, lift(price.number)), open_, open_),)
        if one.penalty_dollars is not None and price.number + one.penalty_dollars.value > 0:
            # Paid p, or fined f: at a share b of breaches it earns p (1 - b) - f b.
            broken = (price.number - costs[level]) / (price.number + one.penalty_dollars.value)
            note = f"it breaks even with {share(max(broken, Fraction(0)))} of breaches"
    elif not gap:
        gap = f"nothing reaches {one.callee} at the steady level"
    return Obligation(
        id=f"contract/{one.name}/price",
        claim=f"{one.callee} is paid at least what the work costs it",
        at=one.dollars.span,
        code="ST2703",
        must=(Condition(Relation(least, Order.AT_MOST, price), text, ""),),
        proof=proof,
        gap=gap,
        remedy="" if gap else "fewer idle agents, or a higher price, would decide it",
        note=note,
    )


def _spent(analysis: Analysis, caller: str) -> Expression:
    """Dollars that the calls of one request cost: tokens, data, and what is paid under contracts in turn."""
    cost: Expression = lift(0)
    priced = {one.name: one for one in analysis.fleet.dependencies}
    paid = {one.callee: one for one in analysis.fleet.contracts if one.caller == caller}
    for call in analysis.out(caller):
        if call.callee in paid:
            cost = cost + leaves.per_request(call) * _price(paid[call.callee])
        dependency = priced.get(call.callee)
        if dependency is None:
            continue
        for used, price in (
            (leaves.tokens(call), leaves.token_price(dependency)),
            (leaves.data(call), leaves.byte_price(dependency)),
        ):
            if used is not None and price is not None:
                cost = cost + leaves.per_request(call) * used * price
    return cost


def _payable(analysis: Analysis, one: Contract, most: Fraction) -> Obligation:
    """Unsatisfiable iff the calls of the steady level alone, each paid once, come to more than is allowed.

    Sufficient: the calls of the peak, if it lasted all the time, every one retried to the last on the whole way there,
    as what was done before a caller gave up is paid too, and what has piled up worked off (`flows.released`).
    """
    assert one.pay_at_most is not None
    call, price = _call(analysis, one), _price(one)
    limit = Leaf(f"most paid for {one.name}", one.pay_at_most, f"pays at most {dollars(most)}")
    period = one.pay_hours * HOUR_S
    need = analysis.call_rate(Level.STEADY, call) * price * period
    paid = f"paying for each call comes to {dollars(value(need))} at the steady level"
    broken = f"{paid}, at most {dollars(most)} is allowed"
    obligation = partial(
        Obligation,
        id=f"contract/{one.name}/pay",
        claim=f"{one.caller} never pays {one.callee} more than {dollars(most)}",
        at=one.pay_at_most.span,
        code="ST2705",
    )

    def must(text: str) -> Condition:
        return Condition(Relation(need, Order.AT_MOST, limit), text, "", Case("steady", text="every call paid for"))

    asked = most_asked_in(analysis, call, Fraction(period))
    if isinstance(asked, str):
        return obligation(must=(must(broken),), gap=asked)
    peak = asked * price.number
    retried = asked > value(analysis.call_rate(Level.PEAK, call)) * period
    when = f"at the peak{', every call retried to the end' if retried else ''}"
    at_most = f"{dollars(peak)} of {dollars(most)} even at the peak"
    told = f"{when}{',' if retried else ''} it would be {dollars(peak)}"
    worst = derived(f"paid for {one.name} at the peak", peak, ())
    relation = Relation(worst, Order.AT_MOST, lift(most))
    return obligation(
        # What a repair must make room for is told too.
        must=(must(f"{broken}; {dollars(peak)} {when}"),),
        proof=(Condition(relation, f"{told}, at most {dollars(most)} is allowed", f"at most {at_most}"),),
        remedy="fewer retries on the way, or a larger sum, would decide it" if retried else "",
    )


def _keeps_the_sound(analysis: Analysis, one: Contract) -> Iterator[Obligation]:
    """Sufficient: of the tries that one agent of the callee gets while reputation counts, those counted that are made
    again for being late, fewer are expected to be late than exclude it: the share that may be late is spread over
    them, and the bound at that tail is kept. One whose skill few have, or to which all may go by header, gets more than
    an even part (`flows.uneven`).
    """
    if one.exclude_after is None:
        return
    obligation = partial(
        Obligation,
        id=f"contract/{one.name}/exclusion",
        claim=f"an agent of {one.callee} that works as stated is not expected to be excluded",
        at=one.exclude_after.span,
        code="ST2706",
        must=(),
    )
    rate = tries_at_most(analysis, _call(analysis, one))
    if isinstance(rate, str):
        yield obligation(gap=rate)
        return
    pool = analysis.pool(one.callee)
    part = largest_part(analysis, pool, pool.agents_min.value)
    if isinstance(part, str):
        yield obligation(gap=part)
        return
    each = rate * one.reputation_seconds.value * part
    allowed = Fraction(one.exclude_after.value) / each if each > 0 else Fraction(1)
    bound = Fraction(0) if allowed >= 1 else answered_at_every_level(analysis, one.callee, allowed)
    if isinstance(bound, str):
        yield obligation(gap=bound)
        return
    window = seconds(one.reputation_seconds.value)
    breaches = counted(one.exclude_after.value, "breach", "breaches")
    gets = f"an agent of {one.callee} gets up to {number(round(each))} requests in {window}"
    told = f"{gets}: {breaches} are {share(allowed)}"
    deadline = one.deadline_seconds.value
    text = f"{told}, and fewer are later than {seconds(bound)}; {seconds(deadline)} is promised"
    need = derived(f"time that sound agents of {one.callee} keep", bound, ())
    yield obligation(
        proof=(Condition(Relation(need, Order.BELOW, lift(deadline)), text, text),),
        remedy="allow more breaches, or let reputation count over a shorter time",
    )
