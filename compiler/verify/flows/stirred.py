"""Tries that are late for what waits at a pool, and made again while it still waits there -> how many more are late.

Invariant: an upper bound of the model. As long as a pool's waits make tries late, all that a request is tried again on
its way comes on top: what lies beyond such a wait falls off by that load, and not by the usual one. Where that load is
no less than the pool can do, it never falls off: a storm that chance begins keeps itself up, and then nothing is known
but of waits that are as good as never so long. Who may be late is asked of the waits alone, for how long each works
hangs on no other request.

Source: `semantics.retries.stirred`; Bronson et al., "Metastable Failures in Distributed Systems" (HotOS 2021). Limits:
agents that an autoscaler would add in a storm are not counted on; slots of callers that are held for longer are not
counted, and agents that callers put aside only in `put_aside`; a budget of retries counts by what it lets through of
all that is under way.
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


class Stirred:
    """Of the waits of `tails`."""

    def __init__(self, analysis: Analysis, tails: Tails) -> None:
        self._analysis = analysis
        self._tails = tails
        self._calm = not _any_retried(analysis)
        self._known: dict[str, float] = {}
        self._stirs: dict[str, bool] = {}
        self._shortest: dict[str, float] = {}

    def forget(self, pool: str) -> None:
        """What is known of it, as long as nobody has asked for one that calls it."""
        self._known.pop(pool, None)
        self._stirs.pop(pool, None)

    def up(self, call: Call) -> float:
        """The share of a call's tries that are late besides those that would be if none was made again."""
        analysis, patience = self._analysis, self._analysis.ends(call).patience
        if self._calm or math.isinf(patience) or not analysis.is_pool(call.callee) or not self._any(call.callee):
            return 0.0
        found, often = 0.0, {call.callee: 1.0}
        for name in analysis.reached(call.callee):
            state = self._tails.state(analysis.pool(name))
            if not isinstance(state, str) and _late(state, patience) > NEVER:
                found += often.get(name, 0.0) * self._more(name)
            for link in analysis.figures.links.get(name, ()):
                often[link.callee] = often.get(link.callee, 0.0) + often.get(name, 0.0) * link.times
        return min(1.0, found)

    def _any(self, name: str) -> bool:
        """Whether there is such a share of the requests to a pool, or to one behind it."""
        if name not in self._stirs:
            for each in reversed(self._analysis.reached(name)):
                if each not in self._stirs:
                    links = self._analysis.figures.links.get(each, ())
                    self._stirs[each] = self._more(each) > 0 or any(self._stirs.get(one.callee, False) for one in links)
        return self._stirs[name]

    def _more(self, name: str) -> float:
        """Of the requests to a pool, those that wait for so long only since others are made again."""
        if name not in self._known:
            state = self._tails.state(self._analysis.pool(name))
            self._known[name] = 0.0 if isinstance(state, str) else self._more_in(name, state)
        return self._known[name]

    def _more_in(self, name: str, state: Occupied) -> float:
        if state.wait.endless:
            return 1.0
        if _late(state, self._shortest_above(name)) <= NEVER:
            return 0.0
        tried, shortest = _tried(self._analysis, name, state)
        times = stirred(self._used(name, state), tried)
        return 1.0 if math.isinf(times) else (times - 1) * _late(state, shortest)

    def _used(self, name: str, state: Occupied) -> float:
        """The share of a pool's slots, without those that are made again."""
        return 1 - state.wait.spare

    def _shortest_above(self, name: str) -> float:
        """The shortest patience with a pool, or with one that waits for it."""
        if name not in self._shortest:
            for each in self._analysis.above(name):
                into = self._analysis.into(each)
                found = (
                    min(self._analysis.ends(one).patience, self._shortest.get(one.caller, math.inf)) for one in into
                )
                self._shortest[each] = min(found, default=math.inf)
        return self._shortest[name]


def _any_retried(analysis: Analysis) -> bool:
    return analysis.kept(
        "some call is tried again", lambda: any(call.policy.tries_again for call in analysis.fleet.calls)
    )


def _late(state: Occupied, patience: float) -> float:
    """The share of the requests to a pool that wait there for more of a patience than their work leaves of it, or than
    half of it."""
    return state.wait.above(max(0.0, min(patience / 2, patience - state.held.mean)))


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
