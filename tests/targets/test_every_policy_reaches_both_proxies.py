"""Whatever a call states, both proxies say it alike; and no field of a policy is left out of both in silence."""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction as F
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.model import CallerKind, Route
from seatrial.compiler.plan import BreakPlan, CallPlan, LimitPlan, Plan, RetryPlan, ShedOnFailurePlan
from seatrial.compiler.plan_rates import AdmitPlan, WarmUpPlan
from seatrial.targets import emit_all

from . import plans
from .emitted import read
from .test_envoy_and_istio_say_the_plan import of_envoy, of_istio, of_plan

times = st.fractions(F(1, 2000), F(90), max_denominator=4000)
shares = st.fractions(F(1, 1000), F(1), max_denominator=1000)
counts = st.integers(1, 10_000)
rates = st.builds(F, st.integers(1, 10_000), st.sampled_from([1, 10, 60, 3600]))
WEIGHED = (Route.LEAST_LOADED, Route.ROUND_ROBIN)


@st.composite
def calls(draw: st.DrawFn) -> CallPlan:
    base = draw(times)
    by_errors = draw(st.booleans())
    route = draw(st.sampled_from([Route.LEAST_LOADED, Route.ROUND_ROBIN, Route.RANDOM, Route.BY_HEADER]))
    breaker = BreakPlan(
        draw(st.integers(1, 50)) if by_errors else None,
        None if by_errors else draw(st.fractions(F(1, 100), F(99, 100), max_denominator=1000)),
        draw(times),
        draw(shares),
        draw(times),
    )
    return plans.call(
        "a",
        "b",
        caller_kind=draw(st.sampled_from([CallerKind.DEMAND, CallerKind.POOL])),
        timeout_seconds=draw(st.none() | times),
        try_timeout_seconds=draw(st.none() | times),
        retry=RetryPlan(draw(st.integers(0, 9)), base, base + draw(times), draw(st.none() | shares)),
        breaker=draw(st.none() | st.just(breaker)),
        limit=draw(st.none() | st.builds(LimitPlan, st.none() | counts, st.none() | counts, st.none() | counts)),
        shed_on_failure=draw(st.none() | st.builds(ShedOnFailurePlan, shares, times)),
        admit=draw(st.none() | st.builds(AdmitPlan, rates, counts)),
        # The language has no warm-up where no agent is weighed (ST1017).
        warm_up=draw(st.none() | st.builds(WarmUpPlan, times, shares)) if route in WEIGHED else None,
        route=route,
        route_header="x-key" if route is Route.BY_HEADER else None,
    )


def of(call: CallPlan) -> Plan:
    by_demand = call.caller_kind is CallerKind.DEMAND
    pools = (plans.pool("b"),) if by_demand else (plans.pool("a"), plans.pool("b"))
    return plans.fleet(demands=(plans.demand("a"),) if by_demand else (), pools=pools, calls=(call,))


@settings(max_examples=150, deadline=None)
@given(calls())
def test_both_say_what_the_plan_says(call: CallPlan) -> None:
    plan = of(call)
    assert of_envoy(plan) == of_istio(plan) == {call.name: of_plan(call)}


FULL = plans.call(
    "a",
    "b",
    timeout_seconds=F(4),
    try_timeout_seconds=F(1),
    retry=RetryPlan(2, F(1, 10), F(1, 2), F(1, 5)),
    breaker=BreakPlan(None, F(8, 10), F(30), F(1, 2), F(30)),
    limit=LimitPlan(10, 20, 30),
    shed_on_failure=ShedOnFailurePlan(F(7, 10), F(30)),
    admit=AdmitPlan(F(40), 80),
    warm_up=WarmUpPlan(F(30), F(1, 10)),
)
PARTS = ("retry", "breaker", "limit", "shed_on_failure", "admit", "warm_up")
NOT_POLICY = {"caller_kind", "caller", "callee_kind", "callee", "per_request", "origin", "shed_on_latency", "route"}
NOT_POLICY |= {"tokens_per_call", "bytes_per_call", "route_header"}
"""What a call is about, and what has a test of its own: shedding by latency is told by ST7006, routes are above."""


def moved(value: Any) -> Any:
    return value + 1 if isinstance(value, int) else value / 2


def changes() -> list[tuple[str, CallPlan]]:
    """The full call with each field of each of its policies moved, one at a time."""
    found = [
        (one.name, replace(FULL, **{one.name: moved(getattr(FULL, one.name))}))
        for one in fields(FULL)
        if one.name not in NOT_POLICY and one.name not in PARTS
    ]
    for part in PARTS:
        policy: Any = getattr(FULL, part)
        for one in fields(policy):
            # The full breaker goes by share; by errors is the same field turned over.
            other = 5 if one.name == "errors" else moved(getattr(policy, one.name))
            more = {"success_below": None} if one.name == "errors" else {}
            found.append((f"{part}.{one.name}", replace(FULL, **{part: replace(policy, **{one.name: other, **more})})))
    return found


@pytest.mark.parametrize(("field", "call"), changes(), ids=[name for name, _ in changes()])
@pytest.mark.parametrize("target", ["envoy", "istio"])
def test_a_field_that_moves_moves_a_document_or_is_told(target: str, field: str, call: CallPlan) -> None:
    before, after = (read(of(one), f"{target}/", (target,)) for one in (FULL, call))
    told = {one.code for one in emit_all(of(call), (target,))[1]}
    assert before != after or (field == "retry.backoff_factor" and "ST7004" in told)
