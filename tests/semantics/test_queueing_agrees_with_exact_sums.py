"""Erlang's formulas against their definition in fractions, and the searches against a scan."""

from __future__ import annotations

import heapq
import math
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.latency import LogNormal, fit_mean_p99
from seatrial.compiler.semantics.queueing import (
    Queue,
    erlang_b,
    erlang_c,
    least_servers,
    least_servers_for_response,
)


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
    assert queue.utilisation == pytest.approx(0.8)
    assert queue.mean_wait() == pytest.approx(0.4)
    assert queue.wait_tail(1.0) == pytest.approx(0.8 * math.exp(-2))


def test_one_server_with_other_service_times_is_pollaczek_khinchine() -> None:
    assert Queue(1, 8.0, 0.1, cs2=3.0).mean_wait() == pytest.approx(0.8 * 0.1 / 0.2 * 4 / 2)


@settings(deadline=None)
@given(st.integers(1, 50), st.floats(0.05, 0.98), st.floats(0.5, 0.999), st.floats(0.1, 5))
def test_the_quantile_of_the_wait_is_where_its_tail_falls_to_the_rest(c: int, rho: float, p: float, cs2: float) -> None:
    queue = Queue(c, c * rho / 0.2, 0.2, cs2=cs2)
    t = queue.wait_quantile(p)
    if t == 0:
        assert queue.wait_probability() <= 1 - p + 1e-12
    else:
        assert queue.wait_tail(t) == pytest.approx(1 - p)


def test_an_overloaded_queue_waits_for_ever() -> None:
    queue = Queue(2, 20.0, 0.1)
    assert not queue.stable
    assert queue.mean_wait() == queue.wait_quantile(0.5) == queue.response_quantile_upper(0.5, LogNormal(0, 1))
    assert queue.mean_wait() == queue.response_quantile(0.5, LogNormal(0, 1)) == math.inf
    assert queue.response_tail(9.0, LogNormal(0, 1)) == queue.wait_tail(9.0) == 1.0


def test_a_constant_service_time_shifts_the_wait() -> None:
    queue, constant = Queue(2, 15.0, 0.1), LogNormal(math.log(0.1), 0.0)
    assert queue.response_tail(0.35, constant) == pytest.approx(queue.wait_tail(0.25))
    assert queue.response_tail(0.05, constant) == 1.0


@settings(deadline=None, max_examples=60)
@given(st.floats(0.1, 200), st.floats(0.01, 1), st.floats(0, 0.5), st.sampled_from([0.5, 0.95, 0.99]))
def test_the_least_servers_are_enough_and_one_fewer_are_not(rate: float, mean: float, limit: float, p: float) -> None:
    least = least_servers(rate, mean, p=p, wait_limit=limit, cs2=2.0)
    assert Queue(least, rate, mean, cs2=2.0).wait_quantile(p) <= limit
    assert least == 1 or Queue(least - 1, rate, mean, cs2=2.0).wait_quantile(p) > limit


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 30), st.floats(0.2, 0.97), st.sampled_from([0.9, 0.95, 0.99]))
def test_the_response_bound_beats_every_split_on_a_grid(servers: int, rho: float, p: float) -> None:
    service = fit_mean_p99(0.12, 0.4)
    assert service is not None
    queue = Queue(servers, servers * rho / service.mean(), service.mean(), cs2=service.cv2())
    bound = queue.response_quantile_upper(p, service)
    for part in range(1, 100):
        to_wait = (1 - p) * part / 100
        split = queue.wait_quantile(1 - to_wait) + service.quantile(1 - ((1 - p) - to_wait))
        assert bound <= split * (1 + 1e-9)
    assert bound >= service.quantile(p) - 1e-12


def test_the_response_bound_lies_above_the_exact_quantile_of_m_m_1() -> None:
    # The response time of M/M/1 is exponential with rate mu - lambda; the bound may not fall below its quantile. A
    # narrow log-normal of the same mean stands for the service, so the wait's tail rules.
    queue = Queue(1, 9.0, 0.1)
    exact = math.log(100) / (10 - 9)
    assert exact * 0.95 < queue.response_quantile_upper(0.99, LogNormal(math.log(0.1), 0.01)) < exact * 1.1


def test_a_response_limit_below_the_service_time_cannot_be_met() -> None:
    service = fit_mean_p99(0.12, 0.4)
    assert service is not None
    assert least_servers_for_response(1000.0, service, p=0.99, limit=0.39) is None
    least = least_servers_for_response(1000.0, service, p=0.99, limit=0.5)
    assert least is not None
    for servers, meets in ((least, True), (least - 1, False)):
        queue = Queue(servers, 1000.0, service.mean(), cs2=service.cv2())
        assert (queue.response_quantile(0.99, service) <= 0.5) is meets


def test_the_convolved_quantile_agrees_with_a_sum_over_equally_likely_service_times() -> None:
    service = fit_mean_p99(0.12, 0.4)
    assert service is not None
    queue = Queue(4, 0.8 * 4 / 0.12, 0.12, cs2=service.cv2())
    values = [service.quantile((i + 0.5) / 50_000) for i in range(50_000)]
    for t in (0.01, 0.1, 0.4, 1.0):
        tail = sum(1.0 if s > t else queue.wait_tail(t - s) for s in values) / len(values)
        assert queue.response_tail(t, service) == pytest.approx(tail, abs=2e-5)
    for p in (0.5, 0.95, 0.99):
        t = queue.response_quantile(p, service)
        assert queue.response_tail(t, service) == pytest.approx(1 - p, rel=1e-6)
        assert service.quantile(p) < t < queue.response_quantile_upper(p, service)


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
        assert queue.response_quantile(p, service) == pytest.approx(responses[int(p * len(responses))], rel=0.04)
