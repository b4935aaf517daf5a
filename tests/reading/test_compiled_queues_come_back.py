"""The Kueue objects that a fleet was compiled to are read back: as node classes that have together what theirs had."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from seatrial.cli.emitted import compiled
from seatrial.cli.rewritten import rewritten
from seatrial.compiler.lower import lower
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read as clauses_of
from seatrial.compiler.plan import NodesPlan, Plan
from seatrial.dsl.clauses import Clause
from seatrial.dsl.source import Source
from seatrial.loading import open_spec
from seatrial.targets.reading import Left, Manifest, Reading, read, text_of
from tests.scalars import Path as Way
from tests.scalars import put, scalars

SPECS = Path(__file__).parents[2] / "specs"
TARGETS = ("runtime", "kubernetes", "istio", "kueue")
GROUP = "kueue.x-k8s.io"


@cache
def plan(name: str) -> Plan:
    made = _lowered(open_spec(SPECS / name).reading.clauses)
    return replace(made, pools=tuple(replace(pool, image=pool.image or "x:1") for pool in made.pools))


def _lowered(clauses: tuple[Clause, ...]) -> Plan:
    fleet, _ = resolve(clauses, {})
    assert fleet is not None
    return lower(fleet, (), "", "")


def back(objects: tuple[Manifest, ...], fleet: str) -> tuple[Reading, str, list[Left]]:
    """What is told of Kueue's objects is the list."""
    found = read(objects, fleet, fleet)
    text = text_of(found)
    left = (*found.left, *rewritten(found, text, objects, fleet))
    kinds = {one.title for one in objects if one.group == GROUP}
    return found, text, [one for one in left if one.place.object in kinds]


def together(nodes: tuple[NodesPlan, ...]) -> dict[str, tuple[Fraction, Fraction, int]]:
    return {
        one.name: (
            one.count_max * one.cpu_cores,
            one.count_max * Fraction(one.memory_bytes),
            one.count_max * (one.gpus or 0),
        )
        for one in nodes
    }


@pytest.mark.parametrize(
    "name", ["support", "requirements/R13", "requirements/R28", "incidents/posthog-slow-starts/after"]
)
def test_nothing_of_them_is_listed_and_the_nodes_have_together_what_they_had(name: str) -> None:
    made = plan(f"{name}.fleet")
    objects = compiled(made, TARGETS)
    assert {one.kind for one in objects if one.group == GROUP} >= {"Cohort", "ClusterQueue", "ResourceFlavor"}
    _, text, left = back(objects, made.fleet)
    assert left == []
    again = _lowered(clauses_of(Source("imported.fleet", text)).clauses)
    assert together(again.nodes) == together(made.nodes)
    assert [one.name for one in again.nodes] == [one.name for one in made.nodes]


def test_a_loss_that_compiled_agents_stand_finds_nodes_in_several_zones() -> None:
    _, text, _ = back(compiled(plan("support.fleet"), TARGETS), "support")
    assert "survive loss of 1 zone" in text and "zones 3 " in text
    assert "count 12  # ask: how many machines have together what Kueue shares out?\n" in text


def test_weights_of_a_budget_are_listed() -> None:
    made = plan("requirements/R20.fleet")
    paths = {one.place.path for one in back(compiled(made, TARGETS), made.fleet)[2]}
    assert paths == {"spec.fairSharing", "spec.preemption.borrowWithinCohort"}


def test_queues_of_another_fleet_say_nothing_of_this_one() -> None:
    made = plan("support.fleet")
    ours, theirs = compiled(made, TARGETS), compiled(replace(made, fleet="other"), TARGETS)
    theirs = tuple(Manifest(one.body, f"other/{one.file}", one.line) for one in theirs)
    alone, both = back(ours, "support"), back((*theirs, *ours), "support")
    assert [block.said for block in both[0].nodes] == [block.said for block in alone[0].nodes]
    why = {one.why for one in both[2]}
    assert why == {"it is in namespace other", "no queue of the fleet leads to it"}


@pytest.mark.parametrize(
    ("kind", "way", "value"),
    [
        ("Cohort", ("spec", "resourceGroups", 0, "flavors", 0, "resources", 0, "nominalQuota"), "many"),
        ("ClusterQueue", ("spec", "resourceGroups", 0, "flavors", 0, "resources", 0, "nominalQuota"), "-1"),
        ("ResourceFlavor", ("spec", "nodeLabels"), {"seatrial.dev/nodes": "No Name"}),
        ("LocalQueue", ("spec", "clusterQueue"), "elsewhere"),
        ("ClusterQueue", ("spec", "stopPolicy"), "Hold"),
        ("WorkloadPriorityClass", ("value",), 7),
    ],
)
def test_what_somebody_changed_is_listed(kind: str, way: Way, value: object) -> None:
    made = plan("support.fleet")
    objects = list(compiled(made, TARGETS))
    number = next(number for number, one in enumerate(objects) if one.kind == kind)
    one = objects[number]
    objects[number] = Manifest(put(one.body, way, value), one.file, one.line)
    assert one.title in {each.place.object for each in back(tuple(objects), made.fleet)[2]}


def test_a_quota_of_nothing_is_no_node() -> None:
    """It stops who waits; nodes without a core cannot be said."""
    made = plan("support.fleet")

    def stopped(one: Manifest) -> Manifest:
        body = one.body
        for way, _ in scalars(body):
            if "nominalQuota" in way:
                body = put(body, way, "0")
        return Manifest(body, one.file, one.line)

    found, text, left = back(tuple(map(stopped, compiled(made, TARGETS))), made.fleet)
    assert not found.nodes and left
    assert not any(one.is_error for one in clauses_of(Source("imported.fleet", text)).diagnostics)
