"""The same fleet in another order, or under other names, is judged the same; more money never hurts."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status
from seatrial.compiler.verify.check import statuses

from .specs import findings, fleet_of

BLOCKS = [
    "nodes n { count 1..3; cpu 4; memory 16Gi; price $1/h; zones 3 }",
    "survive loss of 1 zone",
    "demand d { steady 40/s; peak 90/s for 1m every 1h }",
    "dependency x { limit 200 requests/s; connections 9; latency p50 20ms, p99 90ms }",
    "pool a { serves d { timeout 2s; retry 2 { backoff 1s up to 2s } }; agents 3; each { cpu 1; memory 1Gi; "
    "concurrency 2; service mean 30ms, p99 90ms; holds 2 connections to x } }",
    "pool b { agents 2; each { cpu 1; memory 1Gi; concurrency 2; service mean 30ms, p99 90ms; "
    "holds 1 connection to x } }",
    "call a -> b 0.5 per request { timeout 500ms; retry 2 }",
    "call b -> x 1 per request { timeout 1s; retry 1 }",
    "budget compute $2/h",
    "guarantee latency p95 < 400ms",
    "guarantee amplification < 12",
]


def _judged(blocks: list[str]) -> dict[str, tuple[Status, str, frozenset[tuple[str, str]], frozenset[str]]]:
    found = findings("fleet f {\n" + "\n".join(blocks) + "\n}")
    return {
        id: (
            one.status,
            one.witness + one.margin + one.reason,
            frozenset((each.old, each.new) for each in one.repairs),
            frozenset(clause.text for clause in one.core),
        )
        for id, one in found.items()
    }


def test_the_example_has_all_three_outcomes() -> None:
    assert {one[0] for one in _judged(BLOCKS).values()} >= {Status.PROVED, Status.REFUTED}


@settings(max_examples=4, deadline=None)
@given(st.randoms(use_true_random=False))
def test_order_does_not_matter(order: random.Random) -> None:
    shuffled = BLOCKS[:]
    order.shuffle(shuffled)
    assert _judged(shuffled) == _judged(BLOCKS)


def test_names_do_not_matter() -> None:
    plain = _judged(BLOCKS)
    renamed = [
        block.replace("pool b", "pool zz").replace("-> b", "-> zz").replace("call b", "call zz") for block in BLOCKS
    ]
    other = _judged(renamed)
    assert {id.replace("zz", "b"): one[0] for id, one in other.items()} == {id: one[0] for id, one in plain.items()}
    assert {id.replace("zz", "b"): one[2] for id, one in other.items()} == {id: one[2] for id, one in plain.items()}


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12))
def test_more_money_never_breaks_a_proof(less: int, more: int) -> None:
    less, more = min(less, more), less + more
    rank = {Status.REFUTED: 0, Status.UNKNOWN: 1, Status.PROVED: 2}
    blocks = [block for block in BLOCKS if not block.startswith("budget")]
    poor = statuses(fleet_of("fleet f {\n" + "\n".join([*blocks, f"budget nodes ${less}/h"]) + "\n}"))
    rich = statuses(fleet_of("fleet f {\n" + "\n".join([*blocks, f"budget nodes ${more}/h"]) + "\n}"))
    assert all(rank[rich[id]] >= rank[one] for id, one in poor.items())
