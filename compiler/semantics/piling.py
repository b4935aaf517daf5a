"""A rise in demand and the agents that come -> how long an item waits in a queue that nothing bounds.

Invariant: `least_wait` is a lower bound for the item that waits longest, in whatever order items are taken: no order
makes the longest wait shorter than that of arrival does.

A fluid model: items arrive and are worked off at their mean rates. Times in seconds, rates per second, exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

Rungs = Sequence[tuple[Fraction, int]]
"""How many agents are ready from when on, the first at 0 (`growth.Growth`)."""


def least_wait(
    rungs: Rungs, rate: Callable[[Fraction], Fraction], per_agent: Fraction, until: Fraction
) -> tuple[Fraction, Fraction] | None:
    """(most that waits at once, longest wait), at the least; None where what waits by `until` is never worked off.

    `rate` a second arrive and, up to `until`, never fewer than before; each agent works off `per_agent` a second.
    Between two moments that are looked at the rate is taken as its first.
    """
    moments = sorted({Fraction(0), until, *(since for since, _ in rungs if since <= until)})
    queued = most = longest = Fraction(0)
    for start, end in pairwise(moments):
        queued = max(Fraction(0), queued + (rate(start) - _ready(rungs, start) * per_agent) * (end - start))
        most = max(most, queued)
        took = _worked_off(rungs, per_agent, end, queued)
        if took is None:
            return None
        longest = max(longest, took)
    return most, longest


def _ready(rungs: Rungs, time: Fraction) -> int:
    return max((count for since, count in rungs if since <= time), default=0)


def _worked_off(rungs: Rungs, per_agent: Fraction, start: Fraction, queued: Fraction) -> Fraction | None:
    """Seconds from `start` until so much is worked off by the agents that come meanwhile."""
    now = start
    for end in [*(since for since, _ in rungs if since > start), None]:
        speed = _ready(rungs, now) * per_agent
        if speed > 0 and (end is None or queued <= speed * (end - now)):
            return now + queued / speed - start
        if end is None:
            return None if queued else now - start
        queued -= speed * (end - now)
        now = end
    return None
