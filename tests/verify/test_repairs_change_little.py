"""A repair keeps what is promised where it can, is as small as it can be, and is written as people write."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from seatrial.compiler.verify import Finding, Nature, Repair, Status
from seatrial.compiler.verify.check import statuses
from seatrial.compiler.verify.edits.rebuild import places, with_value

from .specs import findings, fleet_of, offers, refuted, repaired

SUPPORT = (Path(__file__).parents[2] / "specs" / "support.fleet").read_text()

CHANGES = [
    ("connections 600", "connections 150", "connections/postgres"),
    ("budget compute $400/day", "budget compute $200/day", "budget/compute/day"),
    ("try timeout 1900ms", "try timeout 3s", "timeouts/tickets->triage/attempts"),
    ("eject at most 50%", "eject at most 1%", "ejection/tickets->triage/min"),
    ("count 3..12", "count 1..4", "nodes/fit"),
    ("tolerate 1 crashed", "tolerate 3 crashed", "quorum/reassign/survives"),
]


def broken(old: str, new: str) -> str:
    assert old in SUPPORT
    return SUPPORT.replace(old, new)


@pytest.mark.parametrize(("old", "new", "id"), CHANGES)
def test_half_of_a_change_does_not_do_it(old: str, new: str, id: str) -> None:
    text = broken(old, new)
    finding = refuted(text, id)
    assert finding.repairs
    fleet = fleet_of(text)
    for repair in finding.repairs:
        if len(repair.edits) > 1 or "timeout" in repair.text:
            # A timeout is raised until the last try is worth it.
            continue
        paths = places(fleet)[repair.span]
        before, after = value_at(fleet, paths[0]), value_at(fleet_of(repaired(text, repair)), paths[0])
        half = (Fraction(before) + Fraction(after)) / 2
        if isinstance(before, int):
            half = Fraction(math.floor(half) if after > before else math.ceil(half))
        assert statuses(with_value(fleet, paths, half))[id] is not Status.PROVED, repair.text


def value_at(node: Any, path: tuple[str | int, ...]) -> int | Fraction:
    for step in path:
        node = node[step] if isinstance(step, int) else getattr(node, step)
    assert isinstance(node.value, int | Fraction)
    return node.value


@pytest.mark.parametrize(("old", "new", "id"), CHANGES)
def test_decisions_come_first_and_weaker_promises_last(old: str, new: str, id: str) -> None:
    order = [list(Nature).index(one.nature) for one in refuted(broken(old, new), id).repairs]
    assert order == sorted(order)


def test_a_budget_is_a_promise_and_a_limit_of_others_a_fact() -> None:
    budget = refuted(broken("budget compute $400/day", "budget compute $200/day"), "budget/compute/day")
    assert {one.nature for one in budget.repairs if "budget" in one.text} == {Nature.PROMISE}
    shared = refuted(broken("connections 600", "connections 150"), "connections/postgres")
    assert {one.nature for one in shared.repairs if "postgres" in one.text} == {Nature.WORLD}


CALLS = """fleet f {{
  demand d {{ steady 1/s }}
  pool p {{
    serves d {{ timeout {timeout}; retry 1 {{ backoff 300ms up to 310ms }} }}
    agents 4
    each {{ service mean 20ms, p99 {p99} }}
  }}
}}"""


def timeout_offered(finding: Finding) -> str:
    return next(one.new for one in finding.repairs if one.text.startswith("raise the timeout"))


def test_a_timeout_leaves_the_last_retry_the_time_that_a_try_takes() -> None:
    finding = refuted(CALLS.format(timeout="200ms", p99="90ms"), "timeouts/d->p/attempts")
    # 300 ms of waiting and 90 ms of work, in two figures; not 301 ms, of which the retry would have one.
    assert timeout_offered(finding) == "390ms"


def test_values_are_written_in_two_figures_where_that_costs_little() -> None:
    finding = refuted(
        "fleet f { pool p { agents 2; each { holds 900 connections to db } }\ndependency db { connections 1_000 } }",
        "connections/db",
    )
    assert ("1_000", "3_600") in offers(finding)


PAIR = """fleet f {
  dependency db { connections 100 }
  demand d { steady 1/s }
  pool a { serves d; agents 90; each { holds 1 connection to db } }
  pool b { agents 95; each { holds 1 connection to db } }
}"""


def applied(text: str, repair: Repair) -> dict[str, Finding]:
    return findings(repaired(text, repair))


def test_two_literals_where_one_does_not_do_it() -> None:
    finding = refuted(PAIR, "connections/db")
    pairs = [one for one in finding.repairs if len(one.edits) == 2]
    assert pairs and {one.old for one in pairs[0].edits} == {"90", "95"}
    assert applied(PAIR, pairs[0])["connections/db"].status is Status.PROVED


def test_a_second_literal_mends_what_the_first_would_break() -> None:
    # The cost has room for the nodes, and the budget has none.
    text = SUPPORT.replace("memory 64Gi", "memory 4Gi").replace("cost < $100_000/month", "cost < $200_000/month")
    (pair,) = [one for one in refuted(text, "nodes/fit").repairs if len(one.edits) == 2]
    assert pair.nature is Nature.PROMISE and "budget" in pair.text


def test_no_two_literals_where_one_does_it() -> None:
    finding = refuted(broken("try timeout 1900ms", "try timeout 3s"), "timeouts/tickets->triage/attempts")
    assert finding.repairs and all(len(one.edits) == 1 for one in finding.repairs)


def test_a_repair_names_all_that_it_mends() -> None:
    found = findings(broken("eject at most 50%", "eject at most 1%"))
    for repair in found["ejection/tickets->triage/min"].repairs:
        assert "ejection/tickets->triage/min" in repair.mends
    both = next(one for one in found["ejection/chats->frontdesk/min"].repairs if "share" in one.text)
    assert "ejection/chats->frontdesk/max" in both.mends


LOOP = """fleet f {
  for shard in 1..3 { pool p-$shard { agents $shard; each { price $1/h } } }
  budget agents $5/h
}"""


def test_a_loops_range_is_no_value_that_could_be_changed() -> None:
    finding = refuted(LOOP, "budget/agents/hour")
    assert all(one.old != "1..3" and one.old not in ("1", "3") for one in finding.repairs)


def test_equal_changes_at_two_places_have_an_order() -> None:
    text = SUPPORT.replace("try timeout 1700ms", "try timeout 1s")
    assert refuted(text, "timeouts/triage->resolver").repairs


def test_far_fewer_retries_are_found_though_none_at_all_would_be_no_retries() -> None:
    text = broken("retry 2 {", "retry 20 {")
    finding = refuted(text, "timeouts/tickets->triage/attempts")
    assert ("20", "2") in offers(finding), offers(finding)
    # The last of three tries has its whole time; twenty more seconds of waiting are the other way.
    assert finding.repairs[0].new == "2"
