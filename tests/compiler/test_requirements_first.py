"""Each of these policies is written about as briefly as in prose, judged, and carried into what is shipped or tried."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from seatrial import __version__
from seatrial.compiler.pipeline import Checked, judge, plan, read
from seatrial.dsl.format import format_file
from seatrial.dsl.source import Source
from seatrial.targets import emit_all

SPECS = Path(__file__).parents[2] / "specs"
MOST_LINES = 29


@dataclass(frozen=True, slots=True)
class Row:
    """`judged`: findings that are about the row, by id with their status. `shipped`: found in the documents' JSON."""

    verdict: str
    judged: dict[str, str]
    shipped: tuple[str, ...]


ROWS: dict[str, Row] = {
    "R01": Row(
        "feasible",
        {"scaling/worker/peak": "proved", "scaling/worker/up-within": "proved"},
        ('"signal": "queue"', '"target": 100', '"down_window_seconds": 300', '"stabilizationWindowSeconds": 300'),
    ),
    "R02": Row(
        "feasible",
        {"scaling/worker/up-within": "proved", "capacity/worker/peak": "proved"},
        ('"startup_seconds": 120', '"maxReplicas": 1000'),
    ),
    "R03": Row(
        "feasible",
        {"throughput/requests": "proved", "use/compute": "proved", "latency/requests/p95": "proved"},
        ('"guarantee": "throughput/requests", "demand": "requests", "per_second": 10000',),
    ),
    "R04": Row(
        "feasible",
        {"nodes/fit": "proved", "nodes/fit/zone-loss": "proved"},
        ('"topology.kubernetes.io/zone"', '"nodeAffinity"'),
    ),
    "R05": Row(
        "feasible",
        {"connections/postgres": "proved", "rate/api": "proved", "memory/cache": "proved"},
        ('"bytes": 68719476736', '{"pool": "worker", "bytes": 536870912}', '"connections": 100'),
    ),
    "R06": Row(
        "feasible",
        {"disruption/worker": "proved"},
        ('"drain_seconds": 30', '"terminationGracePeriodSeconds": 35', '"minAvailable": 18'),
    ),
    "R07": Row(
        "feasible",
        {"capacity/worker/peak": "proved", "capacity/worker/steady": "proved"},
        ('"peak_per_second": 400',),
    ),
    "R08": Row(
        "feasible",
        {"ejection/triage->solver/min": "proved"},
        (
            '"route": "by success", "route_header": "x-task-type"',
            '"success_below": 0.8',
            '"failure_percentage_threshold": 20',
        ),
    ),
    "R09": Row(
        "feasible",
        {"skill/expert/billing": "proved", "skill/expert/refunds": "proved"},
        (
            '"route": "by skill", "route_header": "x-skill"',
            '"route": "by remaining capacity"',
            '"route": "least loaded"',
            '"httpHeaderName": "x-session"',
            '{"pool": "expert", "skill": "refunds", "share": 0.25}',
        ),
    ),
    "R10": Row(
        "feasible",
        {"restart/worker/one": "proved", "restart/worker/faults": "proved", "restart/worker/backoff": "proved"},
        ('"pause_above": 0.1, "backoff_first_seconds": 10, "backoff_cap_seconds": 240, "elsewhere": true',),
    ),
    "R11": Row(
        "feasible",
        {
            "ejection/triage->resolver/min": "proved",
            "timeouts/triage->resolver/attempts": "proved",
            "sheds/triage->resolver": "proved",
            "sheds/triage->resolver/rest": "proved",
        },
        ('"backoff_cap_seconds": 4', '"failure_percentage_threshold": 20', '"priority": -100, "quantile": 0.95'),
    ),
    "R12": Row(
        "feasible",
        {"queue/work/age": "proved", "queue/work/alert": "proved", "queue/work/shards": "proved"},
        ('"shards": 100, "by_skill": true, "order": "deadline", "alert_above": 10000', '"batch": 1000'),
    ),
    "R13": Row(
        "feasible",
        {"bulkhead/support|payments": "proved"},
        ('"bulkheads": [{"left": ["support"], "right": ["payments"]}]',),
    ),
    "R14": Row(
        "feasible",
        {"degrade/answerer/1": "proved", "degrade/answerer/2": "proved", "degrade/answerer/scaling": "proved"},
        ('"answer": "cached answers", "above_busy": 0.95', '"makes_calls": false'),
    ),
    "R15": Row(
        "feasible",
        {"push-back/resolver/bounded": "proved", "push-back/resolver/timely": "proved"},
        ('{"pool": "resolver", "pending": 50}',),
    ),
    "R29": Row(
        "feasible",
        {"latency/work/p99": "proved", "success/work": "proved", "recovery": "proved"},
        ('"guarantee": "latency/work/p99"', '"guarantee": "recovery"'),
    ),
    "R35": Row(
        "feasible",
        {"backlog/load/work": "proved", "throughput/arrivals": "proved"},
        ('"name": "work", "pool": "worker"',),
    ),
    "R36": Row(
        "unknown",
        {"recovery": "unknown", "latency/work/p99": "proved", "success/work": "unknown"},
        ('"guarantee": "recovery", "within_seconds": 300',),
    ),
    "R37": Row(
        "feasible",
        {"scaling/shop/up-within": "proved", "latency/orders/p95": "proved"},
        ('"peak_per_second": 800',),
    ),
    "R38": Row("feasible", {"latency/gold/p99": "proved", "latency/free/p99": "proved"}, ('"concurrency": 16',)),
}


