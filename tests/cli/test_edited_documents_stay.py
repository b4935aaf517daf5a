"""A compiled document that somebody has edited is not replaced without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.cli.files import draft_of, replace_folder

from .command import SPECS, seatrial

SPEC = SPECS / "sturdy.fleet"
EDITED = "kubernetes/triage-deployment.yaml"


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    out = tmp_path / "deploy"
    assert seatrial("compile", SPEC, "--out", out).code == 0
    return out


def again(out: Path, *more: str) -> tuple[int, str]:
    said = seatrial("compile", SPEC, "--out", out, *more)
    return said.code, said.err


@pytest.mark.parametrize("more", [(), ("--dry-run",), ("--target", "envoy"), ("--prune-plan",)])
def test_it_is_named_and_stays(compiled: Path, more: tuple[str, ...]) -> None:
    mine = (compiled / EDITED).read_text() + "# mine\n"
    (compiled / EDITED).write_text(mine)
    code, said = again(compiled, *more)
    assert code == 2 and f"edited since it was written: {EDITED};" in said
    assert f"seatrial diff {SPEC} --manifests {compiled}" in said and "--force" in said
    assert (compiled / EDITED).read_text() == mine


def test_with_force_it_is_given_up(compiled: Path) -> None:
    before = (compiled / EDITED).read_text()
    (compiled / EDITED).write_text("# mine\n")
    assert again(compiled, "--force")[0] == 0 and (compiled / EDITED).read_text() == before
    assert again(compiled)[0] == 0


def test_what_a_checkout_changes_and_what_is_deleted_is_no_edit(compiled: Path) -> None:
    text = (compiled / EDITED).read_bytes()
    (compiled / EDITED).write_bytes(text.replace(b"\n", b"\r\n"))
    (compiled / "kustomization.yaml").unlink()
    assert again(compiled)[0] == 0 and (compiled / EDITED).read_bytes() == text


def test_what_is_edited_as_it_is_written_now_is_no_edit(compiled: Path) -> None:
    mark = compiled / ".seatrial"
    lines = mark.read_text().splitlines()
    mark.write_text("\n".join("0" * 64 + line[64:] if line.endswith(EDITED) else line for line in lines) + "\n")
    assert again(compiled)[0] == 0


def test_a_trials_results_are_not_compiled_over_nor_edits_tried_over(compiled: Path, tmp_path: Path) -> None:
    tried = draft_of(tmp_path / "tried")
    (tried / "report.html").write_text("a day's work")
    replace_folder(tried, tmp_path / "tried")
    code, said = again(tmp_path / "tried")
    assert code == 2 and "such as report.html; name another one with --out" in said
    (compiled / EDITED).write_text("# mine\n")
    over = seatrial("trial", SPEC, "--out", compiled)
    assert over.code == 2 and EDITED in over.err and "name another folder with --out" in over.err
