"""What is named twice is read once, and a spec is written as the ending of its name says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import seatrial

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: a, image: "x:1"}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "api.yaml").write_text(DEPLOYMENT)
    return tmp_path


@pytest.mark.parametrize("sources", [["in/api.yaml", "in/api.yaml"], ["in", "in/api.yaml"], ["in", "./in"], ["-", "-"]])
def test_a_file_that_is_named_twice_is_one(sources: list[str], folder: Path) -> None:
    said = seatrial("import", *sources, "--out", "made.fleet", cwd=folder, given=DEPLOYMENT.encode())
    assert said.code == 0 and "read 1 object from 1 file: 1 pool" in said.err, said.all


@pytest.mark.parametrize("name", ["made.yaml", "made.yml", "made.fleet"])
def test_what_is_written_can_be_checked_and_asks_the_same(name: str, folder: Path) -> None:
    assert seatrial("import", "in", "--out", name, cwd=folder).code == 0
    text = (folder / name).read_text()
    assert "# ask: how many requests has an agent in hand?" in text and (": " in text.splitlines()[0]) == ("y" in name)
    assert seatrial("check", "-q", name, cwd=folder).code == 0


def test_json_would_drop_the_questions(folder: Path) -> None:
    said = seatrial("import", "in", "--out", "made.json", cwd=folder)
    assert said.code == 2 and "JSON has none" in said.err and not (folder / "made.json").exists()
