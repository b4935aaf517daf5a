"""A limit of an hour, and a peak of half an hour: what comes in the worst hour refutes, the rate at the peak proves."""

from __future__ import annotations

import pytest

from .specs import core, judged, proved, refuted, status, unknown

SPEC = """fleet f {{
  demand d {{ steady 2/s; peak 6/s for {lasting} every {every} }}
  dependency forge {{ limit {limit}; latency p50 10ms, p99 50ms }}
  pool p {{ serves d {{ timeout 9s }}; agents 4; each {{ concurrency 9; service mean 100ms, p99 300ms }} }}
  call p -> forge {{ timeout 1s; tokens 10; retry {retry} }}
}}"""


def spec(limit: str, lasting: str = "30m", every: str = "1d", retry: int = 0) -> str:
    return SPEC.format(limit=limit, lasting=lasting, every=every, retry=retry)


def test_half_an_hour_of_peak_does_not_fill_an_hour() -> None:
    # 1,800 s x 6/s + 1,800 s x 2/s = 14,400, where the peak alone would be 21,600.
    finding = refuted(spec("14_399 requests/h"), "rate/forge")
    assert "14,400 requests/h reach forge in the worst hour" in finding.witness
    assert {"30m", "1d", "6/s", "2/s"} <= core(finding)
    finding = unknown(spec("14_400 requests/h"), "rate/forge")
    assert "21,600 requests/h reach forge at the peak" in finding.reason
    assert "evenly within the hour" in finding.reason and "requests/s" in finding.remedy
    unknown(spec("21_599 requests/h"), "rate/forge")
    proved(spec("21_600 requests/h"), "rate/forge")


def test_the_same_rate_by_the_minute_is_filled_by_the_peak() -> None:
    assert "at the peak" in refuted(spec("359 requests/min"), "rate/forge").witness
    proved(spec("360 requests/min"), "rate/forge")


def test_retries_multiply_what_comes_in_the_hour() -> None:
    assert "28,800 requests/h" in refuted(spec("28_799 requests/h", retry=1), "rate/forge").witness
    unknown(spec("28_800 requests/h", retry=1), "rate/forge")
    proved(spec("43_200 requests/h", retry=1), "rate/forge")


def test_tokens_are_counted_in_their_own_time_too() -> None:
    # 10 s x 6/s + 50 s x 2/s = 160 calls of 10 tokens.
    limits = {1_599: "refuted", 1_600: "unknown", 3_599: "unknown", 3_600: "proved"}
    for limit, verdict in limits.items():
        assert status(spec(f"{limit} tokens/min", lasting="10s"), "tokens/forge").value == verdict


@pytest.mark.parametrize(("lasting", "every"), [(7, 20), (25, 40), (59, 61), (13, 90), (60, 70)])
def test_no_window_of_a_minute_holds_more_than_is_told(lasting: int, every: int) -> None:
    course = [6 if second % every < lasting else 2 for second in range(10 * every + 120)]
    most = max(sum(course[at : at + 60]) for at in range(len(course) - 60))
    for limit, verdict in ((most - 1, "refuted"), (most, "proved" if most == 360 else "unknown")):
        text = spec(f"{limit} requests/min", f"{lasting}s", f"{every}s")
        assert judged(text)["rate/forge"].status.value == verdict
