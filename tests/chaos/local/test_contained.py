"""What a pool says of restarts and of back-pressure reaches the local fleet through the runtime document."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from seatrial.chaos.local.contained import Restarts
from seatrial.chaos.local.document import load
from seatrial.chaos.local.launch import agent_settings
from seatrial.chaos.local.replica_set import backoff_seconds
from seatrial.chaos.local.scale import local_size
from seatrial.compiler.plan_containment import Containment, DegradePlan, PushBackPlan, RestartPlan

from . import fleets


def test_the_document_carries_them(tmp_path: Path) -> None:
    said = Containment(
        restarts=(RestartPlan("triage", Fraction(1, 10), Fraction(2), Fraction(8), True, fleets.HERE),),
        degradation=(
            DegradePlan("triage", "less", Fraction(4, 5), Fraction(1, 10), None, True, Fraction(1), fleets.HERE),
            DegradePlan("triage", "least", Fraction(9, 10), Fraction(1, 100), None, False, Fraction(1), fleets.HERE),
        ),
        push_back=(PushBackPlan("triage", 7, fleets.HERE),),
    )
    made = fleets.plan(
        (fleets.demand("tickets", 10),), (), (fleets.pool("triage", 2, 2),), (fleets.serves("tickets", "triage"),)
    )
    document = load(fleets.emit(replace(made, containment=said), tmp_path) / "runtime" / "fleet.json")
    assert document.contained.restarts["triage"] == Restarts(Fraction(1, 10), Fraction(2), Fraction(8))
    size = local_size(document, Fraction(1), {"tickets": Fraction(10)})
    settings = agent_settings(document, document.pool("triage"), size, {}, {})
    assert settings.pending == 7
    assert [(step.above_busy, step.makes_calls) for step in settings.degradation] == [(0.8, True), (0.9, False)]


def test_a_pause_of_the_pools_own_doubles_from_the_first_restart_on() -> None:
    rule = Restarts(None, Fraction(2), Fraction(10))
    assert [backoff_seconds(failures, rule) for failures in range(5)] == [2, 4, 8, 10, 10]
