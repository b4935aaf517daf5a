"""A fleet at a level of demand -> how long agents are held, where autoscalers settle, how long requests wait.

Invariant: a slot is held for an agent's own service and for the calls it waits for; callees are worked out before
their callers, so every wait is one that was computed, and an overloaded callee makes its callers' times infinite.

Source: Little's law for the slots in use; `semantics.queueing` (Allen-Cunneen) for waits, `semantics.latency` for
log-normal times, `semantics.scaling` for where a target settles. Limits of the model: steady state with Poisson
arrivals at each pool and one shared queue a pool; an autoscaler within its tolerance does not move, so the fewest
agents at which it stays put are taken; calls are made one after the other; a time-out shortens nothing.
Figures are doubles; seconds and requests per second.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from ..model import Call, CalleeKind, Dependency, Pool, Signal
from ..semantics.flow import holding
from ..semantics.hpa import ControllerFlags
from ..semantics.latency import LogNormal, of_mean_p99, of_p50_p99
from ..semantics.queueing import Queue
from ..semantics.scaling import in_flight, replicas_for_signal
from . import leaves
from .analysis import Analysis, Level
from .expression import Expression, derived, lift, total, value

BAND = 1 + ControllerFlags().tolerance
"""An autoscaler leaves a pool alone while its metric is at most this many times the target."""
UP, DOWN = Fraction(1_000_001, 1_000_000), Fraction(999_999, 1_000_000)
"""The numeric models are good to far more than six figures; comparisons give them a millionth either way."""


@dataclass(frozen=True, slots=True)
class Times:
    """Mean and variance of a time, seconds."""

    mean: float
    variance: float

    def repeated(self, times: Fraction) -> Times:
        """The sum of that many: 2.5 is two and a half chance of a third (independent)."""
        whole = math.floor(times)
        chance = float(times - whole)
        spread = self.variance * float(times) + self.mean**2 * chance * (1 - chance)
        return Times(self.mean * float(times), spread)

    def __add__(self, other: Times) -> Times:
        return Times(self.mean + other.mean, self.variance + other.variance)


def service_of(pool: Pool) -> LogNormal | None:
    """Service times: both figures and a log-normal that has them, else None. A constant has its p99 at its mean."""
    mean, p99 = pool.each.service_mean_seconds, pool.each.service_p99_seconds
    return None if mean is None or p99 is None else of_mean_p99(mean.value, p99.value)


def latency_of(dependency: Dependency) -> LogNormal | None:
    p50, p99 = dependency.latency_p50_seconds, dependency.latency_p99_seconds
    return None if p50 is None or p99 is None else of_p50_p99(p50.value, p99.value)


def _times(of: LogNormal) -> Times:
    mean = of.mean()
    return Times(mean, of.cv2() * mean**2)


@dataclass(frozen=True, slots=True)
class Wait:
    """A queue's tail, P(W > t) = waiting x exp(-t / decay), read off once: Erlang's formula costs a loop each time."""

    waiting: float
    decay: float

    @staticmethod
    def of(queue: Queue) -> Wait:
        if not queue.stable:
            return Wait(1.0, math.inf)
        waiting = queue.wait_probability()
        return Wait(waiting, queue.mean_wait() / waiting if waiting > 0 else 0.0)

    @property
    def endless(self) -> bool:
        return math.isinf(self.decay)

    def exceeded(self, tail: float) -> tuple[float, float]:
        """`Queue.wait_quantile(1 - tail)`, and -d of it / d log(tail)."""
        return (0.0, 0.0) if self.waiting <= tail else (self.decay * math.log(self.waiting / tail), self.decay)

    def or_worse(self, other: Wait) -> Wait:
        """A tail that neither of the two exceeds."""
        return Wait(max(self.waiting, other.waiting), max(self.decay, other.decay))


@dataclass(frozen=True, slots=True)
class Occupied:
    """One pool at one level: `held` is how long a request has a slot, `wait` how long it waits for one."""

    rate: Fraction
    held: Times
    agents: int
    wait: Wait

    @property
    def response(self) -> Times:
        """Wait and hold; infinite when overloaded."""
        if self.wait.endless or math.isinf(self.held.mean):
            return Times(math.inf, math.inf)
        mean = self.wait.waiting * self.wait.decay
        variance = 2 * self.wait.waiting * self.wait.decay**2 - mean**2
        return Times(self.held.mean + mean, self.held.variance + variance)


@dataclass(frozen=True)
class Occupancy:
    analysis: Analysis
    level: Level

    @cached_property
    def _found(self) -> dict[str, Occupied | str]:
        """For each pool its state, or why there is none: the first clause that is missing."""
        found: dict[str, Occupied | str] = {}
        for pool in reversed(self.analysis.pools):
            found[pool.name] = self._occupied(pool, found)
        return found

    def of(self, pool: Pool) -> Occupied | str:
        return self._found[pool.name]

    def _occupied(self, pool: Pool, found: dict[str, Occupied | str]) -> Occupied | str:
        held = self.held(pool, found)
        if isinstance(held, str):
            return held
        if self.level is Level.BETWEEN:
            return self._worst(pool, held)
        rate = value(self.analysis.rate(self.level, pool.name))
        agents = settled(pool, rate, held, BAND)
        if isinstance(agents, str):
            return agents
        return Occupied(rate, held, agents, Wait.of(queue_of(pool, rate, held, agents)))

    def _worst(self, pool: Pool, held: Times) -> Occupied | str:
        """No level from steady to peak, whatever the levels of other demands are, has longer waits.

        At a given number of agents waits grow with the rate, and at a given use of the slots they fall with the number
        of agents. So they are longest where the fewest agents, those of the steady level, are as busy as they can be
        before one is added, or at the peak; with a target that counts those who wait, where the last agent is about to
        be added. Calls are taken at their own worst.
        """
        start = self.analysis.occupancy(Level.STEADY).of(pool)
        if isinstance(start, str):
            return start
        peak = value(self.analysis.rate(Level.PEAK, pool.name))
        agents = settled(pool, peak, held, BAND)
        if isinstance(agents, str):
            return agents
        wait = Wait.of(queue_of(pool, peak, held, agents))
        if agents > start.agents:
            for count in {start.agents, agents - 1}:
                busiest = _busiest(pool, start.rate, peak, held, count)
                wait = wait.or_worse(Wait.of(queue_of(pool, busiest, held, count)))
        return Occupied(peak, held, agents, wait)

    def held(self, pool: Pool, found: dict[str, Occupied | str] | None = None) -> Times | str:
        """Own service, and each call as often as it is made."""
        service = service_of(pool)
        if service is None:
            return missing_service(pool)
        held = _times(service)
        for call in self.analysis.out(pool.name):
            response = self.response(call, self._found if found is None else found)
            if isinstance(response, str):
                return response
            held = held + response.repeated(call.per_request.value)
        return held

    @cached_property
    def least_held(self) -> dict[str, Expression]:
        """For each pool the mean time a request has a slot, without any waits; what is not stated counts nothing."""
        fleet = self.analysis.fleet
        own = {pool.name: leaves.service_mean(pool) or lift(0) for pool in fleet.pools}
        return holding(
            [pool.name for pool in self.analysis.pools],
            self.analysis.calls_out,
            lambda name: own[name],
            lambda call, held: leaves.per_request(call) * self._least_response(call, held),
            lambda times: total(sorted(times, key=value)),
        )

    def least_response(self, call: Call) -> Expression:
        """The mean time from the call to its answer without any waits; what is not stated counts nothing."""
        return self._least_response(call, self.least_held)

    def _least_response(self, call: Call, held: Mapping[str, Expression]) -> Expression:
        if call.callee_kind is CalleeKind.POOL:
            return held[call.callee]
        dependency = self.analysis.fleet.dependency(call.callee)
        latency = latency_of(dependency)
        if latency is None:
            return lift(0)
        # To a nanosecond, downwards: sums along chains would carry every binary digit of a float.
        mean = Fraction(math.floor(Fraction(latency.mean()) * DOWN * 10**9), 10**9)
        if latency.sigma == 0 and dependency.latency_p50_seconds is not None:
            mean = dependency.latency_p50_seconds.value
        return derived(f"mean latency of {dependency.name}", mean, leaves.latency(dependency))

    def response_of(self, call: Call) -> Times | str:
        """From the call to its answer, waits included; or why it is not known."""
        return self.response(call, self._found)

    def response(self, call: Call, found: dict[str, Occupied | str]) -> Times | str:
        if call.callee_kind is CalleeKind.DEPENDENCY:
            dependency = self.analysis.fleet.dependency(call.callee)
            latency = latency_of(dependency)
            return missing_latency(dependency) if latency is None else _times(latency)
        state = found[call.callee]
        return state if isinstance(state, str) else state.response


def _busiest(pool: Pool, low: Fraction, high: Fraction, held: Times, agents: int) -> Fraction:
    """The rate up to which the autoscaler is content with so many agents, rounded up by a thousandth at most."""
    while high - low > high / 1000:
        middle = (low + high) / 2
        asked = settled(pool, middle, held, BAND)
        low, high = (middle, high) if isinstance(asked, int) and asked <= agents else (low, middle)
    return high


def queue_of(pool: Pool, rate: Fraction, held: Times, agents: int) -> Queue:
    cs2 = held.variance / held.mean**2 if 0 < held.mean < math.inf else 1.0
    return Queue(agents * pool.each.concurrency.value, float(rate), held.mean, 1.0, cs2)


def missing_service(pool: Pool) -> str:
    each = pool.each
    if each.service_mean_seconds is None or each.service_p99_seconds is None:
        return f"{pool.name} does not state its service time; write `service mean …, p99 …` in its `each`"
    return f"no log-normal has the service times of {pool.name}: p99 may be up to 14.9 times the mean"


def missing_latency(dependency: Dependency) -> str:
    return f"{dependency.name} does not state its latency; write `latency p50 …, p99 …` in it"


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
    time = queue_of(pool, rate, held, agents).mean_wait() + besides
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
