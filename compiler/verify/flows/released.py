"""What has piled up before pools -> how much they may ask of a dependency once their agents work it off.

Invariant: an upper bound. A pool of which the agents of the moment always keep up passes on what arrives; any other,
all that its most agents do, with an update's, each with all its slots in use and nothing that waits; and agents that
were told to leave, what they have in hand.

Nothing piles up where the fewest agents are enough for the peak, or where those that its autoscaler adds on the rise
from steady to peak come in time (`semantics.growth`). Items that a trial lays into a queue have piled up. Source:
Little's law; a token bucket in each agent's proxy bounds its calls, but for the retries of the call itself. Limits:
means, so that chance piles up nothing, and no fault does; of a pool without a queue whose times are not stated the
capacity is unknown, and the mean is taken here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeVar

from ...model import Call, CallerKind, Pool, Signal
from ...semantics.probes import grace
from ...semantics.retries import ENVOY_MIN_RETRY_CONCURRENCY
from ...semantics.updates import placed_pods
from ..exact.expression import value
from . import unhurried
from .analysis import Analysis, Level
from .buckets import admitted
from .figures import ERROR, double, surely_below
from .occupancy import ABOVE
from .pods import most_pods
from .rises import waits_in_a_rise
from .tried import has_budget, most_proxies, most_times, tried
from .uneven import sharing

N = TypeVar("N", Fraction, float)

_EITHER_WAY = (1 - ERROR, 1 + ERROR)


def releases(analysis: Analysis, dependency: str) -> bool:
    """Whether more may reach it than in the mean: something may pile up on the way."""
    return any(works_off(analysis, analysis.pool(call.caller)) for call in _of_pools(analysis, dependency))


def emptied(analysis: Analysis, dependency: str) -> bool:
    """Whether a pool that may be empty calls it."""
    if not any(analysis.of_pools("may be empty", lambda pool: pool.may_be_empty)):
        return False
    return any(analysis.pool(call.caller).may_be_empty for call in _of_pools(analysis, dependency))


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
    """Requests per second of a call, every one retried to the last; or why no bound is known."""
    known: dict[str, Fraction | str] = analysis.by_callee("asked at the most", call.caller)
    if call.written_to not in known:
        known[call.written_to] = _most_asked(analysis, call)
    return known[call.written_to]


def _most_asked(analysis: Analysis, call: Call) -> Fraction | str:
    sent, bucket = _wanted(analysis, call), admitted(analysis, call)
    if bucket is not None:
        sent = bucket if isinstance(sent, str) else min(sent, bucket)
    return sent if isinstance(sent, str) else tried(analysis, call, sent)


def _wanted(analysis: Analysis, call: Call) -> Fraction | str:
    """First tries per second of a call, before any bucket."""
    if call.caller_kind is CallerKind.DEMAND:
        return analysis.demand(call.caller).peak_per_second.value
    most = _worked(analysis, call.caller)
    if isinstance(most, str) or most_times(analysis, call) <= call.per_request.value:
        return most if isinstance(most, str) else most * call.per_request.value
    return _with_empty_caches(analysis, call)


def _with_empty_caches(analysis: Analysis, call: Call) -> Fraction:
    """Requests per second of a call whose cache is empty, and no other: they take the time of its answers too."""
    pool, times = analysis.pool(call.caller), most_times(analysis, call)
    response = value(unhurried.response(analysis, call, {}))
    takes = _least_held(analysis, pool) + (times - call.per_request.value) * response
    return at_full_speed(pool, takes) * times


def most_asked_in(analysis: Analysis, call: Call, seconds: Fraction) -> Fraction | str:
    """The same in so many seconds in a row: what lies in the buckets of agents that work something off too, and retries
    that a budget let through just before."""
    asked = most_asked(analysis, call)
    if isinstance(asked, str):
        return asked
    return asked * seconds + _saved(analysis, call, seconds) + _begun(analysis, call)


def _begun(analysis: Analysis, call: Call) -> Fraction:
    """Retries that have their slot in each proxy as the time begins, and what they call in turn: `retries.tried_in`."""
    begun = Fraction(most_proxies(analysis, call) * ENVOY_MIN_RETRY_CONCURRENCY if has_budget(call) else 0)
    if call.caller_kind is CallerKind.DEMAND or piles_up(analysis, analysis.pool(call.caller)):
        return begun
    above = sum((_begun(analysis, one) for one in analysis.into(call.caller)), Fraction(0)) * call.per_request.value
    return begun + above * (1 + (call.policy.retry.attempts.value if call.policy.retry is not None else 0))


def _saved(analysis: Analysis, call: Call, seconds: Fraction) -> Fraction:
    """Requests for which there are tokens in the buckets on the way as these seconds begin, or as an agent starts in
    them: in each time to leave no more agents are there in all than at a moment of it."""
    admit, saved = call.policy.admit, Fraction(0)
    if call.caller_kind is CallerKind.DEMAND:
        tries = 1 + (call.policy.retry.attempts.value if call.policy.retry is not None else 0)
        return Fraction(admit.depth * tries) if admit is not None and _held_back(analysis, call) else saved
    caller = analysis.pool(call.caller)
    if admit is not None and (works_off(analysis, caller) or _held_back(analysis, call)):
        spells = 1 + math.ceil(seconds / grace(caller.drain_seconds.value))
        saved += most_pods(caller) * spells * admit.depth
    if not piles_up(analysis, caller):
        above = (_saved(analysis, one, seconds) for one in analysis.into(caller.name))
        saved += sum(above, Fraction(0)) * call.per_request.value
    # What a budget lets through of these when hardly anything else comes is all that is wanted.
    return saved * (1 + (call.policy.retry.attempts.value if call.policy.retry is not None else 0))


def _held_back(analysis: Analysis, call: Call) -> bool:
    """Whether more is wanted than its buckets let through."""
    sent, bucket = _wanted(analysis, call), admitted(analysis, call)
    return bucket is not None and (isinstance(sent, str) or bucket < sent)


def quickly_in_all(analysis: Analysis, name: str) -> float:
    """`most_in_all` of a pool or dependency, with the error of `figures`; nan where they do not tell, or where no bound
    is known."""
    known: dict[str, Mapping[str, float]] = analysis.by_caller("asked at the most, in doubles")
    into = analysis.into(name)
    if any(call.caller not in known for call in into):
        for demand in analysis.fleet.demands:
            if demand.name not in known:
                known[demand.name] = _sent(analysis, demand.name, double(demand.peak_per_second.value))
        anew = [call.caller for call in into if call.caller not in known]
        for each in analysis.above(*anew) if anew else ():
            if each not in known:
                arrives = sum(known[call.caller][each] for call in analysis.into(each))
                known[each] = _sent(analysis, each, _quickly_worked(analysis, analysis.pool(each), arrives))
    return sum(known[call.caller][name] for call in into)


def _sent(analysis: Analysis, name: str, most: float) -> Mapping[str, float]:
    """Requests per second to each that a demand or pool calls, of which so many go through it."""
    sent: dict[str, float] = {}
    for link in analysis.figures.links.get(name, ()):
        here = most
        if link.call.caller_kind is CallerKind.POOL:
            here = most * link.times
            if not math.isnan(here) and most_times(analysis, link.call) > link.call.per_request.value:
                here = double(_with_empty_caches(analysis, link.call))
        if (bucket := admitted(analysis, link.call)) is not None:
            here = min(here, double(bucket))
        sent[link.callee] = tried(analysis, link.call, here) if has_budget(link.call) else here * link.attempts
    return sent


def _quickly_worked(analysis: Analysis, pool: Pool, arrives: float) -> float:
    """`_worked` in doubles, given what arrives."""
    passes = _passes_on_what_comes(analysis, pool, lambda: _surely_done(analysis, pool, arrives))
    if passes is None:
        return math.nan
    if passes:
        return arrives
    takes = (
        double(_least_held(analysis, pool)) if pool.degrade else analysis.occupancy(Level.PEAK).least_seconds[pool.name]
    )
    return at_full_speed(pool, takes) if takes > 0 else math.nan


def _passes_on_what_comes(analysis: Analysis, pool: Pool, fewest_do: Callable[[], bool | None]) -> bool | None:
    """Whether no more than arrives is worked on; `fewest_do` says whether the fewest agents do all that arrives where
    something piles up on the way: None where it does not tell."""
    if not works_off(analysis, pool):
        return True
    return not piles_up(analysis, pool) and fewest_do()


def _surely_done(analysis: Analysis, pool: Pool, arrives: float) -> bool | None:
    held = analysis.occupancy(Level.PEAK).held(pool)
    done = {not isinstance(held, str) and _fewest_do(analysis, pool, arrives * near, held.mean) for near in _EITHER_WAY}
    return None if len(done) > 1 or math.isnan(arrives) else done.pop()


def _done_by_the_fewest(analysis: Analysis, pool: Pool) -> bool:
    arrives, held = most_in_all(analysis, pool.name), analysis.occupancy(Level.PEAK).held(pool)
    if isinstance(arrives, str) or isinstance(held, str):
        return False
    return _fewest_do(analysis, pool, float(arrives), held.mean)


def at_full_speed(pool: Pool, takes: N) -> N:
    """Requests per second, in the mean over a time to leave, of which each takes so many seconds: as many slots as
    there are, or those of agents that get new ones, and all that the others had in hand."""
    there, live = most_pods(pool), placed_pods(pool.agents_most.value)
    slots, leaves = pool.each.concurrency.value, grace(pool.drain_seconds.value)
    return min(there * slots / takes, live * slots / takes + Fraction(there * slots, leaves))


def works_off(analysis: Analysis, pool: Pool) -> bool:
    """Whether its agents may have more to do than in the mean: something may pile up before it, or on the way to it."""
    known: dict[str, bool] = analysis.by_caller("works off")
    if pool.name not in known:
        callers = (call.caller for call in _of_pools(analysis, pool.name))
        for each in analysis.above(pool.name) if any(one not in known for one in callers) else (pool.name,):
            if each not in known:
                known[each] = piles_up(analysis, analysis.pool(each)) or releases(analysis, each)
    return known[pool.name]


def piles_up(analysis: Analysis, pool: Pool) -> bool:
    """Whether more may come on a course of demand than the agents that are there work on."""
    known: dict[str, bool] = analysis.by_caller("piles up")
    if pool.name not in known:
        known[pool.name] = _piles_up(analysis, pool)
    return known[pool.name]


def laid(analysis: Analysis, pool: Pool) -> bool:
    """Whether a trial begins with items that wait for the pool."""
    queued = {one.name for one in analysis.fleet.queues if one.pool.value == pool.name}
    return any(one.queue.value in queued for trial in analysis.fleet.trials for one in trial.backlogs)


def _piles_up(analysis: Analysis, pool: Pool) -> bool:
    if pool.may_be_empty or (analysis.fleet.queues and laid(analysis, pool)):
        return True
    peak, held = analysis.flow(Level.PEAK).get(pool.name, 0.0), analysis.occupancy(Level.PEAK).held(pool)
    if isinstance(held, str):
        return any(queue.pool.value == pool.name for queue in analysis.fleet.queues)
    if _fewest_do(analysis, pool, peak, held.mean):
        return False
    scaling = pool.scaling
    if scaling is None or scaling.signal in (Signal.QUEUE, Signal.CPU):
        return True
    return waits_in_a_rise(analysis, pool, scaling)


def _fewest_do(analysis: Analysis, pool: Pool, rate: float, held: float) -> bool:
    slots = sharing(analysis, pool.name, pool.agents_min.value) * pool.each.concurrency.value
    return math.isfinite(held) and surely_below(rate * held * ABOVE, slots)


def _worked(analysis: Analysis, name: str) -> Fraction | str:
    """Requests per second that a pool works on at the most, every call retried to the last; or why no bound is known.
    That is more than arrives in the mean where it `works_off`."""
    known: dict[str, Fraction | str] = analysis.by_caller("worked off")
    if name not in known:
        for each in analysis.above(name):
            if each not in known:
                known[each] = _most_worked(analysis, analysis.pool(each))
    return known[name]


def _most_worked(analysis: Analysis, pool: Pool) -> Fraction | str:
    if _passes_on_what_comes(analysis, pool, lambda: _done_by_the_fewest(analysis, pool)):
        return most_in_all(analysis, pool.name)
    takes = _least_held(analysis, pool)
    if takes <= 0:
        return (
            f"{pool.name} does not state how long a request takes, so how fast it works off what has piled up is open"
        )
    return at_full_speed(pool, takes)


def _least_held(analysis: Analysis, pool: Pool) -> Fraction:
    """Seconds that a request which makes its calls has a slot at the least: a step of degradation is quicker."""
    held, service = unhurried.times(analysis)[pool.name], pool.each.service_mean_seconds
    return held if service is None else held - service.value + least_work(pool)


def least_work(pool: Pool) -> Fraction:
    """Seconds of the agent's own work on a request which makes its calls, in the quickest step; 0 if none is stated."""
    service = pool.each.service_mean_seconds
    steps = (step.service_mean_seconds.value for step in pool.degrade if step.makes_calls)
    return Fraction(0) if service is None else min([service.value, *steps])


def _of_pools(analysis: Analysis, name: str) -> list[Call]:
    return [call for call in analysis.into(name) if call.caller_kind is CallerKind.POOL]
