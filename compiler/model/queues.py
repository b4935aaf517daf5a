"""Queues of work."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from seatrial.dsl.source import Span

from .stated import Stated


class QueueOrder(StrEnum):
    ARRIVAL = "arrival"
    PRIORITY = "priority"
    DEADLINE = "deadline"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """Items that wait for a pool. Counts are for each of the `shards`."""

    name: str
    at: Span
    pool: Stated[str]
    shards: Stated[int]
    by_skill: bool
    """Each shard is worked off by agents of its own."""
    order: Stated[QueueOrder]
    alert_above: Stated[int] | None
    age_seconds: Stated[Fraction] | None
    batch: Stated[int]
    bound: Stated[int] | None
