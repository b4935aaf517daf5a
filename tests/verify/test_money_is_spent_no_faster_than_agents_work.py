"""What waits is paid for later: budgets of tokens behind a queue, and behind agents that come late."""

from __future__ import annotations

from .specs import proved, refuted, unknown

LEVELLED = """fleet f {
  demand d { steady 1/s; peak 100/s for 30m every 1d }
  pool p { serves d; agents 2; each { concurrency 8; service mean 1s, p99 1500ms } }
  dependency llm { latency p50 1ms, p99 2ms; price $1 / 1_000 tokens }
  call p -> llm { tokens 1_000 }
  queue w { feeds p; holds at most 1_000_000 }
  budget tokens $BUDGET/PERIOD
}"""

LATE = """fleet f {
  demand d { steady 1/s; peak 10/s for 2h every 1d }
  pool p {
    serves d
    agents MIN..20
    each { concurrency 1; service mean 1s, p99 1500ms; startup 15m }
    scale on busy 60% { down over 5m; at most 100% per 15m }
  }
  dependency llm { latency p50 1ms, p99 2ms; price $1 / 1_000 tokens }
  call p -> llm { tokens 1_000 }
  budget tokens $BUDGET/hour
}"""


def test_an_hour_costs_no_more_than_agents_take_on_behind_a_queue() -> None:
    """16 slots of a second take on 57,600 of the 181,800 that come in the hour of the peak; more in an update."""
    hour = LEVELLED.replace("PERIOD", "hour")
    finding = unknown(hour.replace("BUDGET", "70_000"), "budget/tokens/hour")
    assert "what works off" in finding.reason or "piled up" in finding.reason
    assert proved(hour.replace("BUDGET", "100_000"), "budget/tokens/hour")
    witness = refuted(hour.replace("BUDGET", "57_000"), "budget/tokens/hour").witness
    assert "though w levels its peaks" in witness
    # Within a day all of it is worked off.
    refuted(LEVELLED.replace("BUDGET", "250_000").replace("PERIOD", "day"), "budget/tokens/day")


def test_what_waited_for_agents_that_start_is_paid_for_in_the_next_hour() -> None:
    """In the first quarter of an hour two agents leave 7,200 of 9,000 requests waiting, and those that come then more:
    all of it comes on top of 36,000."""
    finding = unknown(LATE.replace("MIN", "2").replace("BUDGET", "36_100"), "budget/tokens/hour")
    assert "$51,707 an hour with what piled up before of d" in finding.reason
    assert "higher minimum" in finding.remedy
    proved(LATE.replace("MIN", "18").replace("BUDGET", "36_100"), "budget/tokens/hour")
    proved(LATE.replace("MIN", "2").replace("BUDGET", "100_000"), "budget/tokens/hour")
