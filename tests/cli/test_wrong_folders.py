"""What compile, import and diff cannot read or write: a word about each, exit code 2, and nothing half written."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from .command import PROGRAM, SPECS, content, environment, seatrial

SUPPORT = SPECS / "support.fleet"


@pytest.mark.parametrize("out", ["thing", "thing/deploy", "thing/a/b"])
def test_a_file_is_no_folder_to_compile_into_or_below(out: str, tmp_path: Path) -> None:
    (tmp_path / "thing").write_text("mine")
    said = seatrial("compile", SUPPORT, "--out", out, cwd=tmp_path)
    assert said.code == 2 and "thing is not a folder" in said.err
    assert content(tmp_path) == {"thing": b"mine"}


TEXTS = {
    "broken": ("kind: [\n", "not readable as YAML"),
    "a key twice": ("kind: A\nkind: B\n", "`kind` is said twice"),
    "no object": ("a: 1\n", "no object of a cluster is in there"),
    "no name": ("apiVersion: v1\nkind: Service\n", "without `metadata.name`"),
    "bytes": ("\udcff\udcfe", "not a text in UTF-8"),
}


@pytest.mark.parametrize("case", TEXTS)
@pytest.mark.parametrize("command", ["import", "diff"])
def test_a_file_that_cannot_be_read_is_told_with_its_name(command: str, case: str, tmp_path: Path) -> None:
    text, expected = TEXTS[case]
    (tmp_path / "odd.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    words = (
        ("import", "odd.yaml", "-o", "made.fleet")
        if command == "import"
        else ("diff", SUPPORT, "--manifests", "odd.yaml")
    )
    said = seatrial(*words, cwd=tmp_path)
    assert said.code == 2 and expected in said.err and "odd.yaml" in said.err, said.all
    assert "Traceback" not in said.all
    assert set(content(tmp_path)) == {"odd.yaml"}


@pytest.mark.parametrize("words", [("import", SUPPORT), ("diff", SUPPORT, "--manifests", SUPPORT)])
def test_a_spec_among_the_manifests_is_told_as_one(words: tuple[str | Path, ...]) -> None:
    said = seatrial(*words)
    assert said.code == 2 and "support.fleet: is a spec already" in said.err, said.all


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_compile_that_is_ended_leaves_the_folder_as_it_was_and_the_next_one_tidies_up(
    how: signal.Signals, tmp_path: Path
) -> None:
    assert seatrial("compile", SUPPORT, "--out", "deploy", "--target", "istio", cwd=tmp_path).code == 0
    before = content(tmp_path)
    running = subprocess.Popen(
        [PROGRAM, "compile", SUPPORT, "--out", "deploy"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    # From when its draft is there until it takes the place of the folder.
    while running.poll() is None and len(list(tmp_path.iterdir())) == 1:
        time.sleep(0.0005)
    running.send_signal(how)
    running.wait(60)
    now = {name: text for name, text in content(tmp_path).items() if name.startswith("deploy/")}
    assert now == before or "deploy/kubernetes/namespace.yaml" in now, "the old one or the new one, nothing between"
    assert seatrial("compile", SUPPORT, "--out", "deploy", "--target", "istio", cwd=tmp_path).code == 0
    assert content(tmp_path) == before
