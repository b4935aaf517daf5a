"""Whether a trial is long and large enough to tell anything, known before it is run.

Turns a plan's objectives and the requests that a trial will send into warnings. Invariant: what is warned of here
is inconclusive afterwards, however well the fleet does.
"""

from __future__ import annotations

from collections.abc import Mapping

from seatrial.compiler.plan import Plan

from . import wording
from .statistics import requests_needed


def too_few(plan: Plan, due: Mapping[str, int], duration: float) -> tuple[str, ...]:
    """One sentence for each objective that needs more requests than are due; `due` counts them by demand."""
    found: list[str] = []
    wanted = [(one.demand, one.quantile, wording.percentile(one.quantile)) for one in plan.latency]
    wanted += [(one.demand, one.share, f"success of {wording.share(one.share)}") for one in plan.success]
    for demand, share, told in wanted:
        needed, sent = requests_needed(share), due.get(demand, 0)
        if 0 < sent < needed:
            longer = wording.seconds(duration * needed / sent)
            found.append(
                f"{told} of {demand}: about {sent:,} requests are due, at least {needed:,} are needed to tell; "
                f"let it last {longer}, or raise its scale or load"
            )
    return tuple(found)
