"""What the checker answers about one guarantee."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from seatrial.dsl.source import Span


class Status(StrEnum):
    PROVED = "proved"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CoreClause:
    """One clause of a minimal clash, with a few words on what it demands ("at most $1,752 a month")."""

    span: Span
    text: str
    default: str = ""
    """The source of the value where it was not written but filled in."""


@dataclass(frozen=True, slots=True)
class Repair:
    """Replace the text at `span` by `new`. Checked: with it the guarantee is proved and no other proof is lost."""

    span: Span
    old: str
    new: str
    text: str
    """In words: "lower agents to 120"."""
    change: Fraction
    """How large the change is, |new - old| / |old|; repairs are ordered by it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`margin`: a sentence with the distance to the nearest limit; `margin_share`: that distance as a share of it."""

    id: str
    kind: str
    claim: str
    """What is to hold, as a sentence in the user's words."""
    status: Status
    at: Span
    code: str = ""
    """The diagnostic that tells of it when it is not proved."""
    margin: str = ""
    margin_share: Fraction | None = None
    witness: str = ""
    core: tuple[CoreClause, ...] = ()
    repairs: tuple[Repair, ...] = ()
    reason: str = ""
    """Why the status is unknown, and what would decide it."""
    bound: Fraction | None = None
    """The proved upper bound of the quantity that the guarantee is about, in its own unit (seconds, dollars)."""
