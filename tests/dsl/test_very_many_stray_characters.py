"""A long run of characters that mean nothing is told once, and quickly."""

from __future__ import annotations

import pytest

from seatrial.compiler.pipeline import read
from seatrial.dsl.source import Source


@pytest.mark.parametrize("run", ["a.", "ü.", "🚢.", "ü-", "a.🚢"])
def test_a_run_of_points_is_told_once(run: str) -> None:
    """Each point was looked at with all of the run before it: 120 kB took hours."""
    found = read(Source("a.fleet", f"fleet f {{\n  pool {run * 20_000} {{ agents 3 }}\n}}")).diagnostics
    assert 1 <= len(found) <= 6
    assert found[0].labels[0].span.line == 2
