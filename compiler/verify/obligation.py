"""A guarantee as something to decide: what it implies, what implies it, and the sentences for each outcome.

Invariant: a guarantee is refuted only by a condition in `must`, which it implies, and proved only when all of `proof`
holds, which implies it; what lies between is unknown, with a reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

from seatrial.dsl.source import Span

from ..model import Fleet
from .cases import case_of
from .exact.expression import Relation, leaves, value
from .finding import Case, CoreClause, Finding, Late, Limit, Status
from .units import unit_of


@dataclass(frozen=True, slots=True)
class Condition:
    """A relation, the sentence for when it fails, and the sentence with the room that is left when it holds.

    `room` is "" where another condition, which says more, tells of the room.
    """

    relation: Relation
    broken: str
    room: str
    case: Case | Callable[[], Case] | None = None
    """The case that it speaks of, where the obligation has several; called when somebody reads it."""
    about: Span | None = None
    """The call or pool on which it turns, where that is not where the guarantee stands."""
    remedy: str = ""
    """What would decide it, where that is not the obligation's own; where it fails, what would lessen it."""

    @property
    def holds(self) -> bool:
        return self.relation.holds


@dataclass(frozen=True, slots=True)
class Addition:
    """A clause that may mend what no other value of a present one can: what to write, and the fleet with it.

    `instead`: with it the question no longer arises, and the guarantee need only be gone.
    """

    text: str
    fleet: Fleet
    instead: bool = False


@dataclass(frozen=True, slots=True)
class Obligation:
    """`proof` None: `must` is enough. `gap` is why nothing proves it, whatever the numbers: "" where `proof` may.

    `bound` is as `Finding.bound`.
    """

    id: str
    claim: str
    at: Span
    code: str
    must: tuple[Condition, ...]
    proof: tuple[Condition, ...] | None = None
    gap: str = ""
    remedy: str = ""
    """What would decide it, where it stays unknown."""
    note: str = ""
    """Added to the margin: another figure that the reader will want."""
    bound: Fraction | None = None
    caution: str = ""
    caution_code: str = ""
    additions: tuple[Addition, ...] = ()
    useful: Relation | None = None
    """What a repair should reach besides, so that the clause it saves is worth having; no part of the guarantee."""
    broken: Condition | None = field(init=False)
    status: Status = field(init=False)
    _finding: Finding | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_finding", None)
        broken = next((one for one in self.must if not one.holds), None)
        object.__setattr__(self, "broken", broken)
        if broken is not None:
            status = Status.REFUTED
        elif self.gap or not all(one.holds for one in self.proof or ()):
            status = Status.UNKNOWN
        else:
            status = Status.PROVED
        object.__setattr__(self, "status", status)

    @property
    def kind(self) -> str:
        return self.id.partition("/")[0]

    @property
    def exact(self) -> Obligation:
        return self

    def finding(self) -> Finding:
        """Proved with its margin, or unknown with its reason; what is refuted still lacks core and repairs."""
        if self._finding is None:
            object.__setattr__(self, "_finding", self._told())
        assert self._finding is not None
        return self._finding

    def _told(self) -> Finding:
        worst = self._worst
        told = partial(
            Finding,
            self.id,
            self.kind,
            self.claim,
            self.status,
            self.at,
            self.code,
            bound=self.bound,
            caution=self.caution,
            caution_code=self.caution_code,
            unit=unit_of(self.id),
            case=self._case(worst),
        )
        match self.status:
            case Status.PROVED:
                return self._proved(told)
            case Status.UNKNOWN:
                said = self.gap or (worst.broken if worst is not None else "")
                remedy = worst.remedy if worst is not None and worst.remedy and not self.gap else self.remedy
                about = worst.about if worst is not None else None
                return told(reason=said, remedy=remedy, about=about)
            case Status.REFUTED:
                assert self.broken is not None
                return told(witness=self.broken.broken, remedy=self.broken.remedy)

    @property
    def case(self) -> Case | None:
        """The worst case that decided."""
        return self._case(self._worst)

    def _case(self, worst: Condition | None) -> Case | None:
        told = worst.case if worst is not None else None
        return (told() if callable(told) else told) or case_of(self.id)

    @property
    def _worst(self) -> Condition | None:
        """What fails; else what is nearest to it, of those that tell of their room."""
        if self.status is Status.REFUTED:
            return self.broken
        if self.status is Status.UNKNOWN:
            return next((one for one in self.proof or () if not one.holds), None)
        return next(iter(self._nearest), None)

    @property
    def _nearest(self) -> list[Condition]:
        """Those that tell of their room, the one with the least first."""
        near = [one for one in (*self.must, *(self.proof or ())) if one.room]
        return near if len(near) < 2 else sorted(near, key=lambda one: one.relation.slack)

    def _proved(self, told: Callable[..., Finding]) -> Finding:
        near = self._nearest
        margin = "; ".join(text for text in (near[0].room if near else "", self.note) if text)
        if not near or (_is_yes_or_no(near[0].relation) and not unit_of(self.id)):
            # Nothing of it is used or left.
            return told(margin=margin)
        limits = [self._limit(one) for one in near[:2]]
        return told(
            margin=margin,
            margin_share=near[0].relation.slack,
            limit=limits[0],
            next_limit=limits[1] if len(limits) > 1 else None,
        )

    def _limit(self, condition: Condition) -> Limit:
        """Its clause is looked for in what the condition says, and else in what the guarantee needs: a figure of the
        queueing model names none."""
        relation = condition.relation
        told = [relation, *(one.relation for one in self.must if one.relation is not relation)]
        sides = [(one.have,) for one in told] + [(one.need,) for one in told]
        clauses = (leaf for side in sides for leaf in leaves(side) if leaf.stated.written)
        leaf = next(clauses, None)
        clause = None if leaf is None else CoreClause(leaf.stated.span, leaf.demands, name=leaf.name)
        return Limit(value(relation.need), value(relation.have), clause)


