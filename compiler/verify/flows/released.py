"""What has piled up for an empty pool -> how much it may ask of a dependency once its agents work it off.

Invariant: an upper bound: all agents that there may be, each with all its slots in use and nothing that waits.

Source: Little's law; a token bucket in each agent's proxy bounds its calls, but for the retries of the call itself.
"""

from __future__ import annotations

from fractions import Fraction

from ...model import Call, CallerKind
from ..exact.expression import value
from .analysis import Analysis, Level


def releases(analysis: Analysis, dependency: str) -> bool:
    """Whether a pool that may be empty calls it."""
    some = analysis.kept("some pool may be empty", lambda: any(pool.may_be_empty for pool in analysis.fleet.pools))
    return some and any(_is_released(analysis, call) for call in analysis.into(dependency))


def most_in_all(analysis: Analysis, dependency: str) -> Fraction | str:
    """`most_asked` of all calls to it."""
    most = Fraction(0)
    for call in analysis.into(dependency):
        asked = most_asked(analysis, call)
        if isinstance(asked, str):
            return asked
        most += asked
    return most


def most_asked(analysis: Analysis, call: Call) -> Fraction | str:
    """Requests per second of a call to a dependency, every one retried to the last; or why no bound is known."""
    if not _is_released(analysis, call):
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


def _is_released(analysis: Analysis, call: Call) -> bool:
    return call.caller_kind is CallerKind.POOL and analysis.pool(call.caller).may_be_empty
