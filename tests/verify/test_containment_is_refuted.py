"""Containment that does not contain: each family refutes with the clause, and what it offers mends it."""

from __future__ import annotations

from .specs import core, findings, offers, proved, refuted, unknown

POOL = "agents 20; each { concurrency 4; service mean 100ms, p99 300ms; startup 5s }"


def test_two_sides_that_call_one_dependency_are_not_apart() -> None:
    text = f"""fleet f {{
      demand a {{ steady 10/s }}
      demand b {{ steady 10/s }}
      dependency db {{ latency p50 3ms, p99 15ms }}
      pool left {{ serves a; {POOL} }}
      pool right {{ serves b; {POOL} }}
      pool between {{ {POOL} }}
      call left -> between 0.5 per request
      call between -> db 2 per request
      call right -> db 3 per request {{ limit 10 in flight }}
      bulkhead left | right
    }}"""
    finding = refuted(text, "bulkhead/left|right")
    assert "both come to db" in finding.witness
    assert core(finding) == {"0.5", "2", "3"}


def test_a_bound_on_those_that_wait_keeps_no_connections_free_for_the_other_side() -> None:
    text = f"""fleet f {{
      dependency db {{ latency p50 3ms, p99 15ms }}
      pool left {{ {POOL} }}
      pool right {{ {POOL} }}
      call left -> db {{ limit 5 pending }}
      call right -> db {{ limit 5 pending }}
      bulkhead left | right
    }}"""
    refuted(text, "bulkhead/left|right")
    for limit in ("5 pending, 9 in flight", "9 connections"):
        proved(text.replace("5 pending", limit), "bulkhead/left|right")


_ONE_DEPENDENCY = f"""fleet f {{
  demand a {{ steady 10/s }}
  demand b {{ steady 10/s }}
  dependency db {{ latency p50 3ms, p99 15ms; LIMIT }}
  pool left {{ serves a; {POOL} }}
  pool right {{ serves b; {POOL} }}
  call left -> db {{ limit 5 in flight; CALL }}
  call right -> db {{ limit 5 in flight; CALL }}
  BESIDES
  bulkhead left | right
}}"""


def _with_one_dependency(limit: str = "", call: str = "", besides: str = "") -> str:
    return _ONE_DEPENDENCY.replace("LIMIT", limit).replace("CALL", call).replace("BESIDES", besides)


def test_connections_of_their_own_leave_one_side_the_rate_of_the_other() -> None:
    for limit, call, takes in (
        ("limit 100 requests/s", "", "100 requests/s"),
        ("limit 6_000 tokens/min", "tokens 10", "6,000 tokens/min"),
    ):
        text = _with_one_dependency(limit, call)
        assert f"takes {takes}: what the one sends leaves none" in refuted(text, "bulkhead/left|right").witness
    # In an update each side has thirty proxies.
    proved(_with_one_dependency("limit 100 requests/s", "admit at most 1.6/s"), "bulkhead/left|right")
    many = refuted(_with_one_dependency("limit 100 requests/s", "admit at most 2/s"), "bulkhead/left|right")
    assert "their proxies may send 120" in many.witness
    # Of a call that is admitted each retry passes, too: three tries of each of 96 a second.
    again = _with_one_dependency("limit 100 requests/s", "timeout 1s; admit at most 1.6/s; retry 2")
    assert "their proxies may send 288" in refuted(again, "bulkhead/left|right").witness
    proved(again.replace("1.6/s", "0.5/s"), "bulkhead/left|right")
    few = _with_one_dependency("limit 1_000 tokens/s", "tokens 10; admit at most 1.6/s")
    proved(few, "bulkhead/left|right")
    unsaid = unknown(few.replace("tokens 10; ", "", 1), "bulkhead/left|right")
    assert "left -> db does not say how many tokens it uses" in unsaid.reason


def test_what_one_side_uses_up_of_a_quota_the_other_lacks() -> None:
    text = _with_one_dependency(besides="quota requests 50/s of db { tenant x; tenant y }")
    assert "both draw on the quota of requests of db" in refuted(text, "bulkhead/left|right").witness


def test_a_budget_that_stops_agents_stops_both_sides() -> None:
    text = _with_one_dependency("price $0.01 / 1_000 tokens", "tokens 10", "budget tokens $900/day { stop at budget }")
    assert "both spend the budget of $900 a day" in refuted(text, "bulkhead/left|right").witness
    proved(text.replace("{ stop at budget }", ""), "bulkhead/left|right")
    # What agents cost is bounded, whatever is asked of them.
    proved(text.replace("budget tokens", "budget agents"), "bulkhead/left|right")


