"""A difference far inside of a long text is shown from where the two texts differ."""

from __future__ import annotations

from pathlib import Path

from .command import SPECS, seatrial


def test_a_difference_in_a_long_text_is_shown_where_it_is(tmp_path: Path) -> None:
    text = (SPECS / "sturdy.fleet").read_text(encoding="utf-8")
    (tmp_path / "before.fleet").write_text(text, encoding="utf-8")
    (tmp_path / "after.fleet").write_text(text.replace("p99 150ms", "p99 160ms"), encoding="utf-8")
    assert text.count("p99 150ms") == 1
    assert seatrial("compile", "before.fleet", "--out", "deploy", cwd=tmp_path).code == 0
    said = seatrial("diff", "after.fleet", "--manifests", "deploy", cwd=tmp_path)
    assert said.code == 1, said
    (line,) = [one for one in said.out.splitlines() if "data.fleet.json" in one]
    there, wanted = line.partition(": ")[2].split(", by the spec ")
    assert there != wanted and "digest" in there and "digest" in wanted  # the first that differs
