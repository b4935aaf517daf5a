"""An answer is a literal of the language; what is none is refused with its words, and contradictions with theirs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.compiler.draft import Said, fleet_name, latency_objective, said, usual_limit, usual_p99, usual_peak
from seatrial.compiler.draft.rounding import dollars_a_day, duration, rate, up

from .test_drafts_are_proved import answers, one


@pytest.mark.parametrize(
    ("kind", "text", "amount"),
    [("rate", "300/min", 5), ("duration", " 1.5 s", Fraction(3, 2)), ("share", "99.9%", Fraction(999, 1000))],
)
def test_an_answer_keeps_its_text(kind: str, text: str, amount: Fraction) -> None:
    assert said(kind, text) == Said("".join(text.split()), Fraction(amount))


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("rate", "20", "needs a unit"),
        ("rate", "", "not a quantity"),
        ("duration", "20/s", "a duration is wanted here"),
        ("duration", "0s", "out of range"),
        ("share", "120%", "out of range"),
        ("name", "My Desk", "`my-desk`"),
        ("positive", "two", "not a quantity"),
        ("price", "$5", "per time"),
    ],
)
def test_what_is_no_answer_is_told_with_what_is(kind: str, text: str, words: str) -> None:
    told = said(kind, text)
    assert isinstance(told, str) and words in told


@pytest.mark.parametrize("text", ["p95 < 2s", "p95<2s", "latency p95 < 2s", "p95 2s", "2s", "  2s "])
def test_an_objective_in_each_way_of_writing_it(text: str) -> None:
    assert latency_objective(text) == (Said("p95", Fraction(95, 100)), Said("2s", Fraction(2)))


@pytest.mark.parametrize("text", ["", "fast", "p95 < fast", "p0 < 2s", "2s please", "p95 > 2s"])
def test_what_is_no_objective(text: str) -> None:
    assert isinstance(latency_objective(text), str)


def test_contradictions_are_told() -> None:
    asked = answers()
    assert asked.wrong() == ""
    wrongs = {
        "nothing is asked": replace(asked, steady=one("rate", "0/s")),
        "is below the usual rate": replace(asked, peak=one("rate", "1/s")),
        "is quicker than the average": replace(asked, p99=one("duration", "1ms")),
        "more than service times vary": replace(asked, p99=one("duration", "1m")),
        "cannot be promised": replace(asked, success=one("share", "100%")),
        "p95 has two limits": replace(asked, latency=asked.latency * 2),
    }
    for words, one_wrong in wrongs.items():
        assert words in one_wrong.wrong()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My Desk!", "my-desk"),
        ("42", "n42"),
        ("", "fleet"),
        ("9-to-5", "to-5-9"),
        ("x1", "x-1"),
        ("1:1", "n1-1"),
        ("Größe", "grosse"),
    ],
)
def test_any_folder_has_a_name_for_a_fleet(text: str, name: str) -> None:
    assert fleet_name(text) == name


@given(st.text())
def test_what_is_made_of_any_text_is_a_name(text: str) -> None:
    assert isinstance(said("name", fleet_name(text)), Said)


AMOUNTS = st.fractions(Fraction(1, 10**6), 10**6)


@given(AMOUNTS)
def test_what_is_written_reads_back_and_is_not_less(amount: Fraction) -> None:
    for kind, text, most in (
        ("duration", duration(amount), up(amount, 3) + Fraction(1, 10**6)),
        ("rate", rate(amount), up(amount, 3)),
        ("spend", dollars_a_day(amount), max(up(amount * 86_400), Fraction(1, 100)) / 86_400),
    ):
        read = one(kind, text)
        assert amount <= read.value <= most, text


@given(AMOUNTS)
def test_what_is_assumed_reads_back(amount: Fraction) -> None:
    given_one = Said("", amount)
    for kind, usual in (
        ("rate", usual_peak(given_one)),
        ("duration", usual_p99(given_one)),
        ("duration", usual_limit(given_one)),
    ):
        assert one(kind, usual.text) == usual and usual.value >= amount
