"""Any single field of any compiled object that somebody changes, takes away or adds is told, exactly there."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial import __version__
from seatrial.cli.emitted import compiled
from seatrial.compiler.pipeline import plan
from seatrial.loading import load
from seatrial.targets.drift import Difference, differences
from seatrial.targets.reading import Manifest
from tests.scalars import mappings, other, pattern, put, scalars, without

SPECS = Path(__file__).parents[2] / "specs"
CASES = {
    "support": ("support.fleet", ()),
    "support, asked for": ("support.fleet", ("keda", "kueue", "dapr", "ai-gateway", "agentgateway", "kafka")),
    "support, entered by the Gateway API": ("support.fleet", ("gateway-api",)),
    "node classes": ("requirements/R04.fleet", ()),
    "queues": ("requirements/R12.fleet", ("kafka",)),
    "tokens": ("requirements/R19.fleet", ("ai-gateway", "agentgateway")),
    "a stop": ("requirements/R33.fleet", ()),
    "locked doors": ("requirements/R34.fleet", ()),
}
IGNORED = {
    # An API server hands out each object in the version that is asked for: its group is what says what it is.
    "apiVersion",
    # By which the two are found again.
    "kind",
    "metadata.name",
}


def _objects(case: str) -> list[Manifest]:
    name, more = CASES[case]
    given = load(SPECS / name)
    made = plan(given.checked, given.assets, __version__)
    assert made is not None
    return list(compiled(made, ("runtime", "kubernetes", "istio", "prometheus", *more)))


def _told(before: Manifest, body: object) -> list[Difference]:
    assert isinstance(body, dict)
    return list(differences([before], [Manifest(body, before.file, before.line)]))


@pytest.mark.parametrize("case", CASES)
def test_a_value_that_is_changed_or_gone_is_told(case: str) -> None:
    tried: set[tuple[str, str]] = set()
    for one in _objects(case):
        for path, value in scalars(one.body):
            name = pattern(path)
            if name in IGNORED or (one.kind, name) in tried:
                continue
            tried.add((one.kind, name))
            for body in (put(one.body, path, other(value)), without(one.body, path)):
                told = _told(one, body)
                assert told, f"{one.title} {name}"
                # What a list is found again by is missed under the one name, and new under the other.
                assert len(told) <= 2, (one.title, name, told)
    assert len(tried) > 50


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("value", [1, "x", {}, False], ids=str)
def test_a_field_that_nobody_wants_is_told_whatever_its_value(case: str, value: object) -> None:
    for one in _objects(case):
        for path in mappings(one.body):
            (told,) = _told(one, put(one.body, (*path, "byHand"), value))
            assert told.path.endswith("byHand") and told.found == value, (one.title, path)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("NetworkPolicy", ("spec", "ingress", 0, "from", 0, "namespaceSelector")),
        ("DestinationRule", ("spec", "trafficPolicy", "outlierDetection")),
        ("DestinationRule", ("spec", "trafficPolicy", "tls")),
    ],
)
def test_what_is_empty_and_says_much_is_told(kind: str, path: tuple[str | int, ...]) -> None:
    """All namespaces instead of the policy's own; ejection by Istio's defaults; plain text instead of mutual TLS."""
    names = ("solver-calls", "desk--solver")
    one = next(each for each in _objects("locked doors") if each.kind == kind and each.name in names)
    told = _told(one, put(one.body, path, {}))
    assert [each.found for each in told] == [{}]
