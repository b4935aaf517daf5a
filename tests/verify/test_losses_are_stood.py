"""Agents, pools and answers that go missing, empty caches, and what one agent may have."""

from __future__ import annotations

from .specs import core, findings, offers, proved, refuted, unknown

LOSS = """fleet f {{
  demand d {{ steady 30/s; peak 60/s for 10m every 1d }}
  survive loss of {lost} of p
  pool p {{ serves d; agents {agents}; each {{ concurrency 8; service mean 200ms, p99 500ms }} }}
}}"""


def test_the_agents_that_are_left_must_cover_the_peak() -> None:
    # 60/s x 200 ms are 12 requests in hand: two agents of 8, so three with one to lose.
    finding = refuted(LOSS.format(lost="1 agent", agents=2), "loss/p")
    assert "at least 2 agents" in finding.witness and "1 is left" in finding.witness
    assert ("2", "3") in offers(finding)
    proved(LOSS.format(lost="1 agent", agents=3), "loss/p")
    refuted(LOSS.format(lost="3 agents", agents=3), "loss/p")


def test_an_autoscaler_keeps_no_agents_for_the_loss() -> None:
    # At the peak 9 agents run, of which 7 have 14 slots for 15 requests; 20 may run, but nobody asks for them.
    text = """fleet f {{
  demand d {{ steady 20/s; peak 150/s for 10m every 1d }}
  survive loss of 2 agents of p
  pool p {{ serves d; agents {agents}; each {{ concurrency 2; service mean 100ms, p99 300ms }}; scale on busy {busy} }}
}}"""
    assert "2 of 9 agents that run at the peak" in unknown(text.format(agents="2..20", busy="80%"), "loss/p").reason
    more = text.replace("loss of 2 agents", "loss of 12 agents")
    assert "9 of 9 agents that run at the peak" in unknown(more.format(agents="2..20", busy="80%"), "loss/p").reason
    proved(text.format(agents="2..20", busy="50%"), "loss/p")
    proved(text.format(agents="10..20", busy="80%"), "loss/p")
    refuted(text.format(agents="2..9", busy="80%"), "loss/p")


TAKEOVER = """fleet f {{
  demand x {{ steady 100/s }}
  demand y {{ steady 20/s }}
  survive loss of pool b, a takes over
  pool a {{ serves x; agents {a}; each {{ concurrency 1; service mean 100ms, p99 100ms }} }}
  pool b {{ serves y; agents 3; each {{ concurrency 1; service mean 100ms, p99 100ms }} }}
  pool deep {{ agents {deep}; each {{ concurrency 1; service mean 50ms, p99 50ms }} }}
  call a -> deep
  call b -> a
}}"""


def test_the_heir_gets_all_that_came_to_the_lost_pool_and_what_it_no_longer_calls() -> None:
    # Each request of y comes to a once: by b's call before, by itself afterwards.
    finding = refuted(TAKEOVER.format(a=18, deep=20), "takeover/b/a")
    assert "120 requests/s" in finding.witness
    proved(TAKEOVER.format(a=60, deep=20), "takeover/b/a")


def test_pools_that_the_heir_calls_are_judged_as_well() -> None:
    refuted(TAKEOVER.format(a=60, deep=6), "takeover/b/deep")
    proved(TAKEOVER.format(a=60, deep=20), "takeover/b/deep")


BOTH = """fleet f {{
  demand d {{ steady 100/s }}
  survive loss of pool b, a takes over
  pool g {{ serves d; agents {g}; each {{ concurrency 1; service mean 10ms, p99 10ms }} }}
  pool a {{ agents {a}; each {{ concurrency 1; service mean 100ms, p99 100ms }} }}
  pool b {{ agents 50; each {{ concurrency 1; service mean 10ms, p99 10ms }} }}
  call g -> a {to_a} per request
  call g -> b {to_b} per request
}}"""


def test_a_caller_that_called_both_calls_the_heir_as_often_as_both() -> None:
    # 400 calls a second of 100 ms each, however they were shared out before.
    for to_a, to_b in ((1, 3), (3, 1)):
        text = BOTH.format(g=99, a=39, to_a=to_a, to_b=to_b)
        finding = refuted(text, "takeover/b/a")
        assert "400 requests/s" in finding.witness
        assert {str(to_a), str(to_b)} <= core(finding)
        proved(BOTH.format(g=99, a=60, to_a=to_a, to_b=to_b), "takeover/b/a")


