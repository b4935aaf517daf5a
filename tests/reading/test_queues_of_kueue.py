"""Quotas of Kueue bound a fleet that waits in its queues as a whole; everything else of them is listed."""

from __future__ import annotations

from typing import Any

import pytest

from .mutated import Made, imported
from .test_token_buckets_that_are_read import deployment

ASKED = "  # ask: may other fleets take of it, or lend to it?\n"
ALONE = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}


def queue(name: str, **more: Any) -> list[Any]:
    cpu = {"name": "cpu", "nominalQuota": "12", **more.pop("limit", {})}
    flavor = {"name": "spot", "resources": [cpu, {"name": "memory", "nominalQuota": "48Gi", **more.pop("also", {})}]}
    group = {"coveredResources": ["cpu", "memory"], "flavors": [flavor]}
    meta = {"name": name}
    return [
        {
            "apiVersion": "kueue.x-k8s.io/v1beta2",
            "kind": "ClusterQueue",
            "metadata": meta,
            "spec": {"resourceGroups": [group], **more},
        },
        {
            "apiVersion": "kueue.x-k8s.io/v1beta2",
            "kind": "LocalQueue",
            "metadata": meta,
            "spec": {"clusterQueue": name},
        },
    ]


def waiting(name: str, queue: str | None) -> dict[str, Any]:
    made = deployment(name)
    made["metadata"] = {"name": name, "labels": {"kueue.x-k8s.io/queue-name": queue} if queue else {}}
    return made


def made(*objects: Any) -> Made:
    found = imported(list(objects), "shop", "")
    assert found.errors() == []
    return found


def test_what_a_queue_has_is_the_room_of_those_that_wait_in_it() -> None:
    found = made(waiting("web", "team"), waiting("api", "team"), *queue("team", **ALONE))
    assert "cpu 12\n" in found.text and "memory 48Gi\n" in found.text
    assert not any("nominalQuota" in path for _, path in found.left)


def test_several_queues_are_added_up_with_what_they_may_borrow() -> None:
    borrowing = {"cohortName": "all", "limit": {"borrowingLimit": "3"}}
    given = waiting("web", "a"), waiting("api", "b"), *queue("a", **borrowing), *queue("b", **ALONE)
    found = made(*given, queue("spare", cohortName="all")[0])
    assert f"cpu 27{ASKED}" in found.text
    # Memory may be borrowed without a bound.
    assert "memory 96Gi" not in found.text
    assert ("ClusterQueue/a", "spec.cohortName") in found.left


@pytest.mark.parametrize(
    ("spare", "most"),
    [
        (None, 24),
        ({"cohortName": "another"}, 24),
        ({"cohortName": "all"}, 36),
        ({"cohortName": "all", "limit": {"lendingLimit": "5"}}, 29),
        ({"cohortName": "all", "limit": {"lendingLimit": "500"}}, 36),
        ({"cohortName": "all", "limit": {"nominalQuota": "500"}}, 44),
        ({"cohortName": "all", "limit": {"nominalQuota": "many"}}, 24),
    ],
)
def test_what_is_borrowed_within_a_cohort_is_counted_once(spare: dict[str, Any] | None, most: int) -> None:
    borrowing = {"cohortName": "all", "limit": {"borrowingLimit": "10"}, "also": {"borrowingLimit": 0}}
    given = waiting("web", "a"), waiting("api", "b"), *queue("a", **borrowing), *queue("b", **borrowing)
    found = made(*given, *(queue("spare", **spare)[:1] if spare else []))
    assert f"cpu {most}{ASKED}" in found.text and f"memory 96Gi{ASKED}" in found.text


def test_a_queue_of_another_flavor_lends_nothing() -> None:
    borrowing = {"cohortName": "all", "limit": {"borrowingLimit": "10"}}
    spare = queue("spare", cohortName="all")[0]
    spare["spec"]["resourceGroups"][0]["flavors"][0]["name"] = "reserved"
    assert f"cpu 12{ASKED}" in made(waiting("web", "a"), *queue("a", **borrowing), spare).text


@pytest.mark.parametrize("other", [None, "elsewhere"])
def test_a_quota_of_a_part_of_the_fleet_is_listed(other: str | None) -> None:
    found = made(waiting("web", "team"), waiting("api", other), *queue("team", **ALONE))
    assert "namespace" not in found.text.partition("# Not in this spec")[0]
    assert ("ClusterQueue/team", "spec.resourceGroups") in found.left or ("ClusterQueue/team", "spec") in found.left


@pytest.mark.parametrize("quota", ["-1", "many", None, "1e99"])
def test_what_is_no_figure_is_listed(quota: Any) -> None:
    found = made(waiting("web", "team"), *queue("team", limit={"nominalQuota": quota}, **ALONE))
    assert "memory 48Gi\n" in found.text
    assert not any(line.strip().startswith("cpu") for line in found.text.partition("pool web")[0].splitlines())
    assert ("ClusterQueue/team", "spec.resourceGroups[0].flavors[0].resources[0]") in found.left
