"""The union bound is above what a simulation of the same model shows, and a stage that cannot be avoided refutes."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from fractions import Fraction

import pytest

from seatrial.compiler.semantics.latency import fit_mean_p99, fit_p50_p99
from seatrial.compiler.semantics.queueing import Queue
from seatrial.compiler.verify.flows.even_tails import Stage
from seatrial.compiler.verify.flows.tails import divided

from ..semantics.convolved import response_quantile
from .specs import core, judged, proved, refuted, unknown

SPEC = """fleet f {{
  demand d {{ steady {rate}/s }}
  dependency x {{ latency p50 80ms, p99 300ms }}
  pool p {{ serves d {{ {policy} }}; agents {agents}; each {{ concurrency 4; service mean 60ms, p99 200ms }} }}
  call p -> x {calls} per request {{ {behind} }}
  guarantee latency p95 < {limit}
}}"""


def spec(**values: object) -> str:
    usual = {"rate": 20, "policy": "", "agents": 2, "calls": 1, "behind": "", "limit": "2s"}
    return SPEC.format(**(usual | values))


def _simulated(rate: float, servers: int, calls: float, quantile: float) -> float:
    """One pool whose slots are held through the calls: Poisson arrivals, first come first served."""
    random_ = random.Random(7)
    own, behind = fit_mean_p99(0.06, 0.2), fit_p50_p99(0.08, 0.3)
    assert own is not None and behind is not None
    free = [0.0] * servers
    now, times = 0.0, []
    for _ in range(60_000):
        now += random_.expovariate(rate)
        start = max(now, heapq.heappop(free))
        whole = math.floor(calls) + (random_.random() < calls - math.floor(calls))
        held = random_.lognormvariate(own.mu, own.sigma)
        held += sum(random_.lognormvariate(behind.mu, behind.sigma) for _ in range(whole))
        heapq.heappush(free, start + held)
        times.append(start + held - now)
    return sorted(times)[int(quantile * len(times))]


@pytest.mark.parametrize(("rate", "agents", "calls"), [(20, 2, 1), (40, 2, 1), (20, 3, 2.5), (30, 2, 0.4)])
def test_the_bound_is_above_a_simulation_of_the_model(rate: int, agents: int, calls: float) -> None:
    bound = proved(spec(rate=rate, agents=agents, calls=calls, limit="60s"), "latency/d/p95").bound
    assert bound is not None
    seen = _simulated(rate, agents * 4, calls, 0.95)
    assert seen <= bound <= 4 * seen


def test_a_stage_that_every_request_passes_refutes_alone() -> None:
    # The pool's p95 alone: about 139 ms.
    finding = refuted(spec(limit="120ms"), "latency/d/p95")
    assert "the work of p alone" in finding.witness or "x alone" in finding.witness
    assert "120ms" in core(finding)


def test_a_call_that_some_requests_skip_refutes_nothing() -> None:
    # x alone has p95 at 200 ms, p at 139 ms.
    refuted(spec(limit="190ms", calls=1), "latency/d/p95")
    unknown(spec(limit="190ms", calls="0.9"), "latency/d/p95")


def test_whoever_is_given_up_has_no_answer() -> None:
    free, longer = (proved(spec(behind=one), "latency/d/p95").bound for one in ("timeout 260ms", "timeout 240ms"))
    # Whom x keeps waiting for longer than that is late, so fewer others may be.
    assert free is not None and longer is not None and longer > free
    assert "gives up after 250 ms" in unknown(spec(limit="9s", policy="timeout 250ms"), "latency/d/p95").reason
    assert "gives up after 90 ms" in unknown(spec(limit="9s", behind="timeout 90ms"), "latency/d/p95").reason
    assert proved(spec(behind="timeout 2s"), "latency/d/p95").bound == proved(spec(), "latency/d/p95").bound


def _bound(**values: object) -> Fraction:
    bound = proved(spec(limit="9s", **values), "latency/d/p95").bound
    assert bound is not None
    return bound


def test_what_is_tried_again_because_it_is_late_adds_to_the_load() -> None:
    assert _bound(policy="timeout 9s; try timeout 3s; retry 2") == _bound()
    # Who waits for the tries of another's call has its slots in use for as long.
    once = "try timeout 300ms; retry 1"
    assert [_bound(rate=rate, behind=once) > _bound(rate=rate) for rate in (30, 40, 45)] == [True] * 3
    # A cut after which there is no time for another try is only lost; its caller's callers may try again.
    assert _bound(policy="timeout 9s; retry 1") == _bound(policy="timeout 9s")
    assert _bound(rate=45, policy="timeout 9s; retry 1", behind="timeout 300ms") > _bound(
        rate=45, behind="timeout 300ms"
    )


def test_tries_that_keep_themselves_up_leave_latency_open() -> None:
    hasty = unknown(spec(limit="9s", policy="timeout 9s; try timeout 300ms; retry 2"), "latency/d/p95")
    assert "too many of the tries that p gets may be cut" in hasty.reason
    busy = {"rate": 50, "limit": "9s"}
    assert "tries that p makes" in unknown(spec(**busy, behind="try timeout 300ms; retry 3"), "latency/d/p95").reason


BEHIND = """fleet f {{
  demand d {{ steady 60/s }}
  demand e {{ steady 5/s }}
  pool a {{ serves d {{ timeout 9s; {policy} }}; agents 2; each {{ {each} }} }}
  pool b {{ serves e {{ timeout 9s }}; agents 1; each {{ {each} }} }}
  call a -> b 0.1 per request {{ timeout 9s }}
  guarantee latency p90 < 5s
}}"""


def test_what_lies_behind_tries_that_keep_themselves_up_gets_all_that_agents_turn_over() -> None:
    each = "concurrency 4; service mean 100ms, p99 380ms"
    calm, upset = (judged(BEHIND.format(policy=policy, each=each)) for policy in ("", "try timeout 400ms; retry 3"))
    assert "too many of the tries that a gets" in upset["latency/d/p90"].reason
    before, after = calm["latency/e/p90"].bound, upset["latency/e/p90"].bound
    assert before is not None and after is not None and before < after


def test_agents_that_degrade_turn_over_more() -> None:
    each = "concurrency 4; service mean 100ms, p99 380ms"
    hasty = BEHIND.format(policy="try timeout 400ms; retry 3", each=each)
    quicker = hasty.replace(
        "agents 2;", 'agents 2; degrade to "short" above 90% busy { service mean 80ms, p99 300ms };'
    )
    before, after = (judged(text)["latency/e/p90"].bound for text in (hasty, quicker))
    assert before is not None and after is not None and before < after


def test_more_agents_never_lengthen_the_bound() -> None:
    bounds = [proved(spec(rate=30, agents=agents, limit="60s"), "latency/d/p95").bound for agents in range(2, 9)]
    assert all(a is not None and b is not None and a >= b for a, b in itertools.pairwise(bounds))


def test_an_overloaded_pool_leaves_latency_open() -> None:
    assert "overloaded" in unknown(spec(rate=200, limit="9s"), "latency/d/p95").reason


@pytest.mark.parametrize("p", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize(("servers", "busy"), [(1, 0.5), (4, 0.8), (8, 0.7), (30, 0.95)])
def test_wait_and_service_together_are_bounded_by_their_parts(servers: int, busy: float, p: float) -> None:
    service = fit_mean_p99(0.12, 0.4)
    assert service is not None
    queue = Queue(servers, busy * servers / service.mean(), service.mean(), 1.0, service.cv2())
    stages = [(Stage("wait", queue.wait()), 1.0, 1), (Stage("work", service), 1.0, 1)]
    bound = sum(divided(stages, 1 - p).values())
    exact = response_quantile(queue, p, service)
    assert exact <= bound <= 1.7 * exact
    # No other division of the tail is much better.
    for part in range(1, 100):
        waits = (1 - p) * part / 100
        assert bound <= 1.01 * (queue.wait().quantile_above(waits) + service.quantile(1 - ((1 - p) - waits)))


def test_dividing_a_tail_is_no_worse_than_equal_parts() -> None:
    narrow, wide = fit_mean_p99(0.01, 0.02), fit_mean_p99(0.1, 0.9)
    assert narrow is not None and wide is not None
    times = divided([(Stage("a", narrow), 1.0, 1), (Stage("b", wide), 1.0, 1)], 0.05)
    assert sum(times.values()) <= narrow.quantile(0.975) + wide.quantile(0.975)
    spent = sum(one.above(times[(name, 1.0)]) for name, one in (("a", narrow), ("b", wide)))
    assert spent <= 0.05 + 1e-9


BETWEEN = """fleet f {{
  demand d {{ steady {steady}/s; peak {peak}/s for 1m every 1h }}
  pool p {{
    serves d
    agents 1..50
    each {{ concurrency 2; service mean 100ms, p99 400ms }}
    scale on {target}
  }}
  guarantee latency p99 < 1h
}}"""


@pytest.mark.parametrize("target", ["busy 80%", "rate 15/s per agent", "in flight 2 per agent"])
def test_no_level_between_steady_and_peak_waits_longer(target: str) -> None:
    def bound(steady: int, peak: int) -> float:
        found = proved(BETWEEN.format(steady=steady, peak=peak, target=target), "latency/d/p99").bound
        assert found is not None
        return float(found)

    alone = {rate: bound(rate, rate) for rate in range(10, 121)}
    whole = bound(10, 120)
    assert max(alone.values()) <= whole
    # The ends alone would not do: one agent at its fullest makes longer waits than one at rest, or than many.
    assert max(alone[10], alone[120]) < max(alone.values())
    assert whole < 1.25 * max(alone.values())
