"""An auction's rules -> the time after which it is certainly over.

Invariant: exact; the longest course is meant, in which nobody bids before the last moment.

Source: Krishna, Auction Theory (2nd ed., 2010), 1.2, for Dutch and English auctions; Rothkopf, Pekec & Harstad,
"Computationally Manageable Combinational Auctions" (1998), for the 3^n steps of the dynamic programme.
"""

from __future__ import annotations

import math
from fractions import Fraction

MOST_STEPS = 100_000
"""Exact prices have thousands of digits by then; an auction of so many steps is none."""


def dutch_steps(start: Fraction, drop: Fraction, reserve: Fraction) -> int | None:
    """Least k with start x (1 - drop)^k <= reserve, 0 < drop < 1; None where there is none (a reserve of 0)."""
    if reserve >= start:
        return 0
    if reserve <= 0:
        return None
    # The logarithm proposes, powers of exact fractions decide.
    steps = max(0, math.floor(math.log(reserve / start) / math.log1p(-drop)) - 1)
    if steps > MOST_STEPS:
        return None
    price = start * (1 - drop) ** steps
    while price > reserve:
        price *= 1 - drop
        steps += 1
    return steps


def combinatorial_steps(items: int) -> int:
    """Pairs of a bundle and a part of it: the dynamic programme looks at each once."""
    return int(3**items)
