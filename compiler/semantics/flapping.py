"""An autoscaler that takes agents away and adds them again -> the most pods of its pool that are there at a time.

Invariant: no course of metrics makes `hpa.step` have more pods there than `flapping_pods`, under the behavior that
`scaling.behavior_of` makes.

A pod that was told to leave is there until its grace period is over. So the removals of as many syncs as begin within
a grace period are there beside what is added in them. After a growth nothing is removed for the scale-down window: its
proposal is the highest of the window. Where the window is no shorter than the grace period, a pool shrinks once and
then grows, and the worst is the lowest count from which it is back at its maximum in time. A policy counts from what
was there a period ago, so that with a period of several syncs what has just been removed may come back at once.

Source: as `hpa_behavior`; Kubernetes, "Pod Lifecycle" (termination). Limits: a sync each 15 s exactly; a pod is gone
when its grace period is over; no restart of the controller, which forgets what it did; no rolling update meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from .activation import SEEN_AFTER_S
from .controller import SYNC_PERIOD_MS
from .hpa_behavior import Behavior, percent_down, percent_up


@lru_cache(maxsize=4096)
def flapping_pods(minimum: int, maximum: int, behavior: Behavior, grace_s: int) -> int:
    """Pods at the worst moment, 0 <= minimum <= maximum, at least `maximum`.

    The least such bound where a grace period has room for one cycle, above it at most where it has for several. A pool
    that may be empty (`activation`) loses all its agents at once, and may have them all again.
    """
    spell = syncs_of(grace_s)
    if spell < 2 or minimum >= maximum:
        return maximum
    (policy,) = behavior.down.policies
    pause, period = max(1, syncs_of(behavior.down.window_s or 0)), syncs_of(policy.period_s)
    cycles = 1 + (spell - 2) // (pause + 1)
    if minimum == 0:
        # KEDA's polls lie between the syncs, and what it found active a metric's age and a poll before a growth.
        return maximum + (1 + (spell - 1) // max(1, pause - syncs_of(SEEN_AFTER_S))) * maximum
    if period > pause:
        # A count that was there for one sync is the base of a step a period later, and bases drift without end.
        lowest = minimum
    elif cycles > 1:
        lowest = _after(maximum, policy.value, -(-(spell - 1) // period))
    else:
        lowest = _turned(maximum, policy.value, period, spell)
    return maximum + cycles * (maximum - max(minimum, lowest))


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


def _turned(maximum: int, percent: int, period: int, spell: int) -> int:
    """The lowest count to which a pool can go from its maximum and from which it is back within `spell` syncs."""
    lowest = maximum
    back = [maximum]
    for growing in range(1, spell):
        rounds, shrinking = -(-growing // period), spell - growing
        if rounds == len(back):
            back.append(_least_before(back[-1], percent))
        if period == 1:
            lowest = min(lowest, max(_after(maximum, percent, shrinking), back[rounds]))
        else:
            # What was there a period before the first growth, and before the last step down.
            base = max(_after(maximum, percent, max(0, -(-(shrinking - period) // period))), back[rounds])
            lowest = min(lowest, percent_down(base, percent))
    return lowest


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
