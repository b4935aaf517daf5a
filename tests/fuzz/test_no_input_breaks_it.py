"""A hundred thousand damaged and made-up texts, each read or reported, formatted and resolved.

A few thousand of them here, all of them with `-m slow`. A failure names its seed.
"""

from __future__ import annotations

import random
from functools import cache
from importlib.resources import files

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark
from lark import Lark

from seatrial.dsl.forms import ROOT, Form

from .mutations import damaged, documents, specs
from .subject import survives

ALL = 100_000
MADE_UP = 10_000
CHUNK = 5_000
OF_DOCUMENTS = 25_000
PROVED_ONE_IN = 50


@cache
def _texts(other_forms: bool) -> tuple[tuple[tuple[str, str], ...], tuple[float, ...]]:
    """The texts to damage, with weights: a long one takes as much time as many short ones, which break the same way."""
    texts = documents() if other_forms else specs()
    return texts, tuple(1.0 if len(text) < 1_500 else 0.2 for _, text in texts)


def _survive(seeds: range, *, other_forms: bool) -> None:
    texts, weights = _texts(other_forms)
    for seed in seeds:
        given = random.Random(seed)
        (name, text), (_, other) = given.choices(texts, weights, k=2)
        try:
            survives(name, damaged(given, text, other), judged=seed % PROVED_ONE_IN == 0)
        except BaseException as error:
            error.add_note(f"{'document' if other_forms else 'spec'} {name} with seed {seed}")
            raise


def _openings(form: Form) -> set[str]:
    return {form.opening, *(word for inner in form.body for word in _openings(inner))} if form.body else {form.opening}


def _lark() -> Lark:
    grammar = files("seatrial.dsl").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", start="start")


WORDS = sorted({word for form in ROOT.body for word in _openings(form)} | {"of", "per", "a", "b-c", "to", "within"})
AMOUNTS = ["0", "3", "4_000", "0.4", "20%", "8_000/s", "$0.68/h", "128Mi", "100m", "2/3", "1/0", "5m", "9" * 30]
RUNS = st.lists(st.sampled_from([*WORDS, *AMOUNTS, "->", "..", ","]), min_size=1, max_size=4).map(" ".join)
FROM_THE_GRAMMAR = from_lark(_lark(), explicit={"WORD": RUNS}) | from_lark(
    _lark(), explicit={"WORD": st.sampled_from(WORDS), "QUANTITY": st.sampled_from(AMOUNTS)}
)
PATIENT = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def test_damaged_specs_are_read_or_reported() -> None:
    _survive(range(500), other_forms=False)


def test_damaged_documents_are_read_or_reported() -> None:
    _survive(range(500), other_forms=True)


@given(FROM_THE_GRAMMAR)
@settings(max_examples=60, suppress_health_check=PATIENT)
def test_what_the_grammar_allows_is_read_or_reported(text: str) -> None:
    survives("grammar.fleet", text)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, ALL - MADE_UP - OF_DOCUMENTS, CHUNK))
def test_all_damaged_specs_are_read_or_reported(start: int) -> None:
    _survive(range(start, start + CHUNK), other_forms=False)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, OF_DOCUMENTS, CHUNK))
def test_all_damaged_documents_are_read_or_reported(start: int) -> None:
    _survive(range(start, start + CHUNK), other_forms=True)


@pytest.mark.slow
@given(FROM_THE_GRAMMAR)
@settings(max_examples=MADE_UP, suppress_health_check=PATIENT)
def test_all_that_the_grammar_allows_is_read_or_reported(text: str) -> None:
    survives("grammar.fleet", text)