def test_who_calls_a_slower_heir_holds_its_slots_for_longer() -> None:
    # Two calls of 100 ms and 10 ms of its own are 21 slots; with b, which takes 10 ms, they were 12.
    proved(BOTH.format(g=18, a=60, to_a=1, to_b=1), "capacity/g/peak")
    refuted(BOTH.format(g=18, a=60, to_a=1, to_b=1), "takeover/b/g")
    proved(BOTH.format(g=32, a=60, to_a=1, to_b=1), "takeover/b/g")


def test_an_heir_that_calls_the_lost_pool_would_be_called_by_itself() -> None:
    direct = BOTH.format(g=99, a=60, to_a=1, to_b=1).replace("call g -> b 1 per request", "call a -> b")
    assert "would come back to it" in unknown(direct, "takeover/b/a").reason
    between = direct.replace("call a -> b", "call a -> c; call c -> b; pool c { agents 9 }")
    assert "would come back to it" in unknown(between, "takeover/b/a").reason


def test_an_heir_that_waits_for_its_calls_needs_more_agents_and_no_other_target() -> None:
    # Of 11 slots 10 are in use but for the waits for b.
    text = """fleet f {
      demand d { steady 50/s }
      demand e { steady 50/s }
      pool b { agents 6; each { concurrency 1; service mean 50ms, p99 60ms } }
      pool p { serves d; agents 8; each { concurrency 1; service mean 50ms, p99 60ms } }
      pool q { serves e; agents 11; each { concurrency 1; service mean 50ms, p99 60ms } }
      call p -> b
      call q -> b
      survive loss of pool p, q takes over
    }"""
    assert unknown(text, "takeover/p/q").remedy == "more agents of q would decide it"
    scaled = text.replace(
        "agents 11; each { concurrency 1; service mean 50ms, p99 60ms }",
        "agents 2..11; each { concurrency 1; service mean 50ms, p99 60ms }; scale on busy 70%",
    )
    assert unknown(scaled, "takeover/p/q").remedy == "a higher maximum of agents of q would decide it"


def test_what_waits_for_the_lost_pool_is_not_taken_over_as_the_margin_says() -> None:
    text = """fleet f {
      demand d { steady 50/s; peak 60/s for 1m every 1h }
      demand e { steady 50/s }
      pool p { serves d; agents 8; each { concurrency 1; service mean 50ms, p99 60ms } }
      pool q { serves e; agents 20; each { concurrency 1; service mean 50ms, p99 60ms } }
      survive loss of pool p, q takes over
      queue work { feeds p }
    }"""
    assert "what waits in work by then is not taken over" in proved(text, "takeover/p/q").margin
    assert "waits" not in proved(text.replace("queue work { feeds p }", ""), "takeover/p/q").margin


STUCK = """fleet f {{
  demand d {{ steady 1_000/s }}
  survive 5% of calls to db unanswered
  dependency db {{ latency p50 95ms, p99 95ms }}
  pool front {{ serves d {{ {gate} }}; agents 10; each {{ concurrency 120; service mean 1ms, p99 1ms }} }}
  pool back {{ agents 10; each {{ concurrency 100; service mean 4ms, p99 4ms }} }}
  call front -> back {{ {hop} }}
  call back -> db {{ {call} }}
}}"""


def stuck(call: str, hop: str = "timeout 110s", gate: str = "timeout 120s") -> str:
    return STUCK.format(call=call, hop=hop, gate=gate)


def test_calls_without_an_answer_hold_slots_until_the_caller_gives_up() -> None:
    finding = refuted(stuck("timeout 100s"), "unanswered/db/back")
    assert "want 5,000 slots; the others want 94" in finding.witness or "the others want 95" in finding.witness
    assert {"5%", "100s"} <= core(finding)
    proved(stuck("timeout 15s"), "unanswered/db/back")


def test_the_callers_of_a_pool_that_waits_wait_with_it_until_their_own_timeout() -> None:
    refuted(stuck("timeout 100s"), "unanswered/db/front")
    refuted(stuck("timeout 100s", hop="timeout 30s"), "unanswered/db/front")
    proved(stuck("timeout 100s", hop="timeout 15s"), "unanswered/db/front")


def test_what_no_pool_calls_holds_nobody_up() -> None:
    spec = "fleet f { demand d { steady 1/s }; survive 5% of calls to p unanswered; pool p { serves d; agents 2 } }"
    assert "no pool calls p" in proved(spec, "unanswered/p").margin


def test_without_a_timeout_every_slot_is_held_in_the_end() -> None:
    finding = refuted(stuck("route random"), "unanswered/db/back")
    assert "has no timeout" in finding.witness
    refuted(stuck("timeout 100s", hop="route random"), "unanswered/db/front")


