"""`seatrial compile --overlays`: an overlay builds what its environment compiles to, and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial import __version__
from seatrial.compiler.pipeline import Variant, plan
from seatrial.loading import load
from seatrial.targets import USUAL, emit_all, render
from seatrial.targets.overlays import as_base, overlay

from .command import content, seatrial

SPEC = """
fleet desk "Support desk" {
  demand tickets { steady 40/s; peak 80/s for 10m every 1d }
  nodes general { count 40; cpu 16; memory 64Gi }
  dependency llm { limit 1000 requests/s; latency p50 80ms, p99 300ms }
  pool triage {
    serves tickets { timeout 2s; retry 2 { backoff 25ms up to 250ms; budget 20% } }
    image "registry.example/triage:1.9"
    agents 6..20
    each { cpu 250m; memory 256Mi; concurrency 8; service mean 30ms, p99 120ms; startup 5s }
    scale on busy 60% { up within 1m; down over 5m; at most 100% per 15s }
    disrupt at most 30%
    priority normal
    health every 10s
  }
  call triage -> llm 1 per request { timeout 500ms; break after 3 errors { eject at most 40% for 10s } }
  guarantee latency p95 < 3s
  environment staging {
    pool triage { agents 4..9; image "registry.example/triage:2.0"; priority low }
    demand tickets { steady 4/s; peak 8/s for 10m every 1d }
  }
  environment prod {
    pool triage { agents 10..40; priority high; health every 20s; disrupt at most 1 agent }
    call triage -> llm 1 per request { timeout 700ms; break below 80% success over 10s }
  }
  environment same { pool triage { agents 6..20 } }
}
"""

needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")


def built(folder: Path) -> dict[tuple[str, ...], Any]:
    """What kustomize makes of a folder, by kind and name."""
    done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[tuple[str, ...], Any] = {}
    for one in yaml.safe_load_all(done.stdout):
        metadata = one["metadata"]
        found[one["apiVersion"], one["kind"], metadata.get("namespace", ""), metadata["name"]] = one
    return found


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spec") / "desk.fleet"
    path.write_text(SPEC)
    return path


@pytest.fixture(scope="module")
def written(spec: Path) -> Path:
    out = spec.parent / "deploy"
    said = seatrial("compile", spec, "--overlays", "-o", out)
    assert said.code == 0, said.all
    for name in ("staging", "prod", "same"):
        assert f"({name}): feasible" in said.out
    assert said.err.count("ST7009") == 1
    return out


@needs_kubectl
@pytest.mark.parametrize("name", ["staging", "prod", "same"])
def test_an_overlay_builds_what_its_environment_compiles_to(
    name: str, spec: Path, written: Path, tmp_path: Path
) -> None:
    assert seatrial("compile", spec, "--env", name, "-o", tmp_path / "alone").code == 0
    overlaid, alone = built(written / "overlays" / name), built(tmp_path / "alone")
    assert overlaid == alone
    differs = name != "same"
    assert (overlaid != built(written / "base")) == differs


@needs_kubectl
def test_the_base_builds_what_the_spec_without_an_environment_does(spec: Path, written: Path, tmp_path: Path) -> None:
    assert seatrial("compile", spec, "-o", tmp_path / "alone").code == 0
    assert built(written / "base") == built(tmp_path / "alone")


def test_objects_that_go_come_and_change_are_each_told_so(written: Path) -> None:
    folder = written / "overlays/staging"
    assert (folder / "kubernetes/priority-desk-low.yaml").is_file()
    gone = yaml.safe_load((folder / "patches/kubernetes-priority-desk-normal.yaml").read_text())
    assert gone["$patch"] == "delete" and gone["metadata"]["name"] == "desk-normal"
    patch = yaml.safe_load((folder / "patches/kubernetes-triage-deployment.yaml").read_text())
    image = {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "registry.example/triage:2.0"}
    assert image in patch


def test_an_environment_that_changes_nothing_patches_nothing(written: Path) -> None:
    assert set(content(written / "overlays/same")) == {"kustomization.yaml"}


def test_two_runs_write_the_same_bytes(spec: Path, written: Path, tmp_path: Path) -> None:
    assert seatrial("compile", spec, "--overlays", "-o", tmp_path / "again").code == 0
    assert content(tmp_path / "again") == content(written)


def test_one_refuted_environment_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "desk.fleet"
    path.write_text(SPEC.replace("steady 4/s; peak 8/s", "steady 4/s; peak 8000/s"))
    said = seatrial("compile", path, "--overlays", "-o", tmp_path / "deploy")
    assert said.code == 1
    assert "(staging): infeasible" in said.err and not (tmp_path / "deploy").exists()
    assert seatrial("compile", path, "--overlays", "--even-if-refuted", "-o", tmp_path / "deploy").code == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--env", "staging"), "leave out --env"),
        (("--target", "envoy"), "none of these targets"),
        (("--explain", "hpa/triage"), "leave out --out"),
        (("--format", "json"), "--format is of what"),
    ],
)
def test_what_does_not_go_with_overlays_is_refused(
    spec: Path, tmp_path: Path, more: tuple[str, ...], said: str
) -> None:
    told = seatrial("compile", spec, "--overlays", "-o", tmp_path / "out", *more)
    assert told.code == 2 and said in told.err
    assert not (tmp_path / "out").exists()


def test_a_spec_without_environments_has_nothing_to_overlay(tmp_path: Path) -> None:
    path = tmp_path / "desk.fleet"
    path.write_text(SPEC.split("  environment")[0] + "}\n")
    told = seatrial("compile", path, "--overlays", "-o", tmp_path / "out")
    assert told.code == 2 and "declares no environment" in told.err


lows = st.integers(1, 30)
pools = st.builds(
    lambda low, more, tag, priority, every, share: (
        f'agents {low}..{low + more}; image "registry.example/triage:{tag}"; priority {priority}; '
        f"health every {every}s; disrupt at most {share}%"
    ),
    lows,
    st.integers(0, 30),
    st.text("ab1.", min_size=1, max_size=4),
    st.sampled_from(["low", "normal", "high", "7", "3"]),
    st.integers(2, 30),
    st.integers(5, 90),
)
calls = st.sampled_from(
    ["timeout 500ms", "break after 5 errors { eject at most 50% for 20s }", "break below 80% success over 10s"]
)


@needs_kubectl
@settings(max_examples=8, deadline=None)
@given(pools, calls)
def test_any_environment_is_what_its_overlay_builds(pool: str, call: str) -> None:
    text = SPEC.split("  environment")[0]
    text += f"  environment any {{ pool triage {{ {pool} }}\n call triage -> llm 1 per request {{ {call} }} }}\n}}\n"
    made = {}
    for name in (None, "any"):
        loaded = load("desk.fleet", Variant(name), text=text)
        assert loaded.checked.fleet is not None, [one.message for one in loaded.checked.diagnostics]
        one = plan(loaded.checked, loaded.assets, __version__)
        assert one is not None
        made[name] = one, emit_all(one, USUAL)[0]
    (first, base), (other, wanted) = made[None], made["any"]
    with tempfile.TemporaryDirectory() as folder:
        for where, one, documents in (
            ("overlaid", first, as_base(base)),
            ("overlaid", other, overlay("any", base, wanted)),
            ("alone", other, wanted),
        ):
            for document in documents:
                path = Path(folder) / where / document.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(render(document, one))
        assert built(Path(folder) / "overlaid/overlays/any") == built(Path(folder) / "alone")


def test_pruning_looks_into_each_overlay(spec: Path, tmp_path: Path) -> None:
    out = tmp_path / "deploy"
    assert seatrial("compile", spec, "--overlays", "-o", out).code == 0
    path = tmp_path / "desk.fleet"
    path.write_text(SPEC.replace("priority low", "priority normal"))
    said = seatrial("compile", path, "--overlays", "-o", out, "--prune-plan", "--format", "json")
    assert said.code == 0, said.all
    rows = json.loads(said.out)["no_longer_emitted"]
    assert [(one["overlays"], one["kind"], one["name"]) for one in rows] == [(["staging"], "PriorityClass", "desk-low")]


@needs_kubectl
def test_argo_cd_gets_an_application_for_each_overlay_and_none_in_them(spec: Path, written: Path) -> None:
    out = spec.parent / "delivered"
    said = seatrial("compile", spec, "--overlays", "--with", "argocd", "-o", out)
    assert said.code == 0 and said.err.count("ST7092") == 1
    found = {one["metadata"]["name"]: one["spec"] for one in built(out / "argocd").values()}
    assert set(found) == {"desk-staging", "desk-prod", "desk-same"}
    for spec_of in found.values():
        # The folder stands for the repository's `deploy`.
        assert (out / spec_of["source"]["path"].removeprefix("deploy/") / "kustomization.yaml").is_file()
    alone, both = content(written), content(out)
    listed = [name for name in both.pop(".seatrial").splitlines() if b"  argocd/" not in name]
    assert listed == alone.pop(".seatrial").splitlines()
    assert {path: text for path, text in both.items() if not path.startswith("argocd/")} == alone
