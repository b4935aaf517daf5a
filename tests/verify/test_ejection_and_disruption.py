"""Whole agents: shares are rounded, and small pools feel it."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from .specs import core, findings, offers, proved, refuted

EJECT = """fleet f {{
  demand d {{ steady 1/s }}
  pool p {{
    serves d {{ timeout 1s; break after 5 errors {{ eject at most {share}% for 30s }} }}
    agents {agents}
    each {{ service mean 10ms, p99 20ms }}
    scale on busy 50%
  }}
}}"""


def test_ten_per_cent_of_nine_is_nobody() -> None:
    finding = refuted(EJECT.format(share=10, agents="9..40"), "ejection/d->p/min")
    assert "nobody" in finding.witness
    assert core(finding) == {"10%", "9"}
    assert offers(finding) == {("10%", "12%"), ("9", "10")}
    proved(EJECT.format(share=10, agents="9..40"), "ejection/d->p/max")


def test_all_of_them_is_refused_too() -> None:
    finding = refuted(EJECT.format(share=100, agents="4..8"), "ejection/d->p/min")
    assert "all" in finding.witness
    # Not 99 %: what is saved should be the calls, and half of the agents go on.
    assert ("100%", "50%") in offers(finding)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 30), st.integers(0, 10), st.integers(1, 100))
def test_ejection_agrees_with_counting(low: int, more: int, share: int) -> None:
    found = findings(EJECT.format(share=share, agents=f"{low}..{low + more + 1}"))
    for end, agents in (("min", low), ("max", low + more + 1)):
        holds = 1 <= math.floor(agents * share / 100 + 1e-9) < agents
        assert (found[f"ejection/d->p/{end}"].status is Status.PROVED) == holds


def test_of_a_pool_that_has_grown_more_may_go_and_it_is_told() -> None:
    text = (
        "fleet f { demand d { steady 1/s }; pool p { serves d; agents 5..20; scale on busy 50%; disrupt at most 20%; "
        "each { concurrency 4; service mean 100ms, p99 300ms } } }"
    )
    assert "of the 20 that it may grow to 16, since 4 stay" in findings(text)["disruption/p"].margin


def test_a_drain_needs_one_agent_that_may_go() -> None:
    finding = refuted("fleet f { pool p { agents 9; disrupt at most 10% } }", "disruption/p")
    assert offers(finding) == {("9", "10"), ("10%", "12%")}
    proved("fleet f { pool p { agents 10; disrupt at most 10% } }", "disruption/p")
    proved("fleet f { pool p { agents 1; disrupt at most 1 agent } }", "disruption/p")


JUDGED = """fleet f {{
  demand d {{ steady {steady}/s; peak {peak}/s }}
  pool a {{ serves d; agents {callers}; each {{ concurrency 64; service mean 10ms, p99 20ms }} }}
  pool p {{ agents {agents}; each {{ concurrency 64; service mean 10ms, p99 20ms }}; scale on busy 50% }}
  call a -> p {{ timeout 1s; break below 80% success over {over}s {{ eject at most 50% for 30s }} }}
}}"""


def test_who_is_sent_too_little_is_never_judged_by_its_share_of_failures() -> None:
    text = JUDGED.format(steady=4, peak=4, callers=5, agents="2..4", over=10)
    finding = refuted(text, "ejection/a->p/max")
    assert "an agent of a sends no more than 8 requests to all of p in 10 s" in finding.witness
    assert core(finding) == {"4/s", "5", "10s", "1 call per request"}
    assert ("10s", "50s") in offers(finding)
    enough = text.replace("over 10s", "over 50s")
    proved(enough, "ejection/a->p/min")
    proved(enough, "ejection/a->p/max")


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 200), st.integers(0, 200), st.integers(1, 5), st.integers(2, 8), st.integers(1, 60))
def test_hosts_are_judged_where_turn_by_turn_each_gets_ten_in_a_window(
    steady: int, more: int, callers: int, least: int, over: int
) -> None:
    agents = f"{least}..{least + 3}"
    text = JUDGED.format(steady=steady, peak=steady + more, callers=callers, agents=agents, over=over)
    found = findings(text)
    for end, rate, hosts in (("min", steady, least), ("max", steady + more, least + 3)):
        # Requests of one window, dealt in turn to each pair of a proxy and a host.
        dealt = rate * over // (callers * hosts)
        all_to_one = (steady + more) * over // callers
        expected = Status.PROVED if dealt >= 10 else Status.UNKNOWN if all_to_one >= 10 else Status.REFUTED
        assert found[f"ejection/a->p/{end}"].status is expected


def test_a_dependency_of_however_many_hosts_is_not_ejected_whole() -> None:
    def spec(share: int) -> str:
        return (
            "fleet f { demand d { steady 1/s }\n dependency llm { latency p50 20ms, p99 90ms }\n"
            "pool p { serves d; agents 2; each { service mean 1ms, p99 2ms } }\n"
            f"call p -> llm {{ timeout 1s; break after 2 errors {{ eject at most {share}% for 30s }} }} }}"
        )

    finding = refuted(spec(100), "ejection/p->llm/all")
    assert "however many hosts" in finding.witness
    assert finding.repairs[0].new == "50%"
    proved(spec(99), "ejection/p->llm/all")
