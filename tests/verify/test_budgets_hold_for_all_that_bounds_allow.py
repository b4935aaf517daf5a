"""Prices are hourly, bounds are someone else's: the two must meet in every period."""

from __future__ import annotations

from fractions import Fraction

from .specs import core, offers, proved, refuted, unknown

PLAYBOOK = """fleet f {{
  pool p {{ agents {agents}; each {{ cpu 100m; memory 128Mi; price {price}/h }} }}
  budget {budget}
}}"""


def test_ten_thousand_agents_cost_146_000_dollars_a_month() -> None:
    spec = PLAYBOOK.format(agents="10_000", price="$0.02", budget="compute $1_752/month")
    finding = refuted(spec, "budget/compute/month")
    assert "$146,000" in finding.witness and "$1,752" in finding.witness
    assert core(finding) == {"10_000", "$0.02/h", "$1_752/month"}
    assert offers(finding) >= {("10_000", "120"), ("$1_752/month", "$146_000/month")}


def test_a_budget_that_is_met_to_the_cent_is_proved_without_room() -> None:
    finding = proved(PLAYBOOK.format(agents="120", price="$0.02", budget="agents $1_752/month"), "budget/agents/month")
    assert finding.bound == 1752
    assert finding.margin_share == 0


def test_days_and_hours_are_their_own_periods() -> None:
    assert proved(PLAYBOOK.format(agents="100", price="$0.5", budget="agents $50/h"), "budget/agents/hour").bound == 50
    finding = refuted(PLAYBOOK.format(agents="100", price="$0.5", budget="agents $1_199/day"), "budget/agents/day")
    assert "$1,200" in finding.witness


def test_nodes_are_counted_as_far_as_agents_may_come_to_lie_on_them() -> None:
    # 20 agents of 1 core on nodes of 4 are 5 nodes, $5 an hour; an update, or who lies where, may keep all 9.
    spec = """fleet f {
      nodes n { count 1..9; cpu 4; memory 64Gi; price $1/h }
      pool p { agents 20; each { cpu 1; memory 128Mi } }
      budget nodes $BUDGET/h
    }"""
    assert proved(spec.replace("BUDGET", "9"), "budget/nodes/hour").bound == 9
    open_ = unknown(spec.replace("BUDGET", "8"), "budget/nodes/hour")
    assert "all 9 nodes of n" in open_.reason and "fewer nodes of n" in open_.remedy
    # No more nodes than pods, of which an update has five more, and five that still leave.
    assert proved(spec.replace("1..9", "1..99").replace("BUDGET", "30"), "budget/nodes/hour").bound == 30
    finding = refuted(spec.replace("BUDGET", "4"), "budget/nodes/hour")
    assert ("$4/h", "$9/h") in offers(finding)


def test_agents_are_paid_while_they_drain() -> None:
    spec = """fleet f {
      demand d { steady 1/s; peak 99/s }
      pool p { serves d; agents 2..20; drain DRAIN; scale on busy 60% { down over 5m }; each { price $1/h } }
      budget agents $BUDGET/h
    }"""
    # Nobody takes the place of another before the next sync, 15 s later, so 10 s of a drain and 5 s of sleep cost
    # nothing on top; of half an hour 13 turns of 18 agents in two hours do.
    assert proved(spec.replace("DRAIN", "10s").replace("BUDGET", "20"), "budget/agents/hour").bound == 20
    finding = unknown(spec.replace("DRAIN", "30m").replace("BUDGET", "20"), "budget/agents/hour")
    assert "drains while an autoscaler goes to and fro of p, $20 without" in finding.reason
    assert "shorter drain" in finding.remedy
    assert "refuted" in refuted(spec.replace("DRAIN", "10s").replace("BUDGET", "19"), "budget/agents/hour").status


def test_what_an_update_adds_is_told_and_not_counted() -> None:
    """20 agents, each of which is there 4 s until it is ready, 35 s until what it replaces may go, and 35 s until that
    has gone: 1480 s at $1 an hour. Machines are counted as far as these agents may come to lie on them."""
    spec = """fleet f {
      nodes n { count 9; cpu 4; memory 64Gi; price $1/h }
      pool p { agents 20; drain 30s; each { cpu 1; memory 128Mi; price $1/h; startup 4s } }
      budget SCOPE
    }"""
    agents = proved(spec.replace("SCOPE", "agents $20/h"), "budget/agents/hour")
    assert agents.bound == 20 and "not counted: $0.411 for each update of all agents" in agents.margin
    assert "update" not in proved(spec.replace("SCOPE", "nodes $9/h"), "budget/nodes/hour").margin


