"""Refuted is one error with the core as labels and the smallest repair; unknown a warning with its reason."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from seatrial.compiler.verify import Status, check, to_diagnostics
from seatrial.compiler.verify.words import share
from seatrial.dsl.diagnostics import Severity

from .specs import fleet_of, proved, refuted

SPECS = Path(__file__).parents[2] / "specs"

PLAYBOOK = """fleet f {
  pool p { agents 10_000; each { cpu 100m; memory 128Mi; price $0.02/h } }
  budget compute $1_752/month
}"""


def test_both_clauses_and_both_numbers_are_shown() -> None:
    (told,) = to_diagnostics(check(fleet_of(PLAYBOOK)))
    assert told.code == "ST2201" and told.severity is Severity.ERROR
    assert "$146,000" in told.message and "$1,752" in told.message
    assert told.labels[0].span.text == "$1_752/month"
    assert [label.span.text for label in told.labels[1:]] == ["10_000", "$0.02/h"]
    assert told.help == "lower the agents of p to 120"


def test_unknown_is_a_warning_with_its_reason() -> None:
    (told, *_) = to_diagnostics(check(fleet_of("fleet f { demand d { steady 1/s }; pool p { serves d; agents 2 } }")))
    assert told.severity is Severity.WARNING
    assert any("service mean" in note for note in told.notes)


def test_what_is_proved_is_not_told() -> None:
    spec = PLAYBOOK.replace("10_000", "120")
    assert to_diagnostics(check(fleet_of(spec))) == ()


def test_a_default_in_the_core_is_named_with_its_source() -> None:
    spec = """fleet f {
      demand d { steady 1/s }
      pool a { serves d { timeout 9s; retry 3 }; agents 2 }
      pool b { agents 2 }
      call a -> b { timeout 1s; retry 3 }
    }"""
    told = [one for one in to_diagnostics(check(fleet_of(spec))) if one.code == "ST4101"]
    assert len(told) == 1
    assert any("Google SRE book" in note for note in told[0].notes)


def test_z3_stays_unloaded_while_nothing_is_refuted() -> None:
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from seatrial.compiler.passes.resolve import resolve\n"
        "from seatrial.compiler.pipeline import judge, read\n"
        "from seatrial.dsl.source import Source\n"
        f"checked = judge(read(Source('t.fleet', {PLAYBOOK.replace('10_000', '120')!r})), {{}})\n"
        "assert checked.verdict == 'feasible', checked.diagnostics\n"
        "assert 'z3' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


RETRIES = """fleet f {
  demand d { steady 1/s }
  pool a { serves d { timeout 60s; retry 5 }; agents 2 }
  pool b { agents 2 }
  pool c { agents 2 }
  call a -> b { timeout 1s }
  call b -> c { timeout 1s }
  guarantee amplification < 4
}"""


def test_what_falls_by_one_decision_is_told_once() -> None:
    found = check(fleet_of(RETRIES))
    assert sum(one.code == "ST4101" for one in found) == 3
    (told,) = [one for one in to_diagnostics(found) if one.code == "ST4101"]
    assert told.help == "lower the retries of d -> a to 2"
    assert any("the same clause breaks amplification/b and amplification/c" in note for note in told.notes)
    assert any("(promises less)" in note for note in told.notes)


def test_a_clash_of_many_is_shown_by_a_few_and_counted() -> None:
    pools = "\n".join(f"pool p{n} {{ agents 10; each {{ price $1/h }} }}" for n in range(200))
    (told,) = to_diagnostics(check(fleet_of(f"fleet f {{\n{pools}\nbudget agents $1_999/h\n}}")))
    assert len(told.labels) < 12
    (note,) = [note for note in told.notes if note.startswith("part of it too")]
    assert "the price of 200 more" in note and "the agents of 192 more" in note


def test_one_that_is_left_out_is_named() -> None:
    several = range(4)
    demands = "\n".join(f"demand d{n} {{ steady 1/s }}" for n in several)
    calls = "\n".join(f"pool p{n} {{ serves d{n} {{ timeout 1s }}; agents 2 }}" for n in several)
    calls += "\n" + "\n".join(f"call p{n} -> api {{ tokens 1000; timeout 1s }}" for n in several)
    # 4 x 86,400 requests a day at $0.001 each
    text = f"fleet f {{ dependency api {{ price $1 / 1M tokens }}\n{demands}\n{calls}\nbudget tokens $345/day\n}}"
    (told,) = [one for one in to_diagnostics(check(fleet_of(text))) if one.code == "ST2201"]
    (note,) = [note for note in told.notes if note.startswith("part of it too")]
    assert note == "part of it too: the tokens of p3 -> api"


def test_what_is_paid_is_told_with_what_a_larger_sum_must_cover() -> None:
    text = """fleet f {
  demand d { steady 1/s; peak 2/s }
  pool a { serves d { timeout 9s; retry 1 }; agents 9; each { concurrency 9; service mean 9ms, p99 30ms } }
  pool b { agents 9; each { concurrency 9; service mean 9ms, p99 30ms } }
  call a -> b { timeout 2s }
  contract a -> b { done within 1s for $1; pay at most $3_000/h }
}"""
    assert refuted(text, "contract/a-b/pay").witness.endswith("; $14,400 at the peak, every call retried to the end")
    proved(text.replace("$3_000/h", "$14_400/h"), "contract/a-b/pay")


def test_where_no_value_mends_it_the_way_out_is_a_clause() -> None:
    text = """fleet f {
  demand d { steady 1/s }
  pool p { serves d { timeout 1s }; agents 2 }
  crisis c { when errors > 5%; level 1 at 1 signal; at once shed low }
}"""
    (told,) = [one for one in to_diagnostics(check(fleet_of(text))) if one.code == "ST6322"]
    assert told.help == "`priority low` in a demand or pool would do, or leave `shed low` out"
    mended = text.replace("steady 1/s", "steady 1/s; priority low")
    assert "ST6322" not in {one.code for one in to_diagnostics(check(fleet_of(mended)))}


def test_a_clause_that_makes_the_fleet_safer_goes_before_a_smaller_promise() -> None:
    text = (SPECS / "fragile.fleet").read_text(encoding="utf-8")
    (told,) = to_diagnostics(check(fleet_of(text)))
    assert told.help.startswith("write `retry 3` and `break after 2 errors")
    assert any(note.startswith("or lower the success objective") and "(promises less)" in note for note in told.notes)


def test_both_ends_of_a_pause_are_written_at_once() -> None:
    text = (SPECS / "incidents/dashboard-ignores-retry-after/before.fleet").read_text(encoding="utf-8")
    (told,) = to_diagnostics(check(fleet_of(text)))
    assert told.help == "write `backoff 2s up to 2s` in runner -> provider"
    after = check(fleet_of(text.replace("backoff 1s up to 1s", "backoff 2s up to 2s")))
    assert not to_diagnostics(after)


def test_nobody_is_told_to_give_agents_less_memory_or_more_so_that_fewer_start() -> None:
    text = (SPECS / "incidents/posthog-slow-starts/before.fleet").read_text(encoding="utf-8")
    (told,) = to_diagnostics(check(fleet_of(text)))
    assert told.help == "raise the time for a start of flags-service to 24s"
    assert not any("memory" in note for note in told.notes)


def test_what_is_missing_is_asked_for_once() -> None:
    text = (SPECS / "support.fleet").read_text(encoding="utf-8").replace("    latency p50 80ms, p99 300ms\n", "")
    found = [one for one in check(fleet_of(text)) if one.status is Status.UNKNOWN]
    told = [one for one in to_diagnostics(found) if "llm does not state its latency" in one.notes[0]]
    assert len(found) > 20 and len(told) == 1
    assert any("not decided for the same reason" in note and "more" in note for note in told[0].notes)


def test_a_rate_is_told_in_the_unit_it_was_written_in() -> None:
    text = (SPECS / "incidents/kolega-agents-in-step/before.fleet").read_text(encoding="utf-8")
    (told,) = to_diagnostics(check(fleet_of(text)))
    said = {label.span.text: label.text for label in told.labels}
    assert said["16/min"] == "16/min" and said["200_000"] == "provider takes 200,000 tokens/min"


def test_a_price_is_told_with_what_it_is_for() -> None:
    text = (SPECS / "support.fleet").read_text(encoding="utf-8").replace("$3_000/day", "$1_000/day")
    (told,) = to_diagnostics(check(fleet_of(text)))
    assert told.help == "it would hold with the token price of llm at $0.0368 / 1M tokens"
    assert "every 1 d" in {label.text for label in told.labels}


def test_almost_all_is_not_all() -> None:
    assert [share(Fraction(one)) for one in ("0.9999", "0.9995", "1", "0.999", "0.99")] == [
        "99.99 %",
        "99.95 %",
        "100 %",
        "99.9 %",
        "99 %",
    ]


def test_alternatives_of_a_group_mend_all_of_it() -> None:
    # Peak and steady both fail: a lower steady level alone would leave the peak.
    broken = """fleet desk {
      demand tickets { steady 200/s; peak 600/s }
      pool triage {
        serves tickets { timeout 60s }
        agents 4..10
        each { concurrency 4; service mean 3s, p99 12s; startup 2s }
      }
    }"""
    (told,) = [one for one in to_diagnostics(check(fleet_of(broken))) if one.code == "ST2101"]
    assert any("the same clause breaks capacity/triage/steady" in note for note in told.notes)
    (facts,) = [note for note in told.notes if note.startswith("it would hold")]
    assert "steady demand" not in facts and facts.count("concurrency of triage") == 1


STRUCK = """fleet f {
  demand d { steady 10/s }
  pool front { serves d { timeout 20s }; agents 4; each { concurrency 16; service mean 10ms, p99 40ms } }
  pool p { agents 10; each { concurrency 4; service mean 300ms, p99 2s; startup 20s } }
  call front -> p { timeout 3s }
  guarantee success of d 99.999% over 30d
  trial t { duration 60s; kill 20% of p at 20s }
}"""


def test_where_only_a_smaller_promise_would_hold_what_lessens_the_failures_is_told() -> None:
    (told,) = (one for one in to_diagnostics(check(fleet_of(STRUCK))) if one.severity is Severity.ERROR)
    assert told.code == "ST4501" and told.help.endswith("(promises less)")
    assert any("retries on other agents" in note for note in told.notes)
    (told,) = (one for one in to_diagnostics(check(fleet_of(PLAYBOOK))) if one.severity is Severity.ERROR)
    assert not any("lessen" in note for note in told.notes)
