"""`timeout 500m` is 500 minutes, and of a request that is told; what no one takes for milliseconds is not."""

from __future__ import annotations

import pytest

from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.source import Source

SPEC = """let patience = 2s
fleet f {
  demand d { steady 5/s }
  demand e { steady 5/s }
  dependency db { latency p50 5ms, p99 20ms }
  pool p {
    serves d { timeout $patience; retry 1 { backoff 25ms up to 100ms } }
    serves e { timeout $patience }
    agents 5
    each { concurrency 4; service mean 100ms, p99 300ms; startup 5s }
    drain 30s
  }
  call p -> db 1 per request { timeout 500ms }
  guarantee latency p95 < 900ms
}
"""


def told(old: str, new: str) -> list[Diagnostic]:
    assert old in SPEC
    found = judge(read(Source("f.fleet", SPEC.replace(old, new))), {}).diagnostics
    return [one for one in found if one.code == "ST1205"]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("= 2s", "= 500m", "500m"),
        ("up to 100ms", "up to 100m", "100m"),
        ("mean 100ms, p99 300ms", "mean 100ms, p99 300m", "300m"),
        ("timeout 500ms", "timeout 500m", "500m"),
        ("p99 20ms", "p99 200m", "200m"),
        ("< 900ms", "< 900m", "900m"),
    ],
)
def test_it_is_told_once_with_what_may_be_meant(old: str, new: str, place: str) -> None:
    (one,) = told(old, new)
    assert not one.is_error and one.labels[0].span.text == place
    assert one.help.startswith(f"write `{place}s` for milliseconds, or `")
    assert [(fix.span.text, fix.new) for fix in one.fixes] == [(place, f"{place}s")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("= 2s", "= 8h"),
        ("= 2s", "= 60m"),
        ("= 2s", "= 30000s"),
        ("startup 5s", "startup 90m"),
        ("drain 30s", "drain 90m"),
    ],
)
def test_what_is_meant_so_is_not(old: str, new: str) -> None:
    assert not told(old, new)