def _is_yes_or_no(relation: Relation) -> bool:
    """Whether it asks only if something is so, as a placement that was found."""
    sides = (relation.need, relation.have)
    return all(value(side) in (0, 1) for side in sides) and not leaves(sides)


class _Foreseen:
    """A guarantee that comparisons of doubles with room to spare decide (`figures`), and that has no caution.

    `make` gives the obligation in exact arithmetic, with its words; it is called when somebody wants those.
    """

    __slots__ = ("_exact", "_late", "at", "code", "id", "make")

    broken = None

    def __init__(self, id: str, at: Span, code: str, make: Callable[[], Obligation]) -> None:
        self.id, self.at, self.code, self.make = id, at, code, make
        self._exact: Obligation | None = None
        self._late: Finding | None = None

    @property
    def exact(self) -> Obligation:
        if self._exact is None:
            self._exact = self.make()
        return self._exact

    @property
    def must(self) -> tuple[Condition, ...]:
        return self.exact.must

    @property
    def proof(self) -> tuple[Condition, ...] | None:
        return self.exact.proof

    @property
    def claim(self) -> str:
        return self.exact.claim

    @property
    def gap(self) -> str:
        return self.exact.gap

    @property
    def bound(self) -> Fraction | None:
        return self.exact.bound

    @property
    def additions(self) -> tuple[Addition, ...]:
        return self.exact.additions

    @property
    def useful(self) -> Relation | None:
        return self.exact.useful


class Proven(_Foreseen):
    """One that they prove."""

    __slots__ = ()

    status = Status.PROVED

    def finding(self) -> Finding:
        if self._late is None:
            self._late = Late(self.id, self.at, self.code, self._finding)
        return self._late

    def _finding(self) -> Finding:
        return self.exact.finding()


class Open(_Foreseen):
    """One that nothing rules out and nothing proves.

    `told` gives the same obligation without what must be: a finding of what is unknown says nothing of that, and in a
    large fleet it is a sum of thousands.
    """

    __slots__ = ("told",)

    status = Status.UNKNOWN

    def __init__(
        self, id: str, at: Span, code: str, make: Callable[[], Obligation], told: Callable[[], Obligation]
    ) -> None:
        super().__init__(id, at, code, make)
        self.told = told

    def finding(self) -> Finding:
        if self._late is None:
            self._late = (self._exact or self.told()).finding()
        return self._late


Judged = Obligation | Proven | Open
