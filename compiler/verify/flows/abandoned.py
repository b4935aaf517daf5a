"""A call to a dependency that its caller may give up -> how many tries of one slot still run there, and are charged.

Invariant: for all but one answer in a million. A caller that gives up goes on at once, with another try or the next
request; what it gave up runs until its answer would have been there.
"""

from __future__ import annotations

import math

from ...model import Call
from ...semantics.rare import CHANCE
from .analysis import Analysis


def left_running(analysis: Analysis, call: Call) -> int | str:
    """Beside the one that the slot waits for; or why that is not known."""
    patience = analysis.ends(call).patience
    if math.isinf(patience):
        return 0
    known = analysis.latency(call.callee)
    if known is None:
        return (
            f"{call.name} may give up, and how long {call.callee} then still works is not stated; write "
            f"`latency p50 …, p99 …` in {call.callee}"
        )
    if patience <= 0:
        return f"{call.name} gives up at once"
    return max(0, math.ceil(known[0].quantile(1 - CHANCE) / patience) - 1)
