"""A place in the fleet -> what it means to write another value there.

Invariant: what lessens a promise, or describes a world that nobody can set, is never taken for a decision that is free.
"""

from __future__ import annotations

from enum import StrEnum

from .rebuild import Path


class Nature(StrEnum):
    """POLICY: decided by whoever writes the spec, and what is promised stays as it was. WORLD: a fact, or what others
    grant: it may be measured anew or bought. PROMISE: an objective, a budget, a loss to survive: less is promised.

    In the order in which changes are offered.
    """

    POLICY = "policy"
    WORLD = "world"
    PROMISE = "promise"


_PROMISED = frozenset(
    {"survive", "latency", "success", "recovery", "amplification", "cost", "throughput", "uses", "bills"}
)
"""Parts of a fleet that say nothing but what is to hold."""

_PROMISES = {
    "pools": frozenset({"up_within_seconds"}),
    "budgets": frozenset({"dollars", "floor", "least_share"}),
    "consensuses": frozenset({"tolerate", "within_seconds", "confidence"}),
    "queues": frozenset({"age_seconds", "alert_above"}),
    "quotas": frozenset({"floor"}),
    "auctions": frozenset({"deadline_seconds"}),
    "contracts": frozenset({"deadline_seconds", "dollars", "pay_at_most"}),
    "organisations": frozenset({"decide_seconds", "results_seconds"}),
    "negotiations": frozenset({"limit_seconds"}),
    "crises": frozenset({"within_seconds"}),
    "approvals": frozenset({"limit_seconds"}),
    "stop": frozenset({"limit_seconds"}),
    "audit_seconds": frozenset({"audit_seconds"}),
}
"""Fields that promise something among others that decide."""

_WORLD = frozenset({"demands", "dependencies"})
_FACTS = {"pools": frozenset({"concurrency"}), "nodes": frozenset({"zones"})}
"""What is measured rather than chosen: an agent that is given more at once takes longer for each, and how many zones
there are is the region's."""


def nature(path: Path, *, assumption: bool = False) -> Nature:
    """Of the literal at a path of the fleet; `assumption`: the obligation says that it is about the world."""
    top = str(path[0])
    last = next(step for step in reversed(path) if isinstance(step, str))
    if top in _PROMISED or last in _PROMISES.get(top, ()):
        return Nature.PROMISE
    return Nature.WORLD if assumption or top in _WORLD or last in _FACTS.get(top, ()) else Nature.POLICY
