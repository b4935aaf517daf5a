"""Where a target settles, against the bounds and against what an agent can do."""

from __future__ import annotations

import pytest

from .specs import offers, proved, refuted, unknown

SPEC = """fleet f {{
  demand d {{ steady 100/s; peak 400/s for 1m every 1h }}
  pool p {{ serves d; agents 2..{most}; each {{ concurrency 8; service mean 60ms, p99 200ms }}; scale on {target} }}
}}"""


@pytest.mark.parametrize(
    ("target", "agents"),
    [
        ("busy 50%", 6),  # 24 slots in use / (8 x 0.5)
        ("rate 30/s per agent", 14),  # 400 / 30
    ],
)
def test_the_peak_asks_for_as_many_agents_as_the_target_says(target: str, agents: int) -> None:
    assert f"asks for {agents} agents" in proved(SPEC.format(most=agents, target=target), "scaling/p/peak").margin
    finding = refuted(SPEC.format(most=agents - 1, target=target), "scaling/p/peak")
    assert f"at least {agents} agents" in finding.witness
    assert (str(agents - 1), str(agents)) in offers(finding)


def test_requests_in_flight_count_those_that_wait() -> None:
    # 24 in service / 4 = 6 without waits; the queue adds to it.
    finding = proved(SPEC.format(most=9, target="in flight 4 per agent"), "scaling/p/peak")
    assert "asks for 7 agents" in finding.margin or "asks for 6 agents" in finding.margin
    refuted(SPEC.format(most=5, target="in flight 4 per agent"), "scaling/p/peak")


def test_a_target_that_fills_every_slot_is_refuted() -> None:
    finding = refuted(SPEC.format(most=99, target="in flight 8 per agent"), "scaling/p/target")
    # A slot is left for the next request, a tenth over the target too.
    assert ("8", "7") in offers(finding)
    # 122/s and a tenth of it, x 60 ms, are more than 8 slots.
    refuted(SPEC.format(most=99, target="rate 122/s per agent"), "scaling/p/target")
    proved(SPEC.format(most=99, target="rate 121/s per agent"), "scaling/p/target")


def test_full_agents_within_the_tolerance_of_the_target_are_left_alone() -> None:
    def spec(busy: str) -> str:
        return (
            "fleet f { demand d { steady 10/s; peak 100/s for 10m every 1d; rises at most 10/s per 1m }; "
            "pool p { serves d; agents 1..40; each { concurrency 2; service mean 100ms, p99 300ms; startup 5s }; "
            f"scale on busy {busy} {{ up within 10m }} }} }}"
        )

    # An agent shows 100 % at the most, which is not more than a tenth over 91 %.
    assert "none is ever added" in refuted(spec("91%"), "scaling/p/target").witness
    assert "never gets from 1 to" in unknown(spec("91%"), "scaling/p/up-within").reason
    proved(spec("80%"), "scaling/p/target")
    proved(spec("80%"), "scaling/p/up-within")


def test_scaling_on_cpu_is_unknown_since_cpu_per_request_is_not_stated() -> None:
    assert "cpu" in unknown(SPEC.format(most=99, target="cpu 70%"), "scaling/p/peak").reason
