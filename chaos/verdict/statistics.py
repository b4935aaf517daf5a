"""How sure a trial of n requests can be.

Turns counts and sorted values into one-sided confidence bounds. Invariant: exact binomial tails and order statistics,
no normal approximation, so that the bounds hold also for the few failures in many requests that objectives are about.

All bounds are one-sided. "Pass when the lower bound is inside, fail when the upper bound is outside", each at 95 %,
means that a fleet that misses its objective passes at most one time in twenty, and one that meets it fails at most one
time in twenty. The bounds take requests for independent of one another. In a trial with faults they are not: failures
come together. The bounds then say too little of the doubt, and never too much.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

CONFIDENCE = 0.95
_STEPS = 60


def at_most(k: int, n: int, p: float) -> float:
    """P(X <= k) for X binomial in n trials of probability p, summed from the near tail; relative error about 1e-10."""
    if k < 0:
        return 0.0
    if k >= n or p <= 0:
        return 1.0
    if p >= 1:
        return 0.0
    if k <= n * p:
        return min(1.0, _sum_outwards(k, n, p, -1))
    return max(0.0, 1.0 - _sum_outwards(k + 1, n, p, +1))


def at_least(k: int, n: int, p: float) -> float:
    """P(X >= k) for X binomial in n trials of probability p."""
    return at_most(n - k, n, 1 - p)


def lower_share(good: int, n: int, confidence: float = CONFIDENCE) -> float:
    """The share that the true one is above with the given confidence, seen `good` of n (Clopper and Pearson, 1934)."""
    if n == 0 or good == 0:
        return 0.0
    return _bisect(lambda share: at_least(good, n, share) < 1 - confidence)


def upper_share(good: int, n: int, confidence: float = CONFIDENCE) -> float:
    """The share that the true one is below with the given confidence, seen `good` of n (Clopper and Pearson, 1934)."""
    if n == 0 or good == n:
        return 1.0
    return _bisect(lambda share: at_most(good, n, share) > 1 - confidence)


def below(good: int, n: int, share: Fraction, confidence: float = CONFIDENCE) -> bool:
    """Whether so few good ones of n have a probability of at most 1 - confidence where the true share is `share`."""
    return n > 0 and at_least(n - good, n, float(1 - share)) <= 1 - confidence


def above(good: int, n: int, share: Fraction, confidence: float = CONFIDENCE) -> bool:
    """Whether so many good ones of n have a probability of at most 1 - confidence where the true share is `share`."""
    return n > 0 and at_most(n - good, n, float(1 - share)) <= 1 - confidence


def requests_needed(share: Fraction, confidence: float = CONFIDENCE) -> int:
    """How many requests without one failure it takes to be sure of `share`: share ** n <= 1 - confidence.

    299 for 99 %, 2,995 for 99.9 %. `share` in (0, 1); for 1 no number is enough, and 0 is returned.
    """
    if share >= 1:
        return 0
    return math.ceil(math.log(1 - confidence) / math.log(float(share)))


def quantile(ordered: Sequence[float], share: Fraction) -> float:
    """The nearest-rank quantile: the value at rank ceil(n * share) of ascending values, at least one of them."""
    return ordered[max(1, math.ceil(len(ordered) * share)) - 1]


def quantile_bounds(
    ordered: Sequence[float], share: Fraction, confidence: float = CONFIDENCE
) -> tuple[float | None, float | None]:
    """Lower and upper confidence bounds of a quantile, from ascending values, with no distribution assumed.

    The true quantile is at most the u-th smallest value with the confidence P(B <= u - 1), and at least the l-th with
    1 - P(B <= l - 1), B binomial in n trials of probability `share` (David and Nagaraja, Order Statistics, 2003,
    section 7.1). None where n is too small for a bound.
    """
    n, p = len(ordered), float(share)
    upper = _first_rank(n, lambda rank: at_most(rank - 1, n, p) >= confidence)
    # The lower rank is the last that still has the confidence: the one before the first that has it no longer.
    beyond = _first_rank(n, lambda rank: at_most(rank - 1, n, p) > 1 - confidence)
    lower = (beyond if beyond is not None else n + 1) - 1
    return (ordered[lower - 1] if lower >= 1 else None), (ordered[upper - 1] if upper is not None else None)


def _sum_outwards(k: int, n: int, p: float, step: int) -> float:
    """The binomial probabilities at k, k + step, … to the end of the tail; they fall from k on."""
    log_term = (
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(p) + (n - k) * math.log1p(-p)
    )
    term = math.exp(log_term)
    total = 0.0
    odds = p / (1 - p)
    while 0 <= k <= n and term > total * 1e-17:
        total += term
        term *= (n - k) / (k + 1) * odds if step > 0 else k / (n - k + 1) / odds
        k += step
    return total


def _bisect(left: Callable[[float], bool]) -> float:
    """The boundary in (0, 1) between where `left` holds and where it does not."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if left(middle):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _first_rank(n: int, reached: Callable[[int], bool]) -> int | None:
    """The least rank of 1..n at which `reached` holds, as it does at all greater ones; None where it never does."""
    low, high = 1, n + 1
    while low < high:
        middle = (low + high) // 2
        if reached(middle):
            high = middle
        else:
            low = middle + 1
    return low if low <= n else None
