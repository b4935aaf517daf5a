"""Whatever stands in a field: what an import writes can be read, and the field is carried by a clause or listed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.targets.quantity import read_quantity

from .mutated import changed, imported
from .test_figures_that_no_clause_can_say import FIELDS, KINDS, OBJECTS, scaled_object
from .test_nothing_is_dropped_in_silence import DOCUMENTS

COMPILED = [json.loads(json.dumps(one)) for one in DOCUMENTS]
TRIGGER = {"type": "kafka", "metricType": "AverageValue", "metadata": {"lagThreshold": "5", "topic": "t"}}
CORPORA = {"compiled": (COMPILED, "support"), "others'": (OBJECTS, ""), "KEDA's": (scaled_object(TRIGGER), "")}
HOSTILE = [
    'x"; agents 5',
    'x"\n timeout 1ms\n route by header "y',
    "}\npool evil { agents 1 }",
    "\x1b[31m",
    "../../x",
    "{{ .Values.x }}",
    "on",
    "triage",
    "a--b",
    "x\\",
    "# ask:",
]
FIGURES = ["", "100ns", "0s", "7s", "-5", "1e999", "150%", "9" * 200, 10**40, 1e300, float("nan"), float("inf")]
VALUES = st.one_of(
    st.sampled_from([*HOSTILE, *FIGURES, 0, -1, 150, 0.5, None, True, False]),
    st.builds(list),
    st.builds(dict),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
)


def fields(node: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner: list[tuple[str | int, Any]] = []
    if isinstance(node, dict):
        inner = list(node.items())
    elif isinstance(node, list):
        inner = list(enumerate(node))
    return [path, *(one for step, value in inner for one in fields(value, (*path, step)))]


PLACES = [
    (corpus, number, path)
    for corpus, (bodies, _) in CORPORA.items()
    for number, body in enumerate(bodies)
    for path in fields(body)
    if path
]


@given(st.sampled_from(PLACES), VALUES)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_can_be_read(place: tuple[str, int, tuple[str | int, ...]], value: object) -> None:
    corpus, number, path = place
    bodies, namespace = CORPORA[corpus]
    assert imported(changed(bodies, number, path, value), namespace or "shop", namespace).errors() == []


# Of a workload that an autoscaler scales `replicas` says nothing: the autoscaler owns the number.
CARRIED = [(KINDS[kind], path) for kind, path in FIELDS if path != ("spec", "replicas")]


@given(st.sampled_from(CARRIED), VALUES)
@settings(max_examples=300, deadline=None)
def test_a_field_that_is_read_is_carried_or_listed(place: tuple[int, tuple[str | int, ...]], value: object) -> None:
    number, path = place
    node: Any = OBJECTS[number]
    for step in path:
        node = node[int(step)] if isinstance(node, list) else node.get(step)
        if node is None:
            break
    # The same amount in another spelling, null and what is nothing by default change nothing.
    same = read_quantity(value) is not None and read_quantity(value) == read_quantity(node)
    nothing: list[object] = [0, "0s", [], {}]
    if value is None or value == node or same or (node is None and value in nothing):
        return
    before, after = (imported(bodies, "shop", "") for bodies in (OBJECTS, changed(OBJECTS, number, path, value)))
    assert before.whole != after.whole


@pytest.mark.parametrize(
    "path", [("spec", "behavior"), ("spec", "behavior", "scaleDown"), ("spec", "metrics", 0, "resource")]
)
def test_a_text_where_fields_belong_is_listed(path: tuple[str | int, ...]) -> None:
    made = imported(changed(OBJECTS, KINDS["HorizontalPodAutoscaler"], path, "x"), "shop", "")
    assert "'x'" in made.whole and made.errors() == []


def test_an_autoscaler_of_another_kind_of_the_same_name_scales_nothing_here() -> None:
    made = imported(
        changed(OBJECTS, KINDS["HorizontalPodAutoscaler"], ("spec", "scaleTargetRef", "kind"), "Rollout"), "shop", ""
    )
    assert "agents 3\n" in made.text
    assert made.left["HorizontalPodAutoscaler/web", "spec"] == "the workload that it scales is not among what was read"


@pytest.mark.parametrize(("metric", "taken"), [("AverageValue", True), ("Value", False)])
def test_a_queue_that_is_not_divided_among_agents_is_listed(metric: str, taken: bool) -> None:
    made = imported(scaled_object({**TRIGGER, "metricType": metric}), "shop", "")
    assert ("scale on queue 5 per agent" in made.text) is taken
    assert (("ScaledObject/web", "spec.triggers[0].type") in made.left) is not taken


def test_a_deployment_and_a_stateful_set_of_one_name_are_told_apart_by_their_kind() -> None:
    """The autoscaler names one of them, and only that one's update waits for its own drain."""
    deployment, autoscaler = (OBJECTS[KINDS[kind]] for kind in ("Deployment", "HorizontalPodAutoscaler"))
    stateful = {**changed([deployment], 0, ("spec", "template", "metadata", "labels"), {"app": "kept"})[0]}
    stateful["kind"] = "StatefulSet"
    autoscaled = changed([autoscaler], 0, ("spec", "scaleTargetRef", "kind"), "StatefulSet")[0]
    for objects in ([deployment, stateful, autoscaled], [autoscaled, stateful, deployment]):
        text = imported(objects, "shop", "").text
        first, second = text.split("# StatefulSet/web")
        assert "agents 3\n" in first and "scale on" not in first
        assert "agents 3..9" in second and "scale on cpu 70%" in second
