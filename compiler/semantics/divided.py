"""Agents of which each has one skill, and the shares of the requests that want it -> how many undivided agents they
are worth.

Invariant: exact. Of `worth` agents that may take any request no slot more is busy, nor any wait longer in the mean,
than at the skill with the fewest agents for its part of the requests.

Source: the agents of a skill are a pool of their own, to which its share of the requests comes (whole agents, so each
part is rounded down); pooled queues wait no longer than divided ones (Smith and Whitt, "Resource sharing for efficiency
in traffic systems", 1981).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def parts(agents: int, shares: Sequence[Fraction]) -> tuple[int, ...]:
    """How many agents have each skill."""
    return tuple(floor(agents * share) for share in shares)


def worth(agents: int, shares: Sequence[Fraction], gone: int = 0) -> Fraction:
    """Undivided agents that have as many slots for all requests as the worst skill has for its own; of so many agents
    `gone` are away, all of one skill at the worst. All that are left where nothing is divided."""
    if not shares:
        return Fraction(max(0, agents - gone))
    return min(max(0, count - gone) / share for count, share in zip(parts(agents, shares), shares, strict=True))
