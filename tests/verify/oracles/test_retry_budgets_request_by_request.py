"""Agents are killed behind retry budgets, and each request is run with its tries: nobody waits longer than before
after the time that was proved.

Each calling agent's proxy has a budget of its own, by Envoy's rule, and a demand's gateway has one.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from ..simulated import Clock
from ..specs import findings
from ..struck import Agent, Budget, Proxy, Struck
from .trying import cases

_STRUCK_S, _STARTUP_S, _LONGEST_S = 20.0, 10, 150
_WORK_MS = 100


@dataclass(frozen=True, slots=True)
class _Fleet:
    """Pool x calls z, of which agents are killed; where x has no agents, the demand calls it."""

    rate: int
    callers: int
    agents: int
    killed: int
    retries: int
    percent: int
    backoff: int
    """Milliseconds before each retry, at the longest."""

    @property
    def text(self) -> str:
        policy = (
            f"timeout 1m; try timeout 1s; retry {self.retries} {{ backoff {self.backoff}ms up to {self.backoff}ms; "
            f"budget {self.percent}% }}"
        )
        each = f"service mean {_WORK_MS}ms, p99 {_WORK_MS}ms; startup {_STARTUP_S}s"
        serves, call = f"serves d {{ {policy} }}; ", ""
        if self.callers:
            call = f"pool x {{ serves d {{ timeout 1h }}; agents {self.callers}; each {{ concurrency 64; {each} }} }}\n"
            call += f"call x -> z {{ {policy} }}"
            serves = ""
        return f"""fleet f {{
  demand d {{ steady {self.rate}/s }}
  pool z {{ {serves}agents {self.agents}; each {{ concurrency 1; {each} }} }}
  {call}
  guarantee recovery within 24h
  trial t {{ duration 7200s; kill {self.killed} agents of z at {_STRUCK_S:g}s }}
}}"""

    def run(self, seconds: float) -> list[tuple[float, float]]:
        """(when, for how long) requests waited."""
        clock, chance = Clock(), random.Random(0)
        back = Struck(clock, [Agent() for _ in range(self.agents)], 1, _WORK_MS / 1000, _STARTUP_S)
        budget = Budget(self.percent / 100, self.callers or 1, self.backoff / 1000)
        first = tries = Proxy(clock, chance, back, "least loaded", 1.0, self.retries, budget=budget)
        pools = [back]
        if self.callers:
            front = Struck(clock, [Agent() for _ in range(self.callers)], 64, _WORK_MS / 1000, _STARTUP_S)
            front.calls, first = [(tries, 1)], Proxy(clock, chance, front)
            pools.append(front)

        def come() -> None:
            first.send(lambda _: None)
            clock.after(1 / self.rate, come)

        come()
        clock.after(_STRUCK_S, lambda: back.kill(chance.sample(back.agents, self.killed), listed=False))
        clock.run(seconds)
        return [one for pool in pools for one in (*pool.waits, *pool.waiting())]


def _drawn(chance: random.Random) -> _Fleet:
    rate = chance.choice((20, 50, 100))
    agents = round(rate * _WORK_MS / 1000 / chance.choice((0.35, 0.5, 0.7, 0.85)))
    return _Fleet(
        rate,
        callers=chance.choice((0, 2, 10, 40)),
        agents=agents,
        killed=max(2, round(agents * chance.choice((0.3, 0.5, 0.8)))),
        retries=chance.choice((1, 2, 3)),
        percent=chance.choice((5, 10, 20, 50)),
        backoff=chance.choice((25, 250, 2000)),
    )


_MANY_PROXIES = _Fleet(100, callers=40, agents=13, killed=6, retries=2, percent=20, backoff=25)
"""Of 2 or 3 calls in flight in each proxy 20 % are none, and three retries may run: each call is tried three times."""
_ONE_GATEWAY = _Fleet(50, callers=0, agents=10, killed=5, retries=2, percent=20, backoff=2000)


@cases
def test_nobody_waits_any_more_when_it_is_recovered_from(cases: int) -> None:
    @settings(max_examples=cases)
    @example(_MANY_PROXIES)
    @example(_ONE_GATEWAY)
    @given(st.integers(0, 2**32).map(lambda seed: _drawn(random.Random(seed))))
    def check(fleet: _Fleet) -> None:
        bound = findings(fleet.text)["recovery"].bound
        if bound is None or bound > _LONGEST_S:
            return
        until = _STRUCK_S + float(bound) * 1.05 + 2 * _WORK_MS / 1000
        late = [one for one in fleet.run(until + 60) if one[0] > until and one[1] > 2 * _WORK_MS / 1000]
        assert not late, (late[:3], float(bound), fleet.text)

    check()


def test_a_budget_is_credited_where_proxies_are_busy_and_not_where_they_are_quiet() -> None:
    assert findings(_ONE_GATEWAY.text)["recovery"].status is Status.PROVED
    said = findings(_MANY_PROXIES.text)["recovery"]
    assert said.status is Status.UNKNOWN and "2.31 times as much to do as it can" in said.reason
