"""Runs of tries that meet dead hosts, and retries that a budget refuses, against enumeration and simulation."""

from __future__ import annotations

import random
from fractions import Fraction
from heapq import heappop, heappush
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.compiler.semantics.balancing import (
    REDRAWS,
    after_retries,
    first_try,
    runs_of_independent_tries,
    runs_over_hosts,
)
from seatrial.compiler.semantics.retries import retries_refused, retry_slots

SHARES = st.fractions(min_value=0, max_value=1, max_denominator=50)


@pytest.mark.parametrize("hosts", range(1, 7))
def test_the_better_of_two_hosts_is_a_dead_one_unless_both_live(hosts: int) -> None:
    for dead in range(hosts + 1):
        pairs = list(product(range(hosts), repeat=2))
        met = sum(min(pair) < dead for pair in pairs)
        assert first_try(Fraction(dead, hosts), idle_first=True) == Fraction(met, len(pairs))
        assert runs_over_hosts(hosts, dead, 0, idle_first=True) == (Fraction(met, len(pairs)),)


def draw(random_: random.Random, hosts: int, dead: int, idle_first: bool) -> int:
    one, other = random_.randrange(hosts), random_.randrange(hosts)
    # The dead ones are numbered first, and are as idle as one another: of two, any.
    return other if idle_first and other < dead and (one >= dead or random_.random() < 0.5) else one


@pytest.mark.parametrize("idle_first", [True, False])
@pytest.mark.parametrize(("hosts", "dead"), [(6, 3), (6, 1), (4, 4), (3, 2)])
def test_retries_look_for_a_host_that_was_not_tried_as_envoy_does(hosts: int, dead: int, idle_first: bool) -> None:
    random_, requests, retries = random.Random(7), 20_000, 3
    lasted = [0] * (retries + 1)
    for _ in range(requests):
        tried: set[int] = set()
        for attempt in range(retries + 1):
            host = draw(random_, hosts, dead, idle_first)
            for _ in range(REDRAWS if attempt else 0):
                if host not in tried:
                    break
                host = draw(random_, hosts, dead, idle_first)
            if host >= dead:
                break
            tried.add(host)
            lasted[attempt] += 1
    runs = runs_over_hosts(hosts, dead, retries, idle_first=idle_first)
    # Four standard deviations of a share of 20,000.
    assert [count / requests for count in lasted] == pytest.approx([float(run) for run in runs], abs=0.0142)


@given(SHARES, SHARES, st.integers(0, 4))
def test_a_refused_retry_fails_its_request(spoiled: Fraction, refused: Fraction, retries: int) -> None:
    runs = runs_of_independent_tries(spoiled, retries)
    failing = tries = Fraction(0)
    reached = spoiled
    for attempt in range(retries + 1):
        tries += reached
        lost = reached if attempt == retries else reached * refused
        failing, reached = failing + lost, (reached - lost) * spoiled
    found = after_retries(runs, refused)
    assert (found.failing, found.tries) == (failing, tries)
    assert after_retries(runs).failing == runs[-1] <= found.failing <= runs[0]


def test_a_budget_has_three_slots_at_least() -> None:
    assert [retry_slots(Fraction(1, 2), Fraction(active)) for active in (0, 7, 8, 100)] == [3, 3, 4, 50]


def refused_in_simulation(slots: int, per_second: float, held: float, at_once: float, lasts: float, seed: int) -> float:
    """Retries wanted from an instant on, each holding a slot for `held`, until `lasts`; the share that is refused."""
    random_ = random.Random(seed)
    wanted = refused = 0
    for _ in range(3_000):
        arrivals = []
        clock = random_.expovariate(at_once) if at_once else 2.0
        while clock < 1:
            arrivals.append(0.0)
            clock += random_.expovariate(at_once)
        clock = random_.expovariate(per_second)
        while clock < lasts:
            arrivals.append(clock)
            clock += random_.expovariate(per_second)
        busy: list[float] = []
        for arrival in arrivals:
            while busy and busy[0] <= arrival:
                heappop(busy)
            wanted += 1
            if len(busy) >= slots:
                refused += 1
            else:
                heappush(busy, arrival + held)
    return refused / wanted if wanted else 0.0


@pytest.mark.parametrize("lasts", [0.1, 1.0])
@pytest.mark.parametrize(
    ("slots", "per_second", "held", "at_once"),
    [(3, 100.0, 0.03, 0.0), (3, 60.0, 0.03, 1.6), (12, 200.0, 0.06, 6.0), (5, 20.0, 0.05, 0.5)],
)
def test_no_more_retries_are_refused_than_the_bound(
    slots: int, per_second: float, held: float, at_once: float, lasts: float
) -> None:
    measured = refused_in_simulation(slots, per_second, held, at_once, lasts, seed=11)
    assert measured <= retries_refused(slots, per_second * held, at_once) + 0.01


@given(st.integers(1, 40), st.floats(0, 60), st.floats(0, 20))
def test_more_slots_refuse_less_and_more_load_more(slots: int, offered: float, at_once: float) -> None:
    here = retries_refused(slots, offered, at_once)
    assert 0 <= here <= 1
    assert retries_refused(slots + 1, offered, at_once) <= here + 1e-12
    assert here <= retries_refused(slots, offered + 1, at_once) + 1e-12
    assert retries_refused(slots, offered) <= retries_refused(slots, offered, 1e-9) + 1e-6
