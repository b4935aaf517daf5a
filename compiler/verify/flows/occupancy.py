"""A fleet at a level of demand -> how long agents are held, where autoscalers settle, how long requests wait.

Invariant: a slot is held for an agent's own service and for the calls it waits for; callees are worked out before
their callers, so every wait is one that was computed, and an overloaded callee makes its callers' times infinite.

Source: Little's law for the slots in use; `semantics.queueing` (Allen-Cunneen) for waits, `semantics.latency` for
log-normal times, `semantics.scaling` for where a target settles, `semantics.two_choices` for agents of which callers
take the less loaded. Limits of the model: steady state with Poisson arrivals at each pool; one queue an agent where
callers do not look at what it has under way, one a pool where a `queue` keeps its items, or a skill; an autoscaler
within its tolerance does not move, so the fewest agents at which it stays put are taken; calls are made one after the
other; a time-out shortens nothing.
Figures are doubles; seconds and requests per second.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from ...model import Call, CalleeKind, Dependency, Pool, Signal
from ...semantics.controller import TOLERANCE
from ...semantics.latency import LogNormal, of_mean_p99, of_p50_p99
from ...semantics.queueing import Wait
from ...semantics.scaling import in_flight, replicas_for_signal
from ..exact.expression import Expression, value
from . import unhurried
from .analysis import ENDS, Analysis, Level
from .figures import double, surely_ceiling
from .longer_steps import longer_step
from .missing import missing_latency, missing_service
from .overheads import saved, slowed, times_longer
from .uneven import by_header, too_few, unseen_by_scaling
from .unrest import may_be_restless, unrest
from .waits import queues_of, wait_of

BAND = 1 + TOLERANCE
"""An autoscaler leaves a pool alone while its metric is at most this many times the target."""
UP, DOWN = Fraction(1_000_001, 1_000_000), unhurried.DOWN
"""The numeric models are good to far more than six figures; comparisons give them a millionth either way."""
ABOVE = float(UP)


class Times(NamedTuple):
    """Mean and variance of a time, seconds."""

    mean: float
    variance: float


_ENDLESS = Times(math.inf, math.inf)


def service_of(pool: Pool) -> LogNormal | None:
    """Service times: both figures and a log-normal that has them, else None. A constant has its p99 at its mean."""
    mean, p99 = pool.each.service_mean_seconds, pool.each.service_p99_seconds
    return None if mean is None or p99 is None else of_mean_p99(mean.value, p99.value)


def slowed_service_of(pool: Pool) -> LogNormal | None:
    """The same among as many others as there may be, who each take a part of the work (`overhead`), where no step of
    degradation may take longer."""
    if longer_step(pool):
        return None
    mean, p99 = pool.each.service_mean_seconds, pool.each.service_p99_seconds
    if mean is None or p99 is None or not slowed(pool):
        return service_of(pool)
    longer = Fraction(times_longer(pool, pool.agents_most.value)) * UP
    return of_mean_p99(mean.value * longer, p99.value * longer)


def latency_of(dependency: Dependency) -> LogNormal | None:
    p50, p99 = dependency.latency_p50_seconds, dependency.latency_p99_seconds
    return None if p50 is None or p99 is None else of_p50_p99(p50.value, p99.value)


def times_of(of: LogNormal) -> Times:
    mean = of.mean()
    return Times(mean, of.cv2() * mean**2)


@dataclass(slots=True)
class Occupied:
    """One pool at one level: `held` is how long a request has a slot, `wait` how long it waits for one."""

    analysis: Analysis = field(repr=False, compare=False)
    level: Level
    name: str
    held: Times
    agents: int
    wait: Wait
    response: Times
    """Wait and hold; infinite when overloaded."""

    @property
    def rate(self) -> Fraction:
        """Requests per second, exactly."""
        return value(self.analysis.rate(Level.STEADY if self.level is Level.STEADY else Level.PEAK, self.name))

    @property
    def unrest(self) -> str:
        """Why the pool has no size at rest; "" where it has one."""
        pool, level = self.analysis.pool(self.name), Level.STEADY if self.level is Level.STEADY else Level.PEAK
        if not may_be_restless(pool):
            return ""
        return unrest(pool, self.analysis.flow(level).get(self.name, 0.0) * self.held.mean * ABOVE)


def answered(held: Times, wait: Wait) -> Times:
    """From a call to its answer."""
    if math.isinf(wait.decay) or math.isinf(held.mean):
        return _ENDLESS
    mean = wait.mean()
    return Times(held.mean + mean, held.variance + wait.mean_square() - mean**2)


@dataclass(frozen=True)
class Occupancy:
    analysis: Analysis
    level: Level

    _found: dict[str, Occupied | str] = field(default_factory=dict, repr=False)
    _answers: dict[str, Times | str] = field(default_factory=dict, repr=False)
    """From a call of a pool or dependency to its answer."""

    def of(self, pool: Pool) -> Occupied | str:
        """Its state, or why there is none: the first clause that is missing. What it calls is worked out first."""
        found = self._found.get(pool.name)
        if found is None:
            for name in reversed(self.analysis.reached(pool.name)):
                if name not in self._found:
                    self._found[name] = self._occupied(self.analysis.pool(name))
            found = self._found[pool.name]
        return found

    def forget(self, pool: Pool) -> None:
        """What was worked out of a pool, as long as nobody has asked for one that calls it."""
        self._found.pop(pool.name, None)
        self._answers.pop(pool.name, None)

    def _occupied(self, pool: Pool) -> Occupied | str:
        if self.level is Level.BETWEEN:
            return self._worst(pool)
        held = self.held(pool)
        return held if isinstance(held, str) else self._settled(pool, self.level, held)

    def _at(self, level: Level) -> Occupancy:
        return self.analysis.occupancy(level)

    def _rate(self, level: Level, name: str) -> float:
        return self.analysis.flow(level).get(name, 0.0)

    def _exactly(self, level: Level, name: str) -> Fraction:
        return value(self.analysis.rate(level, name))

    def _settled(self, pool: Pool, level: Level, held: Times) -> Occupied | str:
        rate = self._rate(level, pool.name)
        agents = self._agents(pool, level, rate, held)
        if isinstance(agents, str):
            return agents
        wait = wait_of(self.analysis, pool, rate, among(pool, held, agents), agents)
        if by_header(self.analysis, pool.name) and (why := too_few(pool, rate * held.mean)):
            # What is too much at the steady level is so at the peak, which is told of both.
            peak = self._at(Level.PEAK).of(pool) if level is Level.STEADY else why
            return peak if isinstance(peak, str) else why
        return Occupied(self.analysis, level, pool.name, held, agents, wait, answered(held, wait))

    def _agents(self, pool: Pool, level: Level, rate: float, held: Times) -> int | str:
        """`settled` within its tolerance: by doubles where they tell, else exactly."""
        if slowed(pool):
            return self._slowed(pool, level, held)
        each = rate_each(pool, held)
        if each is not None:
            asked = surely_ceiling(rate / each)
            if asked is not None:
                return min(max(asked, pool.agents_min.value), pool.agents_max.value)
        return settled(pool, self._exactly(level, pool.name), held, BAND)

    def _slowed(self, pool: Pool, level: Level, held: Times) -> int | str:
        """The fewest that are content with what each does among so many."""
        count, asked = 0, settled(pool, self._exactly(level, pool.name), among(pool, held, 1), BAND)
        while not isinstance(asked, str) and asked > count:
            count = asked
            asked = settled(pool, self._exactly(level, pool.name), among(pool, held, count), BAND)
        return asked if isinstance(asked, str) else count

    def _worst(self, pool: Pool) -> Occupied | str:
        """No level from steady to peak, whatever the levels of other demands are, has longer waits.

        At a given number of agents waits grow with the rate, and at a given use of the slots they fall with the number
        of agents. So they are longest where the fewest agents, those of the steady level, are as busy as they can be
        before one is added, or at the peak; with a target that counts those who wait, where the last agent is about to
        be added. Calls are taken at their own worst.
        """
        peak = self._at(Level.PEAK)
        start, worst = self._at(Level.STEADY).of(pool), peak.of(pool)
        held = worst.held if not isinstance(worst, str) and self._answered_as(peak, pool) else self.held(pool)
        if isinstance(held, str):
            return held
        if not isinstance(worst, str) and worst.held != held:
            worst = self._settled(pool, Level.PEAK, held)
        if isinstance(worst, str):
            return worst
        if isinstance(start, str):
            return start
        if worst.agents <= start.agents:
            return worst
        agents, wait = worst.agents, worst.wait
        low, high = (self._rate(level, pool.name) for level in ENDS)
        # Rounded down by skill, any number of agents may be the worst.
        for count in range(start.agents, agents) if pool.divided else {start.agents, agents - 1}:
            there = among(pool, held, count)
            most = busiest(pool, low, high, there, count)
            wait = wait.or_worse(wait_of(self.analysis, pool, most, there, count))
        return Occupied(self.analysis, self.level, pool.name, held, agents, wait, answered(held, wait))

    def _answered_as(self, like: Occupancy, pool: Pool) -> bool:
        """Whether the pools that this one calls answer as at another level; dependencies always do."""
        return all(
            self.response_of(link.call) is like.response_of(link.call)
            for link in self.analysis.figures.links.get(pool.name, ())
            if link.to_pool
        )

    def held(self, pool: Pool) -> Times | str:
        """Own service, and each call as often as it is made: 2.5 times is twice, and with a half chance once more."""
        service = self.analysis.service(pool)
        if service is None:
            return missing_service(pool)
        mean, variance = service[1]
        answers = self._answers
        for link in self.analysis.figures.links.get(pool.name, ()):
            response = answers.get(link.callee) or self.response_of(link.call)
            if isinstance(response, str):
                return response
            mean += response.mean * link.times
            variance += response.variance * link.times
            if link.chance:
                variance += response.mean**2 * link.chance * (1 - link.chance)
        return Times(mean, variance)

    @property
    def least_held(self) -> Mapping[str, Expression]:
        """For each pool the mean time a request has a slot, without any waits; what is not stated counts nothing."""
        return self.analysis.kept("least held", lambda: unhurried.exact(self.analysis))

    @property
    def least_seconds(self) -> Mapping[str, float]:
        """`least_held` in doubles, as good as those of `figures`."""
        return self.analysis.kept("least seconds", lambda: unhurried.doubles(self.analysis))

    def least_response(self, call: Call) -> Expression:
        """The mean time from the call to its answer without any waits; what is not stated counts nothing."""
        return unhurried.response(self.analysis, call, self.least_held)

    def response_of(self, call: Call) -> Times | str:
        """From the call to its answer, waits included; or why it is not known."""
        if call.callee not in self._answers:
            self._answers[call.callee] = self._answer(call)
        return self._answers[call.callee]

    def _answer(self, call: Call) -> Times | str:
        if call.callee_kind is CalleeKind.DEPENDENCY:
            known = self.analysis.latency(call.callee)
            return missing_latency(self.analysis.dependency(call.callee)) if known is None else known[1]
        state = self.of(self.analysis.pool(call.callee))
        if isinstance(state, str):
            return state
        return state.unrest or state.response


def among(pool: Pool, held: Times, agents: int) -> Times:
    """How long a request has a slot among so many agents, where `held` is among as many as there may be."""
    return Times(held.mean - saved(pool, agents), held.variance) if slowed(pool) else held


def busiest(pool: Pool, low: float, high: float, held: Times, agents: int) -> float:
    """The rate up to which the autoscaler is content with so many agents, rounded up by a thousandth at most."""
    each = rate_each(pool, held)
    while high - low > high / 1000:
        middle = (low + high) / 2
        if each is not None:
            content = middle <= each * agents or pool.agents_max.value <= agents
        else:
            asked = settled(pool, Fraction(middle), held, BAND)
            content = isinstance(asked, int) and asked <= agents
        low, high = (middle, high) if content else (low, middle)
    return high


def rate_each(pool: Pool, held: Times, band: float = float(BAND)) -> float | None:
    """Requests per second that the autoscaler leaves to each agent before it wants one more; None where that hangs on
    the waits, is not known or is nothing. Its relative error is as that of `figures`."""
    scaling = pool.scaling
    if scaling is None or not 0 < held.mean < math.inf:
        return None
    match scaling.signal:
        case Signal.RATE:
            each = double(scaling.target.value) * band
        case Signal.BUSY:
            each = double(scaling.target.value) * band * pool.each.concurrency.value / held.mean
        case _:
            return None
    return each if 0 < each < math.inf else None


def wanted(pool: Pool, rate: Fraction, held: Times, band: Fraction = Fraction(1)) -> int | str:
    """Agents that the autoscaler asks for, bounds aside; `band` 1.1: the fewest that it leaves alone."""
    scaling = pool.scaling
    if scaling is None:
        return pool.agents_min.value
    if math.isinf(held.mean):
        return f"the calls of {pool.name} wait without end"
    target = scaling.target.value * band
    if target <= 0:
        return f"the target of {pool.name} is 0"
    offered = rate * Fraction(held.mean)
    asked = replicas_for_signal(scaling.signal, target, rate, offered, pool.each.concurrency.value)
    match scaling.signal:
        case Signal.IN_FLIGHT:
            return _least(pool, lambda n: _in_system(pool, rate, held, n, held.mean) <= target * n, offered)
        case Signal.QUEUE:
            return _least(pool, lambda n: _in_system(pool, rate, held, n, 0.0) <= target * n, offered)
        case Signal.CPU:
            return (
                f"how much cpu a request of {pool.name} takes is not stated, so where `scale on cpu` settles is not "
                "known; `scale on busy` says it in slots"
            )
        case _:
            assert asked is not None
            return asked


def _in_system(pool: Pool, rate: Fraction, held: Times, agents: int, besides: float) -> Fraction | float:
    """Requests that wait, or that also are served where `besides` is the time that this takes; may be infinite."""
    queues = queues_of(pool, rate, held, agents)
    if len(queues) > 1:
        time = sum(queue.mean_wait() * queue.arrival_rate for queue in queues) / float(rate) if rate else 0.0
    else:
        time = queues[0].mean_wait()
    time += besides
    return time if math.isinf(time) else in_flight(rate, Fraction(time))


def _least(pool: Pool, enough: Callable[[int], bool], offered: Fraction) -> int:
    """Least stable size for which the predicate, which grows with the size, holds."""
    low = math.floor(offered / pool.each.concurrency.value)
    width = 1
    while not enough(low + width):
        low, width = low + width, width * 2
    high = low + width
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def settled(pool: Pool, rate: Fraction, held: Times, band: Fraction = Fraction(1)) -> int | str:
    """Agents in the long run at this rate, within the bounds; without an autoscaler a range stays at its lower end."""
    if pool.scaling is None:
        return pool.agents_min.value
    asked = wanted(pool, rate, held, band)
    if isinstance(asked, str):
        return asked
    return min(max(asked, pool.agents_min.value), pool.agents_max.value)


def most_at_rest(analysis: Analysis, pool: Pool, level: Level) -> int:
    """The most agents that its autoscaler may leave there at a level that lasts: it takes nobody away while the metric
    is at most its tolerance below the target. All that there may be, where that is not known."""
    state = analysis.occupancy(level).of(pool)
    if pool.scaling is None:
        return pool.agents_min.value
    if isinstance(state, str) or state.unrest or pool.scaling.signal is Signal.QUEUE:
        return pool.agents_max.value
    if unseen_by_scaling(analysis, pool):
        return pool.agents_max.value
    asked = settled(pool, state.rate, state.held, (1 - TOLERANCE) * DOWN)
    return pool.agents_max.value if isinstance(asked, str) else asked
