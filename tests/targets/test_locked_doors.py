"""With `secure` a pool is reached by its declared callers alone, by both targets, and without it nothing is emitted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from seatrial.compiler.lower import lower
from seatrial.compiler.plan import Plan
from seatrial.targets import emit_all
from tests.verify.specs import fleet_of, judged

from . import plans
from .emitted import read


def policies(kind: str, prefix: str, plan: Plan | None = None) -> dict[str, Any]:
    found = read(plan or plans.locked(), prefix).values()
    return {body["metadata"]["name"]: body["spec"] for body in found if body["kind"] == kind}


def test_each_pool_is_entered_by_its_callers_only() -> None:
    found = policies("NetworkPolicy", "kubernetes/")
    assert set(found) == {"shut", "desk-calls", "solver-calls"}
    assert found["shut"].keys() == {"podSelector", "policyTypes"}
    assert found["shut"]["policyTypes"] == ["Ingress", "Egress"]
    assert found["desk-calls"]["ingress"][0]["from"] == [
        {"podSelector": {"matchLabels": {"seatrial.dev/demand": "tickets"}}}
    ]
    assert found["solver-calls"]["ingress"][0]["from"] == [
        {"podSelector": {"matchLabels": {"seatrial.dev/pool": "desk"}}}
    ]
    assert {
        "to": [{"podSelector": {"matchLabels": {"seatrial.dev/pool": "solver"}}}],
        "ports": [{"protocol": "TCP", "port": 8080}],
    } in found["desk-calls"]["egress"]
    anywhere = [name for name, spec in found.items() if any("ipBlock" in str(rule) for rule in spec.get("egress", []))]
    assert anywhere == ["solver-calls"]


def test_istio_knows_callers_by_their_certificates() -> None:
    found = policies("AuthorizationPolicy", "istio/")
    callers = {name: spec["rules"][0]["from"][0]["source"]["principals"] for name, spec in found.items()}
    assert callers == {
        "desk-callers": ["cluster.local/ns/locked/sa/tickets"],
        "solver-callers": ["cluster.local/ns/locked/sa/desk"],
    }
    assert policies("PeerAuthentication", "istio/") == {"default": {"mtls": {"mode": "STRICT"}}}


def test_a_pool_that_nobody_calls_is_called_by_nobody() -> None:
    plan = replace(plans.locked(), calls=())
    bodies = [one for one in read(plan, "istio/").values() if one["kind"] == "AuthorizationPolicy"]
    assert [body["spec"].get("rules") for body in bodies] == [None, None]
    assert {body["spec"]["action"] for body in bodies} == {"ALLOW"}


def test_who_may_call_is_known_by_certificate_even_where_only_that_is_asked() -> None:
    plan = plans.locked()
    closed = replace(plan, security=(replace(plan.security[0], mutual_tls=False),))
    assert {"PeerAuthentication", "AuthorizationPolicy"} <= {body["kind"] for body in read(closed, "istio/").values()}
    told = {one.code: one for one in emit_all(closed)[1]}
    assert "service account tickets" in told["ST7008"].notes[1]


TALKING = """
fleet talking {
  demand d { steady 5/s }
  pool p { serves d; image "x/p:1"; agents 5; each { cpu 1; memory 1Gi; concurrency 4; service mean 50ms } CLAUSE_P }
  pool q { image "x/q:1"; agents 5; each { cpu 1; memory 1Gi; concurrency 4; service mean 50ms } }
  call p -> q
  CLAUSE
  secure { only declared calls }
}
"""


@pytest.mark.parametrize(
    ("clause", "clause_p", "within"),
    [
        ("", "", ()),
        ("consensus v among p { members 5; majority 1/2; tolerate 1 crashed }", "", ("p",)),
        ("organisation o { levels top 1 of p, team 3 of q; on failure escalate within 5s }", "", ("p", "q")),
        ("", "; pattern direct", ("p",)),
    ],
)
def test_agents_of_a_pool_that_have_to_talk_reach_each_other(
    clause: str, clause_p: str, within: tuple[str, ...]
) -> None:
    plan = lower(fleet_of(TALKING.replace("CLAUSE_P", clause_p).replace("CLAUSE", clause)), (), "0", "")
    assert plan.security[0].within == within
    network, callers = policies("NetworkPolicy", "kubernetes/", plan), policies("AuthorizationPolicy", "istio/", plan)
    for pool in ("p", "q"):
        itself = {"podSelector": {"matchLabels": {"seatrial.dev/pool": pool}}}
        spec = network[f"{pool}-calls"]
        assert (itself in spec["ingress"][0]["from"]) is (pool in within)
        assert any(itself in rule["to"] for rule in spec["egress"]) is (pool in within)
        named = callers[f"{pool}-callers"]["rules"][0]["from"][0]["source"]["principals"]
        assert (f"cluster.local/ns/talking/sa/{pool}" in named) is (pool in within)


def test_that_nobody_can_scrape_what_an_autoscaler_needs_is_said() -> None:
    for plan, said in ((plans.locked(), False), (replace(plans.support(), security=plans.locked().security), True)):
        assert ("ST7043" in {one.code for one in emit_all(plan)[1]}) is said


def test_a_fleet_without_the_clause_has_no_policies() -> None:
    kinds = {body["kind"] for body in (read(plans.support(), "kubernetes/") | read(plans.support(), "istio/")).values()}
    assert not kinds & {"NetworkPolicy", "PeerAuthentication", "AuthorizationPolicy"}


STAND_IN = """
fleet doors {
  demand d { steady 5/s }
  pool p { serves d; image "x/p:1"; agents 5; each { cpu 1; memory 1Gi; concurrency 4; service mean 50ms } }
  pool q { image "x/q:1"; agents 5; each { cpu 1; memory 1Gi; concurrency 4; service mean 50ms } }
  pool r { image "x/r:1"; agents 5; each { cpu 1; memory 1Gi; concurrency 4; service mean 50ms } }
  call p -> r
  LOSS
  secure { only declared calls }
}
"""


@pytest.mark.parametrize("lost", [True, False])
def test_what_enters_a_pool_that_may_be_lost_may_enter_its_heir(lost: bool) -> None:
    """No call can say so: a demand is served by one pool."""
    text = STAND_IN.replace("LOSS", "survive loss of pool p, q takes over" if lost else "")
    plan = lower(fleet_of(text), (), "0", "")
    network, callers = policies("NetworkPolicy", "kubernetes/", plan), policies("AuthorizationPolicy", "istio/", plan)
    gateway = {"podSelector": {"matchLabels": {"seatrial.dev/demand": "d"}}}
    for pool in ("p", "q", "r"):
        let_in = pool == "p" or (pool == "q" and lost)
        assert (gateway in network[f"{pool}-calls"].get("ingress", [{"from": []}])[0]["from"]) is let_in
        rules = callers[f"{pool}-callers"].get("rules", [{"from": [{"source": {"principals": []}}]}])
        assert ("cluster.local/ns/doors/sa/d" in rules[0]["from"][0]["source"]["principals"]) is let_in
    assert judged(text)["secure/calls"].margin.endswith("and q to d (q takes over for p)") is lost
