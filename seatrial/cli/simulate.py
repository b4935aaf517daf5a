"""`seatrial simulate`: a pool under its autoscaler, sync by sync, on the worst course of demand or another."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from pathlib import Path

import click

from seatrial.chaos.load.schedule import Piece
from seatrial.compiler.model import Fleet, Pool
from seatrial.compiler.semantics.activation import cooldown_s
from seatrial.compiler.semantics.envelope import Envelope
from seatrial.compiler.semantics.pool_loop import Line, Moment, course
from seatrial.compiler.semantics.pool_loop_empty import course_of_empty
from seatrial.compiler.semantics.pool_loop_fast import resting_agents
from seatrial.compiler.semantics.worst_trace import MOST_COURSES, drawn
from seatrial.compiler.verify.flows.analysis import Analysis
from seatrial.compiler.verify.flows.loops import arriving, fastest, gentlest, longest_wait
from seatrial.dsl.diagnostics.render import printable

from .app import HOLDS, USAGE
from .courses import SYNC_S, recorded, write_arrivals
from .files import refuse_taken
from .paint import show_each
from .ranges import Rate
from .refusal import Refused
from .specs import Choices, loaded, spec_options
from .standard_input import agree, named, stdin_option

_COLUMNS = ("seconds", "demand_per_second", "proposed", "agents", "ready", "waiting", "longest_wait_seconds")
_LONGEST = 960
_ALIKE, _LIKE_THAT = 3, ("…", *[""] * (len(_COLUMNS) - 1))
"""Of more syncs in a row that are alike, what stands for those between the first and the last."""


@click.command("simulate")
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("--pool", "name", help="Which pool, where several have an autoscaler.")
@click.option("--worst", is_flag=True, help="The course that makes requests wait longest, of those that are tried.")
@click.option("--constant", type=Rate(min=0.001, max=1_000_000_000), metavar="RATE", help="The same demand always.")
@click.option("--arrivals", type=click.Path(path_type=Path), metavar="FILE", help="Arrivals at the pool, as CSV.")
@click.option("--write", type=click.Path(path_type=Path), metavar="DIR", help="Write it as arrivals, by demand.")
@click.option("--force", is_flag=True, help="With --write: replace files that are there.")
@click.option(
    "--format",
    "style",
    type=click.Choice(("table", "csv", "json")),
    default="table",
    help="How to print. Of syncs that are alike a table shows the first and the last.",
)
@spec_options
@stdin_option
def command(
    spec: Path,
    name: str | None,
    worst: bool,
    constant: float | None,
    arrivals: Path | None,
    write: Path | None,
    force: bool,
    style: str,
    choices: Choices,
    stdin_name: str | None,
) -> int:
    """Show what the autoscaler of a pool of SPEC does, sync by sync, by the Kubernetes autoscaler's own rules. `-`
    reads stdin.

    The demand rises from steady to peak as steeply as it may and stays there, but with --worst, --arrivals or
    --constant, which has so many requests a second come to the pool for four hours. What --write writes, `seatrial
    trial SPEC --trace DEMAND=FILE` plays.
    """
    if arrivals is not None and (worst or write is not None):
        raise click.UsageError("--arrivals gives a course: leave --worst and --write out.")
    if constant is not None and (worst or arrivals is not None or write is not None):
        raise click.UsageError("--constant gives a course: leave --worst, --arrivals and --write out.")
    agree((spec,), stdin_name)
    checked = loaded(spec, choices, stdin_name).checked
    fleet, spec = checked.fleet, Path(named(spec, stdin_name))
    if fleet is None:
        show_each(one for one in checked.diagnostics if one.is_error)
        click.echo(f"{printable(str(spec))}: not readable, so there is nothing to simulate", err=True)
        return USAGE
    analysis = Analysis(fleet)
    if analysis.circle:
        raise Refused(f"{spec}: calls go in a circle, so what arrives at a pool is not known")
    pool = _chosen(fleet, name, spec)
    loop, parts = fastest(analysis, pool), arriving(analysis, pool)
    if loop is None:
        raise Refused(
            f"{spec}: what the autoscaler of {pool.name} reads does not follow from the demand: "
            "it scales on cpu, or no service time is stated"
        )
    if worst and pool.may_be_empty:
        raise Refused(f"{spec}: {pool.name} may be empty, and of such a pool no worst course is looked for")
    if write is not None:
        refuse_taken([write / f"{part.demand}.csv" for part in parts], force)
    inside = gentlest(parts)
    start = resting_agents(loop, inside.steady)
    lines: Sequence[Line]
    if arrivals is not None:
        lines = recorded(arrivals)
    elif constant is not None:
        level = round(constant * 1000)
        lines, start = ((level, level),) * _LONGEST, resting_agents(loop, level)
    elif worst:
        found = longest_wait(loop, inside, None, MOST_COURSES)
        lines, start = found.lines, found.start
    else:
        lines = _rise(inside, 40 + loop.startup_syncs)
    if pool.may_be_empty:
        assert pool.scaling is not None
        cooldown_ms = cooldown_s(pool.scaling.down_over_seconds.value) * 1000
        moments = course_of_empty(loop, cooldown_ms, lines, 0)
    else:
        moments = course(loop, lines, start)
    click.echo(_printed(moments, style), nl=False)
    if worst and not any(one.wait_ms for one in moments):
        click.echo("on no course that was tried does a request wait", err=True)
    if write is not None:
        for part in parts:
            visits = analysis.visits_to(pool.name, fleet.demand(part.demand))
            path = write / f"{part.demand}.csv"
            count = write_arrivals(path, _shape(lines, inside, part.steady / visits, part.peak / visits))
            click.echo(f"wrote {count:,} arrivals of {part.demand}: --trace {part.demand}={path}", err=True)
    return HOLDS


def _chosen(fleet: Fleet, name: str | None, spec: Path) -> Pool:
    scaled = [pool for pool in fleet.pools if pool.scaling is not None]
    if not scaled:
        raise Refused(f"{spec}: no pool in it has an autoscaler; `scale on …` gives it one")
    names = ", ".join(pool.name for pool in scaled)
    chosen = [pool for pool in scaled if name in (None, pool.name)]
    if not chosen:
        raise Refused(f"{spec}: has no pool {name} with an autoscaler; there are: {names}")
    if len(chosen) > 1:
        raise Refused(f"{spec}: several pools have an autoscaler; choose one with --pool: {names}")
    return chosen[0]


def _rise(inside: Envelope, long: int) -> tuple[Line, ...]:
    climb = 0 if not inside.rise else -(-(inside.peak - inside.steady) // inside.rise)
    stay = climb + long if inside.lasts is None else min(climb + long, inside.lasts)
    return drawn(((inside.steady, 2), (inside.peak, min(stay, _LONGEST))), inside)


def _shape(lines: Sequence[Line], inside: Envelope, steady: Fraction, peak: Fraction) -> list[Piece]:
    """One demand's rates: all demands go the same share of their way at once."""
    span = inside.peak - inside.steady

    def rate(level: int) -> float:
        return float(steady + (peak - steady) * Fraction(level - inside.steady, span) if span else steady)

    return [
        Piece(index * SYNC_S, (index + 1) * SYNC_S, rate(begin), rate(end)) for index, (begin, end) in enumerate(lines)
    ]


