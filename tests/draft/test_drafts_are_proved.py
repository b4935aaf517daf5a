"""A draft is proved, in style and compiled; where there is none, the reason is a figure and the way out works."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial import __version__
from seatrial.chaos.verdict.statistics import requests_needed
from seatrial.compiler.draft import Answers, Draft, Said, Unmet, draft, latency_objective, said
from seatrial.compiler.draft.sizes import LOCAL_AGENTS
from seatrial.compiler.pipeline import judge, plan, read
from seatrial.compiler.semantics.scaling import divided
from seatrial.dsl.format import format_file
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source
from seatrial.targets import emit_all

WAYS = {"--objective": "latency", "--success": "success", "--budget": "budget"}


def one(kind: str, text: str) -> Said:
    read = said(kind, text)
    assert isinstance(read, Said), read
    return read


def answers(
    steady: str = "20/s",
    peak: str = "40/s",
    mean: str = "200ms",
    p99: str = "800ms",
    latency: str = "p95 < 1.2s",
    success: str = "99%",
    budget: str | None = None,
    concurrency: int = 4,
) -> Answers:
    objective = latency_objective(latency)
    assert not isinstance(objective, str), objective
    return Answers(
        "desk",
        one("rate", steady),
        one("rate", peak),
        one("duration", mean),
        one("duration", p99),
        (objective,),
        one("share", success),
        one("price", "$0.02/h"),
        one("spend", budget) if budget else None,
        concurrency,
    )


def drafted(asked: Answers) -> Draft:
    made = draft(asked, requests_needed)
    assert isinstance(made, Draft), made
    return made


def unmet(asked: Answers) -> Unmet:
    made = draft(asked, requests_needed)
    assert isinstance(made, Unmet)
    return made


def sound(text: str) -> None:
    source = Source("desk.fleet", text)
    file, _ = parse(source)
    assert file is not None and format_file(file) == text
    checked = judge(read(source), {})
    assert checked.verdict == "feasible" and not checked.diagnostics
    made = plan(checked, {}, __version__)
    assert made is not None and made.trials
    documents, told = emit_all(made)
    assert documents and not any(one.is_error for one in told)


def test_the_usual_answers_make_a_short_spec_with_a_short_trial() -> None:
    made = drafted(answers())
    sound(made.text)
    assert len(made.text.splitlines()) < 60
    assert (made.short, made.size.trial_part) == (0, 1) and made.size.trial_seconds <= 60


@settings(max_examples=8, deadline=None)
@given(
    steady=st.integers(1, 10**7).map(lambda hundredths: Fraction(hundredths, 100)),
    grows=st.sampled_from([Fraction(1), Fraction(11, 10), Fraction(2), Fraction(7)]),
    mean=st.integers(1, 20_000),
    tail=st.sampled_from([1, 2, 4, 10]),
    room=st.sampled_from([Fraction(1, 2), Fraction(9, 10), Fraction(5, 4), Fraction(3)]),
    success=st.sampled_from(["90%", "99%", "99.9%", "99.999%"]),
    concurrency=st.sampled_from([1, 4, 50]),
)
def test_a_draft_is_sound_or_its_reasons_name_a_figure(
    steady: Fraction, grows: Fraction, mean: int, tail: int, room: Fraction, success: str, concurrency: int
) -> None:
    asked = answers(
        steady=f"{float(steady):.2f}/s",
        peak=f"{float(steady * grows):.3f}/s",
        mean=f"{mean}ms",
        p99=f"{mean * tail}ms",
        latency=f"p95 < {max(1, round(mean * tail * room))}ms",
        success=success,
        concurrency=concurrency,
    )
    made = draft(asked, requests_needed)
    if isinstance(made, Draft):
        sound(made.text)
        assert divided(made.size.agents_min, Fraction(1, made.size.trial_part)) <= LOCAL_AGENTS
    else:
        assert made.reasons
        assert all(any(letter.isdigit() for letter in reason) for reason in made.reasons)


def test_a_tight_objective_gets_more_agents() -> None:
    loose, tight = drafted(answers()), drafted(answers(latency="p95 < 510ms"))
    assert tight.size.agents_max > loose.size.agents_max
    assert "guarantee latency p95 < 510ms\n" in tight.text


def test_an_objective_below_the_work_itself_is_out_of_reach_of_any_number_of_agents() -> None:
    made = unmet(answers(latency="p95 < 400ms"))
    (reason,) = made.reasons
    assert "out of reach of any number of agents: the work alone takes" in reason
    (way,) = made.ways_out
    assert way.startswith('--objective "p95 < ')
    sound(drafted(answers(latency=way.split('"')[1])).text)


def test_a_budget_that_the_peak_exceeds_is_told_in_dollars_and_the_way_out_is_enough() -> None:
    made = unmet(answers(budget="$1/day"))
    (reason,) = made.reasons
    assert "which cost $2.94 a day at $0.02/h with those that drain; the budget is $1/day" in reason
    (way,) = made.ways_out
    sound(drafted(answers(budget=way.split("'")[1])).text)


def test_of_what_keeps_the_objective_the_cheapest_is_named() -> None:
    """The thriftiest size is too slow, and the largest that is tried costs four times what is needed."""
    asked = answers(steady="5/s", peak="30/s", mean="2s", p99="8s", latency="p95 < 6s", budget="$20/day")
    # Or the objectives of the size that the budget is enough for.
    assert unmet(asked).ways_out[-1] == "--budget '$25/day'"
    sound(drafted(answers(steady="5/s", peak="30/s", mean="2s", p99="8s", latency="p95 < 6s", budget="$25/day")).text)


def test_a_success_that_kills_forbid_is_told_and_what_can_be_promised_can() -> None:
    made = unmet(answers(success="99.999%"))
    (reason,) = made.reasons
    assert "of requests fail while one agent is killed; 99.999% are to succeed" in reason
    (way,) = made.ways_out
    sound(drafted(answers(success=way.removeprefix("--success "))).text)


def test_a_slip_of_the_unit_is_told_by_what_it_comes_to() -> None:
    (reason,) = unmet(answers(steady="1M/s", peak="1M/s", mean="1h", p99="1h")).reasons
    assert "take 1,500,000,000 agents of 4 slots" in reason


def test_a_trial_that_is_too_short_for_few_requests_says_how_many_are_lacking() -> None:
    made = drafted(answers(steady="1/min", peak="2/min"))
    assert made.short == requests_needed(Fraction(99, 100)) - 1 * made.size.trial_seconds // 60


def test_more_requests_than_this_machine_can_send_are_played_as_a_part() -> None:
    made = drafted(answers(steady="2_000/s", peak="4_000/s", mean="5ms", p99="20ms", latency="p95 < 100ms"))
    assert made.size.trial_load is not None
    assert "load requests x0." in made.text
