"""A pool with so many agents -> the most of its requests that may go to one of them.

Invariant: an upper bound in the mean, and no less than an even part.

Sent to the less loaded, in turn or at random, agents get even parts; those of one skill share what wants it, and whole
agents have it (`semantics.divided`). By header one agent may get all: how many requests have the same is not stated.
Source of the routing: Envoy, `RING_HASH` (intro/arch_overview/upstream/load_balancing/load_balancers).
"""

from __future__ import annotations

from fractions import Fraction

from ...model import Pool, Route
from ...semantics.divided import parts
from .analysis import Analysis


def same_header(analysis: Analysis, name: str) -> str:
    """Why it is not known how much one agent of a pool gets; "" where no caller goes by a header."""
    headed: set[str] = analysis.kept(
        "pools that are sent to by header",
        lambda: {call.callee for call in analysis.fleet.calls if call.policy.route.value is Route.BY_HEADER},
    )
    if name not in headed:
        return ""
    same = f"requests with the same header go to the same agent of {name}"
    return f"{same}, and how many have it is not stated; `route least loaded` would tell"


def largest_part(analysis: Analysis, pool: Pool, agents: int) -> Fraction | str:
    """Of all its requests; or why that is not known."""
    if why := same_header(analysis, pool.name):
        return why
    if not pool.divided:
        return Fraction(1, agents)
    counts = parts(agents, pool.divided)
    if 0 in counts:
        return f"of {agents} agents of {pool.name} nobody has some skill"
    return max(share / count for share, count in zip(pool.divided, counts, strict=True))
