"""What a report says of how to repeat the trial is the whole of what was asked."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from seatrial.cli.specs import Choices, spec_options

pytestmark = pytest.mark.live

CHOICES = Choices("staging", {"peak": "80/s", "title": "a b"}, {"calls": "over there/calls.csv"})


def _read(words: list[str]) -> Choices:
    read: list[Choices] = []

    @click.command()
    @spec_options
    def command(choices: Choices) -> int:
        read.append(choices)
        return 0

    result = CliRunner().invoke(command, words, standalone_mode=False)
    assert result.exit_code == 0, result.output
    return read[0]


def test_the_options_that_are_said_again_are_read_as_the_same() -> None:
    assert _read(CHOICES.words) == CHOICES
    assert _read([]).words == []
