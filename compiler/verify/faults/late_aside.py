"""A demand in a trial -> the share of its requests that come too late because callers put agents aside.

Invariant: an upper bound, whatever the trial's faults are; what comes too late anyway is not told again. Source and
limits: `flows.put_aside`.
"""

from __future__ import annotations

from fractions import Fraction

from ...model import CalleeKind, Demand
from ..flows.put_aside import RARE, put_aside
from .failing import Failing

_ZERO, _ONE = Fraction(0), Fraction(1)


def late_for_agents_aside(failing: Failing, demand: Demand) -> Fraction:
    """Of all requests of the demand, those that come too late for it, without those that do anyway."""
    analysis = failing.analysis
    aside = put_aside(analysis)
    often = aside.often(demand.name)
    if not often:
        return _ZERO
    found: dict[str, Fraction] = {}
    for name in (*reversed(analysis.reached(demand.name)), demand.name):
        for call in analysis.out(name):
            to_pool = call.callee_kind is CalleeKind.POOL
            behind = analysis.out(call.callee) if to_pool else []
            late = sum((one.per_request.value * found[one.name] for one in behind), _ZERO)
            limit = call.policy.patience_seconds
            if limit is not None and to_pool and (aside.at(call.callee).felt or aside.storm(call.callee)):
                key = f"share of {call.callee} later than {limit.value} s without those aside"
                share = analysis.kept(
                    f"{key} by {failing.later_than.__name__}",
                    lambda call=call, limit=limit: failing.later_than(aside.tails, call.callee, float(limit.value)),  # type: ignore[misc]
                )
                here = _ONE if isinstance(share, str) else Fraction(share + aside.more_late(call))
                late += max(_ZERO, here - failing.later(call, failing.at_rest))
            found[call.name] = min(_ONE, late)
    late = min(_ONE, sum((found[call.name] for call in analysis.out(demand.name)), _ZERO)) * min(_ONE, often)
    # In rare moments more are aside, and all that come then may be late.
    return min(_ONE, late + Fraction(RARE))
