"""Drains against the work that agents have in hand when they are told to leave."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from .specs import core, findings, offers, proved, refuted

SPEC = """fleet f {{
  demand d {{ steady 1/min }}
  pool p {{ serves d {{ {serves} }}; agents 4; each {{ service mean 1s, p99 {tail}s }}; {drain} }}
}}"""


def _spec(serves: str = "timeout 5m", tail: int = 80, drain: str = "drain 30s") -> str:
    return SPEC.format(serves=serves, tail=tail, drain=drain)


def test_work_that_outlasts_the_drain_is_cut_off_while_callers_wait() -> None:
    finding = refuted(_spec(), "drain/p")
    assert "80 s at p99" in finding.witness and "30 s after it is told to leave" in finding.witness
    assert core(finding) == {"80s", "30s", "5m"}
    assert ("30s", "80s") in offers(finding)
    proved(_spec(drain="drain 80s"), "drain/p")


def test_a_drain_that_is_not_written_is_told_with_what_to_write() -> None:
    finding = refuted(_spec(drain='image "x"'), "drain/p")
    assert finding.addition == "write `drain 80s` in pool p"
    finding = refuted(_spec("timeout 8h", 24_001, 'image "x"'), "drain/p")
    assert finding.addition == "write `drain 401m` in pool p"


def test_where_every_caller_gives_up_in_time_nothing_is_asked() -> None:
    assert "drain/p" not in findings(_spec("timeout 30s"))
    assert "drain/p" not in findings(_spec("timeout 5m; try timeout 20s"))


def _is_cut_off(work: int, waits: int, drain: int) -> bool:
    """Second by second: told to leave as the work begins, killed when the drain is over."""
    for now in range(10_000):
        if now in (work, waits):
            return False
        if now == drain:
            return True
    raise AssertionError


@settings(deadline=None, max_examples=150)
@given(st.integers(2, 40), st.lists(st.just(3600) | st.integers(1, 40), min_size=1, max_size=3), st.integers(1, 40))
def test_some_callers_work_is_cut_off_just_where_it_is_refuted(tail: int, stated: list[int], drain: int) -> None:
    demands = "; ".join(f"demand d{index} {{ steady 1/h }}" for index, _ in enumerate(stated))
    serves = "; ".join(f"serves d{index} {{ timeout {waits}s }}" for index, waits in enumerate(stated))
    each = f"agents 9; each {{ service mean 1s, p99 {tail}s }}; drain {drain}s"
    text = f"fleet f {{ {demands}; pool p {{ {serves}; {each} }} }}"
    finding = findings(text).get("drain/p")
    cut = any(_is_cut_off(tail, waits, drain) for waits in stated)
    assert (finding is not None and finding.status is Status.REFUTED) == cut, text
