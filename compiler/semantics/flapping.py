"""An autoscaler that takes agents away and adds them again -> the most pods of its pool that are there at a time.

Invariant: no course of metrics makes `hpa.step` have more pods there than the maximum and all that goes in one of the
`falls`, under the behavior that `scaling.behavior_of` makes.

A pod that was told to leave is there until its grace period is over. So the removals of as many syncs as begin within
a grace period are there beside what is added in them. After a growth nothing is removed for the scale-down window: its
proposal is the highest of the window. Where the window is no shorter than the grace period, a pool shrinks once and
then grows, and the worst is the lowest count from which it is back at its maximum in time. A policy counts from what
was there a period ago, so that with a period of several syncs what has just been removed may come back at once.

A rolling update meanwhile (`updated_pods`): the Deployment's controller holds its size and the surge of it, each time
that the size changes (all revisions in proportion), of which the autoscaler knows nothing, so that what shrinks and
grows is the sizes with their surges. Beside that an update replaces pods, by ones that become available; none that was
started within a grace period does (`updates.ready_seconds`), so that after a surge's worth at the first size only each
step down lets more of them go: no more than the step, for as many new ones go with it, and no more than its surge.

Source: as `hpa_behavior` and `updates`; `scale` and `rolloutRolling` in pkg/controller/deployment; Kubernetes, "Pod
Lifecycle" (termination). Limits: a sync each 15 s exactly; a pod is gone when its grace period is over; no restart of
the autoscaler, which forgets what it did; the Deployment's controller acts at once, and what it makes and takes back at
once was no pod; one update at a time, and a grace period between two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from .activation import SEEN_AFTER_S
from .controller import SYNC_PERIOD_MS
from .hpa_behavior import Behavior, percent_down, percent_up
from .updates import most_pods, placed_pods, surge


class Fall(NamedTuple):
    """From its maximum a pool goes down by `steps` syncs at the most and is back at it, so many agents at a time, so
    often within a grace period."""

    agents: int
    steps: int
    times: int = 1


@lru_cache(maxsize=4096)
def updated_pods(minimum: int, maximum: int, behavior: Behavior, grace_s: int) -> int:
    """Pods at the worst moment with a rolling update at any time, 0 <= minimum <= maximum: at least what an update has
    at the maximum."""
    most = most_pods(maximum)
    if minimum >= maximum:
        return most
    replaced = [_replaced(maximum, maximum, syncs_of(grace_s))]
    for fall in falls(minimum, maximum, behavior, grace_s):
        # Of a size x with its surge, a quarter more and rounded up, a step of y moves no more than of a size y.
        moved = fall.times * placed_pods(fall.agents)
        lowest = maximum - fall.agents if fall.times == 1 else maximum
        replaced.append(moved + _replaced(maximum, lowest, fall.steps))
    return most + max(replaced)


def _replaced(maximum: int, lowest: int, steps: int) -> int:
    """Pods that an update replaces on so many steps down, the last of them to `lowest` or less: no more than a step and
    than the surge of where it ends. Worst are steps that are as large as that surge."""
    count = maximum
    for _ in range(steps - 1):
        count -= _as_its_surge(count)
    return maximum - count + min(_as_its_surge(count), surge(lowest))


def _as_its_surge(count: int) -> int:
    """The largest step down from `count` that is no larger than the surge of what it leaves."""
    return (count + 3) // 5


def falls(minimum: int, maximum: int, behavior: Behavior, grace_s: int) -> list[Fall]:
    """The ways down that a grace period has room for, the worst among them. The largest is the least such bound where
    there is room for one cycle, above it at most where there is for several. A pool that may be empty (`activation`)
    loses all its agents at once, and may have them all again."""
    spell = syncs_of(grace_s)
    if spell < 2 or minimum >= maximum:
        return []
    (policy,) = behavior.down.policies
    pause, period = max(1, syncs_of(behavior.down.window_s or 0)), syncs_of(policy.period_s)
    cycles = 1 + (spell - 2) // (pause + 1)
    if minimum == 0:
        # KEDA's polls lie between the syncs, and what it found active a metric's age and a poll before a growth.
        return [Fall(maximum, spell + 1, 1 + (spell - 1) // max(1, pause - syncs_of(SEEN_AFTER_S)))]
    if period > pause:
        # A count that was there for one sync is the base of a step a period later, and bases drift without end.
        return [Fall(maximum - minimum, spell - 1, cycles)]
    if cycles > 1:
        lowest = _after(maximum, policy.value, -(-(spell - 1) // period))
        return [Fall(maximum - max(minimum, lowest), spell - 1, cycles)]
    turned = _turned(maximum, policy.value, period, spell)
    return [Fall(maximum - max(minimum, lowest), steps) for steps, lowest in turned]


def drained_seconds(minimum: int, maximum: int, behavior: Behavior, grace_s: int, horizon_s: int) -> int:
    """Pod-seconds in any `horizon_s` beside those of `maximum` pods all the time, at most.

    Who is sent away is there for its grace period, and what takes its place comes a sync later at the earliest. A pool
    shrinks by no more than all that may go between two growths, and these lie a window and a sync apart.
    """
    if minimum >= maximum:
        return 0
    pause, away = max(1, syncs_of(behavior.down.window_s or 0)) + 1, SYNC_PERIOD_MS // 1000
    if minimum == 0:
        pause, away = max(1, pause - 1 - syncs_of(SEEN_AFTER_S)), 0
    turns = 1 + (horizon_s + grace_s) * 1000 // (pause * SYNC_PERIOD_MS)
    return turns * (maximum - minimum) * max(0, grace_s - away)


def _turned(maximum: int, percent: int, period: int, spell: int) -> Iterator[tuple[int, int]]:
    """By how many syncs a pool goes down from its maximum, and the lowest count to which it can go in them and from
    which it is back within `spell` syncs."""
    back = [maximum]
    for growing in range(1, spell):
        rounds, shrinking = -(-growing // period), spell - growing
        if rounds == len(back):
            back.append(_least_before(back[-1], percent))
        if period == 1:
            yield shrinking, max(_after(maximum, percent, shrinking), back[rounds])
        else:
            # What was there a period before the first growth, and before the last step down.
            base = max(_after(maximum, percent, max(0, -(-(shrinking - period) // period))), back[rounds])
            yield shrinking, min(maximum, percent_down(base, percent))


@lru_cache(maxsize=4096)
def _after(count: int, percent: int, steps: int) -> int:
    """What so many steps down leave; 0 or less where nothing but the minimum holds them up."""
    for _ in range(steps):
        if count <= 0:
            break
        count = percent_down(count, percent)
    return count


def _least_before(count: int, percent: int) -> int:
    """The fewest that one step up brings to `count` >= 1."""
    before = count * 100 // (100 + percent)
    while percent_up(before, percent) < count:
        before += 1
    return before


def there(counts: Sequence[int], grace_s: int) -> list[int]:
    """Pods at each sync of a course of counts, with those that were told to leave and are not gone yet."""
    spell = max(1, syncs_of(grace_s))
    gone = [max(0, before - after) for before, after in pairwise(counts)]
    return [count + sum(gone[max(0, index - spell) : index]) for index, count in enumerate(counts)]


def syncs_of(seconds: int) -> int:
    """Syncs that begin within so many seconds from one, this one counted."""
    return -(-seconds * 1000 // SYNC_PERIOD_MS)