RETRIED = """fleet f {{
  demand d {{ steady 10/s }}
  survive 50% of calls to x unanswered
  dependency x {{ latency p50 1ms, p99 2ms }}
  pool a {{ serves d; agents 100; each {{ concurrency 1; service mean 50ms, p99 80ms }} }}
  pool b {{ agents {agents}; each {{ concurrency 1; service mean 50ms, p99 80ms }} }}
  call a -> b {{ {policy} }}
  call b -> x {{ timeout 1s }}
}}"""


def test_calls_that_are_tried_again_for_want_of_an_answer_come_again() -> None:
    # 10/s hold 0.05 s and half of them 1 s; half come again, and half of those: up to twice as many.
    proved(RETRIED.format(agents=8, policy="timeout 20s"), "unanswered/x/b")
    finding = unknown(RETRIED.format(agents=8, policy="timeout 20s; retry 4"), "unanswered/x/b")
    assert "20 requests/s with those that are tried again" in finding.reason
    proved(RETRIED.format(agents=12, policy="timeout 20s; retry 4"), "unanswered/x/b")


def test_tries_without_any_timeout_are_waited_for_one_after_the_other() -> None:
    spec = RETRIED.format(agents=12, policy="retry 4").replace("agents 100", "agents AGENTS")
    proved(spec.replace("AGENTS", "14"), "unanswered/x/a")
    unknown(spec.replace("AGENTS", "10"), "unanswered/x/a")


COLD = """fleet f {{
  demand d {{ steady 100/s }}
  dependency db {{ limit {limit} requests/s; latency p50 5ms, p99 20ms }}
  pool p {{ serves d; agents 4; each {{ concurrency 8; service mean 1ms, p99 2ms }} }}
  pool cache {{ agents {agents}; each {{ concurrency 1; service mean 20ms, p99 20ms }} }}
  call p -> db 0.1 per request {{ timeout 1s; cold 1 per request }}
  call p -> cache 0.01 per request {{ timeout 1s; cold 0.5 per request }}
}}"""


def test_empty_caches_ask_more_of_dependencies_and_of_pools() -> None:
    assert "10 times as many" in refuted(COLD.format(limit=99, agents=4), "cold/db").witness
    proved(COLD.format(limit=100, agents=4), "cold/db")
    assert "50 times as many" in refuted(COLD.format(limit=100, agents=1), "cold/cache").witness
    proved(COLD.format(limit=100, agents=2), "cold/cache")


def test_empty_caches_ask_for_more_tokens_too() -> None:
    spec = COLD.format(limit=100, agents=4).replace("requests/s", "requests/s, 30_000 tokens/min")
    text = spec.replace("db 0.1 per request { timeout 1s;", "db 0.1 per request { timeout 1s; tokens TOKENS;")
    assert "36,000 tokens/min" in refuted(text.replace("TOKENS", "6"), "cold/db/tokens").witness
    assert proved(text.replace("TOKENS", "5"), "cold/db/tokens").unit == "tokens/s"
    assert "does not state tokens" in unknown(spec, "cold/db/tokens").reason


def test_empty_caches_at_a_peak_that_a_limit_by_the_hour_outlasts() -> None:
    # 3,590 s of 5/s and 10 s of 500/s are 22,950 in the worst hour.
    spec = """fleet f {
      demand d { steady 1/s; peak 100/s for 10s every 1h }
      dependency db { limit LIMIT requests/h; latency p50 2ms, p99 9ms }
      pool p { serves d; agents 10; each { concurrency 100; service mean 20ms, p99 90ms } }
      call p -> db 0.5 per request { cold 5 per request }
    }"""
    assert "22,950 requests/h" in refuted(spec.replace("LIMIT", "22_949"), "cold/db").witness
    assert "evenly within the hour" in unknown(spec.replace("LIMIT", "22_950"), "cold/db").reason
    proved(spec.replace("LIMIT", "1_800_000"), "cold/db")


def test_who_waits_longer_for_its_own_cold_calls_has_slots_for_that() -> None:
    # 40/s of 20 ms and a call that takes 246 ms in the mean, for each request and not for each tenth one.
    spec = """fleet f {
      demand d { steady 10/s; peak 40/s }
      dependency db { limit 1000 requests/s; latency p50 200ms, p99 900ms }
      pool front { serves d; agents FRONT; each { concurrency 8; service mean 1ms, p99 2ms } }
      pool p { agents 4; each { concurrency 2; service mean 20ms, p99 90ms } }
      call front -> p
      call p -> db 0.1 per request { cold 1 per request }
    }"""
    finding = refuted(spec.replace("FRONT", "4"), "cold/p")
    assert "holds each for 266 ms in 8 slots" in finding.witness and ("4", "6") in offers(finding)
    enough = spec.replace("agents 4", "agents 8")
    proved(enough.replace("FRONT", "4"), "cold/p")
    # Whoever calls it holds its own slots as much longer.
    proved(enough.replace("FRONT", "4"), "cold/front")
    refuted(enough.replace("FRONT", "1"), "cold/front")


