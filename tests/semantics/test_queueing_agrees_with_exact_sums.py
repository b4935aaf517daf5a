"""Erlang's formulas against their definition in fractions, the tails against sums and a simulation."""

from __future__ import annotations

import heapq
import math
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.latency import LogNormal, fit_mean_p99
from seatrial.compiler.semantics.queueing import Queue, erlang_b, erlang_c

from .convolved import response_quantile, response_tail, wait_tail


def exact_erlang_c(servers: int, offered: Fraction) -> Fraction:
    below = sum((offered**k / math.factorial(k) for k in range(servers)), Fraction(0))
    top = offered**servers / math.factorial(servers) * servers / (servers - offered)
    return top / (below + top)


@settings(deadline=None)
@given(st.integers(1, 40), st.fractions(0, 1, max_denominator=50).filter(lambda x: 0 < x < 1))
def test_erlang_c_is_its_definition(servers: int, utilisation: Fraction) -> None:
    offered = utilisation * servers
    assert erlang_c(servers, float(offered)) == pytest.approx(float(exact_erlang_c(servers, offered)), rel=1e-9)


@settings(deadline=None)
@given(st.integers(1, 3000), st.floats(0.01, 3500))
def test_erlang_b_obeys_its_recursion(servers: int, offered: float) -> None:
    before = erlang_b(servers - 1, offered)
    assert erlang_b(servers, offered) == pytest.approx(
        offered * before / (servers + offered * before), rel=1e-9, abs=1e-290
    )


def test_a_million_servers_stay_numerically_sound() -> None:
    # Halfin and Whitt (1981): with beta sqrt(c) spare servers C tends to 1 / (1 + beta Phi(beta) / phi(beta)).
    servers = 1_000_000
    assert erlang_c(servers, servers - 1000.0) == pytest.approx(0.2234, abs=0.001)
    assert erlang_c(servers, servers / 2) == 0.0
    assert erlang_c(servers, float(servers)) == 1.0


def test_one_server_is_m_m_1() -> None:
    queue = Queue(1, 8.0, 0.1)
    assert queue.mean_wait() == pytest.approx(0.4)
    assert wait_tail(queue, 1.0) == pytest.approx(0.8 * math.exp(-2))


def test_one_server_with_other_service_times_is_pollaczek_khinchine() -> None:
    assert Queue(1, 8.0, 0.1, cs2=3.0).mean_wait() == pytest.approx(0.8 * 0.1 / 0.2 * 4 / 2)


@settings(deadline=None)
@given(st.integers(1, 50), st.floats(0.05, 0.98), st.floats(0.5, 0.999), st.floats(1, 5))
def test_the_quantile_of_the_wait_is_where_its_tail_falls_to_the_rest(c: int, rho: float, p: float, cs2: float) -> None:
    queue = Queue(c, c * rho / 0.2, 0.2, cs2=cs2)
    t = queue.wait().quantile_above(1 - p)
    if t == 0:
        assert queue.wait_probability() <= 1 - p + 1e-12
    else:
        assert wait_tail(queue, t) == pytest.approx(1 - p)


def test_an_overloaded_queue_waits_for_ever() -> None:
    queue = Queue(2, 20.0, 0.1)
    assert not queue.stable
    assert queue.wait().endless
    assert queue.mean_wait() == queue.wait().quantile_above(0.5) == math.inf
    assert wait_tail(queue, 9.0) == 1.0


@settings(deadline=None)
@given(st.integers(1, 50), st.floats(0.05, 0.98), st.floats(0.001, 0.5))
def test_what_a_tail_costs_is_the_slope_of_its_quantile(c: int, rho: float, tail: float) -> None:
    wait = Queue(c, c * rho / 0.2, 0.2).wait()
    time, cost = wait.exceeded(tail)
    longer, _ = wait.exceeded(tail * 0.999)
    assert time == wait.quantile_above(tail)
    if time > 0:
        assert longer - time == pytest.approx(cost * -math.log(0.999))


@settings(deadline=None)
@given(st.integers(1, 50), st.integers(1, 50), st.floats(0.05, 0.98), st.floats(0.05, 0.98), st.floats(0.0001, 0.5))
def test_a_tail_that_is_worse_than_both_is_exceeded_by_neither(a: int, b: int, x: float, y: float, tail: float) -> None:
    one, two = Queue(a, a * x / 0.2, 0.2).wait(), Queue(b, b * y / 0.3, 0.3).wait()
    assert one.or_worse(two).quantile_above(tail) >= max(one.quantile_above(tail), two.quantile_above(tail))


def test_a_constant_service_time_shifts_the_wait() -> None:
    queue, constant = Queue(2, 15.0, 0.1), LogNormal(math.log(0.1), 0.0)
    assert response_tail(queue, 0.35, constant) == pytest.approx(wait_tail(queue, 0.25))
    assert response_tail(queue, 0.05, constant) == 1.0


def test_the_convolved_quantile_agrees_with_a_simulated_queue() -> None:
    service = fit_mean_p99(0.12, 0.4)
    assert service is not None
    queue = Queue(8, 0.7 * 8 / 0.12, 0.12, cs2=service.cv2())
    dice = random.Random(1)
    clock, free, responses = 0.0, [0.0] * 8, []
    for _ in range(200_000):
        clock += dice.expovariate(queue.arrival_rate)
        start = max(clock, heapq.heappop(free))
        end = start + dice.lognormvariate(service.mu, service.sigma)
        heapq.heappush(free, end)
        responses.append(end - clock)
    responses.sort()
    for p in (0.5, 0.95, 0.99):
        assert response_quantile(queue, p, service) == pytest.approx(responses[int(p * len(responses))], rel=0.04)
