"""What the checker answers about one guarantee, as plain data.

Invariant: a margin stands only with what is proved, a witness only with what is refuted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from fractions import Fraction
from typing import cast

from seatrial.dsl.source import Span

from .edits.nature import Nature


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
    name: str = ""
    """What the literal is: "maximum agents of triage"."""
    decided: bool = False
    """Whether it is a decision, rather than a promise or a fact about the world."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text at `span`, which is `old`, by `new`."""

    span: Span
    old: str
    new: str
    literal: Span
    """The value itself, where `span` takes in the word of what it counts."""
    words: tuple[tuple[Span, str], ...] = ()
    """Words elsewhere that are to go with the new value, as those behind the uses of a `let`."""


WOULD_HOLD = "it would hold with "
"""How the text of a repair begins that is a fact about the world."""


@dataclass(frozen=True, slots=True)
class Repair:
    """Other values for one literal, or two. Checked: with them the guarantee is proved and no other is worse."""

    edits: tuple[Edit, ...]
    text: str
    """In words: "lower agents to 120"."""
    change: Fraction
    """How large the change is, the sum of |new - old| / |old|; repairs of one nature are ordered by it."""
    nature: Nature
    """Whether it is the spec's to decide, a fact about the world, or a promise that becomes weaker."""
    mends: tuple[str, ...] = ()
    """The ids of all refuted guarantees that are proved with it."""
    settles: tuple[str, ...] = ()
    """The ids of all guarantees that were unknown and are proved with it."""

    @property
    def span(self) -> Span:
        return self.edits[0].span

    @property
    def change_alone(self) -> str:
        """`text` without the words that tell a fact from a decision."""
        return self.text.removeprefix(WOULD_HOLD)

    @property
    def old(self) -> str:
        return self.edits[0].old

    @property
    def new(self) -> str:
        return self.edits[0].new

    @property
    def changes(self) -> tuple[tuple[Span, str], ...]:
        """All that is to be replaced in the texts, the first edit first."""
        words = (word for edit in self.edits for word in edit.words)
        return tuple(dict.fromkeys((*((edit.span, edit.new) for edit in self.edits), *words)))


@dataclass(frozen=True, slots=True)
class Limit:
    """One of a guarantee's limits: what is used of what there is, at the worst, both in the finding's unit."""

    used: Fraction
    of: Fraction
    clause: CoreClause | None = None
    """The clause that sets it; None where it follows from no single one."""

    @property
    def left(self) -> Fraction:
        return self.of - self.used

    @property
    def share(self) -> Fraction:
        """What is left as a share of 1."""
        return self.left / self.of if self.of else Fraction(0)


@dataclass(frozen=True, slots=True)
class Case:
    """The worst case that decided: at which demand, in which trial with which faults; "" where that plays no part."""

    demand: str = ""
    """steady, peak, or between: the worst level from steady to peak."""
    trial: str = ""
    faults: tuple[str, ...] = ()
    text: str = ""


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
    nearly: str = ""
    """A decision that would mend what is refuted, were it not for something else: which, and what."""
    addition: str = ""
    """A clause that mends what is refuted, where it is not written yet: what to write, and where. Checked."""
    reason: str = ""
    """Why the status is unknown."""
    remedy: str = ""
    """What would decide what is unknown, or lessen what refutes."""
    about: Span | None = None
    """The call or pool on which it turns that it is unknown."""
    bound: Fraction | None = None
    """How far the quantity that the guarantee is about can go by the model, good also where the limit is not proved.

    latency: seconds that the quantile does not exceed, at any level from steady to peak, without faults.
    success: the share of requests, 0..1, that succeed at the least, over each trial that has faults: a lower bound,
    rounded down. recovery: seconds that no declared fault's consequences exceed. budget and cost: dollars that are not
    exceeded in the period. amplification: attempts at one callee for one request. None: nothing is known, or the kind
    has no such figure.
    """
    caution: str = ""
    """Something that is no breach of the guarantee, and yet to be told as a warning, with `caution_code`."""
    caution_code: str = ""
    late: bool = False
    """The solver reached its limits: the refutation is not confirmed, or its core not shown to be minimal."""
    allowed: str = ""
    """The reason that the spec gives for accepting it although it is not proved."""
    unit: str = ""
    """Of the limits: dollars, seconds, agents …; "" where they count different things."""
    limit: Limit | None = None
    """The one with the least left, of a proved guarantee."""
    next_limit: Limit | None = None
    """The one that would bind next."""
    case: Case | None = None

    def placed(self, place: Callable[[Span], Span]) -> Finding:
        """The same with other places."""

        def moved(clause: CoreClause) -> CoreClause:
            return replace(clause, span=place(clause.span))

        def limit(one: Limit | None) -> Limit | None:
            return one if one is None or one.clause is None else replace(one, clause=moved(one.clause))

        def repair(one: Repair) -> Repair:
            return replace(
                one,
                edits=tuple(
                    replace(
                        edit,
                        span=place(edit.span),
                        literal=place(edit.literal),
                        words=tuple((place(span), word) for span, word in edit.words),
                    )
                    for edit in one.edits
                ),
            )

        return replace(
            self,
            at=place(self.at),
            core=tuple(moved(clause) for clause in self.core),
            repairs=tuple(repair(one) for one in self.repairs),
            about=None if self.about is None else place(self.about),
            limit=limit(self.limit),
            next_limit=limit(self.next_limit),
        )


class Late(Finding):
    """A proved guarantee of which only id, place and code are known: the rest is worked out when somebody reads it."""

    __slots__ = ("_make", "_whole")

    _make: Callable[[], Finding]
    _whole: Finding | None

    def __init__(self, id: str, at: Span, code: str, make: Callable[[], Finding]) -> None:
        _set(self, "id", id)
        _set(self, "at", at)
        _set(self, "code", code)
        _set(self, "_make", make)
        _set(self, "_whole", None)

    @property
    def whole(self) -> Finding:
        """The same with everything in it."""
        if self._whole is None:
            _set(self, "_whole", self._make())
        return cast(Finding, self._whole)

    status = Status.PROVED
    witness = nearly = addition = reason = remedy = caution = caution_code = allowed = ""
    late = False
    about = None
    core = ()
    repairs = ()

    @property
    def kind(self) -> str:
        return self.id.partition("/")[0]

    @property
    def claim(self) -> str:
        return self.whole.claim

    @property
    def margin(self) -> str:
        return self.whole.margin

    @property
    def margin_share(self) -> Fraction | None:
        return self.whole.margin_share

    @property
    def bound(self) -> Fraction | None:
        return self.whole.bound

    @property
    def unit(self) -> str:
        return self.whole.unit

    @property
    def limit(self) -> Limit | None:
        return self.whole.limit

    @property
    def next_limit(self) -> Limit | None:
        return self.whole.next_limit

    @property
    def case(self) -> Case | None:
        return self.whole.case

    def __eq__(self, other: object) -> bool:
        return self.whole == (other.whole if isinstance(other, Late) else other)

    def __hash__(self) -> int:
        return hash(self.whole)

    def __repr__(self) -> str:
        return repr(self.whole)

    def __reduce__(self) -> tuple[type[Finding], tuple[object, ...]]:
        whole = self.whole
        return Finding, tuple(getattr(whole, one.name) for one in fields(Finding))


_set = object.__setattr__
