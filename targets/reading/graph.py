"""Policies to the edges of a call graph without circles.

Turns what a mesh names, and hosts that an agent's environment mentions, into calls; a pool that nobody is seen to call
gets a demand of its own. Invariant: an edge that no object names is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from . import spelling
from .draft import EdgeDraft, PoolDraft
from .mesh import ALL, Edges
from .policy import Policy, clauses

_HOST = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?")


def edges_of(found: Edges, pools: Sequence[PoolDraft]) -> tuple[tuple[EdgeDraft, ...], tuple[str, ...]]:
    """The edges, those from demands first, and notes on what was seen and not taken."""
    names = {pool.name for pool in pools}
    callees = names | set(found.hosts.outside.values())
    ruled = {key: one for key, one in found.policies.items() if key[0] != ALL and key[1] in callees}
    general = {key[1]: one for key, one in found.policies.items() if key[0] == ALL}
    asked: dict[tuple[str, str], str] = {}
    notes = list(_only_admitted(found, ruled))
    calls = _Calls()
    closing = {key for key in sorted(ruled) if key[0] not in found.entries and not calls.add(*key)}
    policies = {key: one for key, one in ruled.items() if key not in closing}
    for caller, callee in sorted(closing):
        objects = sorted({place.object for places in ruled[caller, callee].places.values() for place in places})
        said = f" ({', '.join(objects)})" if objects else ""
        notes.append(f"{callee} calls {caller} too: no call in a circle was written, {caller} -> {callee}{said}")
    for caller, callee, variable in _mentioned(found, pools):
        if (caller, callee) in ruled or caller == callee:
            continue
        if not calls.add(caller, callee):
            notes.append(
                f"{variable} of {caller} names {callee}, which calls {caller} itself: no call in a circle was written"
            )
            continue
        policies[caller, callee] = Policy()
        asked[caller, callee] = f"{variable} names it; is it called, and how often per request?"
    _renamed(found, policies, callees)
    called = {callee for _, callee in policies}
    taken = callees | {caller for caller, _ in policies}
    for pool in pools:
        if pool.name not in called:
            demand = spelling.name(f"{pool.name}-requests", taken)
            taken.add(demand)
            policies[demand, pool.name] = Policy()
            found.entries[demand] = demand
            asked[demand, pool.name] = "who calls it? until a `call` says so, its requests come in from outside"
    # Compiled ones get no route, and so nothing that a mesh would retry by default.
    empty = {pool.name for pool in pools if pool.emptied is not None}
    made: list[EdgeDraft] = []
    for (caller, callee), policy in policies.items():
        if caller not in names and caller not in found.entries:
            notes.append(f"{caller} calls {callee} and is no pool that was read")
            continue
        if caller not in names and callee not in names:
            notes.append(f"requests of {caller} go to {callee} and to no pool: the language has no word for them")
            continue
        if callee in general:
            policy.under(general[callee])
        meshed = found.meshed and callee not in empty
        made.append(_edge(caller, callee, policy, caller not in names, meshed, asked.get((caller, callee), "")))
    for callee in general:
        if callee not in called and callee not in names:
            notes.append(f"there are rules for calls of {callee}, and nobody is seen to call it")
    return tuple(sorted(made, key=lambda edge: not edge.from_demand)), tuple(notes)


def _only_admitted(found: Edges, ruled: dict[tuple[str, str], Policy]) -> Iterator[str]:
    """Takes away what a demand may enter and has no route to, where it has one to another pool: a note for each."""
    for demand in found.entries:
        mine = [key for key in ruled if key[0] == demand]
        admitted = [key for key in mine if not ruled[key].places]
        if len(admitted) == len(mine):
            continue
        for key in admitted:
            del ruled[key]
            yield (
                f"{demand} may enter {key[1]} and is not sent there: where that one takes over, write "
                f"`survive loss of pool …, {key[1]} takes over`"
            )


def _edge(caller: str, callee: str, policy: Policy, entry: bool, meshed: bool, ask: str) -> EdgeDraft:
    head = f"serves {caller}" if entry else f"call {caller} -> {callee}"
    # A gateway that nobody described is not known to be the mesh's.
    block = clauses(policy, head, meshed=meshed and not (entry and ask))
    return EdgeDraft(
        caller, callee, block, entry, ask or ("" if entry else "how many such calls does one request make?")
    )


def _renamed(found: Edges, policies: dict[tuple[str, str], Policy], callees: set[str]) -> None:
    """A demand comes in at one pool: one that a gateway divides becomes one for each, and no name is two things."""
    entering: dict[str, list[tuple[str, str]]] = {}
    for key in policies:
        entering.setdefault(key[0], []).append(key)
    taken = callees | set(entering)
    for demand in list(found.entries):
        mine = entering.get(demand, [])
        if len(mine) <= 1 and demand not in callees and spelling.is_name(demand):
            continue
        for key in mine:
            name = spelling.name(f"{demand}-{key[1]}" if len(mine) > 1 else demand, taken)
            taken.add(name)
            policies[name, key[1]] = policies.pop(key)
            found.entries[name] = found.entries[demand]


def _mentioned(found: Edges, pools: Sequence[PoolDraft]) -> list[tuple[str, str, str]]:
    """(caller, callee, variable) for each host of the fleet in an agent's environment."""
    seen: dict[tuple[str, str], str] = {}
    for pool in pools:
        for variable, text in pool.mentions.items():
            for word in _HOST.findall(text):
                # A bare word may be anything; it is a host where it has a port, a scheme or dots.
                hosted = f"//{word}" in text or f"{word}:" in text or f"@{word}" in text or "." in word
                callee = found.hosts.find(word) if hosted else None
                if callee is not None:
                    seen.setdefault((pool.name, callee[0]), variable)
    return [(caller, callee, variable) for (caller, callee), variable in seen.items()]


class _Calls:
    """A call graph that never has a circle."""

    def __init__(self) -> None:
        self._callees: dict[str, list[str]] = {}

    def add(self, caller: str, callee: str) -> bool:
        """Whether the call was added: it is not where it would close a circle."""
        if self._reaches(callee, caller):
            return False
        self._callees.setdefault(caller, []).append(callee)
        return True

    def _reaches(self, start: str, goal: str) -> bool:
        waiting, seen = [start], {start}
        while waiting:
            here = waiting.pop()
            if here == goal:
                return True
            for callee in self._callees.get(here, ()):
                if callee not in seen:
                    seen.add(callee)
                    waiting.append(callee)
        return False
