"""The emitted rules, loaded and run by Prometheus' own tools on series of good and bad days."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest
import yaml

from seatrial.compiler.model import CallerKind
from seatrial.compiler.model.order import Action, Sign
from seatrial.compiler.plan import LatencyObjective, Plan, SuccessObjective
from seatrial.compiler.plan_order import CrisisPlan, LevelPlan, SignalPlan, StepPlan
from seatrial.targets.prometheus import PrometheusEmitter
from seatrial.targets.prometheus.rules import alert

from . import plans
from .emitted import CASES, read, write

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
needs_amtool = pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not installed")
NAMES = ("prometheus",)
DAY = 86400


def run(*command: str | Path) -> str:
    done = subprocess.run([str(one) for one in command], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_promtool
@pytest.mark.parametrize("case", CASES)
def test_promtool_takes_the_rules(case: str, tmp_path: Path) -> None:
    write(CASES[case](), tmp_path, NAMES)
    run("promtool", "check", "rules", tmp_path / "prometheus/rules.yaml")


@needs_amtool
@pytest.mark.parametrize("case", CASES)
def test_amtool_takes_the_routes(case: str, tmp_path: Path) -> None:
    write(CASES[case](), tmp_path, NAMES)
    said = run("amtool", "check-config", tmp_path / "prometheus/alertmanager.yaml")
    assert "SUCCESS" in said
    fleet = CASES[case]().fleet
    routed = run(
        *("amtool", "config", "routes", "test", "--config.file", tmp_path / "prometheus/alertmanager.yaml"),
        *(f"fleet={fleet}", "severity=page"),
    )
    assert routed.strip() == "page"


@pytest.mark.parametrize("case", CASES)
def test_the_operator_gets_the_same_rules(case: str) -> None:
    bodies = read(CASES[case](), "prometheus/", NAMES)
    assert bodies["prometheus/prometheusrule.yaml"]["spec"]["groups"] == bodies["prometheus/rules.yaml"]["groups"]


def served() -> Plan:
    """A demand that one pool serves, 99.9 % of it without failure and 95 % of it within 1.5 s."""
    success = SuccessObjective("success/tickets", "tickets", F(999, 1000), F(30 * DAY), plans.AT)
    latency = LatencyObjective("latency/tickets/p95", "tickets", F(95, 100), F(3, 2), None, plans.AT)
    return plans.fleet(
        demands=(plans.demand("tickets"),),
        pools=(plans.pool("triage"),),
        calls=(plans.call("tickets", "triage", caller_kind=CallerKind.DEMAND),),
        success=(success,),
        latency=(latency,),
    )


LABELS = 'reporter="source",source_workload="tickets",source_workload_namespace="support"'


def fired(plan: Plan, folder: Path, series: dict[str, str], minutes: int, alert: str) -> list[dict[str, str]]:
    """The labels of `alert` as it fires after so many minutes, asked of promtool by a test that expects none."""
    write(plan, folder, NAMES)
    test = {
        "rule_files": ["prometheus/rules.yaml"],
        "evaluation_interval": "30s",
        "tests": [
            {
                "interval": "30s",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "alert_rule_test": [{"eval_time": f"{minutes}m", "alertname": alert, "exp_alerts": []}],
            }
        ],
    }
    (folder / "test.yaml").write_text(yaml.safe_dump(test))
    done = subprocess.run(
        ["promtool", "test", "rules", "test.yaml"], cwd=folder, capture_output=True, text=True, timeout=120
    )
    if done.returncode == 0:
        return []
    said = (done.stdout + done.stderr).partition("got:")[2]
    assert said, done.stdout + done.stderr
    return [
        dict(pair.strip().split("=", 1) for pair in line.partition("Labels:{")[2].partition("}")[0].split(", "))
        for line in said.splitlines()
        if "Labels:{" in line
    ]


def answers(good: int, bad: int) -> dict[str, str]:
    """So many answers in each half minute, for six hours."""
    of = "istio_requests_total{" + LABELS
    return {of + ',response_code="200"}': f"0+{good}x720", of + ',response_code="503"}': f"0+{bad}x720"}


@needs_promtool
def test_nothing_burns_on_a_good_day(tmp_path: Path) -> None:
    assert fired(served(), tmp_path, answers(10_000, 5), 355, "ErrorBudgetBurn") == []


@needs_promtool
def test_two_per_cent_of_failures_wake_somebody(tmp_path: Path) -> None:
    found = fired(served(), tmp_path, answers(9_800, 200), 355, "ErrorBudgetBurn")
    mine = {(one["long_window"], one["severity"]) for one in found if one["objective"] == '"success/tickets"'}
    assert {('"1h"', '"page"'), ('"6h"', '"page"')} <= mine


@needs_promtool
def test_no_requests_at_all_are_told(tmp_path: Path) -> None:
    assert fired(served(), tmp_path, {"up": "1x720"}, 60, "ObjectiveNotMeasured")


@needs_promtool
@pytest.mark.parametrize("edge", ["1500", "1500.0"])
def test_slow_answers_burn_whichever_way_the_bucket_is_written(edge: str, tmp_path: Path) -> None:
    of = "istio_request_duration_milliseconds"
    series = {
        f'{of}_bucket{{{LABELS},le="{edge}"}}': "0+400x720",
        f"{of}_count{{{LABELS}}}": "0+1000x720",
    }
    found = fired(served(), tmp_path, series, 355, "ErrorBudgetBurn")
    assert {one["objective"] for one in found} == {'"latency/tickets/p95"'}


@needs_promtool
def test_demand_beyond_what_was_proved_is_told(tmp_path: Path) -> None:
    plan = served()
    peak = int(plan.demands[0].peak_per_second)
    assert fired(plan, tmp_path, answers(peak * 31, 0), 30, "DemandAboveEnvelope")
    assert fired(plan, tmp_path, answers(peak * 29, 0), 30, "DemandAboveEnvelope") == []


@needs_promtool
def test_a_peak_that_lasts_longer_than_was_proved_is_told(tmp_path: Path) -> None:
    """Ten minutes are meant, and the rate looks two back."""
    plan = served()
    (demand,) = plan.demands
    above, below = (int(demand.steady_per_second) * 30 + more for more in (30, -30))
    assert demand.peak_for_seconds == 600
    assert fired(plan, tmp_path, answers(above, 0), 11, "PeakLastsTooLong") == []
    assert fired(plan, tmp_path, answers(above, 0), 14, "PeakLastsTooLong")
    assert fired(plan, tmp_path, answers(below, 0), 60, "PeakLastsTooLong") == []


def in_crisis() -> Plan:
    signals = (
        SignalPlan(Sign.QUEUE, None, F(100)),
        SignalPlan(Sign.ERRORS, None, F(5, 100)),
        SignalPlan(Sign.OVERHEAD, None, F(1, 2)),
        SignalPlan(Sign.CONFLICTS, None, F(10)),
        SignalPlan(Sign.LATENCY, F(95, 100), F(3)),
    )
    steps = (StepPlan((Action.FREEZE, Action.SHED), F(0)), StepPlan((Action.RESTRUCTURE,), None))
    crisis = CrisisPlan("alarm", signals, (LevelPlan(1, 1), LevelPlan(2, 3)), steps, plans.AT)
    return replace(served(), crises=(crisis,))


@needs_promtool
def test_a_crisis_has_the_level_of_its_signals(tmp_path: Path) -> None:
    of = '{namespace="support"}'
    one = {**answers(9_000, 1_000), f"seatrial_queue_items{of}": "5x720"}
    found = fired(in_crisis(), tmp_path, one, 30, "Crisis")
    assert {each["level"] for each in found} == {'"1"'}
    three = {**one, f"seatrial_queue_items{of}": "500x720", f"seatrial_conflicts{of}": "11x720"}
    found = fired(in_crisis(), tmp_path, three, 30, "Crisis")
    assert {each["level"] for each in found} == {'"1"', '"2"'}


def test_the_protocol_is_in_the_alert() -> None:
    rules = rules_of(in_crisis())
    (level,) = [one for one in rules if one.get("alert") == "Crisis" and one["labels"]["level"] == "2"]
    assert "freeze additions and shed low at once; restructure when it is over" in level["annotations"]["description"]


def test_an_objective_at_no_bucket_asks_for_one() -> None:
    notes = PrometheusEmitter().emit(served())[1]
    (note,) = [one for one in notes if one.code == "ST7062"]
    assert "1500" in note.notes[0]


def test_the_fleets_own_pods_get_the_bucket() -> None:
    bodies = read(served(), "kubernetes/", ("kubernetes", "istio", "prometheus"))
    pods = bodies["kubernetes/triage-deployment.yaml"]["spec"]["template"]["metadata"]["annotations"]
    edges = json.loads(pods["sidecar.istio.io/statsHistogramBuckets"])["istiocustom"]
    assert 1500 in edges
    assert edges == sorted(edges)


def test_words_of_a_spec_are_never_a_template() -> None:
    body: Any = alert(served(), "A", "up", "page", "{{ .Labels }}", "{{ evil }}")
    assert body["annotations"]["summary"] == '{{"{{"}} .Labels }}'


def test_panels_name_their_bounds_and_do_not_overlap() -> None:
    board = read(CASES["support"](), "prometheus/", NAMES)["prometheus/dashboard.json"]
    places = [(one["gridPos"]["x"], one["gridPos"]["y"]) for one in board["panels"]]
    assert len(set(places)) == len(places) > 5
    assert len({one["id"] for one in board["panels"]}) == len(places)


def rules_of(plan: Plan) -> list[Any]:
    groups = read(plan, "prometheus/", NAMES)["prometheus/rules.yaml"]["groups"]
    return [rule for group in groups for rule in group["rules"]]
