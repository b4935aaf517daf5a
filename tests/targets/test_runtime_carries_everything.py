"""Every section of the runtime document is filled by some spec that ships, and is then valid under the schema."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from seatrial.compiler.lower import lower
from seatrial.compiler.model import FaultKind, Period, QueueOrder, Route, Scope, Signal
from seatrial.compiler.model.money import Fairness, Rule
from seatrial.compiler.model.order import Action, PatternKind, Sign
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read
from seatrial.dsl.source import Source
from seatrial.targets.runtime import fleet, schema

SPECS = sorted((Path(__file__).parents[2] / "specs" / "requirements").glob("*.fleet"))


@cache
def bodies() -> dict[str, dict[str, Any]]:
    found = {}
    for path in SPECS:
        reading = read(Source(str(path), path.read_text(encoding="utf-8")))
        model, _ = resolve(reading.clauses, {})
        if model is not None:
            found[path.stem] = fleet(lower(model, (), "0", "0"))
    return found


def one(section: str) -> dict[str, Any]:
    """The first record of a section in any of them."""
    return next(record for body in bodies().values() for record in body[section])


NAMED: Any = schema()["properties"]


@pytest.mark.parametrize("section", [name for name in NAMED if name not in ("version", "digest")])
def test_some_spec_fills_it(section: str) -> None:
    assert any(body[section] for body in bodies().values())


def test_all_are_valid() -> None:
    rules = Draft202012Validator(schema())
    assert len(bodies()) > 30
    for name, body in bodies().items():
        assert not list(rules.iter_errors(body)), name


def test_the_schema_knows_every_word_of_the_language() -> None:
    """A word that the language gained and the schema did not would make a valid spec an invalid document."""
    text = str(schema())
    for words in (Route, Signal, Scope, Period, FaultKind, QueueOrder, Action, Sign, PatternKind, Fairness, Rule):
        for word in words:
            assert f"'{word.value}'" in text, word


@pytest.mark.parametrize(
    ("section", "fields"),
    [
        ("divisions", {"rule", "dollars", "pools", "floor_dollars", "ceiling_dollars", "stop_at_dollars"}),
        ("quotas", {"per_second", "fair", "tenants", "in_hand", "overshoot"}),
        ("votes", {"group_size", "levels", "layout", "tie_pool", "remember_seconds"}),
        ("organisations", {"tiers", "reassign_seconds", "escalate_seconds", "decide_seconds"}),
        ("auctions", {"kind", "deadline_seconds"}),
        ("approvals", {"action", "role", "within_seconds", "otherwise"}),
        ("stops", {"role", "within_seconds"}),
        ("degradation", {"answer", "above_busy", "carries"}),
        ("queues", {"shards", "order", "age_seconds", "bound"}),
    ],
)
def test_a_record_says_what_agents_need_of_it(section: str, fields: set[str]) -> None:
    assert fields <= one(section).keys()


def test_computed_parts_are_there_and_not_only_rules() -> None:
    shares = [share for body in bodies().values() for part in body["divisions"] for share in part["pools"]]
    assert any(share["dollars_each"] for share in shares)
    tenants = [tenant for body in bodies().values() for quota in body["quotas"] for tenant in quota["tenants"]]
    assert any(tenant["guaranteed_per_second"] for tenant in tenants)
    tiers = one("organisations")["tiers"]
    for upper, below in pairwise(tiers):
        assert upper["reports"] * upper["size"] >= below["size"]
    assert tiers[-1]["reports"] == 0


def test_a_vote_in_groups_says_how_many_there_are_on_each_level() -> None:
    votes = [vote for body in bodies().values() for vote in body["votes"] if vote["group_size"]]
    assert votes
    for vote in votes:
        assert len(vote["layout"]) == vote["levels"]
        assert vote["layout"][-1] == 1
