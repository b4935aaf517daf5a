"""`report.html`: one file that tells what was promised, what was tried and what came of it.

Turns a verdict, its evidence and the checker's findings into a page. Invariant: the page loads nothing (its content
security policy forbids it) and every text of a spec or a log is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from seatrial.compiler.plan import Plan
from seatrial.compiler.plan_trials import TrialPlan
from seatrial.dsl.diagnostics.render import printable

from ..evidence import Evidence
from ..verdict import wording
from ..verdict.result import Judgement, Outcome, Unit, Verdict
from .figures import Figure, figures
from .measured import measured_rows

WORDS = {
    Outcome.PASS: "pass",
    Outcome.FAIL: "fail",
    Outcome.INCONCLUSIVE: "inconclusive",
    Outcome.UNMEASURED: "not tried",
}
SIGNS = {Outcome.PASS: "✓", Outcome.FAIL: "✗", Outcome.INCONCLUSIVE: "?", Outcome.UNMEASURED: "–"}
SENTENCES = {
    Outcome.PASS: "Every objective that was tried holds.",
    Outcome.FAIL: "At least one objective does not hold.",
    Outcome.INCONCLUSIVE: "The trial cannot tell whether every objective holds.",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checker said of one guarantee. `status` is proved, refuted or unknown; `margin` a sentence or empty."""

    id: str
    claim: str
    status: str
    margin: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the page shows.

    `started` is when the trial began, as text. `environment` are facts of the machine and the versions, in order;
    `commands` repeat the trial.
    """

    plan: Plan
    trial: TrialPlan
    verdict: Verdict
    evidence: Evidence
    checked: Sequence[Checked]
    environment: Mapping[str, str]
    commands: Sequence[str]
    started: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table of guarantees."""

    claim: str
    at: str
    status: str
    margin: str
    proved: str
    model: str
    measured: str
    limit: str
    outcome: str
    word: str
    sign: str
    reason: str
    details: Sequence[str]


def render_page(report: Report) -> str:
    """The page as text."""
    environment = Environment(
        loader=PackageLoader(__package__, "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    verdict = report.verdict
    style = resources.files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    judged = {judgement.id for judgement in verdict.judgements}
    checked = {one.id: one for one in report.checked}
    page = environment.get_template("report.html.j2").render(
        report=report,
        verdict=verdict,
        style=Markup(style),
        word=WORDS[verdict.outcome],
        sign=SIGNS[verdict.outcome],
        sentence=SENTENCES[verdict.outcome],
        facts=_facts(report),
        rows=[_row(judgement, checked.get(judgement.id)) for judgement in verdict.judgements],
        untried=[one for one in report.checked if one.id not in judged],
        measured=measured_rows(verdict.measures, report.trial.reports),
        figures=_drawn(figures(report.plan, report.trial, report.evidence)),
        scale=_ratio(verdict.scale),
    )
    return printable(page)


def _drawn(all_figures: Sequence[Figure]) -> list[tuple[Figure, Markup]]:
    # The one text that is not escaped by the template: chart.draw escapes what it is given.
    return [(figure, Markup(figure.svg)) for figure in all_figures]


def _facts(report: Report) -> list[tuple[str, str]]:
    verdict = report.verdict
    share = 1 - verdict.failed / verdict.requests if verdict.requests else None
    facts = [
        ("Requests", f"{verdict.requests:,}"),
        ("Succeeded", "–" if share is None else wording.share(share)),
        ("Duration", wording.seconds(verdict.duration_seconds)),
        ("Scale", _ratio(verdict.scale)),
        ("Faults", str(sum(event.phase == "injected" for event in report.evidence.faults))),
        ("Seed", str(verdict.seed)),
    ]
    return [*facts, ("Started", report.started)] if report.started else facts


def _row(judgement: Judgement, checked: Checked | None) -> Row:
    return Row(
        judgement.claim,
        judgement.at,
        checked.status if checked else "",
        checked.margin if checked else "",
        figure_text(judgement.proved, judgement.unit),
        figure_text(judgement.model, judgement.unit),
        figure_text(judgement.measured, judgement.unit),
        figure_text(judgement.limit, judgement.unit),
        judgement.outcome.value,
        WORDS[judgement.outcome],
        SIGNS[judgement.outcome],
        judgement.reason,
        judgement.details,
    )


def figure_text(value: float | None, unit: Unit) -> str:
    """A figure in its unit, "–" where there is none."""
    if value is None:
        return "–"
    match unit:
        case Unit.SECONDS:
            return "∞" if math.isinf(value) else wording.seconds(value)
        case Unit.SHARE:
            return wording.share(value)
        case Unit.DOLLARS:
            return wording.dollars(value)
        case Unit.PER_SECOND:
            return f"{value:,.1f}/s"
        case Unit.NONE:
            return f"{value:g}"


def _ratio(scale: float) -> str:
    return f"1:{1 / scale:g}"
