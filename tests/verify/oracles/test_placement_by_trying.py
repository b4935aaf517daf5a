"""Pods on nodes of two kinds, of which some are lost: every placement tried."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from .trying import agrees, cases, judged


@dataclass(frozen=True)
class Kind:
    count: int
    cpu: int
    memory: int
    pods: int


@dataclass(frozen=True)
class Pods:
    agents: int
    cpu: int
    memory: int


KINDS = st.builds(Kind, st.integers(1, 3), st.integers(1, 5), st.integers(1, 5), st.integers(1, 3))
PODS = st.builds(Pods, st.integers(1, 3), st.integers(1, 4), st.integers(1, 4))


def _fits(pods: list[Pods], nodes: list[Kind]) -> bool:
    """Every pod on every node that has room, from all states that the pods before it left."""
    states = {tuple(sorted((node.cpu, node.memory, node.pods) for node in nodes))}
    for pod in pods:
        after = set()
        for state in states:
            for at, (cpu, memory, places) in enumerate(state):
                if cpu >= pod.cpu and memory >= pod.memory and places:
                    left = (cpu - pod.cpu, memory - pod.memory, places - 1)
                    after.add(tuple(sorted((*state[:at], left, *state[at + 1 :]))))
        states = after
    return bool(states)


def _text(kinds: list[Kind], pools: list[Pods], zones: int, survive: str) -> str:
    nodes = [
        f"nodes n{index} {{ count {kind.count}; cpu {kind.cpu}; memory {kind.memory}Gi; pods {kind.pods}; "
        f"zones {zones} }}"
        for index, kind in enumerate(kinds)
    ]
    asked = [
        f"pool p{index} {{ agents {pool.agents}; each {{ cpu {pool.cpu}; memory {pool.memory}Gi }} }}"
        for index, pool in enumerate(pools)
    ]
    return "fleet f {\n" + "\n".join([*nodes, survive, *asked]) + "\n}"


@cases
def test_what_fits_at_once_during_an_update(cases: int) -> None:
    @settings(max_examples=cases)
    @given(st.lists(KINDS, min_size=1, max_size=2), st.lists(PODS, min_size=1, max_size=2))
    def check(kinds: list[Kind], pools: list[Pods]) -> None:
        text = _text(kinds, pools, 1, "")
        # A quarter more while a Deployment is updated, rounded up.
        pods = [pool for pool in pools for _ in range(pool.agents + -(-pool.agents // 4))]
        nodes = [kind for kind in kinds for _ in range(kind.count)]
        agrees(judged(text, "nodes/fit"), _fits(pods, nodes), text, open=True)

    check()


@cases
def test_what_fits_after_a_loss(cases: int) -> None:
    @settings(max_examples=cases)
    @given(KINDS.filter(lambda kind: kind.count > 1), st.lists(PODS, min_size=1, max_size=2), st.integers(1, 3))
    def check(kind: Kind, pools: list[Pods], zones: int) -> None:
        pods = [pool for pool in pools for _ in range(pool.agents)]
        in_zone = [[at for at in range(kind.count) if at % zones == zone] for zone in range(zones)]
        losses: dict[str, list[int]] = {
            "zone": [len(one) for one in in_zone],
            "node": [1],
        }
        for what, gone in losses.items():
            text = _text([kind], pools, zones, f"survive loss of 1 {what}")
            holds = all(_fits(pods, [kind] * (kind.count - lost)) for lost in gone)
            agrees(judged(text, f"nodes/fit/{what}-loss"), holds, text, open=True)

    check()


@cases
def test_what_fits_whichever_nodes_are_lost(cases: int) -> None:
    @settings(max_examples=cases)
    @given(st.lists(KINDS, min_size=2, max_size=3), st.lists(PODS, min_size=1, max_size=2), st.integers(1, 3))
    @example([Kind(1, 3, 4, 2), Kind(1, 5, 5, 5), Kind(1, 2, 2, 1)], [Pods(1, 3, 4)], 2)
    def check(kinds: list[Kind], pools: list[Pods], lost: int) -> None:
        text = _text(kinds, pools, 1, f"survive loss of {lost} nodes" if lost > 1 else "survive loss of 1 node")
        pods, nodes = (
            [one for one in pools for _ in range(one.agents)],
            [one for one in kinds for _ in range(one.count)],
        )
        left = {tuple(sorted(rest)) for rest in itertools.combinations(range(len(nodes)), max(0, len(nodes) - lost))}
        holds = all(_fits(pods, [nodes[at] for at in rest]) for rest in left)
        agrees(judged(text, "nodes/fit/node-loss"), holds, text, open=True)

    check()


def test_of_many_ways_to_lose_nodes_the_worst_of_all_proves() -> None:
    classes = "".join(f"nodes n{at} {{ count 9; cpu 4; memory 8Gi }}\n" for at in range(4))
    text = f"fleet f {{ {classes} survive loss of 5 nodes\n pool p {{ agents 60; each {{ cpu 1; memory 1Gi }} }} }}"
    assert judged(text, "nodes/fit/node-loss") is Status.PROVED
    # 31 nodes of any 36 hold 124 agents, and 16, four of each class, hold 64.
    assert judged(text.replace("agents 60", "agents 70"), "nodes/fit/node-loss") is Status.UNKNOWN
    assert judged(text.replace("agents 60", "agents 125"), "nodes/fit/node-loss") is Status.REFUTED


def test_a_placement_that_needs_two_kinds_is_not_given_up() -> None:
    kinds, pools = [Kind(1, 4, 1, 3), Kind(1, 1, 4, 3)], [Pods(1, 2, 1), Pods(1, 1, 2)]
    text = _text(kinds, pools, 1, "")
    found = judged(text, "nodes/fit")
    agrees(found, _fits([one for one in pools for _ in range(2)], kinds), text, open=True)
    assert len(list(itertools.chain(kinds, pools))) == 4
