"""A rise in demand and an autoscaler's rules -> when the agents that it needs are there, and who waits meanwhile.

Invariant: what is computed here is what `hpa.step` does under the same rules: both call `limit_up`.

Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/. Times in seconds, except where a
name ends in `_ms`.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol, TypeVar

from .controller import SYNC_PERIOD_MS
from .hpa_behavior import Behavior, ScaleEvent, limit_up, store_event
from .scaling import MAX_PERIOD_S

Number = TypeVar("Number", Fraction, float)

METRIC_DELAY_S = 15
"""How old a metric may be when it is read: metrics-server's `--metric-resolution`, and a usual scrape interval of an
adapter over Prometheus. An assumption: no spec states it."""


@dataclass(frozen=True, slots=True)
class Growth:
    """`lag`: the longest time for which agents are asked for by the demand before they are ready. `rungs`: how many are
    ready from when on, in seconds from the beginning of the rise."""

    lag: Fraction
    rungs: tuple[tuple[Fraction, int], ...]


class Need(Protocol):
    """The agents that a demand asks for while it rises; times in milliseconds from its beginning."""

    def at(self, ms: int | Fraction) -> int:
        """Agents at this time; never falls."""

    def since(self, count: int) -> int:
        """When `count` agents begin to be needed, to a tenth of a second downwards, not below 0."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """A need given by a function of seconds that never falls, up to `until`."""

    needed: Callable[[Fraction], int]
    until: Fraction

    def at(self, ms: int | Fraction) -> int:
        return self.needed(Fraction(ms, 1000))

    def since(self, count: int) -> int:
        low, high = -1, math.ceil(self.until * 10)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.needed(Fraction(middle, 10)) >= count else (middle, high)
        return max(low, 0) * 100


@dataclass(frozen=True, slots=True)
class Stepped:
    """A need of `start` agents, of one more after each of these tenths of a second, and of no more than the last."""

    start: int
    after: tuple[int, ...]
    """Never falling; the last tenth of a second at which the agents before are enough, below 0 for none."""

    def at(self, ms: int | Fraction) -> int:
        return self.start + bisect_left(self.after, ms / 100)

    def later(self, tenths: int) -> Stepped:
        """The same, with a rise that begins so much later."""
        return Stepped(self.start, tuple(one if one < 0 else one + tenths for one in self.after))

    def since(self, count: int) -> int:
        return max(0, self.after[min(count - self.start, len(self.after)) - 1]) * 100


def growth(
    needed: Callable[[Fraction], int],
    steady_after: Fraction,
    start: int,
    behavior: Behavior,
    *,
    startup: Fraction,
    metric_delay: Fraction = Fraction(0),
    full_share: Fraction | None = None,
    sync_ms: int = SYNC_PERIOD_MS,
) -> Growth | None:
    """How an autoscaler follows a rise in demand that begins just after a sync.

    `needed`, which never falls, gives the agents that the demand asks for at each time, from 0 to `steady_after`, when
    it stops rising. A sync every `sync_ms` asks for what was needed `metric_delay` ago, within the behavior's rules.
    `full_share`, for a signal that is a share of the agents' slots: the target and the tolerance over it; such a signal
    ends at 1, so what is asked for is bounded by the agents that were ready, over the target, and nothing is while that
    is within the tolerance of all that there are. Below both is what the ready ones are enough for, over `full_share`,
    the highest bound that never falls as agents are added. None when the rules never get there.
    """
    need = Sampled(needed, steady_after)
    return _grown(need, steady_after, start, behavior, startup, metric_delay, full_share, sync_ms)


def _later(needed: Callable[[Fraction], int], late: Fraction, until: Fraction) -> Sampled:
    return Sampled(lambda time: needed(max(Fraction(0), time - late)), until)


def _grown(
    need: Need,
    steady_after: Fraction,
    start: int,
    behavior: Behavior,
    startup: Fraction,
    metric_delay: Fraction,
    full_share: Fraction | None,
    sync_ms: int,
) -> Growth | None:
    found = followed(
        need,
        _ms(steady_after),
        start,
        behavior,
        startup_ms=_ms(startup),
        delay_ms=_ms(metric_delay),
        full_share=full_share,
        sync_ms=sync_ms,
    )
    if found is None:
        return None
    lag, rungs = found
    return Growth(Fraction(lag) / 1000, tuple((Fraction(since) / 1000, count) for since, count in rungs))


def _ms(seconds: Fraction) -> int | Fraction:
    """Whole where it can be: sums of whole numbers are many times faster."""
    ms = seconds * 1000
    return ms.numerator if ms.denominator == 1 else ms


Ms = int | Fraction


def followed(
    need: Need,
    until_ms: Ms,
    start: int,
    behavior: Behavior,
    *,
    startup_ms: Ms,
    delay_ms: Ms = 0,
    full_share: Fraction | None = None,
    sync_ms: int = SYNC_PERIOD_MS,
) -> tuple[Ms, list[tuple[Ms, int]]] | None:
    """`growth` in milliseconds: its lag and its rungs."""
    goal = need.at(until_ms)
    current, now = start, sync_ms
    lag: Ms = 0
    events: tuple[ScaleEvent, ...] = ()
    rungs: list[tuple[Ms, int]] = [(0, start)]
    # Times and counts of rungs only grow: those that are ready are found from where they were before.
    stuck = reached = 0
    while current < goal:
        seen = now - delay_ms
        # What is as old as the rise itself may be from before it.
        asked = need.at(min(seen, until_ms)) if seen > 0 else start
        if full_share is not None:
            while reached + 1 < len(rungs) and rungs[reached + 1][0] <= seen:
                reached += 1
            ready = rungs[reached][1]
            asked = min(asked, -(-ready * full_share.denominator // full_share.numerator))
        after = min(asked, limit_up(current, events, (), behavior.up, now))
        if after > current:
            events = store_event(events, after - current, behavior.up, now)
            there = now + startup_ms
            lag = max(lag, there - need.since(current + 1))
            rungs.append((there, after))
            current, stuck = after, 0
        elif seen >= until_ms and rungs[-1][0] <= seen:
            stuck += 1
            if stuck > _MOST_IDLE_SYNCS:
                return None
        now += sync_ms
        if asked <= current and seen < until_ms:
            # Nothing is asked for before the demand needs one agent more: go to the first sync that may see it.
            later = need.since(current + 1) + delay_ms
            now = max(now, -(-math.floor(later) // sync_ms) * sync_ms)
    window = (behavior.up.window_s or 0) * 1000
    return lag + window, [(since + window if since else since, count) for since, count in rungs]


_MOST_IDLE_SYNCS = MAX_PERIOD_S * 1000 // SYNC_PERIOD_MS + 1
"""No rule forbids a step for longer than the longest period."""


def latest_growth(
    needed: Callable[[Fraction], int],
    steady_after: Fraction,
    start: int,
    behavior: Behavior,
    *,
    startup: Fraction,
    metric_delay: Fraction = Fraction(0),
    full_share: Fraction | None = None,
    sync_ms: int = SYNC_PERIOD_MS,
    steps: Stepped | None = None,
) -> Growth | None:
    """An upper bound of `growth` over all instants between two syncs at which the rise may begin.

    A rise at once is worst just after a sync. A slope is looked at for several beginnings: one between two of them is
    followed no later than the later one, and what it needs is needed no sooner than with the earlier one, so the
    largest lag and the distance between them bound it. The rungs are those of a beginning just after a sync, a sync
    later. `steps`, where they are known, say the same as `needed`, and faster.
    """
    sync = Fraction(sync_ms, 1000)
    parts = BEGINNINGS + 1 if steady_after > 0 else 1
    found = []
    for part in range(parts):
        late = sync * part / BEGINNINGS
        need: Need = _later(needed, late, steady_after + late)
        if steps is not None and (late * 10).denominator == 1:
            need = steps.later(int(late * 10))
        one = _grown(need, steady_after + late, start, behavior, startup, metric_delay, full_share, sync_ms)
        if one is None:
            return None
        found.append(one)
    first = found[0]
    if steady_after == 0 or len(first.rungs) == 1:
        return first
    lag = max(one.lag for one in found) + sync / BEGINNINGS
    return Growth(lag, (first.rungs[0], *((since + sync, count) for since, count in first.rungs[1:])))


BEGINNINGS = 3
"""Of a slope, between two syncs."""


def most_waiting(
    rungs: Sequence[tuple[Number, int | Fraction]],
    rate: Callable[[Number], Number],
    per_agent: Number,
    until: Number,
    *,
    apart: bool = False,
) -> tuple[Number, Number]:
    """The most requests that wait at once while agents come (`Growth.rungs`), and the longest that one of them waits.

    A fluid model: `rate` a second arrive and never fewer than before, each agent answers `per_agent` a second. Between
    two rungs the rate is taken as its last, so both are upper bounds. Exact, or in doubles. `apart`: what came to an
    agent waits there, as where proxies send each request to one at once; who comes later takes nothing of it over, and
    at least an equal part of what comes then.
    """
    none: Number = until * 0
    most = longest = none
    for queues in _queues(rungs, rate, per_agent, until, apart):
        # Who is there longest has most.
        most, longest = max(most, _in_all(queues, none)), max(longest, queues[0][1] / per_agent)
    return most, longest


_MOST_QUEUES = 300


def _merged(queues: list[tuple[int | Fraction, Number]]) -> list[tuple[int | Fraction, Number]]:
    """Those where nobody waits, who came last, are one from now on; of very many each two are taken to have what
    the longer one has. In a rise of days agents come at each sync."""
    while len(queues) > 1 and not queues[-2][1] and not queues[-1][1]:
        queues[-2:] = [(queues[-2][0] + queues[-1][0], queues[-1][1])]
    if len(queues) <= _MOST_QUEUES:
        return queues
    odd = queues[-1:] if len(queues) % 2 else []
    pairs = zip(queues[::2], queues[1::2], strict=False)
    return [(first[0] + last[0], first[1]) for first, last in pairs] + odd


def _queues(
    rungs: Sequence[tuple[Number, int | Fraction]],
    rate: Callable[[Number], Number],
    per_agent: Number,
    until: Number,
    apart: bool,
) -> Iterator[list[tuple[int | Fraction, Number]]]:
    """What waits as each rung ends, the last one when no more comes than before: so many agents, and as much for each
    of them; who came first, first."""
    none: Number = until * 0
    ends = [since for since, _ in rungs[1:]]
    ends.append(max(until, rungs[-1][0]))
    queues: list[tuple[int | Fraction, Number]] = []
    there: int | Fraction = 0
    for (since, count), end in zip(rungs, ends, strict=True):
        if not apart:
            queues = [(count, _in_all(queues, none) / count)]
        elif count > there:
            queues.append((count - there, none))
        there = count
        more = (rate(end) / count - per_agent) * (end - since)
        queues = _merged([(agents, max(none, waiting + more)) for agents, waiting in queues])
        yield queues


def _in_all(queues: list[tuple[int | Fraction, Number]], none: Number) -> Number:
    found = none
    for agents, waiting in queues:
        found += waiting * agents
    return found


@dataclass(frozen=True, slots=True)
class Piled:
    """`most` requests wait at once, one for `wait` seconds, and nobody any more `over` seconds after the rise began
    (None: never). `rungs`: the most that comes to so many agents, requests per second."""

    most: Fraction
    wait: Fraction
    over: Fraction | None
    rungs: tuple[tuple[Fraction, int | Fraction], ...]


def piled_up(
    rungs: Sequence[tuple[Fraction, int | Fraction]],
    rate: Callable[[Fraction], Fraction],
    per_agent: Fraction,
    until: Fraction,
    *,
    apart: bool = False,
) -> Piled:
    """The fluid of `most_waiting`, with what comes of it in the end."""
    most, wait = most_waiting(rungs, rate, per_agent, until, apart=apart)
    end = max(until, rungs[-1][0])
    left = list(_queues(rungs, rate, per_agent, until, apart))[-1]
    seen = [(rate(to), count) for (_, count), to in zip(rungs, [*(when for when, _ in rungs[1:]), end], strict=True)]
    spare, queued = per_agent - rate(end) / rungs[-1][1], left[0][1]
    over = end + queued / spare if spare > 0 else end if not queued else None
    return Piled(most, wait, over, tuple(seen))
