"""`seatrial compile` writes a whole folder of its own, or nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from .command import SPECS, content, seatrial

SUPPORT = SPECS / "support.fleet"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("compiled") / "deploy"
    said = seatrial("compile", SUPPORT, "--out", out)
    assert said.code == 0, said.all
    return out


def test_two_runs_write_the_same_bytes(compiled: Path, tmp_path: Path) -> None:
    assert seatrial("compile", SUPPORT, "--out", tmp_path / "again").code == 0
    assert content(tmp_path / "again") == content(compiled)


def test_all_targets_are_written_and_the_runtime_document_obeys_its_schema(compiled: Path) -> None:
    names = set(content(compiled))
    assert {name.split("/")[0] for name in names} >= {"kubernetes", "istio", "envoy", "runtime", "kustomization.yaml"}
    schema = json.loads((compiled / "runtime/fleet.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(json.loads((compiled / "runtime/fleet.json").read_text()))


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kubectl_builds_the_folder(compiled: Path) -> None:
    built = subprocess.run(["kubectl", "kustomize", compiled], capture_output=True, text=True, check=True).stdout
    kinds = [document["kind"] for document in yaml.safe_load_all(built)]
    assert kinds.count("Deployment") == kinds.count("HorizontalPodAutoscaler") == 4
    assert {"Namespace", "PodDisruptionBudget", "ResourceQuota", "DestinationRule", "VirtualService"} <= set(kinds)


def test_only_the_chosen_targets_are_written(compiled: Path, tmp_path: Path) -> None:
    out = tmp_path / "one"
    assert seatrial("compile", SUPPORT, "--out", out, "--target", "envoy").code == 0
    whole = content(compiled)
    written = content(out)
    listed = [line.split()[-1] for line in written.pop(".seatrial").splitlines()[1:]]
    assert listed == [b".seatrial", b"envoy/envoy.json"]
    assert written == {"envoy/envoy.json": whole["envoy/envoy.json"]}
    assert seatrial("compile", SUPPORT, "--out", out, "--target", "runtime", "--target", "envoy").code == 0
    assert set(content(out)) == {".seatrial", "envoy/envoy.json", "runtime/fleet.json", "runtime/fleet.schema.json"}


def test_a_folder_with_other_files_is_refused_and_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    said = seatrial("compile", SUPPORT, "--out", tmp_path / "mine")
    assert said.code == 2
    assert "holds files that seatrial did not write" in said.err
    assert content(tmp_path) == {"mine/thesis.txt": b"years of work"}


def test_an_earlier_folder_is_replaced_as_a_whole(compiled: Path, tmp_path: Path) -> None:
    out = tmp_path / "deploy"
    assert seatrial("compile", SUPPORT, "--out", out, "--with", "litellm").code == 0
    assert set(content(out)) > set(content(compiled))
    assert seatrial("compile", SUPPORT, "--out", out).code == 0
    assert content(out) == content(compiled)
    assert [path.name for path in tmp_path.iterdir()] == ["deploy"]


@pytest.mark.parametrize("mine", ["mine.yaml", "kubernetes/mine.yaml", ".git/config", "empty/"])
def test_what_somebody_put_into_an_earlier_folder_stays(mine: str, compiled: Path, tmp_path: Path) -> None:
    out = tmp_path / "deploy"
    shutil.copytree(compiled, out)
    (out / mine).parent.mkdir(exist_ok=True)
    (out / mine).mkdir() if mine.endswith("/") else (out / mine).write_text("mine")
    before = content(out)
    said = seatrial("compile", SUPPORT, "--out", out)
    assert said.code == 2 and f"did not write, such as {mine};" in said.err
    assert content(out) == before and (out / mine).exists()


def test_a_folder_of_another_version_is_told_as_that_and_stays(compiled: Path, tmp_path: Path) -> None:
    out = tmp_path / "deploy"
    shutil.copytree(compiled, out)
    mark = (out / ".seatrial").read_text()
    (out / ".seatrial").write_text("Made by seatrial 0.0. " + mark)
    before = content(out)
    said = seatrial("compile", SUPPORT, "--out", out)
    assert said.code == 2 and "was written by another version of seatrial; delete it, or name another" in said.err
    assert content(out) == before
    (out / ".seatrial").write_bytes(mark.replace("\n", "\r\n").encode())
    assert seatrial("compile", SUPPORT, "--out", out).code == 0
    assert content(out) == content(compiled)


def test_a_folder_of_ours_in_another_is_told_as_that_and_stays(compiled: Path, tmp_path: Path) -> None:
    out = tmp_path / "deploy"
    for above in (False, True):
        if above:
            shutil.copytree(compiled, out, dirs_exist_ok=True)
        else:
            shutil.copytree(compiled, out / "sub")
        before = content(out)
        said = seatrial("compile", SUPPORT, "--out", out)
        assert said.code == 2 and "holds another folder that seatrial wrote, sub; name another one" in said.err
        assert content(out) == before
    (out / "sub" / "thesis.txt").write_text("years of work")
    said = seatrial("compile", SUPPORT, "--out", out)
    assert said.code == 2 and "did not write, such as sub/thesis.txt;" in said.err


@pytest.mark.parametrize("out", ["gone/../../here", "gone/..", "../here", "."])
def test_no_way_of_writing_a_path_leads_to_files_of_others(out: str, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "thesis.txt").write_text("years of work")
    assert seatrial("compile", SUPPORT, "--out", out, cwd=here).code == 2
    assert content(tmp_path) == {"here/thesis.txt": b"years of work"}
    beside = seatrial("compile", SUPPORT, "--out", "here/../here/gone/../../here", cwd=tmp_path)
    assert beside.code == 2 and "did not write" in beside.err
    assert content(tmp_path) == {"here/thesis.txt": b"years of work"}


def test_a_folder_in_which_the_command_runs_is_not_replaced(compiled: Path, tmp_path: Path) -> None:
    shutil.copytree(compiled, tmp_path / "deploy")
    said = seatrial("compile", SUPPORT, "--out", ".", cwd=tmp_path / "deploy")
    assert said.code == 2 and "this command runs in it" in said.err
    assert content(tmp_path / "deploy") == content(compiled)


def test_what_lacks_an_image_is_counted_where_the_reader_looks_first(tmp_path: Path) -> None:
    spec = tmp_path / "f.fleet"
    spec.write_text("fleet f { pool a { agents 2 }; pool b { agents 2 } }")
    said = seatrial("compile", spec, "--out", tmp_path / "out")
    assert said.code == 1 and said.err.splitlines()[-1].endswith("nothing written, for 2 errors")


def test_a_refuted_spec_is_not_written_unless_it_is_asked_for(tmp_path: Path) -> None:
    spec = SPECS / "fragile.fleet"
    said = seatrial("compile", spec, "--out", tmp_path / "out")
    assert said.code == 1
    assert "nothing written" in said.err and "error[ST4501]" in said.err
    assert list(tmp_path.iterdir()) == []
    assert seatrial("compile", spec, "--out", tmp_path / "out", "--even-if-refuted").code == 0
    assert (tmp_path / "out" / "kustomization.yaml").is_file()


def test_what_a_target_cannot_do_without_stops_it_before_anything_is_written(tmp_path: Path) -> None:
    said = seatrial("compile", SPECS / "playbook-10k.fleet", "--even-if-refuted", "--out", tmp_path / "out")
    assert said.code == 1
    assert "error[ST7001]" in said.err
    assert list(tmp_path.iterdir()) == []
