"""Looking for repairs ends after so many steps, says so, and what it found before is still checked."""

from __future__ import annotations

import sys

import pytest

from seatrial.compiler.semantics.capacity import Crowd, Node, PodClass, crowd
from seatrial.compiler.verify import Status, check
from seatrial.compiler.verify.check import BROKEN_OFF
from seatrial.compiler.verify.obligations.nodes import nodes
from seatrial.compiler.verify.repairs.bench import Steps

from .specs import fleet_of

_POOLS = 14
CHAIN = "\n".join(
    [
        "fleet f { demand d { steady 10/s }",
        *(
            f"pool p{at} {{ {'serves d; ' if not at else ''}agents 3; "
            "each { concurrency 8; service mean 1ms, p99 2ms } }"
            for at in range(_POOLS)
        ),
        *(f"call p{at} -> p{at + 1} {{ timeout 5s; retry 1 {{ budget 20% }} }}" for at in range(_POOLS - 1)),
        "}",
    ]
)


def test_each_guarantee_gets_an_even_share_of_what_is_left() -> None:
    steps = Steps(1000)
    steps.share(2)
    assert steps.look(200) and not steps.look(100) and steps.stopped
    assert steps.try_(250) and not steps.try_(1)
    steps.share(1)
    # 550 are left for the last one.
    assert not steps.stopped and steps.look(275) and not steps.look(1) and steps.try_(275)


def test_a_search_that_was_broken_off_says_so() -> None:
    cut = [one for one in check(fleet_of(CHAIN), steps=3_000) if one.status is Status.REFUTED]
    whole = [one for one in check(fleet_of(CHAIN)) if one.status is Status.REFUTED]
    assert [one.id for one in cut] == [one.id for one in whole] == [f"amplification/p{at}" for at in (11, 12, 13)]
    assert any(BROKEN_OFF in one.reason for one in cut)
    assert whole[0].repairs and not any(BROKEN_OFF in one.reason for one in whole)
    for one in cut:
        assert all(one.id in repair.mends for repair in one.repairs)


def test_where_every_pool_is_placed_anew_there_are_fewer_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    pools = "\n".join(
        f"  pool p{n} {{ agents 4; each {{ cpu {'5' if n % 10 == 3 else '100m'}; memory 1Gi }} }}" for n in range(100)
    )
    fleet = fleet_of(f"fleet f {{ nodes n {{ count 46; cpu 8; memory 64Gi; pods 110 }}\n{pools} }}")
    looks = 0

    def counted(node: Node, classes: list[PodClass], have: int) -> Crowd:
        nonlocal looks
        looks += 1
        return crowd(node, classes, have)

    monkeypatch.setattr(sys.modules[nodes.__module__], "crowd", counted)
    (finding,) = check(fleet)
    assert finding.status is Status.REFUTED and finding.repairs
    assert looks < 400
