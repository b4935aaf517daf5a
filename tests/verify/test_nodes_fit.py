"""Pods on nodes, whole and after a loss, with hand-counted numbers and brute force."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status
from seatrial.compiler.verify.check import statuses
from seatrial.compiler.verify.flows.packing import placed
from seatrial.compiler.verify.flows.placement import too_small

from .specs import core, findings, fleet_of, offers, proved, refuted, unknown

SPEC = """fleet f {{
  nodes n {{ count 1..{nodes}; cpu {cpu}; memory {memory}Gi; pods {pods}; zones {zones} }}
  {survive}
  pool p {{ agents {agents}; each {{ cpu {each}; memory {size}Gi }} }}
}}"""


def spec(**values: object) -> str:
    usual = {
        "nodes": 4,
        "cpu": 4,
        "memory": 64,
        "pods": 110,
        "zones": 1,
        "survive": "",
        "agents": 8,
        "each": 1,
        "size": 1,
    }
    return SPEC.format(**(usual | values))


def test_the_pods_of_a_rolling_update_need_their_place_too() -> None:
    # 13 agents and 4 of the update (25 % of 13, rounded up) are 17 cores of 16.
    finding = refuted(spec(agents=13), "nodes/fit")
    assert "17" in finding.witness and "16" in finding.witness
    assert core(finding) == {"13", "1", "4"}
    assert {("13", "12"), ("4", "5")} <= offers(finding)
    proved(spec(agents=12), "nodes/fit")


def test_what_does_not_fit_at_rest_is_told_with_the_update_that_a_repair_makes_room_for() -> None:
    # 20 agents are 20 cores of 16, and 25 in an update: seven nodes of 4, not five.
    finding = refuted(spec(agents=20), "nodes/fit")
    assert finding.witness.startswith("20 pods (20 of p) need 20 cores, 4 nodes of n have 16; in a rolling update 25 ")
    assert ("4", "7") in offers(finding)


def test_a_pod_that_is_larger_than_every_node_is_told_as_such() -> None:
    assert "one agent of p needs 5 cores" in refuted(spec(each=5), "nodes/fit").witness


def test_what_the_sums_allow_and_whole_pods_do_not() -> None:
    # 3 cores each: one on a node of 4, though 5 x 3 = 15 cores are within 16.
    finding = refuted(spec(each=3, agents=4), "nodes/fit")
    assert "a node of n holds 1 agent of p" in finding.witness


def test_a_zone_takes_its_nodes_with_it() -> None:
    # 4 nodes over 3 zones: the fullest has 2, 2 are left with 8 cores.
    finding = refuted(spec(zones=3, survive="survive loss of 1 zone", agents=9), "nodes/fit/zone-loss")
    assert "after the loss of 1 zone" in finding.witness
    proved(spec(zones=3, survive="survive loss of 1 zone", agents=8), "nodes/fit/zone-loss")
    proved(spec(survive="survive loss of 1 node", agents=12), "nodes/fit/node-loss")
    refuted(spec(survive="survive loss of 2 nodes", agents=9), "nodes/fit/node-loss")


def test_places_for_pods_run_out_before_cores_do() -> None:
    assert "places for pods" in refuted(spec(pods=2, each="100m"), "nodes/fit").witness


def test_without_sizes_it_is_unknown_and_without_nodes_there_is_no_promise() -> None:
    assert (
        "p does not state"
        in unknown("fleet f { nodes n { count 1..2; cpu 4; memory 8Gi }; pool p { agents 3 } }", "nodes/fit").reason
    )
    assert "nodes/fit" not in findings("fleet f { pool p { agents 3 } }")


TWO = """fleet f {{
  nodes n {{ count 1..{nodes}; cpu 10; memory 64Gi }}
  survive loss of 1 node
  pool a {{ agents {a}; each {{ cpu {ca}; memory 1Gi }} }}
  pool b {{ agents {b}; each {{ cpu {cb}; memory 1Gi }} }}
}}"""


def _packs(sizes: list[int], nodes: int) -> bool:
    """Every way to put the pods on nodes of 10 cores, tried."""
    states = {(0,) * nodes}
    for size in sizes:
        states = {
            tuple(sorted((*state[:at], state[at] + size, *state[at + 1 :])))
            for state, at in itertools.product(states, range(nodes))
            if state[at] + size <= 10
        }
    return bool(states)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 4), st.integers(1, 4), st.integers(1, 9), st.integers(1, 4), st.integers(1, 9))
def test_what_is_decided_agrees_with_trying_every_placement(nodes: int, a: int, ca: int, b: int, cb: int) -> None:
    found = findings(TWO.format(nodes=nodes, a=a, ca=ca, b=b, cb=cb))["nodes/fit/node-loss"].status
    fits = _packs([ca] * a + [cb] * b, nodes - 1)
    assert found is Status.UNKNOWN or (found is Status.PROVED) == fits


def test_pods_that_cannot_share_a_node_are_counted_though_the_sums_fit() -> None:
    # 4 x 0.8 and 2 x 0.25 of a node are 3.7 nodes; the small ones fit beside none of the large.
    spec = """fleet f {{
      nodes n {{ count {count}; cpu 10; memory 10Gi }}
      pool large {{ agents 3; each {{ cpu 8; memory 8Gi }} }}
      pool small {{ agents 1; each {{ cpu 2500m; memory 2560Mi }} }}
    }}"""
    assert "no fewer than 5 nodes" in refuted(spec.format(count=4), "nodes/fit").witness
    proved(spec.format(count=5), "nodes/fit")


def test_what_does_not_fit_without_an_update_is_told_without_it() -> None:
    pool = "pool p {{ agents 4; each {{ cpu 2; memory 1Gi }} }}"
    spec = f"fleet f {{{{ nodes n {{{{ count {{count}}; cpu 4; memory 8Gi }}}}; {pool} }}}}"
    assert "4 pods (4 of p) need 8 cores" in refuted(spec.format(count=1), "nodes/fit").witness
    assert "5 pods (5 of p) need 10 cores" in refuted(spec.format(count=2), "nodes/fit").witness


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 4), st.integers(1, 6)), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(1, 5), st.integers(2, 6), st.integers(2, 8)), min_size=1, max_size=2),
)
def test_what_all_nodes_together_are_too_small_for_has_no_place(
    pools: list[tuple[int, int, int]], nodes: list[tuple[int, int, int]]
) -> None:
    classes = [
        f"nodes n{at} {{ count {count}; cpu {cpu}; memory {size}Gi }}" for at, (count, cpu, size) in enumerate(nodes)
    ]
    agents = [
        f"pool p{at} {{ agents {count}; each {{ cpu {cpu}; memory {size}Gi }} }}"
        for at, (count, cpu, size) in enumerate(pools)
    ]
    fleet = fleet_of(f"fleet f {{ {'; '.join([*classes, *agents])} }}")
    pods, have = {f"p{at}": one[0] for at, one in enumerate(pools)}, {f"n{at}": one[0] for at, one in enumerate(nodes)}
    cores, memory = (sum(one[0] * one[at] for one in nodes) for at in (1, 2))
    wanted = [sum(one[0] * one[at] for one in pools) for at in (1, 2)]
    assert too_small(fleet, pods, have) == (wanted[0] > cores or wanted[1] > memory)
    if too_small(fleet, pods, have):
        assert placed(fleet.nodes, fleet.pools, pods, have) is None


@pytest.mark.parametrize("lost", ["1 zone", "2 zones", "1 node"])
def test_a_loss_of_what_is_not_stated_is_never_dropped(lost: str) -> None:
    spec = f"fleet f {{ survive loss of {lost}; pool p {{ agents 5; each {{ cpu 1; memory 1Gi }} }} }}"
    found = unknown(spec, f"nodes/fit/{lost.split()[1].rstrip('s')}-loss")
    assert "no `nodes` are stated" in found.reason and f"the loss of {lost}" in found.reason
    assert ("zones 3" in found.remedy) == ("zone" in lost)


CLASSES = [
    "nodes NAME { count 1..3; cpu 4; memory 6Gi; price $1/h; zones 2 }",
    "nodes NAME { count 2; cpu 3; memory 12Gi; price $2/h; zones 2 }",
    "nodes NAME { count 1..2; cpu 6; memory 4Gi; pods 3; zones 2 }",
    "nodes NAME { count 1; cpu 8; memory 8Gi; gpu 2; zones 1 }",
]
PODS = st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(1, 5), st.lists(st.integers(0, 3), max_size=2))
LOSSES = ["", "survive loss of 1 node", "survive loss of 2 nodes", "survive loss of 1 zone"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 3), min_size=2, max_size=4, unique=True),
    st.lists(PODS, min_size=1, max_size=3),
    st.sampled_from(LOSSES),
    st.permutations("acxz"),
    st.randoms(use_true_random=False),
)
# One agent that may be anywhere takes the place of one of the others, or does not.
@example([0, 1, 2], [(1, 1, 1, []), (4, 4, 1, [])], "", list("acxz"), random.Random(0))
def test_the_order_and_the_names_of_classes_decide_nothing(
    kinds: list[int],
    pools: list[tuple[int, int, int, list[int]]],
    loss: str,
    names: list[str],
    order: random.Random,
) -> None:
    def blocks(names: Sequence[str]) -> list[str]:
        found = [CLASSES[kind].replace("NAME", names[kind]) for kind in kinds]
        for at, (agents, cpu, size, on) in enumerate(pools):
            there = [names[kind] for kind in dict.fromkeys(on) if kind in kinds]
            where = f"on {', '.join(there)}; " if there else ""
            found.append(f"pool p{at} {{ {where}agents {agents}; each {{ cpu {cpu}; memory {size}Gi }} }}")
        return [*found, loss, "consensus c among p0 { members 1; majority 1/2 }", "budget nodes $4/h"]

    shuffled = blocks(names)
    order.shuffle(shuffled)
    plain, other = (statuses(fleet_of("fleet f {\n" + "\n".join(one) + "\n}")) for one in (blocks("nmkg"), shuffled))
    assert other == plain
