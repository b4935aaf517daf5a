"""Outlier ejection: it can take out somebody, and it cannot take out everybody, at the least and the most agents."""

from __future__ import annotations

import math
from functools import partial

from ...model import Break, Call, CalleeKind, Pool
from ...semantics.outlier import ejectable
from .. import leaves
from ..analysis import Analysis
from ..expression import Leaf, Order, Relation, derived, lift
from ..obligation import Condition, Judged, Obligation, Proven
from ..occupancy import agents_at_most
from ..words import counted, number, share


def ejection(analysis: Analysis) -> list[Judged]:
    found: list[Judged] = []
    for call in analysis.fleet.calls:
        breaker = call.policy.breaker
        if breaker is None or call.callee_kind is not CalleeKind.POOL:
            continue
        pool, share_ = analysis.pool(call.callee), breaker.eject_share.value
        percent = 100 * share_.numerator // share_.denominator
        low, high = pool.agents_min.value, agents_at_most(pool)
        for end, count in (("min", low), ("max", high)):
            if end == "max" and high == low:
                continue
            make = partial(_ejects, call, breaker, pool, end)
            sure = 1 <= ejectable(count, percent) < count
            id = f"ejection/{call.caller}->{call.callee}/{end}"
            found.append(Proven(id, breaker.at, "ST4301", make) if sure else make())
    return found


def _ejects(call: Call, breaker: Break, pool: Pool, end: str) -> Obligation:
    """Unsatisfiable iff floor(agents x share) is 0, or all of them.

    Source: Envoy's max_ejection_percent, whole per cents, rounded down (`semantics.outlier.ejectable`, measured); with
    the panic threshold at 0, as Istio sets it, a pool that is ejected whole answers 503. Limit: for pools, whose hosts
    are known; a dependency's are not.
    """
    agents = leaves.agents_min(pool) if end == "min" else leaves.agents_most(pool)
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
    return Obligation(
        claim=f"{call.name} can eject a broken agent, and not the whole pool",
        id=f"ejection/{call.caller}->{call.callee}/{end}",
        at=breaker.at,
        code="ST4301",
        must=(
            Condition(Relation(lift(1), Order.AT_MOST, most), nobody, room),
            Condition(Relation(most, Order.BELOW, agents), everybody, room),
        ),
    )
