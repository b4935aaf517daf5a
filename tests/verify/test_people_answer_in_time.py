"""People answer in time only while less is asked of them than they can decide."""

from __future__ import annotations

import pytest

from .specs import findings, offers, proved, refuted, unknown

SPEC = """fleet f {{
  role trader {{ people {people}; answers within 3m; {decides} }}
  approve "big trade" by trader within 3m else deny {{ asked up to 20/h }}
  approve "other" by trader within 4m else allow {other}
}}"""


def spec(people: int = 2, decides: str = "decides 20/h", other: str = "{ asked up to 5/h }") -> str:
    return SPEC.format(people=people, decides=decides, other=other)


def test_below_what_they_decide_they_answer_in_time() -> None:
    for id in ("big-trade/time", "other/time", "trader/load"):
        proved(spec(), f"approval/{id}")


@pytest.mark.parametrize(("people", "other"), [(1, "{ asked up to 5/h }"), (2, "{ asked up to 20/h }")])
def test_at_all_that_they_decide_what_is_asked_waits_without_end(people: int, other: str) -> None:
    text = spec(people, other=other)
    found = refuted(text, "approval/trader/load")
    assert (str(people), str(people + 1)) in offers(found)
    assert "waits without end" in unknown(text, "approval/big-trade/time").reason
    assert "waits without end" in unknown(text, "approval/other/time").reason


def test_a_question_without_a_rate_leaves_it_open() -> None:
    text = spec(other="")
    for id in ("big-trade/time", "other/time", "trader/load"):
        assert "how often `other` is asked is not stated" in unknown(text, f"approval/{id}").reason


def test_what_is_asked_without_what_they_decide_leaves_it_open() -> None:
    assert "how much trader can decide" in unknown(spec(decides=""), "approval/other/time").reason


def test_where_neither_is_stated_the_time_is_taken_as_it_is() -> None:
    text = spec(decides="", other="").replace("{ asked up to 20/h }", "")
    proved(text, "approval/big-trade/time")
    assert "approval/trader/load" not in findings(text)


def test_the_emergency_stop_counts_whole_seconds_and_the_sleep_that_pods_get() -> None:
    text = """fleet f {
      pool a { agents 2; drain 500ms; each { concurrency 4; service mean 9ms, p99 30ms } }
      role head { people 1 }
      stop everything within LIMIT by head
    }"""
    # A pod has a second for half a one, and sleeps for five.
    assert "6 s" in refuted(text.replace("LIMIT", "5500ms"), "stop").witness
    proved(text.replace("LIMIT", "6s"), "stop")
