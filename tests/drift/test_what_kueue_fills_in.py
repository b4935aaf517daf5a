"""What Kueue's definitions and webhooks put into compiled objects is no drift; any other value there is.

Source: Kueue v1beta2, `+kubebuilder:default` of ClusterQueueSpec, ClusterQueuePreemption, BorrowWithinCohort,
FlavorFungibility and LocalQueueSpec; `Webhook.Default` of its integration of Deployments.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from seatrial import __version__
from seatrial.cli.emitted import compiled
from seatrial.compiler.pipeline import plan
from seatrial.loading import load
from seatrial.targets.drift import differences
from seatrial.targets.reading import Manifest
from tests.scalars import Path as Way
from tests.scalars import other, put, scalars

SPECS = Path(__file__).parents[2] / "specs"
DEFAULTS: dict[str, dict[str, Any]] = {
    "ClusterQueue": {
        "queueingStrategy": "BestEffortFIFO",
        "stopPolicy": "None",
        "flavorFungibility": {"whenCanBorrow": "MayStopSearch", "whenCanPreempt": "TryNextFlavor"},
        "preemption": {
            "reclaimWithinCohort": "Never",
            "withinClusterQueue": "Never",
            "borrowWithinCohort": {"policy": "Never"},
        },
    },
    "LocalQueue": {"stopPolicy": "None"},
}


@cache
def objects(spec: str) -> tuple[Manifest, ...]:
    given = load(SPECS / spec)
    made = plan(given.checked, given.assets, __version__)
    assert made is not None
    return compiled(made, ("kubernetes", "kueue"))


def filled(value: Any, defaults: Any) -> Any:
    """As an API server does: what is there stays, in every part of it."""
    if not isinstance(value, Mapping) or not isinstance(defaults, Mapping):
        return value
    added = {name: one for name, one in defaults.items() if name not in value}
    return {name: filled(one, defaults.get(name)) for name, one in value.items()} | added


def applied(one: Manifest) -> Manifest:
    body: Any = {**one.body, "spec": filled(one.body.get("spec"), DEFAULTS.get(one.kind))}
    if one.kind == "Deployment":
        handed = {name: value for name, value in one.labels.items() if name.startswith("kueue.x-k8s.io/")}
        assert len(handed) == 2
        mark = {"annotations": {"kueue.x-k8s.io/pod-suspending-parent": "deployment"}}
        body = put(
            body, ("spec", "template"), filled(body["spec"]["template"], {"metadata": {**mark, "labels": handed}})
        )
    return Manifest(body, one.file, one.line)


@pytest.mark.parametrize("spec", ["support.fleet", "requirements/R20.fleet"])
def test_after_an_apply_nothing_has_drifted(spec: str) -> None:
    wanted = objects(spec)
    assert {"ClusterQueue", "LocalQueue"} <= {one.kind for one in wanted}
    assert differences(wanted, [applied(one) for one in wanted]) == ()


@pytest.mark.parametrize(
    ("spec", "kind", "fields"),
    [
        ("requirements/R20.fleet", "ClusterQueue", 4),
        ("support.fleet", "LocalQueue", 1),
        ("support.fleet", "Deployment", 3),
    ],
)
def test_another_value_than_what_is_filled_in_is_drift(spec: str, kind: str, fields: int) -> None:
    one = next(each for each in objects(spec) if each.kind == kind)
    there = applied(one)
    ours = {way for way, _ in scalars(one.body)}
    tried: list[Way] = [way for way, _ in scalars(there.body) if way not in ours]
    for way in tried:
        value = next(value for each, value in scalars(there.body) if each == way)
        (told,) = differences([one], [Manifest(put(there.body, way, other(value)), one.file, one.line)])
        assert told.wanted is None
    assert len(tried) == fields
