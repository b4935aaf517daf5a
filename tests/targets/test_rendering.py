"""Bytes: the same twice, with provenance, and never of something that is not data."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from seatrial.targets import emit_all
from seatrial.targets.base import Document
from seatrial.targets.render import render

from . import plans
from .emitted import CASES, files

PROGRAM = """
import hashlib, sys
from tests.targets.emitted import CASES, files
for case in CASES:
    for path, content in files(CASES[case]()).items():
        print(case, path, hashlib.sha256(content).hexdigest())
"""


def test_two_processes_with_other_hash_seeds_make_the_same_bytes() -> None:
    root = Path(__file__).parents[2]

    def run(seed: str) -> str:
        command = [sys.executable, "-c", PROGRAM]
        env = {**os.environ, "PYTHONHASHSEED": seed}
        return subprocess.run(
            command, cwd=root, env=env, capture_output=True, text=True, timeout=120, check=True
        ).stdout

    first = run("1")
    assert first.count("\n") > 30
    assert run("2") == first


def test_the_choice_of_targets_decides_nothing_about_their_order() -> None:
    plan = plans.support()
    forward, _ = emit_all(plan, ("envoy", "runtime"))
    backward, _ = emit_all(plan, ("runtime", "envoy"))
    assert [one.path for one in forward] == [one.path for one in backward]


@pytest.mark.parametrize("case", CASES)
def test_every_file_says_what_it_was_made_from(case: str) -> None:
    plan = replace(CASES[case](), version="9.8.7", digest="ab" * 32)
    for path, content in files(plan).items():
        if path.endswith(".schema.json"):
            continue
        text = content.decode()
        assert "9.8.7" in text and "ab" * 32 in text and plan.fleet in text, path
        assert text.endswith("\n") and "\r" not in text


@pytest.mark.parametrize("body", [Fraction(1, 2), {1: 2}, {"a": {3}}, [float("nan")], b"x", plans.AT])
def test_what_is_not_plain_data_is_refused(body: object) -> None:
    with pytest.raises(TypeError):
        render(Document("x.yaml", body), plans.small())


def test_an_unknown_suffix_is_refused() -> None:
    with pytest.raises(ValueError, match=r"x\.toml"):
        render(Document("x.toml", {}), plans.small())
