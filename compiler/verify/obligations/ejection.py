"""Outlier ejection: it can take out somebody, and it cannot take out everybody, at the least and the most agents."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial

from ...model import Break, Call, CalleeKind, CallerKind, Pool
from ...semantics.outlier import SHARE_VOLUME, ejectable
from ..exact.expression import Expression, Leaf, Order, Relation, derived, lift, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.uneven import same_header
from ..obligation import Condition, Judged, Obligation, Proven
from ..words import counted, number, seconds, share


def ejection(analysis: Analysis) -> list[Judged]:
    found: list[Judged] = []
    for call in analysis.fleet.calls:
        breaker = call.policy.breaker
        if breaker is None:
            continue
        if call.callee_kind is CalleeKind.DEPENDENCY:
            found.append(_never_all(call, breaker))
            continue
        pool, share_ = analysis.pool(call.callee), breaker.eject_share.value
        percent = 100 * share_.numerator // share_.denominator
        low, high = pool.agents_min.value, pool.agents_most.value
        for end, count in (("min", low), ("max", high)):
            if end == "max" and high == low:
                continue
            make = partial(_ejects, analysis, call, breaker, pool, end)
            sure = 1 <= ejectable(count, percent) < count and breaker.errors is not None
            id = f"ejection/{call.caller}->{call.callee}/{end}"
            found.append(Proven(id, breaker.at, "ST4301", make) if sure else make())
    return found


def _never_all(call: Call, breaker: Break) -> Obligation:
    """Unsatisfiable iff the share is all: floor(hosts x 100 %) is every one, however many a dependency has."""
    stated = breaker.eject_share
    limit = Leaf(f"ejection share of {call.name}", stated, f"ejects at most {share(stated.value)}")
    whole = Fraction(math.floor(stated.value * 100), 100)
    most = derived(f"share of {call.callee} that {call.name} may eject", whole, [limit])
    everybody = f"{call.name} may eject all of {call.callee}, however many hosts that has, and then every call fails"
    room = f"{call.name} may eject {share(whole)} of {call.callee}"
    return Obligation(
        claim=f"{call.name} cannot eject the whole of {call.callee}",
        id=f"ejection/{call.caller}->{call.callee}/all",
        at=breaker.at,
        code="ST4301",
        must=(Condition(Relation(most, Order.BELOW, lift(1)), everybody, room),),
        useful=Relation(limit, Order.AT_MOST, lift(Fraction(1, 2))),
    )


def _ejects(analysis: Analysis, call: Call, breaker: Break, pool: Pool, end: str) -> Obligation:
    """Unsatisfiable iff floor(agents x share) is 0, or all of them; or, by success share, iff fewer requests come from
    a proxy within a window, at the peak and with every retry, than a host needs to be judged.

    Source: Envoy's max_ejection_percent, whole per cents, rounded down (`semantics.outlier.ejectable`, measured) and
    failure_percentage_request_volume (`semantics.outlier.SHARE_VOLUME`); with the panic threshold at 0, as Istio sets
    it, a pool that is ejected whole answers 503. Limits: for pools, whose hosts are known; a dependency's are not. That
    hosts are judged is proved for rates that are spread evenly over as many agents and proxies as there are at this
    end of the bounds, at the steady level for the least and at the peak for the most; rates are means.
    """
    agents = leaves.agents_min(pool) if end == "min" else leaves.agents_max(pool)
    stated = breaker.eject_share
    limit = Leaf(f"ejection share of {call.name}", stated, f"ejects at most {share(stated.value)}")
    out = ejectable(int(agents.number), math.floor(stated.value * 100))
    most = derived(f"agents that {call.name} may eject at its {end}", out, [limit, agents])
    size = f"of {counted(agents.number, 'agent')} of {call.callee} at the {end}imum"
    nobody = (
        f"{call.name} ejects at most {share(stated.value)}, which {size} is nobody: a broken agent stays in rotation"
    )
    everybody = f"{call.name} may eject all {size}, and then every call fails"
    room = f"{call.name} may eject {number(out)} {size}"
    needed, judged = _judges(analysis, call, breaker, pool, end) if breaker.errors is None else ((), None)
    same = next(filter(None, (same_header(analysis, name) for name in (call.caller, call.callee))), "")
    return Obligation(
        claim=f"{call.name} can eject a broken agent, and not the whole pool",
        id=f"ejection/{call.caller}->{call.callee}/{end}",
        at=breaker.at,
        code="ST4301",
        must=(
            Condition(Relation(lift(1), Order.AT_MOST, most), nobody, room),
            Condition(Relation(most, Order.BELOW, agents), everybody, room),
            *needed,
        ),
        proof=judged,
        gap="" if breaker.errors is not None else same,
        remedy="" if same else "a longer window, or `break after … errors`, which needs none, decides it",
        # A repair that still lets 99 of 100 be ejected would save the clause and not the calls.
        useful=Relation(limit, Order.AT_MOST, lift(Fraction(1, 2))),
    )


def _judges(
    analysis: Analysis, call: Call, breaker: Break, pool: Pool, end: str
) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """What it takes that a host can be judged by its share of failures, and what shows that each one is."""
    window = Leaf(f"window of {call.name}", breaker.over_seconds, f"within {seconds(breaker.over_seconds.value)}")
    caller = None if call.caller_kind is CallerKind.DEMAND else analysis.pool(call.caller)
    least: Expression = lift(1) if caller is None else leaves.agents_min(caller)
    most: Expression = lift(1) if caller is None else leaves.agents_max(caller)
    by = f"{call.caller}'s proxy" if caller is None else f"an agent of {caller.name}"
    enough = f"Envoy judges a host by its share of failures from {SHARE_VOLUME} requests on"
    over = seconds(breaker.over_seconds.value)

    highest = analysis.call_rate(Level.PEAK, call, retried=True) * window
    few = number(value(highest) / value(least))
    all_ = f"{by} sends no more than {few} requests to all of {pool.name} in {over}"
    never = f"{all_}: {enough}, so nobody is ever ejected"
    low = end == "min"
    agents, proxies = (leaves.agents_min(pool), least) if low else (leaves.agents_max(pool), most)
    sent = analysis.call_rate(Level.STEADY if low else Level.PEAK, call) * window
    each = number(value(sent) / (value(agents) * value(proxies)))
    told = f"at the {end}imum {by} sends {each} requests to each agent of {pool.name} in {over}; {enough}"
    return (
        (Condition(Relation(lift(SHARE_VOLUME) * least, Order.AT_MOST, highest), never, ""),),
        (Condition(Relation(lift(SHARE_VOLUME) * proxies * agents, Order.AT_MOST, sent), told, told),),
    )
