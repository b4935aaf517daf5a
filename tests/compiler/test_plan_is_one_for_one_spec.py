"""The plan and its documents follow from what a spec says, not from the order in which it says it."""

from __future__ import annotations

import json
import random
from dataclasses import fields, is_dataclass
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial import __version__
from seatrial.compiler.pipeline import judge, plan, read
from seatrial.compiler.plan import Plan
from seatrial.dsl.source import Source
from seatrial.loading import load
from seatrial.targets import emit_all, render
from seatrial.texts import Unreadable

from .shipped import SPECS, shipped, text_of


def _plan(text: str) -> Plan:
    made = plan(judge(read(Source("support.fleet", text)), {}), {}, __version__)
    assert made is not None
    return made


def _blocks(text: str) -> tuple[str, list[str], str]:
    """The top clauses of a fleet in canonical style: each begins a line with an indent of two, and ends with a `}`."""
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    head = next(number for number, line in enumerate(lines) if line.startswith("fleet ")) + 1
    blocks: list[str] = []
    for line in lines[head:-1]:
        if line.startswith("  ") and line[2] not in " }":
            blocks.append(line)
        else:
            blocks[-1] += "\n" + line
    return "\n".join(lines[:head]), blocks, lines[-1]


def _unplaced(value: object) -> object:
    """A plan without the places and the digest of the text, its collections in an order of their own."""
    if is_dataclass(value) and not isinstance(value, type):
        kept = [one.name for one in fields(value) if one.name not in ("origin", "digest")]
        return (type(value).__name__, *((name, _unplaced(getattr(value, name))) for name in kept))
    if isinstance(value, tuple):
        return tuple(sorted((_unplaced(one) for one in value), key=repr))
    return value


def _documents(made: Plan) -> dict[str, object]:
    read_back = {}
    for document in emit_all(made)[0]:
        text = render(document, made).decode()
        text = text.replace(made.digest, "DIGEST").replace(made.digest[:12], "DIGEST")
        read_back[document.path] = _sorted(
            json.loads(text) if document.path.endswith(".json") else yaml.safe_load(text)
        )
    return read_back


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {key: _sorted(one) for key, one in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
    return value


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_declarations_changes_neither_plan_nor_documents(order: random.Random) -> None:
    head, blocks, end = _blocks(text_of("support"))
    assert len(blocks) > 20
    straight = _plan("\n".join([head, *blocks, end]))
    order.shuffle(blocks)
    shuffled = _plan("\n".join([head, *blocks, end]))
    assert _unplaced(shuffled) == _unplaced(straight)
    assert _documents(shuffled) == _documents(straight)


def test_remarks_and_blank_lines_change_nothing_but_the_digest() -> None:
    text = text_of("support")
    head, blocks, end = _blocks(text)
    bare, full = _plan("\n".join([head, *blocks, end])), _plan(text)
    assert bare.digest != full.digest
    assert _unplaced(bare) == _unplaced(full)


def test_two_runs_make_equal_plans() -> None:
    first, second = shipped("recorded"), shipped("recorded")
    plans = [plan(one.checked, one.assets, __version__) for one in (first, second)]
    assert plans[0] is not None and plans[0] == plans[1]


def test_the_digest_is_of_the_spec_and_its_trace() -> None:
    loaded = shipped("recorded")
    one = plan(loaded.checked, loaded.assets, __version__)
    other = plan(loaded.checked, {"completions": loaded.assets["completions"] + "\n"}, __version__)
    assert one is not None and other is not None
    assert len(one.digest) == 64 and one.digest != other.digest


@pytest.fixture
def slower(tmp_path: Path) -> Path:
    """Two hundred arrivals, ten a second."""
    path = tmp_path / "slower.csv"
    stamps = (f"2026-01-01 00:00:{at // 10:02}.{at % 10}00000" for at in range(200))
    path.write_text("TIMESTAMP\n" + "\n".join(stamps) + "\n", encoding="utf-8")
    return path


def test_another_recording_changes_the_envelope_and_what_follows_from_it(slower: Path) -> None:
    spec = SPECS / "recorded.fleet"
    own, other = load(spec).checked, load(spec, traces={"completions": slower}).checked
    assert own.fleet is not None and other.fleet is not None
    # Played twenty times as fast: 200 arrivals in just under a second.
    steady = other.fleet.demand("completions").steady_per_second.value
    assert Fraction(190) < steady < Fraction(210)
    assert own.fleet.demand("completions").steady_per_second.value < 30
    assert [one.margin for one in own.findings] != [one.margin for one in other.findings]


def test_a_recording_for_a_demand_that_has_none_is_refused(slower: Path) -> None:
    with pytest.raises(Unreadable, match="none"):
        load(SPECS / "sturdy.fleet", traces={"tickets": slower})
