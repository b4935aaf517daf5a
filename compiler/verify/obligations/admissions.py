"""Rates of calls: the peak passes through each calling proxy's token bucket, and all buckets together hold back."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial

from ...model import Admit, Call, CalleeKind, CallerKind, Demand
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, lift, value
from ..faults.admitted import enough_burst, most_in_one
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.uneven import same_header
from ..flows.waves import sure_rate
from ..obligation import Condition, Obligation
from ..words import counted, number, per_second, rounded_up, seconds
from .limits import FAR


def admissions(analysis: Analysis) -> list[Obligation]:
    if analysis.circle:
        return []
    found = []
    for call in analysis.fleet.calls:
        id = f"admits/{call.caller}->{call.callee}"
        if call.policy.admit is not None and analysis.wants(id):
            found.append(_passes(analysis, call, call.policy.admit, id))
    return found


def _passes(analysis: Analysis, call: Call, admit: Admit, id: str) -> Obligation:
    """Unsatisfiable iff more arrive at one proxy than it may send: steadily, or at the peak beyond what the burst lends
    for as long as the shortest peak lasts; of a peak that a queue levels, from peak to peak.

    A demand comes in through one proxy; each agent of a calling pool has a bucket of its own and, at the pool's largest
    size, an even part of the calls. Sufficient: with the largest part of the fewest agents, those of the steady level
    (`flows.uneven`), or as many requests as an agent's slots turn over, all but one in a million of random arrivals
    find a token, all calls for one request of a user coming at once (`semantics.token_bucket`). Source: Envoy, local
    rate limit (http_filters/local_rate_limit_filter). Limits: retries on the way to the caller are not counted here but
    where success is promised; the caller's own come after the bucket.
    """
    said = f"at most {per_second(admit.per_second.value)}"
    rate, depth = Leaf(f"rate of {call.name}", admit.per_second, said, positive=True), Fraction(admit.depth)
    burst: Expression = derived(f"usual burst of {call.name}", depth, [rate])
    if admit.burst is not None:
        burst = Leaf(f"burst of {call.name}", admit.burst, f"{number(depth)} at once", positive=True)
    by_demand = call.caller_kind is CallerKind.DEMAND
    proxy = f"the proxy of {call.caller} is" if by_demand else f"each agent of {call.caller} is"
    obligation = partial(
        Obligation,
        id=id,
        claim=f"the rate of {call.name} lets the peak pass",
        at=rate.stated.span,
        code="ST4703",
        must=tuple(_needed(analysis, call, rate, burst, proxy)),
        caution=_of_all(analysis, call, rate),
        caution_code="ST4704",
    )
    high = most_in_one(analysis, call, value(analysis.call_rate(Level.PEAK, call)))
    if isinstance(high, str):
        return obligation(gap=high)
    need = enough_burst(analysis, call, admit, high)
    told = f"{proxy} asked for {per_second(high)} of {call.name} at the most"
    same = same_header(analysis, call.caller)
    unsure = f"{same}; {told}" if same else told
    if need is None:
        short = Relation(Derived(f"most of {call.name} in one proxy", high, ()), Order.BELOW, lift(rate.number))
        broken = f"{unsure}, and may send {per_second(rate.number)}"
        return obligation(
            proof=(Condition(short, broken, ""),), remedy=f"a rate above {per_second(rounded_up(high))} would do"
        )
    relation = Relation(Derived(f"burst that {call.name} needs", Fraction(need), ()), Order.AT_MOST, lift(depth))
    room = (
        f"{told} and may send {per_second(rate.number)}: but for one in a million all pass with a burst of "
        f"{number(need)}, of {number(depth)}"
    )
    broken = (
        f"{unsure} and may send {per_second(rate.number)}: chance needs a burst of {number(need)}, not "
        f"{number(depth)}, or some are refused"
    )
    return obligation(proof=(Condition(relation, broken, room),), remedy=f"a burst of {number(need)} or more would do")


def _needed(analysis: Analysis, call: Call, rate: Leaf, burst: Expression, proxy: str) -> list[Condition]:
    found = []
    lasts = _shortest_peak(analysis, call)
    for level, name in ((Level.STEADY, "steadily"), (Level.PEAK, "at the peak")):
        need: Expression = analysis.call_rate(level, call)
        levelled = False
        if call.caller_kind is CallerKind.POOL:
            sure, when = sure_rate(analysis, call.caller)
            levelled = level is Level.PEAK and value(sure) != value(analysis.rate(level, call.caller))
            if levelled:
                need, name = sure * leaves.per_request(call), when
            need = need / leaves.agents_max(analysis.pool(call.caller))
        most: Expression = rate
        more = ""
        if level is Level.PEAK and not levelled and lasts is not None and lasts.number > 0:
            most = rate + burst / lasts
            more = f", and {number(value(burst))} more in the {seconds(lasts.number)} of a peak"
        text = (
            f"{proxy} asked for {per_second(value(need))} of {call.name} {name} and may send "
            f"{per_second(rate.number)}{more}: the others are refused"
        )
        found.append(Condition(Relation(need, Order.AT_MOST, most), text, ""))
    return found


def _shortest_peak(analysis: Analysis, call: Call) -> Leaf | None:
    """Of the demands that rise and reach the call; None where a peak may last always, or nothing rises."""
    by_demand = call.caller_kind is CallerKind.DEMAND
    demands: list[Demand] = [analysis.demand(call.caller)] if by_demand else list(analysis.demands_of(call.caller))
    found = []
    for one in demands:
        if one.peak_per_second.value <= one.steady_per_second.value:
            continue
        if one.peak_for_seconds is None or one.peak_every_seconds is None:
            return None
        said = f"for {seconds(one.peak_for_seconds.value)}"
        found.append(leaves.assumed(f"length of the peak of {one.name}", one.peak_for_seconds, said))
    return min(found, key=lambda leaf: leaf.number, default=None)


def _of_all(analysis: Analysis, call: Call, rate: Leaf) -> str:
    """A bucket a proxy: what all of them let through together, where the callee has less."""
    proxies = 1
    if call.caller_kind is CallerKind.POOL:
        proxies = int(leaves.agents_max(analysis.pool(call.caller)).number)
    through = rate.number * proxies
    lets = f"it lets {per_second(through)} through"
    if proxies > 1:
        agents = f"each of {counted(proxies, 'agent')} of {call.caller} has a bucket of its own"
        lets = f"{agents}, and together they let {per_second(through)} through"
    if call.callee_kind is CalleeKind.DEPENDENCY:
        one = next(one for one in analysis.fleet.dependencies if one.name == call.callee)
        limit = one.requests_per_second
        if limit is None or through <= limit.value:
            return ""
        return f"the rate of {call.name} does not protect {one.name}: {lets}, {per_second(limit.value)} are taken"
    pool = analysis.pool(call.callee)
    held = analysis.occupancy(Level.PEAK).least_held.get(pool.name)
    if held is None or value(held) == 0:
        return ""
    capacity = leaves.agents_max(pool).number * leaves.concurrency(pool).number / value(held)
    if through <= FAR * capacity:
        return ""
    answered = f"all agents of {pool.name} together answer {per_second(Fraction(math.floor(capacity)))} at the most"
    return f"the rate of {call.name} never acts: {lets}, and {answered}"
