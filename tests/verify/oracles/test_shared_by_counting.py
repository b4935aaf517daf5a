"""Connections, requests and money, counted agent by agent and size by size."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from .trying import agrees, cases, judged, most_during_an_update


@dataclass(frozen=True)
class Pool:
    least: int
    more: int
    each: int

    @property
    def sizes(self) -> range:
        return range(self.least, self.least + self.more + 1)

    @property
    def agents(self) -> str:
        return f"{self.least}..{self.least + self.more}" if self.more else str(self.least)

    @property
    def scale(self) -> str:
        return "scale on busy 50%" if self.more else ""


POOLS = st.lists(st.builds(Pool, st.integers(1, 6), st.integers(0, 6), st.integers(1, 5)), min_size=1, max_size=3)


def _most_as_it_flaps(least: int, most: int) -> int:
    """Three syncs lie in a grace period of 35 s, and a window of 5 min: what was sent away in them is there beside what
    was added after, at most as many as there were each time. An update has a quarter more there of each size, rounded
    up, lets as many go at first, and after each step down as many as it went down, and no more than that quarter."""

    def extra(size: int) -> int:
        return -(-size // 4)

    worst = 0
    for first in range(least, most + 1):
        for second in range(least, min(most, 2 * first) + 1):
            lowest = second if second > first else least
            for third in range(lowest, min(most, 2 * second) + 1):
                there = third + extra(third)
                for a, b in itertools.pairwise((most, first, second, third)):
                    if a > b:
                        there += a + extra(a) - b - extra(b) + min(a - b, extra(b))
                worst = max(worst, there)
    return most_during_an_update(most) - most - extra(most) + worst


@cases
def test_connections_are_the_most_that_any_sizes_and_updates_hold(cases: int) -> None:
    @settings(max_examples=cases)
    @given(POOLS, st.integers(1, 150))
    def check(pools: list[Pool], limit: int) -> None:
        text = (
            f"fleet f {{ dependency x {{ connections {limit}; latency p50 2ms, p99 9ms }}; demand d {{ steady 1/s }}\n"
        )
        for index, pool in enumerate(pools):
            text += (
                f"pool p{index} {{ {'serves d;' if index == 0 else ''} agents {pool.agents}; {pool.scale}; "
                f"each {{ concurrency 2; service mean 9ms, p99 30ms; holds {pool.each} connections to x }} }}\n"
                f"call p{index} -> x\n"
            )
            if index:
                text += f"call p0 -> p{index}\n"
        text += "}"
        held = max(
            sum(most_during_an_update(size) * pool.each for size, pool in zip(sizes, pools, strict=True))
            for sizes in itertools.product(*(pool.sizes for pool in pools))
        )
        counted = sum(_most_as_it_flaps(pool.least, pool.sizes[-1]) * pool.each for pool in pools)
        rounded = sum(3 * pool.each for pool in pools if pool.more)
        # What only an autoscaler comes to that goes to and fro, a demand that never changes does not show.
        agrees(judged(text, "connections/x"), held <= limit, text, open=held <= limit < counted + rounded)
        assert judged(text, "connections/x") is not Status.PROVED or counted <= limit

    check()


@cache
def _paid_seconds(least: int, most: int) -> int:
    """The most pod-seconds of an hour, sync by sync: a pool at most doubles, sends away whom it likes five minutes
    after it grew, and who is sent away is paid for 35 s."""
    syncs, window = 240, 20
    best = {(size, window): 0 for size in range(least, most + 1)}
    for at in range(syncs):
        then: dict[tuple[int, int], int] = {}
        for (size, since), paid in best.items():
            for now in range(least if since >= window else size, min(most, 2 * size) + 1):
                leaving = max(0, size - now) * min(35, (syncs - at) * 15)
                state = now, 1 if now > size else min(window, since + 1)
                then[state] = max(then.get(state, 0), paid + now * 15 + leaving)
        best = then
    return max(best.values())


@cases
def test_a_budget_is_kept_at_all_sizes(cases: int) -> None:
    @settings(max_examples=cases)
    @given(POOLS, st.integers(1, 120), st.sampled_from([("h", 1), ("day", 24), ("month", 730)]))
    def check(pools: list[Pool], dollars: int, period: tuple[str, int]) -> None:
        unit, hours = period
        text = f"fleet f {{ budget agents ${dollars * hours}/{unit}\n"
        for index, pool in enumerate(pools):
            text += f"pool p{index} {{ agents {pool.agents}; {pool.scale}; each {{ price ${pool.each}/h }} }}\n"
        text += "}"
        spent = 0
        for sizes in itertools.product(*(pool.sizes for pool in pools)):
            spent = max(spent, sum(size * pool.each * hours for size, pool in zip(sizes, pools, strict=True)))
        # In an hour after another the same may be paid again.
        drained = sum(Fraction(_paid_seconds(one.sizes[0], one.sizes[-1]), 3600) * one.each * hours for one in pools)
        status = judged(text, f"budget/agents/{ {'h': 'hour'}.get(unit, unit) }")
        assert (status is Status.REFUTED) == (spent > dollars * hours), text
        assert status is not Status.PROVED or drained <= dollars * hours, text
        # What is proved by lies close: a turn more in the hour, and a sync more in each.
        turns = sum(Fraction(pool.more * pool.each * hours * 13 * 20, 3600) for pool in pools)
        assert status is Status.PROVED or spent + turns > dollars * hours, text

    check()


@dataclass(frozen=True)
class Hop:
    retries: int
    times: Fraction


HOPS = st.lists(
    st.builds(Hop, st.integers(0, 3), st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 2)])),
    min_size=1,
    max_size=4,
)


def _chain(hops: list[Hop], retries: int, limit: str, dependency: str) -> str:
    def policy(retries: int) -> str:
        return f"{{ timeout 9s; retry {retries} {{ backoff 1ms up to 2ms }} }}" if retries else ""

    text = f"fleet f {{ demand d {{ steady 8/s }}; dependency x {{ {dependency}; latency p50 2ms, p99 9ms }}; {limit}\n"
    for index, hop in enumerate(hops):
        serves = f"serves d {policy(retries)};" if index == 0 else ""
        text += f"pool p{index} {{ {serves} agents 9; each {{ concurrency 9; service mean 9ms, p99 30ms }} }}\n"
        callee = "x" if index == len(hops) - 1 else f"p{index + 1}"
        text += f"call p{index} -> {callee} {hop.times} per request {policy(hop.retries)}\n"
    return text + "}"


def _attempts_at_the_end(retries: list[int]) -> int:
    """The last callee never answers: each caller tries again, and fails, and its own caller tries again."""
    if not retries:
        return 1
    return sum(_attempts_at_the_end(retries[1:]) for _ in range(1 + retries[0]))


@cases
def test_retries_multiply_as_when_every_caller_tries_again(cases: int) -> None:
    @settings(max_examples=cases)
    @given(HOPS, st.integers(0, 3), st.integers(2, 70))
    def check(hops: list[Hop], retries: int, limit: int) -> None:
        text = _chain(hops, retries, f"guarantee amplification < {limit}", "connections 9")
        tried = _attempts_at_the_end([retries, *(hop.retries for hop in hops)])
        agrees(judged(text, "amplification/x"), tried < limit, text)

    check()


@cases
def test_requests_that_reach_the_end_are_counted_with_all_retries(cases: int) -> None:
    @settings(max_examples=cases)
    @given(HOPS, st.integers(0, 3), st.integers(1, 600))
    def check(hops: list[Hop], retries: int, limit: int) -> None:
        text = _chain(hops, retries, "guarantee amplification < 1_000", f"limit {limit} requests/s")
        arriving = Fraction(8 * (1 + retries))
        for hop in hops:
            arriving = sum((arriving * hop.times for _ in range(1 + hop.retries)), Fraction(0))
        agrees(judged(text, "rate/x"), arriving <= limit, text)

    check()
