"""Random pools that may be empty, run item by item: nobody waits longer than is said of their queue."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read
from seatrial.compiler.verify.flows.analysis import Analysis, Level
from seatrial.compiler.verify.flows.emptying import Work, emptied_within, nobody_for
from seatrial.dsl.source import Source

from ..emptied import Empty, drawn, hours


def bound_of(pool: Empty) -> tuple[Fraction, Fraction]:
    """How long an item of a full queue waits at the most, and for how long of it nobody may be there."""
    fleet, found = resolve(read(Source("f.fleet", pool.text)).clauses, {})
    assert fleet is not None, found
    analysis = Analysis(fleet)
    one = fleet.pool("worker")
    within = emptied_within(analysis, one, Level.PEAK, Work(Fraction(pool.bound)))
    assert isinstance(within, Fraction), within
    return within, nobody_for(analysis, one)


@pytest.mark.parametrize("seed", range(60))
def test_no_item_waits_longer_than_is_proved(seed: int) -> None:
    chance = random.Random(seed)
    pool = drawn(chance)
    run = hours(pool, chance)
    within, nobody = bound_of(pool)
    assert run.started > 0
    assert run.longest <= within
    assert nobody == 30 + pool.startup


def test_what_nobody_is_there_for_is_needed() -> None:
    """Without it the bound would be wrong: in most of the runs somebody waits longer."""
    beyond = 0
    for seed in range(20):
        chance = random.Random(seed)
        pool = drawn(chance)
        run = hours(pool, chance, 1.0)
        within, nobody = bound_of(pool)
        beyond += run.longest > within - nobody
    assert beyond >= 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 2500))
def test_no_item_of_many_pools_waits_longer(seed: int) -> None:
    chance = random.Random(seed)
    pool = drawn(chance)
    assert hours(pool, chance).longest <= bound_of(pool)[0]
