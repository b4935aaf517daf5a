"""`seatrial import` and `seatrial check --manifests` on folders as people have them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.cli.command import environment, installed, seatrial, shell

FOLDERS = Path(__file__).parent / "folders"


def imported(source: Path, folder: Path) -> str:
    target = folder / "made.fleet"
    said = seatrial("import", source, "-o", target)
    assert said.code == 0, said.all
    assert seatrial("fmt", "--check", target).code == 0
    return target.read_text()


def test_a_newcomer_learns_what_the_manifests_say_against_each_other(tmp_path: Path) -> None:
    said = seatrial("check", "--manifests", FOLDERS / "shop")
    assert said.code == 1
    assert "the pods ask for 19 cores (24 agents of checkout 12" in said.all
    assert "draining a node never ends" in said.out
    assert "public -> web has 3 retries but time for 2" in said.out
    assert "x4 -> checkout x3 -> payments x4 = 48 attempts at payments" in said.out
    assert "error[ST4301]" in said.all


def test_check_of_manifests_is_check_of_what_import_writes(tmp_path: Path) -> None:
    imported(FOLDERS / "shop", tmp_path)
    written = seatrial("check", tmp_path / "made.fleet", "--format", "json").json
    straight = seatrial("check", "--manifests", FOLDERS / "shop", "--format", "json").json
    ids = [[one["id"] + one["status"] for one in made["guarantees"]] for made in (written, straight)]
    assert ids[0] and ids[0] == ids[1]


def test_every_figure_that_nobody_said_is_asked_about(tmp_path: Path) -> None:
    text = imported(FOLDERS / "shop", tmp_path)
    for line in text.splitlines():
        if line.strip().startswith(("steady", "peak", "concurrency", "service", "startup")):
            assert "# ask: " in line, line


def test_what_the_manifests_say_is_said() -> None:
    text = seatrial("import", FOLDERS / "shop").out
    for clause in (
        "agents 4..24",
        "disrupt at most 1 agent\n",
        "disrupt at most 0 agents",
        "scale on cpu 70% { down over 5m; at most 100% per 15s }",
        "break after 5 errors { eject at most 10% for 30s }",
        "limit 20 pending, 100 in flight",
        "drain 55s",
    ):
        assert clause in text


def test_what_the_language_cannot_say_is_listed_with_its_path() -> None:
    left = seatrial("import", FOLDERS / "shop", "--format", "json").json["left"]
    paths = {(one["object"], one["path"]) for one in left}
    assert ("Gateway/public", "spec.servers") in paths
    assert ("VirtualService/shop", "spec.http[0].retries.retryOn") in paths
    assert ("HorizontalPodAutoscaler/checkout", "spec.behavior.scaleDown.policies") in paths
    assert ("Deployment/web", "spec.template.spec.containers[0].resources.limits") in paths
    assert all(one["why"] and Path(one["file"]).is_file() and one["line"] >= 1 for one in left)


def test_a_field_that_is_new_to_us_is_never_dropped_in_silence(tmp_path: Path) -> None:
    changed = tmp_path / "web.yaml"
    changed.write_text(
        (FOLDERS / "shop" / "web.yaml").read_text().replace("replicas: 3", "replicas: 3\n  futuristic: 7")
    )
    said = seatrial("import", changed)
    assert "spec.futuristic = 7" in said.err and "spec.futuristic = 7" in said.out


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl to build the folder with")
def test_a_kustomize_folder_is_built_first(tmp_path: Path) -> None:
    text = imported(FOLDERS / "staged" / "overlays" / "production", tmp_path)
    assert "fleet production" in text and "agents 6" in text and "api:1.2" in text
    assert "disrupt at most 3 agents" in text


def test_without_kubectl_a_kustomize_folder_is_read_unpatched_and_that_is_said(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDERS / "staged" / "base", tmp_path / "base"))
    (folder / "kustomization.yaml").write_text("resources: [api.yaml]\nreplicas: [{name: api, count: 4}]\n")
    said = installed("import", folder, env=environment(PATH=os.devnull))
    assert "there is no kubectl: its files are read as they are, unpatched" in said.err
    assert "agents 1\n" in said.out and "fleet base" in said.out


def test_a_kustomize_folder_that_changes_nothing_needs_no_kubectl() -> None:
    said = installed("import", FOLDERS / "staged" / "base", env=environment(PATH=os.devnull))
    assert "kubectl" not in said.err
    assert "agents 1\n" in said.out and "fleet base" in said.out


def test_a_rendered_chart_comes_from_standard_input(tmp_path: Path) -> None:
    said = shell(f"cat {FOLDERS / 'chart.yaml'} | seatrial import - -o ledger.fleet", tmp_path)
    assert said.code == 0, said.all
    text = (tmp_path / "ledger.fleet").read_text()
    assert "agents 2..9" in text and "priority 250" in text and "cpu 2250m" in text
    assert "start fails after 2m" in text
    assert "Job (prod-ledger-test): this kind is not read" in said.err
    assert "initContainers" in said.err


def test_json_and_lists_are_read_too() -> None:
    said = seatrial("import", FOLDERS / "workers")
    assert "agents 0..40\n" in said.out and "scale on queue 25 per agent" in said.out and "gpu 1" in said.out
    assert "nodeSelector" in said.err and "bootstrapServers" in said.err and "NetworkPolicy spec" in said.err


def test_the_order_of_documents_changes_nothing_but_the_order_of_pools(tmp_path: Path) -> None:
    for path in (FOLDERS / "shop").iterdir():
        parts = path.read_text().split("---\n")
        (tmp_path / path.name).write_text(
            "---\n".join(part if part.endswith("\n") else part + "\n" for part in reversed(parts))
        )
    one, other = (seatrial("import", folder).out for folder in (FOLDERS / "shop", tmp_path))

    def clauses(text: str) -> list[str]:
        return sorted(line for line in text.splitlines() if not line.strip().startswith("#"))

    assert clauses(one) == clauses(other)


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    target = tmp_path / "mine.fleet"
    target.write_text("mine")
    said = seatrial("import", FOLDERS / "shop", "-o", target)
    assert said.code == 2 and "is there already" in said.err and target.read_text() == "mine"
    assert seatrial("import", FOLDERS / "shop", "-o", target, "--force").code == 0
    assert target.read_text() != "mine"


WRONG = {
    "no such folder": ("", "nowhere", "no such file"),
    "a broken file": ("a: [1\nb: 2\n", "a.yaml", "a.yaml:2:"),
    "a template": ("replicas: {{ .Values.replicas }}\n", "a.yaml", "helm template"),
    "a key twice": ("kind: A\napiVersion: v1\nkind: B\n", "a.yaml", "`kind` is said twice"),
    "nothing in it": ("# nothing\n", "a.yaml", "no object of a cluster"),
    "no object": ("a: 1\n", "a.yaml", "no object of a cluster"),
    "no name": ("kind: Service\napiVersion: v1\n", "a.yaml", "a.yaml:1: Service without `metadata.name`"),
    "no workload": ("kind: Service\napiVersion: v1\nmetadata: {name: a}\n", "a.yaml", "no Deployment is among"),
    "not YAML": ("\x00\x01", "a.yaml", "a.yaml"),
    "nested without end": ("[" * 5000, "a.yaml", "a.yaml"),
    "a tag of Python's": ("!!python/object:os.system {}\n", "a.yaml", "a.yaml:1:1: not readable as YAML"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_read_is_said_with_its_place(case: str, tmp_path: Path) -> None:
    text, name, expected = WRONG[case]
    if text:
        (tmp_path / "a.yaml").write_text(text)
    said = seatrial("import", tmp_path / name, "-o", tmp_path / "made.fleet")
    assert said.code == 2 and expected in said.err, said.all
    assert "Traceback" not in said.all and not (tmp_path / "made.fleet").exists()


def test_two_namespaces_are_two_fleets(tmp_path: Path) -> None:
    for name in ("one", "two"):
        body = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "api", "namespace": name},
            "spec": {"template": {"spec": {"containers": [{"name": "a", "image": name}]}}},
        }
        (tmp_path / f"{name}.json").write_text(json.dumps(body))
    said = seatrial("import", tmp_path)
    assert said.code == 2 and "one, two; choose one with --namespace" in said.err
    chosen = seatrial("import", tmp_path, "--namespace", "two")
    assert chosen.code == 0 and 'image "two"' in chosen.out and "it is in namespace one" in chosen.err
    assert seatrial("import", tmp_path, "--namespace", "three").code == 2


def test_an_image_that_was_not_filled_in_is_listed_and_asked_for(tmp_path: Path) -> None:
    pods = {"spec": {"containers": [{"name": "a", "image": "$(REGISTRY)/api:$TAG"}]}}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api"}, "spec": {"template": pods}}
    (tmp_path / "api.json").write_text(json.dumps(body))
    said = seatrial("import", tmp_path, "-o", tmp_path / "made.fleet")
    assert said.code == 0 and "it is no name of an image" in said.err, said.all
    assert 'image "' not in (tmp_path / "made.fleet").read_text()
    assert "ST1104" not in seatrial("check", tmp_path / "made.fleet").all


def _scaler(kind: str, name: str) -> dict[str, object]:
    if kind == "ScaledObject":
        spec: dict[str, object] = {"minReplicaCount": 2, "maxReplicaCount": 5, "triggers": []}
        return _object("keda.sh/v1alpha1", kind, name, spec | {"scaleTargetRef": {"name": "api"}})
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
    return _object("autoscaling/v2", kind, name, {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 5})


def _object(version: str, kind: str, name: str, spec: dict[str, object]) -> dict[str, object]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


@pytest.mark.parametrize("second", ["ScaledObject", "HorizontalPodAutoscaler"])
def test_two_owners_of_one_number_of_agents_clash(second: str, tmp_path: Path) -> None:
    pods: dict[str, object] = {"template": {"spec": {"containers": [{"name": "a", "image": "x/api:1"}]}}}
    made = [_object("apps/v1", "Deployment", "api", pods), _scaler("HorizontalPodAutoscaler", "one")]
    made.append(_scaler(second, "two"))
    (tmp_path / "all.yaml").write_text("\n---\n".join(json.dumps(one) for one in made))
    said = seatrial("check", "--manifests", tmp_path)
    first = f"HorizontalPodAutoscaler/one ({tmp_path}/all.yaml:3) and {second}/two ({tmp_path}/all.yaml:5)"
    assert said.code == 1 and f"error: {first} both own the number of agents of api" in said.err, said.all
    (tmp_path / "all.yaml").write_text("\n---\n".join(json.dumps(one) for one in made[:2]))
    assert "both own" not in seatrial("check", "--manifests", tmp_path).err


def test_rules_that_call_in_a_circle_are_listed_and_still_make_a_spec(tmp_path: Path) -> None:
    made: list[dict[str, object]] = []
    for caller, callee in (("cart", "stock"), ("stock", "price"), ("price", "cart")):
        pods = {"metadata": {"labels": {"app": caller}}, "spec": {"containers": [{"name": "a", "image": "x/a:1"}]}}
        made.append(_object("apps/v1", "Deployment", caller, {"template": pods}))
        route = {
            "match": [{"sourceLabels": {"app": caller}}],
            "timeout": "2s",
            "route": [{"destination": {"host": callee}}],
        }
        made.append(_object("networking.istio.io/v1", "VirtualService", callee, {"hosts": [callee], "http": [route]}))
    (tmp_path / "all.yaml").write_text("\n---\n".join(json.dumps(one) for one in made))
    said = seatrial("check", "--manifests", tmp_path)
    assert said.code == 1 and "timeouts/price->cart" in said.out, said.all
    text = seatrial("import", tmp_path).out
    assert "call cart -> stock" in text and "call price -> cart" in text and "call stock -> price" not in text
    assert "no call in a circle was written, stock -> price (VirtualService/price)" in text


def test_values_of_odd_types_are_listed_and_no_bug_of_ours(tmp_path: Path) -> None:
    """Manifests that an API server would refuse are read all the same, and end in no traceback."""
    body = json.loads((FOLDERS / "workers" / "list.json").read_text())
    odd_ones: list[object] = [[], "x", 7, None, {"a": {}}, [[1]], True]
    for index, odd in enumerate(odd_ones):
        for path in (
            ("spec",),
            ("spec", "template"),
            ("spec", "triggers"),
            ("metadata", "labels"),
            ("spec", "podSelector"),
        ):
            changed = json.loads(json.dumps(body))
            for one in changed["items"]:
                node = one
                for name in path[:-1]:
                    node = node[name]
                node[path[-1]] = odd
            target = tmp_path / f"{index}-{'-'.join(path)}.json"
            target.write_text(json.dumps(changed))
            said = seatrial("import", target)
            assert said.code == 0, said.all


def test_amounts_that_are_none_still_make_a_spec_that_is_read(tmp_path: Path) -> None:
    text = (FOLDERS / "shop" / "web.yaml").read_text()
    for old, new in (
        ("replicas: 3", "replicas: 0"),
        ("cpu: 200m", "cpu: 0"),
        ("256Mi", "abc"),
        ("minReplicas: 3", "minReplicas: 0"),
    ):
        text = text.replace(old, new)
    (tmp_path / "web.yaml").write_text(text)
    said = seatrial("check", "--manifests", tmp_path / "web.yaml")
    assert said.code in (0, 1), said.all
    assert "there is no such amount in the language: cpu, memory" in said.err
