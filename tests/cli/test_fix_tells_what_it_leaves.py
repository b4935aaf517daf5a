"""`check --fix` without a change says which guarantees stay refuted, and which option would go further."""

from __future__ import annotations

from pathlib import Path

import pytest

from .command import seatrial

EOL = "\n"
LOADED = """fleet f {
  demand d { steady 400/s }
  pool p { serves d; agents 3; each { concurrency 8; service mean 60ms, p99 200ms; price $1/h } }
  budget agents $3/h
}
"""


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "stay refuted: known repairs promise less, and only --unsafe-fixes applies those"),
        (["--diff"], "only --unsafe-fixes applies those"),
        (["--unsafe-fixes", "--alternative", "9"], "stay refuted: that many repairs are not known"),
    ],
)
def test_what_was_left_is_the_last_thing_told(options: list[str], told: str, tmp_path: Path) -> None:
    path = tmp_path / "a.fleet"
    path.write_text(LOADED)
    said = seatrial("check", "--fix", *options, path)
    assert said.code == 1 and path.read_text() == LOADED
    last = said.err.splitlines()[-1]
    assert last.startswith(f"{path}: capacity/p/") and told in last


def test_what_is_mended_leaves_nothing_to_tell(tmp_path: Path) -> None:
    path = tmp_path / "a.fleet"
    path.write_text(LOADED)
    said = seatrial("check", "-q", "--fix", "--unsafe-fixes", path)
    assert "fixed" in said.err and "refuted" not in said.all


def test_a_fact_that_was_chosen_is_told_as_it_stands_now(tmp_path: Path) -> None:
    path = tmp_path / "a.fleet"
    path.write_text(LOADED)
    shown = seatrial("check", "-q", "--fix", "--ask", path, given=b"\n")
    assert "which (Enter: none)" in shown.err
    fact = next(line for line in shown.err.splitlines() if "(if that is a fact)" in line)
    said = seatrial("check", "-q", "--fix", "--ask", path, given=f"{fact.split()[0]}{EOL * 20}".encode())
    told = said.err.partition("fixed ")[2].splitlines()[0]
    assert told.endswith(" ".join(fact.split()[1:]).removesuffix(" (if that is a fact)"))