def test_a_peak_that_a_queue_levels_does_not_reach_those_behind_empty_caches() -> None:
    # 20/s would ask for 36/s; ten agents, each a second at a request, cannot.
    spec = """fleet f {
      demand d { steady 0.1/s; peak 20/s for 10s every 1h }
      queue work { feeds p; holds at most 1000 }
      dependency db { limit 25 requests/s; latency p50 2ms, p99 9ms }
      pool p { serves d; agents 10; each { concurrency 1; service mean 1s, p99 1.1s } }
      call p -> db 0.5 per request { cold 1.8 per request }
    }"""
    proved(spec, "cold/db")
    assert "all agents that work off" in unknown(spec.replace("limit 25", "limit 17"), "cold/db").reason


def test_without_a_word_on_cold_caches_nothing_is_promised_of_them() -> None:
    spec = COLD.format(limit=1, agents=1).replace("; cold 1 per request", "").replace("; cold 0.5 per request", "")
    assert not [id for id in findings(spec) if id.startswith("cold/")]


LINKS = "fleet f {{ pool p {{ agents {n}; each {{ links {each} per agent and 10 more, at most 100 }} }} }}"


def test_links_grow_with_the_pool_and_an_update_adds_some() -> None:
    assert "101 links" in refuted(LINKS.format(n=92, each=1), "links/p").witness
    # 60 agents, 15 that start and 15 that still leave: 89 + 10
    proved(LINKS.format(n=60, each=1), "links/p")
    assert "during an update" in refuted(LINKS.format(n=74, each=1), "links/p").witness


MEMORY = "fleet f {{ pool p {{ agents 2; each {{ memory 100Mi; concurrency {n}; memory 1Mi per request }} }} }}"


def test_all_slots_of_an_agent_in_use_fit_in_its_memory() -> None:
    assert ("101", "100") in offers(refuted(MEMORY.format(n=101), "agent-memory/p"))
    proved(MEMORY.format(n=100), "agent-memory/p")
    unknown(MEMORY.format(n=100).replace("memory 100Mi; ", ""), "agent-memory/p")


CUT = """fleet f {{
  dependency db {{ latency p50 50ms, p99 500ms; refused wait 2s }}
  pool p {{ agents 2; each {{ service mean 10ms, p99 30ms }} }}
  call p -> db {{ {policy} }}
}}"""


def test_a_caller_that_gives_up_before_the_p99_throws_good_answers_away() -> None:
    assert ("300ms", "500ms") in offers(refuted(CUT.format(policy="timeout 300ms"), "timeouts/p->db/cut"))
    proved(CUT.format(policy="timeout 500ms"), "timeouts/p->db/cut")
    refuted(CUT.format(policy="timeout 5s; try timeout 300ms"), "timeouts/p->db/cut")
    # A short try that is tried again elsewhere is a hedge.
    proved(CUT.format(policy="timeout 5s; try timeout 300ms; retry 2"), "timeouts/p->db/cut")


def test_every_pause_must_reach_what_the_callee_asks_for() -> None:
    policy = "timeout 20s; retry 2 {{ backoff {pause} up to 4s }}"
    refuted(CUT.format(policy=policy.format(pause="1s")), "retry-after/p->db")
    proved(CUT.format(policy=policy.format(pause="2s")), "retry-after/p->db")


STALL = """fleet f {{
  demand d {{ steady 10/s }}
  dependency db {{ latency p50 5ms, p99 20ms }}
  pool p {{
    serves d {{ timeout 30s }}
    agents 4..20
    each {{ cpu {cpu}; memory 1Gi; concurrency 20; service mean 50ms, p99 200ms }}
    scale on {signal}
  }}
  call p -> db {{ {timeout} }}
}}"""


def test_cpu_falls_while_a_full_agent_waits() -> None:
    # 20 x 50 ms / 10.05 s of one core are 10 %.
    finding = refuted(STALL.format(cpu=1, signal="cpu 60%", timeout="timeout 10s"), "scaling/p/stall")
    assert "at most 9.95 %" in finding.witness
    unknown(STALL.format(cpu="100m", signal="cpu 60%", timeout="timeout 10s"), "scaling/p/stall")
    assert (
        "no timeout"
        in refuted(STALL.format(cpu=1, signal="cpu 60%", timeout="route random"), "scaling/p/stall").witness
    )
    assert "scaling/p/stall" not in findings(STALL.format(cpu=1, signal="busy 60%", timeout="timeout 10s"))
