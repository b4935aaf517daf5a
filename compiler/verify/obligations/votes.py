"""What a vote needs of its members, and whether so many that are left can decide."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from ...model import Consensus
from ...semantics.hierarchy import fewest_that_block, least_votes
from ...semantics.quorum import quorum_size
from ..exact.expression import Derived, Expression, Order, Relation, derived
from ..flows import leaves
from ..obligation import Condition, Obligation
from ..words import counted, number


@dataclass(frozen=True, slots=True)
class Votes:
    """What a vote needs of its members: `some` of them in the right groups, so many of `any`.

    The same without groups. In groups that are drawn at random nobody can place who fails, so what only some draws
    come to is not refuted.
    """

    any: Derived
    some: Derived
    told: str

    def left(self, stay: Expression, after: str, obligation: partial[Obligation]) -> Obligation:
        """Whether so many members that are left can decide."""
        room = f"{self.told}; {after}"
        sure, can = (Relation(needed, Order.AT_MOST, stay) for needed in (self.any, self.some))
        never = Condition(can, f"{room}, so no decision can be made", room)
        if self.any is self.some:
            return obligation(must=(never,))
        drawn = Condition(sure, f"{room}, and which groups these are in is drawn", room)
        return obligation(must=(never,), proof=(drawn,), remedy="larger groups stand more faults")


def votes_of(one: Consensus) -> Votes:
    """Source: Gifford (SOSP 1979); `semantics.quorum`, and in groups `semantics.hierarchy`."""
    members, share, basis = one.members.value, one.majority.value, rests_on(one)
    if one.groups is None:
        needed = derived(f"votes that {one.name} needs", quorum_size(members, share), basis)
        told = f"{one.name} needs {counted(needed.number, 'vote')} of {counted(members, 'member')}"
        return Votes(needed, needed, told)
    shape = (members, one.groups.size.value, one.groups.levels.value, share)
    enough = members - fewest_that_block(*shape) + 1
    sure = derived(f"members that {one.name} needs, whichever they are", enough, basis)
    told = f"{one.name}, in {groups_of(one)}, needs {number(enough)} of {counted(members, 'member')}, whoever fails"
    if not one.groups.random:
        return Votes(sure, sure, told)
    return Votes(sure, derived(f"votes that {one.name} needs", least_votes(*shape), basis), told)


def rests_on(one: Consensus) -> list[Expression]:
    return [leaves.members(one), leaves.majority(one), *leaves.groups(one)]


def groups_of(one: Consensus) -> str:
    assert one.groups is not None
    return f"groups of {number(one.groups.size.value)} in {counted(one.groups.levels.value, 'level')}"