def test_sides_on_one_class_of_nodes_are_not_apart() -> None:
    text = f"""fleet f {{
      nodes n {{ count 9; cpu 16; memory 64Gi }}
      pool left {{ {POOL} }}
      pool right {{ {POOL} }}
      bulkhead left | right
    }}"""
    assert "share the nodes of n" in refuted(text, "bulkhead/left|right").witness


def test_a_demand_stands_for_all_that_it_reaches() -> None:
    text = f"""fleet f {{
      demand a {{ steady 10/s }}
      demand b {{ steady 10/s }}
      pool one {{ serves a; serves b; {POOL} }}
      bulkhead a | b
    }}"""
    assert "both come to one" in refuted(text, "bulkhead/a|b").witness


def test_sides_of_which_one_takes_over_from_the_other_are_not_apart() -> None:
    text = f"""fleet f {{
      demand x {{ steady 10/s }}
      demand y {{ steady 10/s }}
      pool a {{ serves x; {POOL} }}
      pool b {{ serves y; {POOL} }}
      bulkhead x | y
      survive loss of pool a, b takes over
    }}"""
    assert "b takes over from a" in refuted(text, "bulkhead/x|y").witness
    assert "b takes over from a" in refuted(text.replace("x | y", "a | b"), "bulkhead/a|b").witness
    proved(text.replace("survive loss of pool a, b takes over", ""), "bulkhead/x|y")


def test_what_is_called_with_empty_caches_alone_is_shared_too() -> None:
    text = f"""fleet f {{
      dependency db {{ latency p50 3ms, p99 15ms }}
      pool left {{ {POOL} }}
      pool right {{ {POOL} }}
      call left -> db 0 per request {{ cold 1 per request }}
      call right -> db
      bulkhead left | right
    }}"""
    assert "both come to db" in refuted(text, "bulkhead/left|right").witness


def test_a_kill_of_more_than_restarts_pause_above_is_never_mended() -> None:
    text = f"""fleet f {{
      demand d {{ steady 10/s }}
      pool p {{ serves d; {POOL}; health every 5s {{ fails after 2; pause restarts above 10% failing }} }}
      guarantee recovery within 5m
      trial t {{ kill 25% of p at 10s }}
    }}"""
    finding = refuted(text, "restart/p/faults")
    assert ("10%", "25%") in offers(finding)
    assert "nobody is started again" in finding.witness


def test_the_pause_before_a_restart_counts_for_the_recovery() -> None:
    def spec(backoff: str) -> str:
        return f"""fleet f {{
          demand d {{ steady 10/s }}
          pool p {{ serves d {{ retry 1 }}; {POOL}; health every 5s {{ fails after 2; {backoff} }} }}
          guarantee recovery within 30s
          trial t {{ kill 10% of p at 10s }}
        }}"""

    without, with_pause = (findings(spec(one))["recovery"].bound for one in ("", "backoff 10s..20s"))
    assert without is not None and with_pause is not None
    assert with_pause >= without + 10


def test_a_queue_whose_items_overtake_each_other_is_unknown_and_says_why() -> None:
    text = f"""fleet f {{
      demand d {{ steady 10/s }}
      pool p {{ serves d; {POOL} }}
      queue q {{ feeds p; order value; holds at most 100; age at most 10m }}
    }}"""
    found = unknown(text, "queue/q/age")
    assert "overtaken" in found.reason and found.remedy == ""
    assert proved(text.replace("order value", "order arrival"), "queue/q/age")


def test_a_full_queue_that_takes_too_long_is_refuted_with_a_bound_that_fits() -> None:
    # 96,000 in the mean; chance leaves room for 1 % fewer.
    text = f"""fleet f {{
      demand d {{ steady 10/s }}
      pool p {{ serves d; {POOL} }}
      queue q {{ feeds p; holds at most 96_001; age at most 2m }}
    }}"""
    assert ("96_001", "94_988") in offers(refuted(text, "queue/q/age"))


def test_more_skills_than_agents_leave_one_with_nobody() -> None:
    text = """fleet f {
      demand d { steady 1/s }
      pool p { serves d; agents 2..9; each { service mean 100ms, p99 300ms }; scale on busy 50%; skills a, b, c }
    }"""
    assert "is nobody for" in refuted(text, "skill/p/a").witness


