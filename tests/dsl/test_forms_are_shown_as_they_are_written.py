"""A form that messages, hover and the reference show can be copied: parentheses and bars stand for a choice alone."""

from __future__ import annotations

import pytest

from seatrial.dsl.phrases import spelled


@pytest.mark.parametrize(
    ("phrase", "shown"),
    [
        ("restart <where:elsewhere>", "restart elsewhere"),
        ("shards <count:count> [by <by:skill>]", "shards COUNT [by skill]"),
        ("secure <how:strictly|loosely>", "secure (loosely|strictly)"),
        ("give <who:name> , <other:name> takes", "give NAME, NAME takes"),
    ],
)
def test_a_word_that_must_be_there_is_no_choice(phrase: str, shown: str) -> None:
    assert spelled(phrase) == shown
