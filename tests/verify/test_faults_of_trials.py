"""Success and recovery against the faults that the spec itself declares."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from seatrial.compiler.model import HangFault
from seatrial.compiler.verify import Status, check
from seatrial.compiler.verify.failing import Load, load_of
from seatrial.compiler.verify.outages import failing_after_retries, least_dead, most_dead, strikes

from .specs import findings, fleet_of, proved, refuted, unknown

SPECS = Path(__file__).parents[2] / "specs"

SPEC = """fleet f {{
  demand d {{ steady 50/s }}
  pool p {{
    serves d {{ timeout 2s; {net} }}
    agents 6
    each {{ concurrency 8; service mean 40ms, p99 150ms; startup 4s }}
    {health}
  }}
  guarantee success 99% over 30d
  guarantee recovery within {within}
  trial t {{ duration 40s; {fault} }}
}}"""

NET = "retry 3 { budget 50% }; break after 2 errors { eject at most 70% for 10s }"


def spec(**values: object) -> str:
    usual = {"net": "", "health": "", "within": "9s", "fault": "kill 50% of p at 5s"}
    return SPEC.format(**(usual | values))


def test_kills_without_a_net_are_refuted_with_the_requests_they_cost() -> None:
    # 3 of 6 agents for 4 s of 40 s: 5 % of 2,000 requests.
    finding = refuted(spec(), "success/d")
    assert "about 100 requests or 5 %" in finding.witness and "1 % may fail" in finding.witness
    assert "retry" in finding.reason


def test_the_same_kills_with_retries_and_ejection_are_proved() -> None:
    assert "at most" in proved(spec(net=NET), "success/d").margin


def test_faster_health_checks_shorten_what_is_certain() -> None:
    # Noticed after 1 s at the earliest: 1.25 % is still too much; a start-up of 100 ms would be 0.125 %.
    assert "1.25 %" in refuted(spec(health="health every 1s { fails after 2 }"), "success/d").witness


def test_an_abort_that_nothing_retries_is_refuted() -> None:
    fault = "abort 20% of d -> p at 5s for 10s"
    assert "5 %" in refuted(spec(fault=fault), "success/d").witness
    proved(spec(fault=fault, net=NET), "success/d")


def test_without_a_fault_nothing_is_decided() -> None:
    spec_ = spec(fault="")
    assert "no fault is declared" in unknown(spec_, "success/d").reason
    assert "no fault is declared" in unknown(spec_, "recovery").reason


def test_recovery_is_notice_restart_and_start_up() -> None:
    # 1 s to notice and 4 s to start; there is no backlog.
    assert proved(spec(net=NET), "recovery").bound == 5
    assert "4 s to start" in refuted(spec(within="3s"), "recovery").witness
    unknown(spec(net=NET, within="4500ms"), "recovery")


def test_a_hang_ends_by_itself_or_by_health_checks() -> None:
    fault = "hang 1 agent of p at 5s for 30s"
    assert proved(spec(net=NET, fault=fault, within="30s"), "recovery").bound == 30
    # 3 x 1 s to notice, 1 s to restart, 4 s to start.
    assert proved(spec(net=NET, fault=fault, health="health every 1s { fails after 2 }"), "recovery").bound == 8


def test_a_hang_that_nothing_ends_is_not_recovered_from() -> None:
    fleet = fleet_of(spec(net=NET, fault="hang 1 agent of p at 5s for 30s"))
    fault = fleet.trials[0].faults[0]
    endless = replace(fault, schedule=replace(fault.schedule, lasting_seconds=None))
    found = check(replace(fleet, trials=(replace(fleet.trials[0], faults=(endless,)),)))
    (recovery,) = [one for one in found if one.id == "recovery"]
    assert recovery.status is Status.UNKNOWN and "never ends" in recovery.reason


def test_strikes_repeat_until_the_trial_ends() -> None:
    trial = fleet_of(spec(fault="kill 50% of p at 5s every 10s")).trials[0]
    assert [one.start for one in strikes(trial)] == [5, 15, 25, 35]


def test_a_share_is_of_whole_agents() -> None:
    text = spec(fault="hang 10% of p at 5s for 9s").replace("agents 6", "agents 6..11; scale on busy 50%")
    fleet = fleet_of(text)
    fault = fleet.trials[0].faults[0]
    assert isinstance(fault, HangFault)
    assert float(most_dead(fault, fleet.pools[0])) == max((-(-n // 10)) / n for n in range(6, 12))
    assert float(least_dead(fault, fleet.pools[0])) == min(max(1, n // 10) / n for n in range(6, 12))


def test_a_retry_budget_pays_for_as_many_retries_as_it_says() -> None:
    call = fleet_of(spec(net="retry 3 { budget 20% }")).calls[0]
    # 0.25 retries may start for each request. A fifth of failures needs 0.2 + 0.04 + 0.008 of them.
    assert failing_after_retries(call, Fraction(1, 5), slow=False) == Fraction(1, 5) ** 4
    # A quarter needs them all for its first retries, of which three quarters succeed.
    assert failing_after_retries(call, Fraction(1, 4), slow=False) == Fraction(1, 4) - Fraction(1, 4) * Fraction(3, 4)
    # Of a half that fails a half is tried again, and a half of those succeeds.
    assert failing_after_retries(call, Fraction(1, 2), slow=False) == Fraction(3, 8)


def test_the_load_of_a_trial_is_measured_in_areas() -> None:
    text = spec(fault="load d x3 at 10s over 10s").replace("trial t {", "trial t { load d steady;")
    fleet = fleet_of(text)
    load = load_of(fleet.trials[0], fleet.demands[0])
    # 10 s at 50, 10 s on the way to 150, 20 s at 150.
    assert load == Load(Fraction(50), Fraction(500 + 1000 + 3000, 40), Fraction(150))


def test_the_shipped_specs_are_judged_as_they_say() -> None:
    assert {one.status.value for one in findings((SPECS / "sturdy.fleet").read_text()).values()} == {"proved"}
    assert {one.status.value for one in findings((SPECS / "support.fleet").read_text()).values()} == {"proved"}
    fragile = findings((SPECS / "fragile.fleet").read_text())
    assert [one.id for one in fragile.values() if one.status.value != "proved"] == ["success/tickets"]
