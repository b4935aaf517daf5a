"""The local size of a fleet: what is divided, and what is said about the rest."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from seatrial.chaos.local.document import RuntimeDocument, UnreadableDocument, load
from seatrial.chaos.local.scale import BURST_REQUESTS, local_size, mean_response_seconds, request_rates
from seatrial.compiler.model import CalleeKind, Signal
from seatrial.compiler.plan import BreakPlan, HoldPlan, ScalingPlan, StepPolicy

from . import fleets

_BUSY = ScalingPlan(Signal.BUSY, Fraction(6, 10), 0, 300, StepPolicy(Fraction(1), 15), StepPolicy(Fraction(1), 15))


def _document(tmp_path: Path, **triage: object) -> RuntimeDocument:
    plan = fleets.plan(
        (fleets.demand("tickets", 400),),
        (
            fleets.dependency("llm", requests_per_second=Fraction(4000), tokens_per_second=Fraction(10_000_000, 60)),
            fleets.dependency("postgres", connections=400),
        ),
        (
            fleets.pool(
                "triage",
                20,
                120,
                **{
                    "service_mean_seconds": Fraction(60, 1000),
                    "service_p99_seconds": Fraction(200, 1000),
                    "holds": (HoldPlan("postgres", 1),),
                    "scaling": _BUSY,
                    **triage,
                },
            ),
            fleets.pool("resolver", 10, 80),
        ),
        (
            fleets.serves("tickets", "triage"),
            fleets.call(
                "triage",
                "resolver",
                per_request=Fraction(4, 10),
                breaker=BreakPlan(5, None, Fraction(10), Fraction(1, 2), Fraction(30)),
            ),
            fleets.call("resolver", "llm", callee_kind=CalleeKind.DEPENDENCY, tokens_per_call=Fraction(600)),
        ),
    )
    return load(fleets.emit(plan, tmp_path) / "runtime" / "fleet.json")


def test_agents_are_divided_and_rounded_up(tmp_path: Path) -> None:
    size = local_size(_document(tmp_path), Fraction(1, 50))
    assert (size.pool("triage").agents_min, size.pool("triage").agents_max) == (1, 3)
    assert (size.pool("resolver").agents_min, size.pool("resolver").agents_max) == (1, 2)


def test_a_scale_of_one_changes_nothing_and_has_nothing_to_say(tmp_path: Path) -> None:
    size = local_size(_document(tmp_path), Fraction(1))
    assert (size.pool("triage").agents_min, size.pool("triage").agents_max) == (20, 120)
    assert size.dependency("llm").requests_per_second == 4000
    assert size.dependency("postgres").connections == 400
    assert size.notes == ()


def test_rates_are_divided_and_a_bucket_stays_deep_enough_for_chance(tmp_path: Path) -> None:
    llm = local_size(_document(tmp_path), Fraction(1, 50)).dependency("llm")
    assert llm.requests_per_second == 80
    assert float(llm.tokens_per_second or 0) == pytest.approx(10_000_000 / 3000)
    assert llm.tokens_burst == 600 * BURST_REQUESTS


def test_rates_and_response_times_follow_the_calls(tmp_path: Path) -> None:
    document = _document(tmp_path)
    rates = request_rates(document, {"tickets": Fraction(400)})
    assert {name: rates[name] for name in ("triage", "resolver", "llm")} == {"triage": 400, "resolver": 160, "llm": 160}
    times = mean_response_seconds(document)
    llm = float(times["llm"])
    assert float(times["resolver"]) == pytest.approx(0.010 + llm)
    assert float(times["triage"]) == pytest.approx(0.060 + 0.4 * (0.010 + llm))


def test_the_start_is_where_the_autoscaler_settles_for_the_first_rate(tmp_path: Path) -> None:
    document = _document(tmp_path)
    response = float(mean_response_seconds(document)["triage"])
    slots = 400 * response
    wanted = -(-slots // (8 * 0.6))
    assert local_size(document, Fraction(1)).pool("triage").agents_at_start == max(20, int(wanted))
    burst = local_size(document, Fraction(1), {"tickets": Fraction(5000)}).pool("triage").agents_at_start
    assert burst == -(-5000 * response // (8 * 0.6))
    assert local_size(document, Fraction(1), {"tickets": Fraction(50_000)}).pool("triage").agents_at_start == 120


def test_ejection_that_only_works_at_full_size_is_named(tmp_path: Path) -> None:
    notes = local_size(_document(tmp_path), Fraction(1, 50)).notes
    assert any(note.about == "triage--resolver" and "nobody to eject" in note.message for note in notes)


def test_rounding_agents_up_does_not_exhaust_a_dependency(tmp_path: Path) -> None:
    size = local_size(_document(tmp_path, agents_max=399), Fraction(1, 300))
    assert size.pool("triage").agents_max == 2
    assert size.dependency("postgres").connections == 2
    tight = local_size(_document(tmp_path, agents_max=301), Fraction(1, 400))
    assert (tight.pool("triage").agents_max, tight.dependency("postgres").connections) == (1, 1)
    raised = local_size(_document(tmp_path, agents_max=130, holds=(HoldPlan("postgres", 3),)), Fraction(1, 100))
    assert (raised.pool("triage").agents_max, raised.dependency("postgres").connections) == (2, 6)
    assert any(note.about == "postgres" and "raised to 6" in note.message for note in raised.notes)


def test_a_pool_that_may_be_empty_keeps_one_agent_and_says_so(tmp_path: Path) -> None:
    size = local_size(_document(tmp_path, agents_min=0), Fraction(1, 2))
    assert (size.pool("triage").agents_min, size.pool("triage").agents_max) == (1, 60)
    assert size.pool("triage").agents_at_start >= 1
    assert any(note.about == "triage" and "starts from none is not tried" in note.message for note in size.notes)


@pytest.mark.parametrize("scale", [Fraction(0), Fraction(2)])
def test_a_scale_outside_its_range_is_a_bug_of_the_caller(tmp_path: Path, scale: Fraction) -> None:
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        local_size(_document(tmp_path), scale)


def test_a_file_that_is_no_runtime_document_is_refused_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    path.write_text('{"schema": "something/else"}')
    with pytest.raises(UnreadableDocument, match=r"fleet\.json: not a document"):
        load(path)
