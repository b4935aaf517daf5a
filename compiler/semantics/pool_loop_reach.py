"""A pool's autoscaler and an envelope -> an upper bound of the longest wait, over every course of demand, for ever.

Invariant: every state of every allowed course (`pool_loop.course`, readings of age 0, that begins with at least the
agents that the steady level leaves alone) is covered by an element of `Reached.worst`, and no step from one of them
leads out of what it covers. So the bound holds at every sync, whatever the horizon.

Why it stays small: an element holds the least that may have been asked for, the least proposals, the most that waits
and the highest level. Proposals, windows and policies are all monotone in these (a policy's limit is a monotone
function of the count a period ago, and clipping is monotone), tolerance apart, for which the least that a count inside
the band can mean is taken (`_least`). So an element stands for all states that are better off, and only elements that
are worse than all others in something are kept. Abstract interpretation: Cousot and Cousot, POPL 1977; antichains: De
Wulf, Doyen, Henzinger and Raskin, CAV 2006.

Limits: for `queue` nothing is known of the least that waits, so only a pool whose minimum is enough is proved; for
`in flight` those who wait are not counted on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from operator import le
from typing import NamedTuple

from .controller import SYNC_PERIOD_MS
from .envelope import Envelope
from .pool_loop import PoolLoop
from .pool_loop_fast import SYNC_S, TOLERANCE, lowered, raised

MEANS = (24, 48)
"""Parts into which the way from steady to peak is cut: what comes between two syncs lies in one of them. Finer ones are
tried where the coarse ones do not tell."""
COARSE = (6, 12)
"""Fewer parts, which divide `MEANS`: where nobody waits by these nobody does by finer ones, for steps are monotone."""
COARSEST = (2, 3)
CUT = 3
"""Thousandths that readings may fall short of what they stand for, for each agent."""
MOST_ELEMENTS = 1_000
"""Elements that are looked at, for each cut, before it is given up."""
LONGEST_WINDOW = 40
"""Syncs of a stabilisation window that are remembered; forgetting the rest only makes the pool smaller."""

Asked = tuple[int, ...]


class Element(NamedTuple):
    """`asked`: the last counts, the latest first. `proposed`: the highest of the latest one, two, … proposals. `queued`
    is what waits in all, or at the agent that has most where each has a queue of its own (`PoolLoop.apart`)."""

    level: int
    queued: int
    asked: Asked
    proposed: Asked

    def covers(self, other: Element) -> bool:
        level, queued, asked, proposed = self
        other_level, other_queued, other_asked, other_proposed = other
        return (
            queued >= other_queued
            and level >= other_level
            # The latest differ most often.
            and asked[0] <= other_asked[0]
            and proposed[-1] <= other_proposed[-1]
            and (asked == other_asked or all(map(le, asked, other_asked)))
            and (proposed == other_proposed or all(map(le, proposed, other_proposed)))
        )


@dataclass(frozen=True, slots=True)
class Reached:
    """`wait_ms` bounds the longest wait; None where it was given up, with the reason in `open`.

    `means` is the course of means that led to what was too much, the first first.
    """

    wait_ms: int | None
    worst: tuple[Element, ...]
    looked_at: int
    open: str = ""
    means: tuple[int, ...] = ()


def reach(
    loop: PoolLoop, envelope: Envelope, limit_ms: int, most: int = MOST_ELEMENTS, quickest: int | None = None
) -> Reached:
    """Follows every course until nothing new is met, one waits longer than `limit_ms`, or `most` is reached.

    Of all loops at once whose agents answer from `loop.answers_milli` to `quickest` (None: as the loop says), and of
    one that changes from sync to sync: those that are slow answer least, and of those that are quick the fewest are
    asked for.
    """
    first = resting_element(loop, envelope, quickest)
    if first.asked[0] * loop.answers_milli >= envelope.peak:
        # What never falls below this is enough for all that may come.
        return Reached(0, (Element(envelope.peak, 0, first.asked, first.proposed),), 0)
    for parts in COARSE:
        found = _follow(loop, envelope, first, _cells(envelope, parts), limit_ms, most, quickest)
        if found.wait_ms == 0:
            return found
    for parts in MEANS:
        found = _follow(loop, envelope, first, _cells(envelope, parts), limit_ms, most, quickest)
        if found.wait_ms is not None or 0 < len(found.means) < _SOON:
            return found
    for parts in reversed(COARSEST):
        rough = _follow(loop, envelope, first, _cells(envelope, parts), limit_ms, most, quickest)
        if rough.wait_ms is not None:
            return rough
    return found


def surely_waits_less(loop: PoolLoop, envelope: Envelope, limit_ms: int, quickest: int) -> bool:
    """Whether the coarsest cuts tell that nobody waits longer; then `reach` finds a bound, perhaps a lower one.

    Of all loops at once up to `quickest`, as there.
    """
    first = resting_element(loop, envelope, quickest)
    if first.asked[0] * loop.answers_milli >= envelope.peak:
        return True
    return any(
        _follow(loop, envelope, first, _cells(envelope, parts), limit_ms, MOST_ELEMENTS, quickest).wait_ms is not None
        for parts in COARSEST
    )


_SOON = 4
"""What goes wrong after so few syncs goes wrong with any cut."""


def _follow(
    loop: PoolLoop,
    envelope: Envelope,
    first: Element,
    means: list[tuple[int, int]],
    limit_ms: int,
    most: int,
    quickest: int | None = None,
) -> Reached:
    steps = _steps(loop, envelope, limit_ms, quickest)
    kept: list[Element] = [first]
    cover = first
    came_from: dict[Element, tuple[Element, int] | None] = {first: None}
    todo = [first]
    longest = looked_at = 0
    while todo:
        element = todo.pop()
        if element not in came_from:
            continue
        looked_at += 1
        if looked_at > most:
            return Reached(None, tuple(kept), looked_at, f"more than {most:,} states were met", ())
        top, step = envelope.mean(element.level), steps(element)
        for low, high in means:
            if low > top:
                break
            after, wait = step(low, min(high, top))
            longest = max(longest, wait)
            if wait > limit_ms:
                path = (*_path(came_from, element), low)
                return Reached(None, tuple(kept), looked_at, "a course may lead to a longer wait", path)
            # What covered the last one often covers this one too.
            if cover.covers(after):
                continue
            for one in kept:
                if one.covers(after):
                    cover = one
                    break
            else:
                kept = [one for one in kept if not after.covers(one) or one is element]
                kept.append(after)
                came_from.setdefault(after, (element, low))
                todo.append(after)
        todo = [one for one in todo if any(one is other for other in kept)] if len(todo) > 2 * len(kept) else todo
    return Reached(longest, tuple(kept), looked_at)


def resting_element(loop: PoolLoop, envelope: Envelope, quickest: int | None = None) -> Element:
    """The fewest agents that are left alone at the steady level, for as long as anything is remembered."""
    count, least = loop.minimum, _least(loop, quickest)
    while True:
        after = max(count, least(count, envelope.steady, count * loop.answers_milli))
        if after == count:
            break
        count = after
    whole = max(loop.startup_syncs + 2, _syncs(loop.period_s))
    raw = least(count, envelope.steady, count * loop.answers_milli)
    return Element(envelope.steady, 0, (count,) * whole, (raw,) * _window(loop))


def _syncs(seconds: int) -> int:
    return -(-seconds // SYNC_S)


def _window(loop: PoolLoop) -> int:
    return max(1, min(LONGEST_WINDOW, _syncs(loop.down_window_s)))


def _cells(envelope: Envelope, parts: int) -> list[tuple[int, int]]:
    span = envelope.peak - envelope.steady
    edges = sorted({envelope.steady + span * part // parts for part in range(parts + 1)})
    if len(edges) == 1:
        return [(edges[0], edges[0])]
    return list(pairwise(edges))


def _least(loop: PoolLoop, quickest: int | None) -> Callable[[int, int, int], int]:
    """(replicas, mean, capacity) -> the least raw proposal, or the maximum, where at least `replicas` are asked for, at
    least `mean` comes, and each agent answers `quickest` at the most; None: as the loop says."""
    answers, maximum, target = quickest or loop.answers_milli, loop.maximum, loop.target_milli
    content = target * (1 + TOLERANCE) * (1 + 1e-12)
    by_rate, by_queue = loop.signal == "rate", loop.signal not in ("rate", "busy", "in flight")
    each = 1000 * loop.concurrency if loop.signal == "in flight" else 1000

    def least(replicas: int, mean: int, capacity: int) -> int:
        if by_queue:
            return 0
        total = mean if by_rate else min(mean, capacity) * each // answers
        # Each reading is cut to a whole thousandth, and so is their mean. Who stays as he is has so few agents that
        # these show no more than the tolerance.
        stays = max(replicas, ceil(total / (content + CUT)))
        return min(maximum, ceil(max(0, total - CUT * maximum) / target), stays)

    return least


Step = Callable[[int, int], tuple[Element, int]]


def _steps(loop: PoolLoop, envelope: Envelope, limit_ms: int, quickest: int | None) -> Callable[[Element], Step]:
    """What follows an element when between `low` and `high` come a second on average until the next sync, and the
    longest wait.

    An element is a pool just after a sync: agents become ready, requests come, and the next sync decides.
    """
    whole, rest, answers = loop.startup_syncs, loop.startup_rest_ms, loop.answers_milli
    period, percent, fewest, largest = _syncs(loop.period_s) - 1, loop.percent, loop.minimum, loop.maximum
    apart = loop.apart
    # A grid makes finitely many of what waits; it is rounded up.
    grid = max(1, limit_ms * (answers if apart else loop.answered_at_least) // 64)
    by_rate, at_once, least = loop.signal == "rate", loop.up_window_s == 0, _least(loop, quickest)

    def steps(element: Element) -> Step:
        level, waiting, asked, highest = element
        last_ready = min(asked[: whole + 1])
        first_ready = min(last_ready, asked[whole + 1]) if rest else last_ready
        first, last = first_ready * answers, last_ready * answers
        capacity = first * rest + last * (SYNC_PERIOD_MS - rest)
        most = envelope.above(level)
        replicas, base = asked[0], asked[period]
        above = min(max(raised(base, percent), replicas), largest)
        below = max(min(lowered(base, percent), replicas), fewest)
        before, remembered = highest[:-1], asked[:-1]

        def step(low: int, high: int) -> tuple[Element, int]:
            excess = envelope.excess(level, high, first)
            # In the first part no more comes than at the highest rate, or than in all.
            came = min(most * rest, high * SYNC_PERIOD_MS)
            if apart:
                # Each gets an equal part, and the fewer there are the larger ones; who comes later takes nothing over.
                excess = -(-excess // first_ready)
                meanwhile = min(waiting + excess, max(waiting - answers * rest + -(-came // first_ready), excess))
                part = -(-came // first_ready) + -(-(high * SYNC_PERIOD_MS - came) // last_ready)
                queued = max(0, waiting + part - answers * SYNC_PERIOD_MS, excess)
                wait = -(-max(queued, meanwhile if rest else 0) // answers)
            else:
                queued = max(0, waiting + high * SYNC_PERIOD_MS - capacity, excess)
                wait = -(-queued // last)
                if rest:
                    # When the first part is over.
                    meanwhile = min(waiting + excess, max(waiting + came - first * rest, excess))
                    wait = max(wait, -(-meanwhile // first))
            queued = -(-queued // grid) * grid
            # Where the rate rises, they are as busy at least as if the last had been there all the time: a new one
            # shows what it does once it is there, and then more comes. Where it falls, what waits is answered later.
            busy = envelope.answered(low, most, last)
            if low < last:
                busy = min(busy, capacity // SYNC_PERIOD_MS)
            raw = least(replicas, low if by_rate else busy, last)
            # The highest of more proposals is no lower.
            lower = bisect_left(before, raw)
            proposed = (raw,) * (lower + 1) + before[lower:]
            stable = max(replicas, raw) if at_once else replicas
            stable = min(stable, proposed[-1])
            desired = min(stable, above) if stable > replicas else max(stable, below)
            return Element(envelope.end(level, high), queued, (desired, *remembered), proposed), wait

        return step

    return steps


def _path(came_from: dict[Element, tuple[Element, int] | None], element: Element) -> tuple[int, ...]:
    means = []
    here: Element | None = element
    while here is not None:
        before = came_from[here]
        if before is None:
            break
        here, mean = before
        means.append(mean)
    return tuple(reversed(means))
