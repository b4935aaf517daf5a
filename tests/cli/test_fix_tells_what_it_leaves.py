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


REFUSED = """fleet f {
  demand d { steady 20/s }
  dependency llm { limit 120 requests/s; latency p50 200ms, p99 1s; refused wait 2s }
  pool p { serves d; agents 8; each { concurrency 64; service mean 5ms, p99 20ms } }
  call p -> llm { timeout 12s; retry 2 { backoff 500ms up to 1s } }
}
"""


def test_a_clause_to_write_is_told_before_another_fact(tmp_path: Path) -> None:
    """What to write has two figures, `backoff 2s up to 2s`, and is no change of one."""
    path = tmp_path / "a.fleet"
    path.write_text(REFUSED)
    last = seatrial("check", "--fix", path).err.splitlines()[-1]
    assert last == f"{path}: retry-after/p->llm stays refuted: `seatrial check` tells what to write"


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
