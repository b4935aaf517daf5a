"""A repair that makes one of many, or many of one, writes the word of what is counted as a user would."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial.compiler.verify.edits.counted import with_its_word
from seatrial.dsl.source import Source, Span
from tests.cli.command import seatrial

HOLDS = """fleet desk {
  demand tickets { steady 5/s }
  dependency db { connections 5; latency p50 5ms, p99 20ms }
  pool triage {
    serves tickets { timeout 2s }
    agents 3
    each { concurrency 8; service mean 30ms, p99 120ms; holds   2  connections to db }
  }
}
"""


def test_fixed_and_formatted_it_is_one_connection(tmp_path: Path) -> None:
    path = tmp_path / "desk.fleet"
    path.write_text(HOLDS)
    said = seatrial("check", "--fix", path)
    assert said.code == 0 and "to db to 1" in said.err
    assert "holds   1  connection to db" in path.read_text()


@pytest.mark.parametrize(
    ("text", "new", "written"),
    [
        ("survive loss of [2] zones", "1", "survive loss of 1 zone"),
        ("survive loss of [1] zone", "3", "survive loss of 3 zones"),
        ("level 1 at [1] signal", "2", "level 1 at 2 signals"),
        ("kill [12] agents of triage at 8s", "1", "kill 1 agent of triage at 8s"),
        ("kill [12] agents of triage at 8s", "2", "kill 2 agents of triage at 8s"),
        ("agents [2] # agents", "1", "agents 1 # agents"),
        ("call a -> agents-db [2] per request", "1", "call a -> agents-db 1 per request"),
        ("holds [2] connections-of-old to db", "1", "holds 1 connections-of-old to db"),
    ],
)
def test_only_a_word_of_two_numbers_changes(text: str, new: str, written: str) -> None:
    before, number, after = re.split(r"[\[\]]", text)
    plain = before + number + after
    span, now = with_its_word(Span(Source("a.fleet", plain), len(before), len(before + number)), new)
    assert plain[: span.start] + now + plain[span.end :] == written


NAMED = HOLDS.replace("  2  connections", " $held connections")


@pytest.mark.parametrize(
    ("lets", "written"),
    [
        ("let held = 2\n", "$held connection to"),
        # With a second value, which the repair leaves alone, neither word is right for both.
        ("let held = 2\nfleet desk { environment more { let held = 2 } }\n", "$held connections to"),
    ],
)
def test_the_word_behind_the_name_of_a_count_goes_with_its_new_value(tmp_path: Path, lets: str, written: str) -> None:
    path = tmp_path / "desk.fleet"
    merged = lets.partition("fleet desk {")[2].rpartition("}")[0]
    path.write_text(lets.partition("fleet")[0] + NAMED.replace("fleet desk {", f"fleet desk {{{merged}"))
    said = seatrial("check", "--fix", path)
    assert said.code == 0 and "to db to 1" in said.err
    assert "let held = 1\n" in path.read_text() and written in path.read_text()
