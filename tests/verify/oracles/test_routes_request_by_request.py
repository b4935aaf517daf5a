"""Agents that are sent requests at random, or in turn, by one gateway or many callers: each has a queue of its own."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ..simulated import Clock, Station, Work, arrivals
from ..specs import findings, unknown
from .trying import cases

_TAILS = {50: 0.5, 95: 0.05, 99: 0.01}


def _chooser(route: str, callers: int, agents: int, chance: random.Random) -> Callable[[], int]:
    """Which agent is next: each caller goes through all of them in an order of its own."""
    if route == "random":
        return lambda: chance.randrange(agents)
    turns = [itertools.cycle(chance.sample(range(agents), agents)) for _ in range(callers)]
    return lambda: next(chance.choice(turns))


@cases
def test_no_larger_share_is_late_than_was_proved(cases: int) -> None:
    @settings(max_examples=cases)
    @given(
        st.sampled_from(("random", "round robin")),
        st.sampled_from((Work(20, 60), Work(100, 200), Work(300, 1500))),
        st.integers(1, 9),
        st.integers(1, 6),
        st.integers(1, 5),
        st.integers(20, 85),
        st.integers(0, 10**6),
    )
    @example("random", Work(100, 300), 9, 1, 1, 80, 1)
    @example("round robin", Work(100, 300), 9, 1, 1, 80, 1)
    def check(route: str, work: Work, agents: int, slots: int, callers: int, busy: int, seed: int) -> None:
        rate = max(1, busy * agents * slots * 10 // work.mean)
        text = f"""fleet f {{ demand d {{ steady {rate}/s }}
          pool p {{ serves d {{ route {route} }}; agents {agents}
            each {{ concurrency {slots}; service mean {work.mean}ms, p99 {work.p99}ms }} }}
          guarantee latency p50 < 1h, p95 < 1h, p99 < 1h }}"""
        found = findings(text)
        if all(found[f"latency/d/p{percent}"].bound is None for percent in _TAILS):
            return
        clock, chance = Clock(), random.Random(seed)
        stations = [Station(clock, chance, slots, work) for _ in range(agents)]
        chosen, took = _chooser(route, callers, agents, chance), list[float]()

        def come() -> None:
            came = clock.now
            stations[chosen()].arrive(lambda: took.append(clock.now - came))

        arrivals(clock, chance, lambda _: rate, rate, come)
        clock.run(8_000 / rate)
        counted = took[800:]
        for percent, tail in _TAILS.items():
            bound = found[f"latency/d/p{percent}"].bound
            if bound is not None:
                late = sum(one > bound for one in counted)
                # Waits come in runs, longer ones at few slots that are hardly ever free.
                assert late <= 1.4 * tail * len(counted) + 40, (late / len(counted), text)

    check()


def test_how_many_requests_have_the_same_header_is_not_known() -> None:
    text = """fleet f { demand d { steady 10/s }
      pool p { serves d { route by header "x" }; agents 9; each { service mean 100ms, p99 300ms } }
      guarantee latency p95 < 1h }"""
    assert "with the same header" in unknown(text, "latency/d/p95").reason
