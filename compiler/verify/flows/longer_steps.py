"""Steps of degradation in which a request may take longer than without -> why what is said of its times may not hold.

Invariant: "" only where each step's mean, p99 and variance are no larger than those of the work that is stated: then
the times of that are those of the worst, however often an agent degrades. Source: `semantics.latency`, of the variance.
"""

from __future__ import annotations

from ...model import Degrade, Pool
from ...semantics.latency import of_mean_p99
from ..words import seconds

MOST_SPREAD = "p99 may be up to 14.9 times the mean"


def longer_step(pool: Pool) -> str:
    """Of a pool that states its own work; nothing is said where it does not."""
    return next(filter(None, (_longer(pool, step) for step in pool.degrade)), "")


def _longer(pool: Pool, step: Degrade) -> str:
    mean, p99 = pool.each.service_mean_seconds, pool.each.service_p99_seconds
    if mean is None or p99 is None:
        return ""
    what = f"“{step.answer}” of {pool.name}"
    if step.service_p99_seconds is None:
        return f"{what} states no p99 of its service time; write `service mean …, p99 …` in it"
    own = of_mean_p99(mean.value, p99.value)
    other = of_mean_p99(step.service_mean_seconds.value, step.service_p99_seconds.value)
    often = f"how often {pool.name} degrades is not worked out"
    if step.service_p99_seconds.value > p99.value:
        return (
            f"{what} takes {seconds(step.service_p99_seconds.value)} at p99, longer than the {seconds(p99.value)} "
            f"that it replaces, and {often}"
        )
    if step.service_mean_seconds.value > mean.value:
        return (
            f"{what} takes {seconds(step.service_mean_seconds.value)} on average, longer than the "
            f"{seconds(mean.value)} that it replaces, and {often}"
        )
    if own is not None and other is None:
        return f"no log-normal has the service times of {what}: {MOST_SPREAD}"
    if own is not None and other is not None and other.cv2() * other.mean() ** 2 > own.cv2() * own.mean() ** 2:
        return f"{what} varies more widely than what it replaces, and {often}"
    return ""
