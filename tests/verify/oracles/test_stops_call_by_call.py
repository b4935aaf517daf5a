"""Budgets and quotas that are counted after the call: what is still spent by agents that have been told to stop."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.lower import lower
from seatrial.compiler.verify import Status

from ..specs import fleet_of
from .trying import agrees, cases, judged, most_during_an_update


@dataclass(frozen=True)
class Hop:
    """A pool of a chain, and its calls to the next one or to the dependency at its end."""

    agents: int
    slots: int
    drain: int
    calls: Fraction
    retries: int
    cold: Fraction = Fraction(0)
    """Calls of a request while caches are empty."""


HOPS = st.lists(
    st.builds(
        Hop,
        st.integers(1, 6),
        st.integers(1, 3),
        st.integers(1, 40),
        st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(3, 2), Fraction(3)]),
        st.integers(0, 2),
        st.sampled_from([Fraction(0), Fraction(0), Fraction(1, 2), Fraction(4)]),
    ),
    min_size=1,
    max_size=3,
)


def _text(hops: list[Hop], said: str) -> str:
    text = (
        "fleet f { demand d { steady 1/s }; nodes n { count 1..4; cpu 64; memory 256Gi; price $1/h }\n"
        f"dependency x {{ limit 100_000 tokens/h; latency p50 2ms, p99 9ms; price $1 / 1_000 tokens }}; {said}\n"
    )
    for at, hop in enumerate(hops):
        text += (
            f"pool p{at} {{ {'serves d;' if at == 0 else ''} agents {hop.agents}; drain {hop.drain}s\n"
            f"each {{ cpu 1m; memory 1Mi; price $2/h; concurrency {hop.slots}; service mean 9ms, p99 30ms }} }}\n"
        )
        callee = "x" if at == len(hops) - 1 else f"p{at + 1}"
        tokens = "tokens 40" if callee == "x" else ""
        cold = f"cold {hop.cold} per request;" if hop.cold else ""
        text += (
            f"call p{at} -> {callee} {hop.calls} per request {{ {tokens}; {cold} timeout 9s; retry {hop.retries} }}\n"
        )
    return text + "}"


def _tokens_of_a_request(hops: list[Hop], at: int, draw: random.Random) -> int:
    """What one request at a pool still uses: each of its calls is made, perhaps fails, and is made again."""
    times = draw.choice([hops[at].calls, hops[at].cold or hops[at].calls])
    calls = math.floor(times) + (draw.random() < times % 1)
    used = 0
    for _ in range(calls):
        for _ in range(1 + draw.choice([0, hops[at].retries])):
            used += 40 if at == len(hops) - 1 else _tokens_of_a_request(hops, at + 1, draw)
    return used


@cases
def test_agents_that_stop_do_not_pass_the_budget(cases: int) -> None:
    @settings(max_examples=cases)
    @given(HOPS, st.integers(1, 200), st.sampled_from(["total", "agents", "tokens"]), st.integers(0, 2**32))
    def check(hops: list[Hop], dollars: int, scope: str, seed: int) -> None:
        text, draw = _text(hops, f"budget {scope} ${dollars}/h {{ stop at budget }}"), random.Random(seed)
        if judged(text, f"division/{scope}/hour/stop") is not Status.PROVED:
            return
        (plan,) = lower(fleet_of(text), (), "", "").divisions
        assert plan.stop_at_dollars is not None and plan.stop_at_dollars > 0
        spent = plan.stop_at_dollars
        for at, hop in enumerate(hops):
            for _ in range(most_during_an_update(hop.agents)):
                if scope != "tokens":
                    # Told to leave, an agent sleeps for 5 s, drains, and is killed.
                    spent += Fraction(2 * draw.choice([hop.drain + 5, 5]), 3600)
                if scope != "agents":
                    spent += Fraction(sum(_tokens_of_a_request(hops, at, draw) for _ in range(hop.slots)), 1000)
        if scope == "total":
            # Three nodes until the last agent has left, and the one that is always there, for the rest of the hour.
            longest = max(hop.drain + 5 for hop in hops)
            spent += Fraction(3 * longest, 3600) + Fraction(draw.randrange(3601), 3600)
        assert spent <= dollars, text

    check()


@cases
def test_calls_that_are_counted_as_they_end_do_not_pass_the_limit(cases: int) -> None:
    @settings(max_examples=cases)
    @given(HOPS, st.integers(95_000, 100_000))
    def check(hops: list[Hop], quota: int) -> None:
        text = _text(hops, f"quota tokens {quota}/h of x {{ charge after the call }}")
        used = quota + 40 * hops[-1].slots * most_during_an_update(hops[-1].agents)
        agrees(judged(text, "quota/tokens-of-x/limit"), used <= 100_000, text)

    check()


_PATIENCE, _LATENCIES = (1, 3, 10, 40), ((5, 40), (30, 60), (2, 300))


@cases
def test_calls_that_were_given_up_and_still_run_are_counted(cases: int) -> None:
    """Slots that always have something to do, answers of any length: at no time has what runs more than was kept for
    it, but for a few that are rarer than one in a million."""

    @settings(max_examples=cases)
    @given(
        st.integers(1, 4),
        st.integers(0, 2),
        st.sampled_from(_PATIENCE),
        st.sampled_from(_LATENCIES),
        st.integers(0, 2**32),
    )
    @example(2, 1, 1, (5, 40), 0)
    def check(slots: int, retries: int, patience: int, latency: tuple[int, int], seed: int) -> None:
        text = f"""fleet f {{
          dependency x {{
            limit 100_000 tokens/h; latency p50 {latency[0]}s, p99 {latency[1]}s; price $1 / 1_000 tokens
          }}
          pool p {{ agents 1; each {{ concurrency {slots}; service mean 1ms, p99 1ms }} }}
          call p -> x {{ tokens 40; timeout {patience * (1 + retries) + 1}s; try timeout {patience}s
            retry {retries} {{ backoff 1ms up to 1ms }} }}
          budget tokens $500/h {{ stop at budget }}
          quota tokens 9_000/h of x {{ charge after the call }}
        }}"""
        fleet, draw = fleet_of(text), random.Random(seed)
        (plan,), (kept,) = lower(fleet, (), "", "").divisions, lower(fleet, (), "", "").quotas
        ends: list[tuple[float, float]] = []
        for _ in range(slots * most_during_an_update(1)):
            now = 0.0
            while now < 400:
                took = latency[0] * math.exp(draw.gauss(0, math.log(latency[1] / latency[0]) / 2.3263479))
                ends.append((now, now + took))
                now += min(took, patience)
        most = max(sum(begin <= at < end for begin, end in ends) for at in range(100, 400))
        reserve = 500 - plan.stop_at_dollars if plan.stop_at_dollars is not None else 500
        assert most * Fraction(40, 1000) <= reserve, (most, float(reserve), text)
        assert kept.overshoot is None or most * 40 <= kept.overshoot, (most, kept.overshoot, text)

    check()
