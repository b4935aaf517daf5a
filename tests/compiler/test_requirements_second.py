"""R16 to R34: each row's spec is judged by the findings that are about it, and its clauses come out."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from seatrial import __version__
from seatrial.compiler.pipeline import Checked, judge, plan, read
from seatrial.compiler.verify import Status
from seatrial.dsl.format import format_file
from seatrial.dsl.source import Source
from seatrial.targets import emit_all
from seatrial.targets.runtime import schema
from seatrial.targets.runtime.records import SECTIONS

SPECS = Path(__file__).parents[2] / "specs" / "requirements"

ROWS: dict[str, tuple[set[str], dict[str, Any]]] = {
    "R16": (
        {"division/agents/day/floors", "division/agents/day/preemption", "division/agents/day/pays"},
        {"divisions/0/floor_dollars": 50, "divisions/0/ceiling_dollars": 500, "divisions/0/preempt_lowest_first": True},
    ),
    "R17": (
        {"division/agents/day/floors", "division/agents/day/pays"},
        {"divisions/0/rule": "by success", "divisions/0/dollars": 10_000},
    ),
    "R18": (
        {"division/agents/day/coalition", "division/agents/day/no-pool-decides-alone"},
        {"divisions/0/dispute_majority": 0.5, "divisions/0/pools/0/votes_each": 9},
    ),
    "R19": (
        {f"quota/{one}-of-llm/{two}" for one in ("tokens", "requests") for two in ("limit", "floors", "starvation")},
        {"quotas/0/tenants/0/guaranteed_per_second": 10_000_000 / 60 / 5, "quotas/0/stop_when_used_up": True},
    ),
    "R20": (
        {"auction/falling", "auction/rising", "auction/bundles", "division/agents/hour/pays"},
        {
            "auctions/0/drop": 0.05,
            "auctions/1/bids_every_seconds": 5,
            "auctions/2/items": 10,
            "divisions/1/rule": "by resource",
            "divisions/3/rule": "by utility",
            "divisions/4/auction": "falling",
        },
    ),
    "R21": (
        {"division/total/day/stop", "division/total/day/preemption", "quota/tokens-of-llm/starvation"},
        {"divisions/0/preempt_lowest_first": True, "quotas/0/fair": "priority first"},
    ),
    "R26": (
        {f"contract/triage-resolver/{what}" for what in ("deadline", "price", "pay", "exclusion")},
        {"contracts/0/deadline_seconds": 300, "contracts/0/penalty_dollars": 0.1, "contracts/0/exclude_after": 3},
    ),
    "R30": ({"bill/month", "cost/month"}, {"bills/0/below_dollars": 20_000, "bills/0/lines/0/kind": "agents"}),
    "R31": ({"economics/desk"}, {"economics/0/best_agents": 129, "economics/0/breaks_even_agents": 900}),
    "R22": (
        {f"quorum/course/{what}" for what in ("groups", "levels-time", "confidence", "tie", "remember", "intersects")},
        {"votes/0/group_size": 100, "votes/0/tie_pool": "head", "votes/0/remember_seconds": 600},
    ),
    "R23": (
        {f"organisation/desk/{what}" for what in ("span", "staff", "decide", "pattern")},
        {"organisations/0/tiers/2/size": 100, "organisations/0/reassign_seconds": 10, "patterns/0/kind": "tree"},
    ),
    "R24": (
        {f"organisation/company/{what}" for what in ("span", "decide", "results")},
        {"organisations/0/tiers/3/size": 196, "organisations/0/span": 7, "organisations/0/results_seconds": 3600},
    ),
    "R25": ({"negotiation/deal"}, {"negotiations/0/rounds": 5, "negotiations/0/mediator": "resolver"}),
    "R27": (
        {f"pattern/{pool}" for pool in ("experts", "desk", "branch", "crowd")},
        {"patterns/3/kind": "mesh", "patterns/3/up_to": 5000},
    ),
    "R28": (
        {f"quorum/{name}/{what}" for name in ("leader", "ledger") for what in ("survives", "intersects", "zone-loss")},
        {"quorums/1/fault": "byzantine", "quorums/1/votes_needed": 6},
    ),
    "R32": (
        {f"crisis/alarm/{what}" for what in ("signals", "levels", "quiet", "actions")},
        {"crises/0/signals/0/above": 1.5, "crises/0/steps/0/within_seconds": 0, "crises/0/steps/1/within_seconds": 600},
    ),
    "R33": (
        {"approval/refund-above-500/time", "approval/head/load", "stop"},
        {"approvals/0/otherwise": "deny", "stops/0/within_seconds": 10, "audits/0/keep_seconds": 365 * 86400},
    ),
    "R34": ({"secure/calls", "secure/privilege"}, {"security/0/mutual_tls": True}),
}
"""For each row the findings that judge it, all proved, and what the runtime document then says."""


@cache
def checked(row: str) -> Checked:
    path = SPECS / f"{row}.fleet"
    return judge(read(Source(path.name, path.read_text(encoding="utf-8"))), {})


@cache
def runtime(row: str) -> Any:
    made = plan(checked(row), {}, __version__)
    assert made is not None
    documents, _ = emit_all(made)
    return next(one.body for one in documents if one.path == "runtime/fleet.json")


@pytest.mark.parametrize("row", ROWS)
def test_the_row_is_feasible_and_its_findings_are_proved(row: str) -> None:
    found = checked(row)
    assert found.verdict == "feasible", [one.message for one in found.diagnostics]
    statuses = {one.id: one.status for one in found.findings}
    assert {id: statuses.get(id) for id in ROWS[row][0]} == dict.fromkeys(ROWS[row][0], Status.PROVED)
    assert all(one.margin for one in found.findings if one.id in ROWS[row][0])


@pytest.mark.parametrize("row", ROWS)
def test_the_row_comes_out_in_the_runtime_document(row: str) -> None:
    body = runtime(row)
    Draft202012Validator(schema()).validate(body)
    for path, wanted in ROWS[row][1].items():
        here = body
        for step in path.split("/"):
            here = here[int(step)] if isinstance(here, list) else here[step]
        assert here == pytest.approx(wanted), path


@pytest.mark.parametrize("row", ROWS)
def test_the_row_is_written_as_the_formatter_writes_it(row: str) -> None:
    reading = checked(row).reading
    assert reading.file is not None
    assert format_file(reading.file) == reading.source.text


def test_locked_doors_are_locked_by_kubernetes_and_istio() -> None:
    made = plan(checked("R34"), {}, __version__)
    assert made is not None
    paths = {one.path for one in emit_all(made)[0]}
    assert {"kubernetes/network-shut.yaml", "kubernetes/desk-network.yaml", "kubernetes/solver-network.yaml"} <= paths
    assert {"istio/mutual-tls.yaml", "istio/desk-callers.yaml", "istio/solver-callers.yaml"} <= paths


def test_every_section_of_the_document_is_used_by_some_row() -> None:
    used = {name for row in ROWS for name in SECTIONS if runtime(row)[name]}
    assert used == set(SECTIONS)


def test_what_says_nothing_is_refused() -> None:
    wanting = ["secure", "crisis c { when queue > 1 }"]
    for text in (*wanting, "auction a { deadline 1s }"):
        told = judge(read(Source("t.fleet", f"fleet f {{ {text} }}")), {})
        assert [one.code for one in told.diagnostics if one.is_error] == ["ST1002"], text
