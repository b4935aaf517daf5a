"""`seatrial check --what-if`: a clause in the language's own words, and what changes with it."""

from __future__ import annotations

import json

import pytest

from .command import SPECS, seatrial

SUPPORT = SPECS / "support.fleet"


def test_what_falls_is_told_first_with_what_it_was() -> None:
    said = seatrial("check", SUPPORT, "--what-if", "pool triage agents 10..20_000")
    assert said.code == 1
    lines = said.out.splitlines()
    assert lines[0] == "what if: pool triage agents 10..20_000"
    assert lines[1].startswith("  refuted  ") and "(was proved)" in lines[1]
    assert "budget/compute/day (was proved)" in said.out
    assert lines[-1].endswith("(was feasible)")
    assert "capacity/triage/peak" in said.out and "to spare" in said.out


def test_nothing_is_written_and_the_plain_check_stays() -> None:
    before = SUPPORT.read_bytes()
    seatrial("check", SUPPORT, "--what-if", "budget compute $1/day")
    assert SUPPORT.read_bytes() == before


def test_several_clauses_count_together() -> None:
    one = seatrial("check", SUPPORT, "--what-if", "pool resolver agents 40..400")
    both = seatrial(
        "check",
        SUPPORT,
        "--what-if",
        "pool resolver agents 40..400",
        "--what-if",
        "dependency postgres connections 2_000",
    )
    assert "refuted  connections/postgres" in one.out
    assert "proved   connections/postgres" in both.out


@pytest.mark.parametrize(
    "clause",
    [
        "call triage -> resolver try timeout 1s",
        "call triage -> resolver { try timeout 1s }",
        "pool triage serves tickets retry 7",
        "pool triage each concurrency 1",
        "guarantee amplification < 1.1",
        "survive loss of 2 zones",
        "demand tickets steady 500/s",
    ],
)
def test_clauses_are_said_in_the_languages_own_words(clause: str) -> None:
    said = seatrial("check", SUPPORT, "--what-if", clause, "--format", "json")
    told = json.loads(said.out)
    assert told["what_if"] == [clause] and told["changes"]
    assert {"id", "status", "status_before", "margin_share", "margin_share_before"} <= set(told["changes"][0])


@pytest.mark.parametrize(
    ("clause", "hint"),
    [
        ("pool triag agents 3", "did you mean `pool triage`?"),
        ("pool triage agnets 3", "did you mean `agents`?"),
        ("call triage -> reslver timeout 3s", "did you mean `call triage -> resolver`?"),
        ("pool triage {", "never closed"),
        ("pool triage agents many", "error"),
        (" ", "wants a clause"),
        ("", "The argument after --what-if is empty"),
    ],
)
def test_what_names_nothing_in_the_spec_is_refused(clause: str, hint: str) -> None:
    said = seatrial("check", SUPPORT, "--what-if", clause)
    assert said.code == 2 and hint in said.all
    assert "Traceback" not in said.all


def test_it_takes_one_spec_and_does_not_fix() -> None:
    assert seatrial("check", SUPPORT, SPECS / "sturdy.fleet", "--what-if", "pool triage agents 3").code == 2
    assert seatrial("check", SUPPORT, "--fix", "--what-if", "pool triage agents 3").code == 2
    assert seatrial("check", SUPPORT, "--format", "sarif", "--what-if", "pool triage agents 3").code == 2


def test_an_environment_may_be_asked_too() -> None:
    said = seatrial(
        "check",
        "-",
        "--env",
        "small",
        "--what-if",
        "pool p agents 9",
        given=b"fleet f { pool p { agents 2; each { price $1/h } }; budget agents $5/h\n"
        b"environment small { budget agents $3/h } }\n",
    )
    assert said.code == 1 and "budget/agents/hour (was proved)" in said.out


@pytest.mark.parametrize(
    "option",
    [["--output", "o.txt"], ["--emit-smt", "smt"], ["-q"], ["-v"], ["--show-defaults"]],
    ids=lambda one: one[0],
)
def test_an_option_that_it_would_not_heed_is_refused(option: list[str]) -> None:
    said = seatrial("check", SUPPORT, "--what-if", "demand tickets steady 500/s", *option)
    assert said.code == 2 and "do not go with it" in said.err


@pytest.mark.parametrize("clause", ["let rate = 30/s", 'use "x"', "environment x { }", "for s in 1..3 { }", "# x"])
def test_what_is_no_change_is_refused_with_a_way_out(clause: str) -> None:
    said = seatrial("check", SUPPORT, "--what-if", clause)
    assert said.code == 2 and not said.out
    assert "help:" in said.err and "cannot be put into" in said.err
