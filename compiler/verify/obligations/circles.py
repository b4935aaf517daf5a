"""Calls that go in a circle, which everything that follows chains of calls has to leave open."""

from __future__ import annotations

from ..flows.analysis import Analysis
from ..obligation import Obligation


def circles(analysis: Analysis) -> list[Obligation]:
    """Unsatisfiable iff no order puts every caller before its callees; a walk of the graph decides that.

    A circle is not refuted: with few enough calls per request it may come to rest. But rates, retries and deadlines
    have no bound along it that would be proved here, so it is unknown, and those guarantees are not judged.
    """
    if not analysis.circle:
        return []
    calls = analysis.circle
    names = " -> ".join([calls[0].caller, *(call.callee for call in calls)])
    return [
        Obligation(
            id="calls/circle",
            claim="calls do not go in a circle",
            at=calls[-1].at,
            code="ST2110",
            must=(),
            gap=f"calls go in a circle: {names}, so load, retries, deadlines and latency have no bound to compare",
            remedy="take one of these calls out and they are judged",
        )
    ]
