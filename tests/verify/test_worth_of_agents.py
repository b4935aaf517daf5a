"""The most profitable number of agents lies within the bounds, as far as nothing else needs more."""

from __future__ import annotations

import pytest

from .specs import proved, refuted

# One agent answers all that comes, so that it alone earns most.
SPEC = """fleet f {{
  demand d {{ steady 10/s; peak 60/s for 1h every 1d }}
  pool p {{
    serves d; agents {agents}; value $0.01 per request; overhead 1% per agent
    each {{ price $1/h; service mean 100ms, p99 300ms }}
  }}
  {more}
}}"""


@pytest.mark.parametrize(
    ("agents", "more", "needs"),
    [
        ("9", "consensus c among p { members 9; majority 1/2 }", "c needs"),
        ("9", "organisation o { levels leads 1 of p, hands 8 of p; span at most 8 }", "o needs"),
        ("9", "survive loss of 2 agents of p", "the peak and a loss of 2 agents need"),
        (
            "11",
            "nodes n { count 9; cpu 4; memory 8Gi; zones 3 }; survive loss of 1 zone",
            "the peak and a loss of 1 zone need",
        ),
        ("8", "nodes n { count 20; cpu 4; memory 8Gi }; survive loss of 1 node", "the peak and a loss of 1 node need"),
        (
            "14",
            "demand e { steady 60/s }; pool q { serves e; agents 9; each { service mean 100ms, p99 300ms } }\n"
            "survive loss of pool q, p takes over",
            "the peak and the loss of q need",
        ),
        ("7", "", "the peak needs"),
    ],
)
def test_a_minimum_that_something_needs_is_no_loss(agents: str, more: str, needs: str) -> None:
    finding = proved(SPEC.format(agents=agents, more=more), "economics/p")
    assert f"{needs} {agents}" in finding.margin
    above = str(int(agents) + 1)
    witness = refuted(SPEC.format(agents=above, more=more), "economics/p").witness
    assert f"the bounds begin at {above}, and {needs} no more than {agents}" in witness


def test_a_pool_that_grows_for_its_peak_needs_no_such_minimum() -> None:
    text = SPEC.format(agents="7..20; scale on busy 60%", more="")
    assert "the bounds begin at 7" in refuted(text, "economics/p").witness


def test_agents_that_slow_each_other_down_need_more_for_the_peak() -> None:
    """With 5 % for each other one 8 answer 8 * 10 / 1.35 = 59 requests/s of 60, and 9 answer 64."""
    text = SPEC.format(agents="9", more="").replace("overhead 1%", "overhead 5%")
    proved(text, "capacity/p/peak")
    assert "the peak needs 9" in proved(text, "economics/p").margin
    witness = refuted(text.replace("agents 9", "agents 10"), "economics/p").witness
    assert "the peak needs no more than 9" in witness
