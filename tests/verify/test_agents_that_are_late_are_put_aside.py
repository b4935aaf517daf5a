"""A try that is late is an error of its agent: who puts agents aside for errors does so with those that are well, and
the others are busier."""

from __future__ import annotations

from fractions import Fraction

import pytest

from seatrial.compiler.verify import Finding, Status

from .specs import findings


def _success(agents: int, timeout: str, eject: str = "", rate: int = 40) -> Finding:
    return findings(
        f"""fleet f {{
        demand users {{ steady {rate}/s }}
        pool desk {{
          serves users {{ timeout {timeout}; {eject}; route random }}
          agents {agents}
          each {{ service mean 100ms, p99 300ms; startup 1s }}
        }}
        guarantee success 1%
        trial t {{ duration 60s; kill 1 agent of desk at 20s }}
        }}"""
    )["success/users"]


def _ejecting(errors: int, share: int = 50, seconds: int = 5) -> str:
    return f"break after {errors} errors {{ eject at most {share}% for {seconds}s }}"


@pytest.mark.parametrize("timeout", ["330ms", "450ms", "600ms"])
def test_where_the_others_would_not_do_all_nothing_is_promised(timeout: str) -> None:
    # Of 2,400 requests 1,310, 1,170 and 1,000 fail as simulated, and 372, 203 and 108 where nobody is put aside.
    assert _success(6, timeout).status is Status.PROVED
    assert _success(6, timeout, _ejecting(2)).status is Status.UNKNOWN


def test_what_is_promised_counts_those_who_wait_longer_for_it() -> None:
    without, few, many = (_success(12, "1s", one) for one in ("", _ejecting(2, 25), _ejecting(2, 50)))
    assert without.bound is not None and few.bound is not None and many.bound is not None
    assert many.bound <= few.bound < without.bound


def test_more_errors_in_a_row_are_hardly_ever_seen() -> None:
    # Each tries' own work is late by itself; what it waits for would have to be far longer.
    plain, rarely = _success(40, "600ms", rate=40), _success(40, "600ms", _ejecting(5), rate=40)
    assert plain.bound is not None and rarely.bound is not None
    assert plain.bound - rarely.bound < Fraction(1, 1000)


def test_who_is_hardly_ever_late_is_promised_as_much() -> None:
    plain, ejecting = _success(12, "5s"), _success(12, "5s", _ejecting(3))
    # Who is killed is put aside, which helps.
    assert plain.bound is not None and ejecting.bound is not None
    assert ejecting.bound > plain.bound - Fraction(1, 10_000)


@pytest.mark.parametrize(("timeout", "quantile"), [("330ms", 55), ("450ms", 70), ("600ms", 80)])
def test_no_quantile_is_proved_of_more_than_are_answered(timeout: str, quantile: int) -> None:
    # The same pool without a fault: 54 %, 49 % and 41 % have no answer once callers put agents aside.
    def told(eject: str) -> Finding:
        return findings(
            f"""fleet f {{
            demand users {{ steady 40/s }}
            pool desk {{
              serves users {{ timeout {timeout}; {eject}; route random }}
              agents 6
              each {{ service mean 100ms, p99 300ms; startup 1s }}
            }}
            guarantee latency p{quantile} < 2s
            }}"""
        )[f"latency/users/p{quantile}"]

    assert told("").status is Status.PROVED
    ejecting = told(_ejecting(2))
    assert ejecting.status is Status.UNKNOWN
    assert ejecting.reason.startswith("users -> desk takes agents for broken that are late, and may put 3 agents aside")
    assert "a longer timeout" in ejecting.remedy


@pytest.mark.parametrize(
    ("agents", "rate", "timeout", "share"), [(6, 40, "1500ms", 90), (8, 40, "1s", 90), (12, 60, "1500ms", 99)]
)
def test_where_no_fault_reaches_a_demand_they_are_counted_too(agents: int, rate: int, timeout: str, share: int) -> None:
    # Proved once of a bound of 0 %: what is quick to tell left them out.
    found = findings(
        f"""fleet f {{
        demand users {{ steady {rate}/s }}
        demand others {{ steady 1/s }}
        pool desk {{
          serves users {{ timeout {timeout}; {_ejecting(2)}; route random }}
          agents {agents}
          each {{ service mean 100ms, p99 300ms; startup 1s }}
        }}
        pool spare {{ serves others; agents 2; each {{ service mean 100ms, p99 300ms; startup 1s }} }}
        guarantee success {share}%
        trial t {{ duration 60s; kill 1 agent of spare at 20s }}
        }}"""
    )["success/users"]
    assert found.status is Status.UNKNOWN and found.bound is not None and found.bound < Fraction(share, 100)


def _chain(eject: str) -> Finding:
    return findings(
        f"""fleet f {{
        demand users {{ steady 40/s }}
        dependency api {{ limit 1000 requests/s; latency p50 20ms, p99 90ms }}
        pool desk {{
          serves users {{ timeout 1s; {eject} }}
          agents 10; each {{ concurrency 8; service mean 50ms, p99 200ms; startup 1s }}
        }}
        pool back {{ agents 10; each {{ concurrency 8; service mean 50ms, p99 150ms; startup 1s }} }}
        call desk -> back 1 per request {{ timeout 500ms; {eject} }}
        call back -> api 1 per request {{ timeout 200ms }}
        guarantee success 1%
        trial t {{ duration 60s; kill 1 agent of back at 20s }}
        }}"""
    )["success/users"]


def test_a_chain_whose_work_is_late_now_and_then_ejects_hardly_anybody() -> None:
    # Hardly a call waits for agents, and some for the dependency: five in a row are not seen.
    plain, ejecting = _chain(""), _chain(_ejecting(5))
    assert plain.bound is not None and ejecting.bound is not None
    assert plain.bound - ejecting.bound < Fraction(1, 1000)
