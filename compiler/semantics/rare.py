"""How long requests hold a slot, and how many there are -> what chance adds to the time that they wait, at the most.

Invariant: both figures are at least those of the means, and grow as the chance gets smaller.

Hold times are taken as log-normal with their mean and variance, and independent. Times in seconds; figures are doubles.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

from .latency import LogNormal
from .queueing import Wait

CHANCE = 1e-6
"""Where nothing else is said, what is more seldom than this is told as never."""
_FIRST, _NODES, _TILTS, _STEEPEST = 8.0, 120, 20, 40.0
"""Where the bound is worked out: standard deviations below the median, points in between, and slopes by halves."""
_GOLDEN, _SECTIONS = (math.sqrt(5) - 1) / 2, 16
_SLOPES = 40
_MANY_TERMS = 100.0


def most_of(mean: float, chance: float = CHANCE) -> float:
    """The number that a Poisson count with this mean, or a sum of independent chances, comes to with this chance at
    the most: Chernoff's bound, P(N >= n) <= exp(n - mean - n log(n / mean))."""
    if mean <= 0:
        return 0.0
    low, high = mean, mean + 1.0

    def seldom(count: float) -> bool:
        return count - mean - count * math.log(count / mean) <= math.log(chance)

    while not seldom(high):
        low, high = high, 2 * high
    while high - low > high / 1e6:
        middle = (low + high) / 2
        low, high = (low, middle) if seldom(middle) else (middle, high)
    return high


def count_of(mean: float, chance: float) -> int:
    """The least number that a Poisson count with this finite mean exceeds with this chance at the most: by its own sum,
    or by `most_of` where that has many terms."""
    if mean > _MANY_TERMS:
        return math.ceil(most_of(mean, chance))
    count, term, left = 0, math.exp(-mean), -math.expm1(-mean)
    while left > chance:
        count += 1
        term *= mean / count
        left -= term
    return count


def rare_work(items: int, slots: int, hold: LogNormal, chance: float) -> float:
    """Slot-seconds of so many items, and of what is left of those that have the slots, but with this chance.

    Chernoff's bound of the sum for times below one that few exceed (Boucheron, Lugosi and Massart, "Concentration
    Inequalities", 2013, section 2.2). An item waits for no longer than this divided by the slots: while it waits none
    of them is idle (Graham, 1966).
    """
    mean = hold.mean()
    if hold.sigma == 0:
        return (items + slots) * mean
    spread = NormalDist()
    last = -spread.inv_cdf(chance / (2 * (items + slots)))
    step = (last + _FIRST) / _NODES
    nodes = [(part + 0.5) * step - _FIRST for part in range(_NODES)]
    times = [(hold.at(z), spread.pdf(z) * step) for z in nodes]
    rests = math.log(2 / chance)

    def bound(tilt: float) -> float:
        grown = math.fsum(weight * math.expm1(tilt * time) for time, weight in times)
        # What is left of one in progress: its moments are those of the whole (Cox, "Renewal Theory", 1962, ch. 5).
        return (items * math.log1p(grown) + slots * math.log(grown / (tilt * mean)) + rests) / tilt

    steepest = _STEEPEST / hold.at(last)
    halves = [bound(steepest * 2.0**-part) for part in range(_TILTS)]
    # It falls and then grows with the slope: between the halves beside the least is where it is least of all.
    part = halves.index(min(halves))
    least = _lowest(lambda power: bound(steepest * 2.0**-power), part - 1, part + 1)
    return min((items + slots) * hold.at(last), *halves, least)


def _lowest(of: Callable[[float], float], low: float, high: float) -> float:
    """Of a function that falls and then grows, by golden sections."""
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    there = of(left), of(right)
    for _ in range(_SECTIONS):
        if there[0] < there[1]:
            high, right, left = right, left, right - _GOLDEN * (right - low)
            there = of(left), there[0]
        else:
            low, left, right = left, right, left + _GOLDEN * (high - left)
            there = there[1], of(right)
    return min(there)


def rare_wait(wait: Wait, hold: LogNormal, chance: float) -> float:
    """The time that no more than this share of the requests waits.

    The exponential tail, which is too light for rare waits, and on top of it long requests that are under way, as many
    as leave too few slots for the others: the tail of the wait is 1 / (1 - load) times as heavy as that of what is left
    of them (Pakes, "On the tails of waiting-time distributions", 1975; Foss and Korshunov, "Heavy tails in multi-server
    queue", 2006). Times that vary less than exponential ones are taken to wait as long as these. Simulated for 1 to 40
    slots at up to 95 % load (tests/semantics/test_rare_waits.py).
    """
    if wait.waiting <= chance / 2:
        return 0.0
    light = (wait.delay + wait.decay * math.log(2 * wait.waiting / chance)) * _at_least_exponential(hold)
    return light + _held_up(wait, wait.waiting, hold, chance)


def rare_backlog(wait: Wait, hold: LogNormal, rate: float, queues: int, chance: float) -> float:
    """Requests, of those that come at this rate to so many equal queues, that no more than this share of them finds
    waiting there.

    Who waits in the order of arrival leaves behind what came to the queue meanwhile (Haji and Newell, "A relation
    between stationary queue and waiting time distributions", 1971): Chernoff's bound of the sum of so many independent
    queues, each as many Poisson arrivals as come in an exponential wait after a delay; and once, on top, what comes to
    one of them while long requests hold it up, as in `rare_wait`. Requests that are sent to the less loaded agents
    also wait where all agents are busy, which is one queue before all of them. Simulated for 1 to 20 queues of 1 to 40
    slots at up to 95 % load (tests/semantics/test_rare_backlogs.py).
    """
    if wait.endless:
        return math.inf
    if wait.waiting <= chance / 2 or rate <= 0:
        return 0.0
    each, slower = rate / queues, _at_least_exponential(hold)
    come, later = each * wait.decay * slower, each * wait.delay * slower
    least = math.inf
    for part in range(1, _SLOPES):
        slope = math.log1p(1 / come) * part / _SLOPES
        grown = math.expm1(slope)
        one = wait.waiting * (math.exp(later * grown) / (1 - come * grown) - 1)
        least = min(least, (queues * math.log1p(one) - math.log(chance / 2)) / slope)
    return least + most_of(each * _held_up(wait, min(1.0, queues * wait.waiting), hold, chance), chance)


def _at_least_exponential(hold: LogNormal) -> float:
    """How much longer a wait is with times that vary as exponential ones do, where these vary less."""
    return max(1.0, 2 / (1 + hold.cv2()))


def _held_up(wait: Wait, waiting: float, hold: LogNormal, chance: float) -> float:
    """The time that long requests, as many as leave too few slots for the others, hold up a queue at the most."""
    long = wait.servers - math.floor(wait.servers * (1 - wait.spare))
    return _rest(hold, min(1.0, (chance * wait.spare / (2 * waiting)) ** (1 / long) / wait.servers))


def _rest(hold: LogNormal, tail: float) -> float:
    """The time that no more than this share of what is left of a request in progress takes."""
    low, high = 0.0, hold.mean()
    while hold.rest_above(high) > tail:
        low, high = high, 2 * high
    while high - low > high / 1000:
        middle = (low + high) / 2
        low, high = (middle, high) if hold.rest_above(middle) > tail else (low, middle)
    return high
