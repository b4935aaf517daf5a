"""Errors in a row: some requests are late together, each other one for itself; how often so many follow one another is
never told too low."""

from __future__ import annotations

import random

import pytest

from seatrial.compiler.verify.flows.apart import Apart

_TRIES = 200_000


@pytest.mark.parametrize("errors", [1, 2, 3, 5])
@pytest.mark.parametrize(("bursts", "length", "alone"), [(0.002, 1, 0.05), (0.002, 4, 0.2), (0.0005, 30, 0.02)])
def test_no_more_rows_are_seen_than_told(errors: int, bursts: float, length: int, alone: float) -> None:
    # A wait that begins makes so many tries late that follow: rows of them take turns, as the worst order has it.
    chance, waiting, row, rows, waited = random.Random(errors), 0, 0, 0, 0
    for _ in range(_TRIES):
        waiting = length if chance.random() < bursts else max(0, waiting - 1)
        waited += waiting > 0
        row = row + 1 if waiting or chance.random() < alone else 0
        if row == errors:
            rows, row = rows + 1, 0
    told = Apart(waited / _TRIES, alone).in_a_row(errors)
    assert rows / _TRIES <= told * 1.05
    # And where nobody waits by no more than the windows that overlap, and what comes in them besides.
    assert Apart(0.0, alone).in_a_row(errors) == pytest.approx(alone**errors)


def test_rows_beyond_all_measure_are_seen_no_more_often_than_shorter_ones() -> None:
    often = Apart(1e-3, 0.9)
    assert often.in_a_row(10**30) == often.in_a_row(1_000) <= often.in_a_row(5)
