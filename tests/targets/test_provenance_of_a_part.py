"""A document of a large fleet is explained by the clauses that it can be about, as by all of them."""

from __future__ import annotations

import pytest

from seatrial.compiler import excerpt
from seatrial.compiler.pipeline import Checked, plan
from seatrial.compiler.variations import Variations
from seatrial.loading import load
from seatrial.targets import emit_all
from seatrial.targets import provenance as told

NAMES = ("kubernetes", "istio")


def spec(pools: int) -> str:
    """Pairs of pools, each with a demand of its own, that share a store."""
    lines = ["fleet many {", "dependency store { limit 9000 requests/s; latency p50 2ms, p99 9ms }"]
    for index in range(pools):
        lines.append(f"demand d{index} {{ steady {10 + index}/s; peak {40 + index}/s for 10m every 1d }}")
        for name, serves in ((f"front-{index}", f"serves d{index} {{ timeout 2s }};"), (f"back-{index}", "")):
            lines.append(
                f'pool {name} {{ {serves} image "registry.example/{name}:1"; agents 6..20; scale on cpu 60%; '
                "each { cpu 100m; memory 64Mi; concurrency 8; service mean 20ms, p99 80ms; startup 5s } }"
            )
        lines.append(f"call front-{index} -> back-{index} 1 per request {{ timeout 500ms; retry 1 {{ budget 20% }} }}")
        lines.append(f"call back-{index} -> store 1 per request {{ timeout 300ms }}")
    return "\n".join([*lines, "}"])


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    path = tmp_path_factory.mktemp("spec") / "many.fleet"
    path.write_text(spec(4))
    return load(path).checked


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is few left out a fleet of eight pools is as a large one."""
    monkeypatch.setattr(excerpt, "_FEW", 1)


@pytest.mark.parametrize(
    "path",
    [
        "kubernetes/back-3-autoscaler.yaml",
        "kubernetes/front-1-deployment.yaml",
        "istio/front-2--back-2-destination.yaml",
        "istio/d2-routes.yaml",
        "kubernetes/namespace.yaml",
    ],
)
def test_a_part_tells_what_the_whole_tells(path: str, checked: Checked) -> None:
    made = plan(checked, {}, "1")
    assert made is not None and checked.fleet is not None
    finding = told._Finding(made, checked.findings, NAMES, path)
    part = told._by_excerpt(finding, checked.reading.clauses, {})
    assert part is not None, "the whole spec was varied"
    assert part == finding.explained(Variations(checked.reading.clauses, {}), checked.fleet)


def test_what_all_pools_are_in_is_not_explained_by_a_part(checked: Checked) -> None:
    made = plan(checked, {}, "1")
    assert made is not None
    assert any(one.path == "kubernetes/quota.yaml" for one in emit_all(made, NAMES)[0])
    finding = told._Finding(made, checked.findings, NAMES, "kubernetes/quota.yaml")
    assert told._by_excerpt(finding, checked.reading.clauses, {}) is None
