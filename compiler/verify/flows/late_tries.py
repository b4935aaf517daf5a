"""A fleet without faults -> the pools of which the load is not known, because answers come too late and are asked for
again.

Invariant: where nothing is said of a pool, what is tried again for being late takes less than `_ACCURACY` of the slots
that are free there, so that waits are those of `occupancy`, which counts every request once, within a hundredth.

What is cut is worked on nevertheless. Its caller's slot is held for the next try, and so is the slot of whoever waits
for that caller. Source: Bronson et al., "Metastable Failures in Distributed Systems" (HotOS 2021). Limit: of faults the
success and recovery guarantees speak.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from ...model import Call, Pool
from .analysis import Analysis, Level
from .figures import Link, double
from .used import used_at_rest

MORE_TIME = "a longer timeout, or more agents, would tell"
_ACCURACY = 0.01


def tried_again(analysis: Analysis) -> Mapping[str, str]:
    """Why, by the name of the pool; worked out once."""
    return analysis.kept("pools of late tries", lambda: _again(analysis))


def patience(call: Call) -> float:
    """Seconds that one try may take; infinite without a limit."""
    limit = call.policy.patience_seconds
    return math.inf if limit is None else double(limit.value)


def failing(analysis: Analysis) -> Mapping[str, float]:
    """By the name of a call, the share of its tries that are cut, or that a cut on the way behind makes fail, at any
    level of demand: an upper bound; worked out once."""
    return analysis.kept("tries that fail for being late", lambda: _failing(analysis))


def _failing(analysis: Analysis) -> dict[str, float]:
    links, tails = analysis.figures.links, analysis.tails(Level.BETWEEN)
    found: dict[str, float] = {}
    for name in (*reversed(analysis.names), *(one.name for one in analysis.fleet.demands)):
        for link in links.get(name, ()):
            behind = sum(one.times * found[one.call.name] for one in links.get(link.callee, ()))
            limit = patience(link.call)
            cut = 0.0 if math.isinf(limit) else tails.late_at_most(link.callee, limit)
            found[link.call.name] = cut + behind
    return found


def _retried(call: Call) -> bool:
    return call.policy.retry is not None and call.policy.retry.attempts.value > 0


def _again(analysis: Analysis) -> dict[str, str]:
    if not any(_retried(call) for call in analysis.fleet.calls):
        return {}
    links, late = analysis.figures.links, failing(analysis)
    loads: dict[str, float] = {}
    found: dict[str, str] = {}
    for name in analysis.names:
        into = analysis.into(name)
        more = {call.name: loads.get(call.caller, 0.0) + _retried(call) * late[call.name] for call in into}
        loads[name] = max(more.values(), default=0.0)
        held = sum(_held(link, late) for link in links.get(name, ()))
        if loads[name] + held > _ACCURACY * _spare(analysis, analysis.pool(name)):
            tries = f"tries that {name} {'gets' if loads[name] >= held else 'makes'}"
            why = (
                f"too many of the {tries} may be cut before they are answered, and with those that are made again its "
                f"load is not known; {MORE_TIME}"
            )
            for above in analysis.above(name):
                found.setdefault(above, why)
    return found


def _held(link: Link, late: Mapping[str, float]) -> float:
    return link.times * late[link.call.name] if _retried(link.call) else 0.0


def _spare(analysis: Analysis, pool: Pool) -> float:
    """The share of the slots that is free at the worst level; all of them where nothing is known."""
    used = used_at_rest(analysis, pool)
    return 1.0 if isinstance(used, str) else max(0.0, 1 - used)
