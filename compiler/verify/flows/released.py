"""What has piled up for a pool, while it was empty or grew -> how much it may ask of a dependency as it works it off.

Invariant: an upper bound: all agents that there may be, each with all its slots in use and nothing that waits.

Source: Little's law; a token bucket in each agent's proxy bounds its calls, but for the retries of the call itself.
"""

from __future__ import annotations

from fractions import Fraction

from ...model import Call, CallerKind
from ..exact.expression import value
from .analysis import Analysis, Level
from .rises import piles_up


def releases(analysis: Analysis, dependency: str, *, grown: bool = False) -> bool:
    """Whether a pool that may be empty calls it; or, `grown`, one on the way to which requests may wait for agents that
    an autoscaler adds in a rise."""
    some = analysis.kept("some pool may be empty", lambda: any(pool.may_be_empty for pool in analysis.fleet.pools))
    if not some and not (grown and _behind_growth(analysis)):
        return False
    return any(_is_released(analysis, call, grown) for call in analysis.into(dependency))


def most_in_all(analysis: Analysis, dependency: str) -> Fraction | str:
    """`most_asked` of all calls to it."""
    most = Fraction(0)
    for call in analysis.into(dependency):
        asked = most_asked(analysis, call)
        if isinstance(asked, str):
            return asked
        most += asked
    return most


def most_asked(analysis: Analysis, call: Call, *, grown: bool = False) -> Fraction | str:
    """Requests per second of a call to a dependency, every one retried to the last; or why no bound is known. `grown`
    as of `releases`."""
    if not _is_released(analysis, call, grown):
        return value(analysis.call_rate(Level.PEAK, call, retried=True))
    pool, bounds = analysis.pool(call.caller), []
    held = value(analysis.occupancy(Level.PEAK).least_held[pool.name])
    if held > 0:
        bounds.append(pool.each.concurrency.value / held * call.per_request.value)
    if call.policy.admit is not None:
        bounds.append(call.policy.admit.per_second.value)
    if not bounds:
        return (
            f"{pool.name} does not state how long a request takes, so how fast it works off what has piled up is open"
        )
    return pool.agents_max.value * min(bounds) * value(analysis.attempts(call))


def _is_released(analysis: Analysis, call: Call, grown: bool) -> bool:
    if call.caller_kind is not CallerKind.POOL:
        return False
    if analysis.pool(call.caller).may_be_empty:
        return True
    return grown and call.caller in _behind_growth(analysis)


def _behind_growth(analysis: Analysis) -> frozenset[str]:
    """Pools that may have more to do than the peak brings: where requests wait in a rise, and all behind."""
    growing = (pool.name for pool in analysis.fleet.pools if piles_up(analysis, pool))
    return analysis.kept(
        "pools behind growth", lambda: frozenset(name for first in growing for name in analysis.reached(first))
    )
