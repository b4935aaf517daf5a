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
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from ..model import Call, CalleeKind, Dependency, Pool, Signal
from ..semantics.hpa import ControllerFlags
from ..semantics.latency import LogNormal, fit_mean_p99, fit_p50_p99
from ..semantics.queueing import Queue
from ..semantics.scaling import in_flight, replicas_for_busy_share, replicas_for_load
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
    if mean is None or p99 is None or mean.value <= 0:
        return None
    if mean.value == p99.value:
        return LogNormal(math.log(mean.value), 0.0)
    return fit_mean_p99(float(mean.value), float(p99.value))


def latency_of(dependency: Dependency) -> LogNormal | None:
    p50, p99 = dependency.latency_p50_seconds, dependency.latency_p99_seconds
    if p50 is None or p99 is None or p50.value <= 0:
        return None
    if p50.value == p99.value:
        return LogNormal(math.log(p50.value), 0.0)
    return fit_p50_p99(float(p50.value), float(p99.value))


def _times(of: LogNormal) -> Times:
    mean = of.mean()
    return Times(mean, of.cv2() * mean**2)


@dataclass(frozen=True, slots=True)
class Occupied:
    """One pool at one level: `held` is how long a request has a slot, `queue` what stands before its agents."""

    rate: Fraction
    held: Times
    agents: int
    queue: Queue

    @property
    def response(self) -> Times:
        """Wait and hold; infinite when overloaded."""
        wait = self.queue.mean_wait()
        if math.isinf(wait):
            return Times(math.inf, math.inf)
        waiting = self.queue.wait_probability()
        each = wait / waiting if waiting > 0 else 0.0
        return Times(self.held.mean + wait, self.held.variance + 2 * waiting * each**2 - wait**2)


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
        rate = value(self.analysis.rate(self.level, pool.name))
        agents = settled(pool, rate, held, BAND)
        if isinstance(agents, str):
            return agents
        return Occupied(rate, held, agents, queue_of(pool, rate, held, agents))

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
        held: dict[str, Expression] = {}
        for pool in reversed(self.analysis.pools):
            own = leaves.service_mean(pool)
            calls = self.analysis.out(pool.name)
            times = [leaves.per_request(call) * self._least_response(call, held) for call in calls]
            held[pool.name] = total(sorted([own or lift(0), *times], key=value))
        return held

    def _least_response(self, call: Call, held: dict[str, Expression]) -> Expression:
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

    def response(self, call: Call, found: dict[str, Occupied | str]) -> Times | str:
        if call.callee_kind is CalleeKind.DEPENDENCY:
            dependency = self.analysis.fleet.dependency(call.callee)
            latency = latency_of(dependency)
            return missing_latency(dependency) if latency is None else _times(latency)
        state = found[call.callee]
        return state if isinstance(state, str) else state.response


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
    match scaling.signal:
        case Signal.BUSY:
            return replicas_for_busy_share(offered, pool.each.concurrency.value, target)
        case Signal.RATE:
            return replicas_for_load(rate, target)
        case Signal.IN_FLIGHT:
            return _least(pool, lambda n: _in_system(pool, rate, held, n, held.mean) <= target * n, offered)
        case Signal.QUEUE:
            return _least(pool, lambda n: _in_system(pool, rate, held, n, 0.0) <= target * n, offered)
        case Signal.CPU:
            return (
                f"how much cpu a request of {pool.name} takes is not stated, so where `scale on cpu` settles is not "
                "known; `scale on busy` says it in slots"
            )


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
