"""How long requests hold a slot, and how many there are -> what chance adds to the time that they wait, at the most.

Invariant: both figures are at least those of the means, and grow as the chance gets smaller.

Hold times are taken as log-normal with their mean and variance, and independent. Times in seconds; figures are doubles.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from .latency import LogNormal
from .queueing import Wait

CHANCE = 1e-6
"""Where nothing else is said, what is more seldom than this is told as never."""
_FIRST, _NODES, _TILTS, _STEEPEST = 8.0, 120, 20, 40.0
"""Where the bound is worked out: standard deviations below the median, points in between, and slopes by halves."""


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
    best = (items + slots) * hold.at(last)
    for part in range(_TILTS):
        tilt = _STEEPEST / hold.at(last) * 2.0**-part
        grown = math.fsum(weight * math.expm1(tilt * time) for time, weight in times)
        # What is left of one in progress: its moments are those of the whole (Cox, "Renewal Theory", 1962, ch. 5).
        sums = items * math.log1p(grown) + slots * math.log(grown / (tilt * mean))
        best = min(best, (sums + math.log(2 / chance)) / tilt)
    return best


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
    variability = (1 + hold.cv2()) / 2
    light = (wait.delay + wait.decay * math.log(2 * wait.waiting / chance)) * max(1.0, 1 / variability)
    long = wait.servers - math.floor(wait.servers * (1 - wait.spare))
    return light + _rest(hold, min(1.0, (chance * wait.spare / (2 * wait.waiting)) ** (1 / long) / wait.servers))


def _rest(hold: LogNormal, tail: float) -> float:
    """The time that no more than this share of what is left of a request in progress takes."""
    low, high = 0.0, hold.mean()
    while hold.rest_above(high) > tail:
        low, high = high, 2 * high
    while high - low > high / 1000:
        middle = (low + high) / 2
        low, high = (middle, high) if hold.rest_above(middle) > tail else (low, middle)
    return high
