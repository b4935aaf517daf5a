"""What the fleet must stand beside the loss of machines: agents and pools that go, calls that get no answer."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from seatrial.dsl.source import Span

from .stated import Stated


@dataclass(frozen=True, slots=True)
class AgentLoss:
    """So many agents of a pool are gone at once."""

    at: Span
    count: Stated[int]
    pool: Stated[str]


@dataclass(frozen=True, slots=True)
class Takeover:
    """A whole pool is gone, and what came to it comes to another one."""

    at: Span
    lost: Stated[str]
    heir: Stated[str]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A share of the calls to a pool or dependency never gets an answer."""

    at: Span
    share: Stated[Fraction]
    callee: Stated[str]
