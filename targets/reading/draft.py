"""What manifests say of a fleet, as clauses in the making.

A `Said` is one clause of the language with the fields that it was read from. Invariant: a clause that no field says is
marked by a question (`ask`), so that nobody takes a placeholder for a fact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from seatrial.compiler.semantics.hpa_behavior import Behavior

from .manifest import Fields, Left, Place


@dataclass(frozen=True, slots=True)
class Said:
    """`text` as it stands in its block. `slot` is by what its counterpart in another spec is found."""

    slot: str
    text: str
    places: tuple[Place, ...] = ()
    ask: str = ""


@dataclass(slots=True)
class Clauses:
    """The clauses of one block, one a slot, in the order in which they were first said."""

    head: str
    said: dict[str, Said] = field(default_factory=dict)

    def say(self, slot: str, text: str, *places: Place, ask: str = "") -> None:
        self.said[slot] = Said(slot, text, places, ask)


@dataclass(slots=True)
class Emptied:
    """A ScaledObject's `spec` that goes down to none, and the queues that its trigger counts."""

    spec: Fields
    queues: tuple[str, ...] = ()
    ask: str = ""
    """Of these queues."""


@dataclass(slots=True)
class PoolDraft:
    """One workload. Amounts are kept beside the clauses for those that are worked out from several objects."""

    name: str
    workload: str
    """The name of its object, which need not be a name of the language."""
    labels: dict[str, str]
    place: Place
    own: Clauses
    each: Clauses
    least: int = 1
    most: int = 1
    cores: Fraction | None = None
    memory: Fraction | None = None
    gpus: int = 0
    grace_s: int = 0
    scaled: bool = False
    behavior: Behavior | None = None
    """Of its autoscaler."""
    target: tuple[str, Fraction] | None = None
    """Signal and target of its autoscaler."""
    account: str = ""
    mentions: dict[str, str] = field(default_factory=dict)
    """Texts of its environment by the name of the variable: a host among them is one that it may call."""
    sources: list[Place] = field(default_factory=list)
    emptied: Emptied | None = None


@dataclass(slots=True)
class EdgeDraft:
    """One edge of the call graph with its policy; `ask` where nobody says that the call is made."""

    caller: str
    callee: str
    policy: Clauses
    from_demand: bool = False
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. `fleet` is a name of the language; `pools` … in the order of their objects."""

    fleet: str
    whole: Clauses
    nodes: tuple[Clauses, ...]
    demands: tuple[Clauses, ...]
    dependencies: tuple[Clauses, ...]
    roles: tuple[Clauses, ...]
    secure: Clauses
    room: Clauses
    """What the namespace lets the fleet have."""
    queues: tuple[Clauses, ...]
    pools: tuple[PoolDraft, ...]
    edges: tuple[EdgeDraft, ...]
    left: tuple[Left, ...]
    notes: tuple[str, ...]
    clashes: tuple[str, ...]
    """What objects say against each other before any of it is a clause, such as two owners of one number."""
    objects: int

    def clauses(self) -> Iterator[tuple[tuple[str, ...], Said]]:
        """Each clause with the heads of the blocks that it stands in."""
        for said in self.whole.said.values():
            yield (), said
        for block in (
            *self.nodes,
            *self.demands,
            *self.dependencies,
            *self.roles,
            *self.queues,
            self.secure,
            self.room,
        ):
            for said in block.said.values():
                yield (block.head,), said
        for pool in self.pools:
            head = f"pool {pool.name}"
            for said in pool.own.said.values():
                yield (head,), said
            for said in pool.each.said.values():
                yield (head, "each"), said
        for edge in self.edges:
            at = (f"pool {edge.callee}", edge.policy.head) if edge.from_demand else (edge.policy.head,)
            for said in edge.policy.said.values():
                yield at, said

    @property
    def questions(self) -> int:
        return sum(bool(said.ask) for _, said in self.clauses()) + sum(bool(edge.ask) for edge in self.edges)