def test_how_long_one_waits_at_shards_by_skill_is_not_known_without_their_shares() -> None:
    text = """fleet f {
      demand d { steady 10/s }
      pool p { serves d; agents 9; each { service mean 100ms, p99 300ms } }
      queue q { feeds p; shards 3 by skill }
      guarantee latency p95 < 1s
    }"""
    assert "q is divided by skill" in unknown(text, "latency/d/p95").reason
    stated = text.replace("agents 9;", "agents 9; skills a 50%, b, c;")
    proved(stated, "latency/d/p95")


def test_how_long_one_waits_who_may_be_overtaken_is_not_known() -> None:
    text = """fleet f {
      demand d { steady 18/s }
      pool p { serves d; agents 2; each { service mean 100ms, p99 200ms } }
      queue q { feeds p; order priority }
      guarantee latency p95 < 10s
    }"""
    assert "overtaken without end" in unknown(text, "latency/d/p95").reason
    proved(text.replace("order priority", "order arrival"), "latency/d/p95")
    # Where next to nobody waits nobody is overtaken.
    proved(text.replace("agents 2", "agents 20"), "latency/d/p95")
    two = text.replace("order priority }", "order arrival }; queue r { feeds p }")
    assert "whose items are taken first" in unknown(two, "latency/d/p95").reason


def test_items_may_wait_for_calls_that_the_same_agents_get() -> None:
    text = """fleet f {
      demand d { steady 1/s }
      demand e { steady 20/s }
      pool p { serves d; agents 2; each { service mean 100ms, p99 200ms } }
      pool x { serves e; agents 9; each { service mean 10ms, p99 20ms } }
      call x -> p
      queue q { feeds p; order arrival; holds at most 100; age at most 7s }
    }"""
    assert "x calls p besides" in unknown(text, "queue/q/age").reason
    proved(text.replace("call x -> p", ""), "queue/q/age")


def test_courses_of_demand_are_unknown_where_a_skill_may_have_too_few() -> None:
    text = """fleet f {
      demand d { steady 1/s; peak 12/s }
      pool p { serves d { timeout 1m }; agents 2..10; each { service mean 300ms, p99 800ms }
        scale on busy 50%; skills a, b }
    }"""
    assert "has one skill" in unknown(text, "scaling/p/waits").reason
    proved(text.replace("2..10", "8..10"), "scaling/p/waits")


def test_agents_that_push_back_refuse_what_comes_in_bunches() -> None:
    text = """fleet f {
      demand d { steady 18/s }
      pool p { serves d; agents 20; push back above 1 pending; each { service mean 1s, p99 2s } }
      guarantee success 50%
      trial t { duration 1000s; kill 1 agent of p at 10s }
    }"""
    assert "refuse above 1 pending" in unknown(text, "success/d").reason
    proved(text.replace("18/s", "10/s").replace("above 1 ", "above 60 "), "success/d")


def test_a_queue_that_is_full_refuses_what_comes() -> None:
    text = """fleet f {
      demand d { steady 18/s }
      pool p { serves d; agents 20; each { service mean 1s, p99 2s } }
      queue q { feeds p; order arrival; holds at most 2 }
      guarantee success 50%
      trial t { duration 1000s; kill 1 agent of p at 10s } }"""
    assert "q holds 2, and more than one item" in unknown(text, "success/d").reason
    proved(text.replace("holds at most 2", "holds at most 1000"), "success/d")


def test_a_use_without_its_budget_is_unknown() -> None:
    text = f"fleet f {{ pool p {{ {POOL} }}; guarantee use of compute budget < 80% }}"
    assert "no compute budget" in unknown(text, "use/compute").reason


def test_a_throughput_is_refuted_by_the_narrowest_dependency() -> None:
    text = f"""fleet f {{
      demand d {{ steady 10/s }}
      dependency api {{ limit 100 requests/s; latency p50 3ms, p99 15ms }}
      pool p {{ serves d; {POOL} }}
      call p -> api 2 per request
      guarantee throughput of d 60/s
    }}"""
    finding = refuted(text, "throughput/d")
    assert ("60/s", "50/s") in offers(finding)
    assert "120 requests/s to api" in finding.witness


def test_a_pool_behind_one_that_takes_all_is_not_protected() -> None:
    text = f"""fleet f {{
      demand d {{ steady 10/s }}
      pool a {{ serves d; {POOL} }}
      pool b {{ {POOL}; push back above 10 pending }}
      call a -> b {{ timeout 2s }}
    }}"""
    assert "pool a" in refuted(text, "push-back/b/bounded").witness
