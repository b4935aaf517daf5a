"""Ejections and evictions, host after host, until no more is allowed."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from .trying import agrees, cases, judged


def _ejected(hosts: int, percent: int) -> int:
    """All hosts are broken; each is ejected in turn while the share that is out stays within the limit."""
    out = 0
    while out < hosts and Fraction(out + 1, hosts) <= Fraction(percent, 100):
        out += 1
    return out


@cases
def test_ejection_takes_out_somebody_and_not_everybody(cases: int) -> None:
    @settings(max_examples=cases)
    @given(st.integers(1, 25), st.integers(1, 9), st.integers(1, 100))
    def check(least: int, more: int, percent: int) -> None:
        text = (
            "fleet f { demand d { steady 1/s }; pool a { serves d; agents 2; each { concurrency 4; "
            f"service mean 9ms, p99 30ms }} }}; pool b {{ agents {least}..{least + more}; scale on busy 50%; "
            "each { concurrency 4; service mean 9ms, p99 30ms } }; "
            f"call a -> b {{ timeout 1s; break after 2 errors {{ eject at most {percent}% for 10s }} }} }}"
        )
        for end, hosts in (("min", least), ("max", least + more)):
            agrees(judged(text, f"ejection/a->b/{end}"), 0 < _ejected(hosts, percent) < hosts, text)

    check()


@cases
def test_a_drain_ends_where_one_may_go(cases: int) -> None:
    @settings(max_examples=cases)
    @given(st.integers(1, 25), st.integers(0, 9), st.integers(1, 100), st.booleans())
    def check(least: int, more: int, limit: int, counted: bool) -> None:
        agents = f"{least}..{least + more}; scale on busy 50%" if more else str(least)
        allowed = max(limit // 10, 1)
        said = f"{allowed} agents" if counted and allowed > 1 else "1 agent" if counted else f"{limit}%"
        text = (
            f"fleet f {{ demand d {{ steady 1/s }}; pool p {{ serves d; agents {agents}; each {{ concurrency 4; "
            f"service mean 9ms, p99 30ms }}; disrupt at most {said} }} }}"
        )
        gone = 0
        while gone < least and (gone + 1 <= allowed if counted else Fraction(gone + 1, least) <= Fraction(limit, 100)):
            gone += 1
        agrees(judged(text, "disruption/p"), gone > 0, text)

    check()
