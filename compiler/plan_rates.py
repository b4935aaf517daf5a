"""The parts of a call's plan that say how much a caller sends, and how much a new agent gets of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class AdmitPlan:
    """A token bucket of each calling proxy: `per_second` tokens come in, at most `burst` are there; a request takes
    one."""

    per_second: Fraction
    burst: int


@dataclass(frozen=True, slots=True)
class WarmUpPlan:
    """A new agent gets `from_share` of a whole part at first, then by its age, after `over_seconds` a whole one."""

    over_seconds: Fraction
    from_share: Fraction
