"""A text that says nothing is shown in its quotes, also where the notation leaves nothing at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from .command import seatrial

SPECS = {
    "desk.fleet": 'fleet desk {\n  pool triage { agents 3; image "" }\n}\n',
    "desk.yaml": 'fleet:\n  desk:\n    pool:\n      triage: {agents: 3, image: ""}\n',
    "desk.json": '{"fleet": {"desk": {"pool": {"triage": {"agents": 3, "image": ""}}}}}\n',
}


@pytest.mark.parametrize("name", SPECS)
def test_an_image_without_a_name_is_told_with_its_quotes(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(SPECS[name], encoding="utf-8")
    said = seatrial("check", name, cwd=tmp_path)
    assert said.code == 2
    assert 'error[ST1104]: "" cannot be the name of an image' in said.err + said.out
