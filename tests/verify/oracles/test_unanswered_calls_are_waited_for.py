"""Calls of which a share never gets an answer, followed through small fleets with timeouts and retries: how many slots
are wanted where nobody waits for one, from every course that a request can take with its chance."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from dataclasses import dataclass

from seatrial.compiler.verify import Status
from seatrial.compiler.verify.check import statuses

from ..specs import fleet_of
from .trying import cases

Course = tuple[float, bool]
"""Seconds until it is over, and whether with an answer."""
_PAUSE_S = 0.001


@dataclass(frozen=True, slots=True)
class _Policy:
    timeout: int | None
    single: int | None
    retries: int

    @property
    def text(self) -> str:
        said = [] if self.timeout is None else [f"timeout {self.timeout}ms"]
        said += [] if self.single is None else [f"try timeout {self.single}ms"]
        said += [f"retry {self.retries} {{ backoff 2ms up to 2ms }}"] if self.retries else []
        return f"{{ {'; '.join(said)} }}"

    def outcome(self, one: dict[Course, float]) -> tuple[dict[Course, float], float]:
        """All courses of a call, from those of a try, and the tries made in the mean."""
        whole = math.inf if self.timeout is None else self.timeout / 1000
        most = math.inf if self.single is None else self.single / 1000
        found: dict[Course, float] = defaultdict(float)
        open_, made = {0.0: 1.0}, 0.0
        for number in range(1 + self.retries):
            failed: dict[float, float] = defaultdict(float)
            for began, chance in open_.items():
                made += chance
                for (lasts, well), of in one.items():
                    end, done = began + min(lasts, most), well and lasts <= most
                    if end >= whole:
                        found[whole, False] += chance * of
                    elif done:
                        found[end, True] += chance * of
                    elif number == self.retries or end + _PAUSE_S >= whole:
                        found[end, False] += chance * of
                    else:
                        failed[round(end + _PAUSE_S, 6)] += chance * of
            open_ = failed
        return dict(found), made


@dataclass(slots=True)
class _Fleet:
    rate: int
    agents: list[int]
    slots: list[int]
    works: list[int]
    calls: list[tuple[int, int, float, _Policy]]
    """Caller, -1 the demand; callee, which behind the last pool is the dependency; how often; by which rules."""
    lost: int

    @property
    def text(self) -> str:
        lines = [f"demand d {{ steady {self.rate}/s }}", "dependency x { latency p50 10ms, p99 10ms }"]
        for index, (agents, slots, work) in enumerate(zip(self.agents, self.slots, self.works, strict=True)):
            serves = next((f"serves d {one[3].text}; " for one in self.calls if one[:2] == (-1, index)), "")
            each = f"concurrency {slots}; service mean {work}ms, p99 {work}ms"
            lines.append(f"pool p{index} {{ {serves}agents {agents}; each {{ {each} }} }}")
        for caller, callee, times, policy in self.calls:
            if caller >= 0:
                name = f"p{callee}" if callee < len(self.agents) else "x"
                lines.append(f"call p{caller} -> {name} {times:g} per request {policy.text}")
        return "\n  ".join(["fleet f {", *lines, f"survive {self.lost}% of calls to x unanswered"]) + "\n}"

    def wanted(self, *, stops: bool) -> list[float]:
        """Slots of each pool; whether a request ends when one of its calls has failed is not stated."""
        count = len(self.agents)
        courses: list[dict[Course, float]] = [{} for _ in range(count)]
        courses.append({(math.inf, False): self.lost / 100, (0.01, True): 1 - self.lost / 100})
        tries: dict[tuple[int, int], float] = {}
        for index in reversed(range(count)):
            mine: dict[Course, float] = {(self.works[index] / 1000, True): 1.0}
            for caller, callee, times, policy in self.calls:
                if caller != index:
                    continue
                call, made = policy.outcome(courses[callee])
                tries[caller, callee] = 0.0
                whole = int(times)
                for chance in [1.0] * whole + ([times - whole] if times > whole else []):
                    after: dict[Course, float] = defaultdict(float)
                    for (came, well), of in mine.items():
                        if not well and stops:
                            after[came, well] += of
                            continue
                        tries[caller, callee] += of * chance * made
                        after[came, well] += of * (1 - chance)
                        for (lasts, good), part in call.items():
                            after[round(came + lasts, 6), well and good] += of * chance * part
                    mine = {key: value for key, value in after.items() if value > 0}
            courses[index] = mine
        arriving = [0.0] * (count + 1)
        for index in range(-1, count):
            for caller, callee, _, policy in self.calls:
                if caller == index:
                    made = policy.outcome(courses[callee])[1] if caller < 0 else tries[caller, callee]
                    arriving[callee] += (self.rate if caller < 0 else arriving[caller]) * made
        return [
            arriving[index] * sum(lasts * chance for (lasts, _), chance in courses[index].items())
            if arriving[index]
            else 0.0
            for index in range(count)
        ]


_SHAPES = (((0, 1),), ((0, 1), (1, 2)), ((0, 1), (1, 2)), ((0, 1), (0, 2), (1, 2)), ((0, 1), (0, 2), (1, 3), (2, 3)))
"""Who calls whom; the last is the dependency."""


def _drawn(chance: random.Random) -> _Fleet:
    edges = chance.choice(_SHAPES)
    count = max(callee for _, callee in edges)
    calls = [(-1, 0, 1.0, _policy(chance))]
    calls += [(*edge, chance.choice((0.3, 1, 1, 2, 1.5)), _policy(chance)) for edge in edges]
    works = [chance.choice((10, 50)) for _ in range(count)]
    slots_ = [chance.choice((1, 4)) for _ in range(count)]
    fleet = _Fleet(chance.choice((5, 20, 50)), [1] * count, slots_, works, calls, chance.choice((2, 10, 50)))
    for index, slots in enumerate(fleet.wanted(stops=chance.random() < 0.5)):
        more = chance.choice((0.5, 0.9, 1, 1.1, 1.3, 2, 4)) * (slots if math.isfinite(slots) else 10)
        fleet.agents[index] = max(1, min(500, math.ceil(more / fleet.slots[index])))
    return fleet


def _policy(chance: random.Random) -> _Policy:
    retries = chance.choice((0, 0, 1, 2, 4))
    single = chance.choice((None, 100, 300, 1000))
    timeout = chance.choice((None, 200, 1000, 4000))
    if single is not None and timeout is not None and single > timeout:
        single = None
    return _Policy(timeout, single, retries)


@cases
def test_no_more_slots_are_wanted_than_was_proved(cases: int) -> None:
    told: dict[Status, int] = defaultdict(int)
    for seed in range(cases):
        fleet = _drawn(random.Random(seed))
        text = fleet.text
        found = statuses(fleet_of(text))
        ways = zip(fleet.wanted(stops=False), fleet.wanted(stops=True), strict=True)
        for index, slots in enumerate(map(max, ways)):
            have, status = fleet.agents[index] * fleet.slots[index], found[f"unanswered/x/p{index}"]
            told[status] += 1
            assert status is not Status.PROVED or slots < have, f"proved, {slots} of {have}:\n{text}"
            assert status is not Status.REFUTED or slots >= have - 1e-6, f"refuted, {slots} of {have}:\n{text}"
    assert all(told[status] for status in Status), told
