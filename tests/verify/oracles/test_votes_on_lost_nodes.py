"""A vote after a lost node or zone: every number of nodes, every placement on them, every choice of members."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from .trying import agrees, drawn, judged


@dataclass(frozen=True)
class Kind:
    least: int
    more: int
    cpu: int
    pods: int


@dataclass(frozen=True)
class Pods:
    agents: int
    cpu: int


KINDS = st.builds(Kind, st.integers(0, 3), st.integers(0, 2), st.integers(1, 5), st.integers(1, 4))
PODS = st.builds(Pods, st.integers(1, 4), st.integers(1, 3))
SHARES = st.sampled_from([Fraction(1, 4), Fraction(1, 2), Fraction(2, 3)])

Node = tuple[int, int, int]
"""Zone, cores and places."""


def _fleets(kinds: list[Kind], zones: int) -> Iterator[list[Node]]:
    for counts in itertools.product(*(range(each.least, each.least + each.more + 1) for each in kinds)):
        yield [
            (at % zones, each.cpu, each.pods) for each, count in zip(kinds, counts, strict=True) for at in range(count)
        ]


def _placements(nodes: list[Node], pools: list[Pods], hard: bool) -> Iterator[tuple[int, ...]]:
    """How many agents of the first pool are on each node, wherever the others can be as well."""
    wheres: list[list[tuple[int, ...]]] = []
    in_use = sorted({zone for zone, _, _ in nodes})
    for pool in pools:
        some = []
        for one in itertools.product(range(pool.agents + 1), repeat=len(nodes)):
            if sum(one) != pool.agents:
                continue
            held = [sum(count for count, (at, _, _) in zip(one, nodes, strict=True) if at == zone) for zone in in_use]
            if not hard or max(held) - min(held) < 2:
                some.append(one)
        wheres.append(some)
    for together in itertools.product(*wheres):
        if all(
            sum(one[at] * pool.cpu for one, pool in zip(together, pools, strict=True)) <= cpu
            and sum(one[at] for one in together) <= places
            for at, (_, cpu, places) in enumerate(nodes)
        ):
            yield together[0]


def _chosen(members: int, nodes: list[Node], agents: tuple[int, ...], even: bool) -> Iterator[tuple[int, ...]]:
    """Members on each node; `even`: none could be of a zone with two fewer instead."""
    for one in itertools.product(*(range(count + 1) for count in agents)):
        if sum(one) != members:
            continue
        zones = {zone: [0, 0] for zone, _, _ in nodes}
        for (zone, _, _), count, held in zip(nodes, one, agents, strict=True):
            zones[zone][0] += count
            zones[zone][1] += held
        free = [count for count, held in zones.values() if count < held]
        if not even or not free or max(count for count, _ in zones.values()) - min(free) < 2:
            yield one


def _text(kinds: list[Kind], zones: int, pools: list[Pods], survive: str, members: int, share: Fraction) -> str:
    nodes = [
        f"nodes n{at} {{ count {each.least}..{each.least + each.more}; cpu {each.cpu}; memory 64Gi; "
        f"pods {each.pods}; zones {zones} }}"
        for at, each in enumerate(kinds)
    ]
    asked = [
        f"pool p{at} {{ agents {pool.agents}; each {{ cpu {pool.cpu}; memory 1Gi }} }}" for at, pool in enumerate(pools)
    ]
    vote = f"consensus c among p0 {{ members {members}; majority {share}; tolerate 0 crashed }}"
    return "fleet f {\n" + "\n".join([*nodes, survive, *asked, vote]) + "\n}"


def _loses(nodes: list[Node], lost: int, what: str) -> Iterator[frozenset[int]]:
    """The nodes that go."""
    if what == "node":
        yield from (frozenset(one) for one in itertools.combinations(range(len(nodes)), min(lost, len(nodes))))
        return
    zones = sorted({zone for zone, _, _ in nodes})
    for gone in itertools.combinations(zones, min(lost, len(zones))):
        yield frozenset(at for at, (zone, _, _) in enumerate(nodes) if zone in gone)


def _stands(
    fleet: list[Node], pools: list[Pods], members: int, share: Fraction, lost: dict[str, int], what: str, even: bool
) -> bool:
    return all(
        members - sum(one[at] for at in gone) > share * members
        for agents in _placements(fleet, pools, "zone" in lost)
        for one in set(_chosen(members, fleet, agents, even))
        for gone in _loses(fleet, lost[what], what)
    )


@drawn(40, 5_000)
def test_a_quorum_is_left_wherever_the_agents_are(cases: int) -> None:
    losses = st.dictionaries(st.sampled_from(["zone", "node"]), st.integers(1, 2), min_size=1)

    @settings(max_examples=cases, deadline=None)
    @given(
        st.lists(KINDS, min_size=1, max_size=2),
        st.integers(1, 3),
        st.lists(PODS, min_size=1, max_size=2),
        st.integers(0, 2),
        SHARES,
        losses,
    )
    # Two nodes have the cores and the places for all, but not for half of each pool: there are three.
    @example([Kind(1, 2, 5, 4)], 3, [Pods(4, 1), Pods(3, 2)], 1, Fraction(1, 4), {"zone": 2})
    def check(
        kinds: list[Kind], zones: int, pools: list[Pods], fewer: int, share: Fraction, lost: dict[str, int]
    ) -> None:
        kinds = kinds if "zone" not in lost else kinds[:1]
        if sum(each.least + each.more for each in kinds) > 5:
            kinds = kinds[:1]
        members = max(1, pools[0].agents - fewer)
        survive = "; ".join(f"survive loss of {count} {what}{'s' * (count > 1)}" for what, count in lost.items())
        text = _text(kinds, zones, pools, survive, members, share)
        for what in lost:
            fleets = list(_fleets(kinds, zones))
            if not any(True for fleet in fleets for _ in _placements(fleet, pools, "zone" in lost)):
                continue
            even = "zone" in lost
            holds = all(_stands(fleet, pools, members, share, lost, what, even) for fleet in fleets if fleet)
            agrees(judged(text, f"quorum/c/{what}-loss"), holds, text, open=True)

    check()
