"""A pool with so many agents -> how unevenly its requests may lie on them, whatever requests come.

Invariant: upper bounds, and no less than an even part.

Sent to the less loaded, in turn or at random, agents get even parts; those of one skill share what wants it, and whole
agents have it (`semantics.divided`). By header one agent may get all, for how many requests have the same is not
stated. That is the worst of all ways to divide them: who is sent to one agent with all others waits no less there, and
is answered no sooner, than among some of them (by the recursion of Kiefer and Wolfowitz, "On the theory of queues with
many servers", 1955, one more request makes no other wait less). So what one agent does alone, all do whatever the
headers are; what it does not is unknown.
Source of the routing: Envoy, `RING_HASH` (intro/arch_overview/upstream/load_balancing/load_balancers).
"""

from __future__ import annotations

import math
from fractions import Fraction

from ...model import CalleeKind, Pool, Route, Signal
from ...semantics import divided
from ..words import counted, number
from .analysis import Analysis, Level


def by_header(analysis: Analysis, name: str) -> bool:
    """Whether some caller of a pool goes by a header."""
    known: dict[str, bool] = analysis.by_caller("sent to by header")
    if name not in known:
        known[name] = any(
            call.policy.route.value is Route.BY_HEADER and call.callee_kind is CalleeKind.POOL
            for call in analysis.into(name)
        )
    return known[name]


def same_header(analysis: Analysis, name: str) -> str:
    """Why it is not known how much one agent of a pool gets; "" where no caller goes by a header."""
    if not by_header(analysis, name):
        return ""
    return f"{_same(name)}; `route least loaded` would tell"


def _same(name: str) -> str:
    return f"requests with the same header go to the same agent of {name}, and how many have it is not stated"


def too_few(pool: Pool, in_hand: float) -> str:
    """Why nothing is known of a pool that is sent to by header, and has so many requests in hand; "" where one agent
    alone has slots for all of them, or nobody has."""
    if in_hand < pool.each.concurrency.value or math.isinf(in_hand):
        return ""
    has, least = counted(pool.each.concurrency.value, "slot"), math.floor(in_hand) + 1
    want = f"one has {has} and may get all, which want {number(least)}"
    return f"{_same(pool.name)}: {want}; `route least loaded`, or `concurrency {least}` and more, would tell"


def overfull(analysis: Analysis, pool: Pool, level: Level = Level.PEAK) -> str:
    """Why one agent of a pool may be sent more than it does; "" where any may take any request, or one has slots for
    all of them."""
    if not by_header(analysis, pool.name):
        return ""
    state = analysis.occupancy(level).of(pool)
    return state if isinstance(state, str) else ""


def unseen_by_scaling(analysis: Analysis, pool: Pool) -> str:
    """Why it is not known for how many agents an autoscaler asks that counts who waits, too; "" of the other signals,
    of which the mean is the same wherever requests are."""
    waiting = pool.scaling is not None and pool.scaling.signal in (Signal.IN_FLIGHT, Signal.QUEUE)
    if not waiting or not by_header(analysis, pool.name):
        return ""
    return f"{_same(pool.name)}, nor so how many wait; `scale on busy` would tell"


def sharing(analysis: Analysis, name: str, agents: int) -> int:
    """Of so many agents of a pool those that surely share its requests."""
    return min(1, agents) if by_header(analysis, name) else agents


def even(analysis: Analysis, pool: Pool) -> bool:
    """Whether any agent may be sent any request, so that all get even parts."""
    return not pool.divided and not by_header(analysis, pool.name)


def worth(analysis: Analysis, pool: Pool, agents: int, gone: int = 0) -> Fraction:
    """Agents among which requests lie evenly that have as many slots as one that is sent the most of them, or as the
    worst skill; of so many agents `gone` are away."""
    if by_header(analysis, pool.name):
        return Fraction(sharing(analysis, pool.name, max(0, agents - gone)))
    return divided.worth(agents, pool.divided, gone)


def told_uneven(analysis: Analysis, pool: Pool) -> str:
    """Why they are worth less than there are, as part of a sentence; "" where they are not."""
    if by_header(analysis, pool.name):
        return "requests with the same header go to the same agent, which may get all"
    return "each of its agents has one skill" if pool.divided else ""


def more_of(analysis: Analysis, pool: Pool) -> str:
    """What brings slots to where they are short."""
    if by_header(analysis, pool.name):
        return f"`route least loaded`, or a higher concurrency of {pool.name}, would decide it"
    return f"more agents of {pool.name} would decide it"


def largest_part(analysis: Analysis, pool: Pool, agents: int) -> Fraction | str:
    """Of all its requests the most that may go to one agent, in the mean; or why that is not known."""
    if by_header(analysis, pool.name):
        return Fraction(1)
    if not pool.divided:
        return Fraction(1, agents)
    counts = divided.parts(agents, pool.divided)
    if 0 in counts:
        return f"of {agents} agents of {pool.name} nobody has some skill"
    return max(share / count for share, count in zip(pool.divided, counts, strict=True))
