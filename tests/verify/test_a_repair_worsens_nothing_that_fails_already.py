"""Two guarantees fail, and what would mend the one takes the other farther from its limit: that is no repair."""

from __future__ import annotations

from .specs import findings

POOL = "pool {} {{ agents 4; each {{ concurrency 32; service mean 10ms, p99 40ms }} }}\n"
CHAIN = (
    "fleet chain {\n  demand tickets { steady 4/s }\n"
    "  pool a { serves tickets { timeout 2s }; agents 4; each { concurrency 32; service mean 10ms, p99 40ms } }\n"
    + "".join(f"  {POOL.format(name)}" for name in "bcd")
    + "  call a -> b 1 per request { timeout 1500ms }\n"
    "  call b -> c 1 per request { timeout 1600ms }\n"
    "  call c -> d 1 per request { timeout 3s }\n}\n"
)

DESK = """fleet desk {
  demand tickets { steady 40/s; peak 80/s for 10m every 1d }
  pool triage {
    serves tickets { timeout 2s }
    agents 6
    each { price $0.02/h; concurrency 2; service mean 300ms, p99 420ms }
  }
  budget agents $2/day
}
"""


def test_an_inner_timeout_that_is_too_long_already_is_not_told_to_grow() -> None:
    found = findings(CHAIN)
    assert [one.text for one in found["timeouts/a->b"].repairs] == ["raise the timeout of a -> b to 1640ms"]
    assert [one.text for one in found["timeouts/b->c"].repairs] == ["lower the timeout of c -> d to 1.5s"]


def test_both_are_mended_at_once_where_that_can_be() -> None:
    capacity = findings(DESK)["capacity/triage/peak"].repairs
    assert "raise the agents of triage to 13 and raise the agents budget a day to $6.24/day" in [
        one.text for one in capacity
    ]
    assert not any(one.text == "raise the agents of triage to 13" for one in capacity)


def test_where_only_that_would_do_it_is_said_what_it_worsens() -> None:
    budget = findings(DESK)["budget/agents/day"]
    assert not any("agents of triage" in one.text for one in budget.repairs)
    assert budget.nearly == (
        "it would do to lower the agents of triage to 4, were it not for capacity/triage/steady and "
        "capacity/triage/peak, which fail already and would then fail by more"
    )
