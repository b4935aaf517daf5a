"""Proxies that each take the less loaded of two agents -> how long a request waits, which is not one shared queue.

Invariant: no wait is below that of one queue before all agents, and every wait falls, or stays, when one is added.

Envoy draws two hosts, with replacement, and takes the one with fewer requests under way; but a proxy sees only those
that it sent itself. Behind one gateway that is the power of two choices (Vvedenskaya, Dobrushin and Karpelevich,
"Queueing system with selection of the shortest of two queues", 1996; Mitzenmacher, "The power of two choices in
randomized load balancing", 2001): with one slot an agent, s(k) = load ^ (2^k - 1) have k requests or more. The more
callers there are, each with a proxy of its own, the less it sees, and the nearer this comes to sending at random.

`_SEEN` is the fixed point of those equations for one slot, where of an agent's requests each proxy sees a binomial
part; the tail of the wait under it, of those that wait, is an exponential one after a delay (good to 5 %, to 15 in the
last row). In departures of an agent it hardly depends on how many slots it has, and is longest with one.
What is model: for few agents, that two draws may meet the same one, and that all of them may be busy at once; how many
wait at all; times that vary otherwise than exponential ones, as in `queueing`. Simulated for 2 to 50 agents, 1 to 20
proxies and 1 to 16 slots at 50 to 95 % load, requests one by one: up to p99 the tail is above what is seen, by a third
in the median (tests/semantics/test_two_choices.py).
Source of the routing: `balancing`. Times in seconds, rates per second; figures are doubles.
"""

from __future__ import annotations

import math
from bisect import bisect_left

from .queueing import Queue, Wait, erlang_c

_LOADS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99)
_SEEN = {
    1: (
        (0.00, 0.00, 0.00, 0.00, 0.05, 0.05, 0.15, 0.26, 0.40, 0.62, 1.01, 1.35, 1.81, 2.51, 3.01, 4.08),
        (1.01, 1.01, 1.01, 1.03, 1.05, 1.11, 1.18, 1.22, 1.28, 1.34, 1.43, 1.48, 1.56, 1.63, 1.70, 1.77),
    ),
    2: (
        (0.00, 0.00, 0.05, 0.05, 0.10, 0.22, 0.37, 0.46, 0.64, 0.95, 1.45, 1.79, 2.36, 3.23, 3.87, 5.01),
        (1.03, 1.07, 1.11, 1.17, 1.23, 1.30, 1.40, 1.48, 1.55, 1.63, 1.72, 1.80, 1.89, 1.97, 2.04, 2.16),
    ),
    4: (
        (0.00, 0.05, 0.05, 0.11, 0.17, 0.32, 0.50, 0.69, 0.93, 1.32, 1.86, 2.40, 3.11, 4.04, 4.78, 6.13),
        (1.07, 1.12, 1.20, 1.28, 1.37, 1.48, 1.62, 1.69, 1.78, 1.88, 2.02, 2.08, 2.18, 2.29, 2.38, 2.50),
    ),
    8: (
        (0.00, 0.05, 0.06, 0.12, 0.19, 0.36, 0.66, 0.91, 1.20, 1.70, 2.51, 3.05, 3.95, 5.07, 5.99, 7.65),
        (1.09, 1.17, 1.28, 1.39, 1.53, 1.68, 1.85, 1.95, 2.07, 2.20, 2.34, 2.45, 2.56, 2.70, 2.79, 2.91),
    ),
    16: (
        (0.00, 0.05, 0.06, 0.12, 0.21, 0.40, 0.76, 1.06, 1.41, 2.03, 3.04, 3.90, 5.02, 6.50, 7.67, 9.69),
        (1.10, 1.20, 1.33, 1.48, 1.66, 1.87, 2.12, 2.26, 2.44, 2.62, 2.82, 2.91, 3.06, 3.21, 3.31, 3.45),
    ),
    32: (
        (0.00, 0.05, 0.06, 0.12, 0.21, 0.40, 0.76, 1.08, 1.50, 2.38, 3.65, 4.75, 6.45, 8.33, 9.87, 12.54),
        (1.11, 1.24, 1.37, 1.56, 1.79, 2.07, 2.41, 2.62, 2.88, 3.10, 3.41, 3.56, 3.69, 3.90, 4.02, 4.17),
    ),
    64: (
        (0.00, 0.05, 0.06, 0.12, 0.21, 0.40, 0.76, 1.08, 1.50, 2.39, 4.12, 5.49, 7.67, 10.46, 12.48, 16.44),
        (1.11, 1.25, 1.40, 1.60, 1.89, 2.25, 2.71, 3.00, 3.37, 3.74, 4.17, 4.42, 4.66, 4.88, 5.06, 5.12),
    ),
    128: (
        (0.00, 0.05, 0.06, 0.12, 0.21, 0.40, 0.76, 1.08, 1.50, 2.39, 4.27, 5.92, 8.98, 12.68, 15.79, 21.10),
        (1.11, 1.25, 1.42, 1.63, 1.93, 2.33, 2.96, 3.33, 3.84, 4.47, 5.11, 5.55, 5.89, 6.28, 6.45, 6.57),
    ),
}
"""By the number of proxies: delay and decay of the wait of those that wait, in service times, at each of the loads.
None falls where proxies are added."""
_PROXIES = tuple(_SEEN)
_SHARED = 1.25
"""How much slower the tail falls than that of one queue, at the least: few agents are all busy at a time together."""
_BLURRED = 1.3
"""How much less a proxy tells agents apart than by the spread of what it sees of them."""


