"""Which ConfigMap of several is compared: the one that agents mount, by a name that only kustomize gives."""

from __future__ import annotations

from typing import Any

from seatrial.cli.emitted import compiled
from seatrial.targets.drift import differences
from seatrial.targets.reading import Manifest
from tests.targets import plans


def config_map(name: str, data: dict[str, str]) -> Manifest:
    return Manifest({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}, "a.yaml", 1)


def deployment(mounts: str) -> Manifest:
    volumes = [{"name": "runtime", "configMap": {"name": mounts}}]
    body = {"spec": {"template": {"spec": {"volumes": volumes}}}}
    meta = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "desk"}}
    return Manifest({**meta, **body}, "a.yaml", 1)


WANTED = [config_map("fleet-runtime", {"fleet.json": "new"}), deployment("fleet-runtime")]


def told(*found: Manifest) -> list[tuple[str, object, object]]:
    return [(one.path, one.wanted, one.found) for one in differences(WANTED, found)]


def test_a_map_that_an_earlier_run_left_behind_is_not_compared() -> None:
    new = config_map("fleet-runtime-bbbbbbbbbb", {"fleet.json": "new"})
    old = config_map("fleet-runtime-cccccccccc", {"fleet.json": "old"})
    for maps in ((new, old), (old, new)):
        assert told(*maps, deployment(new.name)) == []
        assert told(*maps, deployment(old.name)) == [("data.fleet.json", "new", "old")]


def test_a_strangers_name_that_is_as_long_as_a_hash_is_not_taken_for_ours() -> None:
    ours = config_map("fleet-runtime-bbbbbbbbbb", {"fleet.json": "new"})
    stranger = config_map("fleet-runtime-production", {"else": "x"})
    assert told(ours, stranger, deployment(ours.name)) == []
    (missing, mounted) = told(stranger, deployment(stranger.name))
    assert missing[0] == "" and mounted[1:] == ("fleet-runtime", "fleet-runtime-production")


def test_a_pool_called_as_a_file_of_kustomize_is_compared_too() -> None:
    plan = plans.fleet(pools=(plans.pool("kustomization"),))
    kinds: Any = {(one.kind, one.name) for one in compiled(plan, ("kubernetes", "istio", "runtime"))}
    assert {("Deployment", "kustomization"), ("Service", "kustomization")} <= kinds
    assert not any(kind == "Kustomization" for kind, _ in kinds)
