"""What the calls of a fleet feel of a trial's strikes at once, and what is worked out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from ...model import AbortFault, Call, Fault, HangFault
from .outages import Strike


@dataclass(frozen=True, slots=True)
class Felt:
    """One strike as one call feels it, until `end`."""

    strike: Strike
    call: Call
    end: Fraction


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What is felt at once, and what is worked out of it: of each call, and of each pool."""

    active: list[Felt]
    rising: bool = False
    """Whether requests may wait for agents that are still to come."""
    failing: dict[str, Fraction] = field(default_factory=dict)
    struck: dict[str, Fraction] = field(default_factory=dict)
    """Of these, what fails for what faults spoil."""
    late: dict[str, Fraction] = field(default_factory=dict)
    """And for tries that are late, here or behind."""
    shed: dict[str, Fraction] = field(default_factory=dict)
    lost: dict[str, Fraction] = field(default_factory=dict)
    delays: dict[str, Fraction] = field(default_factory=dict)
    unsaved: dict[str, Fraction] = field(default_factory=dict)
    held_up: dict[str, float] = field(default_factory=dict)
    """Seconds that agents that hang, there and behind, and further tries may add to all tries of a call together."""
    seldom: dict[str, Fraction] = field(default_factory=dict, repr=False)
    """But for such a share of its requests, of which they add more."""
    met: dict[str, Fraction] = field(default_factory=dict)
    """And the chance that they add something to one request."""
    too_late: dict[tuple[str, str], Fraction] = field(default_factory=dict)

    @property
    def hangs(self) -> bool:
        """Whether agents may hang."""
        return any(isinstance(one.strike.fault, HangFault) for one in self.active)

    def by(self, call: Call) -> list[Fault]:
        """The faults that the call itself feels."""
        return [one.strike.fault for one in self.active if one.call is call]

    def aborted(self, call: Call) -> Fraction:
        """The share of the call's requests that never reach its router: nothing tries them again."""
        shares = (fault.share.value for fault in self.by(call) if isinstance(fault, AbortFault))
        return min(Fraction(1), sum(shares, Fraction(0)))
