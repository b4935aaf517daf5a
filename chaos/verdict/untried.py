"""What a trial leaves out, whatever its evidence: a plan -> doubts that weaken no verdict.

Invariant: what was measured is so; a doubt of these says what was not tried.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.compiler.model import CalleeKind, Route
from seatrial.compiler.plan import Plan

from .result import Doubt


def untried(plan: Plan) -> Iterator[Doubt]:
    """What routes by a header is tried without it: how often callers send which value is in no spec.

    A proxy that finds no header draws an agent at random (Envoy, `RING_HASH`), so that all get even parts.
    """
    for call in plan.calls:
        if call.route is Route.BY_HEADER and call.callee_kind is CalleeKind.POOL:
            header, who, to = call.route_header, call.caller, call.callee
            text = (
                f"the trial sends no {header}, so that agents of {to} are drawn at random: requests of {who} with the "
                f"same {header} go to one agent, which may get more than it did here"
            )
            yield Doubt("route-by-header", text, weakens_pass=False)
