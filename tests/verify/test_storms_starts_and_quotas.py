"""Storms of retries, starts at once, checks behind requests, a namespace's room, the cost of a request, and envy."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from seatrial.compiler.semantics.fairness import Claim, envied, max_min

from .specs import core, findings, offers, proved, refuted, unknown

STORM = """fleet f {{
  demand d {{ steady {rate}/s }}
  survive a storm of retries
  pool p {{ serves d {{ timeout 5s; {retry} }}; agents 10; each {{ concurrency 1; service mean 100ms, p99 300ms }} }}
}}"""


def test_one_retry_leaves_half_of_the_capacity() -> None:
    finding = refuted(STORM.format(rate=60, retry="retry 1"), "storm/p")
    assert "120 requests/s" in finding.witness and "does not end above 50/s" in finding.witness
    assert ("1", "0") in offers(finding)
    proved(STORM.format(rate=49, retry="retry 1"), "storm/p")
    proved(STORM.format(rate=60, retry="retry 1 { backoff 500ms up to 500ms; budget 20% }"), "storm/p")


def test_a_proxy_in_which_little_is_under_way_retries_whatever_its_budget() -> None:
    """Three retries at once with 12.5 ms of back-off each are 240 a second, four times what comes."""
    found = unknown(STORM.format(rate=60, retry="retry 1 { budget 20% }"), "storm/p")
    assert "120 requests/s reach p" in found.reason and "3 retries may run at once in each proxy" in found.reason
    assert "a longer back-off" in found.remedy


def test_without_retries_the_usual_load_is_all_there_is() -> None:
    proved(STORM.format(rate=60, retry="route random"), "storm/p")


STARTS = """fleet f {{
  nodes n {{ count 4; cpu 2; memory 8Gi }}
  pool p {{ agents {agents}; each {{ cpu {cpu}; memory 256Mi; startup 5s; start takes 8s of cpu{limit} }} }}
}}"""


def test_starts_on_one_node_share_its_cores() -> None:
    # Six of 300m on two cores: 48 s of cpu.
    finding = refuted(STARTS.format(agents=6, cpu="300m", limit="; start fails after 20s"), "starts/p")
    assert "24 s" in finding.witness and {"8s", "20s"} <= core(finding)
    proved(STARTS.format(agents=6, cpu="300m", limit="; start fails after 24s"), "starts/p")
    proved(STARTS.format(agents=5, cpu="300m", limit="; start fails after 20s"), "starts/p")


def test_without_a_limit_the_probes_own_rule_holds() -> None:
    # Three times five seconds, thirty at the least.
    proved(STARTS.format(agents=6, cpu="300m", limit=""), "starts/p")
    refuted(STARTS.format(agents=8, cpu="250m", limit=""), "starts/p")


def test_a_start_alone_takes_its_whole_work() -> None:
    refuted(STARTS.format(agents=1, cpu=1, limit="; start fails after 7s"), "starts/p")


def test_a_start_that_is_given_up_before_the_first_answer_never_ends() -> None:
    def spec(limit: str, work: str = "") -> str:
        each = f"service mean 1ms, p99 2ms; startup 10s; start fails after {limit}{work}"
        nodes = "nodes n { count 4; cpu 2; memory 8Gi }" if work else ""
        return (
            f"fleet f {{ demand d {{ steady 1/s }}\n {nodes}\n"
            f"pool p {{ serves d; agents 2; each {{ cpu 300m; memory 256Mi; {each} }} }} }}"
        )

    assert "none ever starts" in refuted(spec("9s"), "starts/p").witness
    proved(spec("10s"), "starts/p")
    refuted(spec("9s", "; start takes 1s of cpu"), "starts/p")
    proved(spec("10s", "; start takes 1s of cpu"), "starts/p")


def test_without_nodes_it_is_not_known_who_starts_together() -> None:
    spec = STARTS.format(agents=6, cpu="300m", limit="").replace("nodes n { count 4; cpu 2; memory 8Gi }", "")
    unknown(spec, "starts/p")


HEALTH = """fleet f {{
  pool p {{ agents 3; each {{ {service} }}; health every 5s {{ {how} }} }}
}}"""


def test_a_check_behind_requests_must_outlast_one() -> None:
    service = "service mean 800ms, p99 3s"
    assert (
        "1.5 times" in refuted(HEALTH.format(service=service, how="behind requests within 2s"), "health/p/busy").witness
    )
    proved(HEALTH.format(service=service, how="behind requests within 3s"), "health/p/busy")
    unknown(HEALTH.format(service="service mean 800ms", how="behind requests within 3s"), "health/p/busy")
    assert "health/p/busy" not in findings(HEALTH.format(service=service, how="fails after 2"))


NAMESPACE = """fleet f {{
  namespace {{ {room} }}
  pool p {{ agents 8; each {{ {each} }} }}
}}"""
EACH = "cpu 1; memory 1Gi; gpu 1"


def test_a_namespace_is_held_against_the_largest_sizes_and_an_update() -> None:
    # Eight, and two more during an update.
    assert "during" not in refuted(NAMESPACE.format(room="cpu 7", each=EACH), "namespace/cores").witness
    assert "during an update" in refuted(NAMESPACE.format(room="cpu 9", each=EACH), "namespace/cores").witness
    proved(NAMESPACE.format(room="cpu 10", each=EACH), "namespace/cores")


def test_what_others_took_is_gone() -> None:
    finding = refuted(NAMESPACE.format(room="cpu 24, 15 taken", each=EACH), "namespace/cores")
    assert "leaves 9 of 24" in finding.witness
    proved(NAMESPACE.format(room="cpu 24, 14 taken", each=EACH), "namespace/cores")


def test_memory_gpus_and_pods_are_counted_alike() -> None:
    for room, id in (("memory 9Gi", "memory"), ("gpu 4", "gpus"), ("pods 9", "pods")):
        refuted(NAMESPACE.format(room=room, each=EACH), f"namespace/{id}")
    for room, id in (("memory 10Gi", "memory"), ("gpu 10", "gpus"), ("pods 10", "pods")):
        proved(NAMESPACE.format(room=room, each=EACH), f"namespace/{id}")
    unknown(NAMESPACE.format(room="cpu 10", each="memory 1Gi"), "namespace/cores")


def test_an_agent_may_not_ask_for_more_than_the_namespace_takes() -> None:
    room = "each agent cpu at most 500m; each agent memory at most 2Gi"
    refuted(NAMESPACE.format(room=room, each=EACH), "namespace/agent/p/cpu")
    proved(NAMESPACE.format(room=room, each=EACH), "namespace/agent/p/memory")
    # A limit of containers refuses a pod for its sidecar as well.
    beside = EACH + "; sidecar cpu 100m, memory 3Gi"
    finding = refuted(NAMESPACE.format(room=room, each=beside), "namespace/agent/p/memory")
    assert "the sidecar of an agent of p asks for 3 GiB" in finding.witness


COST = """fleet f {{
  demand d {{ steady 1/s }}
  pool p {{ serves d; agents {n}; each {{ {price}service mean 1ms, p99 2ms }} }}
  guarantee cost per request < $0.001
}}"""


def test_a_request_costs_its_part_of_the_bill() -> None:
    # 36 agents at $0.10 an hour for 3,600 requests are exactly $0.001 each.
    assert "$0.001 each" in refuted(COST.format(n=36, price="price $0.10/h; "), "unit-cost").witness
    proved(COST.format(n=35, price="price $0.10/h; "), "unit-cost")
    unknown(COST.format(n=35, price=""), "unit-cost")


ENVY = """fleet f {{
  dependency llm {{ limit 1M tokens/min }}
  quota tokens 1M/min of llm {{ tenant gold {{ {gold} }}; tenant silver {{ {silver} }}; no envy{rule} }}
}}"""


def test_a_floor_above_a_fair_part_is_envied() -> None:
    finding = refuted(ENVY.format(gold="floor 60%", silver="weight 1", rule=""), "quota/tokens-of-llm/envy")
    assert "silver gets 40 %" in finding.witness and "1.5 times" in finding.witness
    proved(ENVY.format(gold="floor 50%", silver="weight 1", rule=""), "quota/tokens-of-llm/envy")
    proved(ENVY.format(gold="floor 60%; weight 3", silver="weight 2", rule=""), "quota/tokens-of-llm/envy")


def test_who_has_all_that_it_may_have_envies_nobody() -> None:
    proved(ENVY.format(gold="weight 1", silver="ceiling 20%", rule=""), "quota/tokens-of-llm/envy")


def test_where_others_decide_it_cannot_be_promised() -> None:
    finding = unknown(
        ENVY.format(gold="weight 1", silver="weight 1", rule="; fair first come"), "quota/tokens-of-llm/envy"
    )
    assert finding.reason.startswith("it is given to whoever asks first: ")


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(1, 100))
def test_max_min_without_floors_is_free_of_envy(weights: list[int], whole: int) -> None:
    claims = [Claim(Fraction(one)) for one in weights]
    got = max_min(Fraction(whole), claims)
    assert envied(got, [one.weight for one in claims], [None] * len(claims)) is None


def test_agents_that_start_together_are_back_when_the_cores_have_done_the_work() -> None:
    def text(work: str) -> str:
        return f"""fleet f {{
          demand d {{ steady 1/s; peak 60/s }}
          nodes n {{ count 2; cpu 2; memory 64Gi }}
          pool p {{ serves d; agents 8..16; scale on busy 60% {{ up within 1m; down over 5m; at most 1000% per 15s }}
            each {{ cpu 100m; memory 1Gi; concurrency 8; service mean 500ms, p99 1s; startup 2s
              start takes {work} of cpu
              start fails after 10m }} }}
          guarantee recovery within 1h
          trial t {{ duration 2h; kill 50% of p at 30s }} }}"""

    quick, slow = (proved(text(work), "recovery").bound for work in ("100ms", "10s"))
    assert quick is not None and slow is not None and quick < 10 < 16 * 10 / 2 < slow
    more = text("10s").replace("8..16", "1..16").replace("1m", "2m")
    assert "there" in proved(more.replace("10s", "100ms"), "scaling/p/up-within").margin
    assert "more agents at the minimum" in unknown(more, "scaling/p/up-within").remedy


def test_a_tenant_that_may_have_nothing_starves_by_its_ceiling() -> None:
    text = """fleet f {
      demand d { steady 1/s }
      dependency x { limit 100 requests/s; latency p50 2ms, p99 9ms }
      pool a { serves d; agents 2; each { concurrency 4; service mean 9ms, p99 30ms } }
      call a -> x
      quota requests 60/s of x { tenant none { ceiling 0% }; tenant all { weight 2 }; nobody starves }
    }"""
    finding = refuted(text, "quota/requests-of-x/starvation")
    assert "none may have at most 0 % of the quota" in finding.witness
    assert core(finding) == {"60/s", "0%"}
