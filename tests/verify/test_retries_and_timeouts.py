"""Attempts multiply along chains; deadlines shrink on the way down."""

from __future__ import annotations

import random

import pytest

from .simulated import Work
from .specs import core, findings, offers, proved, refuted, unknown

CHAIN = """fleet f {{
  demand tickets {{ steady 1/s }}
  dependency llm {{ connections 5 }}
  pool triage {{ serves tickets {{ timeout 60s; retry 2 }}; agents 2; each {{ service mean 10ms, p99 20ms }} }}
  pool resolver {{ agents 2; each {{ service mean 10ms, p99 20ms }} }}
  call triage -> resolver {{ timeout 20s; retry 3 }}
  call resolver -> llm {{ timeout 2s; retry {last} }}
  {guarantee}
}}"""


def test_the_witness_names_the_chain_and_its_product() -> None:
    finding = refuted(CHAIN.format(last=3, guarantee="guarantee amplification < 40"), "amplification/llm")
    assert "tickets -> triage x3 -> resolver x4 -> llm x4 = 48 attempts" in finding.witness
    assert core(finding) == {"2", "3", "40"}
    assert ("40", "49") in offers(finding)
    assert finding.bound == 48


def test_the_limit_is_strict() -> None:
    refuted(CHAIN.format(last=3, guarantee="guarantee amplification < 48"), "amplification/llm")
    proved(CHAIN.format(last=3, guarantee="guarantee amplification < 49"), "amplification/llm")


def test_without_a_guarantee_a_default_with_its_source_is_held_against_it() -> None:
    finding = refuted(CHAIN.format(last=0, guarantee=""), "amplification/llm")
    assert next(clause.default for clause in finding.core if clause.default).startswith("Google SRE book")
    proved(CHAIN.format(last=0, guarantee="").replace("retry 3", "retry 2"), "amplification/llm")


def test_a_retry_budget_bounds_a_hop() -> None:
    spec = CHAIN.format(last="3 { budget 20% }", guarantee="guarantee amplification < 16")
    assert proved(spec, "amplification/llm").bound == 15


def test_a_fleet_without_retries_needs_no_word_on_them() -> None:
    spec = "fleet f { demand d { steady 1/s }; pool p { serves d; agents 2 } }"
    assert not [id for id in findings(spec) if id.startswith("amplification")]


ATTEMPTS = """fleet f {{
  demand d {{ steady 1/s }}
  pool p {{ serves d {{ timeout {timeout}; {single} retry 3 {{ backoff {backoff} }} }}; agents 2 }}
}}"""


def test_three_retries_of_which_one_has_time() -> None:
    finding = refuted(ATTEMPTS.format(timeout="3s", single="", backoff="2s up to 4s"), "timeouts/d->p/attempts")
    assert "3 retries but time for 1" in finding.witness
    assert {("3", "1"), ("3s", "11s")} <= offers(finding)


def test_the_last_try_may_start_just_before_the_timeout() -> None:
    # starts at 0, 1.1, 2.3, 3.7 s
    single = "try timeout 1s;"
    proved(ATTEMPTS.format(timeout="3701ms", single=single, backoff="100ms up to 400ms"), "timeouts/d->p/attempts")
    refuted(ATTEMPTS.format(timeout="3700ms", single=single, backoff="100ms up to 400ms"), "timeouts/d->p/attempts")


NESTED = """fleet f {{
  demand d {{ steady 1/s }}
  dependency x {{ connections 5 }}
  pool a {{ serves d {{ timeout {outer} }}; agents 2; each {{ service mean 10ms, p99 50ms }} }}
  call a -> x 1.5 per request {{ {inner} }}
}}"""


def test_a_callee_that_may_outlast_its_caller_is_refuted() -> None:
    # at most 2 calls of 1 s
    finding = refuted(NESTED.format(outer="1900ms", inner="timeout 1s"), "timeouts/d->a")
    assert "up to 2 s" in finding.witness
    assert ("1900ms", "2_050ms") in offers(finding) or ("1900ms", "2050ms") in offers(finding)


def test_between_the_calls_and_the_work_on_top_it_is_unknown() -> None:
    unknown(NESTED.format(outer="2s", inner="timeout 1s"), "timeouts/d->a")
    proved(NESTED.format(outer="2050ms", inner="timeout 1s"), "timeouts/d->a")


def test_a_call_without_a_timeout_is_unbounded() -> None:
    assert "no timeout" in unknown(NESTED.format(outer="2s", inner="retry 0"), "timeouts/d->a").reason


SHORT = """fleet f {{
  demand d {{ steady 1/s }}
  pool p {{
    serves d {{ timeout 20s; try timeout {single}; retry {retries} }}
    agents 9
    each {{ concurrency 4; service mean 1s, p99 4s }}
  }}
}}"""


@pytest.mark.parametrize(("single", "retries"), [("1s", 2), ("700ms", 5), ("2s", 1)])
def test_a_short_try_is_judged_by_how_often_all_tries_are_too_short(single: str, retries: int) -> None:
    chance, work = random.Random(1), Work(1_000, 4_000)
    limit = float(single.removesuffix("ms")) / 1000 if single.endswith("ms") else float(single[:-1])
    runs = 20_000
    cut = sum(all(work.draw(chance) > limit for _ in range(1 + retries)) for _ in range(runs)) / runs
    text = SHORT.format(single=single, retries=retries)
    if cut > 0.012:
        assert "tries are too short" in refuted(text, "timeouts/d->p/cut").witness
    else:
        assert cut < 0.008
        proved(text, "timeouts/d->p/cut")


def test_a_timeout_is_held_against_the_work_of_a_pool_without_its_calls() -> None:
    """A pool that calls others does not answer within its own p99, and nobody is told that it does."""
    told = proved(CHAIN.format(last=0, guarantee=""), "timeouts/tickets->triage/cut").margin
    assert "triage works 20 ms on a request at p99, its calls apart, of 1 min" in told
