"""What Envoy cannot say is told for each target that is made of Envoys."""

from __future__ import annotations

from fractions import Fraction as F
from typing import Any

import pytest

from seatrial.compiler.plan import BreakPlan, RetryPlan, ShedOnLatencyPlan
from seatrial.dsl.diagnostics import Severity
from seatrial.targets import ASKED_FOR, NAMES, TARGETS, USUAL, emit_all
from seatrial.targets.limits import of_proxies

from . import plans

CASES: list[tuple[str, Severity, dict[str, Any]]] = [
    ("ST7004", Severity.WARNING, {"retry": RetryPlan(2, F(1, 10), F(1), None, backoff_factor=F(3))}),
    ("ST7005", Severity.NOTE, {"timeout_seconds": F(1, 3)}),
    ("ST7006", Severity.NOTE, {"shed_on_latency": ShedOnLatencyPlan(-100, F(95, 100), F(5))}),
    ("ST7010", Severity.WARNING, {"breaker": BreakPlan(5, None, F(10), F(1, 200), F(30))}),
]


@pytest.mark.parametrize(("code", "severity", "clause"), CASES, ids=[case[0] for case in CASES])
@pytest.mark.parametrize("target", ["envoy", "istio"])
def test_a_clause_beyond_envoy_is_told_by_each_target(
    code: str, severity: Severity, clause: dict[str, Any], target: str
) -> None:
    plan = plans.fleet(pools=(plans.pool("a"), plans.pool("b")), calls=(plans.call("a", "b", **clause),))
    _, (found,) = emit_all(plan, (target,))
    assert (found.code, found.severity) == (code, severity)
    assert found.message.startswith(f"{target}: ")
    assert found.labels[0].span == plans.AT


def test_a_call_that_envoy_says_exactly_has_no_finding() -> None:
    retry = RetryPlan(2, F(25, 1000), F(250, 1000), F(1, 5))
    call = plans.call("a", "b", retry=retry, timeout_seconds=F(2), breaker=BreakPlan(5, None, F(10), F(1, 2), F(30)))
    assert of_proxies(plans.fleet(calls=(call,)), "envoy") == ()


def test_all_targets_have_names_and_an_unknown_one_is_our_bug() -> None:
    assert NAMES[:7] == ("runtime", "kubernetes", "istio", "envoy", "prometheus", "keda", "kueue")
    assert NAMES[7:] == ("dapr", "litellm", "ai-gateway", "agentgateway", "kafka", "gateway-api", "argocd")
    assert tuple(target.name for target in TARGETS) == NAMES == (*USUAL, *ASKED_FOR)
    with pytest.raises(KeyError, match="nomad"):
        emit_all(plans.small(), ("runtime", "nomad"))
