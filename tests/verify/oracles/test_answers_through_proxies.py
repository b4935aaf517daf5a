"""Small fleets with timeouts, retries, limits and token buckets, run request by request: no larger share has no answer
in time than was proved, and where all were proved to pass hardly anybody is refused. Who is given up has no answer.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from seatrial.compiler.verify import Finding
from seatrial.compiler.verify.flows.analysis import Analysis
from seatrial.compiler.verify.flows.late_tries import loaded

from ..proxied import Caller, Crew, Edge, Policy
from ..simulated import Answer, Clock, Work, arrivals
from ..specs import findings, fleet_of, judged
from .trying import MANY, drawn

_TAILS = {50: 0.5, 95: 0.05, 99: 0.01}


@dataclass(frozen=True, slots=True)
class _Call:
    caller: int
    callee: int | None
    """A later pool, or the dependency."""
    times: float
    policy: Policy

    @property
    def name(self) -> str:
        return f"p{self.caller}->{'dep' if self.callee is None else f'p{self.callee}'}"


@dataclass(frozen=True, slots=True)
class _Pool:
    work: Work
    slots: int
    agents: int


@dataclass(frozen=True, slots=True)
class _Fleet:
    rate: int
    front: Policy
    pools: Sequence[_Pool]
    calls: Sequence[_Call]
    answer: Answer

    @property
    def text(self) -> str:
        lines = [
            f"demand d {{ steady {self.rate}/s }}",
            f"dependency dep {{ latency p50 {self.answer.p50}ms, p99 {self.answer.p99}ms }}",
        ]
        for index, pool in enumerate(self.pools):
            serves = f"serves d {self.front.text}; " if index == 0 else ""
            each = f"concurrency {pool.slots}; service mean {pool.work.mean}ms, p99 {pool.work.p99}ms"
            lines.append(f"pool p{index} {{ {serves}agents {pool.agents}; each {{ {each} }} }}")
        for call in self.calls:
            to = "dep" if call.callee is None else f"p{call.callee}"
            lines.append(f"call p{call.caller} -> {to} {call.times} per request {call.policy.text}")
        lines.append("guarantee latency p50 < 1h, p95 < 1h, p99 < 1h")
        return "fleet f {\n" + "\n".join(lines) + "\n}"

    def run(self, requests: int, seed: int) -> tuple[list[float], list[Edge]]:
        """When the requests had their answers, but for the first tenth; never, if they had none. And the calls, the
        demand's last."""
        clock, chance = Clock(), random.Random(seed)
        crews = [Crew(clock, chance, [Caller() for _ in range(one.agents)], one.slots, one.work) for one in self.pools]
        for call in self.calls:
            to = self.answer if call.callee is None else crews[call.callee]
            crews[call.caller].calls.append(Edge(clock, chance, call.times, to, call.policy))
        front, gateway, took = Edge(clock, chance, 1, crews[0], self.front), Caller(), list[float]()

        def come() -> None:
            came = clock.now
            front.send(gateway, lambda well: took.append(clock.now - came if well else math.inf))

        arrivals(clock, chance, lambda _: self.rate, self.rate, come)
        clock.run(requests / self.rate)
        return took[requests // 10 :], [*(edge for crew in crews for edge in crew.calls), front]


def _drawn(chance: random.Random) -> _Fleet:
    count = chance.choice((1, 1, 2, 2, 3))
    edges = {1: (), 2: ((0, 1),), 3: chance.choice((((0, 1), (1, 2)), ((0, 1), (0, 2))))}[count]
    means = [chance.choice((20, 50, 100, 300)) for _ in range(count)]
    answer, rate = Answer(40, chance.choice((80, 160, 400))), chance.choice((2, 10, 40))
    made = [(caller, callee, chance.choice((0.5, 1, 1.5, 2, 4))) for caller, callee in edges]
    asked = (chance.randrange(count), chance.choice((0.5, 1, 2, 6))) if chance.random() < 0.5 else None
    visits, held = [1.0] + [0.0] * (count - 1), [float(one) for one in means]
    for caller, callee, times in made:
        visits[callee] += visits[caller] * times
    if asked is not None:
        held[asked[0]] += 60 * asked[1]
    for caller, callee, times in sorted(made, key=lambda one: -one[1]):
        held[caller] += 1.2 * times * held[callee]
    busy = chance.choice((0.3, 0.6, 0.8, 0.9, 0.95))
    pools = []
    for index, mean in enumerate(means):
        slots = chance.choice((1, 2, 4, 8))
        agents = max(1, math.ceil(rate * visits[index] * held[index] / 1000 / busy / slots))
        pools.append(_Pool(Work(mean, round(mean * chance.choice((1.2, 1.5, 2, 3, 5)))), slots, agents))
    calls = [_Call(caller, callee, times, _policy(chance, held[callee])) for caller, callee, times in made]
    if asked is not None:
        calls.append(_Call(asked[0], None, asked[1], _policy(chance, answer.p50 * 1.5)))
    return _Fleet(rate, _policy(chance, held[0]), pools, calls, answer)


def _policy(chance: random.Random, usual: float) -> Policy:
    """`usual`: about how long an answer takes, in milliseconds."""
    timeout = round(usual * chance.choice((1.2, 2, 3, 6, 12, 40))) if chance.random() < 0.7 else None
    if chance.random() < 0.6:
        return Policy(timeout)
    single = round(usual * chance.choice((1.2, 2, 3, 6, 12)))
    return Policy(None if timeout is None else max(timeout, single), single, chance.choice((1, 2, 3)))


def _holds(fleet: _Fleet, found: dict[str, Finding], seed: int, requests: int) -> int:
    """How many quantiles were proved, and seen to hold."""
    took: list[float] = []
    held = 0
    for percent, tail in _TAILS.items():
        bound = found[f"latency/d/p{percent}"].bound
        if bound is None:
            continue
        took = took or fleet.run(requests, seed)[0]
        late = sum(one > bound for one in took)
        # Waits come in runs, so that shares of a few thousand are only so good.
        assert late <= 1.3 * tail * len(took) + 15, (late / len(took), fleet.text)
        held += 1
    return held


@drawn(40)
def test_no_larger_share_goes_without_an_answer_than_was_proved(cases: int) -> None:
    held = 0
    for seed in range(100, 100 + cases // 4):
        fleet = _drawn(random.Random(seed))
        held += _holds(fleet, findings(fleet.text), seed, 1_000 if cases < MANY else 6_000)
    assert held > cases // 10


def _narrow(fleet: _Fleet, chance: random.Random) -> _Fleet:
    """The fleet with limits and rates in its calls, and hardly a timeout."""

    def narrow(mean: float) -> Policy:
        timeout = chance.choice((100, 300, 1_000, 3_000)) if chance.random() < 0.2 else None
        limit = chance.choice((2, 4, 8, 12, 16, 24, 32, 48, 64, 100)) if chance.random() < 0.5 else None
        rate = math.ceil(mean * chance.choice((1.1, 1.3, 2, 4)))
        admit = (rate, chance.choice((5, 10, 20, 40, 80))) if chance.random() < 0.5 else None
        return Policy(timeout, limit=limit, admit=admit)

    visits, calls = [1.0] + [0.0] * (len(fleet.pools) - 1), []
    for call in fleet.calls:
        mean = fleet.rate * visits[call.caller] * call.times
        if call.callee is not None:
            visits[call.callee] += visits[call.caller] * call.times
        calls.append(replace(call, policy=narrow(mean / fleet.pools[call.caller].agents)))
    return replace(fleet, front=narrow(fleet.rate), calls=calls)


def _refuses_nobody(fleet: _Fleet, found: dict[str, Finding], seed: int, requests: int) -> int:
    """How many limits and rates were proved to let all pass, and seen to."""
    places = [*(one.name for one in sorted(fleet.calls, key=lambda one: one.caller)), "d->p0"]
    ids = {place: [f"{kind}/{place}" for kind in ("limits", "admits")] for place in places}
    proved = {place: [id for id in ids[place] if id in found and found[id].margin] for place in places}
    if not any(proved.values()):
        return 0
    _, edges = fleet.run(requests, seed)
    for edge, place in zip(edges, places, strict=True):
        if len(proved[place]) == (edge.policy.limit is not None) + (edge.policy.admit is not None):
            assert edge.refused <= 2 + edge.asked / 10_000, (place, edge.refused, edge.asked, fleet.text)
    return sum(map(len, proved.values()))


@drawn(40)
def test_nobody_is_refused_who_was_proved_to_pass(cases: int) -> None:
    held = 0
    for seed in range(200, 200 + cases // 4):
        chance = random.Random(seed)
        fleet = _narrow(_drawn(chance), chance)
        held += _refuses_nobody(fleet, findings(fleet.text), seed, 1_000 if cases < MANY else 8_000)
    assert held > cases // 10


def _limited(fleet: _Fleet, chance: random.Random) -> _Fleet:
    """The fleet with limits, and all that it tries again."""

    def limited(policy: Policy) -> Policy:
        return replace(policy, limit=chance.choice((4, 8, 16, 24, 32, 48, 64, 100)) if chance.random() < 0.7 else None)

    calls = [replace(call, policy=limited(call.policy)) for call in fleet.calls]
    return replace(fleet, front=limited(fleet.front), calls=calls)


@drawn(40)
def test_nobody_is_refused_where_late_tries_load_what_was_proved_to_pass(cases: int) -> None:
    held = 0
    for seed in range(cases):
        chance = random.Random(seed)
        fleet = _limited(_drawn(chance), chance)
        if loaded(Analysis(fleet_of(fleet.text))):
            held += _refuses_nobody(fleet, judged(fleet.text), seed, 1_000 if cases < MANY else 3_000)
    assert held > cases // 10


# What showed that a cut try counted as an answer, and that what is tried again adds no load.
@pytest.mark.parametrize("seed", (4, 16, 26, 35))
def test_what_is_given_up_is_not_answered(seed: int) -> None:
    fleet = _drawn(random.Random(seed))
    _holds(fleet, findings(fleet.text), seed, 1_500)