def test_what_rises_to_a_peak_is_paid_too() -> None:
    spec = TOKENS.replace("every 1d", "every 1d; rises at most 1/s per 60s").replace("RETRY", "")
    # 20 minutes from 10/s to 30/s, at no more than 30/s.
    finding = unknown(spec.replace("BUDGET", "936"), "budget/tokens/day")
    assert "rises to each peak of d" in finding.reason
    assert proved(spec.replace("BUDGET", "960"), "budget/tokens/day").bound == 960


TOKENS = """fleet f {
  demand d { steady 10/s; peak 30/s for 1h every 1d }
  dependency llm { latency p50 80ms, p99 300ms; price $2 / 1M tokens }
  pool p { serves d; agents 9; each { concurrency 8; service mean 60ms, p99 200ms } }
  call p -> llm 1 per request { tokens 500; timeout 1s; RETRY }
  budget tokens $BUDGET/day
}"""


def test_tokens_follow_the_worst_day_of_the_demand() -> None:
    # (23 h x 10/s + 1 h x 30/s) x 500 tokens x $2 / 1M
    a_day = Fraction((23 * 10 + 30) * 3600 * 500 * 2, 1_000_000)
    assert a_day == 936
    assert proved(TOKENS.replace("BUDGET", "936").replace("RETRY", ""), "budget/tokens/day").bound == 936
    assert "$936" in refuted(TOKENS.replace("BUDGET", "935").replace("RETRY", ""), "budget/tokens/day").witness


def test_what_only_retries_would_cost_is_not_decided() -> None:
    finding = unknown(TOKENS.replace("BUDGET", "1_000").replace("RETRY", "retry 1"), "budget/tokens/day")
    assert "$1,872" in finding.reason and "$936" in finding.reason


def test_a_price_that_is_not_stated_leaves_a_budget_open() -> None:
    spec = "fleet f { pool p { agents 3; each { cpu 1; memory 1Gi } }; budget agents $9/h }"
    assert "price" in unknown(spec, "budget/agents/hour").reason


def test_a_guarantee_on_cost_has_an_id_of_its_own() -> None:
    spec = "fleet f { pool p { agents 3; each { cpu 1; memory 1Gi; price $1/h } }; guarantee cost < $5_000/month }"
    assert proved(spec, "cost/month").bound == 2190


QUIET = """fleet f {
  demand d { steady 20/s }
  dependency llm { price $1 / 1M tokens; latency p50 20ms, p99 90ms }
  pool p { serves d { timeout 9s }; agents 10; each { concurrency 4; service mean 20ms, p99 90ms } }
  call p -> llm { tokens 1_000; timeout 5s; try timeout 2s; retry 1 { backoff 25ms up to 25ms; budget 10% } }
  budget tokens $BUDGET/day
}"""


def test_a_retry_budget_is_no_bound_where_proxies_are_quiet() -> None:
    """1,728,000 calls a day at $0.001: two a second in each of ten proxies, in which three retries may always run."""
    finding = unknown(QUIET.replace("BUDGET", "2_000"), "budget/tokens/day")
    assert "$3,456 a day with every call retried to the end, $1,728 without" in finding.reason
    assert finding.remedy.startswith("a longer back-off")
    proved(QUIET.replace("BUDGET", "3_456"), "budget/tokens/day")
    refuted(QUIET.replace("BUDGET", "1_700"), "budget/tokens/day")


def test_a_retry_budget_is_one_where_proxies_are_busy() -> None:
    busy = QUIET.replace("20/s", "20_000/s").replace("agents 10", "agents 1_000")
    busy = busy.replace("25ms up to 25ms", "2s up to 2s")
    # A ninth more than the calls of a day; in each proxy of 1,500, those of an update counted, three retries a second
    # and three that began before.
    expected = Fraction(20_000 * 86_400 * 10, 9) + 1_500 * 3 * (86_400 + 1)
    assert proved(busy.replace("BUDGET", "2_400_000"), "budget/tokens/day").bound == expected / 1_000
