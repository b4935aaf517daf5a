"""Of two numbers for what an agent holds of one dependency, one would count for nothing."""

from __future__ import annotations

import pytest

from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.source import Source


@pytest.mark.parametrize(
    "held", ["holds 1 connection to db; holds 2 connections to db", "holds 1Gi of db; holds 2Gi of db"]
)
def test_it_is_refused(held: str) -> None:
    spec = f"fleet f {{ dependency db {{ connections 30; memory 9Gi }}; pool p {{ agents 20; each {{ {held} }} }} }}"
    (found,) = [one for one in judge(read(Source("f.fleet", spec)), {}).diagnostics if one.is_error]
    assert found.code == "ST1003" and found.message == "what an agent holds of db is said twice"
