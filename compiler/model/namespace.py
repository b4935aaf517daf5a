"""What a cluster lets the fleet have: a ResourceQuota and a LimitRange, less what others have already taken."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from seatrial.dsl.source import Span

from .stated import Stated


@dataclass(frozen=True, slots=True)
class Allowance:
    """So much of one resource, of which some is taken by others."""

    at: Span
    whole: Stated[Fraction]
    taken: Stated[Fraction] | None


@dataclass(frozen=True, slots=True)
class Namespace:
    """cpu in cores, memory in bytes; None: no limit is stated. `agent_…`: the most that one agent may ask for."""

    at: Span
    cpu: Allowance | None
    memory: Allowance | None
    gpus: Allowance | None
    pods: Allowance | None
    agent_cpu: Stated[Fraction] | None
    agent_memory: Stated[Fraction] | None
