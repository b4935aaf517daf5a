"""The few questions of `seatrial init`: options and a terminal -> answers.

Invariant: an answer that is an option is never asked for; off a terminal nothing is asked at all, so that a script
never waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import click

from seatrial.compiler.draft import Answers, Said, latency_objective, said, usual_limit, usual_p99, usual_peak

from .refusal import Refused

T = TypeVar("T")


def name_of(given: str | None, usual: str, on_terminal: bool) -> str:
    """The fleet's name; raises Refused for one that the language does not take."""
    return _answer("--name", given, "What is the fleet called?", usual, _reader("name"), on_terminal).text


def answers_of(name: str, given: Mapping[str, str | None], objectives: Sequence[str], on_terminal: bool) -> Answers:
    """`given`: the options by their names. Raises Refused for an answer that cannot be read."""

    def ask(option: str, question: str, usual: str, kind: str, asked: bool = True) -> Said:
        flag = f"--{option.replace('_', '-')}"
        return _answer(flag, given[option], question, usual, _reader(kind), on_terminal and asked)

    steady = ask("demand", "What is usually asked of it?", "20/s", "rate")
    peak = ask("peak", "And at the most?", usual_peak(steady).text, "rate")
    mean = ask("service_time", "How long does an agent work on a request, on average?", "200ms", "duration")
    p99 = ask("service_p99", "And on the slowest of a hundred?", usual_p99(mean).text, "duration")
    usual = f"p95 < {usual_limit(p99).text}"
    question = "How soon must it be answered?"
    latency = [
        _answer("--objective", one, question, usual, latency_objective, on_terminal) for one in objectives or (None,)
    ]
    return Answers(
        name=name,
        steady=steady,
        peak=peak,
        mean=mean,
        p99=p99,
        latency=tuple(latency),
        success=ask("success", "", "99%", "share", asked=False),
        price=ask("price", "", "$0.02/h", "price", asked=False),
        budget=ask("budget", "", "", "spend", asked=False) if given["budget"] is not None else None,
        concurrency=int(ask("concurrency", "", "4", "positive", asked=False).value),
    )


def _reader(kind: str) -> Callable[[str], Said | str]:
    return lambda text: said(kind, text)


def _answer(
    flag: str, given: str | None, question: str, usual: str, read: Callable[[str], T | str], on_terminal: bool
) -> T:
    if given is None and on_terminal:

        def typed(text: str) -> T:
            found = read(text)
            if isinstance(found, str):
                raise click.UsageError(found)
            return found

        answer: T = click.prompt(question, default=usual, value_proc=typed)
        return answer
    found = read(usual if given is None else given)
    if isinstance(found, str):
        raise Refused(f"{flag}: {found}")
    return found