def least_loaded(queue: Queue, slots: int, proxies: int) -> Wait:
    """The wait at agents with so many `slots` each, where `queue` is that of all of them together: each of the
    `proxies` (>= 1) takes the less loaded of two, by what it has sent to them itself."""
    agents = queue.servers // slots
    shared = queue.wait()
    if agents <= 1 or shared.endless or shared.waiting == 0:
        return shared
    load = queue.offered / queue.servers
    # Where both draws meet the same agent nothing is compared: as though so many more proxies saw so much less.
    blind = proxies * (agents / (agents - 1)) ** 2
    if blind > _PROXIES[-1] or load > _LOADS[-1]:
        return queue.of_each(slots).wait()
    delay, decay = _seen(blind, load)
    scale = queue.variability * queue.service_mean / slots
    together = shared.waiting * shared.decay
    return Wait(
        max(shared.waiting, _waiting(slots, load, blind)),
        max(_SHARED * shared.decay, scale * decay + together),
        slots,
        shared.spare,
        scale * delay,
        max(0.0, shared.later - scale * delay),
    )


def _seen(proxies: float, load: float) -> tuple[float, float]:
    """Delay and decay between the figures of `_SEEN`, of which neither falls with the load."""
    row = bisect_left(_PROXIES, proxies)
    column = max(1, bisect_left(_LOADS, load))
    right = max(0.0, (load - _LOADS[column - 1]) / (_LOADS[column] - _LOADS[column - 1]))
    below, above = _SEEN[_PROXIES[row - 1]], _SEEN[_PROXIES[row]]
    down = math.log2(proxies / _PROXIES[row - 1])
    delay, decay = (
        (1 - down) * (upper[column - 1] + right * (upper[column] - upper[column - 1]))
        + down * (lower[column - 1] + right * (lower[column] - lower[column - 1]))
        for upper, lower in zip(below, above, strict=True)
    )
    return delay, decay


def _waiting(slots: int, load: float, proxies: float) -> float:
    """The share that waits at all: as at an agent that had more slots at the same load.

    Who has more requests than the others gets fewer, so their numbers vary less than those of agents that are sent
    requests at random, and by the square root of that many slots the load may be nearer to 1.
    """
    spread = math.sqrt(math.pi * slots * load / proxies * (1 - 1 / proxies))
    as_many = slots * (1 + slots * load / (proxies * max(1.5, _BLURRED * spread)))
    whole = math.floor(as_many)
    few, many = (erlang_c(count, count * load) for count in (whole, whole + 1))
    return few + (as_many - whole) * (many - few)
