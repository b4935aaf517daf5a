"""Shares by resource: what agents take of cores, memory and gpus, as the nodes count it."""

from __future__ import annotations

from .specs import proved, unknown

SPEC = """fleet f {
  demand a { steady 1/s }
  nodes n { count 10; cpu 10; memory 80Gi; NODE }
  pool x { serves a; agents 2; each { cpu 1; memory 1Gi; X price $1/h; concurrency 8; service mean 100ms, p99 200ms } }
  pool y { agents 2; each { cpu 1; memory 1Gi; Y price $1/h; concurrency 8; service mean 100ms, p99 200ms } }
  budget agents BUDGET/day { share by resource }
}"""


def spec(budget: str, node: str = "", x: str = "", y: str = "") -> str:
    return SPEC.replace("BUDGET", budget).replace("NODE", node).replace("X ", x).replace("Y ", y)


def test_gpus_are_a_resource() -> None:
    """An agent of x takes a tenth of all gpus and a hundredth of the cores, one of y only the latter: 10 to 1."""
    proved(spec("$100"), "division/agents/day/pays")
    both = spec("$100", "gpu 1;", "gpu 1; ")
    assert "gets at least $4.55" in unknown(both, "division/agents/day/pays").reason
    proved(both.replace("$100", "$528"), "division/agents/day/pays")


def test_sidecars_are_counted_as_nodes_count_them() -> None:
    """Two cores to one."""
    text = spec("$100", x="sidecar cpu 1, memory 1Gi; ")
    assert "gets at least $16.67" in unknown(text, "division/agents/day/pays").reason
    proved(text.replace("$100", "$144"), "division/agents/day/pays")
