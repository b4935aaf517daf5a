"""A pool that is sent requests in turn, or at random -> how busy one of its agents is that has some to work off.

Invariant: an upper bound of means. Each agent is sent an equal part whatever it has in hand, a larger one while others
are put aside, and works off alone what lies at it.
"""

from __future__ import annotations

from fractions import Fraction

from ..flows.analysis import Analysis
from ..flows.ejections import ejected_share
from ..flows.waits import unseen

_MOST = Fraction(999, 1000)
"""All may be put aside: then there is nobody to be sent anything."""


def used_unseen(analysis: Analysis, name: str, use: Fraction) -> Fraction | None:
    """The part of its time that what comes takes of it, where `use` is the pool's; None where callers look at what
    agents have in hand, and so spare it."""
    if not unseen(analysis, analysis.pool(name)):
        return None
    return use / (1 - min(_MOST, max(ejected_share(call) for call in analysis.into(name))))


def never_caught_up(analysis: Analysis, name: str, use: Fraction) -> str:
    """Why one that hung may not work off what it has in hand; "" where it does."""
    each = used_unseen(analysis, name, use)
    if each is None or each < 1:
        return ""
    return (
        f"an agent of {name} that hung goes on being sent its part, which is more than it does while others are put "
        "aside; `route least loaded`, or fewer that may be ejected, would decide it"
    )
