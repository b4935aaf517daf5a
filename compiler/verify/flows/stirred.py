"""Tries that are late for what waits at a pool, and made again while it still waits there -> how many more are late.

Invariant: an upper bound of the model. As long as a pool's waits make tries late, all that a request is tried again on
its way comes on top: what lies beyond such a wait falls off by that load, and not by the usual one. Where that load is
no less than the pool can do, it never falls off: a storm that chance begins keeps itself up, and then nothing is known
but of waits that are as good as never so long. Who may be late is asked of the waits alone, for how long each works
hangs on no other request.

Source: `semantics.retries.stirred`; Bronson et al., "Metastable Failures in Distributed Systems" (HotOS 2021). Limits:
agents that an autoscaler would add in a storm are not counted on; slots of callers that are held for longer, and agents
that callers put aside in a storm, are not counted; a budget of retries counts by what it lets through of all that is
under way.
"""

from __future__ import annotations

import math

from ...model import Call, CallerKind
from ...semantics.retries import stirred
from ..exact.expression import value
from .analysis import Analysis
from .figures import double
from .occupancy import Occupied
from .tails import Tails

NEVER = 1e-9
"""A share of the requests that is as good as none."""


def stirred_up(analysis: Analysis, call: Call, tails: Tails) -> float:
    """The share of a call's tries that are late besides those that would be if none was made again."""
    patience = analysis.ends(call).patience
    if math.isinf(patience) or not analysis.is_pool(call.callee) or not _any_retried(analysis):
        return 0.0
    found, often = 0.0, {call.callee: 1.0}
    for name in analysis.reached(call.callee):
        state = tails.state(analysis.pool(name))
        if not isinstance(state, str) and _late(state, patience) > NEVER:
            found += often.get(name, 0.0) * _more(analysis, name, state)
        for link in analysis.figures.links.get(name, ()):
            often[link.callee] = often.get(link.callee, 0.0) + often.get(name, 0.0) * link.times
    return min(1.0, found)


def _any_retried(analysis: Analysis) -> bool:
    return analysis.kept(
        "some call is tried again", lambda: any(call.policy.tries_again for call in analysis.fleet.calls)
    )


def _late(state: Occupied, patience: float) -> float:
    """The share of the requests to a pool that wait there for more of a patience than their work leaves of it, or than
    half of it."""
    return state.wait.above(max(0.0, min(patience / 2, patience - state.held.mean)))


def _more(analysis: Analysis, name: str, state: Occupied) -> float:
    """Of the requests to a pool, those that wait for so long only since others are made again."""
    if state.wait.endless:
        return 1.0
    tried, shortest = _tried(analysis, name, state)
    times = stirred(1 - state.wait.spare, tried)
    return 1.0 if math.isinf(times) else (times - 1) * _late(state, shortest)


def _tried(analysis: Analysis, name: str, state: Occupied) -> tuple[float, float]:
    """How many times as many come to a pool when all that wait for it are late, and the shortest patience of those that
    are then made again."""
    above = analysis.above(name)
    fails, made, shortest = set[str](), dict[str, float](), math.inf
    for each in reversed(above):
        for call in analysis.into(each):
            patience = analysis.ends(call).patience
            late = math.isfinite(patience) and _late(state, patience) > NEVER
            cut_early = late and call.policy.try_timeout_seconds is not None
            if call.policy.tries_again and (each in fails or cut_early):
                made[call.name] = double(value(analysis.attempts(call)))
                shortest = min(shortest, patience) if late else shortest
            if (late or each in fails) and call.caller_kind is CallerKind.POOL:
                fails.add(call.caller)
    times: dict[str, float] = {}
    for each in above:
        into = analysis.into(each)
        times[each] = max((times.get(call.caller, 1.0) * made.get(call.name, 1.0) for call in into), default=1.0)
    return times[name], shortest
