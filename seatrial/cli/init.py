"""`seatrial init`: a first spec that is proved, from a few answers; or a copy of one that comes with seatrial."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from seatrial.chaos.verdict.statistics import requests_needed
from seatrial.compiler.draft import Draft, Unmet, draft, fleet_name

from .app import FINDINGS, HOLDS
from .ci_files import SYSTEMS, ci_file
from .examples import copy_of, names_like
from .files import refuse_taken, write_set
from .formats_text import summary
from .notations import in_notation
from .paint import paint
from .questions import answers_of, name_of
from .refusal import Refused
from .standard_input import DASH

_ENDINGS = (".fleet", ".yaml", ".yml", ".json")


@click.command("init")
@click.argument("target", type=click.Path(path_type=Path), default=Path(), metavar="[DIR|FILE]")
@click.option("--name", help="What the fleet is called; like the file or the folder if not said.")
@click.option("--demand", metavar="RATE", help="What is usually asked of it: 20/s, 300/min.")
@click.option("--peak", metavar="RATE", help="The most that is asked of it; twice the usual if not said.")
@click.option("--service-time", metavar="TIME", help="How long an agent works on a request, on average: 200ms.")
@click.option("--service-p99", metavar="TIME", help="The slowest of a hundred; four times the average if not said.")
@click.option("--objective", "objectives", multiple=True, metavar="'pNN < TIME'", help="`p95 < 2s` (repeatable).")
@click.option("--success", metavar="SHARE", help="The share of requests that must succeed; 99% if not said.")
@click.option("--concurrency", metavar="COUNT", help="How many requests an agent has in hand; 4 if not said.")
@click.option("--price", metavar="PRICE", help="What an agent costs; $0.02/h if not said.")
@click.option("--budget", metavar="MONEY", help="What all agents may cost, such as $50/day; what they do if not said.")
@click.option("--example", metavar="NAME", shell_complete=names_like, help="Copy a spec that comes with seatrial.")
@click.option("--ci", "systems", multiple=True, type=click.Choice(SYSTEMS), help="Also a pipeline's file (repeatable).")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing; what is not said is assumed.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
def command(
    target: Path,
    name: str | None,
    objectives: tuple[str, ...],
    example: str | None,
    systems: tuple[str, ...],
    yes: bool,
    force: bool,
    **given: str | None,
) -> int:
    """Write a spec that is proved, and that compiles and can be tried, into DIR or FILE.

    On a terminal it asks, elsewhere it does not. FILE ends in .fleet, .yaml or .json. Exit code 1: no size of a fleet
    meets the answers, and nothing is written. 2: an answer cannot be read, or a file is there already.

    With --ci and no answers, a spec that is there gets its pipeline's file and stays as it is.
    """
    folder, file = _place(target)
    if example is not None:
        if name or objectives or any(given.values()):
            raise Refused("--example copies a spec as it is: leave out the answers, or --example")
        return _copy(example, folder, file, systems, force)
    if systems and not (name or objectives or any(given.values())):
        there = file if file is not None else _only_spec(folder)
        if there is not None and there.is_file():
            return _pipelines(there, systems, force)
    on_terminal = not yes and sys.stdin.isatty() and sys.stdout.isatty()
    name = name_of(name, fleet_name(file.stem if file else folder.resolve().name), on_terminal)
    file = file or folder / f"{name}.fleet"
    pipelines = dict(ci_file(system, file) for system in systems)
    # Before anybody answers questions for a file that is there.
    refuse_taken([file, *pipelines], force)
    answers = answers_of(name, given, objectives, on_terminal)
    if answers.wrong():
        raise Refused(answers.wrong())
    made = draft(answers, requests_needed)
    if isinstance(made, Unmet):
        _tell(made)
        return FINDINGS
    write_set({file: in_notation(made.text, file)} | pipelines, force)
    click.echo(f"wrote {file}: {summary(made.checked)}")
    click.echo(f"  {answers.sentence}")
    size = made.size
    click.echo(
        f"  {size.agents_min} to {size.agents_max} agents, scaled to keep {size.busy_percent} % of their slots busy"
    )
    for path in pipelines:
        click.echo(f"wrote {path}")
    _next(file, made)
    return HOLDS


def _only_spec(folder: Path) -> Path | None:
    """None where there is none. Raises Refused where there are several."""
    found = sorted(folder.glob("*.fleet"))
    if len(found) > 1:
        named = shlex.quote(str(found[0]))
        raise Refused(f"{len(found)} specs lie in that folder; name one, as in: seatrial init {named} --ci …")
    return found[0] if found else None


def _pipelines(spec: Path, systems: tuple[str, ...], force: bool) -> int:
    """For a spec that is there, and stays as it is."""
    files = dict(ci_file(system, spec) for system in systems)
    refuse_taken(files, force)
    write_set(files, force)
    for path in files:
        click.echo(f"wrote {path}, for {spec}")
    return HOLDS


def _place(target: Path) -> tuple[Path, Path | None]:
    """The folder, and the file where one is named."""
    if str(target) == DASH:
        raise Refused("a first spec is written to a file; name one, or a folder")
    if target.is_dir() or not target.suffix:
        return target, None
    if target.suffix not in _ENDINGS:
        raise Refused(f"{target}: a spec ends in .fleet, .yaml or .json; if it is to be a folder, make it first")
    return target.parent, target


def _copy(example: str, folder: Path, file: Path | None, systems: tuple[str, ...], force: bool) -> int:
    copied = copy_of(example)
    file = file or folder / copied.name
    files = {file: in_notation(copied.text, file)}
    # What it reads lies beside it, under the name that it says.
    files |= {file.parent / name: content for name, content in copied.beside.items()}
    files |= dict(ci_file(system, file) for system in systems)
    refuse_taken(files, force)
    write_set(files, force)
    for path in files:
        click.echo(f"wrote {path}")
    click.echo(f"\nnext: seatrial check {shlex.quote(str(file))}")
    return HOLDS


def _tell(unmet: Unmet) -> None:
    click.echo(f"{paint('nothing written', 'refuted')}: no size of the fleet meets these answers", err=True)
    for reason in unmet.reasons:
        click.echo(f"  {reason}", err=True)
    for number, way in enumerate(unmet.ways_out):
        click.echo(f"{paint('help', 'help')}: {'or ' if number else ''}{way}", err=True)


def _next(file: Path, made: Draft) -> None:
    name = shlex.quote(str(file))
    folder = shlex.quote(str(file.parent / "deploy"))
    lines = {
        f"seatrial check {name}": "what is proved, and with how much to spare",
        f"seatrial compile {name} --out {folder}": "its Kubernetes, Istio and Envoy configuration",
        f"seatrial trial {name}": f"the fleet on this machine, for {made.size.trial_seconds} s",
    }
    width = max(map(len, lines))
    click.echo("\nnext:")
    for line, about in lines.items():
        click.echo(f"  {line:{width}}  # {about}")
    if made.short:
        click.echo(
            f"\nso few requests come that the trial will not be sure of the success objective: {made.short:,} are "
            "lacking; let it last longer"
        )
