"""An oracle beside the prover's union bound: the whole response of one queue, its wait and its service convolved.

First come, first served, a request's wait hangs on earlier requests alone, so it is independent of its own service
time (theorem, for independent service times). What is model is the tail of the wait.
"""

from __future__ import annotations

import math

from seatrial.compiler.semantics.latency import LogNormal
from seatrial.compiler.semantics.queueing import Queue

_SIMPSON_PAIRS = 200


def wait_tail(queue: Queue, t: float) -> float:
    """P(W > t) for t >= 0 seconds, from the queue's own figures."""
    if not queue.stable:
        return 1.0
    decay = queue.wait_of_those_waiting()
    return queue.wait_probability() * math.exp(-t / decay) if decay > 0 else 0.0


def response_tail(queue: Queue, t: float, service: LogNormal) -> float:
    """P(wait + service > t): P(S > t) + the integral of P(W > t - s) over the density of S, by Simpson's rule."""
    if not queue.stable or t <= 0:
        return 1.0
    if service.sigma == 0:
        constant = math.exp(service.mu)
        return 1.0 if constant > t else wait_tail(queue, t - constant)
    waiting, decay = queue.wait_probability(), queue.wait_of_those_waiting()
    # Below -9 standard deviations the density is nothing; above `top` the service alone is longer than t.
    top = min(9.0, (math.log(t) - service.mu) / service.sigma)
    if top <= -9:
        return service.above(t)
    step = (top + 9) / (2 * _SIMPSON_PAIRS)
    total = 0.0
    for index in range(2 * _SIMPSON_PAIRS + 1):
        z = -9 + index * step
        weight = 1 if index in (0, 2 * _SIMPSON_PAIRS) else 4 if index % 2 else 2
        total += weight * math.exp(-max(0.0, t - service.at(z)) / decay - z * z / 2)
    return service.above(t) + waiting * total * step / 3 / math.sqrt(2 * math.pi)


def response_quantile(queue: Queue, p: float, service: LogNormal) -> float:
    """Least t with `response_tail(t)` <= 1 - p, seconds, to one part in 10^9; infinite when unstable."""
    if not queue.stable:
        return math.inf
    low = high = service.quantile(p)
    while response_tail(queue, high, service) > 1 - p:
        high *= 2
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if response_tail(queue, middle, service) > 1 - p else (low, middle)
    return high