def _printed(moments: Sequence[Moment], style: str) -> str:
    rows = [_row(one) for one in moments]
    if style == "json":
        return json.dumps([dict(zip(_COLUMNS, row, strict=True)) for row in rows], indent=2) + "\n"
    if style == "csv":
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([_COLUMNS, *rows])
        return text.getvalue()
    shown: list[tuple[str, ...]] = [("time", "demand/s", "proposed", "agents", "ready", "waiting", "longest wait")]
    for _, alike in groupby(rows, key=lambda row: row[1:]):
        same = list(alike)
        told = [_told(row) for row in same]
        shown += [told[0], _LIKE_THAT, told[-1]] if len(same) > _ALIKE else told
    widths = [max(len(line[column]) for line in shown) for column in range(len(shown[0]))]
    return "".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in shown
    )


def _told(row: tuple[int, float, int | None, int, int, int, float]) -> tuple[str, ...]:
    time, rate, proposed, agents, ready, waiting, wait = row
    clock, asked = f"{time // 60}:{time % 60:02}", "-" if proposed is None else str(proposed)
    return clock, f"{rate:g}", asked, str(agents), str(ready), f"{waiting:,}", f"{wait:g} s"


def _row(one: Moment) -> tuple[int, float, int | None, int, int, int, float]:
    """What waits, and for how long, is that of the time up to the next sync."""
    waiting = -(-one.queued // 10**6)
    rate = float(Fraction(one.rate_milli, 1000))
    return one.at_ms // 1000, rate, one.proposed, one.replicas, one.ready, waiting, one.wait_ms / 1000
