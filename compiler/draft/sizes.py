"""Answers -> the sizes that a fleet may have, from the one with the fewest agents on.

Invariant: each size is at its target at the usual rate and within its bounds at the peak, by the formulas with which
the autoscaler's own behaviour is checked; whether the objectives hold is left to the checker.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from ..semantics.scaling import divided, in_flight, replicas_for_busy_share
from .answers import Answers

BUSY_PERCENT = (60, 50, 40, 30, 20, 10)
"""Targets of the autoscaler, from thrifty to quick."""
ROOM = Fraction(5, 4)
"""The most agents are a quarter more than the peak asks for."""
MOST_AGENTS = 100_000
LOCAL_AGENTS = 12
LOCAL_RATE = 60
"""What one machine can run and send without being the thing that is measured."""
DURATIONS_S = (20, 30, 45, 60, 90, 120, 180, 300)


@dataclass(frozen=True, slots=True)
class Net:
    """What catches a failed request: tries on other agents, and the dead put aside."""

    retries: int
    eject_percent: int


NETS = (Net(2, 34), Net(2, 50), Net(3, 70))
"""A third first: of three agents one, of four no more, so that those who are put aside for being late leave enough."""


@dataclass(frozen=True, slots=True)
class Size:
    """`trial_part` N: the trial runs 1/N of the fleet; `trial_load` None: at the usual rate, else so much of it."""

    busy_percent: int
    agents_min: int
    agents_max: int
    net: Net
    trial_part: int
    trial_load: Fraction | None
    trial_seconds: int


def most_agents(answers: Answers) -> int:
    """Agents that the thriftiest size has at the peak."""
    busy = Fraction(BUSY_PERCENT[0], 100)
    return replicas_for_busy_share(in_flight(answers.peak.value, answers.mean.value), answers.concurrency, busy)


def sizes(answers: Answers, requests_needed: int) -> Iterator[Size]:
    """`requests_needed`: how many requests it takes to be sure of the objective for successes."""
    for percent, more in product(BUSY_PERCENT, (0, 1)):
        low, high = (count + more for count in _bounds(answers, Fraction(percent, 100)))
        if high > MOST_AGENTS:
            return
        # The trial's load is the usual one, at which the fewest agents run.
        part = _part(low)
        local = answers.steady.value / part
        load = None if local <= LOCAL_RATE else _two_figures_down(LOCAL_RATE / local)
        sent = local * (load or 1)
        # Twice what it takes without a failure: under faults there will be some.
        least = math.ceil(2 * requests_needed / sent)
        for seconds in [one for one in DURATIONS_S if one >= least] or [DURATIONS_S[-1]]:
            for net in NETS:
                yield Size(percent, low, high, net, part, load, seconds)


def _bounds(answers: Answers, busy: Fraction) -> tuple[int, int]:
    def agents(rate: Fraction) -> int:
        return replicas_for_busy_share(in_flight(rate, answers.mean.value), answers.concurrency, busy)

    # Three at the least: one may be killed and one be drained while one answers.
    low = max(3, agents(answers.steady.value))
    return low, max(low + 1, math.ceil(agents(answers.peak.value) * ROOM))


def _part(agents: int) -> int:
    """The least 1, 2, 5, 10, 20, … into which so many agents are divided that this machine can run them."""
    part = 1
    steps = (2, Fraction(5, 2), 2)
    at = 0
    while divided(agents, Fraction(1, part)) > LOCAL_AGENTS:
        part = int(part * steps[at % 3])
        at += 1
    return part


def _two_figures_down(share: Fraction) -> Fraction:
    digits = 1
    while share * 10**digits < 10:
        digits += 1
    return Fraction(math.floor(share * 10**digits), 10**digits)
