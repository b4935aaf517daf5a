"""Whatever the demand does inside its envelope, callers do not give up before agents are there."""

from __future__ import annotations

import pytest

from seatrial.compiler.verify import check
from seatrial.compiler.verify.flows.analysis import Analysis
from seatrial.compiler.verify.flows.loops import arriving, fastest, gentlest, longest_wait

from .specs import core, fleet_of, proved, refuted, unknown

SPEC = """fleet f {{
  demand d {{ steady 100/s; peak 400/s for 10m every 1d{rise} }}
  pool p {{
    serves d {{ timeout {timeout} }}
    agents 2..40
    each {{ concurrency 8; service mean 60ms, p99 200ms; startup {startup} }}
    scale on busy {target}
  }}
}}"""


def spec(**values: str) -> str:
    return SPEC.format(**({"rise": "", "timeout": "5s", "startup": "20s", "target": "50%"} | values))


def test_a_jump_that_agents_come_too_late_for_is_refuted_by_its_course() -> None:
    finding = refuted(spec(), "scaling/p/waits")
    assert "rises from 100/s to 400/s" in finding.witness and "waiting ▁" in finding.witness
    assert {"5s", "20s", "50%", "400/s"} <= core(finding)
    assert finding.repairs


@pytest.mark.parametrize("startup", ["5s", "20s", "45s", "90s"])
def test_a_gentle_slope_is_proved_for_every_horizon_whatever_the_start_up(startup: str) -> None:
    proved(spec(rise="; rises at most 30/s per 1m", startup=startup), "scaling/p/waits")


def test_agents_of_the_steady_level_that_carry_the_peak_need_no_proof_of_the_loop() -> None:
    assert "too small" in proved(spec(target="15%"), "scaling/p/waits").margin


def test_the_course_is_one_that_the_envelope_allows() -> None:
    fleet = fleet_of(spec(rise="; rises at most 400/s per 1m", startup="90s"))
    analysis = Analysis(fleet)
    pool = fleet.pools[0]
    inside, loop = gentlest(arriving(analysis, pool)), fastest(analysis, pool)
    assert loop is not None
    worst = longest_wait(loop, inside, None, 200)
    assert worst.harm > 5_000 and inside.allowed(worst.lines)
    assert inside.lasts == 40 + 3 and inside.every == 24 * 240


def test_a_pool_without_impatient_callers_is_not_asked() -> None:
    text = spec().replace("serves d { timeout 5s }", "serves d")
    assert "scaling/p/waits" not in {one.id for one in check(fleet_of(text))}


BESIDE = """fleet f {
  demand d { steady 100/s; peak 400/s for 10m every 1d; rises at most 60/s per 1m }
  demand b { steady 20/s; peak 60/s for 1m every 1h }
  pool p {
    serves d { timeout 5s }
    serves b { timeout 5s }
    agents 2..60
    each { concurrency 8; service mean 60ms, p99 200ms; startup 20s }
    scale on busy 40%
  }
}"""


def test_a_demand_that_jumps_beside_one_with_a_slope_jumps_by_its_own_part_alone() -> None:
    proved(BESIDE, "scaling/p/waits")
    unknown(BESIDE.replace("peak 60/s", "peak 360/s"), "scaling/p/waits")
