"""Sizes that were tried in vain -> what stands in the way, in the words of the answers.

Invariant: each figure is the checker's own bound for a size that was tried, rounded to the safe side.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..pipeline import Checked
from ..semantics.latency import of_mean_p99
from ..semantics.spend import DAY_S
from ..verify.finding import Finding, Status
from ..verify.words import counted, dollars, share
from .answers import Answers
from .rounding import dollars_a_day, duration, up
from .sizes import Size
from .wording import cost_of, text_of


@dataclass(frozen=True, slots=True)
class Unmet:
    """Why no size of the fleet meets the answers, a sentence each, and what could be promised instead: one of the ways
    out is enough."""

    reasons: tuple[str, ...]
    ways_out: tuple[str, ...]


def unmet(answers: Answers, tried: Sequence[Size], judged: Callable[[str], Checked], spared: Size | None) -> Unmet:
    """What the thriftiest size and the largest both lack; where they lack different things, all of it.

    `spared`: the thriftiest size that only the budget rules out. More agents do not help against what a budget lacks,
    and do against all else: so either the budget or what the thriftiest size lacks has to give.
    """
    of_target = {size.busy_percent: size for size in tried}
    first, *_, last = *of_target.values(), tried[-1]
    few = {one.id: (first, one) for one in _open(judged(text_of(answers, first)))}
    if spared is not None:
        dear = [(spared, one) for one in _open(judged(text_of(answers, spared))) if _is_of_money(one)]
        cheap = [] if any(_is_of_money(one) for _, one in few.values()) else [*few.values()]
        return _either(answers, cheap, dear)
    many = {one.id: (last, one) for one in _open(judged(text_of(answers, last)))}
    both = [(few if _is_of_money(few[id][1]) else many)[id] for id in few if id in many]
    return _either(answers, both) if both else _either(answers, [*few.values()], [*many.values()])


def _is_of_money(finding: Finding) -> bool:
    return finding.id.startswith("budget/")


def _either(answers: Answers, *lacking: Sequence[tuple[Size, Finding]]) -> Unmet:
    """Each group is what one size lacks, all of which has to give for that size."""
    reasons: list[str] = []
    ways: list[str] = []
    for group in lacking:
        told = [_told(answers, size, one) for size, one in group]
        reasons += [why for why, _ in told]
        way = dict.fromkeys(way for _, way in told)
        # Half a way out is none.
        ways += [" ".join(way)] if way and all(way) else []
    return Unmet(tuple(dict.fromkeys(reasons)), tuple(dict.fromkeys(ways)))


def _open(checked: Checked) -> list[Finding]:
    return [one for one in checked.findings if one.status is not Status.PROVED]


def _told(answers: Answers, size: Size, finding: Finding) -> tuple[str, str]:
    """The reason, and the nearest that can be promised in its place."""
    agents = f"{size.agents_min} to {size.agents_max} agents"
    kind, *rest = finding.id.split("/")
    if kind == "budget" and answers.budget is not None:
        cost = cost_of(answers, size)
        return (
            f"{answers.peak.text} at the peak take up to {counted(size.agents_max, 'agent')}, which cost "
            f"{dollars(cost * DAY_S)} a day at {answers.price.text} with those that drain; the budget is "
            f"{answers.budget.text}",
            f"--budget {_quoted(dollars_a_day(cost))}",
        )
    if kind == "latency":
        return _too_slow(answers, rest[-1], agents, finding.bound)
    if kind == "success" and finding.bound is not None:
        return (
            f"with {agents} up to {share(1 - finding.bound)} of requests fail while one agent is killed; "
            f"{answers.success.text} are to succeed",
            f"--success {_percent_down(finding.bound)}",
        )
    return f"with {agents}: {finding.witness or finding.reason}", ""


def _too_slow(answers: Answers, said: str, agents: str, bound: Fraction | None) -> tuple[str, str]:
    quantile, limit = next((one for one in answers.latency if one[0].text == said), answers.latency[0])
    way = "" if bound is None else f'--objective "{said} < {duration(up(bound + Fraction(1, 1000)))}"'
    work = of_mean_p99(answers.mean.value, answers.p99.value)
    alone = Fraction(work.quantile(float(quantile.value))) if work is not None else Fraction(0)
    if alone >= limit.value:
        return (
            f"{said} < {limit.text} is out of reach of any number of agents: the work alone takes "
            f"{duration(up(alone))} at {said}, by {answers.mean.text} on average and {answers.p99.text} for the "
            "slowest of a hundred",
            way,
        )
    waits = "" if bound is None else f": the model's bound is {duration(up(bound))}"
    return f"{said} < {limit.text} is not proved with {agents}{waits}", way


def _percent_down(part: Fraction) -> str:
    """Three figures, never more than it is; of what lies above 99 % the part that fails keeps one."""
    places = 1
    while places < 6 and (1 - part) * 100 * 10**places < 1:
        places += 1
    shown = math.floor(part * 100 * 10**places)
    whole, rest = divmod(shown, 10**places)
    return f"{whole}.{rest:0{places}d}%".replace(".0%", "%")


def _quoted(text: str) -> str:
    return f"'{text}'"
