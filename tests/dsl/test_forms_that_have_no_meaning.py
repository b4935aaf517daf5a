"""What people look for and what means nothing here is refused, with what to write in its place."""

from __future__ import annotations

from seatrial.compiler.pipeline import read
from seatrial.dsl.source import Source

SPEC = "fleet f {{ demand d {{ steady 1/s }}; pool a {{ agents 4 }}; trial t {{ {} }} }}"


def test_a_pool_is_not_cut_in_halves() -> None:
    for clause in (
        "partition a halves at 30s for 10s",
        "partition a halves for 1m",
        "partition halves of a at 5s for 1s",
    ):
        found = read(Source("t.fleet", SPEC.format(clause))).diagnostics
        told = next(one for one in found if one.code == "ST1004")
        assert "nothing runs between two halves" in told.help and "hang 50% of a" in told.help, clause


def test_what_is_to_be_written_in_its_place_is_read() -> None:
    for clause in ("hang 50% of a at 30s for 10s", "partition d | a at 30s for 10s"):
        found = read(Source("t.fleet", SPEC.format(clause))).diagnostics
        assert not [one for one in found if one.code == "ST1004"], clause