def _checked(row: str) -> tuple[Checked, dict[str, str]]:
    path = SPECS / "requirements" / f"{row}.fleet"
    reading = read(Source(path.name, path.read_text(encoding="utf-8")))
    assets = {name: (path.parent / told).read_text(encoding="utf-8") for name, told in reading.traces.items()}
    return judge(reading, assets), assets


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_judged_as_it_is_meant(row: str) -> None:
    checked, _ = _checked(row)
    told = {finding.id: finding.status.value for finding in checked.findings}
    assert checked.verdict == ROWS[row].verdict, [one.message for one in checked.diagnostics]
    assert {id: told.get(id) for id in ROWS[row].judged} == ROWS[row].judged


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_shipped(row: str) -> None:
    checked, assets = _checked(row)
    made = plan(checked, assets, __version__)
    assert made is not None
    text = "\n".join(json.dumps(document.body) for document in emit_all(made)[0])
    assert [part for part in ROWS[row].shipped if part not in text] == []


@pytest.mark.parametrize("path", sorted((SPECS / "scenarios").glob("*.fleet")), ids=lambda path: path.stem)
def test_a_scenario_is_proved_and_tried(path: Path) -> None:
    reading = read(Source(path.name, path.read_text(encoding="utf-8")))
    checked = judge(reading, {})
    made = plan(checked, {}, __version__)
    assert checked.verdict == "feasible"
    assert made is not None and made.trials and made.trials[0].reports
    assert reading.file is not None and format_file(reading.file) == path.read_text(encoding="utf-8")


def test_the_trials_of_the_rows_are_carried_whole() -> None:
    trials = {}
    for row in ("R35", "R36", "R38"):
        checked, assets = _checked(row)
        made = plan(checked, assets, __version__)
        assert made is not None
        trials[row] = made.trials[0]
    assert [(one.queue, one.pool, one.tasks) for one in trials["R35"].backlogs] == [("work", "worker", 1_000_000)]
    assert trials["R35"].backlogs[0].tasks_at(trials["R35"].scale) == 1_000
    assert [fault.kind for fault in trials["R36"].faults] == ["kill", "partition", "delay", "saturate"]
    assert trials["R36"].faults[1].calls == ("worker--api",)
    assert trials["R38"].reports == (
        "throughput",
        "tail latency",
        "fairness",
        "efficiency",
        "requests per dollar",
        "overhead",
    )


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_short_and_formatted(row: str) -> None:
    text = (SPECS / "requirements" / f"{row}.fleet").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("#", "language"))]
    assert len(lines) <= MOST_LINES
    file = read(Source("row.fleet", text)).file
    assert file is not None and format_file(file) == text
