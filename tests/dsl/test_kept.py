"""What was made of the objects of a row is known as long as they are there, and of no other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from seatrial.dsl.kept import Rows

THINGS = [[number] for number in range(8)]
"""Of one kind, and each another object."""
ROUNDS = st.lists(st.lists(st.lists(st.sampled_from(THINGS), max_size=8), max_size=3), max_size=6)


@given(ROUNDS)
def test_an_answer_is_about_the_very_object(rounds: list[list[list[list[int]]]]) -> None:
    rows: Rows[int] = Rows()
    for round_ in rounds:
        rows.turn()
        for row in round_:
            known = rows.each(row)
            assert len(known) == len(row)
            assert all(made in (None, id(one)) for one, made in zip(row, known, strict=True))
            known[:] = [id(one) for one in row]


@given(st.lists(st.sampled_from(THINGS), max_size=8, unique_by=id), st.integers(0, 8), st.integers(0, 8))
def test_what_did_not_change_is_known_and_what_was_not_put_there_is_not(row: list[list[int]], at: int, to: int) -> None:
    rows: Rows[int] = Rows()
    rows.each(row)[:] = [id(one) for one in row]
    rows.turn()
    other = [*row[:at], [0], *row[at:to], *row[max(at, to) :]]
    known = rows.each(other)
    assert known == [id(one) if any(one is was for was in row) else None for one in other]
    rows.turn()
    assert rows.each(other) == known
    rows.turn()
    rows.turn()
    assert rows.each(row) == [None] * len(row)
