"""The sizes in turn, each put to the checker, until one is proved: answers -> a spec, or why there is none.

Invariant: the sizes are tried by the checker's fast part, and what is given out was judged by all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from seatrial.dsl.source import Source

from ..passes.resolve import resolve
from ..pipeline import Checked, judge, read
from ..verify.check import statuses
from ..verify.finding import Status
from ..verify.words import counted
from .answers import Answers
from .sizes import MOST_AGENTS, Size, most_agents, sizes
from .unmet import Unmet, unmet
from .wording import text_of


@dataclass(frozen=True, slots=True)
class Draft:
    """`short`: requests that its trial lacks to be sure of the objective for successes; 0 where it has them."""

    text: str
    size: Size
    checked: Checked
    short: int


def draft(answers: Answers, requests_needed: Callable[[Fraction], int]) -> Draft | Unmet:
    """A spec that is proved, for answers that `wrong` has nothing against.

    `requests_needed`: how many requests it takes to be sure of a share of successes.
    """
    needed = requests_needed(answers.success.value)
    tried: list[Size] = []
    for size in sizes(answers, needed):
        tried.append(size)
        text = text_of(answers, size)
        if not _proved(text):
            continue
        checked = _judged(text)
        if checked.verdict == "feasible" and not checked.diagnostics:
            sent = answers.steady.value / size.trial_part * (size.trial_load or 1) * size.trial_seconds
            return Draft(text, size, checked, max(0, needed - int(sent)))
    if not tried:
        return Unmet(
            (
                f"{answers.peak.text} at the peak, {answers.mean.text} each, take "
                f"{counted(most_agents(answers), 'agent')} of {counted(answers.concurrency, 'slot')}; a first spec has "
                f"at most {MOST_AGENTS:,}",
            ),
            ("look at the units, or give an agent more slots (--concurrency)",),
        )
    unpaid = replace(answers, budget=None)
    spared = next((size for size in tried if answers.budget is not None and _proved(text_of(unpaid, size))), None)
    return unmet(answers, tried, _judged, spared)


def _proved(text: str) -> bool:
    fleet, _ = resolve(read(Source("draft.fleet", text)).clauses, {})
    return fleet is not None and all(one is Status.PROVED for one in statuses(fleet).values())


def _judged(text: str) -> Checked:
    return judge(read(Source("draft.fleet", text)), {})
