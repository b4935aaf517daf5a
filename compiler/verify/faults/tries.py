"""What spoils a call's tries, and its retry policy -> how many in a row are spoiled, and which retries are refused.

Invariant: upper bounds in the models of `semantics.balancing` and `semantics.retries`; where a time that the bound
needs is not stated, a budget is taken to refuse every retry.

Assumptions: a demand comes in through one proxy, so its whole traffic shares one retry budget. Each agent of a calling
pool has a proxy of its own, with its own budget, over an even part of the traffic, or by header over any part; since
one proxy may also stand for all of them, as on the local fleet, that counts too: of these and of all numbers of agents
that there may be, the worst. The load that retries upstream add is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from ...model import Call, CallerKind, Route
from ...semantics.balancing import first_try, runs_of_independent_tries, runs_over_hosts
from ...semantics.retries import retries_refused, retry_slots
from ..exact.expression import value
from ..flows.analysis import Analysis, Level
from ..flows.deadlines import backoff_of, retries_in_time
from ..flows.tried import most_proxies
from ..flows.uneven import by_header
from .traffic import Load

_ONE = Fraction(1)
_HARDLY_ANY = 10**9
"""Proxies that share the traffic as though they were so many: where it lies unevenly, one may have so little of it."""
_STEPS, _FINE = 10**6, 10**24
"""Shares from the numeric models are rounded up to a millionth, so that exact sums of them stay short."""


@dataclass(frozen=True, slots=True)
class Spoiling:
    """Shares of one call's tries, 0..1: `killed` and `hung` are shares of the callee's agents, `other` of tries that
    its answers spoil. `at_once`: tries under way that are lost as it begins."""

    killed: Fraction = Fraction(0)
    hung: Fraction = Fraction(0)
    other: Fraction = Fraction(0)
    at_once: Fraction = Fraction(0)

    @property
    def dead(self) -> Fraction:
        return min(_ONE, self.killed + self.hung)


def _looks_idle(call: Call) -> bool:
    """Whether agents that are killed are sent more than their part. Those that hang keep what they are sent: the less
    loaded of two is then not one of them."""
    return call.policy.route.value is Route.LEAST_LOADED


def met_at_first(call: Call, killed: Fraction) -> Fraction:
    """The most of a call's first tries that meet one of the share of agents that is killed."""
    return first_try(killed, idle_first=_looks_idle(call))


def runs_of(analysis: Analysis, call: Call, spoiling: Spoiling) -> tuple[Fraction, ...]:
    """The chance that a request's first n tries are spoiled, for each n up to the last retry that can start."""
    retries = retries_in_time(call, slow=spoiling.hung > 0)
    idle_first = _looks_idle(call) and spoiling.killed > 0
    if spoiling.other == 0 and spoiling.dead > 0:
        pool = analysis.pool(call.callee)
        if pool.agents_most.value == pool.agents_min.value:
            hosts = pool.agents_min.value
            return runs_over_hosts(hosts, math.ceil(spoiling.dead * hosts), retries, idle_first=idle_first)
    spoiled = min(_ONE, first_try(spoiling.dead, idle_first=idle_first) + spoiling.other)
    return runs_of_independent_tries(spoiled, retries)


def refused_of(analysis: Analysis, call: Call, spoiling: Spoiling, runs: tuple[Fraction, ...], load: Load) -> Fraction:
    """The largest share of wanted retries that the budget turns away; 0 without one.

    Slots are counted from the fewest requests in flight: those whose first try is not spoiled, without waits, two
    standard deviations of their number (Poisson) below their mean.
    """
    retry = call.policy.retry
    budget = retry.budget_share.value if retry is not None and retry.budget_share is not None else _ONE
    if budget >= 1 or len(runs) < 2 or runs[0] == 0:
        return Fraction(0)
    response = _response(analysis, call)
    if response is None:
        return _ONE
    offered = float(load.most) * _held(call, spoiling, runs, response)
    active = float(load.least * (1 - runs[0]) * value(analysis.occupancy(Level.STEADY).least_response(call)))

    def slots_of(proxies: int) -> int:
        each = active / proxies
        return retry_slots(budget, Fraction(max(0.0, each - 2 * math.sqrt(each))))

    worst = 0.0
    for count, slots in _numbers(analysis, call, slots_of):
        worst = max(worst, retries_refused(slots, offered / count, float(spoiling.at_once) / count))
    return min(_ONE, Fraction(math.ceil(worst * _STEPS), _STEPS))


def _numbers(analysis: Analysis, call: Call, slots_of: Callable[[int], int]) -> Iterator[tuple[int, int]]:
    """(proxies, slots) of which one refuses no fewer retries than any number of proxies that there may be.

    More proxies have less to try again each: of all with as many slots, the fewest refuse most. Numbers that lie within
    a twentieth of each other count as the fewest of them with the slots of the most.
    """
    yield 1, slots_of(1)
    if call.caller_kind is CallerKind.DEMAND:
        return
    count, last = max(1, analysis.pool(call.caller).agents_min.value), most_proxies(analysis, call)
    if by_header(analysis, call.caller):
        last = _HARDLY_ANY
    least = slots_of(last)
    while count <= last:
        slots = slots_of(end := min(last, count + count // 20))
        yield count, slots
        if slots == least:
            return
        count = end + 1


def _held(call: Call, spoiling: Spoiling, runs: tuple[Fraction, ...], response: float) -> float:
    """Seconds that one request's retries have slots, on average: half of the longest back-off, and the try."""
    spoiled = response if spoiling.other > 0 else 0.0
    single = call.policy.try_timeout_seconds
    if spoiling.hung > 0:
        spoiled = max(spoiled, float(single.value) if single is not None else response)
    backoff = backoff_of(call)
    held = 0.0
    for retry in range(1, len(runs)):
        wanted, again = float(runs[retry - 1]), float(runs[retry])
        held += wanted * float(backoff.before(retry)) / 2 + (wanted - again) * response + again * spoiled
    return held


def _response(analysis: Analysis, call: Call) -> float | None:
    """The longest mean time to an answer at any level, its deadline at most; None where it is not known."""
    times = analysis.occupancy(Level.BETWEEN).response_of(call)
    if isinstance(times, str):
        return None
    longest = times.mean
    limit = call.policy.patience_seconds
    if limit is not None:
        longest = min(longest, float(limit.value))
    return None if math.isinf(longest) else longest


def short(share: Fraction) -> Fraction:
    """Rounded up, so that exact sums of products of them stay short: to less than any share of tries that is late."""
    return Fraction(-(-share.numerator * _FINE // share.denominator), _FINE)
