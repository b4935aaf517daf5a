"""A sidecar that is stated takes room wherever its agent does: on nodes, in zones, in the namespace."""

from __future__ import annotations

from .specs import findings, proved, refuted

SPEC = """fleet f {{
  nodes general {{ count {nodes}; cpu 4; memory 16Gi; zones 2 }}
  namespace {{ cpu {quota} }}
  survive loss of 1 zone
  demand d {{ steady 50/s }}
  pool x {{
    serves d {{ timeout 20s }}
    agents 16
    each {{ cpu 1; memory 1Gi; {beside} concurrency 4; service mean 100ms, p99 400ms; startup 2s }}
  }}
}}"""

BESIDE = "sidecar cpu 250m, memory 256Mi;"


def spec(beside: str = BESIDE, nodes: int = 14, quota: int = 25) -> str:
    return SPEC.format(beside=beside, nodes=nodes, quota=quota)


def test_nodes_hold_agents_and_their_sidecars() -> None:
    # 20 pods in an update: five nodes of 4 cores without sidecars, and three pods of 1.25 cores on each with them.
    proved(spec("", nodes=5), "nodes/fit")
    finding = refuted(spec(nodes=6), "nodes/fit")
    assert "need 25 cores" in finding.witness
    assert any("for each sidecar" in clause.text for clause in finding.core)
    proved(spec(nodes=7), "nodes/fit")


def test_one_agent_with_its_sidecar_may_be_too_large_for_a_node() -> None:
    text = spec("sidecar cpu 3500m, memory 256Mi;")
    assert "one agent of x needs 4.5 cores" in refuted(text, "nodes/fit").witness


def test_what_is_left_of_a_zone_holds_them_too() -> None:
    proved(spec("", nodes=8), "nodes/fit/zone-loss")
    refuted(spec(nodes=10), "nodes/fit/zone-loss")
    proved(spec(nodes=12), "nodes/fit/zone-loss")


def test_the_namespace_is_charged_for_them() -> None:
    proved(spec("", quota=20), "namespace/cores")
    refuted(spec(quota=24), "namespace/cores")
    proved(spec(quota=25), "namespace/cores")


def test_an_agent_is_no_slower_and_no_dearer_for_it() -> None:
    with_, without = findings(spec()), findings(spec(""))
    assert set(with_) == set(without)
    assert with_["capacity/x/peak"].margin == without["capacity/x/peak"].margin
